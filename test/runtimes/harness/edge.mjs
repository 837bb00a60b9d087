// Vercel's edge runtime as a VM inside Node:   edge.mjs <package folder of @edge-runtime/vm> <the suite as a classic script>

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { serve } from './serve.mjs'

const [folder, script] = process.argv.slice(2)
const require = createRequire(`${folder}/`)
const { EdgeVM } = require(folder)
const version = `${require(`${folder}/package.json`).version} on ${process.versions.node}`

const vm = new EdgeVM()
vm.evaluate(readFileSync(script, 'utf8'))
const { site, close } = await serve()
await vm.context.suite.main((state) => console.log(state.isOver ? JSON.stringify({ ...state, version }) : `# ${state.current}`), { site })
close()
