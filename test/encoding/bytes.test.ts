// Bytes: comparison, and that what a caller hands over is copied before anything is awaited.

// @ts-ignore -- no types of Node are installed
import * as nodeVm from 'node:vm'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { constantTimeEqual, importSecret, sign, verify } from 'waxseal'
import { signBytes, verifyBytes } from 'waxseal/jws'
import { asynchronous } from '../support/door'
import { Buffer, claims, misused, secret, utf8 } from '../support/keys'

const { runInNewContext } = nodeVm as { runInNewContext(code: string): unknown }
const bytes = fc.uint8Array({ maxLength: 40 })

test('constantTimeEqual says what Buffer.equals says', () => {
  fc.assert(fc.property(bytes, bytes, (a, b) => {
    expect(constantTimeEqual(a, b)).toBe(Buffer.from(a).equals(b))
  }))
})

test('constantTimeEqual: equal bytes are equal, wherever they lie', () => {
  fc.assert(fc.property(bytes, (data) => {
    const elsewhere = new Uint8Array(data.length + 7)
    elsewhere.set(data, 3)
    expect(constantTimeEqual(data, elsewhere.subarray(3, 3 + data.length))).toBe(true)
  }))
})

test('constantTimeEqual: one flipped bit is a difference', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (data, at) => {
    const other = data.slice()
    other[at % data.length]! ^= 1 << at % 8
    expect(constantTimeEqual(data, other)).toBe(false)
  }))
})

test('constantTimeEqual: another length is a difference, zeros at the end too', () => {
  fc.assert(fc.property(bytes, fc.integer({ min: 1, max: 9 }), (data, more) => {
    const longer = new Uint8Array(data.length + more)
    longer.set(data)
    expect(constantTimeEqual(data, longer)).toBe(false)
    expect(constantTimeEqual(longer, data)).toBe(false)
  }))
})

test('constantTimeEqual refuses what is not bytes', async () => {
  for (const value of [undefined, null, 'abc', [1, 2, 3], { length: 0 }, 1]) {
    await misused(() => constantTimeEqual(value as never, new Uint8Array(3)))
    await misused(() => constantTimeEqual(new Uint8Array(3), value as never))
  }
})

test('constantTimeEqual takes views of another realm', () => {
  const foreign = runInNewContext('new Uint8Array([1, 2, 3])') as Uint8Array
  expect(foreign).not.toBeInstanceOf(Uint8Array)
  expect(constantTimeEqual(foreign, Uint8Array.of(1, 2, 3))).toBe(true)
  expect(constantTimeEqual(foreign, Uint8Array.of(1, 2, 4))).toBe(false)
})

const kinds: readonly [string, (data: Uint8Array) => ArrayBufferView | ArrayBuffer][] = [
  ['a Uint8Array', (data) => data],
  ['a view into a larger buffer', (data) => Buffer.from([9, 9, ...data, 9]).subarray(2, 2 + data.length)],
  ['a DataView', (data) => new DataView(data.slice().buffer)],
  ['a Uint16Array', (data) => new Uint16Array(data.slice().buffer)],
  ['an ArrayBuffer', (data) => data.slice().buffer as ArrayBuffer],
  ['a Uint8Array of another realm', (data) => runInNewContext(`new Uint8Array([${data.join()}])`) as Uint8Array],
  ['an ArrayBuffer of another realm', (data) => runInNewContext(`new Uint8Array([${data.join()}]).buffer`) as ArrayBuffer],
]

test.for(kinds)('a secret may be %s', async ([, make]) => {
  const token = await sign(claims, secret, { algorithm: 'HS512' })
  const given = make(secret) as Uint8Array
  expect((await verify(token, given, { algorithms: ['HS512'] })).payload.sub).toBe('alice')
  expect(await sign(claims, given, { algorithm: 'HS512', issuedAt: false })).toBe(await sign(claims, secret, { algorithm: 'HS512', issuedAt: false }))
  expect((await verify(token, await importSecret(given, 'HS512'), { algorithms: ['HS512'] })).payload.sub).toBe('alice')
})

