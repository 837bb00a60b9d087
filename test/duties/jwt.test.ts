// Duties of RFC 7519, 8725 and its successor that no other test states. DUTIES.md says where the others are.

import { describe, expect, test } from 'vitest'
import { keySet } from 'waxseal'
import { doors } from '../support/doors'
import '../support/ran'
import { claims, head, hs256, pair, pairToken, refused, secret, token } from '../support/tokens'

for (const { name: door, verify, verifyBytes, sign, signBytes, importSecret } of doors) describe(`${door}`, () => {
  test('RFC 8725 3.5 (2): passwords that people remember are no HMAC keys: each is refused for its length', async () => {
    for (const password of ['secret', 'password', 'hunter2', 'correct horse battery staple', 'P@ssw0rd!', 'changeme-changeme', '0123456789abcdef0123456789abcde']) {
      await refused('ERR_JWT_KEY', () => verify(token(claims, head, password), password))
      await refused('ERR_JWT_KEY', () => sign({}, password, { algorithm: 'HS256', expiresIn: 60 }))
      await refused('ERR_JWT_KEY', () => importSecret(password, 'HS256'))
    }
    await verify(token(), secret)
  })

  test('RFC 8725 3.8 (1), RFC 8725 3.8 (2): a key of one issuer makes no token of another', async () => {
    const one = keySet({ keys: [{ ...pair('ES256').publicJwk, alg: 'ES256', kid: '1' }] })
    const two = keySet({ keys: [{ ...pair('RS256').publicJwk, alg: 'RS256', kid: '1' }] })
    const options = { ...hs256, algorithms: ['ES256', 'RS256'] }
    const ofOne = (iss: string): string => pairToken('ES256', { ...claims, iss }, { alg: 'ES256', kid: '1' })
    const ofTwo = (iss: string): string => pairToken('RS256', { ...claims, iss }, { alg: 'RS256', kid: '1' })
    await refused('ERR_JWT_CLAIM', () => verify(ofOne('https://two'), one, { ...options, issuer: 'https://one' }), { claim: 'iss' })
    await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(ofOne('https://two'), two, { ...options, issuer: 'https://two' }))
    await refused('ERR_JWT_CLAIM', () => verify(ofTwo('https://one'), two, { ...options, issuer: 'https://two' }), { claim: 'iss' })
    await verify(ofOne('https://one'), one, { ...options, issuer: 'https://one' })
    await verify(ofTwo('https://two'), two, { ...options, issuer: 'https://two' })
  })

  test('RFC 8725 3.12 (1): the rules for each kind of token refuse every other kind', async () => {
    const options = { algorithm: 'HS256', issuedAt: false }
    const kinds: Record<string, { readonly text: string, check(text: string): Promise<unknown> }> = {
      'an access token': { text: await sign({ exp: claims.exp }, secret, { ...options, type: 'at+jwt' }), check: (text) => verify(text, secret, { ...hs256, type: 'at+jwt' }) },
      'an identity token': { text: await sign({ exp: claims.exp }, secret, options), check: (text) => verify(text, secret, hs256) },
      'a logout token': { text: await sign({ exp: claims.exp }, secret, { ...options, type: 'application/logout+jwt' }), check: (text) => verify(text, secret, { ...hs256, type: 'logout+jwt' }) },
      'signed bytes': { text: await signBytes(Uint8Array.of(1), secret, { algorithm: 'HS256' }), check: (text) => verifyBytes(text, secret, { algorithms: ['HS256'], type: 'JOSE' }) },
    }
    for (const [own, { text }] of Object.entries(kinds)) for (const [kind, { check }] of Object.entries(kinds)) {
      if (kind === own) await check(text)
      else await refused('ERR_JWT_TYPE', () => check(text))
    }
  })

  describe('RFC 8725bis 3.14 (1), RFC 8725bis 3.14 (2): letters, digits, - _ and two periods are a token, and nothing else is', () => {
    const good = token()

    test('any other character in any place is refused as malformed', async () => {
      const codes = [...Array.from({ length: 0x180 }, (_, code) => code), 0x2024, 0x2028, 0x3002, 0xd800, 0xdfff, 0xfeff, 0xff0e, 0xff2d, 0xffff]
      const places = [0, 1, good.indexOf('.'), good.indexOf('.') + 1, good.lastIndexOf('.') + 1, good.length - 1, good.length]
      for (const code of codes) {
        const character = String.fromCharCode(code)
        if (/[\w.-]/.test(character)) continue
        for (const at of places) {
          await refused('ERR_JWT_MALFORMED', () => verifyBytes(good.slice(0, at) + character + good.slice(at), secret, { algorithms: ['HS256'] }))
          await refused('ERR_JWT_MALFORMED', () => verifyBytes(good.slice(0, at) + character + good.slice(at + 1), secret, { algorithms: ['HS256'] }))
        }
      }
      expect(good).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      await verify(good)
    })

    test('braces and quotation marks, around a token or in its place, are refused', async () => {
      for (const text of ['{}', '""', '[]', `{${good}}`, `"${good}"`, `['${good}']`, `{"token":"${good}"}`, JSON.stringify(good.split('.'))]) await refused('ERR_JWT_MALFORMED', () => verify(text))
      await verify(good)
    })
  })
})
