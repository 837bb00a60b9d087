import { describe, expect, it } from 'vitest'
import { createSigner as typedSigner, createVerifier as typedVerifier, importSecret, keySet } from 'waxseal'
import { at, claims, claimsOf, head, headerOf, hs256, misused, now, pair, privateKey, publicKey, refused, secret, token, verify, type Result } from '../support/tokens'

type Safe = { ok: boolean, error?: { code: string } } & Partial<Result>
const createVerifier = typedVerifier as unknown as (key: unknown, options?: unknown) => ((token: unknown, checks?: unknown) => Promise<Result>) & { safe(token: unknown, checks?: unknown): Promise<Safe> }
const createSigner = typedSigner as unknown as (key: unknown, options?: unknown) => (payload: unknown, perCall?: unknown) => Promise<string>

const clock = { algorithms: ['HS256'], now: () => at(now) }
const hs = { algorithm: 'HS256', expiresIn: 60, now: () => at(now) }

/** Refused when it is made, not when it is used. */
const atCreation = (make: () => unknown) => () => { make(); return Promise.resolve() }

describe('createVerifier', () => {
  it('gives a function that verifies, and .safe that gives refusals as values', async () => {
    const verifier = createVerifier(secret, clock)
    expect(await verifier(token())).toEqual({ payload: claims, header: head })
    expect(await verifier.safe(token())).toEqual({ ok: true, payload: claims, header: head })
    await refused('ERR_JWT_EXPIRED', () => verifier(token({ exp: now })))
    expect(await verifier.safe(token({ exp: now }))).toMatchObject({ ok: false, error: { code: 'ERR_JWT_EXPIRED' } })
    const { safe } = verifier
    expect((await safe(token())).ok).toBe(true)
  })

  it('refuses at creation what can be known then: options, kinds of key', async () => {
    for (const options of [undefined, null, {}, { algorithms: [] }, { ...clock, issuer: '' }, { ...clock, audiance: 'x' }, { ...clock, algorithms: ['HS256', 'ES256'] }, { ...clock, subject: undefined }]) await misused(atCreation(() => createVerifier(secret, options)))
    for (const key of [undefined, null, 1, {}, [], pair('RS256').publicPem, pair('RS256').publicJwk]) await misused(atCreation(() => createVerifier(key, clock)))
    expect(typeof createVerifier(secret, clock)).toBe('function')
  })

  it('refuses at creation a key that no token could pass with', async () => {
    const [ec, ecPrivate, hs512] = await Promise.all([publicKey('ES256'), privateKey('ES256'), importSecret('s'.repeat(64), 'HS512')])
    for (const key of ['', 'short', new Uint8Array(), new Uint8Array(31), '{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}', `${secret}\ud800`]) await refused('ERR_JWT_KEY', atCreation(() => createVerifier(key, clock)))
    await refused('ERR_JWT_KEY', atCreation(() => createVerifier(ecPrivate, { ...clock, algorithms: ['ES256'] })))
    await refused('ERR_JWT_ALGORITHM', atCreation(() => createVerifier(hs512, clock)))
    await refused('ERR_JWT_ALGORITHM', atCreation(() => createVerifier(ec, { ...clock, algorithms: ['RS256', 'ES384'] })))
    await refused('ERR_JWT_KEY', atCreation(() => createVerifier(keySet([ecPrivate as never]), { ...clock, algorithms: ['ES256'] })))
    for (const [key, algorithms] of [[ec, ['RS256', 'ES256']], [hs512, ['HS256', 'HS512']], [keySet([ec as never]), ['ES256']], ['s'.repeat(40), ['HS512', 'HS256']]] as const) expect(typeof createVerifier(key, { ...clock, algorithms })).toBe('function')
  })

  it('takes no Promise for the time, and a rejected one does not end the process', async () => {
    const verifier = createVerifier(secret, { ...clock, now: (async () => { throw new Error('late') }) as never })
    await expect(verifier('a.b.c')).rejects.toThrow(TypeError)
    await new Promise((resolve) => { setTimeout(resolve, 5) }) // vitest counts an unhandled rejection as a failure
  })

  it('takes now as a function only: a Date would be a stopped clock', async () => {
    await misused(atCreation(() => createVerifier(secret, { ...clock, now: at(now) })), 'now', 'function')
    let time = now
    const verifier = createVerifier(secret, { ...clock, now: () => at(time) })
    await verifier(token())
    time = claims.exp
    await refused('ERR_JWT_EXPIRED', () => verifier(token()))
  })

  it('reads its options once and copies their lists', async () => {
    const reads: Record<string, number> = {}
    const lists: Record<string, unknown> = { algorithms: ['HS256'], issuer: ['me'], audience: ['api'], type: ['JWT'], requiredClaims: ['sub'], crit: ['x'], requiredHeader: { x: ['1'] }, now: clock.now }
    const options = Object.defineProperties({}, Object.fromEntries(Object.entries(lists).map(([name, value]) => [name, { enumerable: true, get: () => { reads[name] = (reads[name] ?? 0) + 1; return value } }])))
    const verifier = createVerifier(secret, options)
    const text = token({ ...claims, iss: 'me', aud: 'api' }, { ...head, crit: ['x'], x: '1' })
    for (let i = 0; i < 3; i++) await verifier(text)
    expect(reads).toEqual(Object.fromEntries(Object.keys(lists).map((name) => [name, 1])))
    for (const list of ['algorithms', 'issuer', 'audience', 'type', 'requiredClaims', 'crit']) (lists[list] as string[]).splice(0, 1, 'HS512')
    ;(lists['requiredHeader'] as { x: string[] }).x[0] = '2'
    await verifier(text)
  })

  it('two calls at once do not disturb each other', async () => {
    const verifier = createVerifier(secret, clock)
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => verifier.safe(token({ exp: now + (i % 2), n: i }), i % 3 ? {} : { subject: 'x' })))
    expect(outcomes.map(({ ok }) => ok)).toEqual(Array.from({ length: 20 }, (_, i) => i % 2 === 1 && i % 3 !== 0))
  })
})

