// A folder with all that a target loads: the package as npm would pack it, its bytes unchanged, and the suite.

import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packed } from '../../pack.mjs'

export const home = fileURLToPath(new URL('..', import.meta.url))

export function stage() {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'waxseal-runtimes-'))
  cpSync(join(packed(), 'node_modules/waxseal/dist'), join(folder, 'dist'), { recursive: true })
  for (const name of ['harness', 'suite', 'fixtures']) cpSync(join(home, name), join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) }
}

/** The ES modules in it, as paths with slashes. */
export function modules(folder) {
  return ['dist', 'harness', 'suite', 'fixtures'].flatMap((part) => readdirSync(join(folder, part), { recursive: true })
    .map((name) => relative(folder, join(folder, part, name)).split(sep).join('/'))).filter((name) => /\.m?js$/.test(name))
}
