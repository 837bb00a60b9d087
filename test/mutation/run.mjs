// Mutation testing: `npm run mutation [-- src/encoding/json.ts ...]`. Faults are put into the rooms one by one, and the tests run
// that come by; a mutant that no test notices is printed, and stands in SURVIVORS.md if none can. About an hour on two cores.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { install, root } from '../install.mjs'

const here = join(root, 'test/mutation')
const wanted = process.argv.slice(2)
install()
install('test/mutation')

const folder = mkdtempSync(join(tmpdir(), 'waxseal-mutation-'))
const report = join(folder, 'mutation.json')
const settings = join(folder, 'stryker.config.json')
writeFileSync(settings, JSON.stringify({
  mutate: wanted.length ? wanted : ['src/{encoding,keys,token}/**/*.ts', '!src/**/inference.ts'],
  testRunner: 'vitest', vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  plugins: [join(here, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js'), join(here, 'messages.mjs')], ignorers: ['messages'],
  coverageAnalysis: 'perTest', concurrency: 2, timeoutMS: 20_000, timeoutFactor: 3,
  ignorePatterns: ['bench', 'dist', 'test/runtimes/node_modules', 'test/mutation/node_modules', 'test/fuzz', 'test/timing'],
  tempDirName: join(folder, 'sandbox'), reporters: ['json', 'progress-append-only'], jsonReporter: { fileName: report }, checkers: [], disableTypeChecks: false,
}))

try {
  const { status } = spawnSync(process.execPath, [join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', settings], { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`stryker ended with ${status}`)
  print(JSON.parse(readFileSync(report, 'utf8')))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function print({ files }) {
  const killed = ({ status }) => status === 'Killed' || status === 'Timeout'
  const missed = ({ status }) => status === 'Survived' || status === 'NoCoverage'
  const rows = []
  for (const [name, { source, mutants }] of Object.entries(files).sort()) {
    const lines = source.split('\n')
    for (const { location: { start, end }, replacement, mutatorName, status } of mutants.filter(missed)) {
      const was = start.line === end.line ? lines[start.line - 1].slice(start.column - 1, end.column - 1) : `${lines[start.line - 1].slice(start.column - 1)} ...`
      console.log(`${status} ${relative('', name)}:${start.line}:${start.column} ${mutatorName}: ${was.slice(0, 100)} -> ${(replacement ?? '').replace(/\s+/g, ' ').slice(0, 100)}`)
    }
    const [hit, not] = [mutants.filter(killed).length, mutants.filter(missed).length]
    rows.push([name, hit, not, mutants.length - hit - not])
  }
  console.log('\n| file | killed | not | share | ignored or no code |\n|---|---|---|---|---|')
  const line = ([name, hit, not, rest]) => console.log(`| ${name} | ${hit} | ${not} | ${hit + not ? (hit / (hit + not) * 100).toFixed(1) : '-'} % | ${rest} |`)
  rows.forEach(line)
  line(['all', ...[1, 2, 3].map((i) => rows.reduce((sum, row) => sum + row[i], 0))])
}
