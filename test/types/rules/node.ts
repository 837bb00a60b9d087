// waxseal/node: what is typed otherwise than at the asynchronous doors.

import { keySet, type CryptoKey, type JwtHeader, type JwtPayload, type KeySet, type SafeResult, type StandardSchemaV1, type VerifyResult } from 'waxseal'
import {
  createSignerSync, createVerifierSync, importJwkSync, importPemSync, importSecretSync, safeVerifyBytesSync, safeVerifySync, signBytesSync, signSync, verifyBytesSync, verifySync,
  type KeyObjectLike, type SyncKeyFunction, type SyncSigningKey, type SyncVerifyKey, type VerifierSync,
} from 'waxseal/node'
import { hmacKey, privateKey, publicKey, rule, same, secret, set, signer, token } from './rule.js'

declare const keyObject: KeyObjectLike
declare const bytes: Uint8Array
declare const schema: StandardSchemaV1<unknown, { role: 'admin' | 'reader' }>

const only = { algorithms: ['ES256'] } as const

// ─── results ─────────────────────────────────────────────────────────────────

rule('no result is a Promise', () => {
  same<string>()(signSync({}, privateKey, { expiresIn: 1 }))
  same<string>()(createSignerSync(privateKey, { expiresIn: 1 })({}))
  same<string>()(signBytesSync(bytes, privateKey))
  const { payload, header } = verifySync(token, publicKey, only)
  same<number>()(payload.exp)
  same<'ES256'>()(header.alg)
  same<number>()(createVerifierSync(publicKey, only)(token).payload.exp)
  const result = safeVerifySync(token, publicKey, only)
  if (result.ok) same<number>()(result.payload.exp)
  const safe = createVerifierSync(publicKey, only).safe(token)
  if (safe.ok) same<number>()(safe.payload.exp)
  const content: Uint8Array = verifyBytesSync(token, publicKey, only).payload
  const perhaps: Uint8Array | undefined = safeVerifyBytesSync(token, publicKey, only).payload
  // @ts-expect-error
  verifySync(token, publicKey, only).then
  // @ts-expect-error
  signSync({}, privateKey, { expiresIn: 1 }).then
  return [content, perhaps]
})

rule('a checked claim is there, a schema types the payload', () => {
  same<string>()(verifySync(token, publicKey, { ...only, issuer: 'a' }).payload.iss)
  same<string>()(createVerifierSync(publicKey, { ...only, subject: 'a' as string })(token).payload.sub)
  same<{ role: 'admin' | 'reader' }>()(verifySync(token, publicKey, { ...only, schema }).payload)
  // @ts-expect-error
  verifySync(token, publicKey, only).payload.role.length
})

rule('importers give keys that both kinds of door take', () => {
  same<CryptoKey<'HS256', 'secret'>>()(importSecretSync(secret, 'HS256'))
  const key: CryptoKey<'ES256'> = importPemSync('', 'ES256')
  const jwk: CryptoKey<'RS256'> = importJwkSync({ kty: 'RSA', alg: 'RS256' })
  const keys: KeySet = keySet([key, jwk])
  verifySync(token, keys, only)
  signSync({}, importSecretSync(secret, 'HS256'), { expiresIn: 1 })
})

rule('verifiers and keys can be declared', () => {
  const verifier: VerifierSync<JwtPayload & { iss: string }, JwtHeader> = createVerifierSync(set, { ...only, issuer: 'a' })
  const result: VerifyResult = verifier(token)
  const safe: SafeResult = verifier.safe(token)
  const key: SyncVerifyKey = ((header) => header.kid ? publicKey : null) satisfies SyncKeyFunction
  const signing: SyncSigningKey = signer
  return [result, safe, key, signing]
})

rule('a cache', () => {
  createVerifierSync(publicKey, { ...only, cache: true })
  createVerifierSync(publicKey, { ...only, cache: { maxEntries: 10, maxLength: 1000, maxAge: '1m' } })
  // @ts-expect-error
  createVerifierSync(publicKey, { ...only, cache: false })
  // @ts-expect-error
  createVerifierSync(publicKey, { ...only, cache: { max: 10 } })
  // @ts-expect-error
  verifySync(token, publicKey, { ...only, cache: true })
})

// ─── what does not compile ───────────────────────────────────────────────────

