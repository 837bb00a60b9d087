// The protected header (RFC 7515 4): made by sign, read and checked by verify before any key is asked for.

import { isPlain, writeObject, type JsonObject } from '../encoding/json'
import { misuse, refuse } from '../errors'
import type { Header } from '../jwt'
import { or, taking, texts, textOrTexts, type Reader, type Readers } from '../options'
import { algorithms, rowOf, rows, type Algorithm, type Row } from '../keys/algorithms'
import { malformed, parseSegment, segmentText } from './compact'

/** A protected header; `alg` is one of the table's names. */
export type JwtHeader<A extends Algorithm = Algorithm> = Header<A>

/** What no `crit` list may name: the parameters of RFC 7515 4.1, and b64, which a JWT must not use (RFC 7797 7). */
const registered = /^(alg|jku|jwk|kid|x5[uct]|x5t#S256|typ|cty|crit|b64)$/

// ─── sign ────────────────────────────────────────────────────────────────────

/** Reads extra parameters as the JSON text of their members. */
export const extraHeader: Reader = (value, what) => {
  if (!isPlain(value)) return misuse(what, 'a plain object', value)
  const given = Object.fromEntries(Reflect.ownKeys(value).map((name) => [name, value[name as string]]))
  const text = writeObject(given, what)
  const header = JSON.parse(text) as JsonObject
  if (Reflect.ownKeys(given).some((name) => !Object.hasOwn(header, name) || /^(alg|typ|kid|b64)$/.test(name as string)) || Object.hasOwn(header, 'cty') && typeof header['cty'] !== 'string' || critFault(header)) {
    misuse(what, `defined values, cty a string, ${critRule}, and no alg, typ, kid, b64 (see algorithm, type, keyId)`, value)
  }
  return text.slice(1, -1)
}

/** The text of a header; `members` comes from `extraHeader`. */
export function makeHeader(alg: string, typ: string | false, kid: string | undefined, members: string | undefined): string {
  const text = writeObject({ alg, typ: typ || undefined, kid }, 'header')
  return members ? `${text.slice(0, -1)},${members}}` : text
}

// ─── verify ──────────────────────────────────────────────────────────────────

/** Options as they are after reading. */
export interface HeaderChecks {
  readonly algorithms: readonly Row[]
  readonly crit?: readonly string[]
  readonly type?: string | readonly string[] | false
  readonly requiredHeader?: readonly (readonly [name: string, expected: string | readonly string[]])[]
}

export const headerChecks: Readers = {
  algorithms(value, what) {
    const list = Array.isArray(value) ? [...value].map(rowOf) : []
    return list[0] && !list.includes(undefined) && !rows.every((row) => list.includes(row)) ? list : misuse(what, `the names that you accept, such as ['ES256'], of ${algorithms}, and not them all`, value)
  },
  crit: /* @__PURE__ */ taking('an array of unregistered names', (value) => texts(value, 'crit') && !(value as string[]).some((name) => registered.test(name))),
  type: /* @__PURE__ */ or(false, textOrTexts),
  requiredHeader(value, what) {
    const names = isPlain(value) ? Reflect.ownKeys(value) : []
    return names.length && names.every((name) => typeof name === 'string') ? names.map((name) => [name, textOrTexts((value as JsonObject)[name], what)]) : misuse(what, '{ name: string | string[] }', value)
  },
}

/** A header as it was read, never handed out, and a way to copies. */
export interface ReadHeader {
  readonly header: Header
  copy(): Header
}

/** Tokens of one issuer have the same header: the last one is not read again. */
let last: ReadHeader & { readonly segment: string } | undefined

/** Reads a header (RFC 7515 5.2 steps 2 to 4). */
export function readHeader(segment: string): ReadHeader {
  if (last?.segment !== segment) {
    const text = segmentText(segment, 'header')
    const value = parseSegment(text, 'header')
    const isFlat = Object.values(value).every((one) => typeof one !== 'object')
    last = {
      segment,
      header: checkTypes(Object.setPrototypeOf(value, null) as JsonObject), // inherits nothing: what is read of it is in it
      copy: () => isFlat ? { ...value } as Header : JSON.parse(text!) as Header,
    }
  }
  return last
}

/** Checks the types of the parameters that matter here (RFC 7515 4.1, 5.2 step 4). */
export function checkTypes(header: JsonObject): Header {
  for (const name of ['alg', 'kid', 'typ', 'cty']) {
    if (Object.hasOwn(header, name) ? typeof header[name] !== 'string' : name === 'alg') malformed(`header ${name}`, 'a string', header[name])
  }
  return header as Header
}

/** Whether one of the values is among those expected. */
export function isAmong(expected: unknown, actual: unknown): boolean {
  const fits = (one: unknown): boolean => Array.isArray(expected) ? expected.includes(one) : expected === one
  return Array.isArray(actual) ? actual.some(fits) : fits(actual)
}

/** Checks a header against the caller's policy, and gives the row of its algorithm. */
export function checkHeader(header: Header, { algorithms, crit = [], type, requiredHeader }: HeaderChecks, defaultType: string | false): Row {
  const { alg, typ } = header
  const row = algorithms.find(({ name }) => name === alg)
  if (!row) refuse('ERR_JWT_ALGORITHM', 'alg', algorithms.map(({ name }) => name), alg)

  if (critFault(header, crit) || header['b64'] !== undefined && header['b64'] !== true) refuse('ERR_JWT_CRITICAL', 'header', `${critRule}, each in the crit option; no b64`, header.crit)

  const types = type ?? defaultType
  if (types !== false && types !== typ && (typ === undefined ? type : ![types].flat().some((one) => isSameType(one, typ)))) {
    refuse('ERR_JWT_TYPE', 'typ', `${types}${/^[\w.+/-]{1,60}$/.test(typ ?? '') ? ` (to accept it: type: '${typ}')` : ''}`, typ)
  }

  for (const [name, expected] of requiredHeader ?? []) {
    const claim = `header.${name}`
    const actual = header[name]
    if (Array.isArray(actual) || !isAmong(expected, actual)) refuse('ERR_JWT_CLAIM', claim, expected, actual, { claim })
  }
  return row
}

const critRule = 'crit a list of distinct, unregistered names in the header'

/** RFC 7515 4.1.11: whether crit must be refused, by a producer as by a recipient, who must also handle every name. */
function critFault(header: JsonObject, handled?: readonly string[]): boolean {
  const crit = header['crit'] as string[]
  return Object.hasOwn(header, 'crit') && !(Array.isArray(crit) && crit[0] && new Set(crit).size === crit.length
    && crit.every((name) => typeof name === 'string' && Object.hasOwn(header, name) && !registered.test(name) && (!handled || handled.includes(name))))
}

/**
 * Whether two media types are the same (RFC 7515 4.1.9): `application/` may be left out; case does not matter. No other letter
 * has both cases of an ASCII one: the Kelvin sign has its small k, and the long s its capital S.
 */
function isSameType(a: string, b: string): boolean {
  const [left, right] = [a, b].map((value) => value.replace(/^[^/]*$/, 'application/$&')) as [string, string]
  return left.toLowerCase() === right.toLowerCase() && left.toUpperCase() === right.toUpperCase()
}
