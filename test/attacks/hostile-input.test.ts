// Whatever comes in, a call ends in a JwtError or a TypeError: never in acceptance, never in another error.

// @ts-ignore -- no types of Node are installed
import { runInNewContext as typedRun } from 'node:vm'
import { describe, expect, it } from 'vitest'
import * as waxseal from 'waxseal'
import { isJwtError } from 'waxseal'
import * as jws from 'waxseal/jws'
import * as node from 'waxseal/node'
import '../support/ran'
import { b64, claims, hs256, now, pair, secret, thrown, token, utf8 } from '../support/tokens'

const runInNewContext = typedRun as (code: string) => unknown

/** A proxy whose every trap throws an error that is no TypeError. */
const trapped = new Proxy({}, new Proxy({}, { get: () => () => { throw new RangeError('trap') } }))
const revoked = (target: object): unknown => { const { proxy, revoke } = Proxy.revocable(target, {}); revoke(); return proxy }
function detached(): Uint8Array {
  const bytes = new Uint8Array(64)
  ;(globalThis as unknown as { structuredClone(value: unknown, options: object): unknown }).structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

const throwing = (names: readonly string[]): object => Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, { enumerable: true, get() { throw new RangeError('getter') } }])))

const values: Record<string, unknown> = {
  undefined, null: null, true: true, false: false, 0: 0, '-0': -0, NaN, Infinity, '2^53': 2 ** 53, bigint: 10n, symbol: Symbol('x'), 'Symbol.iterator': Symbol.iterator,
  'empty text': '', dots: '..', NUL: '\0', 'lone surrogate': '\ud800', 'a megabyte': 'x'.repeat(1 << 20), 'many lone surrogates': '\udfff'.repeat(10_000), 'String object': new String('x'), 'Number object': new Number(1), 'Symbol object': Object(Symbol('x')),
  object: {}, 'null prototype': Object.create(null),
  array: [], 'sparse array': new Array(5), 'array of itself': (() => { const list: unknown[] = []; list.push(list); return list })(), 'array-like': { length: 2, 0: 'HS256', 1: 'x' }, 'huge length': { length: 2 ** 53 },
  function: () => 1, 'function that throws': () => { throw new RangeError('function') }, class: class Key {}, 'class instance': new (class Key { kty = 'oct'; k = 'AA' })(), date: new Date(NaN), regexp: /x/g, map: new Map([['alg', 'HS256']]), set: new Set(['HS256']), weakmap: new WeakMap(), error: new RangeError('value'),
  promise: Promise.resolve('x'), thenable: { then(resolve: (value: string) => void) { resolve('x') } }, 'thenable that throws': { then() { throw new RangeError('then') } },
  'no bytes': new Uint8Array(), bytes: new Uint8Array(16), 'a million bytes': new Uint8Array(1_000_000), floats: new Float64Array(2), 'DataView': new DataView(new ArrayBuffer(4)), 'detached buffer': detached(), 'SharedArrayBuffer': new SharedArrayBuffer(8),
  'says it is bytes': Object.create(Uint8Array.prototype), 'foreign object': runInNewContext('({})'), 'foreign array': runInNewContext('["HS256"]'), 'foreign bytes': runInNewContext('new Uint8Array(16)'), 'foreign empty bytes': runInNewContext('new Uint8Array()'), 'foreign date': runInNewContext('new Date(NaN)'),
  'revoked object': revoked({}), 'revoked array': revoked([]), 'revoked function': revoked(() => 1), 'proxy of text bytes': new Proxy(new Uint8Array(64), {}),
  'something like a CryptoKey': { type: 'secret', algorithm: { name: 'HMAC', hash: { name: 'SHA-256' }, length: 256 }, extractable: true, usages: ['sign', 'verify'] }, 'something like a public key': { type: 'public', algorithm: { name: 'ECDSA', namedCurve: 'P-256' }, extractable: true, usages: ['verify'] },
  'a CryptoKey without algorithm': { type: 'secret', algorithm: null, extractable: false, usages: [] }, 'a key set of nothing': waxseal.keySet([]), 'a JWK': pair('ES256').publicJwk, 'a JWKS': { keys: [null, 1, {}, { kty: 'RSA' }] }, 'an RSA JWK of rubbish': { kty: 'RSA', n: '\ud800', e: 5 }, 'PEM of rubbish': '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
}

