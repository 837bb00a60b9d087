// OpenID Connect: ID tokens by the steps of Core 1.0 3.1.3.7, logout tokens by those of Back-Channel Logout 1.0 2.6.
// Every step has its accepting twin; an expired code never hides a failing step.

import { createHash } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { decode, generateKey, isSupported, JwtError, sign, type Algorithm } from 'waxseal'
import { keyRing } from 'waxseal/keyring'
import { signIdToken as typedSignId, signLogoutToken as typedSignLogout, verifyIdToken as typedId, verifyLogoutToken as typedLogout } from 'waxseal/profiles'
import { rows } from '../../src/keys/algorithms'
import { remoteSigner } from '../support/keys'
import { at, b64, misused, now, refused, sealed, secret, thrown, token as handMade, type Door } from '../support/tokens'

const verifyIdToken = typedId as unknown as Door
const verifyLogoutToken = typedLogout as unknown as Door
type Signing = (claims: unknown, key: unknown, options?: unknown) => Promise<string>
const signIdToken = typedSignId as unknown as Signing
const signLogoutToken = typedSignLogout as unknown as Signing

const { privateKey, publicKey } = await generateKey('ES256')
const issuer = 'https://op.example'
const base = { algorithms: ['ES256'], issuer, clientId: 'rp', nonce: 'n-0S6', now: at(now) }
const claims = { iss: issuer, aud: 'rp', exp: now + 60, iat: now, sub: 'user', nonce: 'n-0S6' }
const make = (payload: object = claims, options: object = {}): Promise<string> => sign(payload as never, privateKey, { issuedAt: false, ...options } as never)
const schemaOf = (check: (value: Record<string, unknown>) => unknown) => ({ '~standard': { version: 1, vendor: 'test', validate: check } })
const padded = (part: object): string => b64(part).padEnd(Math.ceil(b64(part).length / 4) * 4, '=')
const omit = (from: object, name: string): object => Object.fromEntries(Object.entries(from).filter(([one]) => one !== name))

// ─── ID tokens ───────────────────────────────────────────────────────────────

type Case = [title: string, claims: object, options: object, claim: string]

describe('verifyIdToken accepts', () => {
  test.each<[string, object, object]>([
    ['the plain case', {}, {}],
    ['an audience list with the client alone', { aud: ['rp'] }, {}],
    ['a trusted further audience, with azp', { aud: ['rp', 'api'], azp: 'rp' }, { trustedAudiences: ['api'] }],
    ['azp with one audience', { azp: 'rp' }, {}],
    ['another authorized party that is named (Google on Android)', { azp: 'android' }, { authorizedParty: ['rp', 'android'] }],
    ['the same audience twice, without azp', { aud: ['rp', 'rp'] }, {}],
    ['no nonce, if none was sent', { nonce: undefined }, { nonce: false }],
    ['auth_time within the age, to the second', { auth_time: now - 299 }, { maxAuthenticationAge: '5m' }],
    ['auth_time beyond it within the tolerance', { auth_time: now - 309 }, { maxAuthenticationAge: 300, clockTolerance: 10 }],
    ['auth_time ahead within the tolerance', { auth_time: now + 10 }, { maxAuthenticationAge: 300, clockTolerance: 10 }],
    ['auth_time of any age, if none was asked for', { auth_time: 0 }, {}],
    ['auth_time ahead, if no age was asked for', { auth_time: now + 100 }, {}],
    ['auth_time now', { auth_time: now }, { maxAuthenticationAge: 300 }],
    ['a clock that is a function', { auth_time: now - 299 }, { maxAuthenticationAge: 300, now: () => at(now) }],
    ['one of several acr', { acr: 'b' }, { acr: ['a', 'b'] }],
    ['any acr, if none was asked for', { acr: 'x' }, {}],
    ['an issuer function', {}, { issuer: (iss: string) => iss === issuer }],
  ])('%s', async (_, more, options) => {
    const payload = Object.fromEntries(Object.entries({ ...claims, ...more }).filter(([, value]) => value !== undefined))
    expect((await verifyIdToken(await make(payload), publicKey, { ...base, ...options })).payload).toEqual(payload)
  })
})

test('a refusal of another token that a key function throws passes as it is', async () => {
  for (const details of [{ payload: {} }, { payload: { sub: 'other' }, header: { alg: 'ES256' } }]) {
    const own = new JwtError('ERR_JWT_EXPIRED', 'mine', details)
    for (const find of [() => { throw own }, async () => Promise.reject(own)]) expect(await thrown(async () => verifyIdToken(await make(), find, { ...base, accessToken: 'AT' }))).toBe(own)
  }
})

