// CryptoKeys made elsewhere, straight through crypto.subtle, and keys that were changed after they were made: what a key
// says is checked at every use, since runtimes check nothing.

import { describe, expect, test, vi } from 'vitest'
import { JwtError, type CryptoKey } from 'waxseal'
import { answering, asynchronous, failing, usable } from '../support/door'
import {
  b64u, Buffer, claims, compact, ed25519, fromB64u, hex, join, load, misused, nodePublic, nodeAccepts, nodePrivate, nodeToken, node, oct, otherEd25519, p256, p384, p521, pkcs8Of, publicOf,
  refused, rsa, rsa1024, rsaE3, secret, spkiOf, subtle, untyped, utf8, x25519, type Jwk,
} from '../support/keys'

const { createSigner, createVerifier, exportJwk, importPem, importSecret, keySet, sign, signBytes, verify, verifyBytes } = untyped

const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const foreign = (jwk: Jwk, algorithm: object, usages: string[], extractable = true): Promise<CryptoKey> => subtle.importKey('jwk', jwk, algorithm, extractable, usages)
const es256 = { name: 'ECDSA', namedCurve: 'P-256' }
const foreignSecret = (length = 64, hash = 'SHA-256', usages = ['sign', 'verify']): Promise<CryptoKey> => subtle.importKey('raw', secret.slice(0, length), { name: 'HMAC', hash }, true, usages)

test.for<readonly [string, Jwk, object]>([
  ['RS256', rsa, rs256], ['RS512', rsa, { ...rs256, hash: 'SHA-512' }], ['PS384', rsa, { name: 'RSA-PSS', hash: 'SHA-384' }], ['RS256', rsaE3, rs256],
  ['ES256', p256, es256], ['ES384', p384, { name: 'ECDSA', namedCurve: 'P-384' }], ['ES512', p521, { name: 'ECDSA', namedCurve: 'P-521' }],
  ['Ed25519', ed25519, { name: 'Ed25519' }], ['EdDSA', ed25519, { name: 'Ed25519' }],
])('a sound key of another hand that the door can use signs and verifies: %s', async ([name, jwk, algorithm]) => {
  for (const { extractable } of usable) {
    const token = await sign(claims, await foreign(jwk, algorithm, ['sign'], extractable), { algorithm: name })
    expect(nodeAccepts(name as 'ES256', nodePublic(jwk), token)).toBe(true)
    const key = await foreign(publicOf(jwk), algorithm, ['verify'], extractable)
    for (let time = 0; time < 2; time++) expect((await verify(token, key, { algorithms: [name] })).payload.sub).toBe('alice')
    expect((await createVerifier(key, { algorithms: [name] })(token)).payload.sub).toBe('alice')
    expect((await verify(token, keySet([{ key, keyId: 'a' }]), { algorithms: [name] })).payload.sub).toBe('alice')
    expect((await verify(token, () => key, { algorithms: [name] })).payload.sub).toBe('alice')
  }
})

test('a secret key of another hand signs and verifies', async () => {
  const key = await foreignSecret()
  expect((await verify(await sign(claims, key), key, { algorithms: ['HS256'] })).payload.sub).toBe('alice')
})

// ─── role and usages ─────────────────────────────────────────────────────────