/** Objects that throw what is no TypeError as soon as they are looked at. */
const explosive: Record<string, unknown> = {
  'a proxy': trapped, 'a proxy of a proxy': new Proxy(trapped, {}), 'a type of a key': Object.defineProperty({ algorithm: { name: 'HMAC' }, usages: [] }, 'type', { get() { throw new RangeError('type') } }), 'a name of an algorithm': { type: 'secret', usages: [], algorithm: throwing(['name']) }, 'getters of a key': throwing(['type', 'algorithm', 'usages', 'sign', 'kty', 'keys', 'alg', 'length']), 'getters of options': throwing(['algorithms', 'algorithm', 'expiresIn', 'keyId', 'key']),
  'a Promise that shows no constructor': Object.defineProperty(Promise.resolve(), 'constructor', { get() { throw new RangeError('constructor') } }),
  toString: { toString() { throw new RangeError('toString') }, valueOf() { throw new RangeError('valueOf') } }, 'Symbol.toPrimitive': { get [Symbol.toPrimitive](): never { throw new RangeError('toPrimitive') } }, '~standard': throwing(['~standard']),
}

type Call = (value: unknown) => unknown
type Loose = Record<string, (...args: unknown[]) => unknown>
/** What keySet takes, and is then no bad input: no keys, or an object with keys. */
const isSet = (x: unknown): boolean => {
  try {
    return Array.isArray(x) && x.length === 0 || Boolean((x as { keys?: unknown } | null)?.keys)
  } catch {
    return false
  }
}

const { decode, generateKey, exportJwk, exportPem, thumbprint, keySet, isSupported, ecdsaFromDer, constantTimeEqual } = waxseal as unknown as Loose
const base64url = waxseal.base64url as unknown as Loose

const hs = { algorithm: 'HS256', expiresIn: 60 }
const good = token()
const running = { algorithms: ['HS256'], now: () => new Date(now * 1000) }
const error = (result: unknown): unknown => Promise.resolve(result).then((value) => { const { ok, error } = value as { ok: boolean, error: unknown }; if (!ok) throw error; return value })

