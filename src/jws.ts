// waxseal/jws: signed bytes that are not a JWT (webhooks, documents, detached content), RFC 7515.
// `verify` of the main entry is this plus claims; the strictness stands in one place, token/verify.ts.

import { copyBytes, type OwnBytes } from './encoding/bytes'
import type { Algorithm } from './keys/algorithms'
import { readySigningKey, type SigningKey } from './keys/signer'
import type { VerifyKey } from './keys/resolve'
import { misuse, type JwtError } from './errors'
import { all, flag, readOptions } from './options'
import type { JwtHeader } from './token/header'
import type { AllowedWith, ExtraHeader, ForSigning, ForVerifying, MaybeArgs, NeedsAlgorithm, RequiredHeader } from './token/inference'
import { jwsOptions, seal, type JwsToMake } from './token/sign'
import { jwsChecks, open, readChecks, safely, type JwsChecks } from './token/verify'

export interface SignBytesOptions {
  /** Required with a secret; otherwise the key's own, and a contradiction is an error. */
  algorithm?: Algorithm
  /** Header `kid`; default the key's. */
  keyId?: string
  /** Header `typ`; default `'JOSE'`, so that `verify` does not take the bytes for a JWT; `false` for none. */
  type?: string | false
  header?: ExtraHeader
  /** Leaves the payload segment empty (RFC 7515 appendix F); default false. */
  detached?: boolean
  allowWeakKeys?: boolean
}

export interface VerifyBytesOptions<A extends readonly Algorithm[] = readonly Algorithm[]> {
  /** The allowlist: what `alg` may be, exactly. */
  algorithms: A
  crit?: readonly string[]
  /** What `typ` must be; unchecked unless given. */
  type?: string | readonly string[] | false
  requiredHeader?: RequiredHeader
  /** The content that the token left out; its payload segment must then be empty. Not counted in maxTokenLength. */
  detachedPayload?: Uint8Array
  /** Characters; default 16384, from 1 to 2^24. */
  maxTokenLength?: number
  allowPadding?: boolean
  allowWeakKeys?: boolean
}

export interface VerifyBytesResult { payload: OwnBytes, header: JwtHeader }

export type SafeVerifyBytesResult =
  | { ok: true, payload: OwnBytes, header: JwtHeader, error?: undefined }
  | { ok: false, error: JwtError, payload?: undefined, header?: undefined }

function bytes(value: unknown, what: string): OwnBytes {
  return ArrayBuffer.isView(value) ? copyBytes(value) : misuse(what, 'bytes (a Uint8Array)', value)
}

const signOptions = /* @__PURE__ */ all(jwsOptions, { detached: flag })
const verifyChecks = /* @__PURE__ */ all(jwsChecks, { detachedPayload: bytes })

/**
 * Signs bytes as a compact JWS.
 *
 * @param payload - any bytes, none included; copied at once
 * @param key - a CryptoKey, a Signer, or an HMAC secret with `algorithm`
 * @throws JwtError `ERR_JWT_KEY`, `ERR_JWT_UNSUPPORTED`
 * @throws TypeError for an argument or option of the wrong kind
 */
export async function signBytes<K extends SigningKey>(
  payload: Uint8Array, key: K & ForSigning<K>, ...[options]: MaybeArgs<NeedsAlgorithm<K>, SignBytesOptions & NeedsAlgorithm<K>>
): Promise<string> {
  const given = readOptions<JwsToMake & { detached?: boolean }>('signBytes', options, signOptions)
  const content = bytes(payload, 'signBytes payload')
  const ready = readySigningKey('signBytes', key, given.algorithm, given.allowWeakKeys)
  return seal(content, ready, given, 'JOSE', given.detached)
}

/**
 * Verifies a compact JWS and gives its bytes and header.
 *
 * @param token - the text; with `detachedPayload` its payload segment must be empty
 * @param key - as `verify` takes it
 * @throws JwtError with the codes of `verify` up to `ERR_JWT_SIGNATURE`
 * @throws TypeError for an argument or option of the wrong kind
 */
export async function verifyBytes<K extends VerifyKey>(
  token: string, key: K & ForVerifying<K>, options: VerifyBytesOptions<AllowedWith<K>>,
): Promise<VerifyBytesResult> {
  const checks = readChecks<JwsChecks>('verifyBytes', key, options, verifyChecks)
  const { payload, header } = await open(token, key, checks, false)
  return { payload, header }
}

/** As `verifyBytes`, with the refusal as a value: `{ ok: true, payload, header } | { ok: false, error }`. */
export async function safeVerifyBytes<K extends VerifyKey>(
  token: string, key: K & ForVerifying<K>, options: VerifyBytesOptions<AllowedWith<K>>,
): Promise<SafeVerifyBytesResult> {
  return safely(verifyBytes(token, key, options))
}
