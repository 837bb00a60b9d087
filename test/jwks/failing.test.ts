// What happens while the other side fails: stale keys are served for a time, attempts grow rarer, one set never spoils the one in hand.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isJwtError, keySet, verify } from 'waxseal'
import { remoteKeySet, type ResponseLike } from 'waxseal/jwks'
import { answer, check, current, endpoint, falseClock, jwksOf, old, outcome, pass, settle, stranger, url, watched, type Reply } from './support'

beforeEach(falseClock)
afterEach(() => void vi.useRealTimers())

/** The failures, by code. */
const failures: Record<string, Record<string, Reply>> = {
  ERR_JWKS_FETCH: {
    'a refused connection': new TypeError('fetch failed'),
    'something thrown that is no Error': () => { throw null },
    'a JwtError from elsewhere': () => keySet({ keys: [] }) && Promise.reject(Object.assign(new Error('x'), { code: 'ERR_JWT_KEY' })),
    'status 500': 500,
    'status 404': 404,
    'status 201': () => answer(JSON.stringify(jwksOf(current)), { status: 201 }),
    'status 204': 204,
    'status 301': 301,
    'status 302 with a body': () => answer(JSON.stringify(jwksOf(current)), { status: 302, headers: { location: 'https://evil.example' } }),
    'status 0, an opaque redirect': () => ({ status: 0, headers: new Map(), body: null, arrayBuffer: async () => new ArrayBuffer(0) }),
    'a body that breaks off': () => answer(brokenStream()),
    'a body beyond maxBytes': ' '.repeat(262145),
    'no response at all': () => answer(undefined) && ({ arrayBuffer() {} }),
  },
  ERR_JWKS_INVALID: {
    'an empty body': '',
    'HTML': '<!doctype html>',
    'truncated JSON': JSON.stringify(jwksOf(current)).slice(0, -2),
    'JSON behind a byte order mark': `\ufeff${JSON.stringify(jwksOf(current))}`,
    'an array': [jwksOf(current)],
    'a string': '"keys"',
    'null': 'null',
    'no keys': {},
    'keys that are no array': { keys: jwksOf(current) },
    'a name twice': JSON.stringify(jwksOf(current)).replace('{"keys"', '{"keys":[],"keys"'),
    'a name twice in a key': JSON.stringify(jwksOf(current)).replace('"kid"', '"alg":"ES256","kid"'),
    'bytes that are not UTF-8': () => answer(Uint8Array.from([...JSON.stringify(jwksOf(current))].map((c) => c === 'c' ? 0xff : c.charCodeAt(0)))),
    '257 keys': { keys: Array.from({ length: 257 }, () => current.jwk) },
    'no key that can be used': { keys: [{ ...current.jwk, use: 'enc' }, { kty: 'unknown' }] },
    'private keys alone': { keys: [current.privateJwk] },
    'secrets alone': { keys: [{ kty: 'oct', k: 'A'.repeat(86), kid: 'current', alg: 'HS512' }] },
  },
}
const all = Object.entries(failures).flatMap(([code, replies]) => Object.entries(replies).map(([name, reply]) => [name, code, reply] as const))

declare class ReadableStream { constructor(source: object) }
function brokenStream(): unknown {
  return new ReadableStream({
    start(controller: { enqueue(bytes: Uint8Array): void }) { controller.enqueue(new Uint8Array([123])) },
    pull(controller: { error(error: Error): void }) { controller.error(new Error('reset')) },
  })
}

describe.each(all)('%s', (_, code, reply) => {
  test(`is ${code}, which is no fault of the token, while nothing is in hand`, async () => {
    const { set, events } = watched(endpoint(reply))
    const error = await check(set).catch((one: unknown) => one)
    expect(isJwtError(error)).toBe(true)
    expect(error).toMatchObject({ code, fault: 'server' })
    expect(events).toEqual([{ type: 'error', url, error }])
    expect(set.status()).toEqual({ keys: 0, fetchedAt: undefined, expiresAt: undefined, failures: 1, lastError: error, skipped: [] })
    await expect(set.toPublicJwks()).rejects.toMatchObject({ code })
  })

  test('replaces nothing: the set in hand is served on, and reload() says what is wrong', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    const { fetchedAt } = set.status()
    await pass(1)
    api.reply = reply
    await expect(set.reload()).rejects.toMatchObject({ code, fault: 'server' })
    expect(await outcome(set)).toBe('current')
    expect(set.status()).toMatchObject({ keys: 1, failures: 1, lastError: { code }, fetchedAt })
  })
})

