// What the compiler knows of sign and verify: options, results, and which misuse does not compile. No code.
// Works from TypeScript 5.3 on without the DOM lib and without Node's types.

import type { Bytes } from '../encoding/bytes'
import type { JwtError, Refused } from '../errors'
import type { JwtPayload, RegisteredClaims } from '../jwt'
import type { Algorithm, algorithms, HmacAlgorithm, PublicKeyAlgorithm } from '../keys/algorithms'
import type { Binding } from '../keys/key'
import type { KeySet } from '../keys/resolve'
import type { MaybePromise } from '../recipe'
import type { Clock } from './claims'
import type { Duration } from './duration'
import type { JwtHeader } from './header'
import type { StandardSchemaV1 } from './schema'

// ─── how a misuse is refused ─────────────────────────────────────────────────

type IsOptional<T, K extends keyof T> = {} extends Pick<T, K> ? true : false
type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** Unknown names, `undefined`, `''` and `[]` do not compile, whatever `exactOptionalPropertyTypes` says. `Key` is what `algorithms` must suit. */
export type Checked<O, Known, Key = KeySet> = {
  [K in keyof O]: K extends 'schema' ? O[K] // a wrapper generic over its schema must compile
    : K extends 'algorithms' ? AllowedList<O[K], Key>
    : K extends keyof Known
      ? IsOptional<O, K> extends true ? O[K]
        : undefined extends O[K] ? Refused<'undefined is refused: leave the option out, or make sure that it is set'>
        : O[K] extends '' | readonly [] ? Refused<'empty is refused: leave the option out'>
        : O[K]
      : Refused<'there is no such option'>
}

/** What is wrong with a list of algorithms, if anything is. Of a list of one, or of a variable of a wide type, the run decides. */
type AllowedList<L, Key> =
  typeof unchosen extends keyof L ? L
    : L extends readonly [] ? Refused<'empty is refused: name the algorithms that you accept'>
    : L extends typeof algorithms ? Refused<'a list of all there are is refused: name the algorithms that you accept'>
    : IsSecret<Key> extends true ? L extends readonly HmacAlgorithm[] ? L : Refused<'a secret is for HS256, HS384, HS512 alone; the text of a key is no secret: see importPem, importJwk'>
    : L extends readonly [unknown] ? L
    : Key extends KeySet | ((...args: never) => unknown) ? L
    : L extends readonly (infer A)[] ? Algorithm extends A ? L : IsMixed<A> extends true ? Refused<'HS* beside public-key algorithms is refused, unless the key is a keySet or a function'> : L
    : L

type IsMixed<A> = [Extract<A, HmacAlgorithm>] extends [never] ? false : [Extract<A, PublicKeyAlgorithm>] extends [never] ? false : true

/** Whether a key is text or bytes, or a function that answers with nothing else. */
type IsSecret<Key> =
  Key extends string | Bytes ? true
    : Key extends (...args: never) => infer R ? [NonNullable<Awaited<R>>] extends [never] ? false : [NonNullable<Awaited<R>>] extends [string | Bytes] ? true : false
    : false

/** Options in a variable that may be undefined go where nothing in them is required. */
export type OrNone<Needed> = {} extends Needed ? undefined : never

/** `options` may be left out only when nothing in it is required. */
export type MaybeArgs<Needed, T> = {} extends Needed ? [options?: T] : [options: T]

// ─── keys ────────────────────────────────────────────────────────────────────

/** Ed25519 keys serve both names. */
type ServedBy<A> = A extends 'Ed25519' | 'EdDSA' ? 'Ed25519' | 'EdDSA' : A

/** The algorithms that a key may be used with, as far as its type tells. */
export type AlgorithmOf<K> =
  K extends { readonly algorithm: infer A extends Algorithm, readonly sign: unknown } ? A
    : K extends Binding<infer A> ? unknown extends A ? Algorithm : [A] extends [undefined] ? Algorithm : ServedBy<Extract<A, Algorithm>>
    : Algorithm

