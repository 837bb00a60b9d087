// The only file that touches WebCrypto. What a runtime lacks becomes ERR_JWT_UNSUPPORTED, what it throws at ERR_JWT_KEY.

import { decodeToKeep, encode } from '../encoding/base64url'
import { ascii, type Bytes, type OwnBytes } from '../encoding/bytes'
import { isJwtError, refuse } from '../errors'
import { wait, type MaybePromise, type Recipe } from '../recipe'
import type { Algorithm, KeyPolicy, Row } from './algorithms'
import { keeper, memoryOf, type CryptoKeyLike } from './memory'

export type Usage = 'sign' | 'verify'
type Made = CryptoKeyLike | { readonly privateKey: CryptoKeyLike, readonly publicKey: CryptoKeyLike }

/** What does the cryptography for a recipe: WebCrypto here, node:crypto behind the synchronous door. */
export interface Engine {
  /** Whether its answers, and those of functions and networks, may be waited for. */
  readonly waits: boolean
  /** Makes a key of what only this engine knows. */
  adopt?(key: unknown, policy: KeyPolicy): unknown
  /** Follows a recipe to its end. */
  follow<T>(start: () => Recipe<T>): MaybePromise<T>
  /** The secrets that it remembers, least recently used first, and the keys made of them. */
  readonly secrets: Map<string | Bytes, { readonly bytes: OwnBytes, readonly keys: Partial<Record<Algorithm, CryptoKeyLike>> }>
  importKey(row: Row, format: string, material: object, extractable: boolean, usages: Usage[]): MaybePromise<CryptoKeyLike>
  exportKey(format: string, key: CryptoKeyLike): MaybePromise<unknown>
  /** The input is ASCII; a signature is a segment, canonical base64url. */
  sign(row: Row, key: CryptoKeyLike, input: string): MaybePromise<string>
  /** May fail at a bad signature, as some runtimes do. */
  verify(row: Row, key: CryptoKeyLike, signature: string, input: string): MaybePromise<boolean>
}

interface Subtle {
  importKey(format: string, material: object, algorithm: object, extractable: boolean, usages: (Usage | 'deriveBits')[]): Promise<CryptoKeyLike>
  exportKey(format: string, key: CryptoKeyLike): Promise<unknown>
  generateKey(algorithm: object, extractable: boolean, usages: Usage[]): Promise<Made>
  sign(algorithm: object, key: CryptoKeyLike, data: Uint8Array): Promise<ArrayBuffer>
  verify(algorithm: object, key: CryptoKeyLike, signature: Uint8Array, data: Uint8Array): Promise<boolean>
  digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer>
  deriveBits(algorithm: object, key: CryptoKeyLike, length: number): Promise<ArrayBuffer>
}

interface Platform { readonly crypto?: { readonly subtle?: Subtle, randomUUID(): string } }

export function subtle(): Subtle {
  return (globalThis as Platform).crypto?.subtle ?? refuse('ERR_JWT_UNSUPPORTED', 'crypto.subtle', 'a page over https')
}

/** Waits for the runtime and turns what it throws into a refusal. */
function refusing<T, R = T>(name: string, promise: Promise<T>, then?: (value: T) => R): Promise<R> {
  return promise.then(then as (value: T) => R, (cause: Error | undefined) =>
    refuse(cause?.name === 'NotSupportedError' ? 'ERR_JWT_UNSUPPORTED' : 'ERR_JWT_KEY', name, 'a runtime that has it and a key that fits', undefined, { cause }))
}

/** Calls WebCrypto with a key, or with what stands for it there. */
function using<T>(key: CryptoKeyLike, call: (subtle: Subtle, key: CryptoKeyLike) => Promise<T>): Promise<T> {
  const api = subtle()
  const native = memoryOf(key)?.native?.()
  return native ? native.then((real) => call(api, real)) : call(api, key)
}

export const webCrypto: Engine = {
  waits: true,
  follow: wait,
  secrets: /* @__PURE__ */ new Map(),

  importKey: (row, format, material, extractable, usages) => refusing(row.name, subtle().importKey(format, material, row.params, extractable, usages), (key) => {
    keeper.keep?.(key, row, format, material)
    return key
  }),

  exportKey: (format, key) => refusing(format, using(key, (api, real) => api.exportKey(format, real))),

  sign: ({ name, params }, key, input) =>
    refusing(name, using(key, (api, real) => api.sign(params, real, ascii(input))), (signature) => encode(new Uint8Array(signature))),

  /** HMAC tags are compared in constant time: the specification of `subtle.verify` obliges to (WebCrypto 31.6.2). */
  verify: ({ params }, key, signature, input) => using(key, (api, real) => api.verify(params, real, decodeToKeep(signature)!, ascii(input))),
}

/** What an engine's failure to verify says of a signature: that it does not hold. A refusal stays one. */
export function notVerified(error: unknown): false {
  if (isJwtError(error)) throw error
  return false
}

/** Whether a signature holds. */
export function* verifies(row: Row, key: CryptoKeyLike, signature: string, input: string, engine: Engine): Recipe<boolean> {
  try {
    return yield engine.verify(row, key, signature, input)
  } catch (error) {
    return notVerified(error)
  }
}

export function generateKey({ name, params }: Row, extractable: boolean, modulusLength: number): Promise<Made> {
  const all = { __proto__: null, ...params, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }
  return refusing(name, subtle().generateKey(all, extractable, ['sign', 'verify']))
}

/** What ECDH agrees on: x of the private key times the public point (SEC1 3.3.1). */
export async function agree({ name, crv, keyBytes }: Row, pkcs8: Uint8Array, point: Uint8Array): Promise<Uint8Array> {
  const algorithm = { __proto__: null, name: 'ECDH', namedCurve: crv }
  const own = await refusing(name, subtle().importKey('pkcs8', pkcs8, algorithm, false, ['deriveBits']))
  const other = await refusing(name, subtle().importKey('raw', point, algorithm, true, []))
  return new Uint8Array(await refusing(name, subtle().deriveBits({ __proto__: null, name: 'ECDH', public: other }, own, keyBytes * 8)))
}

export async function digest(hash: string, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle().digest(hash, data))
}

export function randomUUID(): string {
  subtle() // the pages that lack the one lack the other
  return (globalThis as Platform).crypto!.randomUUID()
}
