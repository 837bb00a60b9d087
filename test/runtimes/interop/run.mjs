// `node test/runtimes/interop/run.mjs`: tokens, keys and key sets exchanged with the JavaScript rivals, both ways. Ends with
// a table, rows algorithms, columns rivals, and `N passed, M failed`. What this runtime lacks (ML-DSA before Node 24) is
// run in the newest Node of test/runtimes; where that is not installed it is named as missing, and failed where CI is set.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { install } from '../../install.mjs'
import { packed } from '../../pack.mjs'
import { further } from './further.mjs'
import { rivals } from './libraries.mjs'
import { matrix } from './matrix.mjs'

const self = fileURLToPath(import.meta.url)
const modules = join(dirname(self), '../node_modules')
const [flag, given, ...wanted] = process.argv.slice(2)
if (!given) install()
const place = given ?? packed()
const door = (name) => import(pathToFileURL(join(place, `node_modules/waxseal/dist/${name}.js`)))
const waxseal = await door('index')

/** The same matrix in another Node, for the algorithms that this one lacks. */
function matrixElsewhere(algorithms) {
  const node = join(modules, 'node26/bin/node')
  if (!existsSync(node)) return undefined
  const { stdout, stderr } = spawnSync(node, [self, '--cells', place, ...algorithms], { encoding: 'utf8', maxBuffer: 1e8, timeout: 120_000 })
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`${node}\n${stdout}${stderr}`)
  }
}

async function judge([title, check]) {
  try {
    await check()
    return { what: title, fault: '' }
  } catch (error) {
    return { what: title, fault: error?.stack ?? String(error) }
  }
}

function table(cells) {
  const names = Object.keys(rivals)
  const versions = { tsndr: '@tsndr/cloudflare-worker-jwt' }
  const version = (name) => JSON.parse(readFileSync(join(modules, versions[name] ?? name, 'package.json'), 'utf8')).version
  const count = (algorithm, name, way) => {
    const { results } = cells.find((cell) => cell.algorithm === algorithm && cell.rival === name && cell.way === way) ?? {}
    const bad = results?.filter(({ fault }) => fault).length
    return bad ? `${bad} FAILED` : results ? String(results.length) : '?'
  }
  const cell = (algorithm, name) => rivals[name].algorithms.includes(algorithm) ? `${count(algorithm, name, 'in')} / ${count(algorithm, name, 'out')}` : '-'
  const line = (first, texts) => console.log([first.padEnd(10), ...texts.map((text) => text.padEnd(19))].join(' ').trimEnd())
  console.log('\nExchanges that hold, theirs by us / ours by them. -: the rival lacks the algorithm. ?: not run, see above.')
  line('', names.map((name) => `${name} ${version(name)}`))
  for (const algorithm of waxseal.algorithms) line(algorithm, names.map((name) => cell(algorithm, name)))
}

async function main() {
  const supported = await Promise.all(waxseal.algorithms.map((name) => waxseal.isSupported(name)))
  const here = waxseal.algorithms.filter((_, index) => supported[index])
  const lacking = waxseal.algorithms.filter((_, index) => !supported[index])
  const elsewhere = lacking.length ? matrixElsewhere(lacking) : []
  const cells = [...await matrix(waxseal, here), ...elsewhere ?? []]

  for (const { results } of cells) if (!results.length) results.push({ what: 'any form of a key', fault: 'nothing was exchanged' })
  const results = cells.flatMap(({ algorithm, rival, way, results }) =>
    results.map(({ what, fault }) => ({ what: `${algorithm}, ${way === 'in' ? `${rival} to waxseal` : `waxseal to ${rival}`}: ${what}`, fault })))
  for (const entry of Object.entries(further(waxseal, await door('jws')))) {
    const result = await judge(entry)
    console.log(`${result.fault ? 'FAILED' : 'passed'}  ${result.what}`)
    results.push(result)
  }
  if (!elsewhere) {
    console.log(`missing: ${lacking.join(', ')}: not in this runtime, and node26 is not installed`)
    if (process.env.CI) results.push({ what: lacking.join(', '), fault: 'missing' })
  }
  const failed = results.filter(({ fault }) => fault)
  for (const { what, fault } of failed) console.log(`\n── ${what}\n${fault}`)
  table(cells)
  process.exitCode = failed.length ? 1 : 0
  console.log(`${results.length - failed.length} passed, ${failed.length} failed`)
}

if (flag === '--cells') console.log(JSON.stringify(await matrix(waxseal, wanted)))
else await main()