describe('a key does what its role and usages allow, and nothing else', () => {
  const token = nodeToken('ES256', nodePrivate(p256), claims)
  const options = { algorithms: ['ES256'] }

  test('a private key given to verify is ERR_JWT_KEY', async () => {
    for (const key of [await foreign(p256, es256, ['sign']), await load(p256, 'ES256'), (await untyped.generateKey('ES256')).privateKey]) {
      expect((await refused(verify(token, key, options), 'ERR_JWT_KEY', /public/)).fault).toBe('server')
      await refused(verifyBytes(token, key, options), 'ERR_JWT_KEY', /public/)
      await refused(verify(token, () => key, options), 'ERR_JWT_KEY')
      await refused(() => createVerifier(key, options), 'ERR_JWT_KEY', /public/)
    }
  })

  test('a public key given to sign is ERR_JWT_KEY', async () => {
    for (const key of [await foreign(publicOf(p256), es256, ['verify']), await load(publicOf(p256), 'ES256'), (await untyped.generateKey('ES256')).publicKey]) {
      await refused(sign(claims, key), 'ERR_JWT_KEY', /private/)
      await refused(signBytes(utf8('x'), key), 'ERR_JWT_KEY', /private/)
      await refused(() => createSigner(key), 'ERR_JWT_KEY', /private/)
    }
  })

  test('a secret key without the usage is ERR_JWT_KEY', async () => {
    const signing = await foreignSecret(64, 'SHA-256', ['sign'])
    const verifying = await foreignSecret(64, 'SHA-256', ['verify'])
    const mac = await sign(claims, signing)
    expect((await verify(mac, verifying, { algorithms: ['HS256'] })).payload.sub).toBe('alice')
    await refused(sign(claims, verifying), 'ERR_JWT_KEY', /sign/)
    await refused(() => createSigner(verifying), 'ERR_JWT_KEY', /sign/)
    await refused(verify(mac, signing, { algorithms: ['HS256'] }), 'ERR_JWT_KEY', /verify/)
    await refused(() => createVerifier(signing, { algorithms: ['HS256'] }), 'ERR_JWT_KEY', /verify/)
  })

  test('a public key without any usage is ERR_JWT_KEY', async () => {
    await refused(verify(token, await foreign(publicOf(p256), { name: 'ECDSA', namedCurve: 'P-256' }, []), options), 'ERR_JWT_KEY', /verify/)
  })

  const unfit: readonly [string, () => Promise<CryptoKey>][] = [
    ['ECDH, public', () => foreign(publicOf(p256), { name: 'ECDH', namedCurve: 'P-256' }, [])],
    ['ECDH, private', () => foreign(p256, { name: 'ECDH', namedCurve: 'P-256' }, ['deriveBits'])],
    ['X25519', () => foreign(publicOf(x25519), { name: 'X25519' }, [])],
    ['AES-GCM', () => subtle.importKey('raw', secret.slice(0, 32), { name: 'AES-GCM' }, true, ['encrypt', 'decrypt'])],
    ['AES-KW', () => subtle.importKey('raw', secret.slice(0, 32), { name: 'AES-KW' }, true, ['wrapKey'])],
    ['RSA-OAEP', () => foreign(publicOf(rsa), { name: 'RSA-OAEP', hash: 'SHA-256' }, ['encrypt'])],
    ['PBKDF2', () => subtle.importKey('raw', secret, { name: 'PBKDF2' }, false, ['deriveBits'])],
    ['HMAC with SHA-1', () => foreignSecret(64, 'SHA-1')],
    ['RSASSA-PKCS1-v1_5 with SHA-1', () => foreign(publicOf(rsa), { ...rs256, hash: 'SHA-1' }, ['verify'])],
    ['RSA-PSS with SHA-1', () => foreign(publicOf(rsa), { name: 'RSA-PSS', hash: 'SHA-1' }, ['verify'])],
  ]
  test.for(unfit)('a key that is not for JWTs is ERR_JWT_KEY at every door: %s', async ([, make]) => {
    const key = await make()
    await refused(sign(claims, key), 'ERR_JWT_KEY')
    await refused(() => createSigner(key), 'ERR_JWT_KEY')
    await refused(verify(token, key, options), 'ERR_JWT_KEY')
    await refused(() => createVerifier(key, options), 'ERR_JWT_KEY')
    await refused(verify(token, () => key, options), 'ERR_JWT_KEY')
    expect(keySet([{ key, keyId: 'a' }]).skipped).toHaveLength(1)
  })
})

