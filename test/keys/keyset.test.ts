// keySet: which keys a token is tried with, which members are set aside, and what is published.

import { describe, expect, test, vi } from 'vitest'
import type { CryptoKey, KeySet } from 'waxseal'
import * as nodeDoor from 'waxseal/node'
import { asynchronous, usable } from '../support/door'
import {
  b64u, claims, compact, ed25519, load, misused, nodePrivate, nodeToken, oct, otherEd25519, otherP256, p256, p384, publicOf, refused, rsa, rsa1024, rsa2, secret, secretMembers, subtle,
  supported, untyped, utf8, worthGenerating, x25519, type Jwk,
} from '../support/keys'

const { createVerifier, exportJwk, generateKey, importSecret, keySet, sign, thumbprint, verify, verifyBytes } = untyped

const open = publicOf(p256)
const es256 = { algorithms: ['ES256'] }
/** A token of one of the typed-in keys, with these header members. */
const tokenOf = (jwk: Jwk, header: object = {}, alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA' = 'ES256'): string => nodeToken(alg, nodePrivate(jwk), claims, header)
const accepts = async (token: string, set: KeySet, options: object = es256): Promise<void> => { expect((await verify(token, set, options)).payload.sub).toBe('alice') }
const jwks = (...keys: unknown[]): KeySet => keySet({ keys })

/** A public member that is well-formed, of whatever point one likes: enough to be a candidate that does not fit. */
const decoys = async (count: number, kid?: string): Promise<Jwk[]> => {
  const decoy = await exportJwk((await generateKey('ES256')).publicKey)
  return Array.from({ length: count }, () => ({ ...decoy, kid }))
}

// ─── candidates ──────────────────────────────────────────────────────────────

describe('a token is tried with the members that have its kid and its algorithm', () => {
  const a = { ...open, alg: 'ES256', kid: 'a' }
  const b = { ...publicOf(otherP256), alg: 'ES256', kid: 'b' }

  test('the member with the kid verifies, another does not', async () => {
    await accepts(tokenOf(p256, { kid: 'a' }), jwks(a, b))
    await accepts(tokenOf(otherP256, { kid: 'b' }), jwks(a, b))
    await refused(verify(tokenOf(p256, { kid: 'b' }), jwks(a, b), es256), 'ERR_JWT_SIGNATURE')
  })

  test('a kid that no member has is ERR_JWT_KEY_NOT_FOUND: there is no falling back to another key', async () => {
    for (const kid of ['c', '', 'A', 'a ', ' a', 'a\0', 'а']) {
      expect((await refused(verify(tokenOf(p256, { kid }), jwks(a, b), es256), 'ERR_JWT_KEY_NOT_FOUND')).fault).toBe('token')
    }
    await refused(verify(tokenOf(p256, { kid: 'a' }), jwks(b), es256), 'ERR_JWT_KEY_NOT_FOUND')
  })

  test('a token without kid is tried with all members, also those that have none', async () => {
    await accepts(tokenOf(otherP256), jwks(a, b))
    await accepts(tokenOf(p256), jwks(b, { ...open, alg: 'ES256' }))
    await refused(verify(tokenOf(p256), jwks(b), es256), 'ERR_JWT_SIGNATURE')
  })

  test('a member without kid is only for a token without kid', async () => {
    await refused(verify(tokenOf(p256, { kid: 'a' }), jwks({ ...open, alg: 'ES256' }), es256), 'ERR_JWT_KEY_NOT_FOUND')
    await accepts(tokenOf(p256), jwks({ ...open, alg: 'ES256' }))
  })

  test('a kid is no name on a prototype', async () => {
    for (const kid of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '0']) {
      await refused(verify(tokenOf(p256, { kid }), jwks(a, b), es256), 'ERR_JWT_KEY_NOT_FOUND')
      await accepts(tokenOf(p256, { kid }), jwks(b, { ...a, kid }))
      await refused(verify(tokenOf(otherP256, { kid }), jwks(b, { ...a, kid }), es256), 'ERR_JWT_SIGNATURE')
    }
  })

  test('two members of one kid are both tried', async () => {
    for (const set of [jwks({ ...a, kid: 'x' }, { ...b, kid: 'x' }), jwks({ ...b, kid: 'x' }, { ...a, kid: 'x' })]) {
      await accepts(tokenOf(p256, { kid: 'x' }), set)
      await accepts(tokenOf(otherP256, { kid: 'x' }), set)
    }
  })

  test('one kid for keys of several algorithms: the one of the token\'s algorithm is tried', async () => {
    const set = jwks({ ...publicOf(rsa), alg: 'RS256', kid: 'x' }, { ...open, alg: 'ES256', kid: 'x' }, { ...publicOf(ed25519), alg: 'EdDSA', kid: 'x' }, { ...oct, alg: 'HS256', kid: 'x' })
    const options = { algorithms: ['RS256', 'ES256', 'EdDSA', 'HS256', 'PS256'] }
    await accepts(tokenOf(p256, { kid: 'x' }), set, options)
    await accepts(tokenOf(rsa, { kid: 'x' }, 'RS256'), set, options)
    await accepts(tokenOf(ed25519, { kid: 'x' }, 'EdDSA'), set, options)
    await accepts(nodeToken('HS256', secret, claims, { kid: 'x' }), set, options)
    await refused(verify(tokenOf(rsa, { kid: 'x' }, 'PS256'), set, options), 'ERR_JWT_KEY_NOT_FOUND')
  })

  test('a JWK is bound to its alg: RS256 is not PS256', async () => {
    const set = jwks({ ...publicOf(rsa), alg: 'RS256', kid: 'r' })
    await accepts(tokenOf(rsa, { kid: 'r' }, 'RS256'), set, { algorithms: ['RS256', 'PS256'] })
    await refused(verify(tokenOf(rsa, { kid: 'r' }, 'PS256'), set, { algorithms: ['RS256', 'PS256'] }), 'ERR_JWT_KEY_NOT_FOUND')
  })

  test('a public key of a set is no HMAC secret', async () => {
    const set = jwks({ ...publicOf(rsa), kid: 'r' }, { ...publicOf(rsa), alg: 'RS256', kid: 's' })
    for (const kid of ['r', 's', undefined]) {
      const forged = nodeToken('HS256', utf8(JSON.stringify(publicOf(rsa))), claims, kid ? { kid } : {})
      await refused(verify(forged, set, { algorithms: ['RS256', 'HS256'] }), 'ERR_JWT_KEY_NOT_FOUND')
      await refused(verify(forged, set, { algorithms: ['RS256'] }), 'ERR_JWT_ALGORITHM')
    }
  })

  test('the allowlist holds for a set as well', async () => {
    await refused(verify(tokenOf(p256, { kid: 'a' }), jwks(a), { algorithms: ['ES384'] }), 'ERR_JWT_ALGORITHM')
  })

  test('an empty set has no key: ERR_JWT_KEY_NOT_FOUND', async () => {
    for (const set of [keySet({ keys: [] }), keySet([])]) {
      await refused(verify(tokenOf(p256), set, es256), 'ERR_JWT_KEY_NOT_FOUND')
      expect(await set.toPublicJwks()).toEqual({ keys: [] })
    }
  })
})

