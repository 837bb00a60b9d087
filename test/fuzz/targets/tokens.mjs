// Tokens: taken apart, verified, and verified beside jose. HMAC, so that a case may be signed anew after every change.

import { createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { departure } from '../departures.mjs'
import { mutateObject, mutateText, writeLoosely } from '../mutate.mjs'
import { accepted, attempt, found, judgeError, refused, settle, source } from '../oracles.mjs'
import { cut, judgeHeader, judgeJws, judgeJwt, strictObject } from '../reference.mjs'

export const secret = new Uint8Array(64).map((_, i) => i * 7 + 1)
const hashes = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }
export const now = 1_700_000_000

// ─── what a case is made of ──────────────────────────────────────────────────

const likelyHeader = {
  alg: ['HS256', 'HS384', 'HS512', 'hs256', 'none', 'RS256', 'ES256', 'HS256 ', ['HS256'], null, 'constructor', '__proto__', 1],
  typ: ['JWT', 'jwt', 'application/jwt', 'at+jwt', 'application/at+jwt', 'AT+JWT', 'JOSE', '', null, ['JWT'], 'application/application/jwt', 'ＪＷＴ', 'jwſ'],
  kid: ['1', '', null, 1, ['1']],
  cty: ['JWT', null, ''],
  crit: [[], ['x'], ['x', 'x'], ['exp'], ['alg'], ['crit'], ['b64'], ['y'], ['x', 'y'], null, 'x', [1], [[]], {}, ['__proto__'], ['toString'], false],
  x: [1, null, 'x'],
  y: [1],
  b64: [true, false, null, 'false'],
  signer: ['arn:1', 'arn:2', ['arn:1'], null],
  zip: ['DEF'],
  jwk: [{ kty: 'oct', k: 'AAAA' }],
}

const times = [now, now - 1, now + 1, now - 60, now + 60, now + 59.5, now - 60.5, now - 0.5, now + 0.5, now - 3600, now + 3600, now - 3660, 0, -0, -1, 253402300799, 253402300800, now * 1000, 1e300, String(now), null, true, [], {}, [now]]
const likelyClaims = {
  iss: ['https://issuer.example', 'https://issuer.example/', ['https://issuer.example'], '', null, 1],
  sub: ['alice', 'Alice', '', null, 1, ['alice']],
  aud: ['api', ['api'], ['api', 'other'], ['other'], [], [null, 'api'], ['api', 1], '', 'API', null, 1, { 0: 'api' }, [['api']]],
  jti: ['id-1', '', null, 1, ['id-1']],
  nonce: ['n-1', '', null, ['n-1'], 1, '\ud800', '\udc00'],
  exp: times, nbf: times, iat: times,
  scope: ['a b'],
}

const algorithmLists = [['HS256'], ['HS256', 'HS512'], ['HS256', 'HS384', 'HS512'], ['HS512']]

/** Each option with values that a caller may give; `undefined` stands for leaving it out. */
const optionValues = {
  issuer: ['https://issuer.example', ['https://issuer.example', 'https://other.example'], 'x'],
  audience: ['api', ['api', 'other'], 'x', false],
  subject: ['alice'], jwtId: ['id-1'], nonce: ['n-1', '\ud800'],
  type: ['JWT', 'at+jwt', ['JWT', 'at+jwt'], 'application/at+jwt', false],
  requireExpiry: [true, false],
  requiredClaims: [['scope'], ['exp', 'iat'], ['__proto__'], ['toString']],
  requiredHeader: [{ signer: 'arn:1' }, { signer: ['arn:1', 'arn:2'], kid: '1' }, { toString: 'x' }],
  maxAge: [60, 3600, '1h', 0.5], clockTolerance: [0, 60, 0.5, '1 minute'],
  crit: [['x'], ['x', 'y']],
  maxTokenLength: [100, 16384, 2 ** 24], allowPadding: [true, false],
}

