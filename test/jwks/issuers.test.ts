// One verifier over several issuers: what the unverified iss may do, which is to choose, and all that it may not. Most
// tokens are MACs made by hand, so that any payload at all can be honestly signed with the key of either issuer.

import { describe, expect, test, vi } from 'vitest'
import { createVerifier, importJwk, importSecret, keySet, type KeySet } from 'waxseal'
import { discover, issuers as typedIssuers, remoteKeySet } from 'waxseal/jwks'
import { at, b64, claims, head, misused, now, pair, pairToken, refused, sealed, secret, thrown, token, type Part, type Refusal, type Result } from '../support/tokens'
import { endpoint } from './support'

type Call = (token?: unknown, checks?: unknown) => Promise<Result>
type Verifier = Call & { safe(token?: unknown, checks?: unknown): Promise<{ ok: boolean, error?: unknown } & Partial<Result>> }
const issuers = typedIssuers as unknown as (entries?: unknown, options?: unknown) => Verifier

const A = 'https://a.example'
const B = 'https://b.example'
const secrets: Record<string, string> = { [A]: secret, [B]: `${secret} And one more.` }

// ─── sets that count ─────────────────────────────────────────────────────────

const protocol = Symbol.for('waxseal.KeySet')
type Candidates = (alg?: string, ...more: unknown[]) => Generator<unknown, readonly unknown[]>

interface Counted extends KeySet {
  /** How often it was asked for the keys of a token. */
  asked: number
  inner: KeySet
}

/** A set of another hand: it counts, and its keys can be replaced. */
function counted(inner: KeySet): Counted {
  return {
    asked: 0,
    inner,
    skipped: [],
    toPublicJwks: async () => ({ keys: [] }),
    * [protocol](this: Counted, alg?: string, ...more: unknown[]) {
      if (alg) this.asked++
      return yield* (this.inner as unknown as Record<symbol, Candidates>)[protocol]!(alg, ...more)
    },
  } as unknown as Counted
}

/** Both issuers use the same kid: only iss tells them apart. */
const keysOf = async (name: string): Promise<KeySet> =>
  keySet(await Promise.all((['HS256', 'HS512'] as const).map((alg) => importSecret(secrets[name]!, alg, { keyId: 'k' }))))
const [keysOfA, keysOfB] = [await keysOf(A), await keysOf(B)]
const publicKey = await importJwk(pair('ES256').publicJwk as never, 'ES256' as never)

interface Set { readonly a: Counted, readonly b: Counted, readonly entries: object[] }

/** Two entries with a frozen clock. */
function two(moreOfA: object = {}, moreOfB: object = {}): Set {
  const [a, b] = [counted(keysOfA), counted(keysOfB)]
  const common = { algorithms: ['HS256'], now: () => at(now) }
  return { a, b, entries: [{ issuer: A, keys: a, ...common, ...moreOfA }, { issuer: B, keys: b, ...common, ...moreOfB }] }
}

const header = { ...head, kid: 'k' }
const by = (issuer: string, more: object = {}, moreHeader: object = {}, key = secrets[issuer]!): string => token({ ...claims, iss: issuer, ...more }, { ...header, ...moreHeader }, key)
/** As AWS ALB writes them: each segment filled up with `=`, and signed so. */
function padded(payload: object, key: string): string {
  const fill = (segment: string): string => segment.padEnd(Math.ceil(segment.length / 4) * 4, '=')
  return sealed(fill(b64(header)), fill(b64(payload)), key).split('.').map(fill).join('.')
}
/** A payload of any text or bytes, honestly MACed by A. */
const raw = (payload: Part, moreHeader: object = {}): string => token(payload, { ...header, ...moreHeader })

// ─── the laws, both ways to call, with a memory and without ──────────────────

