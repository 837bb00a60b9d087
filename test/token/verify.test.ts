import { describe, expect, it } from 'vitest'
import { importSecret, isJwtError, keySet, safeVerify } from 'waxseal'
import { answering } from '../support/door'
import {
  at, b64, claims, claimsOf, doors, everyDoor, head, hs256, mac, misused, now, pair, pairToken, privateKey, publicKey, refused, sealed, secret, sign, thrown, token, utf8, verify, type PairName, type Refusal,
} from '../support/tokens'

const names: PairName[] = ['RS256', 'ES256', 'Ed25519']

describe('verify', () => {
  it.each(Object.keys(doors))('%s gives the claims and the header of an honest token', async (door) => {
    const result = await doors[door]!(token({ ...claims, a: [1] }, { ...head, kid: 'k' }), secret, hs256)
    expect(result).toEqual({ payload: { ...claims, a: [1] }, header: { ...head, kid: 'k' } })
  })

  it('safeVerify gives a refusal as a value, and a success with ok: true', async () => {
    expect(await safeVerify(token(), secret, hs256 as never)).toEqual({ ok: true, payload: claims, header: head })
    const result = await safeVerify(token({ exp: 1 }), secret, hs256 as never) as unknown as { ok: boolean, error: Refusal }
    expect(Object.keys(result).sort()).toEqual(['error', 'ok'])
    expect(result).toMatchObject({ ok: false, error: { code: 'ERR_JWT_EXPIRED' } })
    expect(isJwtError(result.error)).toBe(true)
  })

  it.each(names)('%s: the token of its private key accepted, that of another refused', async (name) => {
    const key = await publicKey(name)
    const options = { ...hs256, algorithms: [name] }
    const good = pairToken(name)
    expect((await everyDoor(good, key, options)).payload).toEqual(claims)
    const [h, , s] = good.split('.') as [string, string, string]
    for (const forged of [`${h}.${b64({ ...claims, sub: 'mallory' })}.${s}`, `${b64({ alg: name })}.${b64(claims)}.${s}`, `${h}.${b64(claims)}.${s.slice(0, -4)}AAAA`, `${h}.${b64(claims)}.${b64(new Uint8Array(64))}`, `${h}.${b64(claims)}.`]) {
      const error = await refused('ERR_JWT_SIGNATURE', () => everyDoor(forged, key, options))
      expect([error.payload, error.header]).toEqual([undefined, undefined])
    }
  })

  it('an HMAC secret may be text, or bytes of any view and any realm, or an ArrayBuffer', async () => {
    const bytes = utf8(secret)
    const { buffer } = bytes
    const shifted = new Uint8Array(bytes.length + 8)
    shifted.set(bytes, 4)
    for (const key of [secret, bytes, buffer, new DataView(buffer), new Uint16Array(buffer.slice(0, 64)), shifted.subarray(4, -4), new Uint8Array(bytes)]) {
      const wanted = key instanceof Uint16Array ? new Uint8Array(key.buffer) : bytes
      await everyDoor(token(claims, head, wanted), key)
      await refused('ERR_JWT_SIGNATURE', () => everyDoor(token(claims, head, `${secret}x`), key))
    }
  })

  it('bytes of a secret that change after the call have no effect on it; on the next they have', async () => {
    for (const door of Object.values(doors)) {
      const bytes = utf8(secret)
      const pending = door(token(), bytes, hs256)
      bytes.fill(7)
      await expect(pending).resolves.toBeDefined()
      await refused('ERR_JWT_SIGNATURE', () => door(token(), bytes, hs256))
      await door(token(claims, head, bytes), bytes, hs256)
    }
  })

  it('a CryptoKey from importSecret, and a set that holds it, verify the same', async () => {
    const key = await importSecret(secret, 'HS256', { keyId: 'k' })
    for (const one of [key, keySet([key]), ...answering(key), ...answering(secret)]) {
      await everyDoor(token(claims, { ...head, kid: 'k' }), one)
      await refused('ERR_JWT_SIGNATURE', () => everyDoor(token(claims, { ...head, kid: 'k' }, `${secret}x`), one))
    }
  })

  it('results are not shared: what a caller does to one does not show in the next', async () => {
    const text = token({ ...claims, roles: ['user'] })
    const first = await verify(text, secret, hs256)
    ;(first.payload['roles'] as string[]).push('admin')
    first.header['alg'] = 'x'
    expect(await verify(text, secret, hs256)).toEqual({ payload: { ...claims, roles: ['user'] }, header: head })
  })
})

