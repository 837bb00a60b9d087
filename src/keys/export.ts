// Keys back to material: JWK (RFC 7517) and thumbprint (RFC 7638).

import { encode } from '../encoding/base64url'
import { utf8 } from '../encoding/bytes'
import { misuse, refuse } from '../errors'
import { flag, readOptions, text } from '../options'
import { isJwkLike, publicPart, readJwk, type Jwk, type JwkInput, type Material, type PublicJwk } from './jwk'
import { isCryptoKey, ownRow } from './key'
import { memoryOf, type CryptoKeyLike } from './memory'
import { digest, webCrypto } from './subtle'

type ExportOptions = { keyId?: string, public?: boolean }

const exportOptions = { keyId: text, public: flag }

/** The material of a key, or of its public half; read as strictly as any other JWK. */
export async function exportMaterial(key: CryptoKeyLike, wantsPublic: boolean | undefined): Promise<Material> {
  const row = ownRow(key)
  if (wantsPublic && key.type === 'secret') noPublicHalf()
  const source = wantsPublic ? memoryOf(key)?.publicKey ?? key : key
  checkExtractable(source)
  const material = readJwk({ ...await webCrypto.exportKey('jwk', source) as JwkInput, alg: row.name })
  return wantsPublic ? { ...material, jwk: publicPart(material.jwk), type: 'public' } : material
}

function noPublicHalf(): never {
  return refuse('ERR_JWT_KEY', 'key', 'one with a public half, not a secret')
}

export function checkExtractable(key: CryptoKeyLike): void {
  if (!key.extractable) refuse('ERR_JWT_KEY', 'key', 'one that was imported or generated with extractable: true')
}

/** Writes the public half of a key as a JWK; otherwise as without `public`. */
export function exportJwk(key: CryptoKeyLike, options: ExportOptions & { public: true }): Promise<PublicJwk & Jwk>
/**
 * Writes a key as a JWK with `alg` and, except for a secret, `kid`.
 *
 * @param options - `keyId`: the kid, default the key's, else the RFC 7638 thumbprint; `public`: the public half of a
 * private key, which needs no extractable key if it was imported or generated here
 * @throws JwtError `ERR_JWT_KEY` if the key is not extractable, or a secret whose public half is asked for
 * @throws TypeError if it is no CryptoKey, or for an unknown or wrong option
 */
export function exportJwk<K extends CryptoKeyLike>(key: K, options?: ExportOptions): Promise<
  K extends { readonly type: 'public' } ? PublicJwk & Jwk : K extends { readonly type: 'secret' } ? Jwk : Jwk & { kid: string }
>
export async function exportJwk(key: CryptoKeyLike, options?: ExportOptions): Promise<Jwk> {
  if (!isCryptoKey(key)) misuse('exportJwk key', 'a CryptoKey', key)
  const given = readOptions<ExportOptions>('exportJwk', options, exportOptions)
  const material = await exportMaterial(key, given.public)
  const kid = given.keyId ?? memoryOf(key)?.keyId ?? (material.type === 'secret' ? undefined : await thumbprintOf(material))
  return { ...material.jwk, alg: ownRow(key).name, ...(kid !== undefined && { kid }) } as never
}

/**
 * The thumbprint of a key (RFC 7638 3): the hash of its required public members, base64url. A private key has that of
 * its public half.
 *
 * @param key - a CryptoKey or a JWK
 * @param hash - `'SHA-256'` (default), `'SHA-384'` or `'SHA-512'`
 * @throws JwtError `ERR_JWT_KEY` for a secret, whose thumbprint would help to guess it (RFC 7638 7), or a faulty JWK
 * @throws TypeError for anything else
 */
export async function thumbprint(key: CryptoKeyLike | JwkInput, hash: 'SHA-256' | 'SHA-384' | 'SHA-512' = 'SHA-256'): Promise<string> {
  if (!['SHA-256', 'SHA-384', 'SHA-512'].includes(hash)) misuse('thumbprint hash', 'SHA-256, SHA-384 or SHA-512', hash)
  if (isCryptoKey(key)) return thumbprintOf(await exportMaterial(key, true), hash)
  if (!isJwkLike(key)) misuse('thumbprint key', 'a CryptoKey or a JWK', key)
  const material = readJwk(key)
  return material.type === 'secret' ? noPublicHalf() : thumbprintOf(material, hash)
}

/** RFC 7638 3: the required members in the order of their names, without white space. */
export async function thumbprintOf(material: Material, hash = 'SHA-256'): Promise<string> {
  const members = publicPart(material.jwk)
  return encode(await digest(hash, utf8(JSON.stringify(members, Object.keys(members).sort()))))
}
