// `npm run timing [-- --scale 1] [--only node,bun,deno]`: a dudect-style measurement of everything that compares secrets, on Node,
// Bun and Deno. Not part of `npm test`: a machine with other work moves every figure. The method stands in RESULTS.md.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from '../install.mjs'

const { values } = parseArgs({ options: { scale: { type: 'string', default: '1' }, only: { type: 'string', default: 'node,bun,deno' }, dist: { type: 'string', default: join(root, 'dist') }, bin: { type: 'string', default: join(root, 'test/runtimes/node_modules/.bin') } } })
if (values.dist === join(root, 'dist') && spawnSync(process.execPath, [join(root, 'test/build.mjs')], { stdio: 'inherit' }).status !== 0) process.exit(1)

const bin = (name) => join(values.bin, name)
const runtimes = { node: [process.execPath, []], bun: [bin('bun'), ['run']], deno: [bin('deno'), ['run', '-A', '--no-config', '--node-modules-dir=none']] }
const script = fileURLToPath(new URL('measure.mjs', import.meta.url))

/** Noise moves t about; what leaks, leaks in every round and in one direction. */
const suspicious = 4.5
const isCaught = (ts) => ts.every((t) => t > suspicious) || ts.every((t) => t < -suspicious)

const verdicts = {
  null: (caught) => caught ? 'NOISE: discard this run' : 'quiet, as it must be',
  leak: (caught) => caught ? 'caught, as it must be' : 'NOT CAUGHT: this run shows nothing',
  test: (caught) => caught ? 'LEAKS' : 'no leak seen',
}

console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown machine'} (${cpus().length} cores)`)
let bad = 0
for (const name of values.only.split(',')) {
  const [command, flags] = runtimes[name]
  if (!existsSync(command)) {
    console.log(`\n${name}: not installed (npm run test:runtimes installs it), nothing measured`)
    continue
  }
  const version = spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0].replace(/^[a-z]+ |\(.*/g, '').trim()
  console.log(`\n### ${name} ${version}\n\n| what | samples per class | ns | difference ns | t, three rounds | |\n|---|---|---|---|---|---|`)
  const { status, stdout, stderr } = spawnSync(command, [...flags, script, pathToFileURL(join(values.dist, '/')).href, values.scale], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  for (const line of stdout.trim().split('\n').filter(Boolean)) {
    const { name: what, kind, samples, ts, nanoseconds, difference } = JSON.parse(line)
    const caught = isCaught(ts)
    if (caught === (kind !== 'leak')) bad++
    console.log(`| ${what} | ${samples} | ${nanoseconds.toFixed(0)} | ${difference.toFixed(1)} | ${ts.map((t) => t.toFixed(1)).join(', ')} | ${verdicts[kind](caught)} |`)
  }
  if (status !== 0) {
    bad++
    console.log(`\n${name} failed:\n${stderr}`)
  }
}
process.exitCode = bad ? 1 : 0
