// All targets by name, each with its share of the time: the cheap ones show more in a second.

import * as calls from './calls.mjs'
import * as encoding from './encoding.mjs'
import * as keys from './keys.mjs'
import * as tokens from './tokens.mjs'

const all = [encoding.base64url, encoding.json, encoding.ecdsaFromDer, encoding.duration, tokens.decode, tokens.verify, tokens.verifySync, tokens.cache, tokens.jws, tokens.together, tokens.jose, keys.jwk, keys.pem, keys.secret, keys.keySet, keys.signature, keys.dpop, calls.calls, calls.callsSync, calls.callsDoors, calls.sign]

export const targets = Object.fromEntries(all.map((target) => [target.name, target]))
