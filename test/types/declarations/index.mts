// What an application may export of the main entry without saying a type: see ../consumer.mjs.

import {
  algorithms, base64url, constantTimeEqual, createSigner, createVerifier, decode, ecdsaFromDer, exportJwk, exportPem, generateKey, importJwk, importPem, importSecret, isJwtError,
  isSupported, JwtError, keySet, safeVerify, sign, thumbprint, verify, type Algorithm, type CryptoKey, type JwtErrorCode, type KeyFunction, type PublicKeyAlgorithm,
  type StandardSchemaV1, type Verifier, type VerifyOptions,
} from 'waxseal'

declare const key: CryptoKey
declare const publicKey: CryptoKey<'ES256', 'public'>
declare const privateKey: CryptoKey<'ES256', 'private'>
declare const schema: StandardSchemaV1<unknown, { role: string }>

export const signToken = createSigner('secret', { algorithm: 'HS256', expiresIn: '5m', issuer: 'a' })
export const signPlain = createSigner(privateKey)
export class Issuer {
  readonly sign
  readonly verify
  readonly keys
  constructor(key: CryptoKey) {
    this.sign = createSigner(key, { expiresIn: '5m' })
    this.verify = createVerifier(key, { algorithms: ['ES256'], audience: ['a'], requiredClaims: ['role'] })
    this.keys = keySet([key])
  }
}
export const signed = sign({ sub: 'a' }, privateKey, { expiresIn: 5 })

export const verifier = createVerifier(publicKey, { algorithms: ['ES256'], issuer: 'a' })
export const ofSchema = createVerifier(publicKey, { algorithms: ['ES256'], schema, cache: true })
export const check = (token: string) => verify(token, publicKey, { algorithms: ['ES256'], issuer: 'a', requireExpiry: false })
export const checkSafely = (token: string) => safeVerify(token, publicKey, { algorithms: ['ES256'], subject: 'a', nonce: 'n', jwtId: 'j', maxAge: 5 })
export const ofVerifier = (token: string) => verifier(token)
export const ofVerifierSafely = (token: string) => verifier.safe(token, { nonce: 'a' })
export const wrapped = (inner: Verifier) => (token: string, ...[checks]: Parameters<Verifier> extends [string, ...infer R] ? R : never) => inner(token, checks)
export const checks = (...[, given]: Parameters<Verifier>) => given
export async function claims(token: string) {
  const { payload, header } = await verifier(token)
  return { payload, header, alg: header.alg, iss: payload.iss }
}

export const decoded = (token: string) => decode(token)
export const parts = (token: string) => {
  const { header, payload, signature, signingInput } = decode(token)
  return { header, payload, signature, signingInput }
}

export const pair = generateKey('ES256')
export const secret = generateKey('HS256')
export async function halves() {
  const { privateKey, publicKey } = await generateKey('ML-DSA-44')
  return [privateKey, publicKey] as const
}
export const made = <A extends Algorithm>(algorithm: A) => generateKey(algorithm)
export const imported = [importSecret('', 'HS256'), importPem('', 'ES256'), importJwk({ kty: 'EC' }, 'ES256'), importJwk({ kty: 'EC', alg: 'ES384' })]
export const importAny = <A extends PublicKeyAlgorithm>(text: string, algorithm: A) => importPem(text, algorithm)
export const exported = [exportJwk(key), exportJwk(publicKey), exportJwk(privateKey, { public: true })]
export const whole = () => exportJwk(privateKey)
export const pem = exportPem(publicKey)
export const print = thumbprint(key)
export const set = keySet([key])
export const { skipped } = keySet([key])
export const jwks = () => set.toPublicJwks()
export const supported = isSupported('ES256')
export const { usages, type } = key
export const der = ecdsaFromDer(new Uint8Array(), 'ES256')

export const ofErrors = (error: unknown) => isJwtError(error) ? error : undefined
export const issuesOf = (error: unknown) => isJwtError(error) ? error.issues : []
export const expired = (error: unknown) => isJwtError(error) && error.code === 'ERR_JWT_EXPIRED' ? error : undefined
export const headerOf = (error: unknown) => isJwtError(error) ? error.header : undefined
export const payloadOf = (error: unknown) => isJwtError(error) ? error.payload : undefined
export class Errors { constructor(readonly kind = JwtError) {} }
export const refusal = (code: JwtErrorCode) => new JwtError(code, 'no')

export const issuerOf = ({ issuer }: VerifyOptions) => issuer
export const found = (find: KeyFunction) => find
export const functions = { algorithms, base64url, constantTimeEqual, createSigner, createVerifier, decode, exportJwk, generateKey, importJwk, importPem, importSecret, keySet, safeVerify, sign, thumbprint, verify }
export const same = verify
