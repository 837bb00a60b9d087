// Base64url without padding (RFC 4648 section 5 as RFC 7515 section 2 uses it), written by hand because every
// platform decoder is lax: this one takes exactly the text that the encoder would have written.

import { misuse } from '../errors'
import { copyBytes, fromUtf8, isBytes, type Bytes, type OwnBytes } from './bytes'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function encode(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length * 4 / 3))
  let bits = 0
  let held = 0 // how many of the low bits are still to be written
  let at = 0
  for (const byte of bytes) {
    bits = bits << 8 | byte
    for (held += 8; held > 5;) out[at++] = alphabet.charCodeAt(bits >> (held -= 6) & 63)
  }
  if (held) out[at] = alphabet.charCodeAt(bits << 6 - held & 63)
  return fromUtf8(out)
}

/** ASCII code -> six bits; 64 for what is no digit. Filled at first use: an import costs nothing. */
let digits: Uint8Array | undefined

/** The bytes; undefined unless the text is canonical: the alphabet only, no length 4n+1, unused trailing bits zero. */
export function decode(text: string): OwnBytes | undefined {
  if (!digits) {
    digits = new Uint8Array(128).fill(64)
    for (let i = 0; i < 64; i++) digits[alphabet.charCodeAt(i)] = i
  }
  const out = new Uint8Array(text.length * 3 >> 2)
  let bits = 0
  let held = 0
  let at = 0
  let bad = 0 // collects the digits: a 64 shows
  for (let i = 0; i < text.length; i++) {
    const digit = digits[text.charCodeAt(i)] ?? 64
    bad |= digit
    bits = bits << 6 | digit
    held += 6
    if (held > 7) out[at++] = bits >> (held -= 8)
  }
  return bad > 63 || held > 5 || bits & (1 << held) - 1 ? undefined : out
}

/**
 * Strict base64url (RFC 7515 section 2): unpadded, canonical, no white space.
 *
 * `encode(bytes)` takes any view or buffer and returns text; `decode(text)` returns the bytes.
 *
 * @throws TypeError from `encode` for anything but bytes, from `decode` for any text that `encode` would not write
 */
export const base64url = {
  encode(bytes: Bytes): string {
    return isBytes(bytes) ? encode(copyBytes(bytes)) : misuse('base64url.encode', 'bytes', bytes)
  },
  decode(text: string): OwnBytes {
    return typeof text === 'string' && decode(text) || misuse('base64url.decode', canonical, text)
  },
}

export const canonical = 'canonical base64url without padding'
