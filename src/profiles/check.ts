// What the profiles share: verify of the main entry, then what options cannot say, as one refusal with all that is wrong.
// The codes keep their meaning: an expired code says that nothing else is wrong, the profile's checks included.

import type { JsonObject } from '../encoding/json'
import { isJwtError, misuse, type JwtError, type JwtIssue } from '../errors'
import type { Header, JwtPayload } from '../jwt'
import type { VerifyKey } from '../keys/resolve'
import type { Reader, Readers } from '../options'
import type { MaybePromise } from '../recipe'
import { blame, booleanOf, issue, type Findings } from '../token/claims'
import type { StandardSchemaV1 } from '../token/schema'
import { refusalOf, verify } from '../token/verify'

/** A reader for what sign or verify reads itself. */
export const asIs: Reader = (value, what) => value === undefined ? misuse(what, 'anything but undefined') : Array.isArray(value) ? [...value] : value

/** The options of verify that a profile leaves to the caller. */
export const passed: Readers = {
  algorithms: asIs, subject: asIs, jwtId: asIs, requiredClaims: asIs, requiredHeader: asIs, maxAge: asIs, clockTolerance: asIs, now: asIs, crit: asIs,
  maxTokenLength: asIs, allowPadding: asIs, schema: asIs, isRevoked: asIs, allowWeakKeys: asIs,
}

export interface Verified { payload: JwtPayload, header: Header }

/** Whether the caller has seen a token before; only `false` lets it pass. */
export type ReplayHook = (jti: string, payload: JwtPayload) => MaybePromise<boolean>

/**
 * Verifies, then checks the claims as signed. The replay hook comes last, so that a token which is refused for another
 * reason is not counted as used.
 */
export async function verifyMore(
  token: string, key: VerifyKey, options: JsonObject, check: (claims: JwtPayload, header: Header) => MaybePromise<JwtIssue[]>, isReplayed?: ReplayHook,
): Promise<Verified> {
  const { watched, signed } = watch(options)
  let foreign: unknown // what a key function threw passes as it is, even if it is of another token
  const asked = typeof key !== 'function' ? key : async (header: never) => {
    try {
      return await key(header)
    } catch (error) {
      foreign = error
      throw error
    }
  }
  let result: Verified | undefined
  let refusal: JwtError | undefined
  try {
    result = await verify(token, asked as never, watched as never) as Verified
  } catch (error) {
    if (error === foreign || !isJwtError(error) || !error.payload) throw error // the signature did not hold
    refusal = error
  }
  const claims = refusal ? refusal.payload! : signed() ?? result!.payload
  const { header } = (refusal ?? result) as Verified
  const issues = await check(claims, header)
  if (issues.length) {
    const findings: Findings = { issues: [...issues, ...refusal?.issues ?? []] }
    if (refusal?.fault === 'server') blame(findings, refusal.cause)
    throw refusalOf(findings, claims, header)
  }
  if (refusal) throw refusal
  if (isReplayed) await checkReplay(isReplayed, claims, header)
  return result!
}

/** A schema replaces the payload, and the checks want the claims as signed: they are kept on their way into it. */
function watch(options: JsonObject): { watched: JsonObject, signed(): JwtPayload | undefined } {
  const standard = (options['schema'] as StandardSchemaV1 | null | undefined)?.['~standard']
  if (!standard || typeof standard.validate !== 'function') return { watched: options, signed: () => undefined } // verify says what is wrong
  let claims: string
  const validate = (value: unknown): unknown => {
    claims = JSON.stringify(value)
    return standard.validate(value)
  }
  return {
    watched: { ...options, schema: { '~standard': { version: standard.version, vendor: standard.vendor, validate } } },
    signed: () => JSON.parse(claims) as JwtPayload, // there if verify refuses nothing
  }
}

async function checkReplay(isReplayed: ReplayHook, payload: JwtPayload, header: Header): Promise<void> {
  const findings: Findings = { issues: [issue('jti', 'one that was not used before (isReplayed: false)', undefined, 'ERR_JWT_REVOKED')] }
  let isUsed = true
  try {
    isUsed = booleanOf(await isReplayed(payload.jti!, JSON.parse(JSON.stringify(payload)) as JwtPayload))
  } catch (cause) {
    blame(findings, cause)
  }
  if (isUsed) throw refusalOf(findings, payload, header)
}

/** Refuses a call that lacks an option. */
export function needOptions(where: string, options: JsonObject, names: readonly string[]): void {
  for (const name of names) if (options[name] === undefined) misuse(`${where} ${name}`, 'it to be there')
}

/** The names that are required, and those that the caller adds. */
export function needing(where: string, more: unknown, names: readonly string[]): string[] {
  if (more !== undefined && !(Array.isArray(more) && more.length)) misuse(`${where} requiredClaims`, 'a non-empty array of strings', more)
  return [...names, ...more as string[] ?? []]
}

/** Options without some names. */
export function without(options: JsonObject, ...names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)))
}
