// Which kind of door the suite is run through. vitest.config.ts runs it twice: against the asynchronous functions, and with
// those of waxseal/node in their place (sync.ts). What a test says of one it says of the other, but for three things, which
// are told apart here and nowhere else: what is waited for, what WebCrypto is asked, and what is known of keys that other
// code made. test/node/ holds the opposite rules of waxseal/node.

import { describe, inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext { door: 'asynchronous' | 'synchronous' }
}

/** Whether this run goes through waxseal/node. */
export const isSync = inject('door') === 'synchronous'

/** Every way in which a function of the caller's can give an answer here: at once, and later where the door waits. */
export const answering = <T>(answer: T): (() => T | Promise<T>)[] => isSync ? [() => answer] : [() => answer, async () => answer]

/** Every way in which such a function can fail here. */
export const failing = (cause: unknown): (() => unknown)[] => isSync ? [() => { throw cause }] : [() => { throw cause }, () => Promise.reject(cause)]

/** What a CryptoKey made elsewhere may say of itself so that the door can use it. */
export const usable: readonly { readonly extractable: boolean }[] = isSync ? [{ extractable: true }] : [{ extractable: false }, { extractable: true }]

/** Rules of the asynchronous doors alone: the others neither wait nor ask WebCrypto, and take KeyObjects. */
export function asynchronous(title: string, rules: () => void): void {
  if (!isSync) describe(title, rules)
}
