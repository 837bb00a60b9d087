// An application that has a platform's types as @cloudflare/workers-types declares them: AbortSignal as a class, which is no
// property of globalThis. Its `fetch` goes to waxseal/jwks as it is.

import { remoteKeySet, type FetchLike } from 'waxseal/jwks'

declare global {
  abstract class AbortSignal {
    get aborted(): boolean
    get reason(): unknown
    throwIfAborted(): void
  }
  interface RequestInit {
    method?: string
    headers?: Record<string, string>
    redirect?: string
    cache?: 'no-store' | 'no-cache'
    signal?: AbortSignal | null
  }
  interface Response {
    readonly status: number
    readonly headers: { get(name: string): string | null }
    readonly body: object | null
    arrayBuffer(): Promise<ArrayBuffer>
  }
  function fetch(input: string, init?: RequestInit): Promise<Response>
}

export const keys = remoteKeySet('https://a.example', { fetch })
export const own = remoteKeySet('https://a.example', { fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, 'x-key': 'a' } }) })
export const like: FetchLike = fetch
