// What the worst tokens cost: for each length an honest token is verified, and tokens of that very length, made to hurt,
// are given to the same verifier, in turn with it. A refusal may cost a constant factor of an honest verification, and the
// factor must not grow with the length. Those marked "signed" carry a good signature: they are what a careless issuer, or
// a key in the wrong hands, could send; the others anybody can. The
// synchronous door is asked, since it runs the same checks and its honest verification is the cheapest there is; what is
// counted is processor time.
// `npm run worst [-- --runtime node|bun|deno] [--only <pattern>] [--rounds n]`. Needs a build and npm install here.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createVerifierSync } from '../dist/node.js'
import { audience, issuer, keysOf, registered, tokenOf, claimsOf } from './material.mjs'
import { elsewhere, here } from './runtimes.mjs'
import { race, ratio, spread } from './rounds.mjs'

const { values: options } = parseArgs({ options: { runtime: { type: 'string' }, only: { type: 'string' }, rounds: { type: 'string' } } })
const lengths = [1024, 16384, 65536]
const pace = { rounds: Number(options.rounds ?? 31), milliseconds: 1.5, clock: 'processor', warmup: { calls: 3000, milliseconds: 200 } }

const segment = (text) => Buffer.from(text).toString('base64url')
const json = JSON.stringify
const times = (text, count) => text.repeat(Math.max(0, Math.floor(count)))
const head = '{"alg":"HS256","typ":"JWT"'
const claims = json(registered).slice(0, -1)
const signature = times('A', 43)

/**
 * Fills `make(room)`, a header or payload text, so that the token comes out near the length; base64url takes a third. A
 * hostile header comes in several spellings, in turn, since a verifier may remember the last one that it has parsed.
 */
const withHeader = (make) => (length) => [1, 2, 3, 4].map((i) => `${segment(`{"n":${i},${make((length - 70) * 3 / 4).slice(1)}`)}.e30.${signature}`)
const withClaims = (make) => async (length, keys) => tokenOf(keys, make((length - 90) * 3 / 4))
const more = (text) => `${head},${text}}`
const moreClaims = (text) => `${claims},${text}}`
const members = (room, name) => Array.from({ length: room / 14 }, (_, i) => `"${name(i)}":${i}`).join()

const attacks = {
  'dots alone': (length) => times('.', length),
  'a letter and a dot, over and over': (length) => times('a.', length / 2),
  'no dot': (length) => times('A', length),
  'one dot too many, at the end': (length, keys, honest) => honest.slice(0, -1) + '.',
  'a character outside the alphabet, last of the payload': (length, keys, honest) => honest.slice(0, honest.lastIndexOf('.') - 1) + '*' + honest.slice(honest.lastIndexOf('.')),
  'a character beyond Latin-1, last': (length, keys, honest) => honest.slice(0, -1) + '\u20ac',
  'padding throughout': (length) => `${segment(`${head}}`)}.${times('=', length - 90)}.${signature}`,
  'bad UTF-8, last of the header': (length) => `${segment(Buffer.concat([Buffer.from(times(' ', (length - 60) * 3 / 4)), Buffer.from([0xff])]))}.e30.${signature}`,
  'header: a kid that is long': withHeader((room) => more(`"kid":"${times('k', room - 40)}"`)),
  'header: a kid of escapes': withHeader((room) => more(`"kid":"${times('\\u006b', (room - 40) / 6)}"`)),
  'header: a typ that is long': withHeader((room) => `{"alg":"HS256","typ":"${times('A/', (room - 30) / 2)}"}`),
  'header: an alg that is long': withHeader((room) => `{"alg":"${times('H', room - 20)}"}`),
  'header: an alg nested deep': withHeader((room) => `{"alg":${times('[', room / 2 - 10)}${times(']', room / 2 - 10)}}`),
  'header: arrays nested deep': withHeader((room) => more(`"x":${times('[', room / 2 - 25)}${times(']', room / 2 - 25)}`)),
  'header: objects nested deep': withHeader((room) => more(`"x":${times('{"":', (room - 50) / 5)}0${times('}', (room - 50) / 5)}`)),
  'header: nested deep and not closed': withHeader((room) => more(`"x":${times('[', room - 40)}`)),
  'header: very many members': withHeader((room) => more(members(room, (i) => `m${i}`))),
  'header: very many members that look like indices': withHeader((room) => more(members(room, (i) => i * 7919))),
  'header: one name over and over': withHeader((room) => more(members(room, () => 'same'))),
  'header: crit of very many names': withHeader((room) => more(`"crit":${json(Array.from({ length: (room - 50) / 9 }, (_, i) => `n${i}`))}`)),
  'header: one long number': withHeader((room) => more(`"x":1${times('7', room - 40)}`)),
  'header: very many huge numbers': withHeader((room) => more(`"x":[${times('1e999,', (room - 50) / 6)}0]`)),
  'header: very many long fractions': withHeader((room) => more(`"x":[${times('2.2250738585072011e-308,', (room - 50) / 24)}0]`)),
  'header: colons and quotes in strings': withHeader((room) => more(`"x":"${times('\\":', (room - 40) / 3)}"`)),
  'signed: bad signature': (length, keys, honest) => honest.slice(0, -2) + (honest.at(-2) === 'A' ? 'B' : 'A') + honest.at(-1),
  'signed: expired': async (length, keys, honest) => tokenOf(keys, honestClaims(length, { exp: registered.exp - 10 * 86400 })),
  'signed: arrays nested deep': withClaims((room) => moreClaims(`"x":${times('[', room / 2 - 70)}${times(']', room / 2 - 70)}`)),
  'signed: objects nested deep': withClaims((room) => moreClaims(`"x":${times('{"":', (room - 140) / 5)}0${times('}', (room - 140) / 5)}`)),
  'signed: very many empty arrays': withClaims((room) => moreClaims(`"x":[${times('[],', (room - 140) / 3)}0]`)),
  'signed: very many empty objects': withClaims((room) => moreClaims(`"x":[${times('{},', (room - 140) / 3)}0]`)),
  'signed: very many members': withClaims((room) => moreClaims(members(room - 130, (i) => `m${i}`))),
  'signed: one name over and over': withClaims((room) => moreClaims(members(room - 130, () => 'same'))),
  'signed: escapes': withClaims((room) => moreClaims(`"x":"${times('\\u0041', (room - 140) / 6)}"`)),
  'signed: very many long fractions': withClaims((room) => moreClaims(`"x":[${times('2.2250738585072011e-308,', (room - 140) / 24)}0]`)),
  'signed: an iss that is long': withClaims((room) => json({ ...registered, iss: times('i', room - 110) })),
  'signed: an iss nested deep': withClaims((room) => `{"aud":"${audience}","exp":${registered.exp},"iss":${times('[', room / 2 - 40)}${times(']', room / 2 - 40)}}`),
  'signed: an aud of very many strings': withClaims((room) => json({ ...registered, aud: Array.from({ length: (room - 110) / 4 }, () => 'a') })),
}

