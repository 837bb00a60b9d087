// Signers: keys that live elsewhere (KMS, HSM, agent), and ecdsaFromDer for what such services answer.

import { describe, expect, test } from 'vitest'
import { decode, JwtError, type Algorithm } from 'waxseal'
import { answering, failing } from '../support/door'
import {
  Buffer, claims, der, ed25519, hex, integer, isHmac, join, load, materialFor, misused, node, nodeAccepts, nodePrivate, nodePublic, nodeSign, p256, p384, p521, publicOf, refused, rsa, rsa1024, secret, sequence,
  supported, untyped, utf8, type Jwk,
} from '../support/keys'

const { createSigner, createVerifier, ecdsaFromDer, sign, signBytes, verify, verifyBytes } = untyped

/** A key management service: it signs whole inputs, and nobody sees its key. */
const service = (algorithm: Algorithm, jwk: Jwk, more: object = {}): object =>
  ({ algorithm, sign: (bytes: Uint8Array) => nodeSign(algorithm, isHmac(algorithm) ? secret : nodePrivate(jwk), bytes), ...more })
const always = (algorithm: Algorithm, answer: unknown): object => ({ algorithm, sign: () => answer })

describe.for(supported.filter((name) => materialFor(name)))('%s', (name) => {
  const [jwk] = materialFor(name)!
  const publicKey = async (): Promise<unknown> => isHmac(name) ? secret : load(publicOf(jwk), name)

  test('a token of a Signer is a token like any other, in every way that it may answer', async () => {
    const { sign: signAtOnce } = service(name, jwk) as { sign(data: Uint8Array): Uint8Array }
    for (const i of answering(0).keys()) {
      const signer = { algorithm: name, sign: (bytes: Uint8Array) => answering(signAtOnce(bytes))[i]!() }
      const token = await sign(claims, signer)
      expect((await verify(token, await publicKey(), { algorithms: [name] })).payload.sub).toBe('alice')
      expect(decode(token).header).toEqual({ alg: name, typ: 'JWT' })
      expect((await verify(await createSigner(signer)(claims), await publicKey(), { algorithms: [name] })).payload.sub).toBe('alice')
      expect((await verifyBytes(await signBytes(utf8('bytes'), signer), await publicKey(), { algorithms: [name] })).payload).toEqual(utf8('bytes'))
    }
  })

  test('a signature of another length than the algorithm\'s is ERR_JWT_KEY', async () => {
    const good = nodeSign(name, isHmac(name) ? secret : nodePrivate(jwk), utf8('x'))
    expect(await sign(claims, always(name, good))).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    const wrong = /^[RP]S/.test(name) ? [0, 1, 128, 255, 2049] : [0, good.length - 1, good.length + 1]
    for (const length of wrong) {
      const error = await refused(sign(claims, always(name, new Uint8Array(length))), 'ERR_JWT_KEY', new RegExp(name))
      expect(error.fault).toBe('server')
    }
  })
})

test('RS* and PS* signatures have 256 to 2048 octets', async () => {
  for (const name of ['RS256', 'PS512'] as const) {
    for (const length of [256, 384, 512, 2048]) expect(decode(await sign(claims, always(name, new Uint8Array(length)))).signature).toHaveLength(length)
  }
})

test.for([['ES256', p256], ['ES384', p384], ['ES512', p521]] as const)('%s: an answer in DER is ERR_JWT_KEY with a pointer to ecdsaFromDer, through which it is a signature', async ([name, jwk]) => {
  const inDer = (bytes: Uint8Array): Uint8Array => new Uint8Array(node.sign(`sha${name === 'ES512' ? 512 : name.slice(-3)}`, bytes, { key: nodePrivate(jwk), dsaEncoding: 'der' }))
  await refused(sign(claims, { algorithm: name, sign: inDer }), 'ERR_JWT_KEY', /ecdsaFromDer/)
  for (let i = 0; i < 20; i++) {
    const token = await sign({ ...claims, i }, { algorithm: name, sign: (bytes: Uint8Array) => ecdsaFromDer(inDer(bytes), name) })
    expect(nodeAccepts(name, nodePublic(jwk), token)).toBe(true)
  }
})

test('sign gets the whole signing input, in bytes of its own', async () => {
  let seen: Uint8Array | undefined
  const token = await sign(claims, { algorithm: 'EdDSA', sign: (bytes: Uint8Array) => {
    seen = bytes.slice()
    const signature = nodeSign('EdDSA', nodePrivate(ed25519), bytes)
    bytes.fill(0)
    return signature
  } })
  expect(seen).toEqual(utf8(token.slice(0, token.lastIndexOf('.'))))
  expect(nodeAccepts('EdDSA', nodePublic(ed25519), token)).toBe(true)
})

