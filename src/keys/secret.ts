// HMAC secrets: the one kind of key that may be handed over as text or bytes. They are refused in one place,
// because a public key that passes for a secret lets anyone sign (the key-confusion attack, RFC 8725 2.1).

import { copyBytes, isBytes, sameBytes, utf8, type Bytes, type OwnBytes } from '../encoding/bytes'
import { refuse } from '../errors'
import type { Recipe } from '../recipe'
import type { Row } from './algorithms'
import { checkSize } from './key'
import type { CryptoKeyLike } from './memory'
import type { Engine } from './subtle'

/** Text that is a key of another kind: armour anywhere; an OpenSSH line, a JWK or a JWKS behind whatever is no word. */
const keyText = /-----BEGIN|^[^\w[{]*(ssh-|ecdsa-sha2-|sk-|[[{][^]*"k(ty|eys)"\s*:)/

/**
 * How a DER SEQUENCE starts when it is a key: its length; then the version of PKCS#8, PKCS#1 or SEC1 and what follows
 * it, the SEQUENCE that SPKI and X.509 open with, or the long INTEGER of a PKCS#1 public key.
 */
const keyDer = /^0([\0-\x7f]|\x81.|\x82..)(\x02\x01[\0\x01][\x02\x040]|0(.|\x81.|\x82..)[\x02\x06\xa0]|\x02[\x40-\x82])/s

export function isSecret(value: unknown): value is string | Bytes {
  return typeof value === 'string' || isBytes(value)
}

export function isPem(value: unknown): boolean {
  return typeof value === 'string' && /-----BEGIN/.test(value)
}

/**
 * A copy of the secret's bytes.
 * @throws JwtError `ERR_JWT_KEY` if it is empty, too short, not well-formed text, or key material of another kind
 */
export function secretBytes(secret: string | Bytes, row: Row, allowWeakKeys: boolean | undefined): OwnBytes {
  const bytes = typeof secret === 'string' ? utf8(secret) : copyBytes(secret)
  checkSize(row, bytes.length * 8, allowWeakKeys)
  const latin1 = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const [, a, b, c] = bytes as unknown as [number, number, number, number]
  const size = a === 129 ? b + 3 : a === 130 ? b * 256 + c + 4 : a + 2 // of an element with this length (X.690 8.1.3), its header included
  // Only a lone surrogate matches \p{Cs} under the u flag; UTF-8 would turn every one into the same character.
  if (keyText.test(latin1) || size === bytes.length && keyDer.test(latin1) || typeof secret === 'string' && /\p{Cs}/u.test(secret)) {
    refuse('ERR_JWT_KEY', 'secret', 'well-formed text or random bytes (see importPem, importJwk, keySet)')
  }
  return bytes
}

/**
 * The key of a secret, imported once: importing costs as much as a verification. An engine remembers the last 100 secrets,
 * text by value, bytes by identity and content, so that bytes changed later take effect.
 */
export function* secretKey(secret: string | Bytes, row: Row, allowWeakKeys: boolean | undefined, engine: Engine): Recipe<CryptoKeyLike> {
  const { secrets } = engine
  let entry = secrets.get(secret)
  if (!entry || typeof secret !== 'string' && !sameBytes(secret, entry.bytes)) {
    entry = { bytes: secretBytes(secret, row, allowWeakKeys), keys: { __proto__: null } as object }
  }
  secrets.delete(secret) // and to the end: the least recently used is first
  if (secrets.size > 99) secrets.delete(secrets.keys().next().value!)
  secrets.set(secret, entry)
  const { bytes, keys } = entry
  return keys[row.name] ??= yield engine.importKey(row, 'raw', bytes, false, ['sign', 'verify'])
}
