// The doors of those who issue, and the profiles: what is checked is typed as there, and misuse does not compile.

import { createVerifier, sign, verify, type CryptoKey } from 'waxseal'
import { jwksHandler, keyRing, type KeyRing } from 'waxseal/keyring'
import { accessToken, createDpopProof, signAccessToken, signIdToken, signLogoutToken, verifyDpopProof, verifyIdToken, verifyLogoutToken, type AccessTokenOptions } from 'waxseal/profiles'
import { hmacKey, privateKey, publicKey, rule, same, secret, set, signer, token } from './rule.js'

declare const ring: KeyRing<'ES256'>
declare const maybe: string | undefined
declare const anyKey: CryptoKey
const store = { get: (_: string) => null, set: () => undefined }
const provider = { algorithms: ['ES256'], issuer: 'a', clientId: 'b' } as const
const request = { algorithms: ['ES256'], method: 'GET', url: 'https://a.example' } as const

rule('a ring of a symmetric algorithm, without a store, without a token life, with a slip', () => {
  keyRing({ algorithm: 'ES256', tokenLifetime: '15m', store })
  // @ts-expect-error
  keyRing({ algorithm: 'HS256', tokenLifetime: '15m', store })
  // @ts-expect-error
  keyRing({ algorithm: 'ES256', tokenLifetime: '15m' })
  // @ts-expect-error
  keyRing({ algorithm: 'ES256', store })
  // @ts-expect-error
  keyRing({ algorithm: 'ES256', tokenLifetime: '15m', store, rotate: '30d' })
  // @ts-expect-error
  keyRing({ algorithm: 'ES256', tokenLifetime: '15 fortnights', store })
})

rule('a ring signs with a life, once told, and without options that are its own', () => {
  ring.sign({ sub: 'a' }, { expiresIn: '15m' })
  ring.sign({ exp: 5 })
  // @ts-expect-error
  ring.sign({ sub: 'a' })
  // @ts-expect-error
  ring.sign({ exp: 5 }, { expiresIn: 5 })
  // @ts-expect-error
  ring.sign({}, { expiresIn: 5, keyId: 'a' })
  // @ts-expect-error
  ring.sign({}, { expiresIn: 5, now: new Date() })
})

rule('a ring is a key set for verify, and its current key signs', async () => {
  verify(token, ring, { algorithms: ['ES256'] })
  const key = await ring.current()
  sign({}, key, { expiresIn: 5 })
  // @ts-expect-error
  verify(token, key, { algorithms: ['ES256'] })
  // @ts-expect-error
  sign({}, key, { expiresIn: 5, algorithm: 'RS256' })
})

rule('what can be served', () => {
  jwksHandler(ring)
  jwksHandler(set)
  jwksHandler(() => ({ keys: [] }))
  // @ts-expect-error
  jwksHandler({ keys: [] })
  // @ts-expect-error
  jwksHandler(publicKey)
})

