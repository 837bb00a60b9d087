// What happens to a token, downward (RFC 7515 5.2, RFC 7519 7.2).
//   open    1 limits and shape  2 header against the policy  3 form of the rest  4 keys  5 signature
//   verify  open, and from there the token is authentic:  6 payload  7 claims  8 isRevoked  9 schema
// `waxseal/jws` is `open` alone.

import { encode } from '../encoding/base64url'
import { utf8, type OwnBytes } from '../encoding/bytes'
import { attempt, isJwtError, misuse, refuse, say, JwtError, type JwtIssue } from '../errors'
import type { Header, JwtPayload } from '../jwt'
import type { Algorithm } from '../keys/algorithms'
import { checkKey, isCanonical } from '../keys/key'
import { checkArgument, checkEarly, resolve, type VerifyKey } from '../keys/resolve'
import { verify as verifySignature } from '../keys/subtle'
import { all, callable, flag, readOptions, text, type Readers } from '../options'
import { blame, booleanOf, checkClaims, claimChecks, readClock, runningClock, type ClaimsToCheck, type Findings } from './claims'
import { compactOptions, decodeSegment, malformed, parseSegment, split, type CompactOptions } from './compact'
import { checkHeader, checkTypes, headerChecks, type HeaderChecks } from './header'
import type {
  AllowedWith, CallChecks, Checked, ForVerifying, HeaderOf, SafeResult, VerifiedPayload, Verifier, VerifierOptions, VerifyOptions, VerifyResult,
} from './inference'
import type { StandardSchemaV1 } from './schema'

/** Options as they are after reading. */
export interface JwsChecks extends HeaderChecks, CompactOptions {
  readonly allowWeakKeys?: boolean
  readonly detachedPayload?: OwnBytes
}

interface JwtChecks extends JwsChecks, ClaimsToCheck {
  readonly now?: () => number
  readonly isRevoked?: (payload: JwtPayload, header: Header) => unknown
  readonly schema?: StandardSchemaV1['~standard']
}

export const jwsChecks = /* @__PURE__ */ all(headerChecks, compactOptions, { allowWeakKeys: flag })

const jwtChecks = /* @__PURE__ */ all(jwsChecks, claimChecks, {
  isRevoked: callable,
  schema(value, what) {
    const standard = (value as StandardSchemaV1 | null)?.['~standard']
    return standard?.version === 1 && typeof standard.validate === 'function' ? standard : misuse(what, 'a Standard Schema v1', value)
  },
})

/** Reads what every verifier reads first: the options, and whether such a key goes with them. */
export function readChecks<O extends JwsChecks>(where: string, key: unknown, options: unknown, readers: Readers): O {
  const checks = readOptions<O>(where, options, readers)
  if (!checks.algorithms) misuse(`${where} algorithms`, "the names that you accept, such as ['ES256']")
  checkArgument(where, key, checks.algorithms)
  return checks
}

export interface Opened {
  readonly header: Header<Algorithm>
  copyHeader(): Header
  readonly payload: OwnBytes
}

/** Verifies a JWS: what it returns was signed with one of the caller's keys, under an allowed algorithm. */
export async function open(token: unknown, key: VerifyKey, checks: JwsChecks, defaultType: string | false): Promise<Opened> {
  const segments = split(token, checks)

  const { text, value } = parseSegment(decodeSegment(segments.header, 'header'), 'header')
  const header = checkTypes(Object.assign(Object.create(null), value)) // inherits nothing: what is read of it is in it
  const row = checkHeader(header, checks, defaultType)

  const { detachedPayload, algorithms, allowWeakKeys } = checks
  if (detachedPayload && segments.payload) malformed('payload', 'an empty segment beside detachedPayload')
  const payload = detachedPayload ?? decodeSegment(segments.payload, 'payload')
  const signature = decodeSegment(segments.signature, 'signature')
  const input = utf8(segments.signingInput + (detachedPayload ? encode(payload) : ''))

  const copyHeader = (): Header => JSON.parse(text) as Header
  for (const one of await resolve(key, row, copyHeader, algorithms, allowWeakKeys)) {
    checkKey(one, row, 'verify', allowWeakKeys)
    if (isCanonical(signature, one, row) && await verifySignature(row, one, signature, input)) {
      return { header: value as Header<Algorithm>, copyHeader, payload }
    }
  }
  return refuse('ERR_JWT_SIGNATURE', 'signature', `one that the key made (${row.name})`)
}

