// What the mutations draw from: values that fast-check makes from the seed, and those that are known to be trouble.

import fc from 'fast-check'

const sample = (arbitrary, count, seed) => fc.sample(arbitrary, { numRuns: count, seed })

const jsonEdges = [
  null, true, false, 0, -0, 1, -1, 0.5, 1e21, 1e-7, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, 253402300799, 253402300800, 1.7976931348623157e308, 5e-324,
  '', ' ', 'a', '\0', '\ufeff', '\ud800', '\udc00', '😀', '__proto__', 'constructor', 'HS256', 'none', 'JWT', '1e400', [], [[]], [''], ['a', 'a'], [null], [1], {}, { a: 1 }, { length: 1 },
  { toString: 'x' }, [{ __proto__: null }], 'é', 'e\u0301', 'a'.repeat(300),
]

const names = [
  'alg', 'typ', 'kid', 'cty', 'crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'zip', 'enc', 'signer', 'http://example.com/x', 'iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'nonce', 'scope',
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'length', '', ' ', '0', '-1', '"', '\\', '\0', '\ud800', 'é', 'ALG', 'alg ', 'EXP',
]

/** Text that a parser of tokens, JSON, base64 or PEM gives a meaning to. */
const fragments = [
  '.', '..', '=', '==', '+', '/', '-', '_', '\n', '\r\n', ' ', '\t', '\0', '\ufeff', '\u2028', '。', '．', '%2E', 'Bearer ', '"', '\\', '\\"', '\\\\', '\\u0061', '\\ud800', '\\u00', '{', '}', '[', ']', ':', ',', ',,', '{}',
  '{"alg":"none"}', ':null', 'NaN', 'Infinity', '-0', '01', '.5', '1e400', '1E+2', '-', '0x10', '//', '/**/', "'", 'null', 'true', 'undefined', '😀', '\ud800', 'é', 'A', 'B', '9', 'A'.repeat(5), '-----BEGIN ', '-----END ',
]

export function makePools(seed) {
  return {
    names: [...names, ...sample(fc.string({ maxLength: 8, unit: 'binary' }), 100, seed)],
    values: [...jsonEdges, ...sample(fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }), 300, seed + 1)],
    numbers: [...jsonEdges.filter((value) => typeof value === 'number'), ...sample(fc.double({ noDefaultInfinity: true, noNaN: true }), 200, seed + 2)],
    texts: [...jsonEdges.filter((value) => typeof value === 'string'), ...sample(fc.string({ maxLength: 40, size: 'max', unit: 'binary' }), 150, seed + 3), ...sample(fc.string({ maxLength: 40, size: 'max', unit: 'grapheme' }), 50, seed + 4), ...fragments],
    bytes: [new Uint8Array(), ...sample(fc.uint8Array({ maxLength: 80, size: 'max' }), 300, seed + 5)],
    fragments,
  }
}
