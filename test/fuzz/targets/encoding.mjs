// base64url, JSON, DER, durations: parsers that can be judged by themselves.

import { isDeepStrictEqual } from 'node:util'
import { mutateBytes, mutateText, mutateTree, readTree, writeLoosely } from '../mutate.mjs'
import { accepted, attempt, found, judgeError, refused, source } from '../oracles.mjs'
import { fromBase64url, strictObject } from '../reference.mjs'

export const base64url = {
  name: 'base64url',
  prepare: ({ lib, pools }) => ({ lib, pools, known: pools.bytes.map((bytes) => Buffer.from(bytes).toString('base64url')), kept: [], turn: 0 }),
  make(random, { pools, known }) {
    let text = random.pick(known)
    for (let i = random.small(3); i; i--) text = mutateText(text, random, pools)
    return text
  },
  run(text, context) {
    const { lib, kept } = context
    const expected = fromBase64url(text)
    const { value, error } = attempt(() => lib.base64url.decode(text))
    // What was given out must be the caller's own: another call may not write into it.
    const earlier = kept[context.turn]
    if (earlier && Buffer.from(earlier.value).toString('base64url') !== earlier.text) return found('bytes that were given out have changed', earlier.text)
    if (value) kept[context.turn] = { value, text }
    context.turn = (context.turn + 1) % 16
    if (error) return judgeError(error, lib, { misuse: true }) ?? (expected ? found('canonical base64url refused', error.message) : refused)
    if (!expected) return found('base64url accepted that is not canonical', Buffer.from(value).toString('hex'))
    if (!expected.equals(value)) return found('base64url decoded wrongly', Buffer.from(value).toString('hex'))
    return lib.base64url.encode(value) === text ? accepted : found('base64url encoded wrongly', lib.base64url.encode(value))
  },
  show: (text) => `base64url.decode(${source(text)})`,
}

/** Claims as JSON text: any object, spelt loosely, then perhaps broken. */
export const json = {
  name: 'json',
  prepare: ({ lib, pools }) => ({ lib, pools, objects: pools.values.filter((value) => value && typeof value === 'object') }),
  make(random, { pools, objects }) {
    let value = random.pick(objects)
    if (Array.isArray(value) || random.chance(0.5)) value = { a: value, [random.pick(pools.names)]: random.pick(pools.values) }
    let text = writeLoosely(value, random, pools, random.pick([0, 0.02, 0.2]))
    for (let i = random.small(3); i; i--) text = mutateText(text, random, pools)
    return { text, latin1: random.chance(0.05) }
  },
  run({ text, latin1 }, { lib }) {
    const bytes = Buffer.from(text, latin1 ? 'latin1' : 'utf8')
    if (bytes.length > 12_000) return refused
    const expected = strictObject(bytes)
    const { value, error } = attempt(() => lib.decode(`eyJhbGciOiJIUzI1NiJ9.${bytes.toString('base64url')}.`).payload)
    if (error) return judgeError(error, lib) ?? (expected ? found('good JSON refused', error.message) : refused)
    if (!expected) return found('JSON accepted that is not strict', JSON.stringify(value))
    return isDeepStrictEqual({ ...value }, { ...expected }) ? accepted : found('JSON read wrongly', JSON.stringify(value))
  },
  show: ({ text, latin1 }) => `decode('eyJhbGciOiJIUzI1NiJ9.' + Buffer.from(${source(text)}, '${latin1 ? 'latin1' : 'utf8'}').toString('base64url') + '.')`,
}

const sizes = { ES256: 32, ES384: 48, ES512: 66 }

/** An INTEGER in DER (X.690 8.3): the shortest two's complement of a positive number. */
function derInteger(bytes) {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const shortest = bytes.subarray(start)
  const content = shortest[0] > 127 ? Buffer.concat([Uint8Array.of(0), shortest]) : shortest
  return Buffer.concat([Uint8Array.of(2, content.length), content])
}