function makeOptions(random, names = Object.keys(optionValues), density = 0.15) {
  const options = { algorithms: random.pick(algorithmLists) }
  for (const name of names) if (random.chance(density)) options[name] = random.pick(optionValues[name])
  return options
}

/** A header or a payload as text: good, then changed as a value, then spelt loosely, then perhaps broken as text. */
function makeObject(base, likely, random, pools) {
  let object = base
  for (const name of Object.keys(likely)) if (random.chance(0.08)) object = { ...object, [name]: random.pick(likely[name]) }
  for (let i = random.small(4); i; i--) object = mutateObject(object, random, pools, likely)
  let text = writeLoosely(object, random, pools, random.pick([0, 0, 0.01, 0.05]))
  if (random.chance(0.05)) text = mutateText(text, random, pools)
  return text
}

function makeToken(random, pools, options) {
  const claims = { sub: 'alice', iat: now - 10, exp: now + 300 }
  if (options.issuer) claims.iss = 'https://issuer.example'
  if (options.audience || random.chance(0.1)) claims.aud = 'api'
  if (options.jwtId) claims.jti = 'id-1'
  if (options.nonce) claims.nonce = options.nonce
  if (options.requiredClaims) claims.scope = 'a'
  const header = { alg: random.pick(options.algorithms ?? ['HS256']) }
  if (random.chance(0.5)) header.typ = 'JWT'
  if (options.type) header.typ = [options.type].flat()[0]
  if (options.requiredHeader) Object.assign(header, { signer: 'arn:1', kid: '1' })
  if (options.crit && random.chance(0.5)) Object.assign(header, { crit: ['x'], x: 1 })
  const edits = [] // of a segment's text: before signing for the first two
  const after = [] // of the whole token, after signing
  if (random.chance(0.08)) edits.push([random.below(3), random.small(300), random.below(3), random.pick(pools.fragments)])
  if (random.chance(0.08)) after.push([random.chance(0.5) ? 1e9 : random.below(400), random.below(3), random.chance(0.3) ? '' : random.pick(pools.fragments)])
  return {
    header: makeObject(header, likelyHeader, random, pools), payload: makeObject(claims, likelyClaims, random, pools),
    alg: header.alg, ...(random.chance(0.02) && { latin1: true }), ...((options.allowPadding ? random.chance(0.8) : random.chance(0.02)) && { pad: random.pick([7, 7, 7, 7, 1, 3, 5, 6]) }),
    ...(edits.length && { edits }), ...(after.length && { after }), ...(random.chance(0.05) && { signature: random.pick(['', 'AAAA', 'A'.repeat(43), 'last', 'first', 'short', 'long', 'other']) }),
  }
}

const splice = (text, at, count, insert) => {
  const start = Math.min(at, text.length)
  return text.slice(0, start) + insert + text.slice(start + count)
}

const badSignatures = {
  last: (mac) => mac.with(mac.length - 1, mac[mac.length - 1] ^ 1),
  first: (mac) => mac.with(0, mac[0] ^ 128),
  short: (mac) => mac.subarray(0, -1),
  long: (mac) => Uint8Array.of(...mac, 0),
  other: (mac) => mac.map((octet) => octet ^ 255),
}

/** The token that a case describes. */
export function assemble({ header, payload, alg, latin1, pad = 0, edits = [], after = [], signature }) {
  const encoding = latin1 ? 'latin1' : 'utf8'
  const fill = (text, bit) => pad & bit ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text
  const edited = (text, index) => edits.reduce((one, [segment, ...edit]) => segment === index ? splice(one, ...edit) : one, text)
  const input = [header, payload].map((text, i) => edited(fill(Buffer.from(text, encoding).toString('base64url'), 1 << i), i)).join('.')
  const mac = new Uint8Array(createHmac(hashes[alg] ?? 'sha256', secret).update(input).digest())
  const made = signature === undefined ? mac : badSignatures[signature]?.(mac)
  const token = `${input}.${edited(fill(made ? Buffer.from(made).toString('base64url') : signature, 4), 2)}`
  return after.reduce((one, edit) => splice(one, ...edit), token)
}

