// waxseal/node: the suite once more with the synchronous functions in place of the others, on every runtime that has
// node:crypto; then what is only of that door. harness/cli.mjs adds it: browsers and workers have nothing to run it with.

import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto'
import algorithms from './algorithms.mjs'
import buffers from './buffers.mjs'
import faultyKeys from './faulty-keys.mjs'
import keyForms from './key-forms.mjs'
import refusals from './refusals.mjs'
import sets from './sets.mjs'
import signatures from './signatures.mjs'
import { claims, fixtures, isHmac, isNative, keyOf, tokens, utf8 } from './support.mjs'

/** What the runtime's node:crypto says itself; Deno has ML-DSA in WebCrypto alone. */
function hasNode(alg) {
  try {
    return !alg.startsWith('ML-DSA') || !!generateKeyPairSync(alg.toLowerCase())
  } catch {
    return false
  }
}

/** The library with its synchronous functions under the names of the others. They reject where these throw. */
function synchronous(lib) {
  const later = (call) => async (...args) => call(...args)
  const door = { ...lib }
  for (const name of ['sign', 'verify', 'safeVerify', 'importSecret', 'importJwk', 'importPem', 'signBytes', 'verifyBytes', 'safeVerifyBytes']) door[name] = later(lib[`${name}Sync`])
  door.createSigner = (...args) => later(lib.createSignerSync(...args))
  door.createVerifier = (...args) => {
    const verifier = lib.createVerifierSync(...args)
    return Object.assign(later(verifier), { safe: later(verifier.safe) })
  }
  return door
}