test('bytes are copied at the call: what the caller does to them later changes nothing', async () => {
  const key = await importSecret(secret, 'HS256')
  const mine = secret.slice()
  const importing = importSecret(mine, 'HS256')
  const payload = utf8('payload')
  const signing = signBytes(payload, key)
  mine.fill(0)
  payload.fill(0)
  const token = await signing
  expect((await verifyBytes(token, await importing, { algorithms: ['HS256'] })).payload).toEqual(utf8('payload'))

  const detachedPayload = utf8('payload')
  const detached = await signBytes(detachedPayload, key, { detached: true })
  const verifying = verifyBytes(detached, key, { algorithms: ['HS256'], detachedPayload })
  detachedPayload.fill(0)
  expect((await verifying).payload).toEqual(utf8('payload'))

  const held = secret.slice()
  const signingWithBytes = sign(claims, held, { algorithm: 'HS256' })
  held.fill(0)
  held.set(secret)
  const verifyingWithBytes = verify(await signingWithBytes, held, { algorithms: ['HS256'] })
  held.fill(0)
  expect((await verifyingWithBytes).payload.sub).toBe('alice')
})

test.each<[string, unknown]>([
  ['an object that says how many bytes it has', { byteLength: 64 }],
  ['an object that calls itself an ArrayBuffer', { byteLength: 64, [Symbol.toStringTag]: 'ArrayBuffer' }],
  ['an heir of ArrayBuffer', Object.create(ArrayBuffer.prototype)],
  ['a list of numbers', Array.from(secret)],
])('%s holds no bytes, and is a misuse as a secret', async (_, value) => {
  await misused(() => importSecret(value as never, 'HS256'))
  await misused(() => verify('a.b.c', value as never, { algorithms: ['HS256'] }))
})

test('whatever is called first in a fresh copy works: nothing was made ready by another call', async () => {
  const token = await sign(claims, secret, { algorithm: 'HS256' })
  const fresh = async (): Promise<typeof import('../../src/index')> => {
    vi.resetModules()
    return import('../../src/index')
  }
  expect((await (await fresh()).verify(token, secret, { algorithms: ['HS256'] })).payload.sub).toBe('alice')
  expect((await fresh()).decode(token).payload['sub']).toBe('alice')
  expect((await fresh()).base64url.encode(Uint8Array.of(0, 1, 2))).toBe('AAEC')
  expect((await fresh()).base64url.decode('AAEC')).toEqual(Uint8Array.of(0, 1, 2))
  expect((await (await fresh()).sign({ sub: 'alice' }, secret, { algorithm: 'HS256', expiresIn: 60 })).split('.')).toHaveLength(3)
})

asynchronous('what WebCrypto is given', () => {
  test('is never written again, however late it is read', async () => {
    const given: [view: Uint8Array, copy: Uint8Array][] = []
    const keep = (...views: unknown[]): void => views.forEach((view) => given.push([view as Uint8Array, (view as Uint8Array).slice()]))
    const { subtle } = globalThis.crypto
    const spies = [
      vi.spyOn(subtle, 'sign').mockImplementation(function (this: unknown, ...args) { keep(args[2]); return Object.getPrototypeOf(subtle).sign.apply(subtle, args) as never }),
      vi.spyOn(subtle, 'verify').mockImplementation(function (this: unknown, ...args) { keep(args[2], args[3]); return Object.getPrototypeOf(subtle).verify.apply(subtle, args) as never }),
    ]
    try {
      for (const length of [0, 1, 100, 2800, 3000, 3500, 20_000]) {
        const tokens = await Promise.all(Array.from({ length: 12 }, (_, i) => sign({ ...claims, i, text: 'x'.repeat(length) }, secret, { algorithm: 'HS256' })))
        await Promise.all(tokens.map((token) => verify(token, secret, { algorithms: ['HS256'], maxTokenLength: 2 ** 16 })))
      }
    } finally {
      spies.forEach((spy) => spy.mockRestore())
    }
    expect(given).toHaveLength(7 * 12 * 3)
    for (const [view, copy] of given) expect(Buffer.from(view).equals(copy)).toBe(true)
  })
})