rule('access tokens: the claims that RFC 9068 requires are there', async () => {
  const { payload } = await verify(token, publicKey, accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b' }))
  same<string>()(payload.iss)
  same<string>()(payload.sub)
  same<string>()(payload.jti)
  same<number>()(payload.iat)
  same<number>()(payload.exp)
  same<{} | null>()(payload.client_id)
  const more = await createVerifier(set, accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b', requiredClaims: ['scope'] }))(token)
  same<{} | null>()(more.payload.scope)
})

rule('access tokens: what the profile decides, or needs', () => {
  // @ts-expect-error
  accessToken({ algorithms: ['ES256'], issuer: 'a' })
  // @ts-expect-error
  accessToken({ algorithms: ['ES256'], issuer: 'a', audience: false })
  // @ts-expect-error
  accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b', type: 'JWT' })
  // @ts-expect-error
  accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b', subject: maybe })
  signAccessToken({ client_id: 'a' }, privateKey, { issuer: 'a' })
  signAccessToken({ client_id: 'a' }, ring)
  // @ts-expect-error
  signAccessToken({ scope: 'a' }, privateKey)
})

rule('access tokens: options of a wide type are handed on to createVerifier', () => {
  const options = {} as AccessTokenOptions
  createVerifier(anyKey, accessToken(options))
  createVerifier(set, accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b', cache: { maxEntries: 5 } }))
  verify(token, set, accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b', now: new Date() }))
  // @ts-expect-error
  accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b', cache: false })
  // @ts-expect-error
  createVerifier(set, accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b', now: new Date() }))
  // @ts-expect-error
  verify(token, set, accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b', cache: true }))
})

rule('profiles: keys as sign and verify take them', () => {
  signAccessToken({ client_id: 'a' }, secret, { algorithm: 'HS256' })
  signIdToken({}, privateKey, { algorithm: 'ES256' })
  signLogoutToken({ sid: 's' }, ring)
  // @ts-expect-error
  signAccessToken({ client_id: 'a' }, secret, { issuer: 'a' })
  // @ts-expect-error
  signAccessToken({ client_id: 'a' }, publicKey, { issuer: 'a' })
  // @ts-expect-error
  signIdToken({}, secret)
  // @ts-expect-error
  signIdToken({}, publicKey)
  // @ts-expect-error
  signIdToken({}, privateKey, { algorithm: 'RS256' })
  // @ts-expect-error
  signLogoutToken({ sid: 's' }, publicKey)
  // @ts-expect-error
  signLogoutToken({ sid: 's' }, secret, {})
  verifyIdToken(token, secret, { ...provider, algorithms: ['HS256'], nonce: false })
  // @ts-expect-error
  verifyIdToken(token, secret, { ...provider, nonce: false })
  // @ts-expect-error
  verifyIdToken(token, publicKey, { ...provider, algorithms: ['RS256'], nonce: false })
  // @ts-expect-error
  verifyIdToken(token, publicKey, { ...provider, algorithms: [], nonce: false })
  // @ts-expect-error
  verifyLogoutToken(token, secret, provider)
  // @ts-expect-error
  verifyLogoutToken(token, hmacKey, provider)
})

rule('ID tokens: checked claims are there, and the nonce is a decision', async () => {
  const { payload, header } = await verifyIdToken(token, set, { ...provider, nonce: 'n' })
  same<string>()(payload.sub)
  same<number>()(payload.iat)
  same<'n'>()(payload.nonce)
  same<'ES256'>()(header.alg)
  verifyIdToken(token, set, { ...provider, nonce: false })
  // @ts-expect-error
  verifyIdToken(token, set, provider)
  // @ts-expect-error
  verifyIdToken(token, set, { ...provider, nonce: maybe })
  // @ts-expect-error
  verifyIdToken(token, set, { ...provider, nonce: false, audience: 'b' })
  // @ts-expect-error
  verifyIdToken(token, set, { ...provider, nonce: false, accessToken: maybe })
  // @ts-expect-error
  verifyIdToken(token, privateKey, { ...provider, nonce: false })
})

rule('logout tokens', async () => {
  const { payload } = await verifyLogoutToken(token, set, provider)
  same<string | undefined>()(payload.sid)
  same<string>()(payload.jti)
  // @ts-expect-error
  verifyLogoutToken(token, set, { ...provider, nonce: 'n' })
  // @ts-expect-error
  signLogoutToken({ sid: 's', nonce: 'n' }, privateKey)
})

rule('proofs: public-key algorithms, a private key, an access token with its payload', async () => {
  const { thumbprint, payload } = await verifyDpopProof(token, request)
  same<string>()(thumbprint)
  same<string>()(payload.htu)
  createDpopProof(privateKey, { method: 'GET', url: 'https://a.example' })
  // @ts-expect-error
  verifyDpopProof(token, { ...request, algorithms: ['HS256'] })
  // @ts-expect-error
  verifyDpopProof(token, { ...request, accessToken: token })
  // @ts-expect-error
  verifyDpopProof(token, { algorithms: ['ES256'], method: 'GET' })
  // @ts-expect-error
  createDpopProof(secret, { method: 'GET', url: 'https://a.example' })
  // @ts-expect-error
  createDpopProof(publicKey, { method: 'GET', url: 'https://a.example' })
  // @ts-expect-error
  createDpopProof(hmacKey, { method: 'GET', url: 'https://a.example' })
  // @ts-expect-error
  createDpopProof(signer, { method: 'GET', url: 'https://a.example' })
})
