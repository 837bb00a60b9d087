// Worst cases found by search: `npm run bounds [-- --seconds 20] [--seed 1] [--only importPem]`. For each parser, hill climbing over the
// structure of its input for the most time, and the most memory, per octet, against an honest input of the same length.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { install, root } from '../install.mjs'
import { Random, streamOf } from './random.mjs'

const base64url = (text) => Buffer.from(text).toString('base64url')

// ─── inputs ──────────────────────────────────────────────────────────────────

/** What the search repeats; `$` counts up. */
const units = {
  json: ['"$":0,', '"$":{},', '"a$":"",', '[', '{"a":', '{"$":', '[0,', '[[],', '{},', '0,', '9', '1e', '"",', '"\\u0061",', '"\\u0061$":0,', '\\u0061', '\\\\', '\\"', ':', ' ', '\n', 'é', '😀', '\\ud800', '"__proto__":{', '"$":[{"$":0}],', 'true,', '-0.0,', '"a":1,', 'a', '"', '{"":'],
  base64: ['A', '_', '=', '.', ' ', 'é', '😀', 'AAAA', '-'],
  pem: ['-----BEGIN A-----', '-----BEGIN ', '-----END A-----', '-----', '-----BEGIN A-----\n-----END A-----', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'A', '\n', ' ', '\\n', '\\r', '=', 'AAAA\n', '-----BEGIN PUBLIC KEY-----', 'MAA', 'MIA', 'é', '-', '----', '-----BEGIN A A'],
  secret: ['a', ' ', '"kty"', '"kty" ', '"keys"', '{', '[', '{"kty"', '{ ', '\n', 'ssh', '-----BEGI', '\\', '"k', 'é', '😀', '"k"', '-', '"kty"   '],
  der: ['\x30\x00', '\x02\x01\x01', '\x30\x80', '\x00', '\x30\x82', '\x05\x00', '\x02\x00', '\xa0\x00', '\x30\x84', '\x7f', '\x04\x01\x00'],
  typ: ['a', '/', 'A', 'application/', ' ', 'é', '"', '\\"', '"x",', '"$",', '"exp",'],
}
const mirror = { '[': ']', '{': '}', '(': ')' }
const closing = (unit) => [...unit].reverse().map((letter) => mirror[letter] ?? '').join('')

/** A text of `length` characters: an opening, one or two repeated units, perhaps their mirror image, an ending. */
function grow({ open, unit, second, balanced, close }, length) {
  const room = length - open.length - close.length
  const tail = balanced ? closing(unit) : ''
  const parts = []
  const tails = []
  let left = room
  for (let i = 0; ; i++) {
    const one = (i % 2 && second ? second : unit).replaceAll('$', i.toString(36))
    if (one.length + tail.length > left || one.length === 0) break
    left -= one.length + tail.length
    parts.push(one)
    if (tail) tails.push(tail)
  }
  return open + parts.join('').replace(/,$/, /^[\]},]|^$/.test(close) ? ' ' : ',') + tails.join('') + ' '.repeat(Math.max(0, left)) + close
}

const mutate = (genome, random, list, frame) => {
  const next = { ...genome }
  switch (random.below(6)) {
    case 0: next.unit = random.pick(list); break
    case 1: next.second = random.chance(0.4) ? '' : random.pick(list); break
    case 2: next.unit += random.pick(list); break
    case 3: Object.assign(next, random.pick(frame)); break
    case 4: next.balanced = !next.balanced; break
    default: next.unit = next.unit.slice(random.below(next.unit.length), 1 + random.below(next.unit.length) + next.unit.length / 2) || random.pick(list)
  }
  if (next.unit.length > 60) next.unit = next.unit.slice(0, 60)
  return next
}

const frames = (...list) => list.map(([open, close]) => ({ open, close }))
const object = frames(['{', '}'], ['{"a":', '}'], ['{"a":[', ']}'], ['{"a":"', '"}'], ['{"a":', ''], ['', ''], ['{"exp":4000000000,', '}'], ['{"exp":4000000000,"aud":[', ']}'], ['{"aud":"', '"}'], ['{"exp":', '}'], ['{"iss":', '}'])
const header = frames(['{"alg":"HS256",', '}'], ['{"alg":"HS256","kid":"', '"}'], ['{"alg":"HS256","typ":"', '"}'], ['{"alg":"HS256","crit":[', ']}'], ['{"alg":"', '"}'], ['{"alg":["', '"]}'], ['{"crit":[', '],"alg":"HS256"}'], ['{"alg":"HS256","typ":', '}'], ['{', ',"alg":"HS256"}'], ['{"alg":', '}'])

