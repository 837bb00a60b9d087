// Installs the development dependencies if they are missing or of another version than the lock file says.
// `node test/install.mjs` for the top level, `node test/install.mjs bench` for a folder with its own package.json.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'))

/** Whether every direct dependency is there in the version of the lock file. */
function isInstalled(folder) {
  const { packages } = readJson(folder, 'package-lock.json')
  const { dependencies, devDependencies } = readJson(folder, 'package.json')
  return Object.keys({ ...dependencies, ...devDependencies }).every((name) => {
    try {
      return readJson(folder, 'node_modules', name, 'package.json').version === packages[`node_modules/${name}`].version
    } catch {
      return false
    }
  })
}

export function install(subfolder = '.') {
  const folder = join(root, subfolder)
  if (isInstalled(folder)) return
  console.error(`Installing development dependencies${subfolder === '.' ? '' : ` of ${subfolder}`} (npm ci) ...`)
  // A lock file made where the optional packages of other platforms could not be had is refused by `npm ci`; `npm install`
  // keeps to the versions in it all the same, and --no-save leaves it as it is.
  for (const [command, ...flags] of [['ci'], ['install', '--no-save']]) {
    const { status, stdout, stderr } = spawnSync('npm', [command, ...flags, '--include=dev', '--no-audit', '--no-fund'], {
      cwd: folder, encoding: 'utf8', shell: process.platform === 'win32', // npm is a .cmd file there
    })
    if (status === 0) return
    console.error(`npm ${command} failed\n${stdout ?? ''}${stderr ?? ''}`)
  }
  throw new Error('the dependencies could not be installed')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install(process.argv[2])
