// A key as sign and verify take it, and what they hold against it on every use: that it is of the token's algorithm,
// of the right role and strong enough (RFC 7518 3.2, 3.3, RFC 8725 3.1). Material becomes a key in import.ts.

import { decode, decodeOnDesk } from '../encoding/base64url'
import { holds, refuse } from '../errors'
import type { Recipe } from '../recipe'
import { alike, isSymmetric, rowOf, rows, type Algorithm, type Row } from './algorithms'
import { isOnCurve, isStrongEd25519, toInteger } from './curves'
import { memoryOf, remember, type CryptoKeyLike } from './memory'
import type { Engine, Usage } from './subtle'

declare const bound: unique symbol

/** The algorithm that a key carries in its type alone. */
export interface Binding<A> { readonly [bound]?: A }

/** What the importers give: fits every runtime's own CryptoKey type. */
export interface CryptoKey<
  A extends Algorithm = Algorithm,
  T extends 'secret' | 'private' | 'public' = 'secret' | 'private' | 'public',
> extends CryptoKeyLike, Binding<A> {
  readonly type: T
  readonly usages: ('encrypt' | 'decrypt' | 'sign' | 'verify' | 'deriveKey' | 'deriveBits' | 'wrapKey' | 'unwrapKey')[]
}

/** What a CryptoKey's `algorithm` may hold (WebCrypto 18.4, 23.3, 24.7, 29.7). */
interface KeyAlgorithm {
  readonly name?: unknown
  readonly hash?: { readonly name?: unknown }
  readonly namedCurve?: unknown
  readonly length?: number
  readonly modulusLength?: number
  readonly publicExponent?: Uint8Array
}

export function isCryptoKey(value: unknown): value is CryptoKeyLike {
  const key = value as CryptoKeyLike
  return holds(() => typeof key.type === 'string' && typeof key.algorithm.name === 'string' && Array.isArray(key.usages))
}

/** Whether the key is of the row's algorithm, hash and curve: by what the key says now, not what it said before. */
export function fits(key: CryptoKeyLike, { kty, params, crv }: Row): boolean {
  const { name, hash, namedCurve } = key.algorithm as KeyAlgorithm
  return name === params.name && (kty === 'EC' ? namedCurve === crv : hash?.name === params.hash)
}

/** The key's own row: the one it was imported for, while it still fits; of a key made elsewhere the first that fits. */
export function ownRow(key: CryptoKeyLike): Row {
  const bound = memoryOf(key)?.algorithm
  return rows.find((row) => fits(key, row) && (bound ?? row.name) === row.name) ?? refuse('ERR_JWT_KEY', 'CryptoKey', 'one that signs JWTs')
}

/**
 * Checks what can be seen of a key without a wait, on every use: older Nodes let a caller change it.
 * @throws JwtError `ERR_JWT_ALGORITHM` if it is of another algorithm, `ERR_JWT_KEY` if it cannot or must not be used
 */
export function checkKey(key: CryptoKeyLike, row: Row, usage: Usage, allowWeakKeys?: boolean): void {
  const bound = memoryOf(key)?.algorithm
  if (!fits(key, row) || bound && bound !== row.name && !alike(rowOf(bound)!, row)) refuse('ERR_JWT_ALGORITHM', 'alg', `the key's, ${bound ?? ownRow(key).name}`, row.name)
  const role = isSymmetric(row) ? 'secret' : usage === 'sign' ? 'private' : 'public'
  if (key.type !== role || !key.usages.includes(usage)) refuse('ERR_JWT_KEY', 'key', `a ${role} one to ${usage}`, `${key.type} to ${key.usages}`)
  const { length, modulusLength, publicExponent } = key.algorithm as KeyAlgorithm
  if (row.kty === 'RSA') checkSize(row, modulusLength!, allowWeakKeys, publicExponent)
  else if (isSymmetric(row)) checkSize(row, length!, allowWeakKeys)
}

