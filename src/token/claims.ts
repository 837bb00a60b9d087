// The claims (RFC 7519 4): made by sign, checked by verify once the signature has held. Reads the clock.

import { isSameText } from '../encoding/bytes'
import { copyObject, isPlain, writeObject, type JsonObject } from '../encoding/json'
import { misuse, reading, say, type JwtErrorCode, type JwtIssue } from '../errors'
import type { JwtPayload } from '../jwt'
import { callable, flag, or, text, textOrTexts, texts, type Reader, type Readers } from '../options'
import { randomUUID } from '../keys/subtle'
import { hush } from '../recipe'
import { duration, lifetime } from './duration'
import { isAmong } from './header'

/** A fixed time, or a function that tells the time. */
export type Clock = Date | (() => Date)

/** Seconds since 1970, with fractions. */
type Now = () => number

/** Seconds of a valid Date of any realm. */
function secondsOf(value: unknown, what: string): number {
  try {
    const time = Date.prototype.getTime.call(value)
    if (time === time) return time / 1000
  } catch { /* no Date */ }
  hush(value)
  return misuse(what, 'a valid Date', value)
}

export const clock: Reader = (value, what): Now => {
  const time = typeof value === 'function' ? undefined : secondsOf(value, what)
  return () => time ?? secondsOf(reading(what, value as () => unknown), what)
}

/** In a factory a fixed Date would be a stopped clock. */
export const runningClock: Reader = (value, what) => clock(callable(value, what), what)

export function readClock(now: Now | undefined): number {
  return now?.() ?? Date.now() / 1000
}

/** What a claim must be, whoever wrote it; null is a wrong type, not an absence. */
interface ClaimType {
  readonly words: string
  is(value: unknown): boolean
}

const aString: ClaimType = { words: 'a string', is: (value) => typeof value === 'string' }
const strings: ClaimType = { words: 'a string or an array of strings', is: (value) => typeof value === 'string' || Array.isArray(value) && value.every(aString.is) }
/** The last second is that of the year 9999: a time in milliseconds is beyond it. */
export const seconds: ClaimType = { words: 'seconds from 0 to 253402300799', is: (value) => typeof value === 'number' && value >= 0 && value <= 253402300799 }

interface Row {
  readonly claim: string
  readonly type?: ClaimType
  /** The option of sign that makes it. */
  readonly make?: string
  /** The option of verify that it is held against. */
  readonly check?: string
  /** Tokens of one issuer and audience say so in the same words: what was last written, and how. */
  last?: readonly [value: unknown, text: string]
}

/** The claims that are looked at: RFC 7519 4.1, and OpenID's nonce (Core 2). */
const table: readonly Row[] = [
  { claim: 'iss', type: aString, make: 'issuer', check: 'issuer' },
  { claim: 'sub', type: aString, make: 'subject', check: 'subject' },
  { claim: 'aud', type: strings, make: 'audience', check: 'audience' },
  { claim: 'jti', type: aString, make: 'jwtId', check: 'jwtId' },
  { claim: 'exp', type: seconds, make: 'expiresIn', check: 'requireExpiry' },
  { claim: 'nbf', type: seconds, make: 'notBefore' },
  { claim: 'iat', type: seconds, make: 'issuedAt', check: 'maxAge' },
  { claim: 'nonce', check: 'nonce' },
]

// ─── sign ────────────────────────────────────────────────────────────────────

export const claimOptions: Readers = {
  expiresIn: /* @__PURE__ */ or(false, lifetime),
  notBefore: /* @__PURE__ */ duration(),
  issuedAt: flag,
  issuer: text,
  subject: text,
  audience: textOrTexts,
  jwtId: /* @__PURE__ */ or(true, text),
  now: clock,
}

/** Options as they are after reading. */
export interface ClaimsToMake {
  readonly expiresIn?: number | false
  readonly notBefore?: number
  readonly issuedAt?: boolean
  readonly issuer?: string
  readonly subject?: string
  readonly audience?: string | readonly string[]
  readonly jwtId?: string | true
  readonly now?: Now
}

/** A member to put behind others. Its value comes from options, whose arrays are copies that nobody can change. */
function memberText(row: Row, value: unknown): string {
  if (typeof value === 'number') return `,"${row.claim}":${value}`
  if (row.last?.[0] !== value) row.last = [value, `,${writeObject({ [row.claim]: value }, row.claim).slice(1, -1)}`]
  return row.last![1]
}

/** The JSON text of the claims: the payload's own, then those that options ask for. */
export function makeClaims(payload: unknown, options: ClaimsToMake): string {
  if (!isPlain(payload)) misuse('payload', 'a plain object of claims', payload)
  const claims = copyObject(payload, 'payload')
  const now = readClock(options.now)
  const second = Math.floor(now)
  let made = ''
  for (const row of table) {
    const { claim, type, make } = row
    const option = make && (options as JsonObject)[make]
    const isOwn = Object.hasOwn(claims, claim)
    if (isOwn && option !== undefined && make !== 'issuedAt') misuse(claim, `it in the payload or as ${make}, not both`)
    const value = isOwn ? claims[claim]
      : claim === 'iat' ? option !== false && second
      : typeof option === 'number' ? (option % 1 ? now : second) + option
      : option === true ? randomUUID() : option
    if (claim === 'exp' && value === undefined) misuse(claim, "expiresIn: '15m', or exp in the payload, or expiresIn: false for never")
    if (type && (isOwn || (value ?? false) !== false)) {
      if (!type.is(value)) misuse(claim, type.words, value)
      if (!isOwn) made += memberText(row, value)
    }
  }
  const text = JSON.stringify(claims)
  return text === '{}' ? `{${made.slice(1)}}` : `${text.slice(0, -1)}${made}}`
}

