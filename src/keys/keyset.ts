// Key sets (RFC 7517 5): several keys, found by kid and algorithm. A member that cannot verify is set aside, never an error.

import { isPlain } from '../encoding/json'
import { isJwtError, misuse, reading, refuse } from '../errors'
import { readOptions, text } from '../options'
import type { MaybePromise, Recipe } from '../recipe'
import { alike, rowOf, rows, type Row } from './algorithms'
import { exportMaterial, thumbprintOf } from './export'
import { bind, importMaterial, publicPart, readJwk, type JwkInput, type Material, type PublicJwk } from './jwk'
import { checkForeign, checkKey, isCryptoKey, ownRow } from './key'
import { memoryOf, type CryptoKeyLike } from './memory'
import { candidates, type KeySet } from './resolve'
import { subtle, webCrypto, type Engine } from './subtle'

interface Member {
  readonly kid: string | undefined
  readonly type: string
  /** The algorithms it can serve: one, by two names for Ed25519, unless a JWK names none. */
  readonly rows: readonly Row[]
  /** The name of its algorithm; a JWK may have none. */
  readonly alg: unknown
  /** For a JWK without alg: all that its type and curve would allow. */
  readonly open?: readonly Row[] | undefined
  /** The key for an algorithm. Refuses what only the runtime can tell. */
  load(row: Row, engine: Engine): Recipe<CryptoKeyLike>
  /** What to publish of it. */
  material(): MaybePromise<Material>
}

type MemberInput = CryptoKeyLike | { readonly key: CryptoKeyLike, readonly keyId: string }

/**
 * Makes a set of keys for `verify`, and for publishing. Symmetric members are allowed (HMAC rotation); a set that holds
 * private keys can publish but not verify.
 *
 * @param keys - a JWKS (`{ keys: [...] }`), or an array of CryptoKeys, each alone or with the kid it is found by
 * @returns the set; members that cannot verify a JWS here are in `.skipped`, with the reason (RFC 7517 5)
 * @throws TypeError if it is neither
 */
export function keySet(keys: { readonly keys: readonly JwkInput[] } | readonly MemberInput[]): KeySet {
  const skipped: KeySet['skipped'][number][] = []
  const skip = (index: number, kid: unknown, error: unknown): undefined => {
    if (!isJwtError(error)) throw error
    if (!skipped.some((one) => one.index === index)) skipped.push(Object.freeze({ index, ...(typeof kid === 'string' && { kid }), reason: error.message }))
  }
  const members: LoadedOnce[] = []
  const byKid = new Map<unknown, LoadedOnce[]>()
  reading('keySet', () => readMembers(keys)).forEach(({ kid, make }, index) => {
    try {
      const made = make()
      const member = { ...made, load: once(made, (error) => skip(index, kid, error)) }
      members.push(member)
      byKid.set(made.kid, byKid.get(made.kid) ?? [])
      byKid.get(made.kid)!.push(member)
    } catch (error) {
      skip(index, kid, error)
    }
  })

  const isPrivate = members.some(({ type }) => type === 'private')

  function* find(alg: string, kid: string | undefined, allowed: readonly string[], engine: Engine): Recipe<CryptoKeyLike[]> {
    const row = rowOf(alg)
    const found = (kid === undefined ? members : byKid.get(kid) ?? []).filter((member) => row && member.rows.includes(row))
    for (const { open } of found) {
      const left = open?.filter(({ name }) => allowed.includes(name)) ?? []
      if (left.some((one) => !alike(one, row!))) refuse('ERR_JWT_KEY', 'JWK alg', `it to be there, since algorithms allows ${left.map(({ name }) => name)}`)
    }
    if (found.length > 8) refuse('ERR_JWT_KEY_NOT_FOUND', 'kid', 'one that at most 8 keys fit', kid)
    const usable: CryptoKeyLike[] = []
    for (const member of found) {
      const key: CryptoKeyLike | undefined = yield member.load(row!, engine)
      if (key) usable.push(key)
    }
    return usable.length ? usable : refuse('ERR_JWT_KEY_NOT_FOUND', 'kid', `one that a key for ${alg} has`, kid)
  }

  return {
    get skipped() { return [...skipped] },

    async toPublicJwks() {
      return { keys: await Promise.all(members.filter(({ type }) => type !== 'secret').map(publish)) }
    },

    *[candidates](alg, kid, allowed = [], engine = webCrypto) {
      if (isPrivate) refuse('ERR_JWT_KEY', 'KeySet', 'no private keys: verify with keySet(await set.toPublicJwks())')
      if (!alg) return []
      if (engine.waits) subtle() // or a page without it would set every member aside
      return yield* find(alg, kid, allowed, engine)
    },
  }
}

