// waxseal/keyring: the issuing side of key rotation. Keys are made, published before they sign, and retired when their
// last token has expired; a request handler serves them. Fetching them is the other side's, `waxseal/jwks`.

export { jwksHandler, type JwksHandlerOptions, type JwksRequest, type JwksResponse, type JwksSource } from './ring/handler'
export type { KeyRingEvent, KeyStore } from './ring/keeper'
export { keyRing, type KeyRing, type KeyRingOptions, type KeyRingStatus, type RingSignOptions } from './ring/ring'
