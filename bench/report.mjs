// Writes RESULTS.md and chart.svg from results/*.json: `node report.mjs`. The figures are read, never changed: a target
// that was missed says so.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drawChart } from './chart.mjs'
import { longer } from './rounds.mjs'

const here = (name) => new URL(name, import.meta.url)
const read = (name) => existsSync(here(`results/${name}.json`)) ? JSON.parse(readFileSync(here(`results/${name}.json`), 'utf8')) : undefined

// ─── finding figures ─────────────────────────────────────────────────────────

const inOne = 'one at a time'
const inFlight = '64 in flight'
const sync = 'synchronous'

/** The cases of a run that a group, a manner and words of `what` choose. */
function casesOf({ cases }, group, manner, ...words) {
  return cases.filter((one) => group.includes(one.group) && (!manner || one.manner === manner) && words.every((word) => one.what.includes(word)))
}

const entry = (one, name) => one?.results.find((result) => result.name === name)
const isOurs = (name) => name.startsWith('waxseal')
const isBare = (name) => name.startsWith('bare')
const isOfRaw = (name) => isOurs(name) || isBare(name)

/** Where a rival comes nearest to this library, or passes it, over all algorithms and sizes. */
function everywhere(run, rival) {
  const all = casesOf(run, ['algorithms', 'sizes']).filter(({ manner }) => manner !== sync)
    .flatMap((found) => [entry(found, rival)?.toOurs].filter(Boolean).map(({ high }) => ({ median: high, where: [...found.what, found.manner].join(' ') })))
  return all.sort((a, b) => a.median - b.median)[0]
}

/** A figure, and the same figure for the least that signs or verifies, where that takes part. */
function one(run, group, manner, words, name, kind) {
  const found = casesOf(run, group, manner, ...words)[0]
  const figure = entry(found, name)?.[kind]
  const bare = found?.results.find((result) => isBare(result.name))
  return figure && { ...figure, bare: bare && (isOurs(name) ? bare.toRaw.median : figure.median / bare.toOurs.median) }
}

/** The same call with a secret as text or bytes, against it with the CryptoKey: of the median times, since both are this library. */
function withCryptoKey(run, how, form) {
  const time = (of) => one(run, ['keys'], inFlight, ['HS256', 'verify'], `${how} (${of})`, 'time')?.median
  return time(form) && { median: time(form) / time('CryptoKey') }
}

const hs = (operation, size = 'typical') => ['HS256', operation, size]
const bySize = ['algorithms', 'sizes']

/** Hits with a string that is new each time, without the time to make it, which is nobody's cache. */
function withoutTheString(run) {
  const found = casesOf(run, ['cached'], sync, 'HS256', 'a new string each time')[0]
  const [ours, theirs, string] = ['waxseal/node, cached', 'fast-jwt, cached', 'making the string alone'].map((name) => entry(found, name)?.time.median)
  return string && { median: (theirs - string) / (ours - string) }
}

/** How far a curve is from a line: microseconds per byte from 16 to 64 KiB against those from 1 to 16. */
function bend(run, manner, operation) {
  const found = casesOf(run, ['growth'], manner, operation)[0]
  const at = (size) => found?.results.find(({ name }) => isOurs(name) && name.includes(`(${size} B)`))?.time.median
  const slope = (from, to) => (at(to) - at(from)) / (to - from)
  return at(65536) && { median: slope(16384, 65536) / slope(1024, 16384) }
}

// ─── the targets ─────────────────────────────────────────────────────────────

