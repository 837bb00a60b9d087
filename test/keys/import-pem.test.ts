// importPem: the five forms of PEM, what around and in them does not matter, and what is refused.

import { describe, expect, test, vi } from 'vitest'
import { decode, type Algorithm } from 'waxseal'
import { asynchronous } from '../support/door'
import {
  b64u, bareSec1, bits, Buffer, certificate, claims, compressed, der, ecIdentifier, ed25519, fromB64u, hex, identifier, integer, join, misused, node, nodeAccepts, nodePrivate, nodePublic,
  nodeToken, nothing, octets, oid, oids, otherEd25519, otherP256, p256, p384, p521, pem, pkcs1, pkcs1Private, pkcs8, pkcs8Of, point, publicOf, refused, rsa, rsa1024, rsa2, rsaE3,
  rsaIdentifier, sec1, secret, sequence, spki, spkiOf, subtle, supported, tagged, untyped, utf8, x25519, type Jwk, type KeyObject,
} from '../support/keys'

const { exportJwk, exportPem, importPem, sign, verify } = untyped

const spkiPem = (jwk: Jwk): string => nodePublic(jwk).export({ format: 'pem', type: 'spki' })
const pkcs8Pem = (jwk: Jwk): string => nodePrivate(jwk).export({ format: 'pem', type: 'pkcs8' })
const rsaSpki = (jwk: Jwk): Uint8Array => spki(rsaIdentifier, pkcs1(jwk, ['n', 'e']))
const edSpki = (x: Uint8Array): Uint8Array => spki(identifier(oids.Ed25519), x)
const edPkcs8 = (version = 0, ...more: Uint8Array[]): Uint8Array => pkcs8(identifier(oids.Ed25519), octets(fromB64u(ed25519.d)), version, ...more)

/** A private key: signs what node:crypto accepts. A public one: verifies what node:crypto signed. */
async function works(text: string, name: Algorithm, jwk: Jwk): Promise<void> {
  const key = await importPem(text, name)
  if (key.type === 'private') expect(nodeAccepts(name, nodePublic(jwk), await sign(claims, key))).toBe(true)
  else expect((await verify(nodeToken(name, nodePrivate(jwk), claims), key, { algorithms: [name] })).payload.sub).toBe('alice')
}

const forms: readonly (readonly [form: string, name: Algorithm, jwk: Jwk, text: string])[] = [
  ...([['RS256', rsa], ['RS512', rsa2], ['PS384', rsa], ['RS256', rsaE3], ['ES256', p256], ['ES384', p384], ['ES512', p521], ['Ed25519', ed25519], ['EdDSA', ed25519]] as const).flatMap(([name, jwk]) => [
    ['SPKI', name, jwk, spkiPem(jwk)] as const, ['PKCS#8', name, jwk, pkcs8Pem(jwk)] as const,
    ['X.509', name, jwk, pem('CERTIFICATE', certificate(spkiOf(jwk)))] as const, ['X.509 of version 1', name, jwk, pem('CERTIFICATE', certificate(spkiOf(jwk), { version1: true }))] as const,
  ]),
  ...(['RS256', 'PS512'] as const).flatMap((name) => [
    ['PKCS#1 public', name, rsa, nodePublic(rsa).export({ format: 'pem', type: 'pkcs1' })] as const, ['PKCS#1 private', name, rsa, nodePrivate(rsa).export({ format: 'pem', type: 'pkcs1' })] as const,
  ]),
  ...([['ES256', p256], ['ES384', p384], ['ES512', p521]] as const).flatMap(([name, jwk]) => [
    ['SEC1', name, jwk, nodePrivate(jwk).export({ format: 'pem', type: 'sec1' })] as const,
    ['SEC1 without the public part', name, jwk, pem('EC PRIVATE KEY', sec1(jwk, { open: undefined }))] as const,
    ['SEC1 behind EC PARAMETERS', name, jwk, pem('EC PARAMETERS', oid(oids[jwk.crv as 'P-256'])) + pem('EC PRIVATE KEY', sec1(jwk))] as const,
    ['PKCS#8 without the public part', name, jwk, pem('PRIVATE KEY', pkcs8(ecIdentifier(jwk), bareSec1(jwk)))] as const,
    ['PKCS#8 that names the curve twice', name, jwk, pem('PRIVATE KEY', pkcs8(ecIdentifier(jwk), sec1(jwk)))] as const,
  ]),
  ['PKCS#8 v2 with the public part', 'Ed25519', ed25519, pem('PRIVATE KEY', edPkcs8(1, der(0x81, Uint8Array.of(0), fromB64u(ed25519.x))))],
  ['PKCS#8 v2 with the public part', 'ES256', p256, pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), bareSec1(p256), 1, der(0x81, Uint8Array.of(0), point(p256))))],
  ['PKCS#8 v2 with the public part twice', 'ES256', p256, pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), sec1(p256), 1, der(0x81, Uint8Array.of(0), point(p256))))],
  ['PKCS#8 v2 with the public part', 'RS256', rsa, pem('PRIVATE KEY', pkcs8(identifier(oids.rsa, nothing), pkcs1Private(rsa), 1, der(0x81, Uint8Array.of(0), pkcs1(rsa, ['n', 'e']))))],
  ['SEC1 that leaves its curve to EC PARAMETERS', 'ES256', p256, pem('EC PARAMETERS', oid(oids['P-256'])) + pem('EC PRIVATE KEY', sequence(integer(Uint8Array.of(1)), octets(fromB64u(p256.d))))],
  ['PKCS#8 v2 with attributes', 'Ed25519', ed25519, pem('PRIVATE KEY', edPkcs8(1, tagged(0), der(0x81, Uint8Array.of(0), fromB64u(ed25519.x))))],
  ['PKCS#8 with attributes', 'ES256', p256, pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), sec1(p256), 0, tagged(0, sequence(oid('2a864886f70d010914'), der(0x31, der(0x0c, utf8('name')))))))],
  ['SPKI without the NULL', 'RS256', rsa, pem('PUBLIC KEY', spki(identifier(oids.rsa), pkcs1(rsa, ['n', 'e'])))],
]

