// Jest, as CommonJS in both its environments and as ES modules. jsdom needs apps/jest-setup.cjs.

import { node, project, tool } from '../project.mjs'
import { proveCommonJs } from './modules.mjs'

async function suite({ type = 'commonjs', test = 'waxseal.test.js', config, nodeOptions = [], files = {} }) {
  const folder = await project(type, test, 'jest-setup.cjs', { 'jest.config.cjs': `module.exports = ${JSON.stringify({ cacheDirectory: '.jest', ...config })}`, ...files })
  const said = await node([...nodeOptions, tool('jest/bin/jest.js'), '--ci', '--colors=false'], { cwd: folder })
  const [, passed] = /^Tests: +(\d+) passed, \1 total$/m.exec(said) ?? []
  if (!passed) throw new Error(`expected every test to pass\n${said}`)
  return `${passed} tests`
}

const files = { 'prove.js': proveCommonJs }
const jsdom = tool('jest-environment-jsdom')
const module = `
import * as waxseal from 'waxseal'
import * as jws from 'waxseal/jws'
import { prove } from './prove.js'
test('both doors do what they do everywhere', async () => { expect(await prove(waxseal, jws)).toBe('proved') })
`

export const jest = {
  'Jest: CommonJS, node': () => suite({ config: { testEnvironment: 'node' }, files }),
  'Jest: CommonJS, jsdom with set-up': () => suite({ config: { testEnvironment: jsdom, setupFiles: ['./jest-setup.cjs'] }, files }),
  'Jest: CommonJS, jsdom as it comes': () => suite({ config: { testEnvironment: jsdom }, test: 'bare-jsdom.test.js' }),
  'Jest: ES modules, node': () => suite({
    type: 'module', test: 'prove.js', config: { transform: {} }, nodeOptions: ['--experimental-vm-modules'], files: { 'module.test.js': module },
  }),
}
