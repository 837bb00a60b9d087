// Signed bytes (RFC 7515), attached or detached: `seal` and `open` alone, for the doors `waxseal/jws` and `waxseal/node`.

import { copyBytes, type OwnBytes } from '../encoding/bytes'
import { misuse, type JwtError } from '../errors'
import type { Algorithm } from '../keys/algorithms'
import { readySigningKey } from '../keys/signer'
import type { Engine } from '../keys/subtle'
import { all, flag, readOptions } from '../options'
import type { Recipe } from '../recipe'
import { decodeSegment } from './compact'
import type { JwtHeader } from './header'
import type { ExtraHeader, RequiredHeader } from './inference'
import { headerSegment, jwsOptions, seal, type JwsToMake } from './sign'
import { jwsChecks, open, read, readChecks, type JwsChecks } from './verify'

/** The options of `signBytes`. */
export interface SignBytesOptions {
  /** Required with a secret; otherwise the key's own, and a contradiction is an error. */
  algorithm?: Algorithm
  /** Header `kid`; default the key's. */
  keyId?: string
  /** Header `typ`; default `'JOSE'`, so that `verify` does not take the bytes for a JWT; `false` for none. */
  type?: string | false
  /** Further header parameters; default none. Not `alg`, `typ`, `kid` or `b64`. */
  header?: ExtraHeader
  /** Leaves the payload segment empty (RFC 7515 appendix F); default false. */
  detached?: boolean
  /** Signs with a secret shorter than the hash or an RSA key under 2048 bits; default false. */
  allowWeakKeys?: boolean
}

/** The options of `verifyBytes`. */
export interface VerifyBytesOptions<A extends readonly Algorithm[] = readonly Algorithm[]> {
  /** The allowlist: what `alg` may be, exactly. */
  algorithms: A
  /** Names of the critical header extensions that your code handles; default none. Another in a token is `ERR_JWT_CRITICAL`. */
  crit?: readonly string[]
  /** What `typ` must be; unchecked unless given. Else `ERR_JWT_TYPE`. */
  type?: string | readonly string[] | false
  /** Header parameters that must be there, each with one of its values, exactly; default none. Else `ERR_JWT_CLAIM`, `claim: 'header.name'`. */
  requiredHeader?: RequiredHeader
  /** The content that the token left out; its payload segment must then be empty. Not counted in maxTokenLength. */
  detachedPayload?: Uint8Array
  /** Characters; default 16384, from 1 to 2^24. A longer token is `ERR_JWT_TOO_LARGE`. */
  maxTokenLength?: number
  /** Takes a token whose segments are all filled with `=`, as AWS ALB writes it; default false, which is `ERR_JWT_MALFORMED`. */
  allowPadding?: boolean
  /** Takes a secret shorter than the hash or an RSA key under 2048 bits; default false, which is `ERR_JWT_KEY`. */
  allowWeakKeys?: boolean
}

/** What a JWS says, once it has been verified: its bytes and its protected header. */
export interface VerifyBytesResult { payload: OwnBytes, header: JwtHeader }

/** A result or a refusal; `ok` tells which. */
export type SafeVerifyBytesResult =
  | { ok: true, payload: OwnBytes, header: JwtHeader, error?: undefined }
  | { ok: false, error: JwtError, payload?: undefined, header?: undefined }

function bytes(value: unknown, what: string): OwnBytes {
  return ArrayBuffer.isView(value) ? copyBytes(value) : misuse(what, 'bytes (a Uint8Array)', value)
}

const signOptions = /* @__PURE__ */ all(jwsOptions, { detached: flag })
const verifyChecks = /* @__PURE__ */ all(jwsChecks, { detachedPayload: bytes })

export function signBytesRecipe(where: string, payload: unknown, key: unknown, options: unknown, engine: Engine): Recipe<string> {
  const given = readOptions<JwsToMake & { detached?: boolean }>(where, options, signOptions)
  const content = bytes(payload, `${where} payload`)
  const ready = readySigningKey(where, key, given.algorithm, given.allowWeakKeys, engine)
  return seal(content, ready, headerSegment(ready, given, 'JOSE'), given.detached)
}

export function verifyBytesRecipe(where: string, token: unknown, key: unknown, options: unknown, engine: Engine): Recipe<VerifyBytesResult> {
  const checks = readChecks<JwsChecks>(where, key, options, verifyChecks, engine)
  return open(read(token, checks, false, decodeSegment), checks, engine, ({ payload, header }) =>
    ({ payload: checks.detachedPayload ?? payload, header: header.copy() as JwtHeader }))
}
