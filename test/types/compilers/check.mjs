// Compiles the applications in ../consumer and ../declarations with every compiler of package.json. `node check.mjs` from a fresh clone:
// installs what is missing. Exits 1 if a compiler objects.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { install } from '../../install.mjs'
import { compile, declare, exporting, settings } from '../consumer.mjs'

install()
install('test/types/compilers')
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
for (const name of Object.keys(dependencies)) {
  const tsc = fileURLToPath(new URL(`node_modules/${name}/bin/tsc`, import.meta.url))
  for (const [run, all] of [[compile, settings], [declare, exporting]]) {
    for (const [what, options] of Object.entries(all)) {
      const said = run(tsc, options)
      console.log(`${name}, ${what}: ${said || 'passed'}`)
      if (said) process.exitCode = 1
    }
  }
}
