// JSON Web Keys (RFC 7517, RFC 7518 6, RFC 8037 2, RFC 9964), read strictly before any runtime sees them: runtimes
// disagree on base64url, lengths, curves, use, key_ops and alg, so that everything is checked here and the same everywhere.

import { canonical, decode, encode } from '../encoding/base64url'
import type { OwnBytes } from '../encoding/bytes'
import type { JsonObject } from '../encoding/json'
import { misuse, reading, refuse } from '../errors'
import type { Recipe } from '../recipe'
import { alike, rowOf, rows, type Algorithm, type Row } from './algorithms'
import { isScalar, toInteger } from './curves'
import { bitLength, checkPoint, checkSize, fits, modulusOf } from './key'
import { remember, type CryptoKeyLike } from './memory'
import { secretBytes } from './secret'
import { verifies, type Engine, type Usage } from './subtle'

/** A JWK as it comes in; DOM's JsonWebKey fits. */
export interface JwkInput {
  kty?: string
  alg?: string
  kid?: string
  use?: string
  key_ops?: string[]
  ext?: boolean
  crv?: string
  x?: string
  y?: string
  d?: string
  n?: string
  e?: string
  p?: string
  q?: string
  dp?: string
  dq?: string
  qi?: string
  k?: string
  pub?: string
  priv?: string
  x5c?: string[]
  x5t?: string
  'x5t#S256'?: string
  x5u?: string
}

/** A JWK as it goes out. A secret has no thumbprint, so its kid may be missing. */
export interface Jwk extends JwkInput { kty: string, alg: Algorithm }

/** A public JWK, as a JWKS holds it: no member of it is a secret. */
export interface PublicJwk extends JwkInput {
  kty: string
  kid: string
  d?: never
  k?: never
  p?: never
  q?: never
  dp?: never
  dq?: never
  qi?: never
  priv?: never
}

type Members = Record<string, string>

/** The key material by kty: public, then private or secret (RFC 7518 6.2 to 6.4, RFC 8037 2, RFC 9964). */
const shapes: Readonly<Record<string, readonly [open: string[], closed: string[]]>> = {
  oct: [[], ['k']],
  RSA: [['n', 'e'], ['d', 'p', 'q', 'dp', 'dq', 'qi']],
  EC: [['x', 'y'], ['d']],
  OKP: [['x'], ['d']],
  AKP: [['pub'], ['priv']],
}

/** What a JWK says, checked and stripped to the material. */
export interface Material {
  readonly type: 'secret' | 'private' | 'public'
  /** The rows that the key type and curve allow. */
  readonly rows: readonly Row[]
  /** kty, crv and the material in canonical base64url; null-prototype. */
  readonly jwk: Members
  readonly kid: string | undefined
  /** alg, use and key_ops as they came. */
  readonly purpose: { readonly alg?: unknown, readonly use?: unknown, readonly key_ops?: unknown }
}

function bad(what: string, expected: string, actual?: unknown): never {
  return refuse('ERR_JWT_KEY', `key: ${what}`, expected, actual)
}

/** Reads a JWK's own members once and checks the key in it, whatever it is to be used for. */
export function readJwk(value: object): Material {
  const own = reading('jwk', () => ({ __proto__: null, ...value }) as JsonObject)
  const { kty, crv, alg, kid, use, key_ops, oth } = own
  const fitting = rows.filter((row) => row.kty === kty && row.crv === (row.crv && crv) && (kty !== 'AKP' || row.name === alg))
  const [first = bad('kty, crv', 'oct, RSA, EC with P-256, P-384, P-521, OKP with Ed25519, or AKP with alg (a JWKS goes through keySet)', [kty, crv])] = fitting
  if (kid !== undefined && typeof kid !== 'string' || oth !== undefined) bad('kid, oth', 'a string, and no third prime')

  const [open, closed] = shapes[kty as string]!
  const isPublic = kty !== 'oct' && closed.every((name) => own[name] === undefined)
  const jwk = { __proto__: null, kty, ...(first.crv && { crv }), ...(kty === 'AKP' && { alg }) } as unknown as Members
  const bytes = { __proto__: null } as unknown as Record<string, OwnBytes>
  for (const name of isPublic ? open : [...open, ...closed]) {
    const member = typeof own[name] === 'string' && decode(own[name]) || bad(name, canonical)
    checkMember(name, member, first)
    bytes[name] = kty === 'RSA' ? member.slice(member.findIndex(Boolean)) : member // real issuers publish n with a leading zero octet
    jwk[name] = encode(bytes[name])
  }
  if (kty === 'RSA') checkNumbers(bytes)
  if (first.crv) checkPoint(crv as string, bytes['y'] ? bytes['x']! : new Uint8Array(), bytes['y'] ?? bytes['x']!)
  return { type: isPublic ? 'public' : kty === 'oct' ? 'secret' : 'private', rows: fitting, jwk, kid, purpose: { alg, use, key_ops } }
}

