// THE TABLE: an algorithm is a row, and nothing else in the code names one.
// RFC 7518 3.2-3.5 (HS, RS, ES, PS), RFC 8037 3.1 (EdDSA), RFC 9864 2.2 (Ed25519), RFC 9964 (ML-DSA).

import { misuse } from '../errors'

/**
 * The columns: name · kty (RFC 7517 4.1) · WebCrypto's name and hash · octets of a signature (0: of the RSA modulus) ·
 * octets of the shortest secret (oct, RFC 7518 3.2), of the hash and the PSS salt (RSA, RFC 7518 3.5), of a coordinate
 * (EC) or of the public key (OKP, AKP) · crv (RFC 7518 6.2.1.1).
 */
const table = [
  ['HS256', 'oct', 'HMAC', 'SHA-256', 32, 32],
  ['HS384', 'oct', 'HMAC', 'SHA-384', 48, 48],
  ['HS512', 'oct', 'HMAC', 'SHA-512', 64, 64],
  ['RS256', 'RSA', 'RSASSA-PKCS1-v1_5', 'SHA-256', 0, 32],
  ['RS384', 'RSA', 'RSASSA-PKCS1-v1_5', 'SHA-384', 0, 48],
  ['RS512', 'RSA', 'RSASSA-PKCS1-v1_5', 'SHA-512', 0, 64],
  ['PS256', 'RSA', 'RSA-PSS', 'SHA-256', 0, 32],
  ['PS384', 'RSA', 'RSA-PSS', 'SHA-384', 0, 48],
  ['PS512', 'RSA', 'RSA-PSS', 'SHA-512', 0, 64],
  ['ES256', 'EC', 'ECDSA', 'SHA-256', 64, 32, 'P-256'],
  ['ES384', 'EC', 'ECDSA', 'SHA-384', 96, 48, 'P-384'],
  ['ES512', 'EC', 'ECDSA', 'SHA-512', 132, 66, 'P-521'],
  ['Ed25519', 'OKP', 'Ed25519', undefined, 64, 32, 'Ed25519'],
  ['EdDSA', 'OKP', 'Ed25519', undefined, 64, 32, 'Ed25519'],
  ['ML-DSA-44', 'AKP', 'ML-DSA-44', undefined, 2420, 1312],
  ['ML-DSA-65', 'AKP', 'ML-DSA-65', undefined, 3309, 1952],
  ['ML-DSA-87', 'AKP', 'ML-DSA-87', undefined, 4627, 2592],
] as const

type Table = typeof table

/** An algorithm's name as a header and a JWK have it. */
export type Algorithm = Table[number][0]
/** HS256, HS384, HS512: one secret signs and verifies. */
export type HmacAlgorithm = Extract<Table[number], readonly [string, 'oct', ...unknown[]]>[0]
/** All others: a private key signs, its public key verifies. */
export type PublicKeyAlgorithm = Exclude<Algorithm, HmacAlgorithm>

export interface Row {
  readonly name: Algorithm
  readonly kty: string
  readonly crv: string | undefined
  /** What WebCrypto wants to import, generate, sign and verify: one object for all four. */
  readonly params: { readonly name: string, readonly hash: string | undefined }
  /** RFC 7518 3.5 rather than 3.3. */
  readonly isPss: boolean
  readonly signatureBytes: number
  readonly keyBytes: number
}

/** What a caller says about keys in general. */
export interface KeyPolicy {
  readonly algorithms: readonly Row[]
  readonly allowWeakKeys?: boolean
}

export const rows: readonly Row[] = /* @__PURE__ */ table.map(([name, kty, scheme, hash, signatureBytes, keyBytes, crv]) => ({
  name, kty, crv, signatureBytes, keyBytes, isPss: scheme === 'RSA-PSS',
  // A null prototype: a polluted Object.prototype must not add a parameter. One that the scheme does not know means nothing.
  params: { __proto__: null, name: scheme, hash, namedCurve: crv, saltLength: keyBytes } as Row['params'],
}))

/**
 * The names of all algorithms, in the table's order. A list to look at or loop over, not an allowlist:
 * `verify` refuses one that holds them all.
 */
export const algorithms = /* @__PURE__ */ Object.freeze(/* @__PURE__ */ rows.map(({ name }) => name)) as unknown as Names<Table>

type Names<T extends readonly (readonly [string, ...unknown[]])[]> = { readonly [I in keyof T]: T[I][0] }

/** The row of a name; a scan of the table, so that a header's `alg: "constructor"` finds nothing. */
export function rowOf(name: unknown): Row | undefined {
  return rows.find((row) => row.name === name)
}

/** The row that a caller named. */
export function readAlgorithm(name: unknown, what: string): Row {
  return rowOf(name) ?? misuse(what, `one of ${algorithms}`, name)
}

/** `EdDSA` and `Ed25519` are one algorithm with two names; every other row is like itself alone. */
export function alike(a: Row, b: Row): boolean {
  return a.params.name === b.params.name && a.params.hash === b.params.hash
}

export function isSymmetric({ kty }: Row): boolean {
  return kty === 'oct'
}
