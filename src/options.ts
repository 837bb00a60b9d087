// Options, read once and strictly: own properties of a plain object, copied. An unknown name, undefined, or a value of
// the wrong kind is a TypeError, so that no check is lost to a typing error. Every function has a table of its options.

import { isPlain, nothing, type JsonObject } from './encoding/json'
import { misuse, reading } from './errors'

/** Gives the copy of a value to keep, and throws at what it does not take. */
export type Reader = (value: unknown, what: string) => unknown
export type Readers = Readonly<Record<string, Reader>>

/** A reader by predicate; arrays are copied before they are looked at, and frozen: an error shows what was expected as it is. */
export function taking(expected: string, is: (value: unknown) => unknown): Reader {
  return (value, what) => {
    const copy: unknown = Array.isArray(value) ? Object.freeze([...value]) : value
    return is(copy) ? copy : misuse(what, expected, value)
  }
}

export const isText = (value: unknown): unknown => typeof value === 'string' && value
const isTexts = (value: unknown): unknown => Array.isArray(value) && value.length && value.every(isText)

export const flag = /* @__PURE__ */ taking('true or false', (value) => typeof value === 'boolean')
export const text = /* @__PURE__ */ taking('a non-empty string', isText)
export const texts = /* @__PURE__ */ taking('a non-empty array of strings', isTexts)
export const textOrTexts = /* @__PURE__ */ taking('a non-empty string or array of strings', (value) => isText(value) || isTexts(value))
export const callable = /* @__PURE__ */ taking('a function', (value) => typeof value === 'function')

/** A reader of whole numbers. */
export function whole(least: number, most: number, words: number | string = most): Reader {
  return taking(`a whole number from ${least} to ${words}`, (value) => Number.isInteger(value) && value as number >= least && value as number <= most)
}

/** Takes one more value than another reader. */
export function or(other: unknown, reader: Reader): Reader {
  return (value, what) => value === other ? value : reader(value, what)
}

/** Reads all options of a call; the result inherits nothing, holds only what was given, and may be read again: presets hand it on. */
export function readOptions<O>(where: string, given: unknown, readers: Readers): O {
  const options = Object.create(nothing) as JsonObject
  if (given === undefined) return options as O
  return reading(`${where} options`, () => {
    if (!isPlain(given)) return misuse(`${where} options`, 'a plain object', given)
    for (const name of Reflect.ownKeys(given) as string[]) {
      if (!Object.hasOwn(readers, name)) misuse(`${where} option ${String(name)}`, `one of ${Object.keys(readers).join(', ')}`)
      options[name] = readers[name]!(given[name], `${where} ${name}`)
    }
    return options as O
  })
}

/** All options of several tables; a function, since bundlers keep an unused spread. */
export function all(...tables: Readers[]): Readers {
  return Object.assign({}, ...tables) as Readers
}
