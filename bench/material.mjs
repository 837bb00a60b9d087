// Keys of every algorithm in every form that some library takes, claims of a given size, and tokens made by none of the
// libraries: by crypto.subtle alone.

import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'

const { subtle } = globalThis.crypto

const hash = (bits) => `SHA-${bits}`
const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
const curves = { 256: 'P-256', 384: 'P-384', 512: 'P-521' }

/** What crypto.subtle and node:crypto are told for each algorithm. */
export const table = {}
for (const bits of [256, 384, 512]) {
  table[`HS${bits}`] = { make: { name: 'HMAC', hash: hash(bits) }, use: { name: 'HMAC' }, secretBytes: bits / 8, node: { digest: `sha${bits}` } }
  table[`RS${bits}`] = { make: { name: 'RSASSA-PKCS1-v1_5', hash: hash(bits), ...rsa }, use: { name: 'RSASSA-PKCS1-v1_5' }, node: { digest: `sha${bits}`, options: {} } }
  table[`PS${bits}`] = {
    make: { name: 'RSA-PSS', hash: hash(bits), ...rsa }, use: { name: 'RSA-PSS', saltLength: bits / 8 }, node: { digest: `sha${bits}`, options: { padding: 6, saltLength: bits / 8 } },
  }
  table[`ES${bits}`] = {
    make: { name: 'ECDSA', namedCurve: curves[bits] }, use: { name: 'ECDSA', hash: hash(bits) }, node: { digest: `sha${bits}`, options: { dsaEncoding: 'ieee-p1363' } },
  }
}
table.EdDSA = { make: { name: 'Ed25519' }, use: { name: 'Ed25519' }, node: { digest: null, options: {} } }
for (const size of [44, 65, 87]) table[`ML-DSA-${size}`] = { make: { name: `ML-DSA-${size}` }, use: { name: `ML-DSA-${size}` }, node: { digest: null, options: {} } }

const pem = (label, der) => `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`

/** A form that this runtime cannot make is undefined. */
async function perhaps(make) {
  try {
    return await make()
  } catch {
    return undefined
  }
}

async function secretForms(algorithm) {
  const { make, secretBytes } = table[algorithm]
  const string = 'Secrets may be text; this one is long enough for every HMAC there is, and ASCII.'.slice(0, Math.max(secretBytes, 48))
  const bytes = new TextEncoder().encode(string)
  const forms = {
    CryptoKey: await subtle.importKey('raw', bytes, make, true, ['sign', 'verify']),
    KeyObject: createSecretKey(bytes),
    JWK: { kty: 'oct', k: Buffer.from(bytes).toString('base64url'), alg: algorithm },
    string,
    bytes,
  }
  return { algorithm, private: forms, public: forms }
}

async function pairForms(algorithm) {
  const { privateKey, publicKey } = await subtle.generateKey(table[algorithm].make, true, ['sign', 'verify'])
  const forms = async (key, label, format, create) => {
    const PEM = await perhaps(async () => pem(label, await subtle.exportKey(format, key)))
    const { kty, crv, x, y, n, e, d, p, q, dp, dq, qi, pub, priv } = await subtle.exportKey('jwk', key)
    const JWK = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, d, p, q, dp, dq, qi, pub, priv, alg: algorithm }))
    return { CryptoKey: key, PEM, JWK, KeyObject: await perhaps(() => create(PEM)) }
  }
  return {
    algorithm,
    private: await forms(privateKey, 'PRIVATE KEY', 'pkcs8', createPrivateKey),
    public: await forms(publicKey, 'PUBLIC KEY', 'spki', createPublicKey),
  }
}

const made = new Map()

/** Keys of an algorithm, the same at every call; undefined where the runtime does not have it. */
export function keysOf(algorithm) {
  if (!made.has(algorithm)) made.set(algorithm, perhaps(() => algorithm.startsWith('HS') ? secretForms(algorithm) : pairForms(algorithm)))
  return made.get(algorithm)
}

export const issuer = 'https://issuer.example'
export const audience = 'https://api.example'
const second = Math.floor(Date.now() / 1000)

/** What the issuer adds to the claims of the application. */
export const registered = { iss: issuer, aud: audience, iat: second - 60, exp: second + 86400 }

/** Claims that are `bytes` long as JSON together with the registered ones: a few texts, then a list of objects. */
export function claimsOf(bytes) {
  const length = (value) => Buffer.byteLength(JSON.stringify({ ...value, ...registered }))
  const claims = { sub: 'user-4711' }
  if (bytes > 400) Object.assign(claims, { name: 'Zoë Ångström', email: 'zoe@example.com', email_verified: true, grants: [] })
  for (let id = 1000; claims.grants && length(claims) < bytes - 100; id++) claims.grants.push({ id, scope: 'orders.read', region: 'eu' })
  claims.note = ''
  claims.note = 'n'.repeat(Math.max(0, bytes - length(claims)))
  return claims
}

const segment = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A token of claims (an object, or text for what no library would write), as its text and as what is signed. */
export async function tokenOf({ algorithm, private: { CryptoKey } }, claims, header = {}) {
  const input = `${segment(typeof header === 'string' ? header : { alg: algorithm, typ: 'JWT', ...header })}.${segment(claims)}`
  const signature = await subtle.sign(table[algorithm].use, CryptoKey, Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

/** A token's parts as bytes. */
export function parts(token) {
  const end = token.lastIndexOf('.')
  return { input: new Uint8Array(Buffer.from(token.slice(0, end))), signature: new Uint8Array(Buffer.from(token.slice(end + 1), 'base64url')) }
}
