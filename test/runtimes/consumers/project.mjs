// Throw-away projects under the system's temp folder: the tarball is packed once and installed in each, offline, the
// way a user installs it. What an application needs beside it (Jest, Vite, ...) comes from test/runtimes.

import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install } from '../../install.mjs'
import { packed } from '../../pack.mjs'

const apps = fileURLToPath(new URL('apps/', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'waxseal-consumers-'))
const tools = fileURLToPath(new URL('../node_modules/', import.meta.url))

export const tool = (...path) => join(tools, ...path)
export const discard = () => rmSync(home, { recursive: true, force: true })

/** Gives all that was printed; a failing exit is an error that shows it. */
export function run(command, args, { cwd = home, env, seconds = 120, ...rest } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env }, timeout: seconds * 1000, ...rest })
    const out = []
    child.stdout.on('data', (data) => out.push(data))
    child.stderr.on('data', (data) => out.push(data))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const text = Buffer.concat(out).toString()
      if (code === 0) resolve(text)
      else reject(new Error(`${[command, ...args].join(' ')}\nended with ${signal ?? code}\n${text}`))
    })
  })
}

export const node = (args, options) => run(process.execPath, args, options)
const npm = (args, cwd) => run('npm', args, { cwd, shell: process.platform === 'win32' }) // npm is a .cmd file there

/** What `npm pack` makes of the package as it is now; see test/pack.mjs, which builds it where nobody else does. */
async function pack() {
  install()
  const [{ filename }] = JSON.parse(await npm(['pack', join(packed(), 'node_modules/waxseal'), '--json', '--ignore-scripts', '--loglevel=error'], home))
  return join(home, filename)
}

let packing
export const tarball = () => packing ??= pack()

let projects = 0

/**
 * Makes a project with the tarball installed and gives its folder.
 *
 * @param type - of its package.json: `'module'` or `'commonjs'`
 * @param files - names of files in apps/ to copy, or `{ name: text }`
 */
export async function project(type, ...files) {
  const folder = join(home, String(++projects))
  const tgz = await tarball()
  cpSync(apps, folder, { recursive: true, filter: (path) => path === apps || files.some((file) => path === join(apps, String(file))) })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'application', private: true, type }))
  for (const [name, text] of files.flatMap((file) => Object.entries(typeof file === 'string' ? {} : file))) writeFileSync(join(folder, name), text)
  await npm(['install', tgz, '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], folder)
  const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
  if (String(installed) !== 'waxseal') throw new Error(`installed ${installed}, expected waxseal alone`)
  return folder
}
