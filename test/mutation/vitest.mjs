// What the tests import as `vitest`, put together from vitest's own parts, without the worker around them that a mutant would have
// to wait for. Of `vi` there is what the tests of the rooms ask for.

import * as parts from '@vitest/expect'
import { fn, spyOn } from '@vitest/spy'
import { install } from '@sinonjs/fake-timers'

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, suite, test } from '@vitest/runner'

const { chai, getState, setState, ASYMMETRIC_MATCHERS_OBJECT, GLOBAL_EXPECT } = parts
for (const plugin of [parts.JestExtend, parts.JestChaiExpect, parts.JestAsymmetricMatchers]) chai.use(plugin)

export function expect(value, message) {
  setState({ assertionCalls: getState(expect).assertionCalls + 1 }, expect)
  return chai.expect(value, message)
}
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT], { assert: chai.assert })
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect)
globalThis[GLOBAL_EXPECT] = expect

const place = { door: '', reset() {} }
/** Says which door the tests go through, and how modules are forgotten. */
export const setPlace = (given) => Object.assign(place, given)
export const inject = (name) => place[name]

const stubbed = new Map()
/** Set while time is made up; vitest has the same library in it. */
let clock
export const vi = {
  fn, spyOn,
  useFakeTimers: ({ now, toFake }) => { clock = install({ now, toFake }) },
  useRealTimers: () => { clock = clock?.uninstall() },
  setSystemTime: (now) => clock.setSystemTime(now),
  getTimerCount: () => clock.countTimers(),
  advanceTimersByTimeAsync: (milliseconds) => clock.tickAsync(milliseconds),
  resetModules: () => place.reset(),
  stubGlobal(name, value) {
    if (!stubbed.has(name)) stubbed.set(name, Object.getOwnPropertyDescriptor(globalThis, name))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true })
  },
  unstubAllGlobals() {
    for (const [name, was] of stubbed) was ? Object.defineProperty(globalThis, name, was) : Reflect.deleteProperty(globalThis, name)
    stubbed.clear()
  },
}
