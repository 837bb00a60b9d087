// What an application may export of waxseal/keyring without saying a type: see ../consumer.mjs.

import { jwksHandler, keyRing, type KeyRing, type KeyRingOptions } from 'waxseal/keyring'

export const ring = keyRing({ algorithm: 'ES256', tokenLifetime: 5, store: { get: () => null, set: () => undefined } })
export const handler = jwksHandler(ring)
export const answer = () => handler({ method: 'GET', headers: { get: () => null } })
export const current = () => ring.current()
export const status = () => ring.status()
export const signed = ring.sign({}, { expiresIn: 5 })
export const published = () => ring.toPublicJwks()
export const { skipped } = ring
export const any = (ring: KeyRing) => ring.current()
export const eventOf = ({ onEvent, store }: KeyRingOptions) => ({ onEvent, store })
export const functions = { jwksHandler, keyRing }
