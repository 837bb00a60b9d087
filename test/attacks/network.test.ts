// A key set over the network, asked for too often, from elsewhere, or after a key was withdrawn. The endpoint is a real
// server on this machine; what it is asked for is counted there. Reports: THREATS.md.

// @ts-ignore -- no types of Node are installed
import { createServer as typedServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { remoteKeySet } from 'waxseal/jwks'
import { doors } from '../support/doors'
import '../support/ran'
import { claims, hs256, misused, pair, pairToken, refused } from '../support/tokens'

interface Answer { writeHead(status: number, headers?: object): void, end(text?: string): void }
interface Server { listen(port: number, host: string, done: () => void): void, close(): void, closeAllConnections(): void, address(): { port: number } }
const createServer = typedServer as (answer: (request: { url: string }, answer: Answer) => void) => Server

const good = pair('ES256')
const mallory = pair('RS256')
const setOf = (...keys: object[]): string => JSON.stringify({ keys })
const honest = { ...good.publicJwk, kid: 'honest', alg: 'ES256', use: 'sig' }
const evil = { ...mallory.publicJwk, kid: 'evil', alg: 'RS256', use: 'sig' }

let asked: string[] = []
let respond: (path: string, answer: Answer) => void
const json = (text: string) => (_: string, answer: Answer): void => { answer.writeHead(200, { 'content-type': 'application/json' }); answer.end(text) }

const server = createServer(({ url }, answer) => { asked.push(url); respond(url, answer) })
let base: string
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => { base = `http://127.0.0.1:${server.address().port}`; resolve() })))
afterAll(() => { server.closeAllConnections(); server.close() })
beforeEach(() => { asked = []; respond = json(setOf(honest)) })

const options = { ...hs256, algorithms: ['ES256', 'RS256'] }
const byGood = pairToken('ES256', claims, { alg: 'ES256', kid: 'honest' })
const byMallory = pairToken('RS256', claims, { alg: 'RS256', kid: 'evil' })

