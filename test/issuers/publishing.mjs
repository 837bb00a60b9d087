// The other way round: JWKS that waxseal publishes and tokens that it signs, consumed by jose (createRemoteJWKSet), by
// openid-client (discovery and an ID token whose signature it checks), by the provider (private_key_jwt), and by waxseal.

import { equal, match, ok, rejects } from 'node:assert/strict'
import { generateKeyPair as generateKeyPairWithCallback } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import * as jose from 'jose'
import * as openid from 'openid-client'
import { makeIssuer, privateJwks } from './issuer.mjs'

const generateKeyPair = promisify(generateKeyPairWithCallback)

/** A server on loopback; `routes` are functions `(request) => object` by path, and may be changed while it runs. */
async function serve(routes) {
  const server = createServer(async (request, response) => {
    const route = routes[request.url.split('?')[0]]
    response.writeHead(route ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(await route?.(request) ?? {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) }
}

/** The same for a handler of web requests. */
async function serveHandler(handler) {
  let count = 0
  const server = createServer(async ({ method, headers }, response) => {
    count++
    const answer = await handler({ method, headers: new Headers(headers) })
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${server.address().port}`, count: () => count, close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) }
}

export async function* checks({ algorithms, createVerifier, generateKey, importJwk, isSupported, keySet, sign }, { remoteKeySet }, { jwksHandler, keyRing }) {
  const audience = 'https://api.shop.example'
  const asymmetric = []
  for (const name of algorithms) if (!name.startsWith('HS') && await isSupported(name)) asymmetric.push(name)

  yield [`jose takes the tokens of ${asymmetric.length} algorithms from one published JWKS, and no stranger's`, async () => {
    const rsa = await Promise.all([1, 2].map(() => generateKeyPair('rsa', { modulusLength: 2048 }))) // ours and a stranger's; making one takes long
    const make = async (name, i, keyId) => {
      if (!/^[RP]S/.test(name)) return generateKey(name, keyId && { keyId })
      const jwk = rsa[i].privateKey.export({ format: 'jwk' })
      const [privateKey, publicKey] = await Promise.all([jwk, { kty: jwk.kty, n: jwk.n, e: jwk.e }].map((one) => importJwk(one, name, { keyId: keyId ?? `our-${name}` })))
      return { privateKey, publicKey }
    }
    const pairs = await Promise.all(asymmetric.map((name) => make(name, 0)))
    const published = await keySet(pairs.map(({ publicKey }) => publicKey)).toPublicJwks()
    const server = await serve({ '/jwks': () => published })
    const jwks = jose.createRemoteJWKSet(new URL('/jwks', server.url))
    const options = { issuer: server.url, audience, typ: 'at+jwt' }
    for (const [i, { privateKey }] of pairs.entries()) {
      const token = await sign({ client_id: 'service' }, privateKey, { algorithm: asymmetric[i], issuer: server.url, audience, type: 'at+jwt', expiresIn: '5m' })
      const { protectedHeader, payload } = await jose.jwtVerify(token, jwks, options)
      equal(protectedHeader.alg, asymmetric[i])
      equal(payload.client_id, 'service')

      const stranger = await make(asymmetric[i], 1, protectedHeader.kid)
      const theirs = await sign({}, stranger.privateKey, { issuer: server.url, audience, type: 'at+jwt', expiresIn: '5m' })
      await rejects(jose.jwtVerify(theirs, jwks, options), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' })
    }
    await server.close()
  }]

  yield ['jose follows a rotation of ours: the new key published, used, the old one withdrawn', async () => {
    const [spring, summer] = await Promise.all([generateKey('ES256'), generateKey('ES256')])
    let published = [spring]
    const server = await serve({ '/jwks': () => keySet(published.map(({ publicKey }) => publicKey)).toPublicJwks() })
    const jwks = jose.createRemoteJWKSet(new URL('/jwks', server.url), { cooldownDuration: 0 })
    const [old, fresh] = await Promise.all([spring, summer].map(({ privateKey }) => sign({}, privateKey, { expiresIn: '5m' })))
    await jose.jwtVerify(old, jwks)
    await rejects(jose.jwtVerify(fresh, jwks), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
    published = [summer, spring]
    await jose.jwtVerify(fresh, jwks)
    await jose.jwtVerify(old, jwks)
    published = [summer]
    await jwks.reload()
    await jose.jwtVerify(fresh, jwks)
    await rejects(jose.jwtVerify(old, jwks), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
    await server.close()
  }]

  yield ['a ring that rotates daily, served by its handler: for five days jose and waxseal refuse no token that lives, and take none that has died', async () => {
    const trueTime = Date.now
    const start = trueTime()
    let time = start
    const now = () => new Date(time)
    const ring = keyRing({ algorithm: 'ES256', tokenLifetime: '2h', rotateEvery: '1d', publishBefore: '3h', store: new Map(), now })
    const server = await serveHandler(jwksHandler(ring))
    Date.now = () => time
    try {
      const theirs = jose.createRemoteJWKSet(new URL('/jwks', server.url))
      const ours = createVerifier(remoteKeySet(`${server.url}/jwks`), { algorithms: ['ES256'], now })
      const kids = new Set()
      let tokens = []
      let verified = 0
      for (; time < start + 5 * 86_400_000; time += 31 * 60_000) {
        tokens.push({ token: await ring.sign({}, { expiresIn: '2h' }), exp: time + 7_200_000 })
        for (const { token, exp } of tokens) {
          if (time >= exp) {
            await rejects(jose.jwtVerify(token, theirs, { currentDate: now() }), { code: 'ERR_JWT_EXPIRED' })
            await rejects(ours(token), { code: 'ERR_JWT_EXPIRED' })
            continue
          }
          kids.add((await jose.jwtVerify(token, theirs, { currentDate: now() })).protectedHeader.kid)
          await ours(token)
          verified++
        }
        tokens = tokens.filter(({ exp }) => time < exp)
      }
      ok(kids.size >= 5, `${kids.size} keys`)
      console.log(`        ${verified} verifications by each, ${kids.size} keys, ${server.count()} requests`)
    } finally {
      Date.now = trueTime
      await server.close()
    }
  }]

  yield ['openid-client takes an ID token of ours, its signature checked through our discovery document, and no stranger\'s', async () => {
    const client = 'shop'
    const { privateKey, publicKey } = await generateKey('ES256')
    const stranger = await generateKey('ES256', { keyId: (await keySet([publicKey]).toPublicJwks()).keys[0].kid })
    let signingKey = privateKey
    const routes = {}
    const server = await serve(routes)
    Object.assign(routes, {
      '/.well-known/openid-configuration': () => ({
        issuer: server.url, jwks_uri: `${server.url}/jwks`, authorization_endpoint: `${server.url}/authorize`, token_endpoint: `${server.url}/token`,
        response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'],
      }),
      '/jwks': () => keySet([publicKey]).toPublicJwks(),
      '/token': async () => ({
        access_token: 'any', token_type: 'bearer',
        id_token: await sign({ sub: 'user-1', nonce: 'n-1' }, signingKey, { issuer: server.url, audience: client, expiresIn: '5m' }),
      }),
    })
    const config = await openid.discovery(new URL(server.url), client, { id_token_signed_response_alg: 'ES256' }, openid.None(), { execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] })
    const grant = (expectedNonce) => openid.authorizationCodeGrant(config, new URL('https://shop.example/callback?code=any'), { expectedNonce, idTokenExpected: true })
    equal((await grant('n-1')).claims().sub, 'user-1')
    await rejects(grant('n-2'))
    signingKey = stranger.privateKey
    await rejects(grant('n-1'), (error) => {
      match(`${error.message} ${error.cause?.message}`, /signature/i)
      return true
    })
    await server.close()
  }]

  yield ['the provider takes a client that proves itself with a token and a JWKS of ours (private_key_jwt), and none with another key', async () => {
    const { privateKey, publicKey } = await generateKey('ES256')
    const issuer = await makeIssuer([{
      client_id: 'robot', grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
      token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256', jwks: await keySet([publicKey]).toPublicJwks(),
    }])
    await issuer.start(privateJwks('one'))
    const ask = async (key) => {
      const response = await fetch(`${issuer.url}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await sign({}, key, { issuer: 'robot', subject: 'robot', audience: issuer.url, jwtId: true, expiresIn: '1m' }),
        }),
      })
      return [response.status, (await response.json()).token_type]
    }
    equal(String(await ask(privateKey)), '200,Bearer')
    equal(String(await ask((await generateKey('ES256')).privateKey)), '401,')
    await issuer.stop()
  }]
}
