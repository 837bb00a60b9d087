// The one way to refuse. JwtError: a token or a key failed a check, named by a closed list of codes.
// TypeError: the call itself is wrong, whatever the token is. No message holds a token, key or secret.

import type { Header, JwtPayload } from './jwt'

/** Codes that appear only after the signature has held, so that the verified claims come with them. */
type AfterSignature = 'ERR_JWT_EXPIRED' | 'ERR_JWT_NOT_YET_VALID' | 'ERR_JWT_SCHEMA' | 'ERR_JWT_REVOKED'

/** Every code there is; the list is closed. The README says what each one means and what to do. */
export type JwtErrorCode =
  | AfterSignature
  | 'ERR_JWT_MALFORMED'
  | 'ERR_JWT_TOO_LARGE'
  | 'ERR_JWT_ALGORITHM'
  | 'ERR_JWT_CRITICAL'
  | 'ERR_JWT_TYPE'
  | 'ERR_JWT_KEY'
  | 'ERR_JWT_KEY_NOT_FOUND'
  | 'ERR_JWT_UNSUPPORTED'
  | 'ERR_JWT_SIGNATURE'
  | 'ERR_JWT_CLAIM'
  | 'ERR_JWKS_FETCH'
  | 'ERR_JWKS_INVALID'

declare const refused: unique symbol

/** Shown by the compiler where a value is refused. No value has this type. */
export interface Refused<Why extends string> { readonly [refused]: Why }

/** One failing check. A token that fails several has them all in `error.issues`. */
export interface JwtIssue {
  readonly code: JwtErrorCode
  readonly message: string
  /** The claim, or `header.name` for a header parameter. */
  readonly claim?: string
  /** Where a schema's issue lies: plain keys, outermost first. */
  readonly path?: readonly PropertyKey[]
  readonly expected?: unknown
  readonly actual?: unknown
}

/** What a refusal may carry besides its code and message. */
export interface JwtErrorDetails {
  readonly claim?: string | undefined
  readonly expected?: unknown
  readonly actual?: unknown
  readonly issues?: readonly JwtIssue[]
  readonly payload?: JwtPayload | undefined
  readonly header?: Header | undefined
  readonly cause?: unknown
  readonly fault?: 'token' | 'server'
}

/** A refusal with a code that is known. */
export interface JwtErrorOf<C extends JwtErrorCode> extends Error {
  readonly name: 'JwtError'
  readonly code: C
  /** Whom to answer: `'token'` is a 401, `'server'` a 5xx (a key, a runtime or a function of yours failed). */
  readonly fault: 'token' | 'server'
  readonly claim?: string
  readonly expected?: unknown
  readonly actual?: unknown
  /** Every failing check, the one that gave the error its code first. */
  readonly issues: readonly JwtIssue[]
  readonly cause?: unknown
  /** The claims as signed; only once the signature has held. */
  readonly payload: C extends AfterSignature ? JwtPayload : C extends 'ERR_JWT_CLAIM' ? JwtPayload | undefined : undefined
  /** The protected header; only once the signature has held. */
  readonly header: C extends AfterSignature ? Header : Header | undefined
}

/** A union over the codes, so that `error.code === 'ERR_JWT_EXPIRED'` narrows `error.payload`. */
export type JwtError = { [C in JwtErrorCode]: JwtErrorOf<C> }[JwtErrorCode]

/** The type of the class `JwtError`. */
export interface JwtErrorConstructor {
  new (code: JwtErrorCode, message: string, details?: JwtErrorDetails): JwtError
  readonly prototype: JwtError
  [Symbol.hasInstance](value: unknown): value is JwtError
}

/** Sets how many lines of a stack are taken, where the engine lets it be set, and gives how many it was. */
function setStackLimit(limit: unknown): unknown {
  const { stackTraceLimit } = Error as { stackTraceLimit?: unknown }
  try {
    if (typeof stackTraceLimit === 'number') (Error as { stackTraceLimit?: unknown }).stackTraceLimit = limit
  } catch { /* frozen */ }
  return stackTraceLimit
}

/** Set while refusals become values; not named directly, so that it comes with `quietly` alone. */
let limitWhileQuiet: typeof setStackLimit | undefined

