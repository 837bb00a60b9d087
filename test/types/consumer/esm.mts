// An application that uses all doors as an ES module. Compiled with several settings; see ../consumer.mjs.

import { createSigner, createVerifier, decode, generateKey, isJwtError, JwtError, keySet, safeVerify, type CryptoKey, type JwtPayload, type Verifier } from 'waxseal'
import { discover, remoteKeySet, type Discovery, type KeySetEvent, type KeySetStatus, type KeySetStore, type RemoteKeySet } from 'waxseal/jwks'
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

declare const kv: { get(key: string, options?: { type: 'text' }): Promise<string | null>, put(key: string, text: string, options?: { expiration: number }): Promise<void> }
declare const redis: { get(key: string): Promise<string | null>, set(key: string, text: string, ...more: unknown[]): Promise<'OK'> }

export async function network(token: string): Promise<unknown> {
  const seen: KeySetEvent[] = []
  const stores: KeySetStore[] = [kv, redis]
  const keys: RemoteKeySet = remoteKeySet('https://a.example/jwks', {
    maxAge: '10m', minAge: 60, cooldown: '30s', staleIfError: '1 day', timeout: 5, maxBytes: 65536, maxKeys: 10, headers: { 'x-key': 'a' }, store: stores[0]!,
    waitUntil(promise) { promise.catch(() => {}) },
    onEvent: (event) => { seen.push(event) },
    fetch: async (url, init) => ({ status: init.redirect === 'manual' ? 200 : 500, headers: new Map([[url, null]]) as unknown as { get(name: string): null }, arrayBuffer: async () => new ArrayBuffer(0) }),
  })
  const local = remoteKeySet(async () => ({ keys: [{ kty: 'EC', crv: 'P-256' }] }))
  const found: Discovery = discover('https://a.example', { metadataUrl: 'https://a.example/meta', issuer: (issuer) => issuer === 'x' })
  const status: KeySetStatus = keys.status()
  await Promise.all([keys.reload(), local.reload()])
  const { payload } = await createVerifier(found.keys, { algorithms: ['ES256'], issuer: found.issuer })(token)
  return [payload.iss, (await found.metadata())['token_endpoint'], status.lastError?.message, seen]
}
