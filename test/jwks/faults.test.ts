// The same against a real server over real connections, which is told what to do wrong: fault-server.mjs.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { remoteKeySet, type RemoteKeySetOptions } from 'waxseal/jwks'
import { certificate, nodePrivate, pem, rsa, spkiOf } from '../support/keys'
// @ts-ignore -- plain JavaScript
import { faults, start } from './fault-server.mjs'
import { check, current, jwksOf, old, outcome, stranger } from './support'

interface Server {
  jwks: string
  fault: string | ((response: any, server: Server, request: any) => void) | undefined
  headers: Record<string, string>
  requests: number
  followed: number
  open: number
  poured: number
  url: string
  close(): Promise<void>
  reopen(): Promise<void>
}

declare const process: { env: Record<string, string | undefined>, emitWarning: () => void }
declare const Date: { now(): number }
declare function setTimeout(act: () => void, milliseconds: number): unknown
const until = (is: () => boolean): Promise<void> => vi.waitFor(() => expect(is()).toBe(true), { timeout: 5000, interval: 5 })

let server: Server
beforeEach(async () => { server = await start({ jwks: JSON.stringify(jwksOf(current)) }) })
afterEach(() => server.close())

const names = [...Object.keys(faults), 'refuses connections']
const breakDown = async (name: string): Promise<void> => {
  if (name === 'refuses connections') await server.close()
  else server.fault = name
}

/** What each fault is called; all others are failed fetches. */
const invalid = ['answers HTML', 'answers truncated JSON', 'answers no JSON object', 'answers a name twice', 'answers nothing', 'answers private keys']
const optionsFor = (name: string): RemoteKeySetOptions => /hangs|drips/.test(name) ? { timeout: 1 } : {}

describe.each(names)('a server that %s', (name) => {
  const code = invalid.includes(name) ? 'ERR_JWKS_INVALID' : 'ERR_JWKS_FETCH'
  const options = optionsFor(name)

  test(`gets one request for any number of tokens, each refused with ${code}`, async () => {
    await breakDown(name)
    const set = remoteKeySet(server.url, options)
    const outcomes = await Promise.all(Array.from({ length: 100 }, (_, i) => outcome(set, i % 2 ? current : stranger())))
    expect(new Set(outcomes)).toEqual(new Set([code]))
    expect(server.requests).toBe(name === 'refuses connections' ? 0 : 1)
    expect(server.followed).toBe(0)
    expect(set.status().failures).toBe(1)
  })

  test('makes no token fail that need not: keys in hand are served, and one request is out at most', async () => {
    const now = vi.spyOn(Date, 'now')
    const begin = Date.now()
    try {
      const set = remoteKeySet(server.url, options)
      await check(set)
      await breakDown(name)
      const requests = server.requests
      for (const seconds of [500, 601, 602, 3600, 86000]) { // fresh, expired, failing, long idle, at the end of the stale window
        now.mockReturnValue(begin + seconds * 1000)
        const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(set)))
        expect(new Set(outcomes)).toEqual(new Set(['current']))
      }
      expect(server.requests - requests).toBeLessThanOrEqual(5)
      expect(set.status().failures).toBeGreaterThan(0)

      server.fault = undefined
      if (name === 'refuses connections') await server.reopen()
      server.jwks = JSON.stringify(jwksOf(old))
      await set.reload()
      expect([await outcome(set, old), await outcome(set)]).toEqual(['old', 'ERR_JWT_KEY_NOT_FOUND'])
      expect(set.status()).toMatchObject({ failures: 0, keys: 1 })
    } finally {
      now.mockRestore()
    }
  })

  test('is left with no request open: what is given up is broken off', async () => {
    await breakDown(name)
    await outcome(remoteKeySet(server.url, options))
    await until(() => server.open === 0)
  })
})

describe('no more is read than is needed', () => {
  test.each([['answers 100 MB', 8 * 2 ** 20], ['answers a million keys', 2 ** 24]])('a server that %s', async (name, most) => {
    server.fault = name
    await outcome(remoteKeySet(server.url))
    await until(() => server.open === 0)
    expect(server.poured).toBeLessThan(most) // what the sockets hold on the way is sent, too
  })

  test('a million keys are refused by their number, too, where bytes are no limit', async () => {
    server.fault = 'answers a million keys'
    expect(await outcome(remoteKeySet(server.url, { maxBytes: 2 ** 24, timeout: 20 }))).toBe('ERR_JWKS_INVALID')
  })
})

