// The compact serialization (RFC 7515 7.1): three segments of canonical base64url, and nothing else.

import { fromUtf8, utf8, type OwnBytes } from '../encoding/bytes'
import { canonical, decode, encode, encodedLength, encodeInto } from '../encoding/base64url'
import { parseObject, strictJson, type Parsed } from '../encoding/json'
import { misuse, refuse } from '../errors'
import type { Header } from '../jwt'
import { Kind } from '../options'

/** Options of everything that takes a token apart. */
export const compactOptions = {
  maxTokenLength: (value: unknown, what: string): number =>
    Number.isInteger(value) && value as number > 0 && value as number <= 2 ** 24 ? value as number : misuse(what, 'a whole number from 1 to 2^24', value),
  allowPadding: Kind.Flag,
}

export interface CompactOptions {
  /** Characters; 16384 unless told, from 1 to 2^24. */
  maxTokenLength?: number
  /** Takes a token whose segments are all filled with `=` to a multiple of four, as AWS ALB makes them. */
  allowPadding?: boolean
}

export interface Segments {
  readonly header: string
  readonly payload: string
  readonly signature: string
  /** The first two as they came: what was signed. */
  readonly signingInput: string
}

/** Cuts a token at its dots. Limits come first: nothing is decoded of what is too long. */
export function split(token: unknown, { maxTokenLength = 16384, allowPadding }: CompactOptions): Segments {
  if (typeof token !== 'string') return malformed('token', 'a string', typeof token)
  if (token.length > maxTokenLength) refuse('ERR_JWT_TOO_LARGE', 'token', `at most ${maxTokenLength} characters (maxTokenLength)`, token.length)
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 0 || second < 0 || token.includes('.', second + 1)) malformed('token', 'three segments: header.payload.signature')
  // AWS ALB fills every segment up to a multiple of four; one that is not filled up keeps its `=` and is refused.
  const unpad = (segment: string): string => allowPadding && token.includes('=') ? segment.length % 4 ? '=' : segment.replace(/={1,2}$/, '') : segment
  return {
    header: unpad(token.slice(0, first)), payload: unpad(token.slice(first + 1, second)),
    signature: unpad(token.slice(second + 1)), signingInput: token.slice(0, second),
  }
}

export function decodeSegment(segment: string, name: string): OwnBytes {
  return decode(segment) ?? malformed(name, canonical)
}

export function parseSegment(bytes: Uint8Array, name: string, header?: Header): Parsed {
  return parseObject(bytes) ?? malformed(name, strictJson, undefined, header)
}

export function malformed(what: string, expected: string, actual?: unknown, header?: Header): never {
  return refuse('ERR_JWT_MALFORMED', what, expected, actual, header && { header })
}

/** The signing input `header.payload` as ASCII bytes (RFC 7515 5.1 step 5). */
export function join(header: string, payload: Uint8Array): OwnBytes {
  const headerBytes = utf8(header)
  const dot = encodedLength(headerBytes.length)
  const out = new Uint8Array(dot + 1 + encodedLength(payload.length))
  encodeInto(headerBytes, out, 0)
  out[dot] = 46
  encodeInto(payload, out, dot + 1)
  return out
}

/** The whole token; detached content leaves the payload out (RFC 7515 appendix F). */
export function finish(input: Uint8Array, signature: Uint8Array, detached: boolean | undefined): string {
  const text = fromUtf8(input)
  return `${detached ? text.slice(0, text.indexOf('.') + 1) : text}.${encode(signature)}`
}
