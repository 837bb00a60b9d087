// verify(sign(claims)) = claims, for every algorithm that the runtime has and every JSON object.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base64url, decode } from 'waxseal'
import { nodeAccepts, materialFor, isHmac, nodePublic, pairs, secret, supported, untyped } from '../support/keys'

const { createSigner, createVerifier, sign, signBytes, verify, verifyBytes } = untyped

const registered = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'nonce']
const edges = ['', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'toJSON', 'valueOf', '0', '-1', '\0', '\u2028', '\ufeff', '\ud800', '😀', 'é', 'e\u0301', 'a.b', 'exp ', 'EXP']
const text = fc.oneof(fc.constantFrom(...edges), fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 12 }))
/** No backslash in a name: V8 13.6 to 14.6 reads {"x":1,"\"":1} as {"x":1,"\\":1} if it has seen the latter before. */
const name = text.filter((one) => !one.includes('\\'))
const number = fc.oneof(fc.constantFrom(0, -0, 1, -1, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 0.1, 253402300800), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(null, true, false), number, text, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(name, tie('value'), { maxKeys: 4 })),
}))
const free = fc.dictionary(name.filter((one) => !registered.includes(one)), value, { maxKeys: 6 })
const timeless = { expiresIn: false, issuedAt: false }
const unchecked = { requireExpiry: false }

describe.for(supported)('%s', async (name) => {
  const [{ signing, verifying }] = await pairs(name)
  const options = { algorithms: [name] }
  const material = materialFor(name)?.[0]

  test('any claims come back as they were, in their order, and node:crypto finds the signature good', async () => {
    await fc.assert(fc.asyncProperty(free, async (claims) => {
      const token = await sign(claims, signing, timeless)
      const { payload, header } = await verify(token, verifying, { ...options, ...unchecked })
      expect(JSON.stringify(payload)).toBe(JSON.stringify(claims))
      expect(header['alg']).toBe(name)
      if (material) expect(nodeAccepts(name, isHmac(name) ? secret : nodePublic(material), token)).toBe(true)
    }), { numRuns: 15 })
  })

  test('any bytes come back as they were', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      expect((await verifyBytes(await signBytes(bytes, signing), verifying, options)).payload).toEqual(bytes)
      const detached = await signBytes(bytes, signing, { detached: true })
      expect(detached.split('.')[1]).toBe('')
      expect((await verifyBytes(detached, verifying, { ...options, detachedPayload: bytes })).payload).toEqual(bytes)
    }), { numRuns: 8 })
  })

  test('a signer and a verifier made once do as sign and verify do', async () => {
    const signer = createSigner(signing, timeless)
    const verifier = createVerifier(verifying, { ...options, ...unchecked })
    await fc.assert(fc.asyncProperty(free, async (claims) => {
      for (const token of [await signer(claims), await sign(claims, signing, timeless)]) expect(JSON.stringify((await verifier(token)).payload)).toBe(JSON.stringify(claims))
    }), { numRuns: 8 })
  })
})

test('registered claims come back as they were', async () => {
  const time = fc.oneof(fc.constantFrom(0, 0.5, 253402300799), fc.double({ min: 0, max: 253402300799, noNaN: true }))
  const later = fc.oneof(fc.constantFrom(253402300799, 4102444800.5), fc.integer({ min: 4102444800, max: 253402300799 }))
  const past = time.map((seconds) => Math.abs(seconds % 1_000_000_000))
  const claims = fc.record({ iss: text, sub: text, jti: text, exp: later, nbf: past, iat: time, aud: fc.oneof(text, fc.array(text, { maxLength: 3 })) }, { requiredKeys: ['exp'] })
  await fc.assert(fc.asyncProperty(claims, async (given) => {
    const { payload } = await verify(await sign(given, secret, { algorithm: 'HS256', issuedAt: false }), secret, { algorithms: ['HS256'], audience: false })
    expect(JSON.stringify(payload)).toBe(JSON.stringify(given))
  }), { numRuns: 200 })
})

test('any header parameters come back as they were, behind alg and typ', async () => {
  const names = name.filter((one) => !['alg', 'typ', 'kid', 'b64', 'crit', 'cty'].includes(one))
  await fc.assert(fc.asyncProperty(fc.dictionary(names, value, { maxKeys: 4 }), text.filter((kid) => kid !== ''), async (header, keyId) => {
    const token = await sign({ exp: 4102444800 }, secret, { algorithm: 'HS256', header, keyId })
    const expected = JSON.stringify(header).slice(1)
    expect(JSON.stringify((await verify(token, secret, { algorithms: ['HS256'] })).header)).toBe(order(`{"alg":"HS256","typ":"JWT","kid":${JSON.stringify(keyId)}${expected === '}' ? '' : ','}${expected}`))
  }), { numRuns: 200 })
})

/** Names that are array indices come first in an object of JavaScript, whatever the text says. */
const order = (text: string): string => JSON.stringify(JSON.parse(text))

test('decode shows what verify gives, and the parts that were signed', async () => {
  await fc.assert(fc.asyncProperty(free, async (claims) => {
    const token = await sign(claims, secret, { algorithm: 'HS256', ...timeless })
    const { payload, header } = await verify(token, secret, { algorithms: ['HS256'], ...unchecked })
    const decoded = decode(token)
    expect(JSON.stringify([decoded.payload, decoded.header])).toBe(JSON.stringify([payload, header]))
    expect(`${decoded.signingInput}.${base64url.encode(decoded.signature)}`).toBe(token)
  }))
})

test('nothing of the claims is changed by signing', async () => {
  await fc.assert(fc.asyncProperty(free, async (claims) => {
    const before = JSON.stringify(claims)
    await sign(claims, secret, { algorithm: 'HS256', issuer: 'i', expiresIn: 5, jwtId: true })
    expect(JSON.stringify(claims)).toBe(before)
  }))
})
