// A key set that comes from elsewhere (RFC 7517 5): when it is fetched, who waits for that, and what is served while the
// other side fails. Nothing is fetched, and no timer runs, before a key is asked for.

import { utf8 } from '../encoding/bytes'
import { isPlain, parseObject, type JsonObject } from '../encoding/json'
import { isJwtError, JwtError, refuse } from '../errors'
import type { Algorithm } from '../keys/algorithms'
import type { JwkInput } from '../keys/jwk'
import { keySet } from '../keys/keyset'
import type { CryptoKeyLike } from '../keys/memory'
import { hasClosedMember } from '../keys/public'
import { candidates, type KeySet } from '../keys/resolve'
import { randomUUID, webCrypto, type Engine } from '../keys/subtle'
import type { Recipe } from '../recipe'
import { readClock } from '../token/claims'
import { nameOf, type Get } from './fetch'
import { oneAtATime, within } from './flight'
import type { KeySetEvent, KeySetStatus, RemoteKeySet, Settings } from './settings'

/** Makes a set of what came, or refuses it. Private and symmetric members have no place in it (RFC 7517 9.2, RFC 7518 6.4). */
function admit(what: string, text: string, { maxBytes, maxKeys }: Settings): { readonly set: KeySet, readonly count: number } {
  const bad = (expected: string): never => refuse('ERR_JWKS_INVALID', what, expected)
  const keys = utf8(text).length > maxBytes ? undefined : parseObject(text)?.['keys']
  if (!Array.isArray(keys) || keys.length > maxKeys) return bad(`a JWKS, at most ${maxKeys} keys in ${maxBytes} bytes`)
  const set = keySet({ keys: keys.map((jwk: unknown) => isPlain(jwk) && hasClosedMember(jwk)
    ? { kid: jwk['kid'] as string, kty: 'private or secret' } : jwk as JwkInput) })
  const count = keys.length - set.skipped.length
  return keys.length && !count ? bad(`a key that can be used (${set.skipped[0]!.reason})`) : { set, count }
}