describe('more than 8 candidates are not tried', () => {
  test.for([['of one kid', 'x'], ['for a token without kid', undefined]] as const)('%s: 8 are tried, 9 are ERR_JWT_KEY_NOT_FOUND', async ([, kid]) => {
    const good = { ...open, alg: 'ES256', kid }
    const header = kid ? { kid } : {}
    await accepts(tokenOf(p256, header), jwks(...await decoys(7, kid), good))
    const error = await refused(verify(tokenOf(p256, header), jwks(...await decoys(8, kid), good), es256), 'ERR_JWT_KEY_NOT_FOUND', /kid/)
    expect(error.fault).toBe('token')
    await refused(verify(tokenOf(p256, header), jwks(good, ...await decoys(8, kid)), es256), 'ERR_JWT_KEY_NOT_FOUND', /kid/)
  })

  test('only candidates count: others of another kid or algorithm may be as many as one likes', async () => {
    const others = (await decoys(40)).map((jwk, i) => ({ ...jwk, kid: `k${i}` }))
    const set = jwks(...others, { ...open, alg: 'ES256', kid: 'x' }, ...Array.from({ length: 9 }, () => ({ ...publicOf(rsa), alg: 'RS256', kid: 'x' })))
    await accepts(tokenOf(p256, { kid: 'x' }), set)
    await refused(verify(tokenOf(p256), set, es256), 'ERR_JWT_KEY_NOT_FOUND', /kid/)
  })
})

