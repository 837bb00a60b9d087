// Every library behind one small adapter of the same shape, each used as its own README says to use it often:
//   sign(task)    gives a function of no arguments that makes a token of task.claims, with iss, aud, iat and exp added
//   verify(task)  gives a function that verifies task.token (those with a cache: or another) and gives its claims; issuer and audience are
//                 checked by every library that can, and what can be prepared is prepared
// Either gives undefined for an algorithm or a form of key that the library does not take. Forms: CryptoKey, KeyObject,
// string, bytes, JWK, PEM, KeySet. `door` says whether its calls are waited for.

import * as node from 'node:crypto'
import { readFileSync } from 'node:fs'
import tsndr from '@tsndr/cloudflare-worker-jwt'
import fastJwt from 'fast-jwt'
import * as hono from 'hono/jwt'
import * as jose from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import * as waxseal from '../dist/index.js'
import { audience, issuer, parts, registered, table } from './material.mjs'

/** The synchronous door; undefined in a build without it. */
const waxsealNode = await import('../dist/node.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' && !/not found|cannot find/i.test(error.message)) throw error
})

const isHmac = (algorithm) => algorithm.startsWith('HS')
const expected = { iss: issuer, aud: audience }
const bytesOf = (claims) => parts(`${node.randomUUID()}.${Buffer.from(JSON.stringify({ ...claims, ...registered })).toString('base64url')}.`).input
const hour = () => {
  const iat = Math.floor(Date.now() / 1000)
  return { ...expected, iat, exp: iat + 3600 }
}

// ─── the primitives ──────────────────────────────────────────────────────────

const rawSubtle = {
  name: 'raw subtle', door: 'async',
  sign({ algorithm, key: { CryptoKey }, claims }) {
    const { use } = table[algorithm]
    const input = bytesOf(claims)
    return () => crypto.subtle.sign(use, CryptoKey, input)
  },
  verify({ algorithm, key: { CryptoKey }, token }) {
    const { use } = table[algorithm]
    const { input, signature } = parts(token)
    return () => crypto.subtle.verify(use, CryptoKey, signature, input)
  },
}

const rawNode = {
  name: 'raw node:crypto', door: 'sync',
  sign({ algorithm, key: { KeyObject }, claims }) {
    const { digest, options } = table[algorithm].node
    const input = bytesOf(claims)
    if (isHmac(algorithm)) return () => node.createHmac(digest, KeyObject).update(input).digest()
    const key = KeyObject && { key: KeyObject, ...options }
    return key && (() => node.sign(digest, input, key))
  },
  verify({ algorithm, key: { KeyObject }, token }) {
    const { digest, options } = table[algorithm].node
    const { input, signature } = parts(token)
    if (isHmac(algorithm)) return () => node.timingSafeEqual(node.createHmac(digest, KeyObject).update(input).digest(), signature)
    const key = KeyObject && { key: KeyObject, ...options }
    return key && (() => node.verify(digest, input, key, signature))
  },
}

// ─── the least ───────────────────────────────────────────────────────────────
// What is left of a JWT library without a check but the signature, iss, aud and exp: the primitive, the platform's JSON and
// base64url. Not fit for use, and a yardstick: what it misses is hard to reach with every check on.

const segment = (text) => Buffer.from(text).toString('base64url')

const cut = (token) => {
  const first = token.indexOf('.')
  const last = token.lastIndexOf('.')
  return { head: token.slice(0, first), payload: token.slice(first + 1, last), input: Buffer.from(token.slice(0, last)), signature: Buffer.from(token.slice(last + 1), 'base64url') }
}

const judged = (payload) => {
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  if (claims.iss !== issuer || claims.aud !== audience || claims.exp <= Date.now() / 1000) throw new Error('no')
  return claims
}

const bareSubtle = {
  name: 'bare, subtle', door: 'async',
  sign({ algorithm, key: { CryptoKey }, claims }) {
    const { use } = table[algorithm]
    const head = segment(JSON.stringify({ alg: algorithm, typ: 'JWT' }))
    return async () => {
      const input = `${head}.${segment(JSON.stringify({ ...claims, ...hour() }))}`
      return `${input}.${Buffer.from(await crypto.subtle.sign(use, CryptoKey, Buffer.from(input))).toString('base64url')}`
    }
  },
  verify({ algorithm, key: { CryptoKey }, token: own }) {
    const { use } = table[algorithm]
    const expected = cut(own).head
    return async (token = own) => {
      const { head, payload, input, signature } = cut(token)
      if (head !== expected || !await crypto.subtle.verify(use, CryptoKey, signature, input)) throw new Error('no')
      return judged(payload)
    }
  },
}

