// The same in CommonJS, with both ways to import.

import waxseal = require('waxseal')
import jwks = require('waxseal/jwks')
import jws = require('waxseal/jws')
import keyring = require('waxseal/keyring')
import { type IdTokenOptions } from 'waxseal/profiles'
import { sign, verify, type JwtPayload } from 'waxseal'
import { verifyBytes } from 'waxseal/jws'
import { verifySync } from 'waxseal/node'
import node = require('waxseal/node')

export const ring: keyring.KeyRing<'Ed25519'> = keyring.keyRing({ algorithm: 'Ed25519', tokenLifetime: 60, store: new Map<string, string>() })
export const options: Pick<IdTokenOptions, 'nonce'> = { nonce: false }

export async function main(secret: string): Promise<JwtPayload> {
  const token = await sign({ sub: 'me' }, secret, { algorithm: 'HS256', expiresIn: '15m' })
  const key: waxseal.CryptoKey = await waxseal.importSecret(secret, 'HS256')
  const { payload }: { payload: Uint8Array } = await verifyBytes(await jws.signBytes(new Uint8Array(3), key), key, { algorithms: ['HS256'] })
  const atOnce: JwtPayload = verifySync(token, node.importSecretSync(secret, 'HS256'), { algorithms: ['HS256'] }).payload
  return atOnce.sub === 'me' ? (await verify(token, payload, { algorithms: ['HS256'] })).payload : atOnce
}

export const keys: jwks.RemoteKeySet = jwks.remoteKeySet('https://a.example/jwks')
