// importSecret: an HMAC secret becomes a key. What passes for key material is in secret.test.ts.

import { describe, expect, test } from 'vitest'
import { createSigner, createVerifier, decode, exportJwk, importJwk, importSecret, sign, verify } from 'waxseal'
import { b64u, claims, isHmac, misused, nodeAccepts, nodeToken, refused, secret, supported, utf8 } from '../support/keys'

const floors = [['HS256', 32], ['HS384', 48], ['HS512', 64]] as const

describe.for(floors)('%s: a secret has at least %i octets', ([name, floor]) => {
  const text = (octets: number): string => '0123456789'.repeat(7).slice(0, octets)
  const bytes = (octets: number): Uint8Array => secret.slice(0, octets)
  const verifyWith = (key: string | Uint8Array, options = {}): Promise<unknown> => verify(nodeToken(name, typeof key === 'string' ? utf8(key) : key, claims), key, { algorithms: [name], ...options })

  test.for([['text', text], ['bytes', bytes]] as const)('%s of exactly that length is taken, one octet less is refused', async ([, make]) => {
    const enough = make(floor)
    const short = make(floor - 1)
    expect(nodeAccepts(name, typeof enough === 'string' ? utf8(enough) : enough, await sign(claims, await importSecret(enough, name)))).toBe(true)
    await verifyWith(enough)
    await refused(importSecret(short, name), 'ERR_JWT_KEY', new RegExp(name))
    await refused(sign(claims, short, { algorithm: name }), 'ERR_JWT_KEY', new RegExp(name))
    expect((await refused(verifyWith(short), 'ERR_JWT_KEY', new RegExp(name))).fault).toBe('server')
    await refused(() => createSigner(short, { algorithm: name }), 'ERR_JWT_KEY')
    await refused(() => createVerifier(short, { algorithms: [name] }), 'ERR_JWT_KEY')
  })

  test('a JWK obeys the same floor', async () => {
    expect((await importJwk({ kty: 'oct', k: b64u(bytes(floor)) }, name)).type).toBe('secret')
    await refused(importJwk({ kty: 'oct', k: b64u(bytes(floor - 1)) }, name), 'ERR_JWT_KEY')
  })

  test('allowWeakKeys takes a shorter one, to import, to sign and to verify, and only where it is said', async () => {
    const weak = await importSecret(bytes(1), name, { allowWeakKeys: true })
    const token = await sign(claims, weak, { allowWeakKeys: true })
    expect((await verify(token, weak, { algorithms: [name], allowWeakKeys: true })).payload.sub).toBe('alice')
    await refused(sign(claims, weak), 'ERR_JWT_KEY')
    await refused(verify(token, weak, { algorithms: [name] }), 'ERR_JWT_KEY')
    await refused(() => createVerifier(weak, { algorithms: [name] }), 'ERR_JWT_KEY')
    await verifyWith(bytes(1), { allowWeakKeys: true })
    await importJwk({ kty: 'oct', k: b64u(bytes(1)) }, name, { allowWeakKeys: true })
  })
})

test('text counts in octets of UTF-8, not in characters', async () => {
  expect(nodeAccepts('HS256', utf8('é'.repeat(16)), await sign(claims, await importSecret('é'.repeat(16), 'HS256')))).toBe(true)
  await refused(importSecret('é'.repeat(15) + 'e', 'HS256'), 'ERR_JWT_KEY')
  expect(nodeAccepts('HS256', utf8('😀'.repeat(8)), await sign(claims, await importSecret('😀'.repeat(8), 'HS256')))).toBe(true)
})

