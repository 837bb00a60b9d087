// A ring of signing keys: makes them, publishes each before it signs, and lets it go when its last token has expired.
// The store is shared by all processes that issue; what they promise each other stands at `keyRing`. RFC 7517 5 (the set),
// RFC 7638 (kid). The timetable is in schedule.ts, what is held and stored in keeper.ts, its text in document.ts.

import { copyPlain } from '../encoding/json'
import { isJwtError, misuse, refuse } from '../errors'
import { isSymmetric, readAlgorithm, type Algorithm, type PublicKeyAlgorithm, type Row } from '../keys/algorithms'
import type { CryptoKey } from '../keys/key'
import { keySet } from '../keys/keyset'
import type { CryptoKeyLike } from '../keys/memory'
import { candidates, type KeySet } from '../keys/resolve'
import type { Engine } from '../keys/subtle'
import { callable, readOptions, text, whole, type Reader } from '../options'
import type { Recipe } from '../recipe'
import { readClock, runningClock } from '../token/claims'
import { duration, lifetime, type Duration } from '../token/duration'
import type { Checked, PayloadFor, PerCallSignOptions } from '../token/inference'
import { sign } from '../token/sign'
import type { Held } from './document'
import { makeKeeper, mostKeys, type Keeper, type KeyRingEvent, type KeyStore } from './keeper'
import { leastLead, mostAlive, retires, signing, slack, type Times } from './schedule'

/** The options of `keyRing`. Durations are seconds or `'30d'`. */
export interface KeyRingOptions<A extends PublicKeyAlgorithm = PublicKeyAlgorithm> {
  /** What new keys are for. Symmetric algorithms have nothing to publish: see `keySet` for them. */
  algorithm: A
  /** The longest life of a token; `sign` of the ring refuses a longer one. */
  tokenLifetime: Duration
  /** Holds private keys: whoever can read it can sign, whoever can write it too. */
  store: KeyStore
  /** The ring's name in the store, `waxseal:ring:` before it; default `'default'`. Processes that share it share the keys. */
  name?: string
  /** How long a key signs; default 30 days. */
  rotateEvery?: Duration
  /** How long a key is published before it signs; default one day, or half of `rotateEvery` if that is less. */
  publishBefore?: Duration
  /** How long others may keep the JWKS (Cache-Control of `jwksHandler`); default 10 minutes. */
  maxAge?: Duration
  /** How often the store is asked; default one minute. */
  reloadEvery?: Duration
  /** How far clocks may differ, the tolerance of verifiers included; default one minute, at most 10. */
  clockTolerance?: Duration
  /** How long the store may take to answer; default 5 seconds, at most 60. */
  timeout?: Duration
  /** Of RSA keys, bits; default 2048. */
  modulusLength?: number
  /** The clock; default the system's. */
  now?: () => Date
  /** Takes a promise that outlives the request that began it, as Workers want it. */
  waitUntil?: (promise: Promise<unknown>) => void
  /** Hears what the ring does; what it throws is ignored. */
  onEvent?: (event: KeyRingEvent) => void
}

/** What a token of a ring may be told: sign's options, but for the key, its algorithm and the clock, which are the ring's. */
export type RingSignOptions = Omit<PerCallSignOptions, 'keyId' | 'now'>

/** What is known of a ring, without key material. */
export interface KeyRingStatus {
  /** In the order of their start. */
  readonly keys: readonly {
    readonly kid: string
    readonly algorithm: Algorithm
    readonly state: 'next' | 'current' | 'retiring' | 'revoked'
    readonly activates: Date
    /** When it leaves the JWKS; not known before its successor is. */
    readonly retires?: Date
  }[]
  /** When the store was last read; undefined before that. */
  readonly loadedAt: Date | undefined
  /** How often in a row it has failed since. */
  readonly failures: number
  /** Why the last reading failed; undefined unless it has. */
  readonly lastError: unknown
}

/** A ring of signing keys: signs, is a key set for `verify`, and is what `jwksHandler` serves. */
export interface KeyRing<A extends PublicKeyAlgorithm = PublicKeyAlgorithm> extends KeySet {
  /** Signs with the key whose turn it is. A token that would outlive `tokenLifetime` is a TypeError. */
  sign<P extends PayloadFor<{}>>(payload: P): Promise<string>
  /** The same, with options of this call. */
  sign<P extends PayloadFor<C>, const C extends RingSignOptions>(payload: P, options: C & Checked<C, RingSignOptions> | undefined): Promise<string>
  /** The key whose turn it is, for `sign` and `createSigner`. Ask anew for each token, and keep to `tokenLifetime`. */
  current(): Promise<CryptoKey<A, 'private'>>
  /** Reads the store now, makes a key if one is due, and throws if the store fails. */
  reload(): Promise<void>
  /** Tells how things are. Asks nobody. */
  status(): KeyRingStatus
  /**
   * Withdraws a key that has leaked, at once and for all processes: it signs no more, leaves the JWKS, and its private
   * part leaves the store. ITS TOKENS DIE with it, as soon as the caches of their verifiers have asked again.
   */
  revoke(kid: string): Promise<void>
  /** Seconds; what `jwksHandler` tells caches. */
  readonly maxAge: number
}

