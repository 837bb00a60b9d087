// Material becomes a key here, once, at start-up: parsed, validated and bound to exactly one algorithm
// (RFC 8725 3.1, 3.4). Each importer takes one kind of material; none guesses what a string is.

import type { Bytes } from '../encoding/bytes'
import { misuse } from '../errors'
import { flag, readOptions, text } from '../options'
import { wait, type Recipe } from '../recipe'
import { isSymmetric, readAlgorithm, type Algorithm, type HmacAlgorithm, type PublicKeyAlgorithm } from './algorithms'
import { bind, importMaterial, isJwkLike, readJwk, rowOfJwk, type JwkInput } from './jwk'
import type { CryptoKey } from './key'
import { remember, type CryptoKeyLike } from './memory'
import { readPem } from './pem'
import { isSecret, secretBytes } from './secret'
import { webCrypto, type Engine } from './subtle'

export interface ImportOptions {
  /** The kid: `sign` writes it, a key set finds by it. Default: the JWK's own; none for a secret or PEM. */
  keyId?: string
  /** Whether a private or secret key can be exported again; default false. Public keys always can. */
  extractable?: boolean
  /** Takes a secret shorter than the hash or an RSA key under 2048 bits; default false. */
  allowWeakKeys?: boolean
}

const importOptions = { keyId: text, extractable: flag, allowWeakKeys: flag }

export function* secretRecipe(where: string, secret: unknown, algorithm: unknown, options: unknown, engine: Engine): Recipe<CryptoKeyLike> {
  const row = readAlgorithm(algorithm, `${where} algorithm`)
  if (!isSymmetric(row)) misuse(`${where} algorithm`, 'HS256, HS384 or HS512')
  if (!isSecret(secret)) misuse(`${where} secret`, 'a string or bytes', secret)
  const { keyId, extractable = false, allowWeakKeys } = readOptions<ImportOptions>(where, options, importOptions)
  const bytes = secretBytes(secret as string, row, allowWeakKeys)
  return remember(yield engine.importKey(row, 'raw', bytes, extractable, ['sign', 'verify']), { algorithm: row.name, keyId })
}

export function* jwkRecipe(where: string, jwk: unknown, algorithm: unknown, options: unknown, engine: Engine): Recipe<CryptoKeyLike> {
  if (!isJwkLike(jwk)) return misuse(`${where} jwk`, 'an object (PEM goes through importPem)', jwk)
  const named = algorithm === undefined ? undefined : readAlgorithm(algorithm, `${where} algorithm`)
  const { keyId, extractable = false, allowWeakKeys } = readOptions<ImportOptions>(where, options, importOptions)
  const material = readJwk(jwk)
  const row = rowOfJwk(material, named)
  return yield* importMaterial(material, row, bind(material, row, allowWeakKeys), extractable, keyId ?? material.kid, engine)
}

export function* pemRecipe(where: string, text: unknown, algorithm: unknown, options: unknown, engine: Engine): Recipe<CryptoKeyLike> {
  if (typeof text !== 'string') return misuse(`${where} text`, 'a string', text)
  const row = readAlgorithm(algorithm, `${where} algorithm`)
  if (isSymmetric(row)) misuse(`${where} algorithm`, 'a public-key algorithm (secrets go through importSecret)')
  const { keyId, extractable = false, allowWeakKeys } = readOptions<ImportOptions>(where, options, importOptions)
  const material = readJwk(yield* readPem(text, row, engine))
  return yield* importMaterial(material, row, bind(material, row, allowWeakKeys), extractable, keyId, engine)
}

/**
 * Makes a key of an HMAC secret.
 *
 * @param secret - text (its UTF-8 bytes count) or bytes: at least 32, 48 or 64 octets for HS256, HS384, HS512
 * @param algorithm - HS256, HS384 or HS512
 * @throws JwtError `ERR_JWT_KEY` if the secret is empty, too short (RFC 7518 3.2) or key material of another kind
 * @throws TypeError for an argument or option of the wrong kind
 */
export function importSecret<A extends HmacAlgorithm>(secret: string | Bytes, algorithm: A, options?: ImportOptions): Promise<CryptoKey<A, 'secret'>> {
  return wait(() => secretRecipe('importSecret', secret, algorithm, options, webCrypto)) as never
}

export type JwkAlgorithm<J> = J extends { readonly alg: infer A extends Algorithm } ? A : Algorithm

/**
 * Makes a key of a JWK (RFC 7517): public, private or `oct`.
 *
 * @param jwk - the object; only its own members count, unknown ones are ignored
 * @param algorithm - needed if the JWK has no `alg`; if it has one, they must agree
 * @throws JwtError `ERR_JWT_KEY` if any check of the key fails, `ERR_JWT_UNSUPPORTED` if the runtime lacks the algorithm
 * @throws TypeError for an argument or option of the wrong kind, and when nothing names an algorithm
 */
export function importJwk<const J extends JwkInput, A extends JwkAlgorithm<J> = JwkAlgorithm<J>>(jwk: J, algorithm?: A, options?: ImportOptions): Promise<CryptoKey<A>> {
  return wait(() => jwkRecipe('importJwk', jwk, algorithm, options, webCrypto)) as never
}

/**
 * Makes a key of PEM text: PKCS#8, SPKI, PKCS#1, SEC1, or the public key of an X.509 certificate (RFC 7468).
 * Of several certificates the first one counts. NO path, date or name of a certificate is validated.
 *
 * @param text - the armoured text; `\n` as two characters, CRLF, space around and text before the armour do not matter
 * @param algorithm - what the key is for; nothing in PEM says it
 * @throws JwtError `ERR_JWT_KEY` for encrypted PEM, two keys, a key of another type, and any failed check
 * @throws TypeError for an argument or option of the wrong kind
 */
export function importPem<A extends PublicKeyAlgorithm>(text: string, algorithm: A, options?: ImportOptions): Promise<CryptoKey<A, 'private' | 'public'>> {
  return wait(() => pemRecipe('importPem', text, algorithm, options, webCrypto)) as never
}
