// What standards ask of tokens, on every runtime: access tokens (RFC 9068), ID and logout tokens (OpenID Connect), DPoP
// proofs (RFC 9449). Hashes, thumbprints and URLs are the runtime's own, so that each is met once.

import { isNative, keyOf, pairOf, publicKeyAlgorithms } from './support.mjs'

export default async (lib, { test, assert }) => {
  const {
    accessToken, base64url, createDpopProof, createVerifier, decode, generateKey, keyRing, sign, signAccessToken, signIdToken, signLogoutToken, thumbprint,
    verify, verifyDpopProof, verifyIdToken, verifyLogoutToken,
  } = lib
  const about = { issuer: 'https://login.example', audience: 'shop', subject: 'alice' }
  const provider = { algorithms: ['ES256'], issuer: about.issuer, clientId: 'shop' }
  const es256 = await pairOf(lib, 'ES256')
  const hasHash = (alg) => !alg.startsWith('ML-DSA')

  const hashLength = 43

  /** The claim that a refusal names; its message may show hashes. */
  const claimOf = async (act) => (await assert.refuses(act, 'ERR_JWT_CLAIM', hashLength)).claim

  // ─── access tokens ─────────────────────────────────────────────────────────

  test('an access token is verified as one, and as nothing else', async () => {
    const api = { algorithms: ['ES256'], issuer: about.issuer, audience: 'https://api.example' }
    const token = await signAccessToken({ client_id: 'app', scope: 'orders' }, es256.signing, { ...about, audience: api.audience, expiresIn: '5m' })
    const { payload, header } = await createVerifier(es256.verifying, accessToken({ ...api, cache: true }))(token)
    assert.equal([payload.client_id, payload.sub, header.typ, typeof payload.jti], ['app', 'alice', 'at+jwt', 'string'])
    await verify(token, es256.verifying, accessToken(api))
    await assert.refuses(() => verify(token, es256.verifying, api), 'ERR_JWT_TYPE')
    assert.equal(await claimOf(() => verify(token, es256.verifying, accessToken({ ...api, audience: 'https://other.example' }))), 'aud')
    const plain = await sign({ client_id: 'app' }, es256.signing, { ...about, audience: api.audience, expiresIn: '5m' })
    await assert.refuses(() => verify(plain, es256.verifying, accessToken(api)), 'ERR_JWT_TYPE')
    await assert.misuses(() => signAccessToken({ scope: 'orders' }, es256.signing, { ...about, expiresIn: '5m' }))
  })

  test('a ring signs them too', async () => {
    const ring = keyRing({ algorithm: 'ES256', tokenLifetime: '15m', store: new Map() })
    const token = await signAccessToken({ client_id: 'app' }, ring, { ...about, expiresIn: '5m' })
    await verify(token, ring, accessToken({ algorithms: ['ES256'], issuer: about.issuer, audience: 'shop' }))
    const idToken = await signIdToken({ nonce: 'n' }, ring, { ...about, expiresIn: '5m', code: 'c' })
    await verifyIdToken(idToken, ring, { ...provider, nonce: 'n', code: 'c' })
    await verifyLogoutToken(await signLogoutToken({ sid: 's' }, ring, about), ring, provider)
  })

  // ─── ID tokens ─────────────────────────────────────────────────────────────

  // OpenID Connect Core A.3 and A.4: the hashes that a token signed with RS256 has.
  const known = { accessToken: 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y', at_hash: '77QmUPtjPfzWtF2AnpK9RQ', code: 'Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk', c_hash: 'LDktKdoQak3Pk0cnXxCltA' }

  test('the hashes are those of the examples of OpenID Connect Core', async () => {
    const rs256 = await pairOf(lib, 'RS256')
    const { accessToken: token, code } = known
    const { payload } = decode(await signIdToken({}, rs256.signing, { ...about, expiresIn: '5m', accessToken: token, code }))
    assert.equal([payload.at_hash, payload.c_hash], [known.at_hash, known.c_hash])
  })

  for (const alg of publicKeyAlgorithms) {
    test(`${alg}: an ID token with its hashes, or a refusal to make them`, async () => {
      if (!await isNative(alg)) return assert.refuses(() => pairOf(lib, alg), 'ERR_JWT_UNSUPPORTED')
      const { signing, verifying } = await pairOf(lib, alg)
      const checks = { ...provider, algorithms: [alg], nonce: 'n' }
      const hashed = () => signIdToken({ nonce: 'n' }, signing, { ...about, expiresIn: '5m', accessToken: 'tok~en', code: 'c' })
      if (!hasHash(alg)) {
        await assert.misuses(hashed)
        return verifyIdToken(await signIdToken({ nonce: 'n' }, signing, { ...about, expiresIn: '5m' }), verifying, checks)
      }
      const token = await hashed()
      await verifyIdToken(token, verifying, { ...checks, accessToken: 'tok~en', code: 'c' })
      assert.equal(await claimOf(() => verifyIdToken(token, verifying, { ...checks, accessToken: 'token' })), 'at_hash')
      assert.equal(await claimOf(() => verifyIdToken(token, verifying, { ...checks, code: 'd' })), 'c_hash')
      return undefined
    })
  }

  test('nonce, audiences, azp and the age of the sign-in are checked', async () => {
    const now = Math.floor(Date.now() / 1000)
    const make = (claims, more) => signIdToken(claims, es256.signing, { ...about, expiresIn: '5m', ...more })
    const check = (token, more) => verifyIdToken(token, es256.verifying, { ...provider, nonce: 'n', ...more })
    const token = await make({ nonce: 'n', auth_time: now - 100 })
    assert.equal((await check(token, { maxAuthenticationAge: '1h' })).payload.sub, 'alice')
    assert.equal(await claimOf(() => check(token, { maxAuthenticationAge: 60 })), 'auth_time')
    assert.equal(await claimOf(() => check(token, { nonce: 'm' })), 'nonce')
    assert.equal(await claimOf(() => check(token, { nonce: false })), 'nonce')
    const shared = await make({ nonce: 'n', azp: 'shop' }, { audience: ['shop', 'stranger'] })
    assert.equal(await claimOf(() => check(shared)), 'aud')
    await check(shared, { trustedAudiences: ['stranger'] })
    assert.equal(await claimOf(() => check(shared, { trustedAudiences: ['stranger'], authorizedParty: 'other' })), 'azp')
  })

  // ─── logout tokens ─────────────────────────────────────────────────────────

  test('a logout token passes once, and is no ID token, nor the other way round', async () => {
    const seen = new Set()
    const isReplayed = async (jti) => seen.has(jti) || !seen.add(jti)
    const token = await signLogoutToken({ sid: 's' }, es256.signing, about)
    assert.equal((await verifyLogoutToken(token, es256.verifying, { ...provider, isReplayed })).payload.sid, 's')
    await assert.refuses(() => verifyLogoutToken(token, es256.verifying, { ...provider, isReplayed }), 'ERR_JWT_REVOKED')
    await assert.refuses(() => verifyIdToken(token, es256.verifying, { ...provider, nonce: false }), 'ERR_JWT_TYPE')
    const idToken = await signIdToken({}, es256.signing, { ...about, expiresIn: '5m' })
    await assert.refuses(() => verifyLogoutToken(idToken, es256.verifying, provider), 'ERR_JWT_CLAIM')
  })

  // ─── DPoP ──────────────────────────────────────────────────────────────────

  const request = { method: 'POST', url: 'https://api.example/orders' }

  for (const alg of publicKeyAlgorithms) {
    test(`${alg}: a DPoP proof is made, verified and bound`, async () => {
      if (!await isNative(alg)) return assert.refuses(() => generateKey(alg), 'ERR_JWT_UNSUPPORTED')
      const { signing, verifying } = await pairOf(lib, alg)
      const proof = await createDpopProof(signing, { ...request, accessToken: 'opaque', nonce: 'n' })
      const jkt = await thumbprint(verifying)
      const check = (more) => verifyDpopProof(proof, { ...request, algorithms: [alg], accessToken: { token: 'opaque', payload: { cnf: { jkt } } }, nonce: 'n', clockTolerance: '5s', ...more })
      assert.equal((await check()).thumbprint, jkt)
      assert.equal(await claimOf(() => check({ accessToken: { token: 'opaque', payload: { cnf: { jkt: jkt.slice(1) } } } })), 'cnf.jkt')
      assert.equal(await claimOf(() => check({ accessToken: { token: 'other', payload: { cnf: { jkt } } } })), 'ath')
      assert.equal(await claimOf(() => check({ method: 'GET' })), 'htm')
      assert.equal(await claimOf(() => check({ nonce: 'm' })), 'nonce')
      return undefined
    })
  }

  test('the example of RFC 9449 4.1 verifies, with the thumbprint of 6.1', async () => {
    const head = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs', y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA', crv: 'P-256' } }
    const claims = { jti: '-BwC3ESc6acc2lTc', htm: 'POST', htu: 'https://server.example.com/token', iat: 1562262616 }
    const segment = (value) => base64url.encode(new TextEncoder().encode(JSON.stringify(value)))
    const proof = `${segment(head)}.${segment(claims)}.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`
    const checks = { algorithms: ['ES256'], method: 'POST', url: 'https://server.example.com/token', now: new Date(1562262616000) }
    assert.equal((await verifyDpopProof(proof, checks)).thumbprint, '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
    await assert.refuses(() => verifyDpopProof(proof, { ...checks, now: new Date(1562262676000) }), 'ERR_JWT_CLAIM')
  })

  test('a pair of the runtime\'s own, not extractable, proves its public half', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    const proof = await createDpopProof(pair, request)
    assert.equal((await verifyDpopProof(proof, { ...request, algorithms: ['ES256'], clockTolerance: '5s' })).thumbprint, await thumbprint(pair.publicKey))
  })

  test('addresses are one if their normal forms are', async () => {
    const url = 'HTTPS://API.example:443/a/../b%7e/%c3%a4?secret=1#part'
    const proof = await createDpopProof(es256.signing, { method: 'GET', url })
    assert.equal(decode(proof).payload.htu, 'https://api.example/b%7e/%c3%a4') // as the request has it (RFC 9449 4.2); compared in normal form
    const check = (address) => verifyDpopProof(proof, { algorithms: ['ES256'], method: 'GET', url: address, clockTolerance: '5s' })
    await check('https://api.example/b~/%C3%A4?other')
    for (const address of ['https://api.example/b~/%C3%A4/', 'http://api.example/b~/%C3%A4', 'https://api.example:444/b~/%C3%A4', 'https://api.example/B~/%C3%A4']) assert.equal(await claimOf(() => check(address)), 'htu')
    for (const address of ['https:/api.example/', 'https:\\\\api.example', 'https://user@api.example/', ' https://api.example/', 'ftp://api.example/', '/b']) await assert.misuses(() => check(address))
  })

  test('a proof with a private key, a secret or an unsound point in its header is refused', async () => {
    const { jwk, publicJwk } = keyOf('ES256')
    const now = Math.floor(Date.now() / 1000)
    const claims = { jti: 'j', htm: 'POST', htu: request.url, iat: now }
    const make = (header) => sign(claims, es256.signing, { type: 'dpop+jwt', expiresIn: false, issuedAt: false, header })
    const check = async (header) => verifyDpopProof(await make(header), { ...request, algorithms: ['ES256'], clockTolerance: '5s' })
    await check({ jwk: { kty: publicJwk.kty, crv: publicJwk.crv, x: publicJwk.x, y: publicJwk.y } })
    for (const bad of [jwk, { kty: 'oct', k: 'AAAA' }, { ...publicJwk, y: publicJwk.x }, { ...publicJwk, crv: 'P-384' }, null, 'x']) assert.equal(await claimOf(() => check({ jwk: bad })), 'header.jwk')
    assert.equal(await claimOf(() => check({ other: 1 })), 'header.jwk')
  })
}
