// The rules of waxseal/node that no other door has: nothing may answer with a Promise, and a KeyObject is a key where the
// list names exactly one algorithm that fits it. The asynchronous counterparts are marked in test/support/door.ts.

import { describe, expect, test } from 'vitest'
import { decode, isJwtError, JwtError, keySet } from 'waxseal'
import * as sync from 'waxseal/node'
import {
  b64u, bareSec1, Buffer, claims, compact, ecIdentifier, ed25519, fromB64u, load, materialFor, misused, node, nodeAccepts, nodePrivate, nodePublic, nodeSign, nodeToken, otherP256, p256, p384, p521, pkcs8, publicKeyAlgorithms, publicOf, refused, rsa, rsa1024, rsaE3, secret,
  spkiOf, untyped, utf8, type KeyObject,
} from '../support/keys'

type Call = (...args: unknown[]) => unknown
const { signSync, verifySync, safeVerifySync, createSignerSync, createVerifierSync, importSecretSync, importJwkSync, importPemSync, signBytesSync, verifyBytesSync, safeVerifyBytesSync } =
  sync as unknown as Record<keyof typeof sync, Call>

const hs256 = { algorithms: ['HS256'] }
const es256 = { algorithms: ['ES256'] }
const token = nodeToken('HS256', secret, claims)
const subOf = (result: unknown): unknown => (result as { payload: { sub: string } }).payload.sub

// ─── nothing is waited for ───────────────────────────────────────────────────

/** Ways of not answering at once. */
const promises: readonly (readonly [string, (answer: unknown) => unknown])[] = [
  ['a Promise', (answer) => Promise.resolve(answer)], ['a rejected Promise', () => Promise.reject(new Error('later'))], ['a Promise that never ends', () => new Promise(() => {})],
  ['a thenable', (answer) => ({ then: (resolve: Call) => resolve(answer) })], ['a thenable that throws', () => ({ then() { throw new Error('later') } })],
  ['a function that is a thenable', (answer) => Object.assign(() => answer, { then: (resolve: Call) => resolve(answer) })], ['an instance of a class of Promise', (answer) => (class extends Promise<unknown> {}).resolve(answer)],
]

describe.for(promises)('%s is no answer', ([, of]) => {
  /** Insists that an answer at once passes, and that the same answer in this way refuses as a throw would. */
  async function expectRefusal(call: (answer: (value: unknown) => unknown) => unknown, code: 'ERR_JWT_KEY' | 'ERR_JWT_REVOKED' | 'ERR_JWT_SCHEMA' | 'ERR_JWT_CLAIM'): Promise<void> {
    expect(call((value) => value)).toBeDefined()
    const error = await refused(() => call(of), code)
    expect(error.fault).toBe('server')
    expect(error.cause).toBeInstanceOf(TypeError)
    expect((error.cause as Error).message).toMatch(/Promise|true or false/)
  }

  test('of isRevoked: ERR_JWT_REVOKED', async () => {
    await expectRefusal((answer) => verifySync(token, secret, { ...hs256, isRevoked: () => answer(false) }), 'ERR_JWT_REVOKED')
    await expectRefusal((answer) => (createVerifierSync(secret, { ...hs256, isRevoked: () => answer(false) }) as Call)(token), 'ERR_JWT_REVOKED')
  })

  test('of a schema: ERR_JWT_SCHEMA', async () => {
    await expectRefusal((answer) => verifySync(token, secret, { ...hs256, schema: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => answer({ value }) } } }), 'ERR_JWT_SCHEMA')
  })

  test('of an issuer function: ERR_JWT_CLAIM', async () => {
    await expectRefusal((answer) => verifySync(nodeToken('HS256', secret, { ...claims, iss: 'me' }), secret, { ...hs256, issuer: () => answer(true) }), 'ERR_JWT_CLAIM')
  })

  test('of a key function: ERR_JWT_KEY', async () => {
    for (const key of [secret, importSecretSync(secret, 'HS256')]) {
      await expectRefusal((answer) => verifySync(token, () => answer(key), hs256), 'ERR_JWT_KEY')
      await expectRefusal((answer) => (createVerifierSync(() => answer(key), hs256) as Call)(token), 'ERR_JWT_KEY')
      await expectRefusal((answer) => verifyBytesSync(token, () => answer(key), hs256), 'ERR_JWT_KEY')
    }
  })

  test('of a Signer: ERR_JWT_KEY', async () => {
    const signer = (answer: (value: unknown) => unknown): object => ({ algorithm: 'ES256', sign: (bytes: Uint8Array) => answer(nodeSign('ES256', nodePrivate(p256), bytes)) })
    await expectRefusal((answer) => signSync(claims, signer(answer)), 'ERR_JWT_KEY')
    await expectRefusal((answer) => (createSignerSync(signer(answer)) as Call)(claims), 'ERR_JWT_KEY')
    await expectRefusal((answer) => signBytesSync(utf8('x'), signer(answer)), 'ERR_JWT_KEY')
  })

  test('the refusal is a value of the safe functions', () => {
    const isRevoked = (): unknown => of(false)
    const verifier = createVerifierSync(secret, { ...hs256, isRevoked }) as unknown as { safe: Call }
    for (const result of [safeVerifySync(token, secret, { ...hs256, isRevoked }), verifier.safe(token)]) expect(result).toMatchObject({ ok: false, error: { code: 'ERR_JWT_REVOKED' } })
    expect(safeVerifyBytesSync(token, () => of(secret), hs256)).toMatchObject({ ok: false, error: { code: 'ERR_JWT_KEY' } })
  })
})

