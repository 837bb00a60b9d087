// What is measured: a list of cases. A case makes its contenders `{ name, call }` when it is asked to, and has checked
// their answers by then: the right claims for a good token, a refusal for a forged one, a signature that verifies.

import { libraries } from './libraries.mjs'
import { claimsOf, keysOf, parts, registered, table, tokenOf } from './material.mjs'

const sizes = { small: 200, typical: 1024, large: 16384 }
const operations = ['sign', 'verify']
const waiting = ['one at a time', '64 in flight']

/** Libraries that meet, and the form of key in which they all take the same thing or the nearest they have to it. */
const fields = {
  'one at a time': { names: ['raw subtle', 'bare, subtle', 'waxseal', 'waxseal, per call', 'jose', 'hono', 'tsndr'], form: 'CryptoKey' },
  '64 in flight': { names: ['raw subtle', 'bare, subtle', 'waxseal', 'waxseal, per call', 'jose', 'hono', 'tsndr'], form: 'CryptoKey' },
  'synchronous': { names: ['raw node:crypto', 'bare, node:crypto', 'waxseal/node', 'waxseal/node, per call', 'fast-jwt', 'jsonwebtoken'], form: 'KeyObject' },
}
const manners = Object.keys(fields)

// ─── answers, checked before they are timed ──────────────────────────────────

function insist(right, what) {
  if (!right) throw new Error(`wrong answer: ${what}`)
}

const isRaw = (name) => name.startsWith('raw')
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

/** The refusal that a call ends in, thrown or returned; undefined if it accepts. */
async function refusalOf(call) {
  try {
    const answer = await call()
    return answer === false ? 'false' : answer?.ok === false ? answer.error : undefined
  } catch (error) {
    return error
  }
}

async function checkVerify(name, call, callForged, claims) {
  const answer = await call()
  insist(isRaw(name) ? answer === true : same(answer?.payload ?? answer, claims), `${name} gives other claims`)
  insist(await refusalOf(callForged), `${name} takes a forged token`)
}

async function checkSign(name, call, { algorithm, public: { CryptoKey } }, claims) {
  const answer = await call()
  if (isRaw(name)) return insist(answer.byteLength > 0, `${name} gives no signature`)
  const { input, signature } = parts(answer)
  const [header, payload] = Buffer.from(input).toString().split('.').map((segment) => JSON.parse(Buffer.from(segment, 'base64url').toString()))
  insist(await crypto.subtle.verify(table[algorithm].use, CryptoKey, signature, input), `${name} makes a signature that does not verify`)
  insist(header.alg === algorithm && payload.exp - payload.iat === 3600, `${name} writes another algorithm or lifetime`)
  for (const [claim, value] of Object.entries({ ...claims, iss: registered.iss, aud: registered.aud })) insist(same(payload[claim], value), `${name} loses ${claim}`)
}

/** The token with another signature of the right length. */
function forge(token) {
  const at = token.lastIndexOf('.') + 5
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}

// ─── contenders ──────────────────────────────────────────────────────────────

/** One library at one task, checked; nothing where the library or the runtime does not have it. */
async function contender(name, operation, algorithm, { form, size = sizes.typical, label = name, raw, key, header, more }) {
  const keys = await keysOf(algorithm)
  const library = libraries.get(name)
  if (!keys || !library) return []
  const material = { ...operation === 'sign' ? keys.private : keys.public, ...key }
  if (!isRaw(name) && form !== 'KeySet' && material[form] === undefined) return []
  const claims = claimsOf(size)
  const token = await tokenOf(keys, { ...claims, ...registered }, header)
  const task = { algorithm, form, key: material, claims, token, more, limit: token.length > 16384 ? 2 ** 18 : undefined }
  const call = await library[operation](task)
  if (!call) return []
  if (operation === 'sign') await checkSign(name, call, keys, claims)
  else await checkVerify(name, call, await library.verify({ ...task, token: forge(token) }), { ...claims, ...registered })
  return [{ name: label, call, raw }]
}

async function all(promises) {
  return (await Promise.all(promises)).flat()
}

