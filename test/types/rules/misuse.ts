// Misuse that types can see does not compile.

import {
  algorithms, createSigner, createVerifier, decode, exportJwk, exportPem, generateKey, importJwk, importPem, importSecret, safeVerify, sign, verify,
  type Algorithm, type CryptoKey, type Jwk, type JwtPayload, type KeyFunction, type PublicKeyAlgorithm, type SignOptions, type VerifyOptions,
} from 'waxseal'
import { discover, issuers, remoteKeySet } from 'waxseal/jwks'
import { signBytes, verifyBytes } from 'waxseal/jws'
import { hmacKey, privateKey, publicKey, rule, secret, set, signer, token } from './rule.js'

declare const jwk: Jwk
declare const bytes: Uint8Array
declare const maybe: string | undefined
declare const anyKey: CryptoKey
declare const mixed: readonly ('HS256' | 'ES256')[]
declare const algorithm: Algorithm

// ─── verify ──────────────────────────────────────────────────────────────────

rule('verify without options', () => {
  // @ts-expect-error
  verify(token, publicKey)
  // @ts-expect-error
  safeVerify(token, publicKey)
  // @ts-expect-error
  createVerifier(publicKey)
  // @ts-expect-error
  verifyBytes(token, publicKey)
})

rule('verify without algorithms', () => {
  // @ts-expect-error
  verify(token, publicKey, {})
  // @ts-expect-error
  verify(token, publicKey, { issuer: 'me' })
  // @ts-expect-error
  safeVerify(token, secret, { audience: 'me' })
  // @ts-expect-error
  createVerifier(set, { audience: 'me' })
  // @ts-expect-error
  verifyBytes(token, publicKey, {})
})

rule('an empty allowlist', () => {
  // @ts-expect-error
  verify(token, publicKey, { algorithms: [] })
  // @ts-expect-error
  createVerifier(set, { algorithms: [] })
})

rule('the list of all algorithms there are, which is an import taken for an option', () => {
  // @ts-expect-error
  verify(token, set, { algorithms })
  // @ts-expect-error
  verify(token, publicKey, { algorithms })
  // @ts-expect-error
  createVerifier(set, { algorithms, issuer: 'a' })
})

rule('a list that mixes HS* with public-key algorithms, unless a set or a function gives the key', () => {
  verify(token, set, { algorithms: ['HS256', 'ES256'] })
  verify(token, () => publicKey, { algorithms: ['HS256', 'ES256'] })
  // @ts-expect-error
  verify(token, anyKey, { algorithms: ['HS256', 'ES256'] })
  // @ts-expect-error
  verify(token, anyKey, { algorithms: mixed })
  // @ts-expect-error
  createVerifier(anyKey, { algorithms: ['ES256', 'RS256', 'HS512'] })
  // @ts-expect-error
  verifyBytes(token, anyKey, { algorithms: ['HS256', 'ES256'] })
})

rule('an algorithm that does not exist, none among them', () => {
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['none'] })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['es256'] })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: 'ES256' })
})

rule('an allowlist that does not go with the key', () => {
  // @ts-expect-error
  verify(token, secret, { algorithms: ['RS256'] })
  // @ts-expect-error
  verify(token, secret, { algorithms: ['HS256', 'RS256'] })
  // @ts-expect-error
  verify(token, bytes, { algorithms: ['ES256'] })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['HS256'] })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['RS256'] })
  // @ts-expect-error
  verify(token, (header) => header.kid ? secret : null, { algorithms: ['HS256', 'ES256'] })
})

rule('a private key given to verify', () => {
  // @ts-expect-error
  verify(token, privateKey, { algorithms: ['ES256'] })
  // @ts-expect-error
  safeVerify(token, privateKey, { algorithms: ['ES256'] })
  // @ts-expect-error
  createVerifier(privateKey, { algorithms: ['ES256'] })
  // @ts-expect-error
  verifyBytes(token, privateKey, { algorithms: ['ES256'] })
})

rule('a JWK, a JWKS or a Signer where verify takes a key', () => {
  // @ts-expect-error
  verify(token, jwk, { algorithms: ['ES256'] })
  // @ts-expect-error
  verify(token, { kty: 'EC', crv: 'P-256', x: '', y: '' }, { algorithms: ['ES256'] })
  // @ts-expect-error
  verify(token, { keys: [jwk] }, { algorithms: ['ES256'] })
  // @ts-expect-error
  verify(token, signer, { algorithms: ['ES256'] })
})

