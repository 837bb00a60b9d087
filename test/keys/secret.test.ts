// HMAC secrets: what passes for key material of another kind is refused at every door, since a public key that passes
// for a secret lets anyone sign; and what is remembered of a secret never outlives what the caller handed over.

import { describe, expect, test, vi } from 'vitest'
import fc from 'fast-check'
import type { Algorithm } from 'waxseal'
import { answering, asynchronous } from '../support/door'
import {
  b64u, Buffer, certificate, claims, ed25519, fromB64u, join, load, misused, node, nodeAccepts, nodePrivate, nodePublic, nodeToken, oct, octets, identifier, oids, p256, p384, p521, pem, pkcs1, pkcs1Private,
  pkcs8, pkcs8Of, publicOf, refused, rsa, rsa1024, sec1, secret, spkiOf, subtle, untyped, utf8, der, type Jwk,
} from '../support/keys'

const { createSigner, createVerifier, importSecret, keySet, sign, signBytes, verify, verifyBytes } = untyped
const hs256 = { algorithms: ['HS256'] }
const text = 'correct horse battery staple, twice and thrice over'

// ─── key material ────────────────────────────────────────────────────────────

/** Every door that takes a secret, with what each refuses by: `verify` and `sign` know PEM text for what it is. */
async function refusedEverywhere(material: string | Uint8Array): Promise<void> {
  const token = nodeToken('HS256', typeof material === 'string' ? utf8(material) : material, claims)
  const isPem = typeof material === 'string' && material.includes('-----BEGIN')
  const words = /importPem|importJwk/
  for (const allowWeakKeys of [false, true]) {
    await refused(importSecret(material, 'HS256', { allowWeakKeys }), 'ERR_JWT_KEY', words)
    const doors: (() => unknown)[] = [
      () => sign(claims, material, { algorithm: 'HS256', allowWeakKeys }), () => createSigner(material, { algorithm: 'HS256', allowWeakKeys }),
      () => verify(token, material, { ...hs256, allowWeakKeys }), () => createVerifier(material, { ...hs256, allowWeakKeys }),
      () => signBytes(utf8('x'), material, { algorithm: 'HS256', allowWeakKeys }), () => verifyBytes(token, material, { ...hs256, allowWeakKeys }),
    ]
    for (const door of doors) await (isPem ? misused(door, words) : refused(door, 'ERR_JWT_KEY', words))
    await refused(verify(token, () => material, { ...hs256, allowWeakKeys }), 'ERR_JWT_KEY')
    await refused(load({ kty: 'oct', k: b64u(material) }, 'HS256', { allowWeakKeys }), 'ERR_JWT_KEY', words)
  }
  expect(keySet({ keys: [{ kty: 'oct', alg: 'HS256', k: b64u(material) }] }).skipped).toHaveLength(1)
}

const pemOf = (jwk: Jwk): string => nodePublic(jwk).export({ format: 'pem', type: 'spki' })
const texts: readonly (readonly [string, string])[] = [
  ['SPKI', pemOf(rsa)], ['SPKI of Ed25519', pemOf(ed25519)], ['PKCS#1', nodePublic(rsa).export({ format: 'pem', type: 'pkcs1' })], ['PKCS#8', nodePrivate(p256).export({ format: 'pem', type: 'pkcs8' })],
  ['SEC1', pem('EC PRIVATE KEY', sec1(p256))], ['a certificate', pem('CERTIFICATE', certificate(spkiOf(p256)))], ['an OpenSSH private key', pem('OPENSSH PRIVATE KEY', secret)], ['PEM with literal \\n', pemOf(p256).replace(/\n/g, '\\n')],
  ['PEM on one line', pemOf(p256).replace(/\n/g, '')], ['PEM behind other text', `Bag Attributes: none\n${pemOf(p256)}`],
  ['a public JWK', JSON.stringify(publicOf(rsa))], ['a private JWK', JSON.stringify(p256)], ['a secret JWK', JSON.stringify(oct)], ['a JWK, indented', JSON.stringify(publicOf(p256), null, 2)],
  ['a JWK whose kty comes last', JSON.stringify({ ...publicOf(p256), kty: undefined, use: 'sig' }).replace('}', ' , "kty" : "EC"}')], ['a JWKS', JSON.stringify({ keys: [publicOf(p256)] })],
  ['a JWKS, indented', JSON.stringify({ keys: [publicOf(rsa)] }, null, '\t')], ['an empty JWKS, long enough', `{"issuer":"https://issuer.example/a/b/c/d/e/f", "keys" : []}`], ['an array of JWKs', JSON.stringify([publicOf(p256)])],
  ['an OpenSSH line, RSA', 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 someone@example'], ['an OpenSSH line, Ed25519', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv me'],
  ['an OpenSSH line, ECDSA', 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY me'], ['an OpenSSH line, security key', 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5 me'],
  ['an OpenSSH line, security key with ECDSA', 'sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTIt me'],
]
const leads: readonly (readonly [string, string])[] = [
  ['nothing', ''], ['a space', ' '], ['a tab and line ends', '\t\r\n\n'], ['a byte order mark', '\ufeff'], ['a byte order mark and space', '\ufeff \n'], ['space and a byte order mark', ' \ufeff'], ['two byte order marks', '\ufeff\ufeff'],
  ['a no-break space', '\u00a0'], ['an em space', '\u2003'], ['a line separator', '\u2028'], ['a form feed and a vertical tab', '\f\v'],
]

