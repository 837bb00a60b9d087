// The token chooses the algorithm: none, HMAC with a public key, a key of another kind. Reports: THREATS.md.

// @ts-ignore -- no types of Node are installed
import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isJwtError, keySet, thumbprint } from 'waxseal'
import { doors } from '../support/doors'
import '../support/ran'
import { b64, claims, hs256, mac, misused, pair, pairToken, refused, secret, thrown, token, utf8, type PairName } from '../support/tokens'

const names: PairName[] = ['RS256', 'ES256', 'Ed25519']
const unsigned = (alg: unknown): string => `${b64({ alg, typ: 'JWT' } as object)}.${b64(claims)}.`

/** Everything that a public key is published as. */
function forms(name: PairName): Record<string, string | Uint8Array> {
  const { publicPem, publicJwk } = pair(name)
  const object = createPublicKey(publicPem) as { export(options: object): string & Uint8Array }
  const pkcs1 = name === 'RS256' ? { 'PKCS#1 PEM': object.export({ type: 'pkcs1', format: 'pem' }), 'PKCS#1 DER': new Uint8Array(object.export({ type: 'pkcs1', format: 'der' })) } : {}
  const body = publicPem.replace(/-----[^-]+-----|\n/g, '')
  const kind = name === 'RS256' ? 'ssh-rsa' : name === 'ES256' ? 'ecdsa-sha2-nistp256' : 'ssh-ed25519'
  return {
    'PEM': publicPem, 'PEM trimmed': publicPem.trim(), 'PEM with CRLF': publicPem.replaceAll('\n', '\r\n'), 'PEM with CR': publicPem.replaceAll('\n', '\r'), 'PEM with \\n': publicPem.replaceAll('\n', '\\n'),
    'PEM indented': publicPem.replace(/^/gm, '  '), 'PEM behind a space': ` ${publicPem}`, 'PEM behind a line break': `\n${publicPem}`, 'PEM behind a byte': `x${publicPem}`, 'PEM behind NUL': `\0${publicPem}`,
    'PEM behind a BOM': `\ufeff${publicPem}`, 'PEM on one line': publicPem.replaceAll('\n', ' '), 'PEM as bytes': utf8(publicPem), 'PEM bytes behind a BOM': utf8(`\ufeff${publicPem}`), 'DER': new Uint8Array(object.export({ type: 'spki', format: 'der' })), ...pkcs1,
    'JWK text': JSON.stringify(publicJwk), 'JWK text, spaced': JSON.stringify(publicJwk, null, 2), 'JWK text behind a BOM': `\ufeff${JSON.stringify(publicJwk)}`, 'JWKS text': JSON.stringify({ keys: [publicJwk] }), 'JWKs in a list': JSON.stringify([publicJwk]), 'JWK bytes': utf8(JSON.stringify(publicJwk)), 'JWK bytes behind a BOM': utf8(`\ufeff${JSON.stringify(publicJwk)}`),
    'OpenSSH': `${kind} ${body} me@host`, 'OpenSSH behind a space': ` \n${kind} ${body}`, 'OpenSSH of a security key': `sk-ssh-ed25519@openssh.com ${body}`,
  }
}

