// CryptoKeys that the caller made without the library, and keys of the library that the caller meddled with.

import { claims, fixtures, keyOf, keys, pairOf, tokens } from './support.mjs'

export default async (lib, { test, assert }) => {
  const { base64url, exportJwk, exportPem, importSecret, keySet, safeVerify, sign, thumbprint, verify } = lib
  const native = (format, material, algorithm, usages, extractable = true) => crypto.subtle.importKey(format, material, algorithm, extractable, usages)
  const spki = (pem) => base64url.decode(pem.replace(/-----.*?-----|\s|=/g, '').replace(/[+/]/g, (digit) => digit === '+' ? '-' : '_'))

  const params = {
    HS256: { name: 'HMAC', hash: 'SHA-256' }, RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, PS384: { name: 'RSA-PSS', hash: 'SHA-384' },
    ES256: { name: 'ECDSA', namedCurve: 'P-256' }, ES512: { name: 'ECDSA', namedCurve: 'P-521' }, Ed25519: { name: 'Ed25519' },
  }

  for (const [alg, algorithm] of Object.entries(params)) {
    test(`${alg}: a CryptoKey made without the library signs and verifies`, async () => {
      for (const extractable of [true, false]) {
        const key = alg === 'HS256' ? await native('raw', base64url.decode(fixtures.secret), algorithm, ['sign', 'verify'], extractable) : await native('spki', spki(keyOf(alg).publicPem.SPKI), algorithm, ['verify'], extractable)
        assert.equal((await verify(tokens[alg], key, { algorithms: [alg] })).payload, claims)
        const signing = alg === 'HS256' ? key : await native('pkcs8', spki(keyOf(alg).privatePem['PKCS#8']), algorithm, ['sign'], extractable)
        await verify(await sign(claims, signing), key, { algorithms: [alg] })
      }
    })
  }

  for (const [alg, algorithm] of Object.entries(params)) {
    test(`${alg}: a CryptoKey made without the library goes out as JWK, PEM and thumbprint`, async () => {
      if (alg === 'HS256') {
        const key = await native('raw', base64url.decode(fixtures.secret), algorithm, ['sign', 'verify'])
        assert.equal(await exportJwk(key), { kty: 'oct', k: fixtures.secret, alg })
        return
      }
      const { jwk, publicJwk, privatePem, publicPem, thumbprint: kid } = keyOf(alg)
      const [closed, open] = [await native('pkcs8', spki(privatePem['PKCS#8']), algorithm, ['sign']), await native('spki', spki(publicPem.SPKI), algorithm, ['verify'])]
      assert.equal(await exportJwk(closed), { ...jwk, alg, kid })
      for (const published of [await exportJwk(open), await exportJwk(closed, { public: true })]) assert.equal(published, { ...publicJwk, alg, kid })
      assert.equal(await exportPem(open), publicPem.SPKI)
      assert.equal([await thumbprint(open), await thumbprint(closed)], [kid, kid])
      assert.equal(await keySet([closed]).toPublicJwks(), { keys: [{ ...publicJwk, alg, kid, use: 'sig' }] })
    })
  }

  test('a CryptoKey that was cloned, where the runtime clones keys', async () => {
    const { signing, verifying } = await pairOf(lib, 'ES256')
    const clone = (key) => {
      try {
        return structuredClone(key)
      } catch {
        return key
      }
    }
    await verify(await sign(claims, clone(signing)), clone(verifying), { algorithms: ['ES256'] })
    await assert.refuses(() => verify(tokens.ES256, clone(signing), { algorithms: ['ES256'] }), 'ERR_JWT_KEY')
  })

  /** A key that the runtime itself may refuse to make; if it makes one, the library must refuse it. */
  const refusedIfMade = (title, code, make, token, alg) => test(title, async () => {
    const key = await make().catch(() => undefined)
    if (key) await assert.refuses(() => verify(token, key, { algorithms: [alg] }), code)
  })

  for (const [title, { alg, jwk, token }] of Object.entries(fixtures.faulty)) {
    if (title === 'RSA, 2047 bits') continue // some round modulusLength up to whole bytes: nothing to see on the key
    for (const extractable of [true, false]) {
      refusedIfMade(`${title}, a ${extractable ? '' : 'non-'}extractable CryptoKey`, 'ERR_JWT_KEY', () => native('jwk', jwk, params.RS256, ['verify'], extractable), token, alg)
    }
  }
  const ec = keys['P-256']
  refusedIfMade('EC off the curve, a CryptoKey', 'ERR_JWT_KEY', () => native('jwk', { ...ec.publicJwk, y: fixtures.others.EC.y }, params.ES256, ['verify']), tokens.ES256, 'ES256')
  refusedIfMade('P-256 as P-384, a CryptoKey from SPKI', 'ERR_JWT_ALGORITHM', () => native('spki', spki(ec.publicPem.SPKI), { name: 'ECDSA', namedCurve: 'P-384' }, ['verify']), tokens.ES384, 'ES384')
  for (const x of fixtures.smallOrder) {
    refusedIfMade(`Ed25519 of small order, a CryptoKey, ${x.slice(0, 6)}${x.slice(-2)}`, 'ERR_JWT_KEY', () => native('raw', base64url.decode(x), params.Ed25519, ['verify']), fixtures.smallOrderToken, 'Ed25519')
  }
  refusedIfMade('an empty HMAC secret, a CryptoKey from JWK', 'ERR_JWT_KEY', () => native('jwk', { kty: 'oct', k: '' }, params.HS256, ['sign', 'verify']), tokens.HS256, 'HS256')
  refusedIfMade('a short HMAC secret, a CryptoKey', 'ERR_JWT_KEY', () => native('raw', new Uint8Array(16), params.HS256, ['verify']), tokens.HS256, 'HS256')

  test('CryptoKeys that sign no JWT', async () => {
    for (const algorithm of [{ name: 'HMAC', hash: 'SHA-1' }, { name: 'AES-GCM' }]) {
      const key = await native('raw', new Uint8Array(32), algorithm, algorithm.hash ? ['sign', 'verify'] : ['encrypt'])
      await assert.refuses(() => sign(claims, key), 'ERR_JWT_KEY')
      const { error } = await safeVerify(tokens.HS256, key, { algorithms: ['HS256'] })
      assert(['ERR_JWT_KEY', 'ERR_JWT_ALGORITHM'].includes(error?.code), error?.code)
    }
  })

  test('a CryptoKey without the usage', async () => {
    const key = await native('raw', base64url.decode(fixtures.secret), params.HS256, ['sign'])
    await assert.refuses(() => verify(tokens.HS256, key, { algorithms: ['HS256'] }), 'ERR_JWT_KEY')
    const only = await native('raw', base64url.decode(fixtures.secret), params.HS256, ['verify'])
    await assert.refuses(() => sign(claims, only), 'ERR_JWT_KEY')
  })

  /** Older Nodes let a caller change a key, and use the change; elsewhere it has no effect, or throws. */
  const meddle = (act) => {
    try {
      act()
    } catch { /* frozen */ }
  }

  test('a key whose hash was changed works under its own algorithm or not at all', async () => {
    const key = await importSecret(base64url.decode(fixtures.secret), 'HS256')
    meddle(() => { key.algorithm.hash.name = 'SHA-512' })
    const outcomes = [
      await verify(tokens.HS256, key, { algorithms: ['HS256'] }).then(() => 'accepted', ({ code }) => code),
      await sign(claims, key, { issuedAt: false }).then((token) => token === tokens.HS256 ? 'signed' : `signed as ${lib.decode(token).header.alg}`, ({ code }) => code),
    ]
    assert(['accepted,signed', 'ERR_JWT_KEY,ERR_JWT_KEY', 'ERR_JWT_ALGORITHM,ERR_JWT_KEY'].includes(`${outcomes}`), `${outcomes}`)
  })

  test('a key whose size was changed', async () => {
    const key = await native('raw', new Uint8Array(16), params.HS256, ['sign', 'verify'])
    meddle(() => { key.algorithm.name = 'HS256' })
    meddle(() => { delete key.algorithm.length })
    const { error } = await safeVerify(tokens.HS256, key, { algorithms: ['HS256'] })
    assert(['ERR_JWT_KEY', 'ERR_JWT_ALGORITHM'].includes(error?.code), error?.code)
  })

  test('usages that were added make no signing key of a public one', async () => {
    const { verifying } = await pairOf(lib, 'ES256')
    meddle(() => verifying.usages.push('sign'))
    meddle(() => { verifying.usages = ['sign'] })
    await assert.refuses(() => sign(claims, verifying), 'ERR_JWT_KEY')
  })

  test('a kid lives beside a key, not on it', async () => {
    const key = await importSecret(base64url.decode(fixtures.secret), 'HS256', { keyId: 'one' })
    assert.equal(Reflect.ownKeys(key).filter((name) => /waxseal|kid|keyId/.test(String(name))), [])
    assert.equal(lib.decode(await sign(claims, key)).header.kid, 'one')
  })
}
