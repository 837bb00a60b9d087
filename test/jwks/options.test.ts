// Where keys may come from and what may be said about it; anything else is a TypeError before a request is made.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createVerifier, isJwtError } from 'waxseal'
import { remoteKeySet, type KeySetEvent, type KeySetStore } from 'waxseal/jwks'
import { answer, check, current, endpoint, falseClock, jwksOf, old, outcome, pass, settle, stranger, url, watched } from './support'
import { misused } from '../support/tokens'

declare class URL { constructor(text: string); readonly href: string }
const untyped = remoteKeySet as unknown as (source?: unknown, options?: unknown) => ReturnType<typeof remoteKeySet>

beforeEach(falseClock)
afterEach(() => void vi.useRealTimers())

describe('a source', () => {
  const good = [
    'https://issuer.example/jwks', 'https://issuer.example:8443/jwks?x=1', 'https://127.0.0.1/jwks', 'HTTPS://issuer.example',
    'http://localhost/jwks', 'http://localhost:3000/jwks', 'http://127.0.0.1/jwks', 'http://127.255.0.3:80/jwks', 'http://[::1]:3000/jwks',
  ]
  test.each(good)('%s is fine, as text and as URL', async (source) => {
    for (const one of [source, new URL(source), { href: source }]) {
      const api = endpoint()
      expect(await outcome(remoteKeySet(one, { fetch: api.fetch }))).toBe('current')
      expect(api.requests[0]!.url).toBe(new URL(source).href)
    }
  })

  const bad = [
    'http://issuer.example/jwks', 'http://127.0.0.1.issuer.example/', 'http://localhost.issuer.example/', 'http://issuer.example/127.0.0.1', 'http://128.0.0.1/', 'http://10.0.0.1/',
    'http://0.0.0.0/', 'http://[::2]/', 'http://[::ffff:127.0.0.1]/', 'http://localhost@issuer.example/', 'https://user@issuer.example/', 'https://user:word@issuer.example/', 'https://:word@issuer.example/',
    'ftp://issuer.example/', 'file:///etc/passwd', 'data:application/json,{"keys":[]}', 'blob:https://issuer.example/1', 'ws://localhost/', 'issuer.example/jwks', '/jwks', '', 'https://',
  ]
  test.each(bad)('%s is not', async (source) => {
    const message = (await misused(() => untyped(source), 'https')).message
    expect(message).not.toContain('word')
    await misused(() => untyped({ href: source }), 'https')
  })

  test.each([[undefined], [null], [7], [{}], [{ href: 7 }], [[]], [jwksOf(current)]])('%j is none', async (source) => {
    await misused(() => untyped(source), 'https', 'function')
  })

  test('a function is asked as an address is, and no request is made', async () => {
    const source = vi.fn(async () => jwksOf(current))
    const { set, events } = watched(source)
    createVerifier(set, { algorithms: ['ES256'] })
    expect(source).not.toHaveBeenCalled()
    expect(await Promise.all([outcome(set), outcome(set), outcome(set, old)])).toEqual(['current', 'current', 'ERR_JWT_KEY_NOT_FOUND'])
    expect(source).toHaveBeenCalledTimes(1)
    expect(source).toHaveBeenCalledWith()
    await pass(599)
    await check(set)
    await settle()
    expect(source).toHaveBeenCalledTimes(2)
    expect(events[0]).toEqual({ type: 'fetch', url: undefined, keys: 1 })
  })

  test.each([['throws', () => { throw new Error('no') }], ['rejects', () => Promise.reject(new Error('no'))]])('a function that %s is a failed fetch, with what it threw as cause', async (_, source) => {
    const error = await check(watched(source as () => Promise<never>).set).catch((one: unknown) => one)
    expect(isJwtError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'ERR_JWKS_FETCH', fault: 'server', cause: new Error('no'), message: expect.stringMatching(/^key function: /) })
  })

  test.each([[undefined], [null], ['{"keys":[]}'], [{}], [{ keys: 7 }], [[current.jwk]], [{ keys: [current.privateJwk] }]])('a function that gives %j gives no set', async (value) => {
    expect(await outcome(watched((async () => value) as never).set)).toBe('ERR_JWKS_INVALID')
  })

  test('what a function gave may change afterwards', async () => {
    const jwks = jwksOf(current)
    const { set } = watched(async () => jwks)
    await check(set)
    jwks.keys.length = 0
    expect(await outcome(set)).toBe('current')
  })

  test('limits hold for a function, too', async () => {
    expect(await outcome(watched(async () => jwksOf(current, old), { maxKeys: 1 }).set)).toBe('ERR_JWKS_INVALID')
    expect(await outcome(watched(async () => jwksOf(current, old), { maxBytes: 100 }).set)).toBe('ERR_JWKS_INVALID')
  })
})

