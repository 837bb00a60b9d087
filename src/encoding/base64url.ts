// Base64url without padding (RFC 4648 section 5 as RFC 7515 section 2 uses it), written by hand because every
// platform decoder is lax: this one takes exactly the text that the encoder would have written.

import { misuse } from '../errors'
import { copyBytes, fromUtf8, isBytes, room, utf8, write, type Bytes, type OwnBytes } from './bytes'

/** The 64 digits as ASCII codes, and back: -1 for what is none. Filled at first use: an import costs nothing. */
let digits: Uint8Array
let values: Int8Array | undefined

function fill(): Int8Array {
  digits = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
  values = new Int8Array(256).fill(-1)
  digits.forEach((digit, i) => values![digit] = i)
  return values
}

/** New typed arrays cost more than what is done with them here: what is read at once lies on a desk. */
let desk: Uint8Array | undefined
let secondDesk: Uint8Array | undefined

/** A place for so many bytes, as they lie there from before. */
function placeFor(length: number): Uint8Array {
  return length > 32768 ? new Uint8Array(length) : desk ??= new Uint8Array(32768)
}

export function encode(bytes: Uint8Array): string {
  const place = placeFor(bytes.length + 2)
  place.set(bytes)
  return encodePlace(place, bytes.length)
}

/** The UTF-8 of a text, encoded. */
export function encodeText(text: string): string {
  const place = placeFor(text.length * 3 + 2)
  return encodePlace(place, write(text, place))
}

/** Encodes so many bytes; there is room for two more, since reading past the end of an array is slow. */
function encodePlace(bytes: Uint8Array, length: number): string {
  if (!values) fill()
  bytes[length] = bytes[length + 1] = 0
  const out = length > 24576 ? new Uint8Array(length * 4 / 3 + 4) : secondDesk ??= new Uint8Array(32772)
  for (let i = 0, at = 0; i < length; i += 3, at += 4) {
    const bits = bytes[i]! << 16 | bytes[i + 1]! << 8 | bytes[i + 2]!
    out[at] = digits[bits >> 18]!
    out[at + 1] = digits[bits >> 12 & 63]!
    out[at + 2] = digits[bits >> 6 & 63]!
    out[at + 3] = digits[bits & 63]!
  }
  return fromUtf8(out.subarray(0, Math.ceil(length * 4 / 3)))
}

/**
 * The bytes, valid until the next call of anything here; undefined unless the text is canonical: the alphabet only, no length 4n+1,
 * unused trailing bits zero.
 */
export function decodeOnDesk(text: string): Uint8Array | undefined {
  const { length } = text
  const table = values ?? fill()
  const bytes = placeFor(length + 4)
  write(text, bytes) // what is not ASCII becomes bytes that are no digits, the first of them in its place
  bytes.fill(digits[0]!, length, length + 3) // zeros
  let at = 0
  let bad = length % 4 === 1 ? -1 : 0 // collects the values: a -1 makes it negative
  for (let i = 0; i < length; i += 4, at += 3) {
    const bits = table[bytes[i]!]! << 18 | table[bytes[i + 1]!]! << 12 | table[bytes[i + 2]!]! << 6 | table[bytes[i + 3]!]!
    bad |= bits
    bytes[at] = bits >> 16
    bytes[at + 1] = bits >> 8
    bytes[at + 2] = bits
  }
  const end = length * 3 >> 2
  while (at > end) bad |= -bytes[--at]! // the trailing bits
  return bad < 0 ? undefined : bytes.subarray(0, end)
}

/** The bytes of canonical text, to give away; undefined for any other text. */
export function decode(text: string): OwnBytes | undefined {
  return decodeOnDesk(text)?.slice()
}

/** As `decode`, to read later; the buffer has others' bytes beside them. */
export function decodeToKeep(text: string): Uint8Array | undefined {
  const bytes = decodeOnDesk(text)
  const kept = bytes && room(bytes.length)
  kept?.set(bytes!)
  return kept
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
