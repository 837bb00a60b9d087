// Project Wycheproof (C2SP/wycheproof, testvectors_v1): 401 compact JWS and 26 key sets. The payloads are not JSON, so
// they run at the layer of waxseal/jws. The files are read from a folder and are no part of this project; the folder is
// the one that the environment variable WAXSEAL_VECTORS names, else ../shared/vectors beside the checkout. Where that
// is not there, the test run says so and counts them as skipped; a folder that is named and not there is an error.

import { describe, expect, test } from 'vitest'
import { algorithms, isJwtError } from 'waxseal'
import { doors } from '../support/doors'
import { publicOf, readVectors, untyped, type Jwk } from '../support/keys'

const { keySet } = untyped

interface Case { readonly tcId: number, readonly comment: string, readonly jws: unknown, readonly result: 'valid' | 'invalid' }
interface File<K> { readonly numberOfTests: number, readonly testGroups: readonly { readonly comment: string, readonly public?: K, readonly private: K, readonly tests: readonly Case[] }[] }

type Verdict = Case['result']

/** Where the verdict here departs from the label, and why. Every other label is obeyed. */
const departures: Readonly<Record<'json_web_signature_test' | 'json_web_key_test', Readonly<Record<number, readonly [verdict: Verdict, reason: string]>>>> = {
  json_web_signature_test: {
    346: ['invalid', 'the JWK says PS256, the token PS384: a key has one algorithm (RFC 8725bis 3.1)'],
    350: ['invalid', 'as 346'],
    347: ['invalid', 'the JWK says "ES521", which is no algorithm'],
    351: ['invalid', 'as 347'],
    372: ['invalid', 'a "?" in the header segment, which is no base64url (RFC 7515 2)'],
    373: ['invalid', 'a "?" in the payload segment, which is no base64url (RFC 7515 2)'],
    367: ['valid', 'labelled as wrongly padded, but octet by octet the token of case 357, which is labelled valid'],
    370: ['valid', 'as 367'],
  },
  json_web_key_test: {
    1: ['valid', 'a set of an HMAC and an EC key: every key of a local set is the caller\'s own and bound to one algorithm, so that none passes for another'],
    4: ['valid', 'two HMAC keys of one kid: both are tried, as in a rotation that kept the name'],
    7: ['valid', 'a ROCA modulus (CVE-2017-15361): its shape is not looked for; the key is the caller\'s to replace'],
  },
}

/** Whether the token is accepted. Anything but a refusal of the library is a fault of it. */
async function verdict(verifying: () => Promise<unknown>): Promise<Verdict> {
  try {
    await verifying()
    return 'valid'
  } catch (error) {
    if (!isJwtError(error)) throw error
    return 'invalid'
  }
}

const isSecret = (jwk: Jwk): boolean => jwk['kty'] === 'oct'
/** Some groups have private keys only: with them every token would be refused, but for the wrong reason. */
const verifying = (jwk: Jwk): Jwk => isSecret(jwk) ? jwk : publicOf(jwk)
const bySort: Readonly<Record<string, string>> = { RSA: 'RS256', EC: 'ES256' }

const signatures = readVectors<File<Jwk>>('wycheproof/json_web_signature_test.json')
const keys = readVectors<File<{ keys: Jwk[] }>>('wycheproof/json_web_key_test.json')

if (signatures) describe('Wycheproof json_web_signature_test', () => {
  const { testGroups, numberOfTests } = signatures
  const cases = testGroups.flatMap((group) => group.tests.map((one) => ({ ...one, jwk: verifying(group.public ?? group.private), group: group.comment })))
  const table = departures.json_web_signature_test

  test('all cases of the file are run, and every departure is of a case that there is and of another label', () => {
    expect(cases).toHaveLength(numberOfTests)
    expect(cases).toHaveLength(401)
    for (const [id, [departed]] of Object.entries(table)) expect(cases.find(({ tcId }) => tcId === Number(id))?.result).not.toBe(departed)
  })

  for (const { name: door, importJwk, verifyBytes } of doors) describe(`${door}`, () => {
    test.for(cases)('$tcId: $group, $comment: $result', async ({ tcId, jws, jwk, result }) => {
      const [expected] = table[tcId] ?? [result]
      const named = jwk['alg'] === undefined ? bySort[jwk['kty'] as string] : undefined
      // The key alone decides; the list allows every algorithm of its kind.
      const list = algorithms.filter((name) => name.startsWith('HS') === isSecret(jwk))
      expect(await verdict(async () => verifyBytes(jws, await importJwk(jwk, ...named ? [named] : []), { algorithms: list }))).toBe(expected)
      // The same as the only member of a set. A JWK without alg would need a list that leaves but one.
      const member = named ? { ...jwk, alg: named } : jwk
      expect(await verdict(() => verifyBytes(jws, keySet({ keys: [member] }), { algorithms: list }))).toBe(expected)
    })
  })

  test('367 and 370 are octet by octet the valid 357', () => {
    const text = (id: number): unknown => cases.find(({ tcId }) => tcId === id)!.jws
    expect([text(367), text(370)]).toEqual([text(357), text(357)])
  })
})

if (keys) describe('Wycheproof json_web_key_test', () => {
  const { testGroups, numberOfTests } = keys
  const cases = testGroups.flatMap((group) => group.tests.map((one) => ({ ...one, jwks: { keys: (group.public ?? group.private).keys.map(verifying) }, group: group.comment })))
  const table = departures.json_web_key_test

  test('all cases of the file are run, and every departure is of a case that there is and of another label', () => {
    expect(cases).toHaveLength(numberOfTests)
    expect(cases).toHaveLength(26)
    for (const [id, [departed]] of Object.entries(table)) expect(cases.find(({ tcId }) => tcId === Number(id))?.result).not.toBe(departed)
  })

  for (const { name: door, verifyBytes } of doors) describe(`${door}`, () => {
    test.for(cases)('$tcId: $group, $comment: $result', async ({ tcId, jws, jwks, result }) => {
      const [expected] = table[tcId] ?? [result]
      const list = algorithms.filter((name) => !name.startsWith('ML'))
      expect(await verdict(() => verifyBytes(jws, keySet(jwks), { algorithms: list }))).toBe(expected)
    })
  })
})

test('every departure has its reason', () => {
  const reasons = Object.values(departures).flatMap((table) => Object.values(table)).map(([, reason]) => reason)
  expect(reasons.filter((reason) => !/\w/.test(reason))).toEqual([])
  expect(reasons.length).toBe(11)
})

if (!signatures || !keys) test('Wycheproof vectors: folder not found, not run', ({ skip }) => {
  const note = 'Wycheproof vectors: folder not found, not run. Name it in WAXSEAL_VECTORS.'
  console.warn(note)
  skip(note)
})

declare const console: { warn(text: string): void }
