// waxseal: JSON Web Tokens on WebCrypto that fail closed. The map of the house, ground floor first:
//
//   jwt.ts        header and claims, as types
//   errors.ts     JwtError, the codes, the only way to refuse
//   recipe.ts     what may have to wait, said once for both kinds of door
//   options.ts    options, read once and strictly                  encoding/   bytes, base64url, JSON; knows no tokens
//   keys/         algorithms (the table) and key material; knows no claims
//   token/        sign.ts and verify.ts are the recipes: open one and read downward
//   network/      fetching, and keeping what was fetched fresh
//   ring/         keys that rotate, and who serves them            profiles/   RFC 9068, RFC 9449, OpenID Connect
//   node-store.ts  a store of files, for "waxseal/node"
//   index.ts  this door   jws.ts  signed bytes   node.ts  no Promises   jwks.ts  keys from afar   keyring.ts  issuing keys   profiles.ts  what standards ask
//
// Imports go down that list, never up.

export { JwtError, isJwtError, type JwtErrorCode, type JwtErrorConstructor, type JwtErrorOf, type JwtIssue } from './errors'
export type { Header, JwtPayload } from './jwt'

export { base64url } from './encoding/base64url'
export { constantTimeEqual } from './encoding/bytes'

export { algorithms, type Algorithm, type HmacAlgorithm, type PublicKeyAlgorithm } from './keys/algorithms'
export { exportJwk, thumbprint } from './keys/export'
export { generateKey, isSupported, type KeyPair } from './keys/generate'
export { importJwk, importPem, importSecret } from './keys/import'
export type { Jwk, PublicJwk } from './keys/jwk'
export type { CryptoKey } from './keys/key'
export { keySet } from './keys/keyset'
export { exportPem } from './keys/pem'
export type { KeyFunction, KeySet } from './keys/resolve'
export { ecdsaFromDer, type Signer } from './keys/signer'

export { decode, type Decoded, type Unverified } from './token/decode'
export type { Duration } from './token/duration'
export type { JwtHeader } from './token/header'
export type { CallChecks, SafeResult, SignerOptions, SignFunction, SignOptions, Verifier, VerifierOptions, VerifyOptions, VerifyResult } from './token/inference'
export type { StandardSchemaV1 } from './token/schema'
export { createSigner, sign } from './token/sign'
export { createVerifier, safeVerify, verify } from './token/verify'
