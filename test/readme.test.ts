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
import * as tokens from './support/tokens'

// ─── the examples ────────────────────────────────────────────────────────────

const workers = `
  const texts = new Map()
  export const env = { KEYS: { get: async (key) => texts.get(key) ?? null, put: async (key, text) => void texts.set(key, text) } }
  export const waitUntil = () => {}`
const standIns = Object.fromEntries(Object.entries({ 'cloudflare:workers': workers, 'hono/factory': 'export const createMiddleware = (handler) => handler' })
  .map(([name, code]) => [name, `data:text/javascript,${encodeURIComponent(code)}`]))
const hooks = `
  const standIns = ${JSON.stringify(standIns)}
  export const resolve = (name, context, next) => name in standIns ? { url: standIns[name], shortCircuit: true } : next(name, context)`
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
  'Middleware 1': /^user-1\n401 Bearer ERR_JWT_MALFORMED$/,
  'Middleware 2': /^user-1\n401 Bearer ERR_JWT_MALFORMED$/,
  'A token that comes again 1': /^true true$/,
  'Revocation 1': /^ERR_JWT_REVOKED$/,
  'An expired token that was fine otherwise 1': /^user-1 until 2026-01-01T00:15:00.000Z$/,
  'Looking without verifying 1': /^HS256 admin$/,
  'Claims with types 1': /^reader$/,
  'Claims with types 2': /^reader$/,
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
  'Middleware 1': `
    import('waxseal').then(async ({ importPem, sign }) => {
      const token = await sign({ sub: 'user-1' }, await importPem(process.env.PRIVATE_KEY, 'ES256'), { expiresIn: '1m', audience: 'https://api.shop.example' })
      for (const headers of [{ authorization: 'bearer ' + token }, {}]) {
        const told = []
        const res = { status: (code) => (told.push(code), res), set: (name, value) => (told.push(value), res), json: ({ error }) => console.log(...told, error) }
        const req = { headers }
        await exports.authenticate(req, res, () => console.log(req.auth.sub))
      }
    })`,
  'Middleware 2': `
    import { sign } from 'waxseal'
    const token = await sign({ sub: 'user-1' }, process.env.JWT_SECRET, { algorithm: 'HS256', expiresIn: '1m', audience: 'https://api.shop.example' })
    for (const authorization of ['bearer ' + token, undefined]) {
      const set = new Map()
      const c = { req: { header: () => authorization }, set: (name, value) => set.set(name, value), json: ({ error }, status, headers) => [status, headers['WWW-Authenticate'], error] }
      const answer = await authenticate(c, async () => console.log(set.get('auth').sub))
      if (answer) console.log(...answer)
    }`,
  'Claims with types 2': `
    import { generateKey, sign } from 'waxseal'
    import { z } from 'zod'
    const { privateKey, publicKey } = await generateKey('ES256')
    const { payload } = await verifierFor(publicKey, z.object({ role: z.string() }))(await sign({ role: 'reader' }, privateKey, { expiresIn: '1m' }))
    console.log(payload.role)`,
  'Claims with types 1': `
    import { sign } from 'waxseal'
    console.log(await roleOf(await sign({ sub: 'user-1', role: 'reader' }, process.env.JWT_SECRET, { algorithm: 'HS256', expiresIn: '1m' })))`,
}