/**
 * RFC 7518 6.2, RFC 8037 2, RFC 9964: each member has one length, a private number of EC also a range. Checked before any
 * runtime sees it: some versions of Node end the process over a number that is too long.
 */
export function checkMember(name: string, member: Uint8Array, { kty, crv, keyBytes }: Row): void {
  const length = name === 'priv' ? 32 : keyBytes
  if (kty !== 'RSA' && kty !== 'oct' && member.length !== length) bad(name, `${length} octets`, member.length)
  if (kty === 'EC' && name === 'd' && !isScalar(crv!, member)) bad(name, `a number from 1 to below the order of ${crv}`)
}

/** RFC 8017 3.1, 3.2: the modulus is odd, and the private members belong to it and to each other. */
function checkNumbers(bytes: Record<string, Uint8Array>): void {
  const [n = 0n, e = 0n, d, p = 0n, q = 0n, dp = 0n, dq = 0n, qi = 0n] = shapes['RSA']!.flat().map((name) => bytes[name] && toInteger(bytes[name]!)) // in the order of the table
  const fit = d === undefined || p > 1 && q > 1 && p * q === n && d < n && qi < p && d % (p - 1n) === dp && d % (q - 1n) === dq
    && e * dp % (p - 1n) === 1n && e * dq % (q - 1n) === 1n && qi * q % p === 1n
  if (n % 2n !== 1n || !fit) bad('n', 'an odd modulus, which the private members match')
}

/** Checks that the key may be used so (RFC 7517 4.2 to 4.4) and is strong enough; gives the usages. */
export function bind({ type, rows, jwk, purpose }: Material, row: Row, allowWeakKeys: boolean | undefined): Usage[] {
  const possible: Usage[] = type === 'secret' ? ['sign', 'verify'] : type === 'private' ? ['sign'] : ['verify']
  const { alg, use = 'sig', key_ops: operations = possible } = purpose
  if (!rows.includes(row)) bad('kty, crv', `those of ${row.name}`, [jwk['kty'], jwk['crv']])
  if (alg !== undefined && !rows.some((own) => own.name === alg && alike(own, row))) bad('alg', row.name, alg)
  const usages = Array.isArray(operations) ? possible.filter((usage) => operations.includes(usage)) : []
  if (use !== 'sig' || !usages.length || new Set(operations as string[]).size !== (operations as string[]).length) {
    bad('use, key_ops', `sig, and distinct operations with ${possible.join(' or ')}`, [purpose.use, purpose.key_ops])
  }
  const { n, e, k } = jwk
  if (k !== undefined) secretBytes(decode(k)!, row, allowWeakKeys)
  if (n !== undefined) checkSize(row, bitLength(decode(n)!), allowWeakKeys, decode(e!))
  return usages
}

/** The row that a caller or the JWK itself names. */
export function rowOfJwk({ purpose: { alg } }: Material, named: Row | undefined): Row {
  return named ?? (alg === undefined ? misuse('importJwk algorithm', 'a name as the second argument, since the JWK has no alg') : rowOf(alg)) ?? bad('alg', 'an algorithm that signs JWTs', alg)
}

/** Makes the key; the runtime gets the material and nothing else. A private key is tried against its public half. */
export function* importMaterial(
  { type, jwk }: Material, row: Row, usages: Usage[], extractable: boolean, keyId: string | undefined, engine: Engine,
): Recipe<CryptoKeyLike> {
  const key: CryptoKeyLike = yield type === 'secret'
    ? engine.importKey(row, 'raw', decode(jwk['k']!)!, extractable, usages)
    : engine.importKey(row, 'jwk', jwk, extractable || type === 'public', usages)
  const memory = { algorithm: row.name, keyId, modulus: modulusOf(jwk) }
  if (!fits(key, row)) bad('alg', row.name) // Firefox takes the curve from the key, not from the call
  if (type !== 'private') return remember(key, memory)

  const publicKey: CryptoKeyLike = yield engine.importKey(row, 'jwk', publicPart(jwk), true, ['verify'])
  const signature: string = yield engine.sign(row, key, 'probe')
  if (!(yield* verifies(row, publicKey, signature, 'probe', engine))) bad('d', 'a private part that matches the public part')
  return remember(key, { ...memory, publicKey: remember(publicKey, memory) })
}

/** kty, crv, alg of AKP and the public members, nothing else. */
export function publicPart(jwk: Members): Members {
  const part = { __proto__: null } as unknown as Members
  for (const name of ['kty', 'crv', 'alg', ...shapes[jwk['kty']!]![0]]) if (jwk[name] !== undefined) part[name] = jwk[name]
  return part
}

export function isJwkLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
