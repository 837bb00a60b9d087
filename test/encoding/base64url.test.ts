// Strict base64url (RFC 4648 5, RFC 7515 2). Buffer is the second opinion: it decodes anything, so that text is
// canonical exactly when what Buffer decodes is encoded as the same text again.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64url, sign } from 'waxseal'
import { Buffer, misused, secret, utf8 } from '../support/keys'
import { mac } from '../support/tokens'

const isCanonical = (text: string): boolean => Buffer.from(text, 'base64url').toString('base64url') === text

/** Whether decode takes a text at all: what it takes and would not write again is a fault, not a refusal. */
function accepts(text: string): boolean {
  let data
  try {
    data = base64url.decode(text)
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
  expect(base64url.encode(data)).toBe(text)
  return true
}

const bytes = fc.uint8Array({ maxLength: 300 })

test.for([
  ['', ''], ['f', 'Zg'], ['fo', 'Zm8'], ['foo', 'Zm9v'], ['foob', 'Zm9vYg'], ['fooba', 'Zm9vYmE'], ['foobar', 'Zm9vYmFy'],
])('RFC 4648 10: %j is %j, without padding', ([plain, encoded]) => {
  expect(base64url.encode(utf8(plain!))).toBe(encoded)
  expect(base64url.decode(encoded!)).toEqual(utf8(plain!))
})

test('encode writes what Buffer writes', () => {
  fc.assert(fc.property(bytes, (data) => {
    expect(base64url.encode(data)).toBe(Buffer.from(data).toString('base64url'))
  }))
})

test('decode(encode(x)) = x', () => {
  fc.assert(fc.property(bytes, (data) => {
    expect(base64url.decode(base64url.encode(data))).toEqual(data)
  }))
})

test('every octet in every position of a group survives', () => {
  const every = Uint8Array.from({ length: 768 }, (_, i) => i % 257)
  for (const length of [766, 767, 768]) {
    const data = every.subarray(0, length)
    expect(base64url.decode(base64url.encode(data))).toEqual(data)
    expect(base64url.encode(data)).toBe(Buffer.from(data).toString('base64url'))
  }
})

test.for([24_572, 24_573, 24_574, 24_575, 24_576, 24_577, 32_763, 32_764, 32_765, 32_766, 32_767, 32_768, 65_535, 65_536, 65_537, 1_000_000])('%i octets are encoded and decoded alike', (length) => {
  const data = Uint8Array.from({ length }, (_, i) => i * i >> 3)
  const text = base64url.encode(data)
  expect(text === Buffer.from(data).toString('base64url')).toBe(true)
  expect(Buffer.from(base64url.decode(text)).equals(data)).toBe(true)
})

test('a header and a payload are joined whole, whatever the length of either', async () => {
  for (const [header, payload] of [[0, 24_000], [24_400, 0], [30_000, 30_000], ...Array.from({ length: 60 }, (_, i) => [12_000 + i % 4, 12_498 + (i >> 2)])] as [number, number][]) {
    const token = await sign({ text: 'x'.repeat(payload), exp: 32503680000 }, secret, { algorithm: 'HS256', issuedAt: false, header: { more: 'y'.repeat(header) } })
    const parts = token.split('.').map((part) => Buffer.from(part, 'base64url'))
    expect(parts.length).toBe(3)
    expect(parts[0]!.toString() === `{"alg":"HS256","typ":"JWT","more":"${'y'.repeat(header)}"}`).toBe(true)
    expect(parts[1]!.toString() === `{"text":"${'x'.repeat(payload)}","exp":32503680000}`).toBe(true)
    const end = token.lastIndexOf('.')
    expect(token.slice(end + 1)).toBe(mac(token.slice(0, end), secret))
  }
})

test.for([10_921, 10_922, 10_923, 32_768, 50_000])('a claim of %i characters is written whole, of one octet each or three', async (length) => {
  for (const character of ['x', '\u20ac']) {
    const [, payload] = (await sign({ text: character.repeat(length), exp: 32503680000 }, secret, { algorithm: 'HS256', issuedAt: false })).split('.')
    expect(Buffer.from(payload!, 'base64url').toString() === `{"text":"${character.repeat(length)}","exp":32503680000}`).toBe(true)
  }
})

test('decode accepts exactly what encode writes: any text', () => {
  const digit = fc.constantFrom(...'AQgwBCDEFZaz09-_', '+', '/', '=', ' ', '\n', '.', '\u00e9', '\u0141', '\u4141', '\ud83d')
  fc.assert(fc.property(fc.array(digit, { maxLength: 12 }).map((digits) => digits.join('')), (text) => {
    expect(accepts(text), JSON.stringify(text)).toBe(isCanonical(text))
  }), { numRuns: 2000 })
})

test('decode accepts exactly what encode writes: every text of two ASCII characters', () => {
  const wrong: string[] = []
  for (let a = 0; a < 128; a++) {
    for (let b = 0; b < 128; b++) {
      const text = String.fromCharCode(a, b)
      if (accepts(text) !== isCanonical(text)) wrong.push(text)
    }
  }
  expect(wrong).toEqual([])
})

test('decode accepts exactly what encode writes: every code unit in every position of a group', () => {
  const wrong: string[] = []
  for (let code = 0; code < 0x10000; code += code < 0x300 ? 1 : 61) {
    for (let at = 0; at < 4; at++) {
      const text = 'AAAA'.slice(0, at) + String.fromCharCode(code) + 'AAAA'.slice(at + 1)
      if (accepts(text) !== isCanonical(text)) wrong.push(`${at}: ${code}`)
    }
  }
  expect(wrong).toEqual([])
})

test.for([
  ['one digit, which is no octet', 'A'], ['five digits', 'AAAAA'],
  ['padding', 'Zg=='], ['padding', 'Zm8='], ['padding alone', '='], ['padding after a full group', 'Zm9v===='],
  ['white space before', ' Zm9v'], ['a line break behind', 'Zm9v\n'], ['a line break inside', 'Zm\n9v'], ['a NUL', 'Zm9\0'],
  ['the alphabet of plain base64: +', '-_+_'], ['the alphabet of plain base64: /', '-_/_'],
  ['trailing bits after one octet', 'Zh'], ['trailing bits after two octets', 'Zm9'], ['a percent escape', 'Zg%3D'],
  ['a full-width digit', 'Zm9\uff56'], ['a code unit whose low octet is a digit', 'Zm9\u0176'],
])('decode refuses %s: %j', async ([, text]) => {
  await misused(() => base64url.decode(text!))
})

test('decode refuses what is not text', async () => {
  for (const value of [undefined, null, 0, true, {}, [], ['Zm9v'], utf8('Zm9v'), new String('Zm9v')]) await misused(() => base64url.decode(value as never), /^base64url\.decode: expected/)
})

test('encode takes any view and buffer, and of a view only its own octets', () => {
  const buffer = utf8('xxfoobarxx').buffer as ArrayBuffer
  for (const view of [new Uint8Array(buffer, 2, 6), new DataView(buffer, 2, 6), new Uint16Array(buffer, 2, 3), new Uint8ClampedArray(buffer, 2, 6), buffer.slice(2, 8)]) {
    expect(base64url.encode(view as Uint8Array)).toBe('Zm9vYmFy')
  }
})

test('encode refuses what is not bytes', async () => {
  for (const value of [undefined, null, 'foo', 1, [102], {}, { length: 1, 0: 102 }]) await misused(() => base64url.encode(value as never))
})

test('decode gives octets of their own', () => {
  const first = base64url.decode('Zm9v')
  first.fill(0)
  expect(base64url.decode('Zm9v')).toEqual(utf8('foo'))
  expect(first.byteLength).toBe(first.buffer.byteLength)
})