interface LoadedOnce extends Omit<Member, 'load'> { load(row: Row, engine: Engine): MaybePromise<CryptoKeyLike | undefined> }

/** Loads each key of a member once for each engine, for all who ask meanwhile. Copies of the package have an engine each. */
function once(member: Member, failed: (error: unknown) => undefined): LoadedOnce['load'] {
  const loaded = new Map<Engine, Map<string, MaybePromise<CryptoKeyLike | undefined>>>()
  function* load(row: Row, engine: Engine): Recipe<CryptoKeyLike | undefined> {
    try {
      return yield* member.load(row, engine)
    } catch (error) {
      return failed(error)
    }
  }
  return (row, engine) => {
    const keys = loaded.get(engine) ?? new Map<string, MaybePromise<CryptoKeyLike | undefined>>()
    if (!keys.has(row.name)) loaded.set(engine, keys.set(row.name, engine.follow(() => load(row, engine))))
    return keys.get(row.name)
  }
}

/** Tells a JWKS from an array of keys. Each member is made later, so that its refusal spoils no other. */
function readMembers(keys: unknown): { readonly kid: unknown, make(): Member }[] {
  const jwks = isPlain(keys) ? keys['keys'] : undefined
  if (Array.isArray(jwks)) return Array.from(jwks as unknown[], (jwk) => ({ kid: isPlain(jwk) && jwk['kid'], make: () => fromJwk(jwk) }))
  if (!Array.isArray(keys)) return misuse('keySet', 'an array of CryptoKeys or a JWKS: { keys: [...] }', keys)
  return Array.from(keys as unknown[], (input) => {
    const { key, keyId } = isCryptoKey(input) ? { key: input, keyId: memoryOf(input)?.keyId }
      : isPlain(input) && 'key' in input ? readOptions<{ key?: unknown, keyId?: string }>('keySet member', input, { key: (value) => value, keyId: text }) : {}
    if (!isCryptoKey(key) || key !== input && !keyId) return misuse('keySet member', 'a CryptoKey or { key, keyId } (a JWKS: { keys: [...] })', input)
    return { kid: keyId, make: () => fromKey(key, keyId) }
  })
}

function fromJwk(jwk: unknown): Member {
  if (!isPlain(jwk)) return refuse('ERR_JWT_KEY', 'member', 'a JWK')
  const material = readJwk(jwk)
  const { kid, type, purpose } = material
  let reason: unknown
  const serving = material.rows.filter((row) => {
    try {
      return bind(material, row, false).includes(type === 'private' ? 'sign' : 'verify') || refuse('ERR_JWT_KEY', 'key_ops', 'verify')
    } catch (error) {
      reason ??= error
      return false
    }
  })
  if (!serving.length) throw reason
  return {
    kid, type, alg: purpose.alg, rows: serving, open: purpose.alg === undefined ? material.rows : undefined, material: () => material,
    load: (row, engine) => importMaterial(material, row, bind(material, row, false), false, kid, engine),
  }
}

function fromKey(key: CryptoKeyLike, kid: string | undefined): Member {
  const row = ownRow(key)
  checkKey(key, row, key.type === 'private' ? 'sign' : 'verify')
  return {
    kid, type: key.type, alg: row.name, rows: rows.filter((other) => alike(other, row)), material: () => exportMaterial(key, true),
    *load(_, engine) {
      if (!memoryOf(key)) yield* checkForeign(key, row, engine)
      return key
    },
  }
}

async function publish({ kid, alg, material }: Omit<Member, 'load'>): Promise<PublicJwk> {
  const key = await material()
  return { ...publicPart(key.jwk), kid: kid ?? await thumbprintOf(key), ...(alg !== undefined && { alg }), use: 'sig' } as PublicJwk
}
