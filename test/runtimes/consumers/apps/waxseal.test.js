// Runs in Jest's node and jsdom environments. There the globals (Uint8Array, Object, Date, Error) are of another realm than
// the ones behind WebCrypto, TextEncoder and Buffer, so nothing may be told by `instanceof`.

const vm = require('node:vm')
const jws = require('waxseal/jws')
const waxseal = require('waxseal')
const { prove } = require('./prove.js')

const { base64url, constantTimeEqual, decode, ecdsaFromDer, generateKey, importSecret, keySet, sign, verify } = waxseal
const elsewhere = (code) => vm.runInNewContext(code)
const HS256 = { algorithms: ['HS256'] }

const octets = {
  'a Uint8Array of this realm': new Uint8Array(32).fill(7),
  'an ArrayBuffer of this realm': new Uint8Array(32).fill(7).buffer,
  'a DataView of this realm': new DataView(new Uint8Array(32).fill(7).buffer),
  'a Buffer': Buffer.alloc(32, 7),
  'what TextEncoder gives': new TextEncoder().encode('\u0007'.repeat(32)),
  'a Uint8Array of a third realm': elsewhere('new Uint8Array(32).fill(7)'),
  'an ArrayBuffer of a third realm': elsewhere('new Uint8Array(32).fill(7).buffer'),
}

test('both doors do what they do everywhere', async () => {
  expect(await prove(waxseal, jws)).toBe('proved')
})

for (const [what, bytes] of Object.entries(octets)) {
  test(`${what} is a secret, a payload and text to encode`, async () => {
    const token = await sign({ sub: 'me' }, bytes, { algorithm: 'HS256', expiresIn: 60 })
    const key = await importSecret(bytes, 'HS256')
    for (const other of [...Object.values(octets), key]) expect((await verify(token, other, HS256)).payload.sub).toBe('me')
    expect(base64url.encode(bytes)).toBe(Buffer.alloc(32, 7).toString('base64url'))
  })
}

for (const [what, bytes] of Object.entries(octets).filter(([, value]) => value.BYTES_PER_ELEMENT === 1)) {
  test(`${what} is signed as bytes, compared, detached`, async () => {
    const { privateKey, publicKey } = await generateKey('ES256')
    const { payload } = await jws.verifyBytes(await jws.signBytes(bytes, privateKey), publicKey, { algorithms: ['ES256'] })
    expect(constantTimeEqual(payload, bytes)).toBe(true)
    const detached = await jws.signBytes(bytes, privateKey, { detached: true })
    await jws.verifyBytes(detached, publicKey, { algorithms: ['ES256'], detachedPayload: bytes })
    const signer = { algorithm: 'ES256', sign: () => bytes }
    await expect(sign({}, signer, { expiresIn: 60 })).rejects.toMatchObject({ code: 'ERR_JWT_KEY' }) // 32 octets are too few
  })
}

test('a payload, options, a header, a Date and a JWKS may come from another realm', async () => {
  const secret = octets['a Buffer']
  const token = await sign(elsewhere('({ sub: "me", aud: ["a"], nested: { list: [1] } })'), secret, elsewhere('({ algorithm: "HS256", expiresIn: 60, header: { x: [1] } })'))
  const { payload, header } = await verify(token, secret, elsewhere('({ algorithms: ["HS256"], audience: ["a"], now: new Date() })'))
  expect(payload).toMatchObject({ sub: 'me', nested: { list: [1] } })
  expect(header).toMatchObject({ x: [1] })

  const { privateKey, publicKey } = await generateKey('ES256')
  const jwks = elsewhere(`(${JSON.stringify(await keySet([publicKey]).toPublicJwks())})`)
  await verify(await sign({}, privateKey, { expiresIn: 60 }), keySet(jwks), { algorithms: ['ES256'] })
})

test('what the library gives is of this realm: toEqual and instanceof hold', async () => {
  const token = await sign({ sub: 'me' }, octets['a Buffer'], { algorithm: 'HS256', expiresIn: false, issuedAt: false })
  const { payload } = await verify(token, octets['a Buffer'], { ...HS256, requireExpiry: false })
  expect(payload).toEqual({ sub: 'me' })
  expect(decode(token).signature).toBeInstanceOf(Uint8Array)
  expect(ecdsaFromDer(Uint8Array.from([0x30, 6, 2, 1, 1, 2, 1, 1]), 'ES256')).toHaveLength(64)
  await expect(verify(token, octets['a Buffer'], HS256)).rejects.toBeInstanceOf(Error)
  await expect(verify(token, octets['a Buffer'], HS256)).rejects.toThrow(waxseal.JwtError)
  await expect(sign({ when: new Date() }, octets['a Buffer'], { algorithm: 'HS256', expiresIn: 60 })).rejects.toThrow(TypeError)
})

test('fake timers are the clock', async () => {
  const token = await sign({}, octets['a Buffer'], { algorithm: 'HS256', expiresIn: 60 })
  jest.useFakeTimers({ now: Date.now() + 61_000 })
  try {
    await expect(verify(token, octets['a Buffer'], HS256)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' })
  } finally {
    jest.useRealTimers()
  }
})