const withNow = (options) => ({ ...options, now: () => new Date(now * 1000) })
const inSeconds = (options) => ({ ...options, ...(options.maxAge === '1h' && { maxAge: 3600 }), ...(options.clockTolerance === '1 minute' && { clockTolerance: 60 }) })
const keyOfOptions = (options) => JSON.stringify(options)

/** What is made of options, made once. */
function remembering(make, most = 500) {
  const made = new Map()
  return (options) => {
    const name = keyOfOptions(options)
    let one = made.get(name)
    if (!one) {
      if (made.size >= most) made.clear()
      made.set(name, one = make(options))
    }
    return one
  }
}

/** The options of a run, some hundred, so that verifiers can be made before the loop. */
function makeOptionPool(random, count, names, density) {
  return Array.from({ length: count }, (_, i) => i ? makeOptions(random, names, density) : { algorithms: ['HS256'] })
}

const showToken = (one, call) => `// the token: header ${source(one.header)}, payload ${source(one.payload)}, ${source({ ...one, header: undefined, payload: undefined, options: undefined })}\n    ${call}(${source(assemble(one))}, key, ${source(one.options ?? {})})`

/** Whether two JSON values are the same, prototypes aside. */
const isSame = (a, b) => isDeepStrictEqual(a, b) || isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)))

function compare(one, expected, { value, error }, lib, token) {
  if (error) {
    const fault = judgeError(error, lib, { secrets: token.split('.').slice(-1) })
    if (fault) return fault
    if (!expected.code) return found(`refused without need: ${error.code}`, error.message)
    return error.code === expected.code ? refused : found(`refused as ${error.code}, not as ${expected.code}`, error.message)
  }
  if (expected.code) return found(`ACCEPTED, deserves ${expected.code}`, JSON.stringify(value.payload))
  return isSame(value.payload, expected.payload) && isSame(value.header, expected.header) ? accepted : found('accepted with other claims than were signed', JSON.stringify(value))
}

// ─── targets ─────────────────────────────────────────────────────────────────

/** Any text: whole tokens, changed as text. */
export const decode = {
  name: 'decode',
  prepare({ lib, pools, random }) {
    const tokens = Array.from({ length: 500 }, () => assemble(makeToken(random, pools, {})))
    return { lib, pools, tokens }
  },
  make(random, { pools, tokens }) {
    let token = random.pick(tokens)
    for (let i = 1 + random.small(3); i; i--) token = random.chance(0.1) ? token.split('.').concat(random.pick(tokens).split('.')).sort(() => random.below(3) - 1).slice(0, 3).join('.') : mutateText(token, random, pools)
    return { token, allowPadding: random.chance(0.1) }
  },
  run({ token, allowPadding }, { lib }) {
    const { value, error } = attempt(() => allowPadding ? lib.decode(token, { allowPadding }) : lib.decode(token))
    const { code, bytes, segments } = cut(token, { allowPadding })
    const header = bytes?.[0] && strictObject(bytes[0])
    const payload = bytes?.[1] && strictObject(bytes[1])
    const good = !code && bytes.every(Boolean) && header && payload && judgeHeader(header, { algorithms: [header.alg], type: false }) !== 'ERR_JWT_MALFORMED'
    if (error) return judgeError(error, lib, { secrets: token.split('.').slice(-1) }) ?? (good ? found('a well-formed token refused', error.message) : refused)
    if (!good) return found('a malformed token taken apart', JSON.stringify(value))
    return value.signingInput === `${segments[0]}.${segments[1]}` && bytes[2].equals(value.signature) && isSame(value.payload, payload) && isSame(value.header, header) ? accepted : found('taken apart wrongly', JSON.stringify(value))
  },
  show: ({ token, allowPadding }) => `decode(${source(token)}${allowPadding ? ', { allowPadding: true }' : ''})`,
}

