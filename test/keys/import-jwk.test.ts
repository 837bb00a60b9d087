// importJwk: every check of API "Keys". A faulty public member is refused by importJwk and set aside by keySet, for the
// same reason: one table serves both.

import { createECDH } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { decode, isJwtError, keySet, type Algorithm } from 'waxseal'
import { asynchronous } from '../support/door'
import {
  b64u, Buffer, claims, ed25519, fromB64u, hex, isHmac, join, load, materialFor, misused, nodeAccepts, nodePublic, oct, otherEd25519, otherP256, p256, p384, p521, publicOf,
  refused, rsa, rsa1024, rsa2, rsa2047, rsaE3, secretMembers, subtle, supported, untyped, x25519, type Jwk,
} from '../support/keys'

const { exportJwk, importJwk, sign, verify } = { ...untyped, importJwk: load }

const openRsa = publicOf(rsa)
const openEc = publicOf(p256)
const openEd = publicOf(ed25519)

/** A member with one octet more in front or one less. */
const prefixed = (text: string, ...front: number[]): string => b64u(join(Uint8Array.from(front), fromB64u(text)))
const shortened = (text: string): string => b64u(fromB64u(text).slice(1))
const changed = (text: string, at = 0): string => {
  const bytes = fromB64u(text)
  bytes.set([bytes.at(at)! ^ 1], at < 0 ? bytes.length + at : at)
  return b64u(bytes)
}
/** The same octets with an unused trailing bit set: 32 octets leave two bits, 65 (66) none to spare. */
const noncanonical = (text: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)!) + 1]
}
const bigInt = (text: string): bigint => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`)
const octetsOf = (value: bigint): string => b64u(hex((value.toString(16).length % 2 ? '0' : '') + value.toString(16)))
const modulus = (bits: number): string => octetsOf((1n << BigInt(bits - 1)) + 1n)

/** Encodings of points whose order divides 8 (RFC 7748 6.1 for the curve, RFC 8032 5.1.7), least significant octet first. */
const smallOrder: readonly (readonly [string, string])[] = [
  ['order 1', `01${'00'.repeat(31)}`], ['order 1, sign bit set', `01${'00'.repeat(30)}80`], ['order 2', `ec${'ff'.repeat(30)}7f`], ['order 2, sign bit set', `ec${'ff'.repeat(31)}`],
  ['order 4', '00'.repeat(32)], ['order 4, the other', `${'00'.repeat(31)}80`],
  ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'], ['order 8, the second', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
  ['order 8, the third', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'], ['order 8, the fourth', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
  ['order 4 written as p', `ed${'ff'.repeat(30)}7f`], ['order 4 written as p, sign bit set', `ed${'ff'.repeat(31)}`],
  ['order 1 written as p + 1', `ee${'ff'.repeat(30)}7f`], ['order 1 written as p + 1, sign bit set', `ee${'ff'.repeat(31)}`],
]
const p256Prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const yOfFive = 'RZJDuapYGAb-kTvOmYF63hHKUDxk2aPFM0FcCDJI-8w'

/** Public (and oct) members that no key may be made of. */
const faulty: readonly (readonly [title: string, jwk: Jwk, algorithm?: Algorithm])[] = [
  // base64url
  ...['=', '==', '\n', ' ', '.', '!', '\0'].map((tail) => [`base64url: ${JSON.stringify(tail)} behind a member`, { ...openEc, x: p256.x + tail }, 'ES256'] as const),
  ['base64url: the alphabet of plain base64', { ...openEc, y: p256.y.replace('_', '/') }, 'ES256'],
  ['base64url: the alphabet of plain base64 in n', { ...openRsa, n: rsa.n.replace('-', '+') }, 'RS256'],
  ['base64url: trailing bits in an EC coordinate', { ...openEc, x: noncanonical(p256.x) }, 'ES256'],
  ['base64url: trailing bits in Ed25519 x', { ...openEd, x: noncanonical(ed25519.x) }, 'Ed25519'],
  ['base64url: trailing bits in RSA n', { ...openRsa, n: noncanonical(rsa.n) }, 'RS256'],
  ['base64url: trailing bits in k', { ...oct, k: noncanonical(oct.k) }, 'HS256'],
  ['base64url: padding in k', { ...oct, k: `${oct.k}==` }, 'HS256'],
  ['base64url: white space in k', { ...oct, k: oct.k.replace('P', 'P ') }, 'HS256'],
  ['base64url: a length of 4n + 1', { ...openEd, x: `${ed25519.x}AA` }, 'Ed25519'],
  // types of members
  ...[undefined, null, 65537, ['AQAB'], {}, true].map((e) => [`e is ${JSON.stringify(e)}`, { ...openRsa, e }, 'RS256'] as const),
  ...[undefined, null, 1, [p256.x]].map((x) => [`x is ${JSON.stringify(x)?.slice(0, 10)}`, { ...openEc, x }, 'ES256'] as const),
  ['y is missing', { ...openEc, y: undefined }, 'ES256'],
  ['k is missing', { kty: 'oct' }, 'HS256'],
  ['k is empty', { kty: 'oct', k: '' }, 'HS256'],
  ['n is empty', { ...openRsa, n: '' }, 'RS256'],
  ['e is empty', { ...openRsa, e: '' }, 'RS256'],
  ['kid is a number', { ...openEc, kid: 1 }, 'ES256'],
  ['kid is null', { ...openEc, kid: null }, 'ES256'],
  // kty and crv
  ...[undefined, null, '', 'ec', 'EC ', 'OKP', 'oct', 'RSA', 'constructor', '__proto__', 1, ['EC']].map((kty) => [`an EC key with kty ${JSON.stringify(kty)}`, { ...openEc, kty }, 'ES256'] as const),
  ...['OCT', 'rsa', 'RSA '].map((kty) => [`kty ${kty}`, { ...openRsa, kty }, 'RS256'] as const),
  ...[undefined, null, '', 'p-256', 'P256', 'P-384', 'P-521', 'secp256k1', 'Ed25519', 'prime256v1', 1, ['P-256']].map((crv) => [`a P-256 key with crv ${JSON.stringify(crv)}`, { ...openEc, crv }, 'ES256'] as const),
  ...[undefined, 'ed25519', 'X25519', 'Ed448', 'P-256'].map((crv) => [`an Ed25519 key with crv ${JSON.stringify(crv)}`, { ...openEd, crv }, 'Ed25519'] as const),
  ['an X25519 key', publicOf(x25519), 'Ed25519'],
  ['kty AKP without alg', { kty: 'AKP', pub: b64u(new Uint8Array(1312)) }, 'ML-DSA-44'],
  ['kty AKP, a public part of another size', { kty: 'AKP', alg: 'ML-DSA-44', pub: b64u(new Uint8Array(1311)) }],
  ['kty AKP, the public part of another ML-DSA', { kty: 'AKP', alg: 'ML-DSA-65', pub: b64u(new Uint8Array(1312)) }],
  ['kty AKP, a public part that is not canonical', { kty: 'AKP', alg: 'ML-DSA-44', pub: `${b64u(new Uint8Array(1312))}=` }],
  // lengths and points
  ['x one octet short', { ...openEc, x: shortened(p256.x) }, 'ES256'],
  ['y one octet short', { ...openEc, y: shortened(p256.y) }, 'ES256'],
  ['x with a leading zero octet', { ...openEc, x: prefixed(p256.x, 0) }, 'ES256'],
  ['P-384 y with a leading zero octet', { ...publicOf(p384), y: prefixed(p384.y, 0) }, 'ES384'],
  ['P-521 x without its leading zero octet', { ...publicOf(p521), x: shortened(p521.x) }, 'ES512'],
  ['P-256 coordinates said to be of P-384', { ...openEc, crv: 'P-384' }, 'ES384'],
  ['Ed25519 x of 31 octets', { ...openEd, x: shortened(ed25519.x) }, 'Ed25519'],
  ['Ed25519 x of 33 octets', { ...openEd, x: prefixed(ed25519.x, 0) }, 'Ed25519'],
  ['a point off P-256', { ...openEc, y: changed(p256.y, -1) }, 'ES256'],
  ['a point off P-384', { ...publicOf(p384), x: changed(p384.x, -1) }, 'ES384'],
  ['a point off P-521', { ...publicOf(p521), y: changed(p521.y, -1) }, 'ES512'],
  ['x and y exchanged', { ...openEc, x: p256.y, y: p256.x }, 'ES256'],
  ['the point (0, 0)', { ...openEc, x: b64u(new Uint8Array(32)), y: b64u(new Uint8Array(32)) }, 'ES256'],
  ['a coordinate that is not reduced: x + p of a point with x = 5', { ...openEc, x: octetsOf(p256Prime + 5n), y: yOfFive }, 'ES256'],
  ['a coordinate that is not reduced: p for x = 0', { ...openEc, x: octetsOf(p256Prime), y: b64u(hex('66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4')) }, 'ES256'],
  ['a coordinate that is not reduced: y + p', { ...publicOf(p521), y: octetsOf(bigInt(p521.y) + 2n ** 521n - 1n) }, 'ES512'],
  ['an Ed25519 y that no point has', { ...openEd, x: b64u(hex(`02${'00'.repeat(31)}`)) }, 'Ed25519'],
  ['an Ed25519 y that is not reduced: p + 3 (RFC 8032 5.1.3 step 1)', { ...openEd, x: b64u(hex(`f0${'ff'.repeat(30)}7f`)) }, 'Ed25519'],
  ...smallOrder.map(([title, x]) => [`an Ed25519 point of ${title}`, { ...openEd, x: b64u(hex(x)) }, 'Ed25519'] as const),
  // RSA numbers
  ['n is even', { ...openRsa, n: octetsOf(bigInt(rsa.n) - 1n) }, 'RS256'],
  ['n is nothing but 100,000 zero octets', { ...openRsa, n: 'AAAA'.repeat(33_334) }, 'RS256'],
  ['e is nothing but 100,000 zero octets', { ...openRsa, e: 'AAAA'.repeat(33_334) }, 'RS256'],
  ['n is zero', { ...openRsa, n: b64u(new Uint8Array(256)) }, 'RS256'],
  ['n of 1024 bits', publicOf(rsa1024), 'RS256'],
  ['n of 2047 bits in 256 octets', publicOf(rsa2047), 'RS256'],
  ['n of 2047 bits with a leading zero octet', { ...publicOf(rsa2047), n: prefixed(rsa2047.n, 0) }, 'RS256'],
  ['n of 16385 bits', { ...openRsa, n: modulus(16385) }, 'RS256'],
  ['e = 0', { ...openRsa, e: 'AA' }, 'RS256'],
  ['e = 1', { ...openRsa, e: 'AQ' }, 'RS256'],
  ['e = 1 behind zeros', { ...openRsa, e: 'AAAB' }, 'RS256'],
  ['e = 2', { ...openRsa, e: 'Ag' }, 'RS256'],
  ['e = 65536', { ...openRsa, e: 'AQAA' }, 'RS256'],
  ['e = 2^32', { ...openRsa, e: octetsOf(2n ** 32n) }, 'RS256'],
  ['e = 2^32 + 1', { ...openRsa, e: octetsOf(2n ** 32n + 1n) }, 'RS256'],
  ['e of 2048 bits', { ...openRsa, e: rsa.n }, 'RS256'],
  ['a third prime', { ...openRsa, oth: [] }, 'RS256'],
  // purpose
  ...['enc', 'Sig', '', 'sig ', 1, ['sig'], null].map((use) => [`use is ${JSON.stringify(use)}`, { ...openEc, use }, 'ES256'] as const),
  ...[[], ['sign'], ['encrypt'], ['Verify'], ['verify', 'verify'], ['verify', 'x', 'x'], 'verify', null, { 0: 'verify' }].map((key_ops) => [`key_ops is ${JSON.stringify(key_ops)}`, { ...openEc, key_ops }, 'ES256'] as const),
  ['use is sig but key_ops is another', { ...openEc, use: 'sig', key_ops: ['deriveBits'] }, 'ES256'],
  ['key_ops is verify but use is another', { ...openEc, use: 'enc', key_ops: ['verify'] }, 'ES256'],
  ['use of a secret is enc', { ...oct, use: 'enc' }, 'HS256'],
  ['key_ops of a secret are those of AES', { ...oct, key_ops: ['encrypt', 'decrypt'] }, 'HS256'],
  // alg
  ...['ES384', 'ES512', 'RS256', 'HS256', 'ECDH-ES', 'es256', '', 'none', 'ES256K', 1, null, ['ES256']].map((alg) => [`a P-256 key with alg ${JSON.stringify(alg)}`, { ...openEc, alg }] as const),
  ...['ES256', 'HS256', 'RSA-OAEP', 'RSA1_5', 'RS1'].map((alg) => [`an RSA key with alg ${alg}`, { ...openRsa, alg }] as const),
  ...['RS256', 'A256GCM', 'A256KW', 'dir', 'HS1'].map((alg) => [`a secret with alg ${alg}`, { ...oct, alg }] as const),
  ...['Ed448', 'ES256', 'eddsa', 'ed25519'].map((alg) => [`an Ed25519 key with alg ${alg}`, { ...openEd, alg }] as const),
  // k that is key material
  ['k is PEM', { kty: 'oct', k: b64u(nodePublic(rsa).export({ format: 'pem', type: 'spki' })) }, 'HS256'],
  ['k is a JWK', { kty: 'oct', k: b64u(JSON.stringify(openRsa)) }, 'HS256'],
  ['k is SPKI', { kty: 'oct', k: b64u(nodePublic(rsa).export({ format: 'der', type: 'spki' })) }, 'HS256'],
]

describe('a JWK that fails a check is refused by importJwk, and set aside by keySet', () => {
  test.for(faulty.map(([title, jwk, algorithm]) => ({ title, jwk, algorithm })))('$title', async ({ jwk, algorithm }) => {
    const error = await refused(importJwk(jwk, algorithm), 'ERR_JWT_KEY')
    expect(error.fault).toBe('server')
    const named = algorithm && jwk['alg'] === undefined && jwk['kty'] !== 'AKP' ? { ...jwk, alg: algorithm } : jwk
    const set = keySet({ keys: [named, { ...openEc, kid: 'good' }] as never })
    expect(set.skipped.map(({ index }) => index)).toEqual([0])
    expect(set.skipped[0]!.reason).not.toMatch(/[A-Za-z0-9_-]{24}/)
    expect((await set.toPublicJwks()).keys.map(({ kid }) => kid)).toEqual(['good'])
  })
})

test('a key type or curve that is not known is named in the refusal', async () => {
  await refused(importJwk({ ...openEc, crv: 'secp256k1' }, 'ES256'), 'ERR_JWT_KEY', /"EC","secp256k1"/)
  await refused(importJwk({ ...openEc, kty: 'XYZ', crv: undefined }, 'ES256'), 'ERR_JWT_KEY', /"XYZ",undefined/)
})

test('what stands against an algorithm or a purpose is named in the refusal', async () => {
  await refused(importJwk(openEc, 'RS256'), 'ERR_JWT_KEY', /"EC","P-256"/)
  await refused(importJwk({ ...openEc, alg: 'ES384' }, 'ES256'), 'ERR_JWT_KEY', /got "ES384"/)
  await refused(importJwk({ ...openEc, alg: 'ES384' }), 'ERR_JWT_KEY', /kty, crv: expected those of ES384, got \["EC","P-256"\]/)
  await refused(importJwk({ ...openRsa, alg: 'HS256' }), 'ERR_JWT_KEY', /kty, crv: expected those of HS256, got \["RSA",undefined\]/)
  await refused(importJwk({ ...openEc, alg: null }, 'ES256'), 'ERR_JWT_KEY', /alg: expected ES256, got null/)
  await refused(importJwk({ keys: [openEc] }, 'ES256'), 'ERR_JWT_KEY', /keySet/)
  await refused(importJwk({ ...openRsa, e: 'AQ' }, 'RS256'), 'ERR_JWT_KEY', /"2048 bits, e = 1"$/)
  await refused(importJwk({ ...openEc, use: 'enc' }, 'ES256'), 'ERR_JWT_KEY', /"enc",undefined/)
})

// ─── private keys ────────────────────────────────────────────────────────────

const swap = (jwk: Jwk, members: Jwk): Jwk => ({ ...jwk, ...members })

const unmatched: readonly (readonly [string, Jwk, Algorithm])[] = [
  ...['d', 'p', 'q', 'dp', 'dq', 'qi'].flatMap((name) => [
    [`RSA: ${name} is of another key`, swap(rsa, { [name]: rsa2[name as 'd'] }), 'RS256'],
    [`RSA: ${name} is missing`, swap(rsa, { [name]: undefined }), 'RS256'],
    [`RSA: ${name} is not canonical`, swap(rsa, { [name]: `${rsa[name as 'd']}=` }), 'RS256'],
    [`RSA: ${name} is zero`, swap(rsa, { [name]: 'AA' }), 'PS256'],
  ] as const),
  ['RSA: d is beyond n (RFC 8017 3.2)', swap(rsa, { d: octetsOf(bigInt(rsa.d) + 2n * (bigInt(rsa.p) - 1n) * (bigInt(rsa.q) - 1n)) }), 'RS256'],
  ['RSA: qi is beyond p (RFC 8017 3.2)', swap(rsa, { qi: octetsOf(bigInt(rsa.qi) + bigInt(rsa.p)) }), 'RS256'],
  ['RSA: d fits p alone', swap(rsa, { d: octetsOf(bigInt(rsa.d) + bigInt(rsa.p) - 1n) }), 'RS256'],
  ['RSA: d fits q alone', swap(rsa, { d: octetsOf(bigInt(rsa.d) + bigInt(rsa.q) - 1n) }), 'RS256'],
  ['RSA: d and dq fit each other but not e', swap(rsa, { d: octetsOf(bigInt(rsa.d) + bigInt(rsa.p) - 1n), dq: octetsOf((bigInt(rsa.d) + bigInt(rsa.p) - 1n) % (bigInt(rsa.q) - 1n)) }), 'RS256'],
  ['RSA: d and dp fit each other but not e', swap(rsa, { d: octetsOf(bigInt(rsa.d) + bigInt(rsa.q) - 1n), dp: octetsOf((bigInt(rsa.d) + bigInt(rsa.q) - 1n) % (bigInt(rsa.p) - 1n)) }), 'RS256'],
  ['RSA: n is of another key', swap(rsa, { n: rsa2.n }), 'RS256'],
  ['RSA: e is of another key', swap(rsa, { e: 'Aw' }), 'RS256'],
  ['RSA: the whole private part is of another key', { ...rsa2, n: rsa.n }, 'RS256'],
  ['RSA: p = 1, q = n', swap(rsa, { p: 'AQ', q: rsa.n }), 'RS256'],
  ['RSA: p = 1, q = n, qi = 0: nothing is divided by p - 1', swap(rsa, { p: 'AQ', q: rsa.n, qi: 'AA' }), 'RS256'],
  ['RSA: p = n, q = 1', swap(rsa, { p: rsa.n, q: 'AQ', dp: octetsOf(bigInt(rsa.d) % (bigInt(rsa.n) - 1n)) }), 'RS256'],
  ['RSA: oth', swap(rsa, { oth: [{ r: 'Aw', d: 'Aw', t: 'Aw' }] }), 'RS256'],
  ['RSA: 1024 bits', rsa1024, 'RS256'],
  ['EC: d is of another key', swap(p256, { d: otherP256.d }), 'ES256'],
  ['EC: d is zero', swap(p256, { d: b64u(new Uint8Array(32)) }), 'ES256'],
  ['EC: d is the order of the group', swap(p256, { d: b64u(hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')) }), 'ES256'],
  ['EC: d is one octet short', swap(p256, { d: shortened(p256.d) }), 'ES256'],
  ['EC: d has a leading zero octet', swap(p256, { d: prefixed(p256.d, 0) }), 'ES256'],
  ['EC: d is not canonical', swap(p256, { d: noncanonical(p256.d) }), 'ES256'],
  ['EC: no public part', { kty: 'EC', crv: 'P-256', d: p256.d }, 'ES256'],
  ['Ed25519: d is of another key', swap(ed25519, { d: otherEd25519.d }), 'Ed25519'],
  ['Ed25519: x is of another key', swap(ed25519, { x: otherEd25519.x }), 'EdDSA'],
  ['Ed25519: d is 31 octets', swap(ed25519, { d: shortened(ed25519.d) }), 'Ed25519'],
  ['Ed25519: d is not canonical', swap(ed25519, { d: noncanonical(ed25519.d) }), 'Ed25519'],
  ['an X25519 pair', x25519, 'Ed25519'],
  ['d is null', swap(p256, { d: null }), 'ES256'],
  ['d is empty', swap(p256, { d: '' }), 'ES256'],
  ['key_ops without sign', swap(p256, { key_ops: ['verify'] }), 'ES256'],
  ['use enc', swap(p256, { use: 'enc' }), 'ES256'],
]

test.for(unmatched)('a private part that does not match its public part, or is no such key, is refused: %s', async ([, jwk, algorithm]) => {
  await refused(importJwk(jwk, algorithm), 'ERR_JWT_KEY')
})

test.for(unmatched.filter(([title]) => title.startsWith('RSA')))('the numbers of an RSA key are held against each other before any runtime has it: keySet sets it aside at once: %s', ([, jwk, alg]) => {
  expect(keySet({ keys: [{ ...jwk, alg }] as never }).skipped).toMatchObject([{ index: 0 }])
})

asynchronous('a WebCrypto that is laxer than this one is not trusted', () => {
  afterEach(() => vi.unstubAllGlobals())
  type Import = typeof subtle.importKey

  /** Everything as it is, but for importKey. */
  const runtime = (importKey: Import): void => {
    const bound = Object.fromEntries(['exportKey', 'sign', 'verify', 'digest', 'generateKey'].map((name) => [name, (subtle as unknown as Record<string, Import>)[name]!.bind(subtle)]))
    vi.stubGlobal('crypto', { subtle: { ...bound, importKey } })
  }

  test('one that gives no reason for what it refuses: ERR_JWT_KEY', async () => {
    runtime(() => Promise.reject())
    await refused(importJwk(openEc, 'ES256'), 'ERR_JWT_KEY')
  })

  test.for<readonly [string, Jwk, Jwk, Algorithm]>([['Ed25519', ed25519, otherEd25519, 'EdDSA'], ['EC', p256, otherP256, 'ES256']])('%s: one that takes d beside any public part, as several do', async ([, jwk, other, name]) => {
    // The public part is overlooked; what signs is d.
    runtime((format, material, ...rest) => subtle.importKey(format, (material as Jwk)['d'] === jwk['d'] ? jwk : material, ...rest))
    await refused(importJwk({ ...other, d: jwk['d'] }, name), 'ERR_JWT_KEY')
    expect((await importJwk(jwk, name)).type).toBe('private')
  })

  test('one that gives a key of another curve or hash than it was asked for', async () => {
    for (const [jwk, name, given] of [[publicOf(p384), 'ES384', { name: 'ECDSA', namedCurve: 'P-256' }], [openEc, 'ES256', { name: 'ECDH', namedCurve: 'P-256' }]] as const) {
      runtime((format, _, __, extractable) => subtle.importKey(format, openEc, given, extractable, given.name === 'ECDSA' ? ['verify'] : []))
      await refused(importJwk(jwk, name), 'ERR_JWT_KEY')
    }
    runtime((format, material, _, ...rest) => subtle.importKey(format, material, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' }, ...rest))
    await refused(importJwk(openRsa, 'RS256'), 'ERR_JWT_KEY')
  })

  test('it is given the material and nothing else, in an object without a prototype', async () => {
    const seen: Jwk[] = []
    runtime((format, material, ...rest) => {
      if (format === 'jwk') seen.push(material as Jwk)
      return subtle.importKey(format, material, ...rest)
    })
    const noise = { kid: 'a', use: 'sig', ext: true, x5c: ['AA'], x5t: 'AA', iat: 1, custom: {} }
    for (const [jwk, name] of [[openEc, 'ES256'], [openRsa, 'PS256'], [openEd, 'EdDSA']] as const) {
      await importJwk({ ...jwk, ...noise, alg: name, key_ops: ['verify'] })
      await importJwk({ ...materialFor(name)![0], ...noise, alg: name, key_ops: ['sign'] })
    }
    expect(seen.length).toBeGreaterThanOrEqual(6)
    for (const given of seen) {
      expect(Object.getPrototypeOf(given)).toBeNull()
      expect(Object.keys(given).filter((name) => !['kty', 'crv', 'n', 'e', 'x', 'y', ...secretMembers].includes(name))).toEqual([])
    }
  })

  test('one that refuses gives ERR_JWT_KEY with cause, and without its words', async () => {
    const cause = new Error(`bad key ${rsa.n}`)
    runtime(() => Promise.reject(cause))
    const error = await refused(importJwk(openRsa, 'RS256'), 'ERR_JWT_KEY')
    expect(error.cause).toBe(cause)
  })
})

// ─── what is taken ───────────────────────────────────────────────────────────

describe.for(supported.filter((name) => materialFor(name)))('%s', (name) => {
  const [jwk] = materialFor(name)!

  test('the private key signs, the public key verifies, and node:crypto agrees', async () => {
    const token = await sign(claims, await importJwk(jwk, name))
    expect(nodeAccepts(name, isHmac(name) ? fromB64u(oct.k) : nodePublic(jwk), token)).toBe(true)
    const key = await importJwk(isHmac(name) ? jwk : publicOf(jwk), name)
    expect((await verify(token, key, { algorithms: [name] })).payload.sub).toBe('alice')
  })

  test('alg in the JWK is enough, agrees with the argument, or is contradicted', async () => {
    const open = { ...(isHmac(name) ? jwk : publicOf(jwk)), alg: name }
    expect((await exportJwk(await importJwk(open, undefined, { extractable: true }))).alg).toBe(name)
    expect((await exportJwk(await importJwk(open, name, { extractable: true }))).alg).toBe(name)
    for (const other of supported.filter((one) => one !== name && !(/^Ed/.test(one) && /^Ed/.test(name)))) {
      await refused(importJwk(open, other), 'ERR_JWT_KEY')
    }
  })

  test('without alg and without the argument: TypeError', async () => {
    await misused(importJwk(jwk), /alg/)
  })

  test('a private or secret key can be exported only on request, a public one always', async () => {
    const closed = await importJwk(jwk, name)
    expect(closed.extractable).toBe(false)
    await refused(exportJwk(closed), 'ERR_JWT_KEY')
    const { kid, ...exported } = await exportJwk(await importJwk(jwk, name, { extractable: true }))
    expect(exported).toEqual({ ...jwk, alg: name })
    expect(typeof kid).toBe(isHmac(name) ? 'undefined' : 'string')
    if (isHmac(name)) return
    expect((await importJwk(publicOf(jwk), name)).extractable).toBe(true)
    expect((await importJwk(publicOf(jwk), name, { extractable: false })).extractable).toBe(true)
  })
})

test.for<readonly [string, Jwk, Algorithm?]>([
  ['RSA n with a leading zero octet, as real issuers publish it', { ...openRsa, n: prefixed(rsa.n, 0) }, 'RS256'],
  ['RSA n with many leading zeros', { ...openRsa, n: prefixed(rsa.n, 0, 0, 0, 0) }, 'RS256'],
  ['RSA e with leading zeros', { ...openRsa, e: 'AAEAAQ' }, 'PS256'],
  ['RSA e = 3', publicOf(rsaE3), 'RS256'],
  ['RSA e = 2^32 - 1', { ...openRsa, e: octetsOf(2n ** 32n - 1n) }, 'RS256'],
  ['RSA n of exactly 2048 bits', { ...openRsa, n: modulus(2048) }, 'RS256'],
  ['RSA n of exactly 16384 bits', { ...openRsa, n: modulus(16384) }, 'RS256'],
  ['use sig', { ...openEc, use: 'sig' }, 'ES256'],
  ['key_ops verify', { ...openEc, key_ops: ['verify'] }, 'ES256'],
  ['key_ops verify among others, known and unknown', { ...openEc, key_ops: ['verify', 'deriveBits', 'x-own'] }, 'ES256'],
  ['use sig and key_ops verify', { ...openEc, use: 'sig', key_ops: ['verify'] }, 'ES256'],
  ['ext false', { ...openEc, ext: false }, 'ES256'],
  ['alg EdDSA', { ...openEd, alg: 'EdDSA' }],
  ['alg Ed25519', { ...openEd, alg: 'Ed25519' }],
  ['unknown members', { ...openEc, x5c: ['not base64'], x5t: 1, nbf: 'soon', '': null }, 'ES256'],
  ['members of other key types, which are unknown ones here', { ...openRsa, crv: 'P-256', x: '!', k: 1, priv: {} }, 'RS256'],
  ['a member crv beside k', { ...oct, crv: 'P-256' }, 'HS256'],
  ['a member crv that is no text beside k', { ...oct, crv: 1 }, 'HS256'],
  ['private key_ops sign and verify', { ...p256, key_ops: ['sign', 'verify'] }, 'ES256'],
  ['an empty kid', { ...openEc, kid: '' }, 'ES256'],
  ['a P-256 point whose x is beyond the order of the group, which bounds the private key alone', { ...openEc, x: octetsOf(p256Order + 3n), y: b64u(hex('484f0c0fda434ef0a808458914f328715d7a545e198ac7eee31dffe861b5d23f')) }, 'ES256'],
  ['the P-256 point with x = 5', { ...openEc, x: b64u(hex('05'.padStart(64, '0'))), y: yOfFive }, 'ES256'],
])('taken: %s', async ([, jwk, algorithm]) => {
  const key = await importJwk(jwk, algorithm)
  expect(key.type).toBe(jwk['kty'] === 'oct' ? 'secret' : secretMembers.includes('d') && jwk['d'] ? 'private' : 'public')
  expect(keySet({ keys: [{ ...jwk, alg: jwk['alg'] ?? algorithm }] as never }).skipped).toEqual([])
})

test('n with leading zeros verifies what the key without them signed, and is exported without them', async () => {
  const key = await importJwk({ ...openRsa, n: prefixed(rsa.n, 0), e: 'AAEAAQ' }, 'RS256')
  expect((await verify(await sign(claims, await importJwk(rsa, 'RS256')), key, { algorithms: ['RS256'] })).payload.sub).toBe('alice')
  expect(await exportJwk(key)).toMatchObject({ n: rsa.n, e: 'AQAB' })
})

test('a private key with leading zeros in its members signs', async () => {
  const padded = Object.fromEntries(Object.entries(rsa).map(([name, value]) => [name, name === 'kty' ? value : prefixed(value, 0)]))
  expect(nodeAccepts('RS256', nodePublic(rsa), await sign(claims, await importJwk(padded, 'RS256')))).toBe(true)
})

test('allowWeakKeys takes 1024 bits, and only where it is said; no option takes e = 1', async () => {
  const options = { allowWeakKeys: true }
  const token = await sign(claims, await importJwk(rsa1024, 'RS256', options), options)
  const key = await importJwk(publicOf(rsa1024), 'RS256', options)
  expect((await verify(token, key, { algorithms: ['RS256'], ...options })).payload.sub).toBe('alice')
  await refused(verify(token, key, { algorithms: ['RS256'] }), 'ERR_JWT_KEY', /2048/)
  await refused(sign(claims, await importJwk(rsa1024, 'RS256', options)), 'ERR_JWT_KEY', /2048/)
  await refused(importJwk({ ...publicOf(rsa1024), e: 'AQ' }, 'RS256', options), 'ERR_JWT_KEY')
  await refused(importJwk({ ...openRsa, n: modulus(16385) }, 'RS256', options), 'ERR_JWT_KEY')
})

test('a modulus too short for the hash is refused even with allowWeakKeys: two runtimes die of it', async () => {
  const options = { allowWeakKeys: true }
  // RFC 8017 9.2: hash, its 19 octets of DigestInfo and 11 of padding; 9.1.1: hash, a salt as long, and 2
  for (const [name, least] of [['RS256', 496], ['RS384', 624], ['RS512', 752], ['PS256', 528], ['PS384', 784], ['PS512', 1040]] as const) {
    await refused(importJwk({ ...openRsa, n: modulus(least - 1) }, name, options), 'ERR_JWT_KEY')
    expect((await importJwk({ ...openRsa, n: modulus(least) }, name, options)).type).toBe('public')
  }
  const token = await sign(claims, await importJwk(rsa1024, 'RS512', options), options)
  expect((await verify(token, await importJwk(publicOf(rsa1024), 'RS512', options), { algorithms: ['RS512'], ...options })).payload.sub).toBe('alice')
})

test('an EC private key is from 1 to below the order of its curve: some runtimes take others, and fail later', async () => {
  const orders = {
    'P-256': 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    'P-384': 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    'P-521': '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
  }
  for (const [own, name, openssl] of [[p256, 'ES256', 'prime256v1'], [p384, 'ES384', 'secp384r1'], [p521, 'ES512', 'secp521r1']] as const) {
    const order = BigInt(`0x${orders[own.crv]}`)
    const octets = (value: bigint): Uint8Array => hex(value.toString(16).padStart(orders[own.crv].length, '0'))
    const last = createECDH(openssl)
    last.setPrivateKey(octets(order - 1n))
    const point = Uint8Array.from(last.getPublicKey()).slice(1)
    const half = point.length / 2
    const largest = { kty: 'EC', crv: own.crv, x: b64u(point.slice(0, half)), y: b64u(point.slice(half)), d: b64u(octets(order - 1n)) }
    expect(nodeAccepts(name, nodePublic(largest), await sign(claims, await importJwk(largest, name)))).toBe(true)
    await refused(importJwk({ ...own, d: b64u(octets(0n)) }, name), 'ERR_JWT_KEY', /order/)
    await refused(importJwk({ ...own, d: b64u(octets(order)) }, name), 'ERR_JWT_KEY', /order/)
    const beyond = bigInt(own.d) + order // the same key modulo the order, if there is room for it
    if (beyond.toString(16).length <= orders[own.crv].length) await refused(importJwk({ ...own, d: b64u(octets(beyond)) }, name), 'ERR_JWT_KEY', /order/)
  }
})

test('key_ops and use decide before any runtime sees the key', async () => {
  const key = await importJwk({ ...oct, key_ops: ['verify'] }, 'HS256')
  expect(key.usages).toEqual(['verify'])
  await refused(sign(claims, key), 'ERR_JWT_KEY')
  const signing = await importJwk({ ...oct, key_ops: ['sign'] }, 'HS256')
  await refused(verify(await sign(claims, signing), signing, { algorithms: ['HS256'] }), 'ERR_JWT_KEY')
  expect((await verify(await sign(claims, signing), key, { algorithms: ['HS256'] })).payload.sub).toBe('alice')
})

test('the kid of the JWK is the kid that sign writes, unless keyId says otherwise', async () => {
  const header = async (jwk: Jwk, options?: object): Promise<unknown> => decode(await sign(claims, await importJwk(jwk, 'ES256', options))).header.kid
  expect(await header({ ...p256, kid: 'from-jwk' })).toBe('from-jwk')
  expect(await header({ ...p256, kid: 'from-jwk' }, { keyId: 'told' })).toBe('told')
  expect(await header(p256)).toBeUndefined()
})

// ─── the object itself ───────────────────────────────────────────────────────

test('only own members count: nothing is inherited, from a prototype or a polluted one', async () => {
  await refused(importJwk(Object.create(openEc), 'ES256'), 'ERR_JWT_KEY')
  const prototype = Object.prototype as unknown as Record<string, unknown>
  try {
    Object.assign(prototype, { kid: 'inherited', alg: 'HS512', k: b64u(new Uint8Array(64)) })
    expect(Object.keys(decode(await sign(claims, await importJwk(oct, 'HS256'))).header)).toEqual(['alg', 'typ'])
    await misused(importJwk(oct), /alg/)
    await refused(importJwk({ kty: 'oct' }, 'HS256'), 'ERR_JWT_KEY')
  } finally {
    for (const name of ['kid', 'alg', 'k']) delete prototype[name]
  }
})

test('each member is read once, and the JWK is neither changed nor frozen', async () => {
  const reads: Record<string, number> = {}
  const jwk = { ...p256, kid: 'a', use: 'sig', key_ops: ['sign'] }
  const watched = Object.defineProperties({}, Object.fromEntries(Object.entries(jwk).map(([name, value]) => [name, {
    enumerable: true, get: () => (reads[name] = (reads[name] ?? 0) + 1, value),
  }])))
  const key = await importJwk(watched, 'ES256')
  expect(Object.values(reads).every((times) => times === 1)).toBe(true)
  jwk.d = otherP256.d
  expect(nodeAccepts('ES256', nodePublic(p256), await sign(claims, key))).toBe(true)
  const plain = { ...openEc }
  await importJwk(plain, 'ES256')
  expect(plain).toEqual(openEc)
  expect(Object.isFrozen(plain)).toBe(false)
})

test.for([undefined, null, 0, '', JSON.stringify(openEc), [], [openEc], Symbol('jwk')])('what is no object is a TypeError: case %#', async (jwk) => {
  await misused(importJwk(jwk, 'ES256'))
})

test('PEM text handed to importJwk is a TypeError that names importPem', async () => {
  await misused(importJwk(nodePublic(p256).export({ format: 'pem', type: 'spki' }), 'ES256'), /importPem/)
})

test('no refusal shows key material', async () => {
  for (const [, jwk, algorithm] of faulty) {
    const error: unknown = await importJwk(jwk, algorithm).catch((thrown: unknown) => thrown)
    if (!isJwtError(error)) continue
    const shown = JSON.stringify([error.message, error.actual, error.expected, error.issues])
    for (const member of ['n', 'x', 'y', 'k']) {
      const value = jwk[member]
      if (typeof value === 'string' && value.length > 20) expect(shown).not.toContain(value.slice(0, 20))
    }
  }
})
