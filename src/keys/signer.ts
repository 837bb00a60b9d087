// What signs: a CryptoKey, an HMAC secret, or a key that lives elsewhere (KMS, HSM, agent) behind a function.

import { copyBytes, isBytes, type Bytes, type OwnBytes } from '../encoding/bytes'
import { misuse, refuse } from '../errors'
import { Kind, read } from '../options'
import { alike, isSymmetric, readAlgorithm, type Algorithm, type Row } from './algorithms'
import { inside, SEQUENCE, unsigned } from './der'
import { checkKey, isCryptoKey, memories, ownRow, type CryptoKeyLike } from './key'
import { notAKey, type MaybePromise } from './resolve'
import { isPem, isSecret, secretBytes, secretKey } from './secret'
import { sign } from './subtle'

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
  /** Refuses what could never sign; `sign` refuses it too. */
  check(): unknown
  sign(input: OwnBytes): MaybePromise<Uint8Array>
}

/** Tells the kinds of key apart and binds the algorithm: the one that options name, else the key's own. */
export function readySigningKey(where: string, key: unknown, named: Row | undefined, allowWeakKeys: boolean | undefined): ReadyKey {
  if (isSecret(key) && !isPem(key)) {
    const row = named && isSymmetric(named) ? named : misuse(`${where}: algorithm`, 'HS256, HS384 or HS512, since the key is a secret')
    return {
      row, keyId: undefined,
      check: () => secretBytes(key, row, allowWeakKeys),
      async sign(input) {
        const one = await secretKey(key, row, allowWeakKeys)
        checkKey(one, row, 'sign', allowWeakKeys)
        return sign(row, one, input)
      },
    }
  }
  const isKey = isCryptoKey(key)
  const signer = key as Signer
  if (!isKey && typeof signer?.sign !== 'function') notAKey(where, ', a Signer, or a secret for HS*', key)
  const own = isKey ? ownRow(key) : readAlgorithm(signer.algorithm, `${where}: Signer.algorithm`)
  const row = named ?? own
  if (!alike(row, own)) misuse(`${where}: algorithm`, `${own.name}, which the key is bound to (or leave it out)`)
  const check = (): void => { if (isKey) checkKey(key, row, 'sign', allowWeakKeys) }
  return {
    row, check,
    keyId: isKey ? memories().get(key)?.keyId : signer.keyId === undefined ? undefined : read(Kind.Text, signer.keyId, `${where}: Signer.keyId`) as string,
    sign(input) {
      check()
      return isKey ? sign(row, key, input) : ask(signer, row, input)
    },
  }
}

/** Refuses what no verifier would take: KMS services answer in DER, JWS wants r||s (RFC 7518 3.4). */
async function ask(signer: Signer, row: Row, input: OwnBytes): Promise<Uint8Array> {
  let answer: unknown
  try {
    answer = await signer.sign(input.slice())
  } catch (cause) {
    refuse('ERR_JWT_KEY', 'Signer', 'a signature, not an error', undefined, { cause })
  }
  const signature = isBytes(answer) ? copyBytes(answer) : refuse('ERR_JWT_KEY', 'Signer', 'a Uint8Array', typeof answer)
  const { length } = signature
  if (row.signatureBytes ? length !== row.signatureBytes : length < 256 || length > 2048) {
    refuse('ERR_JWT_KEY', 'Signer', `${row.signatureBytes || '256 to 2048'} octets for ${row.name}${signature[0] === 0x30 ? ' (DER goes through ecdsaFromDer)' : ''}`, length)
  }
  return signature
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
  const row = readAlgorithm(algorithm, 'ecdsaFromDer: algorithm')
  if (row.kty !== 'EC') misuse('ecdsaFromDer: algorithm', 'ES256, ES384 or ES512')
  const parts = isBytes(der) ? inside(copyBytes(der), SEQUENCE)?.map(unsigned) : undefined
  const [r, s] = parts ?? []
  if (!r || !s || parts!.length > 2 || Math.max(r.length, s.length) > row.keyBytes) {
    return misuse('ecdsaFromDer', `the bytes of a DER SEQUENCE of two INTEGERs with at most ${row.keyBytes} octets each`)
  }
  const out = new Uint8Array(row.signatureBytes)
  out.set(r, row.keyBytes - r.length)
  out.set(s, 2 * row.keyBytes - s.length)
  return out
}
