// What one process holds of a ring, and how it is brought together with what the store holds. The store has get and set
// and no locks, so that a writer may undo another's work: whoever knows a key that has gone writes its public part back.
// Who signs is decided by what the store holds, so that all processes decide alike.

import type { JsonObject } from '../encoding/json'
import { JwtError, refuse } from '../errors'
import type { Row } from '../keys/algorithms'
import type { KeySet } from '../keys/resolve'
import type { MaybePromise } from '../recipe'
import { hasPrivatePart, isTime, kidOf, makeKey, readEntry, readText, writeText, type Held, type Made } from './document'
import { ends, nextStart, retires, slack, type Times } from './schedule'

/** Where a ring keeps its keys, PRIVATE ones included. A Map will do for one process that may forget them. */
export interface KeyStore {
  get(key: string): MaybePromise<string | null | undefined>
  set(key: string, text: string): unknown
}

/** What a ring tells, for logs and metrics. */
export type KeyRingEvent =
  /** A key was made and stored. It signs from `activates` on. */
  | { readonly type: 'created', readonly kid: string, readonly activates: Date }
  /** An entry of the store cannot be used here; it stays in the store. */
  | { readonly type: 'skipped', readonly kid?: string, readonly reason: string }
  /** A key had gone from the store before its time; its public part was written back. */
  | { readonly type: 'restored', readonly kid: string }
  /** The store failed, or a key could not be made. The ring goes on with what it has. */
  | { readonly type: 'error', readonly error: unknown }

export interface KeeperOptions {
  readonly algorithm: Row
  readonly modulusLength: number | undefined
  readonly store: KeyStore
  /** The name in the store. */
  readonly place: string
  /** Seconds that the store may take. */
  readonly timeout: number
  readonly times: Times
  clock(): number
  tell(event: KeyRingEvent): void
}

export interface Keeper {
  readonly held: readonly Held[]
  readonly skipped: KeySet['skipped']
  /** Seconds; -Infinity before the first reading. */
  readonly loadedAt: number
  readonly triedAt: number
  readonly failures: number
  readonly lastError: unknown
  /** Asks the store, makes a key if one is due, and throws if the store fails. */
  load(): Promise<void>
  /** As `load`, but never joins one that began before the call. */
  reload(): Promise<void>
  withdraw(kid: string): void
}

/** No more keys than this are kept: a store that never shows what was written would fill up. */
export const mostKeys = 64

