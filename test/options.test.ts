// Options of every function: read once, own properties only, nothing unknown, nothing lost.

// @ts-ignore -- no types of Node are installed
import { runInNewContext as typedRun } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createSigner, createVerifier, decode, exportJwk, generateKey, importJwk, importPem, importSecret, keySet, safeVerify } from 'waxseal'
import { safeVerifyBytes, signBytes, verifyBytes } from 'waxseal/jws'
import { answering, asynchronous } from './support/door'
import { at, claims, claimsOf, doors, head, headerOf, hs256, misused, now, pair, refused, sealed, secret, sign, thrown, token, verify } from './support/tokens'

const runInNewContext = typedRun as (code: string) => unknown

type Call = (...args: unknown[]) => unknown
const call = (fn: unknown): Call => fn as Call
const key = await importSecret(secret, 'HS256', { extractable: true })
const verifierOptions = { algorithms: ['HS256'], now: () => at(now) }
const bytes = Uint8Array.of(1)

/** Every function that takes options: good ones, and a call with any. */
const functions: Record<string, { good: Record<string, unknown>, run: (options: unknown) => unknown }> = {
  sign: { good: { algorithm: 'HS256', expiresIn: 60 }, run: (options) => sign({}, secret, options) },
  verify: { good: hs256, run: (options) => verify(token(), secret, options) },
  safeVerify: { good: hs256, run: (options) => call(safeVerify)(token(), secret, options) },
  decode: { good: { maxTokenLength: 1000, allowPadding: false }, run: (options) => call(decode)(token(), options) },
  createSigner: { good: { algorithm: 'HS256', expiresIn: 60 }, run: (options) => call(createSigner)(secret, options) },
  'a signer': { good: { expiresIn: 60 }, run: (options) => call(call(createSigner)(secret, { algorithm: 'HS256', expiresIn: 60 }))({}, options) },
  createVerifier: { good: verifierOptions, run: (options) => call(createVerifier)(secret, options) },
  'a verifier': { good: { subject: 'alice' }, run: (options) => call(call(createVerifier)(secret, verifierOptions))(token(), options) },
  'a verifier\'s safe': { good: { subject: 'alice' }, run: (options) => (call(createVerifier)(secret, verifierOptions) as { safe: Call }).safe(token(), options) },
  importSecret: { good: { keyId: 'k', extractable: true }, run: (options) => call(importSecret)(secret, 'HS256', options) },
  importJwk: { good: { keyId: 'k' }, run: (options) => call(importJwk)(pair('ES256').publicJwk, 'ES256', options) },
  importPem: { good: { keyId: 'k' }, run: (options) => call(importPem)(pair('ES256').publicPem, 'ES256', options) },
  generateKey: { good: { keyId: 'k', extractable: false }, run: (options) => call(generateKey)('ES256', options) },
  exportJwk: { good: { keyId: 'k', public: false }, run: (options) => call(exportJwk)(key, options) },
  'a member of keySet': { good: { key, keyId: 'k' }, run: (options) => call(keySet)([options]) },
  signBytes: { good: { algorithm: 'HS256', detached: true }, run: (options) => call(signBytes)(bytes, secret, options) },
  verifyBytes: { good: { algorithms: ['HS256'] }, run: (options) => call(verifyBytes)(token(), secret, options) },
  safeVerifyBytes: { good: { algorithms: ['HS256'] }, run: (options) => call(safeVerifyBytes)(token(), secret, options) },
}

