// When keys are fetched: not before they are needed, as long as Cache-Control says within bounds, ahead of expiry, once.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createVerifier } from 'waxseal'
import { remoteKeySet } from 'waxseal/jwks'
import { check, current, endpoint, falseClock, jump, jwksOf, old, outcome, pass, settle, stranger, url, watched } from './support'

beforeEach(falseClock)
afterEach(() => void vi.useRealTimers())

describe('the first fetch', () => {
  test('is made when a key is first asked for: making a set or a verifier asks for nothing and starts no timer', async () => {
    const api = endpoint()
    const { set } = watched(api)
    const verifier = createVerifier(set, { algorithms: ['ES256'] })
    set.status()
    await settle()
    expect(api.requests.length).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    expect((await verifier(current.token())).payload.sub).toBe('current')
    expect(api.requests.length).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is made once for all that wait for it', async () => {
    const api = endpoint()
    const { set } = watched(api)
    expect(await Promise.all(Array.from({ length: 100 }, () => outcome(set)))).toEqual(Array(100).fill('current'))
    expect(api.requests.length).toBe(1)
  })

  test('is not made for a token that the allowlist refuses', async () => {
    const api = endpoint()
    expect(await outcome(watched(api).set, current.token({ alg: 'ES384' }))).toBe('ERR_JWT_ALGORITHM')
    expect(api.requests.length).toBe(0)
  })
})

describe('how long a set is fresh', () => {
  /** Seconds after which the set is no longer fresh, by what it says of itself. */
  const life = async (headers: Record<string, string>, options = {}): Promise<number> => {
    const { set } = watched(endpoint(undefined, headers), options)
    await check(set)
    const { fetchedAt, expiresAt } = set.status()
    return (expiresAt!.getTime() - fetchedAt!.getTime()) / 1000
  }

  test.each([
    ['no Cache-Control: maxAge', {}, 600],
    ['max-age between the bounds', { 'cache-control': 'public, max-age=300, must-revalidate' }, 300],
    ['max-age alone', { 'cache-control': 'max-age=61' }, 61],
    ['max-age in capitals and quotes', { 'cache-control': 'Public,Max-Age="120"' }, 120],
    ['max-age below minAge', { 'cache-control': 'max-age=5' }, 60],
    ['max-age above maxAge', { 'cache-control': 'max-age=31536000' }, 600],
    ['max-age beyond all numbers', { 'cache-control': `max-age=${'9'.repeat(400)}` }, 600],
    ['max-age=0', { 'cache-control': 'max-age=0' }, 60],
    ['no-cache', { 'cache-control': 'no-cache, max-age=300' }, 60],
    ['no-store', { 'cache-control': 'max-age=300, no-store' }, 60],
    ['s-maxage, which is for shared caches', { 'cache-control': 's-maxage=300' }, 600],
    ['another directive that ends alike', { 'cache-control': 'x-max-age=300' }, 600],
    ['a max-age that is no number', { 'cache-control': 'max-age=soon' }, 600],
    ['Age, which a cache on the way writes, counts', { 'cache-control': 'max-age=300', age: '100' }, 200],
    ['an Age beyond max-age', { 'cache-control': 'max-age=300', age: '1000' }, 60],
    ['an Age beyond all numbers', { age: '1e999' }, 60],
    ['an Age beyond all numbers, and max-age', { 'cache-control': 'max-age=300', age: 'Infinity' }, 60],
    ['an Age that is no number', { 'cache-control': 'max-age=300', age: 'old' }, 300],
  ])('%s', async (_, headers, seconds) => {
    expect(await life(headers as Record<string, string>)).toBe(seconds)
  })

  test('within the bounds that options set', async () => {
    const options = { minAge: 10, maxAge: '1h' } as const
    expect(await life({ 'cache-control': 'max-age=9' }, options)).toBe(10)
    expect(await life({ 'cache-control': 'max-age=11' }, options)).toBe(11)
    expect(await life({ 'cache-control': 'max-age=3599' }, options)).toBe(3599)
    expect(await life({ 'cache-control': 'max-age=3601' }, options)).toBe(3600)
    expect(await life({}, options)).toBe(3600)
  })

  test('maxAge holds where it is below minAge', async () => {
    expect(await life({}, { maxAge: 30 })).toBe(30)
  })
})

