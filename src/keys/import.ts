// Material becomes a key here, once, at start-up: parsed, validated and bound to exactly one algorithm
// (RFC 8725 3.1, 3.4). Each importer takes one kind of material; none guesses what a string is.

import type { Bytes } from '../encoding/bytes'
import { misuse } from '../errors'
import { flag, readOptions, text } from '../options'
import { isSymmetric, readAlgorithm, type Algorithm, type HmacAlgorithm, type PublicKeyAlgorithm } from './algorithms'
import { bind, importMaterial, isJwkLike, readJwk, rowOfJwk, type JwkInput } from './jwk'
import { remember, type CryptoKey } from './key'
import { readPem } from './pem'
import { isSecret, secretBytes } from './secret'
import { importKey } from './subtle'

export interface ImportOptions {
  /** The kid: `sign` writes it, a key set finds by it. Default: the JWK's own; none for a secret or PEM. */
  keyId?: string
  /** Whether a private or secret key can be exported again; default false. Public keys always can. */
  extractable?: boolean
  /** Takes a secret shorter than the hash or an RSA key under 2048 bits; default false. */
  allowWeakKeys?: boolean
}

const importOptions = { keyId: text, extractable: flag, allowWeakKeys: flag }

/**
 * Makes a key of an HMAC secret.
 *
 * @param secret - text (its UTF-8 bytes count) or bytes: at least 32, 48 or 64 octets for HS256, HS384, HS512
 * @param algorithm - HS256, HS384 or HS512
 * @throws JwtError `ERR_JWT_KEY` if the secret is empty, too short (RFC 7518 3.2) or key material of another kind
 * @throws TypeError for an argument or option of the wrong kind
 */
export async function importSecret<A extends HmacAlgorithm>(secret: string | Bytes, algorithm: A, options?: ImportOptions): Promise<CryptoKey<A, 'secret'>> {
  const row = readAlgorithm(algorithm, 'importSecret algorithm')
  if (!isSymmetric(row)) misuse('importSecret algorithm', 'HS256, HS384 or HS512')
  if (!isSecret(secret)) misuse('importSecret secret', 'a string or bytes', secret)
  const { keyId, extractable = false, allowWeakKeys } = readOptions<ImportOptions>('importSecret', options, importOptions)
  const key = await importKey(row, 'raw', secretBytes(secret, row, allowWeakKeys), extractable, ['sign', 'verify'])
  return remember(key, { algorithm: row.name, keyId }) as CryptoKey<A, 'secret'>
}

type JwkAlgorithm<J> = J extends { readonly alg: infer A extends Algorithm } ? A : Algorithm

/**
 * Makes a key of a JWK (RFC 7517): public, private or `oct`.
 *
 * @param jwk - the object; only its own members count, unknown ones are ignored
 * @param algorithm - needed if the JWK has no `alg`; if it has one, they must agree
 * @throws JwtError `ERR_JWT_KEY` if any check of the key fails, `ERR_JWT_UNSUPPORTED` if the runtime lacks the algorithm
 * @throws TypeError for an argument or option of the wrong kind, and when nothing names an algorithm
 */
export async function importJwk<const J extends JwkInput, A extends JwkAlgorithm<J> = JwkAlgorithm<J>>(jwk: J, algorithm?: A, options?: ImportOptions): Promise<CryptoKey<A>> {
  if (!isJwkLike(jwk)) misuse('importJwk jwk', 'an object (PEM goes through importPem)', jwk)
  const named = algorithm === undefined ? undefined : readAlgorithm(algorithm, 'importJwk algorithm')
  const { keyId, extractable = false, allowWeakKeys } = readOptions<ImportOptions>('importJwk', options, importOptions)
  const material = readJwk(jwk)
  const row = rowOfJwk(material, named)
  return await importMaterial(material, row, bind(material, row, allowWeakKeys), extractable, keyId ?? material.kid) as CryptoKey<A>
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
export async function importPem<A extends PublicKeyAlgorithm>(text: string, algorithm: A, options?: ImportOptions): Promise<CryptoKey<A, 'private' | 'public'>> {
  if (typeof text !== 'string') misuse('importPem text', 'a string', text)
  const row = readAlgorithm(algorithm, 'importPem algorithm')
  if (isSymmetric(row)) misuse('importPem algorithm', 'a public-key algorithm (secrets go through importSecret)')
  const { keyId, extractable = false, allowWeakKeys } = readOptions<ImportOptions>('importPem', options, importOptions)
  const material = readJwk(await readPem(text, row))
  return await importMaterial(material, row, bind(material, row, allowWeakKeys), extractable, keyId) as CryptoKey<A, 'private' | 'public'>
}

