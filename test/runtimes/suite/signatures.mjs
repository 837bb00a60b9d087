// Signatures that some runtime judges otherwise than the others: here all say the same.

import { fixtures } from './support.mjs'

const toNumber = (bytes) => BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)

/** The token with the modulus added to its signature; undefined if the sum is a byte longer. */
function plusModulus({ base64url, decode }, token, { n }) {
  const { signature, signingInput } = decode(token)
  const hex = (toNumber(signature) + toNumber(base64url.decode(n))).toString(16).padStart(signature.length * 2, '0')
  return hex.length > signature.length * 2 ? undefined : `${signingInput}.${base64url.encode(Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16)))}`
}

export default async (lib, { test, assert }) => {
  const { decode, exportJwk, generateKey, importJwk, safeVerify, sign, verify } = lib
  for (const alg of ['RS256', 'PS256']) {
    test(`${alg} plus the modulus is ERR_JWT_SIGNATURE for a key that was generated here`, async () => {
      let forged
      let token
      let pair
      for (let round = 0; !forged && round < 500; round++) {
        if (round % 100 === 0) pair = await generateKey(alg, { extractable: true })
        token = await sign({ round }, pair.privateKey, { expiresIn: 60 })
        forged = plusModulus(lib, token, await exportJwk(pair.publicKey))
      }
      assert.equal((await safeVerify(token, pair.publicKey, { algorithms: [alg] })).ok, true)
      assert.equal((await safeVerify(forged, pair.publicKey, { algorithms: [alg] })).error?.code, 'ERR_JWT_SIGNATURE')
    })
  }

  for (const { title, alg, isGood, token, jwk } of fixtures.signatures) {
    test(`${title} is ${isGood ? 'accepted' : 'ERR_JWT_SIGNATURE'}`, async () => {
      const result = await safeVerify(token, await importJwk(jwk, alg), { algorithms: [alg] })
      assert.equal(result.error?.code, isGood ? undefined : 'ERR_JWT_SIGNATURE')
    })
  }

  for (const { title, alg, token, jwk } of fixtures.limits) {
    test(`${title} is accepted, or refused if this runtime has no such keys`, async () => {
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      const { signingInput, signature } = decode(token)
      const isNative = await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify'])
        .then((key) => crypto.subtle.verify(algorithm, key, signature, new TextEncoder().encode(signingInput))).catch(() => false)
      const act = async () => verify(token, await importJwk(jwk, alg), { algorithms: [alg] })
      if (isNative) await act()
      else assert(await act().catch(({ code }) => ['ERR_JWT_KEY', 'ERR_JWT_SIGNATURE', 'ERR_JWT_UNSUPPORTED'].includes(code)) === true)
    })
  }
}
