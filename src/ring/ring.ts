// A ring of signing keys: makes them, publishes each before it signs, and lets it go when its last token has expired.
// The store is shared by all processes that issue; each of them holds what it read last. What they promise each other
// stands at `keyRing`. RFC 7517 5 (the set), RFC 7638 (kid). Timetable: schedule.ts. Text in the store: document.ts.

import { isPlain, type JsonObject } from '../encoding/json'
import { isJwtError, JwtError, misuse, reading, refuse } from '../errors'
import { isSymmetric, readAlgorithm, type Algorithm, type PublicKeyAlgorithm, type Row } from '../keys/algorithms'
import type { PublicJwk } from '../keys/jwk'
import type { CryptoKey } from '../keys/key'
import { keySet } from '../keys/keyset'
import { candidates, type KeySet, type MaybePromise } from '../keys/resolve'
import { callable, readOptions, taking, text, type Reader } from '../options'
import { readClock, runningClock } from '../token/claims'
import { duration, lifetime, type Duration } from '../token/duration'
import type { Checked, PayloadFor, PerCallSignOptions } from '../token/inference'
import { sign } from '../token/sign'
import { hasPrivatePart, kidOf, makeKey, readEntry, readText, reasonOf, writeText, type Held, type Made } from './document'
import { leastLead, nextStart, retires, signing, type Times } from './schedule'

/** Where a ring keeps its keys, PRIVATE ones included. A Map will do for one process that may forget them. */
export interface KeyStore {
  get(key: string): MaybePromise<string | null | undefined>
  set(key: string, text: string): unknown
}

export type KeyRingEvent =
  /** A key was made and stored. It signs from `activates` on. */
  | { readonly type: 'created', readonly kid: string, readonly activates: Date }
  /** An entry of the store cannot be used here; it stays in the store. */
  | { readonly type: 'skipped', readonly kid?: string, readonly reason: string }
  /** A key had gone from the store before its time; its public part was written back. */
  | { readonly type: 'restored', readonly kid: string }
  /** The store failed, or a key could not be made. The ring goes on with what it has. */
  | { readonly type: 'error', readonly error: unknown }

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
  now?: () => Date
  /** Takes a promise that outlives the request that began it, as Workers want it. */
  waitUntil?: (promise: Promise<unknown>) => void
  onEvent?: (event: KeyRingEvent) => void
}

/** What a token of a ring may be told: sign's options, but for the key, its algorithm and the clock, which are the ring's. */
export type RingSignOptions = Omit<PerCallSignOptions, 'keyId' | 'now'>

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
  readonly lastError: unknown
}

export interface KeyRing<A extends PublicKeyAlgorithm = PublicKeyAlgorithm> extends KeySet {
  /** Signs with the key whose turn it is. A token that would outlive `tokenLifetime` is a TypeError. */
  sign<P extends PayloadFor<C>, const C extends RingSignOptions = {}>(payload: P, options?: C & Checked<C, RingSignOptions>): Promise<string>
  /** The key whose turn it is, for `sign` and `createSigner`. Ask anew for each token, and keep to `tokenLifetime`. */
  current(): Promise<CryptoKey<A, 'private'>>
  /** Reads the store now, makes a key if one is due, and throws if the store fails. */
  reload(): Promise<void>
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
  modulusLength: /* @__PURE__ */ taking('a whole number from 2048 to 16384', (value) => Number.isInteger(value) && value as number >= 2048 && value as number <= 16384),
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
  return { ...options, publishBefore }
}