rule('PEM text where a public key belongs', () => {
  // @ts-expect-error
  verify(token, '-----BEGIN PUBLIC KEY-----', { algorithms: ['ES256'] })
  // @ts-expect-error
  createVerifier('-----BEGIN PUBLIC KEY-----', { algorithms: ['RS256'] })
})

rule('a key function that answers with a JWK', () => {
  // @ts-expect-error
  verify(token, () => jwk, { algorithms: ['ES256'] })
})

rule('a promise of a key', () => {
  // @ts-expect-error
  verify(token, importPem('', 'ES256'), { algorithms: ['ES256'] })
  // @ts-expect-error
  sign({}, importPem('', 'ES256'), { expiresIn: '1h' })
})

rule('a verify option that does not exist', () => {
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], ignoreExpiration: true })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], aud: 'me' })
  // @ts-expect-error
  createVerifier(publicKey, { algorithms: ['ES256'], audiences: ['me'] })
  // @ts-expect-error
  verifyBytes(token, publicKey, { algorithms: ['ES256'], issuer: 'me' })
})

rule('an empty verify option', () => {
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], issuer: '' })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], audience: [] })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], requiredClaims: [] })
})

rule('a verify option that may be undefined', () => {
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], issuer: undefined })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], audience: maybe })
  // @ts-expect-error
  createVerifier(publicKey, { algorithms: ['ES256'], issuer: maybe })
})

rule('a verify option of the wrong type', () => {
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], issuer: /example/ })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], audience: true })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], clockTolerance: '30' })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], maxAge: '1 fortnight' })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], now: Date.now() })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], issuer: async () => true })
  // @ts-expect-error
  createVerifier(publicKey, { algorithms: ['ES256'], now: new Date() })
})

rule('a per-call check that createVerifier does not know', () => {
  const verifier = createVerifier(publicKey, { algorithms: ['ES256'] })
  // @ts-expect-error
  verifier(token, { audience: 'me' })
  // @ts-expect-error
  verifier.safe(token, { algorithms: ['ES256'] })
})

rule('verify<T>() as a cast', () => {
  // @ts-expect-error
  verify<{ role: string }>(token, publicKey, { algorithms: ['ES256'] })
  // @ts-expect-error
  safeVerify<{ role: string }>(token, publicKey, { algorithms: ['ES256'] })
  // @ts-expect-error
  decode<{ role: string }>(token)
})

// ─── sign ────────────────────────────────────────────────────────────────────

rule('a secret without algorithm', () => {
  // @ts-expect-error
  sign({ exp: 1 }, secret)
  // @ts-expect-error
  sign({}, secret, { expiresIn: '1h' })
  // @ts-expect-error
  sign({}, bytes, { expiresIn: '1h' })
  // @ts-expect-error
  createSigner(secret, { expiresIn: '1h' })
  // @ts-expect-error
  signBytes(bytes, secret)
})

rule('a secret with the algorithm of a key pair', () => {
  // @ts-expect-error
  sign({}, secret, { algorithm: 'RS256', expiresIn: '1h' })
  // @ts-expect-error
  signBytes(bytes, secret, { algorithm: 'ES256' })
})

rule('another algorithm than the key is bound to', () => {
  // @ts-expect-error
  sign({}, privateKey, { algorithm: 'ES384', expiresIn: '1h' })
  // @ts-expect-error
  sign({}, hmacKey, { algorithm: 'HS512', expiresIn: '1h' })
})

rule('a public key given to sign', () => {
  // @ts-expect-error
  sign({}, publicKey, { expiresIn: '1h' })
  // @ts-expect-error
  createSigner(publicKey, { expiresIn: '1h' })
  // @ts-expect-error
  signBytes(bytes, publicKey)
})