test('a token that names an algorithm which the list allows and the key is not of is the token\'s fault, whoever made the key', async () => {
  const kinds: readonly (readonly [string, Jwk, object])[] = [
    ['ES256', p256, es256], ['ES384', p384, { name: 'ECDSA', namedCurve: 'P-384' }], ['ES512', p521, { name: 'ECDSA', namedCurve: 'P-521' }], ['EdDSA', ed25519, { name: 'Ed25519' }], ['RS256', rsa, rs256],
  ]
  for (const [own, jwk, algorithm] of kinds) {
    for (const [other] of kinds.filter(([name]) => name !== own)) {
      for (const key of [await load(publicOf(jwk), own as 'ES256'), ...await Promise.all(usable.map(({ extractable }) => foreign(publicOf(jwk), algorithm, ['verify'], extractable)))]) {
        const error = await refused(verify(compact({ alg: other }, claims, new Uint8Array(64)), key, { algorithms: [own, other] }), 'ERR_JWT_ALGORITHM')
        expect(error.fault).toBe('token')
        expect((await verify(nodeToken(own as 'ES256', nodePrivate(jwk), claims), key, { algorithms: [own, other] })).payload.sub).toBe('alice')
        expect((await createVerifier(key, { algorithms: [other, own] })(nodeToken(own as 'ES256', nodePrivate(jwk), claims))).payload.sub).toBe('alice')
      }
    }
  }
})

// ─── strength ────────────────────────────────────────────────────────────────

describe('what no runtime refuses', () => {
  test('RSA of 1024 bits: ERR_JWT_KEY, unless allowWeakKeys says otherwise', async () => {
    const [signing, verifying] = [await foreign(rsa1024, rs256, ['sign']), await foreign(publicOf(rsa1024), rs256, ['verify'])]
    const token = nodeToken('RS256', nodePrivate(rsa1024), claims)
    await refused(sign(claims, signing), 'ERR_JWT_KEY', /2048/)
    await refused(() => createSigner(signing), 'ERR_JWT_KEY', /2048/)
    await refused(verify(token, verifying, { algorithms: ['RS256'] }), 'ERR_JWT_KEY', /2048/)
    await refused(() => createVerifier(verifying, { algorithms: ['RS256'] }), 'ERR_JWT_KEY', /2048/)
    expect(keySet([verifying]).skipped).toMatchObject([{ index: 0, reason: expect.stringMatching(/2048/) as string }])
    const options = { allowWeakKeys: true }
    expect(nodeAccepts('RS256', nodePublic(rsa1024), await sign(claims, signing, options))).toBe(true)
    expect((await verify(token, verifying, { algorithms: ['RS256'], ...options })).payload.sub).toBe('alice')
  })

  test('RSA with e = 1: any message carries its own signature, and it is ERR_JWT_KEY even with allowWeakKeys', async () => {
    const key = await foreign({ ...publicOf(rsa), e: 'AQ' }, rs256, ['verify']).catch(() => undefined)
    if (!key) return void expect(await foreign(publicOf(rsa), rs256, ['verify'])).toBeDefined() // this runtime refuses e = 1 itself
    const [header, payload] = compact({ alg: 'RS256' }, { ...claims, admin: true }).split('.')
    const digest = fromB64u((node.createHash('sha256') as unknown as { update(data: string): { digest(encoding: string): string } }).update(`${header}.${payload}`).digest('base64url'))
    // EMSA-PKCS1-v1_5 (RFC 8017 9.2): s^1 mod n is the padded hash itself.
    const forged = join(hex(`0001${'ff'.repeat(202)}00`), hex('3031300d060960864801650304020105000420'), digest)
    const token = `${header}.${payload}.${b64u(forged)}`
    for (const allowWeakKeys of [false, true]) {
      await refused(verify(token, key, { algorithms: ['RS256'], allowWeakKeys }), 'ERR_JWT_KEY', /exponent/)
      await refused(() => createVerifier(key, { algorithms: ['RS256'], allowWeakKeys }), 'ERR_JWT_KEY', /exponent/)
    }
    expect(keySet([key]).skipped).toHaveLength(1)
  })

  test('RSA with e = 3 is sound', async () => {
    const key = await foreign(publicOf(rsaE3), rs256, ['verify'])
    expect((await verify(await sign(claims, await foreign(rsaE3, rs256, ['sign'])), key, { algorithms: ['RS256'] })).payload.sub).toBe('alice')
  })

  test('an HMAC key below the hash: ERR_JWT_KEY, unless allowWeakKeys says otherwise', async () => {
    const [short, enough] = [await foreignSecret(31), await foreignSecret(32)]
    expect((await verify(await sign(claims, enough), enough, { algorithms: ['HS256'] })).payload.sub).toBe('alice')
    await refused(sign(claims, short), 'ERR_JWT_KEY', /256/)
    await refused(() => createSigner(short), 'ERR_JWT_KEY', /256/)
    const token = await sign(claims, short, { allowWeakKeys: true })
    await refused(verify(token, short, { algorithms: ['HS256'] }), 'ERR_JWT_KEY', /256/)
    await refused(() => createVerifier(short, { algorithms: ['HS256'] }), 'ERR_JWT_KEY', /256/)
    expect((await verify(token, short, { algorithms: ['HS256'], allowWeakKeys: true })).payload.sub).toBe('alice')
  })

  const smallOrder = [
    `01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`, '00'.repeat(32), `${'00'.repeat(31)}80`, 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', `ee${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(31)}`,
  ]
  test.for(smallOrder)('an Ed25519 point of small order verifies one signature for many messages, and is ERR_JWT_KEY every time: %s', async (digits) => {
    const key = await subtle.importKey('raw', hex(digits), { name: 'Ed25519' }, true, ['verify'])
    const constant = join(hex(`01${'00'.repeat(31)}`), new Uint8Array(32)) // R the neutral point, S = 0
    for (let i = 0; i < 2; i++) {
      const token = compact({ alg: 'EdDSA' }, { ...claims, i }, constant)
      await refused(verify(token, key, { algorithms: ['EdDSA'] }), 'ERR_JWT_KEY')
      await refused(verify(token, () => key, { algorithms: ['EdDSA'] }), 'ERR_JWT_KEY')
      await refused(createVerifier(key, { algorithms: ['EdDSA'] })(token), 'ERR_JWT_KEY')
    }
  })

  test('a point of small order in a KeySet spoils no other member', async () => {
    const weak = await subtle.importKey('raw', hex(smallOrder[0]!), { name: 'Ed25519' }, true, ['verify'])
    const set = keySet([{ key: weak, keyId: 'weak' }, { key: await load(publicOf(otherEd25519), 'Ed25519'), keyId: 'good' }])
    const token = await sign(claims, await load(otherEd25519, 'Ed25519'))
    expect((await verify(token, set, { algorithms: ['Ed25519'] })).payload.sub).toBe('alice')
    const forged = compact({ alg: 'Ed25519', kid: 'weak' }, claims, join(hex(`01${'00'.repeat(31)}`), new Uint8Array(32)))
    await refused(verify(forged, set, { algorithms: ['Ed25519'] }), 'ERR_JWT_KEY_NOT_FOUND')
    expect(set.skipped).toMatchObject([{ index: 0, kid: 'weak' }])
  })
})

