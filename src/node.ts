// waxseal/node: the same functions without a Promise, on node:crypto (Node, Bun, Deno). Same options, same refusals, same
// codes, because it follows the same recipes; hooks and key functions must answer at once.

import type { Bytes } from './encoding/bytes'
import type { Refused } from './errors'
import type { Algorithm, HmacAlgorithm, PublicKeyAlgorithm } from './keys/algorithms'
import { jwkRecipe, pemRecipe, secretRecipe, type ImportOptions, type JwkAlgorithm } from './keys/import'
import type { JwkInput } from './keys/jwk'
import type { CryptoKey } from './keys/key'
import type { CryptoKeyLike } from './keys/memory'
import { nodeCrypto, now } from './keys/node'
import type { KeySet } from './keys/resolve'
import type { Signer } from './keys/signer'
import type { JwtHeader } from './token/header'
import type {
  AllowedWith, CallChecks, Checked, ForPlainSigning, ForSigning, ForVerifying, HeaderOf, MaybeArgs, NeedsAlgorithm, OrNone, PayloadFor, PerCallSignOptions,
  SafeResult, SignerOptions, SignOptions, VerifiedPayload, VerifierOptions, VerifyOptions, VerifyResult,
} from './token/inference'
import { signBytesRecipe, verifyBytesRecipe, type SafeVerifyBytesResult, type SignBytesOptions, type VerifyBytesOptions, type VerifyBytesResult } from './token/jws'
import { signerRecipe, signRecipe } from './token/sign'
import { safely, verifierOf, verifierRecipe, verifyRecipe } from './token/verify'

export { fileStore, type FileStore } from './node-store'

/** node:crypto's KeyObject; a structural type, so that nobody needs @types/node. */
export interface KeyObjectLike {
  readonly type: string
  readonly asymmetricKeyType?: string | undefined
  readonly symmetricKeySize?: number | undefined
  equals(other: never): boolean
}

/** What signs here; `Signer.sign` must give its bytes at once. */
export type SyncSigningKey = CryptoKeyLike | KeyObjectLike | Signer | string | Bytes
/** As KeyFunction, with an answer at once. */
export type SyncKeyFunction = (header: Readonly<JwtHeader>) => CryptoKeyLike | KeyObjectLike | string | Bytes | null | undefined
/** What verifies here: as for `verify`, or a KeyObject; a function answers at once. */
export type SyncVerifyKey = CryptoKeyLike | KeyObjectLike | string | Bytes | KeySet | SyncKeyFunction

type Named<K> = K extends CryptoKeyLike | Signer ? NeedsAlgorithm<K> : K extends string | Bytes ? NeedsAlgorithm<K> : { readonly algorithm: Algorithm }
type Sync<O> = Omit<O, 'isRevoked'> & { isRevoked?: (...args: Parameters<NonNullable<VerifyOptions['isRevoked']>>) => boolean }

/** As `createVerifier` gives it, without Promises. */
export interface VerifierSync<P, H> {
  /** Verifies a token. @throws JwtError as `verify`; TypeError for a wrong check, or one that the options hold */
  (token: string, checks?: CallChecks): VerifyResult<P, H>
  /** The same, with the refusal as a value. @throws TypeError as above */
  safe(token: string, checks?: CallChecks): SafeResult<P, H>
}

/** What `createSignerSync` gives; `O` is the type of the options that the signer was made with. */
export interface SignFunctionSync<O> {
  <P extends PayloadFor<O>>(payload: P): string
  <P extends PayloadFor<Omit<O, keyof C> & C>, const C extends PerCallSignOptions>(payload: P, options: C & Checked<C, PerCallSignOptions> | undefined): string
}

/** A key that does not wait, which the type of its `sign` may tell. */
type AtOnce<K> = K extends { sign(...args: never): infer R } ? [R] extends [PromiseLike<unknown>] ? Refused<'sign must give its bytes at once here'> : unknown : unknown
/** A call without options. */
type PlainSync<K> = K extends KeyObjectLike ? K extends CryptoKeyLike ? ForPlainSigning<K> : Refused<'a KeyObject needs the option algorithm'> : ForPlainSigning<K>

/** As `sign` without options. @throws JwtError, TypeError as with them */
export function signSync<P extends PayloadFor<{}>, K extends SyncSigningKey>(payload: P, key: K & PlainSync<K> & AtOnce<K>): string
/** As `sign`. @throws JwtError, TypeError as `sign`; `ERR_JWT_KEY` for a CryptoKey made elsewhere that is not extractable */
export function signSync<P extends PayloadFor<O>, K extends SyncSigningKey, const O extends SignOptions & Named<K>>(
  payload: P, key: K & ForSigning<K> & AtOnce<K>, options: O & Checked<O, SignOptions> | OrNone<Named<K>>,
): string
export function signSync(payload: unknown, key: unknown, ...[options]: [options?: unknown]): string {
  return now(() => signRecipe('signSync', payload, key, options, nodeCrypto))
}

