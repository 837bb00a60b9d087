// Imported by a test file whose titles a table names: after the tests it insists that each title of the file's source is a
// test that ran, so that an empty table, a skip or a condition cannot leave a title behind that nothing stands for.

import { afterAll, expect } from 'vitest'
import { root } from '../install.mjs'
import { patternOf, titlesOf } from './titles'

interface Task { readonly name: string, readonly type: string, readonly result?: { readonly state: string }, readonly tasks?: readonly Task[] }

function namesOfRun({ name, tasks, result }: Task, path: readonly string[] = []): string[] {
  const own = [...path, name]
  if (tasks) return tasks.flatMap((task) => namesOfRun(task, own))
  return result?.state === 'pass' || result?.state === 'fail' ? [own.join(' > ')] : []
}

/** Asked for some tests by name, a run leaves out the others. */
const isWhole = (): boolean => !(globalThis as unknown as { __vitest_worker__: { config: { testNamePattern?: unknown } } }).__vitest_worker__.config.testNamePattern

afterAll(({}, suite) => {
  const { filepath, tasks } = suite as unknown as { filepath: string, tasks: readonly Task[] }
  if (!isWhole()) return
  const ran = tasks.flatMap((task) => namesOfRun(task))
  const missing = titlesOf(filepath.slice(`${root}test/`.length)).filter(({ isTest, path }) => isTest && !ran.some((name) => patternOf(path).test(name)))
  expect(missing.map(({ path }) => path.join(' > ')), 'titles for which no test ran').toEqual([])
})
