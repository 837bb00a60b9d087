// Key material: JWKs, PEM, secrets, sets of keys, and signatures under public keys. node:crypto is the other opinion.

import * as crypto from 'node:crypto'
import fixtures from '../../runtimes/fixtures/fixtures.mjs'
import { mutateBytes, mutateObject, mutateText, mutateTree, readTree } from '../mutate.mjs'
import { accepted, attempt, found, judgeError, refused, settle, source } from '../oracles.mjs'
import { fromBase64url } from '../reference.mjs'

/** What each algorithm needs of a key: kty, crv, and node's hash. */
const algorithms = {
  HS256: ['oct', undefined, 'sha256', 32], HS384: ['oct', undefined, 'sha384', 48], HS512: ['oct', undefined, 'sha512', 64],
  RS256: ['RSA', undefined, 'sha256'], RS512: ['RSA', undefined, 'sha512'], PS256: ['RSA', undefined, 'sha256'], PS384: ['RSA', undefined, 'sha384'],
  ES256: ['EC', 'P-256', 'sha256', 32], ES384: ['EC', 'P-384', 'sha384', 48], ES512: ['EC', 'P-521', 'sha512', 66],
  Ed25519: ['OKP', 'Ed25519', null, 32], EdDSA: ['OKP', 'Ed25519', null, 32],
}
const names = Object.keys(algorithms)
const { keys: material } = fixtures
const oct = { kty: 'oct', k: fixtures.secret }
const baseJwks = [oct, ...['RSA', 'P-256', 'P-384', 'P-521', 'Ed25519'].flatMap((name) => [material[name].jwk, material[name].publicJwk])]
const privateMembers = { oct: ['k'], RSA: ['d', 'p', 'q', 'dp', 'dq', 'qi'], EC: ['d'], OKP: ['d'] }
const publicMembers = { oct: [], RSA: ['n', 'e'], EC: ['x', 'y'], OKP: ['x'] }

