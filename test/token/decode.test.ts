import { describe, expect, it } from 'vitest'
import { decode as typedDecode } from 'waxseal'
import { b64, claims, head, misused, refused, secret, sign, token, unb64 } from '../support/tokens'

const decode = typedDecode as unknown as (token: unknown, options?: unknown) => { header: Record<string, unknown>, payload: Record<string, unknown>, signature: Uint8Array, signingInput: string }

describe('decode takes a token apart and verifies nothing', () => {
  it('gives header, payload, the bytes of the signature and what was signed', async () => {
    const text = await sign({ sub: 'é' }, secret, { algorithm: 'HS256', expiresIn: 60 })
    const { header, payload, signature, signingInput } = decode(text)
    expect(header).toEqual(head)
    expect(payload['sub']).toBe('é')
    expect(signature).toEqual(unb64(text.split('.')[2]!))
    expect(signature).toBeInstanceOf(Uint8Array)
    expect(signingInput).toBe(text.slice(0, text.lastIndexOf('.')))
  })

  it('takes forged, expired, unsigned and unknown ones alike', () => {
    for (const header of [head, { alg: 'none' }, { alg: 'x' }, { ...head, crit: ['x'] }, { ...head, typ: 'other' }, { ...head, b64: false }]) expect(decode(`${b64(header)}.${b64({ exp: 1 })}.AAAA`).payload).toEqual({ exp: 1 })
    expect(decode(`${b64({ alg: 'none' })}.${b64({ exp: 'soon', aud: 1 })}.`)).toMatchObject({ payload: { exp: 'soon', aud: 1 }, signature: new Uint8Array() })
  })

  it('keeps the wire form strict: the segments, their spelling, their JSON', async () => {
    const good = token()
    const [h, p, s] = good.split('.') as [string, string, string]
    for (const text of ['', '.', '..', h, `${h}.${p}`, `${good}.`, `${good}=`, `${good}\n`, `${h}.${p}.A`, `${h}.${p}.${s.slice(0, -1)}+`, `${b64('[]')}.${p}.${s}`, `${h}.${b64('[]')}.${s}`, `${h}..${s}`, `${b64({})}.${p}.${s}`, `${b64({ alg: 1 })}.${p}.${s}`, `${b64({ ...head, kid: 1 })}.${p}.${s}`, `${h}.${b64('{"a":1,"a":1}')}.${s}`, `${h}.${b64(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))}.${s}`]) {
      await refused('ERR_JWT_MALFORMED', () => decode(text))
    }
    for (const other of [undefined, null, 1, {}, [good], new String(good), Symbol('x')]) await refused('ERR_JWT_MALFORMED', () => decode(other))
  })

  it('has the same limits: 16384 characters, maxTokenLength, allowPadding', async () => {
    await refused('ERR_JWT_TOO_LARGE', () => decode('x'.repeat(16385)))
    const good = token()
    expect(decode(good, { maxTokenLength: good.length }).payload).toEqual(claims)
    await refused('ERR_JWT_TOO_LARGE', () => decode(good, { maxTokenLength: good.length - 1 }))
    const [h, p] = [b64({ alg: 'HS256', x: '' }), b64({ x: 'a' })].map((segment) => segment + '='.repeat((4 - segment.length % 4) % 4)) as [string, string]
    expect(h + p).toContain('=')
    expect(decode(`${h}.${p}.AAA=`, { allowPadding: true })).toMatchObject({ payload: { x: 'a' }, signingInput: `${h}.${p}` })
    await refused('ERR_JWT_MALFORMED', () => decode(`${h}.${p}.AAA=`))
  })

  it('refuses options of the wrong kind with a TypeError, whatever the token is', async () => {
    for (const options of [null, 'x', [], 1, { algorithms: ['HS256'] }, { complete: true }, { maxTokenLength: 0 }, { maxTokenLength: '9' }, { allowPadding: 1 }, { allowPadding: undefined }, new Map(), Object.create({ allowPadding: true })]) {
      for (const text of [token(), '', undefined]) await misused(() => decode(text, options))
    }
  })

  it('does not pollute: __proto__ in a token is a member like any other', () => {
    const { header, payload } = decode(`${b64('{"alg":"x","__proto__":{"admin":true}}')}.${b64('{"__proto__":{"admin":true}}')}.`)
    expect([header['admin'], payload['admin'], ({} as Record<string, unknown>)['admin']]).toEqual([undefined, undefined, undefined])
    expect(Object.keys(payload)).toEqual(['__proto__'])
  })
})
