// Beside the platform's own CryptoKey: its keys go in, ours go where it wants its own. Compiled where its types are.

import { exportJwk, importJwk, importSecret, sign, verify } from 'waxseal'

export async function main(): Promise<ArrayBuffer> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  await verify(await sign({ sub: 'me' }, privateKey, { expiresIn: '15m' }), publicKey, { algorithms: ['ES256'] })

  const imported = await importJwk(await crypto.subtle.exportKey('jwk', publicKey), 'ES256')
  await crypto.subtle.importKey('jwk', await exportJwk(imported), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])
  await crypto.subtle.exportKey('spki', imported)
  return crypto.subtle.sign('HMAC', await importSecret(new ArrayBuffer(32), 'HS256'), new Uint8Array(1))
}
