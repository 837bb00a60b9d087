// Every algorithm: made, signed and verified here, and held against tokens that were made elsewhere.

import { change, claims, fixtures, isHmac, isNative, keyOf, pairOf, tokens } from './support.mjs'

export default async (lib, { test, assert }) => {
  const { algorithms, createSigner, createVerifier, exportJwk, generateKey, importJwk, importPem, isSupported, safeVerify, sign, signBytes, verify, verifyBytes } = lib

  for (const alg of algorithms) {
    const has = await isNative(alg, lib)

    test(`${alg}: isSupported says what the runtime says`, async () => {
      assert.equal(await settled(() => isSupported(alg)), has)
    })

    if (!has) {
      test(`${alg}: every way to a key is ERR_JWT_UNSUPPORTED`, async () => {
        const { jwk, publicJwk, privatePem, publicPem } = keyOf(alg)
        for (const act of [
          () => generateKey(alg), () => importJwk(jwk), () => importJwk(publicJwk),
          ...Object.values({ ...privatePem, ...publicPem }).map((pem) => () => importPem(pem, alg)),
        ]) {
          const error = await assert.refuses(act, 'ERR_JWT_UNSUPPORTED')
          assert(error.message.includes(alg), `the message does not name it: ${error.message}`)
          assert.equal(error.fault, 'server')
        }
      })
      continue
    }

    test(`${alg}: a token made elsewhere is accepted, with any bit changed it is not`, async () => {
      const { verifying } = await pairOf(lib, alg)
      const { payload, header } = await verify(tokens[alg], verifying, { algorithms: [alg] })
      assert.equal(payload, claims)
      assert.equal(header, { alg, typ: 'JWT' })
      for (const index of [1, 2]) {
        for (const at of [2, -3]) {
          const forged = change(tokens[alg], index, (text) => text.replace(text.at(at), text.at(at) === 'A' ? 'B' : 'A'))
          const result = await safeVerify(forged, verifying, { algorithms: [alg] })
          assert.equal(result.error?.code, 'ERR_JWT_SIGNATURE')
        }
      }
    })

    test(`${alg}: a fixed key signs what it verifies`, async () => {
      const { signing, verifying } = await pairOf(lib, alg)
      const token = await sign(claims, signing, { issuedAt: false })
      assert.equal((await verify(token, verifying, { algorithms: [alg] })).payload, claims)
      if (/^(HS|RS|Ed)/.test(alg)) assert.equal(token, tokens[alg]) // these have one signature for one message
      const seen = await createVerifier(verifying, { algorithms: [alg] })(await createSigner(signing, { expiresIn: '1m' })({ sub: 'alice' }))
      assert.equal(seen.payload.exp - seen.payload.iat, 60)
    })

    test(`${alg}: a generated key signs what it verifies, in both doors`, async () => {
      const made = await settled(() => generateKey(alg, { keyId: 'one', extractable: true }))
      const { privateKey, publicKey } = isHmac(alg) ? { privateKey: made, publicKey: made } : made
      const token = await sign(claims, privateKey)
      assert.equal((await verify(token, publicKey, { algorithms: [alg] })).header, { alg, typ: 'JWT', kid: 'one' })
      const { payload } = await verifyBytes(await signBytes(Uint8Array.of(0, 255), privateKey), publicKey, { algorithms: [alg] })
      assert.equal([...payload], [0, 255])
      const again = await importJwk(await exportJwk(privateKey))
      assert.equal((await verify(await sign(claims, again), publicKey, { algorithms: [alg] })).payload.sub, 'alice')
      assert.equal((await safeVerify(tokens[alg], publicKey, { algorithms: [alg] })).error?.code, 'ERR_JWT_SIGNATURE')
    })
  }

  test('an HMAC secret as text and as bytes of any kind', async () => {
    const bytes = lib.base64url.decode(fixtures.secret)
    const views = [bytes, bytes.buffer.slice(0), new DataView(bytes.buffer), new Uint16Array(bytes.slice().buffer)]
    for (const secret of views) assert.equal((await verify(tokens.HS256, secret, { algorithms: ['HS256'] })).payload, claims)
    const text = 'correct horse battery staple – ünïcödé 🐎'
    const token = await sign(claims, text, { algorithm: 'HS256' })
    assert.equal((await verify(token, new TextEncoder().encode(text), { algorithms: ['HS256'] })).payload.sub, 'alice')
  })
}

/** WebKitGTK fails at random, one time in a hundred, to make an Ed25519 key: its fault, so that a second try is fair. */
async function settled(act) {
  for (let tries = 3; ; tries--) {
    try {
      return await act()
    } catch (error) {
      if (tries < 2 || error.code !== 'ERR_JWT_KEY') throw error
    }
  }
}