async function check(token: unknown, key: VerifyKey, checks: JwtChecks, now: number): Promise<VerifyResult> {
  const { header, copyHeader, payload: bytes } = await open(token, key, checks, 'JWT')

  const { text, value: claims } = parseSegment(bytes, 'payload', header)
  const copy = (): JwtPayload => JSON.parse(text) as JwtPayload
  const { isRevoked, schema } = checks
  const findings = checkClaims(claims, copy, checks, now)
  const { issues } = findings
  if (isRevoked && isOpen(issues)) await checkRevoked(() => isRevoked(copy(), copyHeader()), findings)
  const payload = schema && isOpen(issues) ? await checkSchema(schema, copy(), findings) : claims

  if (issues.length) {
    issues.sort((a, b) => rank(a) - rank(b))
    const { code, message, ...details } = issues[0]!
    throw new JwtError(code, message, { ...details, payload: claims, header, ...findings })
  }
  return { payload: payload as JwtPayload, header }
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
async function checkRevoked(ask: () => unknown, findings: Findings): Promise<void> {
  if (await attempt(async () => booleanOf(await ask()), (cause) => blame(findings, cause))) {
    findings.issues.push({ code: 'ERR_JWT_REVOKED', message: say('isRevoked', false) })
  }
}

/** Gives what the schema makes of the claims, and notes what it has against them. */
function checkSchema(schema: StandardSchemaV1['~standard'], claims: JwtPayload, findings: Findings): Promise<unknown> {
  const bad = (message: string, path: readonly PropertyKey[] = []): unknown =>
    findings.issues.push({ code: 'ERR_JWT_SCHEMA', message: `schema: ${message}`, path, ...(path.length && { claim: String(path[0]) }) })
  return attempt(async () => {
    const result = await schema.validate(claims)
    if (!result.issues && 'value' in result) return result.value
    for (const { message, path = [] } of result.issues!) bad(message, path.map((part) => typeof part === 'object' ? part.key : part))
    return isOpen(findings.issues) && misuse('schema', 'a value or issues', result)
  }, (cause) => blame(findings, cause) && bad('expected an answer'))
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
export async function verify<K extends VerifyKey, const O extends VerifyOptions & { algorithms: AllowedWith<K> }>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyOptions>,
): Promise<VerifyResult<VerifiedPayload<O>, HeaderOf<O>>> {
  const checks = readChecks<JwtChecks>('verify', key, options, jwtChecks)
  return check(token, key, checks, readClock(checks.now)) as never
}

/**
 * As `verify`, with the refusal as a value: `{ ok: true, payload, header } | { ok: false, error }`.
 *
 * @throws TypeError as `verify`: the call is wrong, not the token
 */
export async function safeVerify<K extends VerifyKey, const O extends VerifyOptions & { algorithms: AllowedWith<K> }>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyOptions>,
): Promise<SafeResult<VerifiedPayload<O>, HeaderOf<O>>> {
  return safely(verify(token, key as never, options as never)) as never
}

/** A refusal as a value; a TypeError still throws, since it says that the call is wrong. */
export async function safely<T extends object>(verifying: Promise<T>): Promise<T & { ok: true } | { ok: false, error: JwtError }> {
  try {
    return { ok: true, ...await verifying }
  } catch (error) {
    if (isJwtError(error)) return { ok: false, error }
    throw error
  }
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
  key: K & ForVerifying<K>, options: O & Checked<O, VerifierOptions>,
): Verifier<VerifiedPayload<O>, HeaderOf<O>> {
  const checks = readChecks<JwtChecks>('createVerifier', key, options, all(jwtChecks, { now: runningClock }))
  checkEarly(key, checks.algorithms, checks.allowWeakKeys)
  const verifier = async (token: string, given?: CallChecks): Promise<VerifyResult> => {
    const more = readOptions<CallChecks>('verifier', given, callChecks)
    const twice = Object.keys(more).find((name) => name in checks)
    if (twice) misuse(`verifier ${twice}`, 'no check that createVerifier was given')
    return check(token, key, Object.assign(Object.create(null), checks, more), readClock(checks.now))
  }
  verifier.safe = (token: string, given?: CallChecks) => safely(verifier(token, given))
  return verifier as never
}

const callChecks = { nonce: text, subject: text, jwtId: text }
