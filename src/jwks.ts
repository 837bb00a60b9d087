// waxseal/jwks: keys over the network (RFC 7517 5, OpenID Connect Discovery 1.0, RFC 8414).

import { misuse } from './errors'
import type { JwkInput } from './keys/jwk'
import { addressOf, resource } from './network/fetch'
import { within } from './network/flight'
import { networkSet } from './network/remote'
import { defaults, readers, type RemoteKeySet, type RemoteKeySetOptions, type Settings } from './network/settings'
import { readOptions } from './options'

export { issuers, type IssuerEntry } from './token/issuers'
export { discover, type DiscoverOptions, type Discovery } from './network/discover'
export type { FetchInit, FetchLike, ResponseLike } from './network/fetch'
export type { KeySetEvent, KeySetStatus, KeySetStore, RemoteKeySet, RemoteKeySetOptions } from './network/settings'

/**
 * Makes a key set that is fetched when a key is first asked for, kept fresh while it is used, and served on while its
 * source is down. Makes no request and starts no timer by itself: `await set.reload()` to fail early.
 *
 * @param source - an https URL (http on this machine only, no credentials in it), or a function that promises a JWKS
 * @param options - durations in seconds or as `'10m'`; each option says its default
 * @returns a set for `verify` and its like, which then throw `ERR_JWKS_FETCH` if no keys could be had, or none young
 * enough (`staleIfError`), `ERR_JWKS_INVALID` if what came was no usable set and nothing is in hand,
 * `ERR_JWT_KEY_NOT_FOUND` if the set in hand lacks the kid
 * @throws TypeError for another source or option
 */
export function remoteKeySet(source: string | { readonly href: string } | (() => Promise<{ readonly keys: readonly JwkInput[] }>), options?: RemoteKeySetOptions): RemoteKeySet {
  const settings: Settings = { ...defaults, ...readOptions<object>('remoteKeySet', options, readers) }
  if (typeof source === 'function') {
    if (settings.store) misuse('remoteKeySet store', 'a URL as the source')
    return networkSet(() => within(settings.timeout, undefined, async () => ({ text: JSON.stringify(await source()) })), settings)
  }
  const address = addressOf(source) ?? misuse('remoteKeySet source', 'an https URL without credentials, or a function')
  return networkSet(resource(address, settings), settings, address)
}
