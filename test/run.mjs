// `npm test` from a fresh clone: installs what is missing, checks the types of src, builds and packs, runs every test (the type
// tests, the package and the README among them), and ends with `N passed, M failed`. Arguments go to vitest.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { install, root } from './install.mjs'
import { packed } from './pack.mjs'

let passed = 0
let failed = 0

function count(what, run) {
  try {
    run()
    passed++
    console.log(`${what}: passed`)
  } catch (error) {
    failed++
    console.log(`${what}: FAILED\n${error.message}`)
  }
}

const node = (script, args, stdio) => spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root, encoding: 'utf8', stdio })

/**
 * A file that did not load, or an error outside any test, has no test to show for it and counts as one; a test that never
 * came to its end (`pending`) has failed.
 */
function countVitest(exitCode, report) {
  const before = failed
  let skipped = 0
  for (const { status, assertionResults } of report.testResults) {
    const of = (...names) => assertionResults.filter((test) => names.includes(test.status)).length
    passed += of('passed')
    failed += Math.max(of('failed', 'pending'), status === 'failed' ? 1 : 0)
    skipped += of('skipped', 'todo', 'disabled')
  }
  if (skipped) console.log(`${skipped} skipped`)
  if (exitCode !== 0 && failed === before) failed++
}

function vitest(folder) {
  const reportFile = join(folder, 'report.json')
  const { status } = node('vitest/vitest.mjs', [
    'run', '--config', 'test/vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...process.argv.slice(2),
  ], 'inherit')
  try {
    countVitest(status, JSON.parse(readFileSync(reportFile, 'utf8')))
  } catch (error) {
    failed++
    console.log(`vitest gave no report: ${error.message}`)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'waxseal-'))
try {
  install()
  count('type check of src', () => {
    const { status, stdout, stderr } = node('typescript/bin/tsc', ['--noEmit'])
    if (status !== 0) throw new Error(`${stdout}${stderr}`)
  })
  count('build and pack', packed)
  vitest(folder)
} catch (error) {
  failed++
  console.log(error.message)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

process.exitCode = failed ? 1 : 0
console.log(`${passed} passed, ${failed} failed`)