describe('what verify takes as a key', () => {
  it('PEM text, a JWK and a JWKS are TypeErrors that name the importer, from safeVerify too', async () => {
    const { publicPem, publicJwk } = pair('RS256')
    const wrong: [unknown, string][] = [
      [publicPem, 'importPem'], [publicJwk, 'importJwk'], [{ kty: 'oct', k: b64(secret) }, 'importJwk'], [{ keys: [publicJwk] }, 'keySet'],
    ]
    for (const algorithms of [['RS256'], ['HS256']]) for (const [key, importer] of wrong) for (const text of [token(), 'garbage', undefined]) {
      for (const door of Object.values(doors)) await misused(() => door(text, key, { ...hs256, algorithms }), importer)
    }
  })

  it('nothing, numbers, plain objects and arrays are TypeErrors', async () => {
    for (const key of [undefined, null, 0, 1, true, NaN, 1n, Symbol('key'), {}, [], [secret], new String(secret), new Map(), new Date(), /x/, Promise.resolve(secret), { key: secret }, { type: 'secret' }]) {
      for (const door of Object.values(doors)) await misused(() => door(token(), key, hs256), 'key')
    }
  })

  it('a secret beside a public-key algorithm is a TypeError', async () => {
    for (const key of [secret, utf8(secret), '']) for (const algorithms of [['RS256'], ['ES256', 'RS256'], ['Ed25519']]) {
      for (const door of Object.values(doors)) await misused(() => door(token(), key, { ...hs256, algorithms }))
    }
  })

  it('a list that mixes HS* with public-key algorithms is a TypeError, unless the key is a KeySet or a function', async () => {
    const key = await publicKey('ES256')
    const mixed = { ...hs256, algorithms: ['HS256', 'ES256'] }
    for (const one of [key, secret, await importSecret(secret, 'HS256')]) for (const door of Object.values(doors)) await misused(() => door(token(), one, mixed), 'algorithms')
    await everyDoor(pairToken('ES256'), keySet([key as never]), mixed)
    await everyDoor(pairToken('ES256'), () => key, mixed)
  })

  it('a private key is ERR_JWT_KEY', async () => {
    for (const name of names) await refused('ERR_JWT_KEY', async () => everyDoor(pairToken(name), await privateKey(name), { ...hs256, algorithms: [name] }))
  })

  it('an empty or short secret is ERR_JWT_KEY; allowWeakKeys opts out of the length, never of emptiness', async () => {
    for (const [alg, floor] of [['HS256', 32], ['HS384', 48], ['HS512', 64]] as const) {
      const options = { ...hs256, algorithms: [alg] }
      const [short, enough] = ['s'.repeat(floor - 1), 's'.repeat(floor)]
      for (const key of [short, utf8(short), () => short]) {
        await refused('ERR_JWT_KEY', () => everyDoor(token(claims, { alg }, short), key, options))
        await everyDoor(token(claims, { alg }, short), key, { ...options, allowWeakKeys: true })
        await refused('ERR_JWT_KEY', () => everyDoor(token(claims, { alg }, short), key, { ...options, allowWeakKeys: false }))
      }
      await everyDoor(token(claims, { alg }, enough), enough, options)
      for (const key of ['', new Uint8Array(), new ArrayBuffer(0), () => '', () => new Uint8Array()]) {
        for (const allowWeakKeys of [true, false]) await refused('ERR_JWT_KEY', () => everyDoor(token(claims, { alg }, ''), key, { ...options, allowWeakKeys }))
      }
    }
  })

  it('a key bound to another algorithm than the header names is ERR_JWT_ALGORITHM, though both are listed', async () => {
    const key = await importSecret(secret, 'HS256')
    await refused('ERR_JWT_ALGORITHM', () => everyDoor(token(claims, { alg: 'HS512' }), key, { ...hs256, algorithms: ['HS256', 'HS512'] }))
    await everyDoor(token(), key, { ...hs256, algorithms: ['HS512', 'HS256'] })
    const ec = await publicKey('ES256')
    await refused('ERR_JWT_ALGORITHM', () => everyDoor(pairToken('ES256', claims, { alg: 'ES384' }), ec, { ...hs256, algorithms: ['ES256', 'ES384'] }))
    await refused('ERR_JWT_ALGORITHM', () => everyDoor(pairToken('ES256', claims, { alg: 'RS256' }), ec, { ...hs256, algorithms: ['ES256', 'RS256'] }))
  })

  it('EdDSA and Ed25519 are one algorithm with two names: the list and the header tell them apart', async () => {
    const key = await publicKey('Ed25519')
    for (const alg of ['EdDSA', 'Ed25519']) {
      const other = alg === 'EdDSA' ? 'Ed25519' : 'EdDSA'
      await everyDoor(pairToken('Ed25519', claims, { alg }), key, { ...hs256, algorithms: [alg] })
      await everyDoor(pairToken('Ed25519', claims, { alg }), key, { ...hs256, algorithms: [other, alg] })
      await refused('ERR_JWT_ALGORITHM', () => everyDoor(pairToken('Ed25519', claims, { alg }), key, { ...hs256, algorithms: [other] }))
    }
  })
})