interface Options extends Omit<Times, 'algorithm'> {
  readonly algorithm: Row
  readonly store: KeyStore
  readonly name?: string
  readonly timeout: number
  readonly modulusLength?: number
  readonly now?: () => number
  readonly waitUntil?: (promise: Promise<unknown>) => void
  readonly onEvent?: (event: KeyRingEvent) => void
}

const store: Reader = (value, what) => {
  const { get, set } = Object(value) as Partial<KeyStore>
  return typeof get === 'function' && typeof set === 'function' ? value : misuse(what, '{ get(key), set(key, text) }', value)
}

const ringOptions = {
  algorithm: (value: unknown, what: string): Row => {
    const row = readAlgorithm(value, what)
    return isSymmetric(row) ? misuse(what, 'a public-key algorithm (secrets rotate in a keySet)') : row
  },
  tokenLifetime: lifetime,
  store,
  name: text,
  rotateEvery: lifetime,
  publishBefore: lifetime,
  maxAge: /* @__PURE__ */ duration(86400, '24 hours', 1),
  reloadEvery: /* @__PURE__ */ duration(86400, '24 hours', 1),
  clockTolerance: /* @__PURE__ */ duration(600, '10 minutes'),
  timeout: /* @__PURE__ */ duration(60, '60 seconds', 1e-3),
  modulusLength: /* @__PURE__ */ whole(2048, 16384),
  now: runningClock,
  waitUntil: callable,
  onEvent: callable,
}

/** sign reads their values. */
const asIs: Reader = (value) => value
const signOptions = { expiresIn: asIs, notBefore: asIs, issuedAt: asIs, issuer: asIs, subject: asIs, audience: asIs, jwtId: asIs, type: asIs, header: asIs }

function readRing(given: unknown): Options {
  const options = Object.assign({ maxAge: 600, reloadEvery: 60, clockTolerance: 60, timeout: 5, rotateEvery: 30 * 86400 }, readOptions<Options>('keyRing', given, ringOptions))
  for (const name of ['algorithm', 'tokenLifetime', 'store'] as const) if (!options[name]) misuse(`keyRing ${name}`, 'it to be there')
  const { algorithm, rotateEvery, publishBefore = Math.min(86400, rotateEvery / 2) } = options
  if (options.modulusLength && algorithm.kty !== 'RSA') misuse('keyRing modulusLength', `RSA, not ${algorithm.name}`)
  const least = leastLead(options)
  if (publishBefore < least || publishBefore > rotateEvery) {
    misuse('keyRing publishBefore', `at least maxAge + reloadEvery + 2 * clockTolerance (${least} s) and at most rotateEvery (${rotateEvery} s)`)
  }
  const times = { ...options, publishBefore }
  const [alive, most] = [mostAlive(times), mostKeys - 2] // a race may make two more
  if (alive > most) misuse('keyRing rotateEvery', `so long that at most ${most} keys live at a time, not ${alive} (tokenLifetime + publishBefore + ${least} s, divided by it)`)
  return times
}

/**
 * Makes a ring of signing keys that rotates by itself: each key is published for `publishBefore`, signs for `rotateEvery`,
 * and stays published until its last token has expired. Nothing happens in the background: the store is asked when the
 * ring is used and `reloadEvery` has passed, and a key is made when one is due.
 *
 * Promised: a token signed by any process of the ring verifies with the JWKS of any other until it expires, as long as
 * clocks differ by no more than `clockTolerance` and no process goes without the store for longer than
 * `publishBefore - maxAge - 2 * clockTolerance`, by default more than 23 hours.
 * A key signs only once the store has taken it. A process that finds a key gone that it knew writes its public part back,
 * so that a race of two writers, or a store that was emptied, ends no token. Without its store a ring signs on with the key
 * it has, and rotates when the store is back; one that never had a key refuses.
 * Not promised: that two processes which start at the same moment on an empty store agree at once. Let the first one
 * `await ring.reload()` before the others start.
 *
 * @param options - `algorithm`, `tokenLifetime` and `store` are required; the others are described at KeyRingOptions.
 * `publishBefore` is at least `maxAge + reloadEvery + 2 * clockTolerance`, at most `rotateEvery`
 * @throws TypeError for an unknown or wrong option
 * @throws JwtError from its methods: `ERR_JWT_KEY` with `cause` if there is no key and the store gives none,
 * `ERR_JWT_UNSUPPORTED` if the runtime lacks the algorithm
 */
