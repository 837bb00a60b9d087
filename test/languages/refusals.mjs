// What libraries make, and often accept, and waxseal refuses: each with the reason.

import { equal, ok, rejects } from 'node:assert/strict'
import { file, run } from './commands.mjs'
import { openssl } from './keys.mjs'
import { audience } from './tokens.mjs'

const exp = Math.floor(Date.now() / 1000) + 600
const latin1 = Buffer.from(`{"exp":${exp},"name":"Zo\xeb"}`, 'latin1')

/** By name: claims or bytes to sign, a header; the code, and the standard that says so. */
const tokens = {
  'no exp': { claims: '{"sub":"a"}', code: 'ERR_JWT_CLAIM', claim: 'exp', why: 'a token expires unless told (requireExpiry)' },
  'an audience that nobody asks for': { claims: { aud: audience }, code: 'ERR_JWT_CLAIM', claim: 'aud', why: 'RFC 7519 4.1.3' },
  'typ at+jwt that nobody asks for': { header: { typ: 'at+jwt' }, code: 'ERR_JWT_TYPE', why: 'RFC 8725 3.11' },
  'crit that nobody handles': { header: { crit: ['x'], x: 1 }, code: 'ERR_JWT_CRITICAL', why: 'RFC 7515 4.1.11' },
  'crit without a name in it': { header: { crit: [] }, code: 'ERR_JWT_CRITICAL', why: 'RFC 7515 4.1.11' },
  'a kid that is a number': { header: { kid: 7 }, code: 'ERR_JWT_MALFORMED', why: 'RFC 7515 4.1.4' },
  'exp as text': { claims: { exp: String(exp) }, code: 'ERR_JWT_CLAIM', claim: 'exp', why: 'RFC 7519 4.1.4: a number' },
  'exp null': { claims: { exp: null }, code: 'ERR_JWT_CLAIM', claim: 'exp', why: 'RFC 7519 4.1.4: a number' },
  'exp in milliseconds of the year 9999': { claims: { exp: 253402300800000 }, code: 'ERR_JWT_CLAIM', claim: 'exp', why: 'no date has so many seconds' },
  'iat as text': { claims: { iat: 'now' }, code: 'ERR_JWT_CLAIM', claim: 'iat', why: 'RFC 7519 4.1.6: a number' },
  'sub that is a number': { claims: { sub: 7 }, code: 'ERR_JWT_CLAIM', claim: 'sub', why: 'RFC 7519 4.1.2: a string' },
  'iss that is an array': { claims: { iss: ['a'] }, code: 'ERR_JWT_CLAIM', claim: 'iss', why: 'RFC 7519 4.1.1: a string' },
  'jti that is a number': { claims: { jti: 7 }, code: 'ERR_JWT_CLAIM', claim: 'jti', why: 'RFC 7519 4.1.7: a string' },
  'exp beyond all doubles': { claims: '{"exp":1e400}', code: ['ERR_JWT_MALFORMED', 'ERR_JWT_CLAIM'], why: 'RFC 8259 6 has no Infinity, NumericDate neither' },
  'b64 false': { header: { b64: false, crit: ['b64'] }, bytes: 'text', code: ['ERR_JWT_CRITICAL', 'ERR_JWT_MALFORMED'], why: 'RFC 7797 7' },
  'alg none': { form: 'none', code: 'ERR_JWT_ALGORITHM', why: 'RFC 8725 3.2' },
  'a secret of six octets': { form: 'short', code: 'ERR_JWT_KEY', why: 'RFC 7518 3.2' },
  'one name twice': { bytes: `{"exp":1,"exp":${exp}}`, code: 'ERR_JWT_MALFORMED', why: 'RFC 7519 4' },
  'claims in Latin-1': { bytes: latin1, code: 'ERR_JWT_MALFORMED', why: 'RFC 7519 7.2: UTF-8' },
  'claims behind a byte order mark': { bytes: `\ufeff{"exp":${exp}}`, code: 'ERR_JWT_MALFORMED', why: 'RFC 8259 8.1' },
  'an array for claims': { bytes: '[1]', code: 'ERR_JWT_MALFORMED', why: 'RFC 7519 7.2: an object' },
  'text for claims': { bytes: 'text', code: 'ERR_JWT_MALFORMED', why: 'RFC 7519 7.2: an object' },
  'no claims at all': { bytes: '', code: 'ERR_JWT_MALFORMED', why: 'RFC 7519 7.2: an object' },
  'more than 16384 characters': { claims: { text: 'a'.repeat(13000) }, code: 'ERR_JWT_TOO_LARGE', why: 'maxTokenLength' },
}

