// Duties of RFC 7515, 7518, 7638 and 7797 that no other test states. DUTIES.md says where the others are.

import { describe, expect, test } from 'vitest'
import { decode, keySet, thumbprint } from 'waxseal'
import { doors } from '../support/doors'
import { b64u, fromB64u, hex, identifier, integer, node, nodePrivate, nodeSign, nothing, oids, p256, p384, p521, pkcs1Private, pkcs8, publicOf, rsa, rsa1024, sequence, tagged, untyped, type Jwk } from '../support/keys'
import '../support/ran'
import { b64, claims, head, hs256, misused, refused, secret, token, unb64, utf8 } from '../support/tokens'

const { exportJwk } = untyped

/** The names that stand in a segment, as often as they stand there. */
const namesIn = (segment: string): string[] => [...new TextDecoder().decode(unb64(segment)).matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].map(([, name]) => name!)
declare class TextDecoder { decode(bytes: Uint8Array): string }

/** A token whose signature node:crypto makes with what it is told, whatever alg says. */
function rsaToken(alg: string, hash: string | null, key: object): string {
  const input = `${b64({ alg })}.${b64(claims)}`
  return `${input}.${b64u(node.sign(hash, utf8(input), key))}`
}

for (const { name: door, verify, sign, signBytes, verifyBytes, importJwk } of doors) describe(`${door}`, () => {
  const key = (jwk: Jwk, name: string): Promise<unknown> => importJwk(publicOf(jwk), name)

  test('RFC 7515 4 (1), RFC 7519 4 (1): what sign writes names no parameter and no claim twice, and what would is a TypeError', async () => {
    const options = { algorithm: 'HS256', expiresIn: 60, issuer: 'me', audience: 'you', keyId: 'k', type: 'x', header: { b: 1, crit: ['b'], '': 0, é: 1 } }
    const [h, p] = (await sign({ sub: 'a', nbf: 1, jti: 'x', '': 1, 'é"': 2 }, secret, options)).split('.') as [string, string]
    for (const segment of [h, p]) expect(namesIn(segment)).toEqual([...new Set(namesIn(segment))])
    expect([namesIn(h).length, namesIn(p).length]).toEqual([7, 9])
    for (const name of ['alg', 'typ', 'kid']) await misused(() => sign({}, secret, { ...options, header: { [name]: 'x' } }), 'header')
    for (const claim of ['exp', 'iss', 'aud']) await misused(() => sign({ [claim]: claim === 'exp' ? claims.exp : 'x' }, secret, options), claim)
    for (const [option, value] of [['header', { alg: 'x' }], ['type', 5]] as const) await misused(() => signBytes(new Uint8Array(), secret, { algorithm: 'HS256', [option]: value }), option)
  })

  describe('RFC 7515 5.3 (1), RFC 7515 10.13 (1): names and values are compared verbatim, after unescaping', () => {
    const set = keySet({ keys: [{ kty: 'oct', k: b64(secret), alg: 'HS256', kid: 'sig' }] })

    test('an escaped character is the character', async () => {
      for (const kid of ['"sig"', '"\\u0073ig"', '"\\u0073\\u0069\\u0067"']) await verify(token(claims, `{"alg":"HS256","kid":${kid}}`), set)
      await verify(token(claims, '{"\\u0061lg":"\\u0048S256"}'))
      await verify(token(claims, '{"alg":"HS256","\\u0063rit":["\\u0078"],"x":1}'), secret, { ...hs256, crit: ['x'] })
      await refused('ERR_JWT_CRITICAL', () => verify(token(claims, '{"alg":"HS256","\\u0063rit":["\\u0078"],"x":1}')))
      await verify(token(`{"\\u0065xp":${claims.exp},"iss":"\\u006de"}`), secret, { ...hs256, issuer: 'me' })
    })

    test('another case is another name, escaped or not', async () => {
      for (const kid of ['"SIG"', '"Sig"', '"si\\u0047"', '"s\\u0131g"']) await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, `{"alg":"HS256","kid":${kid}}`), set))
      await refused('ERR_JWT_MALFORMED', () => verify(token(claims, '{"ALG":"HS256"}')))
      await refused('ERR_JWT_ALGORITHM', () => verify(token(claims, '{"alg":"\\u0068S256"}')))
      await refused('ERR_JWT_CLAIM', () => verify(token(`{"EXP":${claims.exp}}`)), { claim: 'exp' })
    })
  })

  test('RFC 7515 10.13 (2): characters beyond the basic plane are preserved and compared, in kid, names and claims', async () => {
    const clef = '\u{1d11e}'
    const set = keySet({ keys: [{ kty: 'oct', k: b64(secret), alg: 'HS256', kid: clef }] })
    for (const kid of [`"${clef}"`, '"\\uD834\\uDD1E"', '"\\ud834\\udd1e"']) await verify(token(claims, `{"alg":"HS256","kid":${kid}}`), set)
    for (const kid of ['"\\ud834"', '"\\udd1e\\ud834"', '"\u{1d11f}"', '"\ufffd"']) await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, `{"alg":"HS256","kid":${kid}}`), set))
    const text = await sign({ exp: claims.exp, [clef]: clef, sub: clef }, secret, { algorithm: 'HS256', issuedAt: false, header: { [clef]: clef } })
    const { payload, header } = await verify(text, secret, { ...hs256, subject: clef, requiredClaims: [clef], requiredHeader: { [clef]: clef } })
    expect([payload, header[clef]]).toEqual([{ exp: claims.exp, [clef]: clef, sub: clef }, clef])
  })

  test('RFC 7515 10.6 (1): an RSASSA-PKCS1-v1_5 signature over another hash than that of alg is refused', async () => {
    const hashes = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' }
    for (const alg of Object.keys(hashes)) for (const hash of [...Object.values(hashes), 'sha1', 'sha224']) {
      const check = async (): Promise<unknown> => verify(rsaToken(alg, hash, nodePrivate(rsa)), await key(rsa, alg), { ...hs256, algorithms: [alg] })
      if (hash === hashes[alg as 'RS256']) await check()
      else await refused('ERR_JWT_SIGNATURE', check)
    }
  })

  test('RFC 7518 3.4 (1): r and s keep their leading zeros, in what is signed and in what is verified', async () => {
    const signing = await importJwk(p256, 'ES256')
    const verifying = await key(p256, 'ES256')
    let found = 0
    for (let i = 0; i < 4000 && found < 2; i++) {
      const text = await signBytes(Uint8Array.of(i, i >> 8), signing)
      const signature = unb64(text.split('.')[2]!)
      expect(signature.length).toBe(64)
      if (signature[0] !== 0 && signature[32] !== 0) continue
      found++
      await verifyBytes(text, verifying, { algorithms: ['ES256'] })
      const short = signature[0] === 0 ? signature.slice(1) : Uint8Array.from([...signature.slice(0, 32), ...signature.slice(33)])
      await refused('ERR_JWT_SIGNATURE', () => verifyBytes(text.replace(/[^.]*$/, b64(short)), verifying, { algorithms: ['ES256'] }))
    }
    expect(found).toBe(2)
  })

  test('RFC 7518 3.5 (1): a key of 1024 bits serves no PS*, to sign or to verify; one of 2048 does', async () => {
    for (const alg of ['PS256', 'PS384', 'PS512']) {
      for (const jwk of [rsa1024, publicOf(rsa1024)]) await refused('ERR_JWT_KEY', () => importJwk(jwk, alg))
      const text = await sign({ exp: claims.exp }, await importJwk(rsa, alg))
      await verify(text, await key(rsa, alg), { ...hs256, algorithms: [alg] })
    }
  })

  test('RFC 7518 3.5 (2): a PSS signature has a salt as long as the hash, and the hash of alg in MGF1 as well', async () => {
    const options = { ...hs256, algorithms: ['PS256'] }
    const verifying = await key(rsa, 'PS256')
    const padding = 6 // RSA_PKCS1_PSS_PADDING
    for (const saltLength of [0, 20, 31, 33, 64, 222]) await refused('ERR_JWT_SIGNATURE', () => verify(rsaToken('PS256', 'sha256', { key: nodePrivate(rsa), padding, saltLength }), verifying, options))
    await refused('ERR_JWT_SIGNATURE', () => verify(rsaToken('PS256', 'sha384', { key: nodePrivate(rsa), padding, saltLength: 32 }), verifying, options))

    const sha = (digits: string): Uint8Array => identifier(digits, nothing)
    const sha256 = '608648016503040201'
    const mixed = (maskHash: string): object => node.createPrivateKey({
      key: pkcs8(identifier(oids.rsaPss, sequence(tagged(0, sha(sha256)), tagged(1, identifier('2a864886f70d010108', sha(maskHash))), tagged(2, integer(Uint8Array.of(32))))), pkcs1Private(rsa)),
      format: 'der', type: 'pkcs8',
    })
    for (const maskHash of ['2b0e03021a', '608648016503040202']) await refused('ERR_JWT_SIGNATURE', () => verify(rsaToken('PS256', 'sha256', mixed(maskHash)), verifying, options))

    for (const honest of [{ key: nodePrivate(rsa), padding, saltLength: 32 }, mixed(sha256)]) await verify(rsaToken('PS256', 'sha256', honest), verifying, options)
  })

  test.each([['P-256', 'ES256', p256, 32], ['P-384', 'ES384', p384, 48], ['P-521', 'ES512', p521, 66]] as const)('RFC 7518 6.2.2.1 (1): %s: d has the full size, in what is read and in what is written', async (_, name, jwk, size) => {
    const d = fromB64u(jwk.d)
    expect(d.length).toBe(size)
    for (const other of [d.slice(1), Uint8Array.from([0, ...d]), d.slice(0, -1), Uint8Array.from([...d, 0]), new Uint8Array()]) await refused('ERR_JWT_KEY', () => importJwk({ ...jwk, d: b64u(other) }, name))
    const written = await exportJwk(await importJwk(jwk, name, { extractable: true }))
    expect(fromB64u(written['d'] as string).length).toBe(size)
  })

  test('RFC 7518 6.3.2 (1), RFC 7518 6.3.2 (2), RFC 7518 6.3.2 (3), RFC 7518 6.3.2.7 (1): an RSA private key has d and all its other members, and no oth', async () => {
    const members = ['d', 'p', 'q', 'dp', 'dq', 'qi']
    for (const name of members) await refused('ERR_JWT_KEY', () => importJwk({ ...rsa, [name]: undefined }, 'RS256'))
    const written = await exportJwk(await importJwk(rsa, 'RS256', { extractable: true }))
    expect(Object.keys(written)).toEqual(expect.arrayContaining(members))
    expect(written).not.toHaveProperty('oth')
    for (const oth of [[], [{ r: 'AQ', d: 'AQ', t: 'AQ' }], null]) await refused('ERR_JWT_KEY', () => importJwk({ ...rsa, oth }, 'RS256'))
  })
})

/** RFC 7638 3.1 */
const example = { kty: 'RSA', n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw', e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }

test('RFC 7638 3 (1), RFC 7638 3 (2): the thumbprint of the key that the RFC prints is the one it prints, however the JWK is written', async () => {
  const printed = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'
  const { kid, alg, ...required } = example
  for (const jwk of [example, required, Object.fromEntries(Object.entries(example).reverse()), { ...example, use: 'sig', 'é': 1 }]) expect(await thumbprint(jwk)).toBe(printed)
  expect(await thumbprint({ ...example, e: 'Aw' })).not.toBe(printed)
  const text = `{"e":"AQAB","kty":"RSA","n":"${example.n}"}`
  expect(node.createHash('sha256').update(text).digest('base64url')).toBe(printed)
})

test('the tokens of this file are made well: node:crypto signs them as the library does', async () => {
  const { signingInput, signature } = decode(rsaToken('RS256', 'sha256', nodePrivate(rsa)))
  expect(signature).toEqual(nodeSign('RS256', nodePrivate(rsa), utf8(signingInput)))
  expect(hex('00ff').length + b64(head).length).toBeGreaterThan(2)
})