const honestJson = (length, more = '') => `{${more}"sub":"alice","roles":[${Array.from({ length: Math.max(1, Math.floor((length - 80) / 14)) }, (_, i) => `"role-${String(i).padStart(5, '0')}"`).join()}]}`
const cutTo = (text, length) => text.slice(0, length)

/** Fits a text into three quarters of what a token may have, since base64url makes it longer. */
const inToken = (length) => Math.floor((length - 100) * 3 / 4)

// ─── parsers ─────────────────────────────────────────────────────────────────

/** Each: the lengths (of the input as the library gets it), the honest input of a length, and what is run with an input. */
function makeParsers({ lib, jws, createHmac, fixtures }) {
  const key = new Uint8Array(64).fill(7)
  const good = base64url('{"alg":"HS256"}')
  const signed = (head, body) => {
    const input = `${head}.${body}`
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
  }
  const verifier = lib.createVerifier(key, { algorithms: ['HS256'], audience: ['api', 'other'], issuer: ['x', 'y'], maxTokenLength: 2 ** 24 })
  const rsa = fixtures.keys.RSA
  const quiet = async (promise) => { try { await promise } catch { /* refused */ } }
  const quietSync = (call) => { try { call() } catch { /* refused */ } }
  const member = (name, base) => (text) => ({ ...base, [name]: text })
  const filled = (length) => Buffer.alloc(Math.ceil(length * 3 / 4), 0xab).toString('base64url').slice(0, length & ~3)
  const jwks = (length) => ({ keys: Array.from({ length: Math.max(1, Math.floor(length / 180)) }, (_, i) => ({ ...fixtures.keys['P-256'].publicJwk, kid: String(i), alg: 'ES256' })) })
  const honestPem = (length) => `${'# a comment before the armour\n'.repeat(Math.max(0, Math.floor((length - 500) / 30)))}${rsa.publicPem.SPKI}`
  return {
    'base64url.decode': { lengths: [16384, 65536], units: units.base64, frames: frames(['', ''], ['', '='], ['', 'é']), honest: filled, run: (text) => quietSync(() => lib.base64url.decode(text)) },
    'decode: any token': { lengths: [16384, 65536], units: [...units.base64, ...units.json], frames: frames(['', ''], [`${good}.`, '.'], [`${good}.e30.`, ''], ['.', '.']), honest: (length) => signed(good, base64url(honestJson(inToken(length)))), run: (text) => quietSync(() => lib.decode(text, { maxTokenLength: 2 ** 24 })) },
    'decode: payload': { lengths: [16384, 65536], of: inToken, units: units.json, frames: object, wrap: (text) => `${good}.${base64url(text)}.`, honest: (length) => `${good}.${base64url(honestJson(inToken(length)))}.`, run: (text) => quietSync(() => lib.decode(text, { maxTokenLength: 2 ** 24 })) },
    'verify: header, signature missing': { lengths: [16384, 65536], of: inToken, units: [...units.json, ...units.typ], frames: header, wrap: (text) => `${base64url(text)}.e30.${'A'.repeat(43)}`, honest: (length) => `${base64url(honestJson(inToken(length), '"alg":"HS256",'))}.e30.${'A'.repeat(43)}`, run: (text) => quiet(verifier(text)) },
    'verify: payload, signed': { lengths: [16384, 65536], of: inToken, units: units.json, frames: object, wrap: (text) => signed(good, base64url(text)), honest: (length) => signed(good, base64url(honestJson(inToken(length), '"exp":4000000000,"aud":"api","iss":"x",'))), run: (text) => quiet(verifier(text)) },
    'verifyBytes: header': { lengths: [16384], of: inToken, units: [...units.json, ...units.typ], frames: header, wrap: (text) => signed(base64url(text), 'AAAA'), honest: (length) => signed(base64url(honestJson(inToken(length), '"alg":"HS256",')), 'AAAA'), run: (text) => quiet(jws.verifyBytes(text, key, { algorithms: ['HS256'], crit: ['x'], type: 'a' })) },
    'importJwk: RSA n': { lengths: [342, 4096, 65536], units: units.base64, frames: frames(['', ''], ['A', ''], ['_', '_'], ['', 'w']), wrap: member('n', { ...rsa.publicJwk, alg: 'RS256' }), honest: (length) => ({ ...rsa.publicJwk, alg: 'RS256', x: filled(length) }), run: (jwk) => quiet(lib.importJwk(jwk)) },
    'importJwk: RSA d': { lengths: [342, 4096, 65536], units: units.base64, frames: frames(['', ''], ['A', ''], ['_', '_'], ['', 'w']), wrap: member('d', { ...rsa.jwk, alg: 'RS256' }), honest: (length) => ({ ...rsa.jwk, alg: 'RS256', x: filled(length) }), run: (jwk) => quiet(lib.importJwk(jwk)) },
    'importJwk: all private members of RSA': { lengths: [4096, 65536, 262144], units: units.base64, frames: frames(['', ''], ['_', '_'], ['', 'w']), of: (length) => Math.floor(length / 8), wrap: (text) => ({ kty: 'RSA', alg: 'RS256', n: text, e: text, d: text, p: text, q: text, dp: text, dq: text, qi: text }), honest: (length) => ({ ...rsa.jwk, alg: 'RS256', x: filled(length) }), run: (jwk) => quiet(lib.importJwk(jwk)) },
    'importJwk: oct k': { lengths: [4096, 65536], units: units.base64, frames: frames(['', ''], ['MIA', '']), wrap: member('k', { kty: 'oct', alg: 'HS256' }), honest: (length) => ({ kty: 'oct', alg: 'HS256', k: filled(length) }), run: (jwk) => quiet(lib.importJwk(jwk)) },
    'importJwk: key_ops': { lengths: [4096, 65536], units: ['"verify",', '"$",', '"a",', '0,'], frames: frames(['["verify",', '0]'], ['[', '"verify"]']), wrap: (text) => ({ ...rsa.publicJwk, alg: 'RS256', key_ops: parsed(text) }), honest: (length) => ({ ...rsa.publicJwk, alg: 'RS256', x: filled(length) }), run: (jwk) => quiet(lib.importJwk(jwk)) },
    importPem: { lengths: [4096, 16384, 65536], units: units.pem, frames: frames(['', ''], ['-----BEGIN PUBLIC KEY-----', '-----END PUBLIC KEY-----'], ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'], ['-----BEGIN RSA PRIVATE KEY-----\n', ''], ['', rsa.publicPem.SPKI], [rsa.publicPem.SPKI, '']), honest: honestPem, run: (text) => quiet(lib.importPem(text, 'RS256')) },
    'importPem: DER': { lengths: [4096, 65536], of: (length) => Math.floor((length - 60) * 3 / 4), units: units.der, frames: frames(['', ''], ['\x30\x82\x0b\xfc', ''], ['\x30\x83\x00\xbf\xd1', ''], ['\x30\x82\xbf\xd1\x30', '']), wrap: (text) => `-----BEGIN PUBLIC KEY-----\n${Buffer.from(text, 'latin1').toString('base64')}\n-----END PUBLIC KEY-----`, honest: honestPem, run: (text) => quiet(lib.importPem(text, 'RS256')) },
    ecdsaFromDer: { lengths: [139, 4096, 65536], units: units.der, frames: frames(['', ''], ['\x30\x82\x0f\xfc', ''], ['\x30\x83\x00\xff\xfb', ''], ['\x30\x82\x0f\xfc\x02', '']), wrap: (text) => Buffer.from(text, 'latin1'), honest: (length) => Buffer.concat([Buffer.from('3006020101020101', 'hex'), Buffer.alloc(Math.max(0, length - 8))]), run: (bytes) => quietSync(() => lib.ecdsaFromDer(bytes, 'ES512')) },
    'a secret as text': { lengths: [64, 4096, 65536], units: units.secret, frames: frames(['', ''], ['{', ''], ['[', '"kty"'], [' ', '{'], ['{', '"kty":']), honest: (length) => 'aB3$'.repeat(length / 4), run: (text) => quietSync(() => lib.createSigner(text, { algorithm: 'HS256', expiresIn: 60 })) },
    'keySet of many members': { lengths: [4096, 65536, 262144], units: ['{"kty":"EC"},', '{},', '0,', '{"kty":"oct","k":"AAAA"},', '{"kty":"RSA","n":"AAAA","e":"AQAB"},', `${JSON.stringify(fixtures.keys.Ed25519.publicJwk)},`, `${JSON.stringify(fixtures.keys['P-521'].publicJwk)},`, `${JSON.stringify(rsa.publicJwk)},`, `${JSON.stringify(rsa.jwk)},`, '{"kid":"$"},', '{"kty":"oct","kid":"$"},'], frames: frames(['{"keys":[', '{}]}']), wrap: parsed, honest: jwks, run: (set) => quietSync(() => lib.keySet(set)) },
    'keySet, one member with a long text': { lengths: [4096, 65536, 262144], units: [...units.base64, ...units.typ], frames: frames(...['kid', 'kty', 'alg', 'crv', 'use'].map((name) => [`{"keys":[{"kty":"EC","crv":"P-256","${name}":"`, '"}]}']), ...['n', 'd', 'k', 'x', 'p'].map((name) => [`{"keys":[{"kty":"${name === 'k' ? 'oct' : 'RSA'}","e":"AQAB","alg":"RS256","${name}":"`, '"}]}'])), wrap: parsed, honest: jwks, run: (set) => quietSync(() => lib.keySet(set)) },
  }
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// ─── measuring ───────────────────────────────────────────────────────────────

const now = () => Number(process.hrtime.bigint()) / 1000

/** The shortest of several runs, in microseconds: what the input costs without the machine's other work. */
async function timeOf(run, input) {
  let best = Infinity
  const start = now()
  for (let i = 0; i < 7 && (i < 3 || now() - start < 20_000) && now() - start < 500_000; i++) {
    const before = now()
    const pending = run(input)
    if (pending) await pending
    best = Math.min(best, now() - before)
  }
  return best
}

/** Octets that one run allocates; the young generation is large enough that nothing is collected on the way. */
async function memoryOf(run, input, collect) {
  let best = Infinity
  for (let i = 0; i < 3; i++) {
    collect()
    const before = process.memoryUsage()
    const pending = run(input)
    if (pending) await pending
    const after = process.memoryUsage()
    best = Math.min(best, after.heapUsed - before.heapUsed + Math.max(0, after.external - before.external))
  }
  return Math.max(0, best)
}

async function search() {
  Error.stackTraceLimit = 10
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc')
  const { name, length, seed, seconds, goal } = workerData
  const { createHmac } = await import('node:crypto')
  const fixtures = (await import('../runtimes/fixtures/fixtures.mjs')).default
  const parser = makeParsers({ lib: await import(`${workerData.dist}index.js`), jws: await import(`${workerData.dist}jws.js`), createHmac, fixtures })[name]
  const { wrap = (text) => text, of = (one) => one, run } = parser
  const make = (genome, size) => wrap(grow(genome, of(size)))
  const measure = (input) => goal === 'time' ? timeOf(run, input) : memoryOf(run, input, collect)
  const size = (input) => Buffer.byteLength(typeof input === 'string' ? input : ArrayBuffer.isView(input) ? Buffer.from(input).toString('latin1') : JSON.stringify(input) ?? '')

  const honestInput = parser.honest(length)
  for (let i = 0; i < 30; i++) await measure(honestInput)
  const honest = (await measure(honestInput)) / size(honestInput)

  const random = new Random(seed, streamOf(name), length)
  /** What searches found before comes first, in every frame: so that a short search does not lose it. */
  const known = parser.frames.flatMap((frame) => ['[', '{"a":', '"$":0,', '-----BEGIN A A', '-----BEGIN A-----'].filter((unit) => parser.units.includes(unit))
    .map((unit) => ({ unit, second: '', balanced: unit === '[' || unit === '{"a":', ...frame })))
  const fresh = () => known.pop() ?? ({ unit: random.pick(parser.units), second: random.chance(0.3) ? random.pick(parser.units) : '', balanced: random.chance(0.3), ...random.pick(parser.frames) })
  const score = async (genome) => {
    parentPort.postMessage({ trying: genome })
    const input = make(genome, length)
    return input === undefined || size(input) < length / 3 ? -1 : await measure(input) / size(input)
  }
  let best = { genome: fresh(), score: -1 }
  let tried = 0
  let current = best
  for (const end = Date.now() + seconds * 1000; Date.now() < end; tried++) {
    // Start anew now and then: the slopes have many tops.
    const genome = known.length || tried % 60 < 12 || current.score < 0 ? fresh() : mutate(current.genome, random, parser.units, parser.frames)
    const one = { genome, score: await score(genome) }
    if (tried % 60 === 0 || one.score > current.score) current = one
    if (one.score > best.score) best = { ...one, score: Math.min(one.score, await score(genome)) }
  }
  if (best.score < 0) throw new Error(`no input of ${name} was one`)
  const again = await measure(make(best.genome, length)) / size(make(best.genome, length))
  const larger = make(best.genome, length * 4)
  const growth = larger === undefined ? NaN : await measure(larger) / size(larger) / again
  parentPort.postMessage({ done: { honest, worst: again, growth, tried, genome: best.genome } })
}

// ─── the table ───────────────────────────────────────────────────────────────

async function main() {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '15' }, seed: { type: 'string', default: '1' }, only: { type: 'string' }, dist: { type: 'string', default: join(root, 'dist') } } })
  install()
  if (values.dist === join(root, 'dist') && spawnSync(process.execPath, [join(root, 'test/build.mjs')], { stdio: 'inherit' }).status !== 0) process.exit(1)
  const dist = pathToFileURL(join(values.dist, '/')).href
  const fixtures = (await import('../runtimes/fixtures/fixtures.mjs')).default
  const parsers = makeParsers({ lib: { createVerifier() {} }, fixtures })
  console.log(`seed ${values.seed}, Node ${process.version}, ${values.seconds} s per row\n`)
  console.log('| parser | length | what | honest, per octet | worst found | ratio | per octet at 4 times the length | inputs tried | worst input |\n|---|---|---|---|---|---|---|---|---|')
  for (const [name, { lengths }] of Object.entries(parsers)) {
    if (values.only && !values.only.split(',').some((one) => name.startsWith(one))) continue
    for (const length of lengths) for (const goal of ['time', 'memory']) {
      const result = await inThread({ name, length, goal, seed: Number(values.seed), seconds: Number(values.seconds), dist })
      console.log(`| ${name} | ${length} | ${goal} | ${row(result, goal)} |`)
    }
  }
}

