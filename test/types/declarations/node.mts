// What an application may export of waxseal/node without saying a type: see ../consumer.mjs.

import {
  createSignerSync, createVerifierSync, fileStore, importJwkSync, importPemSync, importSecretSync, safeVerifyBytesSync, safeVerifySync, signBytesSync, signSync, verifyBytesSync,
  verifySync,
} from 'waxseal/node'

export const keys = [importSecretSync('', 'HS256'), importJwkSync({ kty: 'EC' }, 'ES256')]
export const key = importPemSync('', 'ES256')
export const signToken = createSignerSync('secret', { algorithm: 'HS256', expiresIn: 5 })
export const verifier = createVerifierSync(key, { algorithms: ['ES256'], issuer: 'a' })
export const signed = [signSync({}, key, { expiresIn: 5 }), signBytesSync(new Uint8Array(), key)]
export const check = (token: string) => verifySync(token, key, { algorithms: ['ES256'] })
export const checkSafely = (token: string) => safeVerifySync(token, key, { algorithms: ['ES256'], audience: 'a' })
export const ofVerifier = (token: string) => [verifier(token), verifier.safe(token)] as const
export const bytes = (token: string) => [verifyBytesSync(token, key, { algorithms: ['ES256'] }), safeVerifyBytesSync(token, key, { algorithms: ['ES256'] })] as const
export const store = fileStore('keys')
export const functions = { createSignerSync, createVerifierSync, importJwkSync, importPemSync, importSecretSync, signBytesSync, signSync, verifySync }
