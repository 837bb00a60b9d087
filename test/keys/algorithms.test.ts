// The table of algorithms as a user meets it: which there are, that a key is bound to one, and what a runtime lacks.

import { afterEach, describe, expect, test, vi } from 'vitest'
import { algorithms, importJwk, isSupported, type Algorithm } from 'waxseal'
import { asynchronous, usable } from '../support/door'
import { b64u, claims, compact, ed25519, fromB64u, isHmac, load, misused, nodePrivate, nodeToken, oct, p256, pairs, pem, publicOf, refused, rsa, secret, spkiOf, subtle, supported, untyped } from '../support/keys'

const { createSigner, createVerifier, exportJwk, generateKey, importPem, importSecret, keySet, sign, verify, verifyBytes } = untyped

const names = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']
const strangers = ['none', 'None', 'NONE', '', 'hs256', 'HS256 ', ' HS256', 'HS256\0', 'HS1', 'RS1', 'ES256K', 'Ed448', 'constructor', '__proto__', 'toString', '0', 'ＨＳ256']

test('the algorithms are these, frozen, and none of them is "none"', () => {
  expect([...algorithms].sort()).toEqual([...names].sort())
  expect(Object.isFrozen(algorithms)).toBe(true)
})

test('an allowlist that names all algorithms is a TypeError; one that leaves one out is none', async () => {
  const set = keySet({ keys: [oct] })
  await misused(verify('', set, { algorithms }))
  await misused(verify('', set, { algorithms: [...algorithms].reverse() }))
  await misused(() => createVerifier(set, { algorithms }))
  await refused(verify('', set, { algorithms: algorithms.slice(1) }), 'ERR_JWT_MALFORMED')
})

test.for(strangers)('alg %j is no algorithm: in a header refused, in options a TypeError', async (alg) => {
  for (const signature of [new Uint8Array(), new Uint8Array(32)]) {
    await refused(verify(compact({ alg }, claims, signature), secret, { algorithms: ['HS256', 'HS384', 'HS512'] }), 'ERR_JWT_ALGORITHM')
  }
  await misused(verify(compact({ alg }, claims), secret, { algorithms: [alg] }))
  await misused(verify(compact({ alg }, claims), secret, { algorithms: ['HS256', alg] }))
  await misused(sign(claims, secret, { algorithm: alg }))
  await misused(importSecret(secret, alg))
  await misused(importJwk(oct, alg as never))
  await misused(importPem(pem('PUBLIC KEY', spkiOf(p256)), alg))
  await misused(generateKey(alg))
  await misused(isSupported(alg as never))
})

test.for([undefined, null, 0, ['HS256'], { name: 'HS256' }])('an algorithm given as %j is a TypeError', async (value) => {
  await misused(importSecret(secret, value))
  await misused(generateKey(value))
  await misused(isSupported(value as never))
  await misused(importPem(pem('PUBLIC KEY', spkiOf(p256)), value))
})

test('a list that mixes HS* with public-key algorithms is a TypeError, unless the key is a KeySet or a function', async () => {
  const mixed = { algorithms: ['HS256', 'ES256'] } as const
  const token = await sign(claims, secret, { algorithm: 'HS256' })
  for (const key of [secret, await importSecret(secret, 'HS256'), await load(publicOf(p256), 'ES256')]) {
    await misused(verify(token, key, mixed))
    await misused(() => createVerifier(key, mixed))
  }
  expect((await verify(token, keySet({ keys: [{ ...oct, alg: 'HS256' }, { ...publicOf(p256), alg: 'ES256' }] }), mixed)).payload.sub).toBe('alice')
  const key = await importSecret(secret, 'HS256')
  expect((await verify(token, () => key, mixed)).payload.sub).toBe('alice')
})

