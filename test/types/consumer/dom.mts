// Beside the DOM's own types: its CryptoKey and JsonWebKey go in, ours go where it wants its own.

import { exportJwk, importJwk, importSecret, sign, verify } from 'waxseal'
import { discover, remoteKeySet, type ResponseLike } from 'waxseal/jwks'
import { jwksHandler, keyRing } from 'waxseal/keyring'
import { createDpopProof } from 'waxseal/profiles'

/** A Worker, or what Bun.serve and Deno.serve take. */
export const service: { fetch(request: Request): Response | Promise<Response> } = {
  fetch: jwksHandler(keyRing({ algorithm: 'ES256', tokenLifetime: '15m', store: new Map<string, string>() })),
}

export async function main(): Promise<ArrayBuffer> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const token = await sign({ sub: 'me' }, privateKey, { expiresIn: '15m' })
  await verify(token, publicKey, { algorithms: ['ES256'] })

  const jwk: JsonWebKey = await crypto.subtle.exportKey('jwk', publicKey)
  const imported: CryptoKey = await importJwk(jwk, 'ES256')
  const exported: JsonWebKey = await exportJwk(imported)
  await crypto.subtle.importKey('jwk', exported, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])

  const keys = remoteKeySet(new URL('https://a.example/jwks'), { fetch, store: localStorage })
  await verify(token, keys, { algorithms: ['ES256'] })
  const answer: ResponseLike = new Response('{}')
  discover('https://a.example', { fetch: async (url, { signal, headers }) => answer ?? fetch(url, { signal, headers }) })
  await createDpopProof({ privateKey, publicKey }, { method: 'GET', url: 'https://a.example/' })

  const secret = await importSecret(new ArrayBuffer(32), 'HS256')
  return crypto.subtle.sign('HMAC', secret, new Uint8Array(1))
}
