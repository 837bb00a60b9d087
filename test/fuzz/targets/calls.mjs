// Calls: every function with arguments and options that no type check would let through, and sign with any payload.
// A value is written as source text, so that a finding is its own reproduction.

import { createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import fixtures from '../../runtimes/fixtures/fixtures.mjs'
import { mutateObject } from '../mutate.mjs'
import { accepted, attempt, found, judgeError, refused, settle, source } from '../oracles.mjs'
import { strictObject } from '../reference.mjs'
import { now, secret } from './tokens.mjs'

/** Values by their source. `promise`s reject: nobody may leave one unheard. */
const exotic = [
  'undefined', 'null', 'true', 'false', '0', '-0', '1', '-1', '0.5', 'NaN', 'Infinity', '1e400', '3000', '1700000000', '10n', "''", "' '", "'a'", "'HS256'", "'ES256'", "'none'", "'15m'", "'10 minutes'", "'60'", "'-1s'", "'JWT'", "'\\0'", "'\\ud800'",
  '[]', "['HS256']", "['HS256', 'HS512']", "['HS256', 'ES256']", "['ES256']", "['HS256', undefined]", "[,'HS256']", "['a']", "['a', 'a']", "['']", "[['HS256']]", 'algorithms', "Object.assign(['HS256'], { every: () => true })", '{}', "{ a: 'x' }", "{ toString: () => 'HS256' }", "{ length: 1, 0: 'HS256' }",
  'Object.create(null)', "Object.create({ issuer: 'x' })", 'Object.freeze({})', 'new Date(0)', 'new Date(NaN)', 'new Date(1.7e12)', 'Date', 'new Map()', 'new Set()', '/x/g', "Symbol('x')", '() => true', '() => false', '() => undefined', '() => { throw new Error() }', '() => { throw null }', 'async () => true', 'async () => { throw new Error() }', '() => new Date(1.7e12)', "() => ({ keys: [] })",
  'new Proxy({}, {})', "new Proxy({}, { get() { throw new Error('trap') } })", 'new Proxy({}, { ownKeys() { throw 1 } })', "{ get a() { throw new Error('getter') } }", 'Object.defineProperty([], 0, { get() { throw new Error() } })', 'new Proxy([], {})', 'Promise.resolve(1)',
  'new Uint8Array(0)', 'new Uint8Array(31)', 'new Uint8Array(32)', 'new Uint8Array(64)', 'new ArrayBuffer(64)', 'new DataView(new ArrayBuffer(64))', 'new Uint16Array(32)', 'new BigInt64Array(8)', "'a'.repeat(64)", "'a'.repeat(31)", 'new SharedArrayBuffer(64)', "{ __proto__: ArrayBuffer.prototype }", 'structuredClone(new ArrayBuffer(8), {})', 'detached',
  'hmac', 'publicKey', 'privateKey', 'set', 'publicJwk', 'privateJwk', 'pem', 'nodeKey', 'signer', 'schema', 'token', '{ keys: [] }', '[hmac]', "[{ key: hmac, keyId: 'a' }]", '[publicKey, hmac]', '[null]', "{ ...hmac }", "{ type: 'secret', algorithm: { name: 'HMAC' }, usages: ['verify'] }", "{ type: 'secret', algorithm: null, usages: [] }", "{ algorithm: 'HS256', sign: () => new Uint8Array(32) }", "{ algorithm: 'ES256', sign: () => new Uint8Array(64) }", "{ algorithm: 'ES256', keyId: 1, sign() {} }", "{ '~standard': { version: 1, validate: null } }", "{ '~standard': { version: 1, validate: () => ({}) } }", "{ '~standard': { version: 1, validate: () => ({ issues: [{}] }) } }", "{ '~standard': { version: 1, validate: () => ({ issues: [null] }) } }", "{ '~standard': { version: 1, validate: () => null } }", "{ '~standard': { version: 1, validate: (value) => ({ value }) } }", "{ [Symbol.for('waxseal.KeySet')]: 1 }", "{ [Symbol.for('waxseal.KeySet')]: () => null }",
]

const optionNames = [
  'algorithms', 'issuer', 'audience', 'subject', 'jwtId', 'nonce', 'type', 'requireExpiry', 'requiredClaims', 'requiredHeader', 'maxAge', 'clockTolerance', 'now', 'crit', 'maxTokenLength', 'allowPadding', 'schema', 'isRevoked', 'allowWeakKeys',
  'algorithm', 'expiresIn', 'notBefore', 'issuedAt', 'keyId', 'header', 'extractable', 'modulusLength', 'public', 'detached', 'detachedPayload', 'isuer', '__proto__', 'constructor', "'a b'", '[Symbol()]', 'cache',
]

/** Each function with arguments that are good, as source. */
const functions = [
  ['verify', ['token', 'hmac', "{ algorithms: ['HS256'] }"]], ['safeVerify', ['token', 'new Uint8Array(secret)', "{ algorithms: ['HS256'] }"]], ['createVerifier', ['hmac', "{ algorithms: ['HS256'] }"]],
  ['sign', ["{ sub: 'a' }", 'hmac', "{ expiresIn: '15m' }"]], ['createSigner', ['hmac', "{ expiresIn: '15m' }"]], ['decode', ['token', '{}']], ['importSecret', ['new Uint8Array(64)', "'HS256'", '{}']], ['importJwk', ['publicJwk', "'ES256'", '{}']],
  ['importPem', ['pem', "'ES256'", '{}']], ['generateKey', ["'HS256'", '{}']], ['exportJwk', ['publicKey', '{}']], ['exportPem', ['publicKey']], ['thumbprint', ['publicJwk', "'SHA-256'"]], ['keySet', ['{ keys: [publicJwk] }']], ['isSupported', ["'HS256'"]],
  ['ecdsaFromDer', ['new Uint8Array(8)', "'ES256'"]], ['base64url.encode', ['new Uint8Array(3)']], ['base64url.decode', ["'AAAA'"]], ['constantTimeEqual', ['new Uint8Array(3)', 'new Uint8Array(3)']], ['isJwtError', ['null']],
  ['signBytes', ['new Uint8Array(3)', 'hmac', '{}']], ['verifyBytes', ['token', 'hmac', "{ algorithms: ['HS256'] }"]], ['safeVerifyBytes', ['token', 'hmac', "{ algorithms: ['HS256'] }"]],
]
const syncFunctions = [
  ['verifySync', ['token', 'hmac', "{ algorithms: ['HS256'] }"]], ['safeVerifySync', ['token', 'new Uint8Array(secret)', "{ algorithms: ['HS256'] }"]], ['createVerifierSync', ['hmac', "{ algorithms: ['HS256'] }"]], ['signSync', ["{ sub: 'a' }", 'hmac', "{ expiresIn: '15m' }"]],
  ['createSignerSync', ['hmac', "{ expiresIn: '15m' }"]], ['importSecretSync', ['new Uint8Array(64)', "'HS256'", '{}']], ['importJwkSync', ['publicJwk', "'ES256'", '{}']], ['importPemSync', ['pem', "'ES256'", '{}']],
  ['signBytesSync', ['new Uint8Array(3)', 'hmac', '{}']], ['verifyBytesSync', ['token', 'hmac', "{ algorithms: ['HS256'] }"]], ['safeVerifyBytesSync', ['token', 'hmac', "{ algorithms: ['HS256'] }"]],
]

const doorFunctions = [
  ['remoteKeySet', ["'https://a.example/jwks'", '{}']], ['discover', ["'https://a.example'", '{}']], ['issuers', ["[{ issuer: 'https://a.example', keys: hmac, algorithms: ['HS256'] }]", '{}']],
  ['accessToken', ["{ algorithms: ['ES256'], issuer: 'a', audience: 'b' }"]], ['signAccessToken', ["{ iss: 'a', sub: 'b', aud: 'c', client_id: 'd', exp: 4e9 }", 'privateKey', '{}']],
  ['verifyIdToken', ['token', 'hmac', "{ algorithms: ['HS256'], issuer: 'a', audience: 'b' }"]], ['signIdToken', ["{ iss: 'a', sub: 'b', aud: 'c', exp: 4e9 }", 'privateKey', '{}']],
  ['verifyLogoutToken', ['token', 'hmac', "{ algorithms: ['HS256'], issuer: 'a', audience: 'b' }"]], ['signLogoutToken', ["{ iss: 'a', sub: 'b', aud: 'c' }", 'privateKey', '{}']],
  ['createDpopProof', ['privateKey', "{ method: 'GET', url: 'https://a.example' }"]], ['verifyDpopProof', ['token', "{ algorithms: ['ES256'], method: 'GET', url: 'https://a.example' }"]],
]

/** What a valid value of a check of verify is: said a second time, for what was accepted. */
const isText = (value) => typeof value === 'string' && value !== ''
const isTexts = (value) => Array.isArray(value) && value.length > 0 && Array.from(value).every(isText)
const isSeconds = (least, most) => (value) => typeof value === 'string' ? /^\d/.test(value) && /[a-z]$/.test(value) : typeof value === 'number' && value >= least && value <= most
const valid = {
  algorithms: (value) => isTexts(value) && value.length < 17, issuer: (value) => isText(value) || isTexts(value) || typeof value === 'function', audience: (value) => value === false || isText(value) || isTexts(value), subject: isText, jwtId: isText, nonce: isText,
  type: (value) => value === false || isText(value) || isTexts(value), requireExpiry: (value) => typeof value === 'boolean', requiredClaims: isTexts, requiredHeader: (value) => Object.keys(value).length > 0, maxAge: isSeconds(Number.MIN_VALUE, 315576e3), clockTolerance: isSeconds(0, 600),
  now: (value) => typeof value === 'function' || !Number.isNaN(value.getTime()), crit: isTexts, maxTokenLength: (value) => Number.isInteger(value) && value > 0, allowPadding: (value) => typeof value === 'boolean', schema: (value) => typeof value['~standard'].validate === 'function', isRevoked: (value) => typeof value === 'function',
  allowWeakKeys: (value) => typeof value === 'boolean', detachedPayload: ArrayBuffer.isView, cache: (value) => typeof value === 'boolean' || typeof value === 'object',
}

function makeCall(random, list) {
  const [name, good] = random.pick(list)
  const args = [...good]
  for (let i = random.below(3); i; i--) {
    if (random.chance(0.1)) args.splice(random.below(args.length + 1), 1)
    else args[random.below(args.length)] = random.pick(exotic)
  }
  const last = args[args.length - 1]
  if (last?.startsWith('{') && last === good.at(-1) && random.chance(0.8)) {
    const members = last === '{}' ? [] : [last.slice(2, -2)]
    for (let i = 1 + random.small(3); i; i--) members.push(`${random.pick(optionNames)}: ${random.pick(exotic)}`)
    args[args.length - 1] = `{ ${members.join(', ')} }`
  }
  return { name, args }
}

const scope = ['lib', 'secret', 'token', 'algorithms', 'hmac', 'publicKey', 'privateKey', 'set', 'publicJwk', 'privateJwk', 'pem', 'nodeKey', 'signer', 'schema', 'detached']

async function prepare({ lib, jws, node, jwks, profiles, pools }) {
  const { createPublicKey } = await import('node:crypto')
  const { jwk: privateJwk, publicJwk, publicPem } = fixtures.keys['P-256']
  const detached = new Uint8Array(64)
  structuredClone(detached.buffer, { transfer: [detached.buffer] })
  const hmac = await lib.importSecret(secret, 'HS256')
  const publicKey = await lib.importJwk(publicJwk, 'ES256')
  const things = {
    lib: { ...lib, ...jws, ...node, ...jwks, ...profiles }, secret, algorithms: lib.algorithms, hmac, publicKey, publicJwk, privateJwk, pem: publicPem.SPKI, detached, privateKey: await lib.importJwk(privateJwk, 'ES256'), set: lib.keySet([hmac]), nodeKey: createPublicKey(publicPem.SPKI),
    signer: { algorithm: 'ES256', sign: () => new Uint8Array(64) }, schema: { '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }) } },
    token: await lib.sign({ sub: 'a', exp: 4e9 }, hmac),
  }
  const made = new Map()
  const valueOf = (text) => {
    let make = made.get(text)
    if (!make) {
      if (made.size > 2000) made.clear()
      made.set(text, make = new Function(...scope, `return (${text})`))
    }
    return make(...scope.map((name) => things[name]))
  }
  return { lib, pools, valueOf, things }
}

function judgeCall({ name, args }, { value, error }, { lib, valueOf }) {
  if (error !== undefined) {
    if (args.some((text) => text.includes('detached')) && /detached/.test(error.message)) return refused // the engine says it well
    if (error instanceof TypeError && args.some((text) => text.includes("Symbol.for('waxseal.KeySet')"))) return refused // who writes this means to lie
    return judgeError(error, lib, { misuse: true }) ?? refused
  }
  if (/^(create)?(safe)?verif/i.test(name) && !/Token$|Dpop/.test(name)) {
    const given = attempt(() => valueOf(args.at(-1))).value
    if (value?.ok === false) return judgeError(value.error, lib) ?? refused
    for (const option of Object.keys(given ?? {})) {
      if (!attempt(() => valid[option](given[option])).value) return found(`${name} took ${option}: ${String(args.at(-1)).slice(0, 60)}`, '')
    }
  }
  return accepted
}

/** The call, with its arguments at hand; undefined if they are no JavaScript (two of `__proto__` in one object). */
function prepareCall({ name, args }, { things, valueOf }) {
  const called = name.split('.').reduce((one, part) => one[part], things.lib)
  if (typeof called !== 'function') throw new Error(`no function ${name}`)
  const { value, error } = attempt(() => args.map(valueOf))
  if (error) return undefined
  return () => called(...value)
}

const show = ({ name, args }) => `${name}(${args.join(', ')})`

export const calls = {
  name: 'calls',
  rejects: true,
  compiles: true,
  prepare,
  make: (random) => makeCall(random, functions),
  async run(one, context) {
    const call = prepareCall(one, context)
    return call ? judgeCall(one, await settle(call), context) : refused
  },
  show,
}

export const callsSync = {
  name: 'callsSync',
  needs: 'node',
  rejects: true,
  compiles: true,
  prepare,
  make: (random) => makeCall(random, syncFunctions),
  run(one, context) {
    if (!one.name.endsWith('Sync')) throw new Error('made smaller to another function')
    const call = prepareCall(one, context)
    if (!call) return refused
    const outcome = attempt(call)
    if (outcome.value && typeof outcome.value.then === 'function') return found('a synchronous function gave a Promise', '')
    return judgeCall(one, outcome, context)
  },
  show,
}

/** Key sets of the network (none is asked for a key, so that nothing is fetched) and the profiles. */
export const callsDoors = { ...calls, name: 'callsDoors', needs: 'profiles', make: (random) => makeCall(random, doorFunctions) }

// ─── sign ────────────────────────────────────────────────────────────────────

const signOptions = {
  expiresIn: ['15m', 900, 0.5, false], notBefore: ['1m', 0], issuedAt: [true, false], issuer: ['x'], subject: ['alice'], audience: ['api', ['api', 'b']], jwtId: ['id', true], keyId: ['k'], type: ['JWT', 'at+jwt', false], header: [{ x: 1 }, { crit: ['x'], x: 1 }, { cty: 'JWT' }, { __proto__: null, y: { z: [] } }, { alg: 'none' }, { crit: ['exp'] }, { b64: false }],
}
const likelyClaims = { iss: ['x', 1, null], sub: ['alice', ''], aud: ['api', ['api'], [1], []], exp: [now + 60, now * 1000, '1', null, -1], nbf: [now, -1], iat: [now, null], jti: ['1', 1] }

/** What is signed is what was given, under a good MAC, and verifies; or it is a misuse. */
export const sign = {
  name: 'sign',
  async prepare({ lib, pools }) {
    return { lib, pools, key: await lib.importSecret(secret, 'HS256') }
  },
  make(random, { pools }) {
    let payload = random.chance(0.5) ? { sub: 'alice' } : random.pick(pools.values)
    const options = {}
    for (const name of Object.keys(signOptions)) if (random.chance(name === 'expiresIn' ? 0.7 : 0.1)) options[name] = random.pick(signOptions[name])
    for (let i = random.small(4); i && payload && typeof payload === 'object' && !Array.isArray(payload); i--) payload = mutateObject(payload, random, pools, likelyClaims)
    return { payload, options }
  },
  async run({ payload, options }, { lib, key }) {
    const before = JSON.stringify(payload)
    const { value: token, error } = await settle(() => lib.sign(payload, key, { ...options, now: new Date(now * 1000) }))
    if (JSON.stringify(payload) !== before) return found('the payload of the caller was changed', '')
    if (error) return judgeError(error, lib, { misuse: true }) ?? (error instanceof TypeError ? refused : found('sign refused with a JwtError', error.message))
    const [head, body, mac] = token.split('.')
    if (createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url') !== mac) return found('a MAC that is not right', token)
    const header = strictObject(Buffer.from(head, 'base64url'))
    const claims = strictObject(Buffer.from(body, 'base64url'))
    if (!header || !claims) return found('JSON signed that is not strict', token)
    const expected = JSON.parse(before)
    for (const name of Object.keys(claims)) if (!Object.hasOwn(expected, name) && ['iat', 'exp', 'nbf', 'iss', 'sub', 'aud', 'jti'].includes(name)) delete claims[name]
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(claims)), expected)) return found('other claims signed than were given', token)
    const { error: own } = await settle(() => lib.verify(token, key, { algorithms: ['HS256'], type: false, audience: false, requireExpiry: false, crit: ['x'], now: new Date(now * 1000) }))
    // A time to come, or one that has passed, may be signed.
    if (own && !/NOT_YET|EXPIRED/.test(own.code)) return token.length > 16384 ? accepted : found('signed, and not verified again', own.message)
    return accepted
  },
  show: ({ payload, options }) => `sign(${source(payload)}, key, ${source(options)})`,
}