test('a rejection that nobody waits for does not end the process', async () => {
  const { process, setImmediate } = globalThis as unknown as { process: { on(event: string, listener: (reason: unknown) => void): void, off(event: string, listener: (reason: unknown) => void): void }, setImmediate(act: () => void): void }
  const unhandled: unknown[] = []
  const listener = (reason: unknown): void => { unhandled.push(reason) }
  process.on('unhandledRejection', listener)
  try {
    const late = (): unknown => Promise.reject(new Error('nobody waits for this'))
    for (const result of [
      safeVerifySync(token, secret, { ...hs256, isRevoked: late }), safeVerifySync(token, secret, { ...hs256, schema: { '~standard': { version: 1, vendor: 'test', validate: late } } }), safeVerifySync(token, late, hs256),
    ]) expect(result).toMatchObject({ ok: false })
    await refused(() => signSync(claims, { algorithm: 'ES256', sign: late }), 'ERR_JWT_KEY')
    await new Promise<void>((resolve) => { setImmediate(resolve) })
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', listener)
  }
})

test('a JwtError that a function throws passes unchanged, as everywhere', () => {
  const own = new JwtError('ERR_JWT_KEY_NOT_FOUND', 'my own words')
  expect(() => verifySync(token, () => { throw own }, hs256)).toThrow(own)
})

// ─── answers at once ─────────────────────────────────────────────────────────

