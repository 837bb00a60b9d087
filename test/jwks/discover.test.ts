// From an issuer to its keys: OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createVerifier, verify } from 'waxseal'
import { discover, type DiscoverOptions } from 'waxseal/jwks'
import { answer, check, current, falseClock, jwksOf, old, outcome, pass, settle, stranger, type Reply } from './support'
import { misused } from '../support/tokens'

const issuer = 'https://issuer.example/tenant'
const openid = `${issuer}/.well-known/openid-configuration`
const oauth = 'https://issuer.example/.well-known/oauth-authorization-server/tenant'
const jwksUri = 'https://keys.example/jwks'
const metadata = { issuer, jwks_uri: jwksUri, token_endpoint: 'https://issuer.example/token' }
declare class URL { constructor(text: string) }
const untyped = discover as unknown as (issuer?: unknown, options?: unknown) => ReturnType<typeof discover>

beforeEach(falseClock)
afterEach(() => void vi.useRealTimers())

/** A network of pages by address; what is not there is a 404. */
function network(pages: Record<string, Reply>) {
  const requests: string[] = []
  const headers: Record<string, Record<string, string>> = {}
  return {
    pages, requests, headers,
    async fetch(url: string, init: { headers: Record<string, string> }) {
      requests.push(url)
      const page = pages[url] ?? 404
      if (page instanceof Error) throw page
      const found = typeof page === 'function' ? await page({ url, init: init as never }) : page
      return answer(typeof found === 'number' ? null : typeof found === 'string' ? found : JSON.stringify(found), { status: typeof found === 'number' ? found : 200, headers: headers[url] })
    },
  }
}

const found = (pages: Record<string, Reply>, options: DiscoverOptions = {}, name = issuer) => {
  const net = network({ [jwksUri]: jwksOf(current), ...pages })
  return { ...discover(name, { fetch: net.fetch, ...options }), net }
}

