// waxseal/jws: signed bytes that are not a JWT (webhooks, documents, detached content), RFC 7515.
// `verify` of the main entry is this plus claims; the strictness stands in one place, token/verify.ts.

import type { SigningKey } from './keys/signer'
import type { VerifyKey } from './keys/resolve'
import { webCrypto } from './keys/subtle'
import { wait } from './recipe'
import type { AllowedWith, Checked, ForSigning, ForVerifying, MaybeArgs, NeedsAlgorithm } from './token/inference'
import { signBytesRecipe, verifyBytesRecipe, type SafeVerifyBytesResult, type SignBytesOptions, type VerifyBytesOptions, type VerifyBytesResult } from './token/jws'
import { safely } from './token/verify'

export type { SafeVerifyBytesResult, SignBytesOptions, VerifyBytesOptions, VerifyBytesResult }

/**
 * Signs bytes as a compact JWS.
 *
 * @param payload - any bytes, none included; copied at once
 * @param key - a CryptoKey, a Signer, or an HMAC secret with `algorithm`
 * @throws JwtError `ERR_JWT_KEY`, `ERR_JWT_UNSUPPORTED`
 * @throws TypeError for an argument or option of the wrong kind
 */
export function signBytes<K extends SigningKey>(
  payload: Uint8Array, key: K & ForSigning<K>, ...[options]: MaybeArgs<NeedsAlgorithm<K>, SignBytesOptions & NeedsAlgorithm<K>>
): Promise<string> {
  return wait(() => signBytesRecipe('signBytes', payload, key, options, webCrypto))
}

/**
 * Verifies a compact JWS and gives its bytes and header.
 *
 * @param token - the text; with `detachedPayload` its payload segment must be empty
 * @param key - as `verify` takes it
 * @throws JwtError with the codes of `verify` up to `ERR_JWT_SIGNATURE`
 * @throws TypeError for an argument or option of the wrong kind
 */
export function verifyBytes<K extends VerifyKey, const O extends VerifyBytesOptions<AllowedWith<K>>>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyBytesOptions, K>,
): Promise<VerifyBytesResult> {
  return wait(() => verifyBytesRecipe('verifyBytes', token, key, options, webCrypto))
}

/** As `verifyBytes`, with the refusal as a value: `{ ok: true, payload, header } | { ok: false, error }`. */
export function safeVerifyBytes<K extends VerifyKey, const O extends VerifyBytesOptions<AllowedWith<K>>>(
  token: string, key: K & ForVerifying<K>, options: O & Checked<O, VerifyBytesOptions, K>,
): Promise<SafeVerifyBytesResult> {
  return wait(() => safely(() => verifyBytesRecipe('safeVerifyBytes', token, key, options, webCrypto)))
}
