// Key sets (RFC 7517 5): several keys, found by kid and algorithm. A member that cannot verify is set aside, never an error.

import { isPlain, type JsonObject } from '../encoding/json'
import { isJwtError, misuse, quote, refuse } from '../errors'
import { readOptions, taking, text } from '../options'
import { alike, rowOf, rows, type Row } from './algorithms'
import { exportMaterial, thumbprintOf } from './export'
import { bind, importMaterial, publicPart, readJwk, type JwkInput, type Material, type PublicJwk } from './jwk'
import { checkForeignPoint, checkKey, isCryptoKey, memories, ownRow, type CryptoKeyLike } from './key'
import { candidates, type KeySet, type MaybePromise } from './resolve'

/** A token that fits more keys than this costs more than it should: nothing is tried. */
const mostCandidates = 8

interface Member {
  readonly kid: string | undefined
  /** The algorithms it can serve: one, by two names for Ed25519, unless a JWK names none. */
  readonly rows: readonly Row[]
  /** Those that its type and curve would allow, for a JWK without `alg`. */
  readonly open?: readonly Row[] | undefined
  readonly type: string
  /** The key for a row; a JWK is imported at its first use. */
  key(row: Row): MaybePromise<CryptoKeyLike | undefined>
  /** What to publish of it. */
  material(): MaybePromise<Material>
}

type MemberInput = CryptoKeyLike | { readonly key: CryptoKeyLike, readonly keyId: string }

/**
 * A set of keys for `verify`, and for publishing.
 *
 * @param keys - a JWKS (`{ keys: [...] }`), or an array of CryptoKeys, each alone or with the kid it is found by
 * @returns the set; members that cannot verify a JWS here are in `.skipped`, with the reason
 * @throws TypeError if it is neither
 */
export function keySet(keys: { readonly keys: readonly JwkInput[] } | readonly MemberInput[]): KeySet {
  const skipped: KeySet['skipped'][number][] = []
  const setAside = (index: number, kid: unknown, reason: string): void => {
    skipped.push(Object.freeze({ index, ...(typeof kid === 'string' && { kid }), reason }))
  }
  /** The value, or undefined if the key was refused. */
  const orSkip = <T>(index: number, kid: unknown, refused: unknown): T | undefined => {
    if (!isJwtError(refused)) throw refused
    return void setAside(index, kid, refused.message) as undefined
  }

  const fromJwk = (jwk: unknown, index: number): Member | undefined => {
    if (!isPlain(jwk)) return void setAside(index, undefined, 'a JWK is an object') as undefined
    try {
      const material = readJwk(jwk)
      const serving = servedBy(material)
      const imported = new Map<Row, MaybePromise<CryptoKeyLike | undefined>>()
      return {
        kid: material.kid, rows: serving, open: material.purpose.alg === undefined ? material.rows : undefined, type: material.type,
        material: () => material,
        key(row) {
          if (!imported.has(row)) {
            const pending = importMaterial(material, row, bind(material, row, false), false, material.kid)
              .catch((error: unknown) => orSkip<CryptoKeyLike>(index, material.kid, error))
            imported.set(row, pending)
            void pending.then((key) => imported.set(row, key))
          }
          return imported.get(row)
        },
      }
    } catch (error) {
      return orSkip(index, (jwk as JsonObject)['kid'], error)
    }
  }

  const fromKey = (input: unknown, index: number): Member | undefined => {
    const { key, keyId } = isCryptoKey(input) ? { key: input, keyId: memories().get(input)?.keyId } : readOptions<{ key?: CryptoKeyLike, keyId?: string }>('keySet member', input, memberOptions)
    if (!key || !isCryptoKey(input) && !keyId) misuse('keySet member', 'a CryptoKey or { key, keyId } (JWKs: keySet({ keys: [jwk] }))', input)
    try {
      let trusted: Promise<CryptoKeyLike | undefined> | undefined
      const row = ownRow(key)
      checkKey(key, row, key.type === 'private' ? 'sign' : 'verify')
      return { kid: keyId, rows: rows.filter((other) => alike(other, row)), type: key.type, key: () => trusted ??= checkForeignPoint(key, row).then(() => key, (error: unknown) => orSkip<CryptoKeyLike>(index, keyId, error)), material: () => exportMaterial(key, true) }
    } catch (error) {
      return orSkip(index, keyId, error)
    }
  }

  const jwks = isPlain(keys) ? keys['keys'] : undefined
  if (!Array.isArray(jwks ?? keys)) misuse('keySet', 'a JWKS ({ keys: [...] }) or an array of CryptoKeys', keys)
  const members = (Array.from(jwks as unknown[] ?? keys, jwks ? fromJwk : fromKey)).filter((member): member is Member => member !== undefined)
  const isPrivate = members.some(({ type }) => type === 'private')
  const byKid = new Map<string, Member[]>()
  for (const member of members) {
    if (member.kid !== undefined) byKid.set(member.kid, [...byKid.get(member.kid) ?? [], member])
  }

  return {
    get skipped() { return Object.freeze([...skipped]) },

    async toPublicJwks() {
      const published = members.filter(({ type }) => type !== 'secret').map(async (member) => publish(member, await member.material()))
      return { keys: await Promise.all(published) }
    },

    [candidates](alg, kid, allowed = []) {
      if (isPrivate) refuse('ERR_JWT_KEY', 'KeySet', 'no private keys; verify with keySet(await set.toPublicJwks())')
      const row = rowOf(alg)
      if (!row) return []
      const found: Member[] = []
      for (const member of kid === undefined ? members : byKid.get(kid) ?? []) {
        if (!member.rows.includes(row)) continue
        const open = member.open?.filter(({ name }) => allowed.includes(name))
        if (open?.some((one) => !alike(one, row))) refuse('ERR_JWT_KEY', `JWK with kid ${quote(member.kid ?? null)}`, `alg in it, since algorithms allows ${open.map(({ name }) => name)}`)
        found.push(member)
        if (found.length > mostCandidates) refuse('ERR_JWT_KEY_NOT_FOUND', 'kid', `one that at most ${mostCandidates} keys have`, kid)
      }
      const keys = found.map((member) => member.key(row))
      return keys.some((key) => key instanceof Promise) ? Promise.all(keys).then(present) : present(keys as CryptoKeyLike[])

      function present(keys: readonly (CryptoKeyLike | undefined)[]): CryptoKeyLike[] {
        const usable = keys.filter((key): key is CryptoKeyLike => key !== undefined)
        return usable.length ? usable : refuse('ERR_JWT_KEY_NOT_FOUND', 'kid', `one that a key for ${alg} in the set has`, kid)
      }
    },
  }
}

const memberOptions = {
  key: /* @__PURE__ */ taking('a CryptoKey', isCryptoKey),
  keyId: text,
}

/** The rows that a JWK may verify under; refuses, for the reason of the first, if there is none. */
function servedBy(material: Material): Row[] {
  const reasons: unknown[] = []
  const serving = material.rows.filter((row) => {
    try {
      const usages = bind(material, row, false)
      return material.type === 'private' || usages.includes('verify') || refuse('ERR_JWT_KEY', 'key: key_ops', 'verify')
    } catch (error) {
      reasons.push(error)
      return false
    }
  })
  if (!serving.length) throw reasons[0]
  return serving
}

async function publish({ kid, rows, open }: Member, material: Material): Promise<PublicJwk> {
  return {
    ...publicPart(material.jwk), kid: kid ?? await thumbprintOf(material, 'SHA-256'), ...(!open && { alg: rows[0]!.name }), use: 'sig',
  } as PublicJwk
}