describe('discover', () => {
  test('gives the issuer and its keys at once, and asks for nothing before a key is asked for', async () => {
    const made = found({ [openid]: metadata })
    expect(made.issuer).toBe(issuer)
    createVerifier(made.keys, { algorithms: ['ES256'], issuer: made.issuer })
    await settle()
    expect(made.net.requests).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    expect(await outcome(made.keys)).toBe('current')
    expect(made.net.requests).toEqual([openid, jwksUri])
    expect(await made.metadata()).toEqual(metadata)
    expect(made.net.requests.length).toBe(2)
  })

  test('once for all who ask', async () => {
    const made = found({ [openid]: metadata })
    await Promise.all([...Array.from({ length: 50 }, () => check(made.keys)), made.metadata(), made.keys.reload()])
    expect(made.net.requests).toEqual([openid, jwksUri])
  })

  test('each call of metadata() gives a copy of its own', async () => {
    const made = found({ [openid]: metadata });
    (await made.metadata() as { issuer: string }).issuer = 'changed'
    expect(await made.metadata()).toEqual(metadata)
  })

  test('metadata() alone fetches as well', async () => {
    const made = found({ [openid]: metadata })
    expect(await made.metadata()).toEqual(metadata)
  })

  test('a document that moves its keys is followed, as the keys are fetched again', async () => {
    const made = found({ [openid]: metadata, 'https://new.example/jwks': jwksOf(old) })
    await check(made.keys)
    made.net.pages[openid] = { ...metadata, jwks_uri: 'https://new.example/jwks' }
    await pass(600)
    expect([await outcome(made.keys, old), await outcome(made.keys)]).toEqual(['old', 'ERR_JWT_KEY_NOT_FOUND'])
    expect(await made.metadata()).toMatchObject({ jwks_uri: 'https://new.example/jwks' })
    expect(made.net.requests).toEqual([openid, jwksUri, openid, 'https://new.example/jwks'])
  })

  test('both are asked for by ETag', async () => {
    const made = found({ [openid]: metadata })
    made.net.headers[openid] = { etag: '"d"' }
    made.net.headers[jwksUri] = { etag: '"k"', 'cache-control': 'max-age=90' }
    await check(made.keys)
    const seen: unknown[] = []
    for (const page of [openid, jwksUri]) made.net.pages[page] = ({ init }: { init: { headers: Record<string, string> } }) => { seen.push(init.headers['if-none-match']); return 304 }
    await pass(90)
    expect(await outcome(made.keys)).toBe('current')
    expect(seen).toEqual(['"d"', '"k"'])
    expect(made.keys.status()).toMatchObject({ failures: 0, keys: 1 })
    expect(await made.metadata()).toEqual(metadata)
  })

  test('a provider that is down is ERR_JWKS_FETCH when asked, not before; reload() fails early', async () => {
    const made = found({ [openid]: new TypeError('fetch failed') })
    await expect(made.keys.reload()).rejects.toMatchObject({ code: 'ERR_JWKS_FETCH', fault: 'server' })
    await expect(made.metadata()).rejects.toMatchObject({ code: 'ERR_JWKS_FETCH' })
    expect(await outcome(made.keys)).toBe('ERR_JWKS_FETCH')
  })

  test('keys and document are served on while the provider is down', async () => {
    const made = found({ [openid]: metadata })
    await check(made.keys)
    made.net.pages[openid] = 500
    await pass(3600)
    expect(await outcome(made.keys)).toBe('current')
    expect(await made.metadata()).toEqual(metadata)
    await pass(86400)
    expect(await outcome(made.keys)).toBe('ERR_JWKS_FETCH')
    await expect(made.metadata()).rejects.toMatchObject({ code: 'ERR_JWKS_FETCH' })
  })

  test('random kids cause one round per cooldown', async () => {
    const made = found({ [openid]: metadata })
    await check(made.keys)
    await pass(30)
    for (let i = 0; i < 50; i++) await outcome(made.keys, stranger())
    expect(made.net.requests.length).toBe(4)
  })

  test('a store saves both requests, and metadata() makes up for them', async () => {
    const texts = new Map<string, string>()
    const store = { get: async (key: string) => texts.get(key), set: async (key: string, text: string) => texts.set(key, text) }
    await check(found({ [openid]: metadata }, { store }).keys)
    await settle()
    expect([...texts.keys()]).toEqual([`waxseal:jwks:${openid}`])
    const made = found({ [openid]: metadata }, { store })
    expect(await outcome(made.keys)).toBe('current')
    expect(made.net.requests).toEqual([])
    expect(await made.metadata()).toEqual(metadata)
    expect(made.net.requests).toEqual([openid, jwksUri])
  })

  test('limits hold for the document, too', async () => {
    const size = JSON.stringify(metadata).length
    const keys = { keys: [] }
    expect(await outcome(found({ [openid]: metadata, [jwksUri]: keys }, { maxBytes: size }).keys)).toBe('ERR_JWT_KEY_NOT_FOUND')
    expect(await outcome(found({ [openid]: metadata, [jwksUri]: keys }, { maxBytes: size - 1 }).keys)).toBe('ERR_JWKS_FETCH')
  })
})

describe('where the document is', () => {
  const places = async (name: string, pages: Record<string, Reply> = {}): Promise<string[]> => {
    const made = found(pages, {}, name)
    await outcome(made.keys)
    return made.net.requests
  }

  test.each([
    ['https://a.example', 'https://a.example/.well-known/openid-configuration', 'https://a.example/.well-known/oauth-authorization-server'],
    ['https://a.example/', 'https://a.example/.well-known/openid-configuration', 'https://a.example/.well-known/oauth-authorization-server'],
    ['https://a.example/b/c', 'https://a.example/b/c/.well-known/openid-configuration', 'https://a.example/.well-known/oauth-authorization-server/b/c'],
    ['https://a.example/b/', 'https://a.example/b/.well-known/openid-configuration', 'https://a.example/.well-known/oauth-authorization-server/b'],
    ['https://a.example/b//', 'https://a.example/b//.well-known/openid-configuration', 'https://a.example/.well-known/oauth-authorization-server/b/'],
    ['https://a.example:8443/b', 'https://a.example:8443/b/.well-known/openid-configuration', 'https://a.example:8443/.well-known/oauth-authorization-server/b'],
    ['http://localhost:8080/realm', 'http://localhost:8080/realm/.well-known/openid-configuration', 'http://localhost:8080/.well-known/oauth-authorization-server/realm'],
  ])('%s: OpenID first, on 404 RFC 8414', async (name, first, second) => {
    expect(await places(name)).toEqual([first, second])
  })

  test('a document of RFC 8414 serves as well', async () => {
    const made = found({ [oauth]: metadata })
    expect(await outcome(made.keys)).toBe('current')
    expect(made.net.requests).toEqual([openid, oauth, jwksUri])
  })

  test.each([[500], [403], [301], [410], [new TypeError('fetch failed')]])('after %s RFC 8414 is not tried', async (reply) => {
    expect(await places(issuer, { [openid]: reply, [oauth]: metadata })).toEqual([openid])
  })

  test('metadataUrl says it, and nothing else is tried', async () => {
    const place = 'https://other.example/meta?policy=b2c'
    const made = found({ [place]: metadata }, { metadataUrl: place })
    expect(await outcome(made.keys)).toBe('current')
    expect(made.net.requests).toEqual([place, jwksUri])
    const none = found({ [openid]: metadata }, { metadataUrl: place })
    expect(await outcome(none.keys)).toBe('ERR_JWKS_FETCH')
    expect(none.net.requests).toEqual([place])
  })
})

