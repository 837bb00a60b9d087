// Runs the suite on the real things:   node test/runtimes/run.mjs [names]      Without names: all that can be found.
// What is not installed counts as a failure where CI is set, and is named as missing elsewhere.

import { availableParallelism } from 'node:os'
import { install } from '../install.mjs'

// Loaded after their dependencies are there.
install()
install('test/runtimes')
const { default: fixtures } = await import('./fixtures/fixtures.mjs')
const { stage } = await import('./targets/stage.mjs')
const { local } = await import('./targets/local.mjs')
const { browsers } = await import('./targets/browsers.mjs')
const { Missing } = await import('./targets/processes.mjs')

const targets = { ...local, ...browsers }
const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(targets, name))
if (unknown.length) {
  console.error(`No target ${unknown}. There are: ${Object.keys(targets).join(' ')}`)
  console.log('0 passed, 1 failed')
  process.exit(1)
}

const rows = []

async function runRow({ label, run }) {
  const row = { label, version: '', passed: 0, failures: [], algorithms: undefined }
  const begun = Date.now()
  try {
    Object.assign(row, await run())
  } catch (error) {
    if (error instanceof Missing && !process.env.CI) row.missing = error.message
    else row.failures.push({ name: 'the run', error: error.message })
  }
  row.seconds = ((Date.now() - begun) / 1000).toFixed(1)
  rows.push(row)
  console.log(`${row.missing ? 'missing' : row.failures.length ? 'FAILED ' : 'passed '} ${label}${row.missing ? ` (${row.missing})` : ''}`)
  for (const { name, error } of row.failures) console.log([`  not ok: ${name}`, ...error.trim().split('\n').slice(0, 8)].join('\n      '))
}

/** The rows of a target; one that cannot be started has one that says so. */
function rowsOf(name, folder) {
  try {
    return targets[name](folder)
  } catch (error) {
    return [{ label: name, run: () => { throw error } }]
  }
}

const { folder, remove } = stage()
try {
  const wanted = (names.length ? [...new Set(names)] : Object.keys(targets)).flatMap((name) => rowsOf(name, folder))
  const waiting = [...wanted]
  const lane = async () => {
    for (let row = waiting.shift(); row; row = waiting.shift()) await runRow(row)
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, lane))
  rows.sort((a, b) => wanted.findIndex(({ label }) => label === a.label) - wanted.findIndex(({ label }) => label === b.label))
} finally {
  remove()
}

/** Of how many there are, and which are not. */
function show(algorithms, all) {
  if (!algorithms) return ''
  const lacking = all.filter((name) => !algorithms.includes(name))
  return lacking.length ? `all but ${lacking.join(' ')}` : 'all'
}

const all = Object.keys(fixtures.tokens)
const table = [['runtime', 'version', 'passed', 'failed', 'seconds', 'algorithms'], ...rows.map((row) => [
  row.label, row.missing ? 'missing' : row.version, `${row.passed}`, `${row.failures.length}`, row.seconds, show(row.algorithms, all),
])]
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
console.log(`\n${table.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()).join('\n')}\n`)

const passed = rows.reduce((sum, row) => sum + row.passed, 0)
const failed = rows.reduce((sum, row) => sum + row.failures.length, 0)
process.exitCode = failed || !passed ? 1 : 0
console.log(`${passed} passed, ${failed} failed`)
