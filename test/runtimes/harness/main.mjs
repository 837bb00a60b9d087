// What every target loads: the built package and the whole suite.

import * as jws from '../dist/jws.js'
import * as waxseal from '../dist/index.js'
import suites from '../suite/index.mjs'
import { run } from './harness.mjs'

/** `other` replaces the ES modules by what `require` gave. */
export const main = (report, other = { ...waxseal, ...jws }) => run(other, suites, report)