rule('a key set, a key function, a JWK or PEM where sign takes a key', () => {
  // @ts-expect-error
  sign({}, set, { expiresIn: '1h' })
  // @ts-expect-error
  sign({}, () => privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign({}, jwk, { expiresIn: '1h' })
  // @ts-expect-error
  sign({}, '-----BEGIN PRIVATE KEY-----', { algorithm: 'ES256', expiresIn: '1h' })
})

rule('neither exp nor expiresIn', () => {
  // @ts-expect-error
  sign({ sub: 'me' }, privateKey)
  // @ts-expect-error
  sign({ sub: 'me' }, privateKey, {})
  // @ts-expect-error
  sign({ sub: 'me' }, secret, { algorithm: 'HS256' })
  const signToken = createSigner(privateKey)
  // @ts-expect-error
  signToken({ sub: 'me' })
})

rule('a claim given twice', () => {
  // @ts-expect-error
  sign({ exp: 1 }, privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign({ exp: 1 }, privateKey, { expiresIn: false })
  // @ts-expect-error
  sign({ iss: 'me' }, privateKey, { expiresIn: '1h', issuer: 'me' })
  // @ts-expect-error
  sign({ aud: ['you'] }, privateKey, { expiresIn: '1h', audience: 'you' })
  const signToken = createSigner(privateKey, { expiresIn: '1h', issuer: 'me' })
  // @ts-expect-error
  signToken({ exp: 1 })
  // @ts-expect-error
  signToken({ iss: 'me' })
  // @ts-expect-error
  signToken({ sub: 'you' }, { subject: 'you' })
})

rule('a registered claim of the wrong type', () => {
  // @ts-expect-error
  sign({ sub: 42 }, privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign({ exp: '2030-01-01' }, privateKey)
  // @ts-expect-error
  sign({ exp: new Date() }, privateKey)
  // @ts-expect-error
  sign({ aud: [1] }, privateKey, { expiresIn: '1h' })
})

rule('a payload that is an object, but no plain one', () => {
  // @ts-expect-error
  sign(Promise.resolve({ sub: 'a' }), privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign([1], privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign(new Map([['sub', 'a']]), privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign(new Set(['a']), privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign(new Date(), privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign(bytes, privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign(new ArrayBuffer(1), privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign(() => ({}), privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  createSigner(privateKey, { expiresIn: '1h' })(Promise.resolve({}))
  // @ts-expect-error
  createSigner(privateKey, { expiresIn: '1h' })([], { jwtId: true })
})

rule('a payload that is no object', () => {
  // @ts-expect-error
  sign('me', privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  sign(null, privateKey, { expiresIn: '1h' })
})

rule('a sign option that does not exist', () => {
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '1h', notbefore: '1h' })
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '1h', keyid: 'a' })
  // @ts-expect-error
  sign({ exp: 1 }, privateKey, { mutatePayload: true })
  // @ts-expect-error
  createSigner(privateKey, { expiresIn: '1h', noTimestamp: true })
})

rule('a sign option that is empty or may be undefined', () => {
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '1h', issuer: '' })
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '1h', audience: [] })
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '1h', issuer: maybe })
  // @ts-expect-error
  sign({ exp: 1 }, privateKey, { expiresIn: undefined })
})

rule('a duration without its unit', () => {
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '900' })
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '900ms' })
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: true })
})

rule('a header parameter that has an option of its own', () => {
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '1h', header: { alg: 'none' } })
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '1h', header: { kid: 'a' } })
  // @ts-expect-error
  sign({}, privateKey, { expiresIn: '1h', header: { b64: false } })
})

rule('algorithm or allowWeakKeys per call of a signer', () => {
  const signToken = createSigner(privateKey, { expiresIn: '1h' })
  // @ts-expect-error
  signToken({}, { algorithm: 'ES256' })
  // @ts-expect-error
  signToken({}, { allowWeakKeys: true })
})

// ─── keys ────────────────────────────────────────────────────────────────────

rule('an importer for the wrong kind of material', () => {
  // @ts-expect-error
  importSecret(secret, 'RS256')
  // @ts-expect-error
  importSecret(secret)
  // @ts-expect-error
  importPem('', 'HS256')
  // @ts-expect-error
  importPem('')
  // @ts-expect-error
  importJwk('-----BEGIN PUBLIC KEY-----', 'ES256')
  // @ts-expect-error
  importJwk({ kty: 'EC', alg: 'ES256' }, 'ES384')
})

rule('modulusLength for anything but RSA', () => {
  // @ts-expect-error
  generateKey('ES256', { modulusLength: 2048 })
  // @ts-expect-error
  generateKey('HS256', { modulusLength: 2048 })
})

rule('an option of exportJwk that does not exist', () => {
  exportJwk(publicKey, { keyId: 'a' })
  // @ts-expect-error
  exportJwk(publicKey, { kid: 'a' })
  // @ts-expect-error
  exportJwk(publicKey, { public: true, kid: 'a' })
})