/** [what, bound, figure(run), the runtimes it is set for]: a bound above which or below which it is missed. */
function* targets() {
  const node = ['node']
  for (const operation of ['sign', 'verify']) {
    for (const size of ['small', 'typical']) {
      yield [`HS256 ${operation}, ${size}, one at a time: time of raw subtle`, { most: 1.25 }, (run) => one(run, bySize, inOne, hs(operation, size), 'waxseal', 'toRaw'), node]
    }
  }
  for (const algorithm of ['RS256', 'ES256']) {
    for (const operation of ['sign', 'verify']) {
      yield [`${algorithm} ${operation}, one at a time: time of raw subtle`, { most: 1.1 }, (run) => one(run, bySize, inOne, [algorithm, operation, 'typical'], 'waxseal', 'toRaw'), node]
    }
  }
  for (const [manner, least] of [[inOne, 1.5], [inFlight, 1.6]]) {
    for (const operation of ['sign', 'verify']) {
      for (const size of ['small', 'typical']) {
        yield [`HS256 ${operation}, ${size}, ${manner}: throughput of jose`, { least }, (run) => one(run, bySize, manner, hs(operation, size), 'jose', 'toOurs'), node]
      }
    }
  }
  for (const rival of ['jose', 'hono', 'tsndr']) { // slower is what three quarters of the rounds call slower
    yield [`every algorithm, operation and size: throughput of ${rival}, upper quartile, the least`, { least: 1 }, (run) => everywhere(run, rival)]
  }
  for (const how of ['waxseal', 'waxseal, per call']) {
    for (const form of ['string', 'bytes']) {
      yield [`HS256 verify, secret as ${form}${how === 'waxseal' ? '' : ', per call'}: time with the CryptoKey`, { most: 1.1 }, (run) => withCryptoKey(run, how, form)]
    }
  }
  for (const [operation, least] of [['sign', 1.25], ['verify', 1.4]]) {
    for (const size of ['small', 'typical']) {
      yield [`HS256 ${operation}Sync, ${size}: throughput of fast-jwt`, { least, bun: 1.5 }, (run) => one(run, bySize, sync, hs(operation, size), 'fast-jwt', 'toOurs'), ['node', 'bun']]
      yield [`HS256 ${operation}Sync, ${size}: throughput of jsonwebtoken`, { least: 1.3 }, (run) => one(run, bySize, sync, hs(operation, size), 'jsonwebtoken', 'toOurs'), ['node', 'bun']]
    }
  }
  for (const algorithm of ['RS256', 'ES256']) {
    for (const operation of ['sign', 'verify']) {
      yield [`${algorithm} ${operation}Sync: time of raw node:crypto`, { most: 1.15 }, (run) => one(run, bySize, sync, [algorithm, operation, 'typical'], 'waxseal/node', 'toRaw'), node]
    }
  }
  for (const what of ['the same string', 'a new string each time', '500 tokens in turn']) {
    yield [`verifySync cached, ${what}: throughput of fast-jwt cached`, { least: 20 }, (run) => one(run, ['cached'], sync, ['HS256', what], 'fast-jwt, cached', 'toOurs')]
  }
  yield ['verifySync cached, a new string each time, less the time to make it: throughput of fast-jwt cached', { least: 20 }, withoutTheString]
  for (const what of ['no token at all', 'garbage in three parts', 'another algorithm', 'no algorithm (none)', 'bad signature', 'expired']) {
    yield [`refusal, ${what}: throughput of jose`, { least: /signature|expired/.test(what) ? undefined : 3 }, (run) => one(run, ['refusals'], inFlight, ['HS256', what], 'jose', 'toOurs')]
  }
  for (const manner of [inOne, sync]) {
    for (const operation of ['sign', 'verify']) yield [`${operation}, ${manner}: cost of a byte beyond 16 KiB against below`, { most: 1.25 }, (run) => bend(run, manner, operation)]
  }
  yield ['10,000 keys in a set against 1: time of a verify', { most: 1.1 }, (run) => one(run, ['key sets'], inFlight, ['ES256', 'verify'], 'waxseal (10000)', 'toOurs')]
}

function targetTable(runs) {
  const rows = [...targets()].map(([what, bound, figure, runtimes]) => {
    const cells = runs.map((run) => {
      const value = figure(run)
      if (!value) return ''
      const applies = !runtimes || runtimes.includes(run.runtime)
      const least = bound[run.runtime] ?? bound.least
      const missed = applies && (value.median < least || value.median > bound.most)
      return `${number(value.median)}${value.bare ? `, bare ${number(value.bare)}` : ''}${value.where ? ` (${value.where})` : ''}${missed ? ' **missed**' : ''}`
    })
    const limit = bound.most ? `at most ${bound.most}` : bound.least ? `at least ${bound.least}${bound.bun ? ` (Bun ${bound.bun})` : ''}` : ''
    return [what, limit, ...cells]
  })
  return table(['', 'target', ...runs.map(title)], rows)
}

// ─── tables ──────────────────────────────────────────────────────────────────

