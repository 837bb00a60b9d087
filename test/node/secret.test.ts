// What the synchronous door remembers of secrets: node:crypto is asked for a key once per secret, not per call.

import { beforeEach, expect, test, vi } from 'vitest'
import { signSync as typedSign, verifySync as typedVerify } from 'waxseal/node'
import { claims, nodeToken, refused, utf8 } from '../support/keys'

const made = vi.hoisted(() => ({ keys: 0 }))
vi.mock('node:crypto', async (original) => {
  const real = await original<{ createSecretKey(bytes: Uint8Array): unknown }>()
  return { ...real, createSecretKey: (bytes: Uint8Array) => (made.keys++, real.createSecretKey(bytes)) }
})
beforeEach(() => { made.keys = 0 })

type Call = (...args: unknown[]) => unknown
const [signSync, verifySync] = [typedSign as unknown as Call, typedVerify as unknown as Call]
const use = (one: string | Uint8Array): unknown => signSync(claims, one, { algorithm: 'HS256' })
const counting = (act: () => void): number => {
  const before = made.keys
  act()
  return made.keys - before
}

test('a secret becomes a key once, not per call, for signing and verifying alike', () => {
  const bytes = utf8('bytes that no other test has used before')
  expect(counting(() => { for (let i = 0; i < 5; i++) use('text that no other test has used before') })).toBe(1)
  expect(counting(() => { for (let i = 0; i < 5; i++) use(bytes) })).toBe(1)
  expect(counting(() => verifySync(nodeToken('HS256', bytes, claims), bytes, { algorithms: ['HS256'] }))).toBe(0)
})

test('bytes that are changed become another key', async () => {
  const bytes = utf8('bytes that will be changed before long')
  const before = use(bytes)
  bytes[0]! ^= 1
  expect(counting(() => use(bytes))).toBe(1)
  await refused(() => verifySync(before, bytes, { algorithms: ['HS256'] }), 'ERR_JWT_SIGNATURE')
  bytes[0]! ^= 1
  expect(counting(() => verifySync(before, bytes, { algorithms: ['HS256'] }))).toBe(1)
})

test('the last 100 are remembered, and the least recently used goes first', () => {
  const one = 'the first of more than a hundred secrets'
  const others = (from: number, to: number): void => { for (let i = from; i < to; i++) use(`one of more than a hundred secrets: ${i}`) }
  use(one)
  others(0, 99)
  expect(counting(() => use(one))).toBe(0) // and is the most recent again
  others(99, 198)
  expect(counting(() => use(one))).toBe(0)
  others(198, 298)
  expect(counting(() => use(one))).toBe(1)
})