describe('every key is bound to its algorithm', async () => {
  const family = (name: string): string => name === 'EdDSA' ? 'Ed25519' : name
  const all = await Promise.all(supported.map(async (name) => ({ name, keys: (await pairs(name))[0] })))

  test.for(all)('$name: a token signed with the key is verified with it, and nothing else is', async ({ name, keys }) => {
    const token = await sign(claims, keys.signing)
    expect((await verify(token, keys.verifying, { algorithms: [name] })).header.alg).toBe(name)
    for (const other of supported) {
      if (family(other) === family(name)) continue
      // As a stranger would: the same key, another name in the header.
      const forged = compact({ alg: other }, claims, fromB64u(token.split('.')[2]!))
      await refused(verify(forged, keys.verifying, { algorithms: [other] }), 'ERR_JWT_ALGORITHM')
      await refused(verify(forged, keys.verifying, { algorithms: [name] }), 'ERR_JWT_ALGORITHM')
      await misused(sign(claims, keys.signing, { algorithm: other }))
      await misused(() => createSigner(keys.signing, { algorithm: other }))
      await refused(() => createVerifier(keys.verifying, { algorithms: [other] }), 'ERR_JWT_ALGORITHM')
    }
  })

  const lengths: Record<string, number> = { HS256: 32, HS384: 48, HS512: 64, ES256: 64, ES384: 96, ES512: 132, Ed25519: 64, EdDSA: 64, 'ML-DSA-44': 2420, 'ML-DSA-65': 3309, 'ML-DSA-87': 4627 }
  test.for(all)('$name: a signature has one length, every octet of it counts, and any other is refused', async ({ name, keys }) => {
    const token = await sign(claims, keys.signing)
    const input = token.slice(0, token.lastIndexOf('.'))
    const signature = fromB64u(token.split('.')[2]!)
    expect(signature.length).toBe(lengths[name] ?? 256)
    const zero = Uint8Array.of(0)
    const changed = [0, signature.length >> 1, signature.length - 1].map((at) => signature.map((octet, i) => i === at ? octet ^ 1 : octet))
    for (const wrong of [...changed, new Uint8Array(), signature.slice(1), signature.slice(0, -1), Uint8Array.of(...zero, ...signature), Uint8Array.of(...signature, ...zero), new Uint8Array(signature.length)]) {
      const error = await refused(verify(`${input}.${b64u(wrong)}`, keys.verifying, { algorithms: [name] }), 'ERR_JWT_SIGNATURE')
      expect(error.fault).toBe('token')
    }
  })
})

describe('EdDSA and Ed25519 are one algorithm with two names', () => {
  test.for([['EdDSA', 'Ed25519'], ['Ed25519', 'EdDSA']] as const)('a key imported as %s writes that name, and %s where the options say so', async ([own, other]) => {
    const key = await load(ed25519, own)
    const header = async (options?: object): Promise<unknown> => (await verify(await sign(claims, key, options), await load(publicOf(ed25519), other), { algorithms: ['EdDSA', 'Ed25519'] })).header.alg
    expect(await header()).toBe(own)
    expect(await header({ algorithm: other })).toBe(other)
    expect((await exportJwk(await load(publicOf(ed25519), own))).alg).toBe(own)
  })

  test('the allowlist tells them apart by exact string', async () => {
    const publicKey = await load(publicOf(ed25519), 'Ed25519')
    const token = await sign(claims, await load(ed25519, 'EdDSA'))
    expect((await verify(token, publicKey, { algorithms: ['EdDSA'] })).header.alg).toBe('EdDSA')
    await refused(verify(token, publicKey, { algorithms: ['Ed25519'] }), 'ERR_JWT_ALGORITHM')
  })

  test('a key of another hand writes Ed25519', async () => {
    const key = await subtle.importKey('jwk', ed25519, { name: 'Ed25519' }, true, ['sign'])
    expect((await verify(await sign(claims, key), await load(publicOf(ed25519), 'EdDSA'), { algorithms: ['Ed25519'] })).header.alg).toBe('Ed25519')
    expect((await exportJwk(key)).alg).toBe('Ed25519')
  })

  test.for([['EdDSA', 'Ed25519'], ['Ed25519', 'EdDSA']] as const)('a JWK whose alg is %s may be imported as %s', async ([alg, asked]) => {
    const key = await load({ ...ed25519, alg }, asked)
    expect((await exportJwk(key, { public: true })).alg).toBe(asked)
  })

  test('both in a list are not more than one for a JWK without alg', async () => {
    const token = await sign(claims, await load(ed25519, 'EdDSA'))
    expect((await verify(token, keySet({ keys: [publicOf(ed25519)] }), { algorithms: ['Ed25519', 'EdDSA'] })).payload.sub).toBe('alice')
  })
})

