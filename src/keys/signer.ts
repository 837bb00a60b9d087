// What signs: a CryptoKey, an HMAC secret, or a key that lives elsewhere (KMS, HSM, agent) behind a function.

import { encode } from '../encoding/base64url'
import { copyBytes, isBytes, utf8, type Bytes, type OwnBytes } from '../encoding/bytes'
import { holds, misuse, reading, refuse } from '../errors'
import { or, text } from '../options'
import { others, type MaybePromise, type Recipe } from '../recipe'
import { alike, isSymmetric, readAlgorithm, type Algorithm, type Row } from './algorithms'
import { inside, SEQUENCE, unsigned } from './der'
import { checkKey, isCryptoKey, ownRow } from './key'
import { memoryOf, type CryptoKeyLike } from './memory'
import { notAKey } from './resolve'
import { isPem, isSecret, secretKey } from './secret'
import type { Engine } from './subtle'

/** A key that lives elsewhere. */
export interface Signer<A extends Algorithm = Algorithm> {
  readonly algorithm: A
  /** Written as header `kid` unless the `keyId` option says otherwise. */
  readonly keyId?: string
  /**
   * Signs the whole signing input and gives the JWS signature: r||s for ES* (`ecdsaFromDer` makes it from DER),
   * the octets of the modulus for RS* and PS*. An error it throws becomes `ERR_JWT_KEY` with `cause`.
   */
  sign(bytes: OwnBytes): MaybePromise<Uint8Array>
}

export type SigningKey = CryptoKeyLike | Signer | string | Bytes

/** A key made ready: its algorithm and kid known, the arguments checked. */
export interface ReadyKey {
  readonly row: Row
  readonly keyId: string | undefined
  /** Gives the signature's segment behind a text. */
  sign(input: string, before: string): Recipe<string>
}

/** Tells the kinds of key apart and binds the algorithm: the one that options name, else the key's own. */
export function readySigningKey(where: string, given: unknown, named: Row | undefined, allowWeakKeys: boolean | undefined, engine: Engine): ReadyKey {
  const key = engine.adopt ? engine.adopt(given, { algorithms: named ? [named] : [] }) : given
  const isOwn = isCryptoKey(key)
  const isHmac = isSecret(key)
  const signer = key as Signer
  if (isHmac ? isPem(key) || !named || !isSymmetric(named) : !isOwn && !holds(() => typeof signer.sign === 'function')) {
    notAKey(where, ', Signer, or secret with algorithm: HS*', key)
  }
  const own = isHmac ? named! : isOwn ? ownRow(key) : readAlgorithm(reading(`${where} Signer`, () => signer.algorithm), `${where} Signer.algorithm`)
  const row = named ?? own
  if (!alike(row, own)) misuse(`${where} algorithm`, `the key's (${own.name})`)
  if (isOwn) checkKey(key, row, 'sign', allowWeakKeys)
  return {
    row,
    keyId: isOwn ? memoryOf(key)?.keyId : isHmac ? undefined : or(undefined, text)(reading(`${where} Signer`, () => signer.keyId), `${where} Signer.keyId`) as string | undefined,
    *sign(input, before) {
      if (!isHmac && !isOwn) return before + encode(yield* ask(signer, row, utf8(input)))
      const one = isHmac ? yield* secretKey(key, row, allowWeakKeys, engine) : key as CryptoKeyLike
      if (engine.waits) yield others(isSymmetric(row))
      checkKey(one, row, 'sign', allowWeakKeys)
      const signature = engine.sign(row, one, input)
      return before + (typeof signature === 'string' ? signature : yield signature)
    },
  }
}

/** Asks a Signer, and refuses what no verifier would take: KMS services answer in DER, JWS wants r||s (RFC 7518 3.4). */
function* ask(signer: Signer, { name, signatureBytes }: Row, input: OwnBytes): Recipe<Uint8Array> {
  let answer: unknown
  try {
    answer = yield signer.sign(input)
  } catch (cause) {
    refuse('ERR_JWT_KEY', 'Signer', 'no error', undefined, { cause })
  }
  const bytes = isBytes(answer) ? copyBytes(answer) : new Uint8Array()
  const { length } = bytes
  if (signatureBytes ? length !== signatureBytes : length < 256 || length > 2048) {
    refuse('ERR_JWT_KEY', 'Signer', `${signatureBytes || '256 to 2048'} bytes for ${name}${bytes[0] === 48 ? ' (see ecdsaFromDer)' : ''}`, length)
  }
  return bytes
}

/**
 * Turns an ECDSA signature in DER, as KMS and HSM services give it, into the r||s of a JWS (RFC 7518 3.4).
 *
 * @param der - an ECDSA-Sig-Value (RFC 3279 2.2.3): SEQUENCE of two positive INTEGERs, strictly encoded
 * @param algorithm - ES256, ES384 or ES512
 * @returns 64, 96 or 132 octets
 * @throws TypeError if the bytes are not exactly that, or the algorithm is not ES*
 */
export function ecdsaFromDer(der: Bytes, algorithm: 'ES256' | 'ES384' | 'ES512'): OwnBytes {
  const row = readAlgorithm(algorithm, 'ecdsaFromDer algorithm')
  if (row.kty !== 'EC') misuse('ecdsaFromDer algorithm', 'ES256, ES384 or ES512')
  const parts = isBytes(der) ? inside(copyBytes(der), SEQUENCE)?.map(unsigned) : undefined
  const [r, s] = parts ?? []
  if (!r?.some(Boolean) || !s?.some(Boolean) || parts!.length > 2 || Math.max(r.length, s.length) > row.keyBytes) {
    return misuse('ecdsaFromDer', `a DER SEQUENCE of two INTEGERs, at most ${row.keyBytes} octets each`, der)
  }
  const out = new Uint8Array(row.signatureBytes)
  out.set(r, row.keyBytes - r.length)
  out.set(s, 2 * row.keyBytes - s.length)
  return out
}