export default async (lib, { test, assert, site }) => {
  const door = { ...synchronous(lib), isNative: hasNode, algorithms: [] }
  for (const alg of lib.algorithms) if (hasNode(alg) === await isNative(alg)) door.algorithms.push(alg) // of the others the tests below
  for (const suite of [algorithms, keyForms, sets, refusals, buffers, signatures, faultyKeys]) await suite(door, { test: (name, act) => test(`waxseal/node: ${name}`, act), assert, waits: false })

  const { createVerifierSync, importJwkSync, importPemSync, importSecretSync, safeVerifySync, signSync, verifySync } = lib
  const { exportJwk, generateKey, importJwk, importSecret, keySet, sign, verify } = lib

  const warnings = []
  process.on('warning', (warning) => { warnings.push(String(warning)) })

  for (const alg of lib.algorithms) {
    if (!hasNode(alg)) {
      test(`waxseal/node: ${alg}: what node:crypto lacks is ERR_JWT_UNSUPPORTED, whatever WebCrypto has`, async () => {
        const { jwk, publicJwk, privatePem, publicPem } = keyOf(alg)
        for (const act of [() => importJwkSync(jwk), () => importJwkSync(publicJwk), ...Object.values({ ...privatePem, ...publicPem }).map((pem) => () => importPemSync(pem, alg))]) {
          assert((await assert.refuses(act, 'ERR_JWT_UNSUPPORTED')).message.includes(alg), 'the message does not name it')
        }
        if (!await isNative(alg)) return
        const { privateKey, publicKey } = await generateKey(alg, { extractable: true })
        const token = await sign(claims, privateKey)
        for (const act of [() => signSync(claims, privateKey), () => verifySync(token, publicKey, { algorithms: [alg] })]) await assert.refuses(act, 'ERR_JWT_UNSUPPORTED')
      })
      continue
    }
    const { jwk, publicJwk, privatePem, publicPem } = isHmac(alg) ? {} : keyOf(alg)
    const material = isHmac(alg) ? [{ kty: 'oct', k: fixtures.secret }, { kty: 'oct', k: fixtures.secret }] : [jwk, publicJwk]

    test(`waxseal/node: ${alg}: keys cross between the doors, both ways, and nothing asks for a deprecated call`, async () => {
      const [mine, yours] = [material.map((one) => importJwkSync(one, alg)), [await importJwk(material[0], alg), await importJwk(material[1], alg)]]
      for (const [signing, verifying] of [mine, yours]) {
        for (const token of [tokens[alg], signSync(claims, signing), await sign(claims, signing)]) {
          assert.equal(verifySync(token, verifying, { algorithms: [alg] }).payload.sub, claims.sub)
          assert.equal((await verify(token, verifying, { algorithms: [alg] })).payload.sub, claims.sub)
          assert.equal(verifySync(token, keySet([verifying]), { algorithms: [alg] }).payload.sub, claims.sub)
        }
        assert.equal(await exportJwk(signing, isHmac(alg) ? undefined : { public: true }).catch((error) => error.code), isHmac(alg) ? 'ERR_JWT_KEY' : await exportJwk(verifying))
      }
      assert.equal(warnings, [])
    })

    test(`waxseal/node: ${alg}: a KeyObject of the runtime signs and verifies`, () => {
      const [signing, verifying] = isHmac(alg) ? [0, 1].map(() => createSecretKey(Buffer.from(fixtures.secret, 'base64url'))) : [createPrivateKey(Object.values(privatePem)[0]), createPublicKey(publicPem.SPKI)]
      const token = signSync(claims, signing, { algorithm: alg })
      for (const one of [token, tokens[alg]]) assert.equal(verifySync(one, verifying, { algorithms: [alg] }).payload.sub, claims.sub)
      assert.equal(verifySync(token, importJwkSync(material[1], alg), { algorithms: [alg] }).payload.sub, claims.sub)
      assert.equal(safeVerifySync(`${token.slice(0, -8)}AAAAAAAA`, verifying, { algorithms: [alg] }).error?.code, 'ERR_JWT_SIGNATURE')
    })
  }

  test('waxseal/node: a KeyObject needs one algorithm that fits, and is nothing for the asynchronous doors', async () => {
    const { publicPem } = keyOf('ES256')
    const key = createPublicKey(publicPem.SPKI)
    for (const algorithms of [['ES384'], ['RS256', 'PS256']]) await assert.misuses(() => verifySync(tokens.ES256, key, { algorithms }))
    await assert.misuses(() => verify(tokens.ES256, key, { algorithms: ['ES256'] }))
    await assert.misuses(() => keySet([key]))
  })

  test('waxseal/node: a CryptoKey that the runtime made serves if it is extractable', async () => {
    const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const token = signSync(claims, privateKey)
    assert.equal(verifySync(token, publicKey, { algorithms: ['ES256'] }).payload, { ...claims, iat: verifySync(token, publicKey, { algorithms: ['ES256'] }).payload.iat })
    const closed = await crypto.subtle.importKey('jwk', await crypto.subtle.exportKey('jwk', publicKey), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
    const error = await assert.refuses(() => verifySync(token, closed, { algorithms: ['ES256'] }), 'ERR_JWT_KEY')
    assert(/importJwkSync/.test(error.message), error.message)
    await assert.refuses(() => signSync(claims, importedBefore(privateKey)), 'ERR_JWT_KEY')
    assert.equal(warnings, [])
  })

  /** What looks like a key and cannot be exported. */
  const importedBefore = ({ type, algorithm, usages }) => ({ type, algorithm, usages, extractable: false })

  test('waxseal/node: a generated key serves if it is extractable', async () => {
    const { privateKey, publicKey } = await generateKey('ES256', { extractable: true })
    verifySync(signSync(claims, privateKey), publicKey, { algorithms: ['ES256'] })
    await assert.refuses(async () => signSync(claims, (await generateKey('ES256')).privateKey), 'ERR_JWT_KEY')
  })

  test('waxseal/node: a Promise is no answer', async () => {
    const key = importSecretSync(fixtures.secret, 'HS256')
    const token = signSync(claims, key)
    for (const [code, act] of [
      ['ERR_JWT_REVOKED', () => verifySync(token, key, { algorithms: ['HS256'], isRevoked: async () => false })], ['ERR_JWT_KEY', () => verifySync(token, async () => key, { algorithms: ['HS256'] })],
      ['ERR_JWT_KEY', () => signSync(claims, { algorithm: 'HS256', sign: async () => new Uint8Array(32) })],
    ]) assert((await assert.refuses(act, code)).cause instanceof TypeError, 'no TypeError as cause')
  })

  test('waxseal/node: keys of PEM at start-up, without a wait', () => {
    const { privatePem, publicPem } = keyOf('ES256')
    for (const [name, pem] of Object.entries(privatePem)) {
      const token = signSync(claims, importPemSync(pem, 'ES256'))
      for (const open of Object.values(publicPem)) assert.equal(verifySync(token, importPemSync(open, 'ES256'), { algorithms: ['ES256'] }).payload.sub, claims.sub, name)
    }
  })

  for (const name of ['createVerifier', 'createVerifierSync']) {
    test(`${name}: a cache remembers, freezes, and forgets`, async () => {
      let time = Date.now()
      let isRevoked = false
      const verifier = lib[name](await importSecret(fixtures.secret, 'HS256'), { algorithms: ['HS256'], cache: true, now: () => new Date(time), isRevoked: () => isRevoked })
      const token = signSync({ roles: ['user'] }, fixtures.secret, { algorithm: 'HS256', expiresIn: 60 })
      const first = await verifier(token)
      assert((await verifier(token)).payload === first.payload, 'not remembered')
      assert(Object.isFrozen(first.payload.roles) && Object.isFrozen(first.header), 'not frozen')
      isRevoked = true
      await assert.refuses(() => verifier(token), 'ERR_JWT_REVOKED')
      isRevoked = false
      time += 61_000
      await assert.refuses(() => verifier(token), 'ERR_JWT_EXPIRED')
      await assert.refuses(() => verifier(`${token.slice(0, -8)}AAAAAAAA`), 'ERR_JWT_SIGNATURE')
    })
  }

  test('waxseal/node: a set over the network serves what it holds', async () => {
    const token = signSync(claims, importJwkSync(keyOf('ES256').jwk, 'ES256', { keyId: 'es' }))
    const set = lib.remoteKeySet(`${site}/jwks`)
    await assert.refuses(() => verifySync(token, set, { algorithms: ['ES256'] }), 'ERR_JWKS_FETCH')
    await set.reload()
    assert.equal(verifySync(token, set, { algorithms: ['ES256'] }).payload.sub, claims.sub)
    const other = signSync(claims, importJwkSync(keyOf('ES256').jwk, 'ES256', { keyId: 'other' }))
    await assert.refuses(() => verifySync(other, set, { algorithms: ['ES256'] }), 'ERR_JWT_KEY_NOT_FOUND')
    assert.equal((await verify(token, set, { algorithms: ['ES256'] })).payload.sub, claims.sub)
  })

  test('waxseal/node: bytes that are no JWT', () => {
    const jws = lib.signBytesSync(utf8('x'), fixtures.secret, { algorithm: 'HS256' })
    assert.equal([...lib.verifyBytesSync(jws, fixtures.secret, { algorithms: ['HS256'] }).payload], [120])
    assert.equal(lib.safeVerifyBytesSync(jws, `${fixtures.secret}x`, { algorithms: ['HS256'] }).error.code, 'ERR_JWT_SIGNATURE')
    assert.equal(createVerifierSync(fixtures.secret, { algorithms: ['HS256'] }).safe(jws).error.code, 'ERR_JWT_TYPE')
  })
}
