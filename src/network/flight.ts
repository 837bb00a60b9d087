// One load at a time, and each with an end: the only file with timers. It knows nothing of keys.

import { JwtError } from '../errors'
import { readClock } from '../token/claims'

/** What a `fetch` needs to see of an AbortSignal, and what its own type can be made of. */
export interface Signal { readonly aborted: boolean }

declare class AbortController {
  readonly signal: Signal
  abort(): void
}
declare function setTimeout(act: () => void, milliseconds: number): unknown
declare function clearTimeout(timer: unknown): void
declare function setInterval(act: () => void, milliseconds: number): unknown
declare function clearInterval(timer: unknown): void

/** Whether this is Cloudflare's runtime. */
export const isWorkerd = (): boolean => 'WebSocketPair' in globalThis

/** Waits for an answer for that long and no longer, whether or not what is asked heeds the signal. */
export async function within<T>(seconds: number, what: string, act: (signal: Signal) => T | Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: unknown
  try {
    return await Promise.race([act(controller.signal), new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new JwtError('ERR_JWKS_FETCH', `${what}: expected an answer in ${seconds} s`)), seconds * 1000)
    })])
  } finally {
    clearTimeout(timer)
    controller.abort() // frees the connection of an answer that was not read to its end
  }
}

/** Starts a load, or waits for the one under way. `isOn` tells whether there is one. */
export interface Flight {
  (): Promise<void>
  isOn(): boolean
}

/**
 * Makes a load that is never done twice at once.
 *
 * Where requests share an isolate but not their I/O (workerd, and edge runtimes built on it), a promise of one request must not
 * be awaited in another: if the first is cancelled, the promise never settles. There who comes second looks again and
 * again whether the load is over, on timers of its own, and who loads shows with a pulse that its request still lives.
 */
export function oneAtATime(load: () => Promise<void>): Flight {
  let flight: Promise<void> | undefined
  let pulse: number | undefined
  const isAlive = (): boolean => pulse !== undefined && Math.abs(readClock(undefined) - pulse) < 1

  const alone = async (): Promise<void> => {
    if (isAlive()) {
      while (isAlive()) await new Promise<void>((resolve) => { setTimeout(resolve, 20) })
      if (pulse === undefined) return
    }
    const beat = (): void => { pulse = readClock(undefined) }
    beat()
    const heart = setInterval(beat, 100)
    await load()
    clearInterval(heart)
    pulse = undefined
  }
  const shared = (): Promise<void> => flight ??= load().finally(() => { flight = undefined })

  const fly = isWorkerd() || 'EdgeRuntime' in globalThis ? alone : shared
  return Object.assign(() => fly(), { isOn: () => !!flight || isAlive() })
}
