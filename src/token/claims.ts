// The claims (RFC 7519 4): made by sign, checked by verify once the signature has held. Reads the clock.

import { constantTimeEqual, utf8 } from '../encoding/bytes'
import { has, isPlain, writeMembers, type JsonObject } from '../encoding/json'
import { misuse, say, type JwtErrorCode, type JwtIssue } from '../errors'
import type { JwtPayload } from '../jwt'
import { Kind } from '../options'
import { randomUUID } from '../keys/subtle'
import { duration, lifetime } from './duration'

/** A fixed time, or a function that tells the time. */
export type Clock = Date | (() => Date)

/** Seconds since 1970, with fractions. */
type Now = () => number

/** Seconds of a valid Date of any realm. */
function secondsOf(value: unknown, what: string): number {
  let time = NaN
  try {
    time = Date.prototype.getTime.call(value)
  } catch { /* no Date */ }
  return time === time ? time / 1000 : misuse(what, 'a valid Date', value)
}

/** In a factory a fixed Date would be a stopped clock. */
export function runningClock(value: unknown, what: string): Now {
  return typeof value === 'function' ? () => secondsOf((value as () => unknown)(), `${what}()`) : misuse(what, 'a function that returns a Date', value)
}

export function clock(value: unknown, what: string): Now {
  if (typeof value === 'function') return runningClock(value, what)
  const time = secondsOf(value, what)
  return () => time
}

export function readClock(now: Now | undefined): number {
  return now ? now() : Date.now() / 1000
}

/** The last second of the year 9999; a time in milliseconds is beyond it. */
const lastSecond = 253402300799
const isText = (value: unknown): boolean => typeof value === 'string'

/** What a registered claim must be and is not, whoever wrote it. Null is a wrong type, not an absence. */
function typeFault(claim: string, value: unknown): string | undefined {
  switch (claim) {
    case 'iss': case 'sub': case 'jti':
      return isText(value) ? undefined : 'a string'
    case 'aud':
      return isText(value) || Array.isArray(value) && value.every(isText) ? undefined : 'a string or an array of strings'
    case 'exp': case 'nbf': case 'iat':
      return typeof value === 'number' && value >= 0 && value <= lastSecond ? undefined : `seconds from 0 to ${lastSecond} (no milliseconds)`
  }
  return undefined
}

// ─── sign ────────────────────────────────────────────────────────────────────

/** Which option makes which claim. */
const claimOf = { issuer: 'iss', subject: 'sub', audience: 'aud', expiresIn: 'exp', notBefore: 'nbf', jwtId: 'jti' } as const

