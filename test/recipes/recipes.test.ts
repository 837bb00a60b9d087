// The README's recipes by provider, run as they stand there, against stand-ins on loopback that the providers' names lead
// to. Of each: what is good passes, what belongs to somebody else does not, and no address is asked but the provider's.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { packed } from '../pack.mjs'
import { examples, readme, zod } from '../support/readme'
import { refusedAlways, refusedByPublicKeys, standIns, tokenOf, type Answer, type Refusal, type StandIn } from './stand-ins'

const [, section] = /^## Recipes by provider$([^]*?)^## /m.exec(readme)!
const titles = [...section!.matchAll(/^### (.+)$/gm)].map(([, title]) => title!)
const recipes = new Map(examples('ts').filter(({ title }) => titles.includes(title.replace(/ \d+$/, ''))).map(({ title, code }) => [title, code]))

// ─── the providers' names ────────────────────────────────────────────────────

let answers: Readonly<Record<string, Answer>> = {}
let asked: string[] = []
let server: Server
const networkFetch = globalThis.fetch

beforeAll(async () => {
  server = createServer((request, response) => {
    const address = `https:/${request.url!}`
    asked.push(address)
    const { status = 200, headers = {}, body } = answers[address] ?? { status: 404, body: 'not found' }
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as { port: number }
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.protocol !== 'https:') throw new Error(`not https: ${url.href}`)
    return networkFetch(`http://127.0.0.1:${port}/${url.host}${url.pathname}${url.search}`, init)
  }
})
afterAll(() => {
  globalThis.fetch = networkFetch
  server.closeAllConnections()
  server.close()
})
beforeEach(() => { asked = [] })

// ─── the recipes ─────────────────────────────────────────────────────────────

type Result = { ok: true, payload: Record<string, unknown>, header: Record<string, unknown> } | { ok: false, error: Record<string, unknown> }
type Verifier = (token: string, checks?: { nonce: string }) => Promise<Result>
interface Recipe { readonly verifier?: { safe: Verifier }, readonly verifyRequest?: (request: Request) => Promise<Result> }

let folder: string
let copies = 0
const pathOf = (title: string): string => join(folder, `${title.replaceAll(' ', '-')}.mjs`)

beforeAll(() => {
  folder = mkdtempSync(join(packed(), 'recipes-'))
  mkdirSync(join(folder, 'node_modules/zod'), { recursive: true })
  writeFileSync(join(folder, 'node_modules/zod/index.mjs'), zod)
  writeFileSync(join(folder, 'node_modules/zod/package.json'), '{ "exports": "./index.mjs" }')
  for (const [title, code] of recipes) {
    writeFileSync(pathOf(title), ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } }).outputText)
  }
  process.env['JWT_SECRET'] = 'MnWx0Ea7n0Rr6Vb1yQ3tq0wM5l8dUzJcKf2sHgPiTjA'
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The code of a recipe as at the start of a service: nothing fetched, nothing known. */
async function start({ title, answers: theirs }: StandIn): Promise<Recipe> {
  answers = theirs
  return await import(/* @vite-ignore */ `${pathToFileURL(pathOf(title)).href}?${copies++}`) as Recipe
}

const verified = async ({ verifier, verifyRequest }: Recipe, token: string): Promise<Result> =>
  verifier ? verifier.safe(token) : verifyRequest!(new Request('https://shop.example', { headers: { 'cf-access-jwt-assertion': token } }))

async function accepted(result: Promise<Result>): Promise<Record<string, unknown>> {
  const { ok, ...rest } = await result
  expect(ok, (rest as { error?: Error }).error?.message).toBe(true)
  return (rest as { payload: Record<string, unknown> }).payload
}

async function refused(result: Promise<Result>, { code, claim, fault }: Refusal): Promise<void> {
  const { ok, ...rest } = await result
  expect(ok, 'it was accepted').toBe(false)
  const { error } = rest as { error: Record<string, unknown> }
  expect(error['code'], String(error['message'])).toBe(code)
  if (claim) expect([error['claim'], ...(error['issues'] as { claim?: string }[] | undefined ?? []).map((issue) => issue.claim)]).toContain(claim)
  if (fault) expect(error['fault']).toBe(fault)
}

test('every recipe has a stand-in, and every stand-in a recipe', () => {
  expect([...recipes.keys()]).toEqual(standIns.map(({ title }) => title))
  expect(titles.length).toBeGreaterThan(12)
})

test('a recipe is short: no more than 18 lines', () => {
  for (const [title, code] of recipes) expect([title, code.trim().split('\n').length <= 18]).toEqual([title, true])
})

describe.each(standIns)('$title', (standIn) => {
  test('asks nobody at the start, and the provider alone at the first token, once', async () => {
    const recipe = await start(standIn)
    expect(asked).toEqual([])
    const { sub } = standIn.claims
    expect((await accepted(verified(recipe, tokenOf(standIn))))['sub']).toBe(sub)
    const first = [...asked]
    expect(first.filter((address) => !(address in standIn.answers))).toEqual([])
    expect(new Set(first).size).toBe(first.length)
    expect(first.length).toBeGreaterThanOrEqual(Object.keys(standIn.answers).length ? 1 : 0)
    await accepted(verified(recipe, tokenOf(standIn)))
    expect(asked).toEqual(first)
  })

  const { accepts, refuses, key } = standIn
  if (Object.keys(accepts).length) {
    test.each(Object.entries(accepts))('accepts %s', async (_, change) => {
      await accepted(verified(await start(standIn), tokenOf(standIn, change)))
    })
  }

  test.each(Object.entries({ ...refusedAlways(standIn), ...(typeof key === 'object' && refusedByPublicKeys(standIn)), ...refuses }))('refuses %s', async (_, change) => {
    await refused(verified(await start(standIn), tokenOf(standIn, change)), change)
  })
})

// ─── what only one of them has ───────────────────────────────────────────────

const standInOf = (title: string): StandIn => standIns.find((one) => one.title === title)!

test('Apple: the nonce of the sign-in passes, and another does not', async () => {
  const apple = standInOf('Sign in with Apple 1')
  const { verifier } = await start(apple)
  await accepted(verifier!.safe(tokenOf(apple), { nonce: 'n-0S6_WzA2Mj' }))
  await refused(verifier!.safe(tokenOf(apple), { nonce: 'n-0S6_WzA2Mk' }), { code: 'ERR_JWT_CLAIM', claim: 'nonce' })
})

test('AWS: a token without padding passes as well, one padded by half does not', async () => {
  const alb = standInOf('AWS Application Load Balancer 1')
  const recipe = await start(alb)
  await accepted(verified(recipe, tokenOf({ ...alb, padded: false })))
  const [header, payload, signature] = tokenOf(alb, { claims: { name: 'mar' } }).split('.') // the header or the payload has padding
  expect(`${header}${payload}`).toContain('=')
  await refused(verified(recipe, [header!.replace(/=+$/, ''), payload!.replace(/=+$/, ''), signature].join('.')), { code: 'ERR_JWT_MALFORMED' })
})

test('AWS: what names another balancer, or a kid that is none, costs no request', async () => {
  const alb = standInOf('AWS Application Load Balancer 1')
  const recipe = await start(alb)
  await refused(verified(recipe, tokenOf(alb, alb.refuses['what another balancer has signed'])), { code: 'ERR_JWT_CLAIM' })
  await refused(verified(recipe, tokenOf(alb, alb.refuses['a kid that leads elsewhere'])), { code: 'ERR_JWT_KEY_NOT_FOUND' })
  expect(asked).toEqual([])
})

describe('Cloudflare', () => {
  const access = standInOf('Cloudflare Access 1')
  const request = (headers: Record<string, string>): Request => new Request('https://shop.example', { headers })

  test('the cookie counts where there is no header', async () => {
    const { verifyRequest } = await start(access)
    await accepted(verifyRequest!(request({ cookie: `theme=dark; CF_Authorization=${tokenOf(access)}; lang=de` })))
    await refused(verifyRequest!(request({ cookie: `NOT_CF_Authorization=${tokenOf(access)}` })), { code: 'ERR_JWT_MALFORMED' })
  })

  test('the header wins: a good cookie does not mend it', async () => {
    const { verifyRequest } = await start(access)
    await refused(verifyRequest!(request({ 'cf-access-jwt-assertion': 'none', cookie: `CF_Authorization=${tokenOf(access)}` })), { code: 'ERR_JWT_MALFORMED' })
  })

  test('a request with neither is refused', async () => {
    const { verifyRequest } = await start(access)
    await refused(verifyRequest!(request({})), { code: 'ERR_JWT_MALFORMED' })
  })
})

test('Supabase: a project that publishes no key verifies nothing', async () => {
  const supabase = standInOf('Supabase 1')
  const [address] = Object.keys(supabase.answers)
  const recipe = await start({ ...supabase, answers: { [address!]: { headers: { 'content-type': 'application/json' }, body: { keys: [] } } } })
  await refused(verified(recipe, tokenOf(supabase)), { code: 'ERR_JWT_KEY_NOT_FOUND', fault: 'token' })
})

test.each(standIns.filter((one) => Object.keys(one.answers).length).map(({ title }) => title))('%s: a provider that is down is a fault of this side', async (title) => {
  const recipe = await start({ ...standInOf(title), answers: Object.fromEntries(Object.keys(standInOf(title).answers).map((address) => [address, { status: 503, body: 'later' }])) })
  const result = await verified(recipe, tokenOf(standInOf(title)))
  expect(result.ok).toBe(false)
  expect((result as { error: { fault: string } }).error.fault).toBe('server')
})
