// waxseal/jwks: keys over the network (RFC 7517 5, OpenID Connect Discovery 1.0, RFC 8414).

import { misuse } from './errors'
import type { JwkInput } from './keys/jwk'
import { addressOf, nameOf, resource } from './network/fetch'
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
 * source is down. Makes no request and starts no timer by itself.
 */
export function remoteKeySet(source: string | { readonly href: string } | (() => Promise<{ readonly keys: readonly JwkInput[] }>), options?: RemoteKeySetOptions): RemoteKeySet {
  const settings: Settings = { ...defaults, ...readOptions<object>('remoteKeySet', options, readers) }
  if (typeof source === 'function') {
    if (settings.store) misuse('remoteKeySet store', 'a URL as the source')
    return networkSet(undefined, async () => ({ text: `${JSON.stringify(await within(settings.timeout, nameOf(), () => source()))}` }), settings)
  }
  const address = addressOf(source) ?? misuse('remoteKeySet source', 'an https URL without credentials, or a function')
  return networkSet(address, resource(address, settings), settings)
}