describe('options', () => {
  const store = { get: async () => null, set: async () => {} }
  const good: Record<string, unknown[]> = {
    maxAge: [1, 86400, '24h', '10m'], minAge: [0, 60, '24h'], cooldown: [0, 3600, '1h'], staleIfError: [0, 2592000, '30d'], timeout: [0.001, 5, 60, '1 minute'],
    maxBytes: [1, 262144, 2 ** 24], maxKeys: [1, 256], headers: [{}, { 'X-Key': 'a b' }], fetch: [() => {}], store: [store, Object.create(store), { get() {}, put() {} }, { getItem() {}, setItem() {} }],
    waitUntil: [() => {}], onEvent: [() => {}],
  }
  const bad: Record<string, unknown[]> = {
    maxAge: [0, -1, 86401, '25h', '600', NaN, Infinity, 600_000, null], minAge: [-1, 86401, '60'], cooldown: [-1, 3601, '2h', 30_000], staleIfError: [-1, 2592001, '31d', Infinity], timeout: [0, 61, 5000, '5', -1],
    maxBytes: [0, 1.5, -1, Infinity, '256', 2 ** 24 + 1], maxKeys: [0, 1.5, '8'],
    headers: ['x', null, [], new Map(), { 'a b': 'x' }, { 'a:': 'x' }, { a: 'x\r\ny: z' }, { a: 'é' }, { a: '\0' }, { a: 7 }, { a: undefined }, { a: '' }, { '': 'a' }], fetch: ['x', null, {}],
    store: [null, 'x', {}, { get() {} }, { set() {} }, { get: 1, set: 2 }, () => {}], waitUntil: [null, {}], onEvent: [null, {}],
  }
  test('there are tries for all of them', () => {
    expect(Object.keys(good).sort()).toEqual(Object.keys(bad).sort())
  })
  test.each(Object.entries(good).flatMap(([name, values]) => values.map((value) => [name, value])))('%s takes %j', (name, value) => {
    expect(() => untyped(url, { [name as string]: value })).not.toThrow()
  })
  test.each(Object.entries(bad).flatMap(([name, values]) => [...values, undefined].map((value) => [name, value])))('%s does not take %j', async (name, value) => {
    await misused(() => untyped(url, { [name as string]: value }), name as string)
  })
  test.each([['a slip', { maxage: 5 }], ['a symbol', { [Symbol('x')]: 1 }], ['no plain object', Object.create({ maxAge: 5 })], ['a string', 'x'], ['null', null]])('%s is a TypeError', async (_, options) => {
    await misused(() => untyped(url, options), 'remoteKeySet')
  })
  test.each([['maxAge', 600_000, '24 hours'], ['minAge', 60_000_000, '24 hours'], ['cooldown', 30_000, '1 hour'], ['staleIfError', 86_400_000, '30 days'], ['timeout', 5000, '60 seconds']])('%s in milliseconds is told that it is in seconds, and its bound', async (name, value, bound) => {
    await misused(() => untyped(url, { [name]: value }), 'seconds', bound)
  })
  test('they are read once: what changes later has no effect', async () => {
    const api = endpoint()
    const options = { fetch: api.fetch, headers: { 'x-key': 'one' } }
    const set = remoteKeySet(url, options)
    options.headers['x-key'] = 'two'
    options.fetch = async () => { throw new Error('replaced') }
    await check(set)
    expect(api.requests[0]!.init.headers['x-key']).toBe('one')
  })
})

describe('the request', () => {
  test('asks for JSON, follows no redirect, sends no cookies, and has nothing else but the headers asked for', async () => {
    const api = endpoint(undefined, { etag: '"one"' })
    const { set } = watched(api, { headers: { 'X-Key': 'one', Accept: 'application/jwk-set+json' } })
    await set.reload()
    await set.reload()
    const { signal, ...init } = api.requests[1]!.init
    expect(init).toEqual({ method: 'GET', redirect: 'manual', credentials: 'omit', cache: 'no-store', headers: { accept: 'application/jwk-set+json', 'x-key': 'one', 'if-none-match': '"one"' } })
    expect(signal).toHaveProperty('aborted')
  })

  test('asks for JSON, where the headers do not say otherwise', async () => {
    const api = endpoint()
    await check(watched(api, { headers: { 'x-key': 'one' } }).set)
    expect(api.requests[0]!.init.headers).toEqual({ accept: 'application/json', 'x-key': 'one' })
  })

  test("goes through the runtime's fetch of the moment", async () => {
    const api = endpoint()
    const set = remoteKeySet(url)
    vi.stubGlobal('fetch', api.fetch)
    expect(await outcome(set)).toBe('current')
    vi.stubGlobal('fetch', undefined)
    await expect(set.reload()).rejects.toMatchObject({ code: 'ERR_JWKS_FETCH' })
    vi.unstubAllGlobals()
  })

  test('no message shows the query of the address, which may be a secret', async () => {
    const { set, events } = watched('https://issuer.example/jwks?key=hidden', { fetch: endpoint(500).fetch })
    const error = await set.reload().catch((one: Error) => one) as Error
    expect(error.message).toMatch(/^https:\/\/issuer\.example\/jwks: /)
    expect(error.message).not.toContain('hidden')
    expect(events[0]!.url).toBe('https://issuer.example/jwks?key=hidden')
  })
})