const refusedCases: Case[] = [
  ['2: another issuer', { iss: 'https://evil.example' }, {}, 'iss'],
  ['3: another client\'s token', { aud: 'other' }, {}, 'aud'],
  ['3: an audience that is not trusted beside the client', { aud: ['rp', 'evil'], azp: 'rp' }, {}, 'aud'],
  ['3: one that is not trusted beside one that is', { aud: ['rp', 'api', 'evil'], azp: 'rp' }, { trustedAudiences: ['api'] }, 'aud'],
  ['3: only a trusted audience, not the client', { aud: 'api' }, { trustedAudiences: ['api'] }, 'aud'],
  ['4: several audiences without azp', { aud: ['rp', 'api'] }, { trustedAudiences: ['api'] }, 'azp'],
  ['5: azp is another client', { azp: 'evil' }, {}, 'azp'],
  ['5: azp is another client, with several audiences', { aud: ['rp', 'api'], azp: 'api' }, { trustedAudiences: ['api'] }, 'azp'],
  ['5: azp is no string', { azp: ['rp'] }, {}, 'azp'],
  ['5: azp is null', { azp: null }, {}, 'azp'],
  ['10: no iat', { iat: undefined }, {}, 'iat'],
  ['10: iat is too long ago', { iat: now - 60 }, { maxAge: 60 }, 'iat'],
  ['11: another nonce', { nonce: 'other' }, {}, 'nonce'],
  ['11: no nonce', { nonce: undefined }, {}, 'nonce'],
  ['11: a nonce though none was sent', {}, { nonce: false }, 'nonce'],
  ['12: another acr', { acr: 'low' }, { acr: 'high' }, 'acr'],
  ['12: no acr', {}, { acr: 'high' }, 'acr'],
  ['13: no auth_time', {}, { maxAuthenticationAge: 300 }, 'auth_time'],
  ['13: auth_time too long ago, by a second', { auth_time: now - 300 }, { maxAuthenticationAge: 300 }, 'auth_time'],
  ['13: auth_time too long ago, tolerance included', { auth_time: now - 310 }, { maxAuthenticationAge: 300, clockTolerance: 10 }, 'auth_time'],
  ['13: auth_time ahead', { auth_time: now + 1 }, { maxAuthenticationAge: 300 }, 'auth_time'],
  ['13: auth_time ahead, tolerance included', { auth_time: now + 11 }, { maxAuthenticationAge: 300, clockTolerance: 10 }, 'auth_time'],
  ['13: auth_time before 1970', { auth_time: -1 }, {}, 'auth_time'],
  ['13: auth_time is null', { auth_time: null }, {}, 'auth_time'],
  ['13: auth_time is text', { auth_time: String(now) }, {}, 'auth_time'],
  ['13: auth_time in milliseconds', { auth_time: now * 1000 }, { maxAuthenticationAge: 300 }, 'auth_time'],
  ['no sub', { sub: undefined }, {}, 'sub'],
  ['no at_hash, with an access token', {}, { accessToken: 'x' }, 'at_hash'],
  ['at_hash of another token', { at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }, { accessToken: 'x' }, 'at_hash'],
  ['at_hash with padding', { at_hash: '77QmUPtjPfzWtF2AnpK9RQ==' }, { accessToken: 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y' }, 'at_hash'],
  ['no c_hash, with a code', {}, { code: 'x' }, 'c_hash'],
  ['c_hash of another code', { c_hash: 'LDktKdoQak3Pk0cnXxCltA' }, { code: 'x' }, 'c_hash'],
]

describe('verifyIdToken rejects, by step', () => {
  test.each(refusedCases)('%s', async (_, more, options, claim) => {
    const payload = Object.fromEntries(Object.entries({ ...claims, ...more }).filter(([, value]) => value !== undefined))
    const error = await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make(payload), publicKey, { ...base, ...options }), { claim, payload })
    expect(error.message).toContain(claim)
    expect(error.message).toContain('expected')
    expect(error.issues.some((issue) => issue.claim === claim && issue.expected)).toBe(true)
    expect(error.message).not.toContain('n-0S6')
  })

  test.each(refusedCases)('%s, in an expired token: the code is not that of an expired one', async (_, more, options, claim) => {
    const payload = Object.fromEntries(Object.entries({ ...claims, ...more, exp: now - 100 }).filter(([, value]) => value !== undefined))
    const error = await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make(payload), publicKey, { ...base, ...options }), { claim })
    expect(error.issues.map(({ code }) => code)).toContain('ERR_JWT_EXPIRED')
  })

  test('9: an expired token that is fine otherwise', async () => {
    await refused('ERR_JWT_EXPIRED', async () => verifyIdToken(await make({ ...claims, exp: now }), publicKey, base), { payload: { ...claims, exp: now } })
  })

  test('9: no exp, and there is no option for it', async () => {
    await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make(omit(claims, 'exp'), { expiresIn: false }), publicKey, base), { claim: 'exp' })
    await misused(() => verifyIdToken('', publicKey, { ...base, requireExpiry: false }), 'requireExpiry')
  })

  test('6: a signature by somebody else, before any claim', async () => {
    const stranger = await generateKey('ES256')
    await refused('ERR_JWT_SIGNATURE', async () => verifyIdToken(await make({ ...claims, aud: 'other' }), stranger.publicKey, base))
  })

  test('7: an algorithm that is not listed', async () => {
    await refused('ERR_JWT_ALGORITHM', async () => verifyIdToken(await make(), publicKey, { ...base, algorithms: ['RS256'] }))
  })

  test.each(['at+jwt', 'logout+jwt', 'dpop+jwt'])('a token of type %s: it is no ID token', async (type) => {
    await refused('ERR_JWT_TYPE', async () => verifyIdToken(await make(claims, { type }), publicKey, base))
  })

  test.each<[string, unknown]>([['no aud', undefined], ['an aud that is a number', 7], ['an aud with a number in it', ['rp', 7]]])('3: %s, and says so once', async (_, aud) => {
    const error = await refused('ERR_JWT_CLAIM', async () => verifyIdToken(handMade({ ...claims, aud }), secret, { ...base, algorithms: ['HS256'] }))
    expect(error.issues.filter(({ claim }) => claim === 'aud')).toHaveLength(1)
  })

  test('13: by the system\'s clock unless told', async () => {
    const second = Math.floor(Date.now() / 1000)
    const options = { ...omit(base, 'now'), maxAuthenticationAge: '2m' }
    const signed = (ago: number): Promise<string> => make({ ...claims, iat: second, exp: second + 600, auth_time: second - ago })
    await verifyIdToken(await signed(60), publicKey, options)
    await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await signed(120), publicKey, options), { claim: 'auth_time' })
  })

  test('all that is wrong at once, in one error', async () => {
    const error = await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make({ ...claims, iss: 'x', azp: 'y', nonce: 'z', exp: now }), publicKey, base))
    expect(error.issues.map(({ claim }) => claim).sort()).toEqual(['azp', 'exp', 'iss', 'nonce'])
  })
})