asynchronous('what WebCrypto lacks', () => {
  afterEach(() => vi.unstubAllGlobals())

  const everything: readonly [string, () => Promise<unknown>][] = [
    ['importSecret', () => importSecret('a secret that has not been used before', 'HS256')],
    ['importJwk', () => importJwk({ ...rsa, alg: 'RS256' })],
    ['importPem', () => importPem(pem('PUBLIC KEY', spkiOf(p256)), 'ES256')],
    ['generateKey', () => generateKey('ES256')],
    ['sign', () => sign(claims, 'another secret that has not been used', { algorithm: 'HS256' })],
    ['verify', () => verify(compact({ alg: 'HS256' }, claims), 'a third secret that has not been used', { algorithms: ['HS256'] })],
    ['verifyBytes', () => verifyBytes(compact({ alg: 'HS256' }, claims), 'a fourth secret that has not been used', { algorithms: ['HS256'] })],
  ]

  test.for(everything)('%s without crypto.subtle is ERR_JWT_UNSUPPORTED, and the message names https', async ([, call]) => {
    for (const crypto of [undefined, {}]) {
      vi.stubGlobal('crypto', crypto)
      expect((await refused(call, 'ERR_JWT_UNSUPPORTED', /https/)).fault).toBe('server')
    }
  })

  test.for(['sign', 'verify'])('%s with a CryptoKey in hand, without crypto.subtle, is ERR_JWT_UNSUPPORTED', async (door) => {
    const key = await importSecret(secret, 'HS256')
    const token = await sign(claims, key)
    vi.stubGlobal('crypto', undefined)
    await refused(() => door === 'sign' ? sign(claims, key) : verify(token, key, { algorithms: ['HS256'] }), 'ERR_JWT_UNSUPPORTED', /https/)
  })

  test('a key set on a page without crypto.subtle is ERR_JWT_UNSUPPORTED, and has lost nothing when it is there again', async () => {
    const set = keySet({ keys: [{ ...publicOf(p256), alg: 'ES256', kid: 'a' }] })
    const token = nodeToken('ES256', nodePrivate(p256), claims, { kid: 'a' })
    vi.stubGlobal('crypto', undefined)
    await refused(() => verify(token, set, { algorithms: ['ES256'] }), 'ERR_JWT_UNSUPPORTED', /https/)
    vi.unstubAllGlobals()
    expect((await verify(token, set, { algorithms: ['ES256'] })).payload.sub).toBe('alice')
    expect(set.skipped).toEqual([])
  })

  test.for(everything.slice(0, 5))('%s of an algorithm that the runtime lacks is ERR_JWT_UNSUPPORTED, not a DOMException, and names it', async ([, call]) => {
    const lacking = async (): Promise<never> => { throw Object.assign(new Error('Unrecognized name.'), { name: 'NotSupportedError' }) }
    vi.stubGlobal('crypto', { subtle: { importKey: lacking, generateKey: lacking, sign: lacking } })
    const error = await refused(call, 'ERR_JWT_UNSUPPORTED', /HS256|RS256|ES256/)
    expect((error.cause as Error).name).toBe('NotSupportedError')
  })
})

test.for(['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const)('%s works here or is refused by name', async (name) => {
  if (supported.includes(name)) {
    for (const options of usable) {
      const { privateKey, publicKey } = await generateKey(name, options)
      expect((await verify(await sign(claims, privateKey), publicKey, { algorithms: [name] })).payload.sub).toBe('alice')
    }
  } else {
    await refused(generateKey(name), 'ERR_JWT_UNSUPPORTED', new RegExp(name))
    const pub = b64u(new Uint8Array({ 'ML-DSA-44': 1312, 'ML-DSA-65': 1952, 'ML-DSA-87': 2592 }[name]))
    await refused(load({ kty: 'AKP', alg: name, pub }), 'ERR_JWT_UNSUPPORTED', new RegExp(name))
  }
})

test('HS* is for secrets, the others are not', () => {
  expect(supported.filter(isHmac)).toEqual(['HS256', 'HS384', 'HS512'] satisfies Algorithm[])
})
