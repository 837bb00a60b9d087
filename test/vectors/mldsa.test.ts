// RFC 9964: ML-DSA. The examples are long and read from the folder of vectors, as those of Wycheproof are. A runtime
// without ML-DSA must refuse them by name, which is asserted in their place.

import { describe, expect, test } from 'vitest'
import { createVerifier, isSupported } from 'waxseal'
import { b64u, fromB64u, load, publicOf, readVectors, refused, untyped, type Jwk } from '../support/keys'

const { exportJwk, keySet, signBytes, thumbprint, verifyBytes } = untyped
const sizes = [['ML-DSA-44', 1312, 2420], ['ML-DSA-65', 1952, 3309], ['ML-DSA-87', 2592, 4627]] as const

describe.for(sizes)('%s', async ([name, publicSize, signatureSize]) => {
  const vector = readVectors<{ jwk: Jwk & { kid: string, pub: string, priv: string }, jws: string }>(`rfc9964-mldsa/${name.replace(/-/g, '_')}.jose.json`)
  const isHere = await isSupported(name)

  test('the sizes of a key are checked before any runtime is asked, so that faults are the same everywhere', async () => {
    for (const pub of [b64u(new Uint8Array(publicSize - 1)), b64u(new Uint8Array(publicSize + 1)), '', `${b64u(new Uint8Array(publicSize))}=`, 1, undefined]) await refused(load({ kty: 'AKP', alg: name, pub }), 'ERR_JWT_KEY')
    for (const priv of [b64u(new Uint8Array(31)), b64u(new Uint8Array(33)), '', 1]) await refused(load({ kty: 'AKP', alg: name, pub: b64u(new Uint8Array(publicSize)), priv }), 'ERR_JWT_KEY')
    await refused(load({ kty: 'AKP', pub: b64u(new Uint8Array(publicSize)) }, name), 'ERR_JWT_KEY')
    await refused(load({ kty: 'AKP', alg: name, pub: b64u(new Uint8Array(publicSize)) }, name === 'ML-DSA-44' ? 'ML-DSA-65' : 'ML-DSA-44'), 'ERR_JWT_KEY')
  })

  if (!isHere) test('a runtime without it: importJwk is ERR_JWT_UNSUPPORTED and names it', async () => {
    for (const jwk of [{ kty: 'AKP', alg: name, pub: b64u(new Uint8Array(publicSize).fill(1)) }, ...(vector ? [vector.jwk, publicOf(vector.jwk)] : [])]) {
      expect((await refused(load(jwk), 'ERR_JWT_UNSUPPORTED', new RegExp(name))).fault).toBe('server')
    }
  })

  if (vector) test('the thumbprint is the kid of the example, with the algorithm or without it', async () => {
    expect(await thumbprint(vector.jwk)).toBe(vector.jwk.kid)
    expect(await thumbprint(publicOf(vector.jwk))).toBe(vector.jwk.kid)
  })

  if (vector && isHere) test('the example verifies, and with one bit changed it does not', async () => {
    const { jwk, jws } = vector
    const options = { algorithms: [name] }
    const key = await load(publicOf(jwk))
    const [header, payload, signature] = jws.split('.') as [string, string, string]
    expect(fromB64u(signature)).toHaveLength(signatureSize)
    for (const one of [key, keySet({ keys: [publicOf(jwk)] })]) expect((await verifyBytes(jws, one, options)).payload).toEqual(fromB64u(payload))
    const changed = fromB64u(signature)
    changed[100]! ^= 1
    await refused(verifyBytes(`${header}.${payload}.${b64u(changed)}`, key, options), 'ERR_JWT_SIGNATURE')
    expect(createVerifier(key, options as never)).toBeInstanceOf(Function)
  })

  if (vector && isHere) test('the private key of the example signs, and its two parts must match', async () => {
    const { jwk } = vector
    const key = await load(jwk, name, { extractable: true })
    expect((await verifyBytes(await signBytes(fromB64u('AAEC'), key), await load(publicOf(jwk)), { algorithms: [name] })).payload).toEqual(fromB64u('AAEC'))
    expect(await exportJwk(key)).toEqual(jwk)
    await refused(load({ ...jwk, priv: b64u(new Uint8Array(32).fill(1)) }), 'ERR_JWT_KEY')
  })

  if (!vector) test('RFC 9964 vectors: folder not found, not run', () => {
    console.warn(`RFC 9964 vectors for ${name}: folder not found, not run. Name it in WAXSEAL_VECTORS.`)
    expect(vector).toBeUndefined()
  })
})

declare const console: { warn(text: string): void }
