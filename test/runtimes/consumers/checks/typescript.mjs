// The declaration files under every moduleResolution, in both flavours of module, with `skipLibCheck: false` and with
// the types of every platform or of none. What was compiled without any is run.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { node, project, tool } from '../project.mjs'

const both = ['app.mts', 'app.cts']
const resolutions = {
  'node16': { files: both, module: 'node16' },
  'nodenext': { files: both, module: 'nodenext' },
  'bundler': { files: ['app.mts'], module: 'esnext', moduleResolution: 'bundler' },
  'bundler, preserve': { files: both, module: 'preserve', moduleResolution: 'bundler' },
}

const platforms = {
  'no platform types': { lib: ['es2021'], types: [] },
  'DOM': { lib: ['es2022', 'dom', 'dom.iterable'], types: [], files: ['platform.mts'] },
  'web worker': { lib: ['es2022', 'webworker'], types: [], files: ['platform.mts'] },
  '@types/node': { lib: ['es2023'], types: ['node'], typeRoots: [tool('@types')], files: ['platform.mts'] },
}

const says = {
  'app.mjs': '2 number a 3 ERR_JWT_SIGNATURE server',
  'app.cjs': 'me 3',
}

let made
const application = () => made ??= project('module', ...both, 'platform.mts')

async function compile(name, { files, ...settings }) {
  const folder = await application()
  const config = `${name.replace(/\W+/g, '-')}.json`
  writeFileSync(join(folder, config), JSON.stringify({
    compilerOptions: { target: 'es2021', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, outDir: join('out', config), ...settings },
    files,
  }))
  await node([tool('typescript/bin/tsc'), '-p', config], { cwd: folder })
  return join(folder, 'out', config)
}

async function start(folder, file) {
  const said = await node(['--input-type=module', '-e', `console.log(await (await import('./${file}')).main('s'.repeat(32)))`], { cwd: folder })
  if (said.trim() !== says[file]) throw new Error(`${file}: expected "${says[file]}", got "${said.trim()}"`)
}

async function check(title, resolution, platform) {
  const files = [...resolution.files, ...platform.files ?? []]
  const folder = await compile(title, { ...resolution, ...platform, files })
  if (platform.files) return files.join(' ')
  await start(folder, 'app.mjs')
  // With `preserve` an import of a .cts file is left to the bundler, which Node is not.
  if (files.includes('app.cts') && resolution.module !== 'preserve') await start(folder, 'app.cjs')
  return `${files.join(' ')}, and run`
}

export const typescript = Object.fromEntries(Object.entries(resolutions).flatMap(([how, resolution]) =>
  Object.entries(platforms).map(([types, platform]) => {
    const title = `TypeScript: ${how}, ${types}`
    return [title, () => check(title, resolution, platform)]
  })))