/** A valid token of HS256, written otherwise. The last digit of its signature has two bits to spare. */
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const spellings = {
  'a signature with padding': (token) => `${token}=`,
  'padding everywhere': (token) => token.split('.').map((part) => part.padEnd(part.length + (-part.length & 3), '=')).join('.'),
  'a last digit with spare bits set': (token) => token.slice(0, -1) + digits[digits.indexOf(token.at(-1)) + 1],
  'the alphabet of base64': (token) => token.replaceAll('-', '+').replaceAll('_', '/'),
  'a line break behind it': (token) => `${token}\n`,
  'a space in front of it': (token) => ` ${token}`,
  'a line break in the payload': (token) => token.replace(/(\.....)/, '$1\n'),
  'a fourth segment': (token) => `${token}.AAAA`,
  Bearer: (token) => `Bearer ${token}`,
}

const verdict = (promise) => promise.then(() => undefined, (error) => error)
const short = { secret: 'c2VjcmV0', jwk: '{"kty":"oct","k":"c2VjcmV0"}' }

/** Refusals of tokens that the library made; `note` keeps what the library thinks of them. */
export async function refusedTokens({ us, them, keysFor, check, note }) {
  if (them.primitives) return // it has no opinion of tokens
  const { secret } = (await keysFor('HS256')).openssl.private
  const key = them.forms.secret.includes('secret') ? { form: 'secret', alg: 'HS256', text: secret } : { form: 'jwk', alg: 'HS256', text: JSON.stringify({ kty: 'oct', k: secret }) }
  const judge = async (name, token, by, code, claim, why) => {
    note(name, them.name, await verdict(them.ask({ op: 'verify', ...by, token })) ? 'refuses' : 'accepts')
    await check({ alg: 'HS256', way: 'to waxseal', what: `${name} is refused (${why})` }, async () => {
      const refusal = await verdict(us.ask({ op: 'verify', ...key, ...(by.weak && by), token }))
      ok(refusal, 'it was accepted')
      ok([code].flat().includes(refusal.code), refusal)
      if (claim) equal(refusal.claim, claim)
    })
  }

  for (const [name, { claims, bytes, header, form, code, claim, why }] of Object.entries(tokens)) {
    const by = form === 'none' ? { form, alg: 'none', text: '' } : form === 'short' ? { ...key, text: short[key.form], weak: true } : key
    const request = bytes === undefined
      ? { op: 'sign', claims: typeof claims === 'string' ? claims : JSON.stringify({ exp, ...claims }) }
      : { op: 'signBytes', payload: Buffer.from(bytes).toString('base64url') }
    const able = !(header && them.header === false) && (bytes === undefined || them.can.split(' ').includes('bytes'))
    const token = able && await them.ask({ ...request, ...by, header }).catch(() => undefined)
    const written = token && JSON.parse(Buffer.from(token.split('.')[0], 'base64url'))
    if (token && Object.entries(header ?? {}).every(([one, value]) => JSON.stringify(written[one]) === JSON.stringify(value))) await judge(name, token, by, code, claim, why)
    else note(name, them.name, 'does not make')
  }
  const token = await them.ask({ op: 'sign', ...key, claims: JSON.stringify({ exp, text: '??????' }) })
  for (const [name, spell] of Object.entries(spellings)) await judge(name, spell(token), key, 'ERR_JWT_MALFORMED', undefined, 'RFC 7515 2, 7.1')
}

/** A library whose oct JWK has the secret as it is: another one would be read out of it, if anything. */
export async function rawSecrets({ us, them, check }) {
  if (!them.can.includes('rawSecret')) return
  await check({ alg: 'HS512', way: 'keys', what: 'its oct JWK is refused: k is base64url (RFC 7518 6.4.1)' }, async () => {
    const secret = 'an application secret of sixty-four octets, enough for HS512 too'
    const { private: { jwk } } = await them.ask({ op: 'export', alg: 'HS512', form: 'secret', text: Buffer.from(secret).toString('base64url') })
    equal(JSON.parse(jwk).k, secret)
    await rejects(us.load({ form: 'jwk', text: jwk, alg: 'HS512' }), { code: 'ERR_JWT_KEY' })
  })
}

