// JSON as tokens carry it (RFC 8259), stricter than JSON.parse and JSON.stringify: one object, no member named twice
// at any depth (RFC 7515 4, RFC 7519 4), and nothing that would be lost or changed on its way into the text.

import { misuse, reading } from '../errors'

export type JsonObject = Record<string, unknown>

/** To inherit from: an object without any prototype is kept as a hash table by engines, and is slow to read. */
export const nothing = /* @__PURE__ */ Object.freeze(/* @__PURE__ */ Object.create(null) as object)

/** Whether a value is an object made by `{}`, by JSON.parse or with a null prototype, of any realm, or inherits from `nothing`. */
export function isPlain(value: unknown): value is JsonObject {
  if (typeof value !== 'object') return false
  try {
    const prototype = Object.getPrototypeOf(value) as object | null
    return prototype === Object.prototype || !prototype || prototype === nothing || Object.hasOwn(prototype, 'isPrototypeOf') && !Object.getPrototypeOf(prototype)
  } catch {
    return false // null, or a proxy that throws
  }
}

/** A copy of a plain object of the caller's. */
export function copyPlain(value: unknown, what: string, expected: string): JsonObject {
  return isPlain(value) ? reading(what, () => ({ ...value })) : misuse(what, expected, value)
}

/** What a parser here wants, for messages. */
export const strictJson = 'a JSON object in UTF-8, no name twice'

/** Parses the text of one JSON object; undefined for anything else, also for bytes that were no text. */
export function parseObject(text: string | undefined): JsonObject | undefined {
  try {
    const value = JSON.parse(text!) as unknown
    // JSON.parse keeps the last of two members of one name, so that the counts differ exactly when a name came twice.
    if (!isPlain(value)) return undefined
    const members = countMembers(value)
    if (members === countLikelyColons(text!) || members === countColons(text!)) return value
  } catch { /* no JSON */ }
  return undefined
}

/** Members at all depths. A loop, not a recursion: a token may nest as deep as it is long. */
function countMembers(root: object): number {
  const { hasOwnProperty } = Object.prototype // engines know it inside for-in, and then ask nothing; Object.hasOwn costs twice the loop
  const open = [root]
  let members = 0
  for (let one: object | undefined; one = open.pop();) {
    if (Array.isArray(one)) {
      for (let i = 0; i < one.length; i++) if (typeof one[i] === 'object' && one[i]) open.push(one[i] as object)
    } else {
      for (const name in one) {
        if (!hasOwnProperty.call(one, name)) continue
        const member = (one as JsonObject)[name]
        if (typeof member === 'object' && member) open.push(member)
        members++
      }
    }
  }
  return members
}

/** Colons that may stand after a name, and a few that stand in strings: no fewer than members as written. */
function countLikelyColons(text: string): number {
  let colons = 0
  for (let at = 0; (at = text.indexOf(':', at + 1)) > 0;) {
    const before = text.charCodeAt(at - 1)
    if (before === 34 || before <= 32) colons++
  }
  return colons
}

/** Colons outside strings, of text that has been parsed: one for each member as written. No regular expression is safe here. */
function countColons(text: string): number {
  let colons = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 58) colons++
    else if (code === 34) i = endOfString(text, i)
  }
  return colons
}

/** The place of the quotation mark that ends a string: the first with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let end = start; ;) {
    end = text.indexOf('"', end + 1)
    let before = end
    while (text.charCodeAt(before - 1) === 92) before--
    if ((end - before) % 2 === 0) return end
  }
}

/**
 * The JSON text of an object. Each property is read once, unless something is wrong. Members that are undefined are left out, as in JSON.stringify;
 * what JSON would change or lose otherwise (NaN, a Date, a Map, a function, a BigInt ...) is a TypeError with its path,
 * and so is a cycle, or a depth beyond the stack.
 */
export function writeObject(object: JsonObject, path: string): string {
  return JSON.stringify(copyObject(object, path))
}

/** A copy at all depths, which JSON.stringify writes as it is. */
export function copyObject(object: JsonObject, path: string): JsonObject {
  try {
    return copyJson(object, '') as JsonObject
  } catch {
    return reading(path, () => copyJson(object, path) as JsonObject) // paths take longer than the copy: they are made for who reads them
  }
}

function isAtom(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value)
}

function copyJson(value: unknown, path: string): object {
  if (Array.isArray(value)) {
    const copy = [...value] as unknown[]
    for (let i = 0; i < copy.length; i++) if (!isAtom(copy[i])) copy[i] = copyJson(copy[i], path && `${path}[${i}]`)
    return untouched(copy)
  }
  const copy: JsonObject = isPlain(value) ? { ...value } : misuse(path, 'a plain JSON value', value)
  for (const name in copy) {
    const member = copy[name]
    if (!isAtom(member) && member !== undefined && Object.hasOwn(copy, name)) copy[name] = copyJson(member, path && `${path}.${name}`)
  }
  return untouched(copy)
}

/** What JSON.stringify does with a copy is its own matter: a polluted prototype has no say. */
function untouched(copy: object): object {
  if ('toJSON' in copy && !Object.hasOwn(copy, 'toJSON')) copy.toJSON = undefined
  return copy
}
