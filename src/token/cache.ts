// What createVerifier remembers if it is asked to: authentic tokens by their exact text, so that decoding, parsing and the
// signature are skipped the next time. Nothing else is: see `recall` in verify.ts for what a hit must still pass.

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

/** Seconds since 1970: the times at which the claims hold and the memory is fresh. */
export interface Span { readonly from: number, readonly until: number }

export interface Cache<T> {
  /** What is remembered of a token, if now is in its span; what is past it is forgotten. */
  get(token: unknown, now: number): T | undefined
  keep(token: string, value: T, now: number, span: Span): void
}

export function createCache<T>({ maxEntries = 1000, maxLength = 2 ** 22, maxAge = 300 }: CacheLimits): Cache<T> {
  interface Entry extends Span { readonly value: T, used: boolean }
  const entries = new Map<unknown, Entry>()
  let length = 0

  function forget(token: string): void {
    if (entries.delete(token)) length -= token.length
  }

  /** Makes room: the oldest go, but one that was used meanwhile gets a second round. */
  function shrink(): void {
    for (const [token, entry] of entries as Map<string, Entry>) {
      if (entries.size <= maxEntries && length <= maxLength) return
      entries.delete(token)
      if (entry.used) entries.set(token, { ...entry, used: false })
      else length -= token.length
    }
  }

  return {
    get(token, now) {
      const entry = entries.get(token)
      if (!entry) return undefined
      if (now >= entry.from && now < entry.until) {
        entry.used = true
        return entry.value
      }
      forget(token as string)
      return undefined
    },

    keep(token, value, now, { from, until }) {
      forget(token)
      if (token.length > maxLength || until <= now) return
      entries.set(token, { value, from: Math.max(from, now), until: Math.min(until, now + maxAge), used: false })
      length += token.length
      shrink()
    },
  }
}

/** Freezes parsed JSON at all depths. A loop, not a recursion: a token may nest as deep as it is long. */
export function deepFreeze(root: object): void {
  const nodes = [root]
  for (const node of nodes) {
    for (const child of Object.values(Object.freeze(node)) as unknown[]) if (typeof child === 'object' && child) nodes.push(child)
  }
}