/** No more keys than this are kept: a store that never shows what was written would fill up. */
const mostKeys = 64

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
  const { publishBefore, maxAge, clockTolerance } = times
  const place = `waxseal:ring:${name}`

  let held: readonly Held[] = []
  /** A key made here that no reading has shown yet, with its private text; `isStored` once the store took it. */
  let made: Made & { isStored?: boolean } | undefined
  let skipped: KeySet['skipped'] = []
  let loadedAt = -Infinity
  let triedAt = -Infinity
  let failures = 0
  let lastError: unknown
  let flight: Promise<void> | undefined

  const clock = (): number => readClock(now)
  const tell = (event: KeyRingEvent): void => {
    try {
      onEvent?.(event)
    } catch { /* a listener must not stop the signing */ }
  }

  // ─── the store ───────────────────────────────────────────────────────────

  /** One reading, and a writing if there is something to write; true if the store must be asked again. */
  async function round(): Promise<boolean> {
    const entries = readText(await within(timeout, () => store.get(place)))
    const found = await readEntries(entries)
    if (made && found.some(({ kid, canSign }) => kid === made!.held.kid && canSign)) made = undefined
    const time = clock()
    const isLive = (key: Held, among: readonly Held[]): boolean => retires(key, among, times) > time
    const lost = held.filter(({ kid }) => !found.some((key) => key.kid === kid) && kid !== made?.held.kid)
    const known = [...found, ...lost]
    const start = nextStart(known, times, time)
    if (start === undefined && made && !made.isStored) made = undefined // another process was quicker
    if (start !== undefined && !made) {
      if (entries.length >= mostKeys) refuse('ERR_JWT_KEY', 'store', `fewer than ${mostKeys} keys`)
      made = await makeKey(algorithm.name as 'ES256', modulusLength)
      return true // it took its time: look again
    }
    if (made && !made.isStored) made = { ...made, held: { ...made.held, activates: Math.ceil(start!), lifetime: times.tokenLifetime } }

    const all = made ? [...known, made.held] : known
    const live = all.filter((key) => isLive(key, all)).map((key) => key.canSign && key.lifetime < times.tokenLifetime ? { ...key, lifetime: times.tokenLifetime } : key)
    const restored = lost.filter(({ kid }) => live.some((key) => key.kid === kid))
    held = made && !made.isStored ? live.filter(({ kid }) => kid !== made!.held.kid) : live
    loadedAt = time

    const text = writeText(merge(entries, found, live))
    if (text === writeText(entries)) return false
    await within(timeout, () => store.set(place, text))
    held = live
    for (const { kid } of restored) tell({ type: 'restored', kid })
    if (made && !made.isStored) {
      made.isStored = true
      tell({ type: 'created', kid: made.held.kid, activates: new Date(made.held.activates * 1000) })
    }
    return true
  }

  /** The entries to write: those that came, as they came, without the retired; then what they lack. */
  function merge(entries: readonly JsonObject[], found: readonly Held[], live: readonly Held[]): JsonObject[] {
    const kept = entries.flatMap((entry): JsonObject[] => {
      const kid = kidOf(entry)
      const key = live.find((one) => one.kid === kid)
      if (!key) return found.some((one) => one.kid === kid) ? [] : [entry]
      if (key.isRevoked) return [toEntry(key)]
      return [key.lifetime === entry['lifetime'] ? entry : { ...entry, lifetime: key.lifetime }]
    })
    return [...kept, ...live.filter(({ kid }) => !entries.some((entry) => kidOf(entry) === kid)).map((key) => toEntry(key, made?.held.kid === key.kid ? made.jwk : undefined))]
  }

  /** The keys of the entries, those that are known already as they are. What cannot be read is set aside. */
  async function readEntries(entries: readonly JsonObject[]): Promise<Held[]> {
    const found: Held[] = []
    const aside: KeySet['skipped'][number][] = []
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index]!
      const kid = kidOf(entry)
      const known = held.find((key) => key.kid === kid && (key.canSign || key.isRevoked || !hasPrivatePart(entry)))
      try {
        const key = known ? renew(known, entry) : await readEntry(entry)
        if (!found.some((one) => one.kid === key.kid)) found.push(key)
      } catch (error) {
        aside.push({ index, ...(typeof kid === 'string' && { kid }), reason: reasonOf(error) })
      }
    }
    for (const { kid, reason } of aside) if (!skipped.some((one) => one.reason === reason && one.kid === kid)) tell({ type: 'skipped', ...(kid !== undefined && { kid }), reason })
    skipped = aside
    return found
  }

  // ─── when the store is asked ─────────────────────────────────────────────

  /** Asks the store, and again until it shows what was written, four times at most. */
  async function ask(): Promise<void> {
    triedAt = clock()
    try {
      for (let rounds = 1; await round() && rounds < 4; rounds++);
      failures = 0
      lastError = undefined
    } catch (error) {
      failures++
      lastError = error
      tell({ type: 'error', error })
      throw error
    }
  }

  /** One asking at a time. It may belong to a request that a Worker has dropped, and then never ends. */
  function load(): Promise<void> {
    const own = flight ??= ask()
    return within(60 + 8 * timeout, () => own).finally(() => {
      if (flight === own) flight = undefined
    })
  }

  /** Sees to it that what is held is fresh enough: behind the caller's back while that is safe, before his eyes when not. */
  async function ready(): Promise<void> {
    const time = clock()
    const age = time - loadedAt
    const isDue = !(age >= 0 && age < times.reloadEvery) && !(failures && time >= triedAt && time - triedAt < Math.min(times.reloadEvery, 2 ** failures))
    if (!isDue && held.length) return
    const loading = load().catch((cause: unknown) => { if (!held.length) none(cause) })
    if (held.length && age >= 0 && age < publishBefore - maxAge - 2 * clockTolerance) waitUntil ? waitUntil(loading) : void loading
    else await loading
  }

  function none(cause: unknown): never {
    if (isJwtError(cause) && cause.code === 'ERR_JWT_UNSUPPORTED') throw cause
    return refuse('ERR_JWT_KEY', 'keyRing', 'a key in the store, or a store that takes one', undefined, { cause })
  }

  async function signingKey(): Promise<Held> {
    await ready()
    return signing(held, times, clock()) ?? none(lastError)
  }

  async function reload(): Promise<void> {
    await flight?.catch(() => {}) // it may have begun before what the caller knows
    await load().catch((cause: unknown) => isJwtError(cause) ? Promise.reject(cause) : none(cause))
  }

  /** What is published now, the signing key first. */
  function published(): Held[] {
    const time = clock()
    const current = signing(held, times, time)
    return held.filter((key) => !key.isRevoked && retires(key, held, times) > time).sort((a, b) => +(b === current) - +(a === current) || a.activates - b.activates)
  }

  async function jwks(): Promise<{ keys: PublicJwk[] }> {
    await ready()
    return { keys: published().map(({ publicJwk }) => ({ ...publicJwk })) }
  }

  return {
    async sign(payload: object, given?: RingSignOptions) {
      const options = readOptions<RingSignOptions>('ring.sign', given, signOptions)
      const claims = isPlain(payload) ? reading('ring.sign payload', () => ({ ...payload })) : misuse('ring.sign payload', 'a plain object of claims', payload)
      const { expiresIn } = options
      const life = expiresIn === undefined ? claims['exp'] as number - clock() : expiresIn === false ? Infinity : lifetime(expiresIn, 'ring.sign expiresIn') as number
      if (life > times.tokenLifetime) misuse('ring.sign expiresIn', `at most the ring's tokenLifetime (${times.tokenLifetime} s), or the key might go before the token`)
      const { key } = await signingKey()
      return sign(claims as never, key, { ...options, now: new Date(clock() * 1000) } as never)
    },
    async current() { return (await signingKey()).key as CryptoKey<A, 'private'> },
    reload,
    async revoke(kid: string) {
      await reload()
      if (!held.some((key) => key.kid === kid)) refuse('ERR_JWT_KEY_NOT_FOUND', 'ring.revoke', `a kid of the ring (${held.map((key) => key.kid)})`)
      held = held.map((key) => key.kid === kid ? { ...key, canSign: false, isRevoked: true } : key)
      await reload()
    },
    toPublicJwks: jwks,
    status() {
      const time = clock()
      const current = signing(held, times, time)
      return {
        keys: [...held].sort((a, b) => a.activates - b.activates).map((key) => {
          const end = retires(key, held, times)
          return {
            kid: key.kid, algorithm: key.algorithm as Algorithm, activates: new Date(key.activates * 1000),
            state: key.isRevoked ? 'revoked' : key === current ? 'current' : key.activates > time ? 'next' : 'retiring',
            ...(end < Infinity && { retires: new Date(end * 1000) }),
          }
        }),
        loadedAt: loadedAt < 0 ? undefined : new Date(loadedAt * 1000), failures, lastError,
      }
    },
    get skipped() { return [...skipped] },
    maxAge,
    async [candidates](alg: Algorithm | undefined, kid: string | undefined, allowed: readonly Algorithm[] | undefined) {
      return alg ? keySet(await jwks())[candidates](alg, kid, allowed) : []
    },
  } as KeyRing<A>
}

/** A known key with what its entry says now: of two lifetimes the longer, and what was revoked stays so. */
function renew(known: Held, { activates, lifetime, revoked }: JsonObject): Held {
  const isRevoked = known.isRevoked || revoked === true
  return {
    ...known, ...(isRevoked && { isRevoked, canSign: false }),
    ...(Number.isFinite(activates) && Number.isFinite(lifetime) && { activates: activates as number, lifetime: Math.max(lifetime as number, known.lifetime) }),
  }
}

/** An entry; without a private part unless it is given. */
function toEntry({ activates, lifetime, publicJwk, isRevoked }: Held, jwk: object = publicJwk): JsonObject {
  return { activates, lifetime, jwk, ...(isRevoked && { revoked: true as const }) }
}

declare function setTimeout(call: () => void, milliseconds: number): unknown
declare function clearTimeout(timer: unknown): void

/** What a call answers; an error if it takes too long. */
async function within<T>(seconds: number, call: () => MaybePromise<T>): Promise<T> {
  let timer: unknown
  try {
    return await Promise.race([
      call(),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new JwtError('ERR_JWT_KEY', `store: expected an answer within ${seconds} s`)), seconds * 1000)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}