test('createVerifier takes a secret that is long enough for one algorithm of the list, wherever it stands, and no shorter one', async () => {
  for (const algorithms of [['HS256', 'HS512'], ['HS384', 'HS512', 'HS256'], ['HS512', 'HS256', 'HS384']]) {
    const long = secret.slice(0, 32)
    expect((await createVerifier(long, { algorithms })(nodeToken('HS256', long, claims))).payload.sub).toBe('alice')
    await refused(() => createVerifier(secret.slice(0, 31), { algorithms }), 'ERR_JWT_KEY', /256/)
  }
})

test.for(texts)('text that is key material is refused: %s', async ([, material]) => {
  await refusedEverywhere(material)
})

describe.for(leads)('behind %s', ([, lead]) => {
  test('key material is refused, as text and as bytes', async () => {
    for (const [, material] of texts) {
      await refused(importSecret(lead + material, 'HS256'), 'ERR_JWT_KEY', /importPem|importJwk/)
      await refused(importSecret(utf8(lead + material), 'HS256'), 'ERR_JWT_KEY', /importPem|importJwk/)
    }
  })

  test('a secret is a secret', async () => {
    const key = await importSecret(lead + text, 'HS256')
    expect(nodeAccepts('HS256', utf8(lead + text), await sign(claims, key))).toBe(true)
  })
})

test('bytes have one verdict, whatever view they are and whatever they say of themselves', async () => {
  const armoured = utf8(`-----BEGIN PUBLIC KEY-----\n${'A'.repeat(64)}\n-----END PUBLIC KEY-----`)
  for (const view of [armoured, Buffer.from(armoured), Uint8Array.from(armoured).buffer]) {
    await refused(() => untyped.sign(claims, view, { algorithm: 'HS256' }), 'ERR_JWT_KEY', /importPem/)
    await refused(() => untyped.verify('', view, { algorithms: ['HS256'] }), 'ERR_JWT_MALFORMED')
    await refused(() => untyped.createVerifier(view, { algorithms: ['HS256'] }), 'ERR_JWT_KEY', /importPem/)
  }
  const loud = Object.assign(Uint8Array.from(secret), { toString() { throw new RangeError('toString') } })
  expect(nodeAccepts('HS256', secret, await untyped.sign(claims, loud, { algorithm: 'HS256' }))).toBe(true)
})

const encodings: readonly (readonly [string, Uint8Array])[] = [
  ...([rsa, p256, p384, p521, ed25519] as Jwk[]).flatMap((jwk) => [[`SPKI of ${String(jwk['crv'] ?? 'RSA')}`, spkiOf(jwk)] as const, [`PKCS#8 of ${String(jwk['crv'] ?? 'RSA')}`, pkcs8Of(jwk)] as const, [`a certificate of ${String(jwk['crv'] ?? 'RSA')}`, certificate(spkiOf(jwk))] as const]),
  ['SPKI of RSA 1024', spkiOf(rsa1024)], ['PKCS#1, public', pkcs1(rsa, ['n', 'e'])], ['PKCS#1, public, 1024 bits', pkcs1(rsa1024, ['n', 'e'])], ['PKCS#1, private', pkcs1Private(rsa)],
  ['SEC1 of P-256', sec1(p256)], ['SEC1 of P-521', sec1(p521)], ['SEC1 without the public part', sec1(p256, { open: undefined })], ['PKCS#8 v2', pkcs8(identifier(oids.Ed25519), octets(fromB64u(ed25519.d)), 1, der(0x81, Uint8Array.of(0), fromB64u(ed25519.x)))],
  ['a certificate of version 1', certificate(spkiOf(p256), { version1: true })],
]

