// What a mutant's process is made of: the rooms with all mutants in them at once, each behind a switch (Stryker's instrumenter), the
// tests and what they import, translated so that a process evaluates them itself. Vite is the one that comes with vitest.

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, moduleRunnerTransform, transformWithOxc } from 'vite'
import { createVitest } from 'vitest/node'
import { root } from '../install.mjs'
import { shouldIgnore } from './messages.mjs'

const here = join(root, 'test/mutation')

/** The tests of the rooms, the attacks and the vectors. Left out is what is about other rooms, pages or the package, and what takes long and finds nothing that these do not. */
const isWanted = (name) => /^test\/((encoding|keys|token|node|attacks|vectors|jwks|keyring|profiles)\/|(jws|options|errors)\.test)/.test(name) && !/(faults|hostile-input|limits|wycheproof|timing|threats)\.test\.ts$/.test(name)

/** The test files with the doors that vitest.config.ts has them run through. */
async function findTests() {
  const vitest = await createVitest('test', { config: join(root, 'test/vitest.config.ts'), watch: false, root })
  const found = (await vitest.globTestSpecifications()).map(({ project, moduleId }) => ({ door: project.name, file: moduleId, name: relative(root, moduleId) })).filter(({ name }) => isWanted(name))
  const aliases = Object.fromEntries(vitest.projects.map(({ name, vite }) => [name, vite.config.resolve.alias]))
  await vitest.close()
  return { found, aliases }
}

async function instrument(files) {
  const { Instrumenter } = await import('@stryker-mutator/instrumenter')
  const silent = { debug() {}, info() {}, warn: console.warn, isDebugEnabled: () => false }
  return new Instrumenter(silent).instrument(files.map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') })), {
    plugins: null, excludedMutations: [], ignorers: [{ shouldIgnore }],
  })
}

/** Bundles the child with the parts of vitest that it is made of: one file is read sooner than a hundred. */
async function bundleChild(folder) {
  await build({
    root, configFile: false, logLevel: 'error', ssr: { noExternal: true, target: 'node' },
    build: { ssr: join(here, 'child.mjs'), outDir: folder, emptyOutDir: false, minify: false, target: 'node20', rolldownOptions: { output: { entryFileNames: 'child.mjs', codeSplitting: true } } },
  })
  return join(folder, 'child.mjs')
}

/** Writes everything into a folder; gives the mutants, the tests, and where the child and its modules are. */
export async function prepare(mutate, folder) {
  const { found, aliases } = await findTests()
  const { files, mutants } = await instrument(mutate)
  const instrumented = new Map(files.map(({ name, content }) => [name, content]))

  const modules = {}
  async function add(id) {
    if (modules[id]) return
    const module = modules[id] = { code: '', imports: {} }
    const source = id.endsWith('/support/ran.ts') ? '' : instrumented.get(id) ?? readFileSync(id, 'utf8') // ran.ts wants whole files
    const { code } = id.endsWith('.ts') ? await transformWithOxc(source, id, { target: 'es2022', sourcemap: false }) : { code: source }
    const result = await moduleRunnerTransform(code, null, id, source)
    module.code = result.code
    for (const specifier of [...result.deps, ...result.dynamicDeps]) {
      const to = module.imports[specifier] = locate(specifier, id)
      if (to.startsWith(root) && !to.includes('node_modules')) await add(to)
    }
  }
  function locate(specifier, importer) {
    if (specifier.startsWith('node:') || ['vitest', 'fast-check', ...aliasNames].includes(specifier)) return specifier
    if (!specifier.startsWith('.')) return pathToFileURL(createRequire(importer).resolve(specifier)).href
    const path = resolve(dirname(importer), specifier)
    return /\.\w+$/.test(path) ? path : `${path}.ts`
  }

  // The names by which tests call the doors; vitest.config.ts says what stands behind them.
  const aliasNames = ['waxseal', 'waxseal/jws', 'waxseal/node', 'waxseal/jwks', 'waxseal/keyring', 'waxseal/profiles']
  const doors = {}
  for (const [name, list] of Object.entries(aliases)) {
    doors[name] = { aliases: Object.fromEntries(aliasNames.map((alias) => {
      const { find, replacement } = list.find(({ find }) => find.test(alias))
      return [alias, alias.replace(find, replacement)]
    })) }
    for (const file of Object.values(doors[name].aliases)) await add(file)
  }
  const tests = found.filter(({ file }) => !/\bvi\.mock\(/.test(readFileSync(file, 'utf8'))) // which only vitest itself can do
  for (const { file } of tests) await add(file)

  const modulesFile = join(folder, 'modules.json')
  writeFileSync(modulesFile, JSON.stringify({ modules, doors, root }))
  return { mutants, tests, modulesFile, child: await bundleChild(folder) }
}