describe.each(Object.entries(functions))('%s', (_, { good, run }) => {
  class Options { constructor() { Object.assign(this, good) } }

  it('takes a plain object of any realm, one without prototype, a frozen one', async () => {
    const foreign = runInNewContext('({})') as object
    expect(Object.getPrototypeOf(foreign)).not.toBe(Object.prototype)
    for (const options of [good, { ...good }, Object.assign(Object.create(null) as object, good), Object.freeze({ ...good }), Object.assign(foreign, good)]) expect(await run(options)).toBeDefined()
  })

  it('refuses what is no plain object: TypeError', async () => {
    for (const options of [null, 0, 1, '', 'options', true, false, 1n, Symbol('options'), [], [good], () => good, new Map(Object.entries(good)), new Set(), new Date(), /x/, new Options(), Object.create(good), Object.assign(Object.create({}) as object, good), Promise.resolve(good), new Uint8Array(2), new String('x'), new Proxy(new Options(), {})]) {
      await misused(() => run(options))
    }
  })

  it('refuses a name it does not know, in any spelling: TypeError that says the name', async () => {
    for (const name of ['nope', 'Algorithms', 'algorithm ', 'issuers', 'expiresin', '', '0', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) await misused(() => run({ ...good, [name]: 'x' }), name)
    await misused(() => run(JSON.parse(JSON.stringify(good).replace('{', '{"__proto__":"x",'))), '__proto__')
    await misused(() => run({ ...good, [Symbol('issuer')]: 'x' }))
    await misused(() => run(Object.defineProperty({ ...good }, 'hidden', { value: 1, enumerable: false })), 'hidden')
  })

  it('refuses undefined for an option: TypeError that says the name', async () => {
    for (const name of Object.keys(good)) await misused(() => run({ ...good, [name]: undefined }), name)
  })

  it('reads each option once, and changes nothing', async () => {
    const reads: Record<string, number> = {}
    const options = Object.defineProperties({}, Object.fromEntries(Object.entries(good).map(([name, value]) => [name, { enumerable: true, get: () => { reads[name] = (reads[name] ?? 0) + 1; return value } }])))
    expect(await run(Object.freeze(options))).toBeDefined()
    expect(reads).toEqual(Object.fromEntries(Object.keys(good).map((name) => [name, 1])))
  })
})

describe('an option that is inherited is refused, not lost', () => {
  it('a check in a prototype, as a getter of a class, as a method of a class: TypeError', async () => {
    class WithMethod { algorithms = ['HS256']; isRevoked(): boolean { return true } }
    class WithGetter { algorithms = ['HS256']; get issuer(): string { return 'me' } }
    for (const options of [new WithMethod(), new WithGetter(), Object.assign(Object.create({ issuer: 'me' }) as object, hs256), Object.create(hs256), Object.create(Object.create(null) as object), Object.setPrototypeOf({ ...hs256 }, { audience: 'me' })]) {
      for (const door of Object.values(doors)) await misused(() => door(token(), secret, options))
    }
  })

  it('a polluted Object.prototype neither adds an option nor takes one away', async () => {
    const proto = Object.prototype as unknown as Record<string, unknown>
    const pollution = { allowWeakKeys: true, requireExpiry: false, audience: false, type: false, algorithms: ['HS256', 'HS384'], crit: ['x'], issuer: 'nobody', now: at(0), nonce: 'x' }
    const tokens = { good: token(), eternal: token({}), aud: token({ ...claims, aud: 'x' }), typ: token(claims, { ...head, typ: 'x' }), crit: token(claims, { ...head, crit: ['x'], x: 1 }) }
    try {
      Object.assign(proto, pollution)
      expect(await thrown(() => verify(tokens.good, secret, hs256))).toBeTypeOf('symbol')
      for (const [name, code] of [['eternal', 'ERR_JWT_CLAIM'], ['aud', 'ERR_JWT_CLAIM'], ['typ', 'ERR_JWT_TYPE'], ['crit', 'ERR_JWT_CRITICAL']] as const) expect(await thrown(() => verify(tokens[name], secret, hs256))).toMatchObject({ code })
      expect(await thrown(() => verify(tokens.good, 'short', hs256))).toMatchObject({ code: 'ERR_JWT_KEY' })
      expect(await thrown(() => verify(tokens.good, secret, {}))).toBeInstanceOf(TypeError)
      expect(claimsOf(await sign({}, secret, { algorithm: 'HS256', expiresIn: 60, now: at(now) }))).toEqual({ iat: now, exp: now + 60 })
    } finally {
      for (const name of Object.keys(pollution)) delete proto[name]
    }
  })
})

// ─── every option's own kind ─────────────────────────────────────────────────

const never = [undefined, null, NaN, Infinity, 5n, /x/, new Date(NaN), {}, new Map(), new Set(['x']), Symbol('x'), '', [], new String('x'), Promise.resolve('x')]
const noText = [...never, 0, 1, true, ['x'], [''], () => 'x']
const noTexts = [...never, 0, 1, [''], [1], [null], [undefined], ['x', ''], ['x', undefined], [['x']], [, 'x'], { 0: 'x', length: 1 }]
const noFlag = [...never, 0, 1, 'true', 'false', [true], () => true, new Boolean(true)]
const noFunction = [...never, 0, 1, 'x', true, false, ['x']]

describe('options of verify', () => {
  const table: Record<string, { good: unknown[], bad: unknown[] }> = {
    issuer: { good: ['x', ['x'], ['x', 'y'], () => true], bad: [...noTexts, true, false] },
    audience: { good: ['x', ['x'], false], bad: [...noTexts, true, () => true] },
    subject: { good: ['x'], bad: [...noText, false] }, jwtId: { good: ['x'], bad: [...noText, false] }, nonce: { good: ['x'], bad: [...noText, false] },
    type: { good: ['x', ['x', 'y'], false], bad: [...noTexts, true, () => 'x'] },
    requireExpiry: { good: [true, false], bad: noFlag }, allowPadding: { good: [true, false], bad: noFlag }, allowWeakKeys: { good: [true, false], bad: noFlag },
    requiredClaims: { good: [['x'], ['x', 'x']], bad: [...noTexts, 'x', false, true, () => ['x']] }, crit: { good: [['x']], bad: [...noTexts, 'x', false, true, ['x', 'alg']] },
    isRevoked: { good: [() => false, async () => true], bad: noFunction },
    now: { good: [at(now), () => at(now)], bad: [...never, 0, now, true, 'now'] },
    maxTokenLength: { good: [1, 1000, 2 ** 24], bad: [...never, 0, -1, 1.5, 2 ** 24 + 1, '1000', true] },
    clockTolerance: { good: [0, '1m'], bad: [...never, -1, 601, '60', true, false] }, maxAge: { good: [60, '1h'], bad: [...never, -1, 0, '60', true, false] },
    requiredHeader: { good: [{ x: 'y' }], bad: [...never, 'x', ['x'], true, { x: '' }] },
    algorithms: { good: [['HS256'], ['HS256', 'HS512']], bad: [...noTexts, 'HS256', ['none'], ['hs256'], true] },
    schema: { good: [{ '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value }) } }], bad: [...noFunction, () => true] },
  }

  it.each(Object.keys(table))('%s: of the right kind no TypeError; undefined, empty, NaN, a RegExp, a wrong type: TypeError, whatever the token is, from safeVerify too', async (name) => {
    for (const value of table[name]!.good) expect(await thrown(() => verify(token(), secret, { ...hs256, [name]: value }))).not.toBeInstanceOf(TypeError)
    for (const value of table[name]!.bad) for (const text of [token(), 'garbage', null]) for (const door of ['verify', 'safeVerify', 'createVerifier']) {
      await misused(() => doors[door]!(text, secret, { ...hs256, [name]: value }), name)
    }
  })

  it('lists are copied: a change while the call is under way has no effect', async () => {
    const lists = { algorithms: ['HS256'], issuer: ['me'], audience: ['api'], type: ['JWT'], requiredClaims: ['sub'], crit: ['x'] }
    const requiredHeader = { x: ['1'] }
    const ask = (): string => {
      for (const list of Object.values(lists)) list[0] = 'HS512'
      requiredHeader.x[0] = '2'
      return secret
    }
    await verify(token({ ...claims, iss: 'me', aud: 'api' }, { ...head, crit: ['x'], x: '1' }), ask, { ...hs256, ...lists, requiredHeader })
    await refused('ERR_JWT_ALGORITHM', () => verify(token(), secret, { ...hs256, ...lists }))
  })

  it('options themselves may be changed while the call is under way', async () => {
    const options: Record<string, unknown> = { ...hs256 }
    await refused('ERR_JWT_EXPIRED', () => verify(token({ exp: now }), () => (Object.assign(options, { clockTolerance: 60, requireExpiry: false }), secret), options))
  })

  asynchronous('while something is waited for', () => {
    it('a change after the call has no effect, neither of a list nor of the options', async () => {
      const options: Record<string, unknown> = { ...hs256, issuer: ['me'] }
      const good = verify(token({ ...claims, iss: 'me' }), async () => secret, options)
      const late = refused('ERR_JWT_EXPIRED', () => verify(token({ iss: 'me', exp: now }), async () => secret, options)) // under way, and waited for from the start
      ;(options['issuer'] as string[])[0] = 'you'
      Object.assign(options, { clockTolerance: 60, requireExpiry: false })
      await expect(good).resolves.toBeDefined()
      await late
    })
  })
})

describe('options of sign', () => {
  const table: Record<string, { good: unknown[], bad: unknown[] }> = {
    algorithm: { good: ['HS256', 'HS512'], bad: [...noText, 'none', 'hs256', 'RS256', false] },
    expiresIn: { good: [1, '1m', false], bad: [...never, 0, -1, '60', true] }, notBefore: { good: [0, '1m'], bad: [...never, -1, '60', true, false] },
    issuedAt: { good: [true, false], bad: noFlag }, allowWeakKeys: { good: [true, false], bad: noFlag },
    issuer: { good: ['x'], bad: [...noText, false] }, subject: { good: ['x'], bad: [...noText, false] }, keyId: { good: ['x'], bad: [...noText, false] },
    audience: { good: ['x', ['x', 'y']], bad: [...noTexts, true, false] },
    jwtId: { good: ['x', true], bad: [...noText.filter((value) => value !== true), false] }, type: { good: ['x', false], bad: noText },
    now: { good: [at(now), () => at(now)], bad: [...never, 0, now, true, 'now', () => now, () => undefined] },
    header: { good: [{}, { x: 1 }], bad: [...never.filter((value) => !(typeof value === 'object' && value && Object.getPrototypeOf(value) === Object.prototype)), 'x', 1, true] },
  }

  it.each(Object.keys(table))('%s: of the right kind accepted; undefined, empty, NaN, a RegExp, a wrong type: TypeError', async (name) => {
    for (const value of table[name]!.good) expect(await sign({}, secret, { algorithm: 'HS256', expiresIn: 60, [name]: value })).toBeTypeOf('string')
    for (const value of table[name]!.bad) await misused(() => sign({}, secret, { algorithm: 'HS256', expiresIn: 60, [name]: value }), name)
  })

  it('lists and the header are copied: a change while a Signer works has no effect', async () => {
    for (const answer of answering(new Uint8Array(32))) {
      const audience = ['api'], header = { x: { y: 1 } }
      const signer = { algorithm: 'HS256', sign() { audience[0] = 'evil'; header.x.y = 2; return answer() } }
      const text = await sign({}, signer, { expiresIn: 60, audience, header })
      expect([claimsOf(text)['aud'], headerOf(text)]).toEqual([['api'], { ...head, x: { y: 1 } }])
    }
  })
})

describe('arguments', () => {
  it('an algorithm that is none of the names is a TypeError of every function that takes one', async () => {
    const takers: Record<string, (name: unknown) => unknown> = {
      importSecret: (name) => call(importSecret)(secret, name), importJwk: (name) => call(importJwk)(pair('ES256').publicJwk, name ?? null), importPem: (name) => call(importPem)(pair('ES256').publicPem, name), generateKey: (name) => call(generateKey)(name),
    }
    for (const [taker, run] of Object.entries(takers)) for (const name of ['none', '', 'hs256', 'HS256 ', 'constructor', '__proto__', null, 5, ['ES256'], {}, Symbol('ES256')]) await misused(() => run(name), taker)
    await misused(() => call(importSecret)(secret, 'RS256'), 'importSecret')
    await misused(() => call(importPem)(pair('ES256').publicPem, 'HS256'), 'importPem')
  })

  it('the hand-made tokens of this file are accepted when nothing is wrong', async () => {
    await verify(sealed('eyJhbGciOiJIUzI1NiJ9', token().split('.')[1]!), secret, hs256)
  })
})