// ─── the cases ───────────────────────────────────────────────────────────────

const quickly = ['HS256', 'RS256', 'ES256']

function* algorithmsAndSizes() {
  for (const size of ['typical', 'small', 'large']) {
    for (const algorithm of size === 'typical' ? Object.keys(table) : quickly) {
      for (const operation of operations) {
        for (const manner of manners) {
          const { names, form } = fields[manner]
          yield {
            group: size === 'typical' ? 'algorithms' : 'sizes', what: [algorithm, operation, size], manner,
            quick: size === 'typical' ? quickly.includes(algorithm) : size === 'small' && algorithm === 'HS256',
            contenders: () => all(names.map((name) => contender(name, operation, algorithm, { form, size: sizes[size] }))),
          }
        }
      }
    }
  }
}

/** The same key in every form in which it can be given. */
function* keyForms() {
  const forms = { waxseal: ['CryptoKey', 'string', 'bytes'], 'waxseal, per call': ['CryptoKey', 'string', 'bytes'], jose: ['CryptoKey', 'KeyObject', 'bytes', 'JWK'], hono: ['CryptoKey', 'string', 'JWK', 'PEM'], tsndr: ['CryptoKey', 'string', 'JWK', 'PEM'] }
  const formsSync = { 'waxseal/node': ['KeyObject', 'CryptoKey', 'string', 'bytes'], 'waxseal/node, per call': ['KeyObject', 'CryptoKey', 'string', 'bytes'], 'fast-jwt': ['string', 'bytes', 'PEM'], jsonwebtoken: ['KeyObject', 'string', 'bytes', 'PEM'] }
  for (const algorithm of quickly) {
    for (const operation of operations) {
      for (const manner of manners) {
        const { names: [raw] } = fields[manner]
        const pairs = Object.entries(manner === 'synchronous' ? formsSync : forms).flatMap(([name, list]) => list.map((form) => [name, form]))
        yield {
          group: 'keys', what: [algorithm, operation], manner,
          contenders: () => all([contender(raw, operation, algorithm, {}), ...pairs.map(([name, form]) => contender(name, operation, algorithm, { form, label: `${name} (${form})` }))]),
        }
      }
    }
  }
}

/** Sets of 1, 100 and 10,000 members; the token names the one in the middle. */
function* keySets() {
  const set = async (count) => {
    const { JWK } = (await keysOf('ES256')).public
    return { JWKS: { keys: Array.from({ length: count }, (_, i) => ({ ...JWK, kid: `key-${i}`, use: 'sig' })) } }
  }
  for (const manner of manners) {
    const [raw, ...names] = manner === 'synchronous' ? ['raw node:crypto', 'waxseal/node'] : ['raw subtle', 'waxseal', 'jose', 'hono']
    yield {
      group: 'key sets', what: ['ES256', 'verify'], manner,
      contenders: () => all([contender(raw, 'verify', 'ES256', {}), ...names.flatMap((name) => [1, 100, 10000].map(async (count) => (
        contender(name, 'verify', 'ES256', { form: 'KeySet', key: await set(count), header: { kid: `key-${count >> 1}` }, label: `${name} (${count})` })
      )))]),
    }
  }
}

