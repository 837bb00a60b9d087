// JSON as tokens carry it (RFC 8259), stricter than JSON.parse and JSON.stringify: one object, no member named twice
// at any depth (RFC 7515 4, RFC 7519 4), and nothing that would be lost or changed on its way into the text.

import { holds, misuse, reading } from '../errors'
import { fromUtf8 } from './bytes'

export type JsonObject = Record<string, unknown>

/** Whether a value is an object made by `{}`, by JSON.parse or with a null prototype, of any realm. */
export function isPlain(value: unknown): value is JsonObject {
  return typeof value === 'object' && holds(() => {
    const prototype = Object.getPrototypeOf(value) as object | null
    return !prototype || Object.hasOwn(prototype, 'isPrototypeOf') && !Object.getPrototypeOf(prototype)
  })
}

/** A JSON object and its text. */
export interface Parsed { readonly text: string, readonly value: JsonObject }

/** What a parser here wants, for messages. */
export const strictJson = 'a JSON object in UTF-8, no name twice'

/** Parses UTF-8 bytes that hold one JSON object; undefined for anything else. */
export function parseObject(bytes: Uint8Array): Parsed | undefined {
  try {
    const text = fromUtf8(bytes)
    const value = JSON.parse(text) as unknown
    // JSON.parse keeps the last of two members of one name, so that the counts differ exactly when a name came twice.
    if (isPlain(value) && countMembers(value) === countColons(text)) return { text, value }
  } catch { /* not UTF-8, not JSON */ }
  return undefined
}

/** Members at all depths. A loop, not a recursion: a token may nest as deep as it is long. */
function countMembers(root: object): number {
  const nodes = [root]
  let members = 0
  for (const node of nodes) { // and those that are added on the way
    for (const child of Object.values(node) as unknown[]) {
      if (!Array.isArray(node)) members++
      if (typeof child === 'object' && child) nodes.push(child)
    }
  }
  return members
}

/** Colons outside strings, of text that has been parsed: one for each member as written. No regular expression is safe here. */
function countColons(text: string): number {
  let colons = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 34) quoted = !quoted // "
    else if (quoted) i += +(code === 92) // a backslash: the next character is escaped
    else if (code === 58) colons++
  }
  return colons
}

/**
 * The JSON text of a value. Each property is read once. Members that are undefined are left out, as in JSON.stringify;
 * what JSON would change or lose otherwise (NaN, a Date, a Map, a function, a BigInt ...) is a TypeError with its path.
 */
function writeJson(value: unknown, path: string): string {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${Array.from(value, (item, i) => writeJson(item, `${path}[${i}]`)).join()}]`
  if (isPlain(value)) return `{${listMembers(value, path)}}`
  return misuse(path, 'a plain JSON value', value)
}

/** The members of an object as JSON text without the braces. A cycle, or a depth beyond the stack, is a TypeError too. */
export function writeMembers(object: JsonObject, path: string): string {
  return reading(path, () => listMembers(object, path))
}

function listMembers(object: JsonObject, path: string): string {
  const members: string[] = []
  for (const name of Object.keys(object)) {
    const value = object[name]
    if (value !== undefined) members.push(`${JSON.stringify(name)}:${writeJson(value, `${path}.${name}`)}`)
  }
  return members.join()
}
