// A token that differs from one that was signed, in whatever bit, or that another key signed, is refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, isJwtError, type JwtErrorCode } from 'waxseal'
import { b64u, claims, fromB64u, pairs, supported, untyped } from '../support/keys'

const { createVerifier, sign, signBytes, verify, verifyBytes } = untyped

/** Before the signature has held there are no other codes. */
const unauthentic: readonly JwtErrorCode[] = ['ERR_JWT_MALFORMED', 'ERR_JWT_ALGORITHM', 'ERR_JWT_CRITICAL', 'ERR_JWT_TYPE', 'ERR_JWT_SIGNATURE']

async function refusedUnseen(verifying: Promise<unknown>): Promise<void> {
  const error: unknown = await verifying.then(() => undefined, (thrown: unknown) => thrown)
  if (!isJwtError(error)) throw error ?? new Error('a forged token was accepted')
  expect(unauthentic).toContain(error.code)
  expect(error.fault).toBe('token')
  expect([error.payload, error.header]).toEqual([undefined, undefined])
}

const flipped = (token: string, segment: number, bit: number): string => {
  const segments = token.split('.')
  const bytes = fromB64u(segments[segment]!)
  bytes[bit >> 3]! ^= 1 << (bit & 7)
  segments[segment] = b64u(bytes)
  return segments.join('.')
}

describe.for(supported)('%s', async (name) => {
  const [mine, other] = await pairs(name)
  const options = { algorithms: [name], maxTokenLength: 20_000 }
  const token = await sign({ ...claims, role: 'user' }, mine.signing)
  const accept = (text: string): Promise<unknown> => verify(text, mine.verifying, options)
  const bitsOf = (segment: number): number => fromB64u(token.split('.')[segment]!).length * 8
  const bit = fc.integer({ min: 0, max: 2 }).chain((segment) => fc.tuple(fc.constant(segment), fc.nat(bitsOf(segment) - 1)))

  test('the token itself is accepted', async () => {
    await accept(token)
    await createVerifier(mine.verifying, options)(token)
  })

  test('a flipped bit in any segment is refused', async () => {
    await fc.assert(fc.asyncProperty(bit, async ([segment, at]) => { await refusedUnseen(accept(flipped(token, segment, at))) }), { numRuns: 60 })
  })

  test('two flipped bits are refused, unless they are the same', async () => {
    await fc.assert(fc.asyncProperty(bit, bit, async ([segment, at], [second, then]) => {
      const text = flipped(flipped(token, segment, at), second, then)
      if (segment === second && at === then) expect(text).toBe(token)
      else await refusedUnseen(accept(text))
    }), { numRuns: 30 })
  })

  test('any other character in any place is refused', async () => {
    const character = fc.constantFrom(...'ABgwz059-_.=+/ \n\0"', 'é', '\ud800')
    await fc.assert(fc.asyncProperty(fc.nat(token.length - 1), character, async (at, replacement) => {
      const text = token.slice(0, at) + replacement + token.slice(at + 1)
      if (text !== token) await refusedUnseen(accept(text))
    }), { numRuns: 60 })
  })

  test('any truncation is refused', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(token.length - 1), fc.boolean(), async (at, front) => { await refusedUnseen(accept(front ? token.slice(at + 1) : token.slice(0, at))) }), { numRuns: 60 })
  })

  test('any extension of any segment is refused', async () => {
    const more = fc.oneof(fc.constantFrom('A', 'AA', 'AAAA', '=', '==', ' ', '\n', '.', '..', '.AA', '\0', '!', '%'), fc.base64String({ minLength: 1, maxLength: 8 }))
    await fc.assert(fc.asyncProperty(fc.nat(2), fc.boolean(), more, async (segment, front, extension) => {
      const segments = token.split('.')
      segments[segment] = front ? extension + segments[segment]! : segments[segment]! + extension
      await refusedUnseen(accept(segments.join('.')))
    }), { numRuns: 60 })
  })

  test('any other claims under the same signature are refused, and any other header', async () => {
    const [header, payload, signature] = token.split('.') as [string, string, string]
    for (const forged of [{ ...claims, role: 'admin' }, claims, {}]) await refusedUnseen(accept(`${header}.${b64u(JSON.stringify(forged))}.${signature}`))
    for (const forged of [{ alg: name }, { typ: 'JWT', alg: name }, { alg: name, typ: 'JWT', kid: 'x' }]) await refusedUnseen(accept(`${b64u(JSON.stringify(forged))}.${payload}.${signature}`))
    for (const none of ['', 'AA', b64u(new Uint8Array(64)), payload]) await refusedUnseen(accept(`${header}.${payload}.${none}`))
  })

  test('any other key is refused', async () => {
    await refusedUnseen(verify(token, other.verifying, options))
    await refusedUnseen(accept(await sign({ ...claims, role: 'user' }, other.signing)))
  })

  test('parts of two tokens of one key make no third', async () => {
    const second = await sign({ ...claims, role: 'guest' }, mine.signing, { keyId: 'k' })
    const [a, b] = [token.split('.'), second.split('.')]
    for (let mask = 1; mask < 7; mask++) await refusedUnseen(accept([0, 1, 2].map((i) => (mask >> i & 1 ? a : b)[i]).join('.')))
  })

  test('detached content of any other bytes is refused', async () => {
    const content = fc.uint8Array({ minLength: 1, maxLength: 40 })
    await fc.assert(fc.asyncProperty(content, fc.nat(), async (bytes, at) => {
      const detached = await signBytes(bytes, mine.signing, { detached: true })
      const changed = bytes.slice()
      changed[(at >> 3) % bytes.length]! ^= 1 << (at & 7)
      for (const wrong of [changed, bytes.slice(1), new Uint8Array([...bytes, 0])]) await refusedUnseen(verifyBytes(detached, mine.verifying, { ...options, detachedPayload: wrong }))
      await refusedUnseen(verifyBytes(detached, mine.verifying, options))
    }), { numRuns: 8 })
  })
})

test('every single bit of an HS256, an ES256 and an Ed25519 token counts', async () => {
  for (const name of ['HS256', 'ES256', 'Ed25519'] as const) {
    const [{ signing, verifying }] = await pairs(name)
    const token = await sign({ exp: claims.exp }, signing)
    for (const segment of [0, 1, 2]) {
      for (let at = 0; at < fromB64u(token.split('.')[segment]!).length * 8; at++) await refusedUnseen(verify(flipped(token, segment, at), verifying, { algorithms: [name] }))
    }
    expect(decode(token).payload['exp']).toBe(claims.exp)
  }
})