/** Takes a step of a recipe whose refusal becomes a value: nobody reads the stack of a value, and taking it costs more than all checks. */
export function quietly<T>(step: () => T): T {
  const before = limitWhileQuiet
  limitWhileQuiet = setStackLimit
  try {
    return step()
  } finally {
    limitWhileQuiet = before
  }
}

/** Shared by all copies of the package in a process (ESM beside CommonJS, two versions). */
const brand = /* @__PURE__ */ Symbol.for('waxseal.JwtError')

/** How a detail is put on an error. Writable, since test runners put `expected` and `actual` in order for their reports. One for all, since making one costs more than using it. */
const detail = { __proto__: null, value: undefined as unknown, writable: true, configurable: true, enumerable: false }

/**
 * A refusal. `code` says which check failed, `message` what was expected, what was got and what to write instead.
 * Only `code` and `claim` are enumerable, so that a logged error shows neither claims nor headers.
 */
export const JwtError = /* @__PURE__ */ (() => class JwtError extends Error {
  declare readonly code: JwtErrorCode
  declare readonly claim?: string

  constructor(code: JwtErrorCode, message: string, details: JwtErrorDetails = {}) {
    const limit = limitWhileQuiet?.(0)
    super(message)
    limitWhileQuiet?.(limit)
    this.code = code
    for (const name of Object.keys(details)) {
      const value = details[name as keyof JwtErrorDetails]
      if (value === undefined || /^(code|message|path|stack)$/.test(name)) continue // an issue has names of its own
      detail.value = value
      detail.enumerable = name === 'claim'
      Object.defineProperty(this, name, detail)
    }
    detail.value = undefined
  }

  /** What follows from code, claim and message unless the details say otherwise. */
  get fault(): string { return /_KEY$|_UNS|JWKS/.test(this.code) ? 'server' : 'token' }

  get issues(): readonly unknown[] {
    const { message, expected, actual } = this as unknown as JwtErrorDetails & Error
    return [{ ...this, ...(Object.hasOwn(this, 'expected') && { expected }), ...(Object.hasOwn(this, 'actual') && { actual }), message }]
  }

  override get name(): string { return 'JwtError' }

  get [brand](): boolean { return true }

  static override [Symbol.hasInstance](value: unknown): boolean { return isJwtError(value) }
})() as unknown as JwtErrorConstructor

/** Tells whether a value is a refusal of this library, from whichever copy of the package it came. */
export function isJwtError(value: unknown): value is JwtError {
  return holds(() => (value as Record<symbol, unknown>)[brand])
}

/** Whether a test of somebody's value holds; one that throws (null, a proxy, a getter) does not. */
export function holds(test: () => unknown): boolean {
  try {
    return !!test()
  } catch {
    return false
  }
}

/**
 * Refuses a token or a key: `what: expected this, got that`. What was expected is the library's or the caller's own
 * word; what was got is a stranger's, and quoted.
 */
export function refuse(code: JwtErrorCode, what: string, expected: unknown, actual?: unknown, details?: JwtErrorDetails): never {
  throw new JwtError(code, say(what, expected, actual), { expected, actual, ...details })
}

/** Refuses a call, in the same words. Of what was got, if it is given, only the type is shown: it may be a secret in the wrong place. */
export function misuse(what: string, expected: unknown, ...got: [value?: unknown]): never {
  throw new TypeError(say(what, expected) + got.map((value) => `, got ${typeof value}`).join(''))
}

export function say(what: string, expected: unknown, actual?: unknown): string {
  return `${what}: expected ${expected}` + (actual === undefined ? '' : `, got ${quote(actual)}`)
}

/** A value taken from a token: JSON-quoted and cut at 60 characters. Not looked into: what nests deep takes long to write. */
function quote(value: unknown): string {
  const one = (part: unknown): string => typeof part === 'string' ? JSON.stringify(part.slice(0, 60)) : Array.isArray(part) ? 'an array' : typeof part === 'object' && part ? 'an object' : `${part}`
  return (Array.isArray(value) ? `[${value.slice(0, 60).map(one)}]` : one(value)).replace(/^(.{59})..+/su, '$1…')
}

/** Reads objects of the caller's: whatever their getters and traps throw, a JwtError as well, or a depth beyond the stack, is a misuse. */
export function reading<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof TypeError)) misuse(what, 'an object that can be read')
    throw cause
  }
}
