// Builds dist, for the demo and the size figures, if it is missing or older than what it is made of.

import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install, root } from './install.mjs'

/** What the built files depend on. */
export const inputs = ['src', 'package.json', 'tsconfig.json', 'tsup.config.ts']

/** Times of all files and folders below a path, itself included; none if it is not there. */
function times(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return []
  return stat.isDirectory() ? [stat.mtimeMs, ...readdirSync(path).flatMap((name) => times(join(path, name)))] : [stat.mtimeMs]
}

function isFresh() {
  const built = ['index', 'jws', 'node', 'jwks', 'keyring', 'profiles'].flatMap((door) => ['js', 'cjs', 'd.ts', 'd.cts'].map((end) => times(join(root, `dist/${door}.${end}`))[0] ?? 0))
  return Math.min(...built) > Math.max(...inputs.flatMap((name) => times(join(root, name))))
}

/** Runs tsup in a folder that holds the inputs. */
export function tsup(folder) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules/tsup/dist/cli-default.js'), '--silent'], { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build failed\n${stdout}${stderr}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    install()
    if (!isFresh()) tsup(root)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
