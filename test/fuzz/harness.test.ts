// The fuzzing harness itself: a library that is broken on purpose must be caught, and this one must not be accused. The long
// runs are `npm run fuzz`.

import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import * as lib from '../../src/index'
import * as jws from '../../src/jws'
import * as node from '../../src/node'
import { departure } from './departures.mjs'
import { makePools } from './pools.mjs'
import { Random, streamOf } from './random.mjs'
import { judgeJwt, parseStrictly, strictObject } from './reference.mjs'
import { shrink } from './shrink.mjs'
import { targets } from './targets/index.mjs'

type Library = Record<string, unknown>
interface Finding { readonly kind: string }

const pools = makePools(1)

async function fuzz(name: string, count: number, broken: Library = {}): Promise<{ kinds: string[], verdicts: Record<string, number>, cases: unknown[] }> {
  const target = targets[name]
  const random = new Random(1, streamOf(name), -1)
  const context = await target.prepare({ lib: { ...lib, ...broken }, jws, node: { ...node, ...broken }, pools, random })
  const kinds: string[] = []
  const cases: unknown[] = []
  const verdicts: Record<string, number> = { accepted: 0, refused: 0 }
  for (let number = 0; number < count; number++) {
    const one = target.make(random.reset(1, streamOf(name), number), context)
    const verdict = await target.run(one, context) as string | Finding
    if (typeof verdict === 'string') verdicts[verdict]!++
    else {
      kinds.push(verdict.kind)
      cases.push(one)
    }
  }
  return { kinds, verdicts, cases }
}

test.for(['base64url', 'json', 'ecdsaFromDer', 'duration', 'decode', 'verify', 'verifySync', 'cache', 'jws', 'together', 'secret', 'sign', 'keySet'])('%s: accuses nobody, and sees both verdicts', async (name) => {
  const { kinds, verdicts } = await fuzz(name, 400)
  expect(kinds).toEqual([])
  expect(Math.min(verdicts['accepted']!, verdicts['refused']!)).toBeGreaterThan(5)
})

const loosely = (token: string): string => token.replace(/\s/g, '')

test.each<[string, string, Library, RegExp]>([
  ['a lax base64url decoder', 'base64url', { base64url: { ...lib.base64url, decode: (text: string) => new Uint8Array(Buffer.from(text, 'base64url')) } }, /base64url accepted that is not canonical/],
  ['a decoder that refuses too much', 'base64url', { base64url: { ...lib.base64url, decode: (text: string) => text.length > 40 ? lib.base64url.decode('=') : lib.base64url.decode(text) } }, /canonical base64url refused/],
  ['JSON.parse as it is', 'json', { decode: (token: string) => ({ payload: JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) }) }, /JSON accepted that is not strict|an exception of another kind/],
  ['white space that is passed over', 'decode', { decode: (token: string, options?: object) => lib.decode(loosely(token), options) }, /a malformed token taken apart/],
  ['a decoder that gives out one buffer again and again', 'base64url', { base64url: { ...lib.base64url, decode: onOneDesk() } }, /bytes that were given out have changed/],
  ['a RangeError', 'decode', { decode: (token: string) => token.includes('=') ? new Array(-1) : lib.decode(token) }, /an exception of another kind/],
  ['a TypeError because of a token', 'decode', { decode: (token: string) => lib.decode(token, token.includes('\n') ? { oops: 1 } as never : {}) }, /a TypeError because of a token/],
  ['a verifier that forgets exp', 'verify', { createVerifier: (key: never, options: never) => lifted(lib.createVerifier(key, options) as never, 'ERR_JWT_EXPIRED') }, /ACCEPTED, deserves ERR_JWT_EXPIRED/],
  ['a verifier that forgets the signature', 'verify', { createVerifier: (key: never, options: never) => lifted(lib.createVerifier(key, options) as never, 'ERR_JWT_SIGNATURE') }, /ACCEPTED, deserves ERR_JWT_SIGNATURE/],
  ['a synchronous door that forgets aud', 'verifySync', { createVerifierSync: (key: never, options: object) => node.createVerifierSync(key, { ...options, audience: false } as never) }, /ACCEPTED, deserves ERR_JWT_CLAIM|refused as/],
  ['a cache without an end', 'cache', { createVerifierSync: forgetful }, /ACCEPTED/],
  ['importJwk that overlooks use', 'jwk', { importJwk: ({ use, ...jwk }: { use?: string }, ...rest: never[]) => lib.importJwk(jwk, ...rest) }, /a JWK accepted in spite of use/],
  ['a secret that may be short', 'secret', { createSigner: (secret: never, options: object) => lib.createSigner(secret, { ...options, allowWeakKeys: true } as never) }, /a secret shorter than the hash/],
  ['sign that changes a claim', 'sign', { sign: (payload: object, key: never, options: object) => lib.sign(payload && 'sub' in payload ? { ...payload, sub: 'bob' } : payload as never, key, options as never) }, /other claims signed/],
])('%s is caught by the target %s', async (_, name, broken, kind) => {
  const { kinds } = await fuzz(name, name === 'jwk' ? 500 : 2000, broken)
  expect(kinds.filter((one) => kind.test(one)).length).toBeGreaterThan(0)
})

