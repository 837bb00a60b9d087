// The only file that touches WebCrypto. What a runtime lacks becomes ERR_JWT_UNSUPPORTED, what it throws at ERR_JWT_KEY.

import { refuse } from '../errors'
import type { Row } from './algorithms'
import type { CryptoKeyLike } from './key'

export type Usage = 'sign' | 'verify'
type Made = CryptoKeyLike | { readonly privateKey: CryptoKeyLike, readonly publicKey: CryptoKeyLike }

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

function subtle(): Subtle {
  return (globalThis as Platform).crypto?.subtle ?? refuse('ERR_JWT_UNSUPPORTED', 'crypto.subtle', 'a page served over https')
}

/** Waits for the runtime and turns what it throws into a refusal. */
function refusing<T>(name: string, promise: Promise<T>): Promise<T> {
  return promise.catch((cause: Error | undefined) =>
    refuse(cause?.name === 'NotSupportedError' ? 'ERR_JWT_UNSUPPORTED' : 'ERR_JWT_KEY', name, 'a runtime that has it and a key that fits', undefined, { cause }))
}

export function sign({ name, params }: Row, key: CryptoKeyLike, data: Uint8Array): Promise<ArrayBuffer> {
  return refusing(name, subtle().sign(params, key, data))
}

/** HMAC tags are compared in constant time: the specification of `subtle.verify` obliges to (WebCrypto 31.6.2). */
export function verify({ params }: Row, key: CryptoKeyLike, signature: Uint8Array, data: Uint8Array): Promise<boolean> {
  return subtle().verify(params, key, signature, data).catch(() => false) // some runtimes throw at a bad signature
}

export function importKey({ name, params }: Row, format: string, material: object, extractable: boolean, usages: Usage[]): Promise<CryptoKeyLike> {
  return refusing(name, subtle().importKey(format, material, params, extractable, usages))
}

export function exportKey(format: string, key: CryptoKeyLike): Promise<unknown> {
  return refusing(format, subtle().exportKey(format, key))
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
