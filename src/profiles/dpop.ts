// DPoP: proof that a request comes from whoever holds a key (RFC 9449). The one place where the key in a token's header is
// used, deliberately: a proof says "I hold this key", and what the key may do is said by the token that is bound to it.

import { decode, encode } from '../encoding/base64url'
import { fromUtf8, isSameText, utf8 } from '../encoding/bytes'
import { isPlain, type JsonObject } from '../encoding/json'
import { isJwtError, misuse, reading, refuse, type JwtIssue, type Refused } from '../errors'
import type { Header, JwtPayload } from '../jwt'
import { isSymmetric, rowOf, type PublicKeyAlgorithm } from '../keys/algorithms'
import { exportMaterial, thumbprint } from '../keys/export'
import { importJwk } from '../keys/import'
import { publicPart } from '../keys/jwk'
import { checkKey, fits, isCryptoKey, ownRow } from '../keys/key'
import type { CryptoKeyLike } from '../keys/memory'
import { isPublicJwk } from '../keys/public'
import type { Signer } from '../keys/signer'
import { digest, webCrypto } from '../keys/subtle'
import { callable, readOptions, taking, text, textOrTexts, type Reader } from '../options'
import { issue, type Clock } from '../token/claims'
import type { Duration } from '../token/duration'
import type { JwtHeader } from '../token/header'
import { sign } from '../token/sign'
import { asIs, needOptions, verifyMore, without, type ReplayHook } from './check'

const proofType = 'dpop+jwt'

// ─── the target of a request ─────────────────────────────────────────────────

declare class URL {
  constructor(text: string)
  readonly protocol: string
  readonly host: string
  readonly pathname: string
  readonly username: string
  readonly password: string
}

/**
 * A target URI without query and fragment (RFC 9449 4.2), whatever they hold, as a client asks for it: case of scheme and host,
 * default port, empty path and dot segments are settled by then. Undefined for what is no http(s) URI: URL itself would also
 * take spaces, backslashes and any number of slashes.
 */
