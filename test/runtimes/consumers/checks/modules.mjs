// How Node itself loads the package.

import { readFileSync } from 'node:fs'
import { node, project } from '../project.mjs'

const prove = readFileSync(new URL('../apps/prove.js', import.meta.url), 'utf8')
export const proveCommonJs = prove.replace('export async function prove', 'exports.prove = async function prove')

async function start(folder, file) {
  const said = (await node(['--throw-deprecation', file], { cwd: folder })).trim()
  if (said !== 'proved') throw new Error(`expected "proved" alone, got\n${said}`)
}

/** Both copies of the package in one process, which happens as soon as one dependency is CommonJS. */
const together = `
import { createRequire } from 'node:module'
import * as esm from 'waxseal'
const require = createRequire(import.meta.url)
const cjs = require('waxseal')
const jws = require('waxseal/jws')
const must = (holds, what) => { if (!holds) throw new Error('expected: ' + what) }

must(esm.sign !== cjs.sign, 'two copies')
for (const [a, b] of [[esm, cjs], [cjs, esm]]) {
  const { privateKey, publicKey } = await a.generateKey('ES256', { keyId: 'shared' })
  const token = await b.sign({}, privateKey, { expiresIn: 60 })
  must(b.decode(token).header.kid === 'shared', 'the kid of a key that the other copy made')
  must(await b.thumbprint(privateKey) === await a.thumbprint(publicKey), 'the public half of a key that the other copy made')
  await a.verify(token, b.keySet([publicKey]), { algorithms: ['ES256'] })
  const { error } = await b.safeVerify(token + 'A', publicKey, { algorithms: ['ES256'] })
  must(error instanceof a.JwtError && a.isJwtError(error), 'the other copy to know the error')
  const chosen = await b.safeVerify(token, () => { throw error }, { algorithms: ['ES256'] })
  must(chosen.error === error, 'an error of the other copy to pass a key function unchanged')
  await jws.verifyBytes(token, publicKey, { algorithms: ['ES256'] })
}
console.log('proved')
`

export const modules = {
  'Node: import in an ES module': async () => start(await project('module', 'prove.js', {
    'start.js': "import * as waxseal from 'waxseal'\nimport * as jws from 'waxseal/jws'\nimport { prove } from './prove.js'\nconsole.log(await prove(waxseal, jws))\n",
  }), 'start.js'),
  'Node: require in CommonJS': async () => start(await project('commonjs', {
    'prove.js': proveCommonJs,
    'start.js': "require('./prove.js').prove(require('waxseal'), require('waxseal/jws')).then(console.log)\n",
  }), 'start.js'),
  'Node: import() in CommonJS': async () => start(await project('commonjs', {
    'prove.js': proveCommonJs,
    'start.js': "Promise.all([import('waxseal'), import('waxseal/jws')]).then((doors) => require('./prove.js').prove(...doors)).then(console.log)\n",
  }), 'start.js'),
  'Node: both copies in one process': async () => start(await project('module', { 'start.js': together }), 'start.js'),
}