test.for(forms)('%s for %s is taken', async ([, name, jwk, text]) => {
  await works(text, name, jwk)
})

test('the certificates of the tests are certificates to node:crypto', () => {
  const parsed = new node.X509Certificate(pem('CERTIFICATE', certificate(spkiOf(p256))))
  expect(parsed.publicKey.export({ format: 'jwk' })).toEqual(publicOf(p256))
  expect(parsed.verify(nodePublic(rsa))).toBe(true)
})

describe('what is around the armour and how lines end does not matter', () => {
  const cases = [['PKCS#8', pkcs8Pem(p256)], ['SPKI', spkiPem(p256)], ['SEC1', nodePrivate(p256).export({ format: 'pem', type: 'sec1' })], ['X.509', pem('CERTIFICATE', certificate(spkiOf(p256)))]] as const
  const around: readonly (readonly [string, (text: string) => string])[] = [
    ['literal \\n, as environment variables have it', (text) => text.replace(/\n/g, '\\n')],
    ['literal \\r\\n', (text) => text.replace(/\n/g, '\\r\\n')],
    ['a mixture of literal and real line ends', (text) => text.replace(/\n/, '\\n')],
    ['CRLF', (text) => text.replace(/\n/g, '\r\n')],
    ['CR', (text) => text.replace(/\n/g, '\r')],
    ['no line end at the end', (text) => text.trim()],
    ['leading and trailing space', (text) => ` \n\t${text}\n \r\n`],
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['indented lines', (text) => text.replace(/^/gm, '    ')],
    ['one line', (text) => text.replace(/\n/g, '')],
    ['spaces for line ends', (text) => text.replace(/\n/g, ' ')],
    ['lines of 76', (text) => text.replace(/(-----BEGIN [A-Z0-9 ]+-----\n)([^-]*)/, (_, first: string, body: string) => first + body.replace(/\n/g, '').replace(/.{76}/g, '$&\n') + '\n')],
    ['text before the armour', (text) => `Bag Attributes\n    friendlyName: a key\nKey Attributes: <No Attributes>\n${text}`],
    ['text with dashes before the armour', (text) => `--- the key - of 2026 ---\n${text}`],
  ]
  test.for(cases.flatMap(([form, text]) => around.map(([title, change]) => [form, title, change(text)] as const)))('%s: %s', async ([, , text]) => {
    await works(text, 'ES256', p256)
  })

  test('text behind the armour is refused: a second key may be in it', async () => {
    await refused(importPem(`${spkiPem(p256)}and more`, 'ES256'), 'ERR_JWT_KEY')
  })
})

/** What is looked at of a certificate, and behind the key whatever one likes. */
const bare = (...behind: Uint8Array[]): string => pem('CERTIFICATE', sequence(sequence(tagged(0), integer(Uint8Array.of(1)), sequence(), sequence(), sequence(), sequence(), spkiOf(p256), ...behind)))

test('of a certificate nothing but the key is looked at, as long as the rest is DER; a tag of several octets is none that it may have', async () => {
  await works(bare(), 'ES256', p256)
  await works(bare(der(0x3e, secret)), 'ES256', p256)
  for (const tag of [0x1f, 0x3f, 0xbf]) await refused(importPem(bare(der(tag, Uint8Array.of(1))), 'ES256'), 'ERR_JWT_KEY')
})

asynchronous('a runtime is handed', () => {
  test.for([['Ed25519', ed25519, pkcs8Of(ed25519)], ['ES256', p256, pkcs8(ecIdentifier(p256), bareSec1(p256))], ['ES512', p521, pkcs8(ecIdentifier(p521), bareSec1(p521))]] as const)('PKCS#8 in DER as short as it can be, when it is asked for the public part: %s', async ([name, , expected]) => {
    const importing = vi.spyOn(subtle, 'importKey')
    try {
      await importPem(pem('PRIVATE KEY', expected), name)
      expect(importing.mock.calls.filter(([format]) => format === 'pkcs8').map(([, material]) => material)).toEqual([expected])
    } finally {
      importing.mockRestore()
    }
  })
})

asynchronous('a runtime that exports no key whose point it was not told, as Firefox does', () => {
  const orders = { 'P-256': 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'P-384': `${'f'.repeat(48)}c7634d81f4372ddf581a0db248b0a77aecec196accc52973`, 'P-521': `01${'f'.repeat(64)}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409` }
  /** The key whose point has the same x and the other y. */
  const opposite = (jwk: typeof p256): Jwk => {
    const order = orders[jwk.crv as 'P-256']
    const d = (BigInt(`0x${order}`) - BigInt(`0x${Buffer.from(jwk.d, 'base64url').toString('hex')}`)).toString(16).padStart(order.length, '0')
    const key = pkcs8(ecIdentifier(jwk), bareSec1({ ...jwk, d: Buffer.from(hex(d)).toString('base64url') }))
    return node.createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
  }
  const bareKey = (jwk: typeof p256): string => pem('PRIVATE KEY', pkcs8(ecIdentifier(jwk), bareSec1(jwk)))

  test.for([['ES256', p256], ['ES384', p384], ['ES512', p521]] as const)('%s: the point is found by agreeing with the base point and trying a signature', async ([name, jwk]) => {
    const exporting = vi.spyOn(subtle, 'exportKey').mockRejectedValue(new Error('not told'))
    try {
      for (const one of [jwk, opposite(jwk)]) await works(bareKey(one as typeof p256), name, one)
    } finally {
      exporting.mockRestore()
    }
    const other = opposite(jwk)
    expect([other['x'], other['y'] === jwk.y]).toEqual([jwk.x, false])
  })

  test('Ed25519: there is nothing to find it by, and it is ERR_JWT_KEY', async () => {
    const exporting = vi.spyOn(subtle, 'exportKey').mockRejectedValue(new Error('not told'))
    try {
      await refused(importPem(pkcs8Pem(ed25519), 'Ed25519'), 'ERR_JWT_KEY', /public part/)
    } finally {
      exporting.mockRestore()
    }
  })
})

