// The cache law: a verifier that remembers accepts only what a fresh one would accept now. Each test is one way in which a
// memory could let something in. That a result came from memory is seen by its being the very same (frozen) claims.

import { describe, expect, it, vi } from 'vitest'
import { createVerifier as typedCreate, importJwk, importSecret, JwtError, keySet, safeVerify as typedSafe } from 'waxseal'
import { answering, asynchronous, failing } from '../support/door'
import {
  at, b64, claims, clone, head, json, misused, now, pair, pairToken, refused, secret, sign as typedSign, thrown, token, utf8, verify as typedVerify, type Result,
} from '../support/tokens'
import { subtle } from '../support/keys'

type Call = (...args: unknown[]) => Promise<Result>
const create = typedCreate as unknown as (key: unknown, options: unknown) => Call & { safe: (...args: unknown[]) => Promise<{ ok: boolean, error?: unknown } & Partial<Result>> }

const payload = { ...claims, iss: 'me', iat: now, nbf: now, jti: 'id', nonce: 'n', roles: ['user', { deep: [1] }] }
const text = token(payload, { ...head, kid: 'k', crit: ['x'], x: { y: [1] } })

/** Both ways to call a verifier. */
describe.each(['verifier', 'verifier.safe'])('%s', (way) => {
  let time = now

  /** A verifier with a clock that this test sets. */
  function remembering(options: object = {}, key: unknown = secret): Call {
    time = now
    const verifier = create(key, { algorithms: ['HS256'], now: () => at(time), cache: true, crit: ['x'], ...options })
    if (way === 'verifier') return verifier
    return async (...args) => {
      const { ok, error, ...result } = await verifier.safe(...args)
      if (!ok) throw error
      return result as Result
    }
  }

  /** Whether a verifier has this token in memory: two calls then give the very same claims. Asking does not change that. */
  async function isRemembered(verifier: Call, first: Result, given: string = text): Promise<boolean> {
    return (await verifier(given)).payload === first.payload
  }

  describe('what is remembered', () => {
    it('gives the same claims and header again, as a fresh verify would', async () => {
      const verifier = remembering()
      const first = await verifier(text)
      const second = await verifier(text)
      expect(second).toEqual({ payload, header: { ...head, kid: 'k', crit: ['x'], x: { y: [1] } } })
      expect(second.payload).toBe(first.payload)
      expect(second.header).toBe(first.header)
      expect(second).not.toBe(first)
    })

    it('is nothing unless cache is asked for', async () => {
      const verifier = create(secret, { algorithms: ['HS256'], now: () => at(now), crit: ['x'] })
      expect((await verifier(text)).payload).not.toBe((await verifier(text)).payload)
      expect(Object.isFrozen((await verifier(text)).payload)).toBe(false)
    })

    it('is known to one verifier alone', async () => {
      const [one, other] = [remembering(), remembering({ issuer: 'you' })]
      await one(text)
      await refused('ERR_JWT_CLAIM', () => other(text), { claim: 'iss' })
    })

    it('is the exact text: another token with the same signature, header or claims is none of it', async () => {
      const verifier = remembering()
      await verifier(text)
      const [h, p, s] = text.split('.') as [string, string, string]
      const elsewhere = token({ ...payload, sub: 'mallory' }).split('.') as [string, string, string]
      for (const forged of [`${h}.${elsewhere[1]}.${s}`, `${b64({ ...json(h), kid: 'other' })}.${p}.${s}`, `${h}.${p}.${elsewhere[2]}`, `${h}.${p}.${s.slice(0, -4)}AAAA`]) await refused('ERR_JWT_SIGNATURE', () => verifier(forged))
      for (const spelt of [`${text}=`, `${text} `, ` ${text}`, `${text}.`, `${h}.${p}.`, `${h}.${p}`, text.toUpperCase()]) expect(['ERR_JWT_MALFORMED', 'ERR_JWT_SIGNATURE']).toContain((await thrown(() => verifier(spelt)) as JwtError).code)
      await verifier(text)
    })

    it('is the exact text to its beginning, however long: a token that only ends like it is none of it', async () => {
      const long = token({ ...payload, pad: 'x'.repeat(20_000) }, { ...head, crit: ['x'], x: 1 })
      const verifier = remembering({ maxTokenLength: 2 ** 15 })
      const first = await verifier(long)
      expect(await isRemembered(verifier, first, long)).toBe(true)
      const [h, ...rest] = long.split('.') as [string, ...string[]]
      await refused('ERR_JWT_SIGNATURE', () => verifier([b64({ ...json(h), x: 2 }), ...rest].join('.')))
      expect(await isRemembered(verifier, first, long)).toBe(true)
    })

    it('is no property of an object: names that every object has are no tokens', async () => {
      const verifier = remembering()
      await verifier(text)
      for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'size', 'get', '', undefined, null, 0, {}, Object(text), [text]]) {
        for (let time = 0; time < 2; time++) await refused('ERR_JWT_MALFORMED', () => verifier(name))
      }
    })
  })

  describe('a failure is never remembered', () => {
    it('a bad signature: the right key finds the token good', async () => {
      let key = `${secret}x`
      const verifier = remembering({}, () => key)
      for (let i = 0; i < 2; i++) await refused('ERR_JWT_SIGNATURE', () => verifier(text))
      key = secret
      await verifier(text)
    })

    it('a claim that is wrong stays wrong, call after call', async () => {
      for (const [claim, options] of [['iss', { issuer: 'you' }], ['aud', { audience: 'api' }], ['sub', { subject: 'bob' }], ['jti', { jwtId: 'other' }], ['nonce', { nonce: 'N' }], ['role', { requiredClaims: ['role'] }]] as const) {
        const verifier = remembering(options)
        for (let i = 0; i < 3; i++) await refused('ERR_JWT_CLAIM', () => verifier(text), { claim })
      }
      const late = remembering()
      time = now - 1
      for (let i = 0; i < 3; i++) await refused('ERR_JWT_NOT_YET_VALID', () => late(text))
    })

    it('a refused claim, revocation, schema or time: the same token passes once it is good, and fails again once it is bad', async () => {
      let good = false
      const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => good ? { value } : { issues: [{ message: 'no' }] } } }
      for (const [code, options] of [['ERR_JWT_CLAIM', { issuer: () => good }], ['ERR_JWT_REVOKED', { isRevoked: () => !good }], ['ERR_JWT_SCHEMA', { schema }]] as const) {
        const verifier = remembering(options)
        for (const is of [false, false, true, true, false, true]) {
          good = is
          if (good) await verifier(text)
          else await refused(code, () => verifier(text))
        }
      }
      const verifier = remembering()
      for (const [second, code] of [[now + 60, 'ERR_JWT_EXPIRED'], [now - 1, 'ERR_JWT_NOT_YET_VALID'], [now, ''], [now - 1, 'ERR_JWT_NOT_YET_VALID'], [now, ''], [now + 60, 'ERR_JWT_EXPIRED']] as const) {
        time = second
        if (code) await refused(code, () => verifier(text))
        else await verifier(text)
      }
    })
  })

  describe('time', () => {
    it('exp: remembered just before, refused on the second', async () => {
      const verifier = remembering()
      const first = await verifier(text)
      time = now + 59.999
      expect(await isRemembered(verifier, first)).toBe(true)
      time = now + 60
      await refused('ERR_JWT_EXPIRED', () => verifier(text))
    })

    it('exp with clockTolerance: after exp a token is verified anew every time, up to the tolerance', async () => {
      const verifier = remembering({ clockTolerance: 30 })
      const first = await verifier(text)
      time = now + 59.999
      expect(await isRemembered(verifier, first)).toBe(true)
      time = now + 60
      const late = await verifier(text)
      expect(late.payload).not.toBe(first.payload)
      expect(await isRemembered(verifier, late)).toBe(false)
      time = now + 89.999
      await verifier(text)
      time = now + 90
      await refused('ERR_JWT_EXPIRED', () => verifier(text))
    })

    it('exp with clockTolerance: a token past exp takes no room', async () => {
      const verifier = remembering({ clockTolerance: 30, cache: { maxEntries: 1 } })
      const first = await verifier(text)
      await verifier(token({ ...payload, exp: now }))
      expect(await isRemembered(verifier, first)).toBe(true)
    })

    it('nbf: a clock that goes back before it finds the token not yet valid', async () => {
      for (const [clockTolerance, second] of [[0, now - 0.001], [30, now - 30.001]] as const) {
        const verifier = remembering({ clockTolerance })
        await verifier(text)
        time = second + 0.001
        await verifier(text)
        time = second
        await refused('ERR_JWT_NOT_YET_VALID', () => verifier(text))
      }
    })

    it('maxAge: remembered just before, too old on the second, tolerance counted', async () => {
      for (const [clockTolerance, end] of [[0, now + 30], [10, now + 40]] as const) {
        const verifier = remembering({ maxAge: 30, clockTolerance })
        const first = await verifier(text)
        time = end - 0.001
        expect(await isRemembered(verifier, first)).toBe(true)
        time = end
        await refused('ERR_JWT_CLAIM', () => verifier(text), { claim: 'iat' })
      }
    })

    it('maxAge: a clock that goes back before iat finds the token not yet valid', async () => {
      const young = token({ ...claims, iat: now })
      const verifier = remembering({ maxAge: 30 })
      await verifier(young)
      time = now - 1
      await refused('ERR_JWT_NOT_YET_VALID', () => verifier(young))
    })

    it('a clock that goes back to before the token was remembered makes it forgotten', async () => {
      const verifier = remembering()
      time = now + 10
      const first = await verifier(text)
      expect(await isRemembered(verifier, first)).toBe(true)
      time = now + 9.999
      expect(await isRemembered(verifier, first)).toBe(false)
    })

    it('a token without exp is remembered for the cache\'s maxAge, and no longer', async () => {
      const endless = token({ sub: 'alice' })
      const verifier = remembering({ requireExpiry: false })
      const first = await verifier(endless)
      time = now + 299.999
      expect(await isRemembered(verifier, first, endless)).toBe(true)
      time = now + 300
      expect(await isRemembered(verifier, first, endless)).toBe(false)
    })

    it('a clock that has stopped to be one is a TypeError, remembered or not', async () => {
      const verifier = remembering()
      await verifier(text)
      time = NaN
      await misused(() => verifier(text), 'now')
    })
  })

  describe('functions of the caller\'s are asked every time', () => {
    it('isRevoked: revoked since means refused, whatever the kind of key', async () => {
      const keys = [secret, await importSecret(secret, 'HS256'), () => secret]
      for (const [i, key] of [...answering(0).keys()].flatMap((i) => keys.map((key) => [i, key] as const))) {
        const revoked = new Set<unknown>()
        let asked = 0
        const verifier = remembering({ isRevoked: ({ jti }: { jti: string }) => (asked++, answering(revoked.has(jti))[i]!()) }, key)
        const first = await verifier(text)
        expect(await isRemembered(verifier, first)).toBe(true)
        expect(asked).toBe(2)
        revoked.add('id')
        expect((await refused('ERR_JWT_REVOKED', () => verifier(text))).payload).toEqual(payload)
      }
    })

    it('isRevoked that fails later refuses', async () => {
      for (const fail of failing(new Error('store is down'))) {
        let answer: () => unknown = () => false
        const verifier = remembering({ isRevoked: () => answer() })
        await verifier(text)
        answer = fail
        await refused('ERR_JWT_REVOKED', () => verifier(text), { fault: 'server' })
      }
    })

    it('issuer: its answer of now counts', async () => {
      const issuers = new Set(['me'])
      let asked = 0
      const verifier = remembering({ issuer: (iss: string) => (asked++, issuers.has(iss)) })
      const first = await verifier(text)
      expect(await isRemembered(verifier, first)).toBe(true)
      expect(asked).toBe(2)
      issuers.delete('me')
      await refused('ERR_JWT_CLAIM', () => verifier(text), { claim: 'iss' })
    })

    it('a schema runs each time on its own copy, and what it gives is never frozen nor shared', async () => {
      const seen: unknown[] = []
      const verifier = remembering({ schema: { '~standard': { version: 1, vendor: 'test', validate(value: { roles: unknown[], more?: unknown }) {
        seen.push(clone(value))
        value.roles.push('admin')
        value.more = true
        return { value }
      } } } })
      const results = [await verifier(text), await verifier(text), await verifier(text)]
      expect(seen).toEqual([payload, payload, payload])
      for (const result of results) {
        expect(result.payload['roles']).toEqual([...payload.roles, 'admin'])
        for (const part of [result.payload, result.payload['roles'], (result.payload['roles'] as unknown[])[1]]) expect(Object.isFrozen(part)).toBe(false)
        ;(result.payload['roles'] as unknown[]).length = 0
        expect(Object.isFrozen(result.header)).toBe(true)
      }
      expect(new Set(results.map(({ payload: made }) => made)).size).toBe(3)
    })

    it('a schema that finds fault later refuses', async () => {
      let issues: object[] | undefined
      const verifier = remembering({ schema: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => issues ? { issues } : { value } } } })
      await verifier(text)
      issues = [{ message: 'no more' }]
      await refused('ERR_JWT_SCHEMA', () => verifier(text))
    })
  })

  describe('the key is resolved every time', () => {
    it('a function is asked, with the header, and its answer of now counts', async () => {
      const key = await importSecret(secret, 'HS256')
      const other = await importSecret(`${secret}x`, 'HS256')
      const boom = new Error('vault is down')
      for (const good of [...answering<unknown>(key), ...answering<unknown>(secret), ...answering<unknown>(utf8(secret))]) {
        const seen: unknown[] = []
        let answer: () => unknown = good
        const verifier = remembering({}, (header: unknown) => (seen.push(clone(header)), answer()))
        const first = await verifier(text)
        expect(seen).toEqual([first.header])
        await verifier(text)
        expect(seen).toEqual([first.header, first.header])
        for (const bad of [...answering<unknown>(other), ...answering<unknown>(`${secret}x`)]) {
          answer = bad
          for (let i = 0; i < 2; i++) await refused('ERR_JWT_SIGNATURE', () => verifier(text))
        }
        for (const nothing of [...answering(null), ...answering(undefined)]) {
          answer = nothing
          await refused('ERR_JWT_KEY_NOT_FOUND', () => verifier(text))
        }
        for (const fail of failing(boom)) {
          answer = fail
          expect((await refused('ERR_JWT_KEY', () => verifier(text), { fault: 'server' })).cause).toBe(boom)
        }
        for (const fail of failing(new JwtError('ERR_JWKS_FETCH', 'mine'))) {
          answer = fail
          await refused('ERR_JWKS_FETCH', () => verifier(text))
        }
        for (const no of [...answering<unknown>('short'), ...answering<unknown>({}), ...answering<unknown>('')]) {
          answer = no
          await refused('ERR_JWT_KEY', () => verifier(text))
        }
        answer = good
        await verifier(text)
      }
    })

    it('the same key again is what counts: one that is equal is tried anew', async () => {
      let key = await importSecret(secret, 'HS256')
      const verifier = remembering({}, () => key)
      const first = await verifier(text)
      expect(await isRemembered(verifier, first)).toBe(true)
      key = await importSecret(secret, 'HS256')
      expect(await isRemembered(verifier, first)).toBe(false)
    })

    it('a set is asked: a key that has left it verifies nothing more', async () => {
      let keys: readonly unknown[] = [await importSecret(secret, 'HS256')]
      let failure: unknown
      const set = {
        skipped: [],
        *[Symbol.for('waxseal.KeySet')](alg?: string): Generator<unknown, readonly unknown[]> {
          if (!alg) return []
          if (failure) throw failure
          return keys
        },
      }
      const verifier = remembering({}, set)
      const first = await verifier(text)
      expect(await isRemembered(verifier, first)).toBe(true)
      const [own] = keys
      keys = [await importSecret(`${secret}x`, 'HS256'), own]
      await verifier(text)
      keys = keys.slice(0, 1)
      await refused('ERR_JWT_SIGNATURE', () => verifier(text))
      keys = []
      await refused('ERR_JWT_SIGNATURE', () => verifier(text))
      failure = new JwtError('ERR_JWT_KEY_NOT_FOUND', 'rotated away')
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verifier(text))
    })

    it('a set of JWKs remembers as a key does', async () => {
      const verifier = remembering({}, keySet({ keys: [{ kty: 'oct', k: b64(utf8(secret)), alg: 'HS256', kid: 'k' }] }))
      expect(await isRemembered(verifier, await verifier(text))).toBe(true)
    })

    it('a public key', async () => {
      const signed = pairToken('ES256', payload)
      const verifier = remembering({ algorithms: ['ES256'] }, await importJwk(pair('ES256').publicJwk as never, 'ES256'))
      const first = await verifier(signed)
      expect(await isRemembered(verifier, first, signed)).toBe(true)
      await refused('ERR_JWT_SIGNATURE', () => verifier(`${signed.slice(0, -8)}AAAAAAAA`))
    })

    it('secret bytes that are changed in place take effect', async () => {
      const bytes = utf8(secret)
      const verifier = remembering({}, bytes)
      const first = await verifier(text)
      expect(await isRemembered(verifier, first)).toBe(true)
      bytes[0]! ^= 1
      await refused('ERR_JWT_SIGNATURE', () => verifier(text))
      bytes.fill(0)
      await refused('ERR_JWT_SIGNATURE', () => verifier(text))
      bytes.set(utf8(secret))
      await verifier(text)
    })

    it('of a key that is frozen in part the rest counts', async () => {
      const key = await subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']) as never as { algorithm: { hash: { name: string } }, usages: string[] }
      for (const part of [key, key.algorithm, key.usages]) Object.freeze(part)
      const verifier = remembering({}, key)
      await verifier(text)
      Object.defineProperty(key.algorithm.hash, 'name', { value: 'SHA-512' })
      if (key.algorithm.hash.name === 'SHA-512') await refused('ERR_JWT_ALGORITHM', () => verifier(text))
      else await verifier(text) // newer Nodes show a copy
      Object.freeze(key.algorithm.hash)
      if (key.algorithm.hash.name === 'SHA-512') await refused('ERR_JWT_ALGORITHM', () => verifier(text))
    })

    it('what the key says of itself now counts: another hash, no usages', async () => {
      const make = (): Promise<{ algorithm: { hash: object }, usages: string[] }> => subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']) as never
      for (const isFunction of [false, true]) {
        const [hashed, disused] = [await make(), await make()]
        const [one, other] = [hashed, disused].map((key) => remembering({}, isFunction ? () => key : key)) as [Call, Call]
        await one(text)
        await other(text)
        try { // older Nodes let a caller change a key; newer ones ignore it
          Object.defineProperty(hashed.algorithm.hash, 'name', { value: 'SHA-512' })
          disused.usages.length = 0
        } catch { /* frozen */ }
        if ((hashed.algorithm.hash as { name: string }).name === 'SHA-512') await refused('ERR_JWT_ALGORITHM', () => one(text))
        else await one(text)
        if (disused.usages.length === 0) await refused('ERR_JWT_KEY', () => other(text))
        else await other(text)
      }
    })
  })

  describe('the checks of one call', () => {
    it('hold on a hit', async () => {
      const verifier = remembering()
      const first = await verifier(text)
      expect((await verifier(text, { nonce: 'n', subject: 'alice', jwtId: 'id' })).payload).toBe(first.payload)
      for (const [claim, checks] of [['nonce', { nonce: 'N' }], ['sub', { subject: 'bob' }], ['jti', { jwtId: 'other' }]] as const) await refused('ERR_JWT_CLAIM', () => verifier(text, checks), { claim })
      expect(await isRemembered(verifier, first)).toBe(true)
    })

    it('of the call that remembers are not those of the next', async () => {
      const verifier = remembering()
      const first = await verifier(text, { nonce: 'n' })
      expect(await isRemembered(verifier, first)).toBe(true)
      const other = token({ ...payload, nonce: 'M' })
      await refused('ERR_JWT_CLAIM', () => verifier(other, { nonce: 'n' }))
      await verifier(other, { nonce: 'M' })
      await refused('ERR_JWT_CLAIM', () => verifier(other, { nonce: 'n' }))
    })

    it('that are wrong are a TypeError on a hit, too', async () => {
      const verifier = remembering({ subject: 'alice' })
      await verifier(text)
      for (const checks of [{ subject: 'alice' }, { nonce: '' }, { issuer: 'me' }, { nonce: undefined }, null, 1]) await misused(() => verifier(text, checks))
    })
  })

  describe('results are frozen', () => {
    /** Everything that can be reached. */
    const parts = (value: unknown): object[] => typeof value === 'object' && value ? [value, ...Reflect.ownKeys(value).flatMap((name) => parts((value as Record<PropertyKey, unknown>)[name]))] : []

    it('at all depths, the first as well as those from memory', async () => {
      const odd = token(`{"sub":"alice","exp":${now + 60},"__proto__":{"admin":[false]},"list":[[{"a":{}}]]}`, { ...head, x: { y: [{}] } })
      for (const given of [text, odd]) {
        const verifier = remembering()
        for (let i = 0; i < 3; i++) {
          const { payload: claims, header } = await verifier(given)
          for (const part of [...parts(claims), ...parts(header)]) expect(Object.isFrozen(part)).toBe(true)
          expect(parts(claims).length).toBeGreaterThan(3)
        }
      }
    })

    it('so that nothing done to one shows in the next', async () => {
      const verifier = remembering()
      for (let i = 0; i < 3; i++) {
        const { payload: claims, header } = await verifier(text) as { payload: Record<string, unknown>, header: Record<string, unknown> }
        for (const change of [
          () => { claims['sub'] = 'mallory' }, () => { claims['admin'] = true }, () => { delete claims['exp'] }, () => (claims['roles'] as unknown[]).push('admin'), () => { ((claims['roles'] as unknown[])[1] as { deep: unknown[] }).deep[0] = 2 },
          () => { header['alg'] = 'none' }, () => (header['crit'] as unknown[]).push('y'), () => { (header['x'] as { y: unknown[] }).y.length = 0 }, () => Object.setPrototypeOf(claims, { admin: true }), () => Object.defineProperty(claims, 'sub', { get: () => 'mallory' }),
        ]) expect(change).toThrow(TypeError)
        expect({ claims, header }).toEqual({ claims: payload, header: { ...head, kid: 'k', crit: ['x'], x: { y: [1] } } })
      }
    })

    it('the object around them is the caller\'s own', async () => {
      const verifier = remembering()
      for (let i = 0; i < 3; i++) {
        const result = await verifier(text)
        expect(result.payload).toEqual(payload)
        result.payload = { sub: 'mallory' }
      }
    })

    it('however deep they nest', async () => {
      const depth = 50_000 // far beyond the stack of a recursion
      const deep = token(`{"exp":${now + 60},"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)
      const verifier = remembering({ maxTokenLength: 2 ** 20 })
      for (let i = 0; i < 2; i++) {
        let part = (await verifier(deep)).payload['a'] as unknown[]
        for (let level = 1; level < depth; level++) part = part[0] as unknown[]
        expect(Object.isFrozen(part)).toBe(true)
      }
    })

    it('hooks get copies that they may change, on every hit', async () => {
      const seen: unknown[] = []
      const spoil = (...args: unknown[]): void => {
        seen.push(...args.map(clone))
        for (const one of args as Record<string, unknown[]>[]) {
          ;(one['roles'] ?? one['crit'])!.push('admin')
          if (!Object.isFrozen(one)) one['sub'] = ['mallory']
        }
      }
      const verifier = remembering({ issuer: (_: string, body: unknown) => (spoil(body), true), isRevoked: (body: unknown, header: unknown) => (spoil(body, header), false) }, (header: unknown) => (spoil(header), secret))
      const header = { ...head, kid: 'k', crit: ['x'], x: { y: [1] } }
      for (let i = 0; i < 3; i++) expect(await verifier(text)).toEqual({ payload, header })
      expect(seen).toEqual([1, 2, 3].flatMap(() => [header, payload, payload, header]))
    })

    it('the claims of a refusal from memory are those as signed', async () => {
      let revoked = false
      const verifier = remembering({ isRevoked: () => revoked })
      await verifier(text)
      revoked = true
      for (let i = 0; i < 2; i++) {
        const error = await refused('ERR_JWT_REVOKED', () => verifier(text))
        expect(error.payload).toEqual(payload)
        expect(() => { error.payload!['sub'] = 'mallory' }).toThrow(TypeError)
      }
    })
  })

  describe('limits', () => {
    /** Tokens of one length. */
    const numbered = (i: number, pad = ''): string => token({ ...claims, n: String(i).padStart(6, '0'), pad })
    async function firsts(verifier: Call, tokens: readonly string[]): Promise<Result[]> {
      const results: Result[] = []
      for (const one of tokens) results.push(await verifier(one))
      return results
    }

    it('maxEntries: so many are remembered; one more and the oldest goes', async () => {
      const verifier = remembering({ cache: { maxEntries: 3 } })
      const tokens = [0, 1, 2, 3].map((i) => numbered(i))
      const results = await firsts(verifier, tokens.slice(0, 3))
      await verifier(tokens[3])
      // Asking about one that is gone remembers it again, so that the one that is gone is asked about last.
      for (const i of [1, 2]) expect(await isRemembered(verifier, results[i]!, tokens[i])).toBe(true)
      expect(await isRemembered(verifier, results[0]!, tokens[0])).toBe(false)
    })

    it('maxEntries: exactly so many stay', async () => {
      const verifier = remembering({ cache: { maxEntries: 3 } })
      const tokens = [0, 1, 2].map((i) => numbered(i))
      const results = await firsts(verifier, tokens)
      for (const i of [0, 1, 2]) expect(await isRemembered(verifier, results[i]!, tokens[i])).toBe(true)
    })

    it('maxLength: characters of all tokens together', async () => {
      const tokens = [0, 1, 2].map((i) => numbered(i))
      const sum = tokens.join('').length
      const enough = remembering({ cache: { maxLength: sum } })
      let results = await firsts(enough, tokens)
      for (const i of [0, 1, 2]) expect(await isRemembered(enough, results[i]!, tokens[i])).toBe(true)
      const less = remembering({ cache: { maxLength: sum - 1 } })
      results = await firsts(less, tokens)
      for (const i of [1, 2]) expect(await isRemembered(less, results[i]!, tokens[i])).toBe(true)
      expect(await isRemembered(less, results[0]!, tokens[0])).toBe(false)
    })

    it('maxLength: a token that is longer is not kept, and drives out no other', async () => {
      const [short, long] = [numbered(0), numbered(1, 'x'.repeat(300))]
      const fitting = remembering({ cache: { maxLength: long.length } })
      const [first] = await firsts(fitting, [long])
      expect(await isRemembered(fitting, first!, long)).toBe(true)
      const tight = remembering({ cache: { maxLength: long.length - 1 } })
      const [kept, passed] = await firsts(tight, [short, long])
      expect(await isRemembered(tight, passed!, long)).toBe(false)
      expect(await isRemembered(tight, kept!, short)).toBe(true)
    })

    it('what has been forgotten counts no more', async () => {
      const tokens = [0, 1].map((i) => numbered(i))
      const verifier = remembering({ cache: { maxLength: tokens.join('').length, maxAge: 10 } })
      for (let round = 0; round < 5; round++) {
        const results = await firsts(verifier, tokens)
        for (const i of [0, 1]) expect(await isRemembered(verifier, results[i]!, tokens[i])).toBe(true)
        time += 10
      }
    })

    it('maxAge: remembered just before, verified anew on the second', async () => {
      for (const maxAge of [10, '10s']) {
        const verifier = remembering({ cache: { maxAge } })
        const first = await verifier(text)
        time = now + 9.999
        expect(await isRemembered(verifier, first)).toBe(true)
        time = now + 10
        expect(await isRemembered(verifier, first)).toBe(false)
      }
    })

    it('a hit makes no token live longer', async () => {
      const verifier = remembering({ cache: { maxAge: 10 } })
      const first = await verifier(text)
      for (const second of [3, 6, 9]) {
        time = now + second
        expect(await isRemembered(verifier, first)).toBe(true)
      }
      time = now + 10
      expect(await isRemembered(verifier, first)).toBe(false)
    })

    it('a token that was used gets a second round', async () => {
      const verifier = remembering({ cache: { maxEntries: 2 } })
      const tokens = [0, 1, 2].map((i) => numbered(i))
      const results = await firsts(verifier, tokens.slice(0, 2))
      expect(await isRemembered(verifier, results[0]!, tokens[0])).toBe(true) // which is a use
      await verifier(tokens[2])
      expect(await isRemembered(verifier, results[0]!, tokens[0])).toBe(true)
      expect(await isRemembered(verifier, results[1]!, tokens[1])).toBe(false)
    })

    it('and not a third without another use', async () => {
      const verifier = remembering({ cache: { maxEntries: 2 } })
      const tokens = [0, 1, 2, 3, 4].map((i) => numbered(i))
      const results = await firsts(verifier, tokens.slice(0, 2))
      await verifier(tokens[0])
      await firsts(verifier, tokens.slice(2))
      expect(await isRemembered(verifier, results[0]!, tokens[0])).toBe(false)
    })

    it('by default: 1,000 tokens', async () => {
      const verifier = remembering()
      const tokens = Array.from({ length: 1001 }, (_, i) => numbered(i))
      const results = await firsts(verifier, tokens.slice(0, 1000))
      expect(await isRemembered(verifier, results[999]!, tokens[999])).toBe(true)
      await verifier(tokens[1000])
      for (const i of [1, 500]) expect(await isRemembered(verifier, results[i]!, tokens[i])).toBe(true)
      expect(await isRemembered(verifier, results[0]!, tokens[0])).toBe(false)
    })

    it('by default: 4 Mi characters', async () => {
      /** Every fourth length of base64url is missing, so that the header has to give way, too. */
      const ofLength = (length: number): string => {
        const size = (json: object): number => Math.ceil(JSON.stringify(json).length * 4 / 3)
        const fill = (kid: string): [object, object] => {
          const left = length - size({ ...head, kid }) - 45 // two dots and the signature
          return [{ ...claims, pad: 'x'.repeat(Math.floor(left * 3 / 4) - JSON.stringify({ ...claims, pad: '' }).length) }, { ...head, kid }]
        }
        const [body, header] = ['', 'a', 'ab'].map(fill).find(([body, header]) => size(body) + size(header) + 45 === length)!
        return token(body, header)
      }
      for (const [length, is] of [[2 ** 22, true], [2 ** 22 + 1, false]] as const) {
        const verifier = remembering({ maxTokenLength: 2 ** 24 })
        const long = ofLength(length)
        expect(long).toHaveLength(length)
        expect(await isRemembered(verifier, await verifier(long), long)).toBe(is)
      }
    })
  })

  asynchronous('what a hit skips', () => {
    it('is the signature, and nothing that a function of the caller\'s is to see', async () => {
      const spy = vi.spyOn(subtle, 'verify')
      try {
        const calls: string[] = []
        const verifier = remembering({ issuer: () => !!calls.push('issuer'), isRevoked: () => !calls.push('isRevoked'), schema: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => (calls.push('schema'), { value }) } } }, () => (calls.push('key'), secret))
        await verifier(text)
        expect(spy).toHaveBeenCalledTimes(1)
        for (let i = 0; i < 3; i++) await verifier(text)
        expect(spy).toHaveBeenCalledTimes(1)
        expect(calls).toEqual([1, 2, 3, 4].flatMap(() => ['key', 'issuer', 'isRevoked', 'schema']))
      } finally {
        spy.mockRestore()
      }
    })

    it('many calls at once give the same claims', async () => {
      const verifier = remembering({}, async () => secret)
      for (const result of await Promise.all(Array.from({ length: 20 }, () => verifier(text)))) expect(result.payload).toEqual(payload)
    })
  })
})

describe('the option', () => {
  const options = { algorithms: ['HS256'], now: () => at(now), crit: ['x'] }

  it('is true or an object of limits, each of which may be left out', async () => {
    for (const cache of [true, {}, { maxEntries: 1 }, { maxLength: 1 }, { maxAge: '1h' }, { maxEntries: 1, maxLength: 1, maxAge: 1 }, Object.assign(Object.create(null), { maxEntries: 5 })]) await create(secret, { ...options, cache })(text)
  })

  it('is a TypeError otherwise', async () => {
    class Limits { maxEntries = 5 }
    for (const cache of [false, undefined, null, 0, 1, 1000, '', 'yes', 'true', [], [1], NaN, () => true, Symbol('cache'), new Map(), new Date(), new Boolean(true), new Limits(), Object.create({ maxEntries: 5 })]) {
      await misused(() => create(secret, { ...options, cache }), 'cache')
    }
    for (const name of ['maxEntries', 'maxLength']) {
      for (const value of [0, -1, 1.5, NaN, Infinity, 2 ** 53, '1', '', null, undefined, true, [1], 1n]) await misused(() => create(secret, { ...options, cache: { [name]: value } }), name)
    }
    for (const value of [0, -1, NaN, Infinity, '60', '', 'soon', null, undefined, true, [1], '11y', 400_000_000]) await misused(() => create(secret, { ...options, cache: { maxAge: value } }), 'maxAge')
    for (const name of ['max', 'size', 'ttl', 'MaxEntries', 'constructor']) await misused(() => create(secret, { ...options, cache: { [name]: 1 } }), name)
  })

  it('is read once: what is done to the object later has no effect', async () => {
    const cache = { maxEntries: 1 }
    const verifier = create(secret, { ...options, cache })
    cache.maxEntries = 1000
    const first = await verifier(text)
    await verifier(token())
    expect((await verifier(text)).payload).not.toBe(first.payload)
  })

  it('belongs to createVerifier alone', async () => {
    for (const cache of [true, {}]) {
      await misused(() => typedVerify(text, secret, { ...options, cache }), 'cache')
      await misused(() => (typedSafe as unknown as Call)(text, secret, { ...options, cache }), 'cache')
      await misused(() => typedSign(claims, secret, { algorithm: 'HS256', cache }), 'cache')
      await misused(() => create(secret, options)(text, { cache }), 'cache')
    }
  })
})
