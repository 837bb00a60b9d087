// The request handler: what it answers, what caches may do with it, and what never leaves it.

import { describe, expect, test } from 'vitest'
import { exportJwk, generateKey, keySet } from 'waxseal'
import { jwksHandler as typed, keyRing } from 'waxseal/keyring'
import { misused } from '../support/tokens'

interface Answer { status: number, headers: Map<string, string>, text(): Promise<string> }
declare class Request { constructor(url: string, init?: object) }

const jwksHandler = typed as unknown as (source: unknown, options?: unknown) => (request: Request) => Promise<Answer>
const url = 'https://issuer.example/.well-known/jwks.json'
const ask = (handler: (request: Request) => Promise<Answer>, method = 'GET', headers = {}): Promise<Answer> => handler(new Request(url, { method, headers }))
const header = (answer: Answer, name: string): string | null | undefined => answer.headers.get(name)

const { publicKey, privateKey } = await generateKey('ES256', { extractable: true })
const set = keySet([publicKey])
const text = JSON.stringify(await set.toPublicJwks())

test('maxAge is no longer than the ring reckons with', async () => {
  const ring = { maxAge: 600, toPublicJwks: async () => ({ keys: [] }) }
  await misused(() => jwksHandler(ring, { maxAge: 601 }), 'at most the ring')
  const asked = new Request(url)
  expect((await jwksHandler(ring, { maxAge: 60 })(asked)).headers.get('cache-control')).toBe('public, max-age=60')
  for (const maxAge of [NaN, Infinity, '5; x', undefined]) expect((await jwksHandler({ ...ring, maxAge })(asked)).headers.get('cache-control')).toBe('public, max-age=600')
})

describe('sources', () => {
  test.each<[string, unknown]>([
    ['a key set', set],
    ['a set of private keys, which publishes their public halves', keySet([privateKey])],
    ['a function', () => JSON.parse(text) as unknown],
    ['an asynchronous function', async () => JSON.parse(text) as unknown],
  ])('%s', async (_, source) => {
    const answer = await ask(jwksHandler(source))
    expect(answer.status).toBe(200)
    expect(JSON.parse(await answer.text())).toEqual(JSON.parse(text))
  })

  test('a ring, which also says how long caches may keep it', async () => {
    const ring = keyRing({ algorithm: 'ES256', tokenLifetime: 60, store: new Map<string, string>(), maxAge: '5m' })
    const answer = await ask(jwksHandler(ring))
    expect(JSON.parse(await answer.text())).toEqual(await ring.toPublicJwks())
    expect(header(answer, 'cache-control')).toBe('public, max-age=300')
  })

  test.each([undefined, null, 'https://issuer.example', { keys: [] }, publicKey, 7])('%j is a TypeError', async (source) => {
    await misused(() => jwksHandler(source), 'jwksHandler source')
  })

  test.each([{ maxage: 1 }, { maxAge: undefined }, { maxAge: '25h' }, { maxAge: -1 }, { onError: 1 }, 7])('options %j are a TypeError', async (options) => {
    await misused(() => jwksHandler(set, options), 'jwksHandler')
  })

  test('maxAge is 24 hours at most, and the message says so', async () => {
    expect(header(await ask(jwksHandler(set, { maxAge: 86_400 })), 'cache-control')).toBe('public, max-age=86400')
    await misused(() => jwksHandler(set, { maxAge: 86_401 }), '24 hours')
  })
})

