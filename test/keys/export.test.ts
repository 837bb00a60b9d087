// Keys back to material: exportJwk, exportPem, thumbprint.

import { describe, expect, test } from 'vitest'
import { importPem } from 'waxseal'
import {
  b64u, claims, ed25519, fromB64u, isHmac, load, materialFor, misused, node, nodePrivate, nodePublic, nodeToken, oct, otherP256, p256, p384, p521, publicKeyAlgorithms, publicOf, refused, rsa, rsa1024, secret, worthGenerating,
  secretMembers, subtle, supported, untyped, x25519, type Jwk,
} from '../support/keys'

const { exportJwk, exportPem, generateKey, importSecret, thumbprint, verify } = untyped

/** RFC 7638 3, by other means: the required members in the order of their names. */
function expectedThumbprint(jwk: Jwk, hash = 'sha256'): string {
  const names = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'], AKP: ['alg', 'kty', 'pub'] }[jwk['kty'] as 'RSA']
  return node.createHash(hash).update(JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])))).digest('base64url')
}

describe.for(supported.filter((name) => materialFor(name)))('exportJwk: %s', (name) => {
  const jwk = materialFor(name)![0]

  test('gives the material, alg, and the thumbprint as kid unless it is a secret', async () => {
    const kid = isHmac(name) ? {} : { kid: expectedThumbprint(jwk) }
    expect(await exportJwk(await load(jwk, name, { extractable: true }))).toEqual({ ...jwk, alg: name, ...kid })
    if (!isHmac(name)) expect(await exportJwk(await load(publicOf(jwk), name))).toEqual({ ...publicOf(jwk), alg: name, ...kid })
  })

  test('kid: the one given, else the one of the key', async () => {
    const key = await load({ ...jwk, kid: 'own' }, name, { extractable: true })
    expect((await exportJwk(key))['kid']).toBe('own')
    expect((await exportJwk(key, { keyId: 'given' }))['kid']).toBe('given')
    expect((await exportJwk(await load({ ...jwk, kid: '' }, name, { extractable: true })))['kid']).toBe('') // RFC 7517 4.5: any text
  })

  test('what is exported can be imported again', async () => {
    const exported = await exportJwk(await load({ ...jwk, use: 'sig', ext: true, extra: 1 }, name, { extractable: true }))
    expect(await exportJwk(await load(exported, undefined, { extractable: true }))).toEqual(exported)
    expect(Object.keys(exported).filter((member) => !['kty', 'crv', 'alg', 'kid', 'n', 'e', 'x', 'y', ...secretMembers].includes(member))).toEqual([])
  })
})

describe.for(publicKeyAlgorithms)('public: true: %s', (name) => {
  if (worthGenerating.includes(name)) test('the public half of a private key made here needs no extractable key', async () => {
    const made = await generateKey(name)
    expect(made.privateKey.extractable).toBe(false)
    const open = await exportJwk(made.privateKey, { public: true })
    expect(open).toEqual(await exportJwk(made.publicKey))
    for (const member of secretMembers) expect(open).not.toHaveProperty(member)
    expect(await thumbprint(made.privateKey)).toBe(expectedThumbprint(open))
    expect(await thumbprint(made.publicKey)).toBe(expectedThumbprint(open))
  })

  const jwk = materialFor(name)?.[0]
  if (!jwk) return
  test('nor does that of one imported here, from a JWK or from PEM', async () => {
    const imported = await load({ ...jwk, kid: 'own' }, name)
    expect(await exportJwk(imported, { public: true })).toEqual({ ...publicOf(jwk), alg: name, kid: 'own' })
    expect(await exportJwk(imported, { public: true, keyId: 'given' })).toMatchObject({ kid: 'given' })
    const fromPem = await importPem(nodePrivate(jwk).export({ format: 'pem', type: 'pkcs8' }), name)
    expect(await exportJwk(fromPem, { public: true })).toEqual({ ...publicOf(jwk), alg: name, kid: expectedThumbprint(jwk) })
  })

  test('of a public key it is the key, and public: false is as if it were not there', async () => {
    const key = await load(publicOf(jwk), name)
    expect(await exportJwk(key, { public: true })).toEqual(await exportJwk(key))
    expect(await exportJwk(key, { public: false })).toEqual(await exportJwk(key))
    await refused(exportJwk(await load(jwk, name), { public: false }), 'ERR_JWT_KEY')
  })
})

