// Tokens made to cost more than they should. No clock is read: a test that takes too long ends by itself.

import { describe, expect, it } from 'vitest'
import { decode } from 'waxseal'
import { b64, claims, doors, everyDoor, head, hs256, now, refused, secret, sign, thrown, token, verify, type Refusal } from '../support/tokens'

const roomy = { ...hs256, maxTokenLength: 2 ** 24 }

/** Hands a token to everything that takes one. */
async function everywhere(code: string, text: string, options: object = hs256): Promise<void> {
  const error = await refused(code, () => verify(text, secret, options))
  expect(error.message.length).toBeLessThan(400)
  expect(error.stack!.length).toBeLessThan(4000)
}

describe('a token is refused by its length before anything is made of it (CVE-2025-30204, CVE-2025-27144, CVE-2025-61920)', () => {
  const large: Record<string, string> = {
    'a million dots': '.'.repeat(1_000_000), 'eight megabytes without a dot': 'A'.repeat(8_000_000), 'a header of eight megabytes': `${'A'.repeat(8_000_000)}.e30.AAAA`, 'a payload of eight megabytes': `${b64(head)}.${'A'.repeat(8_000_000)}.AAAA`, 'a signature of eight megabytes': `${b64(head)}.e30.${'A'.repeat(8_000_000)}`,
    'a million line breaks': '\n'.repeat(1_000_000), 'lone surrogates': '\ud800'.repeat(20_000),
  }
  it.each(Object.keys(large))('%s: ERR_JWT_TOO_LARGE, from decode too', async (name) => {
    await everywhere('ERR_JWT_TOO_LARGE', large[name]!)
    await refused('ERR_JWT_TOO_LARGE', () => decode(large[name]!))
  })

  it('and when that many are allowed, by its form: at most three segments are looked at', async () => {
    for (const name of ['a million dots', 'eight megabytes without a dot', 'a million line breaks', 'lone surrogates']) await everywhere('ERR_JWT_MALFORMED', large[name]!, roomy)
    await everywhere('ERR_JWT_SIGNATURE', large['a signature of eight megabytes']!, roomy)
  })

  it('twin: a token of a megabyte is accepted when that is allowed', async () => {
    const text = token({ ...claims, x: 'x'.repeat(1_000_000) })
    expect((await everyDoor(text, secret, roomy)).payload['x']).toHaveLength(1_000_000)
    await refused('ERR_JWT_TOO_LARGE', () => everyDoor(text))
  })
})

describe('nesting as deep as a token is long (CVE-2025-53864)', () => {
  const nests: Record<string, (depth: number) => string> = {
    arrays: (depth) => '['.repeat(depth) + ']'.repeat(depth), objects: (depth) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth), both: (depth) => '[{"a":'.repeat(depth) + '1' + '}]'.repeat(depth),
  }

  it.each(Object.keys(nests))('%s: accepted up to the limit in a private claim, in header and payload', async (kind) => {
    const deep = nests[kind]!(kind === 'arrays' ? 5800 : kind === 'objects' ? 1900 : 1400)
    for (const text of [token(`{"exp":${now + 60},"x":${deep}}`), token(claims, `{"alg":"HS256","x":${deep}}`)]) {
      expect(text.length).toBeGreaterThan(14_000)
      expect(text.length).toBeLessThan(16_385)
      for (const door of Object.values(doors)) expect(Object.keys((await door(text, secret, hs256)).header)).toContain('alg')
      expect(decode(text).header).toBeDefined()
    }
  })

  it.each(Object.keys(nests))('%s: a hundred thousand deep end in a success or in a refusal, never in another error', async (kind) => {
    const deep = nests[kind]!(100_000)
    for (const text of [token(`{"exp":${now + 60},"x":${deep}}`), token(claims, `{"alg":"HS256","x":${deep}}`)]) {
      for (const hooks of [{}, { isRevoked: () => false }]) {
        const error = await thrown(() => verify(text, secret, { ...roomy, ...hooks })) as Refusal
        if (typeof error !== 'symbol') expect(error).toMatchObject({ name: 'JwtError', code: 'ERR_JWT_MALFORMED' })
      }
    }
  })

  const places = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']
  it.each(places)('as %s: ERR_JWT_CLAIM with a short message', async (claim) => {
    for (const deep of [nests['arrays']!(5000), nests['objects']!(1500)]) await everywhere('ERR_JWT_CLAIM', token(`{${claim === 'exp' ? '' : `"exp":${now + 60},`}"${claim}":${deep}}`))
    const error = await thrown(() => verify(token(`{${claim === 'exp' ? '' : `"exp":${now + 60},`}"${claim}":${nests['arrays']!(100_000)}}`), secret, roomy)) as Refusal
    expect(['ERR_JWT_CLAIM', 'ERR_JWT_MALFORMED']).toContain(error.code)
  })

  it('as alg, kid, typ, cty or crit: refused with a short message', async () => {
    for (const [name, code] of [['alg', 'ERR_JWT_MALFORMED'], ['kid', 'ERR_JWT_MALFORMED'], ['typ', 'ERR_JWT_MALFORMED'], ['cty', 'ERR_JWT_MALFORMED'], ['crit', 'ERR_JWT_CRITICAL']] as const) {
      const text = (deep: string): string => token(claims, `{${name === 'alg' ? '' : '"alg":"HS256",'}"${name}":${deep}}`)
      for (const deep of [nests['arrays']!(5000), nests['objects']!(1500)]) await everywhere(code, text(deep))
      expect(await thrown(() => verify(text(nests['arrays']!(100_000)), secret, roomy))).toMatchObject({ name: 'JwtError' })
    }
  })

  it('a name twice at the bottom is still found', async () => {
    const twice = (depth: number): string => '{"a":'.repeat(depth) + '{"b":1,"b":2}' + '}'.repeat(depth)
    await everywhere('ERR_JWT_MALFORMED', token(`{"exp":${now + 60},"x":${twice(1500)}}`))
    await everywhere('ERR_JWT_MALFORMED', token(claims, `{"alg":"HS256","x":${twice(1500)}}`))
  })
})

