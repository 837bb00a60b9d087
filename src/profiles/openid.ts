// OpenID Connect: ID tokens (Core 1.0 2, 3.1.3.7, 3.3.2.11) and logout tokens (Back-Channel Logout 1.0 2.4, 2.6).
// Options cannot say all of it, so these verify themselves; there is no preset whose other half could be forgotten.

import { encode } from '../encoding/base64url'
import { utf8 } from '../encoding/bytes'
import { isPlain, type JsonObject } from '../encoding/json'
import { holds, misuse, type JwtIssue } from '../errors'
import type { Header, JwtPayload } from '../jwt'
import { readAlgorithm, rowOf, type Algorithm, type Row } from '../keys/algorithms'
import { isCryptoKey, ownRow } from '../keys/key'
import type { VerifyKey } from '../keys/resolve'
import { isSecret } from '../keys/secret'
import { digest } from '../keys/subtle'
import { callable, isText, or, readOptions, text, textOrTexts, texts } from '../options'
import { claimChecks, clock, issue, readClock, seconds } from '../token/claims'
import { split, type CompactOptions } from '../token/compact'
import { lifetime, type Duration } from '../token/duration'
import { readHeader } from '../token/header'
import type { AllowedWith, Checked, ForSigning, ForVerifying, HeaderOf, MaybeArgs, NeedsAlgorithm, SignOptions, VerifiedPayload, VerifyOptions, VerifyResult } from '../token/inference'
import { asIs, needing, needOptions, passed, verifyMore, without, type ReplayHook } from './check'
import { isRing, needClaims, readClaims, signPassed, signWith, type IssuingKey } from './issue'

/** What both kinds of token are checked against. */
interface OpenIdOptions extends Omit<VerifyOptions, 'issuer' | 'audience' | 'nonce'> {
  /** The allowlist: what `alg` may be, exactly. */
  algorithms: readonly Algorithm[]
  /** The provider. */
  issuer: NonNullable<VerifyOptions['issuer']>
  /** Who you are to the provider: must be in `aud`. */
  clientId: string
  /** Further audiences that you trust; a token for anyone else too is refused. */
  trustedAudiences?: readonly string[]
}

const openIdOptions = { ...passed, issuer: asIs, type: asIs, clientId: text, trustedAudiences: texts }

/** Core 3.1.3.7 step 3: besides the client, only audiences that it trusts. */
function checkAudience({ aud }: JwtPayload, { clientId, trustedAudiences = [] }: Pick<OpenIdOptions, 'clientId' | 'trustedAudiences'>): JwtIssue[] {
  const strangers = [aud].flat().filter((one) => typeof one === 'string' && one !== clientId && !trustedAudiences.includes(one))
  return strangers.length ? [issue('aud', `nobody but the clientId and trustedAudiences (${[clientId, ...trustedAudiences]})`, aud)] : []
}

// ─── ID tokens ───────────────────────────────────────────────────────────────

/** The options of `verifyIdToken`: those of `verify` that OpenID Connect leaves open, and its own. What fails is `ERR_JWT_CLAIM`. */
export interface IdTokenOptions extends Omit<OpenIdOptions, 'requireExpiry'> {
  /** The nonce of the authentication request; `false` if none was sent, and then the token must not have one. */
  nonce: string | false
  /** What `azp` may be; default the clientId. */
  authorizedParty?: string | readonly string[]
  /** The `max_age` of the request: how long ago the user may have signed in. Needs `auth_time`. */
  maxAuthenticationAge?: Duration
  /** What `acr` must be, if the request asked for it. */
  acr?: string | readonly string[]
  /** The access token that came along: `at_hash` must be there and be its hash. */
  accessToken?: string
  /** The authorization code that came along: `c_hash` must be there and be its hash. */
  code?: string
}

