// The options of key sets over the network, and what such a set tells of itself.

import { isPlain } from '../encoding/json'
import { misuse } from '../errors'
import type { KeySet } from '../keys/resolve'
import { callable, text, whole, type Reader, type Readers } from '../options'
import type { MaybePromise } from '../recipe'
import { duration, type Duration } from '../token/duration'
import { within } from './flight'
import type { FetchLike, FetchOptions } from './fetch'

type StoredText = MaybePromise<string | null | undefined>

/**
 * What isolates that do not live long share. A Redis client, Workers KV and localStorage fit as they are.
 * WHO CAN WRITE IT CAN FORGE TOKENS.
 */
export type KeySetStore =
  | { get(key: string): StoredText, set(key: string, text: string): unknown }
  | { get(key: string): StoredText, put(key: string, text: string): unknown }
  | { getItem(key: string): StoredText, setItem(key: string, text: string): unknown }

/** What became of a fetch or a lookup, for logs and metrics. */
export interface KeySetEvent {
  /**
   * `fetch`: keys were fetched or confirmed. `error`: a fetch failed, or the store or `waitUntil` did. `stale`: keys are
   * served beyond their time, since fetching fails. `skipped`: a member cannot be used. `unknown-kid`: a token names a
   * key that is not in hand.
   */
  readonly type: 'fetch' | 'error' | 'stale' | 'skipped' | 'unknown-kid'
  /** Where the keys come from; a function has no address. */
  readonly url?: string | undefined
  /** Of `fetch`: how many keys can be used. */
  readonly keys?: number
  /** Of `error`. */
  readonly error?: Error
  /** Of `skipped` and `unknown-kid`. For the latter a stranger wrote it. */
  readonly kid?: string | undefined
  /** Of `skipped`: which member, and why not. */
  readonly index?: number
  readonly reason?: string
}

/** The options of `remoteKeySet`. Durations are seconds or `'10m'`; beyond its bound each is a TypeError. */
export interface RemoteKeySetOptions {
  /** How long a set is fresh at most; `Cache-Control: max-age` may shorten it. From 1 second to 24 hours, default 10 minutes. */
  maxAge?: Duration
  /** How long a set is fresh at least, whatever `Cache-Control` says. At most 24 hours, default 60 seconds. */
  minAge?: Duration
  /** How long after a fetch an unknown kid may cause another. At most 1 hour, default 30 seconds. */
  cooldown?: Duration
  /** How old a set may become while fetching fails. At most 30 days, default 24 hours. */
  staleIfError?: Duration
  /** How long one response may take, body included. Above 0, at most 60 seconds, default 5 seconds. */
  timeout?: Duration
  /** The largest response, in bytes. At most 2^24, default 262144. A larger one is a failed fetch. */
  maxBytes?: number
  /** The largest set, in members. At most 2^24, default 256. A larger one is a failed fetch. */
  maxKeys?: number
  /** Further request headers; default none. */
  headers?: Readonly<Record<string, string>>
  /** Used in place of the runtime's `fetch`. */
  fetch?: FetchLike
  /** Shares the keys of an address with other processes. WHO CAN WRITE IT CAN FORGE TOKENS. */
  store?: KeySetStore
  /** Lets work in the background end after the response is sent, as `waitUntil` of `cloudflare:workers` does. */
  waitUntil?: (promise: Promise<unknown>) => void
  /** Hears of fetches and failures. What it throws is ignored. */
  onEvent?: (event: KeySetEvent) => void
}

/** Options as they are after reading. */
export interface Settings extends FetchOptions {
  readonly maxAge: number
  readonly minAge: number
  readonly cooldown: number
  readonly staleIfError: number
  readonly maxKeys: number
  readonly store?: (url: string, text?: string) => Promise<unknown>
  readonly waitUntil?: (promise: Promise<unknown>) => Promise<unknown>
  readonly onEvent?: (event: KeySetEvent) => Promise<unknown>
}

export const defaults = { maxAge: 600, minAge: 60, cooldown: 30, staleIfError: 86400, timeout: 5, maxBytes: 262144, maxKeys: 256 }

const size = /* @__PURE__ */ whole(1, 2 ** 24, '2^24')

type Client = Readonly<Record<string, (...args: string[]) => unknown>>

/** A function of the application's, called without a `this`; what it throws is a rejection. */
const theirs: Reader = (value, what) => {
  callable(value, what)
  return async (given: unknown) => (value as (given: unknown) => unknown)(given)
}

export const readers = {
  maxAge: /* @__PURE__ */ duration(86400, '24 hours', 1),
  minAge: /* @__PURE__ */ duration(86400, '24 hours'),
  cooldown: /* @__PURE__ */ duration(3600, '1 hour'),
  staleIfError: /* @__PURE__ */ duration(2592e3, '30 days'),
  timeout: /* @__PURE__ */ duration(60, '60 seconds', 1e-3),
  maxBytes: size,
  maxKeys: size,
  headers(value, what) {
    const headers = { __proto__: null } as unknown as Record<string, unknown>
    for (const [name, one] of Object.entries(isPlain(value) ? value : misuse(what, 'an object of HTTP names and values', value))) {
      // Both in one look: a line break is in neither.
      headers[name.toLowerCase()] = /^[\w-]+\n[ -~]+$/.test(`${name}\n${text(one, what) as string}`) ? one : misuse(what, 'an object of HTTP names and values', value)
    }
    return headers
  },
  fetch: callable,
  /** Makes one function of it, that reads, or writes what it is given, and waits a second at most. */
  store(value, what) {
    const methods = [['get', 'getItem'], ['set', 'put', 'setItem']].map((names) =>
      names.find((name) => typeof (value as Client)?.[name] === 'function') ?? misuse(what, 'an object with get and set', value))
    return (url: string, ...text: string[]) => within(1, 'store', () => (value as Client)[methods[text.length]!]!(`waxseal:jwks:${url}`, ...text))
  },
  waitUntil: theirs,
  onEvent: theirs,
} satisfies Readers

/** What is known of a set, without key material. */
export interface KeySetStatus {
  /** How many keys can be used. */
  readonly keys: number
  /** When the set in hand was fetched, or confirmed by its server. */
  readonly fetchedAt: Date | undefined
  /** Until when it is fresh. */
  readonly expiresAt: Date | undefined
  /** Failed fetches since the last good one. */
  readonly failures: number
  /** Why the last one failed. */
  readonly lastError: Error | undefined
  /** The members that cannot be used, and why. */
  readonly skipped: KeySet['skipped']
}

/** A key set over the network. For `verify` and `createVerifier` as it is. */
export interface RemoteKeySet extends KeySet {
  /**
   * Fetches now, however fresh the set in hand is.
   *
   * @throws JwtError `ERR_JWKS_FETCH` if there was no answer in time, `ERR_JWKS_INVALID` if the answer is no usable set.
   * The set in hand stays
   */
  reload(): Promise<void>
  /** Tells how things are. Fetches nothing. */
  status(): KeySetStatus
}