/** Keys of the command line: what importPem must refuse, and what it must take though it looks unusual. */
export async function keysOfOpenssl({ us, check }) {
  const make = (algorithm, ...options) => openssl('genpkey', '-algorithm', algorithm, ...options.flatMap((option) => ['-pkeyopt', option]))
  const rsa = (...options) => make('RSA', ...options)
  const ec = (curve, ...options) => make('EC', `ec_paramgen_curve:${curve}`, ...options)
  const [one, two, large] = await Promise.all([ec('P-256'), ec('P-256'), rsa('rsa_keygen_bits:2048')])
  const path = file(one)
  const certificate = await openssl('req', '-x509', '-key', path, '-subj', '/CN=a', '-days', '2')
  const request = await openssl('req', '-new', '-key', path, '-subj', '/CN=a')
  const withDer = (pem, change) => pem.replace(/(-----\n)([^-]+)/, (_, line, body) => `${line}${change(Buffer.from(body, 'base64')).toString('base64')}\n`)

  const refused = {
    'an encrypted PKCS#8 key': ['ES256', await openssl('pkcs8', '-topk8', '-in', path, '-passout', 'pass:secret')],
    'an encrypted PKCS#1 key': ['RS256', await openssl('rsa', '-in', file(large), '-aes128', '-traditional', '-passout', 'pass:secret')],
    'an RSA key of 1024 bits': ['RS256', await rsa('rsa_keygen_bits:1024')],
    'an RSA key of three primes': ['RS256', await rsa('rsa_keygen_bits:2048', 'rsa_keygen_primes:3')],
    'an RSA exponent beyond 32 bits': ['RS256', await rsa('rsa_keygen_bits:2048', 'rsa_keygen_pubexp:4294967297')],
    'a private key of id-RSASSA-PSS': ['PS256', await make('RSA-PSS', 'rsa_keygen_bits:2048')],
    'explicit curve parameters': ['ES256', await ec('P-256', 'ec_param_enc:explicit')],
    'a compressed point': ['ES256', await openssl('ec', '-in', path, '-pubout', '-conv_form', 'compressed')],
    'the curve secp256k1': ['ES256', await ec('secp256k1')],
    'the curve brainpoolP256r1': ['ES256', await ec('brainpoolP256r1')],
    'a P-256 key for ES384': ['ES384', one],
    'a P-256 key for RS256': ['RS256', one],
    'an Ed448 key': ['EdDSA', await make('ED448')],
    'an X25519 key': ['EdDSA', await make('X25519')],
    'curve parameters alone': ['ES256', await openssl('ecparam', '-name', 'prime256v1')],
    'two keys': ['ES256', one + two],
    'a key beside its certificate': ['ES256', one + certificate],
    'a trusted certificate of OpenSSL': ['ES256', await openssl('x509', '-in', file(certificate), '-trustout')],
    'a certificate request': ['ES256', request],
    'an octet behind the key': ['ES256', withDer(one, (der) => Buffer.concat([der, Buffer.alloc(1)]))],
    'half a key': ['ES256', withDer(one, (der) => der.subarray(0, 60))],
  }
  for (const [name, [alg, text]] of Object.entries(refused)) {
    await check({ alg, way: 'keys', what: `${name} is refused` }, async () => rejects(us.load({ form: 'pem', text, alg }), { code: 'ERR_JWT_KEY' }))
  }

  const bundle = await run('openssl', ['pkcs12', '-export', '-inkey', path, '-in', file(certificate), '-passout', 'pass:'])
  const taken = {
    'curve parameters in front of a SEC1 key': ['ES256', await openssl('ecparam', '-name', 'prime256v1', '-genkey')],
    'a SEC1 key without its public part': ['ES256', await openssl('ec', '-in', path, '-no_public')],
    'a key behind the attributes of PKCS#12': ['ES256', await openssl('pkcs12', '-in', file(bundle), '-passin', 'pass:', '-nodes', '-nocerts')],
    'a certificate behind its text': ['ES256', await openssl('x509', '-in', file(certificate), '-text')],
    'a certificate of version 1': ['ES256', await openssl('x509', '-req', '-in', file(request), '-signkey', path, '-days', '2')],
    'a chain of certificates': ['ES256', certificate + await openssl('req', '-x509', '-key', file(two), '-subj', '/CN=b', '-days', '2')],
    'lines that end in CRLF': ['ES256', one.replaceAll('\n', '\r\n')],
    'lines that end in a written \\n': ['ES256', one.replaceAll('\n', '\\n')],
    'an RSA key with the exponent 3': ['RS256', await rsa('rsa_keygen_bits:2048', 'rsa_keygen_pubexp:3')],
    'an RSA key of 3072 bits': ['PS512', await rsa('rsa_keygen_bits:3072')],
    'an RSA key of an odd number of bits': ['RS256', await rsa('rsa_keygen_bits:2049')],
  }
  const claims = JSON.stringify({ exp })
  for (const [name, [alg, text]] of Object.entries(taken)) {
    await check({ alg, way: 'keys', what: `${name} is taken` }, async () => {
      const isPublic = text.includes('CERTIFICATE')
      const token = await us.ask({ op: 'sign', form: 'pem', alg, text: isPublic ? one : text, claims })
      const spki = isPublic ? text : await openssl('pkey', '-in', file(text.replaceAll('\\n', '\n')), '-pubout')
      await us.ask({ op: 'verify', form: 'pem', alg, text: spki, token })
    })
  }
}
