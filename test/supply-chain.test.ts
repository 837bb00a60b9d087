// Where the package comes from: the same sources give the same bytes, whatever the folder; every development dependency is pinned
// by version and checked by hash; CI runs nothing that is not in the repository or a lock file.

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inputs, tsup } from './build.mjs'
import { root } from './install.mjs'
import { packed } from './pack.mjs'

interface Lock { readonly lockfileVersion: number, readonly packages: Record<string, { readonly integrity?: string, readonly resolved?: string, readonly link?: boolean }> }

const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T

/** Every folder with a package.json of its own: the package, and what it is tested with. */
function projects(folder = ''): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  const here = entries.some(({ name }) => name === 'package.json') ? [folder] : []
  return [...here, ...entries.filter((entry) => entry.isDirectory() && !/^(\.git|node_modules|dist)$/.test(entry.name)).flatMap(({ name }) => projects(join(folder, name)))]
}

const folders = projects()

describe('two builds in two folders', () => {
  let stage: string
  let consumer: string

  beforeAll(() => {
    consumer = packed()
    // Without spaces: of a folder whose name a URL escapes, tsup loses the sources of the CommonJS maps.
    stage = join(mkdtempSync(join(tmpdir(), 'waxseal-')), 'of-another-depth')
    mkdirSync(stage)
    const texts = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE'].filter((name) => existsSync(join(root, name)))
    for (const name of [...inputs, ...texts]) cpSync(join(root, name), join(stage, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'), 'junction')
    tsup(stage)
  }, 240_000)

  afterAll(() => rmSync(join(stage, '..'), { recursive: true, force: true }))

  test('give the same files, octet for octet, source maps and declarations among them', () => {
    const there = join(consumer, 'node_modules/waxseal/dist')
    const names = readdirSync(join(stage, 'dist')).sort()
    expect(names).toEqual(readdirSync(there).sort())
    expect(names.length).toBeGreaterThan(8)
    expect(names.filter((name) => !readFileSync(join(stage, 'dist', name)).equals(readFileSync(join(there, name))))).toEqual([])
  })

  test('give the same tarball', () => {
    const pack = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--dry-run'], { cwd: stage, encoding: 'utf8', shell: process.platform === 'win32' })
    const [{ integrity }] = JSON.parse(pack) as [{ integrity: string }]
    expect(integrity).toMatch(/^sha512-/)
    expect(integrity).toBe((JSON.parse(readFileSync(join(consumer, 'pack.json'), 'utf8')) as { integrity: string }).integrity)
  })
})

describe('development dependencies', () => {
  test('are looked for in every folder that has some', () => {
    expect(folders).toEqual(expect.arrayContaining(['', 'bench', 'test/fuzz', 'test/mutation', 'test/runtimes']))
  })

  test.for(folders)('of "%s" are pinned to one version each', (folder) => {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = readJson<Record<string, Record<string, string>>>(join(folder, 'package.json'))
    const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies }).filter(([, version]) => !/^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    expect(loose).toEqual([])
  })

  test.for(folders)('of "%s" stand in a lock file with a SHA-512 each, from no other place than the registry', (folder) => {
    const { dependencies, devDependencies } = readJson<Record<string, Record<string, string>>>(join(folder, 'package.json'))
    const { lockfileVersion, packages } = readJson<Lock>(join(folder, 'package-lock.json'))
    expect(lockfileVersion).toBe(3)
    const entries = Object.entries(packages).filter(([path]) => path !== '')
    expect(entries.filter(([path, { integrity, resolved, link }]) =>
      link || !path.startsWith('node_modules/') || !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') || resolved !== undefined && new URL(resolved).host !== 'registry.npmjs.org')).toEqual([])
    const direct = Object.keys({ ...dependencies, ...devDependencies })
    expect(direct.filter((name) => !Object.hasOwn(packages, `node_modules/${name}`))).toEqual([])
  })
})

describe('what CI runs', () => {
  const files = readdirSync(join(root, '.ci'))
  const text = files.map((name) => readFileSync(join(root, '.ci', name), 'utf8')).join('\n')

  test('begins with the lock file', () => {
    expect(text).toMatch(/npm ci\b/)
  })

  test.each(['npm install', 'npm i ', 'npx ', 'npm exec', 'curl', 'wget', '@latest', 'eval ', 'git clone'])('has no "%s", which would bring in what nobody has looked at', (word) => {
    expect(text).not.toContain(word)
  })
})
