// PEM (RFC 7468) to JWK members: PKCS#8 (RFC 5958), SPKI and X.509 (RFC 5280), PKCS#1 (RFC 8017 A), SEC1 (RFC 5915).
// The DER is taken apart here, so that every form gets the checks of a JWK and works alike on every runtime.

import { decode, encode } from '../encoding/base64url'
import type { OwnBytes } from '../encoding/bytes'
import { misuse, refuse, type Refused } from '../errors'
import type { Recipe } from '../recipe'
import { rows, type Row } from './algorithms'
import { pointAt } from './curves'
import { BIT_STRING, context, elements, fromHex, inside, INTEGER, NULL, OCTET_STRING, OID, SEQUENCE, toHex, unsigned, write, type Element } from './der'
import { checkMember, type JwkInput } from './jwk'
import { isCryptoKey } from './key'
import type { CryptoKeyLike } from './memory'
import { agree, verifies, webCrypto, type Engine } from './subtle'
import { checkExtractable } from './export'

function bad(expected: string, actual?: string): never {
  return refuse('ERR_JWT_KEY', 'PEM', expected, actual)
}

const der = 'strict DER of the kind that its label names'
const namedCurve = 'one of P-256, P-384, P-521 by name, not by parameters'
const ecPublicKey = '2a8648ce3d0201'

const mlDsa = /* @__PURE__ */ rows.filter(({ kty }) => kty === 'AKP')
/** Octets of the expanded keys, in the table's order (FIPS 204 table 2). */
const expandedOctets = [2560, 4032, 4896]

/** Key types by object identifier (RFC 8017 A.1, RFC 8410 3, RFC 9881 2: in the table's order); EC names its curve in the parameters. */
const keyTypes: Readonly<Record<string, JwkInput>> = /* @__PURE__ */ (() => ({
  '2a864886f70d010101': { kty: 'RSA' },
  '2b6570': { kty: 'OKP', crv: 'Ed25519' },
  ...Object.fromEntries(mlDsa.map(({ kty, name }, i) => [`60864801650304031${i + 1}`, { kty, alg: name }])),
}))()
const curves: Readonly<Record<string, string>> = { '2a8648ce3d030107': 'P-256', '2b81040022': 'P-384', '2b81040023': 'P-521' }

/** The one key in the text, as a JWK; a public part that a private key lacks is asked of the runtime. */
export function* readPem(text: string, row: Row, engine: Engine): Recipe<JwkInput> {
  const { label, bytes, crv } = unarmour(text)
  const jwk = readers[label]!(bytes, crv)
  return jwk.kty !== 'RSA' && (jwk.x ?? jwk.pub) === undefined ? { ...jwk, ...yield* publicMembers(jwk, row, engine) } : jwk
}

/** By label, for one block of it. */
const readers: Readonly<Record<string, (bytes: Uint8Array, crv: string | undefined) => JwkInput>> = {
  'PRIVATE KEY': readPkcs8,
  'PUBLIC KEY': (bytes) => readSpki(sequence(bytes)),
  'RSA PRIVATE KEY': readRsaPrivate,
  'RSA PUBLIC KEY': (bytes) => readRsa(bytes, 'n e'),
  'EC PRIVATE KEY': readSec1,
  CERTIFICATE: readCertificate,
}

/** The elements of a SEQUENCE. */
function sequence(bytes: Uint8Array): Element[] {
  return inside(bytes, SEQUENCE) ?? bad(der)
}