describe('verifyIdToken beside other checks', () => {
  test('the profile sees the claims as signed, not what a schema makes of them', async () => {
    const schema = schemaOf((value) => ({ value: { user: value['sub'], azp: 'rp', aud: 'rp' } }))
    const token = await make({ ...claims, azp: 'evil' })
    await refused('ERR_JWT_CLAIM', () => verifyIdToken(token, publicKey, { ...base, schema }), { claim: 'azp' })
    expect((await verifyIdToken(await make(), publicKey, { ...base, schema })).payload).toEqual({ user: 'user', azp: 'rp', aud: 'rp' })
  })

  test('a schema that changes its input changes nothing for the profile', async () => {
    const schema = schemaOf((value) => { value['azp'] = 'rp'; return { value } })
    await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make({ ...claims, azp: 'evil' }), publicKey, { ...base, schema }), { claim: 'azp' })
  })

  test.each([null, undefined, false, 0, ''])('a schema may make %j of the claims', async (value) => {
    const schema = schemaOf(() => ({ value }))
    expect((await verifyIdToken(await make(), publicKey, { ...base, schema })).payload).toBe(value)
    await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make({ ...claims, azp: 'evil' }), publicKey, { ...base, schema }), { claim: 'azp' })
  })

  test('a failing schema, and a failing step: the step gives the code, both are told', async () => {
    const schema = schemaOf(() => ({ issues: [{ message: 'no', path: ['role'] }] }))
    await refused('ERR_JWT_SCHEMA', async () => verifyIdToken(await make(), publicKey, { ...base, schema }))
    const error = await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make({ ...claims, azp: 'evil' }), publicKey, { ...base, schema }), { claim: 'azp' })
    expect(error.issues.map(({ code }) => code)).toEqual(['ERR_JWT_CLAIM', 'ERR_JWT_SCHEMA'])
  })

  test.each<[string, unknown]>([
    ['nothing', null], ['text', 'x'], ['no schema', {}], ['one that cannot validate', { '~standard': { version: 1, vendor: 'test' } }], ['one of another version', { '~standard': { version: 2, vendor: 'test', validate: () => ({ value: 1 }) } }],
  ])('%s for a schema is a TypeError, whatever the token is', async (_, schema) => {
    await misused(() => verifyIdToken('', publicKey, { ...base, schema }), 'schema')
  })

  test('an issue has what was expected and what was got, and never shows a nonce', async () => {
    const error = await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make({ ...claims, aud: ['rp', 'api', 'x'], azp: 'evil', acr: null }), publicKey, { ...base, trustedAudiences: ['api'], nonce: false, acr: ['a', 'b'] }))
    expect(error.issues).toStrictEqual([
      { code: 'ERR_JWT_CLAIM', claim: 'aud', expected: expect.stringContaining('rp,api'), actual: ['rp', 'api', 'x'], message: expect.stringContaining('rp,api') },
      { code: 'ERR_JWT_CLAIM', claim: 'azp', expected: 'rp', actual: 'evil', message: 'azp: expected rp, got "evil"' },
      { code: 'ERR_JWT_CLAIM', claim: 'nonce', expected: expect.stringContaining('nonce: false'), message: expect.stringContaining('nonce: false') },
      { code: 'ERR_JWT_CLAIM', claim: 'acr', expected: ['a', 'b'], actual: null, message: expect.any(String) },
    ])
    expect(error).toMatchObject({ claim: 'aud', actual: ['rp', 'api', 'x'], payload: { azp: 'evil' }, header: { alg: 'ES256', typ: 'JWT' } })
  })

  test('a function of the caller\'s that fails beside a failing step: the step gives the code, but the fault is the server\'s', async () => {
    const cause = new Error('down')
    const isRevoked = (): boolean => { throw cause }
    const token = await make({ ...claims, azp: 'evil' })
    const error = await refused('ERR_JWT_CLAIM', () => verifyIdToken(token, publicKey, { ...base, isRevoked }), { claim: 'azp', fault: 'server', cause })
    expect(error.issues.map(({ code }) => code)).toEqual(['ERR_JWT_CLAIM', 'ERR_JWT_REVOKED'])
    const own = await refused('ERR_JWT_CLAIM', () => verifyIdToken(token, publicKey, { ...base, isRevoked: () => true }), { claim: 'azp', fault: 'token' })
    expect(Object.hasOwn(own, 'fault') || Object.hasOwn(own, 'cause')).toBe(false)
  })

  test('isRevoked', async () => {
    await refused('ERR_JWT_REVOKED', async () => verifyIdToken(await make(), publicKey, { ...base, isRevoked: () => true }))
    await verifyIdToken(await make(), publicKey, { ...base, isRevoked: () => false })
  })
})