test('two keys under one kid verify', async () => {
  server.jwks = JSON.stringify({ keys: [{ ...old.jwk, kid: 'current' }, current.jwk] })
  const set = remoteKeySet(server.url)
  expect([await outcome(set), await outcome(set, old.token({ kid: 'current' }))]).toEqual(['current', 'old'])
})

test('a wrong content type does not matter', async () => {
  server.headers = { 'content-type': 'text/plain; charset=utf-16' }
  expect(await outcome(remoteKeySet(server.url))).toBe('current')
})

test('ETag and 304, for real', async () => {
  server.fault = (response, { jwks }, request) => request.headers['if-none-match'] === '"one"' ? response.writeHead(304, { etag: '"one"' }).end() : response.writeHead(200, { etag: '"one"' }).end(jwks)
  const set = remoteKeySet(server.url)
  for (let i = 0; i < 3; i++) await set.reload()
  expect(server.requests).toBe(3)
  expect(await outcome(set)).toBe('current')
})

test('a process that was too busy to look does not blame the server for its own delay', async () => {
  server.fault = (response, { jwks }) => setTimeout(() => response.end(jwks), 50)
  const waiting = outcome(remoteKeySet(server.url, { timeout: 1 }))
  await vi.waitFor(() => expect(server.requests).toBe(1), { interval: 1 })
  for (const end = Date.now() + 1500; Date.now() < end;);
  expect(await waiting).toBe('current')
})

test('no cookie comes back, no Authorization goes out', async () => {
  const seen: object[] = []
  server.fault = (response, { jwks }, request) => {
    seen.push(request.headers)
    response.writeHead(200, { 'set-cookie': 'a=b' }).end(jwks)
  }
  const set = remoteKeySet(server.url, { headers: { 'x-key': 'k' } })
  await set.reload()
  await set.reload()
  expect(seen.length).toBe(2)
  for (const headers of seen) {
    expect(headers).toMatchObject({ accept: 'application/json', 'x-key': 'k' })
    expect(headers).not.toHaveProperty('cookie')
    expect(headers).not.toHaveProperty('authorization')
  }
})

test('keys that change while answers are on their way: each token is judged by a whole set, none by a mixture', async () => {
  let isOld = false
  server.fault = (response) => {
    isOld = !isOld
    const text = JSON.stringify(jwksOf(isOld ? old : current))
    response.writeHead(200).write(text.slice(0, 30), () => setTimeout(() => response.end(text.slice(30)), 5))
  }
  const set = remoteKeySet(server.url, { cooldown: 0 })
  for (let i = 0; i < 10; i++) {
    await Promise.all([set.reload(), outcome(set), outcome(set, old), set.reload()])
    const both = await Promise.all([outcome(set), outcome(set, old)])
    expect(both.every((one) => one === 'ERR_JWT_KEY_NOT_FOUND' || one === 'old' || one === 'current')).toBe(true)
    expect(set.status().keys).toBe(1)
  }
})

describe('over https', () => {
  let secure: Server
  beforeAll(async () => {
    const key = (nodePrivate(rsa) as unknown as { export(options: object): string }).export({ type: 'pkcs8', format: 'pem' })
    secure = await start({ jwks: JSON.stringify(jwksOf(current)), tls: { key, cert: pem('CERTIFICATE', certificate(spkiOf(rsa))) } })
  })
  afterAll(() => secure.close())

  const trusting = async (act: () => Promise<void>): Promise<void> => {
    const warn = process.emitWarning
    process.emitWarning = () => {}
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      await act()
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      process.emitWarning = warn
    }
  }

  test('not from a server with an untrusted certificate', async () => {
    secure.fault = undefined
    expect(await outcome(remoteKeySet(secure.url))).toBe('ERR_JWKS_FETCH')
  })

  test('keys come', () => trusting(async () => {
    secure.fault = undefined
    expect(await outcome(remoteKeySet(secure.url))).toBe('current')
  }))

  test('no redirect is followed, to http least of all', () => trusting(async () => {
    secure.fault = (response) => response.writeHead(302, { location: `${server.url}good` }).end()
    const set = remoteKeySet(secure.url)
    expect(await outcome(set)).toBe('ERR_JWKS_FETCH')
    expect(set.status().lastError).toMatchObject({ actual: 302 })
    expect([server.requests, server.followed]).toEqual([0, 0])
  }))
})
