// The profiles against a real provider: its access tokens, ID tokens (with the hash of the code beside them) and logout
// tokens as a client or resource server of ours takes them, and DPoP proofs of ours as the provider takes them.

import { equal, ok, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { algorithms, browser, freePort, makeIssuer, privateJwks, resource } from './issuer.mjs'
import { refuses } from './tokens.mjs'

export async function* checks({ createVerifier, decode, generateKey, thumbprint }, { discover }, _, { accessToken, createDpopProof, verifyDpopProof, verifyIdToken, verifyLogoutToken }) {
  const port = await freePort()
  const issuer = await makeIssuer()
  await issuer.start(privateJwks('one'), { logoutUri: `http://127.0.0.1:${port}/logout` })
  const { keys } = discover(issuer.url)
  const nonce = 'n-0S6_WzA2Mj'
  const wrong = (claim) => ({ code: 'ERR_JWT_CLAIM', claim })

  for (const algorithm of algorithms) {
    yield [`the access token profile takes one signed with ${algorithm}, and no ID token of the same provider`, async () => {
      const verifier = createVerifier(keys, accessToken({ algorithms: [algorithm], issuer: issuer.url, audience: [resource(algorithm), `app-${algorithm}`] }))
      equal((await verifier(await issuer.accessToken(algorithm))).payload.client_id, 'service')
      const { id_token: idToken, access_token: token } = await issuer.signIn(algorithm, { nonce, login: 'user-1' })
      equal((await verifier(token)).payload.sub, 'user-1')
      await refuses(verifier.safe(idToken), 'ERR_JWT_TYPE')
    }]

    yield [`the ID token profile takes one signed with ${algorithm} with its code, nonce and time of sign-in, and none of another code or nonce, or too old a sign-in`, async () => {
      const { token, code } = await issuer.signInHybrid(algorithm, { nonce, login: 'user-1' })
      const options = { algorithms: [algorithm], issuer: issuer.url, clientId: `app-${algorithm}`, nonce, code, maxAuthenticationAge: 3600 }
      const { payload } = await verifyIdToken(token, keys, options)
      equal(payload.sub, 'user-1')
      ok(payload.c_hash)
      await rejects(verifyIdToken(token, keys, { ...options, code: `${code}x` }), wrong('c_hash'))
      await rejects(verifyIdToken(token, keys, { ...options, nonce: 'n-0S6_WzA2Mk' }), wrong('nonce'))
      await rejects(verifyIdToken(token, keys, { ...options, now: new Date(Date.now() + 3_605_000) }), wrong('auth_time'))
      await rejects(verifyIdToken(token, keys, { ...options, clientId: resource(algorithm) }), wrong('aud'))
      await rejects(verifyIdToken(await issuer.accessToken(algorithm), keys, options), { code: 'ERR_JWT_TYPE' })
    }]
  }

  yield ['the provider tells of a sign-out with a logout token that the profile takes for this client and no other, and that is no ID token', async () => {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    let logoutToken
    server.on('request', async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      logoutToken = new URLSearchParams(body).get('logout_token')
      response.end()
    })
    const walk = browser()
    const { token } = await issuer.signInHybrid('ES256', { nonce, login: 'user-1', walk })
    await issuer.signOut('ES256', { walk, token })
    ok(logoutToken, 'the provider has told nobody')
    server.closeAllConnections()
    server.close()

    const options = { algorithms: ['ES256'], issuer: issuer.url, clientId: 'app-ES256' }
    const { payload } = await verifyLogoutToken(logoutToken, keys, options)
    equal(payload.sub, 'user-1')
    await rejects(verifyLogoutToken(logoutToken, keys, { ...options, clientId: 'app-RS256' }), wrong('aud'))
    await rejects(verifyLogoutToken(logoutToken, keys, { ...options, isReplayed: () => true }), { code: 'ERR_JWT_REVOKED' })
    await rejects(verifyLogoutToken(token, keys, options), wrong('events'))
    await rejects(verifyIdToken(logoutToken, keys, { ...options, nonce }))
  }]

  for (const algorithm of ['ES256', 'Ed25519']) {
    yield [`the provider binds a token to a DPoP proof signed with ${algorithm}, takes no proof twice or for another address, and the resource server wants the same key`, async () => {
      const { privateKey } = await generateKey(algorithm)
      const url = `${issuer.url}/token`
      const ask = async (proof) => {
        const response = await fetch(url, {
          method: 'POST', headers: { dpop: proof },
          body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'service', client_secret: issuer.secret, resource: resource('ES256'), scope: 'read' }),
        })
        return { status: response.status, ...await response.json() }
      }
      const proof = await createDpopProof(privateKey, { method: 'POST', url })
      const { token_type: type, access_token: token } = await ask(proof)
      equal(type, 'DPoP')
      equal(decode(token).payload.cnf.jkt, await thumbprint(privateKey))
      equal((await ask(proof)).status, 400)
      equal((await ask(await createDpopProof(privateKey, { method: 'POST', url: `${issuer.url}/request` }))).status, 400)

      const { payload } = await createVerifier(keys, accessToken({ algorithms: ['ES256'], issuer: issuer.url, audience: resource('ES256') }))(token)
      const request = { method: 'GET', url: `${resource('ES256')}/stock` }
      const check = async (key) => verifyDpopProof(await createDpopProof(key, { ...request, accessToken: token }), { ...request, algorithms: [algorithm], accessToken: { token, payload } })
      equal((await check(privateKey)).thumbprint, payload.cnf.jkt)
      await rejects(check((await generateKey(algorithm)).privateKey), wrong('cnf.jkt'))
    }]
  }

  await issuer.stop()
}
