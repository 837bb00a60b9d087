// What an application exports has a name in its own declaration files, with nothing but waxseal's doors in them.

import { expect, test } from 'vitest'
import { root } from '../install.mjs'
import { declare, exporting } from './consumer.mjs'

const tsc = `${root}node_modules/typescript/bin/tsc`

test.each(Object.entries(exporting))('an application that exports what it has of waxseal gets its declaration files: %s', (_, options) => {
  expect(declare(tsc, options)).toBe('')
}, 120_000)

test('what cannot be read is not passed over (the twin of the tests above)', () => {
  expect(declare(tsc, { files: ['index.mts'], module: 'nodenext', lib: ['es5'] })).toContain('error TS')
}, 120_000)
