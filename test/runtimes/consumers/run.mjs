// `node test/runtimes/consumers/run.mjs`: the packed tarball in every kind of project. Words given are looked for in the
// titles and run only those. Ends with a table and `N passed, M failed`; what a missing browser keeps from being checked
// is named as missing, and failed where CI is set.

import { availableParallelism } from 'node:os'
import { browsers } from './checks/browsers.mjs'
import { bundlers } from './checks/bundlers.mjs'
import { jest } from './checks/jest.mjs'
import { modules } from './checks/modules.mjs'
import { shape } from './checks/shape.mjs'
import { typescript } from './checks/typescript.mjs'
import { Missing } from './missing.mjs'
import { discard, tarball } from './project.mjs'

const words = process.argv.slice(2).map((word) => word.toLowerCase())
const rows = Object.entries({ ...modules, ...typescript, ...jest, ...bundlers, ...browsers, ...shape })
  .filter(([title]) => !words.length || words.some((word) => title.toLowerCase().includes(word)))
  .map(([title, check]) => ({ title, check, result: '', note: '' }))

async function judge(row) {
  try {
    row.note = await row.check() ?? ''
    row.result = 'passed'
  } catch (error) {
    row.result = error instanceof Missing && !process.env.CI ? 'missing' : 'FAILED'
    if (row.result === 'missing') row.note = error.message
    else console.log(`── ${row.title}\n${error.message}\n`)
  }
}

process.once('exit', discard)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

try {
  await tarball()
  const waiting = [...rows]
  const work = async () => { for (let row; row = waiting.shift();) await judge(row) }
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work))
} catch (error) {
  rows.push({ title: 'build and pack', result: 'FAILED', note: '' })
  console.log(`${error.message}\n`)
}

const width = Math.max(...rows.map(({ title }) => title.length), 0)
for (const { title, result, note } of rows) console.log(`${title.padEnd(width)}  ${result.padEnd(7)}  ${note.slice(0, 100)}`.trimEnd())
const count = (what) => rows.filter(({ result }) => result === what).length
if (count('missing')) console.log(`${count('missing')} missing: not checked here`)
const failed = rows.length ? count('FAILED') : 1
process.exitCode = failed ? 1 : 0
console.log(`${count('passed')} passed, ${failed} failed`)
