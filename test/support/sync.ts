// The main entry with the functions of waxseal/node behind it: what a test says of `verify` it says of `verifySync` too.
// vitest runs the suites a second time with this in place of `waxseal` (see vitest.config.ts).

import * as sync from '../../src/node'
import * as jws from '../../src/jws'

export * from '../../src/index'
export type { SafeVerifyBytesResult } from '../../src/jws'

/** Rejects where the synchronous function throws, and names itself as the test does. */
const later = <F extends (...args: never[]) => unknown>(call: F) => async (...args: Parameters<F>) => call(...args)

export const sign = later(sync.signSync)
export const verify = later(sync.verifySync)
export const safeVerify = later(sync.safeVerifySync)
export const importSecret = later(sync.importSecretSync)
export const importJwk = later(sync.importJwkSync)
export const importPem = later(sync.importPemSync)
export const signBytes = later(sync.signBytesSync)
export const verifyBytes = later(sync.verifyBytesSync)
export const safeVerifyBytes = later(sync.safeVerifyBytesSync)

export function createSigner(...args: Parameters<typeof sync.createSignerSync>) {
  return later(sync.createSignerSync(...args) as never)
}

export function createVerifier(...args: Parameters<typeof sync.createVerifierSync>) {
  const verifier = sync.createVerifierSync(...args)
  return Object.assign(later(verifier as never), { safe: later(verifier.safe as never) })
}

void jws
