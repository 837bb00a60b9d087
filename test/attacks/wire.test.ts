// Forms of a token that another parser would read otherwise: JSON serializations, JWE, extensions, b64, prototypes, schemes.
// Reports: THREATS.md.

import { describe, expect, it } from 'vitest'
import { doors } from '../support/doors'
import '../support/ran'
import { b64, claims, head, hs256, mac, refused, sealed, secret, token } from '../support/tokens'

const good = token()
const [h, p, s] = good.split('.') as [string, string, string]

for (const { name: door, verify, verifyBytes } of doors) describe(`${door}`, () => {
  describe('compact and nothing else (CVE-2022-39227, CVE-2016-9122, GHSA-jc38-x7x8-2xc8)', () => {
    const forged = b64({ ...claims, sub: 'admin' })
    const serializations: Record<string, string> = {
      flattened: JSON.stringify({ payload: p, protected: h, signature: s }),
      general: JSON.stringify({ payload: p, signatures: [{ protected: h, signature: s }] }),
      'general with a forged signature beside the honest one': JSON.stringify({ payload: p, signatures: [{ protected: h, signature: mac('x') }, { protected: h, signature: s }] }),
      'flattened with a forged payload beside the honest one': `{"payload":"${forged}","payload":"${p}","protected":"${h}","signature":"${s}"}`,
      'alg in the unprotected header': JSON.stringify({ payload: p, protected: b64({}), header: { alg: 'HS256' }, signature: s }),
      'compact inside a JSON name': `{"${h}.":"${forged}","${h}.${p}.${s}":""}`,
      'a polyglot of both': `{" ${h}.${forged}.":"","protected":"${h}","payload":"${p}","signature":"${s}"}`,
      'a JSON string': JSON.stringify(good),
      'two tokens with a space': `${good} ${good}`, 'two tokens with a comma': `${good},${good}`, 'SD-JWT tail': `${good}~`,
    }
    it.each(Object.entries(serializations))('%s: refused', async (_, text) => {
      await refused('ERR_JWT_MALFORMED', () => verify(text))
      await refused('ERR_JWT_MALFORMED', () => verifyBytes(text, secret, { algorithms: ['HS256'] }))
    })

    it('an object in place of the text: refused, also one that says it is a string', async () => {
      for (const text of [{ payload: p, protected: h, signature: s }, [h, p, s], { toString: () => good }, Object(good)]) await refused('ERR_JWT_MALFORMED', () => verify(text))
    })

    it('the payload that is judged is the one that was signed, not one that decodes alike', async () => {
      await refused('ERR_JWT_SIGNATURE', () => verify(`${h}.${forged}.${s}`))
      expect((await verify(sealed(h, forged))).payload['sub']).toBe('admin')
    })

    it('twin: the compact form of the same parts is accepted', async () => {
      expect((await verify(`${h}.${p}.${s}`)).payload).toEqual(claims)
    })
  })

  describe('a JWE is no JWS (CVE-2019-18848, CVE-2023-51774, CVE-2024-33531, CVE-2026-29000)', () => {
    it('two, four and five segments are refused, whatever they hold', async () => {
      for (const header of [{ alg: 'dir', enc: 'A256GCM' }, { alg: 'RSA-OAEP', enc: 'A256GCM', cty: 'JWT' }, head]) {
        const first = b64(header)
        const unsecured = b64(`${b64({ alg: 'none' })}.${p}.`)
        for (const text of [`${first}..AAAA.AAAA.AAAA`, `${first}.${p}.${s}.AAAA.AAAA`, `${first}.AAAA.AAAA.${unsecured}.AAAA`, `${first}.${p}.${s}.`, `${first}.${p}.${s}.AAAA`, `${first}.${p}`, first]) await refused('ERR_JWT_MALFORMED', () => verify(text))
      }
    })

    it('enc and zip in the header of a JWS change nothing: honestly signed accepted, forged refused', async () => {
      const header = { ...head, enc: 'A256GCM', zip: 'DEF' }
      expect((await verify(token(claims, header))).payload).toEqual(claims)
      await refused('ERR_JWT_SIGNATURE', () => verify(token(claims, header, 'a secret of the attacker, which is long enough')))
    })

    it('a JWE algorithm is in no list', async () => {
      for (const alg of ['dir', 'RSA-OAEP', 'A256KW', 'PBES2-HS256+A128KW', 'ECDH-ES']) {
        await refused('ERR_JWT_ALGORITHM', () => verify(token(claims, { alg, enc: 'A256GCM', p2c: 2 ** 31 })))
        await expect(verify(good, secret, { ...hs256, algorithms: [alg] })).rejects.toBeInstanceOf(TypeError)
      }
    })

    it('a payload that is a compact token is malformed, whatever cty says: no inner token is taken for claims', async () => {
      for (const inner of [good, `${b64({ alg: 'none' })}.${p}.`]) for (const header of [head, { ...head, cty: 'JWT' }]) await refused('ERR_JWT_MALFORMED', () => verify(token(inner, header)))
      await verify(token(claims, { ...head, cty: 'JWT' }))
    })
  })

  describe('a token is not looked for in other text (CVE-2026-47673)', () => {
    it.each(['Bearer ', 'bearer ', 'Basic ', 'DPoP ', 'Token token=', '', '"', ' ', '\ufeff', 'Bearer%20', 'Bearer\t'])('behind %j it is refused, unless that is nothing', async (scheme) => {
      if (scheme) await refused('ERR_JWT_MALFORMED', () => verify(scheme + good))
      else await verify(scheme + good)
    })
  })

  describe('a critical extension that is not handled refuses the token (CVE-2025-59420, CVE-2026-32597, CVE-2026-35042, jsonwebtoken #1032, python-jose #413)', () => {
    const name = 'http://example.invalid/UNDEFINED'

    it('honestly signed, and refused all the same; handled, and accepted', async () => {
      const text = token(claims, { ...head, crit: [name], [name]: true })
      await refused('ERR_JWT_CRITICAL', () => verify(text))
      await refused('ERR_JWT_CRITICAL', () => verify(text, secret, { ...hs256, crit: ['other'] }))
      await refused('ERR_JWT_CRITICAL', () => verifyBytes(text, secret, { algorithms: ['HS256'] }))
      await verify(text, secret, { ...hs256, crit: [name] })
    })

    it('one of two that is not handled is enough', async () => {
      const text = token(claims, { ...head, crit: ['a', 'b'], a: 1, b: 2 })
      for (const crit of [['a'], ['b'], ['c']]) await refused('ERR_JWT_CRITICAL', () => verify(text, secret, { ...hs256, crit }))
      await verify(text, secret, { ...hs256, crit: ['b', 'a'] })
    })

    it('a crit of any other form is refused: empty, no list, twice, absent, registered, inherited', async () => {
      for (const crit of ['[]', 'null', 'false', '0', '""', '{}', '"a"', '["a","a"]', '["b"]', '["alg"]', '["crit"]', '["typ"]', '["exp"]', '["__proto__"]', '["toString"]', '[["a"]]', '[1]', '[null]']) {
        await refused('ERR_JWT_CRITICAL', () => verify(token(claims, `{"alg":"HS256","a":1,"typ":"JWT","crit":${crit}}`), secret, { ...hs256, crit: ['a'] }))
      }
      await verify(token(claims, '{"alg":"HS256","a":1,"typ":"JWT","crit":["a"]}'), secret, { ...hs256, crit: ['a'] })
    })
  })

  describe('an unencoded payload is refused before it is looked at (CVE-2026-48525)', () => {
    it('b64: false, honestly signed over any payload, critical or not', async () => {
      for (const extension of [{ crit: ['b64'] }, {}]) {
        const header = b64({ ...head, b64: false, ...extension })
        for (const payload of [JSON.stringify(claims), 'x'.repeat(15_000), '!', b64(claims)]) {
          const text = `${header}.${payload}.${mac(`${header}.${payload}`)}`
          for (const options of [hs256, { ...hs256, crit: ['x'] }]) await refused('ERR_JWT_CRITICAL', () => verify(text, secret, options))
        }
      }
    })

    it('twin: b64: true, which changes nothing, is accepted', async () => {
      await verify(token(claims, { ...head, b64: true }))
    })
  })

  describe('a member is a token\'s own or it is not there (CVE-2024-34273)', () => {
    it('alg, exp, aud and crit in __proto__ are not the token\'s own', async () => {
      await refused('ERR_JWT_MALFORMED', () => verify(token(claims, '{"__proto__":{"alg":"HS256"}}')))
      await refused('ERR_JWT_CLAIM', () => verify(token(`{"__proto__":{"exp":${claims.exp}}}`)), { claim: 'exp' })
      await refused('ERR_JWT_CLAIM', () => verify(token(`{"exp":${claims.exp},"__proto__":{"aud":"me"}}`), secret, { ...hs256, audience: 'me' }), { claim: 'aud' })
      await refused('ERR_JWT_CLAIM', () => verify(token(`{"exp":${claims.exp},"constructor":{"prototype":{"sub":"me"}}}`), secret, { ...hs256, subject: 'me' }), { claim: 'sub' })
    })

    it('an honest token with __proto__ and constructor is accepted and pollutes nothing', async () => {
      const members = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}'
      const { payload, header } = await verify(token(`{"exp":${claims.exp},${members}}`, `{"alg":"HS256",${members}}`))
      for (const object of [payload, header, {}]) expect((object as Record<string, unknown>)['polluted']).toBeUndefined()
      for (const object of [payload, header]) expect(Object.keys(object)).toContain('__proto__')
    })

    it('a hook that gets such claims is not polluted either', async () => {
      const text = token(`{"exp":${claims.exp},"iss":"me","__proto__":{"admin":true}}`)
      await verify(text, secret, { ...hs256, issuer: (_: string, body: Record<string, unknown>) => body['admin'] === undefined, isRevoked: (body: Record<string, unknown>) => body['admin'] === true })
    })
  })
})