for (const { name: door, waits, verify, ways, verifyBytes, sign, importJwk, importSecret, publicKey, privateKey } of doors) describe(`${door}`, () => {
  describe('none is no algorithm (McLean 2015, CVE-2015-9235, CVE-2016-1000223, GHSA-h533-5v22-8vcp, namshi/jose 2015, GHSA-9gxv-x7rp-r2hc, CVE-2016-5431, CVE-2020-15957, CVE-2021-22160, CVE-2021-29451, CVE-2021-29455, CVE-2021-29500, CVE-2021-32631, CVE-2021-44878, CVE-2023-29357, CVE-2024-48916, CVE-2025-61152, CVE-2026-28802, GHSA-88q6-jcjg-hvmw)', () => {
    const spellings = ['none', 'None', 'NONE', 'nOnE', 'noNE', 'none ', ' none', 'none\0', '', 'null', 'undefined', 'NULL', 'plain']
    const signatures = ['', b64(new Uint8Array(32)), token().split('.')[2]!]

    it.each(spellings)('refuses %j with any signature, whatever the key is, a set and a function too', async (alg) => {
      const ec = await publicKey('ES256')
      for (const signature of signatures) {
        const text = unsigned(alg) + signature
        for (const [key, algorithms] of [[secret, ['HS256']], [ec, ['ES256']], [keySet([ec as never]), ['ES256', 'RS256']], [() => secret, ['HS256']], [() => null, ['HS256']]] as const) {
          await refused('ERR_JWT_ALGORITHM', () => verify(text, key, { ...hs256, algorithms }))
        }
        await refused('ERR_JWT_ALGORITHM', () => verifyBytes(text, secret, { algorithms: ['HS256'] }))
      }
    })

    it('none can be neither allowed nor signed: it is no name', async () => {
      for (const algorithms of [['none'], ['HS256', 'none']]) {
        await misused(() => verify(unsigned('none'), secret, { ...hs256, algorithms }), 'algorithms')
        await misused(() => verifyBytes(unsigned('none'), secret, { algorithms }), 'algorithms')
      }
      for (const options of [{ algorithm: 'none' }, { algorithm: 'HS256', header: { alg: 'none' } }]) await misused(() => sign({}, secret, { expiresIn: 60, ...options }))
    })

    it('twin: the same claims under a listed algorithm with an honest signature are accepted', async () => {
      await verify(token())
      for (const name of names) await verify(pairToken(name), await publicKey(name), { ...hs256, algorithms: [name] })
      expect((await verify(await sign({ sub: 'alice', exp: claims.exp }, secret, { algorithm: 'HS256', issuedAt: false }))).payload).toEqual(claims)
    })
  })

  describe('no signature matches no expected one (CVE-2017-10862, CVE-2018-1000531, CVE-2018-1000125, CVE-2026-23993, GHSA-8wpc-h4q6-8fxv)', () => {
    it('a token without signature under a listed algorithm is refused', async () => {
      await refused('ERR_JWT_SIGNATURE', () => verify(token().replace(/[^.]*$/, '')))
      for (const name of names) await refused('ERR_JWT_SIGNATURE', async () => verify(pairToken(name).replace(/[^.]*$/, ''), await publicKey(name), { ...hs256, algorithms: [name] }))
    })

    it('an algorithm that nobody knows is refused before anything is expected of its signature', async () => {
      for (const alg of ['FOO', 'HS1', 'HS257', 'SHA256', 'HS', 'constructor', 'ES256K', 'RS1']) {
        await refused('ERR_JWT_ALGORITHM', () => verify(unsigned(alg)))
        await misused(() => verify(unsigned(alg), secret, { ...hs256, algorithms: [alg] }), 'algorithms', "such as ['ES256'], of HS256,HS384")
      }
    })

    it('a key that is nothing verifies nothing, an allowlist or not', async () => {
      for (const key of [null, undefined, false, 0]) for (const text of [unsigned('HS256'), token()]) await misused(() => verify(text, key), 'key')
      for (const text of [unsigned('HS256'), token(claims, { alg: 'HS256' }, '')]) await refused('ERR_JWT_KEY', () => verify(text, ''))
      for (const text of [unsigned('HS256'), token()]) await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(text, () => null))
    })

    it('twin: with its signature each is accepted', async () => {
      await verify(token())
      for (const name of names) await verify(pairToken(name), await publicKey(name), { ...hs256, algorithms: [name] })
    })
  })

  describe('a public key is no HMAC secret (McLean 2015, CVE-2015-9235, CVE-2016-10555, GHSA-8v5f-hp78-jgxq, CVE-2017-11424, CVE-2019-1010263, CVE-2019-1010161, CVE-2022-29217, CVE-2023-48223, CVE-2023-48238, CVE-2024-33663, CVE-2024-37568, CVE-2024-54150, CVE-2026-34950, GHSA-ww5h-9m49-7xx4, GHSA-g3jj-5cmm-3hxx, CVE-2026-48526, CVE-2026-102268, CVE-2026-102271, CVE-2026-102272, CVE-2026-102273, CVE-2026-85394)', () => {
    it.each(names)('%s: a forgery MACed with it in any form is refused by a verifier that holds the key', async (name) => {
      const key = await publicKey(name)
      for (const form of Object.values(forms(name))) for (const alg of ['HS256', 'HS384', 'HS512']) {
        const forged = token({ ...claims, sub: 'admin' }, { alg, typ: 'JWT' }, form)
        for (const one of [key, keySet([key as never]), () => key]) await refused('ERR_JWT_ALGORITHM', () => verify(forged, one, { ...hs256, algorithms: [name] }))
        for (const one of [keySet([key as never]), () => key]) await expect(verify(forged, one, { ...hs256, algorithms: [name, alg] })).rejects.toMatchObject({ code: /_ALGORITHM|_NOT_FOUND/ })
        await misused(() => verify(forged, key, { ...hs256, algorithms: [name, alg] }), 'algorithms')
      }
      await verify(pairToken(name), key, { ...hs256, algorithms: [name] })
    })

    it.each(names)('%s: in any form it is no secret, for verify, importSecret and a function', async (name) => {
      for (const [form, text] of Object.entries(forms(name))) {
        const forged = token(claims, { alg: 'HS256' }, text)
        const isPem = typeof text === 'string' && text.includes('-----BEGIN')
        if (isPem) await misused(() => verify(forged, text), 'importPem')
        else await refused('ERR_JWT_KEY', () => verify(forged, text))
        expect((await refused('ERR_JWT_KEY', () => importSecret(text, 'HS256'))).message, form).toMatch(/importPem|importJwk|keySet/)
        await refused('ERR_JWT_KEY', () => verify(forged, () => text))
      }
    })

    it.each(names)('%s: as a KeyObject it is no secret either: the list of one algorithm must be its own', async (name) => {
      const { publicPem } = pair(name)
      const object = createPublicKey(publicPem) as unknown
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const error = await thrown(() => verify(token(claims, { alg }, publicPem), object, { ...hs256, algorithms: [alg] }))
        expect(error).not.toBeTypeOf('symbol')
        if (isJwtError(error)) expect(error.code).toBe('ERR_JWT_KEY')
        else expect(error).toBeInstanceOf(TypeError)
      }
      if (waits) await misused(() => verify(pairToken(name), object, { ...hs256, algorithms: [name] }))
      else await verify(pairToken(name), object, { ...hs256, algorithms: [name] })
    })

    it('twin: a secret that only looks a little like one of them is a secret', async () => {
      for (const text of ['{"user":"a long enough object that is no key at all"}', 'a secret that speaks of ssh-rsa and of {"kty":1} inside it', '0'.repeat(64), 'BEGIN PUBLIC KEY, said the secret, and said no more.', '[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]', 'sk_live_0123456789abcdef0123456789abcdef']) {
        await verify(token(claims, { alg: 'HS256' }, text), text)
      }
      const random = Uint8Array.from({ length: 64 }, (_, i) => i * 37 % 256)
      random[0] = 0x30
      await verify(token(claims, { alg: 'HS256' }, random), random)
    })
  })

  describe('a key set and the alg of the header (CVE-2021-46743, CVE-2026-22817, CVE-2026-22818, CVE-2026-27804, CVE-2026-44699, jwx 1.2.0)', () => {
    const jwk: Record<string, string> = { ...pair('RS256').publicJwk, kid: 'r' }
    const without = keySet({ keys: [jwk] })

    it('an RSA JWK without alg serves no HS* token, MACed with nothing, with n or with the JWK', async () => {
      for (const material of ['', jwk['n']!, JSON.stringify(jwk), pair('RS256').publicPem]) {
        const forged = token(claims, { alg: 'HS256', kid: 'r' }, material)
        await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(forged, without, { ...hs256, algorithms: ['RS256', 'HS256'] }))
        await refused('ERR_JWT_ALGORITHM', () => verify(forged, without, { ...hs256, algorithms: ['RS256'] }))
        await refused('ERR_JWT_KEY', () => importJwk(jwk, 'HS256'))
      }
    })

    it('in a set of several kinds the kid of one key and the alg of another find nothing', async () => {
      const ec = { ...pair('ES256').publicJwk, kid: 'e', alg: 'ES256' }
      const mixed = keySet({ keys: [{ ...jwk, alg: 'RS256' }, ec, { kty: 'oct', k: b64(secret), kid: 'h', alg: 'HS256' }] })
      const options = { ...hs256, algorithms: ['RS256', 'ES256', 'HS256'] }
      for (const kid of ['r', 'e']) await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(token(claims, { alg: 'HS256', kid }), mixed, options))
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(pairToken('ES256', claims, { alg: 'ES256', kid: 'r' }), mixed, options))
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(pairToken('RS256', claims, { alg: 'RS256', kid: 'h' }), mixed, options))
      for (const text of [token(claims, { alg: 'HS256', kid: 'h' }), pairToken('ES256', claims, { alg: 'ES256', kid: 'e' }), pairToken('RS256', claims, { alg: 'RS256', kid: 'r' })]) await verify(text, mixed, options)
    })

    it('a key of a set serves its own alg alone, though the list allows the other', async () => {
      const bound = keySet({ keys: [{ ...jwk, alg: 'RS256' }] })
      for (const alg of ['RS384', 'PS256']) await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(pairToken('RS256', claims, { alg, kid: 'r' }), bound, { ...hs256, algorithms: ['RS256', alg] }))
      await verify(pairToken('RS256', claims, { alg: 'RS256', kid: 'r' }), bound, { ...hs256, algorithms: ['RS256', 'PS256'] })
    })

    it('a JWK without alg, where the list leaves a choice, is refused: the token must not choose', async () => {
      const text = pairToken('RS256', claims, { alg: 'RS256', kid: 'r' })
      expect((await refused('ERR_JWT_KEY', () => verify(text, without, { ...hs256, algorithms: ['RS256', 'PS256'] }))).message).toContain('alg')
      await verify(text, without, { ...hs256, algorithms: ['RS256'] })
    })
  })

  describe('header, key and allowlist name the same algorithm (CVE-2026-48523, CVE-2022-23539, CVE-2022-23541)', () => {
    it('an allowlist holds for the key as for the header', async () => {
      const key = await publicKey('ES256')
      for (const alg of ['ES256', 'RS256']) for (const way of Object.values(ways)) await refused('ERR_JWT_ALGORITHM', () => way(pairToken('ES256', claims, { alg }), key, { ...hs256, algorithms: ['RS256'] }))
      await verify(pairToken('ES256'), key, { ...hs256, algorithms: ['ES256'] })
    })

    it('a key of one kind serves no algorithm of another, to verify or to sign', async () => {
      for (const name of names) for (const other of names.filter((one) => one !== name)) {
        await refused('ERR_JWT_ALGORITHM', async () => verify(pairToken(name, claims, { alg: other }), await publicKey(name), { ...hs256, algorithms: [name, other] }))
        await refused('ERR_JWT_KEY', () => importJwk(pair(name).publicJwk, other))
        await misused(async () => sign({}, await privateKey(name), { algorithm: other, expiresIn: 60 }), 'algorithm')
      }
    })

    it('a key function that answers with a key of another kind than the header asks for finds no way in', async () => {
      for (const name of names) {
        const key = await publicKey(name)
        const { publicPem } = pair(name)
        await refused('ERR_JWT_ALGORITHM', () => verify(token(claims, { alg: 'HS256' }, publicPem), () => key, { ...hs256, algorithms: ['HS256', name] }))
        await refused('ERR_JWT_KEY', () => verify(token(claims, { alg: 'HS256' }, publicPem), () => publicPem, { ...hs256, algorithms: ['HS256', name] }))
        await refused('ERR_JWT_KEY', () => verify(token(claims, { alg: 'HS256' }, publicPem), () => publicPem))
        await verify(pairToken(name), () => key, { ...hs256, algorithms: [name, 'HS256'] })
      }
    })

    it('the HMAC of a token under one name does not pass under another', async () => {
      const [, p] = token(claims, { alg: 'HS256' }).split('.') as [string, string]
      const header = b64({ alg: 'HS384' })
      await refused('ERR_JWT_SIGNATURE', () => verify(`${header}.${p}.${mac(`${header}.${p}`)}`, secret, { ...hs256, algorithms: ['HS256', 'HS384'] }))
      await verify(`${header}.${p}.${mac(`${header}.${p}`, secret, 'sha384')}`, secret, { ...hs256, algorithms: ['HS256', 'HS384'] })
    })

    it('an oct JWK never serves a public-key algorithm, and its thumbprint is not told', async () => {
      const oct = { kty: 'oct', k: b64(secret) }
      for (const name of names) await refused('ERR_JWT_KEY', () => importJwk(oct, name))
      await refused('ERR_JWT_KEY', () => thumbprint(oct))
      await verify(token(), await importJwk(oct, 'HS256'))
    })
  })

  describe('a missing key or list is an error of the call, not a check that is off (CVE-2022-23540, CVE-2020-15084, CVE-2026-27962)', () => {
    it('no key is no verification: a TypeError, for unsigned and signed tokens', async () => {
      for (const key of [undefined, null, false, 0, NaN]) for (const text of [token(), unsigned('none'), token(claims, { alg: 'HS256', jwk: { kty: 'oct', k: b64(secret) } })]) await misused(() => verify(text, key), 'key')
      await verify(token(), secret)
    })

    it('no list of algorithms is a TypeError, also for a key that has but one', async () => {
      const key = await publicKey('ES256')
      for (const options of [{}, { algorithms: undefined }, { algorithms: [] }, { algorithms: null }]) await misused(() => verify(pairToken('ES256'), key, options), 'algorithms')
      await verify(pairToken('ES256'), key, { ...hs256, algorithms: ['ES256'] })
    })
  })

  describe('a secret is looked up by the header alone (CVE-2025-65945)', () => {
    it('a key function never sees a claim that is not verified yet', async () => {
      const seen: unknown[][] = []
      const lookUp = (...given: unknown[]): string => { seen.push(given); return secret }
      await verify(token({ ...claims, tenant: 'mallory' }, { alg: 'HS256', kid: 'k' }), lookUp)
      await refused('ERR_JWT_SIGNATURE', () => verify(token({ ...claims, tenant: 'mallory' }, { alg: 'HS256', kid: 'k' }, 'a secret of the attacker, which is long enough'), lookUp))
      expect(seen.length).toBeGreaterThan(1)
      for (const given of seen) expect(given).toEqual([{ alg: 'HS256', kid: 'k' }])
    })
  })
})
