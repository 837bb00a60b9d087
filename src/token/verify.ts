// What happens to a token, downward (RFC 7515 5.2, RFC 7519 7.2).
//   read    1 limits and shape  2 header against the policy  3 form of the rest
//   open    4 keys  5 signature; from here on the token is authentic
//   parse   6 payload
//   judge   7 claims  8 isRevoked  9 schema
// `waxseal/jws` reads and opens. A recipe says `yield` where the asynchronous doors wait; node.ts follows the same ones.

import { encode } from '../encoding/base64url'
import type { OwnBytes } from '../encoding/bytes'
import { nothing } from '../encoding/json'
import { isJwtError, misuse, quietly, refuse, say, JwtError, type JwtIssue } from '../errors'
import type { Header, JwtPayload } from '../jwt'
import { isSymmetric, type Algorithm, type KeyPolicy, type Row } from '../keys/algorithms'
import { checkKey, isCanonical, isCryptoKey, isFixed } from '../keys/key'
import type { CryptoKeyLike } from '../keys/memory'
import { checkArgument, checkEarly, resolve, type VerifyKey } from '../keys/resolve'
import { notVerified, webCrypto, type Engine } from '../keys/subtle'
import { all, callable, flag, readOptions, text, type Readers } from '../options'
import { done, others, wait, type MaybeRecipe, type Recipe } from '../recipe'
import { cacheOption, createCache, deepFreeze, type CacheLimits } from './cache'
import { blame, booleanOf, checkClaims, claimChecks, readClock, runningClock, validUntil, type ClaimsToCheck, type Findings } from './claims'
import { checkSegment, compactOptions, malformed, parseSegment, segmentText, split, type CompactOptions } from './compact'
import { checkHeader, headerChecks, readHeader, type HeaderChecks, type ReadHeader } from './header'
import type {
  AllowedWith, CallChecks, Checked, ForVerifying, HeaderOf, SafeResult, VerifiedPayload, Verifier, VerifierOptions, VerifyOptions, VerifyResult,
} from './inference'
import type { StandardSchemaV1 } from './schema'

/** Options as they are after reading. */
export interface JwsChecks extends HeaderChecks, CompactOptions, KeyPolicy {
  /** No option, but checked together with them. */
  readonly key: VerifyKey
  readonly detachedPayload?: OwnBytes
}

export interface JwtChecks extends JwsChecks, ClaimsToCheck {
  readonly now?: () => number
  readonly isRevoked?: (payload: JwtPayload, header: Header) => unknown
  readonly schema?: StandardSchemaV1['~standard']
}

export const jwsChecks = /* @__PURE__ */ all(headerChecks, compactOptions, { allowWeakKeys: flag })

export const jwtChecks = /* @__PURE__ */ all(jwsChecks, claimChecks, {
  isRevoked: callable,
  schema(value, what) {
    const standard = (value as StandardSchemaV1 | null)?.['~standard']
    return standard?.version === 1 && typeof standard.validate === 'function' ? standard : misuse(what, 'a Standard Schema v1', value)
  },
})

/** Reads what every verifier reads first: the options, and whether such a key goes with them. */
export function readChecks<O extends JwsChecks>(where: string, key: unknown, options: unknown, readers: Readers, engine: Engine): O {
  const checks = readOptions<O>(where, options, readers)
  if (!checks.algorithms) misuse(`${where} algorithms`, "the names that you accept, such as ['ES256']")
  const own = engine.adopt ? engine.adopt(key, checks) : key
  checkArgument(where, own, checks)
  return Object.assign(checks, { key: own })
}

/** A token that has passed everything that can be said without a key. */
interface Unverified<P> {
  readonly payload: P
  readonly header: ReadHeader
  readonly row: Row
  readonly signature: string
  readonly input: string
}

/** What was signed, by which key. */
export interface Opened<P> {
  readonly payload: P
  readonly header: ReadHeader
  readonly row: Row
  readonly key: CryptoKeyLike
}

/** Takes a token apart and holds its header against the policy. `read` says what becomes of the payload segment. */
export function read<P>(token: unknown, checks: JwsChecks, defaultType: string | false, readPayload: (segment: string, name: string) => P): Unverified<P> {
  const segments = split(token, checks)

  const header = readHeader(segments.header)
  const row = checkHeader(header.header, checks, defaultType)

  const { detachedPayload } = checks
  if (detachedPayload && segments.payload) malformed('payload', 'an empty segment beside detachedPayload')
  const payload = readPayload(segments.payload, 'payload')
  checkSegment(segments.signature, 'signature')
  const input = detachedPayload ? encode(detachedPayload, segments.signingInput) : segments.signingInput
  return { payload, header, row, signature: segments.signature, input }
}