rule('a secret as PEM', () => {
  // @ts-expect-error
  exportPem(hmacKey)
})

rule('a key of one algorithm where a key of another is wanted', () => {
  // @ts-expect-error
  const other: CryptoKey<'ES384'> = publicKey
  return other
})

// ─── what is not verified ────────────────────────────────────────────────────

rule('decoded claims where verified ones are wanted', () => {
  // @ts-expect-error
  const payload: JwtPayload = decode(token).payload
  // @ts-expect-error
  const sub: string | undefined = decode(token).payload.sub
  return [payload, sub]
})

// ─── the accepting twins ─────────────────────────────────────────────────────

rule('what is right compiles', () => {
  verify(token, publicKey, { algorithms: ['ES256'] })
  verify(token, secret, { algorithms: ['HS256', 'HS384'] })
  verify(token, bytes, { algorithms: ['HS256'], issuer: ['a', 'b'], audience: 'c', clockTolerance: 30, maxAge: '2 hours' })
  verify(token, set, { algorithms: ['HS256', 'ES256'], issuer: (iss, payload) => iss === 'a' && payload.sub !== '' })
  verify(token, (header) => header.kid === 'a' ? publicKey : null, { algorithms: ['ES256', 'RS256'] })
  verify(token, async () => secret, { algorithms: ['HS256'] })
  verify(token, publicKey, { algorithms: ['ES256'], audience: false, type: false, now: new Date() })
  safeVerify(token, hmacKey, { algorithms: ['HS256'], requiredHeader: { signer: 'a' } })
  createVerifier(set, { algorithms: ['ES256'], now: () => new Date() })(token, { nonce: 'n' })
  sign({ sub: 'me' }, privateKey, { expiresIn: '15m' })
  sign({ sub: 'me' }, privateKey, { expiresIn: 900, algorithm: 'ES256' })
  sign({ sub: 'me', exp: 1 }, privateKey)
  sign({ sub: 'me' }, signer, { expiresIn: false })
  sign({}, secret, { algorithm: 'HS256', expiresIn: '1 week', header: { crit: ['x'], x: 1 } })
  createSigner(privateKey, { expiresIn: '15m' })({ sub: 'me' }, { jwtId: true })
  createSigner(privateKey)({ exp: 1 })
  signBytes(bytes, secret, { algorithm: 'HS256' })
  verifyBytes(token, publicKey, { algorithms: ['ES256'], detachedPayload: bytes })
  importJwk(jwk)
  importJwk({ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }, 'ES256', { keyId: 'a' })
  generateKey('RS256', { modulusLength: 4096 })
})

rule('a list of one compiles, whatever its type: it cannot mix', () => {
  verify(token, anyKey, { algorithms: [algorithm] })
  verify(token, set, { algorithms: [algorithm] })
  // @ts-expect-error
  verify(token, secret, { algorithms: [algorithm] })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: [algorithm] })
  const verifierOf = <A extends PublicKeyAlgorithm>(key: CryptoKey<A>, one: A) => createVerifier(key, { algorithms: [one] })
  const generic = <A extends PublicKeyAlgorithm>(key: CryptoKey<A>, one: A) => verify(token, key, { algorithms: [one] })
  const imported = async (one: Algorithm) => verify(token, await importJwk(JSON.parse(''), one), { algorithms: [one] })
  const generated = async (one: PublicKeyAlgorithm) => verify(token, (await generateKey(one)).publicKey, { algorithms: [one] })
  return [verifierOf, generic, imported, generated]
})

rule('options of a wide type compile with a key of a wide type: the run decides', () => {
  const options = {} as VerifyOptions
  verify(token, anyKey, options)
  safeVerify(token, set, options)
  verifyBytes(token, anyKey, { algorithms: options.algorithms })
  createVerifier(anyKey, { algorithms: options.algorithms, issuer: 'a' })
  // @ts-expect-error
  verify(token, secret, options)
  // @ts-expect-error
  verify(token, publicKey, options)
  // @ts-expect-error
  verify(token, privateKey, options)
})

