// Forms of a token that another parser would read otherwise: JSON serializations, JWE, extensions, b64, prototypes.

import { describe, expect, it } from 'vitest'
import { decode } from 'waxseal'
import { b64, claims, everyDoor, head, hs256, mac, now, refused, sealed, secret, token, verify } from '../support/tokens'

const good = token()
const [h, p, s] = good.split('.') as [string, string, string]

describe('compact and nothing else (CVE-2022-39227, CVE-2016-9122, web-token GHSA-jc38-x7x8-2xc8)', () => {
  const forged = b64({ ...claims, sub: 'admin' })
  const serializations: Record<string, string> = {
    flattened: JSON.stringify({ payload: p, protected: h, signature: s }),
    general: JSON.stringify({ payload: p, signatures: [{ protected: h, signature: s }] }),
    'alg in the unprotected header': JSON.stringify({ payload: p, protected: b64({}), header: { alg: 'HS256' }, signature: s }),
    'compact inside a JSON name': `{"${h}.":"${forged}","${h}.${p}.${s}":""}`,
    'python-jwt polyglot': `{" ${h}.${forged}.":"","protected":"${h}","payload":"${p}","signature":"${s}"}`,
    'a JSON string': JSON.stringify(good),
    'two tokens with a space': `${good} ${good}`, 'two tokens with a comma': `${good},${good}`, 'SD-JWT tail': `${good}~`,
  }
  it.each(Object.entries(serializations))('%s: refused', async (_, text) => {
    await refused('ERR_JWT_MALFORMED', () => everyDoor(text))
  })

  it('an object in place of the text: refused, also one that says it is a string', async () => {
    for (const text of [{ payload: p, protected: h, signature: s }, [h, p, s], { toString: () => good }, Object(good)]) await refused('ERR_JWT_MALFORMED', () => everyDoor(text))
  })

  it('twin: the compact form of the same parts is accepted', async () => {
    expect((await everyDoor(`${h}.${p}.${s}`)).payload).toEqual(claims)
  })
})

describe('JWE where a JWS is expected (CVE-2023-51774, CVE-2024-33531, CVE-2026-29000)', () => {
  it('five segments are refused, whatever they hold', async () => {
    for (const header of [{ alg: 'dir', enc: 'A256GCM' }, { alg: 'RSA-OAEP', enc: 'A256GCM', cty: 'JWT' }, head]) {
      for (const text of [`${b64(header)}..AAAA.AAAA.AAAA`, `${b64(header)}.${p}.${s}.AAAA.AAAA`, `${b64(header)}.AAAA.AAAA.${b64(`${b64({ alg: 'none' })}.${p}.`)}.AAAA`]) await refused('ERR_JWT_MALFORMED', () => everyDoor(text))
    }
  })

  it('enc and zip in the header of a JWS change nothing: honestly signed accepted, forged refused', async () => {
    const header = { ...head, enc: 'A256GCM', zip: 'DEF' }
    expect((await everyDoor(token(claims, header))).payload).toEqual(claims)
    await refused('ERR_JWT_SIGNATURE', () => everyDoor(token(claims, header, 'x')))
  })

  it('a JWE algorithm is not in any list', async () => {
    for (const alg of ['dir', 'RSA-OAEP', 'A256KW', 'PBES2-HS256+A128KW', 'ECDH-ES']) await refused('ERR_JWT_ALGORITHM', () => everyDoor(token(claims, { alg, enc: 'A256GCM', p2c: 2 ** 31 })))
  })
})

describe('a nested token is no claim set', () => {
  it('a payload that is a compact token is malformed, whatever cty says', async () => {
    for (const header of [head, { ...head, cty: 'JWT' }]) await refused('ERR_JWT_MALFORMED', () => everyDoor(token(good, header)))
    await everyDoor(token(claims, { ...head, cty: 'JWT' }))
  })
})