describe.each(['verifier', 'verifier.safe'])('%s', (way) => {
  describe.each([['without a cache', undefined], ['with a cache', { cache: true }]])('%s', (_, options) => {
    function made(entries: unknown): Call {
      const verifier = issuers(entries, ...options ? [options] : [])
      if (way === 'verifier') return verifier
      return async (...given) => {
        const { ok, error, ...result } = await verifier.safe(...given)
        expect(ok).toBe(error === undefined)
        if (!ok) throw error
        return result as Result
      }
    }

    /** Refused, twice, before any key was asked for, with nothing on the error that a signature has not covered. */
    async function refusedUnasked(code: string, given: unknown, properties: object = {}, set: Set = two()): Promise<Refusal> {
      const verifier = made(set.entries)
      await refused(code, () => verifier(given), properties)
      const error = await refused(code, () => verifier(given), properties)
      expect([error.payload, error.header]).toEqual([undefined, undefined])
      expect([set.a.asked, set.b.asked]).toEqual([0, 0])
      return error
    }

    describe('the iss of the unverified payload', () => {
      test('chooses the entry, and the keys of no other are asked', async () => {
        const { a, b, entries } = two()
        const verifier = made(entries)
        expect(await verifier(by(A))).toEqual({ payload: { ...claims, iss: A }, header })
        expect([a.asked, b.asked]).toEqual([1, 0])
        expect((await verifier(by(B))).payload['iss']).toBe(B)
        expect([a.asked, b.asked]).toEqual([1, 1])
      })

      test('is believed in nothing else: a token of one issuer that the key of the other signed is refused', async () => {
        for (const [own, other] of [[A, B], [B, A]] as const) {
          const verifier = made(two().entries)
          await refused('ERR_JWT_SIGNATURE', () => verifier(by(own, {}, {}, secrets[other])))
          await verifier(by(own))
          await refused('ERR_JWT_SIGNATURE', () => verifier(by(own, {}, {}, secrets[other])))
        }
      })

      test('a refusal of the signature shows neither payload nor header, one after it does', async () => {
        const verifier = made(two().entries)
        const forged = await refused('ERR_JWT_SIGNATURE', () => verifier(`${by(A).slice(0, -5)}AAAAA`))
        expect([forged.payload, forged.header]).toEqual([undefined, undefined])
        const expired = await refused('ERR_JWT_EXPIRED', () => verifier(by(A, { exp: now })))
        expect([expired.payload, expired.header]).toEqual([{ sub: 'alice', iss: A, exp: now }, header])
      })

      test.each([
        ['nobody\'s', 'https://c.example'], ['with a slash more', `${A}/`], ['in another case', A.toUpperCase()], ['a part', A.slice(0, -1)], ['with a space', ` ${A}`],
        ['empty', ''], ['constructor', 'constructor'], ['__proto__', '__proto__'], ['both', `${A},${B}`],
        ['no text: a number', 7], ['no text: null', null], ['no text: true', true], ['no text: an array of the name', [A]], ['no text: an object', { [A]: A }], ['missing', undefined],
      ])('that is %s fits no entry: ERR_JWT_CLAIM, and no key is asked', async (_, iss) => {
        await refusedUnasked('ERR_JWT_CLAIM', raw({ ...claims, iss }), { claim: 'iss', expected: [A, B], ...(iss !== undefined && { actual: iss }) })
      })

      test('stands in the payload: one in the header, in an inherited place or deeper down is none', async () => {
        await refusedUnasked('ERR_JWT_CLAIM', raw(claims, { iss: A }), { claim: 'iss' })
        await refusedUnasked('ERR_JWT_CLAIM', raw(`{"__proto__":{"iss":"${A}"},"exp":${now + 60}}`), { claim: 'iss' })
        await refusedUnasked('ERR_JWT_CLAIM', raw({ ...claims, act: { iss: A } }), { claim: 'iss' })
        await made(two().entries)(raw({ ...claims, iss: A, act: { iss: B } }, { iss: B }))
      })

      test('is quoted and cut in the message', async () => {
        const { message } = await refusedUnasked('ERR_JWT_CLAIM', raw({ ...claims, iss: `\n${'x'.repeat(5000)}` }), { claim: 'iss' })
        expect(message).not.toMatch(/\n|x{100}/)
      })
    })

    describe('a payload is read as strictly as behind a signature, before any key is asked', () => {
      const good = `"exp":${now + 60}`
      test.each([
        ['iss twice, the entry\'s last', `{"iss":"${B}","iss":"${A}",${good}}`],
        ['iss twice, the entry\'s first', `{"iss":"${A}","iss":"${B}",${good}}`],
        ['iss twice, once with an escape', `{"iss":"${A}","\\u0069ss":"${B}",${good}}`],
        ['another member twice', `{"iss":"${A}","sub":"a","sub":"b",${good}}`],
        ['a member twice, deeper down', `{"iss":"${A}","act":{"sub":"a","sub":"b"},${good}}`],
        ['an array', `[{"iss":"${A}"}]`], ['a text', `"${A}"`], ['null', 'null'], ['a number', '7'], ['nothing', ''],
        ['two objects', `{"iss":"${A}",${good}}{}`], ['JSON with a comma too many', `{"iss":"${A}",${good},}`],
        ['a byte order mark', `\uFEFF{"iss":"${A}",${good}}`],
        ['invalid UTF-8', new Uint8Array([...octets(`{"iss":"${A}",${good},"x":"`), 0xc3, 0x28, ...octets('"}')])],
      ])('%s', async (_, payload) => {
        await refusedUnasked('ERR_JWT_MALFORMED', raw(payload as Part))
      })

      test('and with none of these it passes', async () => {
        expect((await made(two().entries)(raw(`{"iss":"${A}","act":{"sub":"a"},${good}}`))).payload['act']).toEqual({ sub: 'a' })
      })

      test.each([[undefined], [null], [7], [{}], [[]], [''], ['a.b'], ['a.b.c.d'], [`${by(A)}=`], [` ${by(A)}`]])('%j is malformed', async (given) => {
        await refusedUnasked('ERR_JWT_MALFORMED', given)
      })
    })

    describe('the header comes first', () => {
      // The payload is no JSON: whoever looks at it says ERR_JWT_MALFORMED.
      const broken = '{'
      test.each([
        ['an alg that no entry allows', { alg: 'HS384' }, 'ERR_JWT_ALGORITHM'], ['none', { alg: 'none' }, 'ERR_JWT_ALGORITHM'], ['the name of no algorithm', { alg: 'constructor' }, 'ERR_JWT_ALGORITHM'],
        ['a crit that no entry handles', { crit: ['x'], x: 1 }, 'ERR_JWT_CRITICAL'], ['a typ that no entry takes', { typ: 'at+jwt' }, 'ERR_JWT_TYPE'],
        ['an alg that is no text', { alg: 7 }, 'ERR_JWT_MALFORMED'],
      ])('%s: refused before the payload is looked at', async (_, moreHeader, code) => {
        const parse = vi.spyOn(JSON, 'parse')
        try {
          await refusedUnasked(code, raw(broken, moreHeader))
          expect(parse.mock.calls.filter(([text]) => text === broken)).toEqual([])
          await refusedUnasked('ERR_JWT_MALFORMED', raw(broken))
          expect(parse.mock.calls.filter(([text]) => text === broken).length).toBeGreaterThan(0)
        } finally {
          parse.mockRestore()
        }
      })

      test('too long for every entry: refused before the payload is looked at; as long as one of them takes, it is looked at', async () => {
        const text = raw(broken)
        await refusedUnasked('ERR_JWT_TOO_LARGE', text, {}, two({ maxTokenLength: text.length - 1 }, { maxTokenLength: 1 }))
        await refusedUnasked('ERR_JWT_MALFORMED', text, {}, two({ maxTokenLength: 1 }, { maxTokenLength: text.length }))
      })

      test('what no entry takes is refused as the first entry refuses it', async () => {
        const given = by(B, {}, { alg: 'HS384', typ: 'x' })
        await refusedUnasked('ERR_JWT_ALGORITHM', given, { actual: 'HS384' }, two({ algorithms: ['HS256'] }, { algorithms: ['HS384'] }))
        await refusedUnasked('ERR_JWT_TYPE', given, {}, two({ algorithms: ['HS384'] }, { algorithms: ['HS256'] }))
      })

      test('what another entry would take is refused by the entry of the issuer, and no key is asked', async () => {
        const set = (): Set => two({ algorithms: ['HS256'] }, { algorithms: ['HS512'], type: 'at+jwt', crit: ['x'] })
        const ofB = { alg: 'HS512', typ: 'at+jwt', crit: ['x'], x: 1 }
        await refusedUnasked('ERR_JWT_ALGORITHM', by(A, {}, ofB), {}, set())
        await refusedUnasked('ERR_JWT_ALGORITHM', by(B), {}, set())
        expect((await made(set().entries)(by(B, {}, ofB))).header['typ']).toBe('at+jwt')
        expect((await made(set().entries)(by(A))).header['typ']).toBe('JWT')
      })
    })

    // Each token is accepted from the one issuer and refused from the other, and again with the entries exchanged.
    describe('the options of an entry hold for its own issuer alone', () => {
      interface Case { readonly code: string, readonly claim?: string, readonly payload?: object, readonly header?: object, readonly pad?: boolean }
      const lax: [string, object, Case][] = [
        ['audience', { audience: 'api' }, { payload: { aud: 'api' }, code: 'ERR_JWT_CLAIM', claim: 'aud' }],
        ['type', { type: 'at+jwt' }, { header: { typ: 'at+jwt' }, code: 'ERR_JWT_TYPE' }],
        ['maxTokenLength', { maxTokenLength: 40_000 }, { payload: { x: 'x'.repeat(20_000) }, code: 'ERR_JWT_TOO_LARGE' }],
        ['clockTolerance', { clockTolerance: 60 }, { payload: { exp: now - 59 }, code: 'ERR_JWT_EXPIRED' }],
        ['now', { now: () => at(now - 100) }, { payload: { exp: now - 99 }, code: 'ERR_JWT_EXPIRED' }],
        ['requireExpiry', { requireExpiry: false }, { payload: { exp: undefined }, code: 'ERR_JWT_CLAIM', claim: 'exp' }],
        ['crit', { crit: ['x'] }, { header: { crit: ['x'], x: 1 }, code: 'ERR_JWT_CRITICAL' }],
        ['algorithms', { algorithms: ['HS512'] }, { header: { alg: 'HS512' }, code: 'ERR_JWT_ALGORITHM' }],
        ['allowPadding', { allowPadding: true }, { pad: true, code: 'ERR_JWT_MALFORMED' }],
      ]
      test.each(lax)('%s allows it to no other', async (_, option, { code, claim, payload, header: more, pad }) => {
        const of = (issuer: string): string => pad ? padded({ ...claims, iss: issuer }, secrets[issuer]!) : by(issuer, payload, more)
        for (const [own, other] of [[A, B], [B, A]] as const) {
          const verifier = made(two(...own === A ? [option] : [{}, option]).entries)
          expect((await verifier(of(own))).payload['iss']).toBe(own)
          await refused(code, () => verifier(of(other)), claim === undefined ? {} : { claim })
        }
      })

      const failing = { '~standard': { version: 1, vendor: 'none', validate: () => ({ issues: [{ message: 'no' }] }) } }
      const strict: [string, object, string, string?][] = [
        ['audience', { audience: 'api' }, 'ERR_JWT_CLAIM', 'aud'],
        ['requiredClaims', { requiredClaims: ['jti'] }, 'ERR_JWT_CLAIM', 'jti'],
        ['subject', { subject: 'bob' }, 'ERR_JWT_CLAIM', 'sub'],
        ['nonce', { nonce: 'n' }, 'ERR_JWT_CLAIM', 'nonce'],
        ['jwtId', { jwtId: 'j' }, 'ERR_JWT_CLAIM', 'jti'],
        ['maxAge', { maxAge: 10 }, 'ERR_JWT_CLAIM', 'iat'],
        ['requiredHeader', { requiredHeader: { client: 'me' } }, 'ERR_JWT_CLAIM', 'header.client'],
        ['type', { type: 'at+jwt' }, 'ERR_JWT_TYPE'],
        ['maxTokenLength', { maxTokenLength: 100 }, 'ERR_JWT_TOO_LARGE'],
        ['isRevoked', { isRevoked: () => true }, 'ERR_JWT_REVOKED'],
        ['schema', { schema: failing }, 'ERR_JWT_SCHEMA'],
        ['now', { now: () => at(now + 60) }, 'ERR_JWT_EXPIRED'],
      ]
      test.each(strict)('%s is asked of no other', async (_, option, code, claim) => {
        for (const [own, other] of [[A, B], [B, A]] as const) {
          const verifier = made(two(...own === A ? [option] : [{}, option]).entries)
          await refused(code, () => verifier(by(own)), claim === undefined ? {} : { claim })
          expect((await verifier(by(other))).payload['iss']).toBe(other)
        }
      })

      test('what an entry refuses it refuses as createVerifier with its options, word for word', async () => {
        const { entries } = two({ audience: 'api', maxAge: 60 }, {})
        const verifier = made(entries)
        const { keys, ...options } = entries[0] as { keys: KeySet }
        const alone = createVerifier(keys, options as never)
        const good = { aud: 'api', iat: now }
        expect(await verifier(by(A, good))).toEqual(await alone(by(A, good)))
        const all = [by(A), by(A, { aud: 7 }), by(A, { ...good, exp: now - 5, nbf: now + 5 }), by(A, good, { kid: 'other' }), by(A, good, {}, secrets[B]), by(A, good, { crit: [] })]
        for (const one of all) {
          const [mine, theirs] = [await thrown(() => verifier(one)), await thrown(() => alone(one))] as [Refusal, Refusal]
          expect({ ...mine, message: mine.message }).toEqual({ ...theirs, message: theirs.message })
          expect(mine.code).toMatch(/^ERR_JWT_/)
        }
      })
    })

    test('an issuer with several names: all of them choose it, and its keys verify each', async () => {
      const { a, b, entries } = two({ issuer: [A, 'a.example'] })
      const verifier = made(entries)
      for (const iss of [A, 'a.example']) expect((await verifier(by(A, { iss }))).payload['iss']).toBe(iss)
      await verifier(by(B))
      expect([a.asked, b.asked]).toEqual([2, 1])
      await refused('ERR_JWT_SIGNATURE', () => verifier(by(B, { iss: 'a.example' })))
      await refused('ERR_JWT_CLAIM', () => verifier(by(A, { iss: 'A.example' })), { claim: 'iss', expected: [A, 'a.example', B] })
    })

    describe('checks of the call', () => {
      const mine = { nonce: 'n', sub: 'alice', jti: 'j' }
      test.each([['nonce', 'nonce', 'n'], ['subject', 'sub', 'alice'], ['jwtId', 'jti', 'j']])('%s: the same passes, another and none are refused, on every call', async (name, claim, value) => {
        const verifier = made(two().entries)
        for (let i = 0; i < 2; i++) {
          await verifier(by(A, mine), { [name]: value })
          await refused('ERR_JWT_CLAIM', () => verifier(by(A, mine), { [name]: `${value}x` }), { claim })
          await refused('ERR_JWT_CLAIM', () => verifier(by(A, { ...mine, [claim]: undefined }), { [name]: value }), { claim })
          await verifier(by(A, mine))
        }
      })

      test('are read once, however many entries there are', async () => {
        let looks = 0
        const given = Object.defineProperty({}, 'nonce', { enumerable: true, get: () => `${looks++}` })
        await made(two().entries)(by(A, { nonce: '0' }), given)
        expect(looks).toBe(1)
      })

      test('one that any entry has, one that there is not, and what is no plain object are TypeErrors, whatever the token is', async () => {
        const verifier = made(two({ subject: 'alice' }).entries)
        for (const token of [by(A), by(B), by(A, {}, {}, secrets[B]), by(B, {}, {}, secrets[A]), 'x']) {
          await misused(() => verifier(token, { subject: 'alice' }), 'subject')
        }
        await verifier(by(B), { nonce: 'n' }).catch((error: { code?: string }) => expect(error.code).toBe('ERR_JWT_CLAIM'))
        await misused(() => verifier(by(B), { issuer: B }), 'issuer')
        await misused(() => verifier(by(B), { nonce: undefined }), 'nonce')
        await misused(() => verifier(by(B), null))
      })
    })
  })
})