export type ForSigning<K> = K extends { readonly type: 'public' } ? Refused<'sign takes the private key'> : unknown
export type ForVerifying<K> = K extends { readonly type: 'private' } ? Refused<'verify takes the public key'> : unknown

/** The one algorithm that a key's type names; a wrapper may be generic over it. */
type BoundTo<K> = K extends { readonly sign: unknown } ? never : K extends Binding<infer A> ? A : never

declare const unchosen: unique symbol

/** Marks what a list may be from what one is: a function among the options has its types before the list is known, and must not be refused for that. */
interface Unchosen { readonly [unchosen]?: never }

/** The allowlists a key may be used with. What is wrong with one that was chosen, `Checked` says. */
export type AllowedWith<K> = Unchosen & (
  K extends string | Bytes | KeySet | ((...args: never) => unknown) ? readonly Algorithm[]
    : readonly AlgorithmOf<K>[] | readonly [BoundTo<K>]
)

// ─── sign ────────────────────────────────────────────────────────────────────

/** Header parameters beyond `alg`, `typ` and `kid`, which have options of their own. */
export interface ExtraHeader {
  readonly alg?: Refused<'alg is the option algorithm'>
  readonly typ?: Refused<'typ is the option type'>
  readonly kid?: Refused<'kid is the option keyId'>
  readonly b64?: Refused<'a JWT has no b64'>
  readonly crit?: readonly string[]
  readonly [parameter: string]: unknown
}

/** The options of `sign`. Durations are seconds or `'15m'`, at most ten years. */
export interface SignOptions {
  /** Required with a secret; otherwise the key's own, and a contradiction is an error. */
  algorithm?: Algorithm
  /** How long the token lives, counted from now, above 0; `false` for a token that never expires. Required unless the payload has `exp`. */
  expiresIn?: Duration | false
  /** When it starts to be valid, counted from now; default at once. */
  notBefore?: Duration
  /** Writes `iat`; default true. */
  issuedAt?: boolean
  /** Claim `iss`; default none. */
  issuer?: string
  /** Claim `sub`; default none. */
  subject?: string
  /** Claim `aud`, one name or several; default none. */
  audience?: string | readonly string[]
  /** Claim `jti`; default none, `true` for a random UUID. */
  jwtId?: string | true
  /** Header `kid`; default the key's. */
  keyId?: string
  /** Header `typ`; default `'JWT'`, `false` for none. */
  type?: string | false
  /** Further header parameters; default none. Not `alg`, `typ`, `kid` or `b64`. */
  header?: ExtraHeader
  /** The clock; default the system's. */
  now?: Clock
  /** Signs with a secret shorter than the hash or an RSA key under 2048 bits; default false. */
  allowWeakKeys?: boolean
}

/** The options of `createSigner`: those of `sign`, with a clock that runs. */
export interface SignerOptions extends SignOptions {
  /** The clock; default the system's. */
  now?: () => Date
}

/** What a call may add to a signer's options, or override. */
export type PerCallSignOptions = Omit<SignOptions, 'algorithm' | 'allowWeakKeys'>

/** Of the options: a secret does not say what it is for. */
export type NeedsAlgorithm<K> =
  K extends string | Bytes ? { readonly algorithm: HmacAlgorithm } : { readonly algorithm?: AlgorithmOf<K> | BoundTo<K> }

/** A call without options. */
export type ForPlainSigning<K> = K extends string | Bytes ? Refused<'a secret needs the option algorithm: HS256, HS384 or HS512'> : ForSigning<K>

/** What a payload must not be; each kind has a property that no claim can be named after. */
interface PlainObject {
  readonly [Symbol.iterator]?: NoPlainObject
  readonly [Symbol.toStringTag]?: NoPlainObject
  readonly [Symbol.toPrimitive]?: NoPlainObject
  readonly [Symbol.hasInstance]?: NoPlainObject
}

type NoPlainObject = Refused<'a payload is a plain object of claims: no Promise (await it), array, Map, Set, Date, bytes or function'>