describe('limits', () => {
  test.each([
    ['maxBytes', { maxBytes: JSON.stringify(jwksOf(current)).length }, jwksOf(current), `${JSON.stringify(jwksOf(current))} `, 'ERR_JWKS_FETCH'],
    ['maxKeys', { maxKeys: 2 }, jwksOf(current, old), jwksOf(current, old, old), 'ERR_JWKS_INVALID'],
  ])('%s, exactly', async (_, options, fits, tooMuch, code) => {
    expect(await outcome(watched(endpoint(fits), options).set)).toBe('current')
    const { set } = watched(endpoint(tooMuch), options)
    expect(await outcome(set)).toBe(code)
    expect(set.status().lastError!.message).toContain(`at most ${Object.values(options)[0]!}`)
  })

  test('a body that comes in many pieces is put together', async () => {
    const bytes = [...JSON.stringify(jwksOf(current))]
    const body = new ReadableStream({ pull(controller: { enqueue(bytes: Uint8Array): void, close(): void }) {
      const next = bytes.shift()
      if (next) controller.enqueue(Uint8Array.of(next.charCodeAt(0)))
      else controller.close()
    } })
    expect(await outcome(watched(endpoint(() => answer(body))).set)).toBe('current')
  })

  test('an endless body is read no further than maxBytes', async () => {
    let sent = 0
    const body = new ReadableStream({ pull(controller: { enqueue(bytes: Uint8Array): void }) {
      controller.enqueue(new Uint8Array(1000).fill(32))
      sent += 1000
    } })
    await expect(check(watched(endpoint(() => answer(body)), { maxBytes: 10_000 }).set)).rejects.toMatchObject({ code: 'ERR_JWKS_FETCH', message: expect.stringContaining('at most 10000 bytes') })
    await settle()
    expect(sent).toBeLessThan(20_000)
  })

  test('a response without a stream is read, and measured all the same', async () => {
    const bytes = (text: string): ArrayBuffer => Uint8Array.from([...text].map((one) => one.charCodeAt(0))).buffer
    for (const body of [undefined, null, { pipe() {} }]) { // the last as node-fetch has it
      const plain = (text: string) => (): ResponseLike => ({ status: 200, headers: { get: () => null }, body, arrayBuffer: async () => bytes(text) })
      expect(await outcome(watched(endpoint(plain(JSON.stringify(jwksOf(current))))).set)).toBe('current')
      expect(await outcome(watched(endpoint(plain(' '.repeat(262145)))).set)).toBe('ERR_JWKS_FETCH')
    }
  })

  test('the content type does not matter', async () => {
    expect(await outcome(watched(endpoint(jwksOf(current), { 'content-type': 'image/png' })).set)).toBe('current')
  })
})

