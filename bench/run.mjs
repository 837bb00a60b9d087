// The recipe: makes the cases, checks answers, runs the rounds, prints the ratios. A full run is kept in results/ and
// written up in RESULTS.md (report.mjs).
//   npm run bench -- [--runtime node|bun|deno] [--quick] [--only <pattern>] [--rounds n] [--cpu] [--list]
// --quick is a look of under a minute at HS256, ES256 and RS256 beside the primitive and the nearest rivals. It and --only
// keep nothing. --cpu takes processor time of all threads in place of the wall clock, for a machine that is busy: then only
// work counts, not waiting, so that "one at a time" says what a call costs and not how long it takes. A runtime is run as it is found on the PATH or in ../test/runtimes; this script can be given to it directly.
// Every case has a process of its own, since what ran before in one changes what its compilers make of the next: --case is
// what such a process is called with. Needs a build (npm run build at the top) and npm install here.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cases } from './cases.mjs'
import { versions } from './libraries.mjs'
import { writeReport } from './report.mjs'
import { race, ratio, spread } from './rounds.mjs'
import { elsewhere, here } from './runtimes.mjs'
import { startup } from './startup.mjs'

const { values: options } = parseArgs({ options: {
  runtime: { type: 'string' }, only: { type: 'string' }, rounds: { type: 'string' }, quick: { type: 'boolean' }, cpu: { type: 'boolean' }, list: { type: 'boolean' }, case: { type: 'string' },
} })

const pace = options.quick ? { rounds: 41, milliseconds: 1, warmup: { calls: 2500, milliseconds: 250 } } : { rounds: 81, milliseconds: 1.5, warmup: { calls: 4000, milliseconds: 300 } }
if (options.cpu) pace.clock = 'processor'
if (options.rounds) pace.rounds = Number(options.rounds)

// ─── one case ────────────────────────────────────────────────────────────────

/** The figures of a case: times, and per round each time against the primitive's and against this library's. */
function figures({ group, what, manner }, contenders, results) {
  const turnsOf = (wanted) => results.find(({ name }) => name === wanted)?.turns
  const raw = results.find(({ name }) => name.startsWith('raw'))
  const ours = results.find(({ name }) => /^waxseal.*cached/.test(name)) ?? results.find(({ name }) => name.startsWith('waxseal'))
  return {
    group, what, manner, ours: ours?.name,
    results: results.map(({ name, turns }, i) => ({
      name,
      time: spread(turns),
      ...(raw && { toRaw: ratio(turns, turnsOf(contenders[i].raw) ?? raw.turns) }),
      ...(ours && { toOurs: ratio(turns, ours.turns) }),
    })),
  }
}

const shown = (value) => value < 0.1 ? value.toFixed(3) : value < 10 ? value.toFixed(2) : value.toFixed(1)
const ranged = (heading, spreadOf) => spreadOf ? `${shown(spreadOf.median)} (${shown(spreadOf.low)}-${shown(spreadOf.high)})`.padStart(20) + heading : ''

function print({ results }) {
  for (const { name, time, toRaw, toOurs } of results) console.log(`  ${name.padEnd(32)}${shown(time.median).padStart(9)} us${ranged(' of raw', toRaw)}${ranged(' of ours', toOurs)}`)
}

// ─── the run ─────────────────────────────────────────────────────────────────

/** In a process of its own: the figures of a case as JSON, nothing if fewer than two take part. */
async function measure(title) {
  const one = cases.find((candidate) => candidate.title === title)
  const contenders = (await one.contenders()).filter(({ name }) => !options.quick || !/hono|tsndr|jsonwebtoken/.test(name))
  // The primitive alone, or not even that: this runtime does not have the algorithm.
  if (contenders.length > 1) console.log(JSON.stringify(figures(one, contenders, await race(contenders, one.manner, pace))))
}

function measureApart(title) {
  const script = [...globalThis.Deno ? ['run', '-A'] : [], fileURLToPath(import.meta.url), '--case', title]
  const more = [...options.quick ? ['--quick'] : [], ...options.cpu ? ['--cpu'] : [], ...options.rounds ? ['--rounds', options.rounds] : []]
  const text = execFileSync(process.execPath, [...script, ...more], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return text && JSON.parse(text)
}

async function main() {
  const pattern = options.only && new RegExp(options.only, 'i')
  const chosen = cases.filter(({ title, quick }) => pattern ? pattern.test(title) : !options.quick || quick)
  if (options.list) return console.log(chosen.map(({ title }) => title).join('\n'))

  console.log(`${here.join(' ')}, ${cpus()[0]?.model}, ${pace.rounds} rounds of ${pace.milliseconds} ms, ${pace.clock ?? 'wall'} clock; median (quartiles)`)
  const measured = []
  for (const { title } of chosen) {
    const result = measureApart(title)
    if (!result) continue
    console.log(title)
    print(result)
    measured.push(result)
  }
  if (options.quick || pattern) return

  console.log('first call in a fresh process')
  const first = await startup(15)
  for (const { algorithm, name, verified } of first) console.log(`  ${algorithm.padEnd(8)}${name.padEnd(24)}${ranged(' ms', verified)}`)

  const results = new URL('results/', import.meta.url)
  mkdirSync(results, { recursive: true })
  writeFileSync(new URL(`${here[0]}.json`, results), JSON.stringify({
    runtime: here[0], version: here[1], date: new Date().toISOString().slice(0, 10), command: ['npm run bench --', here[0] !== 'node' && `--runtime ${here[0]}`, options.cpu && '--cpu', options.rounds && `--rounds ${options.rounds}`].filter(Boolean).join(' ').replace(/ --$/, ''),
    machine: { processor: cpus()[0]?.model, cores: cpus().length, gigabytes: Math.round(totalmem() / 2 ** 30), system: `${process.platform} ${process.arch}` },
    versions, pace, cases: measured, first,
  }, (key, value) => typeof value === 'number' ? Number(value.toPrecision(4)) : value) + '\n')
  writeReport()
}

if (options.case) await measure(options.case)
else if (options.runtime && options.runtime !== here[0]) elsewhere(options.runtime, import.meta.url)
else await main()
