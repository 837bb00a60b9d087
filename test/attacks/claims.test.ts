// Claims that are missing, of a wrong type or of someone else, and options that switch a check off by accident.
// Reports: THREATS.md.

import { describe, expect, it } from 'vitest'
import { decode } from 'waxseal'
import { doors } from '../support/doors'
import '../support/ran'
import { at, b64, claims, clone, head, hs256, misused, now, pairToken, refused, secret, token } from '../support/tokens'

const later = now + 60

for (const { name: door, verify, sign, createVerifier, publicKey } of doors) describe(`${door}`, () => {
  describe('a claim of a wrong type is no missing claim (CVE-2026-25537, CVE-2026-44459)', () => {
    const table: [string, string][] = [
      ['exp: 0', '{"exp":0}'], ['exp: -0', '{"exp":-0}'], ['exp below 0', '{"exp":-1}'], ['exp as text', `{"exp":"${later}"}`], ['exp = Infinity (1e400 in JSON)', '{"exp":1e400}'], ['exp = -Infinity', '{"exp":-1e400}'],
      ['exp as an array', `{"exp":[${later}]}`], ['exp as an object', `{"exp":{"valueOf":${later}}}`], ['exp: true', '{"exp":true}'], ['exp: false', '{"exp":false}'], ['exp: null', '{"exp":null}'], ['exp: ""', '{"exp":""}'], ['exp in milliseconds', `{"exp":${later}000}`],
      ['nbf as text', `{"exp":${later},"nbf":"${now - 1}"}`], ['nbf: null', `{"exp":${later},"nbf":null}`], ['nbf = Infinity', `{"exp":${later},"nbf":1e400}`], ['nbf as an array', `{"exp":${later},"nbf":[${now - 1}]}`],
      ['iat as text', `{"exp":${later},"iat":"yesterday"}`], ['iat: null', `{"exp":${later},"iat":null}`], ['iat = Infinity', `{"exp":${later},"iat":1e400}`], ['sub as a number', `{"exp":${later},"sub":1}`], ['jti as an object', `{"exp":${later},"jti":{}}`],
    ]
    it.each(table)('%s: refused, whatever is required', async (_, payload) => {
      for (const options of [{}, { requireExpiry: false }, { requireExpiry: false, audience: false, type: false }]) await expect(verify(token(payload), secret, { ...hs256, ...options })).rejects.toMatchObject({ code: /_CLAIM$|_EXPIRED$/ })
    })

    it('twin: the same claims with their types are accepted', async () => {
      await verify(token({ exp: later, nbf: now - 1, iat: now, iss: 'good', sub: '1', jti: '{}', aud: ['api'] }), secret, { ...hs256, audience: ['api'] })
      await verify(token('{}'), secret, { ...hs256, requireExpiry: false })
    })
  })

  describe('the audience is checked in every form it has (CVE-2020-26160, CVE-2025-62610, CVE-2021-22573, CVE-2020-15240, CVE-2024-5798)', () => {
    it('a token for another service is refused, as text and as an array, and when nothing is asked for', async () => {
      for (const aud of ['other', ['other'], ['other', 'third'], [], '']) {
        for (const options of [{}, { audience: 'me' }, { audience: ['me', 'mine'] }]) await refused('ERR_JWT_CLAIM', () => verify(token({ ...claims, aud }), secret, { ...hs256, ...options }), { claim: 'aud' })
      }
    })

    it('a token without audience is refused where one is expected', async () => {
      for (const audience of ['me', ['me']]) await refused('ERR_JWT_CLAIM', () => verify(token(), secret, { ...hs256, audience }), { claim: 'aud' })
    })

    it('aud as an object, nested, or with what is no text is refused, also unchecked', async () => {
      for (const aud of ['{"0":"me"}', '[["me"]]', '["me",1]', '[null,"me"]', '1', 'true', 'null', '{"length":1,"0":"me"}']) {
        for (const audience of ['me', false]) await refused('ERR_JWT_CLAIM', () => verify(token(`{"exp":${later},"aud":${aud}}`), secret, { ...hs256, audience }), { claim: 'aud' })
      }
    })

    it('a forged signature is refused whatever the audience, and what decode shows is no verification', async () => {
      const forged = token({ ...claims, aud: 'me' }, head, 'a secret of the attacker, which is long enough')
      expect(decode(forged).payload['aud']).toBe('me')
      for (const audience of ['me', false]) await refused('ERR_JWT_SIGNATURE', () => verify(forged, secret, { ...hs256, audience }))
      await refused('ERR_JWT_MALFORMED', () => verify(decode(forged)))
    })

    it('twin: the right one is accepted, as text and in an array', async () => {
      for (const aud of ['me', ['me'], ['other', 'me']]) for (const audience of ['me', ['third', 'me'], false]) await verify(token({ ...claims, aud }), secret, { ...hs256, audience })
    })
  })

  describe('issuer and the like are compared as whole strings (CVE-2024-53861, CVE-2025-30144)', () => {
    const options: Record<string, string> = { issuer: 'iss', subject: 'sub', jwtId: 'jti', nonce: 'nonce' }

    it.each(Object.entries(options))('%s: a part of it, more of it or another case is another string', async (option, claim) => {
      for (const value of ['acb', 'cbd', 'c', '', 'acbdd', 'xacbd', 'ACBD', 'acbd ', ' acbd', 'acbd\0', 'а' + 'cbd']) await refused('ERR_JWT_CLAIM', () => verify(token({ ...claims, [claim]: value }), secret, { ...hs256, [option]: 'acbd' }), { claim })
      await verify(token({ ...claims, [claim]: 'acbd' }), secret, { ...hs256, [option]: 'acbd' })
    })

    it.each(Object.entries(options))('%s: an array in the token matches nothing, though one of its elements would', async (option, claim) => {
      for (const value of [['evil', 'good'], ['good'], [['good']], { 0: 'good' }]) await refused('ERR_JWT_CLAIM', () => verify(token({ ...claims, [claim]: value }), secret, { ...hs256, [option]: 'good' }), { claim })
    })

    it('nor does it match a list of issuers or a function', async () => {
      for (const issuer of ['good', ['good', 'evil'], () => true]) await refused('ERR_JWT_CLAIM', () => verify(token({ ...claims, iss: ['evil', 'good'] }), secret, { ...hs256, issuer }), { claim: 'iss' })
      for (const issuer of ['good', ['good', 'evil'], () => true]) await verify(token({ ...claims, iss: 'good' }), secret, { ...hs256, issuer })
    })
  })

  describe('a claim set is an object (fast-jwt #638)', () => {
    it.each(['[]', '[{"exp":9999999999}]', '"x"', '1', 'true', 'false', 'null'])('%s: refused, with every option', async (payload) => {
      for (const options of [{}, { requireExpiry: false }, { requireExpiry: false, audience: false, type: false }]) await refused('ERR_JWT_MALFORMED', () => verify(token(payload), secret, { ...hs256, ...options }))
    })

    it('twin: an empty object is a claim set when nothing is required', async () => {
      expect((await verify(token('{}'), secret, { ...hs256, requireExpiry: false })).payload).toEqual({})
    })
  })

  describe('an option cannot switch a check off by accident (fast-jwt #640, CVE-2026-35040, CVE-2026-35041)', () => {
    it('a tolerance or clock that is no number, or without end, cannot be given', async () => {
      for (const clockTolerance of [Infinity, NaN, -Infinity, -1, '60', 1e9]) await misused(() => verify(token({ exp: 1 }), secret, { ...hs256, clockTolerance }), 'clockTolerance')
      for (const time of [new Date(NaN), Infinity, NaN, null, 'now']) await misused(() => verify(token({ exp: 1 }), secret, { ...hs256, now: time }), 'now')
      for (const maxAge of [Infinity, NaN, 0, -1]) await misused(() => verify(token({ ...claims, iat: 1 }), secret, { ...hs256, maxAge }), 'maxAge')
      await verify(token({ exp: now - 1 }), secret, { ...hs256, clockTolerance: 2 })
    })

    it('no option is a RegExp, neither one that backtracks without end nor one that forgets every second token', async () => {
      const patterns = [/^(a+)+$/, /good/g, /good/y]
      for (const option of ['issuer', 'audience', 'subject', 'jwtId', 'nonce', 'type', 'algorithms', 'requiredClaims']) for (const pattern of patterns) for (const value of [pattern, [pattern]]) {
        await misused(() => verify(token({ ...claims, iss: `${'a'.repeat(5000)}!` }), secret, { ...hs256, [option]: value }), option)
      }
      for (let i = 0; i < 3; i++) await verify(token({ ...claims, iss: 'good' }), secret, { ...hs256, issuer: 'good' })
    })

    it('empty and undefined options are errors of the call', async () => {
      for (const option of ['issuer', 'audience', 'subject', 'jwtId', 'nonce']) for (const value of ['', [], undefined, null, true]) await misused(() => verify(token(), secret, { ...hs256, [option]: value }), option)
    })
  })

  describe('options belong to the caller and are not changed (CVE-2026-103001)', () => {
    it('a look at a token, or a verification that fails, leaves them as they were for the next one', async () => {
      const options = { ...hs256, algorithms: ['HS256'], audience: ['me'], requiredClaims: ['sub'], crit: ['x'] }
      const frozen = Object.freeze({ ...options, algorithms: Object.freeze([...options.algorithms]) })
      const before = clone(options)
      for (const text of ['garbage', `${b64({ alg: 'none' })}.${b64(claims)}.`, token({ exp: 1 })]) {
        try { decode(text, {}) } catch { /* what is garbage cannot be shown */ }
        for (const one of [options, frozen]) await expect(verify(text, secret, one)).rejects.toMatchObject({ name: 'JwtError' })
      }
      expect(clone(options)).toEqual(before)
      await verify(token({ ...claims, aud: 'me' }), secret, options)
    })
  })

  describe('one error, and the signature comes first (CVE-2024-51744)', () => {
    it('an expired token with a bad signature is a bad signature: nothing of it is told', async () => {
      for (const payload of [{ exp: 1 }, { exp: 'x' }, { ...claims, aud: 'x' }]) {
        const error = await refused('ERR_JWT_SIGNATURE', () => verify(token(payload, head, 'x'.repeat(64))))
        expect([error.issues.length, error.payload, error.header]).toEqual([1, undefined, undefined])
      }
      expect((await refused('ERR_JWT_EXPIRED', () => verify(token({ exp: 1 })))).payload).toEqual({ exp: 1 })
    })

    it('an expired token that another check refuses is not called expired', async () => {
      await refused('ERR_JWT_CLAIM', () => verify(token({ exp: 1, iss: 'evil' }), secret, { ...hs256, issuer: 'good' }))
      await refused('ERR_JWT_REVOKED', () => verify(token({ exp: 1 }), secret, { ...hs256, isRevoked: () => true }))
    })
  })

  describe('the clock goes past 2038 (hono #4754)', () => {
    it('a token that expired then is expired, one that has not is accepted', async () => {
      const then = 2 ** 31 + 1000
      for (const exp of [1, 2 ** 31 - 1, 2 ** 31, then]) await refused('ERR_JWT_EXPIRED', () => verify(token({ exp }), secret, { ...hs256, now: at(then) }))
      await verify(token({ exp: then + 1 }), secret, { ...hs256, now: at(then) })
      await refused('ERR_JWT_NOT_YET_VALID', () => verify(token({ exp: 2 ** 33, nbf: then + 1 }), secret, { ...hs256, now: at(then) }))
      expect(decode(await sign({}, secret, { algorithm: 'HS256', expiresIn: 60, now: at(then) })).payload).toEqual({ iat: then, exp: then + 60 })
    })
  })

  describe('a verifier that was made once judges each token by itself', () => {
    it('what one token was allowed does not pass to the next', async () => {
      const verifier = createVerifier(secret, { algorithms: ['HS256'], now: () => at(now), audience: 'me' })
      await verifier(token({ ...claims, aud: 'me' }))
      await refused('ERR_JWT_CLAIM', () => verifier(token({ ...claims, aud: 'other' })))
      await refused('ERR_JWT_SIGNATURE', () => verifier(token({ ...claims, aud: 'me' }, head, 'x'.repeat(64))))
      await refused('ERR_JWT_ALGORITHM', () => verifier(pairToken('ES256', { ...claims, aud: 'me' })))
      await verifier(token({ ...claims, aud: 'me' }))
      await verify(pairToken('ES256'), await publicKey('ES256'), { ...hs256, algorithms: ['ES256'] })
    })
  })
})
