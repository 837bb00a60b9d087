// Keys that are empty, weak, embedded, fetched, injected or broken. Reports: THREATS.md.

import { describe, expect, it, vi } from 'vitest'
import { exportJwk, generateKey, keySet } from 'waxseal'
import { doors } from '../support/doors'
import { node } from '../support/keys'
import '../support/ran'
import { b64, claims, head, hs256, misused, pair, pairToken, refused, secret, thrown, token, unb64, utf8 } from '../support/tokens'

/** The key material of a public key as a JWK has it. */
async function publicMembers(key: unknown): Promise<Record<string, string>> {
  const { kid, alg, ...members } = await exportJwk(key as never) as unknown as Record<string, string>
  return members
}

for (const { name: door, waits, verify, sign, importJwk, importSecret, importPem, publicKey, privateKey } of doors) describe(`${door}`, () => {
  describe('a key that the token brings along is no key (CVE-2018-0114, CVE-2026-27962, CVE-2026-34240, CVE-2024-21643)', () => {
    const mallory = pair('ES256')
    const embedded = { alg: 'ES256', typ: 'JWT', jwk: mallory.publicJwk, jku: 'https://evil.example/jwks.json', x5u: 'https://evil.example/cert.pem', x5c: ['MIIB'], 'x5t#S256': 'AAAA' }

    it('jwk, jku, x5u and x5c find no key and cause no request', async () => {
      const fetching = vi.spyOn(globalThis as unknown as { fetch: () => unknown }, 'fetch')
      const { publicKey: other } = await generateKey('ES256')
      const options = { ...hs256, algorithms: ['ES256'] }
      const forged = pairToken('ES256', claims, embedded)
      for (const key of [other, keySet([other]), () => other]) await refused('ERR_JWT_SIGNATURE', () => verify(forged, key, options))
      for (const key of [keySet([]), () => undefined, () => null]) await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(forged, key, options))
      for (const key of [null, undefined]) await expect(verify(forged, key, options)).rejects.toBeInstanceOf(TypeError)
      expect(fetching).not.toHaveBeenCalled()
      fetching.mockRestore()
    })

    it('an oct jwk in the header does not become the secret', async () => {
      const forged = token(claims, { ...head, jwk: { kty: 'oct', k: b64('x'.repeat(64)) } }, 'x'.repeat(64))
      for (const key of [secret, () => secret]) await refused('ERR_JWT_SIGNATURE', () => verify(forged, key))
    })

    it('twin: honestly signed, a token with all of them is accepted', async () => {
      await verify(pairToken('ES256', claims, embedded), await publicKey('ES256'), { ...hs256, algorithms: ['ES256'] })
      await verify(token(claims, { ...head, jwk: { kty: 'oct', k: b64('x'.repeat(64)) } }))
    })
  })

  describe('an empty secret is none (CVE-2026-44351, CVE-2026-45363, CVE-2026-49852, CVE-2026-102266, CVE-2019-20933, jsonwebtoken 9.0.3)', () => {
    const empties: Record<string, unknown> = {
      text: '', bytes: new Uint8Array(), ArrayBuffer: new ArrayBuffer(0), DataView: new DataView(new ArrayBuffer(8), 4, 0),
      'a look-up that found nothing': () => ({} as Record<string, string>)['kid'] ?? '', 'a function that gives empty bytes': () => new Uint8Array(), 'a promise of nothing': async () => new Uint8Array(),
    }

    it.each(Object.keys(empties))('%s: no token MACed with nothing passes, allowWeakKeys or not', async (name) => {
      for (const alg of ['HS256', 'HS384', 'HS512']) for (const allowWeakKeys of [true, false]) {
        await refused('ERR_JWT_KEY', () => verify(token(claims, { alg }, ''), empties[name], { ...hs256, algorithms: [alg], allowWeakKeys }))
      }
    })

    it('in a JWK, in importSecret, in a set, to sign: none', async () => {
      for (const allowWeakKeys of [true, false]) {
        await refused('ERR_JWT_KEY', () => importSecret('', 'HS256', { allowWeakKeys }))
        await refused('ERR_JWT_KEY', () => importSecret(new Uint8Array(), 'HS256', { allowWeakKeys }))
        await refused('ERR_JWT_KEY', () => importJwk({ kty: 'oct', k: '' }, 'HS256', { allowWeakKeys }))
        for (const key of ['', new Uint8Array()]) await refused('ERR_JWT_KEY', () => sign({}, key, { algorithm: 'HS256', expiresIn: 60, allowWeakKeys }))
      }
      const set = keySet({ keys: [{ kty: 'oct', k: '', alg: 'HS256', kid: 'e' }] })
      expect(set.skipped).toHaveLength(1)
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, { ...head, kid: 'e' }, ''), set))
    })

    it('as a KeyObject: refused by the door that takes them, no key to the other', async () => {
      for (const bytes of [new Uint8Array(), new Uint8Array(1), new Uint8Array(31)]) for (const allowWeakKeys of [true, false]) {
        if (allowWeakKeys && bytes.length) continue
        const key = node.createSecretKey(bytes)
        for (const one of [key, () => key]) {
          const refusing = (): unknown => verify(token(claims, head, bytes), one, { ...hs256, allowWeakKeys })
          if (waits && one === key) await misused(refusing)
          else await refused('ERR_JWT_KEY', refusing)
        }
      }
      const enough = node.createSecretKey(utf8(secret))
      if (waits) await misused(() => verify(token(), enough))
      else await verify(token(), enough)
    })

    it('twin: one octet passes when weak keys are allowed, and only then', async () => {
      await verify(token(claims, head, 'x'), 'x', { ...hs256, allowWeakKeys: true })
      await refused('ERR_JWT_KEY', () => verify(token(claims, head, 'x'), 'x'))
    })
  })

  describe('a short key is refused unless the caller says otherwise (CVE-2025-45768, CVE-2025-45769, CVE-2025-45765, CVE-2024-31033)', () => {
    it.each([['HS256', 32], ['HS384', 48], ['HS512', 64]] as const)('%s: %i octets accepted, one less refused', async (alg, floor) => {
      const options = { ...hs256, algorithms: [alg] }
      const [enough, short] = ['s'.repeat(floor), 's'.repeat(floor - 1)] as [string, string]
      await verify(token(claims, { alg }, enough), enough, options)
      for (const key of [short, () => short]) await refused('ERR_JWT_KEY', () => verify(token(claims, { alg }, short), key, options))
      await refused('ERR_JWT_KEY', () => sign({}, short, { algorithm: alg, expiresIn: 60 }))
      await refused('ERR_JWT_KEY', () => importSecret(short, alg))
      await refused('ERR_JWT_KEY', () => importJwk({ kty: 'oct', k: b64(short) }, alg))
      await verify(token(claims, { alg }, short), short, { ...options, allowWeakKeys: true })
    })

    it('a secret in text is taken as it stands: no decoding of base64 makes it shorter or another', async () => {
      const text = b64('a secret of thirty-two octets ok')
      await verify(token(claims, head, text), text)
      await refused('ERR_JWT_SIGNATURE', () => verify(token(claims, head, unb64(text)), text))
      await refused('ERR_JWT_SIGNATURE', () => verify(token(claims, head, `${text}=`), text))
    })
  })

  describe('kid is a name, nothing else (RFC 8725 3.10)', () => {
    const nasty = ['__proto__', 'constructor', 'toString', '0', '../../dev/null', '/dev/null', "' UNION SELECT 'x' --", '*)(uid=*', 'a\0b', 'https://evil.example/key', '', 'K', 'k ', ' k', 'ｋ']

    it.each(nasty)('%j finds no key in a set that has k', async (kid) => {
      const set = keySet({ keys: [{ kty: 'oct', k: b64(secret), alg: 'HS256', kid: 'k' }] })
      for (const material of [secret, '', 'x'.repeat(64)]) await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, { ...head, kid }, material), set))
      await verify(token(claims, { ...head, kid: 'k' }), set)
    })

    it.each(nasty.filter((kid) => kid !== ''))('%j finds the key that has exactly this name', async (kid) => {
      const set = keySet({ keys: [{ kty: 'oct', k: b64(secret), alg: 'HS256', kid }] })
      await verify(token(claims, { ...head, kid }), set)
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, { ...head, kid: 'k' }), set))
    })

    it('a member without kid serves only a token without one', async () => {
      const set = keySet({ keys: [{ kty: 'oct', k: b64(secret), alg: 'HS256' }] })
      await verify(token(), set)
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, { ...head, kid: 'k' }), set))
    })

    it('more than 8 keys that fit are not tried: eight accepted, nine refused', async () => {
      const members = Array.from({ length: 9 }, (_, i) => ({ kty: 'oct', k: b64(i === 7 ? secret : `${i}`.repeat(64)), alg: 'HS256', kid: 'same' }))
      for (const header of [head, { ...head, kid: 'same' }]) {
        await verify(token(claims, header), keySet({ keys: members.slice(0, 8) }))
        expect((await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, header), keySet({ keys: members })))).message).toContain('kid')
      }
      await refused('ERR_JWT_SIGNATURE', () => verify(token(claims, head, 'y'.repeat(64)), keySet({ keys: members.slice(0, 8) })))
    })
  })

  describe('the private part of a key belongs to its public part (CVE-2026-102275)', () => {
    it.each(['RS256', 'ES256', 'Ed25519'] as const)('%s: a private JWK with the public members of another key is refused', async (name) => {
      const { privateJwk } = pair(name)
      const { publicKey: other } = await generateKey(name)
      const foreign = await publicMembers(other)
      await refused('ERR_JWT_KEY', () => importJwk({ ...privateJwk, ...foreign }, name))
      const set = keySet({ keys: [{ ...privateJwk, ...foreign, alg: name, kid: 'x' }] })
      await expect(verify(pairToken(name, claims, { alg: name, kid: 'x' }), set, { ...hs256, algorithms: [name] })).rejects.toMatchObject({ code: /_KEY$|_NOT_FOUND$/ })
    })

    it.each(['RS256', 'ES256', 'Ed25519'] as const)('%s: verify takes no private key', async (name) => {
      await refused('ERR_JWT_KEY', async () => verify(pairToken(name), await privateKey(name), { ...hs256, algorithms: [name] }))
      await refused('ERR_JWT_KEY', async () => verify(pairToken(name), keySet([await privateKey(name) as never]), { ...hs256, algorithms: [name] }))
    })

    it.each(['RS256', 'ES256', 'Ed25519'] as const)('twin: %s: the matching pair signs and verifies', async (name) => {
      const text = await sign({ sub: 'alice', exp: claims.exp }, await importJwk(pair(name).privateJwk, name))
      await verify(text, await publicKey(name), { ...hs256, algorithms: [name] })
    })
  })

  describe('a key is material, never the name of a file or an address (CVE-2021-41106)', () => {
    const places = ['/etc/keys/jwt.pem', 'file:///etc/keys/jwt.pem', './public.pem', 'https://example.com/jwks.json', 'data:text/plain,secret']

    it.each(places)('%j is read as no reference: too short for a secret, and no key', async (place) => {
      await refused('ERR_JWT_KEY', () => verify(token(claims, head, place), place))
      await refused('ERR_JWT_KEY', () => importPem(place, 'RS256'))
      for (const jwks of [place, { keys: place }]) expect(await thrown(() => keySet(jwks as never))).toBeInstanceOf(TypeError)
    })

    it('twin: text that is long enough is the secret itself, whatever it looks like', async () => {
      const place = 'file:///etc/keys/a-very-long-path/jwt.secret'
      await verify(token(claims, head, place), place)
    })
  })

  describe('one broken key does not take the others with it (CVE-2026-102274)', () => {
    it('is set aside, and says no key material', async () => {
      const { publicJwk } = pair('ES256')
      const set = keySet({ keys: [{ kty: 'RSA', n: 'AA', e: 'AQAB', kid: 'a' }, { kty: 'RSA', n: '!', e: 'AQAB' }, { kty: 'nope', kid: 'b' }, {}, null as never, { ...publicJwk, use: 'enc', kid: 'c' }, { ...publicJwk, kid: 'good', alg: 'ES256' }] })
      expect(set.skipped.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5])
      expect(JSON.stringify(set.skipped)).not.toContain(publicJwk['x'])
      const options = { ...hs256, algorithms: ['ES256'] }
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(pairToken('ES256', claims, { alg: 'ES256', kid: 'c' }), set, options))
      await verify(pairToken('ES256', claims, { alg: 'ES256', kid: 'good' }), set, options)
    })
  })

  describe('a key that has left the set is gone (CVE-2025-22149)', () => {
    it('the next set is the whole truth: nothing is merged into it', async () => {
      const { publicJwk } = pair('ES256')
      const jwks = { keys: [{ ...publicJwk, kid: 'old', alg: 'ES256' }] }
      const before = keySet(jwks)
      const text = pairToken('ES256', claims, { alg: 'ES256', kid: 'old' })
      const options = { ...hs256, algorithms: ['ES256'] }
      await verify(text, before, options)
      jwks.keys.pop()
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(text, keySet(jwks), options))
      await verify(text, before, options) // a set is what it was when it was made
    })
  })
})
