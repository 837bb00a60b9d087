// Makes a token, downward (RFC 7515 5.1, RFC 7519 7.1).
//   sign    1 claims, then seal
//   seal    2 header  3 signing input  4 signature  5 the three joined
// `waxseal/jws` is `seal` alone.

import { encode } from '../encoding/base64url'
import { nothing } from '../encoding/json'
import { readAlgorithm, type Row } from '../keys/algorithms'
import { isSecret, secretBytes } from '../keys/secret'
import { readySigningKey, type ReadyKey, type SigningKey } from '../keys/signer'
import { webCrypto, type Engine } from '../keys/subtle'
import { all, flag, or, readOptions, text } from '../options'
import { wait, type Recipe } from '../recipe'
import { claimOptions, makeClaims, runningClock, type ClaimsToMake } from './claims'
import { extraHeader, makeHeader } from './header'
import type { Checked, ForPlainSigning, ForSigning, NeedsAlgorithm, OrNone, PayloadFor, SignerOptions, SignFunction, SignOptions } from './inference'

/** Options as they are after reading. */
export interface JwsToMake {
  readonly algorithm?: Row
  readonly keyId?: string
  readonly type?: string | false
  /** The JSON text of the extra members. */
  readonly header?: string
  readonly allowWeakKeys?: boolean
}

const headerOptions = { keyId: text, type: /* @__PURE__ */ or(false, text), header: extraHeader }
const perCallOptions = /* @__PURE__ */ all(headerOptions, claimOptions)
export const jwsOptions = /* @__PURE__ */ all(headerOptions, { algorithm: readAlgorithm, allowWeakKeys: flag })
const jwtOptions = /* @__PURE__ */ all(jwsOptions, claimOptions)

/** Tokens of one issuer have the same header: the last one is not made again. */
let last: { readonly parts: readonly unknown[], readonly segment: string } | undefined

/** The first segment of what a key signs under these options, with its dot. */
export function headerSegment(key: ReadyKey, options: JwsToMake, type: string): string {
  const parts = [key.row.name, options.type ?? type, options.keyId ?? key.keyId, options.header] as const
  if (!last?.parts.every((part, i) => part === parts[i])) last = { parts, segment: `${encode(makeHeader(...parts))}.` }
  return last!.segment
}

/** Signs a payload, text or bytes, as a JWS. */
export function seal(payload: string | Uint8Array, key: ReadyKey, header: string, detached?: boolean): Recipe<string> {
  const input = encode(payload, header)
  return key.sign(input, `${detached ? header : input}.`)
}

/** The recipe of `sign`, for both kinds of door. */
export function signRecipe(where: string, payload: unknown, key: unknown, options: unknown, engine: Engine): Recipe<string> {
  const given = readOptions<JwsToMake & ClaimsToMake>(where, options, jwtOptions)
  const ready = readySigningKey(where, key, given.algorithm, given.allowWeakKeys, engine)
  return seal(makeClaims(payload, given), ready, headerSegment(ready, given, 'JWT'))
}

/** The recipe of `createSigner`, for both kinds of door. */
export function signerRecipe(where: string, key: unknown, options: unknown, engine: Engine): (payload: unknown, perCall: unknown) => Recipe<string> {
  const given = readOptions<JwsToMake & ClaimsToMake>(where, options, all(jwtOptions, { now: runningClock }))
  const ready = readySigningKey(where, key, given.algorithm, given.allowWeakKeys, engine)
  if (isSecret(key)) secretBytes(key, ready.row, given.allowWeakKeys)
  const header = headerSegment(ready, given, 'JWT')
  return (payload, perCall) => {
    if (perCall === undefined) return seal(makeClaims(payload, given), ready, header)
    const all = Object.assign(Object.create(nothing), given, readOptions('signer', perCall, perCallOptions)) as JwsToMake & ClaimsToMake
    return seal(makeClaims(payload, all), ready, headerSegment(ready, all, 'JWT'))
  }
}

/** `sign` without options: the key's own algorithm signs, and the payload has `exp`. */
export function sign<P extends PayloadFor<{}>, K extends SigningKey>(payload: P, key: K & ForPlainSigning<K>): Promise<string>
/**
 * Signs a set of claims and gives the token, a compact JWS (RFC 7519 7.1, RFC 7515 7.1).
 *
 * Without `expiresIn` the payload must have `exp`, or say `expiresIn: false` for a token that never expires.
 * Without `issuedAt: false` the token gets `iat`, unless the payload has it.
 *
 * @param payload - a plain object of claims, never changed; times are seconds since 1970, from 0 to 253402300799
 * @param key - a private or secret CryptoKey, a Signer, or an HMAC secret (text or bytes) with `algorithm`
 * @param options - see SignOptions; durations are seconds or `'15m'`, at most ten years
 * @throws JwtError `ERR_JWT_KEY` if the key is public, too weak, may not sign, or a Signer fails;
 * `ERR_JWT_UNSUPPORTED` if the runtime lacks the algorithm
 * @throws TypeError for an unknown or wrong option, a claim given twice, a claim of the wrong type, a value that JSON
 * would change or lose, and for what is no key
 */
export function sign<P extends PayloadFor<O>, K extends SigningKey, const O extends SignOptions & NeedsAlgorithm<K>>(
  payload: P, key: K & ForSigning<K>, options: O & Checked<O, SignOptions> | OrNone<NeedsAlgorithm<K>>,
): Promise<string>
export function sign(payload: unknown, key: unknown, ...[options]: [options?: unknown]): Promise<string> {
  return wait(() => signRecipe('sign', payload, key, options, webCrypto))
}

/** `createSigner` without options: the key's own algorithm signs, and each payload has `exp` unless its call has `expiresIn`. */
export function createSigner<K extends SigningKey>(key: K & ForPlainSigning<K>): SignFunction<{}>
/**
 * Makes a sign function whose key and options have been read and checked once, at creation.
 *
 * @param key - as for `sign`; what could never sign is refused here
 * @param options - as for `sign`; `now` only as a function, since a fixed Date would be a stopped clock
 * @returns `(payload, options?) => Promise<string>`; options of a call override, except `algorithm` and `allowWeakKeys`
 * @throws JwtError, TypeError as `sign`, at once
 */
export function createSigner<K extends SigningKey, const O extends SignerOptions & NeedsAlgorithm<K>>(
  key: K & ForSigning<K>, options: O & Checked<O, SignerOptions> | OrNone<NeedsAlgorithm<K>>,
): SignFunction<O>
export function createSigner(key: unknown, ...[options]: [options?: unknown]): unknown {
  const recipe = signerRecipe('createSigner', key, options, webCrypto)
  return ((payload: unknown, perCall?: unknown) => wait(() => recipe(payload, perCall))) as never
}