describe('examples', () => {
  const all = examples('ts', 'js')
  const compiled = all.flatMap(({ language }, i) => language === 'ts' ? [i] : [])
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
    for (const i of compiled) writeFileSync(path(i, 'mts'), all[i]!.code)
    errors = ts.getPreEmitDiagnostics(ts.createProgram([join(folder, 'surroundings.d.ts'), ...compiled.map((i) => path(i, 'mts'))], {
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
    expect([...readme.matchAll(/^```(\w+)$/gm)].map(([, language]) => language).filter((one) => !['ts', 'js', 'sh'].includes(one!))).toEqual([])
  })

  test('what they take for granted compiles', () => {
    expect(words(errors.filter(({ file }) => !file || !file.fileName.includes('/example-')))).toBe('')
  })

  test.each(all.map(({ title, language, code }, i) => [title, language === 'ts' ? 'mjs' : 'cjs', code, i] as const))('%s compiles and runs', (title, end, code, i) => {
    expect(words(errors.filter(({ file }) => file?.fileName === path(i, 'mts')))).toBe('')
    const whole = code + (calls[title] ?? '').replace('INDEX', `${i}`)
    writeFileSync(path(i, end), end === 'cjs' ? whole : ts.transpileModule(whole, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } }).outputText)
    const printed = execFileSync(process.execPath, ['--import', './surroundings.mjs', path(i, end)], { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env }, stdio: 'pipe' })
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

  test('of the profiles: take those of verify and sign that the page says, and no others', async () => {
    const key = await waxseal.importPem(pair.publicKey, 'ES256')
    const who = { algorithms: ['ES256'], issuer: 'a', clientId: 'a' }
    const calls: Readonly<Record<string, (more: object) => unknown>> = {
      verifyIdToken: (more) => profiles.verifyIdToken('a.b', key, { ...who, nonce: false, ...more } as never),
      verifyLogoutToken: (more) => profiles.verifyLogoutToken('a.b', key, { ...who, ...more } as never),
      accessToken: (more) => profiles.accessToken({ algorithms: ['ES256'], issuer: 'a', audience: 'a', ...more } as never),
      verifyDpopProof: (more) => profiles.verifyDpopProof('a.b', { algorithms: ['ES256'], method: 'GET', url: 'https://a.example', ...more } as never),
    }
    const refusedBy = async (name: string): Promise<string[]> => {
      const refused: string[] = []
      for (const [option, value] of Object.entries({ ...values.verify, algorithms: ['ES256'], audience: 'a', cache: true })) {
        try {
          await calls[name]!({ [option]: value })
        } catch (error) {
          if (error instanceof TypeError) refused.push(option)
        }
      }
      return refused.sort()
    }
    expect(await refusedBy('verifyIdToken')).toEqual(['audience', 'cache', 'requireExpiry'])
    expect(await refusedBy('verifyLogoutToken')).toEqual(['audience', 'cache', 'nonce', 'requireExpiry'])
    expect(await refusedBy('accessToken')).toEqual(['nonce', 'requireExpiry', 'type'])
    const own = members('VerifyDpopOptions')
    expect(await refusedBy('verifyDpopProof')).toEqual([...members('VerifyOptions'), 'cache'].filter((option) => !own.includes(option)).sort())
    await expect(calls['verifyLogoutToken']!({ requireExpiry: false, maxAge: 60 })).rejects.toMatchObject({ code: 'ERR_JWT_MALFORMED' })
    expect(() => calls['accessToken']!({ audience: false })).toThrow(TypeError)
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

// ─── coming from elsewhere ───────────────────────────────────────────────────

describe('the guides', () => {
  const guides = ['Coming from jsonwebtoken', 'Coming from jose']
  const sections = guides.map((title) => readme.slice(readme.indexOf(`\n## ${title}\n`)).split('\n## ')[1]!)
  const { at, b64, claims, head, mac, now, pair: pairOf, pairToken, token, unb64 } = tokens
  const { exp, ...endless } = claims
  const open = (text: string, more: object = {}, key: unknown = tokens.secret): Promise<waxseal.SafeResult> =>
    waxseal.safeVerify(text, key as string, { algorithms: ['HS256'], now: at(now), ...more } as { algorithms: ['HS256'] })
  const padded = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')).join('.')

  const switches: Readonly<Record<string, readonly [text: string, options: object, key?: string]>> = {
    'requireExpiry: false': [token(endless), { requireExpiry: false }],
    'audience: false': [token({ ...claims, aud: 'a' }), { audience: false }],
    'type': [token(claims, { ...head, typ: 'at+jwt' }), { type: 'at+jwt' }],
    'crit': [token(claims, { ...head, crit: ['a'], a: 1 }), { crit: ['a'] }],
    'maxTokenLength': [token({ ...claims, a: 'a'.repeat(16384) }), { maxTokenLength: 32768 }],
    'allowPadding': [`${padded}.${mac(padded).padEnd(44, '=')}`, { allowPadding: true }],
    'allowWeakKeys': [token(claims, head, 'short'), { allowWeakKeys: true }, 'short'],
  }

  test('name every option that takes what is refused without it, and no other', () => {
    const named = sections.map((section) => [.../^\*\*Taken there.*$/m.exec(section)![0].matchAll(/\(`([^`]+)`\)/g)].map(([, option]) => option!))
    expect(named.flat().filter((option) => !(option in switches))).toEqual([])
    expect([...new Set(named.flat())].sort()).toEqual(Object.keys(switches).sort())
  })

  test.each(Object.entries(switches))('%s: refused without it, taken with it', async (_, [text, options, key]) => {
    expect((await open(text, {}, key)).ok).toBe(false)
    expect((await open(text, options, key)).ok).toBe(true)
  })

  test.each<readonly [what: string, text: string, code: string]>([
    ['none', token(claims, { alg: 'none' }), 'ERR_JWT_ALGORITHM'],
    ['b64: false', token(claims, { ...head, b64: false }), 'ERR_JWT_CRITICAL'],
    ['b64: false, as crit says', token(claims, { ...head, b64: false, crit: ['b64'] }), 'ERR_JWT_CRITICAL'],
    ['a payload that is text', token('"a"'), 'ERR_JWT_MALFORMED'],
    ['a member named twice', token(`{"sub":"a","sub":"b","exp":${exp}}`), 'ERR_JWT_MALFORMED'],
    ['what is not UTF-8', token(new Uint8Array([...Buffer.from(`{"exp":${exp},"a":"`), 255, ...Buffer.from('"}')])), 'ERR_JWT_MALFORMED'],
    ['a byte order mark', token(`\ufeff${JSON.stringify(claims)}`), 'ERR_JWT_MALFORMED'],
    ['white space', `${token()}\n`, 'ERR_JWT_MALFORMED'],
    ['padding of one segment', `${token()}=`, 'ERR_JWT_MALFORMED'],
    ...[{ sub: 5 }, { iat: null }, { iss: 5 }, { aud: 5 }, { jti: 5 }, { exp: `${exp}` }].map((more) => [JSON.stringify(more), token({ ...claims, ...more }), 'ERR_JWT_CLAIM'] as const),
    ...[{ typ: 5 }, { cty: 5 }, { kid: 5 }].map((more) => [JSON.stringify(more), token(claims, { ...head, ...more }), 'ERR_JWT_MALFORMED'] as const),
    ...[{ exp: exp * 1000 }, { iat: -1 }, { exp: 253402300800 }].map((more) => [JSON.stringify(more), token({ ...claims, ...more }), 'ERR_JWT_CLAIM'] as const),
  ])('always refused: %s', async (_, text, code) => {
    expect((await open(text, { audience: false, requireExpiry: false, crit: ['a'] })).error?.code).toBe(code)
  })

  test('always refused: unused bits set in the last character', async () => {
    const good = pairToken('ES256')
    const key = await waxseal.importPem(pairOf('ES256').publicPem, 'ES256')
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const bad = good.slice(0, -1) + digits[digits.indexOf(good.at(-1)!) + 1]!
    expect(b64(unb64(bad.split('.')[2]!))).toBe(good.split('.')[2]) // one signature, two spellings
    expect((await open(good, { algorithms: ['ES256'] }, key)).ok).toBe(true)
    expect((await open(bad, { algorithms: ['ES256'] }, key)).error?.code).toBe('ERR_JWT_MALFORMED')
  })

  test.each(members('VerifyOptions'))('%s: undefined is a TypeError', async (name) => {
    await expect(open('a.b', { [name]: undefined })).rejects.toBeInstanceOf(TypeError)
  })

  test('tell how times are counted', async () => {
    const given = { algorithm: 'HS256', expiresIn: 60, now: at(now) } as const
    expect(waxseal.decode(await waxseal.sign({ iat: 1000 }, tokens.secret, given)).payload).toEqual({ iat: 1000, exp: now + 60 })
    for (const expiresIn of ['900', '1H', '1 year', '-1h', -60]) await expect(waxseal.sign({}, tokens.secret, { ...given, expiresIn } as never)).rejects.toBeInstanceOf(TypeError)
    await expect(waxseal.sign({}, tokens.secret, { ...given, expiresIn: '365d' })).resolves.toBeTypeOf('string')
    const remote = (more: object) => () => jwks.remoteKeySet('https://a.example', more)
    expect(remote({ timeout: 5000 })).toThrow(TypeError)
    for (const more of [{ maxAge: 60000 }, { cooldown: 1000 }]) expect(remote(more)).not.toThrow()
  })

  test('tell what becomes of maxAge, null and keys', async () => {
    expect((await open(token({ ...claims, iat: now - 100 }), { maxAge: 10 })).error).toMatchObject({ code: 'ERR_JWT_CLAIM', claim: 'iat' })
    expect(() => waxseal.decode('abc')).toThrow(expect.objectContaining({ code: 'ERR_JWT_MALFORMED' }) as Error)
    await expect(waxseal.importPem(Buffer.from(pair.publicKey) as never, 'ES256')).rejects.toBeInstanceOf(TypeError)
    await expect(waxseal.safeVerify('a.b', tokens.secret, { algorithms: ['HS256', 'ES256'] } as never)).rejects.toBeInstanceOf(TypeError)
    for (const value of [new Date(), { toJSON: () => 1 }, new (class A {})()]) await expect(waxseal.sign({ value }, tokens.secret, { algorithm: 'HS256', expiresIn: 1 })).rejects.toBeInstanceOf(TypeError)
  })

  test.each(guides)('%s: names only what there is', (title) => {
    const elsewhere = ['Date', 'JOSE', 'JWT', 'KeyObject', 'TypeError', 'ago', 'alg', 'claim', 'false', 'kid', 'null', 'payload', 'readFileSync', 'typ']
    const known = [...elsewhere, ...Object.keys(doors), ...['SignOptions', 'VerifyOptions', 'RemoteKeySetOptions'].flatMap(members), ...members('RegisteredClaims'), ...union((declared('JwtErrorCode') as ts.TypeAliasDeclaration).type)]
    const named = table(title).flatMap(([, here]) => marks(here!)).flatMap((mark) => /^(\w+)(?::.*|\(.*)?$/.exec(mark)?.[1] ?? [])
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((name) => !known.includes(name))).toEqual([])
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
