import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importJwk, importSecret } from 'waxseal'
import { answering, failing } from '../support/door'
import {
  at, b64, claimsOf, headerOf, hs256, json, mac, misused, now, pair, privateKey, publicKey, refused, secret, sign, textOf, unb64, utf8, verify, type PairName,
} from '../support/tokens'

const hs = { algorithm: 'HS256', expiresIn: 60, now: at(now) }
const written = async (payload: unknown, options: object = {}): Promise<Record<string, unknown>> => claimsOf(await sign(payload, secret, { ...hs, ...options }))
/** Without an expiry of its own. */
const raw = async (payload: unknown, options: object = {}): Promise<Record<string, unknown>> => claimsOf(await sign(payload, secret, { algorithm: 'HS256', now: at(now), ...options }))

describe('a token', () => {
  it('is header.payload.signature in canonical base64url, and an honest HMAC', async () => {
    for (const [algorithm, hash] of [['HS256', 'sha256'], ['HS384', 'sha384'], ['HS512', 'sha512']] as const) {
      const text = await sign({ sub: 'é' }, secret, { ...hs, algorithm })
      const [h, p, s, more] = text.split('.') as [string, string, string, undefined]
      expect([json(h), json(p), s, more]).toEqual([{ alg: algorithm, typ: 'JWT' }, { sub: 'é', iat: now, exp: now + 60 }, mac(`${h}.${p}`, secret, hash), undefined])
      expect([h, p, s].map((segment) => b64(unb64(segment)))).toEqual([h, p, s])
    }
  })

  it('law: what sign writes, verify reads back', async () => {
    await fc.assert(fc.asyncProperty(fc.dictionary(fc.string({ unit: 'binary' }).filter((name) => !['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'].includes(name)), fc.jsonValue()), async (payload) => {
      const text = await sign(payload, secret, { ...hs, issuedAt: false })
      expect((await verify(text, secret, { ...hs256, maxTokenLength: 2 ** 24 })).payload).toEqual(JSON.parse(JSON.stringify({ ...payload, exp: now + 60 })))
    }), { numRuns: 200 })
  })
})

describe('expiry has to be chosen', () => {
  it('neither exp nor expiresIn is a TypeError that says how to choose', async () => {
    for (const payload of [{}, { sub: 'a' }, { EXP: 1 }, Object.create(null)]) await misused(() => raw(payload), 'expiresIn', 'exp', 'false')
    expect(await raw({ exp: now + 1 })).toEqual({ exp: now + 1, iat: now })
    expect(await raw({}, { expiresIn: '1m' })).toEqual({ exp: now + 60, iat: now })
    expect(await raw({}, { expiresIn: false })).toEqual({ iat: now })
  })

  it('expiresIn and exp in the payload contradict each other, false too', async () => {
    for (const expiresIn of [60, '1m', false]) await misused(() => raw({ exp: now + 60 }, { expiresIn }), 'exp', 'expiresIn')
  })
})

