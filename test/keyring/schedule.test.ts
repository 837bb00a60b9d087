// The law of a ring: whatever the schedule, the clocks, the processes and their store do within what is promised, a
// token that has not expired finds its key in the JWKS that any verifier holds.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, keySet, verify } from 'waxseal'
import { keyRing, type KeyRing } from 'waxseal/keyring'
import { leastLead, nextStart, retires, signing, slack, type Timed, type Times } from '../../src/ring/schedule'

const start = 1_700_000_000
const runs = 60

// ─── the arithmetic ──────────────────────────────────────────────────────────

const times: Times = { algorithm: 'ES256', tokenLifetime: 900, rotateEvery: 10_000, publishBefore: 2000, maxAge: 600, clockTolerance: 60, reloadEvery: 60 }
const key = (kid: string, activates: number, more: Partial<Timed> = {}): Timed => ({ kid, activates, algorithm: 'ES256', lifetime: 900, canSign: true, ...more })

describe('which key signs', () => {
  const keys = [key('old', 0), key('new', 100)]

  test.each([[99, 'old'], [100, 'new'], [101, 'new']])('at %i it is %s: a key signs from its start on', (now, kid) => {
    expect(signing(keys, times, now)!.kid).toBe(kid)
  })

  test('one whose private part is not at hand does not', () => {
    expect(signing([keys[0]!, { ...keys[1]!, canSign: false }], times, 200)!.kid).toBe('old')
  })

  test('of two that start at one time, the same for all processes', () => {
    const twins = [key('b', 5), key('a', 5)]
    expect([signing(twins, times, 5)!.kid, signing([...twins].reverse(), times, 5)!.kid]).toEqual(['a', 'a'])
  })

  test('before any has started, the first, the same for all processes: a clock that is behind is no reason to stop', () => {
    const twins = [key('new', 100), key('b', 0), key('a', 0)]
    for (const [first, some] of [['old', keys], ['a', twins]] as const) {
      expect([signing(some, times, -50)!.kid, signing([...some].reverse(), times, -50)!.kid]).toEqual([first, first])
    }
  })

  test('a key of the ring\'s algorithm goes before a later one of another, and that before none', () => {
    expect(signing([key('own', 0), key('other', 50, { algorithm: 'RS256' })], times, 60)!.kid).toBe('own')
    expect(signing([key('own', 100), key('other', 50, { algorithm: 'RS256' })], times, 60)!.kid).toBe('other')
    expect(signing([], times, 60)).toBeUndefined()
  })
})

describe('when the next key is made', () => {
  test.each([[7999, undefined], [8000, 10_000], [9000, 11_000], [50_000, 52_000]])(
    'at %i: it starts at %s, published in full before that however late it comes', (now, expected) => {
      expect(nextStart([key('a', 0)], times, now)).toBe(expected)
    })

  test('the first key of all starts at once', () => {
    expect(nextStart([], times, 7)).toBe(7)
  })

  test('where others have a key that is lost to this one, they have time to see the next', () => {
    expect(nextStart([key('lost', 0, { canSign: false })], times, 7)).toBe(2007)
  })

  test('one that waits already is enough; one that a wrong clock put years ahead is not', () => {
    expect(nextStart([key('a', 0), key('b', 10_000)], times, 9000)).toBeUndefined()
    expect(nextStart([key('a', 0), key('b', 9000 + 12_000)], times, 9000)).toBeUndefined() // rotateEvery + publishBefore
    expect(nextStart([key('a', 0), key('b', 9000 + 12_001)], times, 9000)).toBe(11_000)
    expect(nextStart([key('a', 0), key('b', 9e8)], times, 9000)).toBe(11_000)
  })

  test('one that waits and cannot sign is not', () => {
    expect(nextStart([key('a', 0), key('b', 10_000, { canSign: false })], times, 9000)).toBe(11_000)
  })

  test('a change of algorithm is a rotation like any other', () => {
    expect(nextStart([key('a', 0, { algorithm: 'RS256' })], times, 50)).toBe(2050)
  })
})

