// When a key of a ring is published, signs and retires: arithmetic on times, in seconds, and nothing else.
// A key signs until its successor starts, however late that one comes: a schedule may slip, a token must not suffer.

/** What the times of a key are computed from. */
export interface Timed {
  readonly kid: string
  readonly algorithm: string
  /** When it may sign first; 0 is no special value. */
  readonly activates: number
  /** The longest life of a token that it signs. */
  readonly lifetime: number
  /** Whether its private part is at hand: what cannot sign succeeds nobody. */
  readonly canSign: boolean
}

/** The options of a ring that are times. */
export interface Times {
  readonly algorithm: string
  readonly tokenLifetime: number
  readonly rotateEvery: number
  readonly publishBefore: number
  readonly maxAge: number
  readonly clockTolerance: number
  readonly reloadEvery: number
}

/** The least `publishBefore`: when a key first signs, every cache has asked again since it was published. */
export function leastLead({ maxAge, clockTolerance, reloadEvery }: Pick<Times, 'maxAge' | 'clockTolerance' | 'reloadEvery'>): number {
  return maxAge + reloadEvery + 2 * clockTolerance
}

/** For how long a process may go without the store: after that a key might sign that is not in its JWKS. */
export function slack({ publishBefore, maxAge, clockTolerance }: Times): number {
  return publishBefore - maxAge - 2 * clockTolerance
}

/** How many keys may be alive at a time: those whose tokens may live, the one that signs, and the next. */
export function mostAlive({ tokenLifetime, rotateEvery, publishBefore, ...rest }: Omit<Times, 'algorithm'>): number {
  return Math.ceil((tokenLifetime + leastLead(rest) + publishBefore) / rotateEvery) + 2
}

function latest<K extends Timed>(keys: readonly K[]): K | undefined {
  return [...keys].sort((a, b) => b.activates - a.activates || (a.kid < b.kid ? -1 : 1))[0]
}

/**
 * The key that signs now, the same for all processes that see the same keys: of those that have started the last one,
 * of the ring's algorithm if there is one. If none has started (the clock is behind, or the others were lost) the first.
 */
export function signing<K extends Timed>(keys: readonly K[], { algorithm }: Times, now: number): K | undefined {
  const able = keys.filter(({ canSign }) => canSign)
  const started = able.filter(({ activates }) => activates <= now)
  const own = started.filter((key) => key.algorithm === algorithm)
  return latest(own) ?? latest(started) ?? able.sort((a, b) => a.activates - b.activates || (a.kid < b.kid ? -1 : 1))[0]
}

/**
 * When a key has signed its last token. The next key of its algorithm ends it. A ring that has changed its algorithm makes
 * no such key: then one of another algorithm ends it, but not before its own successor would have been due.
 */
export function ends(key: Timed, keys: readonly Timed[], { rotateEvery }: Times): number {
  const later = keys.filter((one) => one.canSign && (one.activates > key.activates || one.activates === key.activates && one.kid < key.kid))
  const start = (some: readonly Timed[]): number => Math.min(...some.map(({ activates }) => activates)) // of none: Infinity
  return Math.min(start(later.filter(({ algorithm }) => algorithm === key.algorithm)), Math.max(key.activates + rotateEvery, start(later)))
}

/**
 * When a key may go: its last token has expired, by the slowest clock, and whoever still held an old JWKS or an old
 * state of the ring has asked again.
 */
export function retires(key: Timed, keys: readonly Timed[], times: Times): number {
  return ends(key, keys, times) + key.lifetime + leastLead(times)
}

/**
 * When the next key should start; undefined if none is needed now. A start that lies further ahead than any schedule puts
 * it was written under a wrong clock, and does not count.
 */
export function nextStart(keys: readonly Timed[], { algorithm, rotateEvery, publishBefore }: Times, now: number): number | undefined {
  const isEnough = ({ canSign, algorithm: own, activates }: Timed): boolean =>
    canSign && own === algorithm && activates > now - rotateEvery + publishBefore && activates <= now + rotateEvery + publishBefore
  if (keys.some(isEnough)) return undefined
  return keys.length ? now + publishBefore : now
}