/** Finds the armour and decodes what is in it. */
function unarmour(text: string): { readonly label: string, readonly bytes: OwnBytes, readonly crv: string | undefined } {
  const source = text.replace(/\\r/g, '').replace(/\\n/g, '\n')
  const count = source.split('-----BEGIN').length - 1
  if (!count) bad('text with -----BEGIN in it, not a path or bare base64')
  if (count > 64) bad('at most 64 blocks', `${count}`)
  const blocks = [...source.matchAll(/-----BEGIN ([A-Z0-9. ]+)-----([^]*?)-----END \1-----/g)]
  const last = blocks[blocks.length - 1]
  if (!last || blocks.length !== count || source.slice(last.index! + last[0].length).trim()) {
    bad('one whole block from -----BEGIN to -----END, and nothing behind it, such as a quotation mark')
  }
  if (blocks.some(([, label, body]) => label === 'ENCRYPTED PRIVATE KEY' || body!.includes('ENCRYPTED'))) {
    bad('no encryption (openssl pkey -in key.pem takes it off)')
  }
  let crv: string | undefined
  if (blocks[0]![1] === 'EC PARAMETERS' && blocks[1]?.[1] === 'EC PRIVATE KEY') {
    const [named, more] = elements(decodeBody(blocks.shift()![2]!)) ?? bad(namedCurve)
    crv = !more && curves[hexOf(named, OID)] || bad(namedCurve)
  }
  if (blocks.some(([, label]) => label !== blocks[0]![1]) || blocks.length > 1 && blocks[0]![1] !== 'CERTIFICATE') {
    bad('one key only')
  }
  const [, label, body] = blocks[0]!
  if (!Object.hasOwn(readers, label!)) bad(`the label ${Object.keys(readers).join(' or ')} (ssh-keygen -p -m PKCS8 turns an OpenSSH key into one)`, label)
  return { label: label!, bytes: decodeBody(body!), crv }
}

/** The base64 of a block, strictly: white space aside, padded and canonical. */
function decodeBody(body: string): OwnBytes {
  const packed = body.replace(/\s/g, '')
  const text = packed.replace(/={1,2}$/, '').replaceAll('+', '-').replaceAll('/', '_')
  return (packed.length % 4 || /[-_]/.test(packed) ? undefined : decode(text)) ?? bad('canonical base64 inside')
}

/** The content as hex if the element has that tag. */
function hexOf(element: Element | undefined, tag: number): string {
  return element?.tag === tag ? toHex(element.content) : ''
}

/** What an AlgorithmIdentifier says (RFC 5280 4.1.1.2): the key type, with the parameters that it must have. */
function readAlgorithm({ tag, content }: Element): JwkInput {
  const [id, parameters, more] = tag === SEQUENCE && elements(content) || bad(der)
  const oid = hexOf(id, OID)
  if (oid === '2a864886f70d01010a') bad('rsaEncryption, not id-RSASSA-PSS')
  if (more) bad(der)
  if (oid === ecPublicKey) {
    if (parameters?.tag !== OID) bad(namedCurve)
    const crv = curves[toHex(parameters.content)] ?? bad(namedCurve)
    return { kty: 'EC', crv }
  }
  const type = Object.keys(keyTypes).includes(oid) ? keyTypes[oid]! : bad('an RSA, EC, Ed25519 or ML-DSA key')
  // RFC 3279 2.3.1: NULL for RSA (often left out); RFC 8410 3 and RFC 9881 2: absent for the others.
  if (parameters && (type.kty !== 'RSA' || parameters.tag !== NULL || parameters.content.length)) bad(der)
  return type
}

function readSpki([algorithm, key, more]: Element[]): JwkInput {
  if (key?.tag !== BIT_STRING || more) bad(der)
  return withPublic(readAlgorithm(algorithm!), bits(key))
}

/** Whether context-specific fields come in the order of their numbers, and none twice. */
function isInOrder(fields: readonly Element[]): boolean {
  return fields.every(({ tag }, i) => !i || (tag & 31) > (fields[i - 1]!.tag & 31))
}

/** The octets of a BIT STRING without unused bits. */
function bits({ content }: Element): Uint8Array {
  return content[0] === 0 ? content.subarray(1) : bad(der)
}

function withPublic(type: JwkInput, key: Uint8Array): JwkInput {
  switch (type.kty) {
    case 'RSA': return readRsa(key, 'n e')
    case 'OKP': return { ...type, x: encode(key) }
    case 'AKP': return { ...type, pub: encode(key) }
  }
  const half = (key.length - 1) / 2
  if (key[0] !== 4) bad('an uncompressed point (openssl ec -conv_form uncompressed)')
  if (half % 1) bad(der)
  return { ...type, x: encode(key.subarray(1, 1 + half)), y: encode(key.subarray(1 + half)) }
}