describe('a refresh', () => {
  test('is made in the background before the set expires, and who asks is served at once', async () => {
    const api = endpoint(jwksOf(current, old), { 'cache-control': 'max-age=100' })
    const { set } = watched(api)
    await check(set)
    await pass(79)
    await check(set)
    expect(api.requests.length).toBe(1)
    let answer: (body: unknown) => void = () => {}
    api.reply = () => new Promise((resolve) => { answer = resolve })
    await pass(1)
    expect(await outcome(set, old)).toBe('old') // while the answer is out
    expect(await outcome(set, old)).toBe('old')
    expect(api.requests.length).toBe(2)
    answer(jwksOf(current))
    await settle()
    expect(await outcome(set, old)).toBe('ERR_JWT_KEY_NOT_FOUND')
    expect(await outcome(set)).toBe('current')
    expect(api.requests.length).toBe(2)
  })

  test('is waited for once the set has expired, by all, and made once', async () => {
    const api = endpoint(jwksOf(current, old), { 'cache-control': 'max-age=100' })
    const { set } = watched(api)
    await check(set)
    api.reply = jwksOf(current)
    await pass(100)
    expect(await Promise.all(Array.from({ length: 50 }, () => outcome(set, old)))).toEqual(Array(50).fill('ERR_JWT_KEY_NOT_FOUND'))
    expect(api.requests.length).toBe(2)
  })

  test('replaces the set, it does not add to it: a removed key no longer verifies, a new one does', async () => {
    const api = endpoint(jwksOf(old))
    const { set } = watched(api)
    expect([await outcome(set, old), await outcome(set, current)]).toEqual(['old', 'ERR_JWT_KEY_NOT_FOUND'])
    api.reply = jwksOf(current)
    await set.reload()
    expect([await outcome(set, old), await outcome(set, current)]).toEqual(['ERR_JWT_KEY_NOT_FOUND', 'current'])
  })

  test('with {"keys":[]} removes every key, and is no failure', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    api.reply = { keys: [] }
    await set.reload()
    expect(set.status()).toMatchObject({ keys: 0, failures: 0, lastError: undefined })
    expect(await outcome(set)).toBe('ERR_JWT_KEY_NOT_FOUND')
  })

  test('does not happen while nobody asks', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    await pass(86400)
    expect(api.requests.length).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is made at once by reload(), however fresh the set is; reloads at the same time are one', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    await Promise.all([set.reload(), set.reload(), check(set), set.reload()])
    expect(api.requests.length).toBe(2)
    await set.reload()
    expect(api.requests.length).toBe(3)
  })
})