test('exportJwk of a key that is not extractable is ERR_JWT_KEY, whoever made it', async () => {
  await refused(exportJwk(await load(p256, 'ES256')), 'ERR_JWT_KEY', /extractable/)
  await refused(exportJwk(await importSecret(secret, 'HS256')), 'ERR_JWT_KEY', /extractable/)
  await refused(exportJwk((await generateKey('ES256')).privateKey), 'ERR_JWT_KEY', /extractable/)
  const foreign = await subtle.importKey('jwk', p256, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  for (const options of [undefined, { public: true }]) await refused(exportJwk(foreign, options), 'ERR_JWT_KEY', /extractable/)
  await refused(thumbprint(foreign), 'ERR_JWT_KEY', /extractable/)
  await refused(exportPem(foreign), 'ERR_JWT_KEY', /extractable/)
})

test('exportJwk of an extractable key of another hand works, public half included', async () => {
  const foreign = await subtle.importKey('jwk', p256, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])
  const kid = expectedThumbprint(p256)
  expect(await exportJwk(foreign)).toEqual({ ...p256, alg: 'ES256', kid })
  expect(await exportJwk(foreign, { public: true })).toEqual({ ...publicOf(p256), alg: 'ES256', kid })
})

test('a secret has no public half: ERR_JWT_KEY', async () => {
  await refused(exportJwk(await importSecret(secret, 'HS256', { extractable: true }), { public: true }), 'ERR_JWT_KEY')
})

test.for<unknown>([undefined, null, '', 'key', 1, {}, p256, oct, secret, { key: 1 }])('what is no CryptoKey is a TypeError for exportJwk and exportPem: case %#', async (value) => {
  await misused(exportJwk(value))
  await misused(exportPem(value))
})

test.for<unknown>([{ keyId: '' }, { keyId: 1 }, { keyId: undefined }, { public: 1 }, { public: undefined }, { private: true }, null, [], 'public'])('wrong options of exportJwk are a TypeError: %j', async (options) => {
  await misused(exportJwk(await load(publicOf(p256), 'ES256'), options))
})

// ─── PEM ─────────────────────────────────────────────────────────────────────

test.for([['RS256', rsa], ['PS512', rsa], ['ES256', p256], ['ES384', p384], ['ES512', p521], ['Ed25519', ed25519], ['EdDSA', ed25519]] as const)('exportPem writes SPKI and PKCS#8 as node:crypto does: %s', async ([name, jwk]) => {
  const open = await exportPem(await load(publicOf(jwk), name))
  expect(open).toBe(nodePublic(jwk).export({ format: 'pem', type: 'spki' }))
  expect(open).toMatch(/^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END PUBLIC KEY-----\n$/)
  const closed = await exportPem(await load(jwk, name, { extractable: true }))
  expect(node.createPrivateKey(closed).export({ format: 'jwk' })).toEqual(jwk)
  expect(closed).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(await exportJwk(await importPem(open, name))).toMatchObject(publicOf(jwk))
  expect(await exportJwk(await importPem(closed, name, { extractable: true }))).toMatchObject(jwk)
})

test('exportPem of a secret, or of a key that is not extractable, is ERR_JWT_KEY', async () => {
  await refused(exportPem(await importSecret(secret, 'HS256', { extractable: true })), 'ERR_JWT_KEY', /exportJwk/)
  await refused(exportPem(await load(p256, 'ES256')), 'ERR_JWT_KEY', /extractable/)
})

// ─── thumbprints ─────────────────────────────────────────────────────────────

