// Mutation testing: `npm run mutation [-- options src/encoding/json.ts ...]`. A fault is put into the rooms, and the tests that touch the
// place are run, in a process of their own, up to the first that fails: the room's own tests first, then all others. What no test
// notices is printed, and stands in SURVIVORS.md if none can. All faults are in the code at once, each behind a switch (Stryker's
// instrumenter), so that nothing is built for each.
//
//   --own             the tests of the room alone
//   --tests=pattern   those whose "door file" matches, such as '^asynchronous test/(keys|token)/'
//   --workers=2       so many mutants at once
//   --list=file       writes down what became of each mutant
//   --again=file      tries only those that such a list has as missed

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { install, root } from '../install.mjs'

const rooms = ['encoding', 'keys', 'network', 'profiles', 'ring', 'token']
const { values: flags, positionals: wanted } = parseArgs({ allowPositionals: true, options: {
  own: { type: 'boolean' }, tests: { type: 'string', default: '' }, workers: { type: 'string', default: '2' }, list: { type: 'string' }, again: { type: 'string' },
} })
install()
install('test/mutation')
const { prepare } = await import('./build.mjs')

const isCode = (name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && name !== 'inference.ts'
const begun = Date.now()
const seconds = () => Math.round((Date.now() - begun) / 1000)
const files = (wanted.length ? wanted : rooms.flatMap((room) => readdirSync(join(root, 'src', room)).filter(isCode).sort().map((name) => `src/${room}/${name}`)))

const folder = mkdtempSync(join(tmpdir(), 'waxseal-mutation-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
const { mutants, tests, modulesFile, child } = await prepare(files.map((name) => join(root, name)), folder)

/** Runs a plan in a process of its own, which may take so many seconds of a processor: a clock would count the load of the machine. */
function run({ mutant, plan, hitLimit, cpuSeconds = 60 }) {
  return new Promise((resolve) => {
    const running = spawn('sh', ['-c', 'ulimit -t "$0"; exec "$@"', `${Math.ceil(cpuSeconds)}`, process.execPath, child], { cwd: root, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    // What waits without working is told by seconds that pass here too: a machine that halts everything for a while says nothing.
    let waited = 0
    const timer = setInterval(() => ++waited > 30 + cpuSeconds * 10 && running.kill('SIGKILL'), 1000)
    let answer
    running.on('message', (message) => { answer = message })
    running.on('exit', (_, signal) => {
      clearInterval(timer)
      resolve(answer ?? { killedBy: signal ? 'time' : 'the end of the process', isTimeout: !!signal })
    })
    running.send({ mutant, plan, hitLimit, modules: modulesFile })
  })
}

/** Does it for each of a list, as many at once as there are workers. */
async function forEach(list, act) {
  const left = [...list]
  const worker = async () => {
    for (let one = left.shift(); one; one = left.shift()) await act(one)
  }
  await Promise.all(Array.from({ length: Number(flags.workers) }, worker))
}

const roomOf = (name) => name.split('/')[1]

/** The tests of a room stand in its folder, but for these. */
const elsewhere = { 'test/jws.test.ts': /^src\/token\//, 'test/jwks/issuers.test.ts': /^src\/token\/issuers/, 'test/profiles/dpop.test.ts': /^src\/keys\/public/, 'test/node/': /^src\/keys\/node/, 'test/jwks/': /^src\/network\//, 'test/keyring/': /^src\/(ring\/|node-store)/ }

function isOwn(testName, fileName) {
  return roomOf(testName) === roomOf(fileName) || Object.entries(elsewhere).some(([name, pattern]) => testName.startsWith(name) && pattern.test(fileName))
}

// Without a mutant: what is touched by which test, and how long each file takes.
const wantedTests = tests.filter(({ door, name }) => new RegExp(flags.tests).test(`${door} ${name}`)).filter(({ name }) => !flags.own || files.some((file) => isOwn(name, file)))
await forEach(wantedTests, async (test) => {
  const { tests: results, error, coverage, cpuMs, killedBy } = await run({ plan: [test] })
  const failing = killedBy ?? error ?? results.find(({ state }) => state === 'fail')
  if (failing) throw new Error(`without any mutant ${test.door} ${test.name} fails: ${JSON.stringify(failing)}`)
  Object.assign(test, { coverage, cpuMs, times: Object.fromEntries(results.map(({ id, ms }) => [id, ms])) })
})
console.error(`${mutants.length} mutants, ${wantedTests.length} test files, ready after ${seconds()} s`)

/** How often a test file has noticed a mutant of a source file: it is asked first. */
const merits = {}

/**
 * The tests that touch a mutant, likely ones first. What is touched as a file is loaded is the business of all its tests. `rest`:
 * the others in the files of its room, since what is made at first use is touched by one test or two and looked at by others.
 */
function planFor(id, file, rest) {
  const merit = (test) => merits[`${file} ${test.door} ${test.file}`] ?? 0
  const plan = []
  for (const test of wantedTests) {
    const { static: loaded, perTest } = test.coverage
    const all = Object.keys(test.times)
    const touching = loaded[id] ? all : all.filter((one) => perTest[one]?.[id])
    const testIds = !rest ? touching : touching.length && touching.length < 3 && isOwn(test.name, file) ? all.filter((one) => !touching.includes(one)) : []
    if (!testIds.length) continue
    const sum = (of) => testIds.reduce((total, one) => total + (of(one) ?? 0), 0)
    plan.push({ test, ms: sum((one) => test.times[one]), hits: (loaded[id] ?? 0) + sum((one) => perTest[one]?.[id]), door: test.door, file: test.file, testIds: loaded[id] ? undefined : testIds })
  }
  const rank = ({ test }) => isOwn(test.name, file) ? 0 : 1
  return plan.sort((a, b) => rank(a) - rank(b) || merit(b.test) - merit(a.test) || a.ms - b.ms)
}

/** Runs a plan with a mutant; what runs away is stopped where it passes its place ten times as often, or works too long. */
function attempt(mutant, plan) {
  const sum = (name) => plan.reduce((total, part) => total + part[name], 0)
  return run({ mutant, plan: plan.map(({ door, file, testIds }) => ({ door, file, testIds })), hitLimit: sum('hits') * 10 + 100_000, cpuSeconds: 3 + sum('ms') / 1000 * 2 })
}

const identity = ({ file, location, mutatorName, replacement }) => JSON.stringify([file, location, mutatorName, replacement])
const isMissed = ({ status }) => status === 'survived' || status === 'untouched'
const known = new Set(flags.again ? JSON.parse(readFileSync(flags.again, 'utf8')).filter(isMissed).map(identity) : [])
const keep = () => flags.list && writeFileSync(flags.list, JSON.stringify(results, undefined, 1))

const results = []
await forEach(mutants, async ({ id, fileName, location, mutatorName, replacement, status }) => {
  const file = relative(root, fileName)
  const result = { file, location, mutatorName, replacement, status: status === 'Ignored' ? 'ignored' : 'survived' }
  if (flags.again && !known.has(identity(result))) return
  const from = Date.now()
  results.push(result)
  if (result.status === 'ignored') return
  for (const rest of [false, true]) {
    const plan = planFor(id, file, rest)
    if (!rest && !plan.length) result.status = 'untouched'
    if (result.status !== 'survived' || !plan.length) break
    const { killedBy, by, isTimeout } = await attempt(id, plan)
    if (!killedBy) continue
    Object.assign(result, { status: isTimeout ? 'timeout' : 'killed', killedBy })
    if (by) merits[`${file} ${by}`] = (merits[`${file} ${by}`] ?? 0) + 1
  }
  result.ms = Date.now() - from
  if (results.length % 10 === 0) keep()
  if (results.length % 50 === 0) console.error(`${results.length} of ${mutants.length} after ${seconds()} s`)
})

const lines = Object.fromEntries(files.map((name) => [name, readFileSync(join(root, name), 'utf8').split('\n')]))
for (const { file, location: { start, end }, mutatorName, replacement, status } of results.filter(isMissed)) {
  const first = lines[file][start.line]
  const was = start.line === end.line ? first.slice(start.column, end.column) : `${first.slice(start.column)} ...`
  console.log(`${status} ${file}:${start.line + 1}:${start.column + 1} ${mutatorName}: ${was.slice(0, 110)} -> ${replacement.replace(/\s+/g, ' ').slice(0, 110)}`)
}
keep()

function row(name, own) {
  const of = (...names) => own.filter(({ status }) => names.includes(status)).length
  const [killed, timeout, missed] = [of('killed', 'timeout'), of('timeout'), of('survived', 'untouched')]
  return `| ${name} | ${killed} | ${timeout} | ${missed} | ${killed + missed ? (killed / (killed + missed) * 100).toFixed(1) : '–'} % | ${of('ignored')} |`
}
console.log('\n| file | killed | of these by time | not | share | not counted: words of messages |\n|---|---|---|---|---|---|')
for (const name of files) console.log(row(name, results.filter(({ file }) => file === name)))
console.log(row('all', results))
console.error(`${seconds()} s`)
