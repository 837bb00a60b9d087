// waxseal/profiles: what certain standards ask of a token, beyond RFC 7519. Access tokens (RFC 9068), OpenID ID tokens and
// logout tokens, DPoP proofs (RFC 9449). Each is verify and sign of the main entry with the profile's rules on top.

export { accessToken, signAccessToken, type AccessTokenOptions, type AccessTokenPreset, type SignAccessTokenOptions } from './profiles/access'
export type { ReplayHook } from './profiles/check'
export { createDpopProof, verifyDpopProof, type DpopProof, type DpopProofOptions, type VerifyDpopOptions } from './profiles/dpop'
export type { IssuingKey } from './profiles/issue'
export {
  signIdToken, signLogoutToken, verifyIdToken, verifyLogoutToken, type IdTokenOptions, type LogoutTokenOptions, type SignIdTokenOptions, type SignLogoutTokenOptions,
} from './profiles/openid'
