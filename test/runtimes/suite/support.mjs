// What several parts of the suite need: the fixtures by algorithm, and tokens of any shape.

import fixtures from '../fixtures/fixtures.mjs'

export { fixtures }
export const { keys, claims, tokens } = fixtures

export const utf8 = (text) => new TextEncoder().encode(text)

export const isHmac = (alg) => alg.startsWith('HS')
export const isRsa = (alg) => /^[RP]S/.test(alg)
export const publicKeyAlgorithms = Object.keys(tokens).filter((alg) => !isHmac(alg))

/** The fixed key of a public-key algorithm. */
export function keyOf(alg) {
  const curve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', EdDSA: 'Ed25519' }[alg]
  return keys[isRsa(alg) ? 'RSA' : curve ?? alg]
}

/** Keys for signing and for verifying, of fixed material. */
export async function pairOf({ importJwk, importSecret, base64url }, alg) {
  if (isHmac(alg)) {
    const key = await importSecret(base64url.decode(fixtures.secret), alg)
    return { signing: key, verifying: key }
  }
  const { jwk, publicJwk } = keyOf(alg)
  return { signing: await importJwk(jwk, alg), verifying: await importJwk(publicJwk, alg) }
}

const answers = new Map()

/** What this runtime says itself of the algorithms that not every runtime has; the others every one must have. A door that is not on WebCrypto answers for itself. */
export async function isNative(alg, { isNative: answer } = {}) {
  if (!alg.startsWith('ML-DSA')) return true
  if (answer) return answer(alg)
  if (!answers.has(alg)) answers.set(alg, crypto.subtle.generateKey({ name: alg }, false, ['sign', 'verify']).then(() => true, () => false))
  return answers.get(alg)
}

/** Signs a payload of any bytes or text under any claims of type: what an issuer with the key can send. */
export function tokenOf({ signBytes }, payload, key, options) {
  return signBytes(typeof payload === 'string' ? utf8(payload) : payload, key, { type: 'JWT', ...options })
}

/** Changes one segment of a token. */
export function change(token, index, act) {
  const segments = token.split('.')
  segments[index] = act(segments[index])
  return segments.join('.')
}
