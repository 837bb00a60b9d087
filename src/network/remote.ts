// A key set that comes from elsewhere (RFC 7517 5): when it is fetched, who waits for that, and what is served while the
// other side fails. Nothing is fetched, and no timer runs, before a key is asked for.

import { fromUtf8, utf8 } from '../encoding/bytes'
import { isPlain, parseObject, type JsonObject } from '../encoding/json'
import { attempt, isJwtError, refuse, JwtError } from '../errors'
import type { Algorithm } from '../keys/algorithms'
import type { JwkInput } from '../keys/jwk'
import type { CryptoKeyLike } from '../keys/key'
import { keySet } from '../keys/keyset'
import { candidates, type KeySet } from '../keys/resolve'
import { randomUUID } from '../keys/subtle'
import { readClock } from '../token/claims'
import type { Answer } from './fetch'
import { oneAtATime, within } from './flight'
import type { KeySetEvent, KeySetStatus, RemoteKeySet, Settings } from './settings'

/** A set and what it was made of. */
interface Admitted {
  readonly bytes: Uint8Array
  readonly set: KeySet
  readonly members: number
  skipped(): KeySet['skipped']
}

/** Times are those of the set's own clock, in seconds. */
interface Held extends Admitted {
  readonly fetchedAt: number
  readonly expiresAt: number
}

/** Whether a member is private or symmetric, and so has no place in a set that is published (RFC 7517 9.2, RFC 7518 6). */
function isClosed(jwk: unknown): jwk is JsonObject {
  return isPlain(jwk) && Object.keys(jwk).some((name) => /^(d[pq]?|k|p|qi?|oth|priv)$/.test(name))
}

/** Makes a set of what came over the network, or refuses it: what was in hand before then stays. */
function admit(what: string, bytes: Uint8Array, { maxBytes, maxKeys }: Settings): Admitted {
  const jwks = bytes.length > maxBytes ? undefined : parseObject(bytes)?.value['keys']
  const bad = (expected: string): never => refuse('ERR_JWKS_INVALID', what, expected)
  const keys: unknown[] = Array.isArray(jwks) && jwks.length <= maxKeys ? jwks : bad(`a JWKS, at most ${maxKeys} keys in ${maxBytes} bytes`)
  const set = keySet({ keys: keys.map((jwk) => isClosed(jwk) ? { kid: jwk['kid'] } : jwk) as JwkInput[] })
  const skipped = (): KeySet['skipped'] => set.skipped.map((one) => isClosed(keys[one.index]) ? { ...one, reason: 'key: expected a public one' } : one)
  if (keys.length && skipped().length === keys.length) bad(`a key that can be used (${skipped()[0]!.reason})`)
  return { bytes, set, members: keys.length, skipped }
}

interface NetworkSet {
  readonly keys: RemoteKeySet
  /** Waits, where necessary, until there are keys that will do; throws if there are none. */
  whenReady(): Promise<KeySet>
}

/**
 * Makes a set that is fetched by `get`.
 *
 * @param what - names the source in messages
 * @param url - the address, if it has one, for the store and for events
 */