test.for([['ML-DSA-44', 1312, '11'], ['ML-DSA-65', 1952, '12'], ['ML-DSA-87', 2592, '13']] as const)('%s is known by its object identifier, also to a runtime that lacks it', async ([name, size, last]) => {
  const text = pem('PUBLIC KEY', spki(identifier(`6086480165030403${last}`), new Uint8Array(size).fill(1)))
  if (supported.includes(name)) expect((await importPem(text, name)).type).toBe('public')
  else await refused(importPem(text, name), 'ERR_JWT_UNSUPPORTED', new RegExp(name))
  await refused(importPem(text, name === 'ML-DSA-44' ? 'ML-DSA-65' : 'ML-DSA-44'), 'ERR_JWT_KEY')
  await refused(importPem(pem('PUBLIC KEY', spki(identifier(`6086480165030403${last}`, nothing), new Uint8Array(size).fill(1))), name), 'ERR_JWT_KEY')
})

describe.for([['ML-DSA-44', '11', 2560], ['ML-DSA-65', '12', 4032], ['ML-DSA-87', '13', 4896]] as const)('a private key of %s', ([name, last, expanded]) => {
  const type = identifier(`6086480165030403${last}`)
  const seed = new Uint8Array(32).fill(3)
  const ofSeed = pkcs8(type, der(0x80, seed))
  const ofBoth = pkcs8(type, sequence(octets(seed), octets(new Uint8Array(expanded))))
  const other = name === 'ML-DSA-44' ? 'ML-DSA-65' : 'ML-DSA-44'

  test('is known by its seed, alone or beside the expanded key, also to a runtime that lacks it', async () => {
    for (const key of [ofSeed, ofBoth]) {
      if (supported.includes(name)) expect((await importPem(pem('PRIVATE KEY', key), name)).type).toBe('private')
      else await refused(importPem(pem('PRIVATE KEY', key), name), 'ERR_JWT_UNSUPPORTED', new RegExp(name))
      await refused(importPem(pem('PRIVATE KEY', key), other), 'ERR_JWT_KEY', new RegExp(`a key for ${other}, got "${name}"`))
    }
  })

  test('without its seed is ERR_JWT_KEY', async () => {
    for (const inner of [octets(new Uint8Array(2560)), der(0xa0, seed), join(der(0x80, seed), nothing)]) await refused(importPem(pem('PRIVATE KEY', pkcs8(type, inner)), name), 'ERR_JWT_KEY', /seed/)
    const whole = octets(new Uint8Array(expanded))
    for (const inner of [
      sequence(), sequence(der(3, seed)), sequence(octets(seed)), sequence(octets(seed), nothing), sequence(octets(seed), octets(new Uint8Array(expanded - 1))), sequence(octets(seed), whole, nothing),
      sequence(octets(seed), der(3, new Uint8Array(expanded))), sequence(der(0x80, seed), whole),
    ]) await refused(importPem(pem('PRIVATE KEY', pkcs8(type, inner)), name), 'ERR_JWT_KEY')
  })

  asynchronous('and a runtime', () => {
    test('gets the seed alone', async () => {
      const importing = vi.spyOn(subtle, 'importKey')
      try {
        await importPem(pem('PRIVATE KEY', ofBoth), name).catch(() => undefined)
        expect(importing.mock.calls.filter(([format]) => format === 'pkcs8').map(([, material]) => material)).toEqual([ofSeed])
      } finally {
        importing.mockRestore()
      }
    })
  })
})

test('a chain of sixty-four certificates is taken', async () => {
  await works(pem('CERTIFICATE', certificate(spkiOf(p256))).repeat(64), 'ES256', p256)
})

test('of several certificates the first one counts', async () => {
  const [mine, other] = [pem('CERTIFICATE', certificate(spkiOf(p256))), pem('CERTIFICATE', certificate(spkiOf(otherP256)))]
  expect(await exportJwk(await importPem(mine + other, 'ES256'))).toMatchObject({ x: p256.x })
  expect(await exportJwk(await importPem(`subject=leaf\n${other}issuer=root\n${mine}`, 'ES256'))).toMatchObject({ x: otherP256.x })
})

// ─── refusals ────────────────────────────────────────────────────────────────

const explicit = (): KeyObject => node.generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }).privateKey
const publicHalf = (key: KeyObject): KeyObject => node.createPublicKey(key)
const longLength = (bytes: Uint8Array): Uint8Array => join(bytes.subarray(0, 1), Uint8Array.of(0x81), bytes.subarray(1)) // for content under 128 octets
const zeroLength = (bytes: Uint8Array): Uint8Array => join(bytes.subarray(0, 1), Uint8Array.of(0x83, 0), bytes.subarray(2)) // for content of 256 octets and more
const indefinite = (bytes: Uint8Array): Uint8Array => join(bytes.subarray(0, 1), Uint8Array.of(0x80), bytes.subarray(2), Uint8Array.of(0, 0))
const body = (text: string, change: (base64: string) => string): string => text.replace(/(-----\n)([^-]*)(\n-----)/, (_, start: string, base64: string, end: string) => start + change(base64) + end)
const rsaNumbers = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'].map((name) => integer(fromB64u(rsa[name as 'n'])))
const offCurve = { ...p256, y: otherP256.y }

const encrypted = { cipher: 'aes-256-cbc', passphrase: 'horse' }

