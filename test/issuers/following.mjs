// A verifier and its provider over time: keys published, used, withdrawn; restarts; an outage of a day; a store. The clock of
// the key set is moved, never waited for; the claims keep the true time, so that tokens do not expire on the way.

import { equal, ok } from 'node:assert/strict'
import { makeIssuer, privateJwks, resource } from './issuer.mjs'
import { refuses } from './tokens.mjs'

const minutes = 60_000
const hours = 60 * minutes

export async function* checks({ base64url, createVerifier }, { discover }) {
  const trueTime = Date.now
  let offset = 0
  Date.now = () => trueTime() + offset
  const pass = (milliseconds) => { offset += milliseconds }

  const issuer = await makeIssuer()
  const spring = privateJwks('spring')
  const summer = privateJwks('summer')
  const algorithm = 'ES256'

  /** A service as it starts: nothing in hand but the issuer's name. */
  function service(options = {}) {
    const seen = {}
    const { keys } = discover(issuer.url, { onEvent: ({ type }) => seen[type] = (seen[type] ?? 0) + 1, ...options })
    const verifier = createVerifier(keys, {
      algorithms: [algorithm], issuer: issuer.url, audience: resource(algorithm), type: 'at+jwt', now: () => new Date(trueTime()),
    })
    return { keys, seen, verifier, all: (tokens) => Promise.all(tokens.map((token) => verifier(token))) }
  }
  const many = (token, count) => Array.from({ length: count }, () => token)
  const fetches = async () => (await issuer.requests())['/jwks'] ?? 0

  yield ['a thousand verifications at start ask the provider once for its metadata and once for its keys', async () => {
    await issuer.start(spring)
    const token = await issuer.accessToken(algorithm)
    const before = await issuer.requests()
    await service().all(many(token, 1000))
    const after = await issuer.requests()
    equal(after['/jwks'] ?? 0, 1)
    equal(after['/.well-known/openid-configuration'] - before['/.well-known/openid-configuration'], 1)
  }]

  yield ['a new key is found by its first token, the old one\'s tokens still pass, and a withdrawn key ends with the next refresh', async () => {
    await issuer.stop()
    await issuer.start(spring)
    const { verifier } = service()
    const old = await issuer.accessToken(algorithm)
    await verifier(old)

    await issuer.stop()
    await issuer.start({ keys: [...summer.keys, ...spring.keys] })
    pass(1 * minutes)
    const fresh = await issuer.accessToken(algorithm)
    equal((await verifier(fresh)).header.kid, 'summer-es')
    await verifier(old)

    await issuer.stop()
    await issuer.start(summer)
    await verifier(old) // in hand, and not yet due
    pass(11 * minutes)
    await refuses(verifier.safe(old), 'ERR_JWT_KEY_NOT_FOUND', { fault: 'token' })
    await verifier(fresh)
  }]

  yield ['five hundred kids that nobody has cost the provider one request', async () => {
    const { verifier } = service()
    const token = await issuer.accessToken(algorithm)
    await verifier(token)
    pass(1 * minutes)
    const before = await fetches()
    const [header, ...rest] = token.split('.')
    const strange = (i) => [base64url.encode(new TextEncoder().encode(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(base64url.decode(header))), kid: `none-${i}` }))), ...rest].join('.')
    for (let i = 0; i < 500; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, j) => refuses(verifier.safe(strange(i + j)), 'ERR_JWT_KEY_NOT_FOUND', { fault: 'token' })))
      await verifier(token)
    }
    equal(await fetches() - before, 1)
  }]

  yield ['a provider that is killed and comes back under load refuses nobody', async () => {
    const { verifier } = service()
    const token = await issuer.accessToken(algorithm)
    await verifier(token)
    let stop = false
    let verified = 0
    const load = Promise.allSettled(Array.from({ length: 20 }, async () => {
      while (!stop) {
        await verifier(token)
        verified++
        await new Promise(setImmediate)
      }
    }))
    for (let round = 0; round < 3; round++) {
      await issuer.stop()
      pass(10 * minutes)
      await issuer.start(summer)
      pass(10 * minutes)
    }
    stop = true
    for (const { reason } of await load) if (reason) throw reason
    ok(verified > 100, `${verified} is no load`)
  }]

  yield ['an outage of nearly a day refuses nobody, and asks no more than it must; after a day of it keys are no longer trusted; then the provider returns', async () => {
    const { verifier, keys, seen, all } = service()
    const token = await issuer.accessToken(algorithm)
    await verifier(token)
    await issuer.stop()
    const start = offset
    let verified = 0
    while (offset - start < 23.5 * hours) {
      pass(15 * minutes)
      verified += (await all(many(token, 100))).length
    }
    ok(seen.error > 0 && seen.error <= 23.5 * 4 * 2, `${seen.error} failed requests`)
    ok(keys.status().failures > 0)
    console.log(`        ${verified} verifications in 23.5 hours without the provider: 0 refused, ${seen.error} requests tried`)

    pass(1 * hours)
    await refuses(verifier.safe(token), 'ERR_JWKS_FETCH', { fault: 'server' })

    await issuer.start(summer)
    pass(1 * hours)
    await verifier(token)
    equal(keys.status().failures, 0)
  }]

  yield ['a service that starts while the provider is down says so, as a fault of this side, and is well once the provider is', async () => {
    const token = await issuer.accessToken(algorithm)
    await issuer.stop()
    const { verifier, keys } = service()
    await refuses(verifier.safe(token), 'ERR_JWKS_FETCH', { fault: 'server' })
    await issuer.start(summer)
    pass(1 * hours)
    await verifier(token)
    equal(keys.status().keys, summer.keys.length)
  }]

  yield ['Cache-Control of the provider is kept to: two minutes here, ten where it says nothing', async () => {
    const both = { keys: [...summer.keys, ...spring.keys] }
    for (const [cacheControl, isDue] of [['max-age=120', true], [undefined, false]]) {
      await issuer.stop()
      await issuer.start(both, { cacheControl })
      const token = await issuer.accessToken(algorithm)
      const { verifier } = service()
      await verifier(token)
      await issuer.stop()
      await issuer.start(spring, { cacheControl }) // the key of the token is withdrawn
      pass(3 * minutes)
      if (isDue) await refuses(verifier.safe(token), 'ERR_JWT_KEY_NOT_FOUND')
      else await verifier(token)
    }
  }]

  yield ['an isolate that starts while the provider is down takes the keys from the store', async () => {
    const texts = new Map()
    const store = { get: async (key) => texts.get(key), set: async (key, text) => void texts.set(key, text) }
    const token = await issuer.accessToken(algorithm)
    await service({ store }).verifier(token)
    await issuer.stop()
    pass(1 * hours)
    await service({ store }).verifier(token)
    await refuses(service().verifier.safe(token), 'ERR_JWKS_FETCH')
    pass(24 * hours)
    await refuses(service({ store }).verifier.safe(token), 'ERR_JWKS_FETCH')
  }]

  await issuer.stop()
  Date.now = trueTime
}
