// JWT access tokens for OAuth 2.0 (RFC 9068). Options say all of it, so verifying is a preset for verify, createVerifier
// and everything else that takes their options.

import type { JsonObject } from '../encoding/json'
import type { Algorithm } from '../keys/algorithms'
import { readOptions, text, textOrTexts } from '../options'
import type { Clock } from '../token/claims'
import type { CacheOptions, Checked, ForSigning, MaybeArgs, NeedsAlgorithm, SignOptions, VerifyOptions } from '../token/inference'
import { asIs, needing, needOptions, passed } from './check'
import { needClaims, readClaims, signPassed, signWith, type IssuingKey } from './issue'

/** RFC 9068 2.2: besides iss, aud and exp, which have options of their own. */
const required = ['sub', 'client_id', 'iat', 'jti'] as const
type RequiredClaim = (typeof required)[number]

/** The options of `accessToken`: those of `verify` that RFC 9068 leaves open. */
export interface AccessTokenOptions extends Omit<VerifyOptions, 'type' | 'requireExpiry' | 'issuer' | 'audience' | 'nonce'> {
  /** The allowlist: what `alg` may be, exactly. */
  algorithms: readonly Algorithm[]
  /** The authorization server. */
  issuer: NonNullable<VerifyOptions['issuer']>
  /** This resource server: one must be in `aud`. */
  audience: string | readonly string[]
  /** The clock; default the system's. For `verify` alone it may also be a Date. */
  now?: () => Date
  /** For `createVerifier` alone: as there, off unless given. */
  cache?: true | CacheOptions
}

/** The options of verify that come out. */
export type AccessTokenPreset<O> = Omit<O, 'requiredClaims'> & {
  readonly type: 'at+jwt'
  readonly requiredClaims: readonly (RequiredClaim | (O extends { readonly requiredClaims: readonly (infer C extends string)[] } ? C : never))[]
}

const presetOptions = { ...passed, issuer: asIs, audience: textOrTexts, cache: asIs }

/**
 * The options of `verify`, `createVerifier` and `issuers` for access tokens by RFC 9068: type `at+jwt`, the issuer, this
 * resource server in `aud`, and `exp`, `sub`, `client_id`, `iat`, `jti` there.
 *
 * @param options - `algorithms`, `issuer` and `audience` are required, and `audience` cannot be false (RFC 9068 4); others
 * as for `verify`, but for `type` and `requireExpiry`, which the profile decides
 * @throws TypeError for an unknown option, a missing one, an `audience` of the wrong kind; verify reads the others
 */
export function accessToken<const O extends Omit<AccessTokenOptions, 'now'> & { now?: Clock }>(options: O & Checked<O, AccessTokenOptions>): AccessTokenPreset<O> {
  const given = readOptions<JsonObject>('accessToken', options, presetOptions)
  needOptions('accessToken', given, ['algorithms', 'issuer', 'audience'])
  return { ...given, type: 'at+jwt', requiredClaims: needing('accessToken', given['requiredClaims'], required) } as never
}

/** The options of `signAccessToken`: those of `sign`; `typ` is `at+jwt`. */
export interface SignAccessTokenOptions extends Omit<SignOptions, 'type'> {}

/**
 * Signs an access token by RFC 9068: type `at+jwt`, with a random `jti` unless it is given.
 *
 * @param claims - `client_id`, and whatever else the token says (`scope`, `cnf`, ...)
 * @param key - as for `sign`, or a ring
 * @param options - as for `sign`, but for `type`; iss, sub, aud and exp are needed, in the claims or as options
 * @throws TypeError if a claim that RFC 9068 2.2 requires is missing, or as `sign`; JwtError as `sign`
 */
export function signAccessToken<K extends IssuingKey>(
  claims: { readonly client_id: string, readonly [claim: string]: unknown }, key: K & ForSigning<K>, ...[options]: MaybeArgs<NeedsAlgorithm<K>, SignAccessTokenOptions & NeedsAlgorithm<K>>
): Promise<string>
export async function signAccessToken(claims: object, key: IssuingKey, options?: object): Promise<string> {
  const given = readOptions<JsonObject>('signAccessToken', options, signPassed)
  const all = readClaims('signAccessToken', claims)
  if (all['jti'] === undefined && given['jwtId'] === undefined) given['jwtId'] = true
  needClaims('signAccessToken', all, given, ['iss', 'aud', 'exp', ...required])
  text(all['client_id'], 'signAccessToken client_id')
  return signWith(key, all, { ...given, type: 'at+jwt' })
}