// ─── what is wrong whatever token comes ──────────────────────────────────────

describe('entries are read at once and strictly', () => {
  const [entry, other] = two().entries as [object, object]
  const without = (name: string): object => Object.fromEntries(Object.entries(entry).filter(([one]) => one !== name))

  test('one is enough, and so are two', () => {
    expect(() => issuers([entry])).not.toThrow()
    expect(() => issuers([entry, other])).not.toThrow()
  })

  test.each([['nothing', undefined], ['null', null], ['an empty list', []], ['an entry without a list', entry], ['a text', A], ['an iterable', new Set([entry])]])('%s is a TypeError', async (_, entries) => {
    await misused(() => issuers(entries), 'issuers')
  })

  test.each([
    ['no plain object: null', null], ['no plain object: a text', A], ['no plain object: an array', [A, keysOfA]], ['no plain object: a function', () => entry], ['no plain object: an inherited one', Object.create(entry)], ['no plain object: of a class', Object.assign(Object.create({}) as object, entry)],
    ['no plain object: an array with names', Object.assign([], entry)],
    ['nothing', undefined],
  ])('an entry that is %s is a TypeError, wherever it stands', async (_, bad) => {
    await misused(() => issuers([bad]), 'issuers')
    await misused(() => issuers([other, bad]), 'issuers')
  })

  test('an issuer that is named twice is a TypeError: by two entries, in two lists, in one', async () => {
    await misused(() => issuers([entry, other, entry]), 'twice', A)
    await misused(() => issuers([{ ...entry, issuer: ['x', A] }, { ...other, issuer: [B, A] }]), 'twice', A)
    await misused(() => issuers([{ ...entry, issuer: [A, A] }]), 'twice', A)
    expect(() => issuers([{ ...entry, issuer: ['x', A] }, { ...other, issuer: [B, 'y'] }])).not.toThrow()
  })

  test.each([
    ['a function', () => true], ['an empty text', ''], ['an empty list', []], ['a list with an empty text', [A, '']], ['a list with a number', [A, 7]], ['a RegExp', /a/], ['false', false], ['undefined', undefined],
  ])('an issuer that is %s is a TypeError', async (_, issuer) => {
    await misused(() => issuers([{ ...entry, issuer }]), 'issuer')
  })

  test.each([
    ['a key', publicKey], ['a secret', secret], ['a function', () => keysOfA], ['a JWKS', { keys: [pair('ES256').publicJwk] }], ['an address', `${A}/jwks`],
    ['null', null], ['undefined', undefined], ['a plain object', {}],
  ])('keys that are %s are no KeySet: TypeError', async (_, keys) => {
    await misused(() => issuers([{ ...entry, keys }]), 'KeySet')
  })

  test.each(['issuer', 'keys', 'algorithms'])('%s left out is a TypeError', async (name) => {
    await misused(() => issuers([without(name)]), name)
  })

  test('cache stands beside the entries: in one it is a TypeError', async () => {
    for (const cache of [true, {}, undefined]) await misused(() => issuers([{ ...entry, cache }]), 'cache beside the entries')
    expect(() => issuers([entry], { cache: true })).not.toThrow()
    expect(() => issuers([entry], { cache: { maxEntries: 1, maxLength: 1, maxAge: '1m' } })).not.toThrow()
  })

  test.each([
    ['an unknown option', { isser: A }], ['a slip in a name', { audiences: 'api' }], ['an option that is undefined', { audience: undefined }], ['a RegExp as audience', { audience: /a/ }], ['milliseconds', { clockTolerance: 3000 }],
    ['a stopped clock', { now: at(now) }], ['an algorithm that there is not', { algorithms: ['none'] }], ['no algorithm', { algorithms: [] }], ['a symbol', { [Symbol('x')]: 1 }],
  ])('%s in an entry is a TypeError, in the first as in the last', async (_, more) => {
    await misused(() => issuers([{ ...entry, ...more }, other]))
    await misused(() => issuers([other, { ...entry, ...more }]))
  })

  test.each([['unknown', { caches: true }], ['of createVerifier', { audience: 'api' }], ['cache: false', { cache: false }], ['cache: no entries', { cache: { maxEntries: 0 } }], ['cache: undefined', { cache: undefined }], ['null', null], ['an array', []]])('options beside the entries: %s is a TypeError', async (_, options) => {
    await misused(() => issuers([entry], options))
  })

  test('a set of private keys, which can verify nothing, is refused at once, as createVerifier refuses it', async () => {
    const keys = keySet([await importJwk(pair('ES256').privateJwk as never, 'ES256' as never)])
    await refused('ERR_JWT_KEY', () => createVerifier(keys, { algorithms: ['ES256'] }))
    await refused('ERR_JWT_KEY', () => issuers([entry, { ...other, keys }]))
  })

  test('what the caller changes later has no effect', async () => {
    const mine = { ...entry, issuer: [A], algorithms: ['HS256'] }
    const list = [mine]
    const verifier = issuers(list)
    mine.issuer[0] = B
    mine.algorithms[0] = 'HS512'
    Object.assign(mine, { keys: keysOfB, issuer: B, audience: 'api' })
    list.length = 0
    expect((await verifier(by(A))).payload['iss']).toBe(A)
    await refused('ERR_JWT_CLAIM', () => verifier(by(B)), { claim: 'iss' })
  })

  test('a getter that throws is a TypeError, and no accident of its own', async () => {
    await misused(() => issuers([{ ...entry, get issuer() { throw new Error('no') } }]), 'issuers')
  })
})

