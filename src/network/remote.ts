// A key set that comes from elsewhere (RFC 7517 5): when it is fetched, who waits for that, and what is served while the
// other side fails. Nothing is fetched, and no timer runs, before a key is asked for.

import { utf8 } from '../encoding/bytes'
import { isPlain, parseObject } from '../encoding/json'
import { refuse } from '../errors'
import type { JwkInput } from '../keys/jwk'
import { keySet } from '../keys/keyset'
import { hasClosedMember } from '../keys/public'
import { candidates, type KeySet } from '../keys/resolve'
import { randomUUID, webCrypto } from '../keys/subtle'
import { readClock } from '../token/claims'
import type { Get } from './fetch'
import { nameOf, oneAtATime } from './flight'
import type { KeySetEvent, RemoteKeySet, Settings } from './settings'

/** What a store holds, if it is what was written there. */
interface Stored { readonly url: string, readonly time: number, readonly life: number, readonly jwks: unknown }

/** Makes a set that `get` fetches. `url` is its address, if it has one: for the store, events and messages. */
export function networkSet(get: Get, settings: Settings, url?: string): RemoteKeySet {
  let set = keySet([])
  let text: string | null | undefined = null // that the set was made of; undefined is what came if it was no text
  let keys = 0 // that can be used
  let failures = 0 // since the last good fetch
  let lastError: unknown
  let isForced: boolean | undefined // by reload(), which passes the store by

  // ─── time, in seconds: undefined until it is known, and then no comparison holds ───

  let time!: number
  let fetchedAt!: number // the set in hand
  let life!: number // how long it is fresh
  let triedAt!: number // also without success
  let pause!: number // from then until the next fetch is due

  /** Reads the clock. If it went back, so do the moments, for no age may shrink; since ages are in doubt then, a fetch is due soon. */
  const tick = (): number => {
    const now = readClock(undefined)
    const back = time - now
    if (back > 0) {
      pause = Math.min(pause, settings.cooldown)
      triedAt -= back
      fetchedAt -= back
    }
    return time = now
  }
  const isFresh = (): boolean => time - fetchedAt < life
  const isServed = (): boolean => time - fetchedAt <= Math.max(life, settings.staleIfError)

  // ─── what others are told: nothing that they do disturbs, or is waited for ───

  const tell = (type: KeySetEvent['type'], more?: object): unknown => settings.onEvent?.({ type, url, ...more }).catch(() => {})
  const complain = (error: unknown): unknown => tell('error', { error: error as Error })
  const inBackground = (promise: Promise<unknown>): unknown => settings.waitUntil?.(promise).catch(complain)

  // ─── loading ───

  /** Takes what came for the set in hand, or refuses it. Private and symmetric members have no place in it (RFC 7517 9.2, RFC 7518 6.4). */
  const hold = (came: string | undefined, at: number, mayLive = settings.maxAge): void => {
    if (came !== text) { // else no key is imported again
      const members = utf8(came!).length > settings.maxBytes ? undefined : parseObject(came)?.['keys']
      if (!Array.isArray(members) || members.length > settings.maxKeys) return refuse('ERR_JWKS_INVALID', nameOf(url), `a JWKS, at most ${settings.maxKeys} keys in ${settings.maxBytes} bytes`)
      const made = keySet({ keys: members.map((jwk: unknown) => isPlain(jwk) && hasClosedMember(jwk)
        ? { kid: jwk['kid'] as string, kty: 'private or secret' } : jwk as JwkInput) })
      if (members.length && members.length === made.skipped.length) refuse('ERR_JWKS_INVALID', nameOf(url), `a key that can be used (${made.skipped[0]!.reason})`)
      set = made
      text = came
      keys = members.length - made.skipped.length
      for (const one of set.skipped) tell('skipped', one)
    }
    triedAt = fetchedAt = at
    life = Math.min(settings.maxAge, Math.max(settings.minAge, mayLive)) || settings.minAge // NaN, if what came says so
    pause = life * 0.8
  }

  const load = async (): Promise<void> => {
    let asked = 0
    try {
      if (settings.store && !fetchedAt) {
        await settings.store(url!).then((text) => {
          const stored = parseObject(text as string) as Stored | undefined
          if (stored?.url === url && stored!.time <= tick()) hold(JSON.stringify(stored!.jwks), +stored!.time, stored!.life)
        }).catch(complain)
        if (isFresh() && !isForced) return
      }
      const came = await get((seconds) => { asked = seconds })
      hold(came.text, tick(), came.life)
      failures = 0
      lastError = undefined
      tell('fetch', { keys })
      if (settings.store) inBackground(settings.store(url!, `{"url":${JSON.stringify(url)},"time":${fetchedAt},"life":${life},"jwks":${text!}}`).catch(complain))
    } catch (error) {
      lastError = error
      triedAt = tick()
      // 1, 2, 4 ... 64 seconds, of which chance (32 bits of a UUID) takes up to a half, or as long as the server asks for.
      pause = Math.max(2 ** Math.min(failures++, 6) * (1 - parseInt(randomUUID(), 16) / 2 ** 33), Math.min(300, asked || 0))
      complain(error)
      if (isServed() && !isFresh()) tell('stale')
    }
    isForced = false
  }

  const fly = oneAtATime(load, inBackground)

  /** Fetches if it is time to, and gives what to wait for: nothing while there are keys that will do, nor for what has just failed. */
  const ready = (): unknown => {
    const flying = tick() - triedAt < pause ? undefined : fly()
    return !(isServed() && (isFresh() || failures && time - triedAt - pause < settings.maxAge)) && flying
  }

  /** The set, if it is fresh or stale by so much as is allowed. Who cannot wait is told how to have one. */
  const usable = (waits: boolean): KeySet => {
    if (isServed()) return set
    if (waits && lastError) throw lastError
    return refuse('ERR_JWKS_FETCH', nameOf(url), 'keys in hand (await set.reload())', undefined, { cause: lastError })
  }

  // ─── the set ───

  return {
    get skipped() { return set.skipped },
    status: () => ({
      keys, failures, lastError: lastError as Error,
      fetchedAt: fetchedAt ? new Date(fetchedAt * 1000) : undefined,
      expiresAt: fetchedAt ? new Date((fetchedAt + life) * 1000) : undefined,
      skipped: set.skipped,
    }),
    async reload() {
      isForced = true
      await fly()
      if (lastError) throw lastError
    },
    async toPublicJwks() {
      await ready()
      return usable(true).toPublicJwks()
    },
    *[candidates](alg, kid, allowed, engine = webCrypto) {
      if (!alg) return []
      for (let loading = ready(), isLast = kid === undefined; ;) { // once more after a fetch that an unknown kid caused
        if (engine.waits && loading) yield loading
        try {
          return yield* usable(engine.waits)[candidates](alg, kid, allowed, engine)
        } catch (error) {
          if (isLast || (error as { code?: string }).code !== 'ERR_JWT_KEY_NOT_FOUND') throw error
          tell('unknown-kid', { kid })
          if (tick() - triedAt < Math.max(settings.cooldown, failures && pause)) throw error
          loading = fly()
          isLast = true
        }
      }
    },
  }
}
