// What the tokens say, and how they are spoilt.

export const issuer = 'https://login.example.com'
export const audience = 'https://api.example.com'

const now = Math.floor(Date.now() / 1000)
const exp = now + 600
const registered = { iss: issuer, sub: 'user-4711', aud: [audience, 'https://other.example.com'], jti: 'x-1', iat: now, nbf: now, exp }
const deep = (levels) => levels ? { a: [deep(levels - 1)] } : 'bottom'
const sample = (claims, more) => ({ claims: typeof claims === 'string' ? claims : JSON.stringify({ exp, ...claims }), ...more })

/** `claims` are JSON text, `checks` the options of verify, `header` what is signed with them. */
export const samples = {
  registered: sample(registered, { checks: { issuer, audience, subject: 'user-4711', jwtId: 'x-1', maxAge: '1h' } }),
  'one audience': sample({ aud: audience }, { checks: { audience } }),
  'a fraction of a second': sample({ exp: exp + 0.5, nbf: now - 0.25 }),
  unicode: sample({ name: 'Zoë 漢字 🦭 עברית', 'ключ': 'e\u0301 is not \u00e9', separators: '\u2028\u2029\u00a0\ufeff', control: '\u0001\u001f\u007f', escapes: '"\\/\b\f\n\r\t<>&\'', plane: '\u{10ffff}' }),
  'the character NUL': sample({ name: 'a\u0000b' }),
  'arrays and nesting': sample({ list: [1, [2, [3, []]], {}, null, true, false, ''], '': 'no name', deep: deep(20), toString: 1, constructor: { prototype: 2 }, ['__proto__']: { admin: true } }),
  'whole numbers': sample({ safe: [9007199254740991, -9007199254740991, 0, -1], last32: [2147483647, 2147483648, 4294967296] }),
  'numbers beyond 64 bits': sample(`{"exp":${exp},"huge":12345678901234567890,"least":-9223372036854775808}`),
  fractions: sample({ small: [0.1, -2.5, 1e-7, 1.23456789], large: [1e21, 1.5e300] }),
  'doubles to the last digit': sample({ pi: 3.141592653589793, largest: 1.7976931348623157e308, smallest: 5e-324 }),
  'no claims': { claims: '{}', checks: { requireExpiry: false } },
  'kid, typ and more': sample({ sub: 'a' }, { header: { kid: 'schlüssel 1/2+3=', typ: 'at+jwt', cty: 'x', 'example.org/extra': { list: [1, 'zwei', null] } }, checks: { type: 'at+jwt' } }),
  long: sample({ text: '0123456789 ü'.repeat(700) }),
}

const edit = (part, change) => (segments) => {
  const copy = [...segments]
  copy[part] = change(Buffer.from(segments[part], 'base64url')).toString('base64url')
  return copy.join('.')
}
const json = (change) => (bytes) => Buffer.from(JSON.stringify(change(JSON.parse(bytes))))
const flip = (at) => (bytes) => { bytes[at < 0 ? bytes.length + at : at] ^= 1; return bytes }

const changes = {
  'another subject': edit(1, json((claims) => ({ ...claims, sub: 'admin' }))),
  'another kid': edit(0, json((header) => ({ ...header, kid: 'another' }))),
  'the first octet of the signature changed': edit(2, flip(0)),
  'the last octet of the signature changed': edit(2, flip(-1)),
  'a signature without its last octet': edit(2, (bytes) => bytes.subarray(0, -1)),
  'a signature with one octet more': edit(2, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
  'a signature of zeros': edit(2, (bytes) => bytes.fill(0)),
  'no signature': edit(2, (bytes) => bytes.subarray(0, 0)),
  'alg none': ([header, payload]) => `${edit(0, json((one) => ({ ...one, alg: 'none' })))([header, payload, '']).split('.')[0]}.${payload}.`,
  'alg of another hash': edit(0, json((header) => ({ ...header, alg: header.alg === 'EdDSA' ? 'ES256' : header.alg.slice(0, 2) + (header.alg.endsWith('256') ? '384' : '256') }))),
}

export function tampered(token) {
  return Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, change(token.split('.'))]))
}
