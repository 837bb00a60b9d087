// JSON as tokens carry it (RFC 8259), through the two doors that read and write it: decode and sign.

// @ts-ignore -- no types of Node are installed
import * as nodeVm from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, sign, type JwtErrorCode } from 'waxseal'
import { compact, hex, join, misused, refused, secret, utf8 } from '../support/keys'

const inAnotherRealm = (nodeVm as { runInNewContext(code: string): unknown }).runInNewContext
const header = { alg: 'HS256' }
const read = (payload: string | Uint8Array): unknown => decode(compact(header, payload)).payload
const readHeader = (text: string | Uint8Array): unknown => decode(compact(text, {})).header
const malformed: JwtErrorCode = 'ERR_JWT_MALFORMED'
const write = async (payload: object): Promise<string> => JSON.stringify(decode(await sign(payload as never, secret, { algorithm: 'HS256', expiresIn: false, issuedAt: false } as never)).payload)

/** No backslash in a name: V8 13.6 to 14.6 reads {"x":1,"\"":1} as {"x":1,"\\":1} if it has seen the latter before. */
const name = fc.oneof(fc.constantFrom('', '__proto__', 'constructor', 'toString', 'a:b', '"', '""', ':', '\u2028', '\ud800'), fc.string({ unit: 'binary', maxLength: 5 })).filter((text) => !text.includes('\\'))
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, -0, 1e21, 5e-324, 2 ** 53, ':', '"', '\\', '\\":', '{"a":1,"a":2}', '\ud83d\ude00', '\udc00', '\0'),
    fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string({ unit: 'binary', maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(name, tie('value'), { maxKeys: 4 })),
})).value
const object = fc.dictionary(name, json, { maxKeys: 5 })

// ─── reading ─────────────────────────────────────────────────────────────────

test('an object is read as JSON.parse reads it, however it is spaced', () => {
  fc.assert(fc.property(object, fc.constantFrom('', ' ', '\t', '\r\n '), (value, space) => {
    const text = JSON.stringify(value, null, space)
    expect(JSON.stringify(read(space + text + space))).toBe(JSON.stringify(JSON.parse(text)))
  }))
})

/** The text of a value in which one object, the one before which `left` others were written, has its first member twice. */
function doubled(value: unknown, at: { left: number }): string {
  if (Array.isArray(value)) return `[${value.map((item) => doubled(item, at)).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${doubled(item, at)}`)
  if (members.length && at.left-- === 0) members.push(`${JSON.stringify(Object.keys(value)[0])}:null`)
  return `{${members.join()}}`
}

test('a member named twice is refused at any depth', async () => {
  await fc.assert(fc.asyncProperty(object, fc.nat(5), async (value, left) => {
    const at = { left }
    const text = doubled(value, at)
    if (at.left < 0) await refused(() => read(text), malformed)
    else expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)))
  }))
})

test.for([
  '{"a":1,"a":1}', '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"x":{"a":1,"a":2}}', '{"x":[[{"a":1,"a":2}]]}', '{"":1,"":2}',
  '{"__proto__":1,"__proto__":2}', '{"a:":1,"a:":2}', '{"\\"":1,"\\"":2}', '{"a":"\\\\","a":":"}', '{"a":{},"a":[]}', '{"a":{"b":1},"a":{"b":1}}',
  // one of the two spaced otherwise, or before a value of another kind: what is counted must not depend on it
  ...[' ', '\t', '\n', '\r', ' \r\n\t'].flatMap((space) => [`{"a":1,"a"${space}:2}`, `{"a"${space}:1,"a":2}`, `{"a":1,"a":${space}2}`]), '{"a":1,"a":"x"}', '{"a":"x","a":1}',
])('a member named twice is refused: %s', async (text) => {
  await refused(() => read(text), malformed)
  await refused(() => readHeader(`{"alg":"HS256",${text.slice(1)}`), malformed)
})

test.for([
  '{"a":{"a":{"a":1}}}', '{"x":[{"a":1},{"a":2}]}', '{"a":"\\"a\\":1"}', '{"a":1,"A":2}', '{"a":1,"a ":2}', '{"é":1,"e\u0301":2}',
  '{"__proto__":1}', '{"a":":::","b":"\\\\:"}', '{"a":"\\\\\\":"}',
])('the same name in different objects, and colons in text, are read: %s', (text) => {
  expect(JSON.stringify(read(text))).toBe(text)
})

test('a member called __proto__ is a member and no prototype', () => {
  const payload = read('{"__proto__":{"admin":true}}') as { admin?: unknown }
  expect(payload.admin).toBeUndefined()
  expect(Object.keys(payload)).toEqual(['__proto__'])
})

test.for(['[]', '"a"', '0', 'null', 'true', '', ' ', '[{}]'])('what is not an object is refused: %j', async (text) => {
  await refused(() => read(text), malformed)
  await refused(() => readHeader(text), malformed)
})

test.for(['{"a":1,}', '{a:1}', "{'a':1}", '{"a":NaN}', '{"a":01}', '{"a":+1}', '{"a":.5}', '{} {}', '{}x', '{}\0', '{"a":1', '{/**/}', '{"a":"\n"}', '{"a":"\\x41"}', '{"a":undefined}'])('what is not JSON is refused: %j', async (text) => {
  await refused(() => read(text), malformed)
})