export const ecdsaFromDer = {
  name: 'ecdsaFromDer',
  prepare: ({ lib, pools }) => ({ lib, pools }),
  make(random, { pools }) {
    const algorithm = random.pick(Object.keys(sizes))
    const number = () => {
      const bytes = new Uint8Array(sizes[algorithm] + random.pick([0, 0, 0, 0, -1, 1, -20]))
      for (let i = random.small(4); i < bytes.length; i++) bytes[i] = random.next()
      return bytes
    }
    const whole = Buffer.concat([derInteger(number()), derInteger(number())])
    let bytes = new Uint8Array(Buffer.concat([Uint8Array.of(48, ...whole.length > 127 ? [0x81] : [], whole.length), whole]))
    for (let i = random.small(3); i; i--) {
      const tree = random.chance(0.6) ? readTree(bytes) : undefined
      bytes = tree?.length ? mutateTree(tree, random, pools) : mutateBytes(bytes, random, pools)
    }
    return { bytes: Buffer.from(bytes).toString('hex'), algorithm }
  },
  run({ bytes: hex, algorithm }, { lib }) {
    const bytes = Buffer.from(hex, 'hex')
    const size = sizes[algorithm]
    const { value, error } = attempt(() => lib.ecdsaFromDer(bytes, algorithm))
    // Independent: the bytes are the one encoding of some r and s. Found by writing what the integers at their fixed places say.
    const expected = readSignature(bytes, size)
    if (error) return judgeError(error, lib, { misuse: true }) ?? (expected ? found('a DER signature refused', error.message) : refused)
    if (!expected) return found('DER accepted that is not the encoding of a signature', Buffer.from(value).toString('hex'))
    return expected.equals(value) ? accepted : found('DER read wrongly', Buffer.from(value).toString('hex'))
  },
  show: ({ bytes, algorithm }) => `ecdsaFromDer(Buffer.from('${bytes}', 'hex'), '${algorithm}')`,
}

function readSignature(bytes, size) {
  const start = bytes[1] === 0x81 ? 3 : 2 // no signature needs more length octets
  const rLength = bytes[start + 1]
  const r = bytes.subarray(start + 2, start + 2 + rLength)
  const s = bytes.subarray(start + 4 + rLength)
  const trimmed = [r, s].map((one) => Buffer.from(one.toString('hex').replace(/^(00)+/, ''), 'hex'))
  if (trimmed.some((one) => !one.length || one.length > size)) return undefined
  const whole = Buffer.concat(trimmed.map(derInteger))
  const again = Buffer.concat([Uint8Array.of(48, ...whole.length > 127 ? [0x81] : [], whole.length), whole])
  return again.equals(bytes) ? Buffer.concat(trimmed.map((one) => Buffer.concat([Buffer.alloc(size - one.length), one]))) : undefined
}

const units = ['s', 'sec', 'secs', 'second', 'seconds', 'm', 'min', 'mins', 'minute', 'minutes', 'h', 'hr', 'hrs', 'hour', 'hours', 'd', 'day', 'days', 'w', 'week', 'weeks']
const seconds = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 }

/** Durations, as `maxAge` takes them: above 0, at most ten years. What was read shows in what is accepted. */
export const duration = {
  name: 'duration',
  async prepare({ lib, pools }) {
    return { lib, pools, key: new Uint8Array(32).fill(1) }
  },
  make(random, { pools }) {
    if (random.chance(0.1)) return random.pick(pools.numbers)
    let text = `${random.pick([random.below(100), random.below(1e9), `${random.below(100)}.${random.below(100)}`])}${random.pick(['', ' '])}${random.pick(units)}`
    for (let i = random.small(3); i; i--) text = mutateText(text, random, pools)
    return text
  },
  run(value, { lib, key }) {
    const { error } = attempt(() => lib.createVerifier(key, { algorithms: ['HS256'], maxAge: value }))
    let read = value
    if (typeof value === 'string') {
      const unit = units.filter((one) => value.endsWith(one)).sort((a, b) => b.length - a.length)[0]
      const amount = unit && value.slice(0, -unit.length).replace(/ $/, '')
      const [whole, fraction, more] = (amount ?? '').split('.')
      const isDigits = (text) => text !== '' && [...text].every((letter) => letter >= '0' && letter <= '9')
      read = amount !== undefined && more === undefined && isDigits(whole) && (fraction === undefined || isDigits(fraction)) ? Number(amount) * seconds[unit[0]] : NaN
    }
    const expected = read > 0 && read <= 315576e3
    if (error) return judgeError(error, lib, { misuse: true }) ?? (expected ? found('a duration refused', error.message) : refused)
    return expected ? accepted : found('a duration accepted that is none', String(read))
  },
  show: (value) => `createVerifier(key, { algorithms: ['HS256'], maxAge: ${source(value)} })`,
}
