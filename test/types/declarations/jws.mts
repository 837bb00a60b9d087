// What an application may export of waxseal/jws without saying a type: see ../consumer.mjs.

import { safeVerifyBytes, signBytes, verifyBytes } from 'waxseal/jws'

export const signed = signBytes(new Uint8Array(), 'secret', { algorithm: 'HS256' })
export const check = (token: string) => verifyBytes(token, 'secret', { algorithms: ['HS256'] })
export const checkSafely = (token: string) => safeVerifyBytes(token, () => null, { algorithms: ['ES256'] })
export async function parts(token: string) {
  const { payload, header } = await verifyBytes(token, 'secret', { algorithms: ['HS256'] })
  return { payload, header }
}
export const functions = { safeVerifyBytes, signBytes, verifyBytes }
