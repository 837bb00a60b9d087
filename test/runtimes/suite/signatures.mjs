// Signatures that some runtime judges otherwise than the others: here all say the same.

import { fixtures } from './support.mjs'

export default async ({ decode, importJwk, safeVerify, verify }, { test, assert }) => {
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
