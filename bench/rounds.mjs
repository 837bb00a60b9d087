// How everything here is timed. The machine may be shared and its clock may wander, so that a time means nothing beside a
// time of another minute: rivals run in turn, a millisecond or so each (less than the system gives a process at a stretch,
// so that most turns are not cut in two), many rounds, the order rotating; of each pair the ratio is taken per round, and
// of the ratios the median and the quartiles. tinybench's Task is the clock of one turn; it runs a task to its end before
// the next, so that the turns are given out here.

import { Bench, Task } from 'tinybench'

const now = () => performance.now()

/** Milliseconds of the processor, of all threads of this process: on a busy machine the wall tells who was let in. */
const processor = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** How calls are made: the loop of one turn, given the call and how often. */
const loops = {
  'synchronous': (call, times) => () => {
    for (let i = 0; i < times; i++) call()
  },
  'one at a time': (call, times) => async () => {
    for (let i = 0; i < times; i++) await call()
  },
  '64 in flight': (call, times) => async () => {
    let left = times
    const lane = async () => { while (left-- > 0) await call() }
    const lanes = []
    for (let i = 0; i < 64; i++) lanes.push(lane())
    await Promise.all(lanes)
  },
}

/** Calls it until the compilers have seen it often enough, at most `milliseconds` long. */
async function warm(call, manner, { calls, milliseconds }) {
  const turn = loops[manner === 'one at a time' ? '64 in flight' : manner](call, 64)
  for (let made = 0, end = now() + milliseconds; made < calls && now() < end; made += 64) await turn()
}

/**
 * How many calls fill a turn. The shortest of several attempts decides: one that was interrupted would make the turns of
 * this contender too short, and the cold caches of a turn's start too large a part of them, for all rounds.
 */
async function calibrate(call, manner, milliseconds) {
  const least = manner === '64 in flight' ? 64 : 1
  const attempt = async (times) => {
    const start = now()
    await loops[manner](call, times)()
    return now() - start
  }
  let times = least
  while (await attempt(times) < milliseconds / 4) times *= 2
  let perCall = Infinity
  for (let i = 0; i < 9; i++) perCall = Math.min(perCall, await attempt(times) / times)
  return Math.max(least, Math.round(milliseconds / perCall / least) * least)
}

/** With 64 in flight a turn is so many times as long: else most of it would be the start of all lanes at once and the end of the last ones. */
export const longer = 8

/**
 * Times contenders `{ name, call }` against one another; gives `{ name, turns }`, in microseconds per call.
 * `manner` is a name of the loops above; `clock` is 'wall' or 'processor'.
 */
export async function race(contenders, manner, { rounds, milliseconds, warmup, clock = 'wall' }) {
  const bench = new Bench({ time: 0, iterations: 1, warmup: false, throws: true, now: clock === 'processor' ? processor : now })
  const tasks = []
  for (const { name, call } of contenders) {
    await warm(call, manner, warmup)
    const times = await calibrate(call, manner, manner === '64 in flight' ? milliseconds * longer : milliseconds)
    const task = new Task(bench, name, loops[manner](call, times), { async: manner !== 'synchronous' })
    tasks.push({ name, times, task, turns: [] })
  }
  for (let round = 0; round < rounds; round++) {
    const shift = round % tasks.length
    const order = [...tasks.slice(shift), ...tasks.slice(0, shift)]
    for (const { task, times, turns } of round & 1 ? order.reverse() : order) {
      task.reset()
      await task.run()
      turns.push(task.result.latency.mean * 1000 / times)
    }
  }
  return tasks.map(({ name, turns }) => ({ name, turns }))
}

/** Median and quartiles. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))]
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

/** Of one contender against another: how many times the time, per round. */
export function ratio(turns, others) {
  return spread(turns.map((turn, round) => turn / others[round]))
}