describe('array, text and null as the claim set: no check may be skipped (fast-jwt #638)', () => {
  it.each(['[]', '[{"exp":9999999999}]', '"x"', '1', 'true', 'false', 'null'])('%s: refused, with every option', async (payload) => {
    for (const options of [{}, { requireExpiry: false }, { requireExpiry: false, audience: false, type: false }]) await refused('ERR_JWT_MALFORMED', () => everyDoor(token(payload), secret, { ...hs256, ...options }))
  })

  it('twin: an empty object is a claim set when nothing is required', async () => {
    expect((await everyDoor(token('{}'), secret, { ...hs256, requireExpiry: false })).payload).toEqual({})
  })
})

describe('unknown critical extensions (CVE-2025-59420, CVE-2026-32597, CVE-2026-35042)', () => {
  it('honestly signed, and refused all the same; handled, and accepted', async () => {
    const text = token(claims, { ...head, crit: ['http://example.invalid/UNDEFINED'], 'http://example.invalid/UNDEFINED': true })
    await refused('ERR_JWT_CRITICAL', () => everyDoor(text))
    await everyDoor(text, secret, { ...hs256, crit: ['http://example.invalid/UNDEFINED'] })
  })

  it('b64: false is refused before the payload is looked at (CVE-2026-48525, RFC 7797 7)', async () => {
    const header = b64({ ...head, b64: false, crit: ['b64'] })
    for (const payload of [JSON.stringify(claims), 'x'.repeat(15_000), '!', b64(claims)]) {
      const text = `${header}.${payload}.${mac(`${header}.${payload}`)}`
      await refused('ERR_JWT_CRITICAL', () => everyDoor(text))
      await refused('ERR_JWT_CRITICAL', () => everyDoor(text, secret, { ...hs256, crit: ['x'] }))
    }
    await everyDoor(token(claims, { ...head, b64: true }))
  })
})

describe('prototypes (CVE-2024-34273)', () => {
  it('alg, exp, aud and crit in __proto__ are not the token\'s own', async () => {
    await refused('ERR_JWT_MALFORMED', () => everyDoor(token(claims, '{"__proto__":{"alg":"HS256"}}')))
    await refused('ERR_JWT_CLAIM', () => everyDoor(token(`{"__proto__":{"exp":${claims.exp}}}`)), { claim: 'exp' })
    await refused('ERR_JWT_CLAIM', () => everyDoor(token(`{"exp":${claims.exp},"__proto__":{"aud":"me"}}`), secret, { ...hs256, audience: 'me' }), { claim: 'aud' })
    await refused('ERR_JWT_CLAIM', () => everyDoor(token(`{"exp":${claims.exp},"constructor":{"prototype":{"sub":"me"}}}`), secret, { ...hs256, subject: 'me' }), { claim: 'sub' })
  })

  it('an honest token with __proto__ and constructor is accepted and pollutes nothing', async () => {
    const members = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}'
    const { payload, header } = await everyDoor(token(`{"exp":${claims.exp},${members}}`, `{"alg":"HS256",${members}}`))
    for (const object of [payload, header, {}]) expect((object as Record<string, unknown>)['polluted']).toBeUndefined()
    for (const object of [payload, header]) expect(Object.keys(object)).toContain('__proto__')
  })

  it('a hook that gets such claims is not polluted either', async () => {
    const text = token(`{"exp":${claims.exp},"iss":"me","__proto__":{"admin":true}}`)
    await verify(text, secret, { ...hs256, issuer: (_: string, body: Record<string, unknown>) => body['admin'] === undefined, isRevoked: (body: Record<string, unknown>) => body['admin'] === true })
  })
})

