// One text per token: under default options two tokens whose header, payload and signature have the same bytes have the
// same text. Every other spelling that lax decoders take for the same bytes is tried.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode } from 'waxseal'
import { b64u, Buffer, claims, compact, nodeSign, pairs, refused, secret, supported, untyped, utf8 } from '../support/keys'

const { sign, verify, verifyBytes } = untyped
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Other spellings of a segment: what Buffer reads as the same bytes. */
function spellings(segment: string): string[] {
  const spare = [0, 0, 4, 2][segment.length % 4]!
  const last = alphabet.indexOf(segment.at(-1)!)
  const tails = Array.from({ length: 1 << spare }, (_, bits) => segment.slice(0, -1) + alphabet[last | bits]!)
  const padded = segment + '='.repeat(-segment.length & 3)
  const middle = segment.length >> 1
  const spaced = [' ', '\t', '\n', '\r\n', '\0', '\u00a0', '\u200b', '\ufeff', '!', '?', '%', '*', '=', '=='].flatMap((extra) => [extra + segment, segment + extra, segment.slice(0, middle) + extra + segment.slice(middle)])
  return [...new Set([...tails, padded, `${segment}=`, `${segment}==`, `${segment}===`, `${padded}====`, segment.replace(/-/g, '+'), segment.replace(/_/g, '/'), segment.replace(/-/g, '+').replace(/_/g, '/'), ...spaced, encodeURIComponent(padded), `"${segment}"`])]
    .filter((text) => text !== segment)
}

test('the spellings tried are such that a lax decoder reads the same bytes', () => {
  for (const segment of ['Zg', 'Zm8', 'Zm9v', '-_-_-_']) {
    const same = spellings(segment).filter((text) => Buffer.from(text, 'base64').equals(Buffer.from(segment, 'base64')))
    expect(same.length).toBeGreaterThan(15)
  }
})

describe.for(supported)('%s', async (name) => {
  const [{ signing, verifying }] = await pairs(name)
  const options = { algorithms: [name], maxTokenLength: 40_000 }
  // Three lengths of header and payload, so that every length modulo 4 occurs.
  const tokens = await Promise.all(['a', 'ab', 'abc'].map((sub) => sign({ sub, exp: claims.exp, bytes: '\u00fb\u00ff\u00fe~~~???' }, signing, { keyId: sub })))

  test('every other spelling of any segment, or of several, is refused', async () => {
    for (const token of tokens) {
      expect((await verify(token, verifying, options)).payload.exp).toBe(claims.exp)
      const segments = token.split('.')
      for (const [i, segment] of segments.entries()) {
        for (const other of spellings(segment)) {
          const text = segments.map((one, j) => j === i ? other : one).join('.')
          await refused(verify(text, verifying, options), 'ERR_JWT_MALFORMED')
          await refused(verifyBytes(text, verifying, options), 'ERR_JWT_MALFORMED')
        }
      }
      await refused(verify(segments.map((one) => one + '='.repeat(-one.length & 3)).join('.') + (segments.every((one) => one.length % 4 === 0) ? '=' : ''), verifying, options), 'ERR_JWT_MALFORMED')
    }
  })

  test('nothing before, behind or between the segments', async () => {
    const [token] = tokens as [string]
    for (const text of [` ${token}`, `${token} `, `${token}\n`, `\ufeff${token}`, `Bearer ${token}`, `"${token}"`, `${token}.`, `.${token}`, token.replace('.', '..'), token.replace('.', '。'), token.replace('.', '%2E'), token.replace('.', ' .'), `${token}\0`, `${token},${token}`]) {
      await refused(verify(text, verifying, options), 'ERR_JWT_MALFORMED')
      await refused(verifyBytes(text, verifying, options), 'ERR_JWT_MALFORMED')
    }
  })
})

test('two texts that decode to the same header, payload and signature are the same text', async () => {
  const segment = fc.oneof(fc.constantFrom(b64u('{}'), b64u('{"a":1}'), 'e30=', 'e31', 'e30 ', 'e3 0', ''), fc.string({ unit: fc.constantFrom(...'Ae30gwQ-_=+/ '), maxLength: 4 }))
  const token = fc.tuple(fc.constantFrom(b64u('{"alg":"HS256"}'), 'eyJhbGciOiJIUzI1NiJ9=', 'eyJhbGciOiJIUzI1NiJ8'), segment, segment).map((parts) => parts.join('.'))
  const parts = (text: string): string | undefined => {
    try {
      const { header, payload, signature, signingInput } = decode(text)
      return JSON.stringify([header, payload, [...signature], signingInput.split('.').map((one) => [...Buffer.from(one, 'base64url')])])
    } catch {
      return undefined
    }
  }
  fc.assert(fc.property(fc.array(token, { minLength: 2, maxLength: 8 }), (texts) => {
    const seen = new Map<string, string>()
    for (const text of texts) {
      const what = parts(text)
      if (what === undefined) continue
      expect(seen.get(what) ?? text).toBe(text)
      seen.set(what, text)
    }
  }), { numRuns: 500 })
})

test('a spelling that was signed as it stands is refused as well: the signature does not make it canonical', async () => {
  for (const payload of [`${b64u(JSON.stringify(claims))}=`, `${b64u(JSON.stringify(claims))}\n`, ` ${b64u(JSON.stringify(claims))}`]) {
    const input = `${compact({ alg: 'HS256' }, '').split('.')[0]}.${payload}`
    await refused(verify(`${input}.${b64u(nodeSign('HS256', secret, utf8(input)))}`, secret, { algorithms: ['HS256'] }), 'ERR_JWT_MALFORMED')
  }
})