test('an RSA signature that opens with the first octet of the modulus, and is below it, is as good as any other', async () => {
  const keys = [await load(publicOf(rsa), 'RS256'), await foreign(publicOf(rsa), rs256, ['verify'])]
  const [first] = fromB64u(rsa.n)
  let token
  for (let i = 0; !token || fromB64u(token.split('.')[2]!)[0] !== first; i++) token = nodeToken('RS256', nodePrivate(rsa), { ...claims, i })
  for (const key of keys) expect((await verify(token, key, { algorithms: ['RS256'] })).payload.sub).toBe('alice')
})

asynchronous('a runtime that takes whatever is signed', () => {
  const last = (bytes: Uint8Array, change: number): Uint8Array => join(bytes.slice(0, -1), Uint8Array.of(bytes.at(-1)! + change))
  const modulus = fromB64u(rsa.n)
  const half = (digits: string): Uint8Array => join(new Uint8Array(32), hex(digits).reverse())
  const order = '1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed'

  test.for<readonly [string, Jwk, object, sound: readonly Uint8Array[], wrong: readonly Uint8Array[]]>([
    ['RS256', rsa, rs256, [last(modulus, -1), new Uint8Array(256)], [modulus, last(modulus, 1), new Uint8Array(256).fill(255), modulus.slice(1), join(Uint8Array.of(0), last(modulus, -1)), new Uint8Array()]],
    ['Ed25519', ed25519, { name: 'Ed25519' }, [half(order.replace(/d$/, 'c')), new Uint8Array(64)], [half(order), half(order.replace(/d$/, 'e')), new Uint8Array(64).fill(255), new Uint8Array(63), new Uint8Array(65)]],
    ['ES256', p256, es256, [new Uint8Array(64).fill(255)], [new Uint8Array(63), new Uint8Array(65), new Uint8Array(96)]],
  ])('gets to see only what has the one form that the key gives it, whoever made the key: %s', async ([name, jwk, algorithm, sound, wrong]) => {
    const verifying = vi.spyOn(subtle as unknown as { verify(): Promise<boolean> }, 'verify').mockResolvedValue(true)
    try {
      for (const key of [await load(publicOf(jwk), name as 'ES256'), await foreign(publicOf(jwk), algorithm, ['verify'])]) {
        for (const signature of sound) expect((await verify(compact({ alg: name }, claims, signature), key, { algorithms: [name] })).payload.sub).toBe('alice')
        for (const signature of wrong) await refused(verify(compact({ alg: name }, claims, signature), key, { algorithms: [name] }), 'ERR_JWT_SIGNATURE')
      }
      expect(verifying).toHaveBeenCalledTimes(2 * sound.length)
    } finally {
      verifying.mockRestore()
    }
  })
})

