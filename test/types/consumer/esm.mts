// An application that uses both doors as an ES module. Compiled with several settings; see ../consumer.mjs.

import { createSigner, createVerifier, decode, generateKey, isJwtError, JwtError, keySet, safeVerify, type CryptoKey, type JwtPayload, type Verifier } from 'waxseal'
import { signBytes, verifyBytes, type VerifyBytesResult } from 'waxseal/jws'

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