test('HS* and others in one list: as for every key set, and no public key becomes a secret', async () => {
  const { publicJwk, publicPem } = pair('ES256')
  const keys = keySet([await importSecret(secret, 'HS256', { keyId: 'k' }), await importJwk(publicJwk as never, 'ES256' as never, { keyId: 'e' })])
  const verifier = issuers([{ issuer: A, keys, algorithms: ['HS256', 'ES256'], now: () => at(now) }])
  await verifier(by(A))
  await verifier(pairToken('ES256', { ...claims, iss: A }, { ...header, alg: 'ES256', kid: 'e' }))
  for (const key of [publicPem, JSON.stringify(publicJwk), publicJwk['x']!]) {
    await refused('ERR_JWT_KEY_NOT_FOUND', () => verifier(token({ ...claims, iss: A }, { ...header, kid: 'e' }, key)))
    await refused('ERR_JWT_SIGNATURE', () => verifier(token({ ...claims, iss: A }, header, key)))
  }
})

// ─── the memory ──────────────────────────────────────────────────────────────

describe('cache', () => {
  test('a token that was accepted is parsed once, and its claims are the same frozen ones', async () => {
    const { a, b, entries } = two()
    const verifier = issuers(entries, { cache: true })
    const given = by(A)
    const first = await verifier(given)
    const parse = vi.spyOn(JSON, 'parse')
    const second = await verifier(given)
    expect(parse).not.toHaveBeenCalled()
    parse.mockRestore()
    expect(second.payload).toBe(first.payload)
    expect(Object.isFrozen(first.payload)).toBe(true)
    expect([a.asked, b.asked]).toEqual([2, 0])
  })

  test('is nothing unless it is asked for', async () => {
    const verifier = issuers(two().entries)
    expect((await verifier(by(A))).payload).not.toBe((await verifier(by(A))).payload)
  })

  test('a hit is judged by the clock of its entry: accepted before exp, refused at it', async () => {
    let time = now
    const { entries } = two({ now: () => at(time) })
    const verifier = issuers(entries, { cache: true })
    const [ofA, ofB] = [by(A), by(B)]
    await verifier(ofA)
    await verifier(ofB)
    time = now + 59
    await verifier(ofA)
    time = now + 60
    await refused('ERR_JWT_EXPIRED', () => verifier(ofA))
    await verifier(ofB)
  })

  test('a key that its issuer has withdrawn verifies nothing that is remembered', async () => {
    const { a, entries } = two()
    const verifier = issuers(entries, { cache: true })
    const given = by(A)
    await verifier(given)
    a.inner = keysOfB
    await refused('ERR_JWT_SIGNATURE', () => verifier(given))
    a.inner = keysOfA
    await verifier(given)
  })

  test('a hit asks isRevoked again', async () => {
    let isRevoked = false
    const verifier = issuers(two({ isRevoked: () => isRevoked }).entries, { cache: true })
    const given = by(A)
    await verifier(given)
    isRevoked = true
    await refused('ERR_JWT_REVOKED', () => verifier(given))
  })

  test('a forged twin of what is remembered is refused', async () => {
    const verifier = issuers(two().entries, { cache: true })
    const given = by(A)
    await verifier(given)
    const [h, p, s] = given.split('.')
    await refused('ERR_JWT_SIGNATURE', () => verifier(`${h}.${b64({ ...claims, iss: A, sub: 'eve' })}.${s}`))
    await refused('ERR_JWT_SIGNATURE', () => verifier(`${h}.${p}.${sealed(h!, p!, secrets[B]!).split('.')[2]}`))
    await refused('ERR_JWT_MALFORMED', () => verifier({ toString: () => given }))
  })

  test('the choice is remembered after success alone: what is refused takes no place in the memory', async () => {
    const good = by(A)
    const strangers = [by(A, {}, {}, secrets[B]), by(A, { exp: now }), by(A, { iss: 'https://c.example' }), by(B, { aud: 'other' })]
    for (const stranger of strangers) {
      const verifier = issuers(two().entries, { cache: { maxEntries: 1 } })
      await verifier(good)
      expect(await thrown(() => verifier(stranger))).toHaveProperty('code')
      const parse = vi.spyOn(JSON, 'parse')
      await verifier(good)
      expect(parse).not.toHaveBeenCalled()
      parse.mockRestore()
    }
  })

  test('and an accepted one does take it', async () => {
    const verifier = issuers(two().entries, { cache: { maxEntries: 1 } })
    await verifier(by(A))
    await verifier(by(B))
    const parse = vi.spyOn(JSON, 'parse')
    await verifier(by(A))
    expect(parse).toHaveBeenCalled()
    parse.mockRestore()
  })
})

