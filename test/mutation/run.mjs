// Mutation testing: `npm run mutation [-- [--own] src/encoding/json.ts ...]`. Faults are put into the rooms one by one. First the tests of the
// mutant's own room run; a mutant that they miss then meets all the others. What no test notices is printed, and stands in
// SURVIVORS.md if none can.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { install, root } from '../install.mjs'

const here = join(root, 'test/mutation')
const rooms = ['encoding', 'keys', 'token']
/** `--own`: the tests of the room alone, which is a stricter measure, and a faster one. */
const isOwn = process.argv.includes('--own')
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const files = wanted.length ? wanted : rooms.flatMap((room) => readdirSync(join(root, 'src', room)).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && name !== 'inference.ts').sort().map((name) => `src/${room}/${name}`))

/** Runs Stryker on files or places in them, with some of the tests or all; gives its report. */
function stryker(mutate, tests) {
  const folder = mkdtempSync(join(tmpdir(), 'waxseal-mutation-'))
  const report = join(folder, 'mutation.json')
  const settings = join(folder, 'stryker.config.json')
  writeFileSync(settings, JSON.stringify({
    mutate, testRunner: 'vitest', vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    plugins: [join(here, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js'), join(here, 'messages.mjs')], ignorers: ['messages'],
    coverageAnalysis: 'perTest', concurrency: 2, timeoutMS: 30_000, timeoutFactor: 4, dryRunTimeoutMinutes: 15,
    ignorePatterns: ['bench', 'dist', 'test/runtimes/node_modules', 'test/mutation/node_modules', 'test/fuzz', 'test/timing'],
    tempDirName: join(folder, 'sandbox'), reporters: ['json', 'progress-append-only'], jsonReporter: { fileName: report }, disableTypeChecks: false,
  }))
  try {
    const { status } = spawnSync(process.execPath, [join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', settings], { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, WAXSEAL_TESTS: tests } })
    if (status !== 0) throw new Error(`stryker ended with ${status}`)
    return JSON.parse(readFileSync(report, 'utf8')).files
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const isKilled = ({ status }) => status === 'Killed' || status === 'Timeout'
const isMissed = ({ status }) => status === 'Survived' || status === 'NoCoverage'
const placeOf = (name, { location: { start, end } }) => `${name}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`
const identity = (name, mutant) => `${placeOf(name, mutant)} ${mutant.mutatorName} ${mutant.replacement}`

const rows = []
for (const file of files) {
  const [, room] = file.split('/')
  const first = stryker([file], `test/${room}/*.test.ts`)
  const missed = Object.entries(first).flatMap(([name, { mutants }]) => mutants.filter(isMissed).map((mutant) => placeOf(name, mutant)))
  const second = missed.length && !isOwn ? stryker([...new Set(missed)], '') : {}
  const killedLater = new Set(Object.entries(second).flatMap(([name, { mutants }]) => mutants.filter(isKilled).map((mutant) => identity(name, mutant))))

  for (const [name, { source, mutants }] of Object.entries(first)) {
    const lines = source.split('\n')
    const left = mutants.filter((mutant) => isMissed(mutant) && !killedLater.has(identity(name, mutant)))
    for (const { location: { start, end }, replacement, mutatorName, status } of left) {
      const was = start.line === end.line ? lines[start.line - 1].slice(start.column - 1, end.column - 1) : `${lines[start.line - 1].slice(start.column - 1)} ...`
      console.log(`${status} ${name}:${start.line}:${start.column} ${mutatorName}: ${was.slice(0, 110)} -> ${(replacement ?? '').replace(/\s+/g, ' ').slice(0, 110)}`)
    }
    const counted = mutants.filter((mutant) => isKilled(mutant) || isMissed(mutant)).length
    rows.push([name, counted - left.length, left.length, mutants.length - counted])
    console.log(line(rows.at(-1)))
  }
}

function line([name, killed, missed, rest]) {
  return `| ${name} | ${killed} | ${missed} | ${killed + missed ? (killed / (killed + missed) * 100).toFixed(1) : '-'} % | ${rest} |`
}

console.log('\n| file | killed | not | share | not counted: words of messages, or no code |\n|---|---|---|---|---|')
rows.forEach((row) => console.log(line(row)))
console.log(line(['all', ...[1, 2, 3].map((i) => rows.reduce((sum, row) => sum + row[i], 0))]))
