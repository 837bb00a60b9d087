// JWT access tokens (RFC 9068): the preset for verify, and what the signing side refuses to leave out.

import { describe, expect, test } from 'vitest'
import { createVerifier, decode, generateKey, importSecret, keySet, sign, verify as typedVerify } from 'waxseal'
import { keyRing } from 'waxseal/keyring'
import { accessToken as typed, signAccessToken as typedSign } from 'waxseal/profiles'
import { remoteSigner } from '../support/keys'
import { at, misused, now, refused, type Door } from '../support/tokens'

const accessToken = typed as unknown as (options: unknown) => Record<string, unknown>
const signAccessToken = typedSign as unknown as (claims: unknown, key: unknown, options?: unknown) => Promise<string>
const verify = typedVerify as unknown as Door

const { privateKey, publicKey } = await generateKey('ES256')
const issuer = 'https://as.example'
const audience = 'https://api.example'
const base = { algorithms: ['ES256'], issuer, audience, now: at(now) }
const claims = { iss: issuer, aud: audience, exp: now + 60, iat: now, sub: 'user', client_id: 'app', jti: 'j' }
const make = (payload: object = claims, type: string | false = 'at+jwt'): Promise<string> => sign(payload as never, privateKey, { type } as never)

describe('the preset', () => {
  test('is options of verify and nothing else', () => {
    expect(accessToken({ ...base, clockTolerance: 5 })).toEqual({ ...base, clockTolerance: 5, type: 'at+jwt', requiredClaims: ['sub', 'client_id', 'iat', 'jti'] })
    expect(accessToken({ ...base, requiredClaims: ['scope'] })).toMatchObject({ requiredClaims: ['sub', 'client_id', 'iat', 'jti', 'scope'] })
  })

  test('hands on every option of verify that RFC 9068 leaves open', () => {
    const open = {
      subject: 'user', jwtId: 'j', requiredHeader: { kid: 'k' }, maxAge: '1h', clockTolerance: 5, crit: ['x'], maxTokenLength: 4096, allowPadding: true,
      schema: { '~standard': {} }, isRevoked: () => false, allowWeakKeys: true, cache: true,
    }
    expect(accessToken({ ...base, ...open })).toMatchObject({ ...base, ...open })
  })

  test('accepts a token by RFC 9068, in verify and createVerifier, with either spelling of its type', async () => {
    for (const type of ['at+jwt', 'application/at+jwt', 'AT+JWT']) {
      expect((await verify(await make(claims, type), publicKey, accessToken(base))).payload).toEqual(claims)
    }
    const verifier = createVerifier(publicKey, accessToken({ ...base, now: () => at(now) }) as never)
    expect((await verifier(await make())).payload.sub).toBe('user')
  })

  test.each(['iss', 'aud', 'exp', 'iat', 'sub', 'client_id', 'jti'])('rejects a token without %s (RFC 9068 2.2)', async (claim) => {
    const { [claim as 'sub']: _, ...rest } = claims
    const token = await sign(rest as never, privateKey, { type: 'at+jwt', issuedAt: false, ...(claim === 'exp' && { expiresIn: false }) } as never)
    await refused('ERR_JWT_CLAIM', () => verify(token, publicKey, accessToken(base)), { claim })
  })

  test.each(['JWT', 'id+jwt', 'dpop+jwt', 'logout+jwt', false] as const)('rejects type %s: no other token passes for an access token (RFC 9068 4)', async (type) => {
    await refused('ERR_JWT_TYPE', async () => verify(await make(claims, type), publicKey, accessToken(base)))
  })

  test('rejects another issuer, another resource, an expired token', async () => {
    await refused('ERR_JWT_CLAIM', async () => verify(await make({ ...claims, iss: 'https://evil.example' }), publicKey, accessToken(base)), { claim: 'iss' })
    await refused('ERR_JWT_CLAIM', async () => verify(await make({ ...claims, aud: ['https://other.example'] }), publicKey, accessToken(base)), { claim: 'aud' })
    await refused('ERR_JWT_EXPIRED', async () => verify(await make({ ...claims, exp: now }), publicKey, accessToken(base)))
  })

  test.each<[string, object]>([
    ['a slip in a name', { issuers: issuer }], ['type, which the profile decides', { type: 'JWT' }], ['requireExpiry', { requireExpiry: false }],
    ['audience: false', { audience: false }], ['an empty audience', { audience: '' }], ['undefined', { subject: undefined }], ['an empty requiredClaims', { requiredClaims: [] }],
    ['requiredClaims that is no list', { requiredClaims: 'scope' }],
  ])('%s is a TypeError', async (_, more) => {
    await misused(() => accessToken({ ...base, ...more }), 'accessToken')
  })

  test.each(['algorithms', 'issuer', 'audience'])('without %s it is a TypeError', async (name) => {
    await misused(() => accessToken(Object.fromEntries(Object.entries(base).filter(([one]) => one !== name))), `accessToken ${name}`)
  })

  test('an option of the wrong kind is a TypeError of verify, whatever the token is', async () => {
    await misused(() => verify('x', publicKey, accessToken({ ...base, clockTolerance: 3000 })), 'clockTolerance')
  })
})

