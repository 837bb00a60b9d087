// The runtimes without a page. Each gives its rows: what it is, and a function that runs the suite.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { find, runSuite } from './processes.mjs'
import { home, modules } from './stage.mjs'

const bin = (name) => join(home, 'node_modules', name)
const cli = (folder) => join(folder, 'harness/cli.mjs')

/** ES modules, then CommonJS. */
const both = (label, run) => [{ label, run: () => run([]) }, { label: `${label} require`, run: () => run(['cjs']) }]

const node = (label, path) => (folder) => {
  const program = find(label, path)
  return both(label, (args) => runSuite(program, [cli(folder), ...args]))
}

function deno(folder) {
  const program = find('deno', bin('.bin/deno'))
  const rights = ['--no-prompt', '--no-remote', '--no-npm', '--no-config', '--no-lock', `--allow-read=${folder}`, '--allow-net=127.0.0.1']
  const env = { DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' }
  return both('deno', (args) => runSuite(program, ['run', ...rights, cli(folder), ...args], { env }))
}

function bun(folder) {
  const program = find('bun', bin('.bin/bun'))
  return both('bun', (args) => runSuite(program, ['--no-install', cli(folder), ...args]))
}

/** Two compatibility dates: since the end of 2024 a promise may be settled by another request, before that it may not. */
function workerd(folder) {
  const program = find('workerd', bin('.bin/workerd'))
  const names = modules(folder)
  const main = names.indexOf('harness/workerd.mjs')
  names.unshift(...names.splice(main, 1)) // the first module is the worker
  const list = names.map((name) => `(name = "${name}", esModule = embed "${name}")`)
  return [['workerd', '2026-01-01'], ['workerd 2024', '2024-01-01']].map(([label, date]) => {
    const file = join(folder, `${label.replace(' ', '-')}.capnp`)
    writeFileSync(file, `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (compatibilityDate = "${date}", modules = [${list.join(', ')}], bindings = [(name = "SELF", service = "main")], globalOutbound = "main"))]);
`)
    const run = async () => {
      const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).replace(/^\D*/, '').trim()
      return { ...await runSuite(program, ['test', file]), version }
    }
    return { label, run }
  })
}

/** The VM takes classic scripts only, so that this one target sees the package bundled. */
const edge = (label, path) => (folder) => {
  const program = find(label, path)
  const [vm, esbuild] = [find('@edge-runtime/vm', bin('@edge-runtime/vm')), find('esbuild', bin('.bin/esbuild'))]
  const run = async () => {
    const script = join(folder, `${label}.js`)
    execFileSync(esbuild, [join(folder, 'harness/main.mjs'), '--bundle', '--format=iife', '--global-name=suite', '--target=esnext', '--platform=neutral', '--log-level=error', `--outfile=${script}`])
    return runSuite(program, [join(folder, 'harness/edge.mjs'), vm, script])
  }
  return [{ label, run }]
}

const newest = bin('node26/bin/node')

export const local = {
  node: node('node', process.execPath),
  node22: node('node22', bin('node22/bin/node')),
  node24: node('node24', bin('node24/bin/node')),
  node26: node('node26', newest),
  deno,
  bun,
  workerd,
  edge: edge('edge', process.execPath),
  edge26: edge('edge26', newest),
}
