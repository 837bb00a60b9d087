// Options, read once and strictly: own properties of a plain object, copied. An unknown name, undefined, or a value of
// the wrong kind is a TypeError, so that no check is lost to a typing error. Every function has a table of its options.

import { isPlain, type JsonObject } from './encoding/json'
import { misuse } from './errors'

/** The kinds of value that most options have; several are or-ed. */
export const enum Kind { Text = 1, Texts = 2, Function = 4, False = 8, True = 16, Flag = 24 }

/** A kind, or a function that gives the copy to keep and throws at what it does not take. */
export type Reader = Kind | ((value: unknown, what: string) => unknown)
export type Readers = Readonly<Record<string, Reader>>

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** In the order of the bits of Kind. */
const kinds: readonly (readonly [string, (value: unknown) => boolean])[] = [
  ['a non-empty string', isText],
  ['a non-empty array of strings', (value) => Array.isArray(value) && value.length > 0 && value.every(isText)],
  ['a function', (value) => typeof value === 'function'],
  ['false', (value) => value === false],
  ['true', (value) => value === true],
]

/** Reads one value; arrays are copied. */
export function read(reader: Reader, value: unknown, what: string): unknown {
  if (typeof reader === 'function') return reader(value, what)
  const copy: unknown = Array.isArray(value) ? Array.from(value) : value
  const taken = kinds.filter((_, bit) => reader & 1 << bit)
  return taken.some(([, is]) => is(copy)) ? copy : misuse(what, taken.map(([words]) => words).join(' or '), value)
}

/** Reads all options of a call; the result has a null prototype and holds only what was given. */
export function readOptions<O>(where: string, given: unknown, readers: Readers): O {
  const options = Object.create(null) as JsonObject
  if (given !== undefined && !isPlain(given)) misuse(`${where} options`, 'a plain object', given)
  for (const name of Reflect.ownKeys(given ?? {})) {
    const reader = Object.keys(readers).includes(name as string) && readers[name as string]
    if (!reader) misuse(`${where} option ${String(name)}`, `one of ${Object.keys(readers).join(', ')}`)
    options[name as string] = read(reader, (given as JsonObject)[name as string], `${where}: ${name as string}`)
  }
  return options as O
}

/** All options of several tables; a function, since bundlers keep an unused spread. */
export function all(...tables: Readers[]): Readers {
  return Object.assign({}, ...tables) as Readers
}