/** Verifies a JWS: what goes on to `then` was signed with one of the caller's keys, under an allowed algorithm. */
export function* open<P, R extends object>(
  { payload, header, row, signature, input }: Unverified<P>, checks: JwsChecks, engine: Engine, then: (opened: Opened<P>) => MaybeRecipe<R>,
): Recipe<R> {
  const found = resolve(checks.key, row, header.copy, checks, engine)
  const keys = typeof found === 'function' ? yield* found() : found
  if (engine.waits) yield others(isSymmetric(row))
  for (const key of keys) {
    checkKey(key, row, 'verify', checks.allowWeakKeys)
    let isGood = false
    try {
      const verdict = isCanonical(signature, key, row) && engine.verify(row, key, signature, input)
      isGood = typeof verdict === 'boolean' ? verdict : yield verdict
    } catch (error) {
      notVerified(error)
    }
    if (isGood) {
      const result = then({ payload, header, row, key })
      return typeof result === 'function' ? yield* result() : result
    }
  }
  return refuse('ERR_JWT_SIGNATURE', 'signature', `one that the key made (${row.name})`)
}

/** An authentic token: its claims may be believed to be the issuer's, and are yet to be checked. */
interface Authentic extends Opened<string | undefined> {
  readonly ownHeader: Header
  readonly claims: JwtPayload
}

/** Parses what is authentic, and not before. */
function parse({ header, payload, row, key }: Opened<string | undefined>): Authentic {
  const ownHeader = header.copy()
  return { header, payload, row, key, ownHeader, claims: parseSegment(payload, 'payload', ownHeader) }
}

/** Checks the claims of an authentic token: at once if neither isRevoked nor a schema is to be asked. */
function judge(token: Authentic, checks: JwtChecks, now: number): MaybeRecipe<VerifyResult> {
  const copy = (): JwtPayload => JSON.parse(token.payload!) as JwtPayload
  const findings = checkClaims(token.claims, copy, checks, now)
  return (checks.isRevoked || checks.schema) && isOpen(findings.issues) ? () => ask(token, copy, checks, findings) : conclude(token, token.claims, findings)
}

/** Asks isRevoked, then the schema. */
function* ask(token: Authentic, copy: () => JwtPayload, { isRevoked, schema }: JwtChecks, findings: Findings): Recipe<VerifyResult> {
  if (isRevoked) yield* checkRevoked(() => isRevoked(copy(), token.header.copy()), findings)
  const payload = schema && isOpen(findings.issues) ? yield* checkSchema(schema, copy(), findings) : token.claims
  return conclude(token, payload as JwtPayload, findings)
}

/** The answer, or the refusal with everything that was found. */
function conclude({ claims, ownHeader }: Authentic, payload: JwtPayload, findings: Findings): VerifyResult {
  if (findings.issues.length) throw refusalOf(findings, claims, ownHeader)
  return { payload, header: ownHeader as Header<Algorithm> }
}

/** The refusal of an authentic token, with everything that was found; the gravest gives the code. */
export function refusalOf(findings: Findings, payload: JwtPayload, header: Header): JwtError {
  const { code, message, ...details } = findings.issues.sort((a, b) => rank(a) - rank(b))[0]!
  return new JwtError(code, message, { ...details, payload, header, ...findings })
}

/** Which code wins: an expired token is called so only when nothing else is wrong with it. */
function rank({ code }: JwtIssue): number {
  return ['CLAIM', 'NOT_YET', 'REVOKED', 'SCHEMA', 'EXPIRED'].findIndex((word) => code.includes(word))
}

/** Whether nothing stands against the token so far but, perhaps, its age. */
function isOpen(issues: JwtIssue[]): boolean {
  return issues.every((issue) => rank(issue) > 3)
}

/** Only `false` lets the token pass. */
function* checkRevoked(ask: () => unknown, findings: Findings): Recipe<void> {
  let revoked = true
  try {
    revoked = booleanOf(yield ask())
  } catch (cause) {
    blame(findings, cause)
  }
  if (revoked) findings.issues.push({ code: 'ERR_JWT_REVOKED', message: say('isRevoked', false) })
}

