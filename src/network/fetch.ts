// One JSON resource over https: bounded in time and size, without redirects, cookies or a trusted content type, and asked
// for again by its ETag (RFC 9110 8.8.3, 13.1.2). How long it is fresh: Cache-Control and Age (RFC 9111 4.2, 5.1, 5.2.2).

import { textOf } from '../encoding/bytes'
import { holds, refuse } from '../errors'
import { isIsolate } from '../recipe'
import { nameOf, within, type Signal } from './flight'

declare class URL {
  constructor(text: string)
  readonly href: string
}

/** The part of a Response that is read; every runtime's own type fits. */
export interface ResponseLike {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body?: unknown
  arrayBuffer(): Promise<ArrayBuffer>
}

/** What a `fetch` of your own is called with. */
export interface FetchInit {
  method: 'GET'
  redirect: 'manual'
  credentials: 'omit'
  /** Not in isolates, some of which do not know it. */
  cache?: 'no-store'
  headers: Record<string, string>
  signal: AbortSignalLike
}

/**
 * The AbortSignal of whichever lib an application has, so that its own type of `fetch` fits. A class is no property of
 * globalThis, but a function is: Cloudflare's types have the one, and tell by the other.
 */
export type AbortSignalLike =
  typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S
    : typeof globalThis extends { fetch(input: never, init?: infer I): unknown } ? NonNullable<I> extends { signal?: infer S } ? NonNullable<S> : Signal
    : Signal

/** A `fetch`; only what is used of it, so that every runtime's own fits. */
export type FetchLike = (url: string, init: FetchInit) => Promise<ResponseLike>

export interface FetchOptions {
  readonly timeout: number
  readonly maxBytes: number
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch?: FetchLike
}

/** What was got: text, and how long it may be taken for fresh, in seconds, by what the server says. */
export interface Answer {
  readonly text: string | undefined
  readonly life?: number | undefined
}

/** Gets what there is. `postpone` hears for how long, in seconds, the server wants to be left alone. */
export type Get = (postpone: (seconds: number) => void) => Promise<Answer>

interface Reader { read(): Promise<{ readonly value?: Uint8Array }> }

/** The address, if it is https without credentials, or http on this machine. */
export function addressOf(source: unknown): string | undefined {
  let href: string | undefined
  return holds(() => {
    href = new URL(typeof source === 'string' ? source : (source as { href: string }).href).href
    return /^(https:\/\/[^/@]+|http:\/\/(localhost|127(\.\d+){3}|\[::1])(:\d+)?)\//.test(href)
  }) ? href : undefined
}

/** Makes a function that gets what is at an address, and remembers it by its ETag. */
export function resource(address: string, settings: FetchOptions): Get {
  let etag: string | null
  let text: string | undefined
  return (postpone) => within(settings.timeout, address, async (signal) => {
    const response = await (settings.fetch ?? (globalThis as unknown as { fetch: FetchLike }).fetch)(address, {
      method: 'GET', redirect: 'manual', credentials: 'omit', ...(!isIsolate() && { cache: 'no-store' }),
      headers: { accept: 'application/json', ...settings.headers, ...(etag && { 'if-none-match': etag }) }, signal,
    })
    const { status, headers } = response
    if (status === 200) {
      text = await read(response, settings.maxBytes, address, signal)
      etag = headers.get('etag')
    } else if (status !== 304 || !etag) {
      postpone(+headers.get('retry-after')!)
      refuse('ERR_JWKS_FETCH', nameOf(address), 'status 200', status)
    }
    const control = headers.get('cache-control')!
    const [,, seconds = Infinity] = /(^|[\s,])max-age="?(\d+)/i.exec(control) ?? []
    return { text, life: /\bno-(cache|store)\b/i.test(control) ? 0 : +seconds - (+headers.get('age')! || 0) }
  })
}

/** The body, if it is text; given up as soon as it is too large or too late. */
async function read(response: ResponseLike, most: number, what: string, signal: Signal): Promise<string | undefined> {
  const bytes = new Uint8Array(most)
  let size = 0
  const reader = (response.body as { getReader?(): Reader } | null)?.getReader?.()
  const whole = reader ? [] : [new Uint8Array(await response.arrayBuffer())]
  for (let part; (part = reader ? (await reader.read()).value : whole.pop());) {
    if (part.length > most - size || signal.aborted) refuse('ERR_JWKS_FETCH', nameOf(what), `at most ${most} bytes`)
    bytes.set(part, size)
    size += part.length
  }
  return textOf(bytes.subarray(0, size))
}
