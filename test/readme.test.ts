// The README against the code: every example is compiled and run as a user would, by the package's name, and every
// table is compared with what the code says of itself.

import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as waxseal from 'waxseal'
import * as jwks from 'waxseal/jwks'
import * as jws from 'waxseal/jws'
import * as keyring from 'waxseal/keyring'
import * as node from 'waxseal/node'
import * as profiles from 'waxseal/profiles'
import { rows } from '../src/keys/algorithms'
import { defaults } from '../src/network/settings'
import { root } from './install.mjs'
import { packed } from './pack.mjs'
import { examples, readme, surroundingTypes, zod } from './support/readme'

// ─── the examples ────────────────────────────────────────────────────────────

const workers = `
  const texts = new Map()
  export const env = { KEYS: { get: async (key) => texts.get(key) ?? null, put: async (key, text) => void texts.set(key, text) } }
  export const waitUntil = () => {}`
const hooks = `
  export const resolve = (name, context, next) => name === 'cloudflare:workers' ? { url: ${JSON.stringify(`data:text/javascript,${encodeURIComponent(workers)}`)}, shortCircuit: true } : next(name, context)`
const surroundings = `
  import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
  import { register } from 'node:module'
  register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)})
  const jwk = { ...createPublicKey(process.env.PUBLIC_KEY).export({ format: 'jwk' }), kid: 'spring', alg: 'ES256', use: 'sig' }
  const pages = {
    'https://login.example/.well-known/jwks.json': { keys: [jwk] },
    'https://login.example/.well-known/openid-configuration': { issuer: 'https://login.example', jwks_uri: 'https://login.example/.well-known/jwks.json', token_endpoint: 'https://login.example/token' },
  }
  globalThis.fetch = async (url) => Response.json(pages[url], { status: pages[url] ? 200 : 404 })
  globalThis.askKms = async (bytes) => sign('sha256', bytes, createPrivateKey(process.env.PRIVATE_KEY.replaceAll('\\\\n', '\\n')))`

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } })
const env = {
  JWT_SECRET: 'MnWx0Ea7n0Rr6Vb1yQ3tq0wM5l8dUzJcKf2sHgPiTjA',
  OLD_SECRET: 'q2LkP0o7Yb4vXc9sZd1fGh6jKl3mNb8vCx5zAs0dFgE',
  PRIVATE_KEY: pair.privateKey.trim().replaceAll('\n', '\\n'), // as it comes from many a vault
  PUBLIC_KEY: pair.publicKey,
}

/** What an example must print, where it says so. */
const prints: Readonly<Record<string, RegExp>> = {
  'Sign and verify 1': /^user-1 \d{10}$/,
  'A secret 1': /^2026-11$/,
  'Without promises 1': /^user-1 ERR_JWT_MALFORMED$/,
  'A token that comes again 1': /^true true$/,
  'Revocation 1': /^ERR_JWT_REVOKED$/,
  'An expired token that was fine otherwise 1': /^user-1 until 2026-01-01T00:15:00.000Z$/,
  'Looking without verifying 1': /^HS256 admin$/,
  'Claims with types 1': /^reader$/,
  'Keys over the network 1': /^true user-1$/,
  'Keys over the network 2': /^true https:\/\/login.example\/token$/,
  'Keys over the network 3': /^fetch \{ url: 'https:\/\/login.example\/.well-known\/jwks.json', keys: 1 \}\n200 401$/,
  'Several issuers 1': /^true user-1\nERR_JWT_CLAIM$/,
  'Rotating your own keys 1': /^200 public, max-age=600\nuser-1$/,
  'Profiles 1': /^user-1 app$/,
  'Profiles 2': /^user-1\ns-1$/,
  'Profiles 3': /^cnf\.jkt$/,
}

const theirToken = `
  import { importPem, sign } from 'waxseal'
  const token = await sign({ sub: 'user-1' }, await importPem(process.env.PRIVATE_KEY, 'ES256', { keyId: 'spring' }), { expiresIn: '1m', issuer: 'https://login.example', audience: 'https://api.example' })`

