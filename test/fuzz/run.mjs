// Fuzzing: `npm run fuzz -- --minutes 10 [--seed 1] [--only verify,jose] [--cases N] [--from N]`.
// Each target runs in a thread; this one watches it from outside. Prints every finding, made small, and a table; exits with 1 if
// there was any. `--seed S --only T --from N --cases 1` makes one case again.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { spawnSync } from 'node:child_process'
import { install, root } from '../install.mjs'

/** A case may take this long; the machine may have other work, so that one is only called hanging if it does so again, alone. */
const caseMilliseconds = 5000
/** More than this, and more than the cases could explain by chance, is growth. */
const growthOctets = 8 * 2 ** 20

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' }, seed: { type: 'string', default: String(Date.now() % 1e9) }, only: { type: 'string' }, cases: { type: 'string', default: '1e12' }, from: { type: 'string', default: '0' },
    dist: { type: 'string', default: join(root, 'dist') }, parallel: { type: 'string', default: '1' },
  },
})

install()
install('test/fuzz')
if (values.dist === join(root, 'dist')) {
  const { status } = spawnSync(process.execPath, [join(root, 'test/build.mjs')], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
const { targets } = await import('./targets/index.mjs')
const dist = pathToFileURL(join(values.dist, '/')).href
const seed = Number(values.seed)
const names = (values.only?.split(',') ?? Object.keys(targets)).filter((name) => targets[name] ? !targets[name].needs || existsSync(fileURLToPath(new URL(`${targets[name].needs}.js`, dist))) : unknown(name))
const milliseconds = Number(values.minutes) * 60_000 / names.length * Number(values.parallel)

function unknown(name) {
  console.error(`no target ${name}; there are ${Object.keys(targets).join(', ')}`)
  process.exit(2)
}

console.log(`seed ${seed}, Node ${process.version}, ${names.length} targets, ${(milliseconds / 1000).toFixed(0)} s each`)

function show(name, { kind, count, number, detail, reproduction }) {
  console.log(`\nFINDING in ${name}: ${kind}${count > 1 ? ` (${count} times)` : ''}\n  --seed ${seed} --only ${name} --from ${number} --cases 1\n    ${reproduction}\n  ${detail ?? ''}`)
}

/** Runs cases of a target from one number on, until the time is over or a case hangs. */
function runWorker(name, first, time, cases) {
  const progress = new SharedArrayBuffer(24)
  const counter = new BigInt64Array(progress)
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: { name, seed, first, milliseconds: time, cases, progress, dist }, resourceLimits: { maxOldGenerationSizeMb: 1024 } })
  return new Promise((resolve) => {
    let result
    const findings = []
    const finish = (value) => {
      clearInterval(watch)
      resolve({ findings, ...value })
    }
    const watch = setInterval(() => {
      const [number, idle, since] = counter
      if (!since || idle || Date.now() - Number(since) < caseMilliseconds) return
      clearInterval(watch)
      const giveUp = setTimeout(() => {
        console.log(`\nFINDING in ${name}: a hang that not even the engine can end, case ${number}`)
        process.exit(1)
      }, 20_000)
      worker.terminate().then(() => {
        clearTimeout(giveUp)
        finish({ hung: Number(number) })
      })
    }, 200)
    worker.on('message', ({ finding, done }) => {
      if (finding) findings.push(finding)
      result = done ?? result
    })
    worker.on('error', (error) => finish({ crashed: { number: Number(counter[0]), error } }))
    worker.on('exit', () => finish(result ? { result } : { crashed: { number: Number(counter[0]), error: new Error('the thread ended early') } }))
  })
}

async function fuzz(name) {
  const total = { name, cases: 0, accepted: 0, refused: 0, milliseconds: 0, findings: [], growth: undefined, report: undefined }
  const add = (one) => {
    total.findings.push(one)
    show(name, one)
  }
  for (let first = Number(values.from), left = milliseconds; left > 0 && total.findings.length < 20;) {
    const start = Date.now()
    const { result, hung, crashed, findings } = await runWorker(name, first, left, Number(values.cases))
    left -= Date.now() - start
    if (result) {
      total.cases += result.cases
      total.accepted += result.counts.accepted
      total.refused += result.counts.refused
      total.milliseconds += result.milliseconds
      total.report = result.report
      result.findings.forEach(add)
      total.growth = result.growth
      // The engine keeps what it has compiled: these targets grow as much without calling anything.
      if (!targets[name].compiles && result.growth && result.growth.octets > growthOctets && result.growth.octets / result.growth.cases > 1) add({ kind: 'the heap grows', number: first, reproduction: `${result.growth.octets} octets in ${result.growth.cases} cases` })
      break
    }
    findings.forEach(add)
    const number = hung ?? crashed.number
    total.cases += Math.max(0, number - first)
    if (crashed) add({ kind: 'the thread crashed', number, reproduction: `case ${number}`, detail: crashed.error.stack ?? String(crashed.error) })
    else if ((await runWorker(name, number, 60_000, 1)).hung !== undefined) add({ kind: 'a hang', number, reproduction: `case ${number}` })
    first = number + 1
  }
  const speed = total.milliseconds ? Math.round(total.cases / total.milliseconds * 1000) : 0
  console.log(`${name.padEnd(14)} ${String(total.cases).padStart(10)} cases ${String(speed).padStart(8)}/s  accepted ${total.accepted}, refused ${total.refused}, findings ${total.findings.length}${total.growth ? `, heap ${(total.growth.octets / 1024).toFixed(0)} KiB in ${total.growth.cases} cases` : ''}`)
  if (total.report) for (const [reason, count] of Object.entries(total.report)) console.log(`    ${String(count).padStart(8)}  ${reason}`)
  return total
}

const queue = [...names]
const totals = []
await Promise.all(Array.from({ length: Number(values.parallel) }, async () => {
  while (queue.length) totals.push(await fuzz(queue.shift()))
}))
const sum = (name) => totals.reduce((all, one) => all + one[name], 0)
const findings = totals.flatMap((one) => one.findings)
console.log(`\n${sum('cases')} cases (${sum('accepted')} accepted, ${sum('refused')} refused), ${findings.length} findings, seed ${seed}`)
process.exitCode = findings.length ? 1 : 0
