// What is measured: a list of cases, each with its contenders made and their answers checked before anything is timed.

import { libraries } from './libraries.mjs'
import { claimsOf, keysOf, parts, registered, table, tokenOf } from './material.mjs'

const sizes = { small: 200, typical: 1024, large: 16384 }
const asyncNames = ['raw subtle', 'waxseal', 'waxseal sign/verify', 'jose', 'hono', 'tsndr']
const syncNames = ['raw node:crypto', 'waxseal/node', 'waxseal/node signSync/verifySync', 'fast-jwt', 'jsonwebtoken']

// ─── what is checked before it is timed ─────────────────────────────────────

class WrongAnswer extends Error {}
const insist = (right, what) => { if (!right) throw new WrongAnswer(what) }

/** The claims in what a library gives for a good token. */
const claimsIn = (answer) => answer?.payload ?? answer

async function checkVerify(name, call, callForged, claims) {
  const answer = await call()
  insist(name.startsWith('raw') ? answer === true : JSON.stringify(claimsIn(answer)) === JSON.stringify(claims), `${name} gave other claims`)
  let forged
  try {
    forged = await callForged()
  } catch {
    return
  }
  insist(forged === false || forged?.ok === false, `${name} took a forged token`)
}

async function checkSign(name, call, { algorithm, public: { CryptoKey } }, claims) {
  const answer = await call()
  if (name.startsWith('raw')) return insist(answer.byteLength > 0, `${name} gave no signature`)
  const { input, signature } = parts(answer)
  const [header, payload] = Buffer.from(input).toString().split('.').map((segment) => JSON.parse(Buffer.from(segment, 'base64url').toString()))
  insist(await crypto.subtle.verify(table[algorithm].use, CryptoKey, signature, input), `${name} made a signature that does not verify`)
  insist(header.alg === algorithm, `${name} wrote another algorithm`)
  for (const [claim, value] of Object.entries({ ...claims, iss: registered.iss, aud: registered.aud })) {
    insist(JSON.stringify(payload[claim]) === JSON.stringify(value), `${name} lost ${claim}`)
  }
  insist(payload.exp - payload.iat === 3600, `${name} wrote another lifetime`)
}

/** The token with another signature of the right length. */
function forge(token) {
  const at = token.lastIndexOf('.') + 5
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}

// ─── kinds of cases ──────────────────────────────────────────────────────────

async function contendersOf(names, operation, algorithm, size, formOf) {
  const keys = await keysOf(algorithm)
  if (!keys) return []
  const claims = claimsOf(size)
  const all = { ...claims, ...registered }
  const token = await tokenOf(keys, all)
  const limit = token.length > 16384 ? 2 ** 17 : undefined
  const contenders = []
  for (const library of libraries.filter(({ name }) => names.includes(name))) {
    const form = formOf(library)
    const raw = library.name.startsWith('raw')
    const key = operation === 'sign' ? keys.private : keys.public
    if (!raw && key[form] === undefined) continue
    const task = { algorithm, form, key, limit }
    const call = await library[operation]({ ...task, claims, token })
    if (!call) continue
    if (operation === 'sign') await checkSign(library.name, call, keys, claims)
    else await checkVerify(library.name, call, await library.verify({ ...task, token: forge(token) }), all)
    contenders.push({ name: library.name, call })
  }
  return contenders
}

const short = ({ door }) => door === 'async' ? 'CryptoKey' : 'KeyObject'

function simple(group, operation, algorithm, manner, size, form, quick) {
  const names = manner === 'synchronous' ? syncNames : asyncNames
  return {
    group, operation, algorithm, manner, size, quick, ...(form && { form }),
    title: [group, algorithm, operation, manner, size, form].filter(Boolean).join(' · '),
    contenders: () => contendersOf(names, operation, algorithm, sizes[size], form ? (library) => library.name.startsWith('raw') ? short(library) : form : short),
  }
}

const manners = ['one at a time', '64 in flight', 'synchronous']
const operations = ['sign', 'verify']

function* list() {
  for (const algorithm of Object.keys(table)) {
    for (const operation of operations) for (const manner of manners) yield simple('algorithms', operation, algorithm, manner, 'typical', undefined, ['HS256', 'RS256', 'ES256'].includes(algorithm))
  }
  for (const size of ['small', 'large']) {
    for (const algorithm of ['HS256', 'RS256', 'ES256']) {
      for (const operation of operations) for (const manner of manners) yield simple('sizes', operation, algorithm, manner, size, undefined, size === 'small' && algorithm === 'HS256')
    }
  }
}

export const cases = [...list()]