test('the answer is copied: what the service does to it later changes nothing', async () => {
  const answer = new Uint8Array(64).fill(1)
  for (const give of answering(answer)) {
    const token = await sign(claims, { algorithm: 'EdDSA', sign: give })
    answer.fill(2)
    expect(decode(token).signature).toEqual(new Uint8Array(64).fill(1))
    answer.fill(1)
  }
})

test.for<readonly [string, (bytes: Uint8Array) => unknown]>([
  ['a Buffer', (bytes) => Buffer.from(bytes)], ['an ArrayBuffer', (bytes) => bytes.slice().buffer], ['a view into a larger buffer', (bytes) => join(Uint8Array.of(9), bytes, Uint8Array.of(9)).subarray(1, 65)], ['a DataView', (bytes) => new DataView(bytes.slice().buffer)],
])('the answer may be any bytes: %s', async ([, as]) => {
  const token = await sign(claims, { algorithm: 'EdDSA', sign: (bytes: Uint8Array) => as(nodeSign('EdDSA', nodePrivate(ed25519), bytes)) })
  expect(nodeAccepts('EdDSA', nodePublic(ed25519), token)).toBe(true)
})

test.for<unknown>([undefined, null, '', 'A'.repeat(86), 64, true, [], Array(64).fill(1), {}, { length: 64 }])('an answer that is no bytes is ERR_JWT_KEY: case %#', async (answer) => {
  for (const give of answering(answer)) await refused(sign(claims, { algorithm: 'EdDSA', sign: give }), 'ERR_JWT_KEY')
})

test.for<readonly [string, unknown]>([['an Error', new Error('the service is down: hunter2')], ['a JwtError', new JwtError('ERR_JWT_EXPIRED', 'not ours')], ['a TypeError', new TypeError('oops')], ['text', 'hunter2'], ['undefined', undefined]])('a Signer that throws %s is ERR_JWT_KEY with cause', async ([, cause]) => {
  for (const act of failing(cause)) {
    const error = await refused(sign(claims, { algorithm: 'EdDSA', sign: act }), 'ERR_JWT_KEY')
    expect(error.cause).toBe(cause)
    expect(error.fault).toBe('server')
    expect(error.message).not.toContain('hunter2')
  }
})

test('keyId of the Signer is the kid, unless the option says otherwise', async () => {
  const signer = service('ES256', p256, { keyId: 'kms/key/1' })
  expect(decode(await sign(claims, signer)).header.kid).toBe('kms/key/1')
  expect(decode(await sign(claims, signer, { keyId: 'told' })).header.kid).toBe('told')
  expect(decode(await createSigner(signer)(claims)).header.kid).toBe('kms/key/1')
})