test.for([['text', ''], ['bytes', new Uint8Array()], ['a buffer', new ArrayBuffer(0)], ['an empty view of a full buffer', secret.subarray(3, 3)]] as const)('an empty secret is refused even with allowWeakKeys: %s', async ([, empty]) => {
  for (const allowWeakKeys of [false, true]) {
    await refused(importSecret(empty, 'HS256', { allowWeakKeys }), 'ERR_JWT_KEY')
    await refused(sign(claims, empty, { algorithm: 'HS256', allowWeakKeys }), 'ERR_JWT_KEY')
    await refused(verify(nodeToken('HS256', new Uint8Array(), claims), empty, { algorithms: ['HS256'], allowWeakKeys }), 'ERR_JWT_KEY')
    await refused(verify(nodeToken('HS256', new Uint8Array(), claims), () => empty as never, { algorithms: ['HS256'], allowWeakKeys }), 'ERR_JWT_KEY')
    await refused(() => createSigner(empty, { algorithm: 'HS256', allowWeakKeys }), 'ERR_JWT_KEY')
    await refused(() => createVerifier(empty, { algorithms: ['HS256'], allowWeakKeys }), 'ERR_JWT_KEY')
  }
  await refused(importJwk({ kty: 'oct', k: '' }, 'HS256', { allowWeakKeys: true }), 'ERR_JWT_KEY')
})

test('a secret longer than a block of the hash is taken whole', async () => {
  const long = new Uint8Array(500).map((_, i) => i)
  expect(nodeAccepts('HS256', long, await sign(claims, await importSecret(long, 'HS256')))).toBe(true)
})

test('the key signs and verifies, under its algorithm alone', async () => {
  for (const name of supported.filter(isHmac)) {
    const key = await importSecret(secret, name)
    expect(key.type).toBe('secret')
    expect([...key.usages].sort()).toEqual(['sign', 'verify'])
    expect((await verify(await sign(claims, key), key, { algorithms: [name] })).header.alg).toBe(name)
  }
})

test('the key can be exported only on request', async () => {
  const closed = await importSecret(secret, 'HS512')
  expect(closed.extractable).toBe(false)
  await refused(exportJwk(closed), 'ERR_JWT_KEY')
  expect(await exportJwk(await importSecret(secret, 'HS512', { extractable: true }))).toEqual({ kty: 'oct', k: b64u(secret), alg: 'HS512' })
})

test('keyId is the kid that sign writes; without it there is none', async () => {
  expect(decode(await sign(claims, await importSecret(secret, 'HS256', { keyId: 'hmac-1' }))).header.kid).toBe('hmac-1')
  expect(decode(await sign(claims, await importSecret(secret, 'HS256'))).header).not.toHaveProperty('kid')
})

test.for([undefined, null, 0, true, [], [1, 2], {}, new String('a'.repeat(32)), { kty: 'oct', k: b64u(secret) }, Symbol('s')])('a secret that is neither text nor bytes is a TypeError: case %#', async (value) => {
  await misused(importSecret(value as never, 'HS256'))
})

test('a CryptoKey is no secret to import', async () => {
  await misused(importSecret(await importSecret(secret, 'HS256') as never, 'HS256'))
})

test.for(supported.filter((name) => !isHmac(name)))('%s takes no secret', async (name) => {
  await misused(importSecret(secret, name as never), /HS256/)
})

class Settings { keyId = 'a' }

test.for<[string, unknown]>([
  ['an unknown name', { keyid: 'a' }], ['a name of sign', { algorithm: 'HS256' }], ['an empty kid', { keyId: '' }], ['a kid that is no text', { keyId: 1 }], ['undefined', { keyId: undefined }],
  ['a truthy extractable', { extractable: 1 }], ['a textual allowWeakKeys', { allowWeakKeys: 'true' }], ['null', null], ['an array', []], ['a string', 'HS256'], ['a class instance', new Settings()],
  ['inherited options', Object.create({ keyId: 'a' })], ['a Map', new Map()],
])('options: %s is a TypeError', async ([, options]) => {
  await misused(importSecret(secret, 'HS256', options as never))
  await misused(importJwk({ kty: 'oct', k: b64u(secret) }, 'HS256', options as never))
})

test('options are read from own members only, and with a null prototype too', async () => {
  const options = Object.assign(Object.create(null), { keyId: 'mine' }) as { keyId: string }
  expect(decode(await sign(claims, await importSecret(secret, 'HS256', options))).header.kid).toBe('mine')
})