describe('claims from options', () => {
  const given: [string, unknown, string, unknown][] = [
    ['issuer', 'me', 'iss', 'me'], ['subject', 'alice', 'sub', 'alice'], ['audience', 'api', 'aud', 'api'], ['audience', ['a', 'b'], 'aud', ['a', 'b']], ['jwtId', 'id', 'jti', 'id'],
    ['notBefore', 0, 'nbf', now], ['notBefore', '5m', 'nbf', now + 300], ['expiresIn', 1, 'exp', now + 1],
  ]
  it.each(given)('%s: %j is %s: %j; with the claim in the payload a TypeError', async (option, value, claim, expected) => {
    expect((await written({}, { [option]: value }))[claim]).toEqual(expected)
    await misused(() => written({ [claim]: expected }, { [option]: value }), claim, option)
  })

  it('are those of this call: other options before and after it change nothing', async () => {
    const audience = ['a']
    const calls: [object, object][] = [
      [{ issuer: 'me', audience }, { iss: 'me', aud: ['a'] }], [{ issuer: 'you', audience: 'a' }, { iss: 'you', aud: 'a' }], [{ issuer: 'me', subject: 'me' }, { iss: 'me', sub: 'me' }],
      [{ subject: 'you', jwtId: 'me' }, { sub: 'you', jti: 'me' }],
    ]
    for (let time = 0; time < 3; time++) for (const [options, expected] of calls) expect(await written({}, { ...options, issuedAt: false })).toEqual({ ...expected, exp: now + 60 })
    audience[0] = 'b'
    expect((await written({}, { audience }))['aud']).toEqual(['b'])
  })

  it('jwtId: true is a random UUID, another each time', async () => {
    const [a, b] = [(await written({}, { jwtId: true }))['jti'], (await written({}, { jwtId: true }))['jti']]
    expect(a).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(a).not.toBe(b)
    await misused(() => written({ jti: 'x' }, { jwtId: true }), 'jti')
  })

  it('iat is the floor of now; an iat in the payload simply wins; issuedAt: false leaves it out', async () => {
    expect((await written({}))['iat']).toBe(now)
    expect((await written({}, { now: at(now + 0.999) }))['iat']).toBe(now)
    expect((await written({ iat: 5.5 }))['iat']).toBe(5.5)
    expect((await written({ iat: 5 }, { issuedAt: false }))['iat']).toBe(5)
    expect(await written({}, { issuedAt: false })).toEqual({ exp: now + 60 })
  })

  it('exp and nbf count from now, not from iat', async () => {
    expect(await written({ iat: 5 }, { notBefore: 10 })).toEqual({ iat: 5, nbf: now + 10, exp: now + 60 })
    expect(await written({}, { issuedAt: false, notBefore: 10 })).toEqual({ nbf: now + 10, exp: now + 60 })
  })

  it('whole durations count from the whole second, others from the very moment', async () => {
    const time = at(now + 0.5)
    expect(await written({}, { now: time, expiresIn: 60, notBefore: 10 })).toEqual({ iat: now, nbf: now + 10, exp: now + 60 })
    expect(await written({}, { now: time, expiresIn: 60.25, notBefore: 0.25 })).toEqual({ iat: now, nbf: now + 0.75, exp: now + 60.75 })
  })

  it('law: a token can be used from the moment it is made, however short its life', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 2, max: 3000 }), async (milliseconds, life) => {
      const time = at(now + milliseconds / 1000)
      const text = await sign({}, secret, { ...hs, now: time, expiresIn: life / 1000, notBefore: 0 })
      await verify(text, secret, { ...hs256, now: time })
    }), { numRuns: 100 })
  })
})

