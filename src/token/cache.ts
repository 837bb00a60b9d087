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
  const entries = new Map<number, Entry>()
  let length = 0

  /**
   * Found by a sum over its end, since a whole text takes long to hash; the whole text decides, and of two with one sum the
   * later stays. The end is a whole HS256 tag: where a forged one goes wrong then makes no difference to the time.
   */
  function placeOf(token: string): number {
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let i = token.length - 44; i < token.length - 33; i++) { // four sums side by side, since each step of a sum waits for the one before
      a = Math.imul(a, 31) + token.charCodeAt(i) | 0
      b = Math.imul(b, 31) + token.charCodeAt(i + 11) | 0
      c = Math.imul(c, 31) + token.charCodeAt(i + 22) | 0
      d = Math.imul(d, 31) + token.charCodeAt(i + 33) | 0
    }
    return Math.imul(Math.imul(Math.imul(a, 31) + b, 31) + c, 31) + d | 0
  }

  function forget(place: number): void {
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
