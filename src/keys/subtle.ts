// The only file that touches WebCrypto. What a runtime lacks becomes ERR_JWT_UNSUPPORTED, what it throws at ERR_JWT_KEY.

import type { OwnBytes } from '../encoding/bytes'
import { refuse } from '../errors'
import type { Row } from './algorithms'
import type { CryptoKeyLike } from './key'

export type Usage = 'sign' | 'verify'
type Made = CryptoKeyLike | { readonly privateKey: CryptoKeyLike, readonly publicKey: CryptoKeyLike }

interface Subtle {
  importKey(format: string, material: object, algorithm: object, extractable: boolean, usages: Usage[]): Promise<CryptoKeyLike>
  exportKey(format: string, key: CryptoKeyLike): Promise<unknown>
  generateKey(algorithm: object, extractable: boolean, usages: Usage[]): Promise<Made>
  sign(algorithm: object, key: CryptoKeyLike, data: Uint8Array): Promise<ArrayBuffer>
  verify(algorithm: object, key: CryptoKeyLike, signature: Uint8Array, data: Uint8Array): Promise<boolean>
  digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer>
}

interface Platform { readonly crypto?: { readonly subtle?: Subtle, randomUUID(): string } }

function subtle(): Subtle {
  return (globalThis as Platform).crypto?.subtle ?? refuse('ERR_JWT_UNSUPPORTED', 'crypto.subtle', 'a page served over https, where browsers offer it')
}

/** Waits for the runtime and turns what it throws into a refusal. */
async function refusing<T>(row: Row | undefined, call: (api: Subtle) => Promise<T>): Promise<T> {
  const api = subtle()
  try {
    return await call(api)
  } catch (cause) {
    return (cause as Error | undefined)?.name === 'NotSupportedError'
      ? refuse('ERR_JWT_UNSUPPORTED', row?.name ?? 'format', 'a runtime whose WebCrypto has it', undefined, { cause })
      : refuse('ERR_JWT_KEY', row?.name ?? 'key', 'a key that the runtime takes', undefined, { cause })
  }
}

export async function sign(row: Row, key: CryptoKeyLike, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await refusing(row, (api) => api.sign(row.params, key, data)))
}

/** HMAC tags are compared in constant time: the specification of `subtle.verify` obliges to (WebCrypto 31.6.2). */
export function verify(row: Row, key: CryptoKeyLike, signature: Uint8Array, data: Uint8Array): Promise<boolean> {
  return subtle().verify(row.params, key, signature, data).catch(() => false) // some runtimes throw at a bad signature
}

export function importKey(row: Row, format: string, material: object, extractable: boolean, usages: Usage[]): Promise<CryptoKeyLike> {
  return refusing(row, (api) => api.importKey(format, material, row.params, extractable, usages))
}

export function exportKey(format: string, key: CryptoKeyLike): Promise<unknown> {
  return refusing(undefined, (api) => api.exportKey(format, key))
}

export function generateKey(row: Row, extractable: boolean, modulusLength: number): Promise<Made> {
  const params = { __proto__: null, ...row.params, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }
  return refusing(row, (api) => api.generateKey(params, extractable, ['sign', 'verify']))
}

export async function digest(hash: string, data: Uint8Array): Promise<OwnBytes> {
  return new Uint8Array(await subtle().digest(hash, data)) as OwnBytes
}

export function randomUUID(): string {
  subtle() // the pages that lack the one lack the other
  return (globalThis as Platform).crypto!.randomUUID()
}
