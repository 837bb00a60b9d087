// An application that uses both doors as an ES module. Compiled with several settings; see ../consumer.mjs.

import { createSigner, createVerifier, decode, generateKey, isJwtError, JwtError, keySet, safeVerify, type CryptoKey, type JwtPayload, type Verifier } from 'waxseal'
import { signBytes, verifyBytes, type VerifyBytesResult } from 'waxseal/jws'
import { jwksHandler, keyRing, type KeyRing } from 'waxseal/keyring'
import { accessToken, signAccessToken, verifyDpopProof, verifyIdToken } from 'waxseal/profiles'

/** The issuing side, and the standards. */
export async function issue(cache: { get(key: string): Promise<string | null>, set(key: string, text: string): Promise<void> }): Promise<string> {
  const ring: KeyRing<'ES256'> = keyRing({ algorithm: 'ES256', tokenLifetime: '15m', store: cache })
  const token = await signAccessToken({ client_id: 'app' }, ring, { issuer: 'a', audience: 'b', subject: 'c', expiresIn: 60 })
  const verifier = createVerifier(ring, accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b' }))
  const { payload } = await verifier(token)
  const id = await verifyIdToken(token, await ring.current().then(() => ring), { algorithms: ['ES256'], issuer: 'a', clientId: 'b', nonce: 'n' })
  const nonce: 'n' = id.payload.nonce
  const { thumbprint } = await verifyDpopProof(token, { algorithms: ['ES256'], method: 'GET', url: 'https://a.example/', accessToken: { token, payload } })
  const { status } = await jwksHandler(ring)({ method: 'GET', headers: { get: () => null } })
  return payload.iss + payload.sub + payload.jti + String(payload.iat + payload.exp) + id.payload.sub + nonce + thumbprint + String(status)
}

export async function main(): Promise<string> {
  const { privateKey, publicKey }: { privateKey: CryptoKey, publicKey: CryptoKey } = await generateKey('ES256')
  const sign = createSigner(privateKey, { issuer: 'a', expiresIn: '15m' })
  const verifier: Verifier<JwtPayload & { iss: string }> = createVerifier(keySet([publicKey]), { algorithms: ['ES256'], issuer: 'a' })
  const token = await sign({ sub: 'me' })
  const result = await verifier.safe(token)
  if (!result.ok) return result.error.code === 'ERR_JWT_EXPIRED' ? String(result.error.payload.sub) : result.error.message

  const again = await safeVerify(token, publicKey, { algorithms: ['ES256'] })
  const bytes: VerifyBytesResult = await verifyBytes(await signBytes(new Uint8Array(3), privateKey), publicKey, { algorithms: ['ES256'] })
  try {
    decode(token)
  } catch (error) {
    if (error instanceof JwtError || isJwtError(error)) return error.code
  }
  return result.payload.iss + String(again.ok) + String(bytes.payload.length)
}
