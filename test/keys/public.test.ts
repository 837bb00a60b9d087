// What tells a public JWK from one that must not leave, or be let in.

import { describe, expect, test } from 'vitest'
import { hasClosedMember, isPublicJwk } from '../../src/keys/public'
import { p256 } from '../support/keys'

const { d, ...open } = p256

describe('a public JWK', () => {
  test('is one of any key type but oct', () => {
    for (const jwk of [open, { ...open, kid: 'k', use: 'sig' }, { kty: 'RSA' }, { kty: 'unknown' }]) expect([isPublicJwk(jwk), hasClosedMember(jwk)]).toEqual([true, false])
  })

  // RFC 7518 6.2.2, 6.3.2, 6.4.1, RFC 8037 2, RFC 9964
  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])('is none with a member %s, whatever its value and kty', (name) => {
    for (const value of [d, '', null, undefined]) {
      expect([isPublicJwk({ ...open, [name]: value }), hasClosedMember({ [name]: value })]).toEqual([false, true])
    }
  })

  test.each<[string, unknown]>([
    ['a secret without its k', { kty: 'oct' }], ['no kty', { ...open, kty: undefined }], ['a kty that is no text', { ...open, kty: 7 }],
    ['null', null], ['text', 'EC'], ['a list', [open]], ['a set of keys', { keys: [open] }],
  ])('is not %s', (_, value) => {
    expect(isPublicJwk(value)).toBe(false)
  })
})