test.for<readonly [title: string, text: string, words?: RegExp, name?: Algorithm]>([
  ['encrypted PKCS#8', nodePrivate(p256).export({ format: 'pem', type: 'pkcs8', ...encrypted }), /openssl pkey/],
  ['encrypted SEC1 (RFC 1421)', nodePrivate(p256).export({ format: 'pem', type: 'sec1', ...encrypted }), /openssl pkey/],
  ['encrypted PKCS#1 (RFC 1421)', nodePrivate(rsa).export({ format: 'pem', type: 'pkcs1', ...encrypted }), /openssl pkey/, 'RS256'],
  ['encrypted PKCS#8 with literal \\n', nodePrivate(p256).export({ format: 'pem', type: 'pkcs8', ...encrypted }).replace(/\n/g, '\\n'), /openssl pkey/],
  ['two public keys', spkiPem(p256) + spkiPem(otherP256)],
  ['the same public key twice', spkiPem(p256) + spkiPem(p256)],
  ['two private keys', pkcs8Pem(p256) + pkcs8Pem(otherP256)],
  ['a private key and its public key', pkcs8Pem(p256) + spkiPem(p256)],
  ['a key beside a certificate', pkcs8Pem(p256) + pem('CERTIFICATE', certificate(spkiOf(p256)))],
  ['a certificate beside a key', pem('CERTIFICATE', certificate(spkiOf(p256))) + pkcs8Pem(p256)],
  ['a certificate beside a public key', pem('CERTIFICATE', certificate(spkiOf(p256))) + spkiPem(p256)],
  ['EC PARAMETERS before another kind of key', pem('EC PARAMETERS', oid(oids['P-256'])) + pkcs8Pem(p256)],
  ['EC PARAMETERS before a certificate', pem('EC PARAMETERS', oid(oids['P-256'])) + pem('CERTIFICATE', certificate(spkiOf(p256)))],
  ['EC PARAMETERS that name another curve than the key', pem('EC PARAMETERS', oid(oids['P-384'])) + pem('EC PRIVATE KEY', sec1(p256))],
  ['PKCS#8 v2 with another public part than SEC1 has', pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), sec1(p256), 1, der(0x81, Uint8Array.of(0), point(otherP256))))],
  ['PKCS#8 v2 with the public part of another key, SEC1 without', pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), bareSec1(p256), 1, der(0x81, Uint8Array.of(0), point(otherP256))))],
  ['PKCS#8 v2 with a public part that is none', pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), sec1(p256), 1, der(0x81, Uint8Array.of(0, 1))))],
  ['PKCS#8 v2 of RSA with the public part of another key', pem('PRIVATE KEY', pkcs8(identifier(oids.rsa, nothing), pkcs1Private(rsa), 1, der(0x81, Uint8Array.of(0), pkcs1(rsa2, ['n', 'e'])))), /./, 'RS256'],
  ['a private key of 130,000 octets', pem('PRIVATE KEY', pkcs8(identifier(oids.Ed25519), octets(new Uint8Array(130_000)))), /./, 'Ed25519'],
  ['an even octet string for a point', pem('PUBLIC KEY', spki(ecIdentifier(p256), join(point(p256), Uint8Array.of(0)))), /DER/],
  ['EC PARAMETERS alone', pem('EC PARAMETERS', oid(oids['P-256']))],
  ['a curve before the key that is not labelled EC PARAMETERS', pem('CERTIFICATE', oid(oids['P-256'])) + pem('EC PRIVATE KEY', sec1(p256)), /one key only/],
  ['EC PARAMETERS and two keys', pem('EC PARAMETERS', oid(oids['P-256'])) + pem('EC PRIVATE KEY', sec1(p256)) + pem('EC PRIVATE KEY', sec1(otherP256))],
  ['EC PARAMETERS behind the key', pem('EC PRIVATE KEY', sec1(p256)) + pem('EC PARAMETERS', oid(oids['P-256']))],
  ['EC PARAMETERS that spell the curve out', pem('EC PARAMETERS', sequence(integer(Uint8Array.of(1)))) + pem('EC PRIVATE KEY', sec1(p256))],
  ['id-RSASSA-PSS in SPKI', pem('PUBLIC KEY', spki(identifier(oids.rsaPss), pkcs1(rsa, ['n', 'e']))), /PSS/, 'PS256'],
  ['id-RSASSA-PSS in SPKI, for RS256', pem('PUBLIC KEY', spki(identifier(oids.rsaPss, sequence()), pkcs1(rsa, ['n', 'e']))), /PSS/, 'RS256'],
  ['id-RSASSA-PSS in PKCS#8', pem('PRIVATE KEY', pkcs8(identifier(oids.rsaPss), pkcs1Private(rsa))), /PSS/, 'PS256'],
  ['id-RSASSA-PSS in a certificate', pem('CERTIFICATE', certificate(spki(identifier(oids.rsaPss), pkcs1(rsa, ['n', 'e'])))), /PSS/, 'PS256'],
  ['a compressed point in SPKI', pem('PUBLIC KEY', spki(ecIdentifier(p256), compressed(p256))), /compressed/],
  ['a compressed point in SEC1', pem('EC PRIVATE KEY', sec1(p256, { open: compressed(p256) })), /compressed/],
  ['a compressed point in PKCS#8', pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), sec1(p256, { curve: false, open: compressed(p256) }))), /compressed/],
  ['a compressed point in a certificate', pem('CERTIFICATE', certificate(spki(ecIdentifier(p256), compressed(p256)))), /compressed/],
  ['a hybrid point', pem('PUBLIC KEY', spki(ecIdentifier(p256), join(Uint8Array.of(6 + (fromB64u(p256.y).at(-1)! & 1)), point(p256).subarray(1)))), /uncompressed/],
  ['the point at infinity', pem('PUBLIC KEY', spki(ecIdentifier(p256), Uint8Array.of(0)))],
  ['explicit curve parameters in PKCS#8', explicit().export({ format: 'pem', type: 'pkcs8' }), /by name/],
  ['explicit curve parameters in SEC1', explicit().export({ format: 'pem', type: 'sec1' }), /by name/],
  ['explicit curve parameters in SPKI', publicHalf(explicit()).export({ format: 'pem', type: 'spki' }), /by name/],
  ['no curve at all in SPKI', pem('PUBLIC KEY', spki(identifier(oids.ec), point(p256)))],
  ['no curve at all in SEC1', pem('EC PRIVATE KEY', bareSec1(p256)), /by name/],
  ['another curve inside PKCS#8 than around it', pem('PRIVATE KEY', pkcs8(ecIdentifier(p384), sec1(p256)))],
  ['secp256k1', pem('PUBLIC KEY', spki(identifier(oids.ec, oid(oids.secp256k1)), point(p256)))],
  ['X25519', spkiPem(x25519), /./, 'Ed25519'],
  ['a private X25519 key', pkcs8Pem(x25519), /./, 'Ed25519'],
  ['Ed448', pem('PUBLIC KEY', spki(identifier(oids.Ed448), new Uint8Array(57).fill(9))), /./, 'Ed25519'],
  ['DSA', pem('PUBLIC KEY', spki(identifier(oids.dsa, sequence()), integer(secret)))],
  ['a NULL behind the Ed25519 identifier', pem('PUBLIC KEY', spki(identifier(oids.Ed25519, nothing), fromB64u(ed25519.x))), /./, 'Ed25519'],
  ['a NULL that holds something behind the RSA identifier', pem('PUBLIC KEY', spki(identifier(oids.rsa, der(5, Uint8Array.of(0))), pkcs1(rsa, ['n', 'e']))), /./, 'RS256'],
  ['PKCS#1 of version 1 without other primes', pem('RSA PRIVATE KEY', sequence(integer(Uint8Array.of(1)), ...rsaNumbers)), /./, 'RS256'],
  ['PKCS#1 of version 2', pem('RSA PRIVATE KEY', sequence(integer(Uint8Array.of(2)), ...rsaNumbers)), /./, 'RS256'],
  ['parameters behind the RSA identifier', pem('PUBLIC KEY', spki(identifier(oids.rsa, oid(oids['P-256'])), pkcs1(rsa, ['n', 'e']))), /./, 'RS256'],
  ['trailing octets behind SPKI', pem('PUBLIC KEY', join(spkiOf(p256), Uint8Array.of(0)))],
  ['trailing octets behind PKCS#8', pem('PRIVATE KEY', join(pkcs8Of(p256), Uint8Array.of(5, 0)))],
  ['trailing octets behind SEC1', pem('EC PRIVATE KEY', join(sec1(p256), Uint8Array.of(0)))],
  ['trailing octets behind PKCS#1', pem('RSA PUBLIC KEY', join(pkcs1(rsa, ['n', 'e']), Uint8Array.of(0))), /./, 'RS256'],
  ['trailing octets behind a certificate', pem('CERTIFICATE', join(certificate(spkiOf(p256)), Uint8Array.of(0)))],
  ['trailing octets behind the key inside SPKI', pem('PUBLIC KEY', spki(rsaIdentifier, join(pkcs1(rsa, ['n', 'e']), Uint8Array.of(0)))), /./, 'RS256'],
  ['trailing octets behind the key inside PKCS#8', pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), join(sec1(p256), Uint8Array.of(0))))],
  ['a third element in SPKI', pem('PUBLIC KEY', sequence(ecIdentifier(p256), bits(point(p256)), nothing))],
  ['a third number in PKCS#1', pem('RSA PUBLIC KEY', pkcs1(rsa, ['n', 'e', 'e'])), /./, 'RS256'],
  ['a missing number in PKCS#1', pem('RSA PUBLIC KEY', pkcs1(rsa, ['n'])), /./, 'RS256'],
  ['PKCS#1 with other primes (version 1)', pem('RSA PRIVATE KEY', sequence(integer(Uint8Array.of(1)), ...rsaNumbers, sequence())), /two primes/, 'RS256'],
  ['octets cut off', pem('PUBLIC KEY', spkiOf(p256).slice(0, -1))],
  ['no octets', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n'],
  ['a length in the long form that the short one holds', pem('PUBLIC KEY', longLength(spkiOf(p256)))],
  ['a length with a leading zero', pem('PUBLIC KEY', zeroLength(rsaSpki(rsa))), /./, 'RS256'],
  ['an indefinite length', pem('PUBLIC KEY', indefinite(spkiOf(p256)))],
  ['an INTEGER with a needless zero octet', pem('RSA PUBLIC KEY', sequence(integer(fromB64u(rsa.n)), der(2, hex('00010001')))), /./, 'RS256'],
  ['a negative INTEGER', pem('RSA PUBLIC KEY', sequence(der(2, fromB64u(rsa.n)), integer(fromB64u(rsa.e)))), /./, 'RS256'],
  ['an empty INTEGER', pem('RSA PUBLIC KEY', sequence(integer(fromB64u(rsa.n)), der(2))), /./, 'RS256'],
  ['unused bits in the BIT STRING', pem('PUBLIC KEY', sequence(ecIdentifier(p256), der(3, Uint8Array.of(1), point(p256))))],
  ['the alphabet of base64url', body(spkiPem(rsa), (base64) => base64.replace(/\+/g, '-').replace(/\//g, '_')), /./, 'RS256'],
  ['a character that is none of base64', body(spkiPem(p256), (base64) => base64.slice(0, 10) + '!' + base64.slice(11))],
  ['an octet of base64 missing', body(spkiPem(p256), (base64) => base64.slice(0, -1))],
  ['padding missing', body(spkiPem(ed25519).replace('=', ''), (base64) => base64), /./, 'Ed25519'],
  ['padding inside', body(spkiPem(p256), (base64) => base64.slice(0, 8) + '==' + base64.slice(10))],
  ['base64 with trailing bits', body(spkiPem(ed25519), (base64) => base64.replace(/.=$/, (end) => String.fromCharCode(end.charCodeAt(0) + 1) + '=')), /./, 'Ed25519'],
  ['headers in the armour', spkiPem(p256).replace('KEY-----\n', 'KEY-----\nComment: mine\n\n')],
  ['an OpenSSH private key', pem('OPENSSH PRIVATE KEY', join(utf8('openssh-key-v1\0'), new Uint8Array(64))), /ssh-keygen -p -m PKCS8/],
  ['an encrypted file that is no key', pem('AGE ENCRYPTED FILE', new Uint8Array(64)), /the label PRIVATE KEY .* got "AGE ENCRYPTED FILE"/],
  ['a label with a dot', pem('X9.42 DH PARAMETERS', sequence()), /got "X9.42 DH PARAMETERS"/],
  ['a PEM in quotation marks', `"${pkcs8Pem(p256)}"`, /quotation mark/],
  ['a path', '/etc/keys/private.pem', /not a path/],
  ['an OpenSSH public key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea me', /./, 'Ed25519'],
  ['an SSH2 public key', pem('SSH2 PUBLIC KEY', spkiOf(p256))],
  ['a certificate request', pem('CERTIFICATE REQUEST', certificate(spkiOf(p256)))],
  ['another label at the end', spkiPem(p256).replace('END PUBLIC', 'END PRIVATE')],
  ['no end', spkiPem(p256).split('-----END')[0]!],
  ['no beginning', spkiPem(p256).replace('-----BEGIN PUBLIC KEY-----', '')],
  ['four dashes', spkiPem(p256).replace(/-----/g, '----')],
  ['PKCS#1 labelled SPKI', pem('PUBLIC KEY', pkcs1(rsa, ['n', 'e'])), /./, 'RS256'],
  ['SPKI labelled PKCS#1', pem('RSA PUBLIC KEY', spkiOf(rsa)), /./, 'RS256'],
  ['SEC1 labelled PKCS#8', pem('PRIVATE KEY', sec1(p256))],
  ['PKCS#8 labelled SEC1', pem('EC PRIVATE KEY', pkcs8Of(p256))],
  ['SPKI labelled as a certificate', pem('CERTIFICATE', spkiOf(p256))],
  ['JWK text', JSON.stringify(publicOf(p256))],
  ['base64 without armour', Buffer.from(spkiOf(p256)).toString('base64'), /-----BEGIN/],
  ['empty text', '', /-----BEGIN/],
  // The checks of a JWK hold for PEM as well.
  ['RSA of 1024 bits', spkiPem(rsa1024), /2048/, 'RS256'],
  ['RSA with e = 1', pem('PUBLIC KEY', rsaSpki({ ...rsa, e: 'AQ' })), /2048 bits, e = 1/, 'RS256'],
  ['RSA with an even modulus', pem('PUBLIC KEY', rsaSpki({ ...rsa, n: rsa.n.replace(/.$/, 'A') })), /./, 'RS256'],
  ['RSA whose private part is of another key', pem('PRIVATE KEY', pkcs8(rsaIdentifier, pkcs1Private({ ...rsa2, n: rsa.n }))), /./, 'RS256'],
  ['a point off the curve in SPKI', pem('PUBLIC KEY', spki(ecIdentifier(p256), point(offCurve)))],
  ['a point off the curve in SEC1', pem('EC PRIVATE KEY', sec1(p256, { open: point(offCurve) }))],
  ['a point off the curve in a certificate', pem('CERTIFICATE', certificate(spki(ecIdentifier(p256), point(offCurve))))],
  ['a public part of another key in SEC1', pem('EC PRIVATE KEY', sec1(p256, { open: point(otherP256) }))],
  ['a public part of another key in PKCS#8 v2', pem('PRIVATE KEY', edPkcs8(1, der(0x81, Uint8Array.of(0), fromB64u(otherEd25519.x)))), /./, 'Ed25519'],
  ['a public part in PKCS#8 v1', pem('PRIVATE KEY', edPkcs8(0, der(0x81, Uint8Array.of(0), fromB64u(ed25519.x)))), /./, 'Ed25519'],
  ['PKCS#8 of version 2', pem('PRIVATE KEY', edPkcs8(2)), /./, 'Ed25519'],
  ['an Ed25519 point of small order', pem('PUBLIC KEY', edSpki(hex(`01${'00'.repeat(31)}`))), /./, 'Ed25519'],
  ['an Ed25519 key of 31 octets', pem('PUBLIC KEY', edSpki(fromB64u(ed25519.x).subarray(1))), /./, 'Ed25519'],
  ['a private Ed25519 key of 31 octets', pem('PRIVATE KEY', pkcs8(identifier(oids.Ed25519), octets(fromB64u(ed25519.d).subarray(1)))), /./, 'Ed25519'],
  ['coordinates of unequal length', pem('PUBLIC KEY', spki(ecIdentifier(p256), point(p256).subarray(0, -1)))],
  ['a SEC1 key that names its curve twice', '-----BEGIN EC PRIVATE KEY-----\nMIGDAgEBBCD1vfeDeHAbi3aNqW+XdbT0dGifTWDb2DSJ1Q3MV5A9J6AKBggqhkjOPQMBB6AKBggqhkjOPQMBB6FEA0IABOCKey2nb7Hd1b5ojJ0LX+bN0qbfrHbAVlrgE72b6HO7+XFl7d2sg2xrkCLU+wGK+WW5T2cHwtf/cxGt0fNBvx4=\n-----END EC PRIVATE KEY-----'],
  ['PKCS#8 with attributes twice', pem('PRIVATE KEY', edPkcs8(0, tagged(0), tagged(0)))],
  ['a chain of which one block is encrypted', pem('CERTIFICATE', certificate(spkiOf(p256))) + pem('CERTIFICATE', certificate(spkiOf(p256))).replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n\n')],
  ['EC PARAMETERS that are no DER', pem('EC PARAMETERS', Uint8Array.of(6, 9)) + pem('EC PRIVATE KEY', sec1(p256))],
  ['EC PARAMETERS with two curves', pem('EC PARAMETERS', join(oid(oids['P-256']), oid(oids['P-384']))) + pem('EC PRIVATE KEY', sec1(p256))],
  ['a TRUSTED CERTIFICATE, which says more than a certificate', pem('TRUSTED CERTIFICATE', certificate(spkiOf(p256)))],
  ...['PUBLIC KEY', 'PRIVATE KEY', 'EC PRIVATE KEY', 'CERTIFICATE'].map((label) => [`an empty SEQUENCE as ${label}`, pem(label, sequence())] as const),
  ...['RSA PUBLIC KEY', 'RSA PRIVATE KEY'].map((label) => [`an empty SEQUENCE as ${label}`, pem(label, sequence()), /./, 'RS256'] as const),
  ['a version of PKCS#8 and nothing behind it', pem('PRIVATE KEY', sequence(integer(Uint8Array.of(0))))], ['a version of SEC1 and nothing behind it', pem('EC PRIVATE KEY', sequence(integer(Uint8Array.of(1))))],
  ['the padding moved inside', body(spkiPem(ed25519), (base64) => base64.replace('=', '').replace(/^.{8}/, '$&=')), /./, 'Ed25519'],
  ['a version that is no INTEGER', pem('EC PRIVATE KEY', sequence(octets(Uint8Array.of(1)), octets(fromB64u(p256.d)), tagged(0, oid(oids['P-256']))))],
  ['a curve that is no OBJECT IDENTIFIER', pem('EC PRIVATE KEY', sequence(integer(Uint8Array.of(1)), octets(fromB64u(p256.d)), tagged(0, octets(hex(oids['P-256'])))))],
  ['an algorithm that is no SEQUENCE', pem('PUBLIC KEY', sequence(der(0x31, oid(oids.ec), oid(oids['P-256'])), bits(point(p256))))],
  ['a third element in the algorithm', pem('PUBLIC KEY', sequence(sequence(oid(oids.ec), oid(oids['P-256']), nothing), bits(point(p256))))],
  ['an empty OCTET STRING behind the RSA identifier', pem('PUBLIC KEY', spki(identifier(oids.rsa, octets(new Uint8Array())), pkcs1(rsa, ['n', 'e']))), /./, 'RS256'],
  ['a public key that is no BIT STRING', pem('PUBLIC KEY', sequence(ecIdentifier(p256), octets(join(Uint8Array.of(0), point(p256)))))],
  ...[2, 3].map((first) => [`a compressed point that opens with ${first}`, pem('PUBLIC KEY', spki(ecIdentifier(p256), join(Uint8Array.of(first), fromB64u(p256.x)))), /compressed/] as const),
  // what stands in PKCS#8, SEC1 and a certificate
  ['PKCS#8 of version 256', pem('PRIVATE KEY', sequence(der(2, hex('0100')), identifier(oids.Ed25519), octets(octets(fromB64u(ed25519.d))))), /./, 'Ed25519'],
  ['PKCS#8 of version 2', pem('PRIVATE KEY', edPkcs8(2)), /./, 'Ed25519'],
  ['a private key in no OCTET STRING', pem('PRIVATE KEY', sequence(integer(Uint8Array.of(0)), identifier(oids.Ed25519), der(3, octets(fromB64u(ed25519.d))))), /./, 'Ed25519'],
  ...[[tagged(2)], [nothing], [tagged(0), tagged(0)], [der(0x81, Uint8Array.of(0), fromB64u(ed25519.x)), tagged(0)]].map((more, i) => [`PKCS#8 with fields that are unknown, twice or out of order: ${i}`, pem('PRIVATE KEY', edPkcs8(1, ...more)), /./, 'Ed25519'] as const),
  ...[join(octets(fromB64u(ed25519.d)), nothing), der(3, fromB64u(ed25519.d)), Uint8Array.of(4, 99), new Uint8Array()].map((inner, i) => [`Ed25519 that holds anything but one OCTET STRING: ${i}`, pem('PRIVATE KEY', pkcs8(identifier(oids.Ed25519), inner)), /DER/, 'Ed25519'] as const),
  ...[0, 2].map((version) => [`SEC1 of version ${version}`, pem('EC PRIVATE KEY', sequence(integer(Uint8Array.of(version)), octets(fromB64u(p256.d)), tagged(0, oid(oids['P-256']))))] as const),
  ['SEC1 whose key is no OCTET STRING', pem('EC PRIVATE KEY', sequence(integer(Uint8Array.of(1)), der(3, fromB64u(p256.d)), tagged(0, oid(oids['P-256']))))],
  ...[[tagged(0)], [tagged(0, oid(oids['P-256']), nothing)], [tagged(0, oid(oids['P-256'])), tagged(1, octets(join(Uint8Array.of(0), point(p256))))], [tagged(0, oid(oids['P-256'])), tagged(2, bits(point(p256)))]]
    .map((more, i) => [`SEC1 with fields that are empty, of several elements, of another type or unknown: ${i}`, pem('EC PRIVATE KEY', sequence(integer(Uint8Array.of(1)), octets(fromB64u(p256.d)), ...more))] as const),
  ['a certificate of which nothing is signed', pem('CERTIFICATE', sequence(sequence()))],
  ['a certificate whose signed part is a SET', pem('CERTIFICATE', sequence(der(0x31, integer(Uint8Array.of(1)), sequence(), sequence(), sequence(), sequence(), spkiOf(p256))))],
  // what the public part cannot be asked for
  ['Ed25519 for ES256', pkcs8Pem(ed25519), /a key for ES256, got "Ed25519"/], ['P-256 without its public part for ES384', pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), bareSec1(p256))), /a key for ES384, got "P-256"/, 'ES384'],
  ['a block that was cut off, before a whole one', `${pkcs8Pem(p256).slice(0, 80)}\n${spkiPem(p256)}`],
  ['sixty-five blocks', pem('CERTIFICATE', certificate(spkiOf(p256))).repeat(65), /at most 64 blocks, got "65"/],
  ['a private EC key that is zero', pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), bareSec1({ ...p256, d: 'A'.repeat(43) })))],
  ['a private EC key of 31 octets', pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), bareSec1({ ...p256, d: p256.d.slice(0, 41) + 'A' })))],
  // some versions of Node end the process over such a number, and none may reach a runtime
  ...([['P-256', p256, 'ES256'], ['P-384', p384, 'ES384'], ['P-521', p521, 'ES512']] as const).flatMap(([curve, jwk, name]) => [-1, 1, 32].flatMap((more) => {
    const d = b64u(new Uint8Array(fromB64u(jwk.d).length + more).fill(1))
    return [
      [`SEC1 without its public part, the private one ${more} octets longer than ${curve} has it`, pem('EC PRIVATE KEY', sequence(integer(Uint8Array.of(1)), octets(fromB64u(d)), tagged(0, oid(oids[curve])))), /octets \(openssl pkey/, name],
      [`PKCS#8 likewise: ${more}, ${curve}`, pem('PRIVATE KEY', pkcs8(ecIdentifier(jwk), bareSec1({ ...jwk, d }))), /octets \(openssl pkey/, name],
    ] as const
  })),
  ...([['P-256', p256, 'ES256'], ['P-384', p384, 'ES384'], ['P-521', p521, 'ES512']] as const).flatMap(([curve, jwk, name]) => [0, 255].map((octet) => [
    `a private EC key beyond the range of ${curve}: all octets ${octet}`, pem('PRIVATE KEY', pkcs8(ecIdentifier(jwk), bareSec1({ ...jwk, d: b64u(fromB64u(jwk.d).fill(octet)) }))), /below the order/, name] as const)),
  ['a private Ed25519 key of 33 octets without its public part', pem('PRIVATE KEY', pkcs8(identifier(oids.Ed25519), octets(new Uint8Array(33)))), /32 octets, got 33/, 'Ed25519'],
])('refused: %s', async ([, text, words, name = 'ES256']) => {
  expect((await refused(importPem(text, name), 'ERR_JWT_KEY', words)).fault).toBe('server')
})

