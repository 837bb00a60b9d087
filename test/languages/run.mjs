// `node test/languages/run.mjs [library ...]`: tokens, keys and key sets exchanged with implementations in other languages, both
// ways. They come from Debian (./packages.mjs); what is missing and cannot be installed is named, and failed where CI is
// set. Ends with a table, rows libraries, columns algorithms, and `N passed, M failed`.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { install as installDependencies } from '../install.mjs'
import { packed } from '../pack.mjs'
import { exchange } from './exchange.mjs'
import { bytes, names, sets, times, zeros } from './further.mjs'
import { keysFor } from './keys.mjs'
import { libraries } from './libraries.mjs'
import { install, versionOf } from './packages.mjs'
import { ours, party } from './parties.mjs'
import { keysOfOpenssl, rawSecrets, refusedTokens } from './refusals.mjs'

const given = process.argv.slice(2)
const wanted = given.length ? given : Object.keys(libraries)
const missing = install([...new Set(['openssl', ...wanted.flatMap((name) => libraries[name].packages)])])
const [present, absent] = [true, false].map((there) => wanted.filter((name) => libraries[name].packages.every((one) => !missing.includes(one)) === there))

installDependencies()
const place = packed()
const door = (name) => import(pathToFileURL(join(place, `node_modules/waxseal/dist/${name}.js`)))
const [waxseal, jws] = await Promise.all([door('index'), door('jws')])
const us = ours(waxseal, jws)
const results = []
const opinions = new Map()
const made = new Map()
const shared = {
  waxseal, jws, us,
  keysFor: keysFor(us),
  once: (name, make) => made.get(name) ?? made.set(name, make()).get(name),
  note(what, who, opinion) {
    const one = opinions.get(what) ?? opinions.set(what, {}).get(what)
    one[opinion] = [...one[opinion] ?? [], who]
  },
}

function buildGo(folder) {
  const sources = ['driver.go', 'keys.go'].map((name) => fileURLToPath(new URL(`drivers/${name}`, import.meta.url)))
  const binary = join(folder, 'driver')
  // Debian's packages of Go are sources in one tree, from before modules.
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: process.env.GOCACHE ?? join(homedir(), '.cache/go-build') }
  execFileSync('go', ['build', '-o', binary, ...sources], { env })
  return binary
}

/** A check that is known not to hold must fail, and with the code it is known for: else the list is out of date. */
function judge(library, differs = []) {
  return async ({ alg, way, what }, attempt) => {
    const title = `${alg}, ${way}: ${what}`
    const [, reason, code] = differs.find(([pattern]) => pattern.test(title)) ?? []
    const problem = await attempt().then(() => undefined, (error) => error)
    const fault = !reason ? problem && (problem.stack ?? String(problem))
      : !problem ? `it holds now, against: ${reason}` : code && problem.code !== code ? `not for the reason known (${reason})\n${problem.stack}` : undefined
    results.push({ library, alg, way, what, reason, fault })
  }
}

async function play(name, binary) {
  const them = party(name, waxseal, binary)
  const check = judge(name, libraries[name].differs)
  const all = { ...shared, them, check }
  try {
    for (const part of [exchange, sets, bytes, zeros, names, times, rawSecrets, refusedTokens]) await part(all)
    if (!them.isThere()) throw new Error('it has left, and who is not there refuses nothing')
  } catch (error) {
    results.push({ library: name, alg: '', way: '', what: 'the whole of it', fault: error.stack })
  } finally {
    them.stop()
  }
}

function table() {
  const { algorithms } = libraries.jwcrypto
  const of = (...wants) => results.filter((one) => wants.every(([name, value]) => one[name] === value))
  const count = (list) => {
    const bad = list.filter(({ fault }) => fault).length
    return bad ? `${bad} FAILED` : String(list.length)
  }
  const line = (...texts) => console.log(texts.map((text, i) => text.padEnd([7, 21][i] ?? 7)).join(' ').trimEnd())
  console.log('\nChecks that hold, theirs by us / ours by them. -: the library lacks the algorithm. differ: known not to hold, by fault or design of the library.')
  line('', '', ...algorithms, 'keys', 'differ')
  for (const name of present) {
    const { language, packages, algorithms: has } = libraries[name]
    const cells = algorithms.map((alg) => has.includes(alg) ? ['to waxseal', 'from waxseal'].map((way) => count(of(['library', name], ['alg', alg], ['way', way]).filter(({ reason }) => !reason))).join('/') : '-')
    line(language, `${name} ${versionOf(packages[0]) ?? ''}`, ...cells, count(of(['library', name], ['way', 'keys'])), String(results.filter(({ library, reason }) => library === name && reason).length))
  }
}

const folder = mkdtempSync(join(tmpdir(), 'waxseal-go-'))
try {
  const binary = present.some((name) => libraries[name].language === 'Go') && buildGo(folder)
  await Promise.all(present.map((name) => play(name, binary)))
  if (present.includes('openssl')) await keysOfOpenssl({ ...shared, check: judge('openssl') })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (absent.length) {
  console.log(`missing: ${missing.join(', ')} (Debian 12), so not run: ${absent.join(', ')}`)
  if (process.env.CI) for (const library of absent) results.push({ library, alg: '', way: '', what: 'all', fault: `missing: ${missing.join(', ')}` })
}

console.log('What waxseal refuses, and the libraries that see nothing wrong in it:')
for (const [what, { accepts = [] }] of opinions) console.log(`  ${what}: ${present.filter((name) => accepts.includes(name)).join(', ') || 'none'}`)
console.log('What differs:')
for (const name of present) for (const [pattern, reason] of libraries[name].differs ?? []) console.log(`  ${name}: ${reason}  ${pattern.source}`)
for (const why of new Set(results.map(({ what }) => / is refused: (.*)/.exec(what)?.[1]).filter(Boolean))) {
  console.log(`  keys that waxseal refuses: ${why}: ${[...new Set(results.filter(({ what }) => what.endsWith(why)).map(({ library }) => library))].join(', ')}`)
}
const failed = results.filter(({ fault }) => fault)
for (const { library, alg, way, what, fault } of failed) console.log(`\n── ${library}: ${alg}, ${way}: ${what}\n${fault}`)
table()
process.exitCode = failed.length ? 1 : 0
console.log(`${results.length - failed.length} passed, ${failed.length} failed`)
