// Keys that are empty, weak, embedded, fetched, injected or broken.

import { describe, expect, it, vi } from 'vitest'
import { generateKey, importJwk, importSecret, keySet } from 'waxseal'
import { b64, claims, everyDoor, head, hs256, pair, pairToken, publicKey, refused, secret, sign, token, unb64, verify } from '../support/tokens'

describe('a key that the token brings along (CVE-2018-0114, CVE-2026-27962, CVE-2026-34240)', () => {
  const mallory = pair('ES256')
  const embedded = { alg: 'ES256', typ: 'JWT', jwk: mallory.publicJwk, jku: 'https://evil.example/jwks.json', x5u: 'https://evil.example/cert.pem', x5c: ['MIIB'], 'x5t#S256': 'AAAA' }

  it('jwk, jku, x5u and x5c find no key and cause no request', async () => {
    const fetching = vi.spyOn(globalThis as unknown as { fetch: () => unknown }, 'fetch')
    const mine = await importJwk(mallory.publicJwk, 'ES256')
    const { publicKey: other } = await generateKey('ES256')
    for (const key of [other, keySet([other]), () => other]) await refused('ERR_JWT_SIGNATURE', () => everyDoor(pairToken('ES256', claims, embedded), key, { ...hs256, algorithms: ['ES256'] }))
    await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(pairToken('ES256', claims, embedded), keySet([]), { ...hs256, algorithms: ['ES256'] }))
    await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(pairToken('ES256', claims, embedded), () => undefined, { ...hs256, algorithms: ['ES256'] }))
    await everyDoor(pairToken('ES256', claims, embedded), mine, { ...hs256, algorithms: ['ES256'] })
    expect(fetching).not.toHaveBeenCalled()
    fetching.mockRestore()
  })

  it('an oct jwk in the header does not become the secret', async () => {
    const forged = token(claims, { ...head, jwk: { kty: 'oct', k: b64('x'.repeat(64)) } }, 'x'.repeat(64))
    for (const key of [secret, () => secret]) await refused('ERR_JWT_SIGNATURE', () => everyDoor(forged, key))
    await everyDoor(token(claims, { ...head, jwk: { kty: 'oct', k: b64('x'.repeat(64)) } }))
  })
})

describe('an empty secret (CVE-2026-44351, CVE-2026-45363, CVE-2026-49852, fast-jwt GHSA-8wpc-h4q6-8fxv, jsonwebtoken 9: Buffer.alloc(0))', () => {
  const empties: Record<string, unknown> = { text: '', bytes: new Uint8Array(), ArrayBuffer: new ArrayBuffer(0), DataView: new DataView(new ArrayBuffer(8), 4, 0), 'a look-up that found nothing': () => ({} as Record<string, string>)['kid'] ?? '', 'a promise of nothing': async () => new Uint8Array() }

  it.each(Object.keys(empties))('%s: no token MACed with nothing passes, allowWeakKeys or not', async (name) => {
    for (const alg of ['HS256', 'HS384', 'HS512']) for (const allowWeakKeys of [true, false]) {
      await refused('ERR_JWT_KEY', () => everyDoor(token(claims, { alg }, ''), empties[name], { ...hs256, algorithms: [alg], allowWeakKeys }))
    }
  })

  it('in a JWK, in importSecret, in a set: none', async () => {
    for (const allowWeakKeys of [true, false]) {
      await refused('ERR_JWT_KEY', () => importSecret('', 'HS256', { allowWeakKeys }))
      await refused('ERR_JWT_KEY', () => importSecret(new Uint8Array(), 'HS256', { allowWeakKeys }))
      await refused('ERR_JWT_KEY', () => importJwk({ kty: 'oct', k: '' }, 'HS256', { allowWeakKeys }))
      await refused('ERR_JWT_KEY', () => sign({}, '', { algorithm: 'HS256', expiresIn: 60, allowWeakKeys }))
    }
    const set = keySet({ keys: [{ kty: 'oct', k: '', alg: 'HS256', kid: 'e' }] })
    expect(set.skipped).toHaveLength(1)
    await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(token(claims, { ...head, kid: 'e' }, ''), set))
  })

  it('twin: one octet passes when weak keys are allowed, and only then', async () => {
    await everyDoor(token(claims, head, 'x'), 'x', { ...hs256, allowWeakKeys: true })
    await refused('ERR_JWT_KEY', () => everyDoor(token(claims, head, 'x'), 'x'))
  })
})

