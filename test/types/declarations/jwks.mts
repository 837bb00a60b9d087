// What an application may export of waxseal/jwks without saying a type: see ../consumer.mjs.

import { discover, issuers, remoteKeySet, type DiscoverOptions, type IssuerEntry, type RemoteKeySetOptions } from 'waxseal/jwks'

export const set = remoteKeySet('https://a.example')
export const provider = discover('https://a.example')
export const { issuer, keys, metadata } = provider
export const verifier = issuers([{ issuer, keys, algorithms: ['ES256'] }])
export const of = (entries: IssuerEntry[]) => issuers(entries, { cache: true })
export const handle = (token: string) => verifier.safe(token)
export const result = (token: string) => verifier(token)
export const status = () => set.status()
export const { skipped } = set
export const published = () => set.toPublicJwks()
export const fetchOf = ({ fetch, store, onEvent }: RemoteKeySetOptions) => ({ fetch, store, onEvent })
export const ageOf = ({ maxAge }: DiscoverOptions) => maxAge
export const functions = { discover, issuers, remoteKeySet }