const honestClaims = (length, other) => ({ ...claimsOf(Math.floor((length - 82) * 3 / 4)), ...registered, ...other })

async function measure(length) {
  const keys = await keysOf('HS256')
  const checks = { algorithms: ['HS256'], issuer, audience, maxTokenLength: 2 ** 18 }
  const { safe } = createVerifierSync(keys.public.CryptoKey, checks)
  const honest = await tokenOf(keys, honestClaims(length))
  const accepted = safe(honest)
  if (!accepted.ok) throw accepted.error
  const rows = []
  for (const [name, make] of Object.entries(attacks)) {
    if (options.only && !new RegExp(options.only, 'i').test(name)) continue
    const tokens = [await make(length, keys, honest)].flat()
    const answer = safe(tokens[0])
    let next = 0
    const hostile = () => safe(tokens[next = (next + 1) % tokens.length])
    const [base, attack] = await race([{ name: 'honest', call: () => safe(honest) }, { name, call: hostile }], 'synchronous', pace)
    rows.push({ name, length: tokens[0].length, code: answer.ok ? 'accepted' : answer.error.code, honest: spread(base.turns), time: spread(attack.turns), factor: ratio(attack.turns, base.turns) })
  }
  return rows
}

async function main() {
  const all = {}
  for (const length of lengths) {
    console.log(`\nhonest tokens of ${length} characters, ${here.join(' ')}: attack / honest, median (quartiles)`)
    all[length] = await measure(length)
    for (const { name, length: characters, code, factor, time } of all[length].toSorted((a, b) => b.factor.median - a.factor.median)) {
      console.log(`  ${factor.median.toFixed(2).padStart(7)} (${factor.low.toFixed(2)}-${factor.high.toFixed(2)})`.padEnd(26), `${time.median.toFixed(1)} us`.padStart(11), String(characters).padStart(7), code.padEnd(22), name)
    }
  }
  if (options.only) return
  const results = new URL('results/', import.meta.url)
  if (!existsSync(results)) mkdirSync(results)
  writeFileSync(new URL(`worst-${here[0]}.json`, results), JSON.stringify({ runtime: here, lengths: all }, (key, value) => typeof value === 'number' ? Number(value.toPrecision(4)) : value) + '\n')
}

if (options.runtime && options.runtime !== here[0]) elsewhere(options.runtime, import.meta.url)
else await main()
