// Where requests share memory but not their I/O: the waiting on timers of one's own. That it holds among real requests is
// for the runtime suite (workerd) to show.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { oneAtATime } from '../../src/network/flight'
import { answer, check, current, endpoint, falseClock, jwksOf, old, outcome, pass, settle, stranger, watched } from './support'

describe.each(['WebSocketPair', 'EdgeRuntime'])('with a global %s', (name) => {
  beforeEach(() => {
    vi.stubGlobal(name, 'here')
    falseClock()
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  /** The outcomes once the clock has gone on. */
  const after = async <T>(seconds: number, waiting: Promise<T>): Promise<T> => {
    await settle()
    await pass(seconds)
    return waiting
  }

  test('one fetch serves all who wait', async () => {
    const api = endpoint()
    const { set } = watched(api)
    expect(await after(0.1, Promise.all(Array.from({ length: 100 }, () => outcome(set))))).toEqual(Array(100).fill('current'))
    expect(api.requests.length).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
    expect(api.requests[0]!.init).not.toHaveProperty('cache')
  })

  test('one that fails fails for all of them', async () => {
    const api = endpoint(500)
    const { set } = watched(api)
    expect(await after(0.1, Promise.all(Array.from({ length: 100 }, () => outcome(set, stranger()))))).toEqual(Array(100).fill('ERR_JWKS_FETCH'))
    expect(api.requests.length).toBe(1)
  })

  test('a load whose request is gone is taken over, also while somebody waits who loaded before', async () => {
    const ends: (() => void)[] = []
    const fly = oneAtATime(() => new Promise<void>((resolve) => { ends.push(resolve) }), () => {})
    const first = fly()
    ends[0]!()
    await settle() // the first load is over, and who made it sleeps on a timer
    const { setTimeout } = globalThis as unknown as { setTimeout: unknown }
    vi.stubGlobal('setTimeout', () => 0)
    void fly() // the second is of a request that ends here: its timers never fire
    vi.stubGlobal('setTimeout', setTimeout)
    const third = fly()
    await pass(2)
    expect(ends.length).toBe(3)
    ends[1]!() // late, and nobody's any more
    await settle()
    void fly()
    expect(ends.length).toBe(3)
    ends[2]!()
    await after(0.1, Promise.all([first, third]))
  })

  test('a slow one is waited for, as long as it lives', async () => {
    let reply: (body: unknown) => void = () => {}
    const api = endpoint(() => new Promise((resolve) => { reply = resolve }))
    const { set } = watched(api)
    const waiting = Promise.all([outcome(set), outcome(set)])
    await settle()
    await pass(4)
    expect(api.requests.length).toBe(1)
    reply(jwksOf(current))
    expect(await after(0.1, waiting)).toEqual(['current', 'current'])
    expect(api.requests.length).toBe(1)
  })

  test('a refresh goes on in the background, and reload() waits for its own', async () => {
    const api = endpoint(jwksOf(old))
    const { set } = watched(api)
    await after(0.1, check(set, old))
    api.reply = () => answer(JSON.stringify(jwksOf(current)))
    await pass(500)
    expect(await outcome(set, old)).toBe('old')
    await pass(0.1)
    expect(await outcome(set)).toBe('current')
    await after(0.1, Promise.all([set.reload(), set.reload()]))
    expect(api.requests.length).toBe(3)
  })
})
