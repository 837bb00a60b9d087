// Key material that some runtime imports and another refuses: here the library refuses it, with one code.

import { fixtures, isNative, keyOf, keys } from './support.mjs'

export default async (lib, { test, assert }) => {
  const { base64url, importJwk, importPem, keySet, sign, verify } = lib

  for (const { title, alg, pem } of fixtures.refusedPem) {
    test(`PEM refused: ${title}, for ${alg}`, () => assert.refuses(() => importPem(pem, alg, { extractable: true }), 'ERR_JWT_KEY'))
  }

  const rsa = keys.RSA.jwk
  const rsaPublic = keys.RSA.publicJwk
  const ec = keys['P-256'].jwk
  const ecPublic = keys['P-256'].publicJwk
  const okp = keys.Ed25519.jwk
  const okpPublic = keys.Ed25519.publicJwk
  const oct = { kty: 'oct', k: fixtures.secret }
  const { others } = fixtures
  const bytes = (text) => base64url.decode(text)
  const zero = (length) => base64url.encode(new Uint8Array(length))
  const even = (text) => base64url.encode(bytes(text).map((byte, index, all) => index === all.length - 1 ? byte & 254 : byte))
  const order = '_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE' // n of P-256

  const refused = [
    ['RSA e = 1', { ...rsaPublic, e: 'AQ' }, 'RS256'], ['RSA e = 1 for PSS', { ...rsaPublic, e: 'AQ' }, 'PS256'], ['RSA e = 2', { ...rsaPublic, e: 'Ag' }, 'RS256'], ['RSA e = 0', { ...rsaPublic, e: 'AA' }, 'RS256'],
    ['RSA e of nothing', { ...rsaPublic, e: '' }, 'RS256'], ['RSA e even', { ...rsaPublic, e: 'AQAA' }, 'RS256'], ['RSA e = 2^32 + 1', { ...rsaPublic, e: 'AQAAAAE' }, 'RS256'], ['RSA e = n', { ...rsaPublic, e: rsa.n }, 'RS256'],
    ['RSA n even', { ...rsaPublic, n: even(rsa.n) }, 'RS256'], ['RSA n of nothing', { ...rsaPublic, n: '' }, 'RS256'], ['RSA n = 0', { ...rsaPublic, n: zero(256) }, 'RS256'],
    ['RSA n of 16 392 bits', { ...rsaPublic, n: base64url.encode(new Uint8Array(2049).fill(255)) }, 'RS256'],
    ['RSA of 1024 bits', fixtures.faulty['RSA, 1024 bits'].jwk, 'RS256'], ['RSA of 2047 bits', fixtures.faulty['RSA, 2047 bits'].jwk, 'RS256'], ['RSA of 512 bits', { ...rsaPublic, n: base64url.encode(new Uint8Array(64).fill(255)) }, 'RS256'],
    ['RSA without CRT', { kty: 'RSA', n: rsa.n, e: rsa.e, d: rsa.d }, 'RS256'], ['RSA without n', { kty: 'RSA', e: 'AQAB' }, 'RS256'], ['RSA with a third prime', { ...rsa, oth: [] }, 'RS256'],
    ...['n', 'd', 'p', 'q', 'dp', 'dq', 'qi'].map((name) => [`RSA with another ${name}`, { ...rsa, [name]: others.RSA[name] }, 'RS256']),
    ['RSA with p and q swapped', { ...rsa, p: rsa.q, q: rsa.p }, 'RS256'], ['RSA as ES256', rsaPublic, 'ES256'], ['RSA as EdDSA', rsaPublic, 'EdDSA'],

    ['EC off the curve', { ...ecPublic, y: others.EC.y }, 'ES256'], ['EC 0, 0', { ...ecPublic, x: zero(32), y: zero(32) }, 'ES256'], ['EC x beyond the prime', { ...ecPublic, x: base64url.encode(new Uint8Array(32).fill(255)) }, 'ES256'],
    ['EC without crv', { kty: 'EC', x: ec.x, y: ec.y }, 'ES256'], ['EC with an unknown crv', { ...ecPublic, crv: 'P-512' }, 'ES256'], ['EC with crv of another case', { ...ecPublic, crv: 'p-256' }, 'ES256'], ['EC with crv in a list', { ...ecPublic, crv: ['P-256'] }, 'ES256'],
    ['P-256 as P-384', ecPublic, 'ES384'], ['P-256 that says P-384', { ...ecPublic, crv: 'P-384' }, 'ES384'], ['secp256k1', { ...ecPublic, crv: 'secp256k1' }, 'ES256'],
    ['EC with a short x', { ...ecPublic, x: base64url.encode(bytes(ec.x).slice(1)) }, 'ES256'], ['EC with a long x', { ...ecPublic, x: base64url.encode(Uint8Array.of(0, ...bytes(ec.x))) }, 'ES256'], ['EC with a short d', { ...ec, d: base64url.encode(bytes(ec.d).slice(1)) }, 'ES256'],
    ['EC with another d', { ...ec, d: others.EC.d }, 'ES256'], ['EC d = 0', { ...ec, d: zero(32) }, 'ES256'], ['EC d = n', { ...ec, d: order }, 'ES256'], ['EC without y', { kty: 'EC', crv: 'P-256', x: ec.x }, 'ES256'], ['EC with d alone', { kty: 'EC', crv: 'P-256', d: ec.d }, 'ES256'],

    ['X25519 as Ed25519', { ...okpPublic, crv: 'X25519' }, 'Ed25519'], ['Ed448', { ...okpPublic, crv: 'Ed448' }, 'EdDSA'], ['OKP without crv', { kty: 'OKP', x: okp.x }, 'Ed25519'], ['OKP with a short x', { ...okpPublic, x: base64url.encode(bytes(okp.x).slice(1)) }, 'Ed25519'],
    ['OKP with a long x', { ...okpPublic, x: base64url.encode(Uint8Array.of(...bytes(okp.x), 0)) }, 'Ed25519'], ['OKP with another d', { ...okp, d: others.OKP.d }, 'Ed25519'], ['OKP with another x', { ...okp, x: others.OKP.x }, 'Ed25519'], ['OKP with d alone', { kty: 'OKP', crv: 'Ed25519', d: okp.d }, 'Ed25519'],
    ...fixtures.smallOrder.map((x, index) => [`Ed25519 of small order ${index}`, { ...okpPublic, x }, 'Ed25519']),

    ['kty of another case', { ...oct, kty: 'OCT' }, 'HS256'], ['oct with an empty k', { ...oct, k: '' }, 'HS256'], ['oct with k of no base64', { ...oct, k: '!!!!' }, 'HS256'], ['oct too short', { ...oct, k: zero(31) }, 'HS256'], ['oct too short for HS512', { ...oct, k: zero(63) }, 'HS512'],
    ['oct as RS256', oct, 'RS256'], ['RSA as HS256', { ...rsaPublic, k: fixtures.secret }, 'HS256'], ['no kty', { k: fixtures.secret }, 'HS256'], ['kty toString', { kty: 'toString' }, 'HS256'],
    ['AKP without alg', { kty: 'AKP', pub: keys['ML-DSA-44'].jwk.pub }, 'ML-DSA-44'], ['AKP of another size', { ...keys['ML-DSA-44'].publicJwk, alg: 'ML-DSA-65' }, 'ML-DSA-65'], ['kid that is a number', { ...ecPublic, kid: 1 }, 'ES256'],
  ]

  /** One JWK of each kind, and what it says of its purpose wrongly. */
  for (const [kind, jwk, alg, wrongAlg, usage] of [['oct', oct, 'HS256', 'HS512', 'verify'], ['RSA', rsaPublic, 'RS256', 'PS256', 'verify'], ['EC', ecPublic, 'ES256', 'ES384', 'verify'], ['OKP', okpPublic, 'Ed25519', 'ES256', 'verify'], ['private RSA', rsa, 'PS256', 'RS256', 'sign'], ['private EC', ec, 'ES256', 'ES512', 'sign'], ['private OKP', okp, 'EdDSA', 'none', 'sign']]) {
    refused.push(
      [`${kind} with the alg of another`, { ...jwk, alg: wrongAlg }, alg], [`${kind} with an unknown alg`, { ...jwk, alg: 'RSA-OAEP' }, alg], [`${kind} with an empty alg`, { ...jwk, alg: '' }, alg], [`${kind} with use: enc`, { ...jwk, use: 'enc' }, alg],
      [`${kind} with key_ops: []`, { ...jwk, key_ops: [] }, alg], [`${kind} with key_ops for another thing`, { ...jwk, key_ops: ['encrypt'] }, alg], [`${kind} with key_ops that come twice`, { ...jwk, key_ops: [usage, usage] }, alg], [`${kind} with key_ops that is text`, { ...jwk, key_ops: usage }, alg],
    )
  }

  /** Members in base64 that some runtime takes. */
  const members = [[oct, 'k', 'HS256'], [rsaPublic, 'n', 'RS256'], [ecPublic, 'x', 'ES256'], [ec, 'd', 'ES256'], [okpPublic, 'x', 'Ed25519'], [okp, 'd', 'Ed25519']]
  for (const [jwk, name, alg] of members) {
    const text = jwk[name]
    const last = text.slice(0, -1)
    const lax = {
      'padding': `${text}=`, 'a space behind': `${text} `, 'a newline inside': `${text.slice(0, 8)}\n${text.slice(8)}`, 'a NUL behind': `${text}\0`, 'an asterisk inside': `${text.slice(0, 8)}*${text.slice(8)}`,
      'a + in front': `+${text.slice(1)}`, 'a / in front': `/${text.slice(1)}`, 'length 4n + 1': `${text}${'A'.repeat((5 - text.length % 4) % 4)}`, 'unused bits set': `${last}${text.at(-1) === '_' ? '_B' : 'B'}`,
      'bytes for text': bytes(text), 'a number for text': 7, 'null for text': null,
    }
    for (const [how, value] of Object.entries(lax)) refused.push([`${jwk.kty} ${name} with ${how}`, { ...jwk, [name]: value }, alg])
  }

  for (const [title, jwk, alg] of refused) {
    test(`JWK refused: ${title}`, async () => {
      await assert.refuses(() => importJwk(jwk, alg), 'ERR_JWT_KEY')
      const saysOther = title.includes('alg') // which a set may then serve
      if (!jwk.d && !saysOther) assert.equal(keySet({ keys: [{ ...jwk, alg: jwk.alg ?? alg }] }).skipped.length, 1)
    })
  }

  for (const [title, { alg, jwk, token }] of Object.entries(fixtures.faulty)) {
    test(`${title}: a set does not verify with it`, async () => {
      await assert.refuses(() => verify(token, keySet({ keys: [{ ...jwk, alg }] }), { algorithms: [alg] }), 'ERR_JWT_KEY_NOT_FOUND')
    })
  }

  test('allowWeakKeys lets 1024 bits and a short secret pass, but no exponent of 1, nothing empty, nothing smaller than the hash', async () => {
    const { jwk, token } = fixtures.faulty['RSA, 1024 bits']
    const weak = await importJwk(jwk, 'RS256', { allowWeakKeys: true })
    await verify(token, weak, { algorithms: ['RS256'], allowWeakKeys: true })
    await assert.refuses(() => verify(token, weak, { algorithms: ['RS256'] }), 'ERR_JWT_KEY')
    const short = await sign(fixtures.claims, 'short', { algorithm: 'HS256', allowWeakKeys: true })
    await verify(short, 'short', { algorithms: ['HS256'], allowWeakKeys: true })
    for (const faulty of [fixtures.faulty['RSA e = 1'].jwk, { ...rsaPublic, n: base64url.encode(new Uint8Array(48).fill(255)) }, { ...oct, k: '' }]) {
      await assert.refuses(() => importJwk(faulty, faulty.k === '' ? 'HS256' : 'RS256', { allowWeakKeys: true }), 'ERR_JWT_KEY')
    }
  })

  test('ML-DSA with a private part of another key', async () => {
    const { jwk } = keyOf('ML-DSA-44')
    const faulty = { ...jwk, priv: base64url.encode(new Uint8Array(32).fill(7)) }
    const has = await isNative('ML-DSA-44', lib)
    await assert.refuses(() => importJwk(faulty), has ? 'ERR_JWT_KEY' : 'ERR_JWT_UNSUPPORTED')
  })
}
