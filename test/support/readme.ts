// The examples of the README: its blocks of code, and what they may take for granted, as types and at run time.

import { readFileSync } from 'node:fs'
import { root } from '../install.mjs'

export const readme = readFileSync(`${root}README.md`, 'utf8')

export interface Example { readonly title: string, readonly language: string, readonly code: string }

/** Every block of code in some languages, named by the heading it stands under. */
export function examples(...languages: readonly string[]): Example[] {
  const found: Example[] = []
  let title = ''
  for (const [, heading, language, body] of readme.matchAll(/^#+ (.+)$|^```(\w+)\n([^]*?)^```$/gm)) {
    if (heading) title = heading
    else if (languages.includes(language!)) found.push({ title: `${title} ${found.filter((one) => one.title.startsWith(title)).length + 1}`, language: language!, code: body! })
  }
  return found
}

/** `zod` and `hono/factory` here are stand-ins with the same face. */
export const surroundingTypes = `
  declare const process: { env: Record<string, string | undefined> }
  declare function askKms(bytes: Uint8Array): Promise<Uint8Array>
  declare module 'cloudflare:workers' {
    export const env: { KEYS: { get(key: string): Promise<string | null>, put(key: string, text: string): Promise<void> } }
    export function waitUntil(promise: Promise<unknown>): void
  }
  declare module 'hono/factory' {
    interface Context<V> {
      req: { header(name: string): string | undefined }
      set<N extends keyof V>(name: N, value: V[N]): void
      json(body: object, status: number, headers: Record<string, string>): Response
    }
    export function createMiddleware<E extends { Variables: object }>(handler: (c: Context<E['Variables']>, next: () => Promise<void>) => Promise<Response | void>): typeof handler
  }
  declare module 'zod' {
    import type { StandardSchemaV1 } from 'waxseal'
    type Type<T> = StandardSchemaV1<unknown, T>
    type Shape = Record<string, Type<any>>
    type Output<S extends Shape> = { [K in keyof S]: S[K] extends Type<infer T> ? T : never }
    export const z: {
      string(): Type<string>
      literal<const V extends string>(value: V): Type<V>
      enum<const V extends readonly string[]>(values: V): Type<V[number]>
      object<S extends Shape>(shape: S): Type<Output<S>>
      looseObject<S extends Shape>(shape: S): Type<Output<S> & { [name: string]: unknown }>
    }
  }`
export const zod = `
  const schema = (is, give = (value) => value) => ({
    '~standard': { version: 1, vendor: 'stand-in', validate: (value) => is(value) ? { value: give(value) } : { issues: [{ message: 'wrong' }] } },
  })
  const fits = (shape) => (value) => Object.keys(shape).every((name) => !shape[name]['~standard'].validate(value[name]).issues)
  export const z = {
    string: () => schema((value) => typeof value === 'string'),
    literal: (only) => schema((value) => value === only),
    enum: (values) => schema((value) => values.includes(value)),
    object: (shape) => schema(fits(shape), (value) => Object.fromEntries(Object.keys(shape).map((name) => [name, value[name]]))),
    looseObject: (shape) => schema(fits(shape)),
  }`
