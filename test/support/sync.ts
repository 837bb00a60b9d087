// The main entry and waxseal/jws with the functions of waxseal/node behind them: what a test says of `verify` it says of
// `verifySync` too. vitest.config.ts runs the suite a second time with this in their place.

import * as sync from '../../src/node'

export * from '../../src/index'
export type { SafeVerifyBytesResult, SignBytesOptions, VerifyBytesOptions, VerifyBytesResult } from '../../src/jws'

/** Rejects where the synchronous function throws, and insists that it has given its answer by then. */
const later = <A extends unknown[], R>(call: (...args: A) => R) => async (...args: A): Promise<R> => {
  const answer = call(...args)
  if (answer instanceof Promise) throw new Error('a synchronous function gave a Promise')
  return answer
}

export const sign = later(sync.signSync as never)
export const verify = later(sync.verifySync as never)
export const safeVerify = later(sync.safeVerifySync as never)
export const importSecret = later(sync.importSecretSync as never)
export const importJwk = later(sync.importJwkSync as never)
export const importPem = later(sync.importPemSync as never)
export const signBytes = later(sync.signBytesSync as never)
export const verifyBytes = later(sync.verifyBytesSync as never)
export const safeVerifyBytes = later(sync.safeVerifyBytesSync as never)

export function createSigner(key: never, options: never) {
  return later(sync.createSignerSync(key, options))
}

export function createVerifier(key: never, options: never) {
  const verifier = sync.createVerifierSync(key, options)
  return Object.assign(later(verifier), { safe: later(verifier.safe) })
}
