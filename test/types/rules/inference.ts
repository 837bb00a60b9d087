// What the results are typed as: checked claims are there, the rest is unknown.

import {
  algorithms, createSigner, createVerifier, decode, exportJwk, generateKey, importJwk, importPem, importSecret, isJwtError, JwtError, keySet, safeVerify, sign, verify,
  type Algorithm, type CryptoKey, type Duration, type HmacAlgorithm, type Jwk, type JwtErrorCode, type JwtHeader, type JwtIssue, type JwtPayload,
  type KeyFunction, type KeySet, type PublicJwk, type PublicKeyAlgorithm, type SafeResult, type Signer, type SignerOptions, type SignOptions,
  type StandardSchemaV1, type Verifier, type VerifierOptions, type VerifyOptions, type VerifyResult,
} from 'waxseal'
import { discover, issuers, type IssuerEntry } from 'waxseal/jwks'
import { verifyBytes } from 'waxseal/jws'
import { hmacKey, privateKey, publicKey, rule, same, secret, set, token } from './rule.js'

const only = { algorithms: ['ES256'] } as const

rule('exp is there by default', async () => {
  const { payload } = await verify(token, publicKey, { algorithms: ['ES256'] })
  same<number>()(payload.exp)
  same<number | undefined>()(payload.iat)
  same<string | undefined>()(payload.iss)
  same<string | string[] | undefined>()(payload.aud)
})

rule('exp may be missing with requireExpiry: false', async () => {
  const { payload } = await verify(token, publicKey, { ...only, requireExpiry: false })
  same<number | undefined>()(payload.exp)
})

rule('a checked claim is there', async () => {
  const { payload } = await verify(token, publicKey, {
    ...only, issuer: 'a', audience: ['b', 'c'], subject: 'd', jwtId: 'e', nonce: 'f', maxAge: '1h', requiredClaims: ['nbf', 'role'],
  })
  same<string>()(payload.iss)
  const aud: string | string[] = payload.aud
  same<number>()(payload.iat)
  same<number>()(payload.nbf)
  const role: {} | null = payload.role
  const [sub, jti, nonce]: string[] = [payload.sub, payload.jti, payload.nonce]
  return [aud, role, sub, jti, nonce]
})

rule('an issuer list or function makes iss a string', async () => {
  same<string>()((await verify(token, publicKey, { ...only, issuer: ['a', 'b'] })).payload.iss)
  same<string>()((await verify(token, publicKey, { ...only, issuer: (iss) => iss.endsWith('.example') })).payload.iss)
})

rule('audience: false checks nothing and promises nothing', async () => {
  same<string | string[] | undefined>()((await verify(token, publicKey, { ...only, audience: false })).payload.aud)
})

rule('a function among the options keeps all that the others say', async () => {
  const isRevoked = { isRevoked: () => false }
  const secretly = await verify(token, secret, { algorithms: ['HS256'], requiredClaims: ['jti'], isRevoked: ({ jti }) => jti === 'a' })
  same<string>()(secretly.payload.jti)
  same<'HS256'>()(secretly.header.alg)
  const publicly = await verify(token, publicKey, { ...only, subject: 'a' as string, issuer: (iss) => iss === 'a', ...isRevoked })
  same<string>()(publicly.payload.sub)
  const either = {} as CryptoKey<'HS256' | 'ES256'>
  same<'ES256'>()((await verify(token, either, { algorithms: ['ES256'], isRevoked: (_, { alg }) => alg !== 'ES256' })).header.alg)
  same<'ES256' | 'HS256'>()((await verify(token, set, { algorithms: ['ES256', 'HS256'], isRevoked: ({ sub }) => !sub })).header.alg)
  same<string>()((await createVerifier(async ({ kid }) => kid ? publicKey : null, { algorithms: ['ES256'], issuer: (iss) => iss === 'a' })(token)).payload.iss)
  // @ts-expect-error
  verify(token, secret, { algorithms: ['ES256'], isRevoked: ({ jti }) => jti === 'a' })
  // @ts-expect-error
  verify(token, publicKey, { algorithms: ['RS256'], isRevoked: ({ jti }) => jti === 'a' })
  // @ts-expect-error
  verify(token, {} as CryptoKey, { algorithms: ['HS256', 'RS256'], isRevoked: ({ jti }) => jti === 'a' })
})