test('nothing that the door gives is a Promise', () => {
  const signer = createSignerSync(secret, { algorithm: 'HS256', expiresIn: 60 }) as Call
  const verifier = createVerifierSync(secret, hs256) as unknown as Call & { safe: Call }
  const jws = signBytesSync(utf8('x'), secret, { algorithm: 'HS256' })
  const answers = {
    sign: signSync(claims, secret, { algorithm: 'HS256' }), signer: signer({}), verify: verifySync(token, secret, hs256), verifier: verifier(token), safe: verifier.safe(token), safeVerify: safeVerifySync(token, secret, hs256),
    jws, bytes: verifyBytesSync(jws, secret, hs256), safeBytes: safeVerifyBytesSync(jws, secret, hs256), secret: importSecretSync(secret, 'HS256'), jwk: importJwkSync(p256, 'ES256'), pem: importPemSync(nodePublic(p256).export({ format: 'pem', type: 'spki' }), 'ES256'),
  }
  for (const [name, answer] of Object.entries(answers)) expect((answer as { then?: unknown }).then, name).toBeUndefined()
  expect(answers.sign).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  expect(answers.verify).toEqual({ payload: claims, header: { alg: 'HS256', typ: 'JWT' } })
  expect(answers.verifier).toEqual(answers.verify)
  expect(answers.safe).toEqual({ ok: true, payload: claims, header: { alg: 'HS256', typ: 'JWT' } })
  expect(answers.safeVerify).toEqual(answers.safe)
  expect(answers.bytes).toEqual({ payload: utf8('x'), header: { alg: 'HS256', typ: 'JOSE' } })
  expect(answers.safeBytes).toEqual({ ok: true, payload: utf8('x'), header: { alg: 'HS256', typ: 'JOSE' } })
})

test('safe functions give a refusal as a value and throw a TypeError', async () => {
  const verifier = createVerifierSync(secret, hs256) as unknown as { safe: Call }
  for (const result of [safeVerifySync('a.b', secret, hs256), verifier.safe('a.b'), safeVerifyBytesSync('a.b', secret, hs256)] as { ok: boolean, error: unknown }[]) {
    expect(Object.keys(result).sort()).toEqual(['error', 'ok'])
    expect(result).toMatchObject({ ok: false, error: { code: 'ERR_JWT_MALFORMED' } })
    expect(isJwtError(result.error)).toBe(true)
  }
  await misused(() => safeVerifySync('a.b', secret, {}), /algorithms/)
  await misused(() => safeVerifyBytesSync('a.b', secret, { ...hs256, issuer: 'x' }), /issuer/)
  await misused(() => verifier.safe(token, { nonce: '' }), /nonce/)
})

test.for<readonly [string, () => unknown]>([
  ['signSync', () => signSync({}, secret, { algorithm: 'HS256', expiresIn: 1, issuer: '' })], ['signSync', () => signSync({}, p256)], ['createSignerSync', () => createSignerSync(secret, { algorithm: 'HS256', issuer: 1 })], ['createSignerSync', () => createSignerSync(p256)],
  ['verifySync', () => verifySync(token, secret, { ...hs256, issuer: '' })], ['verifySync', () => verifySync(token, p256, es256)], ['safeVerifySync', () => safeVerifySync(token, secret, {})], ['createVerifierSync', () => createVerifierSync(secret, { ...hs256, now: new Date() })],
  ['createVerifierSync', () => createVerifierSync(p256, es256)], ['importSecretSync', () => importSecretSync(1, 'HS256')], ['importSecretSync', () => importSecretSync(secret, 'ES256')], ['importJwkSync', () => importJwkSync('{}', 'ES256')],
  ['importJwkSync', () => importJwkSync(p256, 'ES256', { keyId: '' })], ['importPemSync', () => importPemSync(1, 'ES256')], ['importPemSync', () => importPemSync('', 'HS256')], ['signBytesSync', () => signBytesSync('x', secret, { algorithm: 'HS256' })],
  ['signBytesSync', () => signBytesSync(utf8('x'), p256)], ['verifyBytesSync', () => verifyBytesSync(token, secret, { ...hs256, type: '' })], ['safeVerifyBytesSync', () => safeVerifyBytesSync(token, p256, es256)],
])('a TypeError of %s names it: case %$', async ([name, act]) => {
  await misused(act, new RegExp(`^${name} `))
})

// ─── KeyObjects ──────────────────────────────────────────────────────────────

const secretObject = (bytes: Uint8Array = secret): KeyObject => node.createSecretKey(bytes)

