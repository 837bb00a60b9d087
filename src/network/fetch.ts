// One JSON resource over https: bounded in time and size, without redirects, cookies or a trusted content type, and asked
// for again by its ETag (RFC 9110 8.8.3, 13.1.2). How long it is fresh: Cache-Control and Age (RFC 9111 4.2, 5.1, 5.2.2).

import { refuse, type JwtErrorDetails } from '../errors'
import { isWorkerd, within, type Signal } from './flight'

declare class URL {
  constructor(text: string)
  readonly href: string
  readonly protocol: string
  readonly hostname: string
  readonly username: string
  readonly password: string
}

/** The part of a Response that is read; every runtime's own type fits. */
export interface ResponseLike {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body?: unknown
  arrayBuffer(): Promise<ArrayBuffer>
}

export interface FetchInit {
  method: 'GET'
  redirect: 'manual'
  credentials: 'omit'
  /** Not in Cloudflare's runtime, of which older versions do not know it. */
  cache?: 'no-store'
  headers: Record<string, string>
  /** An AbortSignal. */
  signal: any
}

export type FetchLike = (url: string, init: FetchInit) => Promise<ResponseLike>

export interface FetchOptions {
  readonly timeout: number
  readonly maxBytes: number
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch?: FetchLike
}

/** What was got. */
export interface Answer {
  /** The same object as before if the server said so (304). */
  readonly bytes: Uint8Array
  /** How long it may be taken for fresh, in seconds, by what the server says. */
  readonly life?: number | undefined
}

interface Reader { read(): Promise<{ readonly done: boolean, readonly value?: Uint8Array }> }

/** The address, if it is https without credentials; http only on this machine, and only where that is allowed. */
export function addressOf(source: unknown, allowsLocal = true): string | undefined {
  try {
    const { href, protocol, hostname, username, password } = new URL(typeof source === 'string' ? source : (source as { href: string }).href)
    const isLocal = allowsLocal && protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1])$/.test(hostname)
    return (isLocal || protocol === 'https:') && !username && !password ? href : undefined
  } catch {
    return undefined
  }
}

/** A function that gets what is at an address, and remembers it with its ETag. */
export function resource(address: string, { timeout, maxBytes, headers, fetch }: FetchOptions): () => Promise<Answer> {
  const what = address.replace(/\?.*/, '') // a query may hold a secret
  let etag: string | null
  let bytes: Uint8Array | undefined
  const get = async (signal: Signal): Promise<Answer> => {
    const response = await (fetch ?? (globalThis as unknown as { fetch: FetchLike }).fetch)(address, {
      method: 'GET', redirect: 'manual', credentials: 'omit', ...(!isWorkerd() && { cache: 'no-store' }),
      headers: { accept: 'application/json', ...headers, ...(etag && { 'if-none-match': etag }) }, signal,
    })
    const { status } = response
    if (status === 200) {
      bytes = await read(response, maxBytes, what, signal)
      etag = response.headers.get('etag')
    } else if (status !== 304 || !etag) {
      refuse('ERR_JWKS_FETCH', what, 'status 200', status, { retryAfter: +response.headers.get('retry-after')! } as JwtErrorDetails)
    }
    const control = response.headers.get('cache-control') ?? ''
    const [, seconds] = /(?:^|[\s,])max-age="?(\d+)/i.exec(control) ?? []
    return { bytes: bytes!, life: /\bno-(cache|store)\b/i.test(control) ? 0 : seconds === undefined ? seconds : +seconds - (+response.headers.get('age')! || 0) }
  }
  return () => within(timeout, what, get)
}

/** The body, given up as soon as it is too large or too late. */
async function read(response: ResponseLike, most: number, what: string, signal: Signal): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  const add = (part: Uint8Array): void => {
    size += part.length
    if (size > most || signal.aborted) refuse('ERR_JWKS_FETCH', what, `at most ${most} bytes`)
    parts.push(part)
  }
  const reader = (response.body as { getReader?(): Reader } | null)?.getReader?.()
  if (!reader) add(new Uint8Array(await response.arrayBuffer()))
  else for (let part = await reader.read(); !part.done; part = await reader.read()) add(part.value!)

  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