export const claimOptions = {
  expiresIn: (value: unknown, what: string) => value !== false && lifetime(value, what),
  notBefore: /* @__PURE__ */ duration(),
  issuedAt: Kind.Flag,
  issuer: Kind.Text,
  subject: Kind.Text,
  audience: Kind.Text | Kind.Texts,
  jwtId: Kind.Text | Kind.True,
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

/** The JSON text of the claims: the payload's own, then those that options ask for. */
export function makeClaims(payload: unknown, options: ClaimsToMake): string {
  if (!isPlain(payload)) misuse('sign: payload', 'a plain object of claims', payload)
  const claims = Object.assign(Object.create(null) as JsonObject, payload)
  const second = Math.floor(readClock(options.now))
  if (options.issuedAt !== false && !('iat' in claims)) claims['iat'] = second
  for (const option of Object.keys(claimOf) as (keyof typeof claimOf)[]) {
    const claim = claimOf[option]
    let value: unknown = options[option]
    if (value === undefined) continue
    if (claim in claims) misuse(`sign: ${claim}`, `the claim in the payload or the option ${option}, not both`)
    if (typeof value === 'number') value += second
    claims[claim] = value === true ? randomUUID() : value === false ? undefined : value
  }
  if (!('exp' in claims)) misuse('sign: expiry', "expiresIn: '15m', or exp in the payload, or expiresIn: false for never")
  for (const claim of Object.keys(claims)) {
    const expected = (claims[claim] !== undefined || has(payload, claim)) && typeFault(claim, claims[claim])
    if (expected) misuse(`sign: ${claim}`, expected, claims[claim])
  }
  return `{${writeMembers(claims, 'payload')}}`
}

// ─── verify ──────────────────────────────────────────────────────────────────

/** Which option a claim is held against; a claim whose option is set must be there. */
const checkOf: Readonly<Record<string, string>> = { iss: 'issuer', sub: 'subject', aud: 'audience', jti: 'jwtId', nonce: 'nonce', exp: 'requireExpiry', iat: 'maxAge', nbf: '' }

export const claimChecks = {
  issuer: Kind.Text | Kind.Texts | Kind.Function,
  audience: Kind.Text | Kind.Texts | Kind.False,
  subject: Kind.Text,
  jwtId: Kind.Text,
  nonce: Kind.Text,
  requireExpiry: Kind.Flag,
  requiredClaims: Kind.Texts,
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

/** What the checks found. `failure` is there when a function of the caller's did not answer. */
export interface Findings {
  readonly issues: JwtIssue[]
  failure?: { readonly cause: unknown }
}

/** Every check of the claims, none cut short by another, so that one look tells all that is wrong (RFC 7519 4.1, 7.2). */
export function checkClaims(claims: JwtPayload, copy: () => JwtPayload, checks: ClaimsToCheck, now: number): Findings {
  const findings: Findings = { issues: [] }
  const { maxAge, clockTolerance: tolerance = 0, requiredClaims = [] } = checks
  for (const claim of new Set([...Object.keys(checkOf), ...requiredClaims])) {
    const option = (checks as JsonObject)[checkOf[claim]!]
    const value = claims[claim]
    const isHidden = claim === 'jti' || claim === 'nonce' // they are secrets, or nearly
    const bad = (expected: unknown, code: JwtErrorCode = 'ERR_JWT_CLAIM'): void => {
      const actual = isHidden ? undefined : value
      findings.issues.push({ code, claim, expected, ...(actual !== undefined && { actual }), message: say(claim, expected, actual) })
    }

    if (!has(claims, claim)) {
      if (option || requiredClaims.includes(claim) || claim === 'exp' && option !== false) bad('the claim to be there')
      continue
    }
    const expected = typeFault(claim, value)
    if (expected) {
      bad(expected)
    } else if (claim === 'exp') {
      if (now >= (value as number) + tolerance) bad(`a time after ${now - tolerance}`, 'ERR_JWT_EXPIRED')
    } else if (claim === 'nbf' || claim === 'iat' && maxAge) {
      if (now < (value as number) - tolerance) bad(`no time after ${now + tolerance}`, 'ERR_JWT_NOT_YET_VALID')
      if (claim === 'iat' && now >= (value as number) + maxAge! + tolerance) bad(`a time after ${now - maxAge! - tolerance} (maxAge)`)
    } else if (typeof option === 'function') {
      try {
        if (!booleanOf(option(value, copy()))) bad('an issuer that the function accepts')
      } catch (cause) {
        findings.failure = { cause }
        bad('an issuer function that answers true or false')
      }
    } else if (claim === 'nonce' ? option && !isSame(value, option) : option as string && ![value].flat().some((one) => [option].flat().includes(one))) {
      bad(isHidden ? 'the one in the option' : option)
    } else if (claim === 'aud' && option === undefined) {
      bad('none, unless you set audience (or audience: false)')
    }
  }
  return findings
}

function isSame(value: unknown, expected: unknown): boolean {
  return isText(value) && constantTimeEqual(utf8(value as string), utf8(expected as string))
}

/** The boolean that a caller's function answered; anything else is its failure. */
export function booleanOf(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  Promise.resolve(answer).catch(() => {}) // a rejection that nobody waits for would end the process
  return misuse('function', 'true or false as its answer', answer)
}