/** As `createSigner` without options. */
export function createSignerSync<K extends SyncSigningKey>(key: K & PlainSync<K> & AtOnce<K>): SignFunctionSync<{}>
/** As `createSigner`. */
export function createSignerSync<K extends SyncSigningKey, const O extends SignerOptions & Named<K>>(
  key: K & ForSigning<K> & AtOnce<K>, options: O & Checked<O, SignerOptions> | OrNone<Named<K>>,
): SignFunctionSync<O>
export function createSignerSync(key: unknown, ...[options]: [options?: unknown]): unknown {
  const recipe = signerRecipe('createSignerSync', key, options, nodeCrypto)
  return ((payload: unknown, perCall?: unknown) => now(() => recipe(payload, perCall))) as never
}

/** As `verify`. A KeyObject needs a list that names exactly one algorithm that fits it. */
export function verifySync<K extends SyncVerifyKey, const O extends Sync<VerifyOptions> & { algorithms: AllowedWith<K> }>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyOptions, K>,
): VerifyResult<VerifiedPayload<O>, HeaderOf<O>> {
  return now(() => verifyRecipe('verifySync', token, key, options, nodeCrypto)) as never
}

/** As `safeVerify`. */
export function safeVerifySync<K extends SyncVerifyKey, const O extends Sync<VerifyOptions> & { algorithms: AllowedWith<K> }>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyOptions, K>,
): SafeResult<VerifiedPayload<O>, HeaderOf<O>> {
  return now(() => safely(() => verifyRecipe('safeVerifySync', token, key, options, nodeCrypto))) as never
}

/** As `createVerifier`, its cache included. */
export function createVerifierSync<K extends SyncVerifyKey, const O extends Sync<VerifierOptions> & { algorithms: AllowedWith<K> }>(
  key: K & ForVerifying<K>, options: O & Checked<O, VerifierOptions, K>,
): VerifierSync<VerifiedPayload<O>, HeaderOf<O>> {
  return verifierOf(verifierRecipe('createVerifierSync', key, options, nodeCrypto), nodeCrypto) as never
}

/** As `importSecret`. The key serves the asynchronous functions and `keySet` as well. */
export function importSecretSync<A extends HmacAlgorithm>(secret: string | Bytes, algorithm: A, options?: ImportOptions): CryptoKey<A, 'secret'> {
  return now(() => secretRecipe('importSecretSync', secret, algorithm, options, nodeCrypto)) as never
}

/** As `importJwk`. The key serves the asynchronous functions and `keySet` as well. */
export function importJwkSync<const J extends JwkInput, A extends JwkAlgorithm<J> = JwkAlgorithm<J>>(jwk: J, algorithm?: A, options?: ImportOptions): CryptoKey<A> {
  return now(() => jwkRecipe('importJwkSync', jwk, algorithm, options, nodeCrypto)) as never
}

/** As `importPem`. The key serves the asynchronous functions and `keySet` as well. */
export function importPemSync<A extends PublicKeyAlgorithm>(text: string, algorithm: A, options?: ImportOptions): CryptoKey<A, 'private' | 'public'> {
  return now(() => pemRecipe('importPemSync', text, algorithm, options, nodeCrypto)) as never
}

/** As `signBytes` of waxseal/jws. */
export function signBytesSync<K extends SyncSigningKey>(
  payload: Uint8Array, key: K & ForSigning<K> & AtOnce<K>, ...[options]: MaybeArgs<Named<K>, SignBytesOptions & Named<K>>
): string {
  return now(() => signBytesRecipe('signBytesSync', payload, key, options, nodeCrypto))
}

/** As `verifyBytes` of waxseal/jws. */
export function verifyBytesSync<K extends SyncVerifyKey, const O extends VerifyBytesOptions<AllowedWith<K>>>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyBytesOptions, K>,
): VerifyBytesResult {
  return now(() => verifyBytesRecipe('verifyBytesSync', token, key, options, nodeCrypto))
}

/** As `safeVerifyBytes` of waxseal/jws. */
export function safeVerifyBytesSync<K extends SyncVerifyKey, const O extends VerifyBytesOptions<AllowedWith<K>>>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyBytesOptions, K>,
): SafeVerifyBytesResult {
  return now(() => safely(() => verifyBytesRecipe('safeVerifyBytesSync', token, key, options, nodeCrypto))) as never
}
