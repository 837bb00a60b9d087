// One load at a time, and each answer in time. It knows nothing of keys.

import { isJwtError, refuse } from '../errors'
import { isIsolate } from '../recipe'
import { readClock } from '../token/claims'

/** What is seen of an AbortSignal. */
export interface Signal { readonly aborted: boolean }

declare class AbortController {
  readonly signal: Signal
  abort(): void
}
declare function setTimeout(act: () => void, milliseconds: number): unknown
declare function clearTimeout(timer: unknown): void

/** An address for messages, without the query, which may be a secret. */
export function nameOf(address = 'key function'): string {
  return address.replace(/\?.*/, '')
}

/**
 * Waits for an answer so long and no longer, whether or not what is asked heeds the signal; whatever else goes wrong is
 * the cause of the same refusal. The time is taken in ten parts, so that a process too busy to look at its sockets does
 * not take its own delay for the server's.
 */
export async function within<T>(seconds: number, what: string | undefined, act: (signal: Signal) => T | Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: unknown
  let parts = 10
  try {
    return await Promise.race([act(controller.signal), new Promise<never>((_, reject) => {
      const next = (): void => { timer = parts-- ? setTimeout(next, seconds * 100) : reject() }
      next()
    })])
  } catch (cause) {
    if (isJwtError(cause) && /JWKS/.test(cause.code)) throw cause
    return refuse('ERR_JWKS_FETCH', nameOf(what), `an answer${cause === undefined ? ` in ${seconds} s` : ''}`, undefined, { cause })
  } finally {
    clearTimeout(timer)
    controller.abort() // breaks off what was not read to its end
  }
}

/**
 * Makes a function that loads, or waits for the load under way. `begun` hears of each load.
 *
 * In an isolate nobody awaits a promise of another request: who comes second looks again and again, on timers of its own,
 * whether the load is over. Who loads shows a pulse; once that is missing the request is gone, and the next one loads.
 */
export function oneAtATime(load: () => Promise<void>, begun: (flight: Promise<void>) => unknown): () => Promise<void> {
  let flight: Promise<void> | undefined
  let pulse: number
  return async () => {
    let own: Promise<void> | undefined
    do {
      if (!flight || isIsolate() && Math.abs(readClock(undefined) - pulse) > 1) {
        const mine: Promise<void> = load().finally(() => { if (flight === mine) flight = undefined })
        begun(own = flight = mine)
      }
      if (!isIsolate()) return flight
      if (own === flight) pulse = readClock(undefined) // not for the load of another, who may be gone
      await new Promise<void>((resolve) => { setTimeout(resolve, 10) })
    } while (flight)
  }
}