describe('a KeyObject', () => {
  test.for(publicKeyAlgorithms.filter((name) => materialFor(name)))('%s: is a key where the list names its algorithm', async (name) => {
    const [jwk, other] = materialFor(name)!
    const [privateObject, publicObject] = [nodePrivate(jwk), nodePublic(jwk)]
    const list = { algorithms: [name] }
    const [signer, verifier] = [createSignerSync(privateObject, { algorithm: name }) as Call, createVerifierSync(publicObject, list) as unknown as Call & { safe: Call }]
    for (const made of [signSync(claims, privateObject, { algorithm: name }), signer(claims)] as string[]) {
      expect(decode(made).header).toEqual({ alg: name, typ: 'JWT' })
      expect(nodeAccepts(name, publicObject, made)).toBe(true)
      for (const result of [verifySync(made, publicObject, list), safeVerifySync(made, publicObject, list), verifier(made), verifier.safe(made), verifySync(made, () => publicObject, list), verifyBytesSync(signBytesSync(utf8('{"sub":"alice"}'), privateObject, { algorithm: name }), publicObject, list)] as { payload: unknown }[]) {
        expect(result.payload instanceof Uint8Array ? Buffer.from(result.payload).toString('utf8') : JSON.stringify(result.payload)).toContain('"sub":"alice"')
      }
      await refused(() => verifySync(made, nodePublic(other), list), 'ERR_JWT_SIGNATURE')
    }
  })

  test.for(['HS256', 'HS384', 'HS512'] as const)('%s: a secret one', async (name) => {
    const made = signSync(claims, secretObject(), { algorithm: name }) as string
    expect(nodeAccepts(name, secret, made)).toBe(true)
    expect(subOf(verifySync(made, secretObject(), { algorithms: [name] }))).toBe('alice')
    await refused(() => verifySync(made, secretObject(secret.slice().reverse()), { algorithms: [name] }), 'ERR_JWT_SIGNATURE')
  })

  test('needs exactly one algorithm that fits it, at every door; those of another kind do not count', async () => {
    const made = nodeToken('ES256', nodePrivate(p256), claims)
    expect(subOf(verifySync(made, nodePublic(p256), { algorithms: ['ES384', 'RS256', 'ES256', 'Ed25519'] }))).toBe('alice')
    const lists: readonly (readonly [KeyObject, readonly string[]])[] = [
      [nodePublic(p256), ['ES384']], [nodePublic(p256), ['RS256', 'Ed25519']], [nodePublic(rsa), ['RS256', 'RS512']], [nodePublic(rsa), ['RS256', 'PS256']], [nodePublic(rsa), ['ES256']], [secretObject(), ['HS256', 'HS384']], [nodePublic(ed25519), ['ES256']],
    ]
    for (const [object, algorithms] of lists) {
      for (const act of [
        () => verifySync('', object, { algorithms }), () => safeVerifySync(made, object, { algorithms }), () => createVerifierSync(object, { algorithms }), () => verifyBytesSync(made, object, { algorithms }), () => safeVerifyBytesSync(made, object, { algorithms }),
      ]) await misused(act, /KeyObject: expected exactly one algorithm that fits it/)
    }
    for (const object of [nodePrivate(p256), secretObject()]) {
      for (const act of [() => signSync(claims, object), () => createSignerSync(object), () => signBytesSync(utf8('x'), object), () => signSync(claims, object, { algorithm: 'RS256' }), () => createSignerSync(object, { algorithm: 'Ed25519' })]) {
        await misused(act, /KeyObject: expected exactly one algorithm that fits it/)
      }
    }
  })

  test('whose private number is too long, over which some versions of Node end the process, is a TypeError, and spoils no other key', async () => {
    for (const [jwk, name] of [[p256, 'ES256'], [p384, 'ES384'], [p521, 'ES512']] as const) {
      let object: KeyObject | undefined
      const long = { ...jwk, d: b64u(new Uint8Array(fromB64u(jwk.d).length + 1).fill(1)) }
      try {
        object = node.createPrivateKey({ key: Buffer.from(pkcs8(ecIdentifier(long), bareSec1(long))), format: 'der', type: 'pkcs8' })
      } catch { /* most do not read it in the first place */ }
      if (object) await misused(() => signSync(claims, object, { algorithm: name }), /KeyObject: expected exactly one algorithm that fits it/)
      expect(typeof signSync(claims, nodePrivate(jwk), { algorithm: name })).toBe('string')
    }
  })

  test('the two names of Ed25519 are one algorithm', () => {
    for (const name of ['EdDSA', 'Ed25519']) {
      const made = signSync(claims, nodePrivate(ed25519), { algorithm: name }) as string
      expect(decode(made).header.alg).toBe(name)
      for (const algorithms of [['EdDSA', 'Ed25519'], ['Ed25519', 'EdDSA'], [name]]) expect(subOf(verifySync(made, nodePublic(ed25519), { algorithms }))).toBe('alice')
    }
  })

  test('a secret one beside public-key algorithms is a TypeError, as a secret is', async () => {
    await misused(() => verifySync(token, secretObject(), { algorithms: ['HS256', 'ES256'] }), /HS\*/)
    await misused(() => verifySync(token, nodePublic(rsa), { algorithms: ['HS256', 'RS256'] }), /HS\*/)
  })

  test('of the wrong role is ERR_JWT_KEY', async () => {
    const made = nodeToken('ES256', nodePrivate(p256), claims)
    await refused(() => verifySync(made, nodePrivate(p256), es256), 'ERR_JWT_KEY', /public/)
    await refused(() => createVerifierSync(nodePrivate(p256), es256), 'ERR_JWT_KEY', /public/)
    await refused(() => signSync(claims, nodePublic(p256), { algorithm: 'ES256' }), 'ERR_JWT_KEY', /private/)
    await refused(() => createSignerSync(nodePublic(p256), { algorithm: 'ES256' }), 'ERR_JWT_KEY', /private/)
  })

  test('that is weak is ERR_JWT_KEY, unless allowWeakKeys says otherwise, which is not remembered', async () => {
    const [weak, short] = [nodePublic(rsa1024), secretObject(secret.slice(0, 31))]
    const signed = nodeToken('RS256', nodePrivate(rsa1024), claims)
    const mac = nodeToken('HS256', secret.slice(0, 31), claims)
    await refused(() => verifySync('no token', weak, { algorithms: ['RS256'] }), 'ERR_JWT_MALFORMED') // what is wrong with the token comes first, as with any key
    await refused(() => verifySync('no token', short, hs256), 'ERR_JWT_MALFORMED')
    await refused(() => createVerifierSync(weak, { algorithms: ['RS256'] }), 'ERR_JWT_KEY', /2048/)
    await refused(() => createVerifierSync(short, hs256), 'ERR_JWT_KEY', /256/)
    await refused(() => createSignerSync(short, { algorithm: 'HS256' }), 'ERR_JWT_KEY', /256/)
    for (let time = 0; time < 2; time++) {
      await refused(() => verifySync(signed, weak, { algorithms: ['RS256'] }), 'ERR_JWT_KEY', /2048/)
      await refused(() => verifySync(mac, short, hs256), 'ERR_JWT_KEY', /256/)
      await refused(() => signSync(claims, short, { algorithm: 'HS256' }), 'ERR_JWT_KEY', /256/)
      expect(subOf(verifySync(signed, weak, { algorithms: ['RS256'], allowWeakKeys: true }))).toBe('alice')
      expect(subOf(verifySync(mac, short, { ...hs256, allowWeakKeys: true }))).toBe('alice')
      expect(nodeAccepts('HS256', secret.slice(0, 31), signSync(claims, short, { algorithm: 'HS256', allowWeakKeys: true }) as string)).toBe(true)
    }
    expect(subOf(verifySync(nodeToken('RS256', nodePrivate(rsaE3), claims), nodePublic(rsaE3), { algorithms: ['RS256'] }))).toBe('alice')
  })

  test('that is a secret made of key material is ERR_JWT_KEY: key confusion', async () => {
    for (const bytes of [spkiOf(rsa), utf8(nodePublic(rsa).export({ format: 'pem', type: 'spki' })), utf8(JSON.stringify(publicOf(rsa)))]) {
      const forged = nodeToken('HS256', bytes, { ...claims, admin: true })
      await refused(() => verifySync(forged, secretObject(bytes), hs256), 'ERR_JWT_KEY', /importPem/)
    }
    expect(subOf(verifySync(nodeToken('HS256', secret, claims), secretObject(), hs256))).toBe('alice')
  })

  test.for<readonly [string, string, object]>([
    ['X25519', 'x25519', {}], ['Ed448', 'ed448', {}], ['X448', 'x448', {}], ['secp256k1', 'ec', { namedCurve: 'secp256k1' }], ['secp224r1, which no JWK names', 'ec', { namedCurve: 'secp224r1' }], ['brainpoolP256r1, which no JWK names', 'ec', { namedCurve: 'brainpoolP256r1' }], ['DSA', 'dsa', { modulusLength: 1024, divisorLength: 160 }], ['id-RSASSA-PSS', 'rsa-pss', { modulusLength: 2048 }],
  ])('that signs no JWTs fits no algorithm: %s', async ([, kind, options]) => {
    const { privateKey, publicKey } = node.generateKeyPairSync(kind, options)
    for (const algorithms of [['ES256'], ['RS256'], ['PS256'], ['Ed25519']]) {
      await misused(() => verifySync(token, publicKey, { algorithms }), /KeyObject/)
      await misused(() => signSync(claims, privateKey, { algorithm: algorithms[0] }), /KeyObject/)
    }
  })

  test('from a key function needs the same, and is ERR_JWT_KEY otherwise: the token is refused, not the call', async () => {
    const made = nodeToken('ES256', nodePrivate(p256), claims)
    expect(subOf(verifySync(made, () => nodePublic(p256), { algorithms: ['ES256', 'ES384'] }))).toBe('alice')
    await refused(() => verifySync(made, () => nodePublic(otherP256), es256), 'ERR_JWT_SIGNATURE')
    for (const object of [nodePublic(rsa), nodePublic(p384), secretObject()]) {
      const error = await refused(() => verifySync(made, () => object, es256), 'ERR_JWT_KEY')
      expect(error.cause).toBeInstanceOf(TypeError)
      expect((error.cause as Error).message).toMatch(/KeyObject/)
    }
    expect(subOf(verifySync(token, () => secretObject(), hs256))).toBe('alice')
    expect(subOf(verifySync(token, () => secretObject(), { algorithms: ['HS256', 'ES256'] }))).toBe('alice') // as a CryptoKey, and unlike text, it says that it is a secret
    await refused(() => verifySync(made, () => nodePrivate(p256), es256), 'ERR_JWT_KEY')
  })

  test('is no member of a KeySet and nothing for the asynchronous doors: TypeError', async () => {
    for (const object of [nodePublic(p256), nodePrivate(p256), secretObject()]) {
      await misused(() => keySet([object] as never), /keySet member/)
      await misused(() => keySet([{ key: object, keyId: 'a' }] as never), /keySet member/)
      await misused(untyped.verify(compact({ alg: 'ES256' }, claims), object, es256), /CryptoKey/)
      await misused(untyped.sign(claims, object, { algorithm: 'ES256' }))
    }
    expect(subOf(await untyped.verify(nodeToken('ES256', nodePrivate(p256), claims), await load(publicOf(p256), 'ES256'), es256))).toBe('alice')
  })

  test('serves two algorithms by two lists', () => {
    const object = nodePrivate(rsa)
    for (const name of ['RS256', 'PS512', 'RS256']) expect(subOf(verifySync(signSync(claims, object, { algorithm: name }), nodePublic(rsa), { algorithms: [name] }))).toBe('alice')
  })
})
