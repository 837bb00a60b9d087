// Compiles the applications in consumer/ against the packed package: the shipped declaration files must be right for
// every way to resolve them, with skipLibCheck off, without the DOM lib and without Node's types. Those in declarations/,
// one for each door, export what a library or a project with references exports: compilers write their declaration files,
// and so must find a name that can be imported for every type that a door gives.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../install.mjs'
import { packed } from '../pack.mjs'

const both = ['esm.mts', 'commonjs.cts']

export const settings = {
  'node16': { files: both, module: 'node16', moduleResolution: 'node16' },
  'nodenext': { files: both, module: 'nodenext', moduleResolution: 'nodenext' },
  'bundler': { files: ['esm.mts'], module: 'esnext', moduleResolution: 'bundler' },
  'bundler without exactOptionalPropertyTypes': { files: ['esm.mts'], module: 'esnext', moduleResolution: 'bundler', exactOptionalPropertyTypes: false },
  'nodenext with the DOM lib': { files: ['dom.mts', ...both], module: 'nodenext', lib: ['es2022', 'dom'] },
  'nodenext with types as Cloudflare has them': { files: ['workers.mts'], module: 'nodenext' },
}

const doors = readdirSync(join(root, 'test/types/declarations')).map((name) => name.replace('.mts', ''))
const esm = doors.map((door) => `${door}.mts`)
const commonjs = doors.map((door) => `${door}.cts`)

/** A door that is used alone brings only its own files into the program, and what else there is has no name in it yet. */
export const exporting = {
  ...Object.fromEntries(doors.map((door, i) => [door, { files: [esm[i]], module: 'nodenext' }])),
  'all doors, as CommonJS': { files: commonjs, module: 'nodenext' },
  'all doors, for a bundler, with the DOM lib': { files: esm, module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'] },
}

/** Calls `work` with a new folder, and a function that compiles what is in it. */
function inside(place, tsc, work) {
  const folder = mkdtempSync(join(place, 'consumer-'))
  try {
    return work(folder, ({ files, ...options }) => {
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
        compilerOptions: {
          target: 'es2020', lib: ['es2020'], types: [], strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, ...options,
        },
        files,
      }))
      const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
      return stdout + stderr
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Gives what a compiler says; nothing if all is well. `tsc` is the path of its command-line script. */
export function compile(tsc, options) {
  return inside(packed(), tsc, (folder, run) => {
    for (const file of options.files) cpSync(join(root, 'test/types/consumer', file), join(folder, file))
    return run(options)
  })
}

/**
 * Gives what a compiler says when it writes declaration files, and, of all doors, when it reads them in turn. Not beside the
 * package as `packed` keeps it, for from within a node_modules everything has another name.
 */
export function declare(tsc, options) {
  return inside(tmpdir(), tsc, (folder, run) => {
    cpSync(join(packed(), 'node_modules'), join(folder, 'node_modules'), { recursive: true })
    for (const file of options.files) cpSync(join(root, 'test/types/declarations', file.replace('.cts', '.mts')), join(folder, file))
    const written = options.files.map((file) => `out/${file.replace(/(?=[cm]ts$)/, 'd.')}`)
    return run({ ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: 'out', skipLibCheck: true })
      || (written.length > 1 ? run({ ...options, files: written }) : '')
  })
}