// ─── verify ──────────────────────────────────────────────────────────────────

export const claimChecks: Readers = {
  issuer: (value, what) => typeof value === 'function' ? value : textOrTexts(value, what),
  audience: /* @__PURE__ */ or(false, textOrTexts),
  subject: text,
  jwtId: text,
  nonce: text,
  requireExpiry: flag,
  requiredClaims: texts,
  maxAge: lifetime,
  clockTolerance: /* @__PURE__ */ duration(600, '10 minutes'),
  now: clock,
}

/** Options as they are after reading. */
export interface ClaimsToCheck {
  readonly issuer?: string | readonly string[] | ((iss: string, payload: JwtPayload) => boolean)
  readonly audience?: string | readonly string[] | false
  readonly subject?: string
  readonly jwtId?: string
  readonly nonce?: string
  readonly requireExpiry?: boolean
  readonly requiredClaims?: readonly string[]
  readonly maxAge?: number
  readonly clockTolerance?: number
}

/** What the checks found. The others are there when a function of the caller's did not answer. */
export interface Findings {
  readonly issues: JwtIssue[]
  cause?: unknown
  fault?: 'server'
}

/** Notes that a function of the caller's is at fault. */
export function blame(findings: Findings, cause: unknown): void {
  findings.cause = cause
  findings.fault = 'server'
}

/** One more thing against a token. What was got is left out where it must not be shown. */
export function issue(claim: string, expected: unknown, actual?: unknown, code: JwtErrorCode = 'ERR_JWT_CLAIM'): JwtIssue {
  return { code, claim, expected, ...(actual !== undefined && { actual }), message: say(claim, expected, actual) }
}

/** The claims whose values no message shows. */
const unshown = /^(jti|nonce)$/

/** Every check of the claims, none cut short by another, so that one look tells all that is wrong (RFC 7519 4.1, 7.2). */
export function checkClaims(claims: JwtPayload, copy: () => JwtPayload, checks: ClaimsToCheck, now: number): Findings {
  const findings: Findings = { issues: [] }
  const { clockTolerance = 0, requiredClaims } = checks
  const bad = (claim: string, expected: unknown, code?: JwtErrorCode): unknown =>
    findings.issues.push(issue(claim, expected, unshown.test(claim) || !Object.hasOwn(claims, claim) ? undefined : claims[claim], code))

  for (const claim of requiredClaims ?? []) if (!Object.hasOwn(claims, claim)) bad(claim, 'the claim to be there')

  for (const { claim, type, check } of table) {
    const option = check && (checks as JsonObject)[check]
    const value = claims[claim]
    if (!Object.hasOwn(claims, claim)) {
      if (!requiredClaims?.includes(claim) && (claim === 'exp' ? option !== false : option)) bad(claim, `the claim to be there${claim === 'exp' ? ' (or requireExpiry: false)' : ''}`)
    } else if (type && !type.is(value)) {
      bad(claim, type.words)
    } else if (claim === 'exp') {
      if (now >= (value as number) + clockTolerance) bad(claim, `a time after now (${now})`, 'ERR_JWT_EXPIRED')
    } else if (claim === 'nbf' || claim === 'iat' && option) {
      if (now < (value as number) - clockTolerance) bad(claim, `no time after now (${now})`, 'ERR_JWT_NOT_YET_VALID')
      if (option && now >= (value as number) + (option as number) + clockTolerance) bad(claim, `at most maxAge ${option as number} before now (${now})`)
    } else if (typeof option === 'function') {
      try {
        if (!booleanOf(option(value, copy()))) bad(claim, 'one that the function accepts')
      } catch (cause) {
        blame(findings, cause)
        bad(claim, 'a function that answers true or false')
      }
    } else if (option === undefined ? claim === 'aud' : option && !(claim === 'nonce' ? isSameText(value, option as string) : isAmong(option, value))) {
      bad(claim, unshown.test(claim) ? `that of the ${check} option` : option ?? 'none, unless the audience option names you')
    }
  }
  return findings
}

/** Until when claims that have passed these checks pass them again; never beyond exp, whatever the tolerance. */
export function validUntil({ exp = Infinity, iat = 0 }: JwtPayload, { maxAge = Infinity, clockTolerance = 0 }: ClaimsToCheck): number {
  return Math.min(exp, iat + maxAge + clockTolerance)
}

/** The boolean that a caller's function answered; anything else is its failure. */
export function booleanOf(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  hush(answer)
  return misuse('function', 'true or false', answer)
}