describe('at_hash and c_hash', () => {
  // The values of OpenID Connect Core 1.0 A.4 and A.6, which are for RS256: its hash is that of ES256.
  const accessToken = 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y'
  const code = 'Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk'

  test('the examples of OpenID Connect Core', async () => {
    const token = await make({ ...claims, at_hash: '77QmUPtjPfzWtF2AnpK9RQ', c_hash: 'LDktKdoQak3Pk0cnXxCltA' })
    await verifyIdToken(token, publicKey, { ...base, accessToken, code })
  })

  const hashes: Readonly<Record<string, string>> = { Ed25519: 'sha512', EdDSA: 'sha512' }

  test.each(rows.map(({ name, kty }) => [name, kty] as const).filter(([, kty]) => kty !== 'AKP'))('%s: the hash of the algorithm, as node:crypto has it, left half', async (name) => {
    const made = await generateKey(name as 'ES256')
    const [key, other] = name.startsWith('HS') ? [made, made] : [made.privateKey, made.publicKey]
    const token = await signIdToken({ nonce: 'n' }, key, { issuer, audience: 'rp', subject: 'u', expiresIn: 60, now: at(now), accessToken, code })
    const digest = createHash(hashes[name] ?? `sha${name.slice(-3)}`).update(accessToken).digest()
    expect(decode(token).payload['at_hash']).toBe(digest.subarray(0, digest.length / 2).toString('base64url'))
    await verifyIdToken(token, other, { ...base, algorithms: [name], nonce: 'n', accessToken, code })
    await refused('ERR_JWT_CLAIM', () => verifyIdToken(token, other, { ...base, algorithms: [name], nonce: 'n', accessToken: `${accessToken}.` }), { claim: 'at_hash' })
    await refused('ERR_JWT_CLAIM', () => verifyIdToken(token, other, { ...base, algorithms: [name], nonce: 'n', code: `${code}.` }), { claim: 'c_hash' })
  }, 60_000)

  test('an algorithm without such a hash is a TypeError, not a check that is skipped', async () => {
    await misused(() => verifyIdToken('', publicKey, { ...base, algorithms: ['ES256', 'ML-DSA-44'], accessToken }), 'ML-DSA-44')
    await refused('ERR_JWT_MALFORMED', () => verifyIdToken('', publicKey, { ...base, algorithms: ['ES256', 'ML-DSA-44'] }))
    await misused(() => verifyIdToken('', publicKey, { ...base, algorithms: ['ML-DSA-44'], code }), 'ML-DSA-44')
    for (const algorithms of ['ES256', ['none'], [7], 7]) await misused(() => verifyIdToken('', publicKey, { ...base, algorithms, accessToken }), 'algorithm')
    const signer = { algorithm: 'ML-DSA-44', sign: () => new Uint8Array(2420) }
    const keys = [signer, ...await isSupported('ML-DSA-44' as Algorithm) ? [(await generateKey('ML-DSA-44')).privateKey] : []]
    const options = { issuer, audience: 'rp', subject: 'u', expiresIn: 60 }
    for (const key of keys) {
      await misused(() => signIdToken({}, key, { ...options, accessToken }), 'ML-DSA-44')
      await misused(() => signIdToken({}, key, { ...options, code }), 'ML-DSA-44')
      expect(decode(await signIdToken({}, key, options)).header['alg']).toBe('ML-DSA-44') // which needs no hash
    }
  })
})

describe('options of verifyIdToken', () => {
  test.each(['algorithms', 'issuer', 'clientId', 'nonce'])('%s is required', async (name) => {
    await misused(() => verifyIdToken('', publicKey, omit(base, name)), `verifyIdToken ${name}`, name === 'nonce' ? 'false' : '')
  })

  test.each<[string, object]>([
    ['a slip in a name', { clientID: 'rp' }], ['audience, which is the clientId', { audience: 'rp' }], ['nonce: true', { nonce: true }], ['an empty nonce', { nonce: '' }],
    ['an empty access token', { accessToken: '' }], ['undefined for an access token', { accessToken: undefined }], ['undefined for an option of verify', { subject: undefined }],
    ['no trusted audiences', { trustedAudiences: [] }], ['an age of 0', { maxAuthenticationAge: 0 }], ['a timestamp as an age', { maxAuthenticationAge: now }], ['an empty acr', { acr: [] }],
    ['a clock that is none', { now: 7 }], ['a tolerance in milliseconds', { clockTolerance: 3000 }], ['an empty requiredClaims', { requiredClaims: [] }],
  ])('%s is a TypeError, whatever the token is', async (_, more) => {
    await misused(() => verifyIdToken('', publicKey, { ...base, ...more }))
  })
})

