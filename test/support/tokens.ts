// Tokens made by hand on node:crypto, independent of the library, and the assertions that the tests share.

// @ts-ignore -- no types of Node are installed
import { Buffer } from 'node:buffer'
// @ts-ignore -- no types of Node are installed
import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import { expect } from 'vitest'
import { createVerifier, importJwk, isJwtError, safeVerify, sign as typedSign, verify as typedVerify } from 'waxseal'

/** The time of all tests, in seconds. */
export const now = 1_700_000_000
export const at = (seconds: number): Date => new Date(seconds * 1000)

/** Long enough for HS512. */
export const secret = 'a secret of sixty-four octets, which is enough for HS512 as well.'
export const head = { alg: 'HS256', typ: 'JWT' }
export const claims = { sub: 'alice', exp: now + 60 }
export const hs256 = { algorithms: ['HS256'], now: at(now) }

// ─── hand-made tokens ────────────────────────────────────────────────────────

/** Text and bytes as they are, anything else as JSON. */
export type Part = string | Uint8Array | object

const bytesOf = (part: Part): Uint8Array =>
  part instanceof Uint8Array ? part : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part))

export const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
export const clone = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
export const b64 = (part: Part): string => Buffer.from(bytesOf(part)).toString('base64url')
export const unb64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'))
export const json = (segment: string): Record<string, unknown> => JSON.parse(Buffer.from(segment, 'base64url').toString()) as Record<string, unknown>
export const headerOf = (token: string): Record<string, unknown> => json(token.split('.')[0]!)
export const claimsOf = (token: string): Record<string, unknown> => json(token.split('.')[1]!)

/** The HMAC of a signing input. */
export const mac = (input: string, key: string | Uint8Array = secret, hash = 'sha256'): string =>
  createHmac(hash, key).update(input).digest('base64url')

/** Two segments as they are, really signed. */
export const sealed = (header: string, payload: string, key: string | Uint8Array = secret, hash = 'sha256'): string =>
  `${header}.${payload}.${mac(`${header}.${payload}`, key, hash)}`

const hashOf = (header: Part): string => `sha${/^HS(384|512)$/.exec(String((header as { alg?: unknown }).alg))?.[1] ?? 256}`

/** A token with an honest HMAC over any header and payload. */
export const token = (payload: Part = claims, header: Part = head, key: string | Uint8Array = secret): string =>
  sealed(b64(header), b64(payload), key, hashOf(header))

// ─── key pairs ───────────────────────────────────────────────────────────────

/** A pair of node:crypto, as PEM and as JWK. */
export interface Pair {
  readonly privatePem: string
  readonly publicPem: string
  readonly privateJwk: Record<string, string>
  readonly publicJwk: Record<string, string>
}

const kinds = {
  RS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  Ed25519: ['ed25519', {}],
} as const
export type PairName = keyof typeof kinds

const generate = generateKeyPairSync as unknown as (kind: string, options: object) => Record<'publicKey' | 'privateKey', { export(options: object): unknown }>
const pairs = new Map<PairName, Pair>()

/** One pair per algorithm and test file. */
export function pair(name: PairName): Pair {
  const known = pairs.get(name)
  if (known) return known
  const { publicKey, privateKey } = generate(...kinds[name] as readonly [string, object])
  const made = {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    privateJwk: privateKey.export({ format: 'jwk' }) as Record<string, string>,
    publicJwk: publicKey.export({ format: 'jwk' }) as Record<string, string>,
  }
  pairs.set(name, made)
  return made
}

export const publicKey = (name: PairName): Promise<unknown> => importJwk(pair(name).publicJwk, name)
export const privateKey = (name: PairName): Promise<unknown> => importJwk(pair(name).privateJwk, name)

