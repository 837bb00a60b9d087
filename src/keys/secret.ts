// HMAC secrets: the one kind of key that may be handed over as text or bytes. They are refused in one place,
// because a public key that passes for a secret lets anyone sign (the key-confusion attack, RFC 8725 2.1).

import { constantTimeEqual, copyBytes, isBytes, utf8, type Bytes, type OwnBytes } from '../encoding/bytes'
import { refuse } from '../errors'
import type { Row } from './algorithms'
import { checkSize, type CryptoKeyLike } from './key'
import { importKey } from './subtle'

/** Text that is a key of another kind: armour anywhere; an OpenSSH line, a JWK or a JWKS at the start (\s has the BOM). */
const keyText = /-----BEGIN|^(ï»¿)?\s*(ssh-|ecdsa-sha2-|sk-|[[{][^]*"k(ty|eys)"\s*:)/

/**
 * How a DER SEQUENCE goes on when it is a key, by what follows its length, as Latin-1: PKCS#8, PKCS#1 and SEC1 by
 * version; SPKI and X.509 by the SEQUENCE that they open with; a PKCS#1 public key by its long INTEGER.
 */
const keyDer = /^0(?:[^\x80-\xff]|\x81.|\x82..|\x83...)(\x02\x01[\0\x01][\x02\x040]|0(|\x81|\x82.).[\x06\x02\xa0]|\x02(\x81|\x82.).\0?[\x80-\xff])/s

export function isSecret(value: unknown): value is string | Bytes {
  return typeof value === 'string' || isBytes(value)
}

export function isPem(value: unknown): boolean {
  return typeof value === 'string' && value.includes('-----BEGIN')
}

/**
 * A copy of the secret's bytes.
 * @throws JwtError `ERR_JWT_KEY` if it is empty, too short, not well-formed text, or key material of another kind
 */
export function secretBytes(secret: string | Bytes, row: Row, allowWeakKeys: boolean | undefined): OwnBytes {
  const bytes = typeof secret === 'string' ? utf8(secret) : copyBytes(secret)
  checkSize(row, bytes.length * 8, row.keyBytes * 8, allowWeakKeys ? 8 : undefined)
  let latin1 = ''
  for (const byte of bytes) latin1 += String.fromCharCode(byte)
  // Only a lone surrogate matches \p{Cs} under the u flag; UTF-8 would turn every one into the same character.
  if (keyText.test(latin1) || isDer(bytes) && keyDer.test(latin1) || typeof secret === 'string' && /\p{Cs}/u.test(secret)) {
    refuse('ERR_JWT_KEY', 'secret', 'well-formed text or random bytes; keys go through importPem, importJwk or keySet')
  }
  return bytes
}

/** Whether the length that a SEQUENCE gives itself (X.690 8.1.3) is that of the bytes. */
function isDer(bytes: Uint8Array): boolean {
  const octets = bytes[1]! > 128 ? bytes[1]! - 128 : 0
  let length = octets ? 0 : bytes[1]!
  for (let i = 0; i < octets; i++) length = length * 256 + bytes[2 + i]!
  return bytes.length === 2 + octets + length
}

interface Remembered { readonly bytes: OwnBytes, readonly keys: Map<Row, CryptoKeyLike> }
let remembered: Map<string | Bytes, Remembered> | undefined

/**
 * The key of a secret, imported once: importing costs as much as a verification. The last 100 secrets are remembered,
 * text by value, bytes by identity and content, so that bytes changed later take effect.
 */
export function secretKey(secret: string | Bytes, row: Row, allowWeakKeys: boolean | undefined): CryptoKeyLike | Promise<CryptoKeyLike> {
  remembered ??= new Map()
  const known = remembered.get(secret)
  const entry = known && (typeof secret === 'string' || constantTimeEqual(copyBytes(secret), known.bytes)) ? known
    : { bytes: secretBytes(secret, row, allowWeakKeys), keys: new Map<Row, CryptoKeyLike>() }
  remembered.delete(secret) // and to the end: the least recently used is first
  remembered.set(secret, entry)
  for (const [oldest] of remembered) if (remembered.size > 100) remembered.delete(oldest)
  return entry.keys.get(row) ?? importKey(row, 'raw', entry.bytes, false, ['sign', 'verify']).then((key) => {
    entry.keys.set(row, key)
    return key
  })
}