rule('a hook that is async', () => {
  verifySync(token, publicKey, { ...only, isRevoked: () => false })
  createVerifierSync(publicKey, { ...only, isRevoked: ({ jti }) => jti === 'a' })
  // @ts-expect-error
  verifySync(token, publicKey, { ...only, isRevoked: async () => false })
  // @ts-expect-error
  safeVerifySync(token, publicKey, { ...only, isRevoked: () => Promise.resolve(false) })
  // @ts-expect-error
  createVerifierSync(publicKey, { ...only, isRevoked: async () => false })
})

rule('a key function that is async', () => {
  verifySync(token, () => publicKey, only)
  verifySync(token, () => null, only)
  // @ts-expect-error
  verifySync(token, async () => publicKey, only)
  // @ts-expect-error
  createVerifierSync(() => Promise.resolve(publicKey), only)
  // @ts-expect-error
  verifyBytesSync(token, async () => publicKey, only)
})

rule('a Signer that is async', () => {
  signSync({}, signer, { expiresIn: 1 })
  signSync({}, { algorithm: 'ES256', sign: () => bytes }, { expiresIn: 1 })
  // @ts-expect-error
  signSync({}, { algorithm: 'ES256', sign: async () => bytes }, { expiresIn: 1 })
  // @ts-expect-error
  signSync({ exp: 1 }, { algorithm: 'ES256', sign: async () => bytes })
  // @ts-expect-error
  createSignerSync({ algorithm: 'ES256', sign: () => Promise.resolve(bytes) })
  // @ts-expect-error
  signBytesSync(bytes, { algorithm: 'ES256', sign: async () => bytes })
})

rule('a payload that is no plain object', () => {
  // @ts-expect-error
  signSync(Promise.resolve({}), privateKey, { expiresIn: 1 })
  // @ts-expect-error
  createSignerSync(privateKey, { expiresIn: 1 })([])
})

rule('a KeyObject without the name of an algorithm', () => {
  signSync({}, keyObject, { algorithm: 'ES256', expiresIn: 1 })
  createSignerSync(keyObject, { algorithm: 'ES256', expiresIn: 1 })
  signBytesSync(bytes, keyObject, { algorithm: 'ES256' })
  verifySync(token, keyObject, only)
  createVerifierSync(keyObject, { algorithms: ['HS256'] })
  verifySync(token, () => keyObject, only)
  // @ts-expect-error
  signSync({}, keyObject, { expiresIn: 1 })
  // @ts-expect-error
  createSignerSync(keyObject, { expiresIn: 1 })
  // @ts-expect-error
  signSync({ exp: 1 }, keyObject)
  // @ts-expect-error
  signBytesSync(bytes, keyObject)
  // @ts-expect-error
  verifySync(token, keyObject, {})
  // @ts-expect-error
  createVerifierSync(keyObject)
})

rule('a KeyObject in a set', () => {
  // @ts-expect-error
  keySet([keyObject])
})

rule('what does not compile at the asynchronous doors', () => {
  // @ts-expect-error
  verifySync(token, publicKey)
  // @ts-expect-error
  verifySync(token, publicKey, { algorithms: [] })
  // @ts-expect-error
  verifySync(token, publicKey, { algorithms: ['none'] })
  // @ts-expect-error
  verifySync(token, secret, { algorithms: ['ES256'] })
  // @ts-expect-error
  verifySync(token, hmacKey, { algorithms: ['ES256'] })
  // @ts-expect-error
  verifySync(token, privateKey, only)
  // @ts-expect-error
  verifySync(token, publicKey, { ...only, issuers: 'a' })
  // @ts-expect-error
  verifySync(token, publicKey, { ...only, issuer: undefined })
  // @ts-expect-error
  verifySync(token, publicKey, { ...only, issuer: '' })
  // @ts-expect-error
  createVerifierSync(publicKey, { ...only, now: new Date() })
  // @ts-expect-error
  signSync({}, privateKey)
  // @ts-expect-error
  signSync({}, publicKey, { expiresIn: 1 })
  // @ts-expect-error
  signSync({}, secret, { expiresIn: 1 })
  // @ts-expect-error
  signSync({ exp: 1 }, privateKey, { expiresIn: 1 })
  // @ts-expect-error
  importSecretSync(secret, 'ES256')
  // @ts-expect-error
  importPemSync('', 'HS256')
})