interface ClaimsInput extends PlainObject {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | readonly string[]
  readonly exp?: number
  readonly nbf?: number
  readonly iat?: number
  readonly jti?: string
}

/** Named for the compiler's message. */
interface NeedsExpiresInOrExp { readonly exp: number }

/** yes: the option is there; no: it is not; unknown: the options are a variable of a wide type, and the run decides. */
type Given<O, N extends keyof SignOptions> = N extends keyof O ? IsOptional<O, N> extends true ? 'unknown' : 'yes' : 'no'
type Once<O, N extends keyof SignOptions, C extends string> = Given<O, N> extends 'yes' ? { readonly [K in C]?: Refused<`the option ${N} gives this claim: leave one of the two out`> } : {}

/** The payload that goes with these options: `exp` exactly when there is no `expiresIn`, and no claim twice. */
export type PayloadFor<O> = object & ClaimsInput
  & (Given<O, 'expiresIn'> extends 'no' ? NeedsExpiresInOrExp : Once<O, 'expiresIn', 'exp'>)
  & Once<O, 'notBefore', 'nbf'> & Once<O, 'issuer', 'iss'> & Once<O, 'subject', 'sub'>
  & Once<O, 'audience', 'aud'> & Once<O, 'jwtId', 'jti'>

/** What `createSigner` gives. `O` is the type of the options that the signer was made with. */
export interface SignFunction<O> {
  <P extends PayloadFor<O>>(payload: P): Promise<string>
  <P extends PayloadFor<Omit<O, keyof C> & C>, const C extends PerCallSignOptions>(payload: P, options: C & Checked<C, PerCallSignOptions> | undefined): Promise<string>
}

// ─── verify ──────────────────────────────────────────────────────────────────

/** Names of header parameters and what each must be: one text, or one of several. */
export interface RequiredHeader { readonly [name: string]: string | readonly string[] }

/** The options of `verify`. Durations are seconds or `'15m'`. What is not named here is checked by its default. */
export interface VerifyOptions {
  /** The allowlist: what `alg` may be, exactly. */
  algorithms: readonly Algorithm[]
  /** Who must have issued the token. A function must answer `true` at once. Default: not checked. */
  issuer?: string | readonly string[] | ((iss: string, payload: JwtPayload) => boolean)
  /** Who you are: one must be in `aud`. Default: a token that has `aud` is refused. `false`: deliberately unchecked. */
  audience?: string | readonly string[] | false
  /** What `sub` must be, exactly; default not checked. Else `ERR_JWT_CLAIM`. */
  subject?: string
  /** What `jti` must be, exactly; default not checked. Else `ERR_JWT_CLAIM`. */
  jwtId?: string
  /** What `nonce` must be, compared in constant time; default not checked. Else `ERR_JWT_CLAIM`. */
  nonce?: string
  /** What `typ` must be; default absent or `JWT`; `false`: unchecked. Else `ERR_JWT_TYPE`. */
  type?: string | readonly string[] | false
  /** Whether `exp` must be there; default true. */
  requireExpiry?: boolean
  /** Names of claims that must be there; default none. Else `ERR_JWT_CLAIM`. */
  requiredClaims?: readonly string[]
  /** Header parameters that must be there, each with one of its values, exactly; default none. Else `ERR_JWT_CLAIM`, `claim: 'header.name'`. */
  requiredHeader?: RequiredHeader
  /** How old `iat` may be, which must then be there; above 0, default not checked. Too old is `ERR_JWT_CLAIM`. */
  maxAge?: Duration
  /** How far the clocks may differ; default 0, at most 10 minutes. */
  clockTolerance?: Duration
  /** The clock; default the system's. */
  now?: Clock
  /** Names of the critical header extensions that your code handles; default none. Another in a token is `ERR_JWT_CRITICAL`. */
  crit?: readonly string[]
  /** Characters; default 16384, from 1 to 2^24. A longer token is `ERR_JWT_TOO_LARGE`. */
  maxTokenLength?: number
  /** Takes a token whose segments are all filled with `=`, as AWS ALB writes it; default false, which is `ERR_JWT_MALFORMED`. */
  allowPadding?: boolean
  /** A Standard Schema v1: validates the claims last, types and replaces `payload`. What it finds is `ERR_JWT_SCHEMA`. */
  schema?: StandardSchemaV1
  /** Only `false` lets the token pass; all else, a rejection too, is `ERR_JWT_REVOKED`. */
  isRevoked?: (payload: JwtPayload, header: JwtHeader) => MaybePromise<boolean>
  /** Takes a secret shorter than the hash or an RSA key under 2048 bits; default false, which is `ERR_JWT_KEY`. */
  allowWeakKeys?: boolean
}