test.for([['RSA', rsa, 'RS256'], ['P-256', p256, 'ES256'], ['P-384', p384, 'ES384'], ['P-521', p521, 'ES512'], ['Ed25519', ed25519, 'Ed25519']] as const)('thumbprint is the hash of the required members: %s', async ([, jwk, name]) => {
  const expected = expectedThumbprint(jwk)
  for (const key of [jwk, publicOf(jwk), { ...publicOf(jwk), use: 'enc', kid: 'x', extra: [1], key_ops: ['encrypt'] }, Object.fromEntries(Object.entries(publicOf(jwk)).reverse()), await load(jwk, name), await load(publicOf(jwk), name)]) {
    expect(await thumbprint(key)).toBe(expected)
  }
  expect(await thumbprint(jwk, 'SHA-256')).toBe(expected)
  expect(await thumbprint(jwk, 'SHA-384')).toBe(expectedThumbprint(jwk, 'sha384'))
  expect(await thumbprint(publicOf(jwk), 'SHA-512')).toBe(expectedThumbprint(jwk, 'sha512'))
})

test('the thumbprint of an ML-DSA key names its algorithm (RFC 9964 6), also where the runtime lacks it', async () => {
  const jwk = { kty: 'AKP', alg: 'ML-DSA-44', pub: b64u(new Uint8Array(1312).fill(1)) }
  expect(await thumbprint(jwk)).toBe(expectedThumbprint(jwk))
})

test('a member that the key type does not have is no part of the thumbprint', async () => {
  const expected = expectedThumbprint(rsa)
  for (const stray of [{ crv: 'P-256' }, { crv: 1 }, { x: 'AA' }, { alg: 'RS256' }, { k: 'AA' }, { pub: 'AA' }]) expect(await thumbprint({ ...publicOf(rsa), ...stray })).toBe(expected)
  for (const stray of [{ alg: 'ES256' }, { n: 'AA' }, { e: 'AQAB' }]) expect(await thumbprint({ ...publicOf(p256), ...stray })).toBe(expectedThumbprint(p256))
})

test('a key has one thumbprint: leading zeros of n do not make another, and what is not canonical is refused', async () => {
  expect(await thumbprint({ ...publicOf(rsa), n: b64u(Uint8Array.of(0, ...fromB64u(rsa.n))), e: 'AAEAAQ' })).toBe(expectedThumbprint(rsa))
  await refused(thumbprint({ ...publicOf(p256), x: `${p256.x}=` }), 'ERR_JWT_KEY')
  await refused(thumbprint({ ...publicOf(ed25519), x: ed25519.x.replace(/o$/, 'p') }), 'ERR_JWT_KEY')
})

test('a thumbprint of a secret would help to guess it: ERR_JWT_KEY', async () => {
  await refused(thumbprint(oct), 'ERR_JWT_KEY')
  await refused(thumbprint(await importSecret(secret, 'HS256', { extractable: true })), 'ERR_JWT_KEY')
})

test('a thumbprint of a faulty JWK is ERR_JWT_KEY', async () => {
  for (const jwk of [{}, { kty: 'EC' }, { ...p256, crv: 'secp256k1' }, { ...p256, y: otherP256.y }, publicOf(x25519), { kty: 'AKP', pub: 'AA' }]) await refused(thumbprint(jwk), 'ERR_JWT_KEY')
})

test('a weak key has a thumbprint', async () => {
  expect(await thumbprint(publicOf(rsa1024))).toBe(expectedThumbprint(rsa1024))
})

test.for<unknown>([undefined, null, '', p256.x, [], [p256], 1])('what is neither key nor JWK is a TypeError for thumbprint: case %#', async (value) => {
  await misused(thumbprint(value))
})

test.for<unknown>(['SHA-1', 'sha-256', 'sha256', '', null, 1, 'MD5', 'SHA-256 ', {}, ['SHA-256']])('a hash that is not SHA-256, -384 or -512 is a TypeError: %j', async (hash) => {
  await misused(thumbprint(publicOf(p256), hash))
})

test('what was exported verifies what the key signed', async () => {
  const key = await load(await exportJwk(await load(p256, 'ES256'), { public: true }))
  expect((await verify(nodeToken('ES256', nodePrivate(p256), claims), key, { algorithms: ['ES256'] })).payload.sub).toBe('alice')
})
