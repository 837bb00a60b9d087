// Base64url without padding (RFC 4648 section 5 as RFC 7515 section 2 uses it), written by hand because every
// platform decoder is lax: this one takes exactly the text that the encoder would have written.

import { misuse } from '../errors'
import { copyBytes, fromUtf8, isBytes, room, write, type OwnBytes } from './bytes'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Two digits by their twelve bits, and back: -1 for what are none. Made at first use: an import costs nothing. */
let tables: { readonly pairs: Uint16Array, readonly values: Int16Array } | undefined

function makeTables(): NonNullable<typeof tables> {
  const pairs = new Uint16Array(4096)
  const values = new Int16Array(65536).fill(-1)
  for (let i = 0; i < 4096; i++) values[pairs[i] = alphabet.charCodeAt(i >> 6) << 8 | alphabet.charCodeAt(i & 63)] = i
  return { pairs, values }
}

/** Bytes to work with, alone or four at a time, which takes half as long. */
interface Place { readonly bytes: Uint8Array, readonly words: DataView }

function makePlace(length: number): Place {
  const bytes = new Uint8Array(length)
  return { bytes, words: new DataView(bytes.buffer) }
}

/** New typed arrays cost more than what is done with them here: what is read at once lies on a desk. */
let desk: Place | undefined
let secondDesk: Place | undefined

/** A place for so many bytes and a word more, as they lie there from before. */
function placeFor(length: number): Place {
  return length > 32764 ? makePlace(length + 4) : desk ??= makePlace(32768)
}

/** Encodes bytes, or the UTF-8 of a text, behind other ASCII text: one flat string, where a sum would be copied by whoever reads it. */
export function encode(content: string | Uint8Array, before = ''): string {
  const isText = typeof content === 'string'
  const { bytes, words } = placeFor(content.length * (isText ? 3 : 1))
  if (!isText) bytes.set(content)
  const length = isText ? write(content, bytes) : content.length
  bytes[length] = 0 // the bits that a last digit lacks
  const { pairs } = tables ??= makeTables()
  const size = before.length + length * 4 / 3
  const out = size > 32764 ? makePlace(size + 4) : secondDesk ??= makePlace(32768)
  let at = before ? write(before, out.bytes) : 0
  for (let i = 0; i < length; i += 3, at += 4) {
    const bits = words.getInt32(i)
    out.words.setInt32(at, pairs[bits >>> 20]! << 16 | pairs[bits >> 8 & 4095]!)
  }
  return fromUtf8(out.bytes.subarray(0, Math.ceil(size)))
}

/**
 * The bytes, valid until the next call of anything here; undefined unless the text is canonical: the alphabet only, no length 4n+1,
 * unused trailing bits zero.
 */
export function decodeOnDesk(text: string): Uint8Array | undefined {
  const { length } = text
  const { values } = tables ??= makeTables()
  const { bytes, words } = placeFor(length)
  write(text, bytes) // what is not ASCII becomes bytes that are no digits, the first of them in its place
  bytes.fill(65, length, length + 3) // A: zeros
  let at = 0
  let bad = length % 4 === 1 ? -1 : 0 // collects the bits: a -1 makes it negative
  for (let i = 0; i < length; i += 4, at += 3) {
    const word = words.getInt32(i)
    const bits = values[word >>> 16]! << 12 | values[word & 65535]!
    bad |= bits
    words.setInt32(at, bits << 8) // its last byte is written once more
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
// Without the names of types, so that an application can export it as its own.
export const base64url = {
  encode(bytes: ArrayBuffer | ArrayBufferView): string {
    return isBytes(bytes) ? encode(copyBytes(bytes)) : misuse('base64url.encode', 'bytes', bytes)
  },
  decode(text: string): ReturnType<Uint8Array['slice']> {
    return typeof text === 'string' && decode(text) || misuse('base64url.decode', canonical, text)
  },
}

export const canonical = 'canonical base64url without padding'
