// What a real provider issues: RFC 9068 access tokens and ID tokens, in every algorithm it has. Each is accepted by a
// verifier that knows no more than the issuer's name, and refused where it does not belong.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { algorithms, makeIssuer, privateJwks, resource } from './issuer.mjs'

/** Refused with this code, and with nothing but this code. */
export async function refuses(answer, code, more = {}) {
  const { ok: accepted, error } = await answer
  ok(!accepted, 'it was accepted')
  for (const [name, value] of Object.entries({ code, ...more })) equal(error[name], value, error.message)
}

/** The same token with another claim, under the signature it had. */
function forged(token, claims) {
  const [header, payload, signature] = token.split('.')
  const changed = { ...JSON.parse(Buffer.from(payload, 'base64url')), ...claims }
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}

export async function* checks({ createVerifier }, { discover, issuers }) {
  const issuer = await makeIssuer()
  const other = await makeIssuer()
  await Promise.all([issuer.start(privateJwks('one')), other.start(privateJwks('two'))])
  const { keys } = discover(issuer.url)
  const accessTokens = (algorithm, more) => createVerifier(keys, { algorithms: [algorithm], issuer: issuer.url, audience: resource(algorithm), type: 'at+jwt', ...more })
  const idTokens = (algorithm, more) => createVerifier(keys, { algorithms: [algorithm], issuer: issuer.url, audience: `app-${algorithm}`, ...more })

  for (const algorithm of algorithms) {
    yield [`an access token (RFC 9068) signed with ${algorithm} is accepted, and refused for another resource, issuer, type, time or content`, async () => {
      const token = await issuer.accessToken(algorithm)
      const { payload, header } = await accessTokens(algorithm)(token)
      deepEqual([header.typ, header.alg, payload.client_id, payload.aud], ['at+jwt', algorithm, 'service', resource(algorithm)])

      await refuses(accessTokens(algorithm, { audience: 'https://other.example' }).safe(token), 'ERR_JWT_CLAIM', { claim: 'aud' })
      await refuses(accessTokens(algorithm, { issuer: other.url }).safe(token), 'ERR_JWT_CLAIM', { claim: 'iss' })
      await refuses(idTokens(algorithm, { audience: resource(algorithm) }).safe(token), 'ERR_JWT_TYPE')
      await refuses(accessTokens(algorithm, { now: () => new Date(Date.now() + 7_201_000) }).safe(token), 'ERR_JWT_EXPIRED')
      await refuses(accessTokens(algorithm).safe(forged(token, { scope: 'read write' })), 'ERR_JWT_SIGNATURE')
      await refuses(accessTokens(algorithm, { algorithms: ['ES512'] }).safe(token), 'ERR_JWT_ALGORITHM')
      await refuses(accessTokens(algorithm).safe(await other.accessToken(algorithm)), 'ERR_JWT_KEY_NOT_FOUND', { fault: 'token' })
    }]

    yield [`an ID token signed with ${algorithm} is accepted with its nonce, and refused with another, for another client, and as an access token`, async () => {
      const { id_token: token } = await issuer.signIn(algorithm, { nonce: 'n-0S6_WzA2Mj', login: 'user-1' })
      const { payload } = await idTokens(algorithm)(token, { nonce: 'n-0S6_WzA2Mj' })
      equal(payload.sub, 'user-1')

      await refuses(idTokens(algorithm).safe(token, { nonce: 'n-0S6_WzA2Mk' }), 'ERR_JWT_CLAIM', { claim: 'nonce' })
      await refuses(idTokens(algorithm, { audience: 'app-of-others' }).safe(token, { nonce: 'n-0S6_WzA2Mj' }), 'ERR_JWT_CLAIM', { claim: 'aud' })
      await refuses(accessTokens(algorithm, { audience: `app-${algorithm}` }).safe(token), 'ERR_JWT_TYPE')
    }]
  }

  yield ['one verifier for several issuers takes each one\'s tokens and no stranger\'s', async () => {
    const verifier = issuers([issuer, other].map(({ url }) => ({
      issuer: url, keys: discover(url).keys, algorithms: ['ES256'], audience: resource('ES256'), type: 'at+jwt',
    })))
    const [token, theirs] = await Promise.all([issuer.accessToken('ES256'), other.accessToken('ES256')])
    equal((await verifier(token)).payload.iss, issuer.url)
    equal((await verifier(theirs)).payload.iss, other.url)
    await refuses(verifier.safe(forged(token, { iss: 'http://127.0.0.1:9' })), 'ERR_JWT_CLAIM', { claim: 'iss' })
    await refuses(verifier.safe(forged(token, { iss: other.url })), 'ERR_JWT_KEY_NOT_FOUND') // one issuer's key signs for no other
  }]

  yield ['a provider that calls itself otherwise than it was asked for is refused', async () => {
    const verifier = createVerifier(discover(issuer.url.replace('127.0.0.1', 'localhost')).keys, { algorithms: ['ES256'], audience: false, type: 'at+jwt' })
    await refuses(verifier.safe(await issuer.accessToken('ES256')), 'ERR_JWKS_INVALID', { fault: 'server' })
  }]

  await Promise.all([issuer.stop(), other.stop()])
}