/** Gives what the schema makes of the claims, and notes what it has against them. */
function* checkSchema(schema: StandardSchemaV1['~standard'], claims: JwtPayload, findings: Findings): Recipe<unknown> {
  const bad = (message: string, path: readonly PropertyKey[] = []): unknown =>
    findings.issues.push({ code: 'ERR_JWT_SCHEMA', message: `schema: ${message}`, path, ...(path.length && { claim: String(path[0]) }) })
  try {
    const result: StandardSchemaV1.Result<unknown> = yield schema.validate(claims)
    const { issues } = result
    if (issues === undefined && 'value' in result) return result.value
    const wrong = (): never => misuse('schema', 'a value or issues', result)
    for (const { message, path = [] } of issues!) bad(typeof message === 'string' ? message : wrong(), path.map((part) => typeof part === 'object' ? part.key : part))
    return isOpen(findings.issues) && wrong()
  } catch (cause) {
    blame(findings, cause)
    return bad('expected an answer')
  }
}

/** A refusal as a value; a TypeError still throws, since it says that the call is wrong. */
export function* safely<T extends object>(start: () => Recipe<T>): Recipe<T & { ok: true } | { ok: false, error: JwtError }> {
  try {
    const recipe = quietly(start)
    let step = quietly(() => recipe.next())
    while (!step.done) {
      let answer: unknown
      try {
        answer = yield step.value
      } catch (error) {
        step = quietly(() => recipe.throw(error))
        continue
      }
      step = quietly(() => recipe.next(answer as never))
    }
    return { ok: true, ...step.value }
  } catch (error) {
    if (isJwtError(error)) return { ok: false, error }
    throw error
  }
}

/** A token from its text to the verdict. What needs no wait is done before a generator starts: a refusal is cheaper so. */
function verifyToken(token: unknown, checks: JwtChecks, now: number, engine: Engine): Recipe<VerifyResult> {
  return open(read(token, checks, 'JWT', segmentText), checks, engine, (opened) => judge(parse(opened), checks, now))
}

/** The recipe of `verify`, for both kinds of door. */
export function verifyRecipe(where: string, token: unknown, key: unknown, options: unknown, engine: Engine): Recipe<VerifyResult> {
  const checks = readChecks<JwtChecks>(where, key, options, jwtChecks, engine)
  return verifyToken(token, checks, readClock(checks.now), engine)
}

/**
 * Verifies a token and gives its claims and header (RFC 7519 7.2).
 *
 * Without more options than `algorithms` it accepts a token that expires, has not expired, has no `aud`, and whose `typ`
 * is absent or `JWT`. The order of the checks is that of this file; the claims are not read before the signature holds.
 *
 * @param token - compact JWS text, at most `maxTokenLength` characters (16384)
 * @param key - a public or secret CryptoKey, a KeySet, a function of the header, or, if `algorithms` names HS* only, an
 * HMAC secret (text or bytes)
 * @param options - `algorithms` is required; the others are described at VerifyOptions
 * @throws JwtError wire form: `ERR_JWT_TOO_LARGE`, `ERR_JWT_MALFORMED`; header: `ERR_JWT_ALGORITHM`, `ERR_JWT_CRITICAL`,
 * `ERR_JWT_TYPE`, `ERR_JWT_CLAIM` (requiredHeader); key: `ERR_JWT_KEY`, `ERR_JWT_KEY_NOT_FOUND`, `ERR_JWT_UNSUPPORTED`,
 * `ERR_JWT_ALGORITHM`; `ERR_JWT_SIGNATURE`; then, with `payload`, `header` and all `issues` on the error: `ERR_JWT_CLAIM`,
 * `ERR_JWT_NOT_YET_VALID`, `ERR_JWT_REVOKED`, `ERR_JWT_SCHEMA`, `ERR_JWT_EXPIRED`, the first of these that applies
 * @throws TypeError for an unknown or wrong option and for what is no key, whatever the token is
 */
export function verify<K extends VerifyKey, const O extends VerifyOptions & { algorithms: AllowedWith<K> }>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyOptions, K>,
): Promise<VerifyResult<VerifiedPayload<O>, HeaderOf<O>>> {
  return wait(() => verifyRecipe('verify', token, key, options, webCrypto)) as never
}

/**
 * As `verify`, with the refusal as a value: `{ ok: true, payload, header } | { ok: false, error }`.
 *
 * @throws TypeError as `verify`: the call is wrong, not the token
 */
export function safeVerify<K extends VerifyKey, const O extends VerifyOptions & { algorithms: AllowedWith<K> }>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyOptions, K>,
): Promise<SafeResult<VerifiedPayload<O>, HeaderOf<O>>> {
  return wait(() => safely(() => verifyRecipe('safeVerify', token, key, options, webCrypto))) as never
}