rule('a private claim is unknown', async () => {
  const { payload } = await verify(token, publicKey, { algorithms: ['ES256'] })
  same<unknown>()(payload.role)
  // @ts-expect-error
  payload.role.toString()
})

rule('the payload is a JwtPayload', async () => {
  const { payload }: { payload: JwtPayload } = await verify(token, publicKey, { ...only, issuer: 'a' })
  return payload
})

rule('the header has one of the allowed algorithms', async () => {
  const { header } = await verify(token, set, { algorithms: ['ES256', 'RS256'] })
  same<'ES256' | 'RS256'>()(header.alg)
  same<string | undefined>()(header.kid)
  same<unknown>()(header.jku)
})

// ─── schema ──────────────────────────────────────────────────────────────────

interface Session { sub: string, role: 'admin' | 'reader' }
declare const schema: StandardSchemaV1<unknown, Session>

rule('a schema types the payload', async () => {
  same<Session>()((await verify(token, publicKey, { ...only, schema })).payload)
  same<Session>()((await createVerifier(publicKey, { ...only, schema })(token)).payload)
  const result = await safeVerify(token, publicKey, { ...only, schema })
  if (result.ok) same<Session>()(result.payload)
})

rule("a schema's output, not its input", async () => {
  const transforming = {} as StandardSchemaV1<{ at: string }, { at: Date }>
  same<{ at: Date }>()((await verify(token, publicKey, { ...only, schema: transforming })).payload)
})

rule('a schema that is a function', async () => {
  const callable = {} as StandardSchemaV1<unknown, Session> & ((value: unknown) => Session)
  same<Session>()((await verify(token, publicKey, { ...only, schema: callable })).payload)
})

// ─── results and errors ──────────────────────────────────────────────────────

rule('ok tells result and error apart', async () => {
  const result = await safeVerify(token, publicKey, { algorithms: ['ES256'] })
  // @ts-expect-error
  result.payload.exp
  if (result.ok) {
    same<number>()(result.payload.exp)
    same<undefined>()(result.error)
  } else {
    same<JwtErrorCode>()(result.error.code)
    same<undefined>()(result.payload)
  }
})

rule('error.code narrows error.payload', async () => {
  const { error } = await safeVerify(token, publicKey, { algorithms: ['ES256'] })
  if (error?.code === 'ERR_JWT_EXPIRED') same<JwtPayload>()(error.payload)
  if (error?.code === 'ERR_JWT_REVOKED') same<JwtPayload>()(error.payload)
  if (error?.code === 'ERR_JWT_SIGNATURE') same<undefined>()(error.payload)
  if (error?.code === 'ERR_JWT_CLAIM') same<JwtPayload | undefined>()(error.payload)
  if (error) same<JwtPayload | undefined>()(error.payload)
  // @ts-expect-error
  if (error?.code === 'ERR_JWT_EXPIERD') return
})

rule('isJwtError and instanceof narrow', () => {
  try {
    decode(token)
  } catch (error) {
    if (isJwtError(error)) same<'token' | 'server'>()(error.fault)
    if (error instanceof JwtError) {
      same<readonly JwtIssue[]>()(error.issues)
      if (error.code === 'ERR_JWT_EXPIRED') same<JwtPayload>()(error.payload)
    }
  }
})

rule('decode gives unknowns', () => {
  const { header, payload, signature, signingInput } = decode(token)
  same<unknown>()(payload.exp)
  same<unknown>()(payload.role)
  same<unknown>()(header.alg)
  same<string>()(signingInput)
  const bytes: Uint8Array = signature
  return bytes
})

// ─── keys ────────────────────────────────────────────────────────────────────

