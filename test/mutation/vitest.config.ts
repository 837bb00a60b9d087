// The tests that a mutant meets: WAXSEAL_TESTS names them; otherwise those of the rooms and the attacks. Left out is what takes long
// and finds nothing that these do not: types, packaging, pages, the oracle, the random ones.

import { mergeConfig } from 'vitest/config'
import base from '../vitest.config'

declare const process: { env: Record<string, string | undefined> }

const config = mergeConfig(base, {})
const named = process.env['WAXSEAL_TESTS']
if (named) config.test!.include = named.split(',')
config.test!.exclude = [
  'test/runtimes/**', '**/node_modules/**', 'test/types/**', 'test/mutation/**', 'test/fuzz/**', 'test/properties/**',
  'test/{package,readme,oracle,layering,supply-chain}.test.ts', 'test/attacks/{hostile-input,limits}.test.ts', 'test/vectors/wycheproof.test.ts', 'test/keys/generate.test.ts',
]
export default config