const idTokenOptions = {
  ...openIdOptions, nonce: /* @__PURE__ */ or(false, text), authorizedParty: textOrTexts, maxAuthenticationAge: lifetime, acr: textOrTexts, accessToken: text, code: text,
}

type IdTokenClaims<O> = VerifiedPayload<Omit<O, 'nonce' | 'requiredClaims'> & { readonly issuer: string, readonly audience: string, readonly requiredClaims: readonly ('sub' | 'iat')[] }
  & (O extends { readonly nonce: infer N extends string } ? { readonly nonce: N } : {})>

/**
 * Verifies an ID token (OpenID Connect Core 1.0 3.1.3.7, by its steps):
 * 2 `issuer`, 3 `clientId` in `aud` and nobody there that you do not trust, 4 and 5 `azp` there if there are several
 * audiences, and the client if it is there, 6 the signature, 7 `algorithms`, 9 `exp`, 10 `iat` there (`maxAge` bounds
 * it), 11 `nonce`, 12 `acr`, 13 `auth_time`. Then `at_hash` and `c_hash` (3.1.3.8, 3.3.2.10), by the hash of the token's `alg`.
 *
 * @param token - compact JWS text; encrypted ID tokens (step 1) are refused
 * @param key - the provider's keys, as for `verify`
 * @param options - `algorithms`, `issuer`, `clientId` and `nonce` are required; `maxAuthenticationAge` is the request's
 * `max_age`; others as for `verify`
 * @returns `{ payload, header }`
 * @throws JwtError as `verify`; a failing check of the profile is `ERR_JWT_CLAIM` with `claim`, before an expired code
 * @throws TypeError for an unknown, wrong or missing option
 */
export async function verifyIdToken<K extends VerifyKey, const O extends IdTokenOptions & { algorithms: AllowedWith<K> }>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, IdTokenOptions, K>,
): Promise<VerifyResult<IdTokenClaims<O>, HeaderOf<O>>> {
  const given = readOptions<JsonObject & IdTokenOptions>('verifyIdToken', options, idTokenOptions)
  needOptions('verifyIdToken', given, ['algorithms', 'issuer', 'clientId'])
  if (given.nonce === undefined) misuse('verifyIdToken nonce', 'that of the authentication request, or false if none was sent')
  const { clientId, nonce, requiredClaims, accessToken, code } = given
  if (accessToken !== undefined || code !== undefined) checkHashable(given.algorithms)
  const rest = without(given, 'clientId', 'trustedAudiences', 'nonce', 'authorizedParty', 'maxAuthenticationAge', 'acr', 'accessToken', 'code')
  const times = { now: 'now' in given ? clock(given.now, 'verifyIdToken now') as () => number : undefined, tolerance: toleranceOf(given) }
  return await verifyMore(token, key, { ...rest, audience: clientId, requiredClaims: needing('verifyIdToken', requiredClaims, ['sub', 'iat']), ...(nonce !== false && { nonce }) }, async (claims, header) => [
    ...checkAudience(claims, given),
    ...checkParty(claims, given),
    ...nonce === false && Object.hasOwn(claims, 'nonce') ? [issue('nonce', 'none, since none was sent (nonce: false)')] : [],
    ...isLogout(claims) ? [issue('events', 'none: this is a logout token')] : [],
    ...checkText(claims, 'acr', given.acr),
    ...checkAuthTime(claims, given.maxAuthenticationAge as number | undefined, readClock(times.now), times.tolerance),
    ...await checkHash(claims, header, 'at_hash', accessToken),
    ...await checkHash(claims, header, 'c_hash', code),
  ]) as never
}

function toleranceOf({ clockTolerance }: { clockTolerance?: unknown }): number {
  return clockTolerance === undefined ? 0 : claimChecks['clockTolerance']!(clockTolerance, 'verify clockTolerance') as number
}