rule('a key remembers its algorithm', async () => {
  same<CryptoKey<'HS256', 'secret'>>()(await importSecret(secret, 'HS256'))
  same<CryptoKey<'ES256', 'private' | 'public'>>()(await importPem('', 'ES256'))
  same<CryptoKey<'ES384'>>()(await importJwk({ kty: 'EC', alg: 'ES384' }))
  const pair = await generateKey('RS256')
  same<CryptoKey<'RS256', 'private'>>()(pair.privateKey)
  same<CryptoKey<'RS256', 'public'>>()(pair.publicKey)
  same<CryptoKey<'HS256', 'secret'>>()(await generateKey('HS256'))
})

rule('an imported key goes on to sign, verify and keySet', async () => {
  const key = await importPem('', 'ES256')
  await sign({ sub: 'me' }, key, { expiresIn: '1h' })
  await verify(token, key, { algorithms: ['ES256'] })
  const keys: KeySet = keySet([key, { key: hmacKey, keyId: 'a' }])
  await verify(token, keys, { algorithms: ['ES256'] })
})

rule('Ed25519 and EdDSA are one algorithm', async () => {
  const { privateKey, publicKey } = await generateKey('Ed25519')
  await sign({}, privateKey, { algorithm: 'EdDSA', expiresIn: '1h' })
  await verify(token, publicKey, { algorithms: ['EdDSA', 'Ed25519'] })
})

rule('an exported public key is a public JWK', async () => {
  const jwk: PublicJwk = await exportJwk(publicKey)
  same<string>()(jwk.kid)
  const half: PublicJwk = await exportJwk(privateKey, { public: true })
  const whole: Jwk = await exportJwk(privateKey)
  // @ts-expect-error
  const leaked: PublicJwk = await exportJwk(privateKey)
  return [half, whole, leaked]
})

rule('a JWKS from anywhere goes into keySet', async () => {
  const jwks = JSON.parse('') as { keys: Jwk[] }
  same<KeySet>()(keySet(jwks))
  const published: { keys: PublicJwk[] } = await keySet(jwks).toPublicJwks()
  return keySet(published)
})

rule('a key of the platform goes where a key of ours does', async () => {
  interface PlatformKey { // as lib.dom.d.ts, @types/node and workers-types have it
    readonly algorithm: { name: string }
    readonly extractable: boolean
    readonly type: 'private' | 'public' | 'secret'
    readonly usages: ('decrypt' | 'deriveBits' | 'deriveKey' | 'encrypt' | 'sign' | 'unwrapKey' | 'verify' | 'wrapKey')[]
  }
  const foreign = {} as PlatformKey
  await sign({}, foreign, { expiresIn: '1h' })
  await verify(token, foreign, { algorithms: ['ES256'] })
  const back: PlatformKey = publicKey
  return back
})

// ─── wrappers ────────────────────────────────────────────────────────────────

rule('a wrapper generic over its claims compiles', () => {
  async function issue<Claims extends { sub: string }>(claims: Claims): Promise<string> {
    return sign(claims, privateKey, { expiresIn: '15m' })
  }
  async function issueAny<Claims extends object>(claims: Claims): Promise<string> {
    return sign(claims, privateKey, { expiresIn: '15m', issuer: 'a' })
  }
  async function issueOpen<Claims extends Record<string, unknown>>(claims: Claims): Promise<string> {
    return sign(claims, privateKey, { expiresIn: '15m' })
  }
  interface Custom { sub: string, tenant: string }
  const claims: Custom = { sub: 'me', tenant: 'a' }
  return [issue(claims), issueAny(claims), issueOpen({ ...claims })]
})

rule('a wrapper around a signer and a verifier compiles', () => {
  const signToken = createSigner(privateKey, { expiresIn: '15m', issuer: 'a' })
  const verifier = createVerifier(publicKey, { algorithms: ['ES256'], issuer: 'a' })
  async function issue<Claims extends { sub: string }>(claims: Claims): Promise<string> {
    return signToken(claims)
  }
  async function subject(text: string): Promise<string | undefined> {
    return (await verifier(text)).payload.sub
  }
  return [issue({ sub: 'me', role: 'admin' }), subject(token)]
})