describe('a CryptoKey made elsewhere', () => {
  type Subtle = Record<'generateKey' | 'sign' | 'exportKey' | 'importKey', (...args: unknown[]) => Promise<never>>
  const { subtle } = (globalThis as unknown as { crypto: { subtle: Subtle } }).crypto
  interface Foreign { publicKey: object, privateKey: object }
  const foreign: Record<string, { params: object, how: object }> = {
    RS256: { params: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) }, how: { name: 'RSASSA-PKCS1-v1_5' } },
    ES256: { params: { name: 'ECDSA', namedCurve: 'P-256' }, how: { name: 'ECDSA', hash: 'SHA-256' } },
    ES384: { params: { name: 'ECDSA', namedCurve: 'P-384' }, how: { name: 'ECDSA', hash: 'SHA-384' } },
    Ed25519: { params: { name: 'Ed25519' }, how: { name: 'Ed25519' } },
  }
  const make = (name: string): Promise<Foreign> => subtle.generateKey(foreign[name]!.params, true, ['sign', 'verify'])
  const signed = async (name: string, key: object, alg = name): Promise<string> => {
    const input = `${b64({ alg })}.${b64(claims)}`
    return `${input}.${b64(new Uint8Array(await subtle.sign(foreign[name]!.how, key, utf8(input))))}`
  }

  it.each(Object.keys(foreign))('%s: accepted, first and later', async (name) => {
    const { publicKey, privateKey } = await make(name)
    const text = await signed(name, privateKey)
    for (let use = 0; use < 2; use++) expect((await everyDoor(text, publicKey, { ...hs256, algorithms: [name] })).payload).toEqual(claims)
  })

  const mismatches = Object.keys(foreign).flatMap((name) => Object.keys(foreign).filter((alg) => alg !== name).map((alg) => [name, alg] as const))
  it.each(mismatches)('%s: a token that names %s, which the list allows too, is ERR_JWT_ALGORITHM and the token\'s fault', async (name, alg) => {
    const { publicKey, privateKey } = await make(name)
    for (const order of [[name, alg], [alg, name]]) {
      await refused('ERR_JWT_ALGORITHM', async () => everyDoor(await signed(name, privateKey, alg), publicKey, { ...hs256, algorithms: order }), { fault: 'token' })
    }
    await everyDoor(await signed(name, privateKey), publicKey, { ...hs256, algorithms: [alg, name] })
  })

  it('an Ed25519 public key of small order verifies nothing (it would verify one signature for every message)', async () => {
    const weak = new Uint8Array(32)
    weak[0] = 1
    const key = await subtle.importKey('raw', weak, { name: 'Ed25519' }, true, ['verify']).catch(() => undefined)
    const zeros = new Uint8Array(64)
    zeros[0] = 1
    const forged = `${b64({ alg: 'Ed25519' })}.${b64(claims)}.${b64(zeros)}`
    if (key) for (let use = 0; use < 2; use++) await refused('ERR_JWT_KEY', () => everyDoor(forged, key, { ...hs256, algorithms: ['Ed25519'] }))
    else await refused('ERR_JWT_SIGNATURE', async () => everyDoor(forged, await publicKey('Ed25519'), { ...hs256, algorithms: ['Ed25519'] }))
  })
})