function targetOf(uri: unknown): string | undefined {
  const place = typeof uri === 'string' ? uri.replace(/[?#].*/s, '') : ''
  if (!/^https?:\/\/(?!\/)[!#-[\]-~]+$/i.test(place)) return undefined
  try {
    const { protocol, host, pathname, username, password } = new URL(place)
    return username || password ? undefined : `${protocol}//${host}${pathname}`
  } catch {
    return undefined
  }
}

/** The target in the form to compare, percent-encoding normalised too (RFC 3986 6.2.2, 6.2.3). */
function normalTargetOf(uri: unknown): string | undefined {
  return targetOf(uri)?.replace(/%[\da-f]{2}/gi, decodeUnreserved)
}

function decodeUnreserved(escape: string): string {
  const character = String.fromCharCode(parseInt(escape.slice(1), 16))
  return /[\w.~-]/.test(character) ? character : escape.toUpperCase()
}

const target = (read: typeof targetOf): Reader => (value, what) =>
  read(value) ?? misuse(what, 'the text of an absolute http or https URL, percent-encoded, without credentials', value)

/** RFC 9110 9.1, 5.6.2. Methods know upper and lower case. */
const method = /* @__PURE__ */ taking('an HTTP method', (value) => typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(value))

/** `ath`: the hash of the access token (RFC 9449 4.2). */
async function hashOfToken(token: string): Promise<string> {
  return encode(await digest('SHA-256', utf8(token)))
}

// ─── the client's side ───────────────────────────────────────────────────────

/** The options of `createDpopProof`. */
export interface DpopProofOptions {
  /** The method of the request. */
  method: string
  /** The URL of the request; query and fragment are left out of the proof. */
  url: string
  /** The access token that the request carries; writes `ath`. */
  accessToken?: string
  /** What the server said last in `DPoP-Nonce`. */
  nonce?: string
  /** Claim `jti`; default a random UUID. */
  jwtId?: string
  /** The clock; default the system's. */
  now?: Clock
}

/** Both halves, for a key whose public half is not remembered. */
export interface ProofPair { readonly privateKey: CryptoKeyLike, readonly publicKey: CryptoKeyLike }

type ForProof<K> = K extends { readonly type: 'public' | 'secret' } ? Refused<'createDpopProof takes the private key'> : unknown

/**
 * Makes a DPoP proof for one request (RFC 9449 4.2), for its `DPoP` header field.
 *
 * @param key - a private key that was made or imported here, or a pair; keep it non-extractable in a browser's IndexedDB
 * @param options - `method` and `url` are required; `accessToken` with a resource request, `nonce` if the server gave one
 * @throws JwtError `ERR_JWT_KEY` if the public half of a foreign key cannot be had (give the pair), or as `sign`
 * @throws TypeError for a secret, a public key, an unknown or wrong option
 */
export async function createDpopProof<K extends CryptoKeyLike | ProofPair>(key: K & ForProof<K>, options: DpopProofOptions): Promise<string> {
  const given = readOptions<JsonObject & DpopProofOptions>('createDpopProof', options, { method, url: /* @__PURE__ */ target(targetOf), accessToken: text, nonce: text, jwtId: text, now: asIs })
  needOptions('createDpopProof', given, ['method', 'url'])
  const { method: htm, url: htu, accessToken, nonce, ...rest } = given
  const { privateKey, publicKey } = isCryptoKey(key) ? { privateKey: key, publicKey: key } : reading('createDpopProof key', () => ({ ...key as ProofPair | undefined }))
  if (!isCryptoKey(privateKey) || !isCryptoKey(publicKey) || privateKey.type !== 'private') misuse('createDpopProof key', 'a private CryptoKey, or { privateKey, publicKey }', key)
  if (!fits(publicKey, ownRow(privateKey))) misuse('createDpopProof key', 'two halves of one key')
  const jwk = { ...publicPart((await exportMaterial(publicKey, true)).jwk) }
  const claims = { htm, htu, nonce, ath: accessToken && await hashOfToken(accessToken) } // undefined is not written
  return sign(claims as never, withoutKid(privateKey), { jwtId: true, ...rest, type: proofType, expiresIn: false, header: { jwk } } as never)
}

/** The proof has the key itself in its header, and needs no name for it. */
function withoutKid(key: CryptoKeyLike): Signer<'ES256'> {
  const row = ownRow(key)
  checkKey(key, row, 'sign')
  return { algorithm: row.name as 'ES256', sign: async (bytes) => decode(await webCrypto.sign(row, key, fromUtf8(bytes)))! }
}

// ─── the server's side ───────────────────────────────────────────────────────

/** The options of `verifyDpopProof`. What fails is `ERR_JWT_CLAIM` unless told. */
export interface VerifyDpopOptions {
  /** The allowlist; no HS*, whose key cannot be public. */
  algorithms: readonly PublicKeyAlgorithm[]
  /** The method of the request. */
  method: string
  /** The URL that the client asked for, as it saw it: behind a proxy not what the server sees. */
  url: string
  /** The access token that came with the request: `token` its text, `payload` its verified claims or the introspection response, whose `cnf.jkt` must be the proof's key. */
  accessToken?: { readonly token: string, readonly payload: object }
  /** The thumbprint that a refresh token or an authorization code is bound to. */
  boundTo?: string
  /** The nonces that this server accepts now, if it gives any: then the proof must have one. */
  nonce?: string | readonly string[]
  /** How old a proof may be; default one minute. */
  maxAge?: Duration
  /** How far the client's clock may differ; default 0, at most 10 minutes. */
  clockTolerance?: Duration
  /** Whether this `jti` was used before; asked last, and only `false` lets the proof pass. Remember each for maxAge and twice the tolerance; a stranger chose its length, so that a hash of it will do (RFC 9449 11.1). */
  isReplayed?: ReplayHook
  /** The clock; default the system's. */
  now?: Clock
  /** Characters; default 16384, from 1 to 2^24. A longer proof is `ERR_JWT_TOO_LARGE`. */
  maxTokenLength?: number
}

/** A proof that was verified. */
export interface DpopProof {
  payload: JwtPayload & { jti: string, htm: string, htu: string, iat: number }
  header: JwtHeader<PublicKeyAlgorithm>
  /** The RFC 7638 thumbprint of its key: what `cnf.jkt` of a token says that is to be bound to it. */
  thumbprint: string
}

const verifyOptions = {
  algorithms: asIs, method, url: /* @__PURE__ */ target(normalTargetOf),
  accessToken: (value: unknown, what: string): unknown => {
    const { token, payload } = isPlain(value) ? readOptions<JsonObject>(what, value, { token: text, payload: asIs }) : {}
    return typeof token === 'string' && isPlain(payload) ? { token, payload } : misuse(what, '{ token, payload }: the text and its verified claims')
  },
  boundTo: text, nonce: textOrTexts, maxAge: asIs, clockTolerance: asIs, isReplayed: callable, now: asIs, maxTokenLength: asIs,
}

/**
 * Verifies a DPoP proof (RFC 9449 4.3, by its checks): 2 one well-formed JWT, 3 `jti`, `htm`, `htu`, `iat` there, 4 type
 * `dpop+jwt`, 5 `algorithms`, 6 the signature, by the header's `jwk`, 7 which is a public key, 8 `method`, 9 `url`,
 * 10 `nonce`, 11 `iat` within `maxAge`, 12 with an access token its `ath` and its `cnf.jkt`. Then `isReplayed`.
 * A proof alone allows nothing: verify the access token too, and give both here. An access token that is bound
 * (`cnf.jkt`) must not be accepted without a proof.
 *
 * @param proof - the `DPoP` header field; two fields, which a server joins with a comma, are refused as malformed
 * @param options - `algorithms`, `method` and `url` are required; durations are seconds or `'30s'`
 * @returns `{ payload, header, thumbprint }`
 * @throws JwtError as `verify`. `ERR_JWT_CLAIM` with `claim`: `header.jwk`, `htm`, `htu`, `nonce` (answer `use_dpop_nonce`),
 * `iat`, `ath`, `cnf.jkt` (the token is not bound, or to another key); `ERR_JWT_REVOKED` for a replay
 * @throws TypeError for an unknown, wrong or missing option
 */
export async function verifyDpopProof(proof: string, options: VerifyDpopOptions): Promise<DpopProof> {
  const given = readOptions<JsonObject & VerifyDpopOptions>('verifyDpopProof', options, verifyOptions)
  needOptions('verifyDpopProof', given, ['algorithms', 'method', 'url'])
  const { algorithms, accessToken, boundTo, nonce, maxAge = 60, isReplayed } = given
  if (Array.isArray(algorithms) && algorithms.map(rowOf).some((row) => row && isSymmetric(row))) misuse('verifyDpopProof algorithms', 'public-key algorithms only')
  const rest = without(given, 'method', 'url', 'accessToken', 'boundTo', 'nonce', 'isReplayed')
  let print!: string
  const checks = { ...rest, maxAge, type: proofType, audience: false, requireExpiry: false, requiredClaims: ['jti', 'htm', 'htu', 'iat'] }
  const { payload, header } = await verifyMore(proof, embeddedKey, checks, async (claims, header) => {
    print = await thumbprint(header['jwk'] as object)
    return [
      ...claims['htm'] === given.method ? [] : [issue('htm', given.method, claims['htm'])],
      ...normalTargetOf(claims['htu']) === given.url ? [] : [issue('htu', given.url, claims['htu'])],
      ...nonce === undefined || [nonce].flat().some((one) => isSameText(claims['nonce'], one)) ? [] : [issue('nonce', 'one that this server gave')],
      ...accessToken ? await checkToken(claims, accessToken, print) : [],
      ...boundTo === undefined || isSameText(print, boundTo) ? [] : [issue('header.jwk', `the key that the thumbprint boundTo names (${boundTo})`, print)],
    ]
  }, isReplayed)
  return { payload, header, thumbprint: print } as unknown as DpopProof
}

/** Check 12. */
async function checkToken(claims: JwtPayload, { token, payload }: { readonly token: string, readonly payload: object }, print: string): Promise<JwtIssue[]> {
  const { cnf } = payload as { cnf?: unknown }
  const jkt = isPlain(cnf) && Object.hasOwn(cnf, 'jkt') ? cnf['jkt'] : undefined
  return [
    ...isSameText(claims['ath'], await hashOfToken(token)) ? [] : [issue('ath', 'the hash of the access token', claims['ath'])],
    ...isSameText(jkt, print) ? [] : [issue('cnf.jkt', `the access token to be bound to the key of the proof (${print})`, jkt)],
  ]
}

/** Checks 6 and 7: the key in the header, asked for once alg and typ are known to be right. A bad one is the token's fault. */
async function embeddedKey(header: Readonly<Header>): Promise<CryptoKeyLike> {
  const jwk = Object.hasOwn(header, 'jwk') ? header['jwk'] : undefined
  const bad = (cause?: unknown): never => refuse('ERR_JWT_CLAIM', 'header.jwk', `a sound public key for ${header.alg}`, undefined, { claim: 'header.jwk', cause })
  if (!isPublicJwk(jwk)) return bad()
  try {
    return await importJwk(jwk as { alg: 'ES256' }, header.alg as 'ES256')
  } catch (error) {
    if (isJwtError(error) && error.code === 'ERR_JWT_UNSUPPORTED') throw error
    return bad(error)
  }
}
