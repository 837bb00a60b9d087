// The text that a ring keeps in its store: { version, keys: [{ activates, lifetime, jwk, revoked? }] }. It holds PRIVATE keys.
// An entry that cannot be read here is set aside and written back as it is: it may be another process's key.

import { isPlain, parseObject, type JsonObject } from '../encoding/json'
import { refuse } from '../errors'
import { exportJwk, thumbprint } from '../keys/export'
import { generateKey } from '../keys/generate'
import { importJwk } from '../keys/import'
import type { Jwk, PublicJwk } from '../keys/jwk'
import type { CryptoKey } from '../keys/key'
import { keySet } from '../keys/keyset'
import type { Timed } from './schedule'

/** A key in memory. The private part is a CryptoKey that gives nothing out. */
export interface Held extends Timed {
  readonly key: CryptoKey
  readonly publicJwk: PublicJwk
  /** Withdrawn: it neither signs nor is published, and stays known until its last token has expired. */
  readonly isRevoked?: boolean
}

/** The entries of a text; none for a store that has nothing yet. */
export function readText(text: unknown): JsonObject[] {
  if (text === null || text === undefined) return []
  const { version, keys }: JsonObject = (typeof text === 'string' ? parseObject(text) : undefined) ?? {}
  // What is not a ring's is never written over.
  return version === 1 && Array.isArray(keys) && keys.every(isPlain) ? keys : refuse('ERR_JWT_KEY', 'store', 'the text of a ring, or nothing')
}

export function writeText(entries: readonly JsonObject[]): string {
  return JSON.stringify({ version: 1, keys: entries })
}

/** The kid of an entry, for finding it; whatever it is. */
export function kidOf({ jwk }: JsonObject): unknown {
  return isPlain(jwk) ? jwk['kid'] : undefined
}

export function hasPrivatePart({ jwk }: JsonObject): boolean {
  return isPlain(jwk) && (jwk['d'] !== undefined || jwk['priv'] !== undefined)
}

/**
 * Makes the key of an entry. Its kid is the thumbprint, so that one kid is one key, whoever wrote it.
 * @throws if there is anything wrong with it; no message shows key material
 */
export async function readEntry({ activates, lifetime, jwk, revoked }: JsonObject): Promise<Held> {
  if (!isTime(activates) || !isTime(lifetime) || !isPlain(jwk) || jwk['kid'] !== await thumbprint(jwk)) { // of a secret there is none
    refuse('ERR_JWT_KEY', 'entry', 'activates, lifetime, and a jwk whose kid is its thumbprint')
  }
  const held = await hold(await importJwk(jwk as { alg: 'ES256' }), activates, lifetime)
  return revoked === true ? { ...held, isRevoked: true } : held
}

export function isTime(value: unknown): value is number {
  return Number.isFinite(value) && value as number >= 0
}

async function hold(key: CryptoKey, activates: number, lifetime: number): Promise<Held> {
  const { keys: [publicJwk] } = await keySet([key]).toPublicJwks()
  const { kid, alg } = publicJwk ?? refuse('ERR_JWT_KEY', 'entry', 'a key that this runtime can use')
  return { kid, algorithm: alg!, activates, lifetime, canSign: key.type === 'private', key, publicJwk }
}

/** A key made here: its text, until a store has it, and itself without a way out. */
export interface Made {
  readonly jwk: Jwk
  held: Held
}

export async function makeKey(algorithm: 'ES256', modulusLength: number | undefined): Promise<Made> {
  const { privateKey } = await generateKey(algorithm, { extractable: true, ...(modulusLength && { modulusLength }) } as object)
  const jwk = await exportJwk(privateKey)
  return { jwk, held: await hold(await importJwk(jwk), 0, 0) }
}