describe('the document', () => {
  const judged = (document: unknown, options: DiscoverOptions = {}, name = issuer): Promise<unknown> => outcome(found({ [openid]: document as Reply }, options, name).keys)

  test.each([
    ['the very issuer', metadata, 'current'],
    ['another issuer', { ...metadata, issuer: 'https://evil.example' }, 'ERR_JWKS_INVALID'],
    ['the issuer with a slash', { ...metadata, issuer: `${issuer}/` }, 'ERR_JWKS_INVALID'],
    ['the issuer in capitals', { ...metadata, issuer: 'https://ISSUER.example/tenant' }, 'ERR_JWKS_INVALID'],
    ['the issuer with its port', { ...metadata, issuer: 'https://issuer.example:443/tenant' }, 'ERR_JWKS_INVALID'],
    ['an array of issuers', { ...metadata, issuer: [issuer] }, 'ERR_JWKS_INVALID'],
    ['no issuer', { jwks_uri: jwksUri }, 'ERR_JWKS_INVALID'],
    ['no jwks_uri', { issuer }, 'ERR_JWKS_INVALID'],
    ['a jwks_uri that is no text', { issuer, jwks_uri: { href: jwksUri } }, 'ERR_JWKS_INVALID'],
    ['a jwks_uri over http', { issuer, jwks_uri: 'http://keys.example/jwks' }, 'ERR_JWKS_INVALID'],
    ['a jwks_uri on this machine over http, though the issuer is not', { issuer, jwks_uri: 'http://127.0.0.1/jwks' }, 'ERR_JWKS_INVALID'],
    ['a relative jwks_uri', { issuer, jwks_uri: '/jwks' }, 'ERR_JWKS_INVALID'],
    ['a jwks_uri without its slashes', { issuer, jwks_uri: 'https:keys.example/jwks' }, 'ERR_JWKS_INVALID'],
    ['a jwks_uri with one slash', { issuer, jwks_uri: 'https:/keys.example/jwks' }, 'ERR_JWKS_INVALID'],
    ['a jwks_uri with one slash, and the right form further on', { issuer, jwks_uri: 'https:/keys.example/jwks?https://keys.example' }, 'ERR_JWKS_INVALID'],
    ['a jwks_uri on this machine over http, and https further on', { issuer, jwks_uri: 'http://127.0.0.1/jwks?https:' }, 'ERR_JWKS_INVALID'],
    ['an array with a jwks_uri', { issuer, jwks_uri: [jwksUri] }, 'ERR_JWKS_INVALID'],
    ['a jwks_uri with credentials', { issuer, jwks_uri: 'https://a:b@keys.example/jwks' }, 'ERR_JWKS_INVALID'],
    ['HTML', '<html>', 'ERR_JWKS_INVALID'],
    ['an array', [metadata], 'ERR_JWKS_INVALID'],
    ['a name twice', JSON.stringify(metadata).replace('{', `{"issuer":"${issuer}",`), 'ERR_JWKS_INVALID'],
    ['nothing', '', 'ERR_JWKS_INVALID'],
  ])('%s', async (_, document, expected) => {
    expect(await judged(document)).toBe(expected)
  })

  test('the slash of the issuer that is asked for is part of it', async () => {
    expect(await judged({ ...metadata, issuer: `${issuer}/` }, {}, `${issuer}/`)).toBe('current')
    expect(await judged(metadata, {}, `${issuer}/`)).toBe('ERR_JWKS_INVALID')
  })

  test('on this machine http will do for both', async () => {
    const name = 'http://localhost:8080'
    const made = found({ [`${name}/.well-known/openid-configuration`]: { issuer: name, jwks_uri: 'http://127.0.0.1:8080/jwks' }, 'http://127.0.0.1:8080/jwks': jwksOf(current) }, {}, name)
    expect(await outcome(made.keys)).toBe('current')
  })

  test('a document over https names no keys on this machine over http, though its own address has http: further on', async () => {
    const name = 'https://issuer.example/http:'
    const made = found({ [`${name}/.well-known/openid-configuration`]: { issuer: name, jwks_uri: 'http://127.0.0.1/jwks' }, 'http://127.0.0.1/jwks': jwksOf(current) }, {}, name)
    expect(await outcome(made.keys)).toBe('ERR_JWKS_INVALID')
    expect(made.net.requests.length).toBe(1)
  })

  test('no key is asked for before the issuer is right', async () => {
    const made = found({ [openid]: { ...metadata, issuer: 'https://evil.example' } })
    await outcome(made.keys)
    expect(made.net.requests).toEqual([openid])
  })

  test('one that changes its issuer is refused, and what was in hand is served on', async () => {
    const made = found({ [openid]: metadata })
    await check(made.keys)
    made.net.pages[openid] = { ...metadata, issuer: 'https://evil.example', jwks_uri: 'https://evil.example/jwks' }
    made.net.pages['https://evil.example/jwks'] = jwksOf(old)
    await expect(made.keys.reload()).rejects.toMatchObject({ code: 'ERR_JWKS_INVALID' })
    expect([await outcome(made.keys), await outcome(made.keys, old)]).toEqual(['current', 'ERR_JWT_KEY_NOT_FOUND'])
    expect(await made.metadata()).toEqual(metadata)
  })

  test('an issuer function judges instead, for providers with many tenants; only true accepts', async () => {
    const template = { ...metadata, issuer: 'https://login.example/{tenantid}/v2.0' }
    const accepts = vi.fn((one: string) => one === template.issuer)
    expect(await judged(template, { issuer: accepts })).toBe('current')
    expect(accepts.mock.calls).toEqual([[template.issuer]])
    expect(await judged(metadata, { issuer: accepts })).toBe('ERR_JWKS_INVALID')
    for (const wrong of [() => 1, () => 'yes', async () => true, () => undefined, () => { throw new Error('no') }]) {
      expect(await judged(metadata, { issuer: wrong as never })).toBe('ERR_JWKS_INVALID')
    }
    expect(await judged({ ...metadata, issuer: 7 }, { issuer: () => true })).toBe('ERR_JWKS_INVALID')
  })

  test('what an issuer function throws is the cause of the refusal', async () => {
    const { keys } = found({ [openid]: metadata }, { issuer: () => { throw new Error('no database') } })
    await expect(keys.reload()).rejects.toMatchObject({ code: 'ERR_JWKS_INVALID', fault: 'server', cause: new Error('no database') })
  })

  test('verify still holds the token to the issuer', async () => {
    const { keys, issuer: name } = found({ [openid]: metadata })
    await expect(verify(current.token(), keys, { algorithms: ['ES256'], issuer: name })).rejects.toMatchObject({ code: 'ERR_JWT_CLAIM', claim: 'iss' })
  })
})

