import { describe, expect, it } from 'vitest'
import { at, claimsOf, hs256, misused, now, secret, sign, token, verify } from '../support/tokens'

const lifetimeOf = async (expiresIn: unknown): Promise<number> =>
  claimsOf(await sign({}, secret, { algorithm: 'HS256', now: at(now), expiresIn }))['exp'] as number - now

/** Every option that is a duration, with the most it takes. */
const options: Record<string, (duration: unknown) => Promise<unknown>> = {
  expiresIn: lifetimeOf,
  notBefore: (notBefore) => sign({}, secret, { algorithm: 'HS256', expiresIn: 60, notBefore }),
  maxAge: (maxAge) => verify(token({ iat: now, exp: now + 60 }), secret, { ...hs256, maxAge }),
  clockTolerance: (clockTolerance) => verify(token(), secret, { ...hs256, clockTolerance }),
}

const units: Record<string, [seconds: number, names: string[]]> = {
  seconds: [1, ['s', 'sec', 'secs', 'second', 'seconds']],
  minutes: [60, ['m', 'min', 'mins', 'minute', 'minutes']],
  hours: [3600, ['h', 'hr', 'hrs', 'hour', 'hours']],
  days: [86400, ['d', 'day', 'days']],
  weeks: [604800, ['w', 'week', 'weeks']],
}

describe('a duration', () => {
  it.each([[1, 1], [900, 900], ['15m', 900], ['2 hours', 7200], ['7d', 604800], ['1.5h', 5400], ['1.25h', 4500], ['0015m', 900]])('%o is %d seconds', async (duration, seconds) => {
    expect(await lifetimeOf(duration)).toBe(seconds)
  })

  it.each(Object.entries(units))('in %s has its short and long names, with a space or without', async (_, [seconds, names]) => {
    for (const name of names) {
      expect(await lifetimeOf(`3${name}`)).toBe(3 * seconds)
      expect(await lifetimeOf(`3 ${name}`)).toBe(3 * seconds)
    }
  })

  it.each(Object.keys(options))('as %s is taken at 1 and at 600 seconds, as a number and as text', async (option) => {
    for (const duration of [1, 600, '1s', '10m', '10 minutes']) await expect(options[option]!(duration)).resolves.toBeDefined()
  })

  const wrong: unknown[] = [
    '900', '0', '', ' ', 'm', '15', '-15m', '+15m', ' 15m', '15m ', '15m\n', '15  m', '15\tm', '15m30s', '15 m 30 s', '0x10s', '1,5h', '.5h', '5.h', '1e2s', '١٥m',
    '15ms', '15 milliseconds', '1y', '1 month', '15M\u0000', 'PT15M', 'NaNs', 'Infinitys',
    NaN, Infinity, -Infinity, -1, -0.001, 15n, true, null, undefined, {}, [], [15], () => 15, /15m/, new Date(900),
  ]
  it.each(Object.keys(options))('as %s is a TypeError when it is a bare numeric string, negative, not finite, or of no known unit', async (option) => {
    for (const duration of wrong) await misused(() => options[option]!(duration), option)
  })

  it.each(Object.keys(options))('as %s is a TypeError when it is no text but turns into one (["15m"], new String("15m"), toString), and nothing of it is called', async (option) => {
    const trap = { toString(): string { throw new Error('called') }, valueOf(): number { throw new Error('called') } }
    for (const duration of [Symbol('15m'), trap, { valueOf: () => 900 }, new Number(900), { toString: () => '15m' }, new String('15m'), ['15m']]) {
      await misused(() => options[option]!(duration), option)
    }
  })

  it.each(['expiresIn', 'maxAge'])('as %s is above 0', async (option) => {
    for (const duration of [0, -0, '0s', '0 minutes', '0.0h']) await misused(() => options[option]!(duration), option)
    await expect(options[option]!(0.001)).resolves.toBeDefined()
    // so little that no clock tells it from 0: taken all the same, and no token is that young
    for (const duration of [Number.MIN_VALUE, '0.0000000001s']) await Promise.resolve(options[option]!(duration)).catch((error: unknown) => expect(error).toMatchObject({ code: 'ERR_JWT_CLAIM', claim: 'iat' }))
  })

  it.each(['notBefore', 'clockTolerance'])('as %s may be 0', async (option) => {
    for (const duration of [0, '0s']) await expect(options[option]!(duration)).resolves.toBeDefined()
  })

  it.each(['expiresIn', 'notBefore', 'maxAge'])('as %s is at most ten years: more is a timestamp or milliseconds, and the message says so', async (option) => {
    for (const duration of ['3650d', '520 weeks', 3650 * 86400]) await expect(options[option]!(duration)).resolves.toBeDefined()
    for (const duration of ['3654d', '523w', '1000000000 s']) await misused(() => options[option]!(duration), option, '10 years')
    for (const duration of [3654 * 86400, now + 900, Date.now(), 1e300]) await misused(() => options[option]!(duration), option, 'timestamp', 'milliseconds')
  })

  it('as clockTolerance is at most 10 minutes, so that 3000 "milliseconds" are refused', async () => {
    for (const duration of [600, '10m', '600s']) await expect(options['clockTolerance']!(duration)).resolves.toBeDefined()
    for (const duration of [600.001, 601, 3000, '11m', '1h', Infinity]) await misused(() => options['clockTolerance']!(duration), 'clockTolerance', '10 minutes')
  })

  it('expiresIn: false means never; the other durations have no such word', async () => {
    expect(await lifetimeOf(false)).toBeNaN()
    for (const option of ['notBefore', 'maxAge', 'clockTolerance']) await misused(() => options[option]!(false), option)
  })
})
