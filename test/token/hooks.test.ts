import { describe, expect, it } from 'vitest'
import { importSecret, JwtError, keySet } from 'waxseal'
import { answering, failing } from '../support/door'
import { claims, clone, everyDoor, head, hs256, misused, now, pair, pairToken, privateKey, publicKey, refused, secret, token, utf8, verify } from '../support/tokens'

const boom = new Error('boom')
const thrower = (): never => { throw boom }
const rejecter = (): Promise<never> => Promise.reject(boom)
const payload = { ...claims, iss: 'me', roles: ['user'] }
const text = token(payload, { ...head, kid: 'k', crit: ['x'], x: 1 })
const options = { ...hs256, crit: ['x'] }

describe('issuer as a function', () => {
  const check = (issuer: unknown, body: object = payload): Promise<unknown> => everyDoor(token(body), secret, { ...hs256, issuer })

  it('only true accepts, false fails the check', async () => {
    await check(() => true)
    await refused('ERR_JWT_CLAIM', () => check(() => false), { claim: 'iss', fault: 'token' })
    await check((iss: string) => iss === 'me')
    await refused('ERR_JWT_CLAIM', () => check((iss: string) => iss === 'you'), { claim: 'iss' })
  })

  const answers: Record<string, unknown> = { undefined, null: null, 1: 1, 0: 0, text: 'true', object: {}, 'promise of true': Promise.resolve(true), 'promise of false': Promise.resolve(false), Boolean: new Boolean(true), thenable: { then: (resolve: (value: boolean) => void) => resolve(true) } }
  it.each(Object.keys(answers))('an answer that is %s is ERR_JWT_CLAIM, the fault of the server', async (name) => {
    const error = await refused('ERR_JWT_CLAIM', () => check(() => answers[name]), { claim: 'iss', fault: 'server' })
    expect(error.cause).toBeInstanceOf(TypeError)
    expect(error.payload).toEqual(payload)
  })

  it('a throw is ERR_JWT_CLAIM with cause, whatever is thrown', async () => {
    for (const thrown of [boom, 'text', 0, null, undefined, new JwtError('ERR_JWT_EXPIRED', 'mine')]) {
      expect((await refused('ERR_JWT_CLAIM', () => check(() => { throw thrown }), { claim: 'iss', fault: 'server' })).cause).toBe(thrown)
    }
  })

  it('a rejected Promise is refused, and is nobody\'s unhandled rejection', async () => {
    await refused('ERR_JWT_CLAIM', () => check(rejecter), { fault: 'server' })
    await refused('ERR_JWT_CLAIM', () => check(async () => thrower()), { fault: 'server' })
  })

  it('is not asked when iss is missing or no string: the token is refused', async () => {
    let asked = 0
    for (const body of [claims, { ...claims, iss: null }, { ...claims, iss: ['me'] }, { ...claims, iss: 1 }]) await refused('ERR_JWT_CLAIM', () => check(() => { asked++; return true }, body), { claim: 'iss', fault: 'token' })
    expect(asked).toBe(0)
  })

  it('gets the iss and its own copy of the payload', async () => {
    const seen: unknown[] = []
    const result = await verify(token(payload), secret, { ...hs256, issuer(iss: string, body: Record<string, unknown>) {
      seen.push(iss, clone(body))
      body['roles'] = ['admin']
      delete body['exp']
      return true
    } })
    expect(seen).toEqual(['me', payload])
    expect(result.payload).toEqual(payload)
  })
})

