// The token chooses the algorithm: none, HMAC with a public key, a key of another kind.

// @ts-ignore -- no types of Node are installed
import { createHmac, createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { importJwk, importSecret, keySet, thumbprint } from 'waxseal'
import { verifyBytes } from 'waxseal/jws'
import { b64, claims, doors, everyDoor, hs256, misused, pair, pairToken, publicKey, refused, secret, token, utf8, verify, type PairName } from '../support/tokens'

describe('alg none (CVE-2015-9235, CVE-2016-1000223, CVE-2020-15957, CVE-2026-28802)', () => {
  const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', '', 'null', 'undefined', 'NULL', 'plain', 'FOO']
  const signatures = ['', b64(new Uint8Array(32)), token().split('.')[2]!]

  it.each(spellings)('refuses %j with any signature, whatever the key is, a set and a function too', async (alg) => {
    const ec = await publicKey('ES256')
    for (const signature of signatures) {
      const text = `${b64({ alg, typ: 'JWT' })}.${b64(claims)}.${signature}`
      for (const [key, algorithms] of [[secret, ['HS256']], [ec, ['ES256']], [keySet([ec as never]), ['ES256', 'RS256']], [() => secret, ['HS256']], [() => null, ['HS256']]] as const) {
        await refused('ERR_JWT_ALGORITHM', () => everyDoor(text, key, { ...hs256, algorithms }))
      }
      await refused('ERR_JWT_ALGORITHM', () => verifyBytes(text, secret, { algorithms: ['HS256'] }))
    }
  })

  it('none cannot be allowed: it is no name', async () => {
    for (const algorithms of [['none'], ['HS256', 'none']]) await misused(() => everyDoor(`${b64({ alg: 'none' })}.${b64(claims)}.`, secret, { ...hs256, algorithms }), 'algorithms')
  })

  it('twin: the same claims under a listed algorithm with an honest signature are accepted', async () => {
    await everyDoor(token())
    await everyDoor(pairToken('ES256'), await publicKey('ES256'), { ...hs256, algorithms: ['ES256'] })
  })

  it('an empty signature matches nothing (CVE-2017-10862, fast-jwt GHSA-8wpc-h4q6-8fxv)', async () => {
    const unsigned = token().replace(/[^.]*$/, '')
    await refused('ERR_JWT_SIGNATURE', () => everyDoor(unsigned))
    for (const name of ['RS256', 'ES256', 'Ed25519'] as const) await refused('ERR_JWT_SIGNATURE', async () => everyDoor(pairToken(name).replace(/[^.]*$/, ''), await publicKey(name), { ...hs256, algorithms: [name] }))
    for (const key of ['', null, undefined]) await expect(everyDoor(unsigned, key)).rejects.toThrow()
  })
})

describe('HMAC keyed with a public key (CVE-2015-9235, CVE-2016-10555, CVE-2017-11424, CVE-2022-29217, CVE-2023-48223, CVE-2024-33663, CVE-2026-34950)', () => {
  const names: PairName[] = ['RS256', 'ES256', 'Ed25519']

  /** Everything that a public key is published as. */
  function forms(name: PairName): Record<string, string | Uint8Array> {
    const { publicPem, publicJwk } = pair(name)
    const object = createPublicKey(publicPem) as { export(options: object): string & Uint8Array }
    const pkcs1 = name === 'RS256' ? { 'PKCS#1 PEM': object.export({ type: 'pkcs1', format: 'pem' }), 'PKCS#1 DER': new Uint8Array(object.export({ type: 'pkcs1', format: 'der' })) } : {}
    const body = publicPem.replace(/-----[^-]+-----|\n/g, '')
    return {
      'PEM': publicPem, 'PEM trimmed': publicPem.trim(), 'PEM with CRLF': publicPem.replaceAll('\n', '\r\n'), 'PEM with \\n': publicPem.replaceAll('\n', '\\n'), 'PEM indented': publicPem.replace(/^/gm, '  '), 'PEM behind a space': ` ${publicPem}`, 'PEM behind a byte': `x${publicPem}`,
      'PEM behind a BOM': `\ufeff${publicPem}`, 'PEM on one line': publicPem.replaceAll('\n', ' '), 'PEM as bytes': utf8(publicPem), 'PEM bytes behind a BOM': utf8(`\ufeff${publicPem}`), 'DER': new Uint8Array(object.export({ type: 'spki', format: 'der' })), ...pkcs1,
      'JWK text': JSON.stringify(publicJwk), 'JWK text, spaced': JSON.stringify(publicJwk, null, 2), 'JWK text behind a BOM': `\ufeff${JSON.stringify(publicJwk)}`, 'JWKS text': JSON.stringify({ keys: [publicJwk] }), 'JWKs in a list': JSON.stringify([publicJwk]), 'JWK bytes': utf8(JSON.stringify(publicJwk)),
      'OpenSSH': `${name === 'RS256' ? 'ssh-rsa' : name === 'ES256' ? 'ecdsa-sha2-nistp256' : 'ssh-ed25519'} ${body} me@host`, 'OpenSSH behind a space': ` \n${name === 'RS256' ? 'ssh-rsa' : 'ssh-ed25519'} ${body}`, 'OpenSSH of a security key': `sk-ssh-ed25519@openssh.com ${body}`,
    }
  }

  it.each(names)('%s: a forgery MACed with its public key in any form is refused by a verifier that holds the key', async (name) => {
    const key = await publicKey(name)
    for (const form of Object.values(forms(name))) for (const alg of ['HS256', 'HS384', 'HS512']) {
      const forged = token({ ...claims, sub: 'admin' }, { alg, typ: 'JWT' }, form)
      for (const one of [key, keySet([key as never]), () => key]) await refused('ERR_JWT_ALGORITHM', () => verify(forged, one, { ...hs256, algorithms: [name] }))
      for (const one of [keySet([key as never]), () => key]) await expect(verify(forged, one, { ...hs256, algorithms: [name, alg] })).rejects.toMatchObject({ code: /_ALGORITHM|_NOT_FOUND/ })
      await misused(() => verify(forged, key, { ...hs256, algorithms: [name, alg] }), 'algorithms')
    }
    await verify(pairToken(name), key, { ...hs256, algorithms: [name] })
  })

  it.each(names)('%s: its public key in any form is no secret, for verify, importSecret and a function', async (name) => {
    for (const [form, text] of Object.entries(forms(name))) {
      const forged = token(claims, { alg: 'HS256' }, text)
      const pem = typeof text === 'string' && text.includes('-----BEGIN')
      if (pem) await misused(() => everyDoor(forged, text), 'importPem')
      else await refused('ERR_JWT_KEY', () => everyDoor(forged, text))
      expect((await refused('ERR_JWT_KEY', () => importSecret(text, 'HS256'))).message, form).toMatch(/importPem|importJwk|keySet/)
      await refused('ERR_JWT_KEY', () => everyDoor(forged, () => text))
    }
  })

  it('twin: a secret that only looks a little like one of them is a secret', async () => {
    for (const text of ['{"user":"a long enough object that is no key at all"}', 'a secret that speaks of ssh-rsa and of {"kty":1} inside it', '0'.repeat(64), 'BEGIN PUBLIC KEY, said the secret, and said no more.', '[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]', 'sk_live_0123456789abcdef0123456789abcdef']) {
      await everyDoor(token(claims, { alg: 'HS256' }, text), text)
    }
    const random = Uint8Array.from({ length: 64 }, (_, i) => i * 37 % 256)
    random[0] = 0x30
    await everyDoor(token(claims, { alg: 'HS256' }, random), random)
  })
})

describe('a key set and the header\'s alg (CVE-2021-46743, CVE-2026-22817, CVE-2026-22818, CVE-2026-27804, lestrrat jwx 1.2.0)', () => {
  const jwk: Record<string, string> = { ...pair('RS256').publicJwk, kid: 'r' }
  const without = keySet({ keys: [jwk] })

  it('an RSA JWK without alg serves no HS* token, MACed with nothing, with n or with the JWK (CVE-2026-44699)', async () => {
    for (const material of ['', jwk['n']!, JSON.stringify(jwk), pair('RS256').publicPem]) {
      const forged = token(claims, { alg: 'HS256', kid: 'r' }, material)
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(forged, without, { ...hs256, algorithms: ['RS256', 'HS256'] }))
      await refused('ERR_JWT_ALGORITHM', () => verify(forged, without, { ...hs256, algorithms: ['RS256'] }))
    }
    await everyDoor(pairToken('RS256', claims, { alg: 'RS256', kid: 'r' }), without, { ...hs256, algorithms: ['RS256'] })
  })

  it('a key of a set serves its own alg alone, though the list allows the other', async () => {
    const bound = keySet({ keys: [{ ...jwk, alg: 'RS256' }] })
    for (const alg of ['RS384', 'PS256']) await refused('ERR_JWT_KEY_NOT_FOUND', () => everyDoor(pairToken('RS256', claims, { alg, kid: 'r' }), bound, { ...hs256, algorithms: ['RS256', alg] }))
    await everyDoor(pairToken('RS256', claims, { alg: 'RS256', kid: 'r' }), bound, { ...hs256, algorithms: ['RS256', 'PS256'] })
  })

  it('a JWK without alg, where the list leaves a choice, is refused: the token must not choose', async () => {
    expect((await refused('ERR_JWT_KEY', () => everyDoor(pairToken('RS256', claims, { alg: 'RS256', kid: 'r' }), without, { ...hs256, algorithms: ['RS256', 'PS256'] }))).message).toContain('alg')
  })

  it('an allowlist holds for the key as for the header (CVE-2026-48523)', async () => {
    const key = await publicKey('ES256')
    for (const alg of ['ES256', 'RS256']) for (const door of Object.values(doors)) await refused('ERR_JWT_ALGORITHM', () => door(pairToken('ES256', claims, { alg }), key, { ...hs256, algorithms: ['RS256'] }))
    await everyDoor(pairToken('ES256'), key, { ...hs256, algorithms: ['ES256'] })
  })
})

