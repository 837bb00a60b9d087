// Prints what a cold start costs: import of the library, import of the key and the first verify, each time in a fresh
// process, beside jose in the same run, the two in turn. Milliseconds as that process measures them: Node's own start is
// not in it. jose is loaded as its package has it, from many files; what an application bundles is another matter.
// Needs a build (npm run build at the top) and npm install here. `node startup.mjs 50` for 50 rounds.

import { execFile } from 'node:child_process'
import { createHmac, generateKeyPairSync, sign as signWithNode } from 'node:crypto'
import { promisify } from 'node:util'

const rounds = Number(process.argv[2] ?? 21)

// ─── what is timed; each is sent as text to a process that has loaded nothing ──

const libraries = {
  async waxseal({ door, algorithm, secret, jwk, token }) {
    const start = performance.now()
    const { importJwk, verify } = await import(door)
    const loaded = performance.now()
    const { payload } = await verify(token, secret ?? await importJwk(jwk, algorithm), { algorithms: [algorithm] })
    return { loaded: loaded - start, verified: performance.now() - start, subject: payload.sub }
  },
  async jose({ door, algorithm, secret, jwk, token }) {
    const start = performance.now()
    const { importJWK, jwtVerify } = await import(door)
    const loaded = performance.now()
    const { payload } = await jwtVerify(token, secret ? new TextEncoder().encode(secret) : await importJWK(jwk, algorithm), { algorithms: [algorithm] })
    return { loaded: loaded - start, verified: performance.now() - start, subject: payload.sub }
  },
}
const doors = { waxseal: new URL('../dist/index.js', import.meta.url).href, jose: import.meta.resolve('jose') }

// ─── tokens, made by neither ───────────────────────────────────────────────────

const json = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

function token(algorithm, signer) {
  const input = `${json({ alg: algorithm, typ: 'JWT' })}.${json({ sub: 'user-4711', exp: Math.floor(Date.now() / 1000) + 3600 })}`
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`
}

function asymmetric(algorithm, type, options) {
  const { privateKey, publicKey } = generateKeyPairSync(type, options)
  return { algorithm, jwk: publicKey.export({ format: 'jwk' }), token: token(algorithm, (input) => signWithNode('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' })) }
}

const secret = 'a secret of thirty-two octets or more'
const cases = [
  { algorithm: 'HS256', secret, token: token('HS256', (input) => createHmac('sha256', secret).update(input).digest()) },
  asymmetric('RS256', 'rsa', { modulusLength: 2048 }),
  asymmetric('ES256', 'ec', { namedCurve: 'P-256' }),
]

// ─── the run ─────────────────────────────────────────────────────────────────

async function measure(library, one) {
  const code = `console.log(JSON.stringify(await (${libraries[library].toString().replace(/^async \w+/, 'async function')})(${JSON.stringify({ ...one, door: doors[library] })})))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])
  const result = JSON.parse(stdout)
  if (result.subject !== 'user-4711') throw new Error(`${library}, ${one.algorithm}: the wrong answer`)
  return result
}

/** Median, and the quartiles as its spread. */
function summary(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))]
  return { median: at(0.5), text: `${at(0.5).toFixed(1)} (${at(0.25).toFixed(1)}-${at(0.75).toFixed(1)})` }
}

const names = Object.keys(libraries)
const line = (first, ...rest) => console.log(first.padEnd(28), ...rest.map((cell) => cell.padStart(22)))
const report = (what, times) => {
  const [ours, theirs] = names.map((name) => summary(times[name]))
  line(what, ours.text, theirs.text, (ours.median / theirs.median).toFixed(2))
}

console.log(`Node ${process.versions.node}, ${process.platform} ${process.arch}, ${rounds} processes each, in turn`)
line('ms, median (quartiles)', ...names, 'ratio')
const loading = Object.fromEntries(names.map((name) => [name, []]))
for (const one of cases) {
  const times = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 ? names : names.toReversed()) {
      const { loaded, verified } = await measure(name, one)
      loading[name].push(loaded)
      times[name].push(verified)
    }
  }
  report(`import + first verify, ${one.algorithm}`, times)
}
report('import alone', loading)
