// Whether verifying leaves something behind: the heap before and after ten million verifications, the cache off and on,
// by the asynchronous and the synchronous door. The tokens are 5,000 different ones, five times what the cache holds, in
// an order that makes both hits and misses, and every tenth one is refused.
// `npm run heap [-- --runtime node|bun|deno] [--count n] [--only <pattern>]`. Needs a build and npm install here.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parseArgs } from 'node:util'
import { createVerifier } from '../dist/index.js'
import { createVerifierSync } from '../dist/node.js'
import { audience, claimsOf, issuer, keysOf, registered, tokenOf } from './material.mjs'
import { elsewhere, here } from './runtimes.mjs'

const { values: options } = parseArgs({ options: { runtime: { type: 'string' }, count: { type: 'string', default: '10000000' }, only: { type: 'string' } } })

/** A full collection, by what each runtime has for it. */
function collector() {
  if (globalThis.Bun) return () => Bun.gc(true)
  setFlagsFromString('--expose-gc')
  return globalThis.gc ?? runInNewContext('gc')
}

async function main() {
  const collect = collector()
  const used = () => {
    for (let i = 0; i < 4; i++) collect()
    return process.memoryUsage().heapUsed
  }
  const count = Number(options.count)
  const keys = await keysOf('HS256')
  const tokens = await Promise.all(Array.from({ length: 5000 }, async (_, i) => {
    const token = await tokenOf(keys, { ...claimsOf(300), ...registered, jti: `number ${i}` })
    return i % 10 ? token : token.slice(0, -4)
  }))
  const checks = { algorithms: ['HS256'], issuer, audience }
  const runs = {
    'asynchronous, no cache': [createVerifier, {}], 'asynchronous, cache': [createVerifier, { cache: true }],
    'synchronous, no cache': [createVerifierSync, {}], 'synchronous, cache': [createVerifierSync, { cache: true }],
  }

  // A fixed sequence (a linear congruential generator), so that all four runs meet the same tokens; one half of the calls
  // ask for the first 500, which is what lets a cache of 1,000 hit at all.
  async function verifyAll(safe, times, waits) {
    let state = 1
    let accepted = 0
    const next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return tokens[(state >>> 8) % (state & 128 ? 500 : tokens.length)]
    }
    if (!waits) {
      for (let i = 0; i < times; i++) accepted += +safe(next()).ok
      return accepted
    }
    const lane = async () => {
      while (times-- > 0) {
        const { ok } = await safe(next())
        accepted += +ok
      }
    }
    await Promise.all(Array.from({ length: 64 }, lane))
    return accepted
  }

  const rows = []
  console.log(`${here.join(' ')}, ${count} verifications each; heap in use after a full collection`)
  for (const [name, [create, more]] of Object.entries(runs)) {
    if (options.only && !new RegExp(options.only, 'i').test(name)) continue
    const { safe } = create(keys.public.CryptoKey, { ...checks, ...more })
    const waits = name.startsWith('async')
    await verifyAll(safe, 20000, waits) // compiled, and the cache full
    const before = used()
    const accepted = await verifyAll(safe, count, waits)
    const after = used()
    if (!(accepted > count * 0.85 && accepted < count * 0.95)) throw new Error(`wrong answer: ${accepted} of ${count} accepted`)
    rows.push({ name, count, before, after })
    console.log(`  ${name.padEnd(26)} before ${(before / 1024).toFixed(0)} KiB, after ${(after / 1024).toFixed(0)} KiB, ${((after - before) / count).toFixed(4)} bytes per verification`)
  }
  if (options.only) return
  const results = new URL('results/', import.meta.url)
  if (!existsSync(results)) mkdirSync(results)
  writeFileSync(new URL(`heap-${here[0]}.json`, results), JSON.stringify({ runtime: here, rows }) + '\n')
}

if (options.runtime && options.runtime !== here[0]) elsewhere(options.runtime, import.meta.url)
else await main()