asynchronous('a runtime that fails at a bad signature', () => {
  test('says that it is bad: ERR_JWT_SIGNATURE', async () => {
    const key = await load(publicOf(p256), 'ES256')
    const verifying = vi.spyOn(subtle as unknown as { verify(): Promise<boolean> }, 'verify').mockRejectedValue(new Error('bad point'))
    try {
      await refused(verify(nodeToken('ES256', nodePrivate(p256), claims), key, { algorithms: ['ES256'] }), 'ERR_JWT_SIGNATURE')
    } finally {
      verifying.mockRestore()
    }
  })
})

// ─── keys that were changed ──────────────────────────────────────────────────

/** Changes what a key says of itself. Older Nodes obey the change, newer runtimes ignore or refuse it. */
function change(target: object, name: string, value: unknown): boolean {
  try {
    Object.defineProperty(target, name, { value, configurable: true })
  } catch { /* frozen */ }
  return (target as Record<string, unknown>)[name] === value
}

/** A key that answers as it was changed, for runtimes whose keys cannot be changed. */
const altered = (key: CryptoKey, algorithm: object, more: object = {}): unknown => ({ type: key.type, extractable: key.extractable, usages: [...key.usages], ...more, algorithm: { ...key.algorithm, ...algorithm } })

describe('what a key says now counts, not what it said before', () => {
  test('another hash makes it another key', async () => {
    const key = await importSecret(secret, 'HS256')
    const token = await sign(claims, key)
    const verifying = createVerifier(key, { algorithms: ['HS256'] })
    const signing = createSigner(key)
    if (!change((key.algorithm as unknown as { hash: object }).hash, 'name', 'SHA-512')) return void expect((await verifying(token)).payload.sub).toBe('alice')
    await refused(verify(token, key, { algorithms: ['HS256'] }), 'ERR_JWT_ALGORITHM')
    await refused(verifying(token), 'ERR_JWT_ALGORITHM')
    await refused(signing(claims), 'ERR_JWT_ALGORITHM')
    await refused(sign(claims, key, { algorithm: 'HS256' }), 'ERR_JWT_KEY')
    await refused(verify(await sign(claims, secret, { algorithm: 'HS512' }), key, { algorithms: ['HS512'] }), 'ERR_JWT_ALGORITHM', /HS256/)
  })

  test('usages that were pushed give a public key no power to sign', async () => {
    const key = await load(publicOf(p256), 'ES256')
    try {
      (key.usages as string[]).push('sign')
    } catch { /* frozen */ }
    await refused(sign(claims, key), 'ERR_JWT_KEY', /private/)
  })

  test('usages that were taken away are missed', async () => {
    const key = await importSecret(secret, 'HS256')
    const token = await sign(claims, key)
    try {
      (key.usages as string[]).length = 0
    } catch { /* frozen */ }
    const allowed = key.usages.length > 0
    const outcome = verify(token, key, { algorithms: ['HS256'] })
    if (allowed) expect((await outcome).payload.sub).toBe('alice')
    else await refused(outcome, 'ERR_JWT_KEY', /verify/)
  })

  test('a changed size or exponent is believed', async () => {
    const verifying = await load(publicOf(rsa), 'RS256')
    const signing = await load(rsa, 'RS256')
    const token = await sign(claims, signing)
    const lies: readonly object[] = [{ modulusLength: 1024 }, { modulusLength: 2047 }, { modulusLength: 16385 }, { publicExponent: Uint8Array.of(1) }, { publicExponent: Uint8Array.of(0, 0, 1) }, { publicExponent: Uint8Array.of(2) }, { publicExponent: Uint8Array.of(1, 0, 0, 0, 1) }]
    for (const lie of lies) {
      await refused(verify(token, altered(verifying, lie), { algorithms: ['RS256'] }), 'ERR_JWT_KEY')
      await refused(() => createVerifier(altered(verifying, lie), { algorithms: ['RS256'] }), 'ERR_JWT_KEY')
      await refused(() => createSigner(altered(signing, lie)), 'ERR_JWT_KEY')
      expect(keySet([altered(verifying, lie)]).skipped).toHaveLength(1)
    }
    for (const length of [0, 8, 255, undefined, NaN]) {
      await refused(() => createSigner(altered({ ...verifying, type: 'secret', usages: ['sign'] } as never, { name: 'HMAC', hash: { name: 'SHA-256' }, length }, { type: 'secret', usages: ['sign'] })), 'ERR_JWT_KEY')
    }
  })

  test.for([0, undefined, NaN, null])('a modulus of %j bits is refused: one runtime says 0 of a modulus that is too long for it', async (modulusLength) => {
    const lie = altered(await foreign(publicOf(rsa1024), rs256, ['verify']), { modulusLength })
    await refused(() => createVerifier(lie, { algorithms: ['RS256'] }), 'ERR_JWT_KEY')
    const signing = altered(await foreign(rsa1024, rs256, ['sign']), { modulusLength })
    await refused(() => createSigner(signing), 'ERR_JWT_KEY')
  })

  test('another curve or name makes it another key', async () => {
    const key = await load(publicOf(p256), 'ES256')
    const token = nodeToken('ES256', nodePrivate(p256), claims)
    const options = { algorithms: ['ES256'] }
    await refused(verify(token, altered(key, { namedCurve: 'P-384' }, { extractable: false }), options), 'ERR_JWT_ALGORITHM')
    for (const lie of [{ namedCurve: undefined }, { namedCurve: '' }, { namedCurve: 'secp256k1' }, { name: 'ECDH' }, { name: 'constructor' }]) {
      await refused(verify(token, altered(key, lie), options), 'ERR_JWT_KEY')
      await refused(() => createVerifier(altered(key, lie), options), 'ERR_JWT_KEY')
    }
  })
})