describe('when a key retires', () => {
  const margin = leastLead(times)

  test('never while it has no successor', () => {
    expect(retires(key('a', 0), [key('a', 0)], times)).toBe(Infinity)
  })

  test('once the last token that it signed has expired, plus all that clocks and caches may be behind', () => {
    const keys = [key('a', 0), key('b', 10_000)]
    expect(retires(keys[0]!, keys, times)).toBe(10_000 + 900 + margin)
    expect(margin).toBe(600 + 60 + 120)
  })

  test('by the longest token life that it ever signed for', () => {
    const keys = [key('a', 0, { lifetime: 86_400 }), key('b', 10_000)]
    expect(retires(keys[0]!, keys, times)).toBe(10_000 + 86_400 + margin)
  })

  test('a key that cannot sign succeeds nobody', () => {
    const keys = [key('a', 0), key('b', 10_000, { canSign: false })]
    expect(retires(keys[0]!, keys, times)).toBe(Infinity)
  })

  test('of two that start at one time the one that does not sign is at its end, the other is not', () => {
    const twins = [key('b', 5), key('a', 5)]
    for (const keys of [twins, [...twins].reverse()]) expect(twins.map((one) => retires(one, keys, times))).toEqual([5 + 900 + margin, Infinity])
  })

  test('a key of another algorithm ends it only when its own successor would have been due', () => {
    const keys = [key('a', 0), key('b', 3000, { algorithm: 'RS256' })]
    expect(retires(keys[0]!, keys, times)).toBe(10_000 + 900 + margin)
    const late = [key('a', 0), key('b', 30_000, { algorithm: 'RS256' })]
    expect(retires(late[0]!, late, times)).toBe(30_000 + 900 + margin)
  })
})

test('a process may go without the store until a key that it has not seen may sign, less what caches and clocks are behind', () => {
  expect(slack(times)).toBe(2000 - 600 - 2 * 60)
})

// ─── rings, in a world of their own time ─────────────────────────────────────

type Plan = Omit<Times, 'algorithm'>

/** Schedules as short and as long as the options allow, weighted towards the edge; of no more than 62 keys at a time. */
const plan: fc.Arbitrary<Plan> = fc.record({
  tokenLifetime: fc.oneof(fc.constantFrom(1, 60, 86_400), fc.integer({ min: 1, max: 200_000 })),
  maxAge: fc.oneof(fc.constantFrom(1, 600), fc.integer({ min: 1, max: 20_000 })),
  clockTolerance: fc.constantFrom(0, 1, 60, 600),
  reloadEvery: fc.oneof(fc.constantFrom(1, 60), fc.integer({ min: 1, max: 5000 })),
  spareLead: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50_000 })),
  spareLife: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100_000 })),
}).map(({ spareLead, spareLife, ...rest }) => {
  const publishBefore = leastLead(rest) + spareLead
  return { ...rest, publishBefore, rotateEvery: Math.max(publishBefore + spareLife, (rest.tokenLifetime + leastLead(rest) + publishBefore) / 59) }
})

/** Waits are measured in what the schedule is made of, so that its edges are met. */
const spans = ['rotateEvery', 'tokenLifetime', 'publishBefore', 'maxAge', 'reloadEvery', 'clockTolerance'] as const
type Span = typeof spans[number]

type Step =
  | { readonly do: 'wait', readonly part: number, readonly of: Span }
  | { readonly do: 'sign' | 'restart' | 'verify', readonly who: number, readonly from: number }
  | { readonly do: 'outage' | 'readOnly', readonly who: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), part: fc.constantFrom(0.001, 0.5, 0.999, 1, 1.001), of: fc.constantFrom(...spans) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sign' as const), who: fc.nat(2), from: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('verify' as const), who: fc.nat(2), from: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), who: fc.nat(2), from: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('outage' as const, 'readOnly' as const), who: fc.nat(2) }) },
)