describe('timeout', () => {
  test.each([
    ['a fetch that never answers', () => new Promise(() => {})],
    ['a body that never begins', () => answer(new ReadableStream({}))],
    ['a body that never ends', () => answer(new ReadableStream({ start(controller: { enqueue(bytes: Uint8Array): void }) { controller.enqueue(new Uint8Array(10)) } }))],
    ['a response without a stream that never ends', () => ({ status: 200, headers: { get: () => null }, arrayBuffer: () => new Promise(() => {}) })],
  ])('%s is given up after the time, not before', async (_, reply) => {
    const api = endpoint(reply)
    let done: unknown
    const waiting = outcome(watched(api, { timeout: 3 }).set).then((value) => { done = value })
    await settle()
    await pass(2.9)
    expect(done).toBeUndefined()
    await pass(0.1)
    await waiting
    expect(done).toBe('ERR_JWKS_FETCH')
    expect((api.requests[0]!.init.signal as { aborted: boolean }).aborted).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('drips do not renew it', async () => {
    let timer: unknown
    const body = new ReadableStream({ start(controller: { enqueue(bytes: Uint8Array): void }) { timer = setInterval(() => controller.enqueue(Uint8Array.of(32)), 500) } })
    const waiting = outcome(watched(endpoint(() => answer(body)), { timeout: 3 }).set)
    await settle()
    for (let i = 0; i < 6; i++) await pass(0.5)
    expect(await waiting).toBe('ERR_JWKS_FETCH')
    clearInterval(timer)
  })

  test('is 5 seconds unless told, also for a function', async () => {
    for (const source of [endpoint(() => new Promise(() => {})), () => new Promise<never>(() => {})]) {
      let done: unknown
      const waiting = outcome(watched(source).set).then((value) => { done = value })
      await settle()
      await pass(4.9)
      expect(done).toBeUndefined()
      await pass(0.1)
      await waiting
      expect(done).toBe('ERR_JWKS_FETCH')
    }
  })

  test('an answer that comes too late changes nothing', async () => {
    let late: (body: unknown) => void = () => {}
    const api = endpoint(() => new Promise((resolve) => { late = resolve }))
    const { set } = watched(api)
    const first = outcome(set)
    await settle()
    await pass(5)
    expect(await first).toBe('ERR_JWKS_FETCH')
    late(jwksOf(current))
    await settle()
    expect(set.status().keys).toBe(0)
  })
})
declare function setInterval(act: () => void, milliseconds: number): unknown
declare function clearInterval(timer: unknown): void

describe('stale keys', () => {
  test('are served while the endpoint is down, up to staleIfError, and not a second longer', async () => {
    const api = endpoint(jwksOf(current), { 'cache-control': 'max-age=100' })
    const { set, types } = watched(api, { staleIfError: '2h' })
    await check(set)
    api.reply = 500
    for (let seconds = 60; seconds < 7200; seconds += 60) {
      await pass(60)
      expect(await outcome(set)).toBe('current')
    }
    await pass(60)
    expect(await outcome(set)).toBe('current')
    await pass(1)
    await settle()
    expect(await outcome(set)).toBe('ERR_JWKS_FETCH')
    expect(set.status().keys).toBe(1)
    expect(types().filter((type) => type === 'stale').length).toBeGreaterThan(100) // with each failed attempt
    api.reply = jwksOf(current)
    await pass(64)
    expect(await outcome(set)).toBe('current')
    expect(set.status()).toMatchObject({ failures: 0, lastError: undefined })
  })

  test('a day is the default', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    api.reply = 500
    await pass(86399)
    expect(await outcome(set)).toBe('current')
    await pass(62)
    expect(await outcome(set)).toBe('ERR_JWKS_FETCH')
  })

  test('staleIfError: 0 serves none, but fresh keys are served all the same', async () => {
    const api = endpoint()
    const { set } = watched(api, { staleIfError: 0 })
    await check(set)
    api.reply = 500
    await pass(599)
    expect(await outcome(set)).toBe('current')
    await pass(62)
    expect(await outcome(set)).toBe('ERR_JWKS_FETCH')
  })

  test('staleIfError: 0 and a set that is never fresh: each token has the keys fetched for it, and is verified with them', async () => {
    const api = endpoint(jwksOf(old, current), { 'cache-control': 'no-store' })
    const { set } = watched(api, { minAge: 0, staleIfError: 0 })
    for (let requests = 1; requests < 4; requests++) {
      expect(await outcome(set)).toBe('current')
      expect(api.requests.length).toBe(requests)
      await pass(0.001)
    }
    api.reply = jwksOf(current)
    expect(await outcome(set, old)).toBe('ERR_JWT_KEY_NOT_FOUND')
    api.reply = 500
    await pass(0.001)
    expect(await outcome(set)).toBe('ERR_JWKS_FETCH')
  })

  test('nobody waits for an endpoint that asked to be left alone for longer than maxAge, when it is asked again', async () => {
    const api = endpoint(jwksOf(old))
    const { set } = watched(api, { maxAge: 60 })
    await check(set, old)
    api.headers = { 'retry-after': '240' }
    api.reply = 503
    await pass(60)
    expect(await outcome(set, old)).toBe('old')
    await pass(239)
    expect(await outcome(set, old)).toBe('old')
    expect(api.requests.length).toBe(2)
    api.reply = jwksOf(current)
    await pass(1)
    expect(await outcome(set, old)).toBe('old') // while the answer is out
    expect(api.requests.length).toBe(3)
    await settle()
    expect(await outcome(set, old)).toBe('ERR_JWT_KEY_NOT_FOUND')
  })

  test('nobody waits for an endpoint that has just failed', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    api.reply = () => new Promise(() => {})
    await pass(590)
    expect(await outcome(set)).toBe('current')
    await pass(11)
    expect(await outcome(set)).toBe('current')
    expect(api.requests.length).toBeGreaterThan(1)
    await pass(5)
  })

  test('who comes after a long silence waits for the new set, and gets the old one only if that fails', async () => {
    const api = endpoint(jwksOf(old, current))
    const { set } = watched(api)
    await check(set)
    api.reply = 500
    await pass(600)
    await check(set)
    await pass(7200)
    api.reply = jwksOf(current)
    expect(await outcome(set, old)).toBe('ERR_JWT_KEY_NOT_FOUND')
  })
})

