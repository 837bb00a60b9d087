// What the library needs of a runtime beside keys: text, JSON, large inputs; and a page without crypto.subtle.

import { claims, fixtures, keyOf, pairOf, tokenOf, tokens, utf8 } from './support.mjs'

export default async (lib, { test, assert }) => {
  const { base64url, constantTimeEqual, createVerifier, importJwk, importSecret, isSupported, sign, signBytes, verify, verifyBytes } = lib
  const { signing, verifying } = await pairOf(lib, 'ES256')
  const es256 = { algorithms: ['ES256'] }

  test('base64url of every length, both ways', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index * 7)
    for (let length = 0; length < 300; length++) {
      const text = base64url.encode(bytes.subarray(0, length))
      assert(/^[\w-]*$/.test(text))
      assert(constantTimeEqual(base64url.decode(text), bytes.slice(0, length)))
    }
  })

  test('claims in every script, and lone surrogates', async () => {
    const payload = { ...claims, name: '日本語 🐎 \u0000\u2028\ufeff "\\', '\ud800': '\udfff', ['__proto__']: { x: 1 }, constructor: 'x' }
    const seen = await verify(await sign(payload, signing, { issuedAt: false }), verifying, es256)
    assert.equal(seen.payload, payload)
    assert.equal(Object.getPrototypeOf(seen.payload) === Object.prototype || Object.getPrototypeOf(seen.payload) === null || !('x' in seen.payload), true)
  })

  test('numbers as JSON has them', async () => {
    const token = await tokenOf(lib, '{"exp":3.2503680000e10,"a":1E400,"b":-0,"c":9007199254740993,"d":5e-324}', signing)
    const { payload } = await verify(token, verifying, es256)
    assert.equal([payload.exp, payload.a === Infinity, Object.is(payload.b, -0), payload.c, payload.d], [32503680000, true, true, 9007199254740992, 5e-324])
    await assert.refuses(async () => verify(await tokenOf(lib, '{"exp":1e400}', signing), verifying, es256), 'ERR_JWT_CLAIM')
  })

  test('a large payload', async () => {
    const bytes = Uint8Array.from({ length: 500_000 }, (_, index) => index % 251)
    const token = await signBytes(bytes, signing)
    const { payload } = await verifyBytes(token, verifying, { ...es256, maxTokenLength: 2 ** 20 })
    assert(constantTimeEqual(payload, bytes))
    const long = await sign({ ...claims, text: 'é'.repeat(200_000) }, signing)
    assert.equal((await verify(long, verifying, { ...es256, maxTokenLength: 2 ** 20 })).payload.text.length, 200_000)
  })

  test('a payload that nests 100 000 deep is read, not overflowed', async () => {
    const depth = 100_000
    const token = await tokenOf(lib, `{"exp":32503680000,"a":${'['.repeat(depth)}${']'.repeat(depth)}}`, signing)
    let { a } = (await verify(token, verifying, { ...es256, maxTokenLength: 2 ** 20 })).payload
    let levels = 0
    while (a) [levels, a] = [levels + 1, a[0]]
    assert.equal(levels, depth)
  })

  test('a header that nests as deep as a token may', async () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
    const [, payload, signature] = tokens.ES256.split('.')
    await assert.refuses(() => verify(`${base64url.encode(utf8(`{"alg":"ES256","crit":${deep}}`))}.${payload}.${signature}`, verifying, es256), 'ERR_JWT_CRITICAL')
    await assert.refuses(() => verify(`${base64url.encode(utf8(`{"alg":${deep}}`))}.${payload}.${signature}`, verifying, es256), 'ERR_JWT_MALFORMED')
  })

  test('many at once', async () => {
    const verifier = createVerifier(verifying, es256)
    const results = await Promise.all(Array.from({ length: 100 }, () => verifier(tokens.ES256)))
    assert(results.every(({ payload }) => payload.sub === 'alice'))
  })

  /** Good and forged tokens of all lengths by turns, all at once: each gets its own answer. */
  const crowd = async () => {
    const good = await Promise.all(['', 'x', 'x'.repeat(300), 'x'.repeat(2900), 'x'.repeat(3100), 'x'.repeat(40_000)].map((text) => sign({ ...claims, text }, signing)))
    const forged = good.map((token, i) => [...good[(i + 1) % good.length].split('.', 2), token.split('.')[2]].join('.'))
    const asked = Array.from({ length: 20 }, () => good.flatMap((token, i) => [token, forged[i]])).flat()
    const verifier = createVerifier(verifying, { ...es256, maxTokenLength: 2 ** 17 })
    const answers = await Promise.all(asked.map((token) => verifier.safe(token)))
    assert.equal(answers.map(({ error, payload }) => error ? error.code : payload.text.length), asked.map((token, i) => i % 2 ? 'ERR_JWT_SIGNATURE' : JSON.parse(new TextDecoder().decode(base64url.decode(token.split('.')[1]))).text.length))
    const signed = await Promise.all(asked.map((_, i) => sign({ ...claims, i }, signing)))
    assert.equal(await Promise.all(signed.map(async (token) => (await verifier(token)).payload.i)), signed.map((_, i) => i))
  }

  test('many at once, good and forged by turns', crowd)

  test('many at once, where a wrapped crypto.subtle reads its arguments late', async () => {
    const { subtle } = crypto
    const late = (name) => async (...args) => {
      for (let i = 0; i < 10; i++) await null
      return subtle[name](...args)
    }
    Object.defineProperty(crypto, 'subtle', { value: { sign: late('sign'), verify: late('verify') }, configurable: true })
    try {
      await crowd()
    } finally {
      delete crypto.subtle
    }
  })

  test('jwtId: true is a random UUID', async () => {
    const { payload } = await verify(await sign(claims, signing, { jwtId: true }), verifying, es256)
    assert(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(payload.jti), payload.jti)
  })

  test('without crypto.subtle, as on an insecure page: ERR_JWT_UNSUPPORTED that names https', async () => {
    Object.defineProperty(crypto, 'subtle', { value: undefined, configurable: true })
    try {
      for (const act of [() => sign(claims, signing), () => importJwk(keyOf('ES256').publicJwk, 'ES256'), () => sign(claims, signing, { jwtId: true })]) {
        const error = await assert.refuses(act, 'ERR_JWT_UNSUPPORTED')
        assert(error.message.includes('https'), error.message)
      }
    } finally {
      delete crypto.subtle
    }
    assert.equal(await isSupported('ES256'), true)
  })

  /** Awaits with members that every object inherits. */
  const polluted = async (members, act) => {
    Object.assign(Object.prototype, members)
    try {
      return await act()
    } finally {
      for (const name of Object.keys(members)) delete Object.prototype[name]
    }
  }

  const hs256 = { algorithms: ['HS256'] }
  const short = new Uint8Array(16).fill(7)
  const weak = await crypto.subtle.importKey('raw', short, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  const weakToken = await sign(claims, short, { algorithm: 'HS256', allowWeakKeys: true })
  const input = [{ typ: 'JWT' }, claims].map((part) => base64url.encode(utf8(JSON.stringify(part)))).join('.')
  const withoutAlg = `${input}.${base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', weak, utf8(input))))}`
  const endless = await tokenOf(lib, '{"sub":"alice"}', signing)

  for (const [members, code, act] of [
    [{ alg: 'HS256' }, 'ERR_JWT_MALFORMED', () => verify(withoutAlg, short, { ...hs256, allowWeakKeys: true })],
    [{ exp: 32503680000 }, 'ERR_JWT_CLAIM', () => verify(endless, verifying, es256)],
    [{ requireExpiry: false }, 'ERR_JWT_CLAIM', () => verify(endless, verifying, es256)],
    [{ aud: 'me' }, 'ERR_JWT_CLAIM', () => verify(tokens.ES256, verifying, { ...es256, audience: 'me' })],
    [{ signer: 'me' }, 'ERR_JWT_CLAIM', () => verify(tokens.ES256, verifying, { ...es256, requiredHeader: { signer: 'me' } })],
    [{ modulusLength: 4096 }, 'ERR_JWT_KEY', () => verify(weakToken, weak, hs256)],
    [{ allowWeakKeys: true }, 'ERR_JWT_KEY', () => verify(weakToken, weak, hs256)],
  ]) {
    test(`a polluted Object.prototype.${Object.keys(members)} lets nothing pass`, async () => {
      assert.equal(await polluted(members, () => act().then(() => 'accepted', (error) => error.code)), code)
    })
  }

  test('a polluted Object.prototype.algorithms is no allowlist', () => polluted(es256, () => assert.misuses(() => verify(tokens.ES256, verifying, {}))))

  const inherited = {
    b64: false, crit: ['x'], kid: 'x', typ: 'x', cty: 1, exp: 1, nbf: 4e9, aud: 'x', iss: 1, issuer: 'x', audience: 'x', maxAge: 1, clockTolerance: -1, schema: 1, cache: 1, maxTokenLength: 1,
    name: 'x', namedCurve: 'P-384', modulusLength: 8, publicExponent: Uint8Array.of(1), saltLength: 0, context: Uint8Array.of(1), hash: 'SHA-1', length: 8,
    d: 'AA', y: 'AA', k: 'AA', oth: [], use: 'enc', key_ops: [], ext: false, alg: 'none',
  }
  for (const [name, value] of Object.entries(inherited)) {
    test(`a polluted Object.prototype.${name} stops nothing that the runtime itself still does`, () => polluted({ [name]: value }, async () => {
      for (const alg of ['HS256', 'RS256', 'ES256', 'Ed25519']) {
        const isHmac = alg === 'HS256'
        if (await isNativelyBroken(alg)) continue
        const key = isHmac ? await importSecret(base64url.decode(fixtures.secret), alg) : await importJwk(keyOf(alg).publicJwk, alg)
        await verify(tokens[alg], key, { algorithms: [alg] })
      }
    }))
  }

  /** Node 20 and 22 take inherited members of a JWK and of an algorithm for its own, whatever its prototype. */
  async function isNativelyBroken(alg) {
    const bare = (members) => Object.assign(Object.create(null), members)
    const algorithm = bare({ HS256: { name: 'HMAC', hash: 'SHA-256' }, RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, ES256: { name: 'ECDSA', namedCurve: 'P-256' }, Ed25519: { name: 'Ed25519' } }[alg])
    const importing = alg === 'HS256' ? crypto.subtle.importKey('raw', base64url.decode(fixtures.secret), algorithm, false, ['verify'])
      : crypto.subtle.importKey('jwk', bare(keyOf(alg).publicJwk), algorithm, true, ['verify'])
    return importing.then(() => false, () => true)
  }
}