test.for(supported.filter((name) => !name.startsWith('HS')))('PEM of a key that is not for %s is refused', async (name) => {
  const own = /^[RP]S/.test(name) ? rsa : { ES256: p256, ES384: p384, ES512: p521 }[name as 'ES256'] ?? ed25519
  for (const jwk of [rsa, p256, p384, p521, ed25519]) {
    for (const text of [spkiPem(jwk), pkcs8Pem(jwk), pem('CERTIFICATE', certificate(spkiOf(jwk)))]) {
      if (jwk === own && !name.startsWith('ML')) await works(text, name, jwk)
      else await refused(importPem(text, name), 'ERR_JWT_KEY')
    }
  }
})

test('a private part that lacks its public part is not for another curve', async () => {
  await refused(importPem(pem('PRIVATE KEY', pkcs8(ecIdentifier(p256), bareSec1(p256))), 'ES384'), 'ERR_JWT_KEY')
  await refused(importPem(pem('EC PRIVATE KEY', sec1(p384, { open: undefined })), 'ES256'), 'ERR_JWT_KEY')
  await refused(importPem(pem('PRIVATE KEY', edPkcs8()), 'ES256'), 'ERR_JWT_KEY')
})

test('PEM is for no HS*: TypeError', async () => {
  for (const name of ['HS256', 'HS384', 'HS512']) await misused(importPem(spkiPem(p256), name), /importSecret/)
})

