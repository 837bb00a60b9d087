// What a token is made of, as types: the header (RFC 7515 4) and the claims (RFC 7519 4). No code.

/** The registered claims (RFC 7519 4.1). Times are seconds since 1970 and may have fractions. */
export interface RegisteredClaims {
  iss?: string
  sub?: string
  aud?: string | string[]
  exp?: number
  nbf?: number
  iat?: number
  jti?: string
}

/** A verified claim set. The registered claims have their types; others are `unknown` until a schema has seen them. */
export interface JwtPayload extends RegisteredClaims {
  [claim: string]: unknown
}

/** A verified protected header. */
export interface Header<A extends string = string> {
  alg: A
  typ?: string
  kid?: string
  cty?: string
  crit?: string[]
  [parameter: string]: unknown
}
