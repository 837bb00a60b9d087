// The two doors of the library, asynchronous on WebCrypto and synchronous on node:crypto, with one face: a test that loops
// over them states its rule once. Whatever a function of the synchronous door throws at once is here a rejected promise.

import * as waxseal from 'waxseal'
import * as jws from 'waxseal/jws'
import { agreed, doors as asyncDoors, pair, type Door as Way, type PairName, type Result } from './tokens'

/** The functions of a door without their types: most attacks hand over what would not compile. */
export interface Door {
  readonly name: string
  /** Whether it waits for promises. */
  readonly waits: boolean
  sign(payload: unknown, key: unknown, options?: unknown): Promise<string>
  /** Every way that the door has to verify a token: a factory may refuse in other words what the others refuse. */
  readonly ways: Readonly<Record<string, Way>>
  /** In all these ways, which must agree. Without a key and options: `secret` and `hs256`. */
  verify(token: unknown, key?: unknown, options?: unknown): Promise<Result>
  safeVerify(token: unknown, key: unknown, options: unknown): Promise<{ ok: boolean, error?: unknown }>
  createVerifier(key: unknown, options: unknown): (token: unknown, checks?: unknown) => Promise<Result>
  signBytes(payload: unknown, key: unknown, options?: unknown): Promise<string>
  verifyBytes(token: unknown, key: unknown, options: unknown): Promise<{ payload: Uint8Array, header: Record<string, unknown> }>
  importSecret(secret: unknown, algorithm: unknown, options?: unknown): Promise<unknown>
  importJwk(jwk: unknown, algorithm?: unknown, options?: unknown): Promise<unknown>
  importPem(text: unknown, algorithm: unknown, options?: unknown): Promise<unknown>
  /** The keys of tokens.ts, imported through this door. */
  publicKey(name: PairName): Promise<unknown>
  privateKey(name: PairName): Promise<unknown>
}

const untyped = { ...waxseal, ...jws } as unknown as Omit<Door, 'name' | 'waits' | 'ways' | 'verify' | 'publicKey' | 'privateKey'>

const asynchronous: Door = {
  ...untyped,
  name: 'waxseal',
  waits: true,
  ways: asyncDoors,
  verify: agreed(asyncDoors),
  createVerifier: (key, options) => untyped.createVerifier(key, options),
  publicKey: (name) => untyped.importJwk(pair(name).publicJwk, name),
  privateKey: (name) => untyped.importJwk(pair(name).privateJwk, name),
}

export const doors: readonly Door[] = [asynchronous]
