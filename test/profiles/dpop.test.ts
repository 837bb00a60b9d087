// DPoP (RFC 9449): the examples of the RFC, the checks of 4.3 one by one with their twins, and the attacks.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, exportJwk, generateKey, importJwk, isJwtError, isSupported, sign, thumbprint } from 'waxseal'
import { createDpopProof as typedCreate, verifyDpopProof as typedVerify } from 'waxseal/profiles'
import { at, b64, misused, now, refused, sealed, thrown, type Refusal } from '../support/tokens'

type Call = (first: unknown, options?: unknown) => Promise<unknown>
const createDpopProof = typedCreate as unknown as (key: unknown, options?: unknown) => Promise<string>
const verifyDpopProof = typedVerify as unknown as (proof: unknown, options: unknown) => Promise<{ payload: Record<string, unknown>, header: Record<string, unknown>, thumbprint: string }>

const pair = await generateKey('ES256')
const { privateKey, publicKey } = pair
const { kid, alg, ...jwk } = await exportJwk(publicKey)
const rsa = (await exportJwk((await generateKey('RS256')).publicKey)) as unknown as Record<string, string>
const hmac = await generateKey('HS256')
const privateJwk = await exportJwk((await generateKey('ES256', { extractable: true })).privateKey)
const ed25519 = (await generateKey('Ed25519')).publicKey
const request = { method: 'POST', url: 'https://api.example/orders' }
const base = { ...request, algorithms: ['ES256'], now: at(now) }
const claims = { jti: 'j-secret', htm: 'POST', htu: request.url, iat: now }

/** A proof made by hand. */
const make = (payload: object = claims, header: object = { jwk }, options: object = {}, key: unknown = privateKey): Promise<string> =>
  sign(payload as never, key as never, { type: 'dpop+jwt', expiresIn: false, issuedAt: false, ...(Object.keys(header).length && { header }), ...options } as never)
const without = (name: string): object => Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name))
const failing = async (code: string, claim: string | undefined, proof: Promise<string> | string, options: object = {}): Promise<Refusal> =>
  refused(code, async () => verifyDpopProof(await proof, { ...base, ...options }), claim === undefined ? {} : { claim })

// ─── the RFC's own ───────────────────────────────────────────────────────────

