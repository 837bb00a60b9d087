// What an application may export of waxseal/profiles without saying a type: see ../consumer.mjs.

import { accessToken, createDpopProof, signAccessToken, signIdToken, signLogoutToken, verifyDpopProof, verifyIdToken, verifyLogoutToken } from 'waxseal/profiles'

export const options = accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b' })
export const more = accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b', requiredClaims: ['scope'], subject: 'me' })
export const id = (token: string) => verifyIdToken(token, () => null, { algorithms: ['ES256'], issuer: 'a', clientId: 'b', nonce: 'n' })
export const logout = (token: string) => verifyLogoutToken(token, () => null, { algorithms: ['ES256'], issuer: 'a', clientId: 'b' })
export const proof = (token: string) => verifyDpopProof(token, { algorithms: ['ES256'], method: 'GET', url: 'https://a.example' })
export async function claims(token: string) {
  const { payload, header } = await id(token)
  return { payload, header, sub: payload.sub }
}
export const functions = { accessToken, createDpopProof, signAccessToken, signIdToken, signLogoutToken, verifyDpopProof, verifyIdToken, verifyLogoutToken }