describe('the payload', () => {
  class Claims { sub = 'alice' }
  const cyclic: Record<string, unknown> = { sub: 'a' }
  cyclic['self'] = { deep: [cyclic] }
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]

  it('is a plain object: of this realm, with no prototype, or from JSON', async () => {
    for (const payload of [{ a: 1 }, Object.assign(Object.create(null) as object, { a: 1 }), JSON.parse('{"a":1}'), Object.freeze({ a: 1 })]) expect(await written(payload)).toEqual({ a: 1, iat: now, exp: now + 60 })
    for (const payload of [undefined, null, 'text', '{"a":1}', 1, true, 1n, Symbol('x'), [], [{ a: 1 }], new Claims(), new Map([['a', 1]]), new Set(), new Date(), /x/, () => ({}), new String('x'), Promise.resolve({}), Object.create({ sub: 'a' }), new Uint8Array(4), new Error('x'), new Proxy(new Claims(), {})]) {
      await misused(() => written(payload), 'payload')
    }
  })

  const lossy: Record<string, unknown> = {
    NaN, Infinity, '-Infinity': -Infinity, bigint: 1n, function: () => 1, symbol: Symbol('x'), Date: new Date(), Map: new Map(), Set: new Set(), WeakMap: new WeakMap(), RegExp: /x/, class: new Claims(), Error: new Error('x'), Promise: Promise.resolve(),
    'String object': new String('x'), 'Number object': new Number(1), bytes: new Uint8Array(2), ArrayBuffer: new ArrayBuffer(2), toJSON: { toJSON: () => 'x' }, 'array subclass instance field': [new Claims()], 'object with a prototype': Object.create({ a: 1 }), 'undefined in an array': [undefined],
  }
  it.each(Object.keys(lossy))('%s anywhere in it is a TypeError with its path', async (name) => {
    await misused(() => written({ user: lossy[name] }), 'user')
    await misused(() => written({ user: { list: [0, { x: lossy[name] }] } }), 'user.list[1].x')
  })

  it('whatever JSON.stringify would throw at is a TypeError: cycles, BigInt, a getter that throws, nesting without end', async () => {
    await misused(() => written(cyclic))
    for (const payload of [{ deep }, { get a(): never { throw new Error('mine') } }, { a: { get b(): never { throw new RangeError('mine') } } }]) {
      await misused(() => written(payload))
    }
  })

  it('a member that is undefined is left out, except a registered claim: TypeError', async () => {
    expect(await written({ a: undefined, b: { c: undefined, d: 1 } })).toEqual({ b: { d: 1 }, iat: now, exp: now + 60 })
    for (const claim of ['iss', 'sub', 'aud', 'nbf', 'iat', 'jti']) await misused(() => written({ [claim]: undefined }), claim)
    await misused(() => raw({ exp: undefined }), 'exp', 'expiresIn')
    for (const expiresIn of [60, false]) await misused(() => raw({ exp: undefined }, { expiresIn }), 'exp')
  })

  const wrong: Record<string, unknown[]> = {
    iss: [null, 1, true, [], ['a'], {}], sub: [null, 1, 0, []], jti: [null, 7, true], aud: [null, 1, [1], ['a', null], {}, [['a']], new Set(['a'])],
    ...Object.fromEntries(['exp', 'nbf', 'iat'].map((claim) => [claim, [null, '1', String(now), true, {}, [], NaN, Infinity, -1, -0.5, 253402300800, now * 1000, Number.MAX_SAFE_INTEGER, 1n, new Date(), at(now)]])),
  }
  it.each(Object.keys(wrong))('%s of a wrong type is a TypeError, and milliseconds are told to be seconds', async (claim) => {
    for (const value of wrong[claim]!) {
      const error = await misused(() => raw({ [claim]: value }, claim === 'exp' ? {} : { expiresIn: 60 }), claim)
      if (value === now * 1000) expect(error.message).toContain('seconds')
    }
  })

  it('takes registered claims of the right type, fractions and bounds too', async () => {
    const good = { iss: 'a', sub: '', jti: 'c', aud: ['a', 'b'], exp: 253402300799, nbf: 0, iat: 0.5 }
    expect(await raw(good)).toEqual(good)
    expect(await raw({ aud: 'a', exp: 0 })).toEqual({ aud: 'a', exp: 0, iat: now })
  })

  it('is not mutated, and neither are options', async () => {
    const payload = Object.freeze({ roles: Object.freeze(['a']), nested: Object.freeze({ x: 1 }) })
    const options = Object.freeze({ ...hs, audience: Object.freeze(['a']), header: Object.freeze({ x: 1 }), jwtId: true })
    const before = JSON.stringify([payload, options])
    await sign(payload, secret, options)
    expect(JSON.stringify([payload, options])).toBe(before)
  })

  it('is read once, at the call: a change afterwards has no effect', async () => {
    let reads = 0
    const payload = { get sub() { reads++; return `read ${reads}` }, nested: { get x() { reads++; return reads } }, roles: ['user'] }
    const pending = sign(payload, secret, hs)
    payload.roles.push('admin')
    expect(claimsOf(await pending)).toMatchObject({ roles: ['user'] })
    expect(reads).toBe(2)
  })

  it('members named __proto__, constructor or toString are members like any other', async () => {
    const payload = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"toString":"x","a":{"__proto__":2}}') as object
    const text = await sign(payload, secret, hs)
    expect(textOf(unb64(text.split('.')[1]!))).toContain('"__proto__":{"admin":true},"constructor":1,"toString":"x","a":{"__proto__":2}')
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    await misused(() => raw(JSON.parse('{"__proto__":{"exp":9999999999}}')), 'exp')
  })
})