rule("an option of a signer's call overrides the signer's", () => {
  const signToken = createSigner(privateKey, { expiresIn: '15m', issuer: 'a' })
  return [signToken({ sub: 'me' }, { expiresIn: '1h' }), signToken({ sub: 'me' }, { issuer: 'b', jwtId: true })]
})

rule('a wrapper whose options may be left out compiles', () => {
  const key = {} as CryptoKey
  const issue = (options?: SignOptions) => sign({ exp: 1 }, key, options)
  const signerOf = (options?: SignerOptions) => createSigner(key, options)
  const signToken = createSigner(privateKey, { expiresIn: '15m' })
  const again = (options?: { jwtId: string }) => signToken({ sub: 'me' }, options)
  const exported = (options?: { keyId: string }) => exportJwk(publicKey, options)
  // @ts-expect-error
  const withSecret = (options?: { algorithm: 'HS256' }) => sign({ exp: 1 }, secret, options)
  return [issue, signerOf, again, exported, withSecret]
})

rule('a wrapper generic over its schema compiles and keeps the type', async () => {
  async function authenticate<S extends StandardSchemaV1>(text: string, schema: S): Promise<StandardSchemaV1.InferOutput<S>> {
    const { payload } = await verify(text, publicKey, { algorithms: ['ES256'], schema })
    return payload
  }
  same<Session>()(await authenticate(token, schema))
})

rule('a verifier can be declared', () => {
  const options: VerifierOptions = { algorithms: ['ES256'] }
  const verifier: Verifier = createVerifier(publicKey, { algorithms: ['ES256'], issuer: 'a' })
  return [options, verifier]
})

rule('a verifier of several issuers gives an issuer, and claims that its entries may or may not check', async () => {
  const { keys, issuer } = discover('https://a.example')
  const verifier = issuers([{ issuer, keys, algorithms: ['ES256'], audience: 'me' }, { issuer: 'b', keys: set, algorithms: ['EdDSA'] }])
  const { payload } = await verifier(token, { nonce: 'n' })
  same<string>()(payload.iss)
  same<string | undefined>()(payload.sub)
  same<unknown>()(payload['role'])
  const result = await verifier.safe(token)
  if (result.ok) same<string>()(result.payload.iss)
  const entry: IssuerEntry = { issuer: 'a', keys: set, algorithms: ['ES256'] }
  return issuers([entry])
})

rule('a key function can be declared', async () => {
  const find: KeyFunction = async ({ kid, alg }) => kid === 'a' && alg === 'ES256' ? publicKey : null
  return find
})

rule('a signer can be declared', () => {
  const kms: Signer = { algorithm: 'ES256', keyId: 'a', sign: async (bytes) => bytes.slice(0, 64) }
  return sign({}, kms, { expiresIn: '1h' })
})

rule('every public type is exported', () => {
  const hmac: HmacAlgorithm = 'HS256'
  const publicKeyAlgorithm: PublicKeyAlgorithm = 'Ed25519'
  const all: readonly Algorithm[] = [...algorithms, hmac, publicKeyAlgorithm]
  const durations: Duration[] = [900, '15m', '2 hours', '7d', '1.5 weeks']
  const signing: [SignOptions, SignerOptions] = [{ now: new Date() }, { now: () => new Date() }]
  const checks: VerifyOptions = { algorithms: [hmac] }
  const results = [] as (VerifyResult | SafeResult)[]
  const header: JwtHeader = { alg: 'ES256' }
  return [all, durations, signing, checks, results, header]
})

rule('bytes of a JWS are bytes', async () => {
  const { payload, header } = await verifyBytes(token, publicKey, { algorithms: ['ES256'] })
  const bytes: Uint8Array = payload
  same<Algorithm>()(header.alg)
  return bytes
})
