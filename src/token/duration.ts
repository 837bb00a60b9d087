// Durations: seconds, or a number with its unit. Never milliseconds, never a bare numeric string, never a timestamp.

import { misuse } from '../errors'
import type { Reader } from '../options'

type Unit =
  | 's' | 'sec' | 'secs' | 'second' | 'seconds'
  | 'm' | 'min' | 'mins' | 'minute' | 'minutes'
  | 'h' | 'hr' | 'hrs' | 'hour' | 'hours'
  | 'd' | 'day' | 'days'
  | 'w' | 'week' | 'weeks'

/** Seconds, or a number with its unit: `900`, `'15m'`, `'2 hours'`, `'7d'`. At most ten years. */
export type Duration = number | `${number}${Unit}` | `${number} ${Unit}`

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 }
const form = /^(\d+(?:\.\d+)?) ?(s(ec(ond)?s?)?|m(in(ute)?s?)?|h((ou)?rs?)?|d(ays?)?|w(eeks?)?)$/

/** Reads durations as seconds, at most ten years of 365.25 days unless told: more is a timestamp or milliseconds. */
export function duration(most = 315576e3, words = '10 years', least = 0): Reader {
  return (value, what) => {
    const [, amount, unit] = typeof value === 'string' && form.exec(value) || []
    const seconds = unit ? +amount! * unitSeconds[unit[0]!]! : value as number
    return typeof seconds === 'number' && seconds >= least && seconds <= most ? seconds
      : misuse(what, `a duration${least ? ' above 0' : ''} in seconds or as '15m', '2 hours', at most ${words} (no milliseconds, no timestamp)`, value)
  }
}

/** A duration above 0: 5e-324 is the least that there is. */
export const lifetime = /* @__PURE__ */ duration(undefined, undefined, 5e-324)