describe('arguments', () => {
  test.each([
    [undefined], [''], ['issuer.example'], ['http://issuer.example'], ['https://issuer.example?x=1'], ['https://issuer.example/#x'], ['https://issuer.example/?'], ['https://a:b@issuer.example'], [{ href: issuer }], [new URL(issuer)], [[issuer]],
    [' https://issuer.example'], ['https://issuer.example\n'], ['https:issuer.example'], ['https:/issuer.example'], ['https:///issuer.example'], ['https://issuer.example/a b'], ['https://issuer.example\\a'], ['HTTP://localhost:3000'],
  ])('%j is no issuer', async (value) => {
    await misused(() => untyped(value), 'discover issuer')
  })

  test.each([
    ['metadataUrl', 'http://issuer.example/'], ['metadataUrl', ''], ['metadataUrl', undefined], ['metadataUrl', 7], ['issuer', issuer], ['issuer', undefined], ['maxAge', 0], ['timeout', 5000], ['metadataURL', openid], ['algorithms', ['ES256']],
  ])('%s: %j is no option', async (name, value) => {
    await misused(() => untyped(issuer, { [name]: value }), name)
  })

  test('the options of remoteKeySet are taken', () => {
    expect(() => discover(issuer, { maxAge: '5m', minAge: 1, cooldown: 1, staleIfError: 1, timeout: 1, maxBytes: 1, maxKeys: 1, headers: {}, onEvent() {}, waitUntil() {} })).not.toThrow()
  })
})