/** PKCS#1: a SEQUENCE of INTEGERs; the private form opens with version 0 (two primes). */
function readRsa(bytes: Uint8Array, names: string): JwkInput {
  const list = sequence(bytes)
  const members = names.split(' ')
  if (members.length > 2 && hexOf(list.shift(), INTEGER) !== '00') bad('an RSA key of two primes')
  if (list.length !== members.length) bad(der)
  return Object.assign({ kty: 'RSA' }, ...members.map((name, i) => ({ [name]: encode(unsigned(list[i]!) ?? bad(der)) }))) as JwkInput
}

function readRsaPrivate(bytes: Uint8Array): JwkInput {
  return readRsa(bytes, 'n e d p q dp dq qi')
}

/** PKCS#8 in version 1, or 2 with the public key behind (RFC 5958 2). */
function readPkcs8(bytes: Uint8Array): JwkInput {
  const [version, algorithm, key, ...rest] = sequence(bytes)
  if (!/^0[01]$/.test(hexOf(version, INTEGER)) || key?.tag !== OCTET_STRING) bad(der)
  const type = readAlgorithm(algorithm!)
  const open = rest.find(({ tag }) => tag === context(1, false))
  if (!isInOrder(rest) || rest.some(({ tag }) => tag !== context(0, true) && tag !== context(1, false)) || open && hexOf(version, INTEGER) !== '01') bad(der)
  const outer = (open ? withPublic(type, bits(open)) : type) as Record<string, unknown>
  const own = readPrivate(type, key.content) as Record<string, unknown>
  if (Object.keys(outer).some((name) => own[name] !== undefined && own[name] !== outer[name])) bad('one public part, not two')
  return { ...outer, ...own }
}

/** What stands in PKCS#8 where the private key does. */
function readPrivate({ kty, crv, alg }: JwkInput, bytes: Uint8Array): JwkInput {
  switch (kty) {
    case 'RSA': return readRsaPrivate(bytes)
    case 'EC': return readSec1(bytes, crv)
    case 'OKP': return { kty, d: encode(octets(elements(bytes), OCTET_STRING)) }
  }
  // RFC 9881 6: the seed as [0], or both seed and expanded key, which says nothing that the seed does not.
  const [seed, ...expanded] = inside(bytes, SEQUENCE) ?? []
  if (seed && octets(expanded, OCTET_STRING).length !== expandedOctets[mlDsa.findIndex(({ name }) => name === alg)]) bad(der)
  return { kty: 'AKP', priv: encode(seed ? octets([seed], OCTET_STRING) : octets(elements(bytes), context(0, false))) }
}

function octets(list: Element[] | undefined, tag: number): Uint8Array {
  return list?.length === 1 && list[0]!.tag === tag ? list[0]!.content : bad(tag === OCTET_STRING ? der : 'an ML-DSA key with its seed')
}

/** SEC1; the curve comes from the key itself or from the PKCS#8 around it, and both must agree. */
function readSec1(bytes: Uint8Array, outer?: string): JwkInput {
  const [version, key, ...rest] = sequence(bytes)
  if (hexOf(version, INTEGER) !== '01' || key?.tag !== OCTET_STRING) bad(der)
  let crv = outer
  let point: JwkInput = {}
  if (!isInOrder(rest)) bad(der)
  for (const { tag, content } of rest) {
    const [only, more] = elements(content) ?? bad(der)
    if (!only || more) bad(der)
    if (tag === context(0, true)) {
      const own = curves[hexOf(only, OID)] ?? bad(namedCurve)
      if (outer && own !== outer) bad(namedCurve)
      crv = own
    } else if (tag === context(1, true) && only.tag === BIT_STRING) point = withPublic({ kty: 'EC' }, bits(only))
    else bad(der)
  }
  if (!crv) bad(namedCurve)
  const { keyBytes } = rows.find((row) => row.crv === crv)!
  const { length } = key.content
  if (length !== keyBytes) bad(`a private key of ${keyBytes} octets (openssl pkey -in key.pem writes it so)`, `${length}`) // certtool writes it as an INTEGER
  return { ...point, kty: 'EC', crv, d: encode(key.content) }
}

/** The public key of a certificate (RFC 5280 4.1). Nothing else in it is looked at. */
function readCertificate(bytes: Uint8Array): JwkInput {
  const [tbs] = sequence(bytes)
  const fields = tbs?.tag === SEQUENCE && elements(tbs.content) || bad(der)
  const spki = fields[fields[0]?.tag === context(0, true) ? 6 : 5] // version is optional; then serial, signature, issuer, validity, subject
  return spki?.tag === SEQUENCE ? readSpki(elements(spki.content) ?? bad(der)) : bad(der)
}