describe('back-off', () => {
  /** Seconds between attempts, while somebody asks every quarter of a second. */
  const gaps = async (reply: Reply, headers = {}, first = true, rounds = 1240): Promise<number[]> => {
    const api = endpoint()
    const { set } = watched(api)
    if (first) {
      await check(set)
      await pass(600)
    }
    api.requests.length = 0
    api.headers = headers
    const moments: number[] = []
    api.reply = () => {
      moments.push(Date.now() / 1000)
      return reply
    }
    for (let i = 0; i < rounds; i++) {
      await outcome(set)
      await vi.advanceTimersByTimeAsync(250)
    }
    return moments.slice(1).map((moment, i) => moment - moments[i]!)
  }

  test.each([['with a set in hand', true], ['without one', false]])('attempts grow rarer, to one a minute at most, %s', async (_, first) => {
    const [one, two, three, four, five, six, ...rest] = await gaps(500, {}, first) as [number, number, number, number, number, number, ...number[]]
    for (const [gap, least] of [[one, 0.5], [two, 1], [three, 2], [four, 4], [five, 8], [six, 16]] as const) {
      expect(gap).toBeGreaterThanOrEqual(least - 0.01)
      expect(gap).toBeLessThanOrEqual(least * 2 + 0.5)
    }
    expect(rest.length).toBeGreaterThan(2)
    for (const gap of rest.slice(1)) {
      expect(gap).toBeGreaterThanOrEqual(32 - 0.01)
      expect(gap).toBeLessThanOrEqual(64.5)
    }
  })

  test('chance has a part in it, so that many processes do not come back at one time', async () => {
    const runs = [await gaps(500, {}, true, 120), await gaps(500, {}, true, 120), await gaps(500, {}, true, 120)]
    expect(new Set(runs.map((run) => run.join())).size).toBeGreaterThan(1)
  })

  test.each([[429, '30', 30], [503, '120', 120], [503, '86400', 300], [429, 'soon', 0.5], [429, '-5', 0.5]])('status %s with Retry-After %s waits at least %s s', async (status, text, least) => {
    const [gap] = await gaps(status, { 'retry-after': text }) as [number]
    expect(gap).toBeGreaterThanOrEqual(least - 0.01)
    expect(gap).toBeLessThan(least + 1)
  })

  test('is over after one good answer', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    api.reply = 500
    for (let i = 0; i < 5; i++) await set.reload().catch(() => {})
    expect(set.status().failures).toBe(5)
    api.reply = jwksOf(current)
    await set.reload()
    expect(set.status()).toMatchObject({ failures: 0, lastError: undefined })
    api.reply = 500
    await set.reload().catch(() => {})
    const before = api.requests.length
    await pass(600)
    await check(set)
    expect(api.requests.length).toBe(before + 1)
  })

  test('reload() does not wait for it', async () => {
    const api = endpoint(500)
    const { set } = watched(api)
    await outcome(set)
    api.reply = jwksOf(current)
    expect(await outcome(set)).toBe('ERR_JWKS_FETCH')
    await set.reload()
    expect(await outcome(set)).toBe('current')
  })

  test('tokens that come in the meantime make no request', async () => {
    const api = endpoint(500)
    const { set } = watched(api)
    for (let i = 0; i < 50; i++) expect(await outcome(set, i % 2 ? current : stranger())).toBe('ERR_JWKS_FETCH')
    expect(api.requests.length).toBe(1)
  })
})