describe('signIdToken', () => {
  const options = { issuer, audience: 'rp', subject: 'user', expiresIn: 60, now: at(now) }

  test('writes what verifyIdToken wants', async () => {
    const token = await signIdToken({ nonce: 'n-0S6', auth_time: now }, privateKey, options)
    expect(decode(token)).toMatchObject({ header: { typ: 'JWT' }, payload: { ...claims, auth_time: now } })
    await verifyIdToken(token, publicKey, { ...base, maxAuthenticationAge: 1 })
  })

  test('takes a ring, hashes included', async () => {
    const ring = keyRing({ algorithm: 'ES384', tokenLifetime: 60, store: new Map<string, string>() })
    const { now: _, ...rest } = options
    const token = await signIdToken({ nonce: 'n-0S6' }, ring, { ...rest, accessToken: 'x' })
    await verifyIdToken(token, ring, { ...omit(base, 'now'), algorithms: ['ES384'], accessToken: 'x' })
  })

  test('signs what is longer than a token that verify takes by default, hashes included', async () => {
    const token = await signIdToken({ long: 'x'.repeat(20_000) }, privateKey, { ...options, accessToken: 'y' })
    expect(decode(token, { maxTokenLength: 2 ** 20 }).payload['at_hash']).toEqual(expect.any(String))
  })

  test('hashes as the key that signs does, if a ring goes over to another algorithm just then', async () => {
    let key = privateKey
    const next = (await generateKey('ES384')).privateKey
    const ring = { current: async () => key, sign: (payload: never, how: never) => sign(payload, key = next, how) }
    const { header, payload } = decode(await signIdToken({}, ring, { ...options, accessToken: 'x' }))
    expect([header['alg'], payload['at_hash']]).toEqual(['ES384', createHash('sha384').update('x').digest().subarray(0, 24).toString('base64url')])
  })

  test('takes a signer elsewhere (KMS), and a secret with its algorithm, hashes included', async () => {
    await verifyIdToken(await signIdToken({ nonce: 'n-0S6' }, remoteSigner(privateKey), { ...options, accessToken: 'x' }), publicKey, { ...base, accessToken: 'x' })
    const token = await signIdToken({ nonce: 'n-0S6' }, secret, { ...options, algorithm: 'HS512', code: 'y' })
    await verifyIdToken(token, secret, { ...base, algorithms: ['HS512'], code: 'y' })
  })

  test('a hash of one\'s own is left as it is, beside the other from its option', async () => {
    const { payload } = decode(await signIdToken({ at_hash: 'mine' }, privateKey, { ...options, code: 'y' }))
    expect(payload).toMatchObject({ at_hash: 'mine', c_hash: createHash('sha256').update('y').digest().subarray(0, 16).toString('base64url') })
    expect(decode(await signIdToken({ at_hash: 'mine' }, privateKey, options)).payload).not.toHaveProperty('c_hash')
    await misused(() => signIdToken({ c_hash: 'mine' }, privateKey, { ...options, code: 'y' }), 'c_hash')
  })

  test.each(['x'.repeat(255), ' ~', 'a'])('takes a sub that Core 2 allows, as a claim and as an option: %s', async (sub) => {
    expect(decode(await signIdToken({ sub }, privateKey, omit(options, 'subject'))).payload.sub).toBe(sub)
    expect(decode(await signIdToken({}, privateKey, { ...options, subject: sub })).payload.sub).toBe(sub)
  })

  test.each(['x'.repeat(256), 'zo\u00eb', 'a\u007f', '\u001fa'])('refuses a sub that it does not, as an option too: %j', async (subject) => {
    await misused(() => signIdToken({}, privateKey, { ...options, subject }), 'signIdToken sub')
    await misused(() => signIdToken({ sub: subject }, privateKey, omit(options, 'subject')), 'signIdToken sub')
  })

  test.each<[string, Record<string, unknown>]>([
    ['auth_time', { auth_time: now * 1000 }], ['auth_time', { auth_time: '5' }], ['nonce', { nonce: '' }], ['nonce', { nonce: 5 }], ['nonce', { nonce: undefined }], ['azp', { azp: ['x'] }], ['acr', { acr: 1 }],
    ['sub', { sub: '' }], ['sub', { sub: 7 }], ['sub', { sub: null }], ['sub', { sub: Symbol('x') }],
  ])('refuses a %s that Core 2 forbids: %j', async (name, more) => {
    await misused(() => signIdToken(more, privateKey, name === 'sub' ? omit(options, 'subject') : options), name)
  })

  test.each(['issuer', 'audience', 'subject', 'expiresIn'])('refuses to leave out what %s says', async (name) => {
    await misused(() => signIdToken({}, privateKey, omit(options, name)), 'signIdToken', name)
  })

  test('refuses issuedAt: false, a hash given twice, a type, a slip, a secret without its algorithm, no key, claims that are no object', async () => {
    await misused(() => signIdToken({}, privateKey, { ...options, issuedAt: false }), 'iat')
    await misused(() => signIdToken({ at_hash: 'x' }, privateKey, { ...options, accessToken: 'y' }), 'at_hash')
    await misused(() => signIdToken({}, privateKey, { ...options, type: 'JWT' }), 'type')
    await misused(() => signIdToken({}, privateKey, { ...options, access_token: 'y' }), 'access_token')
    for (const key of ['x'.repeat(32), null, undefined, {}, 7]) await misused(() => signIdToken({}, key, { ...options, accessToken: 'y' }), 'algorithm')
    for (const claims of ['x', null, undefined, [], new Map()]) await misused(() => signIdToken(claims, privateKey, options), 'signIdToken claims', 'plain object')
  })
})