test.for(encodings)('bytes that are key material are refused: %s', async ([, material]) => {
  await refusedEverywhere(material)
})

test.for(encodings)('bytes that are not exactly such a SEQUENCE are a secret: %s with an octet more or less', async ([, material]) => {
  for (const bytes of [join(material, Uint8Array.of(0)), material.slice(0, -1), join(Uint8Array.of(0), material)]) {
    expect(nodeAccepts('HS256', bytes, await sign(claims, await importSecret(bytes, 'HS256')))).toBe(true)
  }
})

test.for([
  '{"password":"correct horse battery staple"}', '[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]', 'kty and keys are words like any other words', 'my ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7', 'skating is fun, and so is riding a horse',
  'sshd is not a key but a service that runs', 'BEGIN PUBLIC KEY is what I will never say', '"kty":"RSA" without a brace in front of it', '{'.repeat(40), 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0', 'ecdsa is what I use for signing, mostly',
])('text that only resembles key material is a secret: %s', async (material) => {
  expect(nodeAccepts('HS256', utf8(material), await sign(claims, await importSecret(material, 'HS256')))).toBe(true)
  expect(nodeAccepts('HS256', utf8(material), await sign(claims, utf8(material), { algorithm: 'HS256' }))).toBe(true)
})

test('bytes that open like a SEQUENCE of their length, but no key goes on so, are a secret', async () => {
  for (const rest of [[4, 28], [2, 1, 5], [0x31, 28], [2, 29]]) {
    const bytes = join(Uint8Array.of(0x30, 30), Uint8Array.from(rest), new Uint8Array(30 - rest.length).fill(9))
    expect(nodeAccepts('HS256', bytes, await sign(claims, await importSecret(bytes, 'HS256')))).toBe(true)
  }
})

test('bytes whose length has no form that the length of a key has, such as the indefinite one, are a secret', async () => {
  // 51: what follows 0x80 is taken for a length; 130, 133: 0x80 and 0x83 themselves are
  for (const [form, length] of [[0x80, 51], [0x80, 130], [0x83, 133]] as const) {
    const bytes = join(Uint8Array.of(0x30, form, 0x30, 0, 6), new Uint8Array(length - 5).fill(9))
    expect(nodeAccepts('HS256', bytes, await sign(claims, await importSecret(bytes, 'HS256')))).toBe(true)
  }
})

test('bytes in which a key begins further in, or that are no SEQUENCE, are a secret', async () => {
  for (const [first, at] of [[0x31, 20], [0x30, 20], [0x31, 0]] as const) {
    const bytes = new Uint8Array(64).fill(9)
    bytes.set([0x30, 62, 2, 1, 0, 0x30], at)
    bytes.set([first, 62])
    expect(nodeAccepts('HS256', bytes, await sign(claims, await importSecret(bytes, 'HS256')))).toBe(true)
  }
})

test('random bytes are a secret', async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom(32, 48, 64, 100, 300), async (length) => {
    const bytes = node.randomBytes(length)
    expect(nodeAccepts('HS256', new Uint8Array(bytes), await sign(claims, bytes, { algorithm: 'HS256' }))).toBe(true)
  }), { numRuns: 60 })
})

test.for(['\ud800', '\udc00', 'a\ud83d', '\ude00\ud83d'])('a lone surrogate is refused, since UTF-8 makes one character of all of them: %j', async (surrogate) => {
  for (const material of [surrogate + text, text + surrogate, text.slice(0, 20) + surrogate + text.slice(20)]) {
    await refused(importSecret(material, 'HS256'), 'ERR_JWT_KEY')
    await refused(sign(claims, material, { algorithm: 'HS256' }), 'ERR_JWT_KEY')
    await refused(verify(nodeToken('HS256', utf8(material), claims), material, hs256), 'ERR_JWT_KEY')
  }
  expect(nodeAccepts('HS256', utf8(`😀${text}`), await sign(claims, `😀${text}`, { algorithm: 'HS256' }))).toBe(true)
})

test('a key function may give a secret under an all-HMAC list, and no other material', async () => {
  const token = nodeToken('HS256', utf8(text), claims)
  for (const answer of [...answering(text), ...answering(utf8(text))]) expect((await verify(token, answer, hs256)).payload.sub).toBe('alice')
  const wrong: readonly unknown[] = ['', new Uint8Array(), 'short', pemOf(rsa), publicOf(rsa), oct, { keys: [oct] }, keySet({ keys: [oct] }), 1, true, [], {}, () => text]
  for (const answer of wrong) {
    const error = await refused(verify(token, () => answer, hs256), 'ERR_JWT_KEY')
    expect(error.fault).toBe('server')
    expect(error.cause).toBeInstanceOf(Error)
  }
  await refused(verify(token, () => text, { algorithms: ['HS256', 'ES256'] }), 'ERR_JWT_KEY')
})