/** Signed tokens under many options, against the reference. Code for code. */
export const verify = {
  name: 'verify',
  async prepare({ lib, pools, random }) {
    const key = await lib.importSecret(secret, 'HS256')
    const keys = { HS256: key, HS384: await lib.importSecret(secret, 'HS384'), HS512: await lib.importSecret(secret, 'HS512') }
    // The secret itself, or a function that gives the key of the header's algorithm.
    const verifierOf = remembering((options) => lib.createVerifier(options.maxAge ? (header) => keys[header.alg] : secret, withNow(options)))
    return { lib, pools, verifierOf, options: makeOptionPool(random, 400) }
  },
  make(random, { pools, options: pool }) {
    const options = random.pick(pool)
    return { ...makeToken(random, pools, options), options }
  },
  async run(one, { lib, verifierOf }) {
    const { options } = one
    const token = assemble(one)
    const outcome = await settle(() => verifierOf(options)(token))
    return compare(one, judgeJwt(token, secret, inSeconds(options), now), outcome, lib, token)
  },
  show: (one) => showToken(one, 'verify'),
}

/** The same through the synchronous door. */
export const verifySync = {
  ...verify,
  name: 'verifySync',
  needs: 'node',
  async prepare({ lib, node, pools, random }) {
    const verifierOf = remembering((options) => node.createVerifierSync(secret, withNow(options)))
    return { lib, pools, verifierOf, options: makeOptionPool(random, 400) }
  },
  run(one, { lib, verifierOf }) {
    const { options } = one
    const token = assemble(one)
    const outcome = attempt(() => verifierOf(options)(token))
    return compare(one, judgeJwt(token, secret, inSeconds(options), now), outcome, lib, token)
  },
  show: (one) => showToken(one, 'verifySync'),
}

/**
 * A verifier with a cache sees a sequence of few tokens, again and again, while the clock goes on: it must say what the
 * reference says at that moment.
 */
export const cache = {
  name: 'cache',
  needs: 'node',
  async prepare({ lib, node, pools, random }) {
    const clock = { now }
    const pool = makeOptionPool(random, 40)
    const tokens = pool.map((options) => Array.from({ length: 30 }, () => makeToken(random, pools, options)))
    const make = (options, cacheOptions) => node.createVerifierSync(secret, { ...options, cache: cacheOptions, now: () => new Date(clock.now * 1000) })
    const caches = [true, { maxEntries: 3 }, { maxLength: 500 }, { maxAge: 5 }]
    return { lib, pools, clock, pool, tokens, verifierOf: remembering(({ options, cacheOptions }) => make(options, cacheOptions), 2000), caches }
  },
  make(random, { pool, tokens, caches, pools }) {
    const index = random.below(pool.length)
    let token = random.pick(tokens[index])
    if (random.chance(0.1)) token = { ...token, after: [[random.chance(0.5) ? 1e9 : random.below(400), random.below(2), random.pick(pools.fragments)]] }
    return { ...token, options: pool[index], cacheOptions: random.pick(caches), at: random.pick([0, 0, 1, 59, 60, 61, 290, 299, 299.5, 300, 301, 3600, -60]) }
  },
  run(one, { lib, clock, verifierOf }) {
    const { options, cacheOptions, at } = one
    clock.now = now + at
    const token = assemble(one)
    const verifier = verifierOf({ options, cacheOptions })
    const expected = judgeJwt(token, secret, inSeconds(options), clock.now)
    const verdict = compare(one, expected, attempt(() => verifier(token)), lib, token)
    return typeof verdict === 'string' ? compare(one, expected, attempt(() => verifier(token)), lib, token) : verdict
  },
  show: (one) => `// with cache ${source(one.cacheOptions)}, at now + ${one.at}, after other tokens\n    ${showToken(one, 'verifier')}`,
}