for (const { name: door, waits, ways } of doors) describe(`${door}`, () => {
  const verify = Object.values(ways)[0]!

  /** A set over the server; the synchronous door serves what it holds, so that it is asked for first. */
  async function serving(path = '/jwks'): Promise<ReturnType<typeof remoteKeySet>> {
    const set = remoteKeySet(base + path)
    if (!waits) await set.reload().catch(() => undefined)
    return set
  }

  describe('keys come from the address that the caller gave, over https, and from nowhere else (CVE-2026-48522, CVE-2026-102267)', () => {
    it('an address of another kind is an error of the call: file, data, ftp, plain http, with credentials', async () => {
      for (const address of ['file:///etc/keys.json', `data:application/json,${setOf(evil)}`, 'ftp://keys.example/jwks', 'http://keys.example/jwks', 'https://me:secret@keys.example/jwks', 'javascript:0', 'blob:https://keys.example/1', '//keys.example/jwks', 'keys.example/jwks', '/jwks', '']) {
        await misused(async () => remoteKeySet(address), 'remoteKeySet')
      }
      remoteKeySet('https://keys.example/jwks')
    })

    it.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed, to a file, to another server or on the same one', async (status) => {
      for (const location of [`${base}/evil`, '/evil', 'file:///etc/keys.json', 'http://169.254.169.254/latest', `data:application/json,${encodeURIComponent(setOf(evil))}`]) {
        respond = (path, answer) => path === '/evil' ? json(setOf(evil))(path, answer) : (answer.writeHead(status, { location }), answer.end())
        asked = []
        await refused('ERR_JWKS_FETCH', async () => verify(byMallory, await serving(), options))
        expect(asked.filter((path) => path !== '/jwks')).toEqual([])
        expect(asked.length).toBeGreaterThan(0)
      }
    })

    it('twin: a set that is served where it was expected verifies', async () => {
      expect((await verify(byGood, await serving(), options)).payload).toEqual(claims)
      await refused('ERR_JWT_KEY_NOT_FOUND', async () => verify(byMallory, await serving(), options))
    })
  })

  describe('tokens with made-up kids cost no request each (CVE-2026-48524, CVE-2026-101917)', () => {
    const stranger = (i: number): string => pairToken('ES256', claims, { alg: 'ES256', kid: `made-up-${i}` })
    const failing: Record<string, (path: string, answer: Answer) => void> = {
      'answers 500': (_, answer) => { answer.writeHead(500); answer.end() },
      'answers a page': (_, answer) => { answer.writeHead(200, { 'content-type': 'text/html' }); answer.end('<html>') },
      'redirects': (_, answer) => { answer.writeHead(302, { location: '/other' }); answer.end() },
      'has an empty set': json(setOf()),
      'works': json(setOf(honest)),
    }

    it.each(Object.keys(failing))('fifty of them, one after another and at once, when the endpoint %s', async (name) => {
      for (const together of [false, true]) {
        respond = failing[name]!
        asked = []
        const set = await serving()
        const tokens = Array.from({ length: 50 }, (_, i) => stranger(i))
        const refuse = (text: string): Promise<unknown> => expect(verify(text, set, options)).rejects.toMatchObject({ code: /^ERR_JW(T_KEY_NOT_FOUND|KS_FETCH|KS_INVALID)$/ })
        if (together) await Promise.all(tokens.map(refuse))
        else for (const text of tokens) await refuse(text)
        expect(asked.length).toBeGreaterThan(0)
        expect(asked.length).toBeLessThan(4)
      }
    })

    it('a token that its header condemns costs none at all', async () => {
      const set = remoteKeySet(`${base}/jwks`)
      for (const text of ['garbage', byGood.replace('.', '!.'), pairToken('ES256', claims, { alg: 'none', kid: 'honest' }), pairToken('ES256', claims, { alg: 'PS256', kid: 'honest' }), pairToken('ES256', claims, { alg: 'ES256', kid: 'honest', crit: ['x'], x: 1 }), pairToken('ES256', claims, { alg: 'ES256', typ: 'x' }), 'x'.repeat(20_000)]) {
        await expect(verify(text, set, options)).rejects.toMatchObject({ name: 'JwtError' })
      }
      expect(asked).toEqual([])
    })

    it('twin: after them a token with the right kid is accepted', async () => {
      const set = await serving()
      for (let i = 0; i < 10; i++) await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(stranger(i), set, options))
      await verify(byGood, set, options)
    })
  })

  describe('a key that was withdrawn verifies no more (CVE-2025-22149)', () => {
    it('a new set replaces the old one, an empty set too', async () => {
      const set = await serving()
      await verify(byGood, set, options)
      for (const next of [setOf(evil), setOf()]) {
        respond = json(next)
        await set.reload()
        await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(byGood, set, options))
      }
      respond = json(setOf(honest))
      await set.reload()
      await verify(byGood, set, options)
    })

    it('a set that is broken replaces nothing: an attacker who breaks it does not shut the honest out', async () => {
      const set = await serving()
      await verify(byGood, set, options)
      for (const broken of ['<html>', '{"keys":1}', '[]', '{}', setOf({ kty: 'RSA' }), '{"keys":[],"keys":[]}']) {
        respond = json(broken)
        await expect(set.reload()).rejects.toMatchObject({ code: 'ERR_JWKS_INVALID' })
        await verify(byGood, set, options)
      }
    })
  })

  describe('one broken key of a fetched set does not take the others with it (CVE-2026-102274)', () => {
    it('nor do private and symmetric ones, which are set aside', async () => {
      respond = json(setOf({ kty: 'RSA', n: '!', e: 'AQAB', kid: 'a' }, { kty: 'oct', k: 'AAAA', kid: 'b' }, { ...mallory.privateJwk, kid: 'evil', alg: 'RS256' }, {}, honest))
      const set = await serving()
      await verify(byGood, set, options)
      expect(set.skipped.map(({ index }) => index)).toEqual([0, 1, 2, 3])
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(byMallory, set, options))
    })
  })
})
