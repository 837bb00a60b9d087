// Two projects: everything, through the asynchronous doors; and once more, with waxseal/node in their place (support/sync.ts),
// what goes through a door and does not try both by itself. support/door.ts tells what may differ.

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
const both = ['attacks', 'keys', 'properties', 'token', 'vectors'].flatMap((folder) => readdirSync(`${root}test/${folder}`).map((name) => `test/${folder}/${name}`))
  .filter((name) => name.endsWith('.test.ts') && /support\/doors'/.test(readFileSync(root + name, 'utf8')))

export default defineConfig({
  root,
  test: {
    projects: [
      project('asynchronous', { waxseal: 'src/index.ts' }, ['test/**/*.test.ts'], []),
      project('synchronous', { 'waxseal': 'test/support/sync.ts', 'waxseal/jws': 'test/support/sync.ts' },
        ['test/{attacks,keys,properties,token,vectors}/**/*.test.ts', 'test/{jws,options,oracle}.test.ts'],
        ['test/token/{decode,duration}.test.ts', 'test/keys/public.test.ts', ...both]), // the first three call none of its functions
    ],
  },
})
