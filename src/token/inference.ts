// What the compiler knows of sign and verify: options, results, and which misuse does not compile. No code.
// Works from TypeScript 5.3 on without the DOM lib and without Node's types.

import type { Bytes } from '../encoding/bytes'
import type { JwtError } from '../errors'
import type { JwtPayload, RegisteredClaims } from '../jwt'
import type { Algorithm, HmacAlgorithm, PublicKeyAlgorithm } from '../keys/algorithms'
import type { Binding } from '../keys/key'
import type { KeySet } from '../keys/resolve'
import type { MaybePromise } from '../recipe'
import type { Clock } from './claims'
import type { Duration } from './duration'
import type { JwtHeader } from './header'
import type { StandardSchemaV1 } from './schema'

// ─── how a misuse is refused ─────────────────────────────────────────────────

declare const refused: unique symbol

/** Shown by the compiler where a value is refused. No value has this type. */
export interface Refused<Why extends string> { readonly [refused]: Why }

type IsOptional<T, K extends keyof T> = {} extends Pick<T, K> ? true : false
type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** Unknown names, `undefined`, `''` and `[]` do not compile, whatever `exactOptionalPropertyTypes` says. */
export type Checked<O, Known> = {
  [K in keyof O]: K extends 'schema' ? O[K] // a wrapper generic over its schema must compile
    : K extends keyof Known
      ? IsOptional<O, K> extends true ? O[K]
        : undefined extends O[K] ? Refused<'undefined is refused: leave the option out, or make sure that it is set'>
        : O[K] extends '' | readonly [] ? Refused<'empty is refused: leave the option out'>
        : O[K]
      : Refused<'there is no such option'>
}

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

/** The allowlists a key may be used with. */
export type AllowedWith<K> =
  K extends string | Bytes ? readonly HmacAlgorithm[]
    : K extends KeySet ? readonly Algorithm[]
    : K extends (...args: never) => infer R
      ? Extract<Awaited<R>, string | Bytes> extends never ? readonly Algorithm[] : readonly HmacAlgorithm[]
    : readonly Extract<AlgorithmOf<K>, HmacAlgorithm>[] | readonly Extract<AlgorithmOf<K>, PublicKeyAlgorithm>[]

// ─── sign ────────────────────────────────────────────────────────────────────

/** Header parameters beyond `alg`, `typ` and `kid`, which have options of their own. */
export interface ExtraHeader {
  readonly alg?: never
  readonly typ?: never
  readonly kid?: never
  readonly b64?: never
  readonly crit?: readonly string[]
  readonly [parameter: string]: unknown
}

export interface SignOptions {
  /** Required with a secret; otherwise the key's own, and a contradiction is an error. */
  algorithm?: Algorithm
  /** How long the token lives, counted from now; `false` for a token that never expires. */
  expiresIn?: Duration | false
  /** When it starts to be valid, counted from now. */
  notBefore?: Duration
  /** Writes `iat`; default true. */
  issuedAt?: boolean
  issuer?: string
  subject?: string
  audience?: string | readonly string[]
  /** `true` for a random UUID. */
  jwtId?: string | true
  /** Header `kid`; default the key's. */
  keyId?: string
  /** Header `typ`; default `'JWT'`, `false` for none. */
  type?: string | false
  header?: ExtraHeader
  /** The clock; default the system's. */
  now?: Clock
  /** Signs with a secret shorter than the hash or an RSA key under 2048 bits; default false. */
  allowWeakKeys?: boolean
}

export interface SignerOptions extends SignOptions { now?: () => Date }

/** What a call may add to a signer's options, or override. */
export type PerCallSignOptions = Omit<SignOptions, 'algorithm' | 'allowWeakKeys'>

export type NeedsAlgorithm<K> =
  K extends string | Bytes ? { readonly algorithm: HmacAlgorithm } : { readonly algorithm?: AlgorithmOf<K> }

interface ClaimsInput {
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
type Once<O, N extends keyof SignOptions, C extends string> = Given<O, N> extends 'yes' ? { readonly [K in C]?: undefined } : {}

/** The payload that goes with these options: `exp` exactly when there is no `expiresIn`, and no claim twice. */
export type PayloadFor<O> = object & ClaimsInput
  & (Given<O, 'expiresIn'> extends 'no' ? NeedsExpiresInOrExp : Once<O, 'expiresIn', 'exp'>)
  & Once<O, 'notBefore', 'nbf'> & Once<O, 'issuer', 'iss'> & Once<O, 'subject', 'sub'>
  & Once<O, 'audience', 'aud'> & Once<O, 'jwtId', 'jti'>

export interface SignFunction<O> {
  <P extends PayloadFor<Omit<O, keyof C> & C>, const C extends PerCallSignOptions = {}>(
    payload: P, options?: C & Checked<C, PerCallSignOptions>,
  ): Promise<string>
}

// ─── verify ──────────────────────────────────────────────────────────────────

export interface RequiredHeader { readonly [name: string]: string | readonly string[] }

export interface VerifyOptions {
  /** The allowlist: what `alg` may be, exactly. */
  algorithms: readonly Algorithm[]
  /** Who must have issued the token. A function must answer `true` at once. Default: not checked. */
  issuer?: string | readonly string[] | ((iss: string, payload: JwtPayload) => boolean)
  /** Who you are: one must be in `aud`. Default: a token that has `aud` is refused. `false`: deliberately unchecked. */
  audience?: string | readonly string[] | false
  subject?: string
  jwtId?: string
  nonce?: string
  /** What `typ` must be; default absent or `JWT`; `false`: unchecked. */
  type?: string | readonly string[] | false
  /** Whether `exp` must be there; default true. */
  requireExpiry?: boolean
  requiredClaims?: readonly string[]
  requiredHeader?: RequiredHeader
  /** How old `iat` may be; above 0. */
  maxAge?: Duration
  /** How far the clocks may differ; default 0, at most 10 minutes. */
  clockTolerance?: Duration
  now?: Clock
  /** Names of the critical header extensions that your code handles. */
  crit?: readonly string[]
  /** Characters; default 16384, from 1 to 2^24. */
  maxTokenLength?: number
  allowPadding?: boolean
  /** A Standard Schema v1: validates the claims last, types and replaces `payload`. */
  schema?: StandardSchemaV1
  /** Only `false` lets the token pass. */
  isRevoked?: (payload: JwtPayload, header: JwtHeader) => MaybePromise<boolean>
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

export interface VerifierOptions extends VerifyOptions {
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

export interface VerifyResult<P = JwtPayload, H = JwtHeader> { payload: P, header: H }

export type SafeResult<P = JwtPayload, H = JwtHeader> =
  | { ok: true, payload: P, header: H, error?: undefined }
  | { ok: false, error: JwtError, payload?: undefined, header?: undefined }

/** Checks that belong to one call. They add to the options; naming one that the options hold is a TypeError. */
export interface CallChecks { nonce?: string, subject?: string, jwtId?: string }

export interface Verifier<P = JwtPayload, H = JwtHeader> {
  (token: string, checks?: CallChecks): Promise<VerifyResult<P, H>>
  safe(token: string, checks?: CallChecks): Promise<SafeResult<P, H>>
}
