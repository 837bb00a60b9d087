// From an issuer to its metadata and its keys (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3). Nothing is
// fetched before it is asked for. It reads `issuer` and `jwks_uri`; what else the document says is handed on unchecked.

import { parseObject } from '../encoding/json'
import { misuse, refuse } from '../errors'
import { all, callable, readOptions } from '../options'
import { booleanOf } from '../token/claims'
import { addressOf, resource, type Get } from './fetch'
import { networkSet } from './remote'
import { defaults, readers, type RemoteKeySet, type RemoteKeySetOptions, type Settings } from './settings'

/** The options of `discover`: those of `remoteKeySet`, for the document as for the keys, and two more. */
export interface DiscoverOptions extends RemoteKeySetOptions {
  /** Where the document is, an https URL; default the issuer's well-known addresses. */
  metadataUrl?: string
  /** Judges the document's `issuer` in place of exact equality, for providers with many tenants. Only `true` accepts. */
  issuer?: (metadataIssuer: string) => boolean
}

/** An issuer as its metadata tells of it. */
export interface Discovery {
  /** The argument: what to give `verify` as `issuer`, unless the provider has many tenants. */
  readonly issuer: string
  /** Its keys, fetched when one is first asked for. */
  readonly keys: RemoteKeySet
  /**
   * Gives a copy of the document, which is as old as the keys at most. Only `issuer` and `jwks_uri` have been checked.
   *
   * @throws JwtError `ERR_JWKS_FETCH`, `ERR_JWKS_INVALID` if it cannot be had, or no keys come with it
   */
  metadata(): Promise<Readonly<Record<string, unknown>>>
}

interface Settled extends Settings, Pick<DiscoverOptions, 'metadataUrl' | 'issuer'> {}

/**
 * Finds the keys of an issuer by its metadata. Makes no request by itself: `await keys.reload()` to fail early.
 *
 * @param issuer - its identifier, an https URL without query or fragment (http only on this machine)
 * @param options - as for `remoteKeySet`, for the document as for the keys; `metadataUrl`, `issuer`
 * @throws TypeError for another argument or option. What the provider answers is judged when it is fetched: another
 * issuer or no https `jwks_uri` is `ERR_JWKS_INVALID`
 */
export function discover(issuer: string, options?: DiscoverOptions): Discovery {
  const settings: Settled = { ...defaults, ...readOptions<object>('discover', options, all(readers, {
    issuer: callable,
    metadataUrl: (value, what) => addressOf(value) ?? misuse(what, 'an https URL', value),
  })) }
  if (typeof issuer !== 'string' || !addressOf(issuer) || !/^https?:\/\/[^\s\\/?#][^\s\\?#]*$/.test(issuer)) misuse('discover issuer', 'an https URL without query or fragment', issuer)
  const base = issuer.replace(/\/$/, '')
  const places = settings.metadataUrl ? [settings.metadataUrl]
    : [`${base}/.well-known/openid-configuration`, base.replace(/\/\/[^/]+/, '$&/.well-known/oauth-authorization-server')]
  const [first, second] = places.map((place) => resource(place, settings)) as [Get, Get?]

  let document: string | undefined
  let jwks: { readonly uri: string, readonly get: Get } | undefined
  const getKeys: Get = async (postpone) => {
    const { text } = await first(postpone).catch((error: { actual?: unknown }) => {
      if (second && error.actual === 404) return second(postpone)
      throw error
    })
    const uri = jwksUri(text, issuer, settings, /^http:/.test(places[0]!))
    if (uri !== jwks?.uri) jwks = { uri, get: resource(uri, settings) }
    const answer = await jwks.get(postpone)
    document = text
    return answer
  }
  const keys = networkSet(getKeys, settings, places[0]!)
  return {
    issuer,
    keys,
    async metadata() {
      await keys.toPublicJwks() // waits until there are keys that will do, or throws
      if (!document) await keys.reload() // the keys came from the store
      return JSON.parse(document!) as Record<string, unknown>
    },
  }
}

/** Where the keys are, of a document that is the issuer's own (RFC 8414 3.3: else anyone could speak for anyone). */
function jwksUri(text: string | undefined, issuer: string, { issuer: accepts }: Settled, allowsLocal: boolean): string {
  const { issuer: actual, jwks_uri: uri } = parseObject(text) ?? refuse('ERR_JWKS_INVALID', issuer, 'a metadata document')
  let isIts = false
  let cause: unknown
  try {
    isIts = typeof actual === 'string' && (accepts ? booleanOf(accepts(actual)) : actual === issuer)
  } catch (thrown) {
    cause = thrown
  }
  if (!isIts) refuse('ERR_JWKS_INVALID', `${issuer} metadata issuer`, accepts ? 'one that the issuer function accepts' : issuer, actual, { cause })
  return typeof uri === 'string' && /^https?:\/\/[\w[]/i.test(uri) && (allowsLocal || /^https:/i.test(uri)) && addressOf(uri) || refuse('ERR_JWKS_INVALID', `${issuer} metadata jwks_uri`, 'an https URL', uri)
}