describe('onEvent', () => {
  test('hears of everything, in order', async () => {
    const api = endpoint({ keys: [current.jwk, { ...old.jwk, use: 'enc' }] }, { 'cache-control': 'max-age=60' })
    const { set, events, types } = watched(api)
    await check(set)
    await outcome(set, current.token({ kid: 'nobody' }))
    api.reply = 500
    await pass(60)
    await check(set)
    expect(types()).toEqual(['skipped', 'fetch', 'unknown-kid', 'error', 'stale'])
    expect(events[0]).toEqual({ type: 'skipped', url, index: 1, kid: 'old', reason: expect.stringContaining('use') })
    expect(events[1]).toEqual({ type: 'fetch', url, keys: 1 })
    expect(events[2]).toEqual({ type: 'unknown-kid', url, kid: 'nobody' })
    expect(events[3]).toEqual({ type: 'error', url, error: set.status().lastError })
    expect(events[4]).toEqual({ type: 'stale', url })
  })

  test.each([['throws', () => { throw new Error('no') }], ['rejects', () => Promise.reject(new Error('no'))]])('one that %s disturbs nothing', async (_, onEvent) => {
    expect(await outcome(remoteKeySet(url, { fetch: endpoint().fetch, onEvent: onEvent as () => void }))).toBe('current')
    expect(await outcome(remoteKeySet(url, { fetch: endpoint(500).fetch, onEvent: onEvent as () => void }))).toBe('ERR_JWKS_FETCH')
    await settle()
  })
})

describe('waitUntil', () => {
  test('is given each load in the background, as a promise that does not reject', async () => {
    for (const second of [jwksOf(old), 500]) {
      const api = endpoint()
      const waitUntil = vi.fn()
      const { set } = watched(api, { waitUntil })
      await check(set)
      waitUntil.mockClear()
      api.reply = second
      await pass(599)
      await check(set)
      expect(waitUntil).toHaveBeenCalledTimes(1)
      await waitUntil.mock.calls[0]![0]
      expect(set.status().failures).toBe(second === 500 ? 1 : 0)
    }
  })

  test('one that throws, as outside any request, is passed over and reported', async () => {
    const { set, types } = watched(endpoint(), { waitUntil: () => { throw new Error('outside') } })
    expect(await outcome(set)).toBe('current')
    expect(types()).toEqual(expect.arrayContaining(['error', 'fetch']))
    expect(set.status().failures).toBe(0)
  })
})