function onOneDesk(): (text: string) => Uint8Array {
  const desk = new Uint8Array(1000)
  return (text) => {
    const bytes = lib.base64url.decode(text)
    desk.set(bytes)
    return desk.subarray(0, bytes.length)
  }
}

/** A verifier that lets pass what is refused with this code. */
function lifted(verifier: (token: string) => Promise<unknown>, code: string): (token: string) => Promise<unknown> {
  return (token) => verifier(token).catch((error: { code: string, payload?: object, header?: object }) => {
    if (error.code === code) return { payload: error.payload ?? {}, header: error.header ?? {} }
    throw error
  })
}

function forgetful(key: never, options: never): (token: string) => unknown {
  const verifier = node.createVerifierSync(key, options) as (token: string) => unknown
  const kept = new Map<string, unknown>()
  return (token) => kept.get(token) ?? kept.set(token, verifier(token)).get(token)
}

test('a case that fails is made as small as it can be', async () => {
  const small = await shrink({ text: 'abc=def', other: [1, 2, { more: 'x' }], keep: true }, async (one: { text?: string }) => Boolean(one.text?.includes('=')))
  expect(small).toEqual({ text: '=' })
})

test('a case can be made again from seed, target and number', () => {
  const made = (number: number): number[] => {
    const random = new Random(7, streamOf('verify'), number)
    return [random.next(), random.next(), random.below(100)]
  }
  expect(made(5)).toEqual(made(5))
  expect(made(5)).not.toEqual(made(6))
})

test.each([
  ['{"a":1}', true], [' {"a" : [1, {"b":null}] } ', true], ['{"a":1,"\\u0061":2}', false], ['{"a":{"b":1,"b":1}}', false], ['{"a":01}', false], ['{"a":1,}', false], ['[]', false], ['{"a":"\t"}', false], ['{}{}', false], ['\ufeff{}', false], ['{"a":-0.5e+3}', true],
])('the reference reads %j strictly', (text, good) => {
  expect(strictObject(Buffer.from(text)) !== undefined).toBe(good)
  if (good) expect(parseStrictly(text)).toEqual(JSON.parse(text))
})

test('the reference refuses what is signed with another key', async () => {
  const key = new Uint8Array(32).fill(1)
  const token = await lib.sign({ exp: 4e9 }, key, { algorithm: 'HS256', issuedAt: false })
  expect(judgeJwt(token, key, { algorithms: ['HS256'] }, 0)).toEqual({ header: { alg: 'HS256', typ: 'JWT' }, payload: { exp: 4e9 } })
  expect(judgeJwt(token, key.map(() => 2), { algorithms: ['HS256'] }, 0)).toEqual({ code: 'ERR_JWT_SIGNATURE' })
  expect(judgeJwt(token, key, { algorithms: ['HS256'] }, 4e9)).toEqual({ code: 'ERR_JWT_EXPIRED' })
})

test('a departure from jose has a reason for its own case alone', () => {
  const token = (payload: object): string => [{ alg: 'HS256' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.AAAA'
  const claim = { code: 'ERR_JWT_CLAIM' }
  expect(departure(token({ exp: 4e9, aud: 'a' }), { algorithms: ['HS256'] }, 0, claim, undefined)).toMatch(/aud/)
  expect(departure(token({ exp: 4e9, aud: 'a' }), { algorithms: ['HS256'], audience: 'a' }, 0, claim, undefined)).toBeUndefined()
  expect(departure(token({ exp: 4e9 }), { algorithms: ['HS256'] }, 0, claim, undefined)).toBeUndefined()
  expect(departure(token({ exp: 4e9, aud: 'a' }), { algorithms: ['HS256'] }, 0, { code: 'ERR_JWT_TYPE' }, undefined)).toBeUndefined()
  expect(departure(token({ exp: 4e9 }), { algorithms: ['HS256'] }, 0, undefined, { code: 'ERR_JWS_INVALID' })).toBeUndefined()
})