describe('the examples of RFC 9449', () => {
  const head = 'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19'
  const atServer = `${head}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`
  const atResource = `${head}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`
  const accessToken = { token: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU', payload: { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } } }

  test('4.1: a token request, and the thumbprint of 6.1', async () => {
    const proof = await verifyDpopProof(atServer, { algorithms: ['ES256'], method: 'POST', url: 'https://server.example.com/token', now: at(1562262616) })
    expect(proof.thumbprint).toBe('0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
    expect(proof.payload['jti']).toBe('-BwC3ESc6acc2lTc')
  })

  test('7.1: a resource request, with the hash of its access token and the binding', async () => {
    const options = { algorithms: ['ES256'], method: 'GET', url: 'https://resource.example.org/protectedresource', now: at(1562262618), accessToken }
    await verifyDpopProof(atResource, options)
    await refused('ERR_JWT_CLAIM', () => verifyDpopProof(atResource, { ...options, accessToken: { ...accessToken, token: `${accessToken.token}.` } }), { claim: 'ath' })
  })
})

// ─── creating ────────────────────────────────────────────────────────────────

describe('createDpopProof', () => {
  test('writes what 4.2 asks for and nothing else', async () => {
    const proof = await createDpopProof(privateKey, { ...request, now: at(now) })
    const { header, payload } = decode(proof)
    expect(header).toEqual({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    expect(payload).toEqual({ htm: 'POST', htu: request.url, iat: now, jti: expect.stringMatching(/^[\da-f-]{36}$/) })
    expect((await verifyDpopProof(proof, base)).thumbprint).toBe(await thumbprint(publicKey))
  })

  test('with an access token its hash, with a nonce the nonce, with a jti that', async () => {
    const { payload } = decode(await createDpopProof(pair, { ...request, accessToken: 'tok~en', nonce: 'n', jwtId: 'mine' }))
    expect(payload).toMatchObject({ ath: createHash('sha256').update('tok~en').digest('base64url'), nonce: 'n', jti: 'mine' })
  })

  test('leaves query and fragment out', async () => {
    expect(decode(await createDpopProof(privateKey, { method: 'GET', url: 'HTTPS://API.example:443/a/../b?secret=1#part' })).payload['htu']).toBe('https://api.example/b')
  })

  test.each(['/%7Euser', '/%c3%bc', '/a%2fb', '/%%37E'])('writes the path as the request has it: %s; a server may compare by letters', async (path) => {
    const url = `https://api.example${path}`
    const proof = await createDpopProof(privateKey, { method: 'GET', url, now: at(now) })
    expect(decode(proof).payload['htu']).toBe(url)
    await verifyDpopProof(proof, { ...base, method: 'GET', url })
  })

  test.each(['RS256', 'PS384', 'ES384', 'ES512', 'Ed25519', 'EdDSA'])('%s', async (name) => {
    const made = await generateKey(name as 'ES256')
    await verifyDpopProof(await createDpopProof(made.privateKey, { ...request, now: at(now) }), { ...base, algorithms: [name] })
  })

  test('a pair made by WebCrypto itself', async () => {
    const foreign = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    await verifyDpopProof(await createDpopProof(foreign, { ...request, now: at(now) }), base)
    await refused('ERR_JWT_KEY', () => createDpopProof((foreign as { privateKey: unknown }).privateKey, request)) // its public half is nowhere
  })

  test('a weak key signs none', async () => {
    const weak = await crypto.subtle.generateKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, false, ['sign', 'verify'])
    await refused('ERR_JWT_KEY', () => createDpopProof(weak, request))
  })

  test('two pairs mixed up make a proof that nobody takes', async () => {
    const other = await generateKey('ES256')
    await failing('ERR_JWT_SIGNATURE', undefined, createDpopProof({ privateKey, publicKey: other.publicKey }, { ...request, now: at(now) }))
  })

  test.each(['method', 'url'])('%s is required', async (name) => {
    await misused(() => createDpopProof(pair, { ...request, [name]: undefined }), `createDpopProof ${name}`)
    await misused(() => createDpopProof(pair, Object.fromEntries(Object.entries(request).filter(([one]) => one !== name))), `createDpopProof ${name}`)
  })

  test.each<[string, unknown, object?]>([
    ['halves of two kinds', { privateKey, publicKey: ed25519 }], ['a URL object', pair, { url: new URL('https://api.example/') }],
    ['a public key', publicKey], ['a secret', 'x'.repeat(32)], ['no key', undefined], ['a JWK', jwk], ['a pair without its public key', { privateKey }], ['a secret key', hmac],
    ['a method that is none', pair, { method: 'GET /' }], ['a method that starts with none', pair, { method: ' GET' }], ['a method that is no text', pair, { method: 7 }], ['a relative url', pair, { url: '/orders' }], ['another scheme', pair, { url: 'ftp://a.example/' }],
    ['a url with credentials', pair, { url: 'https://me:pw@a.example/' }], ['a url with a space', pair, { url: 'https://a.example/a b' }], ['a backslash', pair, { url: 'https:\\\\a.example' }],
    ['an empty access token', pair, { accessToken: '' }], ['an empty nonce', pair, { nonce: '' }], ['a slip', pair, { uri: 'https://a.example' }], ['a lifetime', pair, { expiresIn: 60 }],
  ])('%s is a TypeError', async (_, key, more = {}) => {
    await misused(() => createDpopProof(key, { ...request, ...more }), 'createDpopProof')
  })
})

// ─── the checks of 4.3 ───────────────────────────────────────────────────────

describe('verifyDpopProof', () => {
  test('accepts a proof made by hand, with an alg, use and kid in its jwk, and claims of extensions', async () => {
    expect((await verifyDpopProof(await make(), base)).payload).toEqual(claims)
    await verifyDpopProof(await make({ ...claims, aud: 'x', ext: 1 }, { jwk: { ...jwk, alg: 'ES256', use: 'sig', kid: 'k', key_ops: ['verify'] } }), base)
  })

  test.each(['a\\b', '"a"', 'a b', 'a|b', '\u00fc', 'a?b', '#', '{}'])('9: whatever the query holds, it does not count: %j', async (query) => {
    for (const url of [`${request.url}?${query}`, `${request.url}?q=1#${query}`]) {
      await verifyDpopProof(await make(), { ...base, url })
      await verifyDpopProof(await make({ ...claims, htu: url }), base)
      expect(decode(await createDpopProof(privateKey, { ...request, url })).payload['htu']).toBe(request.url)
    }
  })

  test('the hook gets a copy: what it changes is not in the result', async () => {
    const isReplayed = (_: string, payload: Record<string, unknown>): boolean => { payload['htm'] = 'X'; return false }
    expect((await verifyDpopProof(await make(), { ...base, isReplayed })).payload['htm']).toBe('POST')
  })

  test('1, 2: two proofs joined by a comma, as a server joins two fields, and what is no token', async () => {
    const proof = await make()
    for (const text of [`${proof}, ${proof}`, `${proof},${proof}`, '', 'x', undefined, null, [proof]]) await refused('ERR_JWT_MALFORMED', () => verifyDpopProof(text, base))
    await refused('ERR_JWT_TOO_LARGE', () => verifyDpopProof('x'.repeat(16385), base))
    await refused('ERR_JWT_TOO_LARGE', () => verifyDpopProof(proof, { ...base, maxTokenLength: proof.length - 1 }))
    await verifyDpopProof(proof, { ...base, maxTokenLength: proof.length })
  })

  test.each(['jti', 'htm', 'htu', 'iat'])('3: rejects one without %s', async (claim) => {
    await failing('ERR_JWT_CLAIM', claim, make(without(claim)))
  })

  test.each(['JWT', 'at+jwt', false] as const)('4: rejects type %s', async (type) => {
    await failing('ERR_JWT_TYPE', undefined, make(claims, { jwk }, { type }))
  })

  test('5: rejects an algorithm that is not listed, and takes no HS* in the list', async () => {
    await failing('ERR_JWT_ALGORITHM', undefined, make(), { algorithms: ['ES384', 'Ed25519'] })
    await misused(() => verifyDpopProof('', { ...base, algorithms: ['ES256', 'HS256'] }), 'public-key')
    for (const algorithms of [[], ['ES256', 'none'], ['ES256', 7], 'ES256']) await misused(() => verifyDpopProof('', { ...base, algorithms }), 'algorithms')
  })

  test('5: rejects none and an HMAC keyed with the public key', async () => {
    await failing('ERR_JWT_ALGORITHM', undefined, `${b64({ alg: 'none', typ: 'dpop+jwt', jwk })}.${b64(claims)}.`)
    await failing('ERR_JWT_ALGORITHM', undefined, sealed(b64({ alg: 'HS256', typ: 'dpop+jwt', jwk }), b64(claims), JSON.stringify(jwk)))
  })

  test('6: rejects a proof that another key signed', async () => {
    const other = await generateKey('ES256')
    await failing('ERR_JWT_SIGNATURE', undefined, make(claims, { jwk }, {}, other.privateKey))
  })

  test.each<[string, unknown]>([
    ['none', undefined], ['null', null], ['text', 'x'], ['a list', [jwk]], ['an empty object', {}],
    ['d: the private key itself', privateJwk], ['d of another key', { ...jwk, d: 'A'.repeat(43) }], ['d that is null', { ...jwk, d: null }], ...['p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].map((name): [string, unknown] => [`a member ${name}`, { ...jwk, [name]: 'x' }]),
    ['a secret', { kty: 'oct', k: 'A'.repeat(43) }], ['a secret without its k', { kty: 'oct' }], ['another kty', rsa], ['another alg', { ...jwk, alg: 'ES384' }], ['use: enc', { ...jwk, use: 'enc' }],
    ['key_ops without verify', { ...jwk, key_ops: ['sign'] }], ['another curve', { ...jwk, crv: 'P-384' }], ['a point off the curve', { ...jwk, x: jwk.y }], ['a short coordinate', { ...jwk, x: 'AAAA' }],
    ['base64url that is not canonical', { ...jwk, x: `${jwk.x}=` }],
  ])('7: rejects a jwk that is %s, as the proof\'s own fault', async (_, bad) => {
    const proof = await make(claims, bad === undefined ? {} : { jwk: bad })
    const error = await failing('ERR_JWT_CLAIM', 'header.jwk', proof)
    expect([error.fault, error.payload]).toEqual(['token', undefined])
  })

  test('7: the cause says what is wrong with a key that is public, but not sound', async () => {
    expect(isJwtError((await failing('ERR_JWT_CLAIM', 'header.jwk', make(claims, { jwk: { ...jwk, x: 'AAAA' } }))).cause)).toBe(true)
    expect(await failing('ERR_JWT_CLAIM', 'header.jwk', make(claims, { jwk: {} }))).not.toHaveProperty('cause')
  })

  test('7: an algorithm that is allowed and that this runtime lacks is not the proof\'s fault', async () => {
    const name = 'ML-DSA-44'
    const proof = `${b64({ alg: name, typ: 'dpop+jwt', jwk: { kty: 'AKP', alg: name, pub: b64(new Uint8Array(1312).fill(1)) } })}.${b64(claims)}.${b64(new Uint8Array(2420))}`
    await failing(await isSupported(name) ? 'ERR_JWT_SIGNATURE' : 'ERR_JWT_UNSUPPORTED', undefined, proof, { algorithms: [name] })
  })

  test('7: rejects weak RSA keys that are sound otherwise', async () => {
    for (const weak of [{ ...rsa, e: 'AQ' }, { ...rsa, e: 'Ag' }, { ...rsa, n: rsa['n']!.slice(0, 170) }]) {
      await failing('ERR_JWT_CLAIM', 'header.jwk', make(claims, { jwk: weak }, {}, (await generateKey('RS256')).privateKey), { algorithms: ['RS256'] })
    }
  })

  test('7: a jwk beside the proof\'s own in kid, jku, x5u or x5c finds nothing', async () => {
    await failing('ERR_JWT_CLAIM', 'header.jwk', make(claims, { jku: 'https://evil.example', x5u: 'https://evil.example' }))
  })

  test.each(['GET', 'post', 'POST ', '', 7, null, ['POST']])('8: rejects htm %j', async (htm) => {
    await failing('ERR_JWT_CLAIM', 'htm', make({ ...claims, htm }))
  })

  test.each<[string, string]>([
    ['https://api.example/orders', 'https://api.example/orders?page=2#top'],
    ['https://api.example/orders?old=1#x', 'https://api.example/orders'],
    ['HTTPS://API.EXAMPLE/orders', 'https://api.example/orders'],
    ['https://api.example:443/orders', 'https://api.example/orders'],
    ['http://localhost:80/orders', 'http://localhost/orders'],
    ['https://api.example', 'https://api.example/'],
    ['https://api.example/a/./b/../orders', 'https://api.example/a/orders'],
    ['https://api.example/%7Euser/%C3%A9', 'https://api.example/~user/%c3%a9'],
    ['https://api.example/%41%5f%2D%2e7', 'https://api.example/A_-.7'],
    ['https://api.example/a%2Fb', 'https://api.example/a%2fb'],
    ['https://[2001:DB8::1]/x', 'https://[2001:db8:0::1]/x'],
  ])('9: takes %s for %s (RFC 3986 6.2.2, 6.2.3)', async (htu, url) => {
    await verifyDpopProof(await make({ ...claims, htu }), { ...base, url })
    await verifyDpopProof(await make({ ...claims, htu: url }), { ...base, url: htu })
  })

  test.each([
    'https://api.example/order', 'https://api.example/orders/', 'https://api.example/Orders', 'http://api.example/orders', 'https://api.example:8443/orders', 'https://evil.example/orders', 'https://api.example.evil/orders',
    'https://api.example%2eevil/orders', '/orders', 'api.example/orders', '', 'https://me@api.example/orders', 'https://:pw@api.example/orders', 'https://[api.example/orders', 'https://api.example:65536/orders', 'xhttps://api.example/orders', 'https:\\\\api.example\\orders', ' https://api.example/orders', 'https://api.example/orders\n', 'https://api.example/ord\ters',
    'https:api.example/orders', 'https:///api.example/orders', 'https://api.example/%6frders%00', 'https://api.example/orders%2f', 'https://api.exämple/orders', 7, null, ['https://api.example/orders'], {},
  ])('9: rejects htu %j', async (htu) => {
    await failing('ERR_JWT_CLAIM', 'htu', make({ ...claims, htu }))
  })

  test('9: shows the target in its normal form (RFC 3986 6.2.2.1)', async () => {
    expect((await failing('ERR_JWT_CLAIM', 'htu', make(), { url: 'HTTPS://api.example:443/a%2fb%7e?q' })).expected).toBe('https://api.example/a%2Fb~')
  })

  test('9: normalising is stable, and joins no two URLs that differ in host or path', async () => {
    const segment = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom('a', 'B', '7', '-', '%7e', '%2F', '%41') })
    await fc.assert(fc.asyncProperty(segment, segment, async (one, other) => {
      const [htu, url] = [one, other].map((path) => `https://api.example/${path}`) as [string, string]
      const plain = (text: string): string => text.replaceAll('%7e', '~').replaceAll('%41', 'A')
      const result = verifyDpopProof(await make({ ...claims, htu }), { ...base, url })
      if (plain(htu) === plain(url)) await result
      else await refused('ERR_JWT_CLAIM', () => result, { claim: 'htu' })
    }), { numRuns: 60 })
  })

  test('10: a nonce of the server\'s must be there and be one that it gives now', async () => {
    await verifyDpopProof(await make({ ...claims, nonce: 'n-secret' }), { ...base, nonce: 'n-secret' })
    await verifyDpopProof(await make({ ...claims, nonce: 'n-secret' }), { ...base, nonce: ['older', 'n-secret'] })
    await verifyDpopProof(await make({ ...claims, nonce: 'n-secret' }), base) // this server gives none
    for (const nonce of [undefined, 'other', '', 7, null, ['n-secret']]) {
      const error = await failing('ERR_JWT_CLAIM', 'nonce', make(nonce === undefined ? claims : { ...claims, nonce }), { nonce: ['n-secret', 'older'] })
      expect(error.message).not.toContain('n-secret')
    }
  })

  test('11: iat within a minute, and not ahead', async () => {
    await verifyDpopProof(await make({ ...claims, iat: now - 59 }), base)
    await failing('ERR_JWT_CLAIM', 'iat', make({ ...claims, iat: now - 60 }))
    await verifyDpopProof(await make({ ...claims, iat: now - 299 }), { ...base, maxAge: '5m' })
    await failing('ERR_JWT_CLAIM', 'iat', make({ ...claims, iat: now - 300 }), { maxAge: '5m' })
    await verifyDpopProof(await make({ ...claims, iat: now + 5 }), { ...base, clockTolerance: 5 })
    await failing('ERR_JWT_NOT_YET_VALID', 'iat', make({ ...claims, iat: now + 6 }), { clockTolerance: 5 })
    await failing('ERR_JWT_EXPIRED', 'exp', make({ ...claims, exp: now }, { jwk }, { expiresIn: undefined }).catch(() => sign({ ...claims, exp: now }, privateKey, { type: 'dpop+jwt', header: { jwk } })))
  })

  describe('12: with an access token', () => {
    const token = 'the.access.token'
    const ath = createHash('sha256').update(token).digest('base64url')
    const bound = async (jkt?: unknown) => ({ token, payload: { sub: 'user', cnf: { jkt: jkt === undefined ? await thumbprint(publicKey) : jkt } } })

    test('accepts its hash and its binding', async () => {
      await verifyDpopProof(await make({ ...claims, ath }), { ...base, accessToken: await bound() })
    })

    test.each([undefined, 'x', ath.slice(0, -1), `${ath}=`, 7, null])('rejects ath %j', async (bad) => {
      await failing('ERR_JWT_CLAIM', 'ath', make(bad === undefined ? claims : { ...claims, ath: bad }), { accessToken: await bound() })
    })

    test('rejects the hash of another access token: a proof cannot be moved to it', async () => {
      await failing('ERR_JWT_CLAIM', 'ath', make({ ...claims, ath: createHash('sha256').update('other').digest('base64url') }), { accessToken: await bound() })
    })

    test('rejects an access token bound to another key: a stolen one is worth nothing', async () => {
      const thief = await generateKey('ES256')
      const proof = createDpopProof(thief.privateKey, { ...request, accessToken: token, now: at(now) })
      await failing('ERR_JWT_CLAIM', 'cnf.jkt', proof, { accessToken: await bound() })
    })

    test.each<[string, object]>([
      ['no cnf', {}], ['cnf null', { cnf: null }], ['cnf text', { cnf: 'x' }], ['cnf without jkt', { cnf: { 'x5t#S256': 'x' } }], ['jkt null', { cnf: { jkt: null } }], ['jkt a list', { cnf: { jkt: ['x'] } }], ['jkt empty', { cnf: { jkt: '' } }],
    ])('rejects an access token that is not bound: %s', async (_, payload) => {
      await failing('ERR_JWT_CLAIM', 'cnf.jkt', make({ ...claims, ath }), { accessToken: { token, payload } })
    })

    test.each<[string, unknown]>([
      ['the text alone', token], ['no payload', { token }], ['no text', { payload: {} }], ['an empty text', { token: '', payload: {} }], ['a slip', { token, claims: {} }], ['a payload that is none', { token, payload: 'x' }], ['undefined', undefined],
    ])('%s for it is a TypeError: the binding cannot be forgotten', async (_, accessToken) => {
      await misused(() => verifyDpopProof('', { ...base, accessToken }), 'verifyDpopProof accessToken')
    })
  })

  test('boundTo: a refresh token or code stays with the key it was given to', async () => {
    await verifyDpopProof(await make(), { ...base, boundTo: await thumbprint(publicKey) })
    await failing('ERR_JWT_CLAIM', 'header.jwk', make(), { boundTo: await thumbprint((await generateKey('ES256')).publicKey) })
  })

  test('all that is wrong at once, the profile\'s first', async () => {
    const error = await failing('ERR_JWT_CLAIM', 'htm', make({ ...claims, htm: 'GET', htu: 'https://evil.example', iat: now - 600 }), { nonce: 'n' })
    expect(error.issues.map(({ claim }) => claim)).toEqual(['htm', 'htu', 'nonce', 'iat'])
  })

  test('an issue has what was expected and what was got, but no nonce', async () => {
    const proof = make({ ...claims, htm: 'GET', htu: 'https://evil.example', nonce: 'n-secret', ath: 'x' })
    const error = await failing('ERR_JWT_CLAIM', 'htm', proof, { nonce: 'n', boundTo: 'bound', accessToken: { token: 't', payload: { cnf: { jkt: 'other' } } } })
    const print = await thumbprint(publicKey)
    const [code, message] = ['ERR_JWT_CLAIM', expect.any(String)]
    expect(error.issues).toStrictEqual([
      { code, message, claim: 'htm', expected: 'POST', actual: 'GET' },
      { code, message, claim: 'htu', expected: request.url, actual: 'https://evil.example' },
      { code, message, claim: 'nonce', expected: expect.stringContaining('server') },
      { code, message, claim: 'ath', expected: expect.stringContaining('hash'), actual: 'x' },
      { code, message, claim: 'cnf.jkt', expected: expect.stringContaining(print), actual: 'other' },
      { code, message, claim: 'header.jwk', expected: expect.stringContaining('bound'), actual: print },
    ])
    expect(JSON.stringify(error.issues)).not.toContain('n-secret')
  })
})

describe('replay', () => {
  const once = () => {
    const used = new Set<string>()
    return (jti: string): boolean => used.has(jti) || !used.add(jti)
  }

  test('a proof passes once', async () => {
    const isReplayed = once()
    const proof = await make()
    await verifyDpopProof(proof, { ...base, isReplayed })
    const error = await failing('ERR_JWT_REVOKED', 'jti', proof, { isReplayed })
    expect(error).toMatchObject({ payload: claims, header: { typ: 'dpop+jwt' } })
    expect(error.issues).toStrictEqual([{ code: 'ERR_JWT_REVOKED', claim: 'jti', expected: expect.stringContaining('isReplayed'), message: expect.stringContaining('isReplayed') }])
    expect(error.message).not.toContain('j-secret')
  })

  test('one that is refused for another reason does not count as used', async () => {
    const isReplayed = once()
    const proof = await make()
    await failing('ERR_JWT_CLAIM', 'htm', proof, { method: 'GET', isReplayed })
    await failing('ERR_JWT_CLAIM', 'iat', proof, { now: at(now + 60), isReplayed })
    await verifyDpopProof(proof, { ...base, isReplayed })
  })

  test.each<[string, () => unknown]>([['throws', () => { throw new Error('down') }], ['says nothing', () => undefined], ['says 0', () => 0]])('a hook that %s refuses, by the server\'s fault', async (_, isReplayed) => {
    await refused('ERR_JWT_REVOKED', async () => verifyDpopProof(await make(), { ...base, isReplayed }), { fault: 'server', cause: expect.any(Error) })
  })
})

describe('options', () => {
  test.each(['algorithms', 'method', 'url'])('%s is required', async (name) => {
    await misused(() => verifyDpopProof('', Object.fromEntries(Object.entries(base).filter(([one]) => one !== name))), `verifyDpopProof ${name}`)
  })

  test.each<[string, object]>([
    ['a slip in a name', { htm: 'POST' }], ['a relative url', { url: '/orders' }], ['undefined for maxAge', { maxAge: undefined }], ['maxAge 0', { maxAge: 0 }], ['a tolerance in milliseconds', { clockTolerance: 3000 }],
    ['an empty nonce', { nonce: '' }], ['no nonces', { nonce: [] }], ['an empty boundTo', { boundTo: '' }], ['isReplayed: false', { isReplayed: false }], ['audience', { audience: 'x' }], ['type', { type: 'JWT' }], ['a clock that is none', { now: 7 }],
  ])('%s is a TypeError, whatever the proof is', async (_, more) => {
    await misused(() => verifyDpopProof('', { ...base, ...more }))
  })
})

test('a proof is no JWT to verify, and the header\'s key serves nothing but proofs', async () => {
  const { verify } = await import('waxseal')
  const call = verify as unknown as Call & ((token: string, key: unknown, options: unknown) => Promise<unknown>)
  await refused('ERR_JWT_TYPE', async () => call(await make(), publicKey, { algorithms: ['ES256'], requireExpiry: false, now: at(now) }))
  const stranger = await importJwk(await exportJwk((await generateKey('ES256')).publicKey))
  await refused('ERR_JWT_SIGNATURE', async () => call(await make(), stranger, { algorithms: ['ES256'], requireExpiry: false, type: 'dpop+jwt', now: at(now) }))
})

test('no refusal shows the access token', async () => {
  const token = 'very-secret-access-token'
  const error = await thrown(async () => verifyDpopProof(await make(), { ...base, accessToken: { token, payload: {} } })) as Refusal
  expect(JSON.stringify([error.message, error.issues, error])).not.toContain(token)
})
