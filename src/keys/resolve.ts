// Which keys a token is checked with. The caller's argument decides what kinds can come, never the token:
// jku, x5u, jwk and x5c of a header find nothing (RFC 7515 10.3).

import type { Bytes } from '../encoding/bytes'
import { holds, isJwtError, misuse, refuse } from '../errors'
import type { Header } from '../jwt'
import type { MaybePromise, MaybeRecipe, Recipe } from '../recipe'
import { isSymmetric, type Algorithm, type KeyPolicy, type Row } from './algorithms'
import type { PublicJwk } from './jwk'
import { checkForeign, checkKey, fits, isCryptoKey } from './key'
import { memoryOf, type CryptoKeyLike } from './memory'
import { isPem, isSecret, secretBytes, secretKey } from './secret'
import type { Engine } from './subtle'

/** Shared by all copies of the package and by every kind of set, so that the code of sets comes only with sets. */
export const candidates = /* @__PURE__ */ Symbol.for('waxseal.KeySet')

/** Several keys behind one name: from `keySet(...)` or the network. For `verify` only. */
export interface KeySet {
  /** The members that cannot verify a JWS here, and why. Never any key material. */
  readonly skipped: readonly { readonly index: number, readonly kid?: string, readonly reason: string }[]
  /** The public members with `kid`, `alg` and `use: 'sig'`. Symmetric members are left out. */
  toPublicJwks(): Promise<{ keys: PublicJwk[] }>
  /** The keys to try for a token: names alone, since another copy of the package may ask. Without any: can it verify at all? */
  readonly [candidates]: (alg?: Algorithm, kid?: string, allowed?: readonly Algorithm[], engine?: Engine) => Recipe<readonly CryptoKeyLike[]>
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
export function checkArgument(where: string, key: unknown, { algorithms }: KeyPolicy): asserts key is VerifyKey {
  if (typeof key === 'function' || isKeySet(key)) return
  const symmetric = algorithms.every(isSymmetric)
  if (!symmetric && algorithms.some(isSymmetric)) misuse(`${where} algorithms`, 'HS* only, or no HS*, unless the key is a keySet or function', algorithms)
  if (!isCryptoKey(key) && !(symmetric && isSecret(key) && !isPem(key))) notAKey(where, ', keySet, function, or secret for HS*', key)
}

/** Refuses a key that no token could pass with: wrong role, too weak, or of no allowed algorithm. */
export function checkEarly(key: VerifyKey, { algorithms, allowWeakKeys }: KeyPolicy): void {
  if (isKeySet(key)) key[candidates]().next()
  else if (isSecret(key)) secretBytes(key, algorithms.reduce((least, row) => row.keyBytes < least.keyBytes ? row : least), allowWeakKeys)
  else if (isCryptoKey(key)) checkKey(key, algorithms.find((row) => fits(key, row)) ?? algorithms[0]!, 'verify', allowWeakKeys)
}

/** The keys to try, in order: at once if there is nothing to wait for. `copy` gives the header anew, for the eyes of a function. */
export function resolve(key: VerifyKey, row: Row, copy: () => Header, policy: KeyPolicy, engine: Engine): MaybeRecipe<readonly CryptoKeyLike[]> {
  return isCryptoKey(key) && memoryOf(key) ? [key] : () => find(key, row, copy, policy, engine)
}

function* find(key: VerifyKey, row: Row, copy: () => Header, { algorithms, allowWeakKeys }: KeyPolicy, engine: Engine): Recipe<readonly CryptoKeyLike[]> {
  let one: CryptoKeyLike | string | Bytes | null | undefined
  try {
    if (isKeySet(key)) return yield* key[candidates](row.name, copy().kid, algorithms.map(({ name }) => name), engine)
    if (typeof key === 'function') {
      one = yield key(Object.freeze(copy()) as Header<Algorithm>)
      if (isSecret(one) && algorithms.every(isSymmetric)) secretBytes(one, row, allowWeakKeys)
      else if (one !== null && one !== undefined && !isCryptoKey(one)) notAKey('function', '', one)
    } else one = key
  } catch (cause) {
    if (one === undefined && isJwtError(cause)) throw cause // the set's or the function's own
    refuse('ERR_JWT_KEY', 'key function or KeySet', 'a CryptoKey, or secret for HS*', undefined, { cause })
  }
  if (one === null || one === undefined) return refuse('ERR_JWT_KEY_NOT_FOUND', 'key function', 'a key for kid', copy().kid)
  if (isSecret(one)) return [yield* secretKey(one, row, allowWeakKeys, engine)]
  if (!memoryOf(one)) yield* checkForeign(one, row, engine)
  return [one]
}