describe('another spelling of the same token escapes a list of revoked token texts', () => {
  it('there is one spelling of header, payload and signature: every other is refused', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const honest = decode(good).signature
    let same = 0
    for (const last of alphabet) {
      const text = good.slice(0, -1) + last
      const lax = (globalThis as unknown as { atob: (text: string) => string }).atob(text.split('.')[2]!.replaceAll('-', '+').replaceAll('_', '/'))
      if (lax === String.fromCharCode(...honest)) same++
      if (text === good) await everyDoor(text)
      else await expect(everyDoor(text)).rejects.toMatchObject({ code: /_SIGNATURE|_MALFORMED/ })
    }
    expect(same).toBe(4) // 32 octets leave two spare bits, so that lax decoders know four spellings
  })
})

describe('claims of a wrong type are not absent claims', () => {
  const later = now + 60
  const table: [string, string][] = [
    ['exp: 0 (CVE-2026-44459)', '{"exp":0}'], ['exp as text (CVE-2026-44459)', `{"exp":"${later}"}`], ['exp = Infinity (1e400 in JSON, CVE-2026-44459)', '{"exp":1e400}'], ['exp = -Infinity', '{"exp":-1e400}'], ['exp as an array', `{"exp":[${later}]}`],
    ['exp: true', '{"exp":true}'], ['exp: null', '{"exp":null}'], ['nbf as text (CVE-2026-25537)', `{"exp":${later},"nbf":"${now - 1}"}`], ['nbf: null', `{"exp":${later},"nbf":null}`], ['nbf = Infinity', `{"exp":${later},"nbf":1e400}`], ['iat as text', `{"exp":${later},"iat":"yesterday"}`],
    ['iat: null', `{"exp":${later},"iat":null}`], ['iss as an array (CVE-2025-30144)', `{"exp":${later},"iss":["good"]}`], ['sub as a number', `{"exp":${later},"sub":1}`], ['jti as an object', `{"exp":${later},"jti":{}}`], ['aud as an object (CVE-2020-26160)', `{"exp":${later},"aud":{"0":"api"}}`], ['aud nested', `{"exp":${later},"aud":[["api"]]}`],
  ]
  it.each(table)('%s: refused', async (_, payload) => {
    await expect(everyDoor(token(payload), secret, { ...hs256, audience: ['api'], requireExpiry: false })).rejects.toMatchObject({ code: /_CLAIM|_EXPIRED/ })
    await expect(everyDoor(token(payload), secret, { ...hs256, audience: false, requireExpiry: false })).rejects.toMatchObject({ code: /_CLAIM|_EXPIRED/ })
  })

  it('twin: the same claims with their types are accepted', async () => {
    await everyDoor(token({ exp: later, nbf: now - 1, iat: now, iss: 'good', sub: '1', jti: '{}', aud: ['api'] }), secret, { ...hs256, audience: ['api'] })
  })

  it('a tolerance that is no number, or without end, cannot be given (fast-jwt #640)', async () => {
    for (const clockTolerance of [Infinity, NaN, -1, '60', 1e9]) await expect(everyDoor(token({ exp: 1 }), secret, { ...hs256, clockTolerance })).rejects.toBeInstanceOf(TypeError)
    await everyDoor(token({ exp: now - 1 }), secret, { ...hs256, clockTolerance: 2 })
  })

  it('an expired token with a bad signature is a bad signature: nothing of it is told (CVE-2024-51744)', async () => {
    for (const payload of [{ exp: 1 }, { exp: 'x' }, { ...claims, aud: 'x' }]) {
      const error = await refused('ERR_JWT_SIGNATURE', () => everyDoor(token(payload, head, 'x'.repeat(64))))
      expect([error.issues.length, error.payload]).toEqual([1, undefined])
    }
    await refused('ERR_JWT_EXPIRED', () => everyDoor(token({ exp: 1 })))
  })

  it('the payload that is judged is the one that was signed, not one that decodes alike', async () => {
    await refused('ERR_JWT_SIGNATURE', () => everyDoor(`${b64(head)}.${b64({ ...claims, sub: 'admin' })}.${s}`))
    await everyDoor(sealed(b64(head), b64({ ...claims, sub: 'admin' })))
  })
})
