// What ends the process or the page on some runtime when it is left to it: weak RSA at signing, and an Ed25519 key that is no point.

import { claims, fixtures, keys, tokens } from './support.mjs'

export default async ({ base64url, importJwk, keySet, sign, verify }, { test, assert }) => {
  test('an RSA key too small for the hash is refused before it signs', async () => {
    const key = await crypto.subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-512', modulusLength: 1024, publicExponent: Uint8Array.of(1, 0, 1) }, false, ['sign', 'verify'])
    await assert.refuses(() => sign(claims, key.privateKey), 'ERR_JWT_KEY')
    await assert.refuses(() => sign(claims, key.privateKey, { allowWeakKeys: true }), 'ERR_JWT_KEY')
    await assert.refuses(() => verify(tokens.PS512, key.publicKey, { algorithms: ['PS512'], allowWeakKeys: true }), 'ERR_JWT_KEY')
  })

  test('an Ed25519 key that is no point of the curve is refused', async () => {
    const jwk = { ...keys.Ed25519.publicJwk, x: fixtures.offEd25519 }
    await assert.refuses(() => importJwk(jwk, 'Ed25519'), 'ERR_JWT_KEY')
    assert.equal(keySet({ keys: [{ ...jwk, alg: 'Ed25519' }] }).skipped.length, 1)
    const foreign = await crypto.subtle.importKey('raw', base64url.decode(fixtures.offEd25519), 'Ed25519', true, ['verify']).catch(() => undefined)
    if (foreign) await assert.refuses(() => verify(tokens.Ed25519, foreign, { algorithms: ['Ed25519'] }), 'ERR_JWT_KEY')
  })
}
