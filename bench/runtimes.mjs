// Which runtime this is, and how a script here is run again in another one: as it is found in ../test/runtimes or on the PATH.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Name and version. */
export const here = globalThis.Deno ? ['deno', Deno.version.deno] : process.versions.bun ? ['bun', process.versions.bun] : ['node', process.versions.node]

export function elsewhere(runtime, script) {
  const found = fileURLToPath(new URL(`../test/runtimes/node_modules/.bin/${runtime}`, import.meta.url))
  const args = process.argv.slice(2).filter((arg, i, all) => arg !== '--runtime' && all[i - 1] !== '--runtime')
  const run = [...runtime === 'deno' ? ['run', '-A'] : [], fileURLToPath(script), ...args]
  const { status, error } = spawnSync(existsSync(found) ? found : runtime, run, { stdio: 'inherit' })
  if (error) console.error(error.message)
  process.exitCode = status ?? 1
}
