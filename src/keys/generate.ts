// New keys, and the question whether this runtime has an algorithm at all.

import { isJwtError, misuse } from '../errors'
import { flag, readOptions, text, whole } from '../options'
import { wait } from '../recipe'
import { readAlgorithm, type Algorithm, type HmacAlgorithm, type PublicKeyAlgorithm, type Row } from './algorithms'
import { exportMaterial, thumbprintOf } from './export'
import { modulusOf, type CryptoKey } from './key'
import { remember, type CryptoKeyLike } from './memory'
import { generateKey as generate, verifies, webCrypto } from './subtle'

/** What `generateKey` gives for a public-key algorithm. */
export interface KeyPair<A extends Algorithm = PublicKeyAlgorithm> {
  readonly privateKey: CryptoKey<A, 'private'>
  readonly publicKey: CryptoKey<A, 'public'>
}

type RsaAlgorithm = Extract<Algorithm, `RS${string}` | `PS${string}`>
export type GenerateOptions<A> = { keyId?: string, extractable?: boolean } & (A extends RsaAlgorithm ? { modulusLength?: number } : { modulusLength?: never })

const generateOptions = {
  keyId: text,
  extractable: flag,
  modulusLength: /* @__PURE__ */ whole(2048, 16384),
}

/**
 * Makes a new key: a secret for HS*, a pair for the others.
 *
 * @param options - `keyId`: default the thumbprint for a pair, none for a secret; `extractable`: of the private or secret
 * key, default false; `modulusLength`: RSA only, bits, default 2048, at most 16384
 * @throws JwtError `ERR_JWT_UNSUPPORTED` if the runtime lacks the algorithm
 * @throws TypeError for an unknown algorithm, an unknown or wrong option
 */
export async function generateKey<A extends Algorithm>(algorithm: A, options?: GenerateOptions<A>): Promise<
  [A] extends [PublicKeyAlgorithm] ? KeyPair<A> : A extends HmacAlgorithm ? CryptoKey<A, 'secret'> : KeyPair<A>
> {
  const row = readAlgorithm(algorithm, 'generateKey algorithm')
  const { keyId, extractable = false, modulusLength } = readOptions<{ keyId?: string, extractable?: boolean, modulusLength?: number }>('generateKey', options, generateOptions)
  if (modulusLength && row.kty !== 'RSA') misuse('generateKey modulusLength', `RSA, not ${row.name}`)
  const made = await generate(row, extractable, modulusLength ?? 2048)
  if ('type' in made) return remember(made, { algorithm: row.name, keyId }) as never
  const { publicKey, privateKey } = made
  const material = await exportMaterial(publicKey, true)
  const memory = { algorithm: row.name, keyId: keyId ?? await thumbprintOf(material), modulus: modulusOf(material.jwk) }
  remember(privateKey, { ...memory, publicKey: remember(publicKey, memory) })
  return { privateKey, publicKey } as never
}

const probes = /* @__PURE__ */ new Map<string, Promise<boolean>>()

/**
 * Tells whether this runtime has an algorithm: it makes a key and uses it, once, and remembers the answer.
 *
 * @throws TypeError for a name that is not in `algorithms`
 */
export async function isSupported(algorithm: Algorithm): Promise<boolean> {
  const row = readAlgorithm(algorithm, 'isSupported algorithm')
  const known = probes.get(row.name) ?? probe(row)
  probes.set(row.name, known)
  known.catch(() => probes.delete(row.name)) // a failure is no answer: ask again
  return known
}

async function probe(row: Row): Promise<boolean> {
  try {
    await (row.kty === 'RSA' ? tryModulus(row) : trySignature(row))
    return true
  } catch (error) {
    if (isJwtError(error) && error.code === 'ERR_JWT_UNSUPPORTED') return false
    throw error
  }
}

async function trySignature(row: Row): Promise<void> {
  const made = await generate(row, false, 0)
  await webCrypto.sign(row, 'type' in made ? made : made.privateKey, '')
}

/** Making an RSA key takes too long for a probe; any odd number of 2048 bits can be imported. */
async function tryModulus(row: Row): Promise<void> {
  const key: CryptoKeyLike = await webCrypto.importKey(row, 'jwk', { kty: 'RSA', n: '_'.repeat(341) + 'w', e: 'AQAB' }, true, ['verify'])
  await wait(() => verifies(row, key, 'A'.repeat(342), '', webCrypto))
}

