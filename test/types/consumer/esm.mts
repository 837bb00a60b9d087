// An application that uses all doors as an ES module. Compiled with several settings; see ../consumer.mjs.

import { createSigner, createVerifier, decode, generateKey, isJwtError, JwtError, keySet, safeVerify, type CryptoKey, type JwtPayload, type Verifier } from 'waxseal'
import { signBytes, verifyBytes, type VerifyBytesResult } from 'waxseal/jws'
import { createVerifierSync, importJwkSync, signSync, type VerifierSync } from 'waxseal/node'

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
  const atOnce: VerifierSync<JwtPayload, { alg: 'ES256' }> = createVerifierSync(importJwkSync({ kty: 'EC' }, 'ES256'), { algorithms: ['ES256'], cache: true, isRevoked: () => false })
  const { payload } = atOnce(signSync({}, privateKey, { expiresIn: 60 }))
  return result.payload.iss + String(again.ok) + String(bytes.payload.length) + String(payload.exp)
}
