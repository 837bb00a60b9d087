// An application compiles against the declaration files as they are shipped.

import { expect, test } from 'vitest'
import { root } from '../install.mjs'
import { compile, settings } from './consumer.mjs'

const tsc = `${root}node_modules/typescript/bin/tsc`

test.each(Object.entries(settings))('an application compiles with %s', (_, options) => {
  expect(compile(tsc, options)).toBe('')
}, 120_000)

test('an error in an application is an error here too (the twin of the tests above)', () => {
  expect(compile(tsc, { files: ['esm.mts'], module: 'nodenext', lib: ['es5'] })).toContain('error TS')
}, 120_000)
