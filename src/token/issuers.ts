// One verifier over several issuers. The payload's iss is read before the signature to choose among those configured, and
// for nothing else: what was chosen then verifies the token with its own keys and checks, its issuer included.

import { copyPlain, type JsonObject } from '../encoding/json'
import { misuse, reading, refuse, type Refused } from '../errors'
import type { JwtPayload } from '../jwt'
import { isKeySet, type KeySet } from '../keys/resolve'
import { webCrypto } from '../keys/subtle'
import { readOptions, textOrTexts } from '../options'
import type { Recipe } from '../recipe'
import { cacheOption, createCache, type CacheLimits } from './cache'
import { readClock } from './claims'
import { parseSegment, segmentText } from './compact'
import type { CacheOptions, Verifier, VerifierOptions, VerifyResult } from './inference'
import { jwtChecks, read, readCallChecks, readChecks, verifierOf, verifierRecipe, type JwtChecks } from './verify'

/** An issuer, its keys, and the options of `createVerifier` that hold for its tokens. */
export interface IssuerEntry extends Omit<VerifierOptions, 'issuer' | 'cache'> {
  /** What `iss` must be; an issuer with several names may have them all. */
  issuer: string | readonly string[]
  /** From `keySet`, `remoteKeySet` or `discover`. */
  keys: KeySet
  /** No option: of what `discover` gives, name `issuer` and `keys` alone. */
  metadata?: Refused<'of what discover gives, name issuer and keys alone: { issuer, keys, algorithms }'>
}

interface Entry {
  readonly names: readonly string[]
  readonly checks: JwtChecks
  verify(token: unknown, given: unknown): Recipe<VerifyResult>
}

/**
 * Makes one verifier of several issuers, each with its own keys and options.
 *
 * The header is checked first: a token that no entry would take by its header is refused as the first entry refuses it.
 * Then `iss` of the unverified payload chooses the entry, and that entry verifies.
 *
 * @param entries - at least one; an issuer that is named twice is a TypeError
 * @param options - `cache` as in createVerifier, one for each entry
 * @throws JwtError as `verify`; `ERR_JWT_CLAIM` with `claim: 'iss'`, and without a payload, if no entry has the issuer
 * @throws TypeError for an unknown or wrong option, at once
 */
export function issuers(entries: readonly IssuerEntry[], options?: { cache?: true | CacheOptions }): Verifier<JwtPayload & { iss: string }> {
  const { cache } = readOptions<{ cache?: CacheLimits }>('issuers', options, { cache: cacheOption })
  const list = reading('issuers', () => Array.isArray(entries) && entries.length ? entries.map((entry) => copyPlain(entry, 'issuers entry', 'a plain object')) : misuse('issuers', 'a non-empty array of { issuer, keys, algorithms, ... }', entries)).map((entry) => readEntry(entry, cache))
  const byName = new Map<unknown, Entry>()
  for (const entry of list) for (const name of entry.names) {
    if (byName.has(name)) misuse('issuers', `each issuer once, not twice ${name}`)
    byName.set(name, entry)
  }
  const all = list.map(({ checks }) => checks)
  // Which entry took a token before: the choice is remembered, the entry's own cache remembers the token.
  const chosen = cache && createCache<Entry>(cache)

  function* recipe(token: unknown, given: unknown): Recipe<VerifyResult> {
    const more = readCallChecks(given, ...all) // a slip is one whatever the token is, and whichever entry it would choose
    const now = readClock(undefined)
    const known = chosen?.get(token, now)
    const entry = known ?? choose(token, list, byName)
    const result = yield* entry.verify(token, more)
    if (!known) chosen?.keep(token as string, entry, now, Infinity)
    return result
  }

  return verifierOf(recipe, webCrypto) as never
}

function readEntry({ keys, ...options }: JsonObject, cache: CacheLimits | undefined): Entry {
  if (!isKeySet(keys)) misuse('issuers keys', 'a KeySet (see keySet, remoteKeySet, discover)', keys)
  const issuer = textOrTexts(options['issuer'], 'issuers issuer') as string | readonly string[]
  if (Object.hasOwn(options, 'cache')) misuse('issuers entry', 'cache beside the entries, not in one')
  return {
    names: [issuer].flat(),
    checks: readChecks<JwtChecks>('issuers', keys, options, jwtChecks, webCrypto),
    verify: verifierRecipe('issuers', keys, cache ? { ...options, cache } : options, webCrypto),
  }
}

/** The entry of the token's issuer; the header has passed the checks of one entry at least. */
function choose(token: unknown, list: readonly Entry[], byName: ReadonlyMap<unknown, Entry>): Entry {
  let text: string | undefined
  let refusal: unknown
  const isFit = list.some(({ checks }) => {
    try {
      text = read(token, checks, 'JWT', segmentText).payload
      return true
    } catch (error) {
      refusal ??= error
      return false
    }
  })
  if (!isFit) throw refusal
  const { iss } = parseSegment(text, 'payload')
  return byName.get(iss) ?? refuse('ERR_JWT_CLAIM', 'iss', [...byName.keys()], iss, { claim: 'iss' })
}