// ─── what is remembered of a key ─────────────────────────────────────────────

test('the kid and name of a key are remembered beside it, never on it', async () => {
  const key = await load({ ...ed25519, kid: 'beside' }, 'EdDSA')
  expect(Reflect.ownKeys(key).filter((name) => typeof name === 'string')).not.toContain('kid')
  expect(JSON.stringify(Object.values(key))).not.toContain('beside')
  expect(JSON.stringify(key.algorithm)).toBe('{"name":"Ed25519"}')
})

test('what is remembered is in one registry for all copies of the package', async () => {
  const registries = Object.getOwnPropertySymbols(globalThis).filter((symbol) => /waxseal/.test(Symbol.keyFor(symbol) ?? ''))
  expect(registries).toHaveLength(1)
  expect((globalThis as Record<symbol, unknown>)[registries[0]!]).toBeInstanceOf(WeakMap)
})

test('a frozen key serves as well', async () => {
  const key = Object.freeze(await load({ ...p256, kid: 'cold' }, 'ES256'))
  expect((await verify(await sign(claims, key), Object.freeze(await load(publicOf(p256), 'ES256')), { algorithms: ['ES256'] })).header['kid']).toBe('cold')
})

test('a foreign key has no kid', async () => {
  const token = await sign(claims, await foreign({ ...p256, kid: 'unseen' }, es256, ['sign']))
  expect((await verify(token, await load(publicOf(p256), 'ES256'), { algorithms: ['ES256'] })).header).not.toHaveProperty('kid')
})