const number = (value) => value < 0.1 ? value.toFixed(3) : value < 100 ? value.toFixed(2) : value.toFixed(0)
const spread = (ratio) => ratio ? `${number(ratio.median)} (${number(ratio.low)}-${number(ratio.high)})` : ''
const names = { node: 'Node', bun: 'Bun', deno: 'Deno' }
const title = ({ runtime, version }) => `${names[runtime]} ${version}`

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => i ? '--:' : '---')), ...rows.map(line)].join('\n') + '\n'
}

/** A row for each case: the primitive's time, this library's against it, and the rivals' against this library's. */
function wide(cases) {
  const all = [...new Set(cases.flatMap(({ results }) => results.map(({ name }) => name)))]
  const [raw, ...others] = all
  return table(['', `${raw}, µs`, ...others.map((name) => isOfRaw(name) ? `${name}, of raw` : `${name}, of ours`)], cases.map((found) => [
    found.what.join(' '), spread(entry(found, raw)?.time),
    ...others.map((name) => spread(isOfRaw(name) ? entry(found, name)?.toRaw : entry(found, name)?.toOurs)),
  ]))
}

/** A row for each contender, a column for each case: the time, and against this library's first. */
function tall(cases) {
  const all = [...new Set(cases.flatMap(({ results }) => results.map(({ name }) => name)))]
  return table(['', ...cases.flatMap((found) => [`${found.what.slice(0, 3).join(' ')}, µs`, 'of ours'])], all.map((name) => [
    name, ...cases.flatMap((found) => [spread(entry(found, name)?.time), spread(entry(found, name)?.toOurs)]),
  ]))
}

function* sections(run) {
  yield `## ${title(run)}\n`
  for (const manner of [inOne, inFlight, sync]) {
    yield `### Algorithms, 1 KiB of claims, ${manner}\n`
    yield wide(casesOf(run, ['algorithms'], manner))
  }
  for (const manner of [inOne, inFlight, sync]) {
    yield `### Claims of 200 B and 16 KiB, ${manner}\n`
    yield wide(casesOf(run, ['sizes'], manner))
  }
  for (const manner of [inFlight, sync]) {
    for (const operation of ['verify', 'sign']) {
      yield `### Forms of key, ${operation}, ${manner}\n`
      yield tall(casesOf(run, ['keys'], manner, operation))
    }
  }
  for (const manner of [inOne, inFlight, sync]) {
    yield `### Refusals, ${manner}\n\nThe primitive verifies a good token here; it is the measure of what "without cryptography" saves.\n`
    yield wide(casesOf(run, ['refusals'], manner))
  }
  for (const manner of [sync, inOne, inFlight]) {
    yield `### Cached, ${manner}\n`
    yield tall(casesOf(run, ['cached'], manner).map((found) => ({ ...found, what: found.what.slice(2) })))
  }
  yield '### Key sets, the number of members in brackets, ES256 verify\n'
  yield tall(casesOf(run, ['key sets']).map((found) => ({ ...found, what: [found.manner] })))
  yield '### Growth, HS256\n'
  yield table(['claims', ...casesOf(run, ['growth']).flatMap(({ what, manner }) => [`${what[1]} ${manner}, µs`, 'of raw'])],
    [128, 256, 1024, 4096, 16384, 65536].map((size) => [`${size} B`, ...casesOf(run, ['growth']).flatMap(({ results }) => {
      const found = results.find(({ name }) => isOurs(name) && name.includes(`(${size} B)`))
      return [spread(found?.time), spread(found?.toRaw)]
    })]))
  yield '### First call in a fresh process, ms\n'
  yield table(['', ...['HS256', 'RS256', 'ES256'].flatMap((algorithm) => [`${algorithm}: import of the library`, 'until the first verify'])],
    [...new Set(run.first.map(({ name }) => name))].map((name) => [name, ...run.first.filter((found) => found.name === name).flatMap(({ loaded, verified }) => [spread(loaded), spread(verified)])]))
}