describe('a JWK without alg takes the one allowed algorithm that fits its kty and crv', () => {
  const bare = { ...publicOf(rsa), kid: 'r' }

  test.for(['RS256', 'PS256'] as const)('%s alone, or beside algorithms of other keys', async (alg) => {
    for (const algorithms of [[alg], [alg, 'ES256', 'EdDSA'], ['ES384', alg]]) await accepts(tokenOf(rsa, { kid: 'r' }, alg), jwks(bare), { algorithms })
  })

  test('the list leaves more than one: ERR_JWT_KEY asks for alg', async () => {
    const error = await refused(verify(tokenOf(rsa, { kid: 'r' }, 'RS256'), jwks(bare), { algorithms: ['RS256', 'PS256'] }), 'ERR_JWT_KEY', /alg/)
    expect(error.fault).toBe('server')
    await refused(verify(tokenOf(rsa, {}, 'RS256'), jwks(bare), { algorithms: ['RS256', 'RS512', 'ES256'] }), 'ERR_JWT_KEY', /alg/)
    await refused(verify(nodeToken('HS256', secret, claims), jwks(oct), { algorithms: ['HS256', 'HS384'] }), 'ERR_JWT_KEY', /alg/)
  })

  test('it may serve one algorithm for one verifier and another for the next', async () => {
    const set = jwks(bare)
    await accepts(tokenOf(rsa, {}, 'RS256'), set, { algorithms: ['RS256'] })
    await accepts(tokenOf(rsa, {}, 'PS256'), set, { algorithms: ['PS256'] })
  })

  test('an EC or Ed25519 key has but one algorithm, by whatever name', async () => {
    await accepts(tokenOf(p256), jwks(open), { algorithms: ['ES256', 'ES384', 'ES512', 'RS256'] })
    await accepts(tokenOf(ed25519, {}, 'EdDSA'), jwks(publicOf(ed25519)), { algorithms: ['EdDSA', 'Ed25519', 'ES256'] })
  })
})

// ─── keys as members ─────────────────────────────────────────────────────────

