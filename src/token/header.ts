// The protected header (RFC 7515 4): made by sign, read and checked by verify before any key is asked for.

import { has, isPlain, writeMembers, type JsonObject } from '../encoding/json'
import { misuse, quote, refuse } from '../errors'
import type { Header } from '../jwt'
import { Kind, read } from '../options'
import { rowOf, rows, type Algorithm, type Row } from '../keys/algorithms'
import { malformed } from './compact'

/** A protected header; `alg` is one of the table's names. */
export type JwtHeader<A extends Algorithm = Algorithm> = Header<A>

/** What no `crit` list may name: the parameters of RFC 7515 4.1, and b64, which a JWT must not use (RFC 7797 7). */
const registered = /^(alg|jku|jwk|kid|x5[uct]|x5t#S256|typ|cty|crit|b64)$/

// ─── sign ────────────────────────────────────────────────────────────────────

/** Reads extra parameters as the JSON text of their members. */
export function extraHeader(value: unknown, what: string): string {
  if (!isPlain(value)) misuse(what, 'a plain object', value)
  const text = writeMembers(value, what)
  const header = JSON.parse(`{${text}}`) as JsonObject
  const names = Object.keys(value)
  if (names.some((name) => /^(alg|typ|kid|b64)$/.test(name) || !has(header, name)) || typeof (header['cty'] ?? '') !== 'string') {
    misuse(what, 'defined values, cty a string, and no alg, typ, kid or b64 (see algorithm, type, keyId)')
  }
  if (critFault(header, () => true)) misuse(`${what}: crit`, critRule)
  return text
}

/** The text of a header; `members` comes from `extraHeader`. */
export function makeHeader(alg: string, typ: string | false, kid: string | undefined, members: string | undefined): string {
  return `{${writeMembers({ alg, typ: typ || undefined, kid }, 'header')}${members ? ',' + members : ''}}`
}

// ─── verify ──────────────────────────────────────────────────────────────────

/** Options as they are after reading. */
export interface HeaderChecks {
  readonly algorithms: readonly Row[]
  readonly crit?: readonly string[]
  readonly type?: string | readonly string[] | false
  readonly requiredHeader?: Readonly<Record<string, string | readonly string[]>>
}

export const headerChecks = {
  /** Names them all: somebody has passed the list of algorithms that the library exports. */
  algorithms(value: unknown, what: string): readonly (Row | undefined)[] {
    const list = Array.isArray(value) ? Array.from(value, rowOf) : []
    return list.length && list.every(Boolean) && new Set(list).size < rows.length ? list : misuse(what, "an array of names, for instance ['ES256'], and not all there are", value)
  },
  crit(value: unknown, what: string): unknown {
    const names = read(Kind.Texts, value, what) as string[]
    return names.some((name) => registered.test(name)) ? misuse(what, 'names of extensions, none of them registered') : names
  },
  type: Kind.Text | Kind.Texts | Kind.False,
  requiredHeader(value: unknown, what: string): unknown {
    const names = isPlain(value) && Object.keys(value)
    if (!names || !names.length) misuse(what, '{ name: string | string[] }', value)
    return Object.fromEntries(names.map((name) => [name, read(Kind.Text | Kind.Texts, value[name], `${what}.${name}`)]))
  },
}

/** Checks the types of the parameters that matter here (RFC 7515 4.1, 5.2 step 4). */
export function checkTypes(header: JsonObject): Header {
  for (const name of ['alg', 'kid', 'typ', 'cty']) {
    if (typeof (has(header, name) ? header[name] : name === 'alg' || '') !== 'string') malformed(`header ${name}`, 'a string', header[name])
  }
  return header as Header
}

/** Checks a header against the caller's policy, and gives the row of its algorithm. */
export function checkHeader(header: Header, { algorithms, crit, type, requiredHeader }: HeaderChecks, defaultType: string | false): Row {
  const { alg, typ } = header
  const row = algorithms.find(({ name }) => name === alg)
  if (!row) refuse('ERR_JWT_ALGORITHM', 'alg', algorithms.map(({ name }) => name), alg)

  if (critFault(header, (name) => crit?.includes(name)) || has(header, 'b64') && header['b64'] !== true) {
    refuse('ERR_JWT_CRITICAL', 'crit', `${critRule}, each in the crit option; and no b64`, header.crit)
  }

  const types = [type ?? defaultType].flat()
  if (types[0] !== false && (typ === undefined ? type : !types.some((one) => mediaType(one as string) === mediaType(typ)))) {
    refuse('ERR_JWT_TYPE', 'typ', `${types}${typ ? ` (to accept it: type: '${quote(typ).slice(1, -1)}')` : ''}`, typ)
  }

  for (const name of Object.keys(requiredHeader ?? {})) {
    const expected = [requiredHeader![name]!].flat()
    const actual = has(header, name) ? header[name] : undefined
    if (!expected.includes(actual as string)) refuse('ERR_JWT_CLAIM', `header.${name}`, expected, actual, { claim: `header.${name}` })
  }
  return row
}

const critRule = 'a non-empty list of distinct names, unregistered and in the header'

/** RFC 7515 4.1.11: whether crit must be refused, by a producer as by a recipient. */
function critFault(header: JsonObject, isHandled: (name: string) => boolean | undefined): boolean {
  const crit = header['crit'] as string[]
  return has(header, 'crit') && !(Array.isArray(crit) && crit.length && new Set(crit).size === crit.length
    && crit.every((name) => typeof name === 'string' && !registered.test(name) && has(header, name) && isHandled(name)))
}

/** RFC 7515 4.1.9: `application/` may be left out; ASCII case does not matter. */
function mediaType(value: string): string {
  return (value.includes('/') ? value : `application/${value}`).replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
