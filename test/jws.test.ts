import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keySet } from 'waxseal'
import { safeVerifyBytes as typedSafe, signBytes as typedSign, verifyBytes as typedVerify } from 'waxseal/jws'
import {
  b64, head, headerOf, hs256, mac, misused, pair, privateKey, publicKey, refused, sealed, secret, sign, token, unb64, utf8, verify, type PairName,
} from './support/tokens'

interface Bytes { payload: Uint8Array, header: Record<string, unknown> }
const signBytes = typedSign as unknown as (payload: unknown, key: unknown, options?: unknown) => Promise<string>
const verifyBytes = typedVerify as unknown as (token: unknown, key: unknown, options?: unknown) => Promise<Bytes>
const safeVerifyBytes = typedSafe as unknown as (token: unknown, key: unknown, options?: unknown) => Promise<{ ok: boolean, error?: unknown } & Partial<Bytes>>

const hs = { algorithm: 'HS256' }
const allow = { algorithms: ['HS256'] }
const content = utf8('not JSON at all')
const doors = {
  verifyBytes,
  async safeVerifyBytes(token: unknown, key: unknown, options?: unknown): Promise<Bytes> {
    const { ok, error, payload, header } = await safeVerifyBytes(token, key, options)
    if (!ok) throw error
    return { payload: payload!, header: header! }
  },
}

describe('signed bytes', () => {
  it('law: any bytes come back as they went in, none included', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const { payload, header } = await verifyBytes(await signBytes(bytes, secret, hs), secret, allow)
      expect([payload, header]).toEqual([bytes, { alg: 'HS256', typ: 'JOSE' }])
    }), { numRuns: 100, examples: [[new Uint8Array()], [Uint8Array.of(0xff, 0xfe)], [utf8('[]')]] })
  })

  it.each(['RS256', 'ES256', 'Ed25519'] as PairName[])('%s: accepted with its public key, refused with one octet changed', async (name) => {
    const text = await signBytes(content, await privateKey(name))
    const key = await publicKey(name)
    for (const door of Object.values(doors)) {
      expect((await door(text, key, { algorithms: [name] })).payload).toEqual(content)
      const [h, , s] = text.split('.') as [string, string, string]
      await refused('ERR_JWT_SIGNATURE', () => door(`${h}.${b64('not JSON at ALL')}.${s}`, key, { algorithms: [name] }))
    }
  })

  it('is a compact JWS that anything else can check', async () => {
    const [h, p, s] = (await signBytes(content, secret, { ...hs, keyId: 'k', type: 'webhook', header: { x: 1 } })).split('.') as [string, string, string]
    expect([headerOf(h), unb64(p), s]).toEqual([{ alg: 'HS256', typ: 'webhook', kid: 'k', x: 1 }, content, mac(`${h}.${p}`)])
    expect((await verifyBytes(sealed(b64({ alg: 'HS256' }), b64(content)), secret, allow)).payload).toEqual(content)
  })

  it('safeVerifyBytes gives refusals as values, and TypeErrors as throws', async () => {
    expect(await safeVerifyBytes(sealed(b64(head), ''), secret, allow)).toEqual({ ok: true, payload: new Uint8Array(), header: head })
    expect(await safeVerifyBytes('x', secret, allow)).toMatchObject({ ok: false, error: { code: 'ERR_JWT_MALFORMED' } })
    await misused(() => safeVerifyBytes('x', secret, {}), 'algorithms')
  })

  it('takes any view of bytes, copied at the call', async () => {
    const shifted = new Uint8Array(content.length + 4)
    shifted.set(content, 2)
    for (const bytes of [content.slice(), shifted.subarray(2, -2), new DataView(content.slice().buffer)]) {
      const pending = signBytes(bytes, secret, hs)
      new Uint8Array(bytes.buffer).fill(0)
      expect((await verifyBytes(await pending, secret, allow)).payload).toEqual(content)
    }
    for (const wrong of [undefined, null, 'text', 1, {}, [1, 2], new String('x'), { length: 1, 0: 1 }, Symbol('x')]) await misused(() => signBytes(wrong, secret, hs), 'payload')
  })
})

