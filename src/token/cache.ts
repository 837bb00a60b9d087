// What createVerifier remembers if it is asked to: authentic tokens by their exact text, so that decoding, parsing and the
// signature are skipped the next time. Nothing else is: see `verifierRecipe` in verify.ts for what a hit must still pass.

import { misuse } from '../errors'
import { readOptions, taking, type Reader } from '../options'
import { lifetime } from './duration'

/** Limits as they are after reading; see the option. */
export interface CacheLimits {
  readonly maxEntries?: number
  readonly maxLength?: number
  readonly maxAge?: number
}

const count = /* @__PURE__ */ taking('a whole number above 0', (value) => Number.isSafeInteger(value) && value as number > 0)
const limits = { maxEntries: count, maxLength: count, maxAge: lifetime }

export const cacheOption: Reader = (value, what) =>
  value === true ? {} : typeof value === 'object' ? readOptions<CacheLimits>(what, value, limits) : misuse(what, 'true or { maxEntries, maxLength, maxAge }', value)

export interface Cache<T> {
  /** What is remembered of a token, unless it has had its time or the clock went back: then it is forgotten. */
  get(token: unknown, now: number): T | undefined
  /** Keeps it from now on, at most until then. Seconds since 1970. */
  keep(token: string, value: T, now: number, until: number): void
}

export function createCache<T>({ maxEntries = 1000, maxLength = 2 ** 22, maxAge = 300 }: CacheLimits): Cache<T> {
  interface Entry { readonly token: string, readonly value: T, readonly from: number, readonly until: number, used: boolean }
  const entries = new Map<string, Entry>()
  let length = 0

  /**
   * A token is found by its last 16,000 characters, which are the whole text of nearly all: the engine hashes all of them,
   * so that where a forged signature goes wrong makes no difference to the time. Of more than 16,383 V8 hashes but the
   * length. The whole text decides.
   */
  const placeOf = (token: string): string => token.slice(-16000)

  function forget(place: string): void {
    const entry = entries.get(place)
    if (!entry) return
    entries.delete(place)
    length -= entry.token.length
  }

  /** Makes room: the oldest go, but one that was used meanwhile gets a second round. */
  function shrink(): void {
    for (const [place, entry] of entries) {
      if (entries.size <= maxEntries && length <= maxLength) return
      entries.delete(place)
      if (entry.used) entries.set(place, { ...entry, used: false })
      else length -= entry.token.length
    }
  }

  return {
    get(token, now) {
      if (typeof token !== 'string') return undefined
      const place = placeOf(token)
      const entry = entries.get(place)
      if (!entry || entry.token !== token) return undefined
      if (now >= entry.from && now < entry.until) {
        entry.used = true
        return entry.value
      }
      forget(place)
      return undefined
    },

    keep(token, value, now, until) {
      const place = placeOf(token)
      forget(place)
      if (token.length > maxLength || until <= now) return
      entries.set(place, { token, value, from: now, until: Math.min(until, now + maxAge), used: false })
      length += token.length
      shrink()
    },
  }
}

/** Freezes parsed JSON at all depths. A loop, not a recursion: a token may nest as deep as it is long. */
export function deepFreeze(root: object): void {
  const all = [root]
  for (const one of all) {
    for (const child of Object.values(Object.freeze(one)) as unknown[]) if (typeof child === 'object' && child) all.push(child)
  }
}