// ─── logout tokens ───────────────────────────────────────────────────────────

const event = 'http://schemas.openid.net/event/backchannel-logout'
const logout = { iss: issuer, aud: 'rp', exp: now + 60, iat: now, jti: 'j-secret', sub: 'user', sid: 's', events: { [event]: {} } }
const logoutBase = { algorithms: ['ES256'], issuer, clientId: 'rp', now: at(now) }

describe('verifyLogoutToken accepts', () => {
  test.each<[string, object, object, object?]>([
    ['type logout+jwt', {}, { type: 'logout+jwt' }],
    ['type JWT', {}, { type: 'JWT' }],
    ['no type', {}, { type: false }],
    ['sid alone', { sub: undefined }, {}],
    ['sub alone', { sid: undefined }, {}],
    ['a trusted further audience', { aud: ['rp', 'api'] }, {}, { trustedAudiences: ['api'] }],
    ['further events', { events: { [event]: {}, 'https://e.example': {} } }, {}],
    ['no exp, where maxAge bounds it (providers by the older drafts)', { exp: undefined }, { expiresIn: false }, { requireExpiry: false, maxAge: '2m' }],
  ])('%s', async (_, more, signing, options = {}) => {
    const payload = Object.fromEntries(Object.entries({ ...logout, ...more }).filter(([, value]) => value !== undefined))
    expect((await verifyLogoutToken(await make(payload, signing), publicKey, { ...logoutBase, ...options })).payload).toEqual(payload)
  })
})

describe('verifyLogoutToken rejects', () => {
  test.each<Case>([
    ['4: another issuer', { iss: 'x' }, {}, 'iss'],
    ['4: another client', { aud: 'other' }, {}, 'aud'],
    ['4: an audience that is not trusted', { aud: ['rp', 'other'] }, {}, 'aud'],
    ['4: no iat', { iat: undefined }, {}, 'iat'],
    ['no jti', { jti: undefined }, {}, 'jti'],
    ['5: neither sub nor sid', { sub: undefined, sid: undefined }, {}, 'sid'],
    ['5: a sid that is no string', { sid: 7 }, {}, 'sid'],
    ['5: an empty sid, which names no session', { sub: undefined, sid: '' }, {}, 'sid'],
    ['5: an empty sub', { sub: '', sid: undefined }, {}, 'sub'],
    ['6: no events', { events: undefined }, {}, 'events'],
    ['6: events is a list', { events: [event] }, {}, 'events'],
    ['6: events is text', { events: event }, {}, 'events'],
    ['6: another event', { events: { 'https://e.example': {} } }, {}, 'events'],
    ['6: an event that is no object', { events: { [event]: true } }, {}, 'events'],
    ['7: a nonce: an ID token must not log anybody out, nor the other way round', { nonce: 'n' }, {}, 'nonce'],
    ['7: a nonce that is null', { nonce: null }, {}, 'nonce'],
  ])('%s', async (_, more, options, claim) => {
    const payload = Object.fromEntries(Object.entries({ ...logout, ...more }).filter(([, value]) => value !== undefined))
    const error = await refused('ERR_JWT_CLAIM', async () => verifyLogoutToken(await make(payload), publicKey, { ...logoutBase, ...options }), { claim })
    expect(error.message).not.toContain('j-secret')
  })

  test.each(['at+jwt', 'dpop+jwt', 'secevent+jwt'])('type %s', async (type) => {
    await refused('ERR_JWT_TYPE', async () => verifyLogoutToken(await make(logout, { type }), publicKey, logoutBase))
  })

  test('type JWT or none, where logout+jwt is insisted on', async () => {
    for (const type of ['JWT', false]) await refused('ERR_JWT_TYPE', async () => verifyLogoutToken(await make(logout, { type }), publicKey, { ...logoutBase, type: 'logout+jwt' }))
    await verifyLogoutToken(await make(logout, { type: 'logout+jwt' }), publicKey, { ...logoutBase, type: 'logout+jwt' })
  })

  test('an ID token, and verifyIdToken a logout token', async () => {
    await refused('ERR_JWT_CLAIM', async () => verifyLogoutToken(await make(), publicKey, logoutBase))
    await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make(logout), publicKey, base), { claim: 'events' })
    await refused('ERR_JWT_CLAIM', async () => verifyIdToken(await make(logout), publicKey, { ...base, nonce: false }), { claim: 'events' }) // where no nonce tells them apart
    await verifyIdToken(await make({ ...claims, events: { 'https://e.example': {} } }), publicKey, base)
    await refused('ERR_JWT_TYPE', async () => verifyIdToken(await make(logout, { type: 'logout+jwt' }), publicKey, base))
  })

  test('an expired one, and no token at all', async () => {
    await refused('ERR_JWT_EXPIRED', async () => verifyLogoutToken(await make({ ...logout, exp: now }), publicKey, logoutBase))
    for (const token of ['', 'a.b.c', undefined, 7]) await refused('ERR_JWT_MALFORMED', () => verifyLogoutToken(token, publicKey, logoutBase))
    await refused('ERR_JWT_TOO_LARGE', () => verifyLogoutToken('x'.repeat(16385), publicKey, logoutBase))
  })

  test('one that is too long before anything of it is read, and a payload that is none by its own code', async () => {
    const parse = vi.spyOn(JSON, 'parse')
    try {
      const long = `${b64({ alg: 'ES256', typ: 'logout+jwt', fresh: 1 })}.${b64({ a: 'a'.repeat(300) })}.AAAA`
      await refused('ERR_JWT_TOO_LARGE', () => verifyLogoutToken(long, publicKey, { ...logoutBase, maxTokenLength: 256 }))
      expect(parse).not.toHaveBeenCalled()
    } finally {
      parse.mockRestore()
    }
    for (const payload of ['[]', 'x', '']) await refused('ERR_JWT_SIGNATURE', () => verifyLogoutToken(`${b64({ alg: 'ES256', typ: 'logout+jwt' })}.${b64(payload)}.${'A'.repeat(86)}`, publicKey, logoutBase))
  })
})

