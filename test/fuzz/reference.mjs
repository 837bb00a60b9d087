// What a token deserves, written a second time from the contract: slow, plain, on node:crypto, sharing nothing with the library.
// Reads RFC 7515 5.2, RFC 7519 7.2 and RFC 8259 strictly, as the README promises.

import { createHmac } from 'node:crypto'

/** The bytes of canonical base64url, by writing them again; undefined for every other spelling. */
export function fromBase64url(text) {
  if (!/^[\w-]*$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The value of one JSON object in UTF-8 whose members all have different names; undefined for everything else. */
export function strictObject(bytes) {
  try {
    const value = parseStrictly(decoder.decode(bytes))
    return value && typeof value === 'object' && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** RFC 8259 by its grammar, by recursive descent. Throws at a name that comes twice. */
export function parseStrictly(text) {
  let at = 0
  const fail = () => {
    throw new SyntaxError(`at ${at}`)
  }
  const space = () => {
    while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r') at++
  }
  const take = (sign) => text[at] === sign ? at++ : fail()
  const string = () => {
    take('"')
    let out = ''
    for (;;) {
      const letter = text[at++]
      if (letter === undefined || letter < ' ') fail()
      if (letter === '"') return out
      if (letter !== '\\') out += letter
      else {
        const escape = text[at++]
        const plain = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[escape]
        if (plain !== undefined) out += plain
        else {
          const hex = text.slice(at, at + 4)
          if (escape !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) fail()
          out += String.fromCharCode(parseInt(hex, 16))
          at += 4
        }
      }
    }
  }
  const literals = { t: ['true', true], f: ['false', false], n: ['null', null] }
  const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
  const value = () => {
    space()
    const sign = text[at]
    let found
    if (sign === '{') {
      at++
      found = {}
      for (let first = true; space(), text[at] !== '}'; first = false) {
        if (!first) take(','), space()
        const name = string()
        if (Object.hasOwn(found, name)) fail()
        space()
        take(':')
        Object.defineProperty(found, name, { value: value(), enumerable: true, configurable: true, writable: true })
      }
      at++
    } else if (sign === '[') {
      at++
      found = []
      for (let first = true; space(), text[at] !== ']'; first = false) {
        if (!first) take(',')
        found.push(value())
      }
      at++
    } else if (sign === '"') found = string()
    else if (Object.hasOwn(literals, sign ?? '')) {
      const [word, meaning] = literals[sign]
      if (text.slice(at, at + word.length) !== word) fail()
      at += word.length
      found = meaning
    } else {
      number.lastIndex = at
      const [digits] = number.exec(text) ?? fail()
      at += digits.length
      found = Number(digits)
    }
    space()
    return found
  }
  const found = value()
  return at === text.length ? found : fail()
}

// ─── tokens ──────────────────────────────────────────────────────────────────

const hashes = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }
const registered = ['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'typ', 'cty', 'crit', 'b64']

const refused = (code) => ({ code })
const listOf = (value) => Array.isArray(value) ? value : [value]

/** The three segments as bytes and texts, or what is wrong. `late` segments are only looked at once the header has passed. */
export function cut(token, { maxTokenLength = 16384, allowPadding = false } = {}) {
  if (token.length > maxTokenLength) return refused('ERR_JWT_TOO_LARGE')
  const segments = token.split('.')
  if (segments.length !== 3) return refused('ERR_JWT_MALFORMED')
  const padded = allowPadding && token.includes('=')
  const bytes = segments.map((segment) => {
    if (!padded) return fromBase64url(segment)
    const content = fromBase64url(segment.replace(/=+$/, ''))
    return content && content.toString('base64url').padEnd(Math.ceil(content.length / 3) * 4, '=') === segment ? content : undefined
  })
  return { segments, bytes }
}

/** A media type without `application/`, in small ASCII letters. */
const mediaType = (type) => {
  const lower = type.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32))
  return lower.includes('/') ? lower : `application/${lower}`
}

export function judgeHeader(header, { algorithms, crit = [], type, requiredHeader = {} }, defaultType) {
  const has = (name) => Object.hasOwn(header, name)
  if (!has('alg') || ['alg', 'kid', 'typ', 'cty'].some((name) => has(name) && typeof header[name] !== 'string')) return 'ERR_JWT_MALFORMED'
  if (!algorithms.includes(header.alg)) return 'ERR_JWT_ALGORITHM'
  if (has('crit')) {
    const list = header.crit
    if (!Array.isArray(list) || !list.length || new Set(list).size < list.length) return 'ERR_JWT_CRITICAL'
    if (list.some((name) => typeof name !== 'string' || !has(name) || registered.includes(name) || !crit.includes(name))) return 'ERR_JWT_CRITICAL'
  }
  if (has('b64') && header.b64 !== true) return 'ERR_JWT_CRITICAL'
  if (type === undefined) {
    if (defaultType && has('typ') && mediaType(header.typ) !== mediaType(defaultType)) return 'ERR_JWT_TYPE'
  } else if (type !== false) {
    if (!has('typ') || !listOf(type).some((one) => mediaType(one) === mediaType(header.typ))) return 'ERR_JWT_TYPE'
  }
  for (const name of Object.keys(requiredHeader)) {
    if (!has(name) || !listOf(requiredHeader[name]).some((one) => one === header[name])) return 'ERR_JWT_CLAIM'
  }
  return undefined
}

export function judgeClaims(claims, options, now) {
  const has = (name) => Object.hasOwn(claims, name)
  const { issuer, audience, subject, jwtId, nonce, requireExpiry = true, requiredClaims = [], maxAge, clockTolerance = 0 } = options
  const isTime = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 253402300799
  const isText = (value) => typeof value === 'string'
  let wrong = requiredClaims.some((name) => !has(name))
  let early = false
  let expired = false

  for (const name of ['iss', 'sub', 'jti']) if (has(name) && !isText(claims[name])) wrong = true
  if (has('aud') && !isText(claims.aud) && !(Array.isArray(claims.aud) && claims.aud.every(isText))) wrong = true
  for (const name of ['exp', 'nbf', 'iat']) if (has(name) && !isTime(claims[name])) wrong = true
  for (const [name, expected] of [['iss', issuer], ['sub', subject], ['jti', jwtId], ['nonce', nonce]]) {
    if (expected !== undefined && !(has(name) && listOf(expected).some((one) => one === claims[name]))) wrong = true
  }
  if (audience === undefined ? has('aud') : audience !== false && !(has('aud') && listOf(claims.aud).some((one) => isText(one) && listOf(audience).includes(one)))) wrong = true

  if (!has('exp')) wrong ||= requireExpiry
  else if (isTime(claims.exp) && !(now < claims.exp + clockTolerance)) expired = true
  if (isTime(claims.nbf) && has('nbf') && !(claims.nbf - clockTolerance <= now)) early = true
  if (maxAge !== undefined) {
    if (!has('iat')) wrong = true
    else if (isTime(claims.iat)) {
      if (claims.iat - clockTolerance > now) early = true
      if (!(now < claims.iat + maxAge + clockTolerance)) wrong = true
    }
  }
  return wrong ? 'ERR_JWT_CLAIM' : early ? 'ERR_JWT_NOT_YET_VALID' : expired ? 'ERR_JWT_EXPIRED' : undefined
}

/** Wire form, header and an HMAC signature: `{ code }`, or `{ header, content }` with the authentic bytes. */
export function judgeJws(token, secret, options, defaultType) {
  const { code, segments, bytes } = cut(token, options)
  if (code) return refused(code)
  const header = bytes[0] && strictObject(bytes[0])
  if (!header) return refused('ERR_JWT_MALFORMED')
  const fault = judgeHeader(header, options, defaultType)
  if (fault) return refused(fault)
  if (!bytes[1] || !bytes[2]) return refused('ERR_JWT_MALFORMED')
  const mac = createHmac(hashes[header.alg], secret).update(`${segments[0]}.${segments[1]}`).digest()
  return mac.equals(bytes[2]) ? { header, content: bytes[1] } : refused('ERR_JWT_SIGNATURE')
}

/** The verdict on a JWT: `{ code }`, or `{ header, payload }`. `now` in seconds. */
export function judgeJwt(token, secret, options, now) {
  const { code, header, content } = judgeJws(token, secret, options, 'JWT')
  if (code) return refused(code)
  const payload = strictObject(content)
  if (!payload) return refused('ERR_JWT_MALFORMED')
  const fault = judgeClaims(payload, options, now)
  return fault ? refused(fault) : { header, payload }
}