describe('a set of CryptoKeys', () => {
  test('is no list of JWKs: the message shows where they go', () => misused(() => keySet([open] as never), /a JWKS: \{ keys: \[\.\.\.\] \}/))

  test('each alone is found by its own kid, in { key, keyId } by the kid given', async () => {
    const key = await load({ ...open, kid: 'own' }, 'ES256')
    await accepts(tokenOf(p256, { kid: 'own' }), keySet([key]))
    await accepts(tokenOf(p256, { kid: 'given' }), keySet([{ key, keyId: 'given' }]))
    await refused(verify(tokenOf(p256, { kid: 'own' }), keySet([{ key, keyId: 'given' }]), es256), 'ERR_JWT_KEY_NOT_FOUND')
    await accepts(tokenOf(p256), keySet([key]))
  })

  test('CryptoKeys of other algorithms are passed over, not tried', async () => {
    const set = keySet([await load(publicOf(rsa), 'RS256'), await load(open, 'ES256')])
    await accepts(tokenOf(p256), set)
    await accepts(tokenOf(rsa, {}, 'RS256'), set, { algorithms: ['RS256'] })
    await refused(verify(tokenOf(rsa, {}, 'PS256'), set, { algorithms: ['PS256'] }), 'ERR_JWT_KEY_NOT_FOUND')
  })

  test('a key without kid is only for a token without kid', async () => {
    const set = keySet([await load(open, 'ES256')])
    await accepts(tokenOf(p256), set)
    await refused(verify(tokenOf(p256, { kid: 'a' }), set, es256), 'ERR_JWT_KEY_NOT_FOUND')
  })

  test('HMAC rotation: the old secret verifies, the new one signs and verifies', async () => {
    const [old, now] = [await importSecret(secret, 'HS256', { keyId: '2025' }), await importSecret(secret.slice().reverse(), 'HS256', { keyId: '2026' })]
    const set = keySet([now, old])
    for (const key of [old, now]) await accepts(await sign(claims, key), set, { algorithms: ['HS256'] })
    await refused(verify(await sign(claims, old, { keyId: '2026' }), set, { algorithms: ['HS256'] }), 'ERR_JWT_SIGNATURE')
    await refused(verify(await sign(claims, old), keySet([now]), { algorithms: ['HS256'] }), 'ERR_JWT_KEY_NOT_FOUND')
    for (const key of [old, now]) await accepts(await sign(claims, key), jwks({ ...oct, alg: 'HS256', kid: '2025' }, { kty: 'oct', k: b64u(secret.slice().reverse()), alg: 'HS256', kid: '2026' }), { algorithms: ['HS256'] })
  })

  test.for(worthGenerating)('a generated pair rotates: %s', async (name) => {
    const [options] = usable
    const [one, two] = [await generateKey(name, { keyId: 'one', ...options }), await generateKey(name, { keyId: 'two', ...options })]
    const set = keySet([one.publicKey, two.publicKey])
    for (const { privateKey } of [one, two]) await accepts(await sign(claims, privateKey), set, { algorithms: [name] })
    const published = keySet(await set.toPublicJwks())
    for (const { privateKey } of [one, two]) await accepts(await sign(claims, privateKey), published, { algorithms: [name] })
    await refused(verify(await sign(claims, one.privateKey), keySet([two.publicKey]), { algorithms: [name] }), 'ERR_JWT_KEY_NOT_FOUND')
  })

  test('a set serves createVerifier and waxseal/jws as well', async () => {
    const set = jwks({ ...open, alg: 'ES256' })
    expect((await createVerifier(set, es256)(tokenOf(p256))).payload.sub).toBe('alice')
    expect((await verifyBytes(tokenOf(p256), set, es256)).header['alg']).toBe('ES256')
  })

  test('a set is no key to sign with, and no answer of a key function', async () => {
    const set = jwks({ ...p256, alg: 'ES256' })
    await misused(sign(claims, set))
    await refused(verify(tokenOf(p256), () => set, es256), 'ERR_JWT_KEY')
  })
})

test.for<readonly [string, unknown]>([
  ['nothing', undefined], ['null', null], ['text', '{"keys":[]}'], ['a JWK', open], ['an empty object', {}], ['keys that is no array', { keys: {} }], ['keys that is an object of keys', { keys: { 0: open, length: 1 } }],
  ['an array of JWKs', [open]], ['an array with null', [null]], ['an array with a secret', [secret]], ['an array with text', ['secret']], ['{ key } without keyId', [{ key: 1 }]], ['inherited keys', Object.create({ keys: [] })],
])('what is neither a JWKS nor an array of CryptoKeys is a TypeError: %s', async ([, value]) => {
  await misused(() => keySet(value))
})

test('a member { key, keyId } is read as options are: TypeError for what is wrong', async () => {
  const key = await load(open, 'ES256')
  for (const member of [{ key, keyid: 'a' }, { key }, { key, keyId: '' }, { key, keyId: undefined }, { key, keyId: 1 }, { key: open, keyId: 'a' }, { keyId: 'a' }, { key, keyId: 'a', alg: 'ES256' }]) await misused(() => keySet([member]))
})

test('a member that cannot be read is a mistake of the call, and not set aside', async () => {
  for (const unreadable of [{ get kty() { throw new Error('mine') } }, new Proxy({}, { ownKeys() { throw new Error('mine') } })]) await misused(() => jwks(open, unreadable))
})

test('copies of the package know each other\'s sets by one name; a set that fails in a way of its own is ERR_JWT_KEY with cause', async () => {
  expect(Object.getOwnPropertySymbols(jwks(open)).map((symbol) => Symbol.keyFor(symbol))).toEqual(['waxseal.KeySet'])
  const cause = new Error('from another copy')
  const error = await refused(verify(tokenOf(p256), { *[Symbol.for('waxseal.KeySet')]() { throw cause } }, es256), 'ERR_JWT_KEY')
  expect(error.cause).toBe(cause)
})