function* extras() {
  const heaps = Object.keys(names).map((name) => read(`heap-${name}`)).filter(Boolean)
  if (heaps.length) {
    yield '## Heap\n\nIn use after a full collection, before and after that many verifications of 5,000 tokens in turn, a tenth of them refused (`npm run heap`).\n'
    yield table(['', 'verifications', 'before, KiB', 'after, KiB'], heaps.flatMap(({ runtime, rows }) => rows.map(({ name, count, before, after }) => [`${names[runtime[0]]} ${runtime[1]}, ${name}`, count.toLocaleString('en'), (before / 1024).toFixed(0), (after / 1024).toFixed(0)])))
  }
  for (const { runtime, lengths } of Object.keys(names).map((name) => read(`worst-${name}`)).filter(Boolean)) {
    const all = Object.entries(lengths)
    yield `## Worst tokens, ${names[runtime[0]]} ${runtime[1]}\n\nTime of a hostile token against an honest one of the same length (\`npm run worst\`). The code is that at the longest.\n`
    const factor = (rows, name) => rows.find((row) => row.name === name)?.factor
    yield table(['', 'answer', ...all.map(([length]) => `${length} characters`)], all.at(-1)[1].map(({ name, code }) => [name, code, ...all.map(([, rows]) => spread(factor(rows, name)))]))
  }
}

const notComparable = `## What is not comparable

- The libraries do not check the same things. waxseal refuses duplicate member names, non-canonical base64url, invalid
  UTF-8, a token without \`exp\`, wrongly typed claims and weak keys, on every call; most rivals do few of these. They are
  given their own best way of use all the same, with issuer and audience checked by all that can.
- tsndr can check neither issuer nor audience; hono and tsndr judge the claims before the signature; tsndr takes claims by
  reference and writes \`iat\` into them, so that its adapter hands it a copy, as hono's does to add the times.
- jose, hono and tsndr have no prepared signer or verifier: their options are read at every call. "waxseal, per call" is
  \`sign\` and \`verify\`, which read theirs at every call, too.
- fast-jwt takes no KeyObject: where the synchronous tables give one to the others it gets the secret as text or the key as
  PEM, from which it makes a KeyObject when the verifier is made. A JWK, PEM or text given to hono or tsndr is imported at
  every call; waxseal imports JWK and PEM once, before, and remembers a secret given as text or bytes.
- fast-jwt hands every caller of a cached token the same mutable object. Its cache hashes the token; waxseal's looks it up
  by its text. A new string has to be hashed and compared by the engine, hence the second of the three cached cases.
- EdDSA and PS* are not in tsndr, EdDSA not in jsonwebtoken, ML-DSA only in jose, and only where the runtime has it. The
  synchronous rivals take a JWKS through a callback or not at all and are left out of the key sets.
- The primitive alone is no JWT library: it is given its bytes ready-made. One at a time an asynchronous call is mostly the
  way to a worker thread and back; 64 in flight the main thread is the limit.
- "Bare" is no library: the primitive, the platform's JSON and base64url, and no check but the signature, \`iss\`, \`aud\` and
  \`exp\`. It is a yardstick, not a bound (signing is faster here in places): the targets' table says what it reaches.
- On a shared machine only ratios within one case mean anything; times of two cases, let alone of two runtimes, do not.
`

export function writeReport() {
  const runs = Object.keys(names).map(read).filter(Boolean)
  const [{ machine, versions, pace }] = runs
  const text = [
    '# Measurements\n',
    `Machine: ${machine.processor}, ${machine.cores} cores, ${machine.gigabytes} GiB, ${machine.system}, shared.`,
    `Versions: ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    ...runs.map((run) => `${title(run)}: \`${run.command}\`, ${run.date}${run.pace.clock ? '; processor time of all threads, not the wall clock' : ''}.`),
    `\nEvery figure is a median with its quartiles. Before a library is timed its answers are checked: the right claims for a
good token, a refusal for a forged one, a signature that verifies. Then all contenders of a case run in turn, in a process
of their own, ${pace.milliseconds} ms each (with 64 in flight ${pace.milliseconds * longer} ms, lest most of it be the start of 64 calls at once and the
end of the last), ${pace.rounds} rounds, the order rotating; ratios are taken within a round. tinybench times each turn; it has no interleaving of its own,
so that the turns are given out by rounds.mjs. "Of raw" is this library's time divided by the primitive's on the same
bytes; "of ours" is a rival's time divided by this library's, which is how many times as many tokens per second this
library does.\n`,
    '## Targets\n', targetTable(runs),
    notComparable, ...extras(), ...runs.flatMap((run) => [...sections(run)]),
  ].join('\n')
  writeFileSync(here('RESULTS.md'), text)
  if (runs[0].runtime === 'node') writeFileSync(here('chart.svg'), drawChart(runs[0]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeReport()