/** Three processes on one store, three verifiers with caches; every clock up to clockTolerance ahead of the slowest. */
async function live(options: Plan, skews: readonly number[], steps: readonly Step[]): Promise<{ signed: number, kids: number, checked: number }> {
  let time = start
  const data = new Map<string, string>()
  const skew = (who: number): number => skews[who]! * options.clockTolerance
  const pending: Promise<unknown>[] = []
  const slack = options.publishBefore - options.maxAge - 2 * options.clockTolerance
  const cutUntil = [0, 0, 0]
  const readOnly = [false, false, false]
  const process = (who: number): KeyRing => keyRing({
    ...options, algorithm: 'Ed25519', now: () => new Date((time + skew(who)) * 1000), waitUntil: (promise) => void pending.push(promise),
    store: {
      get: async (name) => time < cutUntil[who]! ? Promise.reject(new Error('down')) : data.get(name),
      set: async (name, text) => time < cutUntil[who]! || readOnly[who] ? Promise.reject(new Error('down')) : data.set(name, text),
    },
  })
  const rings = [0, 1, 2].map(process)
  const settle = async (): Promise<void> => { await Promise.all(pending.splice(0)) }
  await rings[0]!.reload() // the first process before the others, as the documentation wants it

  const caches: { kids: readonly (string | undefined)[], jwks: { keys: object[] }, until: number }[] = []
  const tokens: { token: string, kid: string, exp: number, sure: boolean }[] = []
  let checked = 0
  for (const one of steps) {
    if (one.do === 'wait') {
      time += one.part * options[one.of]
    } else if (one.do === 'outage') {
      const { loadedAt } = rings[one.who]!.status()
      if (loadedAt) cutUntil[one.who] = loadedAt.getTime() / 1000 - skew(one.who) + slack
    } else if (one.do === 'readOnly') {
      readOnly[one.who] = !readOnly[one.who]
    } else if (one.do === 'restart') {
      if (time >= cutUntil[one.who]!) rings[one.who] = process(one.who)
    } else if (one.do === 'sign') {
      const token = await rings[one.who]!.sign({ sub: 'a' }, { expiresIn: options.tokenLifetime })
      const { header, payload } = decode(token)
      tokens.push({ token, kid: header.kid as string, exp: payload.exp as number, sure: false })
    } else {
      const verifier = one.who
      const now = time + skew(verifier)
      let cache = caches[verifier]
      if (!cache || now >= cache.until) {
        const jwks = await rings[one.from]!.toPublicJwks()
        cache = caches[verifier] = { jwks, kids: jwks.keys.map(({ kid }) => kid), until: now + rings[one.from]!.maxAge }
      }
      for (const held of tokens) {
        if (now >= held.exp) continue
        if (!cache.kids.includes(held.kid)) throw new Error(`a live token's key is not in the JWKS: ${held.exp - now} s left`)
        if (!held.sure) {
          await verify(held.token, keySet(cache.jwks as never), { algorithms: ['Ed25519'], now: new Date(now * 1000) })
          held.sure = true
        }
        checked++
      }
    }
    await settle()
  }
  return { signed: tokens.length, kids: new Set(tokens.map(({ kid }) => kid)).size, checked }
}

describe('rotation never refuses a live token', () => {
  test('over random schedules, token lives, clocks, restarts and outages of the store', async () => {
    const seen = { signed: 0, kids: 0, checked: 0 }
    await fc.assert(fc.asyncProperty(plan, fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0, 0.5, 1))), fc.array(step, { minLength: 40, maxLength: 200 }), async (options, skews, steps) => {
      const { signed, kids, checked } = await live(options, skews, steps)
      seen.signed += signed
      seen.kids += kids
      seen.checked += checked
    }), { numRuns: runs })
    expect(seen.checked).toBeGreaterThan(seen.signed) // it was not idle: tokens were checked again and again,
    expect(seen.kids).toBeGreaterThan(120) // and keys did rotate
  }, 120_000)
})
