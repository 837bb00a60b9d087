// Durations: seconds, or a number with its unit. Never milliseconds, never a bare numeric string, never a timestamp.

import { misuse } from '../errors'

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

/** A reader of durations as seconds, at most ten years of 365.25 days unless told: more is a timestamp or milliseconds. */
export function duration(most = 315576e3, words = '10 years') {
  return (value: unknown, what: string): number => {
    const [, amount, unit] = form.exec(value as string) ?? []
    const seconds = unit ? +amount! * unitSeconds[unit[0]!]! : typeof value === 'number' ? value : NaN
    return seconds >= 0 && seconds <= most ? seconds : misuse(what, `seconds or '15m', '2 hours', '7d', at most ${words} (no milliseconds, no timestamp)`, value)
  }
}

/** A duration that may not be 0. */
export function lifetime(value: unknown, what: string): number {
  return duration()(value, what) || misuse(what, 'a duration above 0', value)
}