/** Tokens that each library must refuse, given to it as it would meet them: a rejection or throw is caught, as a server does. */
function* refusals() {
  const now = registered.iat
  const claims = { ...claimsOf(sizes.typical), ...registered }
  const bad = {
    'no token at all': () => 'x'.repeat(1000),
    'garbage in three parts': (keys, good) => good.replace(/[A-Za-z]/g, (letter) => letter === 'e' ? '*' : letter),
    'another algorithm': (keys, good) => Buffer.from('{"alg":"HS512","typ":"JWT"}').toString('base64url') + good.slice(good.indexOf('.')),
    'no algorithm (none)': (keys, good) => Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url') + good.slice(good.indexOf('.'), good.lastIndexOf('.') + 1),
    'bad signature': (keys, good) => forge(good),
    'expired': (keys) => tokenOf(keys, { ...claims, exp: now - 3600 }),
  }
  const caught = (call) => {
    return async () => {
      try {
        return await call()
      } catch (error) {
        return error
      }
    }
  }
  const caughtSync = (call) => () => {
    try {
      return call()
    } catch (error) {
      return error
    }
  }
  for (const [what, make] of Object.entries(bad)) {
    for (const manner of manners) {
      const synchronous = manner === 'synchronous'
      const { form } = fields[manner]
      const names = synchronous ? ['raw node:crypto', 'waxseal/node, .safe', 'waxseal/node', 'fast-jwt', 'jsonwebtoken'] : ['raw subtle', 'waxseal, .safe', 'waxseal', 'jose', 'hono', 'tsndr']
      yield {
        group: 'refusals', what: ['HS256', what], manner, quick: manner !== 'synchronous' && /bad|no token/.test(what) && manner === '64 in flight',
        async contenders() {
          const keys = await keysOf('HS256')
          const good = await tokenOf(keys, claims)
          const token = await make(keys, good)
          const contenders = []
          for (const name of names) {
            const call = await libraries.get(name)?.verify({ algorithm: 'HS256', form, key: keys.public, token: isRaw(name) ? good : token })
            if (!call) continue
            if (!isRaw(name)) insist(await refusalOf(call), `${name} accepts: ${what}`)
            contenders.push({ name, call: isRaw(name) || name.endsWith('.safe') ? call : synchronous ? caughtSync(call) : caught(call) })
          }
          return contenders
        },
      }
    }
  }
}

/** Tokens seen before, with each library's own cache. What a server reads off the wire is a new string every time. */
function* cached() {
  const ways = {
    'the same string': (call) => call,
    'a new string each time': (call, [token]) => {
      const bytes = Buffer.from(token)
      return () => call(bytes.toString('latin1'))
    },
    '500 tokens in turn': (call, tokens) => {
      let next = 0
      return () => call(tokens[next = (next + 1) % tokens.length])
    },
  }
  for (const manner of ['synchronous', 'one at a time', '64 in flight']) {
    const { names: [raw, , ours], form } = fields[manner]
    for (const [what, way] of Object.entries(ways)) {
      yield {
        group: 'cached', what: ['HS256', 'verify', what], manner,
        async contenders() {
          const keys = await keysOf('HS256')
          const tokens = await Promise.all(Array.from({ length: 500 }, (_, i) => tokenOf(keys, { ...claimsOf(sizes.typical), ...registered, jti: `number ${i}` })))
          const made = await all([contender(raw, 'verify', 'HS256', {}), contender(ours, 'verify', 'HS256', { form })])
          for (const name of manner === 'synchronous' ? [ours, 'fast-jwt'] : [ours]) {
            const [{ call }] = await contender(name, 'verify', 'HS256', { form, more: { cache: true } })
            const wayward = way(call, tokens)
            for (let i = 0; i < 3; i++) { // the first misses, the others hit
              const answer = await wayward()
              insist((answer.payload ?? answer).sub === 'user-4711', `${name} gives other claims from its cache`)
            }
            made.push({ name: `${name}, cached`, call: wayward })
          }
          if (what.startsWith('a new')) made.push({ name: 'making the string alone', call: way((text) => text, tokens) })
          return made
        },
      }
    }
  }
}

/** From hardly any claims to 64 KiB of them. */
function* growth() {
  for (const operation of operations) {
    for (const manner of manners) {
      const { names: [raw, , ours], form } = fields[manner]
      yield {
        group: 'growth', what: ['HS256', operation], manner,
        contenders: () => all([128, 256, 1024, 4096, 16384, 65536].flatMap((size) => [raw, ours].map((name) => contender(name, operation, 'HS256', { form, size, label: `${name} (${size} B)`, raw: `${raw} (${size} B)` })))),
      }
    }
  }
}

export const cases = [algorithmsAndSizes, keyForms, keySets, refusals, cached, growth]
  .flatMap((kind) => [...kind()])
  .map((one) => ({ ...one, title: [one.group, ...one.what, one.manner].join(' · ') }))
