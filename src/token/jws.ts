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
