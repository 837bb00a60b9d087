// What a cold start costs: import of the library, import of the key and the first verify, each time in a fresh process,
// the libraries in turn. Milliseconds as that process measures them: the runtime's own start is not in it. Libraries are
// loaded as their packages have them, jose from many files; what an application bundles is another matter.
// `node startup.mjs 50` for 50 rounds. Needs a build (npm run build at the top) and npm install here.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { claimsOf, keysOf, registered, tokenOf } from './material.mjs'
import { spread } from './rounds.mjs'

const child = fileURLToPath(new URL('startup-child.mjs', import.meta.url))
const doors = {
  waxseal: new URL('../dist/index.js', import.meta.url).href,
  'waxseal/node': new URL('../dist/node.js', import.meta.url).href,
  jose: 'jose', hono: 'hono/jwt', tsndr: '@tsndr/cloudflare-worker-jwt', 'fast-jwt': 'fast-jwt', jsonwebtoken: 'jsonwebtoken',
}
const libraries = Object.keys(doors).filter((name) => name !== 'waxseal/node' || existsSync(new URL(doors[name])))

async function once(library, task) {
  const run = globalThis.Deno ? ['run', '-A', child] : [child]
  const { stdout } = await promisify(execFile)(process.execPath, [...run, library, JSON.stringify({ ...task, door: doors[library] })])
  const result = JSON.parse(stdout)
  if (result.subject !== 'user-4711') throw new Error(`${library}, ${task.algorithm}: the wrong answer`)
  return result
}

/** For each algorithm and library: milliseconds for the import alone, and until the first token is verified. */
export async function startup(rounds) {
  const rows = []
  for (const algorithm of ['HS256', 'RS256', 'ES256']) {
    const keys = await keysOf(algorithm)
    const { string: secret, PEM: pem } = keys.public
    const task = { algorithm, secret, pem, jwk: keys.public.JWK, token: await tokenOf(keys, { ...claimsOf(200), ...registered }) }
    const times = Object.fromEntries(libraries.map((name) => [name, { loaded: [], verified: [] }]))
    for (let round = 0; round < rounds; round++) {
      for (const name of round & 1 ? libraries : libraries.toReversed()) {
        const { loaded, verified } = await once(name, task)
        times[name].loaded.push(loaded)
        times[name].verified.push(verified)
      }
    }
    for (const name of libraries) rows.push({ algorithm, name, loaded: spread(times[name].loaded), verified: spread(times[name].verified) })
  }
  return rows
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds = Number(process.argv[2] ?? 21)
  const cell = ({ median, low, high }) => `${median.toFixed(1)} (${low.toFixed(1)}-${high.toFixed(1)})`.padStart(24)
  console.log(`${rounds} processes each, in turn; ms, median (quartiles)`)
  console.log(`${''.padEnd(24)}${'import alone'.padStart(24)}${'import + first verify'.padStart(24)}`)
  for (const { algorithm, name, loaded, verified } of await startup(rounds)) console.log(`${algorithm.padEnd(8)}${name.padEnd(16)}${cell(loaded)}${cell(verified)}`)
}
