// The same in CommonJS, with both of TypeScript's ways to write it.

import waxseal = require('waxseal')
import jws = require('waxseal/jws')
import { sign, verify, type JwtPayload } from 'waxseal'
import { verifyBytes } from 'waxseal/jws'

export async function main(secret: string): Promise<string> {
  const key: waxseal.CryptoKey<'HS256', 'secret'> = await waxseal.importSecret(secret, 'HS256')
  const token = await sign({ sub: 'me' }, secret, { algorithm: 'HS256', expiresIn: '15m' })
  const { payload }: { payload: JwtPayload } = await verify(token, key, { algorithms: ['HS256'] })
  const bytes: Uint8Array = (await verifyBytes(await jws.signBytes(new Uint8Array(3), key), key, { algorithms: ['HS256'] })).payload

  // @ts-expect-error -- no such name
  waxseal.verifyUnsafe
  return [payload.sub, bytes.length].join(' ')
}
