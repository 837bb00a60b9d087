// The recipe: picks cases, checks answers, runs the rounds, prints the ratios, and keeps them in results/.
//   node run.mjs [--runtime node|bun|deno] [--quick] [--only <pattern>] [--rounds n] [--list]
// --quick is a look of under a minute at HS256, ES256 and RS256 beside the primitive and the nearest rival, in few rounds;
// nothing is kept. Build first (npm run build at the top), and npm install here.

import { parseArgs } from 'node:util'
import { cases } from './cases.mjs'
import { race, ratio, spread } from './rounds.mjs'

const { values: options } = parseArgs({ options: {
  runtime: { type: 'string' }, only: { type: 'string' }, rounds: { type: 'string' }, quick: { type: 'boolean' }, list: { type: 'boolean' },
} })

const pace = options.quick ? { rounds: 20, milliseconds: 3, warmup: { calls: 2500, milliseconds: 250 } } : { rounds: 60, milliseconds: 4, warmup: { calls: 6000, milliseconds: 1000 } }
if (options.rounds) pace.rounds = Number(options.rounds)

const pattern = options.only && new RegExp(options.only, 'i')
const chosen = cases.filter(({ title, quick }) => (!pattern || pattern.test(title)) && (pattern || !options.quick || quick))

const number = (value) => value < 10 ? value.toFixed(2) : value.toFixed(1)

for (const { title, manner, contenders } of chosen) {
  if (options.list) {
    console.log(title)
    continue
  }
  const all = (await contenders()).filter(({ name }) => !options.quick || !['hono', 'tsndr', 'jsonwebtoken'].includes(name))
  if (all.length < 2) continue
  const results = await race(all, manner, pace)
  const [raw, ours] = results
  console.log(title)
  for (const { name, turns } of results) {
    const time = spread(turns)
    const toRaw = ratio(turns, raw.turns)
    const toOurs = ratio(turns, ours.turns)
    const cell = ({ median, low, high }) => `${median.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)})`.padStart(20)
    console.log(`  ${name.padEnd(34)}${number(time.median).padStart(9)} us${cell(toRaw)} of raw${cell(toOurs)} of ours`)
  }
}