describe('the algorithm comes from the key', () => {
  it('with a secret it has to be named, and to be HS*', async () => {
    for (const key of [secret, utf8(secret)]) {
      await misused(() => sign({}, key, { expiresIn: 60 }), 'algorithm')
      for (const algorithm of ['RS256', 'ES256', 'none', 'hs256', '', null, undefined, ['HS256']]) await misused(() => sign({}, key, { expiresIn: 60, algorithm }), 'algorithm')
    }
  })

  const names: PairName[] = ['RS256', 'ES256', 'Ed25519']
  it.each(names)('%s: the key\'s own; another name is a TypeError', async (name) => {
    const key = await privateKey(name)
    for (const options of [{ expiresIn: 60 }, { expiresIn: 60, algorithm: name }]) expect(headerOf(await sign({}, key, options))['alg']).toBe(name)
    for (const algorithm of ['HS256', 'RS512', 'ES384', 'PS256'].filter((other) => other !== name)) await misused(() => sign({}, key, { expiresIn: 60, algorithm }), 'algorithm')
  })

  it('Ed25519 has two names: options, else the name of the import, else Ed25519', async () => {
    const imported = (name: string): Promise<unknown> => importJwk(pair('Ed25519').privateJwk, name as 'EdDSA')
    expect(headerOf(await sign({}, await imported('EdDSA'), { expiresIn: 60 }))['alg']).toBe('EdDSA')
    expect(headerOf(await sign({}, await imported('EdDSA'), { expiresIn: 60, algorithm: 'Ed25519' }))['alg']).toBe('Ed25519')
    expect(headerOf(await sign({}, await imported('Ed25519'), { expiresIn: 60, algorithm: 'EdDSA' }))['alg']).toBe('EdDSA')
  })

  it('the kid of the key is written unless keyId says otherwise', async () => {
    const key = await importSecret(secret, 'HS256', { keyId: 'mine' })
    expect(headerOf(await sign({}, key, { expiresIn: 60 }))['kid']).toBe('mine')
    expect(headerOf(await sign({}, key, { expiresIn: 60, keyId: 'other' }))['kid']).toBe('other')
    expect('kid' in headerOf(await sign({}, await importSecret(secret, 'HS256'), { expiresIn: 60 }))).toBe(false)
  })
})

describe('what sign takes as a key', () => {
  it('a public key is ERR_JWT_KEY', async () => {
    for (const name of ['RS256', 'ES256', 'Ed25519'] as const) await refused('ERR_JWT_KEY', async () => sign({}, await publicKey(name), { expiresIn: 60 }))
  })

  it('a weak secret is ERR_JWT_KEY unless allowWeakKeys; an empty one always', async () => {
    for (const [algorithm, floor] of [['HS256', 32], ['HS384', 48], ['HS512', 64]] as const) {
      await sign({}, 's'.repeat(floor), { ...hs, algorithm })
      await refused('ERR_JWT_KEY', () => sign({}, 's'.repeat(floor - 1), { ...hs, algorithm }))
      await sign({}, 's'.repeat(floor - 1), { ...hs, algorithm, allowWeakKeys: true })
      for (const allowWeakKeys of [true, false]) for (const key of ['', new Uint8Array()]) await refused('ERR_JWT_KEY', () => sign({}, key, { ...hs, algorithm, allowWeakKeys }))
    }
  })

  it('a secret with a lone surrogate is ERR_JWT_KEY: all of them would be the same key', async () => {
    await refused('ERR_JWT_KEY', () => sign({}, `${secret}\ud800`, hs))
    await sign({}, `${secret}\ud83d\ude00`, hs)
  })

  it('PEM text and JWKs are TypeErrors that name the importer, and so is anything that is no key', async () => {
    await misused(() => sign({}, pair('RS256').privatePem, { ...hs, algorithm: 'RS256' }), 'importPem')
    await misused(() => sign({}, pair('RS256').privatePem, hs), 'importPem')
    await misused(() => sign({}, pair('RS256').privateJwk, { ...hs, algorithm: 'RS256' }), 'importJwk')
    for (const key of [undefined, null, 0, true, {}, [], Symbol('key'), () => secret, new String(secret), { sign: 1 }, { kty: 'oct', k: 'AA' }]) await misused(() => sign({}, key, hs))
  })

  it('bytes of a secret that change after the call have no effect on it', async () => {
    const bytes = utf8(secret)
    const pending = sign({}, bytes, hs)
    bytes.fill(0)
    await expect(verify(await pending, secret, hs256)).resolves.toBeDefined()
  })
})

