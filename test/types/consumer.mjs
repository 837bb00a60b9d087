// Compiles the applications in consumer/ against the packed package: the shipped declaration files must be right for
// every way to resolve them, with skipLibCheck off, without the DOM lib and without Node's types.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
}

/** Gives what a compiler says; nothing if all is well. `tsc` is the path of its command-line script. */
export function compile(tsc, { files, ...options }) {
  const folder = mkdtempSync(join(packed(), 'consumer-'))
  try {
    for (const file of files) cpSync(join(root, 'test/types/consumer', file), join(folder, file))
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
      compilerOptions: {
        target: 'es2020', lib: ['es2020'], types: [], strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, ...options,
      },
      files,
    }))
    const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    return stdout + stderr
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
