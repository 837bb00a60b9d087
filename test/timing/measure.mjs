// Runs in the runtime that is measured: `node measure.mjs <dist as a URL> <scale>`. Prints one line of JSON per case.

import process from 'node:process'
import { makeCases } from './cases.mjs'
import { compare } from './welch.mjs'

Error.stackTraceLimit = 0 // a refusal would mostly measure that
const [dist, scale] = process.argv.slice(2)
const rounds = 3

const lib = await import(`${dist}index.js`)
const node = await import(`${dist}node.js`).catch(() => undefined)

/** The classes in random order, equally often in every few samples, so that drift and warming up meet both alike. */
function order(samples) {
  const out = new Uint8Array(samples * 2)
  for (let at = 0; at < out.length; at += 8) {
    const block = [0, 0, 0, 0, 1, 1, 1, 1]
    for (let i = 7; i; i--) {
      const j = Math.random() * (i + 1) | 0
      ;[block[i], block[j]] = [block[j], block[i]]
    }
    out.set(block.slice(0, out.length - at), at)
  }
  return out
}

async function round({ classes, prepare, run, inner }, samples) {
  const times = [[], []]
  const now = process.hrtime.bigint
  for (const which of order(samples)) {
    const input = classes[which]
    if (prepare) {
      const prepared = prepare(input)
      if (prepared) await prepared
    }
    const start = now()
    let result
    for (let i = 0; i < inner; i++) {
      result = run(input)
      if (result instanceof Promise) await result
    }
    times[which].push(Number(now() - start))
  }
  return compare(times[0], times[1])
}

for (const one of await makeCases({ lib, node })) {
  const samples = Math.ceil(one.samples * Number(scale))
  await round(one, Math.ceil(samples / 3)) // warm: compiled for both classes before anything counts
  const results = []
  for (let i = 0; i < rounds; i++) results.push(await round(one, samples))
  console.log(JSON.stringify({ name: one.name, kind: one.kind, inner: one.inner, samples, ts: results.map(({ t }) => t), nanoseconds: results[0].median / one.inner, difference: results[0].difference / one.inner }))
}
