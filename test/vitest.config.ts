// Two projects: everything, through the asynchronous doors; and once more, with waxseal/node in their place (support/sync.ts),
// what goes through a door. test/support/door.ts tells what may differ between the two.

import { readdirSync, readFileSync } from 'node:fs'
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

/** Files that go through both doors in one run (support/doors.ts) need no second. */
const both = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
  .filter((name) => /^(?!.*node_modules).*\.test\.ts$/.test(name) && /support\/doors'/.test(readFileSync(`${root}test/${name}`, 'utf8'))).map((name) => `test/${name}`)

export default defineConfig({
  root,
  test: {
    projects: [
      project('asynchronous', { waxseal: 'src/index.ts' }, ['test/**/*.test.ts'], []),
      project('synchronous', { 'waxseal': 'test/support/sync.ts', 'waxseal/jws': 'test/support/sync.ts' },
        ['test/{attacks,keys,properties,token,vectors}/**/*.test.ts', 'test/{jws,options,oracle}.test.ts'],
        ['test/token/{decode,duration}.test.ts', ...both]), // the first two call none of its functions
    ],
  },
})