/**
 * Makes a verifier whose options and key have been read and checked once, at creation.
 *
 * @param key - as for `verify`; what no token could pass with is refused here
 * @param options - as for `verify`; `now` only as a function, since a fixed Date would be a stopped clock
 * @returns `verifier(token, checks?)`, and `verifier.safe(token, checks?)` which gives the refusal as a value. `checks`
 * are `nonce`, `subject` and `jwtId` of this call; naming one that the options hold is a TypeError
 * @throws JwtError, TypeError as `verify`, at once
 */
export function createVerifier<K extends VerifyKey, const O extends VerifierOptions & { algorithms: AllowedWith<K> }>(
  key: K & ForVerifying<K>, options: O & Checked<O, VerifierOptions, K>,
): Verifier<VerifiedPayload<O>, HeaderOf<O>> {
  return verifierOf(verifierRecipe('createVerifier', key, options, webCrypto), webCrypto) as never
}

/** A verifier as callers have it: what refuses throws, but in `safe`. */
export function verifierOf(recipe: (token: unknown, given: unknown) => Recipe<VerifyResult>, { follow }: Engine): unknown {
  const verifier = (token: unknown, given?: unknown): unknown => follow(() => recipe(token, given))
  verifier.safe = (token: unknown, given?: unknown) => follow(() => safely(() => recipe(token, given)))
  return verifier
}

const callChecks = { nonce: text, subject: text, jwtId: text }

/** The recipe of `createVerifier`, for both kinds of door. */
export function verifierRecipe(where: string, key: unknown, options: unknown, engine: Engine): (token: unknown, given: unknown) => Recipe<VerifyResult> {
  const checks = readChecks<JwtChecks & { cache?: CacheLimits }>(where, key, options, all(jwtChecks, { now: runningClock, cache: cacheOption }), engine)
  checkEarly(checks.key, checks)
  const { now: clock } = checks
  const cache = checks.cache && createCache<Authentic>(checks.cache)
  // Whether a hit leaves nothing to ask but the clock and what the key says of itself, and whether that can change.
  const isSettled = (typeof checks.key === 'string' || isCryptoKey(checks.key)) && !checks.isRevoked && !checks.schema && typeof checks.issuer !== 'function'
  const isKeyFixed = typeof checks.key === 'string' || isFixed(checks.key)

  if (!cache) return (token, given) => verifyToken(token, addChecks(checks, given), readClock(clock), engine)

  function* first(token: unknown, all: JwtChecks, now: number): Recipe<VerifyResult> {
    const fresh = yield* open(read(token, all, 'JWT', segmentText), all, engine, parse)
    deepFreeze([fresh.claims, fresh.ownHeader])
    const verdict = judge(fresh, all, now)
    const result = typeof verdict === 'function' ? yield* verdict() : verdict
    cache!.keep(token as string, fresh, now, validUntil(fresh.claims, checks))
    return result
  }

  function* again(hit: Authentic, token: unknown, all: JwtChecks, now: number): Recipe<VerifyResult> {
    if (!(yield* isStillKey(hit, checks, engine))) return yield* first(token, all, now)
    const verdict = judge(hit, all, now)
    return typeof verdict === 'function' ? yield* verdict() : verdict
  }

  return (token, given) => {
    const now = readClock(clock)
    const all = addChecks(checks, given)
    const hit = cache.get(token, now)
    if (!hit) return first(token, all, now)
    if (!isSettled || all !== checks) return again(hit, token, all, now)
    if (!isKeyFixed) checkKey(hit.key, hit.row, 'verify', checks.allowWeakKeys)
    return done({ payload: hit.claims, header: hit.ownHeader as Header<Algorithm> })
  }
}

/** Whether the key that verified a remembered token would be asked again, and may still be used. */
function* isStillKey({ key, row, header }: Authentic, checks: JwtChecks, engine: Engine): Recipe<boolean> {
  const found = resolve(checks.key, row, header.copy, checks, engine)
  const keys = typeof found === 'function' ? yield* found() : found
  if (!keys.includes(key)) return false
  checkKey(key, row, 'verify', checks.allowWeakKeys)
  return true
}

/** The checks of one call beside those of the verifier. */
function addChecks(checks: JwtChecks, given: unknown): JwtChecks {
  const more = readCallChecks(given, checks)
  return more ? Object.assign(Object.create(nothing), checks, more) as JwtChecks : checks
}

/** Reads the checks of one call, which name none that the verifier has, be it made of several. */
export function readCallChecks(given: unknown, ...all: JwtChecks[]): CallChecks | undefined {
  if (given === undefined) return undefined
  const more = readOptions<CallChecks>('verifier', given, callChecks)
  const twice = Object.keys(more).find((name) => all.some((checks) => name in checks))
  return twice ? misuse(`verifier ${twice}`, 'no check that the verifier was made with') : more
}