export function networkSet(what: string, url: string | undefined, get: () => Promise<Answer>, settings: Settings): NetworkSet {
  const { maxAge, minAge, cooldown, staleIfError, timeout, store, waitUntil, onEvent } = settings
  const key = `waxseal:jwks:${url!}`
  let held: Held | undefined
  let failures = 0
  let lastError: Error | undefined
  let dueAt = 0 // when the next fetch may start
  let startedAt = -Infinity // when the last one did
  let isForced = false
  let isToldStale = false

  let time = 0
  let last = 0
  /** What the clock shows, less its jumps back: no age ever shrinks. After a jump back all ages are doubtful, so a fetch is due. */
  const tick = (): number => {
    const now = readClock(undefined)
    if (now < last) dueAt = Math.min(dueAt, startedAt + cooldown)
    else time += now - last
    last = now
    return time
  }
  const dateOf = (moment: number): Date => new Date((last - time + moment) * 1000)

  const tell = (type: KeySetEvent['type'], more?: object): void => void attempt<unknown>(() => onEvent?.({ type, url, ...more }), () => {})
  const complain = (error: unknown): void => tell('error', { error })
  const inBackground = (promise: Promise<unknown>): void => void attempt(() => waitUntil?.(promise), complain)

  const hold = (bytes: Uint8Array, fetchedAt: number, life = maxAge): void => {
    const isNew = bytes !== held?.bytes
    const admitted = isNew ? admit(what, bytes, settings) : held!
    const fresh = Math.min(maxAge, Math.max(minAge, life))
    held = { ...admitted, fetchedAt, expiresAt: fetchedAt + fresh }
    dueAt = fetchedAt + fresh * 0.8
    startedAt = fetchedAt
    if (isNew) for (const one of admitted.skipped()) tell('skipped', one)
  }

  const restore = async (): Promise<void> => {
    const text = await within(Math.min(1, timeout), 'store', () => store!(false, key))
    const { url: of, time: at, life, jwks } = typeof text === 'string' && parseObject(utf8(text))?.value || {} as JsonObject
    const age = readClock(undefined) - (at as number)
    if (of === url && age >= 0 && age <= staleIfError) hold(utf8(JSON.stringify(jwks)), tick() - age, life as number)
  }

  const save = async ({ bytes, fetchedAt, expiresAt }: Held): Promise<unknown> => within(Math.min(1, timeout), 'store', () =>
    store!(true, key, `{"url":${JSON.stringify(url)},"time":${last - time + fetchedAt},"life":${expiresAt - fetchedAt},"jwks":${fromUtf8(bytes)}}`))

  const fetchKeys = async (): Promise<void> => {
    startedAt = tick()
    try {
      const { bytes, life } = await get()
      hold(bytes, tick(), life)
      failures = 0
      lastError = undefined
      isToldStale = false
      tell('fetch', { keys: status().keys })
      if (store) inBackground(attempt(() => save(held!), complain))
    } catch (cause) {
      lastError = isJwtError(cause) && /JWKS/.test(cause.code) ? cause : new JwtError('ERR_JWKS_FETCH', `${what}: expected an answer`, { cause })
      complain(lastError)
      // 1, 2, 4 ... 64 seconds, of which chance takes up to a half
      dueAt = tick() + Math.max(2 ** Math.min(failures++, 6) * (1 - random() / 2), Math.min(300, (lastError as { retryAfter?: number }).retryAfter || 0))
    }
  }

  const load = async (): Promise<void> => {
    const isCold = !held
    if (isCold && store) await attempt(restore, complain)
    if (isForced || !isCold || !(held && tick() < held.expiresAt)) await fetchKeys()
    isForced = false
  }

  const fly = oneAtATime(() => {
    const loading = load()
    inBackground(loading)
    return loading
  })

  const end = ({ expiresAt, fetchedAt }: Held): number => Math.max(expiresAt, fetchedAt + staleIfError)

  /** Fetches if it is time to, and gives what to wait for: nothing while there are keys that will do. */
  const ready = (): Promise<void> | undefined => {
    const now = tick()
    if (now < dueAt) return undefined
    const isBackground = held && (now < held.expiresAt || failures && now - dueAt < maxAge && now <= end(held))
    const flying = fly()
    return isBackground ? undefined : flying
  }

  const usable = (waits = true): KeySet => {
    const now = tick()
    if (!held || now > end(held)) {
      if (waits && lastError) throw lastError
      return refuse('ERR_JWKS_FETCH', what, 'keys in hand (await set.reload())', undefined, { cause: lastError })
    }
    if (now >= held.expiresAt && !isToldStale) {
      isToldStale = true
      tell('stale')
    }
    return held.set
  }

  const status = (): KeySetStatus => ({
    keys: held ? held.members - held.skipped().length : 0,
    fetchedAt: held && dateOf(held.fetchedAt),
    expiresAt: held && dateOf(held.expiresAt),
    failures, lastError, skipped: held ? held.skipped() : [],
  })

  const find = async (alg: Algorithm, kid: string | undefined, allowed: readonly Algorithm[] | undefined): Promise<readonly CryptoKeyLike[]> => {
    await ready()
    try {
      return await usable()[candidates](alg, kid, allowed)
    } catch (error) {
      if (kid === undefined || (error as JwtError).code !== 'ERR_JWT_KEY_NOT_FOUND') throw error
      tell('unknown-kid', { kid })
      if (!fly.isOn() && tick() < Math.max(startedAt + cooldown, failures && dueAt)) throw error
      await fly()
      return usable()[candidates](alg, kid, allowed)
    }
  }

  const whenReady = async (): Promise<KeySet> => {
    await ready()
    return usable()
  }

  return {
    whenReady,
    keys: {
      status,
      get skipped() { return status().skipped },
      async reload() {
        isForced = true
        await fly()
        if (lastError) throw lastError
      },
      async toPublicJwks() {
        return (await whenReady()).toPublicJwks()
      },
      [candidates]: (alg, kid, allowed) => alg ? find(alg, kid, allowed) : [],
    },
  }
}

/** From 0 to 1. */
function random(): number {
  return parseInt(randomUUID().slice(0, 8), 16) / 2 ** 32
}