/** waxseal/jws: any bytes, attached and detached. */
export const jws = {
  name: 'jws',
  async prepare({ lib, jws: door, pools, random }) {
    return { lib, door, pools, options: makeOptionPool(random, 200, ['crit', 'type', 'requiredHeader', 'maxTokenLength', 'allowPadding'], 0.2) }
  },
  make(random, { pools, options: pool }) {
    const options = random.pick(pool)
    const one = { ...makeToken(random, pools, options), options }
    if (random.chance(0.3)) one.detached = random.chance(0.8)
    return one
  },
  async run(one, { lib, door }) {
    const { options, detached } = one
    const whole = assemble(one)
    const parts = whole.split('.')
    const content = Buffer.from(parts[1] ?? '', 'base64url')
    const leave = detached !== undefined && parts.length === 3 && parts[1] === content.toString('base64url')
    const token = leave && detached ? `${parts[0]}..${parts[2]}` : whole
    const outcome = await settle(() => door.verifyBytes(token, secret, { ...options, ...(leave && { detachedPayload: content }) }))
    let expected = judgeJws(leave ? whole : token, secret, leave ? { ...options, maxTokenLength: 2 ** 24 } : options, false)
    if (leave && token.length > (options.maxTokenLength ?? 16384)) expected = { code: 'ERR_JWT_TOO_LARGE' }
    // Beside detached content the segment must be empty; that is said once the header has passed.
    else if (leave && !detached && parts[1] && (!expected.code || expected.code === 'ERR_JWT_SIGNATURE')) expected = { code: 'ERR_JWT_MALFORMED' }
    else if (leave && options.allowPadding) return outcome.error ? judgeError(outcome.error, lib) ?? refused : accepted // padding is judged by the target `verify`
    if (outcome.error) {
      return judgeError(outcome.error, lib) ?? (expected.code === outcome.error.code ? refused : found(`jws: refused as ${outcome.error.code}, deserves ${expected.code}`, outcome.error.message))
    }
    if (expected.code) return found(`jws: ACCEPTED, deserves ${expected.code}`, token)
    return Buffer.from(outcome.value.payload).equals(expected.content) && isSame(outcome.value.header, expected.header) ? accepted : found('jws: other bytes than were signed', token)
  },
  show: (one) => `${showToken(one, 'verifyBytes')}${one.detached === undefined ? '' : ' // with detachedPayload'}`,
}

/**
 * Several calls at once, of every asynchronous kind: what one of them keeps while it waits, no other may touch. What they gave is
 * looked at again once all have ended.
 */
export const together = {
  name: 'together',
  async prepare({ lib, jws: door, pools, random }) {
    const keys = { HS256: await lib.importSecret(secret, 'HS256'), HS384: await lib.importSecret(secret, 'HS384'), HS512: await lib.importSecret(secret, 'HS512') }
    const verifierOf = remembering((options) => lib.createVerifier(options.maxAge ? async (header) => keys[header.alg] : secret, withNow(options)))
    return { lib, door, pools, verifierOf, key: keys.HS256, options: makeOptionPool(random, 60) }
  },
  make(random, { pools, options: pool }) {
    return Array.from({ length: 2 + random.small(7) }, () => {
      const options = random.pick(pool)
      const kind = random.pick(['verify', 'verify', 'sign', 'bytes'])
      return kind === 'verify' ? { kind, token: { ...makeToken(random, pools, options), options } } : { kind, text: random.pick(pools.texts).toWellFormed?.() ?? 'a', more: random.below(1000) }
    })
  },
  async run(list, { lib, door, verifierOf, key }) {
    const bytesOf = (one) => new TextEncoder().encode(one.text + 'x'.repeat(one.more))
    const outcomes = await Promise.all(list.map((one) => settle(async () => {
      if (one.kind === 'verify') return verifierOf(one.token.options)(assemble(one.token))
      if (one.kind === 'sign') return lib.sign({ text: one.text, more: one.more }, key, { expiresIn: 60, now: new Date(now * 1000) })
      const given = bytesOf(one)
      const signing = door.signBytes(given, key)
      given.fill(0)
      return door.verifyBytes(await signing, secret, { algorithms: ['HS256'] })
    })))
    let verdict = refused
    for (const [i, one] of list.entries()) {
      const { value, error } = outcomes[i]
      if (one.kind === 'verify') {
        const token = assemble(one.token)
        const judged = compare(one.token, judgeJwt(token, secret, inSeconds(one.token.options), now), outcomes[i], lib, token)
        if (typeof judged === 'object') return judged
        if (judged === accepted) verdict = accepted
      } else if (error) return found('a call beside others failed', error.stack)
      else if (one.kind === 'sign') {
        const { code, payload } = judgeJwt(value, secret, { algorithms: ['HS256'] }, now)
        if (code || payload.text !== one.text || payload.more !== one.more) return found('a token signed beside others is another', value)
        verdict = accepted
      } else {
        if (!Buffer.from(value.payload).equals(bytesOf(one))) return found('bytes signed beside others are others', Buffer.from(value.payload).toString('hex'))
        verdict = accepted
      }
    }
    return verdict
  },
  show: (list) => `Promise.all of ${source(list.map((one) => one.kind === 'verify' ? { verify: assemble(one.token), options: one.token.options } : one))}`,
}

