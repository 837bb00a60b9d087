// The compact serialization (RFC 7515 7.1): three segments of canonical base64url, and nothing else.

import { utf8, type OwnBytes } from '../encoding/bytes'
import { canonical, decode, encode } from '../encoding/base64url'
import { parseObject, strictJson, type Parsed } from '../encoding/json'
import { refuse } from '../errors'
import type { Header } from '../jwt'
import { all, flag, taking } from '../options'

/** Options of everything that takes a token apart. */
export const compactOptions = /* @__PURE__ */ all({
  maxTokenLength: /* @__PURE__ */ taking('a whole number from 1 to 2^24', (value) => Number.isInteger(value) && value as number > 0 && value as number <= 2 ** 24),
  allowPadding: flag,
})

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
  const parts = token.split('.', 4)
  if (parts.length !== 3) malformed('token', 'three segments: header.payload.signature')
  // AWS ALB fills every segment up to a multiple of four; one that is not filled up keeps its `=` and is refused.
  const [header, payload, signature] = parts.map((part) => allowPadding && token.includes('=') ? part.length % 4 ? '=' : part.replace(/={1,2}$/, '') : part)
  return { header: header!, payload: payload!, signature: signature!, signingInput: `${parts[0]}.${parts[1]}` }
}

export function decodeSegment(segment: string, name: string): OwnBytes {
  return decode(segment) ?? malformed(name, canonical)
}

export function parseSegment(bytes: Uint8Array, name: string, header?: Header): Parsed {
  return parseObject(bytes) ?? refuse('ERR_JWT_MALFORMED', name, strictJson, undefined, header && { header })
}

export function malformed(what: string, expected: string, actual?: unknown): never {
  return refuse('ERR_JWT_MALFORMED', what, expected, actual)
}

/** The signing input `header.payload` (RFC 7515 5.1 step 5). */
export function join(header: string, payload: Uint8Array): string {
  return `${encode(utf8(header))}.${encode(payload)}`
}