describe('kid is a name, nothing else (RFC 8725 3.10)', () => {
  const options = { ...hs256, algorithms: ['HS256'] }
  const nasty = ['__proto__', 'constructor', 'toString', '0', '../../dev/null', '/dev/null', "' UNION SELECT 'x' --", 'a\0b', 'https://evil.example/key', '', 'K', 'k ', ' k', 'ｋ']

  it.each(nasty)('%j finds no key in a set that has k', async (kid) => {
    const set = keySet({ keys: [{ kty: 'oct', k: b64(secret), alg: 'HS256', kid: 'k' }] })
    for (const material of [secret, '', 'x'.repeat(64)]) await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(token(claims, { ...head, kid }, material), set, options))
    await everyDoor(token(claims, { ...head, kid: 'k' }), set, options)
  })

  it.each(nasty.filter((kid) => kid !== ''))('%j finds the key that has exactly this name', async (kid) => {
    const set = keySet({ keys: [{ kty: 'oct', k: b64(secret), alg: 'HS256', kid }] })
    await everyDoor(token(claims, { ...head, kid }), set, options)
    await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(token(claims, { ...head, kid: 'k' }), set, options))
  })

  it('a member without kid serves only a token without one', async () => {
    const set = keySet({ keys: [{ kty: 'oct', k: b64(secret), alg: 'HS256' }] })
    await everyDoor(token(), set, options)
    await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(token(claims, { ...head, kid: 'k' }), set, options))
  })

  it('more than 8 keys that fit are not tried: eight accepted, nine refused', async () => {
    const members = Array.from({ length: 9 }, (_, i) => ({ kty: 'oct', k: b64(i === 7 ? secret : `${i}`.repeat(64)), alg: 'HS256', kid: 'same' }))
    for (const header of [head, { ...head, kid: 'same' }]) {
      await everyDoor(token(claims, header), keySet({ keys: members.slice(0, 8) }), options)
      expect((await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(token(claims, header), keySet({ keys: members }), options))).message).toContain('kid')
    }
    await refused('ERR_JWT_SIGNATURE', () => everyDoor(token(claims, head, 'y'.repeat(64)), keySet({ keys: members.slice(0, 8) }), options))
  })
})