describe('replay of a logout token', () => {
  test('the hook gets a copy: what it changes is not in the result', async () => {
    const isReplayed = (_: string, payload: Record<string, unknown>): boolean => {
      payload['sid'] = 'other'
      delete payload['sub']
      return false
    }
    expect((await verifyLogoutToken(await make(logout), publicKey, { ...logoutBase, isReplayed })).payload).toEqual(logout)
  })

  test('the hook gets jti and claims; false lets pass, true refuses without showing the jti', async () => {
    const seen: unknown[] = []
    await verifyLogoutToken(await make(logout), publicKey, { ...logoutBase, isReplayed: (...args: unknown[]) => { seen.push(args); return false } })
    expect(seen).toEqual([['j-secret', logout]])
    const error = await refused('ERR_JWT_REVOKED', async () => verifyLogoutToken(await make(logout), publicKey, { ...logoutBase, isReplayed: async () => true }), { claim: 'jti' })
    expect(error.message).not.toContain('j-secret')
  })

  test.each<[string, () => unknown]>([
    ['a throw', () => { throw new Error('x') }], ['a rejection', async () => Promise.reject(new Error('x'))], ['undefined', () => undefined], ['0', () => 0], ['null', () => null], ['"false"', () => 'false'],
  ])('a hook that answers with %s refuses, and the fault is the server\'s', async (_, isReplayed) => {
    await refused('ERR_JWT_REVOKED', async () => verifyLogoutToken(await make(logout), publicKey, { ...logoutBase, isReplayed }), { fault: 'server', cause: expect.any(Error) })
  })

  test('is asked of nothing that is refused for another reason', async () => {
    let asked = 0
    const isReplayed = (): boolean => { asked++; return false }
    await refused('ERR_JWT_CLAIM', async () => verifyLogoutToken(await make({ ...logout, nonce: 'n' }), publicKey, { ...logoutBase, isReplayed }))
    await refused('ERR_JWT_EXPIRED', async () => verifyLogoutToken(await make({ ...logout, exp: now }), publicKey, { ...logoutBase, isReplayed }))
    expect(asked).toBe(0)
  })
})

describe('options of verifyLogoutToken', () => {
  test.each(['algorithms', 'issuer', 'clientId'])('%s is required', async (name) => {
    await misused(() => verifyLogoutToken('', publicKey, omit(logoutBase, name)), `verifyLogoutToken ${name}`)
  })

  test.each<[string, object]>([
    ['a slip in a name', { isReplay: () => false }], ['nonce', { nonce: 'n' }], ['isReplayed: true', { isReplayed: true }], ['requireExpiry: false without maxAge', { requireExpiry: false }], ['undefined', { type: undefined }],
  ])('%s is a TypeError', async (_, more) => {
    await misused(() => verifyLogoutToken('', publicKey, { ...logoutBase, ...more }))
  })
})

