// What the signing sides of the profiles share: sign of the main entry, or of a ring, once the claims that the profile
// requires are known to be there.

import { copyPlain, type JsonObject } from '../encoding/json'
import { holds, misuse } from '../errors'
import type { Readers } from '../options'
import type { CryptoKeyLike } from '../keys/memory'
import type { SigningKey } from '../keys/signer'
import { sign } from '../token/sign'
import { asIs } from './check'

/** A ring of keys, as `waxseal/keyring` makes it. */
export interface Ring {
  current(): Promise<CryptoKeyLike>
  sign(payload: never, options?: never): Promise<string>
}

/** What the profiles sign with: whatever sign takes, or a ring. */
export type IssuingKey = SigningKey | Ring

export function isRing(key: unknown): key is Ring {
  return holds(() => typeof (key as Ring).current === 'function' && typeof (key as Ring).sign === 'function')
}

/** The options of sign that a profile leaves to the caller. */
export const signPassed: Readers = {
  algorithm: asIs, expiresIn: asIs, notBefore: asIs, issuedAt: asIs, issuer: asIs, subject: asIs, audience: asIs, jwtId: asIs, keyId: asIs, header: asIs, now: asIs,
  allowWeakKeys: asIs,
}

export function readClaims(where: string, claims: unknown): JsonObject {
  return copyPlain(claims, `${where} claims`, 'a plain object')
}

const optionOf: Readonly<Record<string, string>> = { iss: 'issuer', sub: 'subject', aud: 'audience', exp: 'expiresIn', jti: 'jwtId' }

/** Refuses claims that lack one that the profile requires, in the payload and as an option. */
export function needClaims(where: string, claims: JsonObject, options: JsonObject, names: readonly string[]): void {
  for (const name of names) {
    const option = optionOf[name]
    const given = option && options[option]
    const isThere = name === 'iat' ? options['issuedAt'] !== false || claims['iat'] !== undefined
      : claims[name] !== undefined || (given ?? false) !== false
    if (!isThere) misuse(`${where} ${name}`, option ? `the claim, or the option ${option}` : 'the claim to be there')
  }
}

export function signWith(key: IssuingKey, claims: JsonObject, options: JsonObject): Promise<string> {
  return isRing(key) ? key.sign(claims as never, options as never) : sign(claims as never, key as never, options as never)
}
