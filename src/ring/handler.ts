// Serves a JWKS over HTTP (RFC 7517 5, 8.5.2; caching: RFC 9110 13.1.2, RFC 9111 5.2.2): GET and HEAD, nothing else.
// What it sends has been looked at: no private or symmetric member leaves it, and no text of an error.

import { encode } from '../encoding/base64url'
import { utf8 } from '../encoding/bytes'
import { isPlain } from '../encoding/json'
import { misuse } from '../errors'
import { isPublicJwk } from '../keys/public'
import { digest } from '../keys/subtle'
import { callable, readOptions } from '../options'
import type { MaybePromise } from '../recipe'
import { duration, type Duration } from '../token/duration'

/** What publishes: a ring, a key set, or a function that gives a JWKS. */
export type JwksSource =
  | { toPublicJwks(): Promise<{ readonly keys: readonly object[] }>, readonly maxAge?: number }
  | (() => MaybePromise<{ readonly keys: readonly object[] }>)

/** The options of `jwksHandler`. */
export interface JwksHandlerOptions {
  /** How long others may keep the answer; default the ring's, and not above it, else 10 minutes; at most 24 hours. */
  maxAge?: Duration
  /** Is told why an answer was a 500, which does not say it. */
  onError?: (error: unknown) => void
}

/** What is read of a request. */
export interface JwksRequest {
  readonly method: string
  readonly headers: { get(name: string): string | null }
}

/** The runtime's own Response, where its types are known. */
export type JwksResponse = typeof globalThis extends { Response: { prototype: infer R } } ? R : {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

declare class Response {
  constructor(body: string | null, init: { status: number, headers: Record<string, string> })
}

const handlerOptions = { maxAge: /* @__PURE__ */ duration(86400, '24 hours'), onError: callable }

/**
 * Makes a request handler that serves the public keys, for `/.well-known/jwks.json` or wherever your metadata says.
 *
 * GET and HEAD are answered with `application/jwk-set+json`, a strong ETag, `Cache-Control: public, max-age`, for every
 * origin; `If-None-Match` with a 304; other methods with a 405. If the source fails, or gives a member that is private or
 * symmetric, the answer is an empty 500, and `onError` gets the reason.
 *
 * @param source - a ring, a key set, or a function that gives `{ keys }` or a promise of it
 * @param options - `maxAge`: default the ring's, else 10 minutes; `onError`
 * @throws TypeError for a source or option of the wrong kind
 */
export function jwksHandler(source: JwksSource, options?: JwksHandlerOptions): (request: JwksRequest) => Promise<JwksResponse> {
  const isFunction = typeof source === 'function'
  if (!isFunction && typeof (source as { toPublicJwks?: unknown } | null)?.toPublicJwks !== 'function') {
    misuse('jwksHandler source', 'a keyRing, a keySet or a function that gives a JWKS', source)
  }
  const given = readOptions<{ maxAge?: number, onError?: (error: unknown) => void }>('jwksHandler', options, handlerOptions)
  const own = isFunction || !Number.isFinite(source.maxAge) ? undefined : source.maxAge
  const maxAge = given.maxAge ?? own ?? 600
  if (own !== undefined && maxAge > own) misuse('jwksHandler maxAge', `at most the ring's (${own} s), which its timetable counts on`)

  return async ({ method, headers: asked }) => {
    if (method !== 'GET' && method !== 'HEAD') return answer(405, null, { allow: 'GET, HEAD' })
    let text
    try {
      text = publicText(await (isFunction ? source() : source.toPublicJwks()))
    } catch (error) {
      try {
        given.onError?.(error)
      } catch { /* the answer stays the same */ }
      return answer(500, null, { 'cache-control': 'no-store' })
    }
    const etag = `"${encode(await digest('SHA-256', utf8(text)))}"`
    const headers = { etag, 'cache-control': `public, max-age=${Math.floor(maxAge)}`, 'access-control-allow-origin': '*' }
    if (matches(asked.get('if-none-match'), etag)) return answer(304, null, headers)
    return answer(200, method === 'GET' ? text : null, { ...headers, 'content-type': 'application/jwk-set+json' })
  }
}

function answer(status: number, body: string | null, headers: Record<string, string>): JwksResponse {
  return new Response(body, { status, headers: { ...headers, 'x-content-type-options': 'nosniff' } }) as JwksResponse
}

/** The text to send. What is looked at is what it says, whatever the object was that made it. */
function publicText(jwks: unknown): string {
  const text = JSON.stringify(isPlain(jwks) ? { keys: jwks['keys'] } : misuse('jwksHandler source', 'a JWKS ({ keys: [...] })', jwks))
  const { keys } = JSON.parse(text) as { keys?: unknown }
  return Array.isArray(keys) && keys.every(isPublicJwk) ? text : misuse('jwksHandler source', 'public keys only')
}

/** RFC 9110 13.1.2: any of the list, weakly compared, or `*`. */
function matches(header: string | null | undefined, etag: string): boolean {
  return !!header?.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()))
}