test('all ways to the same key give the same key', async () => {
  const token = await sign(claims, await importPem(nodePrivate(p256).export({ format: 'pem', type: 'pkcs8' }), 'ES256'))
  const ways = [
    load(publicOf(p256), 'ES256'), importPem(nodePublic(p256).export({ format: 'pem', type: 'spki' }), 'ES256'), subtle.importKey('spki', spkiOf(p256), es256, true, ['verify']),
    subtle.importKey('raw', join(Uint8Array.of(4), fromB64u(p256.x), fromB64u(p256.y)), es256, usable[0]!.extractable, ['verify']),
  ]
  for (const way of ways) expect((await verify(token, await way, { algorithms: ['ES256'] })).payload.sub).toBe('alice')
  const imported = await subtle.importKey('pkcs8', pkcs8Of(p256), es256, true, ['sign'])
  expect(await exportJwk(imported)).toMatchObject({ x: p256.x, d: p256.d, alg: 'ES256' })
})

// ─── key functions ───────────────────────────────────────────────────────────

describe('a key function', async () => {
  const [key, privateKey, otherCurve, weak] = [await load(publicOf(p256), 'ES256'), await load(p256, 'ES256'), await load(publicOf(p384), 'ES384'), await load(publicOf(rsa1024), 'RS256', { allowWeakKeys: true })]
  const token = nodeToken('ES256', nodePrivate(p256), claims, { kid: 'a', nested: { list: [1] } })
  const options = { algorithms: ['ES256'] }

  test('gets a frozen copy of the protected header, and nothing of the payload', async () => {
    let seen: unknown[] = []
    const { header } = await verify(token, (...given: unknown[]) => {
      seen = given
      return key
    }, options)
    expect(seen).toEqual([{ alg: 'ES256', typ: 'JWT', kid: 'a', nested: { list: [1] } }])
    expect(Object.isFrozen(seen[0])).toBe(true)
    expect(header).toEqual(seen[0])
    expect(header).not.toBe(seen[0])
    expect(header['nested']).not.toBe((seen[0] as { nested: unknown }).nested)
  })

  test('is asked after the allowlist, and for every token anew', async () => {
    for (const answer of answering(key)) {
      let asked = 0
      const ask = (): unknown => (asked++, answer())
      await refused(verify(compact({ alg: 'ES384' }, claims), ask, options), 'ERR_JWT_ALGORITHM')
      await refused(verify(compact({ alg: 'none' }, claims), ask, options), 'ERR_JWT_ALGORITHM')
      expect(asked).toBe(0)
      const verifier = createVerifier(ask, options)
      for (let i = 1; i < 4; i++) {
        await verifier(token)
        expect(asked).toBe(i)
      }
    }
  })

  test('that gives null or undefined has no key: ERR_JWT_KEY_NOT_FOUND', async () => {
    for (const nothing of [null, undefined]) {
      for (const answer of answering(nothing)) expect((await refused(verify(token, answer, options), 'ERR_JWT_KEY_NOT_FOUND')).fault).toBe('token')
    }
  })

  test('that throws is ERR_JWT_KEY with cause; a JwtError it throws passes unchanged', async () => {
    const cause = new Error('database is down: hunter2')
    for (const fail of failing(cause)) {
      const error = await refused(verify(token, fail, options), 'ERR_JWT_KEY')
      expect([error.cause, error.fault]).toEqual([cause, 'server'])
      expect(error.message).not.toContain('hunter2')
    }
    const own = new JwtError('ERR_JWT_KEY_NOT_FOUND', 'my own words')
    for (const fail of failing(own)) expect(await verify(token, fail, options).catch((thrown: unknown) => thrown)).toBe(own)
  })

  test('that gives a key of another algorithm or role is refused as that key is', async () => {
    for (const answer of answering(otherCurve)) await refused(verify(token, answer, options), 'ERR_JWT_ALGORITHM')
    for (const answer of answering(privateKey)) await refused(verify(token, answer, options), 'ERR_JWT_KEY')
    for (const answer of answering(weak)) await refused(verify(token, answer, { algorithms: ['ES256', 'RS256'] }), 'ERR_JWT_ALGORITHM')
  })
})

