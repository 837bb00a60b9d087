// Each bundler's production build, without a warning. Every bundle is run in a context that has what all web platforms
// share and nothing of Node, and again in Chromium; see browsers.mjs.

import resolve from '@rollup/plugin-node-resolve'
import * as esbuild from 'esbuild'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { rollup } from 'rollup'
import { build as vite } from 'vite'
import webpack from 'webpack'
import { project } from '../project.mjs'
import { proveCommonJs } from './modules.mjs'

const complain = (bundler, said) => { throw new Error(`${bundler}: ${said}`) }

/** Each takes the folder, the entry's name and the name of the bundle to write, and gives the name of what was written. */
const build = {
  async esbuild(folder, entry, name) {
    const { warnings } = await esbuild.build({
      entryPoints: [join(folder, entry)], outfile: join(folder, name), bundle: true, minify: true, format: 'iife', platform: 'browser', logLevel: 'silent',
    })
    return warnings.length ? complain('esbuild', JSON.stringify(warnings)) : name
  },

  async Rollup(folder, entry, name) {
    const bundle = await rollup({ input: join(folder, entry), plugins: [resolve()], onwarn: ({ message }) => complain('Rollup', message) })
    await bundle.write({ file: join(folder, name), format: 'es' })
    await bundle.close()
    return name
  },

  async webpack(folder, entry, name) {
    const stats = await new Promise((done, fail) => webpack({
      context: folder, mode: 'production', target: 'web', entry: `./${entry}`, output: { path: folder, filename: name },
    }).run((error, result) => error ? fail(error) : done(result)))
    return stats.hasErrors() || stats.hasWarnings() ? complain('webpack', stats.toString()) : name
  },

  /** As an application: from its page, index.html. */
  async Vite(folder, entry, name) {
    const said = []
    const note = (text) => said.push(text)
    await vite({
      root: folder, configFile: false, logLevel: 'warn',
      customLogger: { info() {}, clearScreen() {}, warn: note, warnOnce: note, error: note, hasErrorLogged: () => false, hasWarned: false },
      build: { outDir: name, modulePreload: { polyfill: false }, rolldownOptions: { input: join(folder, entry === 'main.js' ? 'index.html' : entry) } },
    })
    const scripts = readdirSync(join(folder, name, 'assets')).filter((file) => file.endsWith('.js'))
    if (said.length || scripts.length !== 1) complain('Vite', `${scripts} ${said.join('\n')}`)
    return `${name}/assets/${scripts}`
  },
}

/** The common subset of the web platforms (WinterTC), as far as a bundle could want it. Nothing of Node. */
const web = () => createContext({ crypto, TextEncoder, TextDecoder, URL, atob, btoa, structuredClone, setTimeout, clearTimeout, fetch, AbortController })

async function prove(script) {
  const context = web()
  runInContext(script, context)
  const said = await context.proof
  if (said !== 'proved') throw new Error(`expected "proved", got ${said}`)
}

const bundles = {}

/** Gives the folder and the bundle's name in it, built once; index.html of Vite's is beside its assets. */
export function bundle(bundler) {
  return bundles[bundler] ??= project('module', 'index.html', 'main.js', 'prove.js', 'report.js')
    .then(async (folder) => ({ folder, name: await build[bundler](folder, 'main.js', `${bundler}-out.js`) }))
}

export const bundlerNames = Object.keys(build)

async function whole(bundler) {
  const { folder, name } = await bundle(bundler)
  const text = readFileSync(join(folder, name), 'utf8')
  await prove(text)
  return `${gzipSync(text).length} bytes gzipped, all of both doors`
}

/** `require` takes the CommonJS build, which must bundle for the web as well. */
async function required(bundler) {
  const entry = "const { prove } = require('./prove.js')\nglobalThis.proof = prove(require('waxseal'), require('waxseal/jws'))\n"
  const folder = await project('commonjs', { 'start.js': entry, 'prove.js': proveCommonJs })
  await prove(readFileSync(join(folder, await build[bundler](folder, 'start.js', 'out.js')), 'utf8'))
}

/** What is not used is left out: `decode` brings no key and no crypto with it. */
async function shaken(bundler) {
  const folder = await project('module', { 'decode.js': "import { decode } from 'waxseal'\nglobalThis.decode = decode\n" })
  const text = readFileSync(join(folder, await build[bundler](folder, 'decode.js', `${bundler}-out.js`)), 'utf8')
  for (const word of ['subtle', 'importKey', 'ERR_JWT_SIGNATURE']) if (text.includes(word)) throw new Error(`decode alone brings ${word} with it`)
  return `${gzipSync(text).length} bytes gzipped`
}

/** Even a bundler that trusts no `sideEffects: false` finds nothing to keep. */
async function pure() {
  const folder = await project('module', { 'start.js': "import 'waxseal'\nimport 'waxseal/jws'\nimport 'waxseal/jwks'\n" })
  const onwarn = ({ code, message }) => { if (code !== 'EMPTY_BUNDLE') complain('Rollup', message) }
  const built = await rollup({ input: join(folder, 'start.js'), plugins: [resolve()], treeshake: { moduleSideEffects: true }, onwarn })
  const { output: [{ code }] } = await built.generate({ format: 'es' })
  if (code.trim()) throw new Error(`not free of side effects:\n${code.slice(0, 600)}`)
}

const each = (names, what, check) => Object.fromEntries(names.map((name) => [`${name}: ${what}`, () => check(name)]))

export const bundlers = {
  ...each(bundlerNames, 'build', whole),
  ...each(['esbuild', 'webpack'], 'build of require', required),
  ...each(bundlerNames, 'tree-shaking', shaken),
  'Rollup: import alone leaves nothing': pure,
}