describe('checks of one call', () => {
  const body = { ...claims, sub: 'alice', jti: 'id', nonce: 'n' }
  const good = { nonce: 'n', subject: 'alice', jwtId: 'id' }
  const claimOf = { nonce: 'nonce', subject: 'sub', jwtId: 'jti' } as const

  it.each(['nonce', 'subject', 'jwtId'] as const)('%s is added to the options, for this call only', async (name) => {
    const verifier = createVerifier(secret, clock)
    await verifier(token(body), { [name]: good[name] })
    await refused('ERR_JWT_CLAIM', () => verifier(token(body), { [name]: 'other' }), { claim: claimOf[name] })
    expect(await verifier.safe(token(body), { [name]: 'other' })).toMatchObject({ ok: false, error: { code: 'ERR_JWT_CLAIM' } })
    await refused('ERR_JWT_CLAIM', () => verifier(token({ exp: claims.exp }), { [name]: good[name] }), { claim: claimOf[name] })
    await verifier(token({ exp: claims.exp }))
    await verifier(token(body), {})
  })

  it('adds to the checks that the options hold', async () => {
    const verifier = createVerifier(secret, { ...clock, subject: 'alice' })
    await verifier(token(body), { nonce: 'n', jwtId: 'id' })
    await refused('ERR_JWT_CLAIM', () => verifier(token({ ...body, sub: 'bob' }), { nonce: 'n', jwtId: 'id' }), { claim: 'sub' })
  })

  it.each(['nonce', 'subject', 'jwtId'] as const)('naming %s, which the options hold, is a TypeError, the same value too, from .safe too', async (name) => {
    const verifier = createVerifier(secret, { ...clock, [name]: good[name] })
    for (const value of [good[name], 'other']) for (const text of [token(body), 'garbage']) {
      await misused(() => verifier(text, { [name]: value }), name)
      await misused(() => verifier.safe(text, { [name]: value }), name)
    }
    await verifier(token(body))
  })

  it('of another kind are TypeErrors', async () => {
    const verifier = createVerifier(secret, clock)
    for (const checks of [null, 'n', 1, [], { issuer: 'x' }, { algorithms: ['HS256'] }, { now: at(now) }, { clockTolerance: 60 }, { nonce: '' }, { nonce: undefined }, { subject: null }, { jwtId: ['id'] }, { jwtId: true }, new Map(), Object.create({ nonce: 'n' })]) {
      await misused(() => verifier(token(body), checks))
      await misused(() => verifier.safe(token(body), checks))
    }
  })
})