describe('falsy keys and algorithms that are not required (CVE-2022-23540, CVE-2020-15084, CVE-2026-27962)', () => {
  it('no key is no verification: a TypeError, for unsigned and signed tokens', async () => {
    for (const key of [undefined, null, false, 0, NaN]) for (const text of [token(), `${b64({ alg: 'none' })}.${b64(claims)}.`, token(claims, { alg: 'HS256', jwk: { kty: 'oct', k: b64(secret) } })]) await misused(() => everyDoor(text, key), 'key')
    await everyDoor(token(), secret)
  })

  it('no list of algorithms is a TypeError, also for a key that has but one', async () => {
    const key = await publicKey('ES256')
    for (const options of [{}, { algorithms: undefined }, { algorithms: [] }, { algorithms: null }]) await misused(() => everyDoor(pairToken('ES256'), key, options), 'algorithms')
  })
})

describe('keys that are made to look alike', () => {
  it('the HMAC of a token under one name does not pass under another', async () => {
    const text = token(claims, { alg: 'HS256' })
    const [, p] = text.split('.') as [string, string]
    const header = b64({ alg: 'HS384' })
    const mac = (createHmac as (hash: string, key: string) => { update(text: string): { digest(form: string): string } })('sha256', secret).update(`${header}.${p}`).digest('base64url')
    await refused('ERR_JWT_SIGNATURE', () => everyDoor(`${header}.${p}.${mac}`, secret, { ...hs256, algorithms: ['HS256', 'HS384'] }))
    await everyDoor(text, secret, { ...hs256, algorithms: ['HS256', 'HS384'] })
  })

  it('an oct JWK never serves a public-key algorithm, and its thumbprint is not told', async () => {
    const oct = { kty: 'oct', k: b64(secret) }
    for (const name of ['RS256', 'ES256', 'Ed25519'] as const) await refused('ERR_JWT_KEY', () => importJwk<object, 'RS256' | 'ES256' | 'Ed25519'>(oct, name))
    await refused('ERR_JWT_KEY', () => thumbprint(oct))
    await everyDoor(token(), await importJwk(oct, 'HS256'))
  })
})