describe('the order of checks: each refusal hides those that come after it', () => {
  const pem = pair('RS256').publicPem
  const good = token()
  const forged = `${good.slice(0, -3)}AAA`.replace(/.$/, 'A')
  const text = (header: object | string, payload: object | string = claims): string => `${b64(header)}.${b64(payload)}.${b64(new Uint8Array(32))}`
  const noKey = (): undefined => undefined
  const strict = { ...hs256, requiredHeader: { signer: 'x' } }

  const steps: [string, string, unknown, unknown, object][] = [
    ['length', 'ERR_JWT_TOO_LARGE', 'x'.repeat(17000), noKey, strict],
    ['three segments', 'ERR_JWT_MALFORMED', 'x.y', noKey, strict],
    ['header decoded', 'ERR_JWT_MALFORMED', `${b64('{')}.${b64(claims)}.AAAA`, noKey, strict],
    ['header types', 'ERR_JWT_MALFORMED', text({ alg: 'none', kid: 1, crit: [] }), noKey, strict],
    ['allowlist before crit', 'ERR_JWT_ALGORITHM', text({ alg: 'none', crit: [], typ: 'x' }), noKey, strict],
    ['crit before typ', 'ERR_JWT_CRITICAL', text({ alg: 'HS256', crit: [], typ: 'x' }), noKey, strict],
    ['typ before requiredHeader', 'ERR_JWT_TYPE', text({ alg: 'HS256', typ: 'x' }), noKey, strict],
    ['requiredHeader before the key', 'ERR_JWT_CLAIM', text({ alg: 'HS256' }), noKey, strict],
    ['key before signature', 'ERR_JWT_KEY_NOT_FOUND', text({ alg: 'HS256', signer: 'x' }), noKey, strict],
    ['key strength before signature', 'ERR_JWT_KEY', text(head), 'short', hs256],
    ['signature before the payload is parsed', 'ERR_JWT_SIGNATURE', text(head, '{"a":1,"a":2}'), secret, hs256],
    ['signature before claims', 'ERR_JWT_SIGNATURE', text(head, { exp: 1 }), secret, hs256],
    ['payload before claims', 'ERR_JWT_MALFORMED', token('[]'), secret, { ...hs256, issuer: 'x' }],
  ]
  it.each(steps)('%s', async (_, code, token, key, options) => {
    await refused(code, () => verify(token, key, options))
    await refused(code, () => doors['safeVerify']!(token, key, options))
  })

  it('options before everything, whatever the token is', async () => {
    for (const text of ['x'.repeat(17000), 'x', forged, good, undefined]) {
      for (const door of Object.values(doors)) {
        await misused(() => door(text, secret, { ...hs256, issuer: '' }), 'issuer')
        await misused(() => door(text, pem, { ...hs256, algorithms: ['RS256'] }), 'importPem')
        await misused(() => door(text, secret, undefined), 'algorithms')
      }
    }
  })

  it('no key function, issuer function, isRevoked or schema is called before its turn', async () => {
    const calls: string[] = []
    const noting = {
      ...hs256,
      issuer: () => { calls.push('issuer'); return true },
      isRevoked: () => { calls.push('isRevoked'); return false },
      schema: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => { calls.push('schema'); return { value } } } },
    }
    const key = (): string => { calls.push('key'); return secret }
    const after = async (text: string): Promise<string> => {
      calls.length = 0
      await thrown(() => verify(text, key, noting))
      return calls.join()
    }
    expect(await after(text({ alg: 'none' }))).toBe('')
    expect(await after(text({ ...head, crit: ['x'] }))).toBe('')
    expect(await after(text({ ...head, typ: 'x' }))).toBe('')
    expect(await after(text(head))).toBe('key')
    expect(await after(token({ iss: 'a', exp: 'x' }))).toBe('key,issuer')
    expect(await after(token({ iss: 'a', exp: now + 1 }))).toBe('key,issuer,isRevoked,schema')
    expect(await after(token({ iss: 'a', exp: now }))).toBe('key,issuer,isRevoked,schema')
  })

  it('payload and header are on the error only once the signature has held', async () => {
    for (const before of [text(head), text({ alg: 'none' }), text({ ...head, typ: 'x' }), 'x.y.z']) {
      const error = await refused((await thrown(() => verify(before, secret, hs256)) as Refusal).code, () => verify(before, secret, hs256))
      expect([error.payload, error.header]).toEqual([undefined, undefined])
    }
    for (const after of [token({ exp: now }), token({ ...claims, nbf: now + 1 }), token({ ...claims, aud: 'x' })]) {
      const error = await thrown(() => verify(after, secret, hs256)) as Refusal
      expect([error.payload, error.header]).toEqual([claimsOf(after), head])
    }
    const error = await refused('ERR_JWT_MALFORMED', () => verify(token('{"a":1,"a":1}'), secret, hs256))
    expect([error.payload, error.header]).toEqual([undefined, head])
  })
})

describe('header parameters that name keys find none: jku, x5u, jwk, x5c (RFC 7515 10.3)', () => {
  it('ignores them when the token is honestly signed', async () => {
    await everyDoor(token(claims, { ...head, jku: 'https://evil.example/jwks', x5u: 'https://evil.example', jwk: { kty: 'oct', k: 'AA' }, x5c: ['MII'] }))
  })
})

describe('sign and verify fit together', () => {
  it.each(names)('%s: verify takes what sign makes', async (name) => {
    const text = await sign({ sub: 'é' }, await privateKey(name), { expiresIn: '1m', now: at(now) })
    expect((await everyDoor(text, await publicKey(name), { ...hs256, algorithms: [name] })).payload).toEqual({ sub: 'é', iat: now, exp: now + 60 })
  })

  it('the MAC is over the text as it came: a token with members in any order and spaces in it is accepted', async () => {
    const [h, p] = [b64('{ "typ":"JWT",\n"alg" :"HS256"}'), b64(`{ "exp"\t: ${claims.exp} }`)]
    expect((await everyDoor(sealed(h, p))).payload).toEqual({ exp: claims.exp })
    await refused('ERR_JWT_SIGNATURE', () => everyDoor(`${h}.${p}.${mac(`${b64(head)}.${b64({ exp: claims.exp })}`)}`))
  })
})
