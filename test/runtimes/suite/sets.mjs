// Key sets: found by kid and algorithm, what does not fit set aside, nothing private published.

import { claims, fixtures, isNative, keyOf, publicKeyAlgorithms } from './support.mjs'

export default async (lib, { test, assert }) => {
  const { importJwk, keySet, sign, verify } = lib
  const here = []
  for (const alg of publicKeyAlgorithms) if (alg !== 'EdDSA' && await isNative(alg, lib)) here.push(alg)
  const jwks = () => ({ keys: here.map((alg) => ({ ...keyOf(alg).publicJwk, kid: alg, alg, use: 'sig' })) })

  test('a set finds the key of every algorithm by its kid', async () => {
    const set = keySet(jwks())
    assert.equal(set.skipped, [])
    for (const alg of here) {
      const token = await sign(claims, await importJwk(keyOf(alg).jwk, alg, { keyId: alg }))
      assert.equal((await verify(token, set, { algorithms: [alg] })).payload.sub, 'alice')
      const other = await sign(claims, await importJwk(keyOf(alg).jwk, alg, { keyId: 'other' }))
      await assert.refuses(() => verify(other, set, { algorithms: [alg] }), 'ERR_JWT_KEY_NOT_FOUND')
    }
  })

  test('a set sets aside what cannot verify', async () => {
    const { publicJwk } = keyOf('ES256')
    const unusable = [
      { kty: 'unknown' }, { ...publicJwk, crv: 'P-512' }, { ...publicJwk, use: 'enc' }, { ...publicJwk, key_ops: ['sign'] },
      { ...publicJwk, alg: 'ES384' }, { ...publicJwk, alg: 'none' }, { ...publicJwk, y: publicJwk.x }, { ...publicJwk, x: `${publicJwk.x}=` },
      fixtures.faulty['RSA e = 1'].jwk, fixtures.faulty['RSA, 1024 bits'].jwk, { kty: 'oct', k: '' }, { kty: 'OKP', crv: 'Ed25519', x: fixtures.smallOrder[0] }, null,
    ]
    const set = keySet({ keys: [...unusable, { ...publicJwk, kid: 'good' }] })
    assert.equal(set.skipped.map(({ index }) => index), unusable.map((_, index) => index))
    const token = await sign(claims, await importJwk(keyOf('ES256').jwk, 'ES256', { keyId: 'good' }))
    await verify(token, set, { algorithms: ['ES256'] })
  })

  test('an algorithm that this runtime lacks is set aside, and the others still verify', async () => {
    const set = keySet({ keys: ['ML-DSA-44', 'ES256'].map((alg) => ({ ...keyOf(alg).publicJwk, kid: 'same', alg })) })
    const token = await sign(claims, await importJwk(keyOf('ES256').jwk, 'ES256', { keyId: 'same' }))
    await verify(token, set, { algorithms: ['ES256', 'ML-DSA-44'] })
    if (await isNative('ML-DSA-44', lib)) return
    const forged = `${lib.base64url.encode(new TextEncoder().encode('{"alg":"ML-DSA-44","typ":"JWT","kid":"same"}'))}.${token.split('.').slice(1).join('.')}`
    await assert.refuses(() => verify(forged, set, { algorithms: ['ML-DSA-44'] }), 'ERR_JWT_KEY_NOT_FOUND')
    assert.equal(set.skipped.map(({ index }) => index), [0])
  })

  test('what is published of private keys is public', async () => {
    const set = keySet(await Promise.all(here.map(async (alg) => ({ key: await importJwk(keyOf(alg).jwk, alg), keyId: alg }))))
    assert.equal(await set.toPublicJwks(), jwks())
    await assert.refuses(() => verify(fixtures.tokens.ES256, set, { algorithms: ['ES256'] }), 'ERR_JWT_KEY')
    const secret = await importJwk({ kty: 'oct', k: fixtures.secret }, 'HS256', { keyId: 's' })
    assert.equal(await keySet([secret]).toPublicJwks(), { keys: [] })
  })
}
