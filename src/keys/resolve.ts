// Which keys a token is checked with. The caller's argument decides what kinds can come, never the token:
// jku, x5u, jwk and x5c of a header find nothing (RFC 7515 10.3).

import type { Bytes } from '../encoding/bytes'
import { attempt, holds, isJwtError, misuse, refuse } from '../errors'
import type { Header } from '../jwt'
import { isSymmetric, type Algorithm, type Row } from './algorithms'
import type { PublicJwk } from './jwk'
import { checkForeign, checkKey, fits, isCryptoKey, type CryptoKeyLike } from './key'
import { isPem, isSecret, secretBytes, secretKey } from './secret'

export type MaybePromise<T> = T | Promise<T>

/** Shared by all copies of the package and by every kind of set, so that the code of sets comes only with sets. */
export const candidates = /* @__PURE__ */ Symbol.for('waxseal.KeySet')

/** Several keys behind one name: from `keySet(...)` or the network. For `verify` only. */
export interface KeySet {
  /** The members that cannot verify a JWS here, and why. Never any key material. */
  readonly skipped: readonly { readonly index: number, readonly kid?: string, readonly reason: string }[]
  /** The public members with `kid`, `alg` and `use: 'sig'`. Symmetric members are left out. */
  toPublicJwks(): Promise<{ keys: PublicJwk[] }>
  /** The keys to try for a token: names alone, since another copy of the package may ask. Without any: can it verify at all? */
  readonly [candidates]: (alg?: Algorithm, kid?: string, allowed?: readonly Algorithm[]) => MaybePromise<readonly CryptoKeyLike[]>
}

/** Gets a frozen copy of the protected header, already checked against the allowlist. Nothing: the token is refused. */
export type KeyFunction<K = CryptoKeyLike | string | Bytes> = (header: Readonly<Header<Algorithm>>) => MaybePromise<K | null | undefined>

export type VerifyKey = CryptoKeyLike | string | Bytes | KeySet | KeyFunction

export function isKeySet(value: unknown): value is KeySet {
  return holds(() => (value as KeySet)[candidates])
}

/** Refuses what is no key. The message names the importers and shows nothing of the value. */
export function notAKey(where: string, more: string, value: unknown): never {
  return misuse(`${where} key`, `a CryptoKey (see importPem, importJwk, keySet)${more}`, value)
}

/** Refuses what depends on the arguments alone: a kind of key that does not go with the allowlist. */
export function checkArgument(where: string, key: unknown, allowed: readonly Row[]): asserts key is VerifyKey {
  if (typeof key === 'function' || isKeySet(key)) return
  const symmetric = allowed.every(isSymmetric)
  if (!symmetric && allowed.some(isSymmetric)) misuse(`${where} algorithms`, 'HS* only or none, unless the key is a keySet or function', allowed)
  if (!isCryptoKey(key) && !(symmetric && isSecret(key) && !isPem(key))) notAKey(where, ', keySet, function, or secret for HS*', key)
}

/** Refuses a key that no token could pass with: wrong role, too weak, or of no allowed algorithm. */
export function checkEarly(key: VerifyKey, allowed: readonly Row[], allowWeakKeys: boolean | undefined): void {
  if (isKeySet(key)) void key[candidates]()
  else if (isSecret(key)) secretBytes(key, allowed.reduce((least, row) => row.keyBytes < least.keyBytes ? row : least), allowWeakKeys)
  else if (isCryptoKey(key)) checkKey(key, allowed.find((row) => fits(key, row)) ?? allowed[0]!, 'verify', allowWeakKeys)
}

/** The keys to try, in order. `copy` gives the header anew, for the eyes of a function. */
export async function resolve(
  key: VerifyKey, row: Row, copy: () => Header, allowed: readonly Row[], allowWeakKeys: boolean | undefined,
): Promise<readonly CryptoKeyLike[]> {
  if (isKeySet(key)) return key[candidates](row.name, copy().kid, allowed.map(({ name }) => name))
  const one = typeof key === 'function' ? await ask(key, row, Object.freeze(copy()), allowed, allowWeakKeys) : key
  if (isSecret(one)) return [await secretKey(one, row, allowWeakKeys)]
  await checkForeign(one, row)
  return [one]
}

async function ask(key: KeyFunction, row: Row, header: Header, allowed: readonly Row[], allowWeakKeys: boolean | undefined): Promise<CryptoKeyLike | string | Bytes> {
  const failed = (cause: unknown): never => refuse('ERR_JWT_KEY', 'key function', 'a CryptoKey, or a secret if only HS* are allowed', undefined, { cause })
  const answer = await attempt(() => key(header as Header<Algorithm>), (cause) => {
    if (isJwtError(cause)) throw cause
    return failed(cause)
  })
  if (answer === null || answer === undefined) refuse('ERR_JWT_KEY_NOT_FOUND', 'key function', 'a key for kid', header.kid)
  return attempt(() => {
    if (isSecret(answer) && allowed.every(isSymmetric)) secretBytes(answer, row, allowWeakKeys)
    else if (!isCryptoKey(answer)) notAKey('function', '', answer)
    return answer
  }, failed)
}