// ─── keys from afar ──────────────────────────────────────────────────────────

describe('with sets over the network', () => {
  const published = { keys: [{ ...pair('ES256').publicJwk, kid: 'e', alg: 'ES256', use: 'sig' }] }
  const es256 = (iss: unknown): string => pairToken('ES256', { ...claims, iss }, { alg: 'ES256', typ: 'JWT', kid: 'e' })
  const common = { algorithms: ['ES256'], now: () => at(now) }

  test('nothing is fetched when the verifier is made, nor for a stranger, and for an issuer its own keys alone', async () => {
    const [one, other] = [endpoint(published), endpoint(published)]
    const verifier = issuers([
      { issuer: A, keys: remoteKeySet(`${A}/jwks`, { fetch: one.fetch }), ...common },
      { issuer: B, keys: remoteKeySet(`${B}/jwks`, { fetch: other.fetch }), ...common },
    ])
    for (const iss of ['https://c.example', [A], undefined]) await refused('ERR_JWT_CLAIM', () => verifier(es256(iss)), { claim: 'iss' })
    expect([one.requests.length, other.requests.length]).toEqual([0, 0])
    await verifier(es256(A))
    expect([one.requests.length, other.requests.length]).toEqual([1, 0])
  })

  test('an issuer that is down stops the tokens of no other', async () => {
    const verifier = issuers([
      { issuer: A, keys: remoteKeySet(`${A}/jwks`, { fetch: endpoint(500).fetch }), ...common },
      { issuer: B, keys: remoteKeySet(`${B}/jwks`, { fetch: endpoint(published).fetch }), ...common },
    ])
    await refused('ERR_JWKS_FETCH', () => verifier(es256(A)))
    expect((await verifier(es256(B))).payload['iss']).toBe(B)
  })

  test('the issuer and keys of discover fit as they are', async () => {
    const api = endpoint(({ url }: { url: string }) => {
      const { origin, pathname } = new URL(url)
      return pathname === '/jwks' ? published : { issuer: origin, jwks_uri: `${origin}/jwks` }
    })
    const verifier = issuers([A, B].map((name) => {
      const { issuer, keys } = discover(name, { fetch: api.fetch })
      return { issuer, keys, ...common }
    }))
    expect(api.requests).toEqual([])
    await refused('ERR_JWT_CLAIM', () => verifier(es256(`${A}/`)), { claim: 'iss' })
    expect(api.requests).toEqual([])
    expect((await verifier(es256(A))).payload['iss']).toBe(A)
    expect(api.requests.map(({ url }) => new URL(url).origin)).toEqual([A, A])
    expect((await verifier(es256(B))).payload['iss']).toBe(B)
  })
})

declare class URL { constructor(text: string); readonly origin: string; readonly pathname: string }
declare class TextEncoder { encode(text: string): Uint8Array }
function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