/** The same tokens to jose: where the two disagree, one of the documented departures must apply. */
export const jose = {
  name: 'jose',
  async prepare({ lib, jose: peer, pools, random }) {
    const verifierOf = remembering((options) => lib.createVerifier(secret, withNow(options)))
    // jose has no such options, or rounds them: jwtId, nonce, requiredHeader, allowPadding; fractions of a second.
    const pool = makeOptionPool(random, 300, ['issuer', 'audience', 'subject', 'type', 'requireExpiry', 'requiredClaims', 'maxAge', 'clockTolerance', 'crit'])
      .map(({ ...options }) => {
        for (const name of ['maxAge', 'clockTolerance']) if (options[name] === 0.5) delete options[name]
        if (Array.isArray(options.type)) options.type = options.type[0]
        return options
      })
    return { lib, peer, pools, verifierOf, options: pool, counts: {} }
  },
  make(random, { pools, options: pool }) {
    const options = random.pick(pool)
    return { ...makeToken(random, pools, options), options }
  },
  async run(one, { lib, peer, verifierOf, counts }) {
    const { options } = one
    const token = assemble(one)
    const ours = await settle(() => verifierOf(options)(token))
    const { issuer, audience, subject, type, requireExpiry = true, requiredClaims = [], maxAge, clockTolerance = 0, crit = [], algorithms } = inSeconds(options)
    const theirs = await settle(() => peer.jwtVerify(token, secret, {
      algorithms, ...(issuer && { issuer }), ...(audience && { audience }), ...(subject && { subject }), ...(type && { typ: type }),
      requiredClaims: [...requiredClaims, ...requireExpiry ? ['exp'] : []], ...(maxAge && { maxTokenAge: maxAge }), clockTolerance,
      crit: Object.fromEntries(crit.map((name) => [name, true])), currentDate: new Date(now * 1000),
    }))
    if (ours.error) {
      const fault = judgeError(ours.error, lib)
      if (fault) return fault
    }
    if (!ours.error === !theirs.error) {
      if (ours.error) return refused
      return isSame(ours.value.payload, theirs.value.payload) ? accepted : found('jose reads other claims', JSON.stringify([ours.value.payload, theirs.value.payload]))
    }
    const reason = departure(token, inSeconds(options), now, ours.error, theirs.error)
    if (!reason) return found(ours.error ? `refused (${ours.error.code}), jose accepts, no documented reason` : `ACCEPTED, jose refuses (${theirs.error.code ?? theirs.error.name}), no documented reason`, String(ours.error?.message ?? theirs.error?.message))
    counts[reason] = (counts[reason] ?? 0) + 1
    return ours.error ? refused : accepted
  },
  report: ({ counts }) => counts,
  show: (one) => showToken(one, 'verify'),
}