test('a Signer may be an instance of a class, whose method keeps its this', async () => {
  class Service {
    readonly algorithm = 'ES256'
    readonly #key = nodePrivate(p256)
    sign(bytes: Uint8Array): Uint8Array { return nodeSign('ES256', this.#key, bytes) }
  }
  expect(nodeAccepts('ES256', nodePublic(p256), await sign(claims, new Service()))).toBe(true)
})

test('a Signer of an algorithm that this runtime lacks signs all the same', async () => {
  expect(decode(await sign(claims, always('ML-DSA-44', new Uint8Array(2420)))).header.alg).toBe('ML-DSA-44')
  await refused(sign(claims, always('ML-DSA-44', new Uint8Array(2419))), 'ERR_JWT_KEY')
})

test.for<readonly [string, unknown, object?]>([
  ['an unknown algorithm', { algorithm: 'ES256K', sign: () => 1 }], ['none', { algorithm: 'none', sign: () => new Uint8Array() }], ['no algorithm', { sign: () => 1 }], ['no sign', { algorithm: 'ES256' }], ['sign that is no function', { algorithm: 'ES256', sign: 1 }],
  ['an empty keyId', { algorithm: 'ES256', keyId: '', sign: () => 1 }], ['a keyId that is no text', { algorithm: 'ES256', keyId: 1, sign: () => 1 }], ['a contradicting option', service('ES256', p256), { algorithm: 'ES384' }], ['an HMAC option', service('ES256', p256), { algorithm: 'HS256' }],
])('TypeError, before anything is signed: %s', async ([, signer, options]) => {
  await misused(sign(claims, signer, options))
  await misused(() => createSigner(signer, options))
  await misused(signBytes(utf8('x'), signer, options))
})

test('EdDSA and Ed25519 do not contradict each other', async () => {
  expect(decode(await sign(claims, service('EdDSA', ed25519), { algorithm: 'Ed25519' })).header.alg).toBe('Ed25519')
})

test('what its properties throw is a TypeError, and no secret has a keyId', async () => {
  const broken = (name: string): object => Object.defineProperty({ algorithm: 'ES256', sign: () => new Uint8Array(64) }, name, { get() { throw new RangeError(name) } })
  for (const name of ['algorithm', 'keyId', 'sign']) await misused(() => untyped.sign(claims, broken(name)))
  const secretWithName = Object.assign(new Uint8Array(32), { keyId: 'evil' })
  const prototype = Object.prototype as { keyId?: string }
  try {
    prototype.keyId = 'evil'
    for (const secret of [secretWithName, 's'.repeat(32)]) expect(decode(await untyped.sign(claims, secret, { algorithm: 'HS256' })).header.kid).toBeUndefined()
  } finally {
    delete prototype.keyId
  }
})

test('a Signer is nothing to verify with', async () => {
  const signer = service('ES256', p256)
  await misused(verify(await sign(claims, signer), signer, { algorithms: ['ES256'] }))
  await misused(() => createVerifier(signer, { algorithms: ['ES256'] }))
  await refused(verify(await sign(claims, signer), () => signer, { algorithms: ['ES256'] }), 'ERR_JWT_KEY')
})

test('a Signer with a modulus below the floor gives too few octets: ERR_JWT_KEY', async () => {
  await refused(sign(claims, service('RS256', rsa1024)), 'ERR_JWT_KEY')
  expect(nodeAccepts('RS256', nodePublic(rsa), await sign(claims, service('RS256', rsa)))).toBe(true)
})

// ─── ecdsaFromDer ────────────────────────────────────────────────────────────

const sizes = [['ES256', 32], ['ES384', 48], ['ES512', 66]] as const
const number = (octets: number, first = 1): Uint8Array => Uint8Array.from({ length: octets }, (_, i) => i ? i : first)

describe.for(sizes)('ecdsaFromDer: %s', ([name, size]) => {
  test('r and s are padded to full size, in front', () => {
    for (const [r, s] of [[number(size), number(size)], [number(1), number(size)], [number(size - 1), number(2)], [number(size, 0x80), number(size - 3, 0xff)], [number(1, 0x7f), number(1, 0x80)]] as const) {
      const expected = new Uint8Array(2 * size)
      expected.set(r, size - r.length)
      expected.set(s, 2 * size - s.length)
      expect(ecdsaFromDer(sequence(integer(r), integer(s)), name)).toEqual(expected)
    }
  })

  const [r, s] = [integer(number(size)), integer(number(size, 3))]
  test.for<readonly [string, unknown]>([
    ['r one octet too long', sequence(integer(number(size + 1)), s)], ['s one octet too long', sequence(r, integer(number(size + 1)))], ['one number', sequence(r)], ['three numbers', sequence(r, s, s)], ['no number', sequence()],
    ['trailing octets', join(sequence(r, s), Uint8Array.of(0))], ['an octet cut off', sequence(r, s).slice(0, -1)], ['a needless zero octet', sequence(der(2, join(Uint8Array.of(0), number(size, 1))), s)], ['a negative number', sequence(der(2, number(size, 0x80)), s)],
    ['an empty number', sequence(der(2), s)], ['r = 0', sequence(integer(Uint8Array.of(0)), s)], ['s = 0', sequence(r, integer(Uint8Array.of(0)))], ['a SET', der(0x31, r, s)], ['OCTET STRINGs', sequence(der(4, number(size)), der(4, number(size)))],
    ['a length that is not minimal', join(hex('3081'), sequence(integer(number(3)), integer(number(3))).subarray(1))], ['an indefinite length', join(hex('3080'), r, s, hex('0000'))], ['r||s itself', new Uint8Array(2 * size).fill(1)], ['nothing', new Uint8Array()],
    ['text', 'MEUCIQ'], ['undefined', undefined], ['null', null], ['an array', [0x30, 6, 2, 1, 1, 2, 1, 1]],
  ])('TypeError: %s', async ([, value]) => {
    await misused(() => ecdsaFromDer(value, name))
  })
})

test.for([126, 127, 128, 129])('ecdsaFromDer takes a SEQUENCE of %i octets: the length changes its form between 127 and 128', (length) => {
  const r = number(Math.floor(length / 2) - 2)
  const s = number(length - 4 - r.length)
  expect(ecdsaFromDer(sequence(integer(r), integer(s)), 'ES512')).toEqual(join(new Uint8Array(66 - r.length), r, new Uint8Array(66 - s.length), s))
})

test.for<unknown>(['RS256', 'HS256', 'EdDSA', 'Ed25519', 'ES256K', 'P-256', '', undefined, null])('ecdsaFromDer for %j is a TypeError', async (name) => {
  await misused(() => ecdsaFromDer(sequence(integer(number(32)), integer(number(32))), name))
})

test('ecdsaFromDer takes any bytes and gives octets of its own', () => {
  const bytes = sequence(integer(number(32)), integer(number(32)))
  const expected = join(number(32), number(32))
  for (const view of [Buffer.from(bytes), bytes.slice().buffer, join(Uint8Array.of(7), bytes).subarray(1), new DataView(bytes.slice().buffer)]) expect(ecdsaFromDer(view, 'ES256')).toEqual(expected)
  ecdsaFromDer(bytes, 'ES256').fill(0)
  expect(ecdsaFromDer(bytes, 'ES256')).toEqual(expected)
})