rule('a key function that may give a key compiles with algorithms of key pairs, one that gives secrets alone does not', () => {
  const find = {} as KeyFunction
  verify(token, find, { algorithms: ['ES256'] })
  verify(token, find, { algorithms: ['HS256'] })
  verify(token, () => null, { algorithms: ['ES256'] })
  // @ts-expect-error
  verify(token, () => secret, { algorithms: ['ES256'] })
  // @ts-expect-error
  verify(token, async () => bytes, { algorithms: ['ES256'] })
})

rule('options in a variable compile', () => {
  const signOptions: SignOptions = { expiresIn: '1h' }
  const verifyOptions: VerifyOptions & { algorithms: ['ES256'] } = { algorithms: ['ES256'] }
  sign({}, privateKey, { ...signOptions, algorithm: 'ES256' })
  verify(token, publicKey, verifyOptions)
})

// ─── jwks ────────────────────────────────────────────────────────────────────

rule('a source that is neither address nor function', () => {
  // @ts-expect-error
  remoteKeySet()
  // @ts-expect-error
  remoteKeySet({ keys: [] })
  // @ts-expect-error
  discover({ href: 'https://a.example' })
})

rule('options that do not exist, or are of another kind', () => {
  // @ts-expect-error
  remoteKeySet('https://a.example', { maxage: 5 })
  // @ts-expect-error
  remoteKeySet('https://a.example', { maxAge: '600' })
  // @ts-expect-error
  remoteKeySet('https://a.example', { store: { get: async () => 'x' } })
  // @ts-expect-error
  discover('https://a.example', { issuer: 'https://a.example' })
})

rule('issuers without a list, or with entries that lack a part', () => {
  const algorithms = ['ES256'] as const
  issuers([{ issuer: 'a', keys: set, algorithms }, { issuer: ['b', 'c'], keys: set, algorithms, audience: 'me', now: () => new Date() }], { cache: true })
  // @ts-expect-error
  issuers()
  // @ts-expect-error
  issuers({ issuer: 'a', keys: set, algorithms })
  // @ts-expect-error
  issuers([{ keys: set, algorithms }])
  // @ts-expect-error
  issuers([{ issuer: 'a', algorithms }])
  // @ts-expect-error
  issuers([{ issuer: 'a', keys: set }])
})

rule('an entry of issuers that takes all of what discover gives: metadata is no option', () => {
  const { issuer, keys } = discover('https://a.example')
  issuers([{ issuer, keys, algorithms: ['ES256'] }])
  // @ts-expect-error
  issuers([{ ...discover('https://a.example'), algorithms: ['ES256'] }])
})

rule('issuers with an issuer, keys or options that are of another kind', () => {
  const algorithms = ['ES256'] as const
  // @ts-expect-error
  issuers([{ issuer: (iss: string) => iss === 'a', keys: set, algorithms }])
  // @ts-expect-error
  issuers([{ issuer: /a/, keys: set, algorithms }])
  // @ts-expect-error
  issuers([{ issuer: 'a', keys: publicKey, algorithms }])
  // @ts-expect-error
  issuers([{ issuer: 'a', keys: secret, algorithms: ['HS256'] }])
  // @ts-expect-error
  issuers([{ issuer: 'a', keys: set, algorithms, cache: true }])
  // @ts-expect-error
  issuers([{ issuer: 'a', keys: set, algorithms, now: new Date() }])
  // @ts-expect-error
  issuers([{ issuer: 'a', keys: set, algorithms, audiences: 'me' }])
  // @ts-expect-error
  issuers([{ issuer: 'a', keys: set, algorithms: ['none'] }])
  // @ts-expect-error
  issuers([{ issuer: 'a', keys: set, algorithms }], { cache: false })
  // @ts-expect-error
  issuers([{ issuer: 'a', keys: set, algorithms }])(token, { issuer: 'a' })
})

rule('a set over the network does not sign', () => {
  // @ts-expect-error
  sign({ sub: 'me' }, remoteKeySet('https://a.example'), { expiresIn: 5 })
})

rule('a cache that is none, or not of a verifier', () => {
  createVerifier(publicKey, { algorithms: ['ES256'], cache: true })
  createVerifier(publicKey, { algorithms: ['ES256'], cache: { maxEntries: 10, maxLength: 1000, maxAge: '1m' } })
  // @ts-expect-error
  createVerifier(publicKey, { algorithms: ['ES256'], cache: false })
  // @ts-expect-error
  createVerifier(publicKey, { algorithms: ['ES256'], cache: { max: 10 } })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['ES256'], cache: true })
})