describe('typ', () => {
  it('is JOSE unless told, so that verify does not take bytes for a JWT', async () => {
    const claims = utf8('{"exp":9999999999}')
    const text = await signBytes(claims, secret, hs)
    expect(headerOf(text)['typ']).toBe('JOSE')
    await refused('ERR_JWT_TYPE', () => verify(text, secret, hs256))
    await verify(text, secret, { ...hs256, type: 'JOSE' })
    expect('typ' in headerOf(await signBytes(claims, secret, { ...hs, type: false }))).toBe(false)
  })

  it('is unchecked unless asked for; then it must be there', async () => {
    for (const typ of ['JWT', 'JOSE', 'x', '']) await verifyBytes(sealed(b64({ alg: 'HS256', typ }), ''), secret, allow)
    await verifyBytes(await sign({}, secret, { ...hs, expiresIn: 60 }), secret, allow)
    for (const door of Object.values(doors)) {
      await door(sealed(b64({ alg: 'HS256', typ: 'application/WebHook' }), ''), secret, { ...allow, type: ['webhook', 'x'] })
      for (const header of [{ alg: 'HS256' }, { alg: 'HS256', typ: 'JOSE' }]) await refused('ERR_JWT_TYPE', () => door(sealed(b64(header), ''), secret, { ...allow, type: 'webhook' }))
      await door(sealed(b64({ alg: 'HS256', typ: 'y' }), ''), secret, { ...allow, type: false })
    }
  })
})

describe('detached content (RFC 7515 appendix F)', () => {
  it('leaves the payload segment empty, and the signature is over the content all the same', async () => {
    const text = await signBytes(content, secret, { ...hs, detached: true })
    const [h, p, s] = text.split('.') as [string, string, string]
    expect([p, s]).toEqual(['', mac(`${h}.${b64(content)}`)])
    for (const door of Object.values(doors)) expect((await door(text, secret, { ...allow, detachedPayload: content })).payload).toEqual(content)
    expect((await signBytes(content, secret, { ...hs, detached: false })).split('.')[1]).toBe(b64(content))
  })

  it('verifies the content that is given and no other', async () => {
    const text = await signBytes(content, secret, { ...hs, detached: true })
    for (const other of [new Uint8Array(), utf8('not JSON at al'), utf8('not JSON at all.'), utf8(b64(content))]) await refused('ERR_JWT_SIGNATURE', () => verifyBytes(text, secret, { ...allow, detachedPayload: other }))
    await refused('ERR_JWT_SIGNATURE', () => verifyBytes(text, secret, allow))
  })

  it('the segment must then be empty, even if it holds the same', async () => {
    const text = await signBytes(content, secret, hs)
    await verifyBytes(text, secret, allow)
    for (const door of Object.values(doors)) await refused('ERR_JWT_MALFORMED', () => door(text, secret, { ...allow, detachedPayload: content }))
  })

  it('an empty content is a content', async () => {
    const text = await signBytes(new Uint8Array(), secret, { ...hs, detached: true })
    await verifyBytes(text, secret, { ...allow, detachedPayload: new Uint8Array() })
    await verifyBytes(text, secret, allow)
    await refused('ERR_JWT_SIGNATURE', () => verifyBytes(text, secret, { ...allow, detachedPayload: Uint8Array.of(0) }))
  })

  it('takes the header as it came, spaces and all', async () => {
    const h = b64('{ "alg" : "HS256" }')
    const text = `${h}..${mac(`${h}.${b64(content)}`)}`
    expect((await verifyBytes(text, secret, { ...allow, detachedPayload: content })).payload).toEqual(content)
  })

  it('with allowPadding: the header is verified as it came, not as it would be without its padding', async () => {
    const [bare, options] = [b64({ alg: 'HS256', x: '' }), { ...allow, allowPadding: true, detachedPayload: content }]
    const filled = bare + '='.repeat((4 - bare.length % 4) % 4)
    expect(filled).not.toBe(bare)
    await verifyBytes(`${bare}..${mac(`${bare}.${b64(content)}`)}`, secret, options)
    await refused('ERR_JWT_SIGNATURE', () => verifyBytes(`${filled}..${mac(`${bare}.${b64(content)}`)}=`, secret, options))
  })

  it('its bytes are copied and not counted', async () => {
    const big = new Uint8Array(100_000).fill(1)
    const text = await signBytes(big, secret, { ...hs, detached: true })
    const pending = verifyBytes(text, secret, { ...allow, maxTokenLength: text.length, detachedPayload: big })
    big.fill(2)
    expect((await pending).payload).toEqual(new Uint8Array(100_000).fill(1))
  })

  it('given as anything but bytes is a TypeError', async () => {
    for (const detachedPayload of [undefined, null, 'not JSON at all', 1, {}, [1], true]) for (const door of Object.values(doors)) await misused(() => door('x', secret, { ...allow, detachedPayload }), 'detachedPayload')
  })
})

