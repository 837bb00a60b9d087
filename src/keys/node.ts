// The engine of the synchronous door, on node:crypto (Node, Bun and Deno have it), and the driver that follows recipes
// without waiting. The only file that touches node:crypto.

import { constants, createHmac, createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'
import { decode, decodeOnDesk, encode } from '../encoding/base64url'
import { ascii, write } from '../encoding/bytes'
import { holds, misuse, refuse } from '../errors'
import { hush, type Recipe } from '../recipe'
import { alike, isSymmetric, rows, type KeyPolicy, type Row } from './algorithms'
import { bind, importMaterial, readJwk } from './jwk'
import { bitLength } from './key'
import { keeper, remember, type CryptoKeyLike } from './memory'
import { secretBytes } from './secret'
import { webCrypto, type Engine, type Usage } from './subtle'

/** Follows a recipe to its end. A Promise is no answer here: the recipe sees it as a failure. */
export function now<T>(start: () => Recipe<T>): T {
  const recipe = start()
  let step = recipe.next()
  while (!step.done) {
    try {
      refusePromise(step.value)
    } catch (error) {
      step = recipe.throw(error)
      continue
    }
    step = recipe.next(step.value as never)
  }
  return step.value
}

function refusePromise(value: unknown): void {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function' || typeof (value as Promise<unknown>).then !== 'function') return
  hush(value)
  misuse('the synchronous door', 'an answer at once, not a Promise')
}

// ─── keys ────────────────────────────────────────────────────────────────────

interface Made { readonly row: Row, readonly format: string, readonly material: object }

/** The material of keys that WebCrypto made here. */
const kept = /* @__PURE__ */ new WeakMap<object, Made>()
keeper.keep = (key, row, format, material) => void kept.set(key, { row, format, material })

/** What node:crypto works with, beside the key that callers see. */
const held = /* @__PURE__ */ new WeakMap<object, Held>()

/** node:crypto's name of a key type, with the curve of those that have several. */
function kindOf({ kty, crv, params }: Row): string {
  return kty === 'OKP' || kty === 'AKP' ? params.name.toLowerCase() : kty === 'EC' ? `ec ${crv}` : kty.toLowerCase()
}

function kindOfObject(object: KeyObject): string {
  const { asymmetricKeyType } = object
  if (asymmetricKeyType !== 'ec') return asymmetricKeyType ?? 'oct'
  let crv: unknown
  holds(() => {
    if (object.type === 'private') object.export({ format: 'der', type: 'pkcs8' }) // throws at a number so long that older Nodes end the process over it, below
    crv = object.export({ format: 'jwk' })['crv'] // there are curves that no JWK has
  })
  return `ec ${crv}`
}

/** Turns what node:crypto throws into a refusal. */
function refusing<T>(row: Row | undefined, call: () => T): T {
  try {
    return call()
  } catch (cause) {
    return refuse(!row || isKnown(row) ? 'ERR_JWT_KEY' : 'ERR_JWT_UNSUPPORTED', row?.name ?? 'CryptoKey', 'a runtime that has it and a key that fits', undefined, { cause })
  }
}

/** Whether this node:crypto knows a key type; every one knows the three oldest. */
function isKnown(row: Row): boolean {
  try {
    return row.kty !== 'OKP' && row.kty !== 'AKP' || !!generateKeyPairSync(kindOf(row))
  } catch {
    return false
  }
}

function objectFrom({ format, material }: Made): KeyObject {
  if (format === 'raw') return createSecretKey(material as Uint8Array)
  if (format === 'pkcs8') return createPrivateKey({ key: material as Uint8Array, format: 'der', type: 'pkcs8' })
  const jwk = { ...material as Record<string, string> }
  return jwk['d'] === undefined && jwk['priv'] === undefined ? createPublicKey({ key: jwk, format: 'jwk' }) : createPrivateKey({ key: jwk, format: 'jwk' })
}

interface Held { readonly object: KeyObject, readonly kind: string }

function holdable(object: KeyObject): Held {
  return { object, kind: kindOfObject(object) }
}

function heldOf(key: CryptoKeyLike, row?: Row): Held {
  let entry = held.get(key)
  if (!entry) {
    const made = kept.get(key)
    if (!made && !key.extractable) refuse('ERR_JWT_KEY', 'key', 'importSecretSync, importJwkSync, importPemSync, or an extractable CryptoKey, since another cannot be read synchronously')
    entry = refusing(made?.row ?? row, () => holdable(made ? objectFrom(made) : KeyObject.from(key)))
    held.set(key, entry)
  }
  return entry
}

/** The KeyObject of a key that says to be of the row's algorithm, if it is what it says. */
function objectOf(key: CryptoKeyLike, row: Row): KeyObject {
  const { object, kind } = heldOf(key, row)
  return kind === kindOf(row) ? object : refuse('ERR_JWT_KEY', 'key', `one for ${row.name}, as its algorithm says`)
}

/** A key as WebCrypto would show it, for the checks that every door makes. */
function makeKey(made: Made, extractable: boolean, usages: Usage[]): CryptoKeyLike {
  const { row, material } = made
  const { name, hash } = row.params
  const { n, e } = material as { n?: string, e?: string }
  const algorithm = {
    name,
    ...(row.kty === 'EC' ? { namedCurve: row.crv } : hash && { hash: Object.freeze({ name: hash }) }), // WebCrypto's Ed25519 names no curve, its ECDSA no hash
    ...(isSymmetric(row) && { length: (material as Uint8Array).length * 8 }),
    ...(n && { modulusLength: bitLength(decode(n)!), publicExponent: decode(e!)! }),
  }
  const entry = refusing(row, () => {
    const one = holdable(objectFrom(made))
    return one.kind === kindOf(row) ? one : misuse('key', row.name) // Node 22 reads ML-DSA and does not know what it has
  })
  const key: CryptoKeyLike = Object.freeze({ type: entry.object.type, algorithm: Object.freeze(algorithm), extractable, usages: Object.freeze(usages) })
  held.set(key, entry)
  let native: Promise<CryptoKeyLike> | undefined
  return remember(key, { native: () => native ??= webCrypto.importKey(row, made.format, material, extractable, usages) as Promise<CryptoKeyLike> })
}

// ─── plain KeyObjects ────────────────────────────────────────────────────────

/** What is known of a KeyObject: its kind, which takes an export to see, and the keys made of it. */
const adopted = /* @__PURE__ */ new WeakMap<KeyObject, { readonly kind: string, readonly keys: Map<Row, CryptoKeyLike> }>()

function isKeyObject(value: unknown): value is KeyObject {
  return holds(() => value instanceof KeyObject)
}

/** Makes keys of the KeyObjects that a caller or the caller's function gives. */
function adopt(key: unknown, policy: KeyPolicy): unknown {
  return typeof key === 'function' ? (header: unknown) => adoptObject((key as (header: unknown) => unknown)(header), policy) : adoptObject(key, policy)
}

/** A KeyObject says no algorithm, so that the caller's list must: exactly one of it fits. */
function adoptObject(value: unknown, policy: KeyPolicy): unknown {
  if (!isKeyObject(value)) return value
  const { algorithms } = policy
  const known = adopted.get(value) ?? { kind: kindOfObject(value), keys: new Map<Row, CryptoKeyLike>() }
  const [row, ...more] = algorithms.filter((one) => kindOf(one) === known.kind)
  if (!row || more.some((one) => !alike(one, row))) return misuse('KeyObject', 'exactly one algorithm that fits it (see importJwkSync, importPemSync)')
  adopted.set(value, known)
  const key = known.keys.get(row) ?? now(() => convert(value, row))
  known.keys.set(row, key)
  return key
}

/** Weak ones too: that is checked at every use, as of any key, where other checks come first. */
function* convert(object: KeyObject, row: Row): Recipe<CryptoKeyLike> {
  if (object.type === 'secret') return nodeCrypto.importKey(row, 'raw', secretBytes(object.export(), row, true), true, ['sign', 'verify']) as CryptoKeyLike
  const material = readJwk({ ...object.export({ format: 'jwk' }), alg: row.name })
  return yield* importMaterial(material, row, bind(material, row, true), true, undefined, nodeCrypto)
}

// ─── the engine ──────────────────────────────────────────────────────────────

/** node:crypto's name of the hash; null for the schemes that have their own. */
const hashes = /* @__PURE__ */ new Map(/* @__PURE__ */ rows.map((row) => [row, row.params.hash ? row.params.hash.toLowerCase().replace('-', '') : null]))

/** The tag as a segment (RFC 7518 3.2). The input is text without an encoding named: with one, Deno takes three times as long. */
function tagOf(row: Row, key: KeyObject, input: string): string {
  return createHmac(hashes.get(row)!, key).update(input).digest('base64url')
}

/** Where tags lie while they are compared: a new array costs more than the comparison. */
const places = /* @__PURE__ */ new Map(/* @__PURE__ */ rows.filter(isSymmetric).map((row) => {
  const length = Math.ceil(row.signatureBytes * 4 / 3)
  return [row, { own: new Uint8Array(length), given: new Uint8Array(length) }]
}))

/** Compares two tags of the row's length. Bytes have one canonical text, so that texts compare as well. */
function isSameTag(row: Row, tag: string, signature: string): boolean {
  const { own, given } = places.get(row)!
  write(tag, own)
  write(signature, given)
  return timingSafeEqual(own, given)
}

/** How the key signs (RFC 7518 3.3 to 3.5). */
function scheme(row: Row, key: KeyObject): Parameters<typeof sign>[2] {
  const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants
  if (row.kty !== 'RSA') return { key, dsaEncoding: 'ieee-p1363' }
  return row.isPss ? { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: row.keyBytes } : { key, padding: RSA_PKCS1_PADDING }
}

export const nodeCrypto: Engine = {
  waits: false,
  secrets: /* @__PURE__ */ new Map(),
  follow: now,
  adopt,

  importKey: (row, format, material, extractable, usages) => makeKey({ row, format, material }, extractable, usages),

  exportKey(format, key) {
    const { object } = heldOf(key)
    const jwk = refusing(undefined, () => object.export({ format: 'jwk' }))
    const { x, y } = jwk
    if (format === 'jwk') return jwk
    return x ? Uint8Array.from([...y ? [4] : [], ...decode(x)!, ...decode(y ?? '')!]) : refuse('ERR_JWT_KEY', 'key', 'a point, as its algorithm says')
  },

  sign(row, key, input) {
    const object = objectOf(key, row)
    return isSymmetric(row) ? tagOf(row, object, input) : refusing(row, () => encode(sign(hashes.get(row)!, ascii(input), scheme(row, object))))
  },

  verify(row, key, signature, input) {
    const object = objectOf(key, row)
    return isSymmetric(row) ? isSameTag(row, tagOf(row, object, input), signature) : verify(hashes.get(row)!, ascii(input), scheme(row, object), decodeOnDesk(signature)!)
  },
}
