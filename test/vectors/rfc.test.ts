// Vectors that the RFCs print, typed in.

import { describe, expect, test } from 'vitest'
import { decode, type Algorithm } from 'waxseal'
import { b64u, ed25519, fromB64u, load, misused, oct, p256, publicOf, refused, rsa, rsa2, untyped, utf8, type Jwk } from '../support/keys'

const { keySet, sign, signBytes, thumbprint, verify, verifyBytes } = untyped

// ─── RFC 7515 appendix A: claims of Joe, signed three times ──────────────────

const payload = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
const joe = { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true }

const rfc7515: readonly (readonly [section: string, name: Algorithm, key: Jwk, token: string])[] = [
  ['A.1', 'HS256', oct, `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`],
  ['A.2', 'RS256', publicOf(rsa), `eyJhbGciOiJSUzI1NiJ9.${payload}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw`],
  ['A.3', 'ES256', publicOf(p256), `eyJhbGciOiJFUzI1NiJ9.${payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`],
]

test.for(rfc7515)('RFC 7515 %s: a %s token of 2011 verifies at its time, has expired since, and nothing else is wrong with it', async ([, name, jwk, token]) => {
  const key = await load(jwk, name)
  const options = { algorithms: [name] }
  expect((await verify(token, key, { ...options, now: new Date(1300819379_999) })).payload).toEqual(joe)
  expect((await verifyBytes(token, key, options)).payload).toEqual(fromB64u(payload))
  expect((await refused(verify(token, key, { ...options, now: new Date(1300819380_000) }), 'ERR_JWT_EXPIRED')).payload).toEqual(joe)
  await refused(verify(token.replace('.eyJpc3MiOiJqb2Ui', '.eyJpc3MiOiJqb2Uj'), key, options), 'ERR_JWT_SIGNATURE')
})

test('RFC 7515 A.2: the deterministic signature is made anew, octet by octet', async () => {
  expect(await signBytes(fromB64u(payload), await load(rsa, 'RS256'), { type: false })).toBe(rfc7515[1]![3])
})

test('RFC 7515 A.5: an unsecured token is refused', async () => {
  const token = `eyJhbGciOiJub25lIn0.${payload}.`
  for (const [, name, jwk] of rfc7515) await refused(verify(token, await load(jwk, name), { algorithms: [name] }), 'ERR_JWT_ALGORITHM')
})

test('RFC 7515 A.6, A.7: a JSON serialization is no token', async () => {
  const [, , signature] = rfc7515[2]![3].split('.')
  const flattened = { payload, protected: 'eyJhbGciOiJFUzI1NiJ9', header: { kid: 'e9bc097a-ce51-4036-9562-d2ade882db0d' }, signature }
  for (const value of [flattened, JSON.stringify(flattened), JSON.stringify({ payload, signatures: [flattened] })]) {
    await refused(verify(value, await load(publicOf(p256), 'ES256'), { algorithms: ['ES256'] }), 'ERR_JWT_MALFORMED')
  }
})

test('RFC 7515 appendix E: a token with an unknown critical header parameter is refused', async () => {
  await refused(verifyBytes('eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.', utf8('k'.repeat(32)), { algorithms: ['HS256'] }), 'ERR_JWT_ALGORITHM')
  const name = 'http://example.com/UNDEFINED'
  const key = await load(oct, 'HS256')
  const token = await signBytes(utf8('FAIL'), key, { header: { crit: [name], [name]: true } })
  await refused(verifyBytes(token, key, { algorithms: ['HS256'] }), 'ERR_JWT_CRITICAL')
  expect((await verifyBytes(token, key, { algorithms: ['HS256'], crit: [name] })).payload).toEqual(utf8('FAIL'))
})

// ─── RFC 7520 section 4: the cookbook ────────────────────────────────────────

