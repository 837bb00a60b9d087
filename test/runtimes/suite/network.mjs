// Key sets over the network: against pages that are really fetched, and among requests that share nothing but memory.

import { jwks } from '../harness/site.mjs'
import { claims, keyOf } from './support.mjs'

export default async (lib, { test, assert, site, requests }) => {
  const { createVerifier, discover, importJwk, remoteKeySet, sign, verify } = lib
  const es256 = { algorithms: ['ES256'] }
  const token = await sign(claims, await importJwk(keyOf('ES256').jwk, 'ES256', { keyId: 'es' }))
  const other = await sign(claims, await importJwk(keyOf('ES256').jwk, 'ES256', { keyId: 'other' }))
  const url = 'https://issuer.example/jwks'
  const answer = (init) => new Response(JSON.stringify(jwks), init)
  const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds) })

  /** An endpoint that takes its time. */
  const slow = (milliseconds = 50) => {
    const made = { calls: 0, fetch: async () => { made.calls++; await sleep(milliseconds); return answer() } }
    return made
  }

  test('keys that are really fetched verify', async () => {
    const events = []
    const set = remoteKeySet(`${site}/jwks`, { onEvent: ({ type }) => events.push(type) })
    assert.equal((await verify(token, set, es256)).payload.sub, 'alice')
    await assert.refuses(() => verify(other, set, es256), 'ERR_JWT_KEY_NOT_FOUND')
    const { keys, fetchedAt, expiresAt, failures } = set.status()
    assert.equal([keys, failures, expiresAt - fetchedAt], [1, 0, 300_000])
    assert.equal(events, ['fetch', 'unknown-kid'])
    assert.equal(await set.toPublicJwks(), jwks)
  })

  test('a second fetch goes by ETag, where the runtime shows it', async () => {
    const set = remoteKeySet(`${site}/jwks`)
    await set.reload()
    await set.reload()
    await verify(token, set, es256)
  })

  for (const [path, code] of [['/500', 'FETCH'], ['/none', 'FETCH'], ['/redirect', 'FETCH'], ['/large', 'FETCH'], ['/broken', 'INVALID'], ['/html', 'INVALID']]) {
    test(`${path} is refused`, () => assert.refuses(() => verify(token, remoteKeySet(site + path), es256), `ERR_JWKS_${code}`))
  }

  test('an injected fetch serves', async () => {
    const seen = []
    const set = remoteKeySet(url, { fetch: async (...given) => { seen.push(given); return answer() }, headers: { 'X-Key': 'k' } })
    await verify(token, set, es256)
    const [[address, { method, redirect, credentials, headers }]] = seen
    assert.equal([seen.length, address, method, redirect, credentials, headers], [1, url, 'GET', 'manual', 'omit', { accept: 'application/json', 'x-key': 'k' }])
  })

  test('an answer that never comes is given up', async () => {
    for (const fetch of [() => new Promise(() => {}), async () => new Response(new ReadableStream({}))]) {
      await assert.refuses(() => verify(token, remoteKeySet(url, { fetch, timeout: 0.1 }), es256), 'ERR_JWKS_FETCH')
    }
  })

  test('a body beyond the limit is given up', async () => {
    const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10_000)) })
    await assert.refuses(() => verify(token, remoteKeySet(url, { fetch: async () => new Response(endless()) }), es256), 'ERR_JWKS_FETCH')
  })

  test('a function serves, and so does discovery', async () => {
    await verify(token, remoteKeySet(async () => jwks), es256)
    const documents = { 'https://issuer.example/.well-known/openid-configuration': { issuer: 'https://issuer.example', jwks_uri: url }, [url]: jwks }
    const { keys, metadata } = discover('https://issuer.example', { fetch: async (address) => Response.json(documents[address]) })
    await verify(token, keys, es256)
    assert.equal((await metadata()).jwks_uri, url)
  })

  test('a set that was made before any request serves all of them', async () => {
    assert.equal(await requests([1, 2, 3].map(() => async () => (await made(token)).payload.sub)), ['alice', 'alice', 'alice'])
  })

  test('requests at the same time make one fetch', async () => {
    const endpoint = slow()
    const set = remoteKeySet(url, { fetch: endpoint.fetch })
    const act = async () => {
      await sleep(1)
      const { payload } = await verify(token, set, es256)
      await sleep(1) // each still has its own timers
      return payload.sub
    }
    assert.equal(await requests(Array(20).fill(act)), Array(20).fill('alice'))
    assert.equal(endpoint.calls, 1)
  })

  test('a failed fetch fails for all who wait for it, and once', async () => {
    let calls = 0
    const set = remoteKeySet(url, { fetch: async () => { calls++; await sleep(30); return answer({ status: 500 }) } })
    const act = () => verify(token, set, es256).catch(({ code }) => code)
    assert.equal(await requests(Array(10).fill(act)), Array(10).fill('ERR_JWKS_FETCH'))
    assert.equal(calls, 1)
  })

  test('a request that is cancelled while it fetches leaves nobody waiting for ever', async () => {
    const controller = new AbortController()
    let calls = 0
    const fetch = async () => {
      await sleep(++calls === 1 ? 3000 : 10)
      return answer()
    }
    const set = remoteKeySet(url, { fetch })
    const act = async () => (await verify(token, set, es256)).payload.sub
    const first = requests([act], { signals: [controller.signal] }).catch(() => 'cancelled')
    await sleep(50)
    const second = requests([act, act])
    await sleep(50)
    controller.abort()
    assert.equal(await second, ['alice', 'alice'])
    assert(['cancelled', 'alice'].includes(`${await first}`), 'the first request')
  })

  test('a refresh that is due is made in the background, one for all requests', async () => {
    const endpoint = slow()
    const text = JSON.stringify({ url, time: Date.now() / 1000 - 550, life: 600, jwks })
    const background = []
    const set = remoteKeySet(url, { fetch: endpoint.fetch, store: { get: async () => text, set: async () => {} }, waitUntil: (promise) => background.push(promise) })
    const act = async () => {
      const { payload } = await verify(token, set, es256)
      await sleep(150)
      return payload.sub
    }
    await requests([act])
    assert.equal(await requests([act, act, act]), ['alice', 'alice', 'alice'])
    assert.equal(endpoint.calls, 1)
    assert(background.length > 0)
    assert(Date.now() - set.status().fetchedAt < 5000, 'a new set')
  })

  const made = createVerifier(remoteKeySet(`${site}/jwks`), es256)
}
