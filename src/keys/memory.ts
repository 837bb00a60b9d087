// What is remembered beside a key, never on it, in one registry for all copies of the package.

import type { Algorithm, Row } from './algorithms'

/** What `sign` and `verify` accept as a CryptoKey: every runtime's own type fits, and no lib is needed. */
export interface CryptoKeyLike {
  readonly type: string
  readonly algorithm: { readonly name: string }
  readonly extractable: boolean
  readonly usages: readonly string[]
}

export interface Memory {
  /** The name it was imported or generated with: `EdDSA` and `Ed25519` are one algorithm. */
  readonly algorithm?: Algorithm
  readonly keyId?: string | undefined
  /** Of an RSA key: n, big-endian, which a signature must be below. */
  readonly modulus?: Uint8Array | undefined
  /** The public half of a private key. */
  readonly publicKey?: CryptoKeyLike
  /** Of a key that the synchronous door made: the same key for WebCrypto. */
  native?(): Promise<CryptoKeyLike>
}

const registry = /* @__PURE__ */ Symbol.for('waxseal.keys')
let memories: WeakMap<object, Memory> | undefined

/** What is known of a key; the material of a key of which something is known has been checked. */
export function memoryOf(key: object): Memory | undefined {
  memories ??= (globalThis as { [registry]?: WeakMap<object, Memory> })[registry] ??= new WeakMap()
  return memories.get(key)
}

/**
 * Set while the synchronous door is loaded: it keeps the material of keys that WebCrypto makes here, which it could not ask
 * of a key that is not extractable. Nothing is kept where that door is not in use.
 */
export const keeper: { keep?(key: CryptoKeyLike, row: Row, format: string, material: object): void } = {}

/** Adds to what is known of a key. */
export function remember<K extends CryptoKeyLike>(key: K, memory: Memory): K {
  const before = memoryOf(key)
  memories!.set(key, { __proto__: null, ...before, ...memory } as Memory)
  return key
}