test.for([
  ['an overlong slash', '7b2261223a22c0af227d'], ['a surrogate in CESU-8', '7b2261223a22eda081edb080227d'], ['Latin-1', '7b2261223a22e9227d'],
  ['a sequence that is cut off', '7b2261223a22e282227d'], ['a code point above U+10FFFF', '7b2261223a22f4908080227d'], ['a byte order mark', 'efbbbf7b7d'],
  ['UTF-16', '7b007d00'], ['UTF-16 with its mark', 'fffe7b007d00'],
])('what is not plain UTF-8 is refused: %s', async ([, digits]) => {
  await refused(() => read(hex(digits!)), malformed)
  await refused(() => readHeader(hex(digits!)), malformed)
})

test('a byte order mark inside a string is text like any other', () => {
  expect(read(join(utf8('{"a":"'), hex('efbbbf'), utf8('"}')))).toEqual({ a: '\ufeff' })
})

test('nesting as deep as a token is long neither overflows the stack nor passes with a name twice', async () => {
  const deep = (inner: string): string => compact(header, `{"a":${'[{"b":'.repeat(50_000)}${inner}${'}]'.repeat(50_000)}}`)
  expect(decode(deep('1'), { maxTokenLength: 2 ** 22 }).payload).toHaveProperty('a')
  await refused(() => decode(deep('{"c":1,"c":1}'), { maxTokenLength: 2 ** 22 }), malformed)
})

// ─── writing ─────────────────────────────────────────────────────────────────

const claimNames = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']

test('what is written is read back, member by member, as JSON.stringify would have it', async () => {
  await fc.assert(fc.asyncProperty(object.filter((value) => claimNames.every((claim) => !Object.keys(value).includes(claim))), async (value) => {
    expect(await write(value)).toBe(JSON.stringify(value))
  }))
})

class Money { amount = 1 }

test.for<[string, unknown]>([
  ['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity], ['a BigInt', 1n], ['a function', () => 1], ['a Date', new Date(0)], ['a Map', new Map()],
  ['a Set', new Set()], ['a class instance', new Money()], ['a RegExp', /a/], ['a typed array', new Uint8Array(2)], ['a boxed number', Object(1)], ['a Promise', Promise.resolve(1)],
])('%s anywhere in the payload is a TypeError that gives its path', async ([, value]) => {
  await misused(write({ one: value }), /one/)
  await misused(write({ one: [0, { two: value }] }), /one\[1\]\.two/)
})

test('undefined as a member is left out, as JSON.stringify leaves it out', async () => {
  expect(await write({ a: undefined, b: { c: undefined, d: 1 } })).toBe('{"b":{"d":1}}')
})

test('a payload that holds itself is a TypeError', async () => {
  const value: Record<string, unknown> = {}
  value['self'] = { value }
  const error = await write(value).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TypeError)
})

test('toJSON is not called: a payload says what it holds', async () => {
  await misused(write({ a: { toJSON: () => 'b' } }), /toJSON/)
})

test('a member called toJSON is a member like any other; a toJSON on a prototype has no say', async () => {
  expect(await write({ toJSON: 5, a: { toJSON: 'x' } })).toBe('{"toJSON":5,"a":{"toJSON":"x"}}')
  for (const prototype of [Object.prototype, Array.prototype] as object[]) {
    Object.assign(prototype, { toJSON: () => 'polluted' })
    let text
    try {
      text = await sign({ a: { b: [1, [2]] }, exp: 32503680000 }, secret, { algorithm: 'HS256', issuedAt: false, audience: ['c', 'd'], header: { x: { y: [1] } } })
    } finally {
      delete (prototype as { toJSON?: unknown }).toJSON
    }
    expect(decode(text)).toMatchObject({ header: { alg: 'HS256', typ: 'JWT', x: { y: [1] } }, payload: { a: { b: [1, [2]] }, aud: ['c', 'd'], exp: 32503680000 } })
  }
})

test('what a polluted prototype lends to an object is not written: an object, an array, text, what no JSON can hold', async () => {
  for (const value of [{ admin: true }, [1], 'x', NaN, () => 1]) {
    const prototype = Object.prototype as { lent?: unknown }
    let text
    try {
      prototype.lent = value
      text = await write({ a: { b: [{ c: {} }] } })
    } finally {
      delete prototype.lent
    }
    expect(text).toBe('{"a":{"b":[{"c":{}}]}}')
  }
})

test('each property is read once, and nothing of the payload is changed', async () => {
  let reads = 0
  const payload = Object.freeze({ nested: Object.freeze({ get value() { return ++reads } }) })
  expect(await write(payload)).toBe('{"nested":{"value":1}}')
  expect(reads).toBe(1)
})

test.for<[string, unknown]>([
  ['an array', []], ['null', null], ['a string', '{}'], ['a number', 1], ['a Map', new Map()], ['a class instance', new Money()], ['a Date', new Date()], ['bytes', new Uint8Array(2)], ['undefined', undefined],
  ['a function without a prototype', Object.setPrototypeOf(() => 1, null)], ['an heir of an object without a prototype', Object.create(Object.create(null))],
  ['an instance of a class with a method isPrototypeOf, which is no Object.prototype for that', new (class { isPrototypeOf(): boolean { return true } })()],
  ['an instance of a class of another realm', inAnotherRealm('new (class { a = 1 })()')],
])('a payload that is %s is a TypeError', async ([, payload]) => {
  await misused(write(payload as object))
})

test('a payload may be of another realm', async () => {
  expect(await write(inAnotherRealm('({ a: { b: [1] } })') as object)).toBe('{"a":{"b":[1]}}')
})

test('a payload may have a null prototype', async () => {
  expect(await write(Object.assign(Object.create(null), { a: Object.create(null) }))).toBe('{"a":{}}')
})
