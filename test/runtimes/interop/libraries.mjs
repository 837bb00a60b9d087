// The rivals, each as its own documentation has it used, and waxseal in the same shape: which forms of a key it takes and
// how, and how it signs and verifies.

import tsndr from '@tsndr/cloudflare-worker-jwt'
import fastJwt from 'fast-jwt'
import * as hono from 'hono/jwt'
import * as jose from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { createSecretKey } from 'node:crypto'

const hmac = ['HS256', 'HS384', 'HS512']
const pkcs1 = ['RS256', 'RS384', 'RS512']
const pss = ['PS256', 'PS384', 'PS512']
const ecdsa = ['ES256', 'ES384', 'ES512']

export const issuer = 'https://login.example.com'
export const audience = 'https://api.example.com'

const asItIs = (material) => material
const node = (material) => ({ key: material, format: 'jwk' })

export const rivals = {
  jose: {
    algorithms: [...hmac, ...pkcs1, ...pss, ...ecdsa, 'EdDSA', 'Ed25519', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'],
    secret: { string: (text) => new TextEncoder().encode(text), bytes: asItIs, jwk: jose.importJWK, cryptoKey: asItIs },
    private: { pkcs8: jose.importPKCS8, jwk: jose.importJWK, cryptoKey: asItIs },
    public: { spki: jose.importSPKI, jwk: jose.importJWK, x509: jose.importX509, cryptoKey: asItIs },
    sign: (claims, key, algorithm) => new jose.SignJWT(claims).setProtectedHeader({ alg: algorithm }).sign(key),
    verify: async (token, key, algorithm) => (await jose.jwtVerify(token, key, { algorithms: [algorithm], issuer, audience })).payload,
  },

  jsonwebtoken: {
    algorithms: [...hmac, ...pkcs1, ...pss, ...ecdsa],
    secret: { string: asItIs, bytes: Buffer.from, jwk: ({ k }) => createSecretKey(k, 'base64url') },
    private: { pkcs8: asItIs, pkcs1: asItIs, sec1: asItIs, jwk: node },
    public: { spki: asItIs, pkcs1: asItIs, x509: asItIs, jwk: node },
    sign: (claims, key, algorithm) => jsonwebtoken.sign(claims, key, { algorithm }),
    verify: (token, key, algorithm) => jsonwebtoken.verify(token, key, { algorithms: [algorithm], issuer, audience }),
  },

  'fast-jwt': {
    algorithms: [...hmac, ...pkcs1, ...pss, ...ecdsa, 'EdDSA'],
    secret: { string: asItIs, bytes: Buffer.from },
    private: { pkcs8: asItIs, pkcs1: asItIs, sec1: asItIs },
    public: { spki: asItIs, pkcs1: asItIs, x509: asItIs },
    sign: (claims, key, algorithm) => fastJwt.createSigner({ key, algorithm })(claims),
    verify: (token, key, algorithm) => fastJwt.createVerifier({ key, algorithms: [algorithm], allowedIss: issuer, allowedAud: audience })(token),
  },

  hono: {
    algorithms: [...hmac, ...pkcs1, ...pss, ...ecdsa, 'EdDSA'],
    secret: { string: asItIs, jwk: asItIs, cryptoKey: asItIs },
    private: { pkcs8: asItIs, jwk: asItIs, cryptoKey: asItIs },
    public: { spki: asItIs, jwk: asItIs, cryptoKey: asItIs },
    sign: (claims, key, algorithm) => hono.sign(claims, key, algorithm),
    verify: (token, key, algorithm) => hono.verify(token, key, { alg: algorithm, iss: issuer, aud: audience }),
  },

  tsndr: {
    algorithms: [...hmac, ...pkcs1, ...ecdsa],
    secret: { string: asItIs, jwk: asItIs, cryptoKey: asItIs },
    private: { pkcs8: asItIs, jwk: asItIs, cryptoKey: asItIs },
    public: { spki: asItIs, jwk: asItIs, cryptoKey: asItIs },
    sign: (claims, key, algorithm) => tsndr.sign(claims, key, algorithm),
    verify: async (token, key, algorithm) => (await tsndr.verify(token, key, { algorithm, throwError: true })).payload,
  },
}

export function ours({ importJwk, importPem, importSecret, sign, verify }) {
  return {
    secret: { string: asItIs, bytes: importSecret, jwk: importJwk, cryptoKey: asItIs },
    private: { pkcs8: importPem, pkcs1: importPem, sec1: importPem, jwk: importJwk, cryptoKey: asItIs },
    public: { spki: importPem, pkcs1: importPem, x509: importPem, jwk: importJwk, cryptoKey: asItIs },
    sign: (claims, key, algorithm) => sign(claims, key, { algorithm }), // `exp` is in the claims; else `expiresIn`
    verify: async (token, key, algorithm) => (await verify(token, key, { algorithms: [algorithm], issuer, audience })).payload,
  }
}
