// What every target loads: the built package and the whole suite.

import * as jwks from '../dist/jwks.js'
import * as jws from '../dist/jws.js'
import * as keyring from '../dist/keyring.js'
import * as profiles from '../dist/profiles.js'
import * as waxseal from '../dist/index.js'
import suites from '../suite/index.mjs'
import { run } from './harness.mjs'

/** `lib` replaces the ES modules by what `require` gave; `site` is where the pages of site.mjs are, `requests` runs functions in requests of their own, `more` are suites that not every target can run. */
export const main = (report, { lib = { ...waxseal, ...jws, ...jwks, ...keyring, ...profiles }, more = [], ...surroundings } = {}) => run(lib, [...suites, ...more], report, surroundings)
