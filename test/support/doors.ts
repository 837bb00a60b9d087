// The two doors of the library, asynchronous on WebCrypto and synchronous on node:crypto, with one face: a test that loops
// over them states its rule once. Whatever a function of the synchronous door throws at once is here a rejected promise.

import * as waxseal from 'waxseal'
import * as jws from 'waxseal/jws'
import * as node from 'waxseal/node'
import { agreed, doors as asyncDoors, open, pair, running, type Door as Way, type PairName, type Result } from './tokens'

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

type Functions = Record<string, (...given: readonly unknown[]) => unknown>

/** The functions of the synchronous door, by the names that they have in the other. */
const sync = Object.fromEntries(Object.entries(node as unknown as Functions).map(([name, call]) => [name.replace(/Sync$/, ''), call]))

/** A synchronous function as if it answered later. */
const later = (name: string) => async (...given: readonly unknown[]): Promise<never> => sync[name]!(...given) as never

interface SyncVerifier { (token: unknown, checks?: unknown): Result, safe(token: unknown): unknown }
const makeVerifier = (key: unknown, options: unknown): SyncVerifier => sync['createVerifier']!(key, running(options)) as SyncVerifier

const syncWays: Readonly<Record<string, Way>> = {
  verifySync: later('verify'),
  safeVerifySync: async (token, key, options) => open(sync['safeVerify']!(token, key, options)),
  createVerifierSync: async (token, key, options) => makeVerifier(key, options)(token),
  'createVerifierSync.safe': async (token, key, options) => open(makeVerifier(key, options).safe(token)),
}

const synchronous: Door = {
  name: 'waxseal/node',
  waits: false,
  ways: syncWays,
  verify: agreed(syncWays),
  sign: later('sign'),
  safeVerify: later('safeVerify'),
  createVerifier(key, options) {
    const verifier = sync['createVerifier']!(key, options) as SyncVerifier
    return async (token, checks) => verifier(token, ...checks === undefined ? [] : [checks])
  },
  signBytes: later('signBytes'),
  verifyBytes: later('verifyBytes'),
  importSecret: later('importSecret'),
  importJwk: later('importJwk'),
  importPem: later('importPem'),
  publicKey: async (name) => sync['importJwk']!(pair(name).publicJwk, name),
  privateKey: async (name) => sync['importJwk']!(pair(name).privateJwk, name),
}

export const doors: readonly Door[] = [asynchronous, synchronous]
