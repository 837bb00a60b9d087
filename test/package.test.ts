// The package as it is installed: built, packed, unpacked, and then used by name from an ES module and from CommonJS.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { root } from './install.mjs'
import { packed } from './pack.mjs'

type Door = typeof import('../src/index')
type JwsDoor = typeof import('../src/jws')
interface Packed { readonly files: readonly { readonly path: string }[], readonly unpackedSize: number }

let consumer: string
let files: string[]
const place = (path: string): string => join(consumer, 'node_modules/waxseal', path)
const read = (path: string): string => readFileSync(place(path), 'utf8')
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

/** The doors: their paths, and their files in dist. */
const doors = Object.keys(manifest.exports).filter((path) => path !== './package.json')
const doorNames = doors.map((path) => path === '.' ? 'index' : path.slice(2))

beforeAll(() => {
  consumer = packed()
  files = (JSON.parse(readFileSync(join(consumer, 'pack.json'), 'utf8')) as Packed).files.map(({ path }) => path).sort()
}, 120_000)

// ─── what is in it ───────────────────────────────────────────────────────────

describe('the tarball', () => {
  test('holds the built doors, their types, and the four texts; no sources, tests or settings', () => {
    const doors = doorNames.flatMap((door) => ['js', 'js.map', 'cjs', 'cjs.map', 'd.ts', 'd.cts'].map((end) => `dist/${door}.${end}`))
    const shared = files.filter((path) => /^dist\/\w+-[\w-]{8}\.c?js(\.map)?$/.test(path)) // the code that doors share
    const types = ['dist/types.d.cts', 'dist/types.d.ts'] // the types that no door exports
    expect(files.filter((path) => !shared.includes(path))).toEqual([...doors, ...types, 'CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'].sort())
  })

  test('needs nothing else: no dependency of any kind, no script that runs on installing', () => {
    for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies', 'bin']) expect(manifest).not.toHaveProperty(kind)
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) expect(manifest.scripts).not.toHaveProperty(hook)
    expect(Object.keys(manifest.devDependencies).sort()).toEqual(['fast-check', 'tsup', 'typescript', 'vitest'])
  })

  test('says which runtimes and bundlers it is for', () => {
    expect(manifest).toMatchObject({ name: 'waxseal', type: 'module', engines: { node: '>=20.19' }, sideEffects: false, license: 'MIT' })
    expect(manifest.private).toBeUndefined()
  })

  test('has every file that package.json points to', () => {
    const targets = (value: unknown): string[] => typeof value === 'string' ? [value] : Object.values(value as object).flatMap(targets)
    const all = targets([manifest.exports, manifest.main, manifest.module, manifest.types, manifest.typesVersions])
    expect(all.filter((path) => !existsSync(place(path)))).toEqual([])
  })

  test('names types before code in exports, since the first condition that fits wins', () => {
    for (const [door, conditions] of Object.entries<Record<string, object>>(manifest.exports)) {
      if (door === './package.json') continue
      expect(Object.keys(conditions)).toEqual(['import', 'require'])
      for (const target of Object.values(conditions)) expect(Object.keys(target)[0]).toBe('types')
    }
  })

  const maps = () => files.filter((path) => path.endsWith('.map')).map((path) => JSON.parse(read(path)) as { file?: string, sources: string[], sourcesContent?: (string | null)[] })

  test('has source maps that bring their sources along', () => {
    const own = maps().flatMap(({ sources, sourcesContent = [] }) => sources.map((path, i) => [path, sourcesContent[i]] as const)).filter(([path]) => path.startsWith('../src/'))
    for (const [, content] of own) expect(content).toEqual(expect.any(String))
    // A door that only names what other files hold has no code, and so no sources, of its own.
    for (const path of ['errors', 'jws', 'token/sign', 'token/verify', 'ring/ring', 'profiles/dpop']) expect(own.filter(([one]) => one === `../src/${path}.ts`)).toHaveLength(2)
  })

  test('has no path of the machine that built it, so that the same sources give the same files', () => {
    expect(maps().flatMap(({ file = '', sources }) => [file, ...sources]).filter((path) => /^(\/|\w:|\\|file:)/.test(path))).toEqual([])
  })
})

