// Takes a token apart for a person or a log. NOTHING is verified, and the types say so.

import type { OwnBytes } from '../encoding/bytes'
import type { RegisteredClaims } from '../jwt'
import { readOptions } from '../options'
import { compactOptions, decodeSegment, parseSegment, segmentText, split, type CompactOptions } from './compact'
import { checkTypes } from './header'

/** Nobody checked anything, so nothing has a type, and it does not pass for a JwtPayload. */
export interface Unverified extends Readonly<Partial<Record<keyof RegisteredClaims | 'alg' | 'typ' | 'kid', unknown>>> {
  readonly [name: string]: unknown
}

/** A token taken apart. NOTHING of it is verified. */
export interface Decoded {
  readonly header: Unverified
  readonly payload: Unverified
  readonly signature: OwnBytes
  /** What the signature is over: the first two segments as they came, with the dot. */
  readonly signingInput: string
}

/**
 * Takes a token apart WITHOUT verifying it: anyone can have written what this returns. The wire form alone is checked.
 *
 * @param token - compact JWS text
 * @param options - `maxTokenLength` (16384 characters), `allowPadding` (false)
 * @throws JwtError `ERR_JWT_TOO_LARGE`, `ERR_JWT_MALFORMED`
 * @throws TypeError for an unknown or wrong option
 */
export function decode(token: string, options?: CompactOptions): Decoded {
  const { header, payload, signature, signingInput } = split(token, readOptions<CompactOptions>('decode', options, compactOptions))
  return {
    header: checkTypes(parseSegment(segmentText(header, 'header'), 'header')),
    payload: parseSegment(segmentText(payload, 'payload'), 'payload'),
    signature: decodeSegment(signature, 'signature'),
    signingInput,
  }
}