describe('isRevoked', () => {
  const check = (isRevoked: unknown, body: object = payload): Promise<unknown> => everyDoor(token(body), secret, { ...hs256, isRevoked })

  it('only false lets the token pass', async () => {
    for (const answer of answering(false)) await check(answer)
    for (const answer of answering(true)) {
      const error = await refused('ERR_JWT_REVOKED', () => check(answer), { fault: 'token' })
      expect(error.payload).toEqual(payload)
    }
  })

  const answers: Record<string, unknown> = { undefined, null: null, 0: 0, 1: 1, NaN, 'empty text': '', text: 'false', object: {}, array: [], Boolean: new Boolean(false) }
  it.each(Object.keys(answers))('an answer that is %s is ERR_JWT_REVOKED, the fault of the server', async (name) => {
    for (const answer of answering(answers[name])) {
      expect((await refused('ERR_JWT_REVOKED', () => check(answer), { fault: 'server' })).cause).toBeInstanceOf(TypeError)
    }
  })

  it('a failure of it is ERR_JWT_REVOKED with cause', async () => {
    for (const answer of failing(boom)) expect((await refused('ERR_JWT_REVOKED', () => check(answer), { fault: 'server' })).cause).toBe(boom)
  })

  it('is asked for an expired token too, and not for one that another check refuses', async () => {
    let asked = 0
    const counting = () => { asked++; return false }
    await refused('ERR_JWT_EXPIRED', () => verify(token({ ...payload, exp: now }), secret, { ...hs256, isRevoked: counting }))
    expect(asked).toBe(1)
    await refused('ERR_JWT_REVOKED', () => check(() => true, { ...payload, exp: now }))
    await refused('ERR_JWT_REVOKED', () => check(thrower, { ...payload, exp: now }), { fault: 'server' })
    await refused('ERR_JWT_SIGNATURE', () => verify(token(payload, head, `${secret}x`), secret, { ...hs256, isRevoked: counting }))
    expect(asked).toBe(1)
  })

  it('gets the claims as signed and the header, each its own copy', async () => {
    const seen: unknown[] = []
    const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } }
    const result = await verify(text, secret, { ...options, schema, isRevoked(body: Record<string, unknown>, header: Record<string, unknown>) {
      seen.push(clone(body), clone(header))
      ;(body['roles'] as string[]).push('admin')
      ;(header['crit'] as string[]).push('y')
      header['alg'] = 'none'
      return false
    } })
    expect(seen).toEqual([payload, { ...head, kid: 'k', crit: ['x'], x: 1 }])
    expect(result).toEqual({ payload, header: { ...head, kid: 'k', crit: ['x'], x: 1 } })
  })
})