describe('signatures that are good for every message', () => {
  it('ES256 with r or s zero (CVE-2022-21449, psychic signatures)', async () => {
    const key = await publicKey('ES256')
    const [h, p, s] = pairToken('ES256').split('.') as [string, string, string]
    const honest = unb64(s)
    const order = unb64(b64(Uint8Array.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.match(/../g)!, (octet) => parseInt(octet, 16))))
    const zero = new Uint8Array(32)
    for (const [r, t] of [[zero, zero], [zero, honest.slice(32)], [honest.slice(0, 32), zero], [order, order], [order, zero], [new Uint8Array(32).fill(255), new Uint8Array(32).fill(255)]] as const) {
      await refused('ERR_JWT_SIGNATURE', () => everyDoor(`${h}.${p}.${b64(Uint8Array.from([...r, ...t]))}`, key, { ...hs256, algorithms: ['ES256'] }))
    }
    await everyDoor(`${h}.${p}.${s}`, key, { ...hs256, algorithms: ['ES256'] })
  })

  it('ES256 in DER, with a leading zero, or longer (CVE-2020-13822)', async () => {
    const key = await publicKey('ES256')
    const [h, p, s] = pairToken('ES256').split('.') as [string, string, string]
    const honest = [...unb64(s)]
    for (const bytes of [[0, ...honest], [...honest, 0], [...honest.slice(0, 32), 0, ...honest.slice(32)], honest.slice(1), [...honest, ...honest], [0x30, 0x44, 2, 32, ...honest.slice(0, 32), 2, 32, ...honest.slice(32)]]) {
      await refused('ERR_JWT_SIGNATURE', () => everyDoor(`${h}.${p}.${b64(Uint8Array.from(bytes))}`, key, { ...hs256, algorithms: ['ES256'] }))
    }
  })

  it('an Ed25519 key of small order cannot be imported; an honest one can', async () => {
    const small = ['AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '7P_______________________________________38', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA', 'xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o', '7f_______________________________________38', '7v_______________________________________38']
    for (const x of small) await refused('ERR_JWT_KEY', () => importJwk({ kty: 'OKP', crv: 'Ed25519', x }, 'Ed25519'))
    await everyDoor(pairToken('Ed25519'), await publicKey('Ed25519'), { ...hs256, algorithms: ['Ed25519'] })
  })

  it('RSA with e = 1 cannot be imported: every text would be its own signature', async () => {
    const { publicJwk } = pair('RS256')
    for (const e of ['AQ', 'Ag', 'AA', 'AAAAAQ', 'AQAAAAE']) await refused('ERR_JWT_KEY', () => importJwk({ ...publicJwk, e }, 'RS256'))
    await everyDoor(pairToken('RS256'), await importJwk(publicJwk, 'RS256'), { ...hs256, algorithms: ['RS256'] })
  })

  it('a key off its curve cannot be imported', async () => {
    const { publicJwk } = pair('ES256')
    const y = unb64(publicJwk['y']!)
    y[31]! ^= 1
    for (const broken of [{ y: b64(y) }, { x: publicJwk['y']!, y: publicJwk['x']! }, { x: b64(new Uint8Array(32)), y: b64(new Uint8Array(32)) }]) await refused('ERR_JWT_KEY', () => importJwk({ ...publicJwk, ...broken }, 'ES256'))
    await importJwk(publicJwk, 'ES256')
  })
})

describe('one broken key does not take the others with it', () => {
  it('is set aside, and says no key material', async () => {
    const { publicJwk } = pair('ES256')
    const set = keySet({ keys: [{ kty: 'RSA', n: 'AA', e: 'AQAB', kid: 'a' }, { kty: 'nope', kid: 'b' }, {}, null as never, { ...publicJwk, use: 'enc', kid: 'c' }, { ...publicJwk, kid: 'good', alg: 'ES256' }] })
    expect(set.skipped.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
    expect(JSON.stringify(set.skipped)).not.toContain(publicJwk['x'])
    await everyDoor(pairToken('ES256', claims, { alg: 'ES256', kid: 'good' }), set, { ...hs256, algorithms: ['ES256'] })
    await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(pairToken('ES256', claims, { alg: 'ES256', kid: 'c' }), set, { ...hs256, algorithms: ['ES256'] }))
  })

  it('a key that has left the set is gone (CVE-2025-22149)', async () => {
    const { publicJwk } = pair('ES256')
    const jwks = { keys: [{ ...publicJwk, kid: 'old', alg: 'ES256' }] }
    const before = keySet(jwks)
    const text = pairToken('ES256', claims, { alg: 'ES256', kid: 'old' })
    await everyDoor(text, before, { ...hs256, algorithms: ['ES256'] })
    jwks.keys.pop()
    await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(text, keySet(jwks), { ...hs256, algorithms: ['ES256'] }))
    await everyDoor(text, before, { ...hs256, algorithms: ['ES256'] }) // a set is what it was when it was made
  })
})