// ─── what is remembered ──────────────────────────────────────────────────────

const mac = (key: string | Uint8Array, name: Algorithm = 'HS256'): string => nodeToken(name, typeof key === 'string' ? utf8(key) : key, claims)

test('bytes that are changed later take effect, in sign and in verify', async () => {
  const bytes = secret.slice()
  const before = mac(bytes)
  const verifier = createVerifier(bytes, hs256)
  const signer = createSigner(bytes, { algorithm: 'HS256' })
  expect(nodeAccepts('HS256', bytes, await signer(claims))).toBe(true)
  await verifier(before)
  await verify(before, bytes, hs256)

  bytes[5]! ^= 1
  for (const door of [() => verifier(before), () => verify(before, bytes, hs256)]) await refused(door, 'ERR_JWT_SIGNATURE')
  await verifier(mac(bytes))
  await verify(mac(bytes), bytes, hs256)
  expect(nodeAccepts('HS256', bytes, await signer(claims))).toBe(true)
  expect(nodeAccepts('HS256', bytes, await sign(claims, bytes, { algorithm: 'HS256' }))).toBe(true)

  bytes[5]! ^= 1
  await verify(before, bytes, hs256)
  expect(nodeAccepts('HS256', secret, await signer(claims))).toBe(true)
})

test('a view whose buffer another view changes takes effect, too', async () => {
  const buffer = new Uint8Array(200)
  const view = buffer.subarray(50, 100)
  view.set(secret.subarray(0, 50))
  const before = mac(view)
  await verify(before, view, hs256)
  buffer[60]! ^= 128
  await refused(verify(before, view, hs256), 'ERR_JWT_SIGNATURE')
  buffer[10]! ^= 128 // outside the view
  await verify(mac(view), view, hs256)
})

test('bytes that become key material are refused, remembered or not', async () => {
  const spki = spkiOf(p256)
  const bytes = new Uint8Array(spki.length).fill(7)
  await verify(mac(bytes), bytes, hs256)
  bytes.set(spki)
  await refused(verify(mac(bytes), bytes, hs256), 'ERR_JWT_KEY')
  await refused(sign(claims, bytes, { algorithm: 'HS256' }), 'ERR_JWT_KEY')
})

test.for([['text', 'weak'], ['bytes', utf8('weak too')], ['a buffer', utf8('weak as well').buffer]] as const)('allowWeakKeys is not remembered from one call to the next: %s', async ([, weak]) => {
  const token = mac(typeof weak === 'string' ? weak : new Uint8Array(weak as ArrayBuffer))
  const allowed = { ...hs256, allowWeakKeys: true }
  await refused(verify(token, weak, hs256), 'ERR_JWT_KEY')
  for (let time = 0; time < 2; time++) {
    expect((await verify(token, weak, allowed)).payload.sub).toBe('alice')
    await refused(verify(token, weak, hs256), 'ERR_JWT_KEY')
    await refused(verifyBytes(token, weak, hs256), 'ERR_JWT_KEY')
    await refused(verify(token, () => weak, hs256), 'ERR_JWT_KEY')
    await sign(claims, weak, { algorithm: 'HS256', allowWeakKeys: true })
    await refused(sign(claims, weak, { algorithm: 'HS256' }), 'ERR_JWT_KEY')
    await refused(signBytes(utf8('x'), weak, { algorithm: 'HS256' }), 'ERR_JWT_KEY')
    await refused(() => createSigner(weak, { algorithm: 'HS256' }), 'ERR_JWT_KEY')
    await refused(() => createVerifier(weak, hs256), 'ERR_JWT_KEY')
  }
})

test('a secret long enough for HS256 is not remembered into HS384 or HS512', async () => {
  const bytes = secret.slice(0, 32)
  await verify(mac(bytes), bytes, hs256)
  await sign(claims, bytes, { algorithm: 'HS256' })
  await refused(verify(mac(bytes, 'HS384'), bytes, { algorithms: ['HS256', 'HS384'] }), 'ERR_JWT_KEY')
  await refused(sign(claims, bytes, { algorithm: 'HS512' }), 'ERR_JWT_KEY')
})

test('one secret serves all HS* that it is long enough for, each by its own key', async () => {
  for (const name of ['HS256', 'HS384', 'HS512', 'HS256'] as const) {
    expect(nodeAccepts(name, secret, await sign(claims, secret, { algorithm: name }))).toBe(true)
    expect((await verify(mac(secret, name), secret, { algorithms: ['HS256', 'HS384', 'HS512'] })).header['alg']).toBe(name)
  }
})

