// The package as a user gets it: built from the sources as they are now, packed, and unpacked into the node_modules of
// an otherwise empty folder. Kept under a name that is made of its content, so that it is made once per change.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inputs, tsup } from './build.mjs'
import { root } from './install.mjs'

const cache = join(root, 'node_modules/.cache')
const prefix = 'waxseal-packed-'

function files(path) {
  return statSync(path).isDirectory() ? readdirSync(path).sort().flatMap((name) => files(join(path, name))) : [path]
}

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' && command === 'npm' })
  if (status !== 0) throw new Error(`${command} ${args[0]} failed\n${stdout}${stderr}`)
  return stdout
}

/**
 * Gives the folder; in it, `node_modules/waxseal` is the package and `pack.json` what `npm pack --json` says of it.
 */
export function packed() {
  const names = [...inputs, ...['README.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE'].filter((name) => existsSync(join(root, name)))]
  const hash = createHash('sha256')
  for (const path of names.flatMap((name) => files(join(root, name)))) hash.update(`${path}\0`).update(readFileSync(path)).update('\0')
  const place = join(cache, prefix + hash.digest('hex').slice(0, 16))
  if (existsSync(place)) return place

  // Outside of node_modules, since what lies in there counts as somebody else's code for the declaration files.
  const stage = mkdtempSync(join(tmpdir(), 'waxseal-'))
  const made = join(cache, `waxseal-${process.pid}`)
  try {
    for (const name of names) cpSync(join(root, name), join(stage, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'), 'junction')
    tsup(stage)
    const [report] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts'], stage))
    run('tar', ['-xzf', report.filename], stage) // makes ./package
    mkdirSync(made, { recursive: true })
    cpSync(join(stage, 'package'), join(made, 'node_modules/waxseal'), { recursive: true })
    writeFileSync(join(made, 'pack.json'), JSON.stringify(report, null, 2))
    writeFileSync(join(made, 'package.json'), '{ "private": true }\n')
    discardOld()
    if (!existsSync(place)) renameSync(made, place)
  } catch (error) {
    if (!existsSync(place)) throw error // else another process was faster
  } finally {
    for (const folder of [stage, made]) rmSync(folder, { recursive: true, force: true })
  }
  return place
}

/** An hour is longer than any run that may still use one. */
function discardOld() {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name)
    if (name.startsWith(prefix) && Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { recursive: true, force: true })
  }
}