const shown = ({ open, unit, second, balanced, close }) => `\`${JSON.stringify(`${open.slice(0, 60)}⟨${unit}${second ? `|${second}` : ''}⟩${balanced ? '⟨mirrored⟩' : ''}${close.slice(-40)}`).slice(1, -1).replaceAll('|', '\\|').replaceAll('`', "'")}\``

function row({ honest, worst, growth, tried, genome, hung }, goal) {
  if (hung) return `over 40 s in one step | | | | ${shown(hung)}`
  const unit = goal === 'time' ? (value) => `${(value * 1000).toFixed(0)} ns` : (value) => `${value.toFixed(1)} octets`
  return `${unit(honest)} | ${unit(worst)} | ${(worst / honest).toFixed(1)} | × ${growth.toFixed(2)} | ${tried} | ${shown(genome)}`
}

/** The search in a thread of its own, ended from outside if one input takes more than 40 seconds. */
function inThread(data) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: 512, maxOldGenerationSizeMb: 2048 } })
    let last = Date.now()
    let trying
    const watch = setInterval(async () => {
      if (Date.now() - last < 40_000) return
      clearInterval(watch)
      await worker.terminate()
      resolve({ hung: trying })
    }, 500)
    worker.on('message', (message) => {
      last = Date.now()
      trying = message.trying ?? trying
      if (!message.done) return
      clearInterval(watch)
      worker.terminate()
      resolve(message.done)
    })
    worker.on('error', (error) => {
      clearInterval(watch)
      reject(error)
    })
  })
}

await (isMainThread ? main() : search())
