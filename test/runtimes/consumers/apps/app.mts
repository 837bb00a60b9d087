// An application that uses the types of both doors; compiled with every setting, then run.

import { createVerifier, generateKey, importPem, isJwtError, JwtError, keySet, sign, safeVerify, type CryptoKey, type JwtPayload, type JwtErrorCode, type Signer } from 'waxseal'
import { signBytes, verifyBytes, type VerifyBytesResult } from 'waxseal/jws'

export async function main(secret: string): Promise<string> {
  const { privateKey, publicKey }: { privateKey: CryptoKey, publicKey: CryptoKey } = await generateKey('ES256')
  const token: string = await sign({ sub: 'me', role: 'admin' }, privateKey, { issuer: 'a', expiresIn: '15m' })
  const verifier = createVerifier(keySet([publicKey]), { algorithms: ['ES256'], issuer: 'a' })
  const { payload }: { payload: JwtPayload } = await verifier(token)
  const exp: number = (await verifier(token)).payload.exp
  const bytes: VerifyBytesResult = await verifyBytes(await signBytes(new Uint8Array(3), privateKey), publicKey, { algorithms: ['ES256'] })

  const signer: Signer = { algorithm: 'ES256', sign: () => new Uint8Array(64) }
  const refused = await safeVerify(await sign({}, signer, { expiresIn: false }), publicKey, { algorithms: ['ES256'] })
  const code: JwtErrorCode | undefined = refused.ok ? undefined : refused.error.code
  const error: unknown = await importPem('no PEM', 'RS256').catch((reason: unknown) => reason)
  const fault: string = isJwtError(error) && error instanceof JwtError ? error.fault : 'none'

  // If these compiled, the types would be `any`.
  // @ts-expect-error -- no allowlist
  const wrong = [() => safeVerify(token, secret, {}),
    // @ts-expect-error -- no such name
    () => import('waxseal').then(({ verifyUnsafe }) => verifyUnsafe)]
  return [wrong.length, typeof exp, payload.iss, bytes.payload.length, code, fault].join(' ')
}
