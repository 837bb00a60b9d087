// Base64url without padding (RFC 4648 section 5 as RFC 7515 section 2 uses it), written by hand because every
// platform decoder is lax: this one takes exactly the text that the encoder would have written.

import { misuse } from '../errors'
import { copyBytes, fromUtf8, isBytes, type Bytes, type OwnBytes } from './bytes'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
let codes: Uint8Array // six bits -> ASCII code
let values: Uint8Array // ASCII code -> six bits; 255 for what is no digit

/** Filled at first use: an import costs nothing, and bundlers drop what is not used. */
function prepare(): void {
  codes = new Uint8Array(64)
  values = new Uint8Array(256).fill(255)
  for (let i = 0; i < 64; i++) values[codes[i] = alphabet.charCodeAt(i)] = i
}

/** The length of the text for so many bytes. */
export function encodedLength(bytes: number): number {
  return Math.ceil(bytes * 4 / 3)
}

/** Writes the text as ASCII into `out`; what reaches beyond `out` or the last digit is cut off. */
export function encodeInto(bytes: Uint8Array, out: Uint8Array, at: number): void {
  if (!codes) prepare()
  const end = at + encodedLength(bytes.length)
  for (let i = 0; at < end; i += 3) {
    const three = bytes[i]! << 16 | bytes[i + 1]! << 8 | bytes[i + 2]! // beyond the end undefined counts as 0
    out[at++] = codes[three >> 18]!
    out[at++] = codes[three >> 12 & 63]!
    if (at < end) out[at++] = codes[three >> 6 & 63]!
    if (at < end) out[at++] = codes[three & 63]!
  }
}

export function encode(bytes: Uint8Array): string {
  const out = new Uint8Array(encodedLength(bytes.length))
  encodeInto(bytes, out, 0)
  return fromUtf8(out)
}

/** The bytes; undefined unless the text is canonical: the alphabet only, no length 4n+1, unused trailing bits zero. */
export function decode(text: string): OwnBytes | undefined {
  if (!codes) prepare()
  const length = text.length
  const out = new Uint8Array(length * 3 >> 2)
  let characters = 0 // or-ed: one above a byte shows in the upper bits
  let digits = 0 // or-ed: 255 shows in the upper bits
  let w = 0, x = 0
  for (let i = 0, at = 0; i < length; i += 4) {
    // Beyond the end charCodeAt gives NaN and the table undefined; both count as 0.
    const a = text.charCodeAt(i), b = text.charCodeAt(i + 1), c = text.charCodeAt(i + 2), d = text.charCodeAt(i + 3)
    const v = values[a]!, y = values[d]!
    w = values[b]!
    x = values[c]!
    characters |= a | b | c | d
    digits |= v | w | x | y
    out[at++] = v << 2 | w >> 4
    out[at++] = w << 4 | x >> 2
    out[at++] = x << 6 | y
  }
  const spare = [0, 1, w & 15, x & 3][length % 4] // the last group's bits that no byte takes
  return characters > 255 || digits > 63 || spare ? undefined : out
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

export const canonical = 'canonical base64url (A-Z a-z 0-9 - _, no padding, spare bits 0)'
