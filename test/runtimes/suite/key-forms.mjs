// Every form of key, in and out, against the same fixed material.

import { claims, fixtures, isNative, keyOf, publicKeyAlgorithms, tokens } from './support.mjs'

export default async (lib, { test, assert }) => {
  const { exportJwk, exportPem, importJwk, importPem, importSecret, base64url, sign, thumbprint, verify } = lib

  for (const alg of publicKeyAlgorithms) {
    const { jwk, publicJwk, privatePem, publicPem, thumbprint: kid } = keyOf(alg)
    if (!await isNative(alg, lib)) {
      test(`${alg}: the thumbprint of a JWK needs no runtime that has it`, async () => {
        for (const one of [jwk, publicJwk]) assert.equal(await thumbprint(one), kid)
      })
      continue
    }
    const accepts = async (token, key) => assert.equal((await verify(token, key, { algorithms: [alg] })).payload.sub, 'alice')

    const openForms = { JWK: () => importJwk(publicJwk, alg) }
    for (const [form, pem] of Object.entries(publicPem)) openForms[form] = () => importPem(pem, alg)
    for (const [form, load] of Object.entries(openForms)) {
      test(`${alg}: public key as ${form}`, async () => {
        const key = await load()
        await accepts(tokens[alg], key)
        assert.equal(await exportJwk(key), { ...publicJwk, alg, kid })
        assert.equal(await exportPem(key), publicPem.SPKI)
        assert.equal(await thumbprint(key), kid)
        await assert.refuses(() => sign(claims, key), 'ERR_JWT_KEY')
      })
    }

    const closedForms = { JWK: (options) => importJwk(jwk, alg, options) }
    for (const [form, pem] of Object.entries(privatePem)) closedForms[form] = (options) => importPem(pem, alg, options)
    for (const [form, load] of Object.entries(closedForms)) {
      test(`${alg}: private key as ${form}`, async () => {
        const key = await load()
        await accepts(await sign(claims, key), await importJwk(publicJwk, alg))
        assert.equal(await exportJwk(key, { public: true }), { ...publicJwk, alg, kid })
        assert.equal(await thumbprint(key), kid)
        await assert.refuses(() => exportJwk(key), 'ERR_JWT_KEY')
        await assert.refuses(() => exportPem(key), 'ERR_JWT_KEY')
        await assert.refuses(() => verify(tokens[alg], key, { algorithms: [alg] }), 'ERR_JWT_KEY')
      })

      test(`${alg}: private key as ${form}, out again`, async () => {
        const key = await load({ extractable: true, keyId: 'one' })
        assert.equal(await exportJwk(key), { ...jwk, alg, kid: 'one' })
        assert.equal(await exportJwk(await importPem(await exportPem(key), alg, { extractable: true })), { ...jwk, alg, kid })
      })
    }
  }

  for (const alg of ['HS256', 'HS384', 'HS512']) {
    test(`${alg}: a secret as JWK, bytes and text, and out again`, async () => {
      const jwk = { kty: 'oct', k: fixtures.secret }
      for (const key of [await importJwk(jwk, alg, { extractable: true }), await importSecret(base64url.decode(fixtures.secret), alg, { extractable: true })]) {
        assert.equal((await verify(tokens[alg], key, { algorithms: [alg] })).payload, claims)
        assert.equal(await exportJwk(key), { ...jwk, alg })
        await assert.refuses(() => exportPem(key), 'ERR_JWT_KEY')
        await assert.refuses(() => thumbprint(key), 'ERR_JWT_KEY')
      }
      const text = await importSecret('é'.repeat(32), alg, { extractable: true })
      assert.equal((await exportJwk(text)).k, base64url.encode(new TextEncoder().encode('é'.repeat(32))))
      await assert.refuses(async () => exportJwk(await importSecret('é'.repeat(32), alg)), 'ERR_JWT_KEY')
    })
  }

  test('PEM with CRLF, with \\n as two characters, with text in front and with spaces around', async () => {
    const { publicPem } = keyOf('ES256')
    for (const pem of [publicPem.SPKI.replaceAll('\n', '\r\n'), publicPem.SPKI.replaceAll('\n', '\\n'), `Bag Attributes\n  name: x\n${publicPem.SPKI}`, `  ${publicPem.SPKI}  \n\n`]) {
      await verify(tokens.ES256, await importPem(pem, 'ES256'), { algorithms: ['ES256'] })
    }
    const chain = publicPem['X.509'] + keyOf('RS256').publicPem['X.509'] // the first one counts
    await verify(tokens.ES256, await importPem(chain, 'ES256'), { algorithms: ['ES256'] })
  })

  test('RSA members with leading zero octets, as real issuers publish them', async () => {
    const { publicJwk } = keyOf('RS256')
    const padded = Object.fromEntries(['n', 'e'].map((name) => [name, base64url.encode(Uint8Array.of(0, ...base64url.decode(publicJwk[name])))]))
    const key = await importJwk({ ...publicJwk, ...padded }, 'RS256')
    await verify(tokens.RS256, key, { algorithms: ['RS256'] })
    assert.equal(await exportJwk(key), { ...publicJwk, alg: 'RS256', kid: keyOf('RS256').thumbprint })
  })

  test('a JWK with every harmless member, one of them unknown', async () => {
    const more = { use: 'sig', key_ops: ['verify'], ext: false, kid: 'one', x5t: 'AA', x5c: ['AA'], unknown: { deep: [1] } }
    for (const alg of ['RS256', 'PS384', 'ES256', 'Ed25519', 'EdDSA']) {
      const key = await importJwk({ ...keyOf(alg).publicJwk, ...more, alg })
      const { payload } = await verify(tokens[alg], key, { algorithms: [alg] })
      assert.equal(payload, claims)
    }
    const key = await importJwk({ kty: 'oct', k: fixtures.secret, ...more, alg: 'HS256', key_ops: ['verify', 'sign', 'other'] })
    await verify(tokens.HS256, key, { algorithms: ['HS256'] })
  })

  test('two names of one algorithm: a key of either serves both', async () => {
    const { jwk, publicJwk } = keyOf('EdDSA')
    for (const [own, named] of [['EdDSA', 'Ed25519'], ['Ed25519', 'EdDSA']]) {
      const key = await importJwk({ ...publicJwk, alg: own }, named)
      for (const alg of ['EdDSA', 'Ed25519']) await verify(tokens[alg], key, { algorithms: [alg] })
      assert.equal((await exportJwk(key)).alg, named)
      const token = await sign(claims, await importJwk({ ...jwk, alg: own }, named))
      assert.equal(lib.decode(token).header.alg, named)
    }
  })
}
