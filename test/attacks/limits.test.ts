// Tokens made to cost more than they should. No clock is read: a test that takes too long ends by itself. Reports: THREATS.md.

import { describe, expect, it } from 'vitest'
import { decode } from 'waxseal'
import { doors } from '../support/doors'
import '../support/ran'
import { b64, claims, head, hs256, now, refused, secret, thrown, token, type Refusal } from '../support/tokens'

const roomy = { ...hs256, maxTokenLength: 2 ** 24 }

const nests: Record<string, (depth: number) => string> = {
  arrays: (depth) => '['.repeat(depth) + ']'.repeat(depth), objects: (depth) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth), both: (depth) => '[{"a":'.repeat(depth) + '1' + '}]'.repeat(depth),
}

const large: Record<string, string> = {
  'a million dots': '.'.repeat(1_000_000), 'eight megabytes without a dot': 'A'.repeat(8_000_000), 'a header of eight megabytes': `${'A'.repeat(8_000_000)}.e30.AAAA`, 'a payload of eight megabytes': `${b64(head)}.${'A'.repeat(8_000_000)}.AAAA`, 'a signature of eight megabytes': `${b64(head)}.e30.${'A'.repeat(8_000_000)}`,
  'a million line breaks': '\n'.repeat(1_000_000), 'lone surrogates': '\ud800'.repeat(20_000),
}