/**
 * RFC 7518 3.2, 3.3, 3.5: a secret as long as the hash, an RSA modulus of 2048 bits. Even where weak keys are allowed no
 * secret is empty and no modulus too short for the hash, which two runtimes die of. RSA also has a largest size, and an
 * exponent: e = 1 makes any text its own signature.
 */
export function checkSize({ name, kty, keyBytes, isPss }: Row, bits: number, allowWeakKeys: boolean | undefined, exponent: Iterable<number> = []): void {
  const isRsa = kty === 'RSA'
  const least = isRsa ? allowWeakKeys ? isPss ? keyBytes * 16 + 16 : keyBytes * 8 + 240 : 2048 : allowWeakKeys ? 8 : keyBytes * 8
  let e = 0
  for (const byte of exponent) e = e * 256 + byte
  if (!(bits >= least && (!isRsa || bits <= 16384 && e % 2 && e > 2 && e < 2 ** 32))) {
    refuse('ERR_JWT_KEY', `${name} key`, `at least ${least} bits${isRsa ? ', at most 16384, an odd exponent from 3 to 2^32' : ''}`, isRsa ? `${bits} bits, e = ${e}` : bits)
  }
}

/** Whether what a key says of itself is frozen: nobody can change it any more. */
export function isFixed(key: unknown): boolean {
  return isCryptoKey(key) && [key, key.usages, key.algorithm, ...Object.values(key.algorithm)].every(Object.isFrozen)
}

/** Looks, once, at the material of a public key made elsewhere. What cannot be exported cannot be checked. */
export function* checkForeign(key: CryptoKeyLike, row: Row, engine: Engine): Recipe<void> {
  const { kty, crv, keyBytes } = row
  if (!fits(key, row) || key.type !== 'public' || !key.extractable) return
  let modulus
  if (kty === 'RSA') modulus = modulusOf((yield engine.exportKey('jwk', key)) as { n: string })
  if (crv) {
    const bytes = new Uint8Array((yield engine.exportKey('raw', key)) as ArrayBuffer)
    checkPoint(crv, bytes.slice(-2 * keyBytes, -keyBytes), bytes.slice(-keyBytes))
  }
  remember(key, { modulus })
}

/** Of a big-endian number without leading zeros. */
export function bitLength(bytes: Uint8Array): number {
  return bytes.length * 8 - Math.clz32(bytes[0]!) + 24
}

/** n of an RSA key; undefined for every other. */
export function modulusOf({ n }: { readonly n?: string }): Uint8Array | undefined {
  return n === undefined ? undefined : decode(n)
}

/** EC: x and y; Ed25519: no x, and its 32 bytes as y. */
export function checkPoint(crv: string, x: Uint8Array, y: Uint8Array): void {
  if (!(x.length ? isOnCurve(crv, x, y) : isStrongEd25519(y))) refuse('ERR_JWT_KEY', 'key', `a safe point of ${crv}`)
}

/**
 * Whether a signature, canonical base64url, has the one form that this key gives it, which not every runtime asks for: as long as the modulus
 * and below it (RSA, RFC 8017 8.1.2 and 5.2.2), of a fixed length (the others), with S below the order (Ed25519, RFC 8032 5.1.7).
 */
export function isCanonical(signature: string, key: CryptoKeyLike, { kty, signatureBytes }: Row): boolean {
  const modulus = memoryOf(key)?.modulus
  return signature.length * 3 >> 2 === (signatureBytes || Math.ceil((key.algorithm as KeyAlgorithm).modulusLength! / 8))
    && (!modulus || isBelow(decodeOnDesk(signature)!, modulus))
    && (kty !== 'OKP' || toInteger(decode(signature)!.slice(32).reverse()) < orderOfEd25519)
}

/** L (RFC 8032 5.1). */
const orderOfEd25519 = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn

/** Whether a number is below another; both big-endian and of one length. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  const i = a.findIndex((byte, at) => byte !== b[at])
  return a[i]! < b[i]! // neither is there if they are equal
}