const bareNode = {
  name: 'bare, node:crypto', door: 'sync',
  sign({ algorithm, key: { KeyObject }, claims }) {
    const { digest, options } = table[algorithm].node
    const head = segment(JSON.stringify({ alg: algorithm, typ: 'JWT' }))
    const key = KeyObject && { key: KeyObject, ...options }
    const make = isHmac(algorithm) ? (input) => node.createHmac(digest, KeyObject).update(input).digest('base64url') : (input) => node.sign(digest, Buffer.from(input), key).toString('base64url')
    return key && (() => {
      const input = `${head}.${segment(JSON.stringify({ ...claims, ...hour() }))}`
      return `${input}.${make(input)}`
    })
  },
  verify({ algorithm, key: { KeyObject }, token: own }) {
    const { digest, options } = table[algorithm].node
    const expected = cut(own).head
    const key = KeyObject && { key: KeyObject, ...options }
    const check = isHmac(algorithm) ? (input, signature) => node.timingSafeEqual(node.createHmac(digest, KeyObject).update(input).digest(), signature) : (input, signature) => node.verify(digest, input, key, signature)
    return key && ((token = own) => {
      const { head, payload, input, signature } = cut(token)
      if (head !== expected || !check(input, signature)) throw new Error('no')
      return judged(payload)
    })
  },
}

// ─── waxseal ─────────────────────────────────────────────────────────────────

const verifyOptions = ({ algorithm, limit }) => ({ algorithms: [algorithm], issuer, audience, ...(limit && { maxTokenLength: limit }) })
const signOptions = ({ algorithm }) => ({ algorithm, issuer, audience, expiresIn: 3600 })

/** A key as the door takes it: as it is, or through the importer that names its kind, once. */
const imported = (door, end) => async ({ algorithm, form, key }) => {
  if (form === 'JWK') return door[`importJwk${end}`](key.JWK, algorithm)
  if (form === 'PEM') return door[`importPem${end}`](key.PEM, algorithm)
  if (form === 'KeySet') return waxseal.keySet(key.JWKS)
  return key[form]
}

function waxsealAdapters(door, end) {
  const takes = ['CryptoKey', ...(end ? ['KeyObject'] : []), 'string', 'bytes', 'JWK', 'PEM', 'KeySet']
  const keyOf = imported(door, end)
  const adapter = (name, sign, verify) => ({
    name, door: end ? 'sync' : 'async',
    async sign(task) {
      if (!takes.includes(task.form)) return undefined
      const { claims } = task
      return sign(claims, await keyOf(task), signOptions(task))
    },
    async verify(task) {
      if (!takes.includes(task.form)) return undefined
      const { token } = task
      return verify(token, await keyOf(task), { ...verifyOptions(task), ...task.more })
    },
  })
  const name = end ? 'waxseal/node' : 'waxseal'
  return [ // prepared, per call, and with the refusal as a value
    adapter(name, (claims, key, options) => {
      const signer = door[`createSigner${end}`](key, options)
      return () => signer(claims)
    }, (token, key, options) => {
      const verifier = door[`createVerifier${end}`](key, options)
      return (another = token) => verifier(another)
    }),
    adapter(`${name}, per call`, (claims, key, options) => () => door[`sign${end}`](claims, key, options), (token, key, options) => () => door[`verify${end}`](token, key, options)),
    adapter(`${name}, .safe`, () => undefined, (token, key, options) => {
      const verifier = door[`createVerifier${end}`](key, options)
      return () => verifier.safe(token)
    }),
  ]
}

// ─── rivals, asynchronous ────────────────────────────────────────────────────

const joseAdapter = {
  name: 'jose', door: 'async',
  sign({ algorithm, form, key, claims }) {
    if (!['CryptoKey', 'KeyObject', 'bytes', 'JWK'].includes(form)) return undefined
    const header = { alg: algorithm, typ: 'JWT' }
    return () => new jose.SignJWT(claims).setProtectedHeader(header).setIssuer(issuer).setAudience(audience).setIssuedAt().setExpirationTime('1h').sign(key[form])
  },
  verify({ algorithm, form, key, token }) {
    if (!['CryptoKey', 'KeyObject', 'bytes', 'JWK', 'KeySet'].includes(form)) return undefined
    const options = { algorithms: [algorithm], issuer, audience }
    const material = form === 'KeySet' ? jose.createLocalJWKSet(key.JWKS) : key[form]
    return () => jose.jwtVerify(token, material, options)
  },
}