test('text is remembered by value, and another text is another secret', async () => {
  await verify(mac(text), text, hs256)
  await verify(mac(text), [...text].join(''), hs256)
  await refused(verify(mac(text), text.toUpperCase(), hs256), 'ERR_JWT_SIGNATURE')
  await refused(verify(mac(text), `${text} `, hs256), 'ERR_JWT_SIGNATURE')
})

test('text that is not normalised alike is another secret', async () => {
  await refused(verify(mac(`${text}é`), `${text}e\u0301`, hs256), 'ERR_JWT_SIGNATURE')
})

test('far more secrets than are remembered: each verifies its own tokens and no other', async () => {
  const many = Array.from({ length: 250 }, (_, i) => i % 2 ? `${text} ${i}` : utf8(`${text} ${i}`))
  const tokens = await Promise.all(many.map((one) => sign(claims, one, { algorithm: 'HS256' })))
  for (const pass of [0, 1]) {
    for (const [i, one] of many.entries()) {
      expect((await verify(tokens[i], one, hs256)).payload.sub, `${pass}`).toBe('alice')
      if (i % 10 === 0) await refused(verify(tokens[(i + 1) % many.length], one, hs256), 'ERR_JWT_SIGNATURE')
    }
  }
})

asynchronous('imports are counted', () => {
  const counting = async (act: () => Promise<unknown>): Promise<number> => {
    const spy = vi.spyOn(subtle, 'importKey')
    try {
      await act()
      return spy.mock.calls.length
    } finally {
      spy.mockRestore()
    }
  }
  const use = (one: string | Uint8Array): Promise<unknown> => sign(claims, one, { algorithm: 'HS256' })

  test('a secret is imported once, not per call', async () => {
    const bytes = utf8('bytes that no other test has used before')
    expect(await counting(async () => { for (let i = 0; i < 5; i++) await use('text that no other test has used before') })).toBe(1)
    expect(await counting(async () => { for (let i = 0; i < 5; i++) await use(bytes) })).toBe(1)
    expect(await counting(() => verify(mac(bytes), bytes, hs256))).toBe(0)
    bytes[0]! ^= 1
    expect(await counting(() => use(bytes))).toBe(1)
  })

  test('the runtime is told not to give a secret out again, a member of a set too', async () => {
    const spy = vi.spyOn(subtle, 'importKey')
    try {
      await use('text that this test alone has used before')
      await verify(mac(text), keySet({ keys: [{ kty: 'oct', alg: 'HS256', k: b64u(text) }] }), hs256)
      expect(spy.mock.calls.map(([, , , extractable]) => extractable)).toEqual([false, false])
    } finally {
      spy.mockRestore()
    }
  })

  test('the last 100 are remembered, and the least recently used goes first', async () => {
    const one = 'the first of more than a hundred secrets'
    const others = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `one of more than a hundred secrets: ${from + i}`)
    const useAll = async (list: readonly string[]): Promise<void> => { for (const item of list) await use(item) }
    await use(one)
    await useAll(others(0, 99))
    expect(await counting(() => use(one))).toBe(0) // and is the most recent again
    await useAll(others(99, 198))
    expect(await counting(() => use(one))).toBe(0)
    await useAll(others(198, 298))
    expect(await counting(() => use(one))).toBe(1)
  })

  test('using one that is remembered forgets no other', async () => {
    const list = Array.from({ length: 100 }, (_, i) => `one of exactly a hundred secrets: ${i}`)
    for (const item of list) await use(item)
    for (let i = 0; i < 20; i++) await use(list[50]!)
    expect(await counting(async () => { for (const item of list) await use(item) })).toBe(0)
  })
})

test('no refusal shows the secret', async () => {
  const weak = 'hunter2-hunter2'
  const calls = [() => importSecret(weak, 'HS256'), () => sign(claims, weak, { algorithm: 'HS256' }), () => verify(mac(weak), weak, hs256), () => verify(mac(weak), () => weak, hs256), () => importSecret(`${weak}${'\ud800'.repeat(9)}`, 'HS256')]
  for (const call of calls) {
    const error = await refused(call, 'ERR_JWT_KEY')
    expect(JSON.stringify([error.message, error.issues, error.actual, error.expected, String(error.cause)])).not.toContain('hunter2')
  }
  await misused(verify(mac(weak), [weak], hs256))
  expect(Buffer.from(weak).length).toBeLessThan(32)
})
