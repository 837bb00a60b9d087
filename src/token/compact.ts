// The compact serialization (RFC 7515 7.1): three segments of canonical base64url, and nothing else.

import { textOf, type OwnBytes } from '../encoding/bytes'
import { canonical, decodeOnDesk } from '../encoding/base64url'
import { parseObject, strictJson, type JsonObject } from '../encoding/json'
import { refuse, type JwtErrorDetails } from '../errors'
import type { Header } from '../jwt'
import { flag, whole } from '../options'

/** Options of everything that takes a token apart. */
export const compactOptions = {
  maxTokenLength: /* @__PURE__ */ whole(1, 2 ** 24, '2^24'),
  allowPadding: flag,
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
  if (second <= first || token.indexOf('.', second + 1) > 0) malformed('token', 'three segments: header.payload.signature')
  const isPadded = allowPadding && token.includes('=')
  const signingInput = token.slice(0, second)
  return { header: unpad(token.slice(0, first), isPadded), payload: unpad(token.slice(first + 1, second), isPadded), signature: unpad(token.slice(second + 1), isPadded), signingInput }
}

/** AWS ALB fills every segment up to a multiple of four; one that is not filled up keeps its `=` and is refused. */
function unpad(segment: string, isPadded: boolean | undefined): string {
  return !isPadded ? segment : segment.length % 4 ? '=' : segment.replace(/={1,2}$/, '')
}

/** The bytes of a segment, on the desk. */
export function checkSegment(segment: string, name: string): Uint8Array {
  return decodeOnDesk(segment) ?? malformed(name, canonical)
}

/** The bytes of a segment, to keep. */
export function decodeSegment(segment: string, name: string): OwnBytes {
  return checkSegment(segment, name).slice() as OwnBytes
}

/** The text of a segment; undefined if it is none, which only the parser says. */
export function segmentText(segment: string, name: string): string | undefined {
  return textOf(checkSegment(segment, name))
}

export function parseSegment(text: string | undefined, name: string, header?: Header): JsonObject {
  return parseObject(text) ?? malformed(name, strictJson, undefined, { header })
}

export function malformed(what: string, expected: string, actual?: unknown, details?: JwtErrorDetails): never {
  return refuse('ERR_JWT_MALFORMED', what, expected, actual, details)
}