test('a set is what it was when it was made: the caller\'s objects are neither kept nor changed', async () => {
  const jwk: Record<string, unknown> = { ...open, alg: 'ES256', kid: 'a', key_ops: ['verify'] }
  const given = { keys: [jwk] }
  const before = JSON.stringify(given)
  const set = keySet(given)
  await accepts(tokenOf(p256, { kid: 'a' }), set)
  expect(JSON.stringify(given)).toBe(before)
  expect(Object.isFrozen(jwk)).toBe(false)
  Object.assign(jwk, publicOf(otherP256), { kid: 'b' })
  given.keys.length = 0
  await accepts(tokenOf(p256, { kid: 'a' }), set)
  await refused(verify(tokenOf(otherP256, { kid: 'a' }), set, es256), 'ERR_JWT_SIGNATURE')

  const keys: unknown[] = [await load({ ...open, kid: 'a' }, 'ES256')]
  const ofKeys = keySet(keys)
  keys.length = 0
  await accepts(tokenOf(p256, { kid: 'a' }), ofKeys)
})

// ─── skipped ─────────────────────────────────────────────────────────────────

describe('a member that cannot verify a JWS here is set aside, with the reason and without key material', () => {
  const unfit: readonly (readonly [string, unknown])[] = [
    ['an unknown kty', { kty: 'XYZ', kid: 'u' }], ['no kty', { kid: 'u' }], ['an unknown crv', { ...open, crv: 'secp256k1', kid: 'u' }], ['X25519', { ...publicOf(x25519), kid: 'u' }], ['Ed448', { kty: 'OKP', crv: 'Ed448', x: b64u(new Uint8Array(57)), kid: 'u' }],
    ['an unknown alg', { ...open, alg: 'ECDH-ES', kid: 'u' }], ['an alg of another kty', { ...open, alg: 'RS256', kid: 'u' }], ['use enc', { ...publicOf(rsa), use: 'enc', kid: 'u' }], ['key_ops without verify', { ...open, key_ops: ['sign'], kid: 'u' }],
    ['a point off the curve', { ...open, y: otherP256.y, kid: 'u' }], ['a coordinate that is not canonical', { ...open, x: `${p256.x}=`, kid: 'u' }], ['RSA of 1024 bits', { ...publicOf(rsa1024), alg: 'RS256', kid: 'u' }], ['RSA with e = 1', { ...publicOf(rsa), e: 'AQ', kid: 'u' }],
    ['an Ed25519 point of small order', { ...publicOf(ed25519), x: b64u(Uint8Array.of(1, ...new Uint8Array(31))), kid: 'u' }], ['a short secret', { kty: 'oct', k: b64u(secret.slice(0, 31)), alg: 'HS256', kid: 'u' }], ['an empty secret', { kty: 'oct', k: '', kid: 'u' }],
    ['a secret of another cipher', { ...oct, alg: 'A256GCM', kid: 'u' }], ['a secret that may only sign', { ...oct, alg: 'HS256', key_ops: ['sign'], kid: 'u' }], ['a third prime', { ...publicOf(rsa), oth: [], kid: 'u' }], ['a weak private key', { ...rsa1024, kid: 'u' }], ['half a private key', { ...publicOf(rsa), d: rsa.d, kid: 'u' }],
    ['a secret with a member crv', { kty: 'oct', crv: 'P-256', alg: 'A128KW', k: oct.k, kid: 'u' }], ['ML-DSA with a member crv, and too short', { kty: 'AKP', alg: 'ML-DSA-44', crv: 'P-256', pub: 'AA', kid: 'u' }],
    ['null', null], ['text', 'a key'], ['a number', 1], ['an array', [open]], ['undefined', undefined],
  ]
  test.for(unfit)('%s', async ([, member]) => {
    const good = { ...open, alg: 'ES256', kid: 'good' }
    const set = jwks(good, member, { ...good, kid: 'better' })
    expect(set.skipped).toHaveLength(1)
    const [entry] = set.skipped
    expect(entry).toEqual({ index: 1, ...(typeof member === 'object' && member && 'kid' in member ? { kid: 'u' } : {}), reason: expect.stringMatching(/./) as string })
    expect(entry!.reason).not.toMatch(/[A-Za-z0-9_-]{24}/)
    await accepts(tokenOf(p256, { kid: 'good' }), set)
    await accepts(tokenOf(p256, { kid: 'better' }), set)
    await refused(verify(tokenOf(p256, { kid: 'u' }), set, es256), 'ERR_JWT_KEY_NOT_FOUND')
    expect((await set.toPublicJwks()).keys.map(({ kid }) => kid)).toEqual(['good', 'better'])
  })

  test('a set of nothing else has no key', async () => {
    const set = keySet({ keys: unfit.map(([, member]) => member) })
    expect(set.skipped.map(({ index }) => index)).toEqual(unfit.map((_, i) => i))
    await refused(verify(tokenOf(p256), set, es256), 'ERR_JWT_KEY_NOT_FOUND')
    expect(await set.toPublicJwks()).toEqual({ keys: [] })
  })

  asynchronous('a member that fails under several algorithms', () => test('is listed once', async () => {
    const set = jwks({ ...publicOf(rsa), kid: 'u' })
    vi.stubGlobal('crypto', { subtle: { importKey: () => Promise.reject(new Error('no')) } })
    try {
      for (const alg of ['RS256', 'RS384']) await refused(verify(compact({ alg, kid: 'u' }, claims, new Uint8Array(256)), set, { algorithms: [alg] }), 'ERR_JWT_KEY_NOT_FOUND')
    } finally {
      vi.unstubAllGlobals()
    }
    expect(set.skipped.map(({ index }) => index)).toEqual([0])
  }))

  asynchronous('a member', () => test('is imported once for each algorithm, however many tokens ask for it at once or later', async () => {
    const set = jwks({ ...publicOf(rsa), kid: 'r' })
    const importing = vi.spyOn(subtle, 'importKey')
    try {
      for (const [alg, calls] of [['RS256', 1], ['PS256', 2], ['RS256', 2]] as const) {
        await Promise.all([1, 2, 3].map(() => accepts(tokenOf(rsa, { kid: 'r' }, alg), set, { algorithms: [alg] })))
        expect(importing).toHaveBeenCalledTimes(calls)
      }
    } finally {
      importing.mockRestore()
    }
  }))

  test('each copy of the package loads the keys of a set for itself', async () => {
    const set = jwks({ ...open, alg: 'ES256', kid: 'a' }) as never
    const token = tokenOf(p256, { kid: 'a' })
    expect(nodeDoor.verifySync(token, set, { algorithms: ['ES256'] }).payload.sub).toBe('alice')
    vi.resetModules()
    const copy = await import('waxseal/node')
    expect(copy.verifySync).not.toBe(nodeDoor.verifySync)
    expect(copy.verifySync(token, set, { algorithms: ['ES256'] }).payload.sub).toBe('alice')
  })

  test('a sound set has skipped nothing', () => {
    expect(jwks(open, publicOf(rsa), publicOf(ed25519), { ...oct, alg: 'HS512' }, p384).skipped).toEqual([])
  })

  test('skipped cannot be changed from outside', () => {
    const set = jwks({ kty: 'XYZ' })
    const { skipped } = set as unknown as { skipped: unknown[] }
    try {
      skipped.length = 0
    } catch { /* frozen */ }
    try {
      Object.assign(skipped[0] as object, { reason: 'changed' })
    } catch { /* frozen */ }
    expect(set.skipped).toHaveLength(1)
    expect(set.skipped[0]!.reason).not.toBe('changed')
  })

  test('what is no plain object is no JWK, whatever members it has', async () => {
    const set = jwks(Object.assign(new (class Key {})(), open, { alg: 'ES256' }))
    expect(set.skipped).toMatchObject([{ index: 0 }])
    await refused(verify(tokenOf(p256), set, es256), 'ERR_JWT_KEY_NOT_FOUND')
  })

  test('a member whose kid is no text is set aside without it', () => {
    expect(jwks({ ...open, kid: 5 }).skipped).toEqual([{ index: 0, reason: expect.any(String) as string }])
  })

  test('CryptoKeys: weak, unfit for signatures, without the usage', async () => {
    const keys: CryptoKey[] = [
      await subtle.importKey('jwk', publicOf(rsa1024), { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['verify']),
      await subtle.importKey('jwk', open, { name: 'ECDH', namedCurve: 'P-256' }, true, []),
      await subtle.importKey('raw', secret.slice(0, 32), { name: 'AES-GCM' }, true, ['encrypt']),
      await subtle.importKey('raw', secret.slice(0, 31), { name: 'HMAC', hash: 'SHA-256' }, true, ['verify']),
      await subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']),
      await load(open, 'ES256'),
    ]
    const set = keySet(keys.map((key, i) => ({ key, keyId: `k${i}` })))
    expect(set.skipped.map(({ index, kid }) => [index, kid])).toEqual([0, 1, 2, 3, 4].map((i) => [i, `k${i}`]))
    await accepts(tokenOf(p256, { kid: 'k5' }), set)
  })

  test('an algorithm that this runtime lacks is set aside, at the latest when a token asks for it, and spoils no other member', async () => {
    const name = 'ML-DSA-44'
    const set = jwks({ kty: 'AKP', alg: name, pub: b64u(new Uint8Array(1312).fill(1)), kid: 'pq' }, { ...open, alg: 'ES256', kid: 'good' })
    const options = { algorithms: [name, 'ES256'] }
    const outcome = verify(compact({ alg: name, kid: 'pq' }, claims, new Uint8Array(2420)), set, options)
    await refused(outcome, supported.includes(name) ? 'ERR_JWT_SIGNATURE' : 'ERR_JWT_KEY_NOT_FOUND')
    await refused(verify(compact({ alg: name, kid: 'pq' }, claims, new Uint8Array(2420)), set, options), supported.includes(name) ? 'ERR_JWT_SIGNATURE' : 'ERR_JWT_KEY_NOT_FOUND')
    expect(set.skipped.map(({ kid }) => kid), 'and once').toEqual(supported.includes(name) ? [] : ['pq'])
    await accepts(tokenOf(p256, { kid: 'good' }), set, options)
  })
})

// ─── private members and publishing ──────────────────────────────────────────

describe('private members can publish but not verify', () => {
  test('verify refuses with ERR_JWT_KEY that names toPublicJwks, at creation too', async () => {
    const sets = [jwks({ ...p256, alg: 'ES256', kid: 'a' }), jwks({ ...open, alg: 'ES256', kid: 'a' }, { ...rsa, kid: 'b' }), keySet([await load(p256, 'ES256')]), keySet([(await generateKey('ES256')).privateKey, await load(open, 'ES256')])]
    for (const set of sets) {
      const error = await refused(verify(tokenOf(p256, { kid: 'a' }), set, es256), 'ERR_JWT_KEY', /toPublicJwks/)
      expect(error.fault).toBe('server')
      await refused(() => createVerifier(set, es256), 'ERR_JWT_KEY', /toPublicJwks/)
      await refused(verifyBytes(tokenOf(p256), set, es256), 'ERR_JWT_KEY', /toPublicJwks/)
    }
  })

  test('an ML-DSA key with its private part is one of them, also where the runtime lacks ML-DSA', async () => {
    const pub = { kty: 'AKP', alg: 'ML-DSA-44', pub: b64u(new Uint8Array(1312).fill(1)) }
    const set = jwks({ ...pub, priv: b64u(new Uint8Array(32).fill(2)) })
    expect(set.skipped).toEqual([])
    await refused(verify(tokenOf(p256), set, es256), 'ERR_JWT_KEY', /toPublicJwks/)
    expect(await set.toPublicJwks()).toEqual({ keys: [{ ...pub, kid: await thumbprint(pub), use: 'sig' }] })
  })

  test('what they publish verifies', async () => {
    const { privateKey } = await generateKey('ES256', usable[0])
    const imported = await load({ ...p256, kid: 'imported' }, 'ES256')
    const set = keySet(await keySet([privateKey, imported, { key: await load(otherP256, 'ES256'), keyId: 'third' }]).toPublicJwks())
    for (const key of [privateKey, imported]) await accepts(await sign(claims, key), set)
    await accepts(tokenOf(otherP256, { kid: 'third' }), set)
  })
})

describe('toPublicJwks', () => {
  const everything = async (): Promise<readonly KeySet[]> => [
    jwks({ ...rsa, alg: 'RS256' }, { ...p256, use: 'sig', key_ops: ['sign'] }, { ...ed25519, alg: 'EdDSA', kid: 'e' }, { ...oct, alg: 'HS256', kid: 'o' }, { ...publicOf(rsa2), alg: 'PS256', x5c: ['AA'], ext: true, custom: 1 }),
    keySet([await load(rsa, 'RS256', { extractable: true }), await load(p256, 'ES256'), await importSecret(secret, 'HS256', { extractable: true, keyId: 's' }), (await generateKey('EdDSA', { extractable: true })).privateKey, await load(publicOf(otherEd25519), 'Ed25519')]),
  ]

  test('never holds a private or symmetric member, or anything but public parameters, kid, alg and use', async () => {
    for (const set of await everything()) {
      const { keys, ...rest } = await set.toPublicJwks()
      expect(rest).toEqual({})
      expect(keys).toHaveLength(4)
      const allowed: Record<string, string[]> = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] }
      for (const jwk of keys) {
        expect(Object.keys(jwk).filter((name) => secretMembers.includes(name))).toEqual([])
        const { alg, ...others } = jwk
        expect(Object.keys(others).sort()).toEqual(['kty', 'kid', 'use', ...allowed[jwk.kty]!].sort())
        expect(jwk.use).toBe('sig')
        expect(alg === undefined || /^(RS256|PS256|ES256|EdDSA|Ed25519)$/.test(alg)).toBe(true)
      }
    }
  })

  test('kid is the key\'s own, else its thumbprint; alg is there wherever the key is bound', async () => {
    const { keys } = await jwks({ ...open, alg: 'ES256' }, { ...open, kid: 'own' }, { ...publicOf(rsa), crv: 'P-256', alg: 'PS512', kid: 'x' }).toPublicJwks()
    expect(keys[0]).toEqual({ ...open, kid: await thumbprint(open), alg: 'ES256', use: 'sig' })
    expect(keys[1]).toMatchObject({ kid: 'own' })
    expect(keys[2]).toEqual({ ...publicOf(rsa), kid: 'x', alg: 'PS512', use: 'sig' })
    const named = await keySet([{ key: await load({ ...open, kid: 'own' }, 'ES256'), keyId: 'given' }, await load(publicOf(ed25519), 'Ed25519')]).toPublicJwks()
    expect(named.keys).toEqual([{ ...open, kid: 'given', alg: 'ES256', use: 'sig' }, { ...publicOf(ed25519), kid: await thumbprint(ed25519), alg: 'Ed25519', use: 'sig' }])
  })

  test('alg is the name that tokens of the key carry: EdDSA stays EdDSA, since other libraries compare it', async () => {
    for (const name of ['EdDSA', 'Ed25519'] as const) {
      for (const set of [jwks({ ...publicOf(ed25519), alg: name }), keySet([await load(publicOf(ed25519), name)]), keySet([await load(ed25519, name)])]) {
        expect((await set.toPublicJwks()).keys.map(({ alg }) => alg)).toEqual([name])
      }
    }
  })

  test('is a JWKS that is sound: nothing of it is set aside', async () => {
    for (const set of await everything()) {
      const published = keySet(await set.toPublicJwks())
      expect(published.skipped).toEqual([])
      await accepts(tokenOf(p256), published)
    }
  })

  test('gives objects of its own: what is done to them changes nothing', async () => {
    const set = jwks({ ...open, alg: 'ES256', kid: 'a' })
    const { keys } = await set.toPublicJwks()
    Object.assign(keys[0]!, publicOf(otherP256))
    expect((await set.toPublicJwks()).keys[0]).toMatchObject(open)
    await accepts(tokenOf(p256, { kid: 'a' }), set)
  })

  test('a private key of another hand that cannot be exported has no public half to publish: ERR_JWT_KEY', async () => {
    const key = await subtle.importKey('jwk', p256, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    await refused(keySet([{ key, keyId: 'a' }]).toPublicJwks(), 'ERR_JWT_KEY')
  })
})