/** Steps 4 and 5. */
function checkParty(claims: JwtPayload, { clientId, authorizedParty = clientId }: IdTokenOptions): JwtIssue[] {
  const isShared = new Set([claims.aud].flat()).size > 1
  return isShared || Object.hasOwn(claims, 'azp') ? checkText(claims, 'azp', authorizedParty) : []
}

/** A claim that must be one of some texts, if any are named. */
function checkText(claims: JwtPayload, claim: string, expected: string | readonly string[] | undefined): JwtIssue[] {
  const actual = Object.hasOwn(claims, claim) ? claims[claim] : undefined
  return expected === undefined || ([expected].flat() as unknown[]).includes(actual) ? [] : [issue(claim, expected, actual)]
}

/** Step 13. The type is checked whether or not an age was asked for. */
function checkAuthTime(claims: JwtPayload, maxAge: number | undefined, now: number, tolerance: number): JwtIssue[] {
  const time = claims['auth_time'] as number
  if (!Object.hasOwn(claims, 'auth_time')) return maxAge === undefined ? [] : [issue('auth_time', 'the claim to be there')]
  if (!seconds.is(time)) return [issue('auth_time', seconds.words, time)]
  if (maxAge === undefined) return []
  if (now < time - tolerance) return [issue('auth_time', `no time after now (${now})`, time)]
  return now >= time + maxAge + tolerance ? [issue('auth_time', `at most maxAuthenticationAge ${maxAge} before now (${now})`, time)] : []
}

// ─── at_hash and c_hash ──────────────────────────────────────────────────────

/** The hash of an algorithm: the table's; Ed25519 hashes with SHA-512 itself (RFC 8032 5.1). ML-DSA has none that WebCrypto offers. */
function hashOf({ kty, params: { hash } }: Row): string | undefined {
  return hash ?? (kty === 'OKP' ? 'SHA-512' : undefined)
}

function checkHashable(algorithms: unknown): void {
  const rows = Array.isArray(algorithms) ? algorithms.map(rowOf) : []
  for (const row of rows) if (row && !hashOf(row)) misuse('at_hash, c_hash', `algorithms with a SHA-2 hash, not ${row.name}`)
}

/** The left half of the hash of ASCII text, base64url (Core 3.1.3.6, 3.3.2.11). */
async function halfHash(row: Row, value: string): Promise<string> {
  const hash = await digest(hashOf(row)!, utf8(value))
  return encode(hash.slice(0, hash.length / 2))
}

async function checkHash(claims: JwtPayload, { alg }: Header, claim: string, value: string | undefined): Promise<JwtIssue[]> {
  return value === undefined ? [] : checkText(claims, claim, await halfHash(rowOf(alg)!, value))
}

/** The options of `signIdToken`: those of `sign` but `type`, and two more. */
export interface SignIdTokenOptions extends Omit<SignOptions, 'type'> {
  /** Issued along with it: writes `at_hash`. */
  accessToken?: string
  /** Issued along with it: writes `c_hash`. */
  code?: string
}

/**
 * Signs an ID token (OpenID Connect Core 1.0 2).
 *
 * @param claims - `nonce` if the request had one, `auth_time`, `acr`, `azp` and whatever else the token says
 * @param key - as for `sign`, or a ring
 * @param options - as for `sign`, but for `type`; `accessToken` and `code` write `at_hash` and `c_hash` by the hash of the
 * key's algorithm. iss, sub, aud and exp are needed, in the claims or as options
 * @throws TypeError if a claim that Core 2 requires is missing, or as `sign`; JwtError as `sign`
 */