/** A token signed with the private key of a pair, whatever its header says. */
export function pairToken(name: PairName, payload: Part = claims, header: Part = { alg: name, typ: 'JWT' }, signer: Pair = pair(name)): string {
  const input = `${b64(header)}.${b64(payload)}`
  const signature = signWith(name === 'Ed25519' ? null : 'sha256', Buffer.from(input), { key: signer.privatePem, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

// ─── the doors, without their types ──────────────────────────────────────────

export interface Result { payload: Record<string, unknown>, header: Record<string, unknown> }
export type Door = (token: unknown, key: unknown, options: unknown) => Promise<Result>

export const sign = typedSign as unknown as (payload: unknown, key: unknown, options?: unknown) => Promise<string>
export const verify = typedVerify as unknown as Door

type SafeDoor = (token: unknown, key: unknown, options: unknown) => Promise<{ ok: boolean, error?: unknown } & Partial<Result>>
type Making = (key: unknown, options: unknown) => ((token: unknown) => Promise<Result>) & { safe(token: unknown): ReturnType<SafeDoor> }

const safe = safeVerify as unknown as SafeDoor
const making = createVerifier as unknown as Making

export async function open(result: unknown): Promise<Result> {
  const { ok, error, payload, header } = await result as Awaited<ReturnType<SafeDoor>>
  if (!ok) throw error
  return { payload: payload!, header: header! }
}

/** A verifier takes a function where `verify` takes a Date; nothing else of the options changes, not even their prototype. */
export function running(options: unknown): unknown {
  const { now: time } = (options ?? {}) as { now?: unknown }
  if (!(time instanceof Date) || !Object.hasOwn(options as object, 'now')) return options
  return Object.assign(Object.create(Object.getPrototypeOf(options) as object | null) as object, options, { now: () => time })
}

/** Every asynchronous way to have a token verified. */
export const doors: Readonly<Record<string, Door>> = {
  verify,
  safeVerify: (token, key, options) => open(safe(token, key, options)),
  createVerifier: async (token, key, options) => making(key, running(options))(token),
  'createVerifier.safe': async (token, key, options) => open(making(key, running(options)).safe(token)),
}

/** Verifies in several ways and insists that all agree. */
export function agreed(ways: Readonly<Record<string, Door>>) {
  return async (token: unknown, ...given: [key?: unknown, options?: unknown]): Promise<Result> => {
    const [key, options] = [...given, ...[secret, hs256].slice(given.length)] // no defaults: undefined is a key to try, too
    const outcomes = await Promise.all(Object.values(ways).map((door) => door(token, key, options).then(
      (value) => ({ value, error: undefined }),
      (error: unknown) => ({ value: undefined, error }),
    )))
    const summaries = outcomes.map(({ value, error }) => value ?? (isJwtError(error) ? { code: error.code, message: error.message, issues: error.issues } : `${error as string}`.split(':')[0]))
    for (const summary of summaries) expect(summary).toEqual(summaries[0])
    const [{ value, error }] = outcomes as [typeof outcomes[number]]
    if (!value) throw error
    return value
  }
}

/** Verifies through every asynchronous door and insists that all agree. */
export const everyDoor = agreed(doors)

// ─── assertions ──────────────────────────────────────────────────────────────

export interface Refusal extends Error {
  code: string
  fault: string
  claim?: string
  expected?: unknown
  actual?: unknown
  issues: { code: string, message: string, claim?: string, path?: unknown[], expected?: unknown, actual?: unknown }[]
  payload?: Record<string, unknown>
  header?: Record<string, unknown>
}

const nothing = Symbol('nothing was thrown')

/** What a call throws, at once or later. */
export async function thrown(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return nothing
}

const serverSide = /_KEY$|UNSUPPORTED|JWKS/

/** Insists on a JwtError with this code, and with these properties if any. */
export async function refused(code: string, call: () => unknown, properties: object = {}): Promise<Refusal> {
  const error = await thrown(call) as Refusal
  expect(isJwtError(error), `${code} expected, got ${String(error)}`).toBe(true)
  expect(error).toMatchObject({ name: 'JwtError', code, fault: serverSide.test(code) ? 'server' : 'token', ...properties })
  expect(error.message.length).toBeLessThan(1000)
  return error
}

/** Insists on a TypeError, whose message has these words and is the library's own. */
export async function misused(call: () => unknown, ...words: string[]): Promise<TypeError> {
  const error = await thrown(call) as TypeError
  expect(error, `TypeError expected, got ${String(error)}`).toBeInstanceOf(TypeError)
  expect(isJwtError(error)).toBe(false)
  expect(error.message).not.toMatch(/Cannot (read|destructure|convert|set|perform)|is not (a function|iterable)|undefined \(|Illegal/)
  for (const word of words) expect(error.message).toContain(word)
  return error
}
