// The keys that go round, and which text of a key waxseal must refuse, whoever wrote it.

import { createECDH } from 'node:crypto'
import { file, run } from './commands.mjs'

const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }
const sizes = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }

/** Private keys that begin with a zero octet, as do both coordinates of their points. */
const leadingZeros = {
  ES256: 'AFVoICLXBQf4_TjNOyHAtIK2WH0csSup5tmtPLRzp_c',
  ES384: 'APTLwOVnzpfuUtjT5B2H8ZgLEB1q3thdBTM6diUPSXHp4BH0YjX-Lgc-wRWIX7YG',
  ES512: 'AP8wNEyagOu8wYOiTBY2kTXz1-2TTRDH3oaYAaqrPOWPSgw9VWQVh8p2X0X4D6ayYkubT7Zm78N_4PJxgHt7sWDF',
}

export const publicOf = (keys) => keys.public ?? keys.private

/** The forms of a key that a party takes, as what is asked of it with them. */
export function taken(party, part, forms, alg) {
  const names = forms.secret || alg.startsWith('HS') ? party.forms.secret : party.forms[part]
  return Object.entries(forms).filter(([form]) => names.includes(form)).map(([form, text]) => ({ form, text, alg }))
}

/** Of some keys the first that the one signs with and the other verifies with. */
export function pairOf(signer, verifier, keys, alg) {
  for (const one of Object.values(keys)) {
    const [[signing], [verifying]] = [taken(signer, 'private', one.private, alg), taken(verifier, 'public', publicOf(one), alg)]
    if (signing && verifying) return { signing, verifying }
  }
  throw new Error(`no key for ${alg}`)
}

/** RS* and PS* share a key, as do HS*: making one takes longest. */
export const kindOf = (alg) => /^[RP]S/.test(alg) ? 'RSA' : /^HS/.test(alg) ? 'oct' : alg

export const openssl = async (...args) => String(await run('openssl', args))

/** A key of the command line in all the armour that it writes. */
async function inArmour(pkcs8, kind) {
  const path = file(pkcs8)
  const old = { RSA: 'pkcs1', EdDSA: undefined }
  const name = kind in old ? old[kind] : 'sec1'
  return {
    private: { pkcs8, ...(name && { [name]: await openssl('pkey', '-in', path, '-traditional') }) },
    public: {
      spki: await openssl('pkey', '-in', path, '-pubout'),
      x509: await openssl('req', '-x509', '-key', path, '-subj', '/CN=waxseal', '-days', '2'),
      ...(kind === 'RSA' && { pkcs1: await openssl('rsa', '-in', path, '-RSAPublicKey_out') }),
    },
  }
}

async function fromOpenssl(kind) {
  if (kind === 'oct') return { private: { secret: (await run('openssl', ['rand', '64'])).toString('base64url') } }
  const options = { RSA: ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], EdDSA: ['ed25519'] }[kind] ?? ['EC', '-pkeyopt', `ec_paramgen_curve:${curves[kind]}`]
  return inArmour(await openssl('genpkey', '-algorithm', ...options), kind)
}

/** What everybody is given, by maker: `{ private: { form: text }, public: { form: text } }`; a secret is private alone. */
export function keysFor(us) {
  const made = new Map()
  const once = (name, make) => made.get(name) ?? made.set(name, make()).get(name)
  const ours = async (alg) => {
    const kind = kindOf(alg)
    const { private: { pkcs8, jwk } } = await once(`waxseal ${kind}`, () => us.ask({ op: 'make', alg: kind === 'RSA' ? 'RS256' : kind === 'oct' ? 'HS512' : alg }))
    return us.ask({ op: 'export', alg, ...(pkcs8 ? { form: 'pkcs8', text: pkcs8 } : { form: 'jwk', text: JSON.stringify({ ...JSON.parse(jwk), alg }) }) })
  }
  return async (alg) => ({
    waxseal: await ours(alg),
    openssl: await once(`openssl ${kindOf(alg)}`, () => fromOpenssl(kindOf(alg))),
    ...(leadingZeros[alg] && { 'leading zeros': await us.ask({ op: 'export', alg, form: 'jwk', text: withLeadingZeros(alg) }) }),
  })
}

function withLeadingZeros(alg) {
  const size = sizes[curves[alg]]
  const pair = createECDH({ ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' }[alg])
  pair.setPrivateKey(leadingZeros[alg], 'base64url')
  const point = pair.getPublicKey()
  const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)].map((half) => half.toString('base64url'))
  return JSON.stringify({ kty: 'EC', crv: curves[alg], d: leadingZeros[alg], x, y })
}

const hexOf = (text) => Buffer.from(text.replace(/-----[^-]+-----/g, ''), 'base64').toString('hex')

/** Why waxseal must refuse this text of a key; undefined if it must take it. Every line was met with in a library. */
export function whyRefused(form, text, alg) {
  const octets = sizes[curves[alg]]
  if (form === 'jwk') {
    const jwk = JSON.parse(text)
    const members = ['x', 'y', 'd', 'n', 'e', 'k'].filter((name) => name in jwk).map((name) => jwk[name])
    if (members.some((value) => /[^\w-]/.test(value))) return 'base64url has no padding (RFC 7515 2)'
    if (octets && members.some((value) => Buffer.from(value, 'base64url').length !== octets)) return 'EC members have the full size of a coordinate (RFC 7518 6.2.1.2, 6.2.2.1)'
  }
  if (/-----BEGIN (ED25519 PRIVATE KEY|UNKNOWN)-----/.test(text)) return 'the label of PKCS#8 is PRIVATE KEY (RFC 7468 10)'
  if (form === 'pkcs1' && hexOf(text).includes('2a864886f70d010101')) return 'RSA PUBLIC KEY is PKCS#1, not SPKI (RFC 8017 A.1.1)'
  if (form !== 'x509' && hexOf(text).includes('2a8648ce3d0101')) return 'a curve has a name, no parameters (RFC 5480 2.1.1, RFC 5915 3)'
  const [, length] = octets && /^(?:sec1|pkcs8)$/.test(form) ? hexOf(text).match(/02010104(..)/) ?? [] : []
  if (length && parseInt(length, 16) !== octets) return 'an EC private key has the size of the order (RFC 5915 3)'
  return undefined
}