export function keyRing<A extends PublicKeyAlgorithm>(options: KeyRingOptions<A>): KeyRing<A> {
  const { algorithm, store, name = 'default', now, timeout, modulusLength, waitUntil, onEvent, ...durations } = readRing(options)
  const times: Times = { ...durations, algorithm: algorithm.name }
  const { tokenLifetime, reloadEvery, maxAge } = times
  const clock = (): number => readClock(now)
  const tell = (event: KeyRingEvent): void => {
    try {
      onEvent?.(event)
    } catch { /* a listener must not stop the signing */ }
  }
  const keeper = makeKeeper({ algorithm, modulusLength, store, place: `waxseal:ring:${name}`, timeout, times, clock, tell })

  /** Sees to it that what is held is fresh enough: behind the caller's back while that is safe, before his eyes when not. */
  async function ready(): Promise<void> {
    const { held, loadedAt, triedAt, failures } = keeper
    const time = clock()
    const age = time - loadedAt
    const isFresh = age >= 0 && age < reloadEvery
    const isPaused = failures && time >= triedAt && time - triedAt < Math.min(reloadEvery, 60, 2 ** failures)
    if (held.length && (isFresh || isPaused)) return
    const loading = keeper.load().catch((cause: unknown) => { if (!keeper.held.length) none(cause) })
    if (!held.length || age < 0 || age >= slack(times)) return await loading
    try {
      waitUntil?.(loading)
    } catch (error) {
      tell({ type: 'error', error })
    }
  }

  async function signingKey(): Promise<Held> {
    await ready()
    return signing(keeper.held, times, clock()) ?? none(keeper.lastError)
  }

  const reload = (): Promise<void> => keeper.reload().catch((cause: unknown) => isJwtError(cause) ? Promise.reject(cause) : none(cause))

  /** What is published now, the signing key first. */
  function published(): Held[] {
    const { held } = keeper
    const time = clock()
    const current = signing(held, times, time)
    return held.filter((key) => !key.isRevoked && retires(key, held, times) > time).sort((a, b) => +(b === current) - +(a === current) || a.activates - b.activates)
  }

  /** Made anew when other keys are published: importing them takes longer than verifying. */
  let set: { readonly kids: string, readonly keys: KeySet } | undefined
  function verifying(): KeySet {
    const keys = published().map(({ publicJwk }) => publicJwk)
    const kids = keys.map(({ kid }) => kid).join()
    if (set?.kids !== kids) set = { kids, keys: keySet({ keys }) }
    return set.keys
  }

  return {
    async sign(payload: object, given?: RingSignOptions) {
      const options = readOptions<RingSignOptions>('ring.sign', given, signOptions)
      const claims = copyPlain(payload, 'ring.sign payload', 'a plain object of claims')
      const { expiresIn } = options
      const life = expiresIn === undefined ? Number(claims['exp']) - clock() : expiresIn === false ? Infinity : lifetime(expiresIn, 'ring.sign expiresIn') as number
      if (life > tokenLifetime) misuse('ring.sign expiresIn', `at most the ring's tokenLifetime (${tokenLifetime} s), or the key might go before the token`)
      const { key } = await signingKey()
      return sign(claims as never, key, { ...options, now: new Date(clock() * 1000) } as never)
    },
    async current() { return (await signingKey()).key as CryptoKey<A, 'private'> },
    reload,
    async revoke(kid: string) {
      const isHeld = (): boolean => keeper.held.some((key) => key.kid === kid)
      if (!isHeld()) await reload()
      if (!isHeld()) refuse('ERR_JWT_KEY_NOT_FOUND', 'ring.revoke', `a kid of the ring (${keeper.held.map((key) => key.kid)})`)
      keeper.withdraw(kid)
      await reload()
    },
    async toPublicJwks() {
      await ready()
      return { keys: published().map(({ publicJwk }) => ({ ...publicJwk })) }
    },
    status: () => statusOf(keeper, times, clock()),
    get skipped() { return [...keeper.skipped] },
    maxAge,
    *[candidates](alg?: Algorithm, kid?: string, allowed?: readonly Algorithm[], engine?: Engine): Recipe<readonly CryptoKeyLike[]> {
      if (!alg) return []
      if (engine?.waits !== false) yield ready()
      else if (!keeper.held.length) none('nothing was loaded yet: await ring.reload()')
      return yield* verifying()[candidates](alg, kid, allowed, engine)
    },
  } as KeyRing<A>
}

function none(cause: unknown): never {
  if (isJwtError(cause) && cause.code === 'ERR_JWT_UNSUPPORTED') throw cause
  return refuse('ERR_JWT_KEY', 'keyRing', 'a key in the store, or a store that takes one', undefined, { cause })
}

function statusOf({ held, loadedAt, failures, lastError }: Keeper, times: Times, time: number): KeyRingStatus {
  const date = (seconds: number): Date => new Date(seconds * 1000)
  const current = signing(held, times, time)
  const keys = [...held].sort((a, b) => a.activates - b.activates).map((key) => {
    const end = retires(key, held, times)
    const state = key.isRevoked ? 'revoked' : key === current ? 'current' : key.activates > time ? 'next' : 'retiring'
    return { kid: key.kid, algorithm: key.algorithm as Algorithm, state, activates: date(key.activates), ...(end < Infinity && { retires: date(end) }) } as const
  })
  return { keys, loadedAt: loadedAt < 0 ? undefined : date(loadedAt), failures, lastError }
}