export function signIdToken<K extends IssuingKey>(
  claims: object, key: K & ForSigning<K>, ...[options]: MaybeArgs<NeedsAlgorithm<K>, SignIdTokenOptions & NeedsAlgorithm<K>>
): Promise<string>
export async function signIdToken(claims: object, key: IssuingKey, options?: object): Promise<string> {
  const given = readOptions<JsonObject & SignIdTokenOptions>('signIdToken', options, { ...signPassed, accessToken: text, code: text })
  const all = readClaims('signIdToken', claims)
  needClaims('signIdToken', all, given, ['iss', 'sub', 'aud', 'exp', 'iat'])
  const subject = all['sub'] ?? given['subject']
  if (typeof subject === 'string' && !/^[\x20-\x7e]{1,255}$/.test(subject)) misuse('signIdToken sub', 'at most 255 ASCII characters')
  if ('auth_time' in all && !seconds.is(all['auth_time'])) misuse('signIdToken auth_time', seconds.words, all['auth_time'])
  for (const name of ['nonce', 'acr', 'azp']) if (name in all) text(all[name], `signIdToken ${name}`)
  const hashes = Object.entries({ at_hash: given.accessToken, c_hash: given.code }).filter(([, value]) => value !== undefined) as [string, string][]
  for (const [name] of hashes) if (name in all) misuse(`signIdToken ${name}`, 'it in the claims or from the option, not both')
  if (!hashes.length) return signWith(key, all, given)
  for (;;) {
    const row = await rowOfKey(key, given.algorithm)
    checkHashable([row.name])
    for (const [name, value] of hashes) all[name] = await halfHash(row, value)
    const token = await signWith(key, all, without(given, 'accessToken', 'code'))
    if (readHeader(token.slice(0, token.indexOf('.'))).header.alg === row.name) return token // else a ring has gone over to a key of another algorithm just now
  }
}

async function rowOfKey(key: IssuingKey, algorithm: unknown): Promise<Row> {
  if (algorithm !== undefined) return readAlgorithm(algorithm, 'signIdToken algorithm')
  const one = isRing(key) ? await key.current() : key
  if (isCryptoKey(one)) return ownRow(one)
  return readAlgorithm(isSecret(one) ? undefined : (one as { algorithm?: unknown } | null)?.algorithm, 'signIdToken algorithm')
}

// ─── logout tokens ───────────────────────────────────────────────────────────

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/** The options of `verifyLogoutToken`: those of `verify` that Back-Channel Logout leaves open, and its own. */
export interface LogoutTokenOptions extends OpenIdOptions {
  /** What `typ` must be; default `logout+jwt`, `JWT` or none. `'logout+jwt'` is safer where the provider writes it. */
  type?: string | readonly string[]
  /** Whether a logout token with this `jti` came before; asked last, and only `false` lets it pass. */
  isReplayed?: ReplayHook
}

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 2.6, by its steps): 2 and 3 signature and `algorithms`,
 * 4 `issuer`, `clientId`, `iat` and `exp` as for an ID token, 5 `sub` or `sid`, 6 `events` with the logout event, 7 no
 * `nonce`, 8 `isReplayed`. Which sessions to end (9 to 11), `sid` and `sub` of the result say.
 *
 * @param token - the `logout_token` of the request
 * @param key - the provider's keys, as for `verify`
 * @param options - `algorithms`, `issuer` and `clientId` are required; `requireExpiry: false`, for providers that write no
 * `exp`, needs `maxAge`; others as for `verify`
 * @throws JwtError as `verify`; a failing check of the profile is `ERR_JWT_CLAIM` with `claim`, a replay `ERR_JWT_REVOKED`
 * @throws TypeError for an unknown, wrong or missing option
 */