describe('ETag', () => {
  test('is sent back, and a 304 keeps the set and makes it fresh again', async () => {
    const api = endpoint(jwksOf(current), { etag: '"one"', 'cache-control': 'max-age=100' })
    const { set, types } = watched(api)
    await check(set)
    expect(api.requests[0]!.init.headers).not.toHaveProperty('if-none-match')
    await pass(100)
    api.reply = 304
    api.headers = { 'cache-control': 'max-age=200' }
    await check(set)
    expect(api.requests[1]!.init.headers['if-none-match']).toBe('"one"')
    const { fetchedAt, expiresAt, keys } = set.status()
    expect([keys, expiresAt!.getTime() - fetchedAt!.getTime()]).toEqual([1, 200_000])
    expect(types()).toEqual(['fetch', 'fetch'])
    await pass(150)
    await check(set)
    expect(api.requests.length).toBe(2)
  })

  test('a set that has not changed, by a 304 or by its text, stays as it is: nothing is imported or reported again', async () => {
    const api = endpoint({ keys: [current.jwk, { ...old.jwk, use: 'enc' }] }, { etag: '"one"' })
    const { set, types } = watched(api)
    await check(set)
    const importKey = vi.spyOn(crypto.subtle, 'importKey')
    await set.reload()
    api.reply = 304
    await set.reload()
    await check(set)
    expect(importKey).not.toHaveBeenCalled()
    expect(types()).toEqual(['skipped', 'fetch', 'fetch', 'fetch'])
    importKey.mockRestore()
  })

  test('the next one replaces it; none, and none is sent', async () => {
    const api = endpoint(undefined, { etag: 'W/"one"' })
    const { set } = watched(api)
    await check(set)
    api.headers = { etag: 'W/"two"' }
    await set.reload()
    api.headers = {}
    await set.reload()
    await set.reload()
    expect(api.requests.map(({ init }) => init.headers['if-none-match'])).toEqual([undefined, 'W/"one"', 'W/"two"', undefined])
  })

  test.each([[201], [204], [301], [302], [303], [404], [412], [500], [503]])('status %s confirms nothing, though the ETag is known', async (status) => {
    const api = endpoint(undefined, { etag: '"one"' })
    const { set } = watched(api)
    await check(set)
    await pass(600)
    const { expiresAt } = set.status()
    api.reply = status
    await expect(set.reload()).rejects.toMatchObject({ code: 'ERR_JWKS_FETCH', actual: status })
    expect(set.status()).toMatchObject({ failures: 1, expiresAt })
    api.reply = 304
    await set.reload()
    expect(set.status()).toMatchObject({ failures: 0, keys: 1 })
  })

  test('a 304 that nobody asked for is a failure', async () => {
    const { set } = watched(endpoint(304))
    expect(await outcome(set)).toBe('ERR_JWKS_FETCH')
    expect(set.status()).toMatchObject({ failures: 1, lastError: { actual: 304 } })
  })

  test('a 304 for a set that was refused is refused again', async () => {
    const api = endpoint('{}', { etag: '"bad"' })
    const { set } = watched(api)
    await expect(set.reload()).rejects.toMatchObject({ code: 'ERR_JWKS_INVALID' })
    api.reply = 304
    await expect(set.reload()).rejects.toMatchObject({ code: 'ERR_JWKS_INVALID' })
  })
})

