// Where waxseal and jose 6 disagree about a token, and why that is right. Each reason has a predicate on the token and the
// options alone, and only the code that the reason leads to; what none of them explains is a finding.

import { fromBase64url, parseStrictly } from './reference.mjs'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const text = (bytes) => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
const parse = (one) => {
  try {
    return JSON.parse(one)
  } catch {
    return undefined
  }
}
const isStrict = (one) => {
  try {
    parseStrictly(one)
    return true
  } catch {
    return false
  }
}
const isTime = (value) => typeof value === 'number' && value >= 0 && value <= 253402300799
const has = (object, name) => object && Object.hasOwn(object, name)

/** What jose accepts and waxseal refuses: `[reason, code of the refusal, predicate]`. */
const stricter = [
  ['base64url with padding, white space or other alphabets, or with bits that mean nothing (RFC 7515 2, RFC 8725bis 3.14)', 'ERR_JWT_MALFORMED', ({ segments }) => segments.some((one) => !fromBase64url(one))],
  ['a byte order mark before the JSON (RFC 8259 8.1)', 'ERR_JWT_MALFORMED', ({ texts }) => texts.some((one) => one?.startsWith('\ufeff'))],
  ['a member named twice (RFC 7515 4, RFC 7519 4)', 'ERR_JWT_MALFORMED', ({ texts }) => texts.some((one) => one !== undefined && parse(one) !== undefined && !isStrict(one))],
  ['kid, typ or cty that is no string (RFC 7515 4.1.4, 4.1.9, 4.1.10)', 'ERR_JWT_MALFORMED', ({ header }) => ['kid', 'typ', 'cty'].some((name) => has(header, name) && typeof header[name] !== 'string')],
  ['b64 that crit does not list (RFC 7797 6, 7)', 'ERR_JWT_CRITICAL', ({ header }) => has(header, 'b64') && header.b64 !== true && !header.crit?.includes('b64')],
  ['a name twice in crit (RFC 7515 4.1.11)', 'ERR_JWT_CRITICAL', ({ header }) => Array.isArray(header?.crit) && new Set(header.crit).size < header.crit.length],
  ['b64 listed in crit, in a JWT (RFC 7797 7)', 'ERR_JWT_CRITICAL', ({ header }) => Array.isArray(header?.crit) && header.crit.includes('b64')],
  ['a typ that is not JWT, without the type option (RFC 8725 3.11)', 'ERR_JWT_TYPE', ({ header }, { type }) => type === undefined && has(header, 'typ') && !/^(application\/)?jwt$/i.test(header.typ)],
  ['a claim of the wrong type (RFC 7519 4.1)', 'ERR_JWT_CLAIM', ({ payload }) => ['iss', 'sub', 'jti'].some((name) => has(payload, name) && typeof payload[name] !== 'string')
    || has(payload, 'aud') && typeof payload.aud !== 'string' && !(Array.isArray(payload.aud) && payload.aud.every((one) => typeof one === 'string'))],
  ['a time before 1970 or after 9999 (milliseconds, infinity)', 'ERR_JWT_CLAIM', ({ payload }) => ['exp', 'nbf', 'iat'].some((name) => has(payload, name) && !isTime(payload[name]))],
  ['aud, while no audience was named (RFC 7519 4.1.3)', 'ERR_JWT_CLAIM', ({ payload }, { audience }) => audience === undefined && has(payload, 'aud')],
  ['as old as maxAge to the second', 'ERR_JWT_CLAIM', ({ payload }, { maxAge, clockTolerance = 0 }, now) => maxAge !== undefined && payload?.iat + maxAge + clockTolerance === now],
  ['the clock is not rounded: a fraction of a second', /^ERR_JWT_(CLAIM|NOT_YET_VALID|EXPIRED)$/, ({ payload }) => ['exp', 'nbf', 'iat'].some((name) => has(payload, name) && payload[name] % 1 !== 0)],
]

/** What waxseal accepts and jose refuses, in the same form: nothing. */
const laxer = []

/** The documented reason for a disagreement; undefined if there is none. */
export function departure(token, options, now, ourError, theirError) {
  const segments = token.split('.')
  const texts = segments.slice(0, 2).map((one) => text(Buffer.from(one, 'base64url')))
  const [header, payload] = texts.map((one) => one === undefined ? undefined : parse(one.replace(/^\ufeff/, '')))
  const parts = { segments, texts, header, payload }
  const fits = (expected, code) => typeof expected === 'string' ? expected === code : expected.test(code)
  const [list, code] = ourError ? [stricter, ourError.code] : [laxer, theirError.code]
  return list.find(([, expected, applies]) => fits(expected, code) && applies(parts, options, now))?.[0]
}
