// One process for one mutant: runs the tests that it is told to, with that mutant switched on, up to the first that fails. Without
// a mutant it runs them all and says what each has touched.
//
// The modules come translated from the parent; every process evaluates them anew, so that nothing outlives a mutant.

import { readFileSync } from 'node:fs'
import { startTests } from '@vitest/runner'
import { ESModulesEvaluator, ModuleRunner } from 'vite/module-runner'
import * as shim from './vitest.mjs'

const say = (message) => new Promise((resolve) => process.send(message, resolve))
let isOver = false
/** Says how it ended, once, and ends. */
async function end(message) {
  if (isOver) return
  isOver = true
  const { hitCount, hitLimit } = globalThis.__stryker__ ?? {}
  await say({ ...message, isTimeout: hitCount > hitLimit })
  process.exit()
}

process.once('message', ({ mutant, plan, hitLimit, modules: file }) => run(mutant, plan, hitLimit, JSON.parse(readFileSync(file, 'utf8'))).then(end, (error) => end({ killedBy: `${error?.stack ?? error}` })))
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (error) => end({ killedBy: `${event} ${error?.message}` }))

async function run(mutant, plan, hitLimit, { modules, doors, root }) {
  const stryker = globalThis.__stryker__ = { activeMutant: mutant, mutantCoverage: { static: {}, perTest: {} } }
  const isDry = mutant === undefined
  if (!isDry) Object.assign(stryker, { hitCount: 0, hitLimit })
  const files = []

  for (const { door, file, testIds } of plan) {
    const { aliases } = doors[door]
    // A dynamic import comes as a path already, without its ending.
    const resolve = (specifier, importer) => aliases[specifier] ?? modules[importer]?.imports[specifier] ?? (modules[`${specifier}.ts`] ? `${specifier}.ts` : specifier)
    const runner = new ModuleRunner({
      hmr: false, sourcemapInterceptor: false,
      transport: {
        async invoke({ data: { name, data: [specifier, importer] } }) {
          if (name !== 'fetchModule') return { result: [] }
          const id = resolve(specifier, importer)
          if (!modules[id]) return { result: { externalize: id, type: 'builtin' } }
          return { result: { code: modules[id].code, file: id, id, url: id, invalidate: false } }
        },
      },
    }, new class extends ESModulesEvaluator {
      async runExternalModule(id) {
        return bundled[id] ? bundled[id]() : import(id)
      }
    }())
    shim.setPlace({ door, reset: () => runner.clearCache() })

    const [ran] = await startTests([{ filepath: file, testIds }], {
      config: {
        root, setupFiles: [], name: door, passWithNoTests: true, testNamePattern: undefined, allowOnly: false, sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
        maxConcurrency: 1, testTimeout: 0, hookTimeout: 0, retry: 0, includeTaskLocation: false, tags: [], strictTags: false,
      },
      importFile: (filepath) => runner.import(filepath),
      onBeforeRunTask(test) { if (isDry) stryker.currentTestId = test.id },
      async onAfterRunTask(test) {
        stryker.currentTestId = undefined
        if (!isDry && test.result?.state === 'fail') await end({ killedBy: `${door} ${test.fullTestName}: ${test.result.errors?.[0]?.message}`, by: `${door} ${file}` })
      },
    })
    if (isDry) files.push(report(ran, door))
    else if (ran.result?.state === 'fail') await end({ killedBy: `${door} ${file}: ${ran.result.errors?.[0]?.message ?? 'a suite'}`, by: `${door} ${file}` })
  }
  if (!isDry) return { survived: true }
  const [{ tests, error }] = files
  return { tests, error, coverage: stryker.mutantCoverage, cpuMs: process.cpuUsage().user / 1000 }
}

const bundled = {
  'vitest': async () => shim,
  'fast-check': () => import('fast-check').then((all) => (all.default.configureGlobal({ seed: 1, endOnFailure: true }), all)),
}

function report(ran, door) {
  const tests = []
  const visit = (task) => task.tasks ? task.tasks.forEach(visit) : tests.push({ id: task.id, name: task.fullTestName, state: task.result?.state ?? task.mode, ms: task.result?.duration ?? 0, error: task.result?.errors?.[0]?.message })
  visit(ran)
  return { tests, error: ran.result?.errors?.[0]?.message }
}