const honoAdapter = {
  name: 'hono', door: 'async',
  sign({ algorithm, form, key, claims }) {
    if (!['CryptoKey', 'string', 'JWK', 'PEM'].includes(form) || algorithm.startsWith('ML')) return undefined
    return () => hono.sign({ ...claims, ...hour() }, key[form], algorithm)
  },
  verify({ algorithm, form, key, token }) {
    if (!['CryptoKey', 'string', 'JWK', 'PEM', 'KeySet'].includes(form) || algorithm.startsWith('ML')) return undefined
    const verification = { iss: issuer, aud: audience }
    const set = { keys: key.JWKS?.keys, allowedAlgorithms: [algorithm], verification }
    if (form === 'KeySet') return () => hono.verifyWithJwks(token, set)
    const options = { alg: algorithm, ...verification }
    return () => hono.verify(token, key[form], options)
  },
}

const tsndrAdapter = {
  name: 'tsndr', door: 'async',
  sign({ algorithm, form, key, claims }) {
    if (!['CryptoKey', 'string', 'JWK', 'PEM'].includes(form) || !/^(HS|RS|ES)/.test(algorithm)) return undefined
    return () => tsndr.sign({ ...claims, ...hour() }, key[form], algorithm)
  },
  verify({ algorithm, form, key, token }) {
    if (!['CryptoKey', 'string', 'JWK', 'PEM'].includes(form) || !/^(HS|RS|ES)/.test(algorithm)) return undefined
    const options = { algorithm, throwError: true }
    return () => tsndr.verify(token, key[form], options)
  },
}

// ─── rivals, synchronous ─────────────────────────────────────────────────────

/** fast-jwt takes no KeyObject: in its place the material from which it makes one of its own, once. */
const fastJwtKey = ({ form, key, algorithm }) => form === 'bytes' ? Buffer.from(key.bytes) : key[form === 'KeyObject' ? isHmac(algorithm) ? 'string' : 'PEM' : form]
const fastJwtTakes = ({ form, algorithm }) => ['KeyObject', 'string', 'bytes', 'PEM'].includes(form) && !algorithm.startsWith('ML')

const fastJwtAdapter = {
  name: 'fast-jwt', door: 'sync',
  sign(task) {
    if (!fastJwtTakes(task)) return undefined
    const { algorithm, claims } = task
    const signer = fastJwt.createSigner({ key: fastJwtKey(task), algorithm, iss: issuer, aud: audience, expiresIn: 3600_000 })
    return () => signer(claims)
  },
  verify(task) {
    if (!fastJwtTakes(task)) return undefined
    const { algorithm, token, more } = task
    const verifier = fastJwt.createVerifier({ key: fastJwtKey(task), algorithms: [algorithm], allowedIss: issuer, allowedAud: audience, ...more })
    return (another = token) => verifier(another)
  },
}

const jsonwebtokenTakes = ({ form, algorithm }) => ['KeyObject', 'string', 'bytes', 'PEM'].includes(form) && /^(HS|RS|PS|ES)/.test(algorithm)
const jsonwebtokenKey = ({ form, key }) => form === 'bytes' ? Buffer.from(key.bytes) : key[form]

const jsonwebtokenAdapter = {
  name: 'jsonwebtoken', door: 'sync',
  sign(task) {
    if (!jsonwebtokenTakes(task)) return undefined
    const { algorithm, claims } = task
    const key = jsonwebtokenKey(task)
    const options = { algorithm, issuer, audience, expiresIn: 3600 }
    return () => jsonwebtoken.sign(claims, key, options)
  },
  verify(task) {
    if (!jsonwebtokenTakes(task)) return undefined
    const { algorithm, token } = task
    const key = jsonwebtokenKey(task)
    const options = { algorithms: [algorithm], issuer, audience }
    return () => jsonwebtoken.verify(token, key, options)
  },
}

/** By name, in the order of the tables: the primitive, the least, this library, its rivals. */
export const libraries = new Map([
  rawSubtle, bareSubtle, ...waxsealAdapters(waxseal, ''), joseAdapter, honoAdapter, tsndrAdapter,
  rawNode, bareNode, ...(waxsealNode ? waxsealAdapters(waxsealNode, 'Sync') : []), fastJwtAdapter, jsonwebtokenAdapter,
].map((library) => [library.name, library]))

const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version

export const versions = {
  waxseal: JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version,
  jose: version('jose'),
  hono: version('hono'),
  tsndr: version('@tsndr/cloudflare-worker-jwt'),
  'fast-jwt': version('fast-jwt'),
  jsonwebtoken: version('jsonwebtoken'),
  tinybench: version('tinybench'),
}
