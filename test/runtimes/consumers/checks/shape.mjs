// The tarball itself: the package linters, and what is reachable from each entry.

import { transform } from 'esbuild'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { node, project, tarball, tool } from '../project.mjs'

const installed = async () => join(await project('module'), 'node_modules/waxseal')
const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

async function publint() {
  const said = await node([tool('publint/src/cli.js'), 'run', await tarball(), '--strict'])
  if (!said.includes('All good!')) throw new Error(said)
}

/** In every resolution mode, node10 included: package.json has `typesVersions` for it. */
async function areTheTypesWrong() {
  const said = await node([tool('@arethetypeswrong/cli/dist/index.js'), await tarball(), '--no-emoji', '--no-color'])
  if (!said.includes('No problems found')) throw new Error(said)
}

/** All modules that an entry loads, itself included. */
function reachable(file, found = new Map()) {
  if (found.has(file)) return found
  const text = readFileSync(file, 'utf8')
  found.set(file, text)
  for (const [, name] of text.matchAll(/(?:from|import|import\()\s*["']([^"']+)["']/g)) {
    if (!name.startsWith('.')) throw new Error(`${file} imports ${name}`)
    reachable(join(dirname(file), name), found)
  }
  return found
}

/** Names that edge runtimes lack, and the mere mention of which some of their scanners refuse. Comments do not count. */
const nodeNames = /\bnode:|\bprocess\b|\bBuffer\b|\brequire\s*\(|\b__dirname\b|\b__filename\b|\bsetImmediate\b|\bglobal\b(?!This)/

async function free() {
  const folder = await installed()
  const doors = Object.entries(manifest(folder).exports).filter(([door, { import: entry }]) => entry && door !== './node')
  for (const [door, { import: { default: entry } }] of doors) {
    for (const [file, text] of reachable(join(folder, entry))) {
      const { code } = await transform(text, { minifyWhitespace: true, legalComments: 'none' })
      const [found] = nodeNames.exec(code) ?? []
      if (found) throw new Error(`"${found}" is reachable from ${door}: ${code.slice(Math.max(0, code.indexOf(found) - 80), code.indexOf(found) + 80)} (${file})`)
    }
  }
  return doors.map(([door]) => door).join(' ')
}

/** What a file points to is there, and no map shows where it was made. */
async function complete() {
  const folder = await installed()
  const { dependencies, peerDependencies, optionalDependencies, scripts = {} } = manifest(folder)
  if (dependencies || peerDependencies || optionalDependencies) throw new Error('it has dependencies')
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) if (name in scripts) throw new Error(`it has an ${name} script`)
  const dist = readdirSync(join(folder, 'dist'))
  for (const name of dist) {
    const text = readFileSync(join(folder, 'dist', name), 'utf8')
    const [, map] = /^\/\/# sourceMappingURL=(\S+)$/m.exec(text) ?? []
    if (map && !existsSync(join(folder, 'dist', map))) throw new Error(`${name} points to ${map}, which is not packed`)
    if (!name.endsWith('.map')) continue
    const { sources, sourcesContent = [] } = JSON.parse(text)
    const lacking = sources.filter((source, index) => !sourcesContent[index] && !existsSync(join(folder, 'dist', source)))
    if (lacking.length) throw new Error(`${name} points to ${lacking}, which are not packed`)
    const absolute = sources.filter((source) => /^(\/|[A-Za-z]:|file:)/.test(source))
    if (absolute.length) throw new Error(`${name} has absolute paths: ${absolute}`)
  }
  return `${dist.length} files in dist`
}

export const shape = {
  'publint --strict': publint,
  'are-the-types-wrong, every resolution': areTheTypesWrong,
  'nothing of Node is reachable from an ES module entry': free,
  'no dependencies, no install scripts, whole source maps': complete,
}