export function makeKeeper({ algorithm, modulusLength, store, place, timeout, times, clock, tell }: KeeperOptions): Keeper {
  let held: readonly Held[] = []
  let skipped: KeySet['skipped'] = []
  /** A key made here that no reading has shown yet, with its private text; `isStored` once the store took it. */
  let made: Made & { isStored?: boolean } | undefined
  const revoked = new Set<string>()
  let loadedAt = -Infinity
  let triedAt = -Infinity
  let failures = 0
  let lastError: unknown
  let flight: Promise<void> | undefined

  /** One reading, and a writing if there is something to write; true if the store must be asked again. */
  async function round(): Promise<boolean> {
    const entries = readText(await within(timeout, () => store.get(place)))
    const inStore = new Set(entries.filter(hasPrivatePart).map(kidOf))
    const found = await readEntries(entries)
    if (made && (inStore.has(made.held.kid) || revoked.has(made.held.kid))) made = undefined
    const time = clock()
    const lost = lostOf(found, time)
    const known = canSignAlike([...found, ...lost].map(asRevoked), inStore, time)
    const isFull = known.filter((key) => retires(key, known, times) > time).length >= mostKeys
    if (await makeIfDue(known, isFull, time)) return true

    const all = made ? [...known.filter(({ kid }) => kid !== made!.held.kid), made.held] : known
    const live = all.filter((key) => retires(key, all, times) > time).map((key) => asRevoked(lengthen(key, all, time)))
    held = live.filter(({ kid }) => made?.isStored || kid !== made?.held.kid) // no key signs that no store has taken
    loadedAt = time
    const text = writeText(merge(entries, found, live))
    const isSame = text === writeText(entries)
    if (!isSame) {
      await within(timeout, () => store.set(place, text))
      held = live.map(asRevoked)
      report(lost)
    }
    if (isFull && nextStart(known, times, time) !== undefined) refuse('ERR_JWT_KEY', 'store', `fewer than ${mostKeys} keys`)
    return !isSame
  }

  /** What is held and has gone from the store. Who was away for too long brings back nothing that the others may have let go. */
  function lostOf(found: readonly Held[], time: number): Held[] {
    const started = time - loadedAt > slack(times) ? found.map(({ activates }) => activates).filter((start) => start <= time) : []
    const oldest = started.length ? Math.min(...started) : -Infinity
    return held.filter(({ kid, activates }) => kid !== made?.held.kid && !found.some((key) => key.kid === kid) && activates >= oldest)
  }

  /**
   * A key can sign if the store has its private part, for whoever can read it: else a process that alone still has one would
   * end the others' keys with it. Only while nothing in the store can sign does each go on with what it has.
   */
  function canSignAlike(keys: readonly Held[], inStore: ReadonlySet<unknown>, time: number): Held[] {
    const isOurs = ({ key, kid, isRevoked }: Held): boolean => key.type === 'private' && inStore.has(kid) && !isRevoked
    const some = keys.some((key) => isOurs(key) && key.activates <= time)
    return keys.map((key) => ({ ...key, canSign: isOurs(key) || !some && key.canSign }))
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
        const key = asRevoked(known ? renew(known, entry) : await readEntry(entry))
        const at = found.findIndex((one) => one.kid === key.kid)
        if (at < 0) found.push(key)
        else if (key.canSign) found[at] = key
      } catch (error) {
        aside.push({ index, ...(typeof kid === 'string' && { kid }), reason: (error as Error).message })
      }
    }
    for (const { index: _, ...one } of aside) if (!skipped.some(({ kid, reason }) => kid === one.kid && reason === one.reason)) tell({ type: 'skipped', ...one })
    skipped = aside
    return found
  }

  /** Makes the next key if one is due; then the store must be read again, since that takes its time. Tells it when it is to start. */
  async function makeIfDue(known: readonly Held[], isFull: boolean, time: number): Promise<boolean> {
    const start = nextStart(known, times, time)
    if (made?.isStored) return false
    if (start === undefined) made = undefined // another process was quicker
    else if (made) made.held = { ...made.held, activates: Math.ceil(start), lifetime: times.tokenLifetime }
    else if (!isFull) {
      made = await makeKey(algorithm.name as 'ES256', modulusLength)
      return true
    }
    return false
  }

  /** A key that may still sign must outlast the longest token of this process, too. */
  function lengthen(key: Held, all: readonly Held[], time: number): Held {
    return key.canSign && ends(key, all, times) > time ? { ...key, lifetime: Math.max(key.lifetime, times.tokenLifetime) } : key
  }

  /** What was revoked stays so, whatever a slow writer brings back. */
  function asRevoked(key: Held): Held {
    if (key.isRevoked) revoked.add(key.kid)
    return revoked.has(key.kid) ? { ...key, canSign: false, isRevoked: true } : key
  }

  /** The entries to write: those that came, with the times that hold, without the retired; then what they lack. */
  function merge(entries: readonly JsonObject[], found: readonly Held[], live: readonly Held[]): JsonObject[] {
    const kept = entries.flatMap((entry): JsonObject[] => {
      const kid = kidOf(entry)
      const key = live.find((one) => one.kid === kid)
      if (!key) return found.some((one) => one.kid === kid) ? [] : [entry]
      if (key.isRevoked) return [toEntry(key)]
      if (made?.held.kid === kid) return [toEntry(key, made!.jwk)]
      return [{ ...entry, activates: key.activates, lifetime: key.lifetime }]
    })
    const missing = live.filter(({ kid }) => !entries.some((entry) => kidOf(entry) === kid))
    return [...kept, ...missing.map((key) => toEntry(key, made?.held.kid === key.kid ? made.jwk : undefined))]
  }

  function report(lost: readonly Held[]): void {
    for (const { kid } of lost) if (held.some((key) => key.kid === kid)) tell({ type: 'restored', kid })
    if (!made || made.isStored) return
    made.isStored = true
    tell({ type: 'created', kid: made.held.kid, activates: new Date(made.held.activates * 1000) })
  }

  /** Asks until the store shows what was written, four times at most. */
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

  return {
    get held() { return held },
    get skipped() { return skipped },
    get loadedAt() { return loadedAt },
    get triedAt() { return triedAt },
    get failures() { return failures },
    get lastError() { return lastError },
    load,
    async reload() {
      if (flight) await load().catch(() => {})
      await load()
    },
    withdraw(kid) {
      revoked.add(kid)
      held = held.map(asRevoked)
    },
  }
}

/** A known key with what its entry says now: of two lifetimes the longer. */
function renew(known: Held, { activates, lifetime, revoked }: JsonObject): Held {
  return {
    ...known, ...(revoked === true && { isRevoked: true }),
    ...(isTime(activates) && isTime(lifetime) && { activates, lifetime: Math.max(lifetime, known.lifetime) }),
  }
}

/** An entry; without a private part unless it is given. */
function toEntry({ activates, lifetime, publicJwk, isRevoked }: Held, jwk: object = publicJwk): JsonObject {
  return { activates, lifetime, jwk, ...(isRevoked && { revoked: true }) }
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