describe('an unknown kid', () => {
  test('causes a fetch once the cooldown is over, and is looked up again after it', async () => {
    const api = endpoint(jwksOf(old))
    const { set, types } = watched(api)
    await check(set, old)
    api.reply = jwksOf(old, current)
    await pass(29)
    expect(await outcome(set)).toBe('ERR_JWT_KEY_NOT_FOUND')
    expect(api.requests.length).toBe(1)
    await pass(1)
    expect(await outcome(set)).toBe('current')
    expect(api.requests.length).toBe(2)
    expect(types()).toEqual(['fetch', 'unknown-kid', 'unknown-kid', 'fetch'])
  })

  test('many of them cause one fetch per cooldown, one after another or all at once', async () => {
    const api = endpoint()
    const { set } = watched(api, { cooldown: '45s', maxAge: '1h' })
    for (let round = 1; round <= 5; round++) {
      for (let i = 0; i < 10; i++) expect(await outcome(set, stranger())).toBe('ERR_JWT_KEY_NOT_FOUND')
      await Promise.all(Array.from({ length: 50 }, () => outcome(set, stranger())))
      expect(api.requests.length).toBe(round)
      await pass(44)
      await outcome(set, stranger())
      expect(api.requests.length).toBe(round)
      await pass(1)
    }
  })

  test('causes no fetch per token while fetching fails, with a set in hand or without', async () => {
    for (const first of [jwksOf(current), 500]) {
      const api = endpoint(first)
      const { set } = watched(api)
      await outcome(set)
      api.reply = 500
      await pass(30)
      const before = api.requests.length
      for (let i = 0; i < 50; i++) await outcome(set, stranger())
      expect(api.requests.length).toBe(before + 1)
    }
  })

  test('keeps to the back-off as well: with no cooldown, too, a failing endpoint is left alone', async () => {
    const api = endpoint()
    const { set } = watched(api, { cooldown: 0 })
    await check(set)
    api.reply = 500
    for (let i = 0; i < 50; i++) expect(await outcome(set, stranger())).toBe('ERR_JWT_KEY_NOT_FOUND')
    expect(api.requests.length).toBe(2)
    await pass(1)
    await outcome(set, stranger())
    expect(api.requests.length).toBe(3)
  })

  test('is the fault of the token while a set is in hand, though the fetch fails', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    api.reply = 500
    await pass(30)
    expect(await outcome(set, stranger())).toBe('ERR_JWT_KEY_NOT_FOUND')
    expect(set.status().failures).toBe(1)
    expect(await outcome(set)).toBe('current')
  })

  test('keeps no token with a known kid waiting', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    await pass(30)
    let answer: (body: unknown) => void = () => {}
    api.reply = () => new Promise((resolve) => { answer = resolve })
    const waiting = outcome(set, stranger())
    await settle()
    expect(await outcome(set)).toBe('current')
    answer(jwksOf(current))
    expect(await waiting).toBe('ERR_JWT_KEY_NOT_FOUND')
  })

  test('a token without kid causes none', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    await pass(30)
    expect(await outcome(set, current.token({ kid: undefined }))).toBe('current')
    api.reply = { keys: [] }
    await set.reload()
    await pass(30)
    expect(await outcome(set, current.token({ kid: undefined }))).toBe('ERR_JWT_KEY_NOT_FOUND')
    expect(api.requests.length).toBe(2)
  })

  test('cooldown: 0 leaves every one to the endpoint', async () => {
    const api = endpoint()
    const { set } = watched(api, { cooldown: 0 })
    for (let i = 0; i < 3; i++) await outcome(set, stranger())
    expect(api.requests.length).toBe(4)
  })
})

describe('a clock that jumps', () => {
  test('back: the set is served on, fetched again, and fetched again later', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    jump(-7 * 86400)
    expect(await outcome(set)).toBe('current')
    await pass(30) // the cooldown
    expect(await outcome(set)).toBe('current')
    await settle()
    expect(api.requests.length).toBe(2)
    await pass(601)
    expect(await outcome(set)).toBe('current')
    expect(api.requests.length).toBe(3)
  })

  test('back, with the endpoint down: no key is refused that need not be, and none is served for longer', async () => {
    const api = endpoint()
    const { set } = watched(api, { staleIfError: '1h' })
    await check(set)
    api.reply = 500
    jump(-30 * 86400)
    expect(await outcome(set)).toBe('current')
    await pass(3500)
    expect(await outcome(set)).toBe('current')
    await pass(101)
    expect(await outcome(set)).toBe('ERR_JWKS_FETCH')
  })

  test('back and forth in small steps makes no storm of fetches', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    for (let i = 0; i < 100; i++) {
      jump(i % 2 ? 0.5 : -0.5)
      expect(await outcome(set)).toBe('current')
      await settle()
    }
    expect(api.requests.length).toBeLessThan(4)
  })

  test('ahead: the set is fetched again, and the fetch goes on from there', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    jump(365 * 86400)
    expect(await outcome(set)).toBe('current')
    expect(api.requests.length).toBe(2)
    jump(-365 * 86400)
    expect(await outcome(set)).toBe('current')
    await pass(601)
    expect(await outcome(set)).toBe('current')
    expect(api.requests.length).toBe(3)
  })

  test.each([0.1, 3600])('back by %s s shows no wrong times in status(): no age shrinks', async (seconds) => {
    const { set } = watched(endpoint())
    await check(set)
    await pass(10)
    await check(set)
    jump(-seconds)
    await check(set)
    const { fetchedAt } = set.status()
    expect(Math.round(Date.now() - fetchedAt!.getTime())).toBe(10_000)
  })
})

declare const crypto: { subtle: { importKey(): unknown } }
declare const Date: { now(): number }