/** Makes a set that `get` fetches. `url` is its address, if it has one: for the store, events and messages. */
export function networkSet(url: string | undefined, get: Get, settings: Settings): RemoteKeySet {
  const { maxAge, minAge, cooldown, staleIfError, store, waitUntil, onEvent } = settings
  const what = nameOf(url)
  const key = `waxseal:jwks:${url!}`

  let set: KeySet | undefined
  let count = 0
  let text: string
  let failures = 0
  let lastError: Error | undefined
  let isForced = false

  // ─── time, in seconds ───

  let time = 0
  let offset = 0 // from the system's clock
  let fetchedAt = 0
  let expiresAt = 0
  let triedAt = 0
  let dueAt = 0 // for the next fetch

  /** What the clock shows, less its jumps back: no age ever shrinks. After one ages are in doubt, so a fetch is due. */
  const tick = (): number => {
    const now = readClock(undefined) + offset
    if (now < time) {
      offset += time - now
      dueAt = Math.min(dueAt, triedAt + cooldown)
    } else time = now
    return time
  }
  const dateOf = (moment: number): Date | undefined => set && new Date((moment - offset) * 1000)
  const isServed = (): boolean => !!set && tick() <= Math.max(expiresAt, fetchedAt + staleIfError)

  // ─── what others are told ───

  const tell = (type: KeySetEvent['type'], more?: object): unknown => attempt(() => onEvent?.({ type, url, ...more }), () => {})
  const complain = (error: unknown): unknown => tell('error', { error })
  const inBackground = (promise: Promise<unknown>): unknown => attempt(() => waitUntil?.(promise), complain)

  // ─── loading ───

  /** Takes what came for the set in hand, or throws. */
  const hold = (came: string, at: number, life = maxAge): void => {
    if (came !== text) {
      ({ set, count } = admit(what, came, settings))
      text = came
      for (const one of set.skipped) tell('skipped', one)
    }
    const fresh = Math.min(maxAge, Math.max(minAge, life))
    triedAt = fetchedAt = at
    expiresAt = at + fresh
    dueAt = at + fresh * 0.8
  }

  const restore = async (): Promise<void> => {
    const stored = await within(1, 'store', () => store!(false, key))
    const { url: of, time: at, life, jwks } = parseObject(stored as string) ?? {} as JsonObject
    const age = readClock(undefined) - (at as number)
    if (of === url && age >= 0) hold(`${JSON.stringify(jwks)}`, tick() - age, life as number)
  }

  const save = (): Promise<unknown> => within(1, 'store', () =>
    store!(true, key, `{"url":${JSON.stringify(url)},"time":${fetchedAt - offset},"life":${expiresAt - fetchedAt},"jwks":${text}}`))

  const load = async (): Promise<void> => {
    if (!set && store) {
      await attempt(restore, complain)
      if (set && tick() < expiresAt && !isForced) return
    }
    let pause = 0
    try {
      const { text, life } = await get((seconds) => { pause = seconds })
      hold(text, tick(), life)
      failures = 0
      lastError = undefined
      tell('fetch', { keys: count })
      if (store) inBackground(attempt(save, complain))
    } catch (cause) {
      lastError = isJwtError(cause) && /JWKS/.test(cause.code) ? cause : new JwtError('ERR_JWKS_FETCH', `${what}: expected an answer`, { cause })
      triedAt = tick()
      // After 1, 2, 4 ... 64 seconds, of which chance (32 bits of a UUID) takes up to a half, or when the server says.
      dueAt = triedAt + Math.max(2 ** Math.min(failures++, 6) * (1 - parseInt(randomUUID(), 16) / 2 ** 33), Math.min(300, pause || 0))
      complain(lastError)
      if (isServed() && time >= expiresAt) tell('stale')
    }
    isForced = false
  }

  const fly = oneAtATime(() => {
    const loading = load()
    inBackground(loading)
    return loading
  })

  /** Fetches if it is time to, and gives what to wait for: nothing while there are keys that will do. */
  const ready = (): Promise<void> | undefined => {
    const now = tick()
    const isPatient = isServed() && (now < expiresAt || failures && now - dueAt < maxAge)
    const flying = now < dueAt ? undefined : fly()
    return isPatient ? undefined : flying
  }

  const usable = (waits = true): KeySet => {
    if (isServed()) return set!
    if (waits && lastError) throw lastError
    return refuse('ERR_JWKS_FETCH', what, 'keys in hand (await set.reload())', undefined, { cause: lastError })
  }

  // ─── the set ───

  function* find(alg: Algorithm, kid: string | undefined, allowed: readonly Algorithm[] | undefined, engine: Engine): Recipe<readonly CryptoKeyLike[]> {
    const { waits } = engine
    const loading = ready()
    if (waits && loading) yield loading
    try {
      return yield* usable(waits)[candidates](alg, kid, allowed, engine)
    } catch (error) {
      if (kid === undefined || (error as JwtError).code !== 'ERR_JWT_KEY_NOT_FOUND') throw error
      tell('unknown-kid', { kid })
      if (tick() < Math.max(triedAt + cooldown, failures && dueAt)) throw error
      const again = fly()
      if (!waits) throw error
      yield again
      return yield* usable()[candidates](alg, kid, allowed, engine)
    }
  }

  const status = (): KeySetStatus => ({ keys: set ? count : 0, fetchedAt: dateOf(fetchedAt), expiresAt: dateOf(expiresAt), failures, lastError, skipped: set ? set.skipped : [] })

  return {
    status,
    get skipped() { return status().skipped },
    async reload() {
      isForced = true
      await fly()
      if (lastError) throw lastError
    },
    async toPublicJwks() {
      await ready()
      return usable().toPublicJwks()
    },
    *[candidates](alg, kid, allowed, engine = webCrypto) {
      return alg ? yield* find(alg, kid, allowed, engine) : []
    },
  }
}

/** Does what may fail and must not disturb. */
async function attempt(act: () => unknown, failed: (error: unknown) => unknown): Promise<void> {
  try {
    await act()
  } catch (error) {
    failed(error)
  }
}