const frodo = 'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4'
const kid = 'bilbo.baggins@hobbiton.example'
const ec = { kty: 'EC', kid: 'bilbo.baggins@hobbiton.example', use: 'sig', crv: 'P-521', x: 'AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt', y: 'AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1', d: 'AAhRON2r9cqXX1hg-RoI6R1tX5p2rUAYdmpHZoC1XNM56KtscrX6zbKipQrCW9CGZH3T4ubpnoTKLDYJ_fF3_rJt' }
const mac = { kty: 'oct', kid: '018c0ae5-4d9b-471b-bfd6-eef314bc7037', use: 'sig', alg: 'HS256', k: 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg' }

const rfc7520: readonly (readonly [section: string, name: Algorithm, key: Jwk, token: string])[] = [
  ['4.1', 'RS256', { ...rsa2, kid, use: 'sig' }, `eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${frodo}.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg`],
  ['4.2', 'PS384', { ...rsa2, kid, use: 'sig' }, `eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${frodo}.cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw`],
  ['4.3', 'ES512', ec, `eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${frodo}.AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2`],
  ['4.4', 'HS256', mac, `eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.${frodo}.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0`],
]

describe.for(rfc7520)('RFC 7520 %s: %s', ([, name, jwk, token]) => {
  const publicJwk = jwk['kty'] === 'oct' ? jwk : publicOf(jwk)
  const options = { algorithms: [name] }

  test('verifies', async () => {
    for (const key of [await load(publicJwk, name), keySet({ keys: [publicJwk] })]) {
      const { payload, header } = await verifyBytes(token, key, options)
      expect(payload).toEqual(fromB64u(frodo))
      expect(header).toEqual({ alg: name, kid: jwk['kid'] })
    }
  })

  test('is no JWT, since its payload is no JSON', async () => {
    await refused(verify(token, await load(publicJwk, name), options), 'ERR_JWT_MALFORMED')
  })

  test('signs likewise: with the same octets where the algorithm is deterministic', async () => {
    const again = await signBytes(fromB64u(frodo), await load(jwk, name), { type: false })
    expect(again.slice(0, again.lastIndexOf('.'))).toBe(token.slice(0, token.lastIndexOf('.')))
    expect((await verifyBytes(again, await load(publicJwk, name), options)).payload).toEqual(fromB64u(frodo))
    if (/^[RH]S/.test(name)) expect(again).toBe(token)
  })

  test('4.5 with its content detached', async () => {
    const [header, , signature] = token.split('.')
    const key = await load(publicJwk, name)
    expect((await verifyBytes(`${header}..${signature}`, key, { ...options, detachedPayload: fromB64u(frodo) })).payload).toEqual(fromB64u(frodo))
    await refused(verifyBytes(`${header}..${signature}`, key, options), 'ERR_JWT_SIGNATURE')
    await refused(verifyBytes(token, key, { ...options, detachedPayload: fromB64u(frodo) }), 'ERR_JWT_MALFORMED')
  })
})

test('RFC 7520 4.6, 4.7: what has no protected alg has no compact form, and an empty header is refused', async () => {
  await refused(verifyBytes(`.${frodo}.xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk`, await load(mac), { algorithms: ['HS256'] }), 'ERR_JWT_MALFORMED')
  await refused(verifyBytes(`${b64u(`{"kid":"${mac.kid}"}`)}.${frodo}.xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk`, await load(mac), { algorithms: ['HS256'] }), 'ERR_JWT_MALFORMED')
})

// ─── RFC 8037 appendix A: Ed25519 ────────────────────────────────────────────

test('RFC 8037 A.4, A.5: the Ed25519 signature is made and verified', async () => {
  const token = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'
  expect(await signBytes(utf8('Example of Ed25519 signing'), await load(ed25519, 'EdDSA'), { type: false })).toBe(token)
  const key = await load(publicOf(ed25519), 'EdDSA')
  expect((await verifyBytes(token, key, { algorithms: ['EdDSA'] })).payload).toEqual(utf8('Example of Ed25519 signing'))
  await refused(verifyBytes(token, key, { algorithms: ['Ed25519'] }), 'ERR_JWT_ALGORITHM')
  await refused(verifyBytes(token.replace('hgyY', 'hgyZ'), key, { algorithms: ['EdDSA'] }), 'ERR_JWT_SIGNATURE')
})

// ─── thumbprints ─────────────────────────────────────────────────────────────

test.for<readonly [source: string, jwk: Jwk, expected: string]>([
  ['RFC 7638 3.1', { kty: 'RSA', n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw', e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }, 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
  ['RFC 8037 A.3', publicOf(ed25519), 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'],
  ['RFC 8037 A.3, of the private key', ed25519, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'],
])('%s: the thumbprint is as printed', async ([, jwk, expected]) => {
  expect(await thumbprint(jwk)).toBe(expected)
  expect(await thumbprint(await load(jwk, jwk['kty'] === 'RSA' ? 'RS256' : 'EdDSA'))).toBe(expected)
})

// ─── RFC 7797: the unencoded payload, which a JWT must not use ───────────────

describe('RFC 7797 section 4: b64 false is refused, whatever crit says', async () => {
  const key = await load(oct, 'HS256')
  const header = 'eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19'
  const signature = 'A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY' // over header + ".$.02"
  test('4.2, as it is printed and in every compact form', async () => {
    for (const content of ['$.02', 'JC4wMg', '']) await refused(verify(`${header}.${content}.${signature}`, key, { algorithms: ['HS256'] }), content === '$.02' ? 'ERR_JWT_MALFORMED' : 'ERR_JWT_CRITICAL')
    await refused(verifyBytes(`${header}..${signature}`, key, { algorithms: ['HS256'], detachedPayload: utf8('$.02') }), 'ERR_JWT_CRITICAL')
  })

  test('4.1: the same content encoded verifies', async () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ'
    expect((await verifyBytes(token, key, { algorithms: ['HS256'] })).payload).toEqual(utf8('$.02'))
    expect(await signBytes(utf8('$.02'), key, { type: false })).toBe(token)
  })

  test('b64 false without crit, and what resembles it, are refused; b64 can neither be signed nor named', async () => {
    for (const b64 of ['false', '0', '"false"']) {
      const token = `${b64u(`{"alg":"HS256","b64":${b64}}`)}.JC4wMg.${signature}`
      await refused(verifyBytes(token, key, { algorithms: ['HS256'] }), 'ERR_JWT_CRITICAL')
    }
    await misused(verifyBytes(`${header}..${signature}`, key, { algorithms: ['HS256'], crit: ['b64'] }))
    await misused(signBytes(utf8('$.02'), key, { header: { b64: false, crit: ['b64'] } }))
    await misused(sign({ exp: 1 }, key, { header: { b64: false } }))
  })
})

test('the vectors of this file are decoded as they are printed', () => {
  expect(decode(rfc7515[0]![3]).header).toEqual({ typ: 'JWT', alg: 'HS256' })
  expect(utf8('It’s a dangerous business').every((octet, i) => fromB64u(frodo)[i] === octet)).toBe(true)
})
