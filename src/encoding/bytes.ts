// Bytes and UTF-8 text (RFC 3629).

import { holds, misuse } from '../errors'

/** Any view or buffer, of any realm. */
export type Bytes = ArrayBuffer | ArrayBufferView

/** What the library returns: `Uint8Array<ArrayBuffer>` from TypeScript 5.7 on, so that it is a `BufferSource`. */
export type OwnBytes = ReturnType<Uint8Array['slice']>

declare class TextEncoder {
  encode(text: string): OwnBytes
  encodeInto(text: string, bytes: Uint8Array): { readonly written?: number }
}
declare class TextDecoder {
  constructor(label: string, options: { fatal: boolean, ignoreBOM: boolean })
  decode(bytes: Uint8Array): string
}

let encoder: TextEncoder | undefined
let decoder: TextDecoder | undefined

export function utf8(text: string): OwnBytes {
  return (encoder ??= new TextEncoder()).encode(text)
}

/** Writes as much of a text as there is room for, and gives how many bytes that was. */
export function write(text: string, bytes: Uint8Array): number {
  return (encoder ??= new TextEncoder()).encodeInto(text, bytes).written!
}

/** A new buffer costs more than what is done with it here, so that many small arrays share one. No part of it is written twice. */
let block = /* @__PURE__ */ new Uint8Array()
let used = 0

/** Memory of its own, zeros, for bytes that somebody may read later. */
export function room(length: number): Uint8Array {
  if (length > 4096) return new Uint8Array(length)
  if (used + length > block.length) [block, used] = [new Uint8Array(32768), 0] // also once somebody took the buffer away
  return block.subarray(used, used += length)
}

/** The bytes of an ASCII text. */
export function ascii(text: string): Uint8Array {
  const bytes = room(text.length)
  write(text, bytes)
  return bytes
}

/** The text, a byte order mark kept (RFC 8259 8.1 lets a parser refuse it). Throws if the bytes are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return (decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })).decode(bytes)
}

/** The text; undefined if the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes)
  } catch {
    return undefined
  }
}

/** `instanceof` would miss the bytes of another realm, and anything can call itself an ArrayBuffer. */
export function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || holds(() => 'byteLength' in (value as ArrayBuffer) && ArrayBuffer.prototype.slice.call(value as ArrayBuffer, 0, 0))
}

/** The bytes of any view or buffer, as they lie there. */
function viewOf(value: Bytes): Uint8Array {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value)
}

/** A copy of any view or buffer. */
export function copyBytes(value: Bytes): OwnBytes {
  return viewOf(value).slice()
}

/**
 * Compares two byte strings in a time that depends on their length alone, as far as JavaScript can promise it.
 *
 * @param a - bytes, any length
 * @param b - bytes; of another length the answer is `false`
 * @throws TypeError if either is not a view of bytes
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) misuse('constantTimeEqual', 'two Uint8Arrays', a)
  return sameBytes(a, b)
}

/** Compares two byte strings of any kind so; see constantTimeEqual. */
export function sameBytes(a: Bytes, b: Bytes): boolean {
  const left = viewOf(a)
  const right = viewOf(b)
  let difference = left.length ^ right.length
  for (let i = 0; i < left.length; i++) difference |= left[i]! ^ right[i]! // beyond the end undefined counts as 0
  return !difference
}

/** Whether a value is this text, in constant time for texts of one length in UTF-8. */
export function isSameText(value: unknown, expected: string): boolean {
  return typeof value === 'string' && sameBytes(utf8(value), utf8(expected)) && value === expected // UTF-8 has one form for all lone surrogates
}