describe('members', () => {
  test('a bad one spoils no other, and is reported', async () => {
    const bad = [{ kty: 'RSA', kid: 'rsa', n: '!', e: 'AQAB' }, null, 7, { ...current.jwk, kid: 'y', y: current.jwk['x'] }, { ...current.jwk, use: 'enc', kid: 'enc' }]
    const { set, events } = watched(endpoint({ keys: [...bad, current.jwk] }))
    expect(await outcome(set)).toBe('current')
    const { keys, skipped } = set.status()
    expect(keys).toBe(1)
    expect(skipped.map(({ index, kid }) => [index, kid])).toEqual([[0, 'rsa'], [1, undefined], [2, undefined], [3, 'y'], [4, 'enc']])
    expect(set.skipped).toEqual(skipped)
    expect(events.filter(({ type }) => type === 'skipped')).toEqual(skipped.map((one) => ({ type: 'skipped', url, ...one })))
  })

  test.each([['the network', false], ['a function', true]])('private and symmetric ones are set aside, from %s', async (_, isFunction) => {
    const secret = { kty: 'oct', kid: 'secret', alg: 'HS256', k: 'A'.repeat(43) }
    const named = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth', 'priv'].map((name) => ({ ...current.jwk, [name]: 'AA' }))
    const jwks = { keys: [secret, old.privateJwk, ...named, current.jwk] }
    const { set } = watched(isFunction ? async () => jwks : endpoint(jwks))
    expect(await outcome(set)).toBe('current')
    expect(await outcome(set, old)).toBe('ERR_JWT_KEY_NOT_FOUND')
    expect(set.skipped.map(({ index, kid }) => [index, kid])).toEqual(['secret', 'old', ...named.map(() => 'current')].map((kid, index) => [index, kid]))
    for (const { reason } of set.skipped) expect(reason).toContain('private or secret')
    expect(await set.toPublicJwks()).toMatchObject({ keys: [{ kid: 'current' }] })
    const token = await import('waxseal').then(async ({ sign, importJwk }) => sign({ sub: 'x' }, await importJwk(secret, 'HS256'), { expiresIn: 60, keyId: 'secret' }))
    await expect(verify(token, set, { algorithms: ['HS256'] })).rejects.toMatchObject({ code: 'ERR_JWT_KEY_NOT_FOUND' })
  })

  test('two keys under one kid are both tried', async () => {
    const twin = { ...old.jwk, kid: 'current' }
    const { set } = watched(endpoint({ keys: [twin, current.jwk] }))
    expect(await outcome(set)).toBe('current')
    expect(await outcome(set, old.token({ kid: 'current' }))).toBe('old')
  })

  test('toPublicJwks gives what was fetched', async () => {
    const { set } = watched(endpoint())
    expect(await set.toPublicJwks()).toEqual(jwksOf(current))
  })

  test('those whose algorithm the runtime lacks are reported when a token needs them', async () => {
    const { set } = watched(endpoint({ keys: [current.jwk, { kty: 'AKP', alg: 'ML-DSA-44', kid: 'pq', pub: 'A'.repeat(1749) + 'A' }] }))
    await check(set)
    expect(set.status().keys + set.skipped.length).toBe(2)
  })
})

test('keys that change between request and answer are the ones of the answer', async () => {
  let answerWith: (body: unknown) => void = () => {}
  const api = endpoint(() => new Promise((resolve) => { answerWith = resolve }))
  const set = remoteKeySet(url, { fetch: api.fetch })
  const both = [outcome(set, old), outcome(set, current)]
  await settle()
  answerWith(jwksOf(current))
  expect(await Promise.all(both)).toEqual(['ERR_JWT_KEY_NOT_FOUND', 'current'])
  expect(api.requests.length).toBe(1)
})
declare const Date: { now(): number }