/** What the cache of a verifier may hold. */
export interface CacheOptions {
  /** Tokens; default 1,000. */
  maxEntries?: number
  /** Characters of all tokens together; default 4,194,304. */
  maxLength?: number
  /** How long a token is remembered, at most until it expires; default 5 minutes. */
  maxAge?: Duration
}

/** The options of `createVerifier`: those of `verify`, with a clock that runs, and a cache. */
export interface VerifierOptions extends VerifyOptions {
  /** The clock; default the system's. */
  now?: () => Date
  /** Remembers tokens whose signature has held; default off. Claims and header in the results are frozen. */
  cache?: true | CacheOptions
}

type Present<C> = C extends keyof RegisteredClaims ? NonNullable<RegisteredClaims[C]> : {} | null

/** A claim that was checked is there, and the type says so. */
type CheckedClaims<O> =
  & (O extends { readonly requireExpiry: boolean } ? (O['requireExpiry'] extends true ? { exp: number } : {}) : { exp: number })
  & (O extends { readonly issuer: {} } ? { iss: string } : {})
  & (O extends { readonly audience: string | readonly string[] } ? { aud: string | string[] } : {})
  & (O extends { readonly subject: string } ? { sub: O['subject'] } : {})
  & (O extends { readonly jwtId: string } ? { jti: O['jwtId'] } : {})
  & (O extends { readonly nonce: string } ? { nonce: O['nonce'] } : {})
  & (O extends { readonly maxAge: Duration } ? { iat: number } : {})
  & (O extends { readonly requiredClaims: readonly (infer C extends string)[] }
    ? string extends C ? {} : { [K in C]: Present<K> } : {})

export type VerifiedPayload<O> =
  O extends { readonly schema: infer S extends StandardSchemaV1 } ? StandardSchemaV1.InferOutput<S>
    : JwtPayload & Simplify<CheckedClaims<O>>

export type HeaderOf<O> = O extends { readonly algorithms: readonly (infer A extends Algorithm)[] } ? JwtHeader<A> : JwtHeader

/** What a token says, once it has been verified. */
export interface VerifyResult<P = JwtPayload, H = JwtHeader> { payload: P, header: H }

/** A result or a refusal; `ok` tells which. */
export type SafeResult<P = JwtPayload, H = JwtHeader> =
  | { ok: true, payload: P, header: H, error?: undefined }
  | { ok: false, error: JwtError, payload?: undefined, header?: undefined }

/** Checks that belong to one call. They add to the options; naming one that the options hold is a TypeError. */
export interface CallChecks {
  /** What `nonce` must be, compared in constant time. */
  nonce?: string
  /** What `sub` must be, exactly. */
  subject?: string
  /** What `jti` must be, exactly. */
  jwtId?: string
}

/** What `createVerifier` and `issuers` give. */
export interface Verifier<P = JwtPayload, H = JwtHeader> {
  /** Verifies a token. @throws JwtError as `verify`; TypeError for a wrong check, or one that the options hold */
  (token: string, checks?: CallChecks): Promise<VerifyResult<P, H>>
  /** The same, with the refusal as a value. @throws TypeError as above */
  safe(token: string, checks?: CallChecks): Promise<SafeResult<P, H>>
}