describe('answers', () => {
  const handler = jwksHandler(set, { maxAge: '1h' })

  test('GET: the set, its type, a strong ETag, for every origin, and not to be sniffed', async () => {
    const answer = await ask(handler)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe(text)
    expect(Object.fromEntries(answer.headers)).toEqual({
      'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=3600', 'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff', etag: expect.stringMatching(/^"[\w-]{43}"$/),
    })
  })

  test('HEAD: the same without the set', async () => {
    const [get, head] = [await ask(handler), await ask(handler, 'HEAD')]
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect([...head.headers]).toEqual([...get.headers])
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s: 405, and the source is not asked', async (method) => {
    let asked = false
    const answer = await ask(jwksHandler(() => { asked = true; return { keys: [] } }), method)
    expect([answer.status, header(answer, 'allow'), await answer.text(), asked]).toEqual([405, 'GET, HEAD', '', false])
  })

  test('the ETag changes with the set and with nothing else', async () => {
    const other = keySet([(await generateKey('ES256')).publicKey])
    const tags = await Promise.all([handler, jwksHandler(set), jwksHandler(other)].map(async (one) => header(await ask(one), 'etag')))
    expect(tags[0]).toBe(tags[1])
    expect(tags[2]).not.toBe(tags[0])
  })

  test('If-None-Match: 304 without a body for the ETag, alone, in a list, weak, or for any', async () => {
    const etag = header(await ask(handler), 'etag')!
    for (const value of [etag, `"a", ${etag}`, `${etag},"a"`, `W/${etag}`, '*']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(handler, method, { 'if-none-match': value })
        expect([answer.status, await answer.text(), header(answer, 'etag'), header(answer, 'cache-control')]).toEqual([304, '', etag, 'public, max-age=3600'])
      }
    }
    for (const value of ['"a"', etag.slice(1, -1), `"${etag}"`, 'W/"*"', '']) expect((await ask(handler, 'GET', { 'if-none-match': value })).status).toBe(200)
    // a stranger's header: a pattern that tries every split of a million spaces would not come to an end
    for (const value of [undefined, null, `a${' '.repeat(1_000_000)}b`]) expect((await handler({ method: 'GET', headers: { get: () => value } } as never)).status).toBe(200)
  })
})

const privateJwk = await exportJwk(privateKey)
const secretJwk = await exportJwk(await generateKey('HS256', { extractable: true }))
const [member] = (JSON.parse(text) as { keys: object[] }).keys

describe('what never leaves it', () => {
  test.each<[string, () => unknown]>([
    ['a private key', () => ({ keys: [privateJwk] })],
    ['a private key among public ones', () => ({ keys: [member, privateJwk] })],
    ['a secret', () => ({ keys: [secretJwk] })],
    ['a secret without its k', () => ({ keys: [{ kty: 'oct', kid: 'x' }] })],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].map((name): [string, () => unknown] => [`a member ${name}`, () => ({ keys: [{ ...member, [name]: 'x' }] })]),
    ['one that only its toJSON lets out', () => ({ keys: [{ toJSON: () => privateJwk }] })],
    ['one that a prototype lets out as JSON', () => ({ keys: [Object.create({ toJSON: () => privateJwk }) as object] })],
    ['no set', () => ({ keys: 'x' })],
    ['null', () => null],
    ['a member that is no key', () => ({ keys: ['x'] })],
    ['a member without kty', () => ({ keys: [{ x: 1 }] })],
    ['an error', () => { throw new Error('secret text of ours') }],
    ['a rejection', async () => Promise.reject(new Error('secret text of ours'))],
  ])('%s: an empty 500 that nobody keeps, and onError hears why', async (_, source) => {
    const errors: unknown[] = []
    const answer = await ask(jwksHandler(source, { onError: (error: unknown) => void errors.push(error) }))
    expect([answer.status, await answer.text()]).toEqual([500, ''])
    expect(Object.fromEntries(answer.headers)).toEqual({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    expect(errors).toHaveLength(1)
    expect(String(errors[0])).not.toContain(privateJwk.d)
  })

  test('members of the set beside its keys', async () => {
    const answer = await ask(jwksHandler(() => ({ keys: [member], internal: 'note' })))
    expect(JSON.parse(await answer.text())).toEqual({ keys: [member] })
  })

  test('an onError that throws changes nothing', async () => {
    const answer = await ask(jwksHandler(() => { throw new Error() }, { onError() { throw new Error('mine') } }))
    expect(answer.status).toBe(500)
  })
})