describe('signLogoutToken', () => {
  const options = { issuer, audience: 'rp', now: at(now) }

  test('writes what verifyLogoutToken wants, for two minutes', async () => {
    const token = await signLogoutToken({ sid: 's' }, privateKey, options)
    expect(decode(token)).toMatchObject({ header: { typ: 'logout+jwt' }, payload: { iss: issuer, aud: 'rp', sid: 's', iat: now, exp: now + 120, jti: expect.any(String), events: { [event]: {} } } })
    await verifyLogoutToken(token, publicKey, { ...logoutBase, type: 'logout+jwt' })
    await verifyLogoutToken(await signLogoutToken({}, privateKey, { ...options, subject: 'user' }), publicKey, logoutBase)
    await verifyLogoutToken(await signLogoutToken({ sub: 'user' }, privateKey, options), publicKey, logoutBase)
  })

  test('leaves jti and exp as they are told', async () => {
    const { events: _, ...own } = logout
    expect(decode(await signLogoutToken(own, privateKey, {})).payload).toEqual(logout)
    expect(decode(await signLogoutToken({ sid: 's' }, privateKey, { ...options, jwtId: 'mine', expiresIn: 30 })).payload).toMatchObject({ jti: 'mine', exp: now + 30 })
  })

  test.each<[string, object, object, string]>([
    ['neither sid nor sub', {}, {}, 'sub'], ['a nonce', { sid: 's', nonce: 'n' }, {}, 'nonce'], ['events of one\'s own', { sid: 's', events: {} }, {}, 'events'], ['an empty sid', { sid: '' }, {}, 'sid'],
    ['a type', { sid: 's' }, { type: 'JWT' }, 'type'], ['no exp', { sid: 's' }, { expiresIn: false }, 'exp'], ['no iat', { sid: 's' }, { issuedAt: false }, 'iat'], ['no jti', { sid: 's' }, { jwtId: false }, 'jwtId'], ['a jti that is none', { sid: 's', jti: null }, {}, 'jti'],
  ])('%s is a TypeError', async (_, given, more, word) => {
    await misused(() => signLogoutToken(given, privateKey, { ...options, ...more }), word)
  })

  test.each(['x', null, undefined, []])('refuses claims that are no object: %j', async (given) => {
    await misused(() => signLogoutToken(given, privateKey, { ...options, subject: 'user' }), 'signLogoutToken claims')
  })

  test.each(['issuer', 'audience'])('refuses to leave out what %s says', async (name) => {
    await misused(() => signLogoutToken({ sid: 's' }, privateKey, omit(options, name)), 'signLogoutToken', name)
  })
})

// ─── both ────────────────────────────────────────────────────────────────────

describe.each<[string, Door, object, object]>([
  ['verifyIdToken', verifyIdToken, { ...claims, jti: 'j' }, base], ['verifyLogoutToken', verifyLogoutToken, omit(logout, 'sid'), { ...logoutBase, type: 'JWT' }],
])('%s checks whatever verify would', (_, door, payload, rest) => {
  const options = { ...rest, algorithms: ['HS256'] }
  const token = (more: object = {}, header: object = {}): string => handMade({ ...payload, ...more }, { alg: 'HS256', typ: 'JWT', ...header })

  test.each<[string, object, string, string?]>([
    ['subject', { subject: 'other' }, 'ERR_JWT_CLAIM', 'sub'], ['jwtId', { jwtId: 'other' }, 'ERR_JWT_CLAIM', 'jti'], ['requiredClaims', { requiredClaims: ['scope'] }, 'ERR_JWT_CLAIM', 'scope'],
    ['requiredHeader', { requiredHeader: { kid: 'k' } }, 'ERR_JWT_CLAIM', 'header.kid'], ['maxAge', { maxAge: 5 }, 'ERR_JWT_CLAIM', 'iat'], ['type', { type: 'x+jwt' }, 'ERR_JWT_TYPE'],
    ['maxTokenLength', { maxTokenLength: 64 }, 'ERR_JWT_TOO_LARGE'], ['isRevoked', { isRevoked: () => true }, 'ERR_JWT_REVOKED'], ['schema', { schema: schemaOf(() => ({ issues: [{ message: 'no' }] })) }, 'ERR_JWT_SCHEMA'],
    ['now', { now: at(now + 60) }, 'ERR_JWT_EXPIRED'],
  ])('%s', async (_, more, code, claim) => {
    const old = token({ iat: now - 5 })
    await door(old, secret, options)
    await refused(code, () => door(old, secret, { ...options, ...more }), claim === undefined ? {} : { claim })
  })

  test.each<[string, string, string | Uint8Array, object, string]>([
    ['clockTolerance', token({ exp: now - 4 }), secret, { clockTolerance: 5 }, 'ERR_JWT_EXPIRED'],
    ['crit', token({}, { crit: ['x'], x: 1 }), secret, { crit: ['x'] }, 'ERR_JWT_CRITICAL'],
    ['allowPadding', `${sealed(padded({ alg: 'HS256', typ: 'JWT' }), padded(payload))}=`, secret, { allowPadding: true }, 'ERR_JWT_MALFORMED'],
    ['allowWeakKeys', handMade(payload, { alg: 'HS256', typ: 'JWT' }, 'short'), 'short', { allowWeakKeys: true }, 'ERR_JWT_KEY'],
  ])('%s, which lets more pass', async (_, one, key, more, code) => {
    await refused(code, () => door(one, key, options))
    await door(one, key, { ...options, ...more })
  })
})

describe.each<[string, Signing, object]>([['signIdToken', signIdToken, {}], ['signLogoutToken', signLogoutToken, { sid: 's' }]])('%s takes whatever sign would', (_, signer, given) => {
  test('but a type', async () => {
    const options = {
      issuer, audience: 'rp', subject: 'user', expiresIn: 60, notBefore: 5, issuedAt: true, jwtId: 'mine', keyId: 'k', header: { x: 1 }, algorithm: 'HS256', allowWeakKeys: true, now: at(now),
    }
    const { header, payload } = decode(await signer(given, 'short', options))
    expect(header).toMatchObject({ alg: 'HS256', kid: 'k', x: 1 })
    expect(payload).toMatchObject({ ...given, iss: issuer, aud: 'rp', sub: 'user', iat: now, exp: now + 60, nbf: now + 5, jti: 'mine' })
    await misused(() => signer(given, 'short', { ...options, type: 'JWT' }), 'type')
  })
})
