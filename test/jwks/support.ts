// Key pairs, tokens and a stand-in for the network: an endpoint that counts requests and answers as it is told.

// @ts-ignore -- no types of Node are installed
import { generateKeyPairSync, sign as signWith } from 'node:crypto'
import { vi } from 'vitest'
import { verify, type JwtPayload, type KeySet } from 'waxseal'
import { remoteKeySet, type FetchInit, type KeySetEvent, type RemoteKeySet, type RemoteKeySetOptions, type ResponseLike } from 'waxseal/jwks'

export type Jwk = Record<string, unknown>

export interface Member {
  readonly kid: string
  readonly privateJwk: Jwk
  readonly jwk: Jwk
  /** A token that the key signed, without waxseal. */
  token(header?: object): string
}

declare const Buffer: { from(text: string): { toString(encoding: string): string } }
const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A P-256 pair under a kid. */
export function member(kid: string): Member {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    kid,
    privateJwk: { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' },
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' },
    token(header = {}) {
      const input = `${b64({ alg: 'ES256', typ: 'JWT', kid, ...header })}.${b64({ sub: kid, exp: 32503680000 })}`
      return `${input}.${signWith('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    },
  }
}

export const jwksOf = (...members: readonly Member[]): { keys: Jwk[] } => ({ keys: members.map(({ jwk }) => jwk) })

export const url = 'https://issuer.example/jwks'
export const old = member('old')
export const current = member('current')

// ─── an endpoint ─────────────────────────────────────────────────────────────

export interface Request { readonly url: string, readonly init: FetchInit }

/** What to answer: JSON for a 200, an Error to throw, a number for a status, or a response. */
export type Reply = object | string | number | Error | ((request: Request) => unknown)

export interface Endpoint {
  fetch(url: string, init: FetchInit): Promise<ResponseLike>
  readonly requests: Request[]
  reply: Reply
  headers: Record<string, string>
}

declare class Response { constructor(body: unknown, init?: object) }

export function endpoint(reply: Reply = jwksOf(current), headers: Record<string, string> = {}): Endpoint {
  const made: Endpoint = {
    requests: [],
    reply,
    headers,
    async fetch(address, init) {
      const request = { url: address, init }
      made.requests.push(request)
      const answer = typeof made.reply === 'function' ? await made.reply(request) : made.reply
      if (answer instanceof Error) throw answer
      if (typeof answer === 'number') return new Response(null, { status: answer, headers: made.headers }) as unknown as ResponseLike
      if (answer && typeof (answer as ResponseLike).arrayBuffer === 'function') return answer as ResponseLike
      return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { headers: made.headers }) as unknown as ResponseLike
    },
  }
  return made
}

/** An answer of any status, headers and body. */
export const answer = (body: unknown, init?: object): ResponseLike => new Response(body, init) as unknown as ResponseLike

export interface Watched {
  readonly set: RemoteKeySet
  readonly events: KeySetEvent[]
  /** The types of the events so far. */
  types(): string[]
}

/** A set whose events are kept. */
export function watched(source: Parameters<typeof remoteKeySet>[0] | Endpoint, options: RemoteKeySetOptions = {}): Watched {
  const events: KeySetEvent[] = []
  const given = { onEvent: (event: KeySetEvent) => void events.push(event), ...options }
  const set = typeof source === 'object' && 'requests' in source ? remoteKeySet(url, { fetch: source.fetch, ...given }) : remoteKeySet(source, given)
  return { set, events, types: () => events.map(({ type }) => type) }
}

// ─── verifying ───────────────────────────────────────────────────────────────

export const check = async (set: KeySet, by: Member | string = current): Promise<JwtPayload> =>
  (await verify(typeof by === 'string' ? by : by.token(), set, { algorithms: ['ES256'] })).payload

/** The code of the refusal, or the subject of the token. */
export const outcome = (set: KeySet, by: Member | string = current): Promise<unknown> => check(set, by).then(({ sub }) => sub, (error: { code?: string }) => error.code ?? error)

/** A token with a kid that no set has. */
let unknowns = 0
export const stranger = (): string => current.token({ kid: `unknown-${unknowns++}` })

// ─── time ────────────────────────────────────────────────────────────────────

/** Only the clock and timers are false; promises and cryptography go on. */
export function falseClock(): void {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'], now: 1_800_000_000_000 })
}

/** Lets what is under way come to rest: WebCrypto answers from other threads. */
declare function setImmediate(act: () => void): void
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

export async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000)
  await settle()
}

/** Changes the clock without any time passing. */
export function jump(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}
declare const Date: { now(): number }
