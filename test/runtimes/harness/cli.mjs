// Node, Deno and Bun:   cli.mjs [cjs]   prints the name of each test as it starts, and the result as JSON in the last line.

import { createRequire } from 'node:module'
import { main } from './main.mjs'
import { serve } from './serve.mjs'

const require = createRequire(import.meta.url)
const isCommonJs = (globalThis.Deno?.args ?? process.argv.slice(2)).includes('cjs')
const lib = isCommonJs ? Object.assign({}, ...['index', 'jws', 'jwks', 'keyring', 'profiles'].map((door) => require(`../dist/${door}.cjs`))) : undefined
const version = globalThis.Deno?.version.deno ?? process.versions.bun ?? process.versions.node

const { site, close } = await serve()
await main((state) => console.log(state.isOver ? JSON.stringify({ ...state, version }) : `# ${state.current}`), { lib, site })
close()