describe('the built files', () => {
  const code = (): string[] => files.filter((path) => /\.c?js$/.test(path))
  const imports = /(?:\bfrom|\bimport|\brequire\()\s*(["'])(.*?)\1/g

  test('load each other and nothing else', () => {
    for (const path of code()) {
      for (const [, , specifier] of read(path).matchAll(imports)) expect(specifier).toMatch(/\/node\.c?js$/.test(path) ? /^(\.\/.*|node:crypto|node:fs\/promises)$/ : /^\.\//)
    }
  })

  test.each(['node:', 'process', 'Buffer', 'require("crypto")', 'getBuiltinModule', 'eval(', 'new Function', 'XMLHttpRequest', 'Math.random', 'setInterval', 'import('])(
    'do not mention %s', (word) => {
      // Words of messages and comments count as well: some scanners refuse a bundle for the text alone.
      const pattern = new RegExp(`(?<![\\w.])${word.replace(/[()]/g, '\\$&')}${/\w$/.test(word) ? '\\b' : ''}`)
      expect(code().filter((path) => pattern.test(read(path)) && !(word === 'node:' && /\/node\.c?js$/.test(path)))).toEqual([])
    })

  test.each(['fetch', 'AbortController'])('mention %s in waxseal/jwks alone, which the other doors do not load', (word) => {
    expect(code().filter((path) => new RegExp(`\\b${word}\\b`).test(read(path)))).toEqual(['dist/jwks.cjs', 'dist/jwks.js'])
  })

  test('set a timer in two doors alone: nobody waits for a server or a store for ever', () => {
    expect(code().filter((path) => /\bset(Timeout|Interval|Immediate)\b/.test(read(path)))).toEqual(['dist/jwks.cjs', 'dist/jwks.js', 'dist/keyring.cjs', 'dist/keyring.js'])
  })

  test('a type that a door exports is declared in the file of a door, where an application can name it, and once', () => {
    const declared = (path: string): string[] => [...new Set([...read(path).matchAll(/^export (?:declare )?(?:async )?(?:class|const|function|interface|namespace|type) (\w+)/gm)].map(([, name]) => name!))]
    const all = [...doorNames, 'types'].flatMap((name) => declared(`dist/${name}.d.ts`))
    expect(all.length).toBeGreaterThan(150)
    expect(all.filter((name, i) => all.indexOf(name) !== i)).toEqual([])
    for (const name of doorNames) {
      const source = readFileSync(`${root}src/${name}.ts`, 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '')
      const lists = [...source.matchAll(/^export (?:type )?{([^}]*)}/gm)].flatMap(([, list]) => list!.split(',')).map((one) => one.replace('type ', '').trim()).filter(Boolean)
      const own = [...source.matchAll(/^export (?:async )?(?:class|const|function|interface|type) (\w+)/gm)].map(([, one]) => one!)
      expect([...lists, ...own].filter((one) => !declared(`dist/${name}.d.ts`).includes(one))).toEqual([])
    }
  })

  test('declaration files refer to each other and to no lib', () => {
    for (const path of files.filter((one) => /\.d\.c?ts$/.test(one))) {
      expect(read(path)).not.toMatch(/\/\/\/ *<reference/)
      for (const [, , specifier] of read(path).matchAll(imports)) expect(specifier).toMatch(/\/node\.c?js$/.test(path) ? /^(\.\/.*|node:crypto|node:fs\/promises)$/ : /^\.\//)
    }
  })
})

// ─── how it is loaded ────────────────────────────────────────────────────────

describe('loading by name', () => {
  const run = (type: string, code: string): string => execFileSync(process.execPath, [`--input-type=${type}`, '-e', code], { cwd: consumer, encoding: 'utf8' }).trim()

  test('an ES module gets the doors', () => {
    expect(run('module', `
      import { sign, verify } from 'waxseal'
      import { signBytes, verifyBytes } from 'waxseal/jws'
      import { discover, remoteKeySet } from 'waxseal/jwks'
      import { signSync, verifySync } from 'waxseal/node'
      const secret = crypto.getRandomValues(new Uint8Array(32))
      const { payload } = await verify(await sign({ sub: 'me' }, secret, { algorithm: 'HS256', expiresIn: '1m' }), secret, { algorithms: ['HS256'] })
      const jws = await verifyBytes(await signBytes(new Uint8Array(3), secret, { algorithm: 'HS256' }), secret, { algorithms: ['HS256'] })
      const { payload: { sub } } = verifySync(signSync({ sub: 'sync' }, secret, { algorithm: 'HS256', expiresIn: '1m' }), secret, { algorithms: ['HS256'] })
      console.log(payload.sub, jws.payload.length, sub, remoteKeySet('https://a.example').status().keys, discover('https://a.example').issuer)
    `)).toBe('me 3 sync 0 https://a.example')
  })

  test('CommonJS gets the doors', () => {
    expect(run('commonjs', `
      const { sign, verify } = require('waxseal')
      const { signBytes } = require('waxseal/jws')
      const { remoteKeySet } = require('waxseal/jwks')
      const { verifySync } = require('waxseal/node')
      const secret = crypto.getRandomValues(new Uint8Array(32))
      sign({ sub: 'me' }, secret, { algorithm: 'HS256', expiresIn: '1m' })
        .then((token) => Promise.all([verify(token, secret, { algorithms: ['HS256'] }), verifySync(token, secret, { algorithms: ['HS256'] })]))
        .then(([{ payload }, sync]) => console.log(payload.sub, sync.payload.sub, typeof signBytes, typeof remoteKeySet, require('waxseal/package.json').name))
    `)).toBe('me me function function waxseal')
  })

  test('an ES module and CommonJS get the doors of those who issue', () => {
    const code = `
      const ring = keyRing({ algorithm: 'ES256', tokenLifetime: 60, store: new Map() })
      signAccessToken({ client_id: 'app' }, ring, { issuer: 'a', audience: 'b', subject: 'c', expiresIn: 60 })
        .then((token) => verify(token, ring, accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'b' })))
        .then(async ({ payload }) => console.log(payload.client_id, (await jwksHandler(ring)(new Request('https://a.example/'))).status))`
    const names = [['verify', 'waxseal'], ['jwksHandler, keyRing', 'waxseal/keyring'], ['accessToken, signAccessToken', 'waxseal/profiles']]
    expect(run('module', names.map(([name, door]) => `import { ${name} } from '${door}'\n`).join('') + code)).toBe('app 200')
    expect(run('commonjs', names.map(([name, door]) => `const { ${name} } = require('${door}')\n`).join('') + code)).toBe('app 200')
  })

  test('no other path leads in', () => {
    expect(run('module', `import('waxseal/dist/index.js').catch(({ code }) => console.log(code))`)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })

  test('loading has no effect: nothing new on the global object, no prototype touched', () => {
    expect(run('module', `
      const look = () => [globalThis, Object.prototype, Array.prototype, Uint8Array.prototype, Error].map((one) => Reflect.ownKeys(one).length).join()
      const before = look()
      for (const door of ${JSON.stringify(doors)}) await import('waxseal' + door.slice(1))
      console.log(before === look())
    `)).toBe('true')
  })

  test('loading needs no WebCrypto; only using it does, and the refusal says what is missing', () => {
    expect(run('module', `
      Object.defineProperty(globalThis, 'crypto', { value: undefined })
      const { generateKey, decode } = await import('waxseal')
      console.log(typeof decode('eyJhbGciOiJFUzI1NiJ9.e30.').payload)
      await generateKey('ES256').catch(({ code }) => console.log(code))
      const { keySet } = await import('waxseal')
      const { createVerifierSync, verifySync } = await import('waxseal/node')
      const { generateKeyPairSync, sign } = await import('node:crypto')
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const set = keySet({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256' }] })
      const input = ['{"alg":"ES256"}', '{"sub":"me","exp":32503680000}'].map((text) => Buffer.from(text).toString('base64url')).join('.')
      const token = input + '.' + sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
      console.log(verifySync(token, set, { algorithms: ['ES256'] }).payload.sub, createVerifierSync(set, { algorithms: ['ES256'] })(token).payload.sub)
    `)).toBe('object\nERR_JWT_UNSUPPORTED\nme me')
  })
})

// ─── several copies in one process ───────────────────────────────────────────

describe('the ES module and the CommonJS copy side by side', () => {
  let esm: Door
  let cjs: Door
  let esmJws: JwsDoor
  let cjsJws: JwsDoor

  beforeAll(async () => {
    const require = createRequire(join(consumer, 'index.js'))
    cjs = require('waxseal')
    cjsJws = require('waxseal/jws')
    esm = await import(/* @vite-ignore */ pathToFileURL(place('dist/index.js')).href)
    esmJws = await import(/* @vite-ignore */ pathToFileURL(place('dist/jws.js')).href)
  })

  const caught = (run: () => unknown): unknown => {
    try {
      return run()
    } catch (error) {
      return error
    }
  }

  test('are two copies with the same names', () => {
    expect(cjs.verify).not.toBe(esm.verify)
    expect(Object.keys(cjs).sort()).toEqual(Object.keys(esm).sort())
    expect(Object.keys(cjsJws).sort()).toEqual(Object.keys(esmJws).sort())
  })

  test('JwtError is one class behind both doors of a copy', async () => {
    for (const [main, jws] of [[esm, esmJws], [cjs, cjsJws]] as const) {
      const error = await jws.verifyBytes('a.b', new Uint8Array(32), { algorithms: ['HS256'] }).catch((one: unknown) => one)
      expect((error as Error).constructor).toBe(main.JwtError)
    }
  })

  test('instanceof and isJwtError hold for the errors of the other copy', () => {
    for (const [one, other] of [[esm, cjs], [cjs, esm]] as const) {
      const error = caught(() => one.decode('a.b'))
      expect(error).toBeInstanceOf(other.JwtError)
      expect(other.isJwtError(error)).toBe(true)
      expect(error).toBeInstanceOf(Error)
    }
  })

  test('and for nothing else', () => {
    for (const value of [new Error('a'), new TypeError('a'), { code: 'ERR_JWT_CLAIM', name: 'JwtError' }, null, undefined, 'ERR_JWT_CLAIM']) {
      expect(esm.isJwtError(value)).toBe(false)
      expect((value as object) instanceof cjs.JwtError).toBe(false)
    }
  })

  test('a key that one copy made keeps its kid and its name in the other', async () => {
    for (const [one, other] of [[esm, cjs], [cjs, esm]] as const) {
      const { privateKey, publicKey } = await one.generateKey('EdDSA', { keyId: 'spring' })
      const token = await other.sign({ sub: 'me' }, privateKey, { expiresIn: '1m' })
      expect(one.decode(token).header).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: 'spring' })
      const { header } = await other.verify(token, other.keySet([publicKey]), { algorithms: ['EdDSA'] })
      expect(header.kid).toBe('spring')
      expect(await other.thumbprint(privateKey)).toBe(await one.thumbprint(publicKey)) // the public half is remembered as well
    }
  })

  test('a key set of one copy serves the other', async () => {
    for (const [one, other] of [[esm, cjs], [cjs, esm]] as const) {
      const { privateKey, publicKey } = await one.generateKey('ES256')
      const token = await one.sign({ sub: 'me' }, privateKey, { expiresIn: '1m' })
      const { payload } = await other.verify(token, one.keySet([publicKey]), { algorithms: ['ES256'] })
      expect(payload.sub).toBe('me')
    }
  })

  test('so does one that is fetched', async () => {
    for (const [one, door, other] of [[esm, 'dist/jwks.cjs', esm], [esm, 'dist/jwks.js', cjs], [cjs, 'dist/jwks.js', cjs]] as const) {
      const { remoteKeySet } = await import(/* @vite-ignore */ pathToFileURL(place(door)).href)
      const { privateKey, publicKey } = await one.generateKey('ES256')
      const token = await one.sign({ sub: 'me' }, privateKey, { expiresIn: '1m' })
      const { payload } = await other.verify(token, remoteKeySet(() => one.keySet([publicKey]).toPublicJwks()), { algorithms: ['ES256'] })
      expect(payload.sub).toBe('me')
    }
  })
})