describe('createSigner', () => {
  it('gives a function that signs', async () => {
    const text = await createSigner(secret, hs)({ sub: 'a' })
    expect([headerOf(text), claimsOf(text)]).toEqual([head, { sub: 'a', iat: now, exp: now + 60 }])
    const key = await importSecret(secret, 'HS256', { keyId: 'k' })
    expect(headerOf(await createSigner(key)({ exp: now }))).toEqual({ ...head, kid: 'k' })
  })

  it('refuses at creation what can be known then', async () => {
    for (const options of [undefined, null, { expiresIn: 60 }, { ...hs, expiresIn: '60' }, { ...hs, expires: 60 }, { ...hs, issuer: undefined }, { ...hs, algorithm: 'RS256' }, { ...hs, header: { alg: 'none' } }, { ...hs, now: at(now) }]) await misused(atCreation(() => createSigner(secret, options)))
    const [ecPublic, ec] = await Promise.all([publicKey('ES256'), privateKey('ES256')])
    for (const key of ['', 'short', `${secret}\ud800`]) await refused('ERR_JWT_KEY', atCreation(() => createSigner(key, hs)))
    await refused('ERR_JWT_KEY', atCreation(() => createSigner(ecPublic, { expiresIn: 60 })))
    await misused(atCreation(() => createSigner(ec, { expiresIn: 60, algorithm: 'ES384' })), 'algorithm')
    for (const key of [undefined, null, {}, pair('ES256').privatePem, pair('ES256').privateJwk, { algorithm: 'none', sign: () => 1 }]) await misused(atCreation(() => createSigner(key, { expiresIn: 60, algorithm: 'ES256' })))
    expect(typeof createSigner(ec, { expiresIn: 60 })).toBe('function')
  })

  it('options of a call override', async () => {
    const signer = createSigner(secret, { ...hs, issuer: 'a', type: 'x', keyId: 'k', header: { y: 1 } })
    const text = await signer({}, { expiresIn: 5, issuer: 'b', type: false, keyId: 'l', header: { z: 1 }, subject: 's', now: () => at(now + 1) })
    expect(claimsOf(text)).toEqual({ iat: now + 1, exp: now + 6, iss: 'b', sub: 's' })
    expect(headerOf(text)).toEqual({ alg: 'HS256', kid: 'l', z: 1 })
    expect(claimsOf(await signer({}, { expiresIn: false }))).toEqual({ iat: now, iss: 'a' })
    expect(claimsOf(await signer({}))).toEqual({ iat: now, exp: now + 60, iss: 'a' })
  })

  it('options of a call leave what they do not name as it was, typ too', async () => {
    expect(headerOf(await createSigner(secret, hs)({}, { keyId: 'k' }))).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'k' })
    expect(headerOf(await createSigner(secret, { ...hs, type: 'x', keyId: 'k', header: { y: 1 } })({}, { subject: 's' }))).toEqual({ alg: 'HS256', typ: 'x', kid: 'k', y: 1 })
  })

  it('a call cannot change the algorithm or allow weak keys', async () => {
    const signer = createSigner(secret, hs)
    for (const perCall of [{ algorithm: 'HS512' }, { algorithm: 'HS256' }, { allowWeakKeys: true }, { nope: 1 }, null, 'x', [], { issuer: undefined }, { issuer: '' }, Object.create({ issuer: 'x' })]) await misused(() => signer({}, perCall))
    await signer({}, {})
  })

  it('a claim in the payload and an option of the signer contradict each other', async () => {
    const signer = createSigner(secret, { ...hs, issuer: 'a' })
    await misused(() => signer({ iss: 'a' }), 'iss', 'issuer')
    await misused(() => signer({ exp: now }), 'exp', 'expiresIn')
    await misused(() => createSigner(secret, { algorithm: 'HS256' })({}), 'expiresIn')
  })

  it('reads its options once and copies their lists', async () => {
    const audience = ['api']
    const header = { list: ['a'] }
    let reads = 0
    const signer = createSigner(secret, { ...hs, header, get audience() { reads++; return audience } })
    audience.push('evil')
    header.list.push('evil')
    for (let i = 0; i < 3; i++) {
      const text = await signer({})
      expect([claimsOf(text)['aud'], headerOf(text)['list']]).toEqual([['api'], ['a']])
    }
    expect(reads).toBe(1)
  })
})

it('hs256, the options of the other tests, is made for verify: its Date is refused here', async () => {
  await misused(atCreation(() => createVerifier(secret, hs256)), 'now')
})