describe('signAccessToken', () => {
  const options = { issuer, audience, subject: 'user', expiresIn: '5m', now: at(now) }

  test('writes what the preset wants, with a jti of its own', async () => {
    const [one, other] = await Promise.all([signAccessToken({ client_id: 'app', scope: 'read' }, privateKey, options), signAccessToken({ client_id: 'app' }, privateKey, options)])
    const { payload, header } = await verify(one, publicKey, accessToken(base))
    expect(payload).toEqual({ iss: issuer, aud: audience, sub: 'user', client_id: 'app', scope: 'read', iat: now, exp: now + 300, jti: expect.any(String) })
    expect(header['typ']).toBe('at+jwt')
    expect(decode(other).payload.jti).not.toBe(payload['jti'])
  })

  test('takes the claims in the payload as well, a given jti, and a secret with its algorithm', async () => {
    const key = await importSecret('x'.repeat(32), 'HS256')
    const token = await signAccessToken(claims, key, {})
    expect(decode(token).payload).toEqual(claims)
    expect(decode(await signAccessToken(claims, 'x'.repeat(32), { algorithm: 'HS256' })).payload).toEqual(claims)
    expect(decode(await signAccessToken({ client_id: 'app' }, key, { ...options, jwtId: 'mine' })).payload.jti).toBe('mine')
  })

  test('takes a ring, whose rules then hold too', async () => {
    const ring = keyRing({ algorithm: 'ES256', tokenLifetime: '5m', store: new Map<string, string>() })
    const { now: _, ...rest } = options
    const token = await signAccessToken({ client_id: 'app' }, ring, rest)
    const { now: __, ...checks } = base
    await verify(token, keySet(await ring.toPublicJwks()), accessToken(checks))
    await misused(() => signAccessToken({ client_id: 'app' }, ring, { ...rest, expiresIn: '6m' }), 'tokenLifetime')
  })

  test('takes a signer elsewhere (KMS), which has a sign of its own and is no ring', async () => {
    await verify(await signAccessToken({ client_id: 'app' }, remoteSigner(privateKey), options), publicKey, accessToken(base))
    await misused(() => signAccessToken({ client_id: 'app' }, { current: () => privateKey }, options), 'key') // nor is that one
  })

  test('hands on every option of sign but type', async () => {
    const more = { keyId: 'k', header: { x: 1 }, notBefore: 5, issuedAt: true, jwtId: 'mine', algorithm: 'HS256', allowWeakKeys: true }
    const { header, payload } = decode(await signAccessToken({ client_id: 'app' }, 'short', { ...options, ...more }))
    expect(header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: 'k', x: 1 })
    expect(payload).toEqual({ iss: issuer, aud: audience, sub: 'user', client_id: 'app', iat: now, exp: now + 300, nbf: now + 5, jti: 'mine' })
  })

  test('an iat of one\'s own will do where none is to be written', async () => {
    expect(decode(await signAccessToken({ ...claims, iat: now - 5 }, privateKey, { issuedAt: false })).payload.iat).toBe(now - 5)
  })

  test.each<[string, object, object]>([
    ['iss', { client_id: 'a' }, { issuer: null }], ['sub', { client_id: 'a' }, { subject: null }], ['aud', { client_id: 'a' }, { audience: null }], ['exp', { client_id: 'a' }, { expiresIn: null }],
    ['exp', { client_id: 'a' }, { expiresIn: false }], ['iat', { client_id: 'a' }, { issuedAt: false }], ['jti', { client_id: 'a' }, { jwtId: false }], ['client_id', {}, {}], ['client_id', { client_id: '' }, {}], ['client_id', { client_id: 7 }, {}],
  ])('refuses to leave %s out or unfit', async (claim, given, more) => {
    const all = Object.fromEntries(Object.entries({ ...options, ...more }).filter(([, value]) => value !== null))
    await misused(() => signAccessToken(given, privateKey, all), `signAccessToken ${claim}`)
  })

  test.each<[string, unknown, object]>([
    ['a type of one\'s own', { client_id: 'a' }, { type: 'JWT' }], ['a slip in a name', { client_id: 'a' }, { audiences: 'x' }], ['undefined', { client_id: 'a' }, { keyId: undefined }], ['claims that are no object', 'x', {}],
  ])('%s is a TypeError', async (_, given, more) => {
    await misused(() => signAccessToken(given, privateKey, { ...options, ...more }), 'signAccessToken')
  })
})