describe('a schema (Standard Schema v1)', () => {
  const schemaOf = (validate: unknown, more: object = {}): object => ({ '~standard': { version: 1, vendor: 'test', validate, ...more } })
  const check = (validate: unknown, body: object = payload): Promise<{ payload: unknown }> => everyDoor(token(body), secret, { ...hs256, schema: schemaOf(validate) })

  it('replaces the payload with what it makes of it', async () => {
    for (const value of [{ user: 'me' }, 'text', 0, null, undefined, false]) {
      for (const validate of [...answering({ value }), ...answering({ value, issues: undefined })]) expect((await check(validate)).payload).toEqual(value)
    }
    expect((await check((claims: { iss: string }) => ({ value: { who: claims.iss } }))).payload).toEqual({ who: 'me' })
  })

  it('may be a function with the property, or of a class', async () => {
    class Schema { get '~standard'() { return { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } }
    for (const schema of [new Schema(), Object.assign(() => 1, schemaOf((value: unknown) => ({ value })))]) expect((await everyDoor(token(payload), secret, { ...hs256, schema })).payload).toEqual(payload)
  })

  it('that is none is a TypeError', async () => {
    for (const schema of [undefined, null, true, 'x', {}, () => true, { parse: () => 1 }, { '~standard': null }, { '~standard': {} }, { '~standard': { version: 1 } }, { '~standard': { version: 2, validate: () => ({ value: 1 }) } }, { '~standard': { version: '1', validate: () => ({ value: 1 }) } }, { '~standard': { version: 1, validate: 'x' } }]) {
      await misused(() => everyDoor(token(payload), secret, { ...hs256, schema }), 'schema')
    }
  })

  it('has its issues one by one: path of plain keys, claim the first of them', async () => {
    const sym = Symbol('s')
    const issues = [
      { message: 'first', path: ['user', { key: 'roles' }, 0, { key: 1 }] }, { message: 'second', path: [{ key: 'scope' }] }, { message: 'third' }, { message: 'fourth', path: [] }, { message: 'fifth', path: [sym] },
    ]
    const error = await refused('ERR_JWT_SCHEMA', () => check(() => ({ issues })), { fault: 'token', claim: 'user' })
    expect(error.issues).toMatchObject([
      { code: 'ERR_JWT_SCHEMA', path: ['user', 'roles', 0, 1], claim: 'user' }, { code: 'ERR_JWT_SCHEMA', path: ['scope'], claim: 'scope' }, { code: 'ERR_JWT_SCHEMA' }, { code: 'ERR_JWT_SCHEMA' }, { code: 'ERR_JWT_SCHEMA', path: [sym] },
    ])
    expect(error.issues).toHaveLength(5)
    for (const [i, word] of ['first', 'second', 'third', 'fourth', 'fifth'].entries()) expect(error.issues[i]!.message).toContain(word)
    for (const i of [2, 3]) expect(error.issues[i]!.claim).toBeUndefined()
    expect(error.payload).toEqual(payload)
  })

  it('that fails is ERR_JWT_SCHEMA with cause, the fault of the server and of no claim', async () => {
    for (const validate of failing(boom)) {
      const error = await refused('ERR_JWT_SCHEMA', () => check(validate), { fault: 'server', cause: boom })
      expect(error.issues).toEqual([{ code: 'ERR_JWT_SCHEMA', message: error.message, path: [] }])
    }
  })

  const misbehaving: Record<string, unknown> = {
    undefined, null: null, text: 'ok', true: true, 'an empty object': {}, 'no issues in a list': { issues: [] }, 'issues: null and no value': { issues: null }, 'issues that are no list': { issues: 5 }, 'issues: true': { issues: true }, 'issues: text': { issues: 'no' }, 'an issue that is a number': { issues: [5] }, 'an issue without a message': { issues: [{}] }, 'a message that is no text': { issues: [{ message: 5 }] },
    'a value and issues: null': { value: 1, issues: null }, 'a value and issues: 0': { value: 1, issues: 0 },
    'an issue that is null': { issues: [null] }, 'a path that is no list': { issues: [{ message: 'x', path: 5 }] }, 'a path with null': { issues: [{ message: 'x', path: [null] }] }, 'both value and empty issues': { value: 1, issues: [] },
  }
  it.each(Object.keys(misbehaving))('that answers %s lets nothing pass: ERR_JWT_SCHEMA, the fault of the server', async (name) => {
    for (const validate of answering(misbehaving[name])) await refused('ERR_JWT_SCHEMA', () => check(validate), { fault: 'server' })
  })

  it('with issues and a value refuses', async () => {
    await refused('ERR_JWT_SCHEMA', () => check(() => ({ value: payload, issues: [{ message: 'no' }] })), { fault: 'token' })
  })

  it('is run for an expired token too, and for no token that something else refuses', async () => {
    let runs = 0
    const counting = (value: unknown) => { runs++; return { value } }
    await refused('ERR_JWT_EXPIRED', () => verify(token({ exp: now }), secret, { ...hs256, schema: schemaOf(counting) }))
    expect(runs).toBe(1)
    await refused('ERR_JWT_SCHEMA', () => check(() => ({ issues: [{ message: 'no' }] }), { exp: now }))
    for (const [code, body, more] of [['ERR_JWT_CLAIM', { exp: 'x' }, {}], ['ERR_JWT_NOT_YET_VALID', { ...claims, nbf: now + 1 }, {}], ['ERR_JWT_REVOKED', claims, { isRevoked: () => true }]] as const) {
      await refused(code, () => verify(token(body), secret, { ...hs256, ...more, schema: schemaOf(counting) }))
    }
    expect(runs).toBe(1)
  })

  it('gets its own copy: what it changes is not on the error, and an expired token shows the claims as signed', async () => {
    const spoiling = (value: Record<string, unknown>) => { value['roles'] = ['admin']; return { value } }
    const error = await refused('ERR_JWT_EXPIRED', () => check(spoiling, { ...payload, exp: now }))
    expect(error.payload).toEqual({ ...payload, exp: now })
  })

  it('validates the claims as signed, whatever isRevoked and issuer did to their copies', async () => {
    const spoiler = (...args: unknown[]) => { for (const one of args) if (typeof one === 'object') (one as Record<string, unknown>)['roles'] = ['admin']; return false }
    const seen: unknown[] = []
    await verify(token(payload), secret, { ...hs256, issuer: (_: string, body: object) => !spoiler(body), isRevoked: spoiler, schema: schemaOf((value: unknown) => { seen.push(clone(value)); return { value } }) })
    expect(seen).toEqual([payload])
  })
})

describe('a key function', () => {
  it('gets a frozen copy of the protected header, already checked against the allowlist, and never the payload', async () => {
    const seen: unknown[][] = []
    const result = await verify(text, (...args: [Record<string, unknown>]) => {
      seen.push([clone(args[0]), Object.isFrozen(args[0]), args.length])
      ;(args[0]['crit'] as string[]).push('y')
      return secret
    }, options)
    expect(seen).toEqual([[{ ...head, kid: 'k', crit: ['x'], x: 1 }, true, 1]])
    expect(result.header).toEqual({ ...head, kid: 'k', crit: ['x'], x: 1 })
  })

  it('may answer a key or a secret', async () => {
    const key = await importSecret(secret, 'HS256')
    for (const answer of [...answering(key), ...answering(secret), ...answering(utf8(secret))]) await everyDoor(text, answer, options)
    const ec = await publicKey('ES256')
    for (const answer of answering(ec)) await everyDoor(pairToken('ES256'), answer, { ...hs256, algorithms: ['ES256', 'HS256'] })
  })

  it('null and undefined are ERR_JWT_KEY_NOT_FOUND, the fault of the token', async () => {
    for (const answer of [null, undefined]) for (const key of answering(answer)) await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(text, key, options), { fault: 'token' })
  })

  it('that fails is ERR_JWT_KEY with cause, the fault of the server', async () => {
    for (const key of failing(boom)) expect((await refused('ERR_JWT_KEY', () => everyDoor(text, key, options), { fault: 'server' })).cause).toBe(boom)
    for (const thrown of ['text', undefined, null, 0]) expect((await refused('ERR_JWT_KEY', () => everyDoor(text, () => { throw thrown }, options))).cause).toBe(thrown)
  })

  it('a JwtError that it throws passes unchanged', async () => {
    for (const code of ['ERR_JWT_KEY_NOT_FOUND', 'ERR_JWKS_FETCH', 'ERR_JWT_REVOKED'] as const) {
      const mine = new JwtError(code, 'mine')
      for (const key of failing(mine)) expect(await refused(code, () => verify(text, key, options))).toBe(mine)
    }
  })

  it('that answers anything that is no key is ERR_JWT_KEY with cause', async () => {
    const { publicPem, publicJwk } = pair('RS256')
    const answers = ['', new Uint8Array(), 'short', publicPem, publicJwk, { keys: [publicJwk] }, { kty: 'oct', k: 'AA' }, JSON.stringify(publicJwk), keySet([]), () => secret, 0, 1, true, false, NaN, Symbol('key'), {}, [], [secret], new String(secret), new Date(), { algorithm: 'HS256', sign: () => secret }]
    for (const answer of answers) for (const key of answering(answer)) {
      expect((await refused('ERR_JWT_KEY', () => verify(text, key, options), { fault: 'server' })).cause).toBeInstanceOf(Error)
    }
  })

  it('a secret from it counts only when every listed algorithm is HS*', async () => {
    await everyDoor(text, () => secret, { ...options, algorithms: ['HS256', 'HS512'] })
    await refused('ERR_JWT_KEY', () => everyDoor(text, () => secret, { ...options, algorithms: ['HS256', 'ES256'] }), { fault: 'server' })
    await everyDoor(text, await importSecret(secret, 'HS256'), options)
    const key = await importSecret(secret, 'HS256')
    await everyDoor(text, () => key, { ...options, algorithms: ['HS256', 'ES256'] })
  })

  it('a private key from it is ERR_JWT_KEY, a key of another algorithm ERR_JWT_ALGORITHM', async () => {
    const wrongRole = await privateKey('ES256')
    await refused('ERR_JWT_KEY', () => everyDoor(pairToken('ES256'), () => wrongRole, { ...hs256, algorithms: ['ES256'] }))
    const ec = await publicKey('ES256')
    await refused('ERR_JWT_ALGORITHM', () => everyDoor(token(), () => ec, { ...hs256, algorithms: ['HS256', 'ES256'] }))
  })

  it('is called once per token, and not for a token that its header condemns', async () => {
    let calls = 0
    const key = () => { calls++; return secret }
    await verify(token(), key, hs256)
    await verify(token(), key, hs256)
    await refused('ERR_JWT_ALGORITHM', () => verify(token(claims, { alg: 'HS512' }), key, hs256))
    expect(calls).toBe(2)
  })
})