// ─── what is no key ──────────────────────────────────────────────────────────

describe('key material and other things handed to sign or verify are a TypeError that names the importer', () => {
  const token = nodeToken('ES256', nodePrivate(p256), claims)
  const options = { algorithms: ['ES256'] }
  test.for<readonly [string, unknown, RegExp]>([
    ['a private JWK', p256, /importJwk/], ['a public JWK', publicOf(p256), /importJwk/], ['a secret JWK', oct, /importJwk/], ['a JWKS', { keys: [publicOf(p256)] }, /keySet/],
    ['private PEM', nodePrivate(p256).export({ format: 'pem', type: 'pkcs8' }), /importPem/], ['public PEM', nodePublic(p256).export({ format: 'pem', type: 'spki' }), /importPem/],
    ['PEM behind space', `\n ${nodePublic(p256).export({ format: 'pem', type: 'spki' })}`, /importPem/],
    ['nothing', undefined, /CryptoKey/], ['null', null, /CryptoKey/], ['a number', 1, /CryptoKey/], ['true', true, /CryptoKey/], ['an array', [], /CryptoKey/], ['an empty object', {}, /CryptoKey/], ['a symbol', Symbol('k'), /CryptoKey/],
    ['usages alone', { usages: ['sign', 'verify'] }, /CryptoKey/], ['an algorithm alone', { algorithm: { name: 'HMAC' } }, /CryptoKey/], ['no type', { algorithm: { name: 'ECDSA', namedCurve: 'P-256' }, usages: ['verify'] }, /CryptoKey/], ['no algorithm beside usages', { algorithm: null, usages: ['sign'] }, /CryptoKey/],
    ['a name for an algorithm', { type: 'public', algorithm: 'ES256', usages: ['verify'] }, /CryptoKey/],
    ['a pair', { privateKey: 1, publicKey: 2 }, /CryptoKey/], ['a Promise of a key', load(publicOf(p256), 'ES256'), /CryptoKey/],
  ])('%s', async ([, key, words]) => {
    await misused(verify(token, key, options), words)
    await misused(() => createVerifier(key, options), words)
    await misused(verifyBytes(token, key, options), words)
    await misused(sign(claims, key), key === undefined || typeof key === 'object' ? words : /./)
    await misused(sign(claims, key, { algorithm: 'ES256' }))
    await misused(() => createSigner(key), /./)
    await misused(signBytes(utf8('x'), key), /./)
  })

  test.for([['text', 'a secret that is long enough for HS256'], ['bytes', secret], ['a buffer', secret.buffer], ['a Buffer', Buffer.from(secret)]] as const)('a secret under another list than HS*: %s', async ([, key]) => {
    await misused(verify(token, key, options))
    await misused(() => createVerifier(key, options))
    await misused(sign(claims, key, { algorithm: 'ES256' }))
    await misused(sign(claims, key), /algorithm/)
    await misused(() => createSigner(key), /algorithm/)
  })

  asynchronous('but for waxseal/node', () => {
    test('node:crypto\'s KeyObject', async () => {
      for (const object of [nodePublic(p256), nodePrivate(p256), node.createSecretKey(secret)]) {
        for (const list of [['ES256'], ['HS256']]) {
          await misused(verify(token, object, { algorithms: list }), /CryptoKey/)
          await misused(() => createVerifier(object, { algorithms: list }), /CryptoKey/)
          await misused(verifyBytes(token, object, { algorithms: list }), /CryptoKey/)
          await misused(sign(claims, object, { algorithm: list[0] }))
          await misused(() => createSigner(object, { algorithm: list[0] }))
        }
        await misused(sign(claims, object))
        await misused(() => keySet([object]), /CryptoKey/)
        await refused(verify(token, () => object, options), 'ERR_JWT_KEY')
      }
    })
  })

  test('the TypeError comes before anything is done with the token', async () => {
    await misused(verify(undefined, publicOf(p256), options))
    await misused(untyped.verify('x'.repeat(20_000), publicOf(p256), options))
  })
})
