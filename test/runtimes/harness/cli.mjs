// Node, Deno and Bun:   cli.mjs [cjs]   prints the name of each test as it starts, and the result as JSON in the last line.
// They have node:crypto, so that waxseal/node is in it, too.

import { createRequire } from 'node:module'
import * as jwks from '../dist/jwks.js'
import * as jws from '../dist/jws.js'
import * as keyring from '../dist/keyring.js'
import * as node from '../dist/node.js'
import * as profiles from '../dist/profiles.js'
import * as waxseal from '../dist/index.js'
import synchronous from '../suite/node.mjs'
import { main } from './main.mjs'
import { serve } from './serve.mjs'

const require = createRequire(import.meta.url)
const isCommonJs = (globalThis.Deno?.args ?? process.argv.slice(2)).includes('cjs')
const lib = isCommonJs ? Object.assign({}, ...['index', 'jws', 'jwks', 'keyring', 'profiles', 'node'].map((door) => require(`../dist/${door}.cjs`))) : { ...waxseal, ...jws, ...jwks, ...keyring, ...profiles, ...node }
const version = globalThis.Deno?.version.deno ?? process.versions.bun ?? process.versions.node

const { site, close } = await serve()
await main((state) => console.log(state.isOver ? JSON.stringify({ ...state, version }) : `# ${state.current}`), { lib, site, more: [synchronous] })
close()
