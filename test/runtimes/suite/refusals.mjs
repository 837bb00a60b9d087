// The refusals of the contract: at least one case of each code, and of each kind of misuse.

import { change, claims, fixtures, keyOf, pairOf, tokenOf, tokens, utf8 } from './support.mjs'

export default async (lib, { test, assert, waits }) => {
  const { base64url, createSigner, createVerifier, decode, ecdsaFromDer, generateKey, importJwk, importPem, importSecret, isJwtError, keySet, safeVerify, sign, signBytes, verify, verifyBytes } = lib
  const { signing, verifying } = await pairOf(lib, 'ES256')
  const es256 = { algorithms: ['ES256'] }
  const make = (payload, options) => tokenOf(lib, typeof payload === 'string' ? payload : JSON.stringify(payload), signing, options)
  const segment = (text) => base64url.encode(typeof text === 'string' ? utf8(text) : text)
  const token = tokens.ES256
  const [header, payload, signature] = token.split('.')

  const malformed = {
    'nothing': '', 'one segment': header, 'two segments': `${header}.${payload}`, 'four segments': `${token}.`, 'no text': 7,
    'a space behind': `${token} `, 'a newline behind': `${token}\n`, 'padding': `${token}=`, 'a space inside': change(token, 1, (text) => `${text.slice(0, 4)} ${text.slice(4)}`),
    'the other base64': change(token, 2, (text) => `${text.slice(0, -2)}+/`), 'length 4n + 1': change(token, 2, (text) => text.slice(0, -1)), 'a NUL': change(token, 2, (text) => `${text.slice(0, -1)}\0`),
    'a letter that is no ASCII': change(token, 2, (text) => `${text.slice(0, -1)}\u0141`), 'unused bits set': `${header}.${payload}.${signature.slice(0, -1)}${signature.at(-1) === 'Q' ? 'R' : 'B'}`,
    'a header that is no JSON': change(token, 0, () => segment('alg')), 'a header that is an array': change(token, 0, () => segment('[]')), 'a header that is null': change(token, 0, () => segment('null')),
    'alg twice': change(token, 0, () => segment('{"alg":"none","alg":"ES256"}')), 'alg twice, once escaped': change(token, 0, () => segment('{"\\u0061lg":"none","alg":"ES256"}')),
    'no alg': change(token, 0, () => segment('{"typ":"JWT"}')), 'alg that is no text': change(token, 0, () => segment('{"alg":["ES256"]}')), 'kid that is a number': change(token, 0, () => segment('{"alg":"ES256","kid":1}')),
    'a BOM': change(token, 0, () => segment('\ufeff{"alg":"ES256"}')), 'UTF-16': change(token, 0, () => segment(Uint8Array.from([...'{"alg":"ES256"}'].flatMap((char) => [char.charCodeAt(0), 0])))),
  }
  for (const [title, bytes] of Object.entries({ 'an overlong form': [0xc0, 0xaf], 'a surrogate': [0xed, 0xa0, 0x80], 'a truncated character': [0xe2, 0x82], 'a lone continuation': [0x80], 'beyond U+10FFFF': [0xf4, 0x90, 0x80, 0x80] })) {
    malformed[`UTF-8 with ${title}`] = change(token, 0, () => segment(Uint8Array.of(...utf8('{"alg":"ES256","x":"'), ...bytes, ...utf8('"}'))))
  }
  for (const [title, bad] of Object.entries(malformed)) {
    test(`ERR_JWT_MALFORMED: ${title}`, async () => {
      const error = await assert.refuses(() => verify(bad, verifying, es256), 'ERR_JWT_MALFORMED')
      assert.equal(error.fault, 'token')
      assert.equal((await safeVerify(bad, verifying, es256)).error.code, 'ERR_JWT_MALFORMED')
      await assert.refuses(() => verifyBytes(bad, verifying, es256), 'ERR_JWT_MALFORMED')
    })
  }

  test('ERR_JWT_MALFORMED: a signed payload that is no JSON object', async () => {
    for (const text of ['', 'null', '[]', '"x"', '7', '{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '\ufeff{}', '{"a":1}\0', "{'a':1}", '{"a":01}', '{"a":NaN}', '{"a":"\n"}', '{} {}']) {
      await assert.refuses(async () => verify(await make(text), verifying, es256), 'ERR_JWT_MALFORMED')
    }
    await assert.refuses(async () => verify(await tokenOf(lib, Uint8Array.of(...utf8('{"a":"'), 0xff, ...utf8('"}')), signing), verifying, es256), 'ERR_JWT_MALFORMED')
  })

  test('ERR_JWT_TOO_LARGE: the first character beyond the limit, before anything else', async () => {
    await assert.refuses(() => verify('.'.repeat(16385), verifying, es256), 'ERR_JWT_TOO_LARGE')
    await assert.refuses(() => verify('.'.repeat(16384), verifying, es256), 'ERR_JWT_MALFORMED')
    await verify(token, verifying, { ...es256, maxTokenLength: token.length })
    await assert.refuses(() => verify(token, verifying, { ...es256, maxTokenLength: token.length - 1 }), 'ERR_JWT_TOO_LARGE')
  })

  test('ERR_JWT_ALGORITHM: not in the list, or not the key\'s', async () => {
    for (const alg of ['none', 'None', 'es256', 'HS256', 'constructor', '__proto__', '']) {
      await assert.refuses(() => verify(change(token, 0, () => segment(JSON.stringify({ alg }))), verifying, es256), 'ERR_JWT_ALGORITHM')
    }
    await assert.refuses(() => verify(token, verifying, { algorithms: ['ES384'] }), 'ERR_JWT_ALGORITHM')
    const { verifying: rs256 } = await pairOf(lib, 'RS256')
    for (const alg of ['RS512', 'PS256', 'ES256']) await assert.refuses(() => verify(tokens[alg], rs256, { algorithms: ['RS512', 'PS256', 'ES256'] }), 'ERR_JWT_ALGORITHM')
    await assert.refuses(() => verify(tokens.EdDSA, rs256, { algorithms: ['Ed25519', 'RS256'] }), 'ERR_JWT_ALGORITHM')
  })

  test('ERR_JWT_ALGORITHM: HS256 made with the text of the public key', async () => {
    const { publicPem } = keyOf('RS256')
    const { verifying: rs256 } = await pairOf(lib, 'RS256')
    const key = await crypto.subtle.importKey('raw', utf8(publicPem.SPKI), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    const input = `${segment('{"alg":"HS256"}')}.${payload}`
    const forged = `${input}.${segment(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(input))))}`
    await assert.refuses(() => verify(forged, rs256, { algorithms: ['RS256'] }), 'ERR_JWT_ALGORITHM')
    await assert.refuses(() => verify(forged, rs256, { algorithms: ['HS256'] }), 'ERR_JWT_ALGORITHM')
    await assert.misuses(() => verify(forged, publicPem.SPKI, { algorithms: ['HS256'] }))
    await assert.refuses(() => importSecret(publicPem.SPKI, 'HS256'), 'ERR_JWT_KEY')
  })

  test('ERR_JWT_CRITICAL: crit in every wrong form, and b64', async () => {
    const headers = ['"crit":["x"],"x":1', '"crit":[]', '"crit":"x","x":1', '"crit":["x","x"],"x":1', '"crit":["alg"]', '"crit":["y"],"x":1', '"crit":null', '"crit":[1],"1":1', '"crit":["b64"],"b64":false', '"b64":false', '"b64":0', '"crit":["toString"]']
    for (const text of headers) await assert.refuses(() => verify(change(token, 0, () => segment(`{"alg":"ES256",${text}}`)), verifying, es256), 'ERR_JWT_CRITICAL')
    const handled = await make(claims, { header: { crit: ['x'], x: 1 } })
    assert.equal((await verify(handled, verifying, { ...es256, crit: ['x', 'y'] })).header.x, 1)
    await assert.refuses(() => verify(handled, verifying, { ...es256, crit: ['y'] }), 'ERR_JWT_CRITICAL')
  })

  test('ERR_JWT_TYPE: another type, and none where one is asked for', async () => {
    await assert.refuses(async () => verify(await make(claims, { type: 'at+jwt' }), verifying, es256), 'ERR_JWT_TYPE')
    await assert.refuses(async () => verify(await make(claims, { type: false }), verifying, { ...es256, type: 'JWT' }), 'ERR_JWT_TYPE')
    await assert.refuses(async () => verify(await make(claims, { type: 'J\u017FT' }), verifying, { ...es256, type: 'JST' }), 'ERR_JWT_TYPE')
    await assert.refuses(async () => verify(await signBytes(utf8('{}'), signing), verifying, es256), 'ERR_JWT_TYPE')
    await verify(await make(claims, { type: 'application/AT+JWT' }), verifying, { ...es256, type: 'at+jwt' })
  })

  test('ERR_JWT_KEY: empty, short, of another role, of another kind', async () => {
    for (const secret of ['', 'x'.repeat(31), '{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA"}', ' ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA', `${'x'.repeat(40)}\ud800`, new Uint8Array(0), new Uint8Array(31)]) {
      await assert.refuses(() => importSecret(secret, 'HS256'), 'ERR_JWT_KEY')
      await assert.refuses(() => sign(claims, secret, { algorithm: 'HS256' }), 'ERR_JWT_KEY')
      await assert.refuses(() => verify(tokens.HS256, secret, { algorithms: ['HS256'] }), 'ERR_JWT_KEY')
      await assert.refuses(() => verify(tokens.HS256, () => secret, { algorithms: ['HS256'] }), 'ERR_JWT_KEY')
    }
    const error = await assert.refuses(() => verify(token, signing, es256), 'ERR_JWT_KEY')
    assert.equal(error.fault, 'server')
    await assert.refuses(() => sign(claims, verifying), 'ERR_JWT_KEY')
    await assert.refuses(() => createSigner(verifying), 'ERR_JWT_KEY')
    await assert.refuses(() => createVerifier(signing, es256), 'ERR_JWT_KEY')
    await assert.refuses(() => verify(token, () => { throw new RangeError('down') }, es256), 'ERR_JWT_KEY')
    await assert.refuses(() => verify(token, async () => keyOf('ES256').publicJwk, es256), 'ERR_JWT_KEY')
    await assert.refuses(() => sign(claims, { algorithm: 'ES256', sign: async () => new Uint8Array(70).fill(48) }), 'ERR_JWT_KEY')
    await assert.refuses(() => sign(claims, { algorithm: 'ES256', sign: () => { throw new Error('down') } }), 'ERR_JWT_KEY')
  })

  test('ERR_JWT_KEY_NOT_FOUND: no key, and too many', async () => {
    for (const nothing of [() => null, () => undefined, ...waits ? [async () => null] : []]) await assert.refuses(() => verify(token, nothing, es256), 'ERR_JWT_KEY_NOT_FOUND')
    await assert.refuses(() => verify(token, keySet([]), es256), 'ERR_JWT_KEY_NOT_FOUND')
    const jwk = { ...keyOf('ES256').publicJwk, alg: 'ES256' }
    await verify(token, keySet({ keys: Array(8).fill(jwk) }), es256)
    await assert.refuses(() => verify(token, keySet({ keys: Array(9).fill(jwk) }), es256), 'ERR_JWT_KEY_NOT_FOUND')
  })

  test('ERR_JWT_SIGNATURE: not of this key', async () => {
    const other = await importJwk(fixtures.others.EC, 'ES256')
    const error = await assert.refuses(async () => verify(await make(claims), keySet(await keySet([other]).toPublicJwks()), es256), 'ERR_JWT_SIGNATURE')
    assert.equal([error.fault, error.payload, error.header], ['token', undefined, undefined])
  })

  const now = new Date(1_000_000)
  const at = { ...es256, now }
  const cases = [
    ['ERR_JWT_EXPIRED', { exp: 1000 }, {}], ['ERR_JWT_NOT_YET_VALID', { exp: 2000, nbf: 1001 }, {}], ['ERR_JWT_NOT_YET_VALID', { exp: 2000, iat: 1001 }, { maxAge: 60 }],
    ['ERR_JWT_CLAIM', {}, {}], ['ERR_JWT_CLAIM', { exp: '2000' }, {}], ['ERR_JWT_CLAIM', { exp: null }, {}], ['ERR_JWT_CLAIM', { exp: 2000, aud: 'x' }, {}],
    ['ERR_JWT_CLAIM', { exp: 2000, iss: 'x' }, { issuer: 'y' }], ['ERR_JWT_CLAIM', { exp: 2000 }, { issuer: 'y' }], ['ERR_JWT_CLAIM', { exp: 2000, iat: 900 }, { maxAge: '1m' }],
    ['ERR_JWT_CLAIM', { exp: 2000 }, { requiredHeader: { signer: 'x' } }], ['ERR_JWT_REVOKED', { exp: 2000 }, { isRevoked: () => true }],
    ['ERR_JWT_REVOKED', { exp: 2000 }, { isRevoked: async () => { throw new Error('down') } }],
    ['ERR_JWT_SCHEMA', { exp: 2000 }, { schema: { '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [{ message: 'no', path: ['sub'] }] }) } } }],
  ]
  cases.forEach(([code, payload, options], index) => {
    test(`${code}: case ${index}`, async () => {
      await assert.refuses(async () => verify(await make(payload), verifying, { ...at, ...options }), code)
    })
  })

  test('the seconds of exp and nbf come in pairs: just inside, just outside', async () => {
    const judge = async (payload, options) => (await safeVerify(await make(payload), verifying, { ...at, ...options })).error?.code
    assert.equal(await judge({ exp: 1000.001 }), undefined)
    assert.equal(await judge({ exp: 1000 }), 'ERR_JWT_EXPIRED')
    assert.equal(await judge({ exp: 2000, nbf: 1000 }), undefined)
    assert.equal(await judge({ exp: 2000, nbf: 1000.001 }), 'ERR_JWT_NOT_YET_VALID')
    assert.equal(await judge({ exp: 941, nbf: 1060 }, { clockTolerance: '1m' }), undefined)
    assert.equal(await judge({ exp: 940 }, { clockTolerance: '1m' }), 'ERR_JWT_EXPIRED')
    const { error } = await safeVerify(await make({ exp: 1000, sub: 'alice' }), verifying, at)
    assert.equal(error.payload, { exp: 1000, sub: 'alice' })
  })

  test('misuse is a TypeError, whatever the token is', async () => {
    for (const options of [undefined, {}, { algorithms: [] }, { algorithms: ['none'] }, { algorithms: 'ES256' }, { algorithms: lib.algorithms }, { ...es256, issuer: '' }, { ...es256, isuer: 'x' }, { ...es256, issuer: undefined }, { ...es256, issuer: /x/ }, { ...es256, clockTolerance: 3000 }, { ...es256, now: new Date(NaN) }, Object.create(es256)]) {
      for (const one of [token, 'x', 7]) {
        await assert.misuses(() => verify(one, verifying, options))
        await assert.misuses(() => safeVerify(one, verifying, options))
      }
      await assert.misuses(() => createVerifier(verifying, options))
    }
    for (const key of [undefined, null, {}, keyOf('ES256').publicJwk, keyOf('ES256').publicPem.SPKI, 'secret', new Uint8Array(32)]) await assert.misuses(() => verify(token, key, es256))
    await assert.misuses(() => verify(token, 'x'.repeat(32), { algorithms: ['HS256', 'ES256'] }))
    await assert.misuses(() => importJwk('x', 'ES256'))
    await assert.misuses(() => importJwk(keyOf('ES256').publicJwk))
    await assert.misuses(() => importPem('x', 'HS256'))
    await assert.misuses(() => importSecret(7, 'HS256'))
    await assert.misuses(() => generateKey('none'))
    await assert.misuses(() => generateKey('RS256', { modulusLength: 1024 }))
    await assert.misuses(() => ecdsaFromDer(new Uint8Array(8), 'ES256'))
    await assert.misuses(() => keySet(7))
    await assert.misuses(() => base64url.decode('QR'))
    for (const value of [{ exp: 1e12 }, { exp: NaN }, { sub: 7, exp: 1 }, { exp: 1, at: new Date() }, { exp: 1, at: 1n }, { exp: 1, at: new Map() }, [], null, 'x', { sub: 'x' }]) await assert.misuses(() => sign(value, signing))
  })

  test('decode takes the wire form apart, and only the good one', async () => {
    const seen = decode(token)
    assert.equal(seen.payload, claims)
    assert.equal([seen.signature.length, seen.signingInput], [64, `${header}.${payload}`])
    for (const bad of Object.values(malformed)) await assert.refuses(() => decode(bad), 'ERR_JWT_MALFORMED')
  })

  test('isJwtError holds for refusals alone', async () => {
    const { error } = await safeVerify('x', verifying, es256)
    assert(isJwtError(error) && error instanceof lib.JwtError && error instanceof Error)
    for (const value of [new Error('x'), new TypeError('x'), null, undefined, 'x', {}]) assert(!isJwtError(value) && !(value instanceof lib.JwtError))
    assert.equal(Object.keys(error), ['code'])
  })
}
