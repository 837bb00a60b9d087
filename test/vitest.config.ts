// Two projects: everything, through the asynchronous doors; and once more, with waxseal/node in their place (support/sync.ts),
// what goes through a door and does not try both by itself, as attacks/ and vectors/ do. support/door.ts tells what may differ.

import { fileURLToPath } from 'node:url'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

function project(door: 'asynchronous' | 'synchronous', alias: Record<string, string>, include: string[], exclude: string[]): TestProjectInlineConfiguration {
  return {
    root,
    resolve: {
      alias: [
        ...Object.entries(alias).map(([name, file]) => ({ find: new RegExp(`^${name}$`), replacement: `${root}${file}` })),
        { find: /^waxseal\/(\w+)$/, replacement: `${root}src/$1.ts` },
      ],
    },
    test: { name: door, include, exclude: ['test/runtimes/**', '**/node_modules/**', ...exclude], provide: { door }, testTimeout: 30_000 },
  }
}

export default defineConfig({
  root,
  test: {
    projects: [
      project('asynchronous', { waxseal: 'src/index.ts' }, ['test/**/*.test.ts'], []),
      project('synchronous', { 'waxseal': 'test/support/sync.ts', 'waxseal/jws': 'test/support/sync.ts' },
        ['test/{keys,properties,token}/**/*.test.ts', 'test/{jws,options,oracle}.test.ts'],
        // They call none of its functions.
        ['test/token/{decode,duration}.test.ts']),
    ],
  },
})