const nodeKey = (jwk, isPrivate) => attempt(() => isPrivate ? crypto.createPrivateKey({ key: jwk, format: 'jwk' }) : crypto.createPublicKey({ key: jwk, format: 'jwk' })).value
const integer = (bytes) => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`)

/** y of the points of small order (RFC 7748 and 8032; both signs of x), little-endian without the sign. */
const smallOrder = [0n, 1n, 2n ** 255n - 20n, 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n, 2n ** 255n - 19n - 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n]
const prime = 2n ** 255n - 19n

function raise(base, exponent, modulus) {
  let out = 1n
  for (const bit of exponent.toString(2)) {
    out = out * out % modulus
    if (bit === '1') out = out * base % modulus
  }
  return out
}

/** RFC 8032 5.1.3, step by step. */
function isPoint(bytes) {
  const number = integer(Uint8Array.from(bytes).reverse())
  const y = number & 2n ** 255n - 1n
  if (y >= prime || smallOrder.includes(y)) return false
  const u = (y * y - 1n + prime) % prime
  const d = (prime - 121665n) * raise(121666n, prime - 2n, prime) % prime
  const v = (d * y * y + 1n) % prime
  const x = u * raise(v, 3n, prime) * raise(u * raise(v, 7n, prime) % prime, (prime - 5n) / 8n, prime) % prime
  const square = v * x * x % prime
  return square === u || square === (prime - u) % prime
}

/** Whether a JWK is a key for the algorithm, by the contract. `undefined` as algorithm: its own. Gives the reason against it. */
function faultOfJwk(jwk, named) {
  const { kty, crv, alg, kid, use, key_ops: operations } = jwk
  const name = named ?? alg
  const row = typeof name === 'string' && Object.hasOwn(algorithms, name) ? algorithms[name] : undefined
  const alike = (a, b) => a === b || [a, b].every((one) => one === 'Ed25519' || one === 'EdDSA')
  if (!row || row[0] !== kty || row[1] && row[1] !== crv) return 'algorithm'
  if (alg !== undefined && !alike(alg, name)) return 'alg'
  if (kid !== undefined && typeof kid !== 'string') return 'kid'
  if (jwk.oth !== undefined) return 'oth'
  const isPrivate = privateMembers[kty].some((member) => jwk[member] !== undefined)
  if (kty === 'oct' && !isPrivate) return 'k'
  if (use !== undefined && use !== 'sig') return 'use'
  const need = kty === 'oct' ? ['sign', 'verify'] : isPrivate ? ['sign'] : ['verify']
  if (operations !== undefined && !(Array.isArray(operations) && new Set(operations).size === operations.length && need.some((one) => operations.includes(one)))) return 'key_ops'
  const members = {}
  for (const member of [...publicMembers[kty], ...isPrivate ? privateMembers[kty] : []]) {
    const bytes = typeof jwk[member] === 'string' ? fromBase64url(jwk[member]) : undefined
    if (!bytes || (kty === 'EC' || kty === 'OKP') && bytes.length !== row[3]) return member
    members[member] = bytes
  }
  if (kty === 'oct') {
    return members.k.length < row[3] ? 'weak' : undefined
  }
  if (kty === 'RSA') {
    const { n, e, d, p, q, dp, dq, qi } = Object.fromEntries(Object.entries(members).map(([one, bytes]) => [one, integer(bytes)]))
    if (n % 2n !== 1n || e % 2n !== 1n || e < 3n || e >= 2n ** 32n || n.toString(2).length < 2048 || n.toString(2).length > 16384) return 'n, e'
    if (isPrivate && !(p > 1n && q > 1n && p * q === n && e * d % (p - 1n) === 1n && e * d % (q - 1n) === 1n && d % (p - 1n) === dp && d % (q - 1n) === dq && qi * q % p === 1n)) return 'd'
    return undefined
  }
  if (kty === 'OKP' && !isPoint(members.x)) return 'x'
  const stripped = Object.fromEntries(['kty', 'crv', ...Object.keys(members)].map((one) => [one, jwk[one]]))
  const open = nodeKey({ ...stripped, d: undefined }, false)
  if (!open) return 'point'
  if (!isPrivate) return undefined
  const key = nodeKey(stripped, true)
  return key && pairs(key, open) ? undefined : 'd'
}

function pairs(key, open) {
  const data = Buffer.from('a')
  return attempt(() => crypto.verify(null, data, open, crypto.sign(null, data, key))).value === true || attempt(() => crypto.verify('sha256', data, open, crypto.sign('sha256', data, key))).value === true
}

const likelyMembers = {
  kty: ['oct', 'RSA', 'EC', 'OKP', 'AKP', 'ec', ['EC']], crv: ['P-256', 'P-384', 'P-521', 'Ed25519', 'secp256k1', 'X25519', 'p-256'], alg: [...names, 'none', 'RS384', 'ES256K', ['ES256']],
  use: ['sig', 'enc', '', null, ['sig']], key_ops: [['sign'], ['verify'], ['sign', 'verify'], [], ['sign', 'sign'], ['encrypt', 'verify'], 'verify', null, { includes: 1 }], kid: ['1', '', null, 1], ext: [true, 'x'], oth: [[], null, [{}]], x5c: [['AAAA']],
  e: ['AQAB', 'Aw', 'AQ', 'Ag', 'AAEAAQ', 'AQAAAAE', 'AAAA', ''], y: [''], x: ['', 'A'.repeat(43)], d: ['', 'A'.repeat(43)], k: ['', 'AAAA', 'A'.repeat(43)], n: ['', 'AQAB'],
}

export const jwk = {
  name: 'jwk',
  prepare: ({ lib, pools }) => ({ lib, pools }),
  make(random, { pools }) {
    let value = random.pick(baseJwks)
    const fitting = names.filter((name) => algorithms[name][0] === value.kty && (!algorithms[name][1] || algorithms[name][1] === value.crv))
    const algorithm = random.chance(0.7) ? random.pick(random.chance(0.9) ? fitting : names) : undefined
    if (!algorithm || random.chance(0.3)) value = { ...value, alg: random.pick(random.chance(0.9) ? fitting : names) }
    for (let i = random.small(4); i; i--) {
      const member = random.pick(Object.keys(value))
      const other = random.pick(baseJwks)
      if (random.chance(0.2) && Object.hasOwn(other, member)) value = { ...value, [member]: other[member] }
      else if (random.chance(0.3) && typeof value[member] === 'string') {
        const bytes = Buffer.from(mutateBytes(Buffer.from(value[member], 'base64url'), random, pools))
        value = { ...value, [member]: (random.chance(0.2) ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes).toString('base64url') }
      } else value = mutateObject(value, random, pools, likelyMembers)
    }
    return { jwk: value, ...(algorithm && { algorithm }) }
  },
  async run({ jwk: value, algorithm }, { lib }) {
    const before = JSON.stringify(value)
    const { value: key, error } = await settle(() => lib.importJwk(value, algorithm))
    if (JSON.stringify(value) !== before) return found('the JWK of the caller was changed', before)
    const fault = faultOfJwk(value, algorithm)
    if (error) {
      const secrets = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi'].map((name) => value[name]).filter((one) => typeof one === 'string')
      return judgeError(error, lib, { misuse: algorithm === undefined && value.alg === undefined, secrets }) ?? (fault ? refused : found('a good JWK refused', error.message))
    }
    if (fault) return found(`a JWK accepted in spite of ${fault}`, JSON.stringify(key.algorithm))
    return accepted
  },
  show: ({ jwk: value, algorithm }) => `importJwk(${source(value)}${algorithm ? `, '${algorithm}'` : ''})`,
}

// ─── PEM ─────────────────────────────────────────────────────────────────────

const pems = ['RSA', 'P-256', 'P-384', 'P-521', 'Ed25519'].flatMap((name) => [...Object.values(material[name].privatePem), ...Object.values(material[name].publicPem)].map((text) => ({ name, text })))
const derTypes = { 'PUBLIC KEY': 'spki', 'PRIVATE KEY': 'pkcs8', 'RSA PUBLIC KEY': 'pkcs1', 'RSA PRIVATE KEY': 'pkcs1', 'EC PRIVATE KEY': 'sec1' }
const algorithmsOf = { RSA: ['RS256', 'PS256', 'RS512'], 'P-256': ['ES256'], 'P-384': ['ES384'], 'P-521': ['ES512'], Ed25519: ['Ed25519', 'EdDSA'] }
const armour = (label, bytes) => `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`
const blockOf = (text) => /-----BEGIN ([A-Z ]+)-----([^-]*)-----END \1-----/.exec(text)

export const pem = {
  name: 'pem',
  prepare: ({ lib, pools }) => ({ lib, pools }),
  make(random, { pools }) {
    let { name, text } = random.pick(pems)
    for (let i = random.small(4); i; i--) {
      const block = blockOf(text)
      if (random.chance(0.25) || !block) text = mutateText(text, random, pools)
      else {
        const bytes = new Uint8Array(Buffer.from(block[2], 'base64'))
        const tree = random.chance(0.8) ? readTree(bytes) : undefined
        text = armour(random.chance(0.05) ? random.pick(Object.keys(derTypes)) : block[1], tree?.length ? mutateTree(tree, random, pools) : mutateBytes(bytes, random, pools))
      }
    }
    return { text, algorithm: random.pick(random.chance(0.95) ? algorithmsOf[name] : names.slice(3)) }
  },
  async run({ text, algorithm }, { lib }) {
    const { value: key, error } = await settle(() => lib.importPem(text, algorithm, { extractable: true }))
    const there = readWithNode(text)
    if (error) {
      const fault = judgeError(error, lib, { secrets: [text.slice(60, 110)] })
      if (fault) return fault
      // Exactly what node:crypto would write itself, of the right kind: no reason to refuse.
      const wanted = there && there.isOwnWriting && isFor(there.key, algorithm)
      return wanted ? found('a PEM refused that node:crypto writes so', error.message) : refused
    }
    if (!there) return found('a PEM accepted that node:crypto cannot read', source(await lib.exportJwk(key)))
    const [ours, theirs] = [await lib.exportJwk(key), there.key.export({ format: 'jwk' })]
    const same = Object.keys(theirs).every((name) => theirs[name] === ours[name])
    return same && isFor(there.key, algorithm) ? accepted : found('a PEM read as another key', JSON.stringify({ ours, theirs }))
  },
  show: ({ text, algorithm }) => `importPem(${source(text)}, '${algorithm}')`,
}

/** Whether the key is one that the algorithm may have: its JWK decides, which says all that the PEM says. */
const isFor = (key, algorithm) => !faultOfJwk(key.export({ format: 'jwk' }), algorithm)

/** The key that node:crypto finds in the armour, and whether it would write the same bytes. */
function readWithNode(text) {
  const plain = text.replace(/\\r/g, '').replace(/\\n/g, '\n')
  const blocks = plain.split('-----BEGIN ').slice(1)
  const first = blocks[0]?.startsWith('EC PARAMETERS') ? 1 : 0
  const [, label, body] = blockOf(`-----BEGIN ${blocks[first] ?? ''}`) ?? []
  if (!label) return undefined
  const bytes = Buffer.from(body, 'base64')
  if (label === 'CERTIFICATE') {
    const key = attempt(() => new crypto.X509Certificate(bytes).publicKey).value ?? attempt(() => publicKeyInside(bytes)).value
    return key && { key, isOwnWriting: false }
  }
  const type = derTypes[label]
  const isPrivate = label.includes('PRIVATE')
  const read = (der) => attempt(() => isPrivate ? crypto.createPrivateKey({ key: der, format: 'der', type }) : crypto.createPublicKey({ key: der, format: 'der', type })).value
  const key = read(bytes) ?? attempt(() => read(withoutExtras(bytes))).value
  if (!key) return undefined
  const again = attempt(() => key.export({ format: 'der', type })).value
  // OpenSSL keeps a version that the form does not know (RFC 5915 3: 1; RFC 8017 A.1.2 with two primes: 0).
  const wanted = isPrivate && { ec: 1, rsa: 0 }[key.asymmetricKeyType]
  const [whole] = readTree(bytes) ?? []
  const version = (type === 'pkcs8' ? whole?.inner?.[2]?.inner?.[0] : whole)?.inner?.[0]?.content
  const isKnown = typeof wanted !== 'number' || version?.length === 1 && version[0] === wanted
  return { key, isOwnWriting: isKnown && blocks.length === 1 && again?.equals(bytes) && plain.trim() === armour(label, bytes).trim() }
}

/** A certificate is not validated here: of one that node:crypto refuses, the public key is looked for where it must be. */
function publicKeyInside(bytes) {
  const [tbs] = readTree(bytes)[0].inner
  return crypto.createPublicKey({ key: spkiBytes(tbs.inner[tbs.inner[0].tag === 0xa0 ? 6 : 5]), format: 'der', type: 'spki' })
}

function spkiBytes({ tag, content }) {
  return Buffer.concat([Uint8Array.of(tag, ...content.length < 128 ? [] : [content.length < 256 ? 0x81 : 0x82], ...content.length < 256 ? [] : [content.length >> 8], content.length & 255), content])
}

/** OpenSSL 3.0 reads no PKCS#8 of version 2 (RFC 5958): the version and the public part are taken away. */
function withoutExtras(bytes) {
  const [whole] = readTree(bytes)
  const inner = whole.inner.filter(({ tag }) => tag !== 0x81 && tag !== 0xa1).map((node, i) => i ? node : { ...node, content: Uint8Array.of(0) })
  const body = Buffer.concat(inner.map(spkiBytes))
  return spkiBytes({ tag: 48, content: body })
}

// ─── secrets ─────────────────────────────────────────────────────────────────

const disguises = [
  ...pems.map(({ text }) => text), ...baseJwks.map((one) => JSON.stringify(one)), JSON.stringify({ keys: [material.RSA.publicJwk] }), 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 me@example', 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAI me', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@example',
]
const ders = pems.map(({ text }) => new Uint8Array(Buffer.from(blockOf(text.slice(text.lastIndexOf('-----BEGIN')))[2], 'base64')))

/** What passes for an HMAC secret, and what must not. */
export const secret = {
  name: 'secret',
  prepare: ({ lib, pools }) => ({ lib, pools }),
  make(random, { pools }) {
    const algorithm = random.pick(['HS256', 'HS384', 'HS512'])
    if (random.chance(0.4)) {
      let bytes = random.chance(0.5) ? random.pick(ders) : new Uint8Array(Buffer.concat([random.pick(pools.bytes), random.pick(pools.bytes)]))
      for (let i = random.small(3); i; i--) bytes = mutateBytes(bytes, random, pools)
      return { bytes: Buffer.from(bytes).toString('hex'), algorithm }
    }
    let text = random.chance(0.5) ? random.pick(disguises) : random.pick(pools.texts) + random.pick(pools.texts) + random.pick(pools.texts)
    if (random.chance(0.3)) text = random.pick([' ', '\n\t', '\ufeff', '\u2003', '']) + text
    for (let i = random.small(3); i; i--) text = mutateText(text, random, pools)
    return { ...(random.chance(0.2) ? { bytes: Buffer.from(text).toString('hex') } : { text }), algorithm }
  },
  run({ text, bytes: hex, algorithm }, { lib }) {
    const bytes = text === undefined ? Buffer.from(hex, 'hex') : Buffer.from(text)
    const { error } = attempt(() => lib.createSigner(text ?? new Uint8Array(bytes), { algorithm }))
    const short = bytes.length < algorithms[algorithm][3]
    if (error) {
      const fault = judgeError(error, lib, { misuse: text?.includes('-----BEGIN'), secrets: [text ?? bytes.toString('latin1')] })
      return fault ?? (short || mayLookLikeAKey(text, bytes) ? refused : found('a secret refused that is none of a key', error.message))
    }
    const disguised = keyMaterial(text ?? bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '\ufeff'), bytes)
    return short ? found('a secret shorter than the hash', String(bytes.length)) : disguised ? found(`${disguised} taken for a secret`, '') : accepted
  },
  show: ({ text, bytes, algorithm }) => `createSigner(${text === undefined ? `Buffer.from('${bytes}', 'hex')` : source(text)}, { algorithm: '${algorithm}' })`,
}

function keyMaterial(text, bytes) {
  const trimmed = text.trimStart().replace(/^\ufeff/, '').trim()
  if (text.includes('-----BEGIN')) return 'PEM'
  if (/^(ssh-|ecdsa-sha2-|sk-)/.test(trimmed)) return 'an OpenSSH key'
  const { value } = attempt(() => JSON.parse(trimmed))
  if (value && typeof value === 'object' && (Object.hasOwn(value, 'kty') || Object.hasOwn(value, 'keys'))) return 'a JWK'
  if (bytes[0] === 48) {
    for (const type of ['spki', 'pkcs1']) {
      const { value: key } = attempt(() => crypto.createPublicKey({ key: bytes, format: 'der', type }))
      if (key && attempt(() => key.export({ format: 'der', type })).value?.equals(bytes)) return `DER (${type})`
    }
    for (const type of ['pkcs8', 'pkcs1', 'sec1']) {
      const { value: key } = attempt(() => crypto.createPrivateKey({ key: bytes, format: 'der', type }))
      if (key && attempt(() => key.export({ format: 'der', type })).value?.equals(bytes)) return `DER (private ${type})`
    }
  }
  return undefined
}

/** What may be refused as well, since it opens like a key: the check is by form, not by reading it whole. */
function mayLookLikeAKey(text, bytes) {
  if (bytes[0] === 48 || text !== undefined && !text.isWellFormed?.() && /\p{Cs}/u.test(text)) return true
  const latin1 = bytes.toString('latin1')
  return latin1.includes('-----BEGIN') || /"k(ty|eys)"\s*:/.test(latin1) && /[{[]/.test(latin1) || /(ssh-|ecdsa-sha2-|sk-)/.test(latin1)
}

// ─── key sets ────────────────────────────────────────────────────────────────

const secrets = ['a', 'b', 'c'].map((letter) => Buffer.from(letter.repeat(64)))
const hashOf = { HS256: 'sha256', HS512: 'sha512' }

export const keySet = {
  name: 'keySet',
  prepare: ({ lib, pools }) => ({ lib, pools }),
  make(random, { pools }) {
    const kid = () => random.pick([undefined, '1', '1', '2', '__proto__', 'constructor', ''])
    const member = () => {
      const one = { ...random.chance(0.8) ? { kty: 'oct', k: random.pick(secrets).toString('base64url') } : random.pick(baseJwks.slice(1).filter((_, i) => i % 2)), ...(random.chance(0.7) && { alg: random.pick(['HS256', 'HS512']) }) }
      const id = kid()
      if (id !== undefined) one.kid = id
      return random.chance(0.3) ? mutateObject(one, random, pools, likelyMembers) : one
    }
    return {
      keys: Array.from({ length: 1 + random.small(12) }, member), by: random.below(3), alg: random.pick(['HS256', 'HS512']), allowed: random.pick([['HS256'], ['HS512'], ['HS256', 'HS512'], ['HS256', 'ES256', 'Ed25519']]),
      kid: kid() ?? null,
    }
  },
  async run({ keys, by, alg, allowed, kid }, { lib }) {
    const header = Buffer.from(JSON.stringify({ alg, ...(kid !== null && { kid }) })).toString('base64url')
    const input = `${header}.${Buffer.from('{"exp":4000000000}').toString('base64url')}`
    const token = `${input}.${crypto.createHmac(hashOf[alg], secrets[by]).update(input).digest('base64url')}`
    const expected = judgeSet(keys, { alg, kid, allowed, by })
    const { value: set, error: refusal } = attempt(() => lib.keySet({ keys }))
    if (refusal) return judgeError(refusal, lib) ?? found('a list of objects that is no set', refusal.message)
    const { error } = await settle(() => lib.verify(token, set, { algorithms: allowed }))
    const open = await settle(() => set.toPublicJwks())
    if (open.value && open.value.keys.some((one) => ['k', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'priv'].some((name) => name in one) || one.kty === 'oct')) return found('a private member published', JSON.stringify(open.value))
    if (open.error) {
      const fault = judgeError(open.error, lib)
      if (fault) return fault
    }
    if (error) {
      return judgeError(error, lib, { secrets: secrets.map((one) => one.toString('base64url')) }) ?? (error.code === expected ? refused : found(`keySet: refused as ${error.code}, deserves ${expected}`, error.message))
    }
    return expected === undefined ? accepted : found(`keySet: ACCEPTED, deserves ${expected}`, token)
  },
  show: ({ keys, by, alg, allowed, kid }) => `verify(tokenSignedWith('${'abc'[by].repeat(64)}', ${source({ alg, kid })}), keySet(${source({ keys })}), { algorithms: ${source(allowed)} })`,
}

/** The code that a token of this alg and kid deserves before a set, by the contract's paragraph on candidates. */
function judgeSet(keys, { alg, kid, allowed, by }) {
  if (!allowed.includes(alg)) return 'ERR_JWT_ALGORITHM'
  const good = (one, name) => !faultOfJwk(one, name) && (one.key_ops === undefined || one.key_ops.includes('verify') || one.kty !== 'oct' && one.d !== undefined)
  const usable = keys.filter((one) => one.alg === undefined ? names.some((name) => good(one, name)) : good(one, one.alg))
  if (usable.some((one) => one.kty !== 'oct' && one.d !== undefined)) return 'ERR_JWT_KEY'
  const named = usable.filter((one) => kid === null || one.kid === kid)
  const fitting = named.filter((one) => one.alg === undefined ? good(one, alg) : one.alg === alg)
  if (fitting.length > 8 || !fitting.length) return 'ERR_JWT_KEY_NOT_FOUND'
  // What kty and crv leave open decides, not what the key is long enough for.
  const leaves = (one) => allowed.filter((name) => algorithms[name][0] === one.kty && (!algorithms[name][1] || algorithms[name][1] === one.crv))
  if (fitting.some((one) => one.alg === undefined && leaves(one).length > 1)) return 'ERR_JWT_KEY'
  return fitting.some((one) => one.k === secrets[by].toString('base64url')) ? undefined : 'ERR_JWT_SIGNATURE'
}

// ─── signatures under public keys ────────────────────────────────────────────

const tested = [['ES256', 'P-256'], ['ES384', 'P-384'], ['ES512', 'P-521'], ['RS256', 'RSA'], ['PS256', 'RSA'], ['Ed25519', 'Ed25519']]
const order = { Ed25519: 2n ** 252n + 27742317777372353535851937790883648493n }

export const signature = {
  name: 'signature',
  async prepare({ lib, pools }) {
    const context = { lib, pools, made: {} }
    for (const [alg, name] of tested) {
      const key = crypto.createPrivateKey({ key: material[name].jwk, format: 'jwk' })
      const options = { key, dsaEncoding: 'ieee-p1363', ...(alg === 'PS256' && { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }) }
      const input = `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.${Buffer.from('{"exp":4000000000}').toString('base64url')}`
      const sign = () => crypto.sign(algorithms[alg][2], Buffer.from(input), options)
      context.made[alg] = {
        input, signatures: Array.from({ length: 5 }, sign), open: { ...options, key: crypto.createPublicKey(key) },
        verifier: lib.createVerifier(await lib.importJwk(material[name].publicJwk, alg), { algorithms: [alg] }),
      }
    }
    return context
  },
  make(random, { pools, made }) {
    const [alg, name] = random.pick(tested)
    let bytes = new Uint8Array(random.pick(made[alg].signatures))
    for (let i = random.small(3); i; i--) bytes = mutateBytes(bytes, random, pools)
    if (random.chance(0.05) && alg === 'Ed25519' && bytes.length === 64) { // S plus the order: the same point
      const s = integer(bytes.slice(32).reverse()) + order.Ed25519
      bytes = new Uint8Array(Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()]))
    }
    if (random.chance(0.05) && name === 'RSA') { // plus the modulus
      const n = integer(Buffer.from(material.RSA.publicJwk.n, 'base64url'))
      bytes = new Uint8Array(Buffer.from((integer(bytes) + n).toString(16).padStart(512, '0'), 'hex'))
    }
    return { alg, signature: Buffer.from(bytes).toString('hex') }
  },
  async run({ alg, signature: hex }, { lib, made }) {
    const { input, open, verifier } = made[alg]
    const bytes = Buffer.from(hex, 'hex')
    const { error } = await settle(() => verifier(`${input}.${bytes.toString('base64url')}`))
    const valid = attempt(() => crypto.verify(algorithms[alg][2], Buffer.from(input), open, bytes)).value === true
    if (error) return judgeError(error, lib) ?? (error.code !== 'ERR_JWT_SIGNATURE' ? found(`a bad signature refused as ${error.code}`, error.message) : valid ? found('a signature refused that node:crypto takes', error.message) : refused)
    return valid ? accepted : found('a signature ACCEPTED that node:crypto refuses', '')
  },
  show: ({ alg, signature: hex }) => `verify of an ${alg} token with the signature ${hex}`,
}

// ─── a key that a stranger sends ─────────────────────────────────────────────

const moment = 1_700_000_000
const isInTime = (iat) => typeof iat === 'number' && iat <= moment && moment < iat + 60

/** DPoP proofs (RFC 9449 4.3): the one place where a JWK of a header counts, so that any JWK can come. Signed after every change. */
export const dpop = {
  name: 'dpop',
  needs: 'profiles',
  prepare: ({ lib, profiles, pools }) => ({ lib, profiles, pools, key: crypto.createPrivateKey({ key: material['P-256'].jwk, format: 'jwk' }) }),
  make(random, { pools }) {
    let header = { typ: 'dpop+jwt', alg: 'ES256', jwk: material['P-256'].publicJwk }
    let claims = { jti: 'a', htm: 'POST', htu: 'https://server.example/token', iat: moment - 5 }
    for (let i = random.small(3); i; i--) {
      if (random.chance(0.6)) header = { ...header, jwk: mutateObject(header.jwk ?? {}, random, pools, { ...likelyMembers, d: [material['P-256'].jwk.d] }) }
      else if (random.chance(0.5)) header = mutateObject(header, random, pools, { typ: ['JWT', 'DPOP+JWT', 'application/dpop+jwt'], alg: ['EdDSA', 'RS256', 'HS256', 'none'], jwk: baseJwks })
      else claims = mutateObject(claims, random, pools, { htm: ['post', 'GET'], htu: ['https://server.example/token?a=1#b', 'https://SERVER.example:443/token', 'http://server.example/token'], iat: [moment, moment - 59, moment - 60, moment + 1] })
    }
    return { header, claims }
  },
  async run({ header, claims }, { lib, profiles, key }) {
    const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    const proof = `${input}.${crypto.sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    const { value, error } = await settle(() => profiles.verifyDpopProof(proof, { algorithms: ['ES256', 'EdDSA'], method: 'POST', url: 'https://server.example/token', now: new Date(moment * 1000) }))
    const jwk = header.jwk
    const isObject = jwk && typeof jwk === 'object' && !Array.isArray(jwk)
    const good = isObject && !['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'priv', 'oth'].some((name) => Object.hasOwn(jwk, name)) && !faultOfJwk(jwk, 'ES256') && jwk.x === material['P-256'].publicJwk.x && jwk.y === material['P-256'].publicJwk.y
    const must = good && header.alg === 'ES256' && /^(application\/)?dpop\+jwt$/i.test(header.typ) && claims.htm === 'POST' && typeof claims.jti === 'string' && isInTime(claims.iat)
    if (error) {
      const fault = judgeError(error, lib)
      if (fault) return fault
      if (error.fault !== 'token') return found(`a stranger's proof is called the server's fault: ${error.code}`, error.message)
      return must && claims.htu === 'https://server.example/token' && Object.keys(header).length === 3 && Object.keys(claims).length === 4 ? found('a good proof refused', error.message) : refused
    }
    if (!must) return found('a proof ACCEPTED that deserves none', JSON.stringify(value))
    return accepted
  },
  show: ({ header, claims }) => `verifyDpopProof of a proof, signed with the P-256 key of the fixtures: ${source(header)}, ${source(claims)}`,
}
