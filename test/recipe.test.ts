// What many calls at a time wait for (recipe.ts): each other, so that threads are woken once for all of them, and nothing that
// anybody could hold back.

import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const secret = 's'.repeat(32)
const verifyOptions = { algorithms: ['HS256'] } as const

/** A copy of the library that sees the globals as they are now. */
async function fresh(): Promise<typeof import('../src/index')> {
  vi.resetModules()
  return import('../src/index')
}

const many = <T>(count: number, call: (i: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, i) => call(i)))

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('many calls at a time', () => {
  let turns = 0
  beforeEach(() => {
    turns = 0
    const { setImmediate } = globalThis
    vi.stubGlobal('setImmediate', Object.assign((act: () => void) => {
      turns++
      setImmediate(act)
    }, { [promisify.custom]: () => {} }))
  })

  test('up to eight under way wait for nothing, from the ninth on they go together', async () => {
    const { sign, verify } = await fresh()
    const token = await sign({}, secret, { algorithm: 'HS256', expiresIn: 60 })
    await many(8, () => verify(token, secret, verifyOptions))
    await many(8, () => sign({}, secret, { algorithm: 'HS256', expiresIn: 60 }))
    expect(turns).toBe(0)
    await many(9, () => verify(token, secret, verifyOptions))
    expect(turns).toBe(1)
    await many(30, () => sign({}, secret, { algorithm: 'HS256', expiresIn: 60 }))
    expect(turns).toBe(2) // one for all of them
  })

  test('calls that ended in a refusal are under way no more', async () => {
    const { safeVerify, sign, verify } = await fresh()
    const token = await sign({}, secret, { algorithm: 'HS256', expiresIn: 60 })
    const refused = await many(40, (i) => i % 2 ? verify('a.b', secret, verifyOptions).catch((error: Error) => error) : safeVerify(token, 'x'.repeat(32), verifyOptions))
    expect(refused.map((one) => one instanceof Error ? 'thrown' : one.ok)).toEqual(Array.from({ length: 40 }, (_, i) => i % 2 ? 'thrown' : false))
    turns = 0
    await many(8, () => verify(token, secret, verifyOptions))
    expect(turns).toBe(0)
  })

  test('each gets its own answer, in whichever order they go', async () => {
    const { sign, verify } = await fresh()
    const tokens = await many(100, (i) => sign({ i }, secret, { algorithm: 'HS256', expiresIn: 60 }))
    expect((await many(100, (i) => verify(tokens[i]!, secret, verifyOptions))).map(({ payload }) => payload['i'])).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(turns).toBeGreaterThan(1)
  })

  test('a synchronous call among them waits for nobody', async () => {
    const { sign } = await fresh()
    const { signSync, verifySync } = await import('../src/node') // the same copy
    const flying = many(40, () => sign({}, secret, { algorithm: 'HS256', expiresIn: 60 }))
    const token = signSync({ sub: 'me' }, secret, { algorithm: 'HS256', expiresIn: 60 })
    expect(verifySync(token, secret, verifyOptions).payload.sub).toBe('me')
    await flying
  })

  test('an algorithm whose work is long waits for nobody', async () => {
    const { generateKey, sign } = await fresh()
    const { privateKey } = await generateKey('ES256')
    await many(40, () => sign({}, privateKey, { expiresIn: 60 }))
    expect(turns).toBe(0)
  })
})

describe('nobody holds a token up', () => {
  const hundred = async ({ sign, verify }: typeof import('../src/index')): Promise<number> => {
    const token = await sign({}, secret, { algorithm: 'HS256', expiresIn: 60 })
    return (await many(100, () => verify(token, secret, verifyOptions))).length
  }

  test('a fake clock that stood still before the import', async () => {
    vi.useFakeTimers({ toFake: ['setImmediate'] })
    expect(await hundred(await fresh())).toBe(100)
  })

  test('a fake clock that was stopped after it', async () => {
    const library = await fresh()
    vi.useFakeTimers({ toFake: ['setImmediate'] })
    expect(await hundred(library)).toBe(100)
  })

  test.each<[string, unknown]>([
    ['a runtime without setImmediate', undefined],
    ['an edge sandbox, whose stand-in throws', () => { throw new Error('not supported in the Edge Runtime') }],
    ['a stand-in that does nothing', () => {}],
  ])('%s', async (_, setImmediate) => {
    vi.stubGlobal('setImmediate', setImmediate)
    expect(await hundred(await fresh())).toBe(100)
  })

  test.each(['Deno, where it costs more than it saves', 'WebSocketPair, where requests must not wait for each other', 'EdgeRuntime, where they must not either'])('%s', async (name) => {
    let turns = 0
    vi.stubGlobal(/^\w+/.exec(name)![0], {})
    vi.stubGlobal('setImmediate', Object.assign(() => turns++, { [promisify.custom]: () => {} }))
    expect(await hundred(await fresh())).toBe(100)
    expect(turns).toBe(0)
  })
})