/** The public members that belong to the private ones: the runtime derives them from a minimal PKCS#8. */
function* publicMembers(jwk: JwkInput, row: Row, engine: Engine): Recipe<JwkInput> {
  if (row.kty !== jwk.kty || row.crv !== jwk.crv || jwk.alg && jwk.alg !== row.name) bad(`a key for ${row.name}`, jwk.alg ?? jwk.crv)
  checkMember(jwk.d ? 'd' : 'priv', decode((jwk.d ?? jwk.priv)!)!, row)
  const pkcs8 = writePkcs8(jwk) as OwnBytes
  const key: CryptoKeyLike = yield engine.importKey(row, 'pkcs8', pkcs8, true, ['sign'])
  let whole: JwkInput
  try {
    whole = yield engine.exportKey('jwk', key)
  } catch {
    whole = yield* findPoint(row, key, pkcs8, engine)
  }
  const { x, y, pub } = whole
  return { x, y, pub } as JwkInput
}

/** Firefox does not export a key whose point it was not told. ECDH with the base point gives x, a signature tells which y. */
function* findPoint(row: Row, key: CryptoKeyLike, pkcs8: Uint8Array, engine: Engine): Recipe<JwkInput> {
  if (row.kty !== 'EC') return bad('a private key with its public part')
  const base = pointAt(row.crv!)
  const agreed: Uint8Array = yield agree(row, pkcs8, Uint8Array.of(4, ...base.x, ...base.y))
  const { x, y, otherY } = pointAt(row.crv!, agreed)
  const signature: string = yield engine.sign(row, key, 'probe')
  const candidate: CryptoKeyLike = yield engine.importKey(row, 'raw', Uint8Array.of(4, ...x, ...y), true, ['verify'])
  return { x: encode(x), y: encode((yield* verifies(row, candidate, signature, 'probe', engine)) ? y : otherY) }
}

function writePkcs8({ kty, crv, alg, d, priv }: JwkInput): Uint8Array {
  const secret = decode((d ?? priv)!)!
  const type = Object.keys(keyTypes).find((oid) => kty !== 'EC' && keyTypes[oid]!.kty === kty && keyTypes[oid]!.alg === alg)
  const curve = Object.keys(curves).find((oid) => curves[oid] === crv)
  const oids = (type ? [type] : [ecPublicKey, curve!]).map((oid) => write(OID, fromHex(oid)))
  const key = kty === 'EC' ? write(SEQUENCE, write(INTEGER, fromHex('01')), write(OCTET_STRING, secret))
    : write(kty === 'OKP' ? OCTET_STRING : context(0, false), secret)
  return write(SEQUENCE, write(INTEGER, fromHex('00')), write(SEQUENCE, ...oids), write(OCTET_STRING, key))
}

/**
 * Writes a key as PEM text: SPKI for a public key, PKCS#8 for a private one that is extractable.
 *
 * @throws JwtError `ERR_JWT_KEY` if the key is secret or not extractable
 * @throws TypeError if it is no CryptoKey
 */
export async function exportPem<K extends CryptoKeyLike>(key: K & (K extends { readonly type: 'secret' } ? Refused<'a secret has no PEM form: see exportJwk'> : unknown)): Promise<string> {
  if (!isCryptoKey(key)) misuse('exportPem key', 'a CryptoKey', key)
  if (key.type === 'secret') refuse('ERR_JWT_KEY', 'key', 'a public or private one (a secret goes through exportJwk)')
  checkExtractable(key)
  const [format, label] = key.type === 'public' ? ['spki', 'PUBLIC'] : ['pkcs8', 'PRIVATE']
  const text = encode(new Uint8Array(await webCrypto.exportKey(format!, key) as ArrayBuffer)).replaceAll('-', '+').replaceAll('_', '/')
  const padded = text + '='.repeat(-text.length & 3)
  return `-----BEGIN ${label} KEY-----\n${padded.match(/.{1,64}/g)!.join('\n')}\n-----END ${label} KEY-----\n`
}