describe('store', () => {
  const key = `waxseal:jwks:${url}`
  const memory = (): KeySetStore & { readonly texts: Map<string, string> } => {
    const texts = new Map<string, string>()
    return { texts, get: async (name: string) => texts.get(name), set: async (name: string, text: string) => texts.set(name, text) }
  }

  test('saves another isolate the fetch, and the age of the set goes on', async () => {
    const store = memory()
    await check(watched(endpoint(undefined, { 'cache-control': 'max-age=300' }), { store }).set)
    await settle()
    expect([...store.texts.keys()]).toEqual([key])
    await pass(200)
    const api = endpoint()
    const { set } = watched(api, { store })
    expect(await outcome(set)).toBe('current')
    expect(api.requests.length).toBe(0)
    expect(Date.now() - set.status().fetchedAt!.getTime()).toBe(200_000)
    await pass(100)
    await check(set)
    expect(api.requests.length).toBe(1)
  })

  test('holds address, time and set, and nothing private', async () => {
    const store = memory()
    await check(watched(endpoint({ keys: [current.jwk] }), { store }).set)
    await settle()
    expect(JSON.parse(store.texts.get(key)!)).toEqual({ url, time: 1_800_000_000, life: 600, jwks: jwksOf(current) })
  })

  test('takes a set however deep what else stands in it nests', async () => {
    const store = memory()
    const deep = JSON.stringify(jwksOf(current)).replace(/}$/, `,"x":${'['.repeat(60_000)}${']'.repeat(60_000)}}`)
    const { set } = watched(endpoint(deep), { store })
    await set.reload()
    expect([await outcome(set), set.status().failures, store.texts.get(key)!.includes(deep)]).toEqual(['current', 0, true])
  })

  test('is asked once for all who wait, and is not asked again', async () => {
    const store = memory()
    const get = vi.spyOn(store as { get(key: string): unknown }, 'get')
    const { set } = watched(endpoint(), { store })
    await Promise.all(Array.from({ length: 50 }, () => check(set)))
    await pass(700)
    await check(set)
    expect(get).toHaveBeenCalledTimes(1)
  })

  test('a stored set that has expired serves only while the endpoint is down', async () => {
    const store = memory()
    await check(watched(endpoint(jwksOf(old)), { store }).set, old)
    await pass(601)
    expect(await outcome(watched(endpoint(jwksOf(current)), { store: { get: (store as any).get, set: async () => {} } }).set, old)).toBe('ERR_JWT_KEY_NOT_FOUND')
    expect(await outcome(watched(endpoint(500), { store }).set, old)).toBe('old')
    await pass(86400)
    expect(await outcome(watched(endpoint(500), { store }).set, old)).toBe('ERR_JWKS_FETCH')
  })

  test('reload() passes it by', async () => {
    const store = memory()
    await check(watched(endpoint(), { store }).set)
    const api = endpoint(jwksOf(old))
    const { set } = watched(api, { store })
    await Promise.all([outcome(set), set.reload()])
    expect(await outcome(set, old)).toBe('old')
    expect(api.requests.length).toBe(1)
  })

  test('is asked again after a reload() that failed', async () => {
    const store = memory()
    const api = endpoint(500)
    const { set } = watched(api, { store })
    await set.reload().catch(() => {})
    await check(watched(endpoint(), { store }).set)
    await settle()
    await pass(1)
    expect(await outcome(set)).toBe('current')
    expect(api.requests.length).toBe(1)
  })

  test('an unknown kid counts the cooldown from the stored fetch', async () => {
    const store = memory()
    await check(watched(endpoint(), { store }).set)
    await pass(29)
    const api = endpoint(jwksOf(old, current))
    const { set } = watched(api, { store })
    expect(await outcome(set, old)).toBe('ERR_JWT_KEY_NOT_FOUND')
    await pass(1)
    expect(await outcome(set, old)).toBe('old')
    expect(api.requests.length).toBe(1)
  })

  const entry = (more: object = {}): string => JSON.stringify({ url, time: 1_800_000_000, life: 600, jwks: jwksOf(current), ...more })
  test.each([
    ['as it should be', entry(), true],
    ['of another address', entry({ url: 'https://evil.example/' }), false],
    ['from the future', entry({ time: 1_800_000_001 }), false],
    ['without a time', entry({ time: undefined }), false],
    ['with a time that is none', entry({ time: 'now' }), false],
    ['of this very moment', entry({ time: 1_800_000_000 }), true],
    ['older than staleIfError', entry({ time: 1_800_000_000 - 86401 }), false],
    ['without a set', entry({ jwks: undefined }), false],
    ['with private keys alone', entry({ jwks: { keys: [current.privateJwk] } }), false],
    ['with too many keys', entry({ jwks: { keys: Array(257).fill(current.jwk) } }), false],
    ['with too many bytes', entry({ jwks: { ...jwksOf(current), x: 'x'.repeat(262144) } }), false],
    ['that is no JSON', '{', false], ['that is empty', '', false], ['with a name twice', entry().replace('{', '{"time":0,'), false],
    ['null, as when there is none', null, false], ['undefined, as when there is none', undefined, false], ['that is no text', 7, false],
  ])('text %s', async (_, text, isUsed) => {
    const api = endpoint()
    const { set } = watched(api, { store: { get: async () => text as string, set: async () => {} } })
    expect(await outcome(set)).toBe('current')
    expect(api.requests.length).toBe(isUsed ? 0 : 1)
  })

  test('its life is kept within the bounds', async () => {
    for (const [life, seconds] of [[1e9, 600], [1, 60], [-5, 60]]) {
      const { set } = watched(endpoint(), { store: { get: async () => entry({ life }), set: async () => {} } })
      await check(set)
      expect(set.status().expiresAt!.getTime() - set.status().fetchedAt!.getTime()).toBe(seconds! * 1000)
    }
  })

  test.each([
    ['throws', () => { throw new Error('no') }], ['rejects', () => Promise.reject(new Error('no'))], ['hangs', () => new Promise<never>(() => {})],
  ])('one that %s is passed over and reported', async (_, fail) => {
    for (const broken of [{ get: fail, set: async () => {} }, { get: async () => null, set: fail }]) {
      const { set, events } = watched(endpoint(), { store: broken })
      const waiting = outcome(set)
      await settle()
      await pass(1)
      expect(await waiting).toBe('current')
      const errors = events.filter(({ type }) => type === 'error')
      expect(errors.length).toBe(1)
      expect(errors[0]!.error!.message).toMatch(/^store/) // not the address, which has done nothing wrong
      expect(set.status()).toMatchObject({ failures: 0, lastError: undefined })
      await pass(5)
      expect(vi.getTimerCount()).toBe(0)
    }
  })

  test('the first caller does not wait for the writing', async () => {
    const { set } = watched(endpoint(), { store: { get: async () => null, set: () => new Promise(() => {}) } })
    expect(await outcome(set)).toBe('current')
    await pass(5)
  })

  test('Workers KV, localStorage and the clients of Redis fit as they are, with their `this`', async () => {
    class Client {
      readonly #texts = new Map<string, string>()
      async get(name: string) { return this.#texts.get(name) ?? null }
      async set(name: string, text: string) { this.#texts.set(name, text); return 'OK' }
    }
    class KV {
      readonly #texts = new Map<string, string>()
      async get(name: string) { return this.#texts.get(name) ?? null }
      async put(name: string, text: string) { this.#texts.set(name, text) }
    }
    class Storage {
      readonly #texts = new Map<string, string>()
      getItem(name: string) { return this.#texts.get(name) ?? null }
      setItem(name: string, text: string) { this.#texts.set(name, text) }
    }
    for (const store of [new Client(), new KV(), new Storage()]) {
      await check(watched(endpoint(), { store }).set)
      await settle()
      const api = endpoint(500)
      expect(await outcome(watched(api, { store }).set)).toBe('current')
      expect(api.requests.length).toBe(0)
    }
  })

  test('needs an address: with a function it is a TypeError', async () => {
    await misused(() => untyped(async () => jwksOf(current), { store: memory() }), 'store')
  })

  test('a 304 makes what is stored fresh again', async () => {
    const store = memory()
    const api = endpoint(undefined, { etag: '"one"' })
    const { set } = watched(api, { store })
    await check(set)
    await pass(600)
    api.reply = 304
    await check(set)
    await settle()
    expect(JSON.parse(store.texts.get(key)!)).toMatchObject({ time: 1_800_000_600, jwks: jwksOf(current) })
  })

  test('two addresses have two entries', async () => {
    const store = memory()
    await check(watched('https://one.example/jwks', { store, fetch: endpoint().fetch }).set)
    await check(watched('https://two.example/jwks', { store, fetch: endpoint(jwksOf(old)).fetch }).set, old)
    await settle()
    expect([...store.texts.keys()]).toEqual(['waxseal:jwks:https://one.example/jwks', 'waxseal:jwks:https://two.example/jwks'])
  })
})

describe('status()', () => {
  test('makes no request, before the first fetch and after', async () => {
    const api = endpoint()
    const { set } = watched(api)
    expect(set.status()).toEqual({ keys: 0, fetchedAt: undefined, expiresAt: undefined, failures: 0, lastError: undefined, skipped: [] })
    expect(set.skipped).toEqual([])
    await check(set)
    await pass(10_000)
    expect(set.status()).toEqual({ keys: 1, fetchedAt: at(0), expiresAt: at(600), failures: 0, lastError: undefined, skipped: [] })
    expect(api.requests.length).toBe(1)
  })

  test('counts failures', async () => {
    const api = endpoint(500)
    const { set } = watched(api)
    for (let i = 1; i < 4; i++) {
      await set.reload().catch(() => {})
      expect(set.status()).toMatchObject({ failures: i, lastError: { code: 'ERR_JWKS_FETCH', actual: 500 } })
    }
  })
})

test('the events have no key material in them', async () => {
  const { set, events } = watched(endpoint({ keys: [old.privateJwk, current.jwk] }))
  await check(set)
  await outcome(set, stranger())
  const text = JSON.stringify([events, set.status()] satisfies [KeySetEvent[], unknown])
  for (const name of ['d', 'x', 'y']) expect(text).not.toContain(old.privateJwk[name])
  void answer
})

declare class Date { constructor(milliseconds: number); static now(): number; getTime(): number }
const at = (seconds: number): Date => new Date((1_800_000_000 + seconds) * 1000)
