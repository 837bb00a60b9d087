// Who makes the keys: node:crypto, OpenSSL, waxseal and jose, each written in every form that its maker can write. So
// the matrix covers exports as well as imports.

import * as jose from 'jose'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import * as certificates from './certificates.mjs'

const utf8 = (text) => new TextEncoder().encode(text)
const isSecret = (algorithm) => algorithm.startsWith('HS')

const pair = (privateForms, publicForms) => ({ private: privateForms, public: publicForms })

function nodeKind(algorithm) {
  if (/^[RP]S/.test(algorithm)) return ['rsa', { modulusLength: 2048 }]
  if (algorithm.startsWith('ES')) return ['ec', { namedCurve: { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[algorithm] }]
  return [algorithm === 'EdDSA' ? 'ed25519' : algorithm.toLowerCase()]
}

const nodePairs = new Map()

function nodeCrypto(algorithm) {
  if (isSecret(algorithm)) {
    const string = randomBytes(48).toString('base64') // ASCII: tsndr takes the code units of a string for bytes
    return { secret: { string, bytes: utf8(string), jwk: { kty: 'oct', k: Buffer.from(string).toString('base64url') } } }
  }
  const [type, options] = nodeKind(algorithm)
  const name = type + options?.namedCurve
  if (!nodePairs.has(name)) nodePairs.set(name, generateKeyPairSync(type, options))
  const { privateKey, publicKey } = nodePairs.get(name)
  const pem = (key, form) => key.export({ type: form, format: 'pem' })
  const jwk = (key) => key.export({ format: 'jwk' })
  return pair(
    { pkcs8: pem(privateKey, 'pkcs8'), ...(type === 'rsa' && { pkcs1: pem(privateKey, 'pkcs1') }), ...(type === 'ec' && { sec1: pem(privateKey, 'sec1') }), jwk: jwk(privateKey) },
    { spki: pem(publicKey, 'spki'), ...(type === 'rsa' && { pkcs1: pem(publicKey, 'pkcs1') }), jwk: jwk(publicKey) },
  )
}

async function fromJose(algorithm) {
  if (isSecret(algorithm)) {
    const cryptoKey = await jose.generateSecret(algorithm, { extractable: true })
    return { secret: { cryptoKey, jwk: await jose.exportJWK(cryptoKey) } }
  }
  const { privateKey, publicKey } = await jose.generateKeyPair(algorithm, { extractable: true })
  return pair(
    { cryptoKey: privateKey, pkcs8: await jose.exportPKCS8(privateKey), jwk: await jose.exportJWK(privateKey) },
    { cryptoKey: publicKey, spki: await jose.exportSPKI(publicKey), jwk: await jose.exportJWK(publicKey) },
  )
}

async function fromWaxseal({ base64url, exportJwk, exportPem, generateKey }, algorithm) {
  if (isSecret(algorithm)) {
    const cryptoKey = await generateKey(algorithm, { extractable: true })
    const jwk = await exportJwk(cryptoKey)
    return { secret: { cryptoKey, jwk, bytes: base64url.decode(jwk.k) } }
  }
  const { privateKey, publicKey } = await generateKey(algorithm, { extractable: true })
  return pair(
    { cryptoKey: privateKey, pkcs8: await exportPem(privateKey), jwk: await exportJwk(privateKey) },
    { cryptoKey: publicKey, spki: await exportPem(publicKey), jwk: await exportJwk(privateKey, { public: true }) },
  )
}

/** Gives `{ maker: { secret } | { private, public } }`, each a table of form to material. */
export async function keysOf(waxseal, algorithm) {
  return {
    'node:crypto': nodeCrypto(algorithm),
    jose: await fromJose(algorithm),
    waxseal: await fromWaxseal(waxseal, algorithm),
    ...(certificates[algorithm] && { OpenSSL: certificates[algorithm] }),
  }
}
