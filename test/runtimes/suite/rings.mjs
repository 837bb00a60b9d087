// A ring of signing keys on every runtime: keys are made, stored, read back by another process, published and rotated, and
// what runtimes have of their own is met: Response, the export of private keys, promises that outlive a request.

import { claims, isNative, keyOf, publicKeyAlgorithms } from './support.mjs'

const hour = 3600_000
const kidLength = 43 // a thumbprint, which the message may show

export default async (lib, { test, assert, requests }) => {
  const { createVerifier, decode, discover, issuers, jwksHandler, keyRing, keySet, remoteKeySet, sign, verify } = lib
  const times = { tokenLifetime: '15m', rotateEvery: '2d', publishBefore: '1d' }
  const address = 'https://issuer.example/jwks'

  /** A ring over a store, in a time of its own. */
  function made(store = new Map(), more = {}) {
    const clock = { time: Date.parse('2026-11-01T00:00:00Z') }
    const ring = keyRing({ algorithm: 'ES256', store, now: () => new Date(clock.time), ...times, ...more })
    return { store, clock, ring }
  }
  const options = (clock, algorithm = 'ES256') => ({ algorithms: [algorithm], now: new Date(clock.time) })
  const ask = (headers = {}, method = 'GET') => new Request(address, { method, headers })

  for (const alg of publicKeyAlgorithms) {
    test(`${alg}: a ring makes a key, signs, and another process signs on with what is stored`, async () => {
      const { ring, store, clock } = made(new Map(), { algorithm: alg })
      if (!await isNative(alg)) {
        await assert.refuses(() => ring.sign({}, { expiresIn: '5m' }), 'ERR_JWT_UNSUPPORTED')
        assert.equal(store.size, 0, 'what is stored')
        return
      }
      const token = await ring.sign({ sub: 'alice' }, { issuer: 'https://issuer.example', expiresIn: '5m' })
      const { ring: other } = made(store, { algorithm: alg })
      const theirs = await other.sign({ sub: 'bob' }, { expiresIn: '5m' })
      assert.equal([decode(theirs).header.kid, decode(theirs).header.alg], [decode(token).header.kid, alg], 'kid and alg')
      const published = keySet(await other.toPublicJwks())
      for (const keys of [ring, other, published]) {
        for (const [text, sub] of [[token, 'alice'], [theirs, 'bob']]) assert.equal((await verify(text, keys, options(clock, alg))).payload.sub, sub)
      }
      const { keys } = await ring.toPublicJwks()
      assert.equal(keys.map((jwk) => [jwk.alg, jwk.use, 'd' in jwk || 'priv' in jwk || 'k' in jwk]), [[alg, 'sig', false]])
    })
  }

  test('a secret is no key for a ring', async () => {
    for (const algorithm of ['HS256', 'HS384', 'HS512']) await assert.misuses(() => made(new Map(), { algorithm }))
  })

  test('a rotation publishes before it signs, and lets the old key go when its tokens have expired', async () => {
    const { ring, clock } = made()
    const kids = async () => (await ring.toPublicJwks()).keys.map(({ kid }) => kid)
    const first = decode(await ring.sign({}, { expiresIn: '15m' })).header.kid
    assert.equal(await kids(), [first])
    clock.time += 25 * hour
    await ring.reload()
    const [one, next] = await kids()
    assert.equal([one, !!next, decode(await ring.sign({}, { expiresIn: '15m' })).header.kid], [first, true, first], 'published, not yet signing')
    const old = await ring.sign({ sub: 'alice' }, { expiresIn: '15m' })
    clock.time += 48 * hour
    await ring.reload()
    const token = await ring.sign({ sub: 'bob' }, { expiresIn: '15m' })
    assert.equal(decode(token).header.kid, next, 'the key that signs')
    assert(!(await kids()).includes(first), 'the first is gone')
    await verify(token, ring, options(clock))
    await assert.refuses(() => verify(old, ring, options(clock)), 'ERR_JWT_KEY_NOT_FOUND', kidLength)
  })

  test('a key that is withdrawn verifies nothing, and the ring signs on with another', async () => {
    const { ring, clock } = made()
    const token = await ring.sign({ sub: 'alice' }, { expiresIn: '5m' })
    await ring.revoke(decode(token).header.kid)
    await assert.refuses(() => verify(token, ring, options(clock)), 'ERR_JWT_KEY_NOT_FOUND', kidLength)
    const other = await ring.sign({ sub: 'alice' }, { expiresIn: '5m' })
    await verify(other, ring, options(clock))
  })

  test('the key of the moment serves sign, and a token that would outlive it is a TypeError', async () => {
    const { ring, clock } = made()
    await verify(await sign(claims, await ring.current()), ring, options(clock))
    await ring.sign({}, { expiresIn: '15m' })
    await assert.misuses(() => ring.sign({}, { expiresIn: '16m' }))
  })

  test('a store that fails: nothing is signed without a key, and with one it goes on', async () => {
    const broken = { get: async () => { throw new Error('down') }, set: async () => { throw new Error('down') } }
    const error = await assert.refuses(() => made(broken).ring.sign({}, { expiresIn: '5m' }), 'ERR_JWT_KEY')
    assert.equal(error.fault, 'server')
    const store = new Map()
    const { ring, clock } = made({ get: async (key) => store.down ? broken.get() : store.get(key), set: async (key, text) => store.set(key, text) })
    await ring.sign({}, { expiresIn: '5m' })
    store.down = true
    clock.time += hour
    await verify(await ring.sign({}, { expiresIn: '5m' }), ring, options(clock))
  })

  test('a store that never answers is given up', async () => {
    const silent = { get: () => new Promise(() => {}), set: async () => {} }
    await assert.refuses(() => made(silent, { timeout: 0.1 }).ring.sign({}, { expiresIn: '5m' }), 'ERR_JWT_KEY')
  })

  test('many requests at once on an empty store sign with one key', async () => {
    const { ring } = made()
    const act = async () => decode(await ring.sign({}, { expiresIn: '5m' })).header.kid
    const kids = await requests(Array(10).fill(act))
    assert.equal([kids.length, new Set(kids).size], [10, 1])
  })

  test('a ring that was made before any request serves all of them', async () => {
    const act = async () => (await verify(await early.sign({ sub: 'alice' }, { expiresIn: '5m' }), early, { algorithms: ['ES256'] })).payload.sub
    assert.equal(await requests([act, act, act]), ['alice', 'alice', 'alice'])
    assert.equal(await requests([act, act]), ['alice', 'alice'])
  })

  // ─── the handler ───────────────────────────────────────────────────────────

  test('the handler answers with a Response of the runtime: body, type, ETag, Cache-Control', async () => {
    const { ring } = made()
    const response = await jwksHandler(ring)(ask())
    assert(response instanceof Response, 'a Response')
    const header = (name) => response.headers.get(name)
    assert.equal([response.status, header('content-type'), header('cache-control'), header('access-control-allow-origin'), header('x-content-type-options')], [200, 'application/jwk-set+json', 'public, max-age=600', '*', 'nosniff'])
    assert(/^"[\w-]{43}"$/.test(header('etag')), 'a strong ETag')
    assert.equal(await response.json(), await ring.toPublicJwks())
  })

  test('If-None-Match is a 304 without a body, HEAD a 200 without one, POST a 405', async () => {
    const handler = jwksHandler(made().ring)
    const { headers } = await handler(ask())
    const etag = headers.get('etag')
    for (const [request, status, length] of [[ask({ 'if-none-match': `W/${etag}, "x"` }), 304, 0], [ask({}, 'HEAD'), 200, 0], [ask({}, 'POST'), 405, 0]]) {
      const response = await handler(request)
      assert.equal([response.status, (await response.text()).length], [status, length])
      assert.equal(response.headers.get(status === 405 ? 'allow' : 'etag'), status === 405 ? 'GET, HEAD' : etag)
    }
    assert.equal((await handler(ask({ 'if-none-match': '"x"' }))).status, 200)
  })

  test('what fails, or would show a private key, is an empty 500', async () => {
    const errors = []
    const { jwk, publicJwk } = keyOf('ES256')
    assert.equal((await jwksHandler(async () => ({ keys: [publicJwk] }))(ask())).status, 200)
    for (const source of [() => ({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }), async () => ({ keys: [publicJwk, jwk] }), () => { throw new Error('down') }]) {
      const response = await jwksHandler(source, { onError: (error) => errors.push(error) })(ask())
      assert.equal([response.status, await response.text()], [500, ''])
    }
    assert.equal(errors.length, 3)
  })

  test('what the handler serves is what a set over the network takes, alone and among issuers', async () => {
    const { ring, clock } = made()
    const handler = jwksHandler(ring)
    const issuer = 'https://issuer.example'
    const token = await ring.sign({ sub: 'alice' }, { issuer, expiresIn: '5m' })
    const fetch = async (url, { headers } = {}) => url.endsWith('/jwks') ? handler(ask(headers)) : Response.json({ issuer, jwks_uri: address })
    await verify(token, remoteKeySet(address, { fetch }), { ...options(clock), issuer })

    const found = discover(issuer, { fetch })
    const common = { algorithms: ['ES256'], now: () => new Date(clock.time) }
    const verifier = issuers([{ issuer: found.issuer, keys: found.keys, ...common }, { issuer: 'https://other.example', keys: made().ring, ...common }], { cache: true })
    for (let i = 0; i < 2; i++) assert.equal((await verifier(token)).payload.sub, 'alice')
    const error = await assert.refuses(async () => verifier(await ring.sign({}, { issuer: 'https://stranger.example', expiresIn: '5m' })), 'ERR_JWT_CLAIM')
    assert.equal([error.claim, error.payload], ['iss', undefined])
    await assert.refuses(async () => verifier(await ring.sign({}, { issuer: 'https://other.example', expiresIn: '5m' })), 'ERR_JWT_KEY_NOT_FOUND', kidLength)
    await createVerifier(ring, { ...common, issuer })(token)
  })

  const early = keyRing({ algorithm: 'ES256', tokenLifetime: '15m', store: new Map() })
}