for (const { name: door, verify: every, ways, sign, importPem, importSecret } of doors) describe(`${door}`, () => {
  const verify = Object.values(ways)[0]!

  /** Refused with a short message and a short stack. */
  async function briefly(code: string, text: string, options: object = hs256): Promise<void> {
    const error = await refused(code, () => verify(text, secret, options))
    expect(error.message.length).toBeLessThan(400)
    expect(error.stack!.length).toBeLessThan(4000)
  }

  describe('a token is refused by its length before anything is made of it (CVE-2025-30204, CVE-2025-27144, CVE-2025-61920)', () => {
    it.each(Object.keys(large))('%s: ERR_JWT_TOO_LARGE, from decode too', async (name) => {
      await briefly('ERR_JWT_TOO_LARGE', large[name]!)
      await refused('ERR_JWT_TOO_LARGE', () => decode(large[name]!))
    })

    it('and when that many are allowed, by its form: at most three segments are looked at', async () => {
      for (const name of ['a million dots', 'eight megabytes without a dot', 'a million line breaks', 'lone surrogates']) await briefly('ERR_JWT_MALFORMED', large[name]!, roomy)
      await briefly('ERR_JWT_SIGNATURE', large['a signature of eight megabytes']!, roomy)
    })

    it('twin: a token of a megabyte is accepted when that is allowed', async () => {
      const text = token({ ...claims, x: 'x'.repeat(1_000_000) })
      expect((await every(text, secret, roomy)).payload['x']).toHaveLength(1_000_000)
      await refused('ERR_JWT_TOO_LARGE', () => every(text))
    })
  })

  describe('nesting as deep as a token is long ends in a verdict (CVE-2025-53864, CVE-2026-102265, CVE-2026-101918)', () => {
    it.each(Object.keys(nests))('%s: accepted up to the limit in a private claim, in header and payload', async (kind) => {
      const deep = nests[kind]!(kind === 'arrays' ? 5800 : kind === 'objects' ? 1900 : 1400)
      for (const text of [token(`{"exp":${now + 60},"x":${deep}}`), token(claims, `{"alg":"HS256","x":${deep}}`)]) {
        expect(text.length).toBeGreaterThan(14_000)
        expect(text.length).toBeLessThan(16_385)
        for (const way of Object.values(ways)) expect(Object.keys((await way(text, secret, hs256)).header)).toContain('alg')
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

    it.each(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])('as %s: ERR_JWT_CLAIM with a short message', async (claim) => {
      for (const deep of [nests['arrays']!(5000), nests['objects']!(1500)]) await briefly('ERR_JWT_CLAIM', token(`{${claim === 'exp' ? '' : `"exp":${now + 60},`}"${claim}":${deep}}`))
      const error = await thrown(() => verify(token(`{${claim === 'exp' ? '' : `"exp":${now + 60},`}"${claim}":${nests['arrays']!(100_000)}}`), secret, roomy)) as Refusal
      expect(['ERR_JWT_CLAIM', 'ERR_JWT_MALFORMED']).toContain(error.code)
    })

    it('as alg, kid, typ, cty or crit: refused with a short message', async () => {
      for (const [name, code] of [['alg', 'ERR_JWT_MALFORMED'], ['kid', 'ERR_JWT_MALFORMED'], ['typ', 'ERR_JWT_MALFORMED'], ['cty', 'ERR_JWT_MALFORMED'], ['crit', 'ERR_JWT_CRITICAL']] as const) {
        const text = (deep: string): string => token(claims, `{${name === 'alg' ? '' : '"alg":"HS256",'}"${name}":${deep}}`)
        for (const deep of [nests['arrays']!(5000), nests['objects']!(1500)]) await briefly(code, text(deep))
        expect(await thrown(() => verify(text(nests['arrays']!(100_000)), secret, roomy))).toMatchObject({ name: 'JwtError' })
      }
    })

    it('a name twice at the bottom is still found', async () => {
      const twice = (depth: number): string => '{"a":'.repeat(depth) + '{"b":1,"b":2}' + '}'.repeat(depth)
      await briefly('ERR_JWT_MALFORMED', token(`{"exp":${now + 60},"x":${twice(1500)}}`))
      await briefly('ERR_JWT_MALFORMED', token(claims, `{"alg":"HS256","x":${twice(1500)}}`))
    })
  })

  describe('what is wrong with a large token fits into a line (CVE-2025-65015)', () => {
    it('a hundred thousand members are accepted where their length is; one of them twice is refused', async () => {
      const members = Array.from({ length: 100_000 }, (_, i) => `"m${i}":${i}`).join()
      expect(Object.keys((await verify(token(`{"exp":${now + 60},${members}}`), secret, roomy)).payload)).toHaveLength(100_001)
      await briefly('ERR_JWT_MALFORMED', token(`{"exp":${now + 60},${members},"m77":1}`), roomy)
      await briefly('ERR_JWT_TOO_LARGE', token(`{"exp":${now + 60},${members}}`))
    })

    it('a header of a megabyte, whatever is wrong with it, is not in the message', async () => {
      const x = 'x'.repeat(1_000_000)
      await briefly('ERR_JWT_ALGORITHM', token(claims, { alg: x }), roomy)
      await briefly('ERR_JWT_TYPE', token(claims, { alg: 'HS256', typ: x }), roomy)
      await briefly('ERR_JWT_CRITICAL', token(claims, { alg: 'HS256', crit: [x], [x]: 1 }), roomy)
      await briefly('ERR_JWT_SIGNATURE', token(claims, { ...head, x }, 'y'.repeat(64)), roomy)
    })

    it('a million digits, a megabyte of kid, aud of a hundred thousand: no long message', async () => {
      await briefly('ERR_JWT_CLAIM', token(`{"exp":${'9'.repeat(1_000_000)}}`), roomy)
      await briefly('ERR_JWT_CLAIM', token({ ...claims, aud: Array.from({ length: 100_000 }, (_, i) => `a${i}`) }), { ...roomy, audience: 'me' })
      const error = await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, { ...head, kid: 'k'.repeat(1_000_000) }), () => null, roomy))
      expect(error.message.length).toBeLessThan(400)
      expect((await verify(token({ ...claims, aud: [...Array.from({ length: 100_000 }, (_, i) => `a${i}`), 'me'] }), secret, { ...roomy, audience: 'me' })).payload['aud']).toHaveLength(100_001)
    })

    it('a crit of a hundred thousand names is refused', async () => {
      const crit = Array.from({ length: 100_000 }, (_, i) => `c${i}`)
      await briefly('ERR_JWT_CRITICAL', token(claims, { ...head, crit }), roomy)
    })
  })

  describe('no pattern of the library is slow on text made for it (CVE-2026-102270)', () => {
    const long = 200_000
    const texts: Record<string, string> = {
      'armour that never ends': '-----BEGIN '.repeat(long / 11), 'armour without a body': `-----BEGIN PUBLIC KEY-----${' '.repeat(long)}`, 'dashes': '-'.repeat(long), 'line breaks before armour': `${'\n'.repeat(long)}-----BEGIN X-----`,
      'spaces, then a word': `${' '.repeat(long)}x`, 'brackets before a kty': `${'['.repeat(long)}"kty"`, 'kty without a colon': `{${'"kty" '.repeat(long / 6)}`, 'escaped line breaks': '\\n'.repeat(long / 2), 'begin and no end': `-----BEGIN PUBLIC KEY-----\n${'A'.repeat(long)}`,
    }
    it.each(Object.keys(texts))('%s: as a PEM refused, as a secret taken or refused, in time', async (name) => {
      await refused('ERR_JWT_KEY', () => importPem(texts[name], 'ES256'))
      const error = await thrown(() => importSecret(texts[name], 'HS256'))
      if (typeof error !== 'symbol') expect(error).toMatchObject({ code: 'ERR_JWT_KEY' })
    })

    it('a token\'s own text meets no slow pattern either', async () => {
      for (const text of ['='.repeat(long), `${'A'.repeat(long)}=`, `${b64(head)}.${'A='.repeat(long / 2)}.A`]) {
        for (const allowPadding of [true, false]) await briefly('ERR_JWT_MALFORMED', text, { ...roomy, allowPadding })
      }
      await briefly('ERR_JWT_TYPE', token(claims, { alg: 'HS256', typ: 'application/'.repeat(long / 12) }), roomy)
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
})
