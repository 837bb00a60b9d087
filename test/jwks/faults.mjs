// Ten thousand verifications in flight while the server misbehaves, one fault after the other: how many requests went out, how
// many tokens were refused that need not have been, what it cost in memory. For people to read; the rules are in faults.test.ts.
//
//   node --expose-gc test/jwks/faults.mjs [verifications in flight]       after npm run build

import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { createVerifier, importJwk, sign } from '../../dist/index.js'
import { remoteKeySet } from '../../dist/jwks.js'
import { faults } from './fault-server.mjs'

const inFlight = Number(parseArgs({ allowPositionals: true }).positionals[0] ?? 10_000)
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = (key) => ({ ...key.export({ format: 'jwk' }), alg: 'RS256', kid: 'one', use: 'sig' })
const jwks = JSON.stringify({ keys: [jwk(publicKey)] })
const token = await sign({ sub: 'me' }, await importJwk(jwk(privateKey)), { expiresIn: '90d' })

const realNow = Date.now
let ahead = 0
Date.now = () => realNow() + ahead * 1000
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds) })
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0)

/** Keeps that many verifications going for as long as `act` takes. */
async function load(verifier, act) {
  const outcomes = new Map()
  let isOver = false
  let peak = 0
  let done = 0
  /** Until each has come to its end once more. */
  const lap = async () => {
    for (const end = done + inFlight; done < end;) await sleep(10)
  }
  const lane = async () => {
    do {
      const { ok, error } = await verifier.safe(token)
      const outcome = ok ? 'ok' : error.code
      done++
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (!ok) await sleep(10) // refusals in the back-off cost nothing, and would leave no time for anything else
    } while (!isOver)
  }
  const watching = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss) }, 20)
  const lanes = Array.from({ length: inFlight }, lane)
  await act(lap)
  isOver = true
  await Promise.all(lanes)
  clearInterval(watching)
  return { outcomes, peak: Math.max(peak, process.memoryUsage().rss) }
}

/** The server in a thread of its own. */
async function startServer() {
  const worker = new Worker(new URL('fault-server.mjs', import.meta.url), { workerData: 'fault-server' })
  const ask = async (message) => {
    worker.postMessage(message)
    return (await once(worker, 'message'))[0]
  }
  return { ask, end: () => worker.terminate(), ...await ask({ set: { jwks } }) }
}

/** Loads a set, breaks the server, and goes on through expiry and two more attempts. Or, cold, breaks the server first. */
async function run(name, isCold) {
  const server = await startServer()
  const breakDown = () => server.ask(name === 'refuses connections' ? { call: 'close' } : name in faults ? { set: { fault: name } } : {})
  const set = remoteKeySet(server.url, { timeout: 1 })
  const verifier = createVerifier(set, { algorithms: ['RS256'] })
  if (isCold) await breakDown()
  else await verifier(token)
  globalThis.gc?.()
  const { rss } = process.memoryUsage()
  const { requests } = await server.ask({})
  const begun = realNow()
  const { outcomes, peak } = await load(verifier, async (lap) => {
    if (!isCold) await breakDown()
    for (const jump of name.endsWith('back') ? [-86400, 700, -3600] : [500, 101, 64, 3600]) { // a refresh is due; the set has expired; the back-off is over, twice
      ahead += jump
      await lap()
    }
  })
  const seconds = (realNow() - begun) / 1000
  ahead = 0
  const { requests: all } = await server.ask({})
  await server.end()
  const total = [...outcomes.values()].reduce((sum, one) => sum + one)
  return { name, total, seconds, refused: total - (outcomes.get('ok') ?? 0), codes: [...outcomes.keys()].filter((one) => one !== 'ok').join(' '), requests: all - requests, grown: peak - rss }
}

const names = ['is well', 'is well, the clock goes back', 'refuses connections', ...Object.keys(faults)]
for (const isCold of [false, true]) {
  console.log(`\n${inFlight} in flight, ${isCold ? 'nothing in hand' : 'keys in hand'}`)
  console.log([`${'the server'.padEnd(36)}`, 'verified', 'refused', 'requests', 'rss +MB', 'seconds'].join('  '))
  for (const name of names) {
    const { total, refused, requests, grown, seconds, codes } = await run(name, isCold)
    console.log([name.padEnd(36), `${total - refused}`.padStart(8), `${refused}`.padStart(7), `${requests}`.padStart(8), megabytes(grown).padStart(7), seconds.toFixed(1).padStart(7), codes].join('  '))
    if (!isCold && refused) process.exitCode = 1
  }
}
