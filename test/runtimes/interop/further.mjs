// What the matrix has no place for: JWKS, thumbprints, bytes that are no JWT, and where a rival's default is not
// waxseal's, with the option that bridges it.

import tsndr from '@tsndr/cloudflare-worker-jwt'
import fastJwt from 'fast-jwt'
import * as hono from 'hono/jwt'
import * as jose from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { deepStrictEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto'
import { audience, issuer, rivals } from './libraries.mjs'

const published = ['RS256', 'PS384', 'ES256', 'ES384', 'EdDSA']
const secret = 'an application secret of sixty-four octets, enough for HS512 too.'
const octets = new TextEncoder().encode(secret)
const inTenMinutes = () => Math.floor(Date.now() / 1000) + 600
const header = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'))

/** Gives `{ title: check }`. */
export function further(waxseal, jws) {
  const { generateKey, importPem, importSecret, keySet, safeVerify, sign, thumbprint, verify } = waxseal
  const HS256 = { algorithms: ['HS256'] }
  const refused = async (token, key, options, expected) => {
    const { ok: accepted, error } = await safeVerify(token, key, options)
    ok(!accepted, 'it was accepted')
    for (const [name, value] of Object.entries(expected)) equal(error[name], value)
  }

  /** A key of each algorithm, their tokens with a kid, and the JWKS as a client of ours would fetch it. */
  async function publish() {
    const pairs = await Promise.all(published.map((algorithm) => generateKey(algorithm)))
    const tokens = await Promise.all(pairs.map(({ privateKey }) => sign({ iss: issuer, aud: audience }, privateKey, { expiresIn: '5m' })))
    return { tokens, jwks: JSON.parse(JSON.stringify(await keySet(pairs.map(({ publicKey }) => publicKey)).toPublicJwks())) }
  }

  /** Our tokens and our JWKS: every one but those a rival has no algorithm for. */
  async function readOurs(rival, verifyByJwks) {
    const { tokens, jwks } = await publish()
    const readable = tokens.filter((token) => rivals[rival].algorithms.includes(header(token).alg))
    for (const token of readable) await verifyByJwks(token, jwks)
    const stranger = { keys: jwks.keys.map((jwk) => ({ ...jwk, kid: `not ${jwk.kid}` })) }
    await rejects(async () => verifyByJwks(readable[0], stranger))
    return readable.length
  }
  const member = ({ keys }, { kid }) => keys.find((jwk) => jwk.kid === kid) ?? (() => { throw new Error('no such kid') })()

  const jwks = {
    'our JWKS, read by jose (createLocalJWKSet)': () => readOurs('jose', (token, set) => jose.jwtVerify(token, jose.createLocalJWKSet(set), { issuer, audience })),
    'our JWKS, read by hono (verifyWithJwks)': () => readOurs('hono', (token, { keys }) => hono.verifyWithJwks(token, { keys, allowedAlgorithms: published, verification: { iss: issuer, aud: audience } })),
    'our JWKS, read by jsonwebtoken (a key function)': () => readOurs('jsonwebtoken', (token, set) => new Promise((resolve, reject) => {
      const getKey = (head, done) => {
        try {
          done(null, createPublicKey({ key: member(set, head), format: 'jwk' }))
        } catch (error) {
          done(error)
        }
      }
      jsonwebtoken.verify(token, getKey, { algorithms: [header(token).alg], issuer, audience }, (error, claims) => error ? reject(error) : resolve(claims))
    })),
    'our JWKS, read by fast-jwt (a key function)': () => readOurs('fast-jwt', (token, set) => fastJwt.createVerifier({
      key: async ({ header: head }) => createPublicKey({ key: member(set, head), format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
      algorithms: [header(token).alg], allowedIss: issuer, allowedAud: audience,
    })(token)),
    'our JWKS, read by tsndr (a member of it)': () => readOurs('tsndr', (token, set) => tsndr.verify(token, member(set, header(token)), { algorithm: header(token).alg, throwError: true })),

    'a JWKS that jose wrote, with and without alg': async () => {
      const members = await Promise.all(published.map(async (alg) => {
        const { privateKey, publicKey } = await jose.generateKeyPair(alg)
        const jwk = await jose.exportJWK(publicKey)
        const kid = await jose.calculateJwkThumbprint(jwk)
        return { alg, jwk: { ...jwk, kid }, token: await new jose.SignJWT({}).setProtectedHeader({ alg, kid }).setExpirationTime('5m').sign(privateKey) }
      }))
      const bare = keySet({ keys: members.map(({ jwk }) => jwk) })
      const full = keySet({ keys: members.map(({ alg, jwk }) => ({ ...jwk, alg, use: 'sig' })) })
      deepStrictEqual([...full.skipped, ...bare.skipped], [])
      for (const { alg, token } of members) {
        await verify(token, full, { algorithms: published })
        await verify(token, bare, { algorithms: [alg] }) // one algorithm that fits kty and crv; else `alg` is asked for
      }
    },
  }

  async function sameThumbprint(algorithm) {
    const { privateKey, publicKey } = await generateKey(algorithm)
    const jwk = await waxseal.exportJwk(publicKey)
    for (const hash of ['SHA-256', 'SHA-384', 'SHA-512']) {
      const theirs = await jose.calculateJwkThumbprint(jwk, hash.toLowerCase().replace('-', ''))
      for (const key of [publicKey, privateKey, jwk, jose.exportJWK(publicKey)]) equal(await thumbprint(await key, hash), theirs)
    }
    equal(header(await sign({}, privateKey, { expiresIn: 60 })).kid, await jose.calculateJwkThumbprint(jwk))
  }

  const thumbprints = Object.fromEntries(['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'].map((algorithm) =>
    [`thumbprints are jose's: ${algorithm}`, () => sameThumbprint(algorithm)]))

  const bytes = {
    'bytes: jose signs (CompactSign), waxseal/jws verifies': async () => {
      const { privateKey, publicKey } = await jose.generateKeyPair('ES256')
      const token = await new jose.CompactSign(octets).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
      deepStrictEqual((await jws.verifyBytes(token, publicKey, { algorithms: ['ES256'] })).payload, octets)
    },
    'bytes: waxseal/jws signs, jose verifies (compactVerify)': async () => {
      const { privateKey, publicKey } = await generateKey('ES256')
      for (const payload of [octets, new Uint8Array()]) {
        deepStrictEqual((await jose.compactVerify(await jws.signBytes(payload, privateKey), publicKey)).payload, payload)
      }
    },
    'bytes: text that jsonwebtoken signed, and back': async () => {
      const token = jsonwebtoken.sign('not JSON', secret)
      equal(new TextDecoder().decode((await jws.verifyBytes(token, secret, HS256)).payload), 'not JSON')
      await refused(token, secret, HS256, { code: 'ERR_JWT_MALFORMED' }) // no claims
      equal(jsonwebtoken.verify(await jws.signBytes(new TextEncoder().encode('not JSON'), secret, { algorithm: 'HS256' }), secret), 'not JSON')
    },
    'detached bytes: jose signs (FlattenedSign), waxseal/jws verifies': async () => {
      const { protected: head, signature } = await new jose.FlattenedSign(octets).setProtectedHeader({ alg: 'HS256' }).sign(octets)
      await jws.verifyBytes(`${head}..${signature}`, octets, { ...HS256, detachedPayload: octets })
      await rejects(jws.verifyBytes(`${head}..${signature}`, octets, { ...HS256, detachedPayload: octets.slice(1) }), { code: 'ERR_JWT_SIGNATURE' })
    },
    'detached bytes: waxseal/jws signs, jose verifies (flattenedVerify)': async () => {
      const [head, payload, signature] = (await jws.signBytes(octets, octets, { algorithm: 'HS256', detached: true })).split('.')
      equal(payload, '')
      await jose.flattenedVerify({ protected: head, payload: Buffer.from(octets).toString('base64url'), signature }, octets)
    },
    'b64: false, which jose can sign, is refused': async () => {
      const { protected: head, signature } = await new jose.FlattenedSign(octets).setProtectedHeader({ alg: 'HS256', b64: false, crit: ['b64'] }).sign(octets)
      await rejects(jws.verifyBytes(`${head}..${signature}`, octets, { ...HS256, detachedPayload: octets }), { code: 'ERR_JWT_CRITICAL' })
    },
  }

  // By default none of them sets `exp`.
  const everlasting = {
    jose: () => new jose.SignJWT({ a: 1 }).setProtectedHeader({ alg: 'HS256' }).sign(octets),
    jsonwebtoken: () => jsonwebtoken.sign({ a: 1 }, secret),
    'fast-jwt': () => fastJwt.createSigner({ key: secret })({ a: 1 }),
    hono: () => hono.sign({ a: 1 }, secret, 'HS256'),
    tsndr: () => tsndr.sign({ a: 1 }, secret),
  }
  const withoutExpiry = Object.fromEntries(Object.entries(everlasting).map(([rival, make]) => [`${rival}: a token without exp needs requireExpiry: false`, async () => {
    const token = await make()
    await refused(token, secret, HS256, { code: 'ERR_JWT_CLAIM', claim: 'exp' })
    equal((await verify(token, secret, { ...HS256, requireExpiry: false })).payload.a, 1)
  }]))

  const signWith = { // their own options for the registered claims
    jose: () => new jose.SignJWT({}).setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'k' }).setIssuer(issuer).setAudience(audience).setSubject('me').setJti('1').setIssuedAt().setNotBefore('0s').setExpirationTime('15m').sign(octets),
    jsonwebtoken: () => jsonwebtoken.sign({}, secret, { issuer, audience, subject: 'me', jwtid: '1', notBefore: 0, expiresIn: '15m', keyid: 'k' }),
    'fast-jwt': () => fastJwt.createSigner({ key: secret, iss: issuer, aud: audience, sub: 'me', jti: '1', notBefore: 0, expiresIn: '15m', kid: 'k' })({}),
  }
  const theirOptions = Object.fromEntries(Object.entries(signWith).map(([rival, make]) => [`${rival}: claims set by its options mean the same`, async () => {
    const options = { ...HS256, issuer, subject: 'me', jwtId: '1', maxAge: '1h', clockTolerance: 5 }
    const token = await make()
    await refused(token, secret, options, { code: 'ERR_JWT_CLAIM', claim: 'aud' }) // RFC 7519 4.1.3: an audience is asked for
    const { payload, header: { kid } } = await verify(token, secret, { ...options, audience })
    equal(payload.exp - payload.iat, 900)
    equal(payload.nbf, payload.iat)
    equal(kid, 'k')
    const own = await sign({}, secret, { algorithm: 'HS256', issuer, audience, subject: 'me', jwtId: '1', notBefore: 0, expiresIn: '15m', keyId: 'k' })
    deepStrictEqual(Object.keys((await verify(own, secret, { ...options, audience })).payload).sort(), Object.keys(payload).sort())
  }]))

  const expiring = {
    jose: (token) => jose.jwtVerify(token, octets),
    jsonwebtoken: async (token) => jsonwebtoken.verify(token, secret),
    'fast-jwt': async (token) => fastJwt.createVerifier({ key: secret })(token),
    hono: (token) => hono.verify(token, secret, 'HS256'),
    tsndr: (token) => tsndr.verify(token, secret, { throwError: true }),
  }
  const times = Object.fromEntries(Object.entries(expiring).map(([rival, theirVerify]) => [`${rival}: refuses our expired and our early token, and takes the rest`, async () => {
    const make = (options, minutes) => sign({}, secret, { algorithm: 'HS256', ...options, now: new Date(Date.now() + minutes * 60_000) })
    await theirVerify(await make({ expiresIn: '15m', notBefore: 0 }, 0))
    await rejects(async () => theirVerify(await make({ expiresIn: '15m' }, -16)))
    await rejects(async () => theirVerify(await make({ expiresIn: '15m', notBefore: '5m', issuedAt: false }, 0)))
  }]))

  // A media type of its own (RFC 9068): whoever verifies has to name it.
  const type = 'at+jwt'
  const types = {
    'typ at+jwt: theirs by us': async () => {
      const exp = inTenMinutes()
      for (const token of [
        await new jose.SignJWT({ exp }).setProtectedHeader({ alg: 'HS256', typ: type }).sign(octets),
        jsonwebtoken.sign({ exp }, secret, { header: { typ: type } }),
        fastJwt.createSigner({ key: secret, header: { typ: type } })({ exp }),
        await tsndr.sign({ exp }, secret, { algorithm: 'HS256', header: { typ: type } }),
      ]) {
        await refused(token, secret, HS256, { code: 'ERR_JWT_TYPE' })
        await verify(token, secret, { ...HS256, type })
      }
    },
    'typ at+jwt: ours by them': async () => {
      const token = await sign({}, secret, { algorithm: 'HS256', expiresIn: 60, type })
      await jose.jwtVerify(token, octets, { typ: type })
      fastJwt.createVerifier({ key: secret, checkTyp: type })(token)
      await hono.verify(token, secret, { alg: 'HS256', typ: type })
      jsonwebtoken.verify(token, secret) // has no option for it
    },
    'no typ at all, as jose signs, needs no option': async () => {
      const token = await new jose.SignJWT({ exp: inTenMinutes() }).setProtectedHeader({ alg: 'HS256' }).sign(octets)
      ok(!('typ' in header(token)))
      await verify(token, secret, HS256)
      await hono.verify(await sign({}, secret, { algorithm: 'HS256', expiresIn: 60, type: false }), secret, 'HS256')
    },
    'EdDSA and Ed25519 are one algorithm with two names, told apart by the allowlist': async () => {
      const { privateKey, publicKey } = await jose.generateKeyPair('Ed25519')
      const make = (alg) => new jose.SignJWT({ exp: inTenMinutes() }).setProtectedHeader({ alg }).sign(privateKey)
      for (const [alg, other] of [['EdDSA', 'Ed25519'], ['Ed25519', 'EdDSA']]) {
        await verify(await make(alg), publicKey, { algorithms: ['EdDSA', 'Ed25519'] })
        await refused(await make(alg), publicKey, { algorithms: [other] }, { code: 'ERR_JWT_ALGORITHM' })
      }
      // Rivals that know EdDSA alone: the name is given when the key is made, or with each token.
      const own = await generateKey('EdDSA')
      const jwk = await waxseal.exportJwk(own.publicKey)
      await hono.verify(await sign({}, own.privateKey, { expiresIn: 60 }), jwk, 'EdDSA')
      const newer = await generateKey('Ed25519', { extractable: true })
      const pem = await waxseal.exportPem(newer.publicKey)
      fastJwt.createVerifier({ key: pem })(await sign({}, newer.privateKey, { algorithm: 'EdDSA', expiresIn: 60 }))
    },
  }

  // Every rival takes them without a word (jsonwebtoken and jose refuse short RSA keys); here they need allowWeakKeys.
  const allowWeakKeys = true
  const weak = {
    'a six-octet secret needs allowWeakKeys': async () => {
      const short = 'secret'
      const exp = inTenMinutes()
      const tokens = [
        await new jose.SignJWT({ exp }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(short)),
        jsonwebtoken.sign({ exp }, short), fastJwt.createSigner({ key: short })({ exp }), await hono.sign({ exp }, short, 'HS256'), await tsndr.sign({ exp }, short),
      ]
      for (const token of tokens) {
        await refused(token, short, HS256, { code: 'ERR_JWT_KEY', fault: 'server' })
        await verify(token, short, { ...HS256, allowWeakKeys })
      }
      jsonwebtoken.verify(await sign({}, await importSecret(short, 'HS256', { allowWeakKeys }), { expiresIn: 60, allowWeakKeys }), short)
    },
    'an RSA key of 1024 bits needs allowWeakKeys': async () => {
      const pem = (key, type) => key.export({ type, format: 'pem' })
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
      const token = jsonwebtoken.sign({ exp: inTenMinutes() }, privateKey, { algorithm: 'RS256', allowInsecureKeySizes: true })
      await rejects(importPem(pem(publicKey, 'spki'), 'RS256'), { code: 'ERR_JWT_KEY' })
      const key = await importPem(pem(publicKey, 'spki'), 'RS256', { allowWeakKeys })
      await verify(token, key, { algorithms: ['RS256'], allowWeakKeys })
      const signing = await importPem(pem(privateKey, 'pkcs1'), 'RS256', { allowWeakKeys })
      fastJwt.createVerifier({ key: pem(publicKey, 'pkcs1'), algorithms: ['RS256'] })(await sign({}, signing, { expiresIn: 60, allowWeakKeys }))
    },
    'a secret that is not ASCII': async () => {
      const umlauts = 'ein Geheimnis mit Ümläuten, 漢字 und 🦭, lang genug'
      const exp = inTenMinutes()
      const k = Buffer.from(umlauts).toString('base64url')
      const own = await sign({ exp }, umlauts, { algorithm: 'HS256' })
      for (const token of [
        await new jose.SignJWT({ exp }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(umlauts)),
        jsonwebtoken.sign({ exp }, umlauts), fastJwt.createSigner({ key: umlauts })({ exp }), await hono.sign({ exp }, umlauts, 'HS256'),
        await tsndr.sign({ exp }, { kty: 'oct', k }), // as a string it would take one octet of each code unit, a fault of its own
      ]) await verify(token, umlauts, HS256)
      await jose.jwtVerify(own, new TextEncoder().encode(umlauts))
      jsonwebtoken.verify(own, createSecretKey(umlauts, 'utf8'))
      fastJwt.createVerifier({ key: umlauts })(own)
      await hono.verify(own, umlauts, 'HS256')
      await tsndr.verify(own, { kty: 'oct', k }, { throwError: true })
    },
    'a public PEM as an HMAC secret: the confused token that rivals can still make is refused': async () => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const pem = publicKey.export({ type: 'spki', format: 'pem' })
      const token = await new jose.SignJWT({ exp: inTenMinutes() }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(pem))
      const key = await importPem(pem, 'ES256')
      await refused(token, key, { algorithms: ['ES256'] }, { code: 'ERR_JWT_ALGORITHM' })
      await rejects(importSecret(pem, 'HS256'), { code: 'ERR_JWT_KEY' })
      throws(() => jsonwebtoken.verify(token, pem, { algorithms: ['ES256'] }))
    },
  }

  return { ...jwks, ...thumbprints, ...bytes, ...withoutExpiry, ...theirOptions, ...times, ...types, ...weak }
}