describe('wide tokens', () => {
  it('a hundred thousand members are accepted where their length is; one of them twice is refused', async () => {
    const members = Array.from({ length: 100_000 }, (_, i) => `"m${i}":${i}`).join()
    expect(Object.keys((await verify(token(`{"exp":${now + 60},${members}}`), secret, roomy)).payload)).toHaveLength(100_001)
    await everywhere('ERR_JWT_MALFORMED', token(`{"exp":${now + 60},${members},"m77":1}`), roomy)
    await everywhere('ERR_JWT_TOO_LARGE', token(`{"exp":${now + 60},${members}}`))
  })

  it('a million digits, a megabyte of kid, aud of a hundred thousand: no long message', async () => {
    await everywhere('ERR_JWT_CLAIM', token(`{"exp":${'9'.repeat(1_000_000)}}`), roomy)
    await everywhere('ERR_JWT_CLAIM', token({ ...claims, aud: Array.from({ length: 100_000 }, (_, i) => `a${i}`) }), { ...roomy, audience: 'me' })
    const error = await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, { ...head, kid: 'k'.repeat(1_000_000) }), () => null, roomy))
    expect(error.message.length).toBeLessThan(400)
    expect((await verify(token({ ...claims, aud: [...Array.from({ length: 100_000 }, (_, i) => `a${i}`), 'me'] }), secret, { ...roomy, audience: 'me' })).payload['aud']).toHaveLength(100_001)
  })

  it('a crit of a hundred thousand names is refused', async () => {
    const crit = Array.from({ length: 100_000 }, (_, i) => `c${i}`)
    await everywhere('ERR_JWT_CRITICAL', token(claims, { ...head, crit }), roomy)
  })
})

describe('sign', () => {
  it('writes megabytes and a thousand levels; without end it is a TypeError, never another error', async () => {
    let deep: unknown = 1
    for (let i = 0; i < 1000; i++) deep = [{ a: deep }]
    await verify(await sign({ deep, big: 'x'.repeat(1_000_000) }, secret, { algorithm: 'HS256', expiresIn: 60 }), secret, { algorithms: ['HS256'], maxTokenLength: 2 ** 24 })
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(await thrown(() => sign({ deep }, secret, { algorithm: 'HS256', expiresIn: 60 }))).toBeInstanceOf(TypeError)
    expect(await thrown(() => sign({}, secret, { algorithm: 'HS256', expiresIn: 60, header: { deep } }))).toBeInstanceOf(TypeError)
  })
})