/** Every argument of every function of a door, with the others good. What takes anything at all is not among them. */
function callsOf({ sign, verify, safeVerify, createSigner, createVerifier, importSecret, importJwk, importPem, signBytes, verifyBytes, safeVerifyBytes }: Loose): Record<string, Call> {
  return {
    'sign: payload': (x) => sign!(x, secret, hs), 'sign: key': (x) => sign!({}, x, hs), 'sign: options': (x) => sign!({}, secret, x), 'sign: a claim of the payload': (x) => sign!({ iat: x }, secret, hs),
    'sign: issuer': (x) => sign!({}, secret, { ...hs, issuer: x }), 'sign: expiresIn': (x) => sign!({}, secret, { ...hs, expiresIn: x }), 'sign: now': (x) => sign!({}, secret, { ...hs, now: x }),
    'sign: header': (x) => sign!({}, secret, { ...hs, header: { crit: x } }), 'sign: answer of a Signer': (x) => sign!({}, { algorithm: 'ES256', sign: () => x }, { expiresIn: 60 }),
    'sign: algorithm of a Signer': (x) => sign!({}, { algorithm: x, sign: () => new Uint8Array(64) }, { expiresIn: 60 }), 'verify: token': (x) => verify!(x, secret, hs256), 'verify: key': (x) => verify!(good, x, hs256),
    'verify: options': (x) => verify!(good, secret, x), 'verify: algorithms': (x) => verify!(good, secret, { ...hs256, algorithms: x }), 'verify: audience': (x) => verify!(good, secret, { ...hs256, audience: x }),
    'verify: issuer': (x) => verify!(good, secret, { ...hs256, issuer: x }), 'verify: requiredClaims': (x) => verify!(good, secret, { ...hs256, requiredClaims: x }),
    'verify: requiredHeader': (x) => verify!(good, secret, { ...hs256, requiredHeader: { signer: x } }), 'verify: schema': (x) => verify!(good, secret, { ...hs256, schema: x }),
    'verify: maxAge': (x) => verify!(good, secret, { ...hs256, maxAge: x }), 'verify: crit': (x) => verify!(token(claims, { alg: 'HS256', crit: ['x'], x: 1 }), secret, { ...hs256, crit: x }),
    'verify: answer of a key function': (x) => verify!(good, () => x, hs256), 'verify: throw of a key function': (x) => verify!(good, () => { throw x }, hs256),
    'verify: answer of an issuer function': (x) => verify!(token({ ...claims, iss: 'me' }), secret, { ...hs256, issuer: () => x === true ? 1 : x }),
    'verify: answer of isRevoked': (x) => verify!(good, secret, { ...hs256, isRevoked: () => x === false ? 1 : x }), 'verify: throw of isRevoked': (x) => verify!(good, secret, { ...hs256, isRevoked: () => { throw x } }),
    'verify: answer of a schema': (x) => verify!(good, secret, { ...hs256, schema: { '~standard': { version: 1, vendor: 'x', validate: () => x } } }),
    'verify: issues of a schema': (x) => verify!(good, secret, { ...hs256, schema: { '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: x }) } } }),
    'verify: a path of a schema': (x) => verify!(good, secret, { ...hs256, schema: { '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [{ message: 'x', path: x }] }) } } }),
    'verify: a message of a schema': (x) => verify!(good, secret, { ...hs256, schema: { '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [{ message: x }] }) } } }),
    'verify: now': (x) => verify!(token({ exp: 1 }), secret, { ...hs256, now: () => x }), 'safeVerify: token': (x) => error(safeVerify!(x, secret, hs256)), 'safeVerify: key': (x) => error(safeVerify!(good, x, hs256)),
    'safeVerify: options': (x) => error(safeVerify!(good, secret, x)), 'createSigner: key': async (x) => (createSigner!(x, hs) as Call)({}), 'createSigner: options': async (x) => (createSigner!(secret, x) as Call)({}),
    'a signer: payload': (x) => (createSigner!(secret, hs) as Call)(x), 'a signer: options': (x) => (createSigner!(secret, { algorithm: 'HS256' }) as (...args: unknown[]) => unknown)({}, x),
    'createVerifier: key': async (x) => (createVerifier!(x, running) as Call)(good), 'createVerifier: options': async (x) => (createVerifier!(secret, x) as Call)(good),
    'a verifier: token': (x) => (createVerifier!(secret, running) as Call)(x), 'a verifier: checks': (x) => (createVerifier!(secret, running) as (...args: unknown[]) => unknown)('', x),
    'importSecret: secret': (x) => importSecret!(x, 'HS512'), 'importSecret: algorithm': (x) => importSecret!(secret, x), 'importSecret: options': (x) => importSecret!('', 'HS256', x), 'importJwk: jwk': (x) => importJwk!(x, 'RS256'),
    'importJwk: algorithm': (x) => importJwk!({ kty: 'EC', crv: 'P-256' }, x), 'importJwk: a member': (x) => importJwk!({ ...pair('ES256').publicJwk, y: x }, 'ES256'),
    'importJwk: key_ops': (x) => importJwk!({ ...pair('ES256').publicJwk, key_ops: x ?? null }, 'ES256'), 'importJwk: options': (x) => importJwk!({}, 'ES256', x), 'importPem: text': (x) => importPem!(x, 'RS256'),
    'importPem: algorithm': (x) => importPem!('', x), 'importPem: options': (x) => importPem!('', 'RS256', x), 'keySet: a member': (x) => verify!(good, keySet!([x]), hs256),
    'keySet: a JWK': (x) => verify!(good, keySet!({ keys: [x] }), hs256), 'signBytes: payload': (x) => signBytes!(ArrayBuffer.isView(x) ? undefined : x, secret, { algorithm: 'HS256' }),
    'signBytes: key': (x) => signBytes!(new Uint8Array(), x, { algorithm: 'HS256' }), 'signBytes: options': (x) => signBytes!(new Uint8Array(), secret, x), 'verifyBytes: token': (x) => verifyBytes!(x, secret, { algorithms: ['HS256'] }),
    'verifyBytes: key': (x) => verifyBytes!(good, x, { algorithms: ['HS256'] }), 'verifyBytes: options': (x) => verifyBytes!(good, secret, x),
    'verifyBytes: detachedPayload': (x) => verifyBytes!(good, secret, { algorithms: ['HS256'], detachedPayload: x }), 'safeVerifyBytes: token': (x) => error(safeVerifyBytes!(x, secret, { algorithms: ['HS256'] })),
  }
}

/** The functions that both doors share. */
const shared: Record<string, Call> = {
  'decode: token': (x) => decode!(x), 'decode: options': (x) => x === undefined ? decode!('') : decode!('', x), 'generateKey: algorithm': (x) => generateKey!(x), 'generateKey: keyId': (x) => generateKey!('HS256', { keyId: x, nope: 1 }),
  'exportJwk: key': (x) => exportJwk!(x), 'exportPem: key': (x) => exportPem!(x), 'thumbprint: key': (x) => thumbprint!(x === pair('ES256').publicJwk ? {} : x), 'thumbprint: hash': (x) => thumbprint!({}, x),
  'keySet: keys': (x) => isSet(x) ? keySet!(5) : keySet!(x), 'isSupported: algorithm': (x) => isSupported!(x), 'ecdsaFromDer: der': (x) => ecdsaFromDer!(x, 'ES256'), 'ecdsaFromDer: algorithm': (x) => ecdsaFromDer!(new Uint8Array(), x),
  'base64url.decode: text': (x) => base64url.decode!(typeof x === 'string' ? `${x}=` : x), 'base64url.encode: bytes': (x) => base64url.encode!(ArrayBuffer.isView(x) ? undefined : x),
  'constantTimeEqual: a': (x) => constantTimeEqual!(ArrayBuffer.isView(x) ? undefined : x, new Uint8Array()), 'constantTimeEqual: b': (x) => constantTimeEqual!(new Uint8Array(), ArrayBuffer.isView(x) ? undefined : x),
}

const doors: Record<string, Loose> = {
  waxseal: { ...waxseal, ...jws } as unknown as Loose,
  'waxseal/node': Object.fromEntries(Object.entries(node as unknown as Loose).map(([name, call]) => [name.replace(/Sync$/, ''), call])),
}

/** What is good input after all, for one argument or another. */
const welcome: Record<string, string[]> = {
  'sign: key': ['a megabyte', 'a million bytes'], 'signBytes: key': ['a megabyte', 'a million bytes'], 'createSigner: key': ['a megabyte', 'a million bytes'], 'verify: algorithms': ['foreign array'],
  'importSecret: secret': ['a megabyte', 'a million bytes'],
  'sign: a claim of the payload': ['0', '-0'], 'sign: issuer': ['NUL', 'dots', 'lone surrogate', 'a megabyte', 'many lone surrogates', 'PEM of rubbish'], 'sign: now': ['function that throws'], 'sign: expiresIn': ['false'], 'sign: payload': ['object', 'null prototype', 'foreign object', 'array-like', 'huge length', 'a CryptoKey without algorithm', 'something like a CryptoKey', 'something like a public key', 'a JWK', 'a JWKS', 'an RSA JWK of rubbish'], 'verify: audience': ['false'],
}
welcome['a signer: payload'] = welcome['sign: payload']!

describe('malformed input ends in a refusal, whichever argument it is (CVE-2019-17195, CVE-2020-26521, CVE-2024-21664, CVE-2026-34986)', () => {
  for (const [door, api] of Object.entries(doors)) describe(`${door}`, () => {
    const { sign, verify, safeVerify, importSecret, importJwk, importPem, signBytes, verifyBytes } = api
    const calls = { ...callsOf(api), ...door === 'waxseal' && shared }

    describe.each(Object.entries(calls))('%s', (name, run) => {
      it('every kind of bad input ends in a JwtError or a TypeError', async () => {
        const others: string[] = []
        for (const [kind, value] of Object.entries(values)) {
          const error = await thrown(() => run(value))
          if (isJwtError(error) || error instanceof TypeError || welcome[name]?.includes(kind)) continue
          others.push(`${kind}: ${typeof error === 'symbol' ? 'accepted' : String(error)}`)
        }
        expect(others).toEqual([])
      })
    })

    it('an object that throws when it is looked at is a TypeError as well, in every place', async () => {
      const others: string[] = []
      for (const [name, run] of Object.entries(calls)) for (const [kind, value] of Object.entries(explosive)) {
        const error = await thrown(() => run(value))
        // Where any plain object is welcome, or nothing of the object is looked at, there is nothing to refuse.
        if (!isJwtError(error) && !(error instanceof TypeError) && typeof error !== 'symbol') others.push(`${name}, ${kind}: ${String(error)}`)
      }
      expect(others).toEqual([])
    })

    it('an object that only says it is an ArrayBuffer is no bytes: no secret of 64 zeros, no signature', async () => {
      const lie = { [Symbol.toStringTag]: 'ArrayBuffer', length: 64 }
      for (const call of ['sign: key', 'verify: key', 'createSigner: key', 'createVerifier: key', 'importSecret: secret', 'signBytes: key', 'base64url.encode: bytes', 'ecdsaFromDer: der'] as const) expect(await thrown(() => (calls[call] ?? shared[call]!)(lie)), call).toBeInstanceOf(TypeError)
      expect(await thrown(() => calls['sign: answer of a Signer']!(lie))).toMatchObject({ code: 'ERR_JWT_KEY' })
      expect(await thrown(() => verify!(token(claims, { alg: 'HS256' }, new Uint8Array(64)), () => lie, hs256))).toMatchObject({ code: 'ERR_JWT_KEY' })
      await verify!(good, utf8(secret).buffer, hs256)
      await verify!(good, runInNewContext(`new Uint8Array([${utf8(secret).join()}]).buffer`), hs256)
    })

    it('twin: each of the functions takes what is good', async () => {
      await verify!(good, secret, hs256)
      await verify!(await sign!({}, secret, hs), secret, { algorithms: ['HS256'] })
      expect(decode!(good)).toBeDefined()
      expect(await thrown(() => error(safeVerify!(good, secret, hs256)))).toBeTypeOf('symbol')
      await verifyBytes!(await signBytes!(new Uint8Array(), secret, { algorithm: 'HS256' }), secret, { algorithms: ['HS256'] })
      for (const make of [importSecret!(secret, 'HS256'), importJwk!(pair('ES256').publicJwk, 'ES256'), importPem!(pair('ES256').publicPem, 'ES256'), generateKey!('ES256'), isSupported!('ES256'), thumbprint!(pair('ES256').publicJwk)]) expect(await make).toBeTruthy()
      expect([base64url.encode!(Uint8Array.of(1)), constantTimeEqual!(Uint8Array.of(1), Uint8Array.of(1)), b64(base64url.decode!('AQ') as Uint8Array)]).toEqual(['AQ', true, 'AQ'])
    })
  })
})