/** What an example that only defines something needs to show that it works. */
const calls: Readonly<Record<string, string>> = {
  'Keys over the network 1': `${theirToken}
    const { ok, payload } = await handle(token)
    console.log(ok, payload.sub)`,
  'Keys over the network 2': `${theirToken}
    console.log((await handle(token)).ok, await tokenEndpoint())`,
  'Keys over the network 3': `${theirToken}
    import worker from './example-INDEX.mjs'
    const ask = async (token) => (await worker.fetch(new Request('https://api.example', { headers: { authorization: 'Bearer ' + token } }))).status
    console.log(await ask(token), await ask(token + 'x'))`,
  'Several issuers 1': `${theirToken}
    const { ok, payload } = await handle(token)
    console.log(ok, payload.sub)
    console.log((await handle(token.replace(/\\..*\\./, '.eyJpc3MiOiJhIn0.'))).error.code)`,
  'Claims with types 1': `
    import { sign } from 'waxseal'
    console.log(await roleOf(await sign({ sub: 'user-1', role: 'reader' }, process.env.JWT_SECRET, { algorithm: 'HS256', expiresIn: '1m' })))`,
}

describe('examples', () => {
  const all = examples('ts')
  let folder: string
  let errors: readonly ts.Diagnostic[]
  const path = (i: number, end: string): string => join(folder, `example-${i}.${end}`)

  beforeAll(() => {
    folder = mkdtempSync(join(packed(), 'readme-'))
    mkdirSync(join(folder, 'node_modules/zod'), { recursive: true })
    writeFileSync(join(folder, 'node_modules/zod/index.mjs'), zod)
    writeFileSync(join(folder, 'node_modules/zod/package.json'), '{ "exports": "./index.mjs" }')
    writeFileSync(join(folder, 'surroundings.d.ts'), surroundingTypes)
    writeFileSync(join(folder, 'surroundings.mjs'), surroundings)
    all.forEach(({ code }, i) => writeFileSync(path(i, 'mts'), code))
    errors = ts.getPreEmitDiagnostics(ts.createProgram([join(folder, 'surroundings.d.ts'), ...all.map((_, i) => path(i, 'mts'))], {
      target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [], module: ts.ModuleKind.NodeNext, strict: true, exactOptionalPropertyTypes: true, noEmit: true,
    }))
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const words = (some: readonly ts.Diagnostic[]): string => ts.formatDiagnostics(some, { getCanonicalFileName: String, getCurrentDirectory: () => folder, getNewLine: () => '\n' })

  test('there are some, and all that should print are among them', () => {
    expect(all.length).toBeGreaterThan(12)
    expect(all.map(({ title }) => title)).toEqual(expect.arrayContaining([...Object.keys(prints), ...Object.keys(calls)]))
  })

  test('no other language goes by unrun', () => {
    expect([...readme.matchAll(/^```(\w+)$/gm)].map(([, language]) => language).filter((one) => one !== 'ts' && one !== 'sh')).toEqual([])
  })

  test('what they take for granted compiles', () => {
    expect(words(errors.filter(({ file }) => !file || !file.fileName.includes('/example-')))).toBe('')
  })

  test.each(all.map(({ title, code }, i) => [title, code, i] as const))('%s compiles and runs', (title, code, i) => {
    expect(words(errors.filter(({ file }) => file?.fileName === path(i, 'mts')))).toBe('')
    const { outputText } = ts.transpileModule(code + (calls[title] ?? '').replace('INDEX', `${i}`), { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } })
    writeFileSync(path(i, 'mjs'), outputText)
    const printed = execFileSync(process.execPath, ['--import', './surroundings.mjs', path(i, 'mjs')], { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env }, stdio: 'pipe' })
    expect(printed.trim()).toMatch(prints[title] ?? /^/)
  }, 30_000)

  test('commands are scripts of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
    const named = [...readme.matchAll(/\bnpm run (\w+)/g)].map(([, name]) => name!)
    expect(named).toEqual(expect.arrayContaining(['demo', 'size']))
    expect([...named, 'test'].filter((name) => !(name in scripts))).toEqual([])
  })

  test('the two commands for a fresh clone are on the first screen', () => {
    const firstScreen = readme.split('\n').slice(0, 24).join('\n')
    expect(firstScreen).toContain('npm run demo')
    expect(firstScreen).toContain('npm test')
  })

  test('signing and verifying takes 12 lines', () => {
    expect(all.find(({ title }) => title === 'Sign and verify 1')!.code.trim().split('\n').length).toBeLessThanOrEqual(12)
  })
})

// ─── the tables ──────────────────────────────────────────────────────────────

/** The cells of the first table under a heading, without its head; `marks` are the words in backticks of a cell. */
function table(heading: string): string[][] {
  const [, section] = new RegExp(`^#+ ${heading}$([^]*?)(?=^#+ |$(?![^]))`, 'm').exec(readme) ?? []
  const [first = ''] = /^\|.*\n(?:\|.*\n)+/m.exec(section ?? '') ?? []
  return first.trim().split('\n').slice(2).map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim()))
}
const marks = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)

/** The members of an interface and the words of a union, from the sources. */
const sources = ts.sys.readDirectory(`${root}src`, ['.ts']).map((name) => ts.createSourceFile(name, ts.sys.readFile(name)!, ts.ScriptTarget.ES2022))
function declared(name: string): ts.InterfaceDeclaration | ts.TypeAliasDeclaration {
  for (const file of sources) {
    for (const one of file.statements) if ((ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one)) && one.name.text === name) return one
  }
  throw new Error(`there is no type ${name}`)
}
function members(name: string): string[] {
  return (declared(name) as ts.InterfaceDeclaration).members.map((member) => (member.name as ts.Identifier).text)
}
function union(type: ts.TypeNode): string[] {
  if (ts.isUnionTypeNode(type)) return type.types.flatMap(union)
  if (ts.isTypeReferenceNode(type)) return union((declared((type.typeName as ts.Identifier).text) as ts.TypeAliasDeclaration).type)
  return ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : []
}

describe('the table of algorithms', () => {
  const lines = table('Algorithms').map(([names, , kty, bytes, least]) => ({ names: marks(names!), kty: marks(kty!)[0], bytes: bytes!, least: least! }))

  test('has all of them, in the order of the code', () => {
    expect(lines.flatMap(({ names }) => names)).toEqual([...waxseal.algorithms])
  })

  test('has their key types and the lengths of their signatures', () => {
    const row = (name: string) => rows.find((one) => one.name === name)!
    for (const { names, kty, bytes } of lines) {
      expect(names.map((name) => row(name).kty)).toEqual(names.map(() => kty))
      const told = bytes === 'as the key' ? names.map(() => 0) : bytes.split(', ').map(Number)
      expect(told).toEqual(names.map((name) => row(name).signatureBytes))
    }
  })

  test('has what signing really gives', async () => {
    for (const name of waxseal.algorithms) {
      if (!await waxseal.isSupported(name)) {
        await expect(waxseal.generateKey(name)).rejects.toMatchObject({ code: 'ERR_JWT_UNSUPPORTED' })
        continue
      }
      const line = lines.find(({ names }) => names.includes(name))!
      const made = await waxseal.generateKey(name, { extractable: true }) as Awaited<ReturnType<typeof waxseal.generateKey<'ES256'>>>
      const key = made.privateKey ?? made
      const { signature } = waxseal.decode(await waxseal.sign({}, key, { expiresIn: 1 }))
      expect((await waxseal.exportJwk(key)).kty).toBe(line.kty)
      expect(signature.length).toBe(line.bytes === 'as the key' ? 256 : Number(line.bytes.split(', ')[line.names.indexOf(name)]))
    }
  })

  test('has the floors', async () => {
    await expect(waxseal.importSecret('x'.repeat(31), 'HS256')).rejects.toMatchObject({ code: 'ERR_JWT_KEY' })
    await expect(waxseal.importSecret('x'.repeat(32), 'HS256')).resolves.toBeDefined()
    expect(lines.find(({ kty }) => kty === 'RSA')!.least).toBe('2048 bits')
  })
})

describe('the tables of options', () => {
  const secret = env.JWT_SECRET
  const schema = { '~standard': { version: 1, vendor: 'none', validate: (value: unknown) => ({ value }) } }

  const ofVerifiers = members('VerifierOptions').filter((name) => !members('VerifyOptions').includes(name))

  test.each([['sign', members('SignOptions')], ['verify', [...members('VerifyOptions'), ...ofVerifiers]], ['cache', members('CacheOptions')], ['keyRing', members('KeyRingOptions')]])('%s: has those of the type, in its order', (heading, names) => {
    expect(table(heading).map(([name]) => marks(name!)[0])).toEqual(names)
  })

  test('verify: what is of createVerifier only says so, and is a TypeError elsewhere', async () => {
    expect(ofVerifiers).toEqual(['cache'])
    expect(table('verify').find(([name]) => name === '`cache`')![2]).toMatch(/in `createVerifier` only/)
    expect(waxseal.createVerifier(secret, { algorithms: ['HS256'], cache: true })).toBeTypeOf('function')
    await expect(waxseal.safeVerify('a.b', secret, { algorithms: ['HS256'], cache: true } as never)).rejects.toThrow(/cache/)
  })

  test('cache: defaults and limits are those of the code', () => {
    const standards = Object.fromEntries(table('cache').map(([name, standard]) => [marks(name!)[0]!, standard!]))
    expect(standards).toEqual({ maxEntries: '1000', maxLength: '4194304', maxAge: '5 minutes' }) // test/token/cache.test.ts holds the code to them
    const open = (cache: object) => () => waxseal.createVerifier(secret, { algorithms: ['HS256'], cache })
    for (const name of Object.keys(standards)) {
      expect(open({ [name]: 1 })).not.toThrow()
      for (const value of [0, -1]) expect(open({ [name]: value })).toThrow(TypeError)
    }
  })

  test('Over the network: has those of both types, in their order', () => {
    expect(table('Over the network').map(([name]) => marks(name!)[0])).toEqual([...members('RemoteKeySetOptions'), ...members('DiscoverOptions')])
  })

  test('Over the network: defaults and limits are those of the code', () => {
    const seconds = (text: string): number => {
      const [, amount, unit] = /(\d+) (second|minute|hour|day)/.exec(text)!
      return +amount! * { second: 1, minute: 60, hour: 3600, day: 86400 }[unit as 'second']
    }
    const lines = table('Over the network').map(([name, standard, meaning]) => ({ name: marks(name!)[0]!, standard: standard!, meaning: meaning! }))
    const taken = (name: string, value: unknown): boolean => {
      try {
        return !!jwks.remoteKeySet('https://a.example', { [name]: value })
      } catch {
        return false
      }
    }
    const limited: string[] = []
    for (const { name, standard, meaning } of lines) {
      if (name in defaults) expect([name, meaning.startsWith('duration') ? seconds(standard) : +standard]).toEqual([name, defaults[name as keyof typeof defaults]])
      const [, most] = /(?:at most|to) (\d+(?: \w+)?)[^\d]*$/.exec(meaning) ?? []
      if (!most) continue
      limited.push(name)
      const limit = meaning.startsWith('duration') ? seconds(most) : +most
      expect([name, taken(name, limit), taken(name, limit + 1)]).toEqual([name, true, false])
    }
    expect(limited).toEqual(Object.keys(defaults))
  })

  /** A value that each option takes. */
  const values = {
    sign: {
      algorithm: 'HS256', expiresIn: 1, notBefore: 1, issuedAt: false, issuer: 'a', subject: 'a', audience: 'a', jwtId: true, keyId: 'a', type: false, header: { a: 1 },
      now: new Date(), allowWeakKeys: true,
    },
    verify: {
      algorithms: ['HS256'], issuer: 'a', audience: false, subject: 'a', jwtId: 'a', nonce: 'a', type: false, requireExpiry: false, requiredClaims: ['a'],
      requiredHeader: { a: 'b' }, maxAge: 1, clockTolerance: 600, now: new Date(), crit: ['a'], maxTokenLength: 16777216, allowPadding: true, schema, isRevoked: () => false,
      allowWeakKeys: true,
    },
  } as const

  test.each(members('SignOptions'))('sign: %s is taken, and a slip in its name is not', async (name) => {
    const option = { [name]: (values.sign as Record<string, unknown>)[name] }
    const base = { algorithm: 'HS256', ...(name !== 'expiresIn' && { expiresIn: 1 }) }
    await expect(waxseal.sign({}, secret, { ...base, ...option } as never)).resolves.toBeTypeOf('string')
    await expect(waxseal.sign({}, secret, { ...base, [`${name}s`]: option[name] } as never)).rejects.toBeInstanceOf(TypeError)
  })

  test.each(members('VerifyOptions'))('verify: %s is taken, and a slip in its name is not', async (name) => {
    const option = { [name]: (values.verify as Record<string, unknown>)[name] }
    const base = { algorithms: ['HS256'] }
    expect((await waxseal.safeVerify('a.b', secret, { ...base, ...option } as never)).error).toMatchObject({ code: 'ERR_JWT_MALFORMED' })
    await expect(waxseal.safeVerify('a.b', secret, { ...base, [`${name}X`]: option[name] } as never)).rejects.toBeInstanceOf(TypeError)
  })

  test('of the profiles: have those of their types, in their order', () => {
    const named = table('Options of the profiles').map(([name]) => marks(name!))
    const types: Record<string, string[]> = {
      verifyIdToken: members('IdTokenOptions'), 'verifyIdToken verifyLogoutToken': members('OpenIdOptions'), verifyLogoutToken: members('LogoutTokenOptions'),
      verifyDpopProof: members('VerifyDpopOptions'), createDpopProof: members('DpopProofOptions'),
    }
    const expected = Object.entries(types).flatMap(([functions, names]) => [functions.split(' '), ...names.map((name) => [name])])
    expect(named).toEqual(expected)
  })

  test('of a ring: the limits they name hold', () => {
    const open = (more: object) => () => keyring.keyRing({ algorithm: 'ES256', tokenLifetime: 1, store: new Map<string, string>(), ...more } as never)
    for (const more of [{ maxAge: '24h', publishBefore: '2d' }, { clockTolerance: 600 }, { timeout: 60 }, { rotateEvery: 1560, publishBefore: 780 }]) expect(open(more)).not.toThrow()
    for (const more of [{ maxAge: '25h', publishBefore: '2d' }, { clockTolerance: 601 }, { timeout: 61 }, { rotateEvery: 1559 }, { rotateEvery: 1560, publishBefore: 779 }]) expect(open(more)).toThrow(TypeError)
  })

  test('the limits they name hold', async () => {
    const given = (more: object) => waxseal.safeVerify('a'.repeat(16385), secret, { algorithms: ['HS256'], ...more } as never)
    expect((await given({})).error!.code).toBe('ERR_JWT_TOO_LARGE')
    expect((await given({ maxTokenLength: 16385 })).error!.code).toBe('ERR_JWT_MALFORMED')
    for (const more of [{ maxTokenLength: 16777217 }, { clockTolerance: 601 }, { clockTolerance: '11m' }, { maxAge: 0 }]) await expect(given(more)).rejects.toBeInstanceOf(TypeError)
  })
})

describe('the table of claims', () => {
  test('has the registered ones', () => {
    expect(table('Claims').map(([name]) => marks(name!)[0]).filter(Boolean).sort()).toEqual(members('RegisteredClaims').sort())
  })

  test('names options that exist', () => {
    const options = [...members('SignOptions'), ...members('VerifyOptions')]
    const named = table('Claims').flatMap((cells) => [cells[2]!, cells[4]!].flatMap(marks)).map((mark) => mark.replace(/:.*/, ''))
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((one) => !options.includes(one))).toEqual([])
  })
})

describe('the table of errors', () => {
  const lines = table('Errors')

  test('has every code, once', () => {
    const codes = union((declared('JwtErrorCode') as ts.TypeAliasDeclaration).type)
    expect(lines.map(([code]) => marks(code!)[0]).sort()).toEqual(codes.sort())
  })

  test('says whom to answer as the errors do', () => {
    for (const [code, fault] of lines) expect([code, new waxseal.JwtError(marks(code!)[0] as waxseal.JwtErrorCode, 'a').fault]).toEqual([code, fault])
  })
})

// ─── names and links ─────────────────────────────────────────────────────────

const doors = { ...waxseal, ...jws, ...jwks, ...keyring, ...node, ...profiles }

test('everything that the doors export is on the page', () => {
  expect(Object.keys(doors).filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([])
})

test('every function in the table of keys and tools is exported', () => {
  const named = table('Keys and tools').flatMap(([names]) => marks(names!)).map((mark) => /^\w*/.exec(mark)![0]).filter(Boolean)
  expect(named.filter((name) => !(name in doors))).toEqual([])
})

test('every link leads somewhere', () => {
  const anchors = (text: string): string[] => [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'))
  for (const page of ['README.md', 'SECURITY.md', 'CHANGELOG.md']) {
    const text = readFileSync(root + page, 'utf8')
    for (const [, target] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https:/.test(target!)) continue
      const [file, anchor] = target!.split('#')
      expect(existsSync(root + (file || page)), target).toBe(true)
      if (anchor) expect(anchors(file ? readFileSync(root + file, 'utf8') : text), target).toContain(anchor)
    }
  }
})
