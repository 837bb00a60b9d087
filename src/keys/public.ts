// What tells a public JWK from a private or symmetric one, for whatever must not let the latter out or in.

import { isPlain, type JsonObject } from '../encoding/json'

/** The members that no public key has (RFC 7518 6.2.2, 6.3.2, 6.4.1, RFC 8037 2, RFC 9964), whatever its kty says. */
const closed = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** Whether something private or symmetric is in a JWK. */
export function hasClosedMember(jwk: JsonObject): boolean {
  return closed.some((name) => name in jwk)
}

/** Whether a value is a JWK without anything private or symmetric in it. Says nothing of the key being sound. */
export function isPublicJwk(value: unknown): value is JsonObject {
  return isPlain(value) && typeof value['kty'] === 'string' && value['kty'] !== 'oct' && !hasClosedMember(value)
}