describe('the strictness is that of verify', () => {
  const header = b64(head)
  const cases: [string, string, unknown, object?][] = [
    ['a token that is no string', 'ERR_JWT_MALFORMED', 5], ['two segments', 'ERR_JWT_MALFORMED', 'a.b'], ['four segments', 'ERR_JWT_MALFORMED', `${token()}.`], ['padding', 'ERR_JWT_MALFORMED', `${token()}=`],
    ['spare bits in the payload', 'ERR_JWT_MALFORMED', sealed(header, 'AB')], ['white space in the payload', 'ERR_JWT_MALFORMED', sealed(header, 'AAA A')], ['too long', 'ERR_JWT_TOO_LARGE', 'x'.repeat(16385)],
    ['a header named twice', 'ERR_JWT_MALFORMED', sealed(b64('{"alg":"HS256","alg":"HS256"}'), '')], ['no alg', 'ERR_JWT_MALFORMED', sealed(b64('{}'), '')], ['alg none', 'ERR_JWT_ALGORITHM', `${b64({ alg: 'none' })}..`], ['an unlisted alg', 'ERR_JWT_ALGORITHM', sealed(b64({ alg: 'HS512' }), '')],
    ['unknown crit', 'ERR_JWT_CRITICAL', sealed(b64({ ...head, crit: ['x'], x: 1 }), '')], ['b64: false', 'ERR_JWT_CRITICAL', sealed(b64({ ...head, b64: false, crit: ['b64'] }), 'abc')], ['b64: false without crit', 'ERR_JWT_CRITICAL', sealed(b64({ ...head, b64: false }), 'AAAA')],
    ['a missing header', 'ERR_JWT_CLAIM', sealed(header, ''), { requiredHeader: { x: '1' } }], ['no signature', 'ERR_JWT_SIGNATURE', `${header}..`],
  ]
  it.each(cases)('%s', async (_, code, text, more = {}) => {
    for (const door of Object.values(doors)) await refused(code, () => door(text, secret, { ...allow, ...more }))
    await verifyBytes(sealed(b64({ ...head, x: '1' }), ''), secret, { ...allow, ...more })
  })

  it('b64: false cannot be signed', async () => {
    for (const header of [{ b64: false }, { b64: true }, { b64: false, crit: ['b64'] }, { alg: 'none' }, { kid: 'x' }]) await misused(() => signBytes(content, secret, { ...hs, header }), 'header')
  })

  it('crit that the caller handles, padding of all segments, a set and a function as key: accepted', async () => {
    const key = await publicKey('ES256')
    await verifyBytes(sealed(b64({ ...head, crit: ['x'], x: 1 }), ''), secret, { ...allow, crit: ['x'] })
    const padded = [b64({ alg: 'HS256' }), b64('a')].map((segment) => segment + '='.repeat((4 - segment.length % 4) % 4)).join('.')
    expect((await verifyBytes(`${padded}.${mac(padded)}=`, secret, { ...allow, allowPadding: true })).payload).toEqual(utf8('a'))
    const text = await signBytes(content, await privateKey('ES256'))
    for (const one of [keySet([key as never]), () => key]) await verifyBytes(text, one, { algorithms: ['ES256', 'RS256'] })
  })

  it('keys: weak and wrong ones are refused as everywhere', async () => {
    for (const key of ['', 'short']) {
      await refused('ERR_JWT_KEY', () => signBytes(content, key, hs))
      await refused('ERR_JWT_KEY', () => verifyBytes(sealed(header, '', key), key, allow))
    }
    await verifyBytes(await signBytes(content, 'short', { ...hs, allowWeakKeys: true }), 'short', { ...allow, allowWeakKeys: true })
    await refused('ERR_JWT_KEY', async () => signBytes(content, await publicKey('ES256')))
    await refused('ERR_JWT_KEY', async () => verifyBytes(await signBytes(content, await privateKey('ES256')), await privateKey('ES256'), { algorithms: ['ES256'] }))
    await misused(() => signBytes(content, secret), 'algorithm')
    await misused(() => signBytes(content, pair('RS256').privatePem, { algorithm: 'RS256' }), 'importPem')
    await misused(() => verifyBytes('x', pair('RS256').publicJwk, { algorithms: ['RS256'] }), 'importJwk')
  })

  it('options that are not its own are TypeErrors', async () => {
    for (const options of [undefined, null, {}, { ...allow, issuer: 'x' }, { ...allow, schema: {} }, { ...allow, now: new Date() }, { ...allow, detached: true }, { ...allow, crit: [] }, { ...allow, type: '' }, { ...allow, maxTokenLength: 0 }]) {
      for (const door of Object.values(doors)) await misused(() => door('x', secret, options))
    }
    for (const options of [null, { ...hs, expiresIn: 60 }, { ...hs, detached: 1 }, { ...hs, detached: undefined }, { ...hs, type: '' }, { ...hs, keyId: '' }]) await misused(() => signBytes(content, secret, options))
  })
})
