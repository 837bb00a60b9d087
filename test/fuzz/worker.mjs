// One target, in a thread of its own: makes cases and runs them, and counts aloud, so that the main thread can see a case that hangs.

import { setFlagsFromString } from 'node:v8'
import { existsSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { makePools } from './pools.mjs'
import { Random, streamOf } from './random.mjs'
import { shrink } from './shrink.mjs'
import { targets } from './targets/index.mjs'

const { name, seed, first, milliseconds, cases, progress, dist } = workerData
const counter = new BigInt64Array(progress)
setFlagsFromString('--expose_gc')
const collect = runInNewContext('gc')

/** What the heap holds once nothing is left to collect; in two turns, since finalizers run between them. */
async function heapUsed() {
  for (let i = 0; i < 3; i++) {
    collect()
    await new Promise((done) => setTimeout(done, 20))
  }
  const { heapUsed: heap, external } = process.memoryUsage()
  return heap + external
}

const door = (file) => existsSync(new URL(file, dist)) ? import(new URL(file, dist)) : undefined
const target = targets[name]
const stream = streamOf(name)
const pools = makePools(seed)
const context = await target.prepare({ lib: await door('index.js'), jws: await door('jws.js'), node: await door('node.js'), jwks: await door('jwks.js'), keyring: await door('keyring.js'), profiles: await door('profiles.js'), jose: await import('jose'), pools, random: new Random(seed, stream, -1) })
const random = new Random(seed)

const turn = () => new Promise((done) => setImmediate(done))
let unheard
process.on('unhandledRejection', (error) => {
  unheard = { kind: 'a rejection that nobody hears, which ends the process', detail: error?.stack ?? String(error) }
})

const makeCase = (number) => target.make(random.reset(seed, stream, number), context)

/** The verdict on a case, and on what it left behind where a target asks for that. */
async function judge(one) {
  const verdict = await target.run(one, context)
  if (!target.rejects) return verdict
  await turn()
  const left = unheard
  unheard = undefined
  return left ?? verdict
}

const kindOf = async (one) => {
  try {
    const verdict = await judge(one)
    return typeof verdict === 'object' ? verdict.kind : undefined
  } catch { // the case is none any more
    return undefined
  }
}

Error.stackTraceLimit = 0 // half the time of a refusal
const findings = new Map()
async function note(number, { kind }, one) {
  const known = findings.get(kind)
  if (known) known.count++
  else if (findings.size < 50) {
    Error.stackTraceLimit = 10
    const { detail } = await judge(one)
    Error.stackTraceLimit = 0
    const small = await shrink(one, async (candidate) => await kindOf(candidate) === kind)
    findings.set(kind, { kind, count: 1, number, detail: String(detail).slice(0, 600), reproduction: target.show(small) })
    parentPort.postMessage({ finding: findings.get(kind) })
  }
}

const counts = { accepted: 0, refused: 0 }
const start = performance.now()
let heapEarly
let heapAt = 0
let number = first
let next = start + milliseconds * 0.3 // warm: pools, caches and compiled code are there
const measure = async () => {
  if (heapEarly === undefined) {
    counter[1] = 1n // collecting may take longer than a case may
    heapEarly = await heapUsed()
    heapAt = number
    counter[1] = 0n
  }
}
for (; number < first + cases; number++) {
  const one = makeCase(number)
  counter[0] = BigInt(number)
  counter[2] = BigInt(Date.now())
  const answer = target.rejects ? judge(one) : target.run(one, context)
  const verdict = answer instanceof Promise ? await answer : answer
  if (typeof verdict === 'string') counts[verdict]++
  else await note(number, verdict, one)
  if ((number & 63) === 0) {
    const time = performance.now()
    if (time - start > milliseconds) break
    if (time > next) await measure()
    if ((number & 4095) === 0) await turn()
    if (unheard) await note(number, unheard, one) // of one of the last cases
    unheard = undefined
  }
}
counter[1] = 1n
const elapsed = performance.now() - start
const heapLate = await heapUsed()
const growth = heapEarly === undefined ? undefined : { octets: heapLate - heapEarly, cases: number - heapAt }
parentPort.postMessage({ done: { cases: number - first, counts, milliseconds: elapsed, growth, findings: [...findings.values()], report: target.report?.(context) } })