describe('a Signer', () => {
  const of = (answer: unknown, algorithm = 'HS256', more: object = {}): object => ({ algorithm, sign: () => answer, ...more })
  const zeros = (length: number, first = 0): Uint8Array => { const bytes = new Uint8Array(length); bytes[0] = first; return bytes }

  it('gets the whole signing input, and its answer is the signature', async () => {
    for (const i of answering(0).keys()) {
      const signer = { algorithm: 'HS256', keyId: 'kms', sign: (bytes: Uint8Array) => answering(unb64(mac(textOf(bytes))))[i]!() }
      const text = await sign({}, signer, { expiresIn: 60, now: at(now) })
      expect((await verify(text, secret, hs256)).header).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'kms' })
    }
  })

  it('may be an object of a class, which keeps its this', async () => {
    class Kms { algorithm = 'HS256'; #key = secret; sign(bytes: Uint8Array): Uint8Array { return unb64(mac(textOf(bytes), this.#key)) } }
    await verify(await sign({}, new Kms(), { expiresIn: 60, now: at(now) }), secret, hs256)
  })

  it('cannot change what is signed', async () => {
    const signer = { algorithm: 'HS256', sign(bytes: Uint8Array) { const text = textOf(bytes); bytes.fill(65); return unb64(mac(text)) } }
    await verify(await sign({ a: 1 }, signer, { expiresIn: 60, now: at(now) }), secret, hs256)
  })

  const lengths: [string, number[], number[]][] = [
    ['HS256', [32], [0, 31, 33]], ['HS512', [64], [63, 65, 32]], ['ES256', [64], [63, 65, 96]], ['ES384', [96], [95, 64]], ['ES512', [132], [131, 133, 128]], ['Ed25519', [64], [63, 65]], ['EdDSA', [64], [32]],
    ['RS256', [256, 384, 512, 2048], [0, 255, 2049]], ['PS512', [256, 2048], [128, 255, 2049]],
  ]
  it.each(lengths)('%s: of the right length accepted, of another ERR_JWT_KEY', async (algorithm, right, wrong) => {
    for (const length of right) await expect(sign({}, of(zeros(length), algorithm), { expiresIn: 60 })).resolves.toContain('.')
    for (const length of wrong) await refused('ERR_JWT_KEY', () => sign({}, of(zeros(length), algorithm), { expiresIn: 60 }))
  })

  it('that answers ES* in DER is told of ecdsaFromDer', async () => {
    for (const [algorithm, length] of [['ES256', 70], ['ES256', 72], ['ES384', 104], ['ES512', 138]] as const) {
      expect((await refused('ERR_JWT_KEY', () => sign({}, of(zeros(length, 0x30), algorithm), { expiresIn: 60 }))).message).toContain('ecdsaFromDer')
    }
  })

  it('that fails or answers something else is ERR_JWT_KEY, with what it threw as cause', async () => {
    const cause = new Error('kms is down')
    for (const fail of failing(cause)) {
      expect((await refused('ERR_JWT_KEY', () => sign({}, { algorithm: 'ES256', sign: fail }, { expiresIn: 60 }), { fault: 'server' })).cause).toBe(cause)
    }
    for (const answer of [undefined, null, 'AAAA', 64, [1], {}, { length: 64 }, Promise.resolve(null)]) await refused('ERR_JWT_KEY', () => sign({}, of(answer, 'ES256'), { expiresIn: 60 }))
  })

  it('of an unknown algorithm, with an empty kid, or contradicting the option is a TypeError', async () => {
    for (const algorithm of ['none', '', undefined, null, 1]) await misused(() => sign({}, of(zeros(64), 'ES256', { algorithm }), { expiresIn: 60 }), 'algorithm')
    await misused(() => sign({}, of(zeros(64), 'ES256'), { expiresIn: 60, algorithm: 'ES384' }), 'algorithm')
    for (const keyId of ['', 1, null, ['k']]) await misused(() => sign({}, of(zeros(64), 'ES256', { keyId }), { expiresIn: 60 }), 'keyId')
  })

  it('is not for verify', async () => {
    await misused(() => verify('x', of(zeros(32)), hs256), 'key')
  })
})