test.for([undefined, null, 0, [], {}, utf8(spkiPem(p256)), spkiOf(p256), publicOf(p256), new String('x')])('what is no text is a TypeError: case %#', async (value) => {
  await misused(importPem(value, 'ES256'))
})

test('an unknown algorithm or option is a TypeError', async () => {
  await misused(importPem(spkiPem(p256), 'ES256K'))
  await misused(importPem(spkiPem(p256), undefined))
  for (const options of [{ keyID: 'a' }, { keyId: '' }, { keyId: undefined }, { extractable: 'yes' }, null, []]) await misused(importPem(spkiPem(p256), 'ES256', options))
})

test('allowWeakKeys takes 1024 bits', async () => {
  expect((await importPem(spkiPem(rsa1024), 'RS256', { allowWeakKeys: true })).type).toBe('public')
  expect((await importPem(pkcs8Pem(rsa1024), 'RS256', { allowWeakKeys: true })).type).toBe('private')
})

test('keyId is the kid that sign writes; without it there is none', async () => {
  expect(decode(await sign(claims, await importPem(pkcs8Pem(p256), 'ES256', { keyId: 'pem-1' }))).header.kid).toBe('pem-1')
  expect(decode(await sign(claims, await importPem(pkcs8Pem(p256), 'ES256'))).header).not.toHaveProperty('kid')
})

test('a private key can be exported only on request, a public one always', async () => {
  await refused(exportPem(await importPem(pkcs8Pem(p256), 'ES256')), 'ERR_JWT_KEY')
  expect(await exportPem(await importPem(pkcs8Pem(ed25519), 'Ed25519', { extractable: true }))).toBe(pkcs8Pem(ed25519))
  expect(await exportPem(await importPem(spkiPem(p256), 'ES256'))).toBe(spkiPem(p256))
})
