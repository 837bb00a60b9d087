// The caller's memory: changed straight after a call it has no effect, and bytes of every kind are taken.

import { claims, fixtures, keyOf, pairOf, tokens, utf8 } from './support.mjs'

export default async (lib, { test, assert, waits }) => {
  const { base64url, ecdsaFromDer, exportJwk, importJwk, importSecret, sign, signBytes, verify, verifyBytes } = lib
  const { signing, verifying } = await pairOf(lib, 'ES256')
  const es256 = { algorithms: ['ES256'] }
  const secretBytes = () => base64url.decode(fixtures.secret)

  /** Calls, changes the bytes before anything can be awaited, then waits. */
  const meddle = (bytes, act) => {
    const pending = act(bytes)
    bytes.fill(0)
    return pending
  }

  test('the payload of signBytes', async () => {
    for (const alg of ['HS256', 'RS256', 'PS256', 'ES256', 'Ed25519']) {
      const keys = await pairOf(lib, alg)
      const token = await meddle(Uint8Array.of(1, 2, 3), (bytes) => signBytes(bytes, keys.signing))
      assert.equal([...(await verifyBytes(token, keys.verifying, { algorithms: [alg] })).payload], [1, 2, 3])
    }
  })

  test('the detached payload of verifyBytes', async () => {
    const token = await signBytes(Uint8Array.of(1, 2, 3), signing, { detached: true })
    const { payload } = await meddle(Uint8Array.of(1, 2, 3), (bytes) => verifyBytes(token, verifying, { ...es256, detachedPayload: bytes }))
    assert.equal([...payload], [1, 2, 3])
  })

  test('a secret', async () => {
    const key = await meddle(secretBytes(), (bytes) => importSecret(bytes, 'HS256', { extractable: true }))
    assert.equal((await exportJwk(key)).k, fixtures.secret)
    assert.equal(await meddle(secretBytes(), (bytes) => sign(claims, bytes, { algorithm: 'HS256', issuedAt: false })), tokens.HS256)
    await meddle(secretBytes(), (bytes) => verify(tokens.HS256, bytes, { algorithms: ['HS256'] }))
  })

  test('a secret changed between calls takes effect', async () => {
    const bytes = secretBytes()
    await verify(tokens.HS256, bytes, { algorithms: ['HS256'] })
    bytes[0] ^= 1
    await assert.refuses(() => verify(tokens.HS256, bytes, { algorithms: ['HS256'] }), 'ERR_JWT_SIGNATURE')
    bytes[0] ^= 1
    await verify(tokens.HS256, bytes, { algorithms: ['HS256'] })
  })

  test('a JWK, claims and options', async () => {
    const jwk = { ...keyOf('ES256').publicJwk, key_ops: ['verify'] }
    const pending = importJwk(jwk, 'ES256')
    Object.assign(jwk, { crv: 'P-384', x: 'AA', d: 'AA' })
    jwk.key_ops[0] = 'sign'
    await verify(tokens.ES256, await pending, es256)

    const payload = { ...claims, roles: ['user'] }
    const signed = sign(payload, signing)
    payload.roles[0] = 'admin'
    payload.sub = 'mallory'
    assert.equal((await verify(await signed, verifying, es256)).payload.roles, ['user'])

    const options = { algorithms: ['ES256'], issuer: ['x'] }
    const verifyPending = assert.refuses(() => verify(tokens.ES256, verifying, options), 'ERR_JWT_CLAIM')
    options.issuer = undefined
    options.algorithms[0] = 'ES384'
    await verifyPending
  })

  test('what a Signer gives, and keeps', async () => {
    const { jwk } = keyOf('Ed25519')
    const key = await crypto.subtle.importKey('jwk', { kty: jwk.kty, crv: jwk.crv, d: jwk.d, x: jwk.x }, 'Ed25519', false, ['sign'])
    for (const wrap of [(buffer) => new Uint8Array(buffer), (buffer) => buffer, (buffer) => new DataView(buffer)]) {
      const { buffer } = new Uint8Array(await crypto.subtle.sign('Ed25519', key, utf8(tokens.Ed25519.split('.', 2).join('.'))))
      for (const answer of [() => wrap(buffer), ...waits ? [async (input) => wrap(await crypto.subtle.sign('Ed25519', key, input))] : []]) {
        assert.equal(await sign(claims, { algorithm: 'Ed25519', sign: answer }, { issuedAt: false }), tokens.Ed25519)
      }
    }
  })

  test('views into the middle of a buffer', async () => {
    const whole = new Uint8Array(200).fill(9)
    whole.set(secretBytes(), 50)
    await verify(tokens.HS256, whole.subarray(50, 114), { algorithms: ['HS256'] })
    await verify(tokens.HS256, new DataView(whole.buffer, 50, 64), { algorithms: ['HS256'] })
    whole.set(utf8('text'), 10)
    const { payload } = await verifyBytes(await signBytes(whole.subarray(10, 14), signing), verifying, es256)
    assert.equal(new TextDecoder().decode(payload), 'text')
    assert.equal([payload.byteOffset, payload.buffer.byteLength], [0, 4])
  })

  test('resizable and shared memory, where there is any', async () => {
    const buffers = [new ArrayBuffer(64, { maxByteLength: 128 })]
    if (typeof SharedArrayBuffer === 'function') buffers.push(new SharedArrayBuffer(64))
    for (const buffer of buffers) {
      const view = new Uint8Array(buffer, 0, 64)
      view.set(secretBytes())
      await verify(tokens.HS256, view, { algorithms: ['HS256'] })
      await verify(tokens.HS256, await importSecret(view, 'HS256'), { algorithms: ['HS256'] })
      const { payload } = await verifyBytes(await signBytes(view, signing), verifying, es256)
      assert.equal(base64url.encode(payload), fixtures.secret)
    }
  })

  test('ecdsaFromDer', async () => {
    const der = fixtures.signatures.find(({ title }) => title === 'ES256 in DER').token
    const [header, payload, signature] = der.split('.')
    const token = `${header}.${payload}.${base64url.encode(ecdsaFromDer(base64url.decode(signature), 'ES256'))}`
    await verify(token, verifying, es256)
  })
}