export async function verifyLogoutToken<K extends VerifyKey, const O extends LogoutTokenOptions & { algorithms: AllowedWith<K> }>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, LogoutTokenOptions, K>,
): Promise<VerifyResult<JwtPayload & { iss: string, aud: string | string[], iat: number, jti: string, sid?: string, events: Record<string, unknown> }, HeaderOf<O>>> {
  const given = readOptions<JsonObject & LogoutTokenOptions>('verifyLogoutToken', options, { ...openIdOptions, requireExpiry: asIs, isReplayed: callable })
  needOptions('verifyLogoutToken', given, ['algorithms', 'issuer', 'clientId'])
  if (given.requireExpiry === false && given.maxAge === undefined) misuse('verifyLogoutToken maxAge', 'it to be there, since requireExpiry is false')
  const { clientId, requiredClaims, isReplayed } = given
  const rest = without(given, 'clientId', 'trustedAudiences', 'isReplayed')
  if (!('type' in given) && hasType(token, given)) rest['type'] = ['JWT', 'logout+jwt']
  return await verifyMore(token, key, { ...rest, audience: clientId, requiredClaims: needing('verifyLogoutToken', requiredClaims, ['iat', 'jti']) }, (claims) => [
    ...checkAudience(claims, given),
    ...Object.hasOwn(claims, 'sid') && !isText(claims['sid']) ? [issue('sid', 'a non-empty string', claims['sid'])] : [],
    ...claims.sub === '' ? [issue('sub', 'a non-empty string', '')] : [],
    ...Object.hasOwn(claims, 'sid') || Object.hasOwn(claims, 'sub') ? [] : [issue('sid', 'sid or sub to be there')],
    ...isLogout(claims) ? [] : [issue('events', `an object with ${logoutEvent}: {}`, claims['events'])],
    ...Object.hasOwn(claims, 'nonce') ? [issue('nonce', 'none: this would pass for an ID token')] : [],
  ], isReplayed) as never
}

/** Whether what the claims say is that somebody signed out (Back-Channel Logout 2.4). */
function isLogout({ events }: JwtPayload): boolean {
  return isPlain(events) && Object.hasOwn(events, logoutEvent) && isPlain(events[logoutEvent])
}

/** Whether a header has a typ at all. Nothing else is looked at, and not before the length; what is malformed verify refuses. */
function hasType(token: string, options: CompactOptions): boolean {
  return holds(() => Object.hasOwn(readHeader(split(token, options).header).header, 'typ'))
}

/** The options of `signLogoutToken`: those of `sign`; `typ` is `logout+jwt`. */
export interface SignLogoutTokenOptions extends Omit<SignOptions, 'type'> {}

/**
 * Signs a logout token (OpenID Connect Back-Channel Logout 1.0 2.4): type `logout+jwt`, the logout event, a random `jti`
 * unless it is given, and two minutes of life unless told otherwise.
 *
 * @param claims - `sid`, and whatever else; `events` is added
 * @param key - as for `sign`, or a ring
 * @param options - as for `sign`, but for `type`; iss and aud are needed, and one of sub and `sid`
 * @throws TypeError if a claim is missing, for a `nonce`, or as `sign`; JwtError as `sign`
 */
export function signLogoutToken<K extends IssuingKey>(
  claims: { readonly sid?: string, readonly nonce?: never, readonly [claim: string]: unknown }, key: K & ForSigning<K>, ...[options]: MaybeArgs<NeedsAlgorithm<K>, SignLogoutTokenOptions & NeedsAlgorithm<K>>
): Promise<string>
export async function signLogoutToken(claims: object, key: IssuingKey, options?: object): Promise<string> {
  const given = readOptions<JsonObject>('signLogoutToken', options, signPassed)
  const all = readClaims('signLogoutToken', claims)
  if (all['jti'] === undefined && given['jwtId'] === undefined) given['jwtId'] = true
  if (all['exp'] === undefined && given['expiresIn'] === undefined) given['expiresIn'] = '2m'
  needClaims('signLogoutToken', all, given, ['iss', 'aud', 'exp', 'iat', all['sid'] === undefined ? 'sub' : 'sid'])
  if ('nonce' in all || 'events' in all) misuse('signLogoutToken claims', 'no nonce, and no events, which it writes itself')
  if (all['sid'] !== undefined) text(all['sid'], 'signLogoutToken sid')
  return signWith(key, { ...all, events: { [logoutEvent]: {} } }, { ...given, type: 'logout+jwt' })
}
