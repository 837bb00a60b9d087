// node:crypto as an independent implementation: what is signed here verifies there and the other way round, with keys in
// every form that both sides know.

import { describe, expect, test } from 'vitest'
import { base64url, type Algorithm, type CryptoKey } from 'waxseal'
import {
  Buffer, certificate, claims, isHmac, load, materialFor, node, nodeAccepts, nodePrivate, nodePublic, nodeToken, nodeVerify, pem, publicOf, refused, secret, spkiOf, supported, untyped, worthGenerating, type Jwk, type KeyObject,
} from './support/keys'

const { exportJwk, exportPem, generateKey, importPem, importSecret, sign, signBytes, verify, verifyBytes } = untyped

const asym = supported.filter((name) => !isHmac(name) && materialFor(name))
const json = { ...claims, text: 'naïve 😀 \u2028', list: [1, null, true, { deep: 0.1 }] }

/** Every form of a private key that node:crypto writes and the library reads. */
const privateForms = (jwk: Jwk): readonly (readonly [string, (name: Algorithm) => Promise<CryptoKey>])[] => {
  const key = nodePrivate(jwk)
  const text = (type: string): string => key.export({ format: 'pem', type })
  return [
    ['JWK', (name) => load(key.export({ format: 'jwk' }), name)],
    ['PKCS#8', (name) => importPem(text('pkcs8'), name)],
    ...(jwk['kty'] === 'RSA' ? [['PKCS#1', (name: Algorithm) => importPem(text('pkcs1'), name)] as const] : []),
    ...(jwk['kty'] === 'EC' ? [['SEC1', (name: Algorithm) => importPem(text('sec1'), name)] as const] : []),
  ]
}

/** The same of a public key. */
const publicForms = (jwk: Jwk): readonly (readonly [string, (name: Algorithm) => Promise<CryptoKey>])[] => {
  const key = nodePublic(jwk)
  return [
    ['JWK', (name) => load(key.export({ format: 'jwk' }), name)],
    ['SPKI', (name) => importPem(key.export({ format: 'pem', type: 'spki' }), name)],
    ['X.509', (name) => importPem(pem('CERTIFICATE', certificate(spkiOf(jwk))), name)],
    ...(jwk['kty'] === 'RSA' ? [['PKCS#1', (name: Algorithm) => importPem(key.export({ format: 'pem', type: 'pkcs1' }), name)] as const] : []),
  ]
}

describe.for(asym)('%s', (name) => {
  const [jwk, other] = materialFor(name)!

  test.for(privateForms(jwk))('signed here with a key from %s, verified there', async ([, make]) => {
    const token = await sign(json, await make(name))
    expect(nodeAccepts(name, nodePublic(jwk), token)).toBe(true)
    expect(nodeAccepts(name, nodePublic(other), token)).toBe(false)
    expect(JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8'))).toMatchObject(json)
  })

  test.for(publicForms(jwk))('signed there, verified here with a key from %s', async ([, make]) => {
    const key = await make(name)
    expect((await verify(nodeToken(name, nodePrivate(jwk), json), key, { algorithms: [name] })).payload).toEqual(json)
    await refused(verify(nodeToken(name, nodePrivate(other), json), key, { algorithms: [name] }), 'ERR_JWT_SIGNATURE')
  })

  test('what is exported here is read there, and the same key', async () => {
    const key = await load(jwk, name, { extractable: true })
    const open = await load(publicOf(jwk), name)
    const privates = [node.createPrivateKey({ key: await exportJwk(key), format: 'jwk' }), node.createPrivateKey(await exportPem(key))]
    const publics = [node.createPublicKey({ key: await exportJwk(open), format: 'jwk' }), node.createPublicKey({ key: await exportJwk(key, { public: true }), format: 'jwk' }), node.createPublicKey(await exportPem(open))]
    for (const one of privates) expect(one.export({ format: 'jwk' })).toEqual(jwk)
    for (const one of publics) expect(one.export({ format: 'jwk' })).toEqual(publicOf(jwk))
  })

  test('bytes, empty ones and detached ones: signed here, verified there', async () => {
    const key = await load(jwk, name)
    for (const bytes of [new Uint8Array(), Uint8Array.of(0), new Uint8Array(1000).map((_, i) => i * 7)]) {
      for (const detached of [false, true]) {
        const [header, payload, signature] = (await signBytes(bytes, key, { detached })).split('.') as [string, string, string]
        expect(payload).toBe(detached ? '' : Buffer.from(bytes).toString('base64url'))
        expect(nodeVerify(name, nodePublic(jwk), new Uint8Array(Buffer.from(`${header}.${Buffer.from(bytes).toString('base64url')}`)), base64url.decode(signature))).toBe(true)
      }
    }
  })
})

describe.for(worthGenerating)('a pair generated here: %s', (name) => {
  test('signs there and verifies here, and the other way round', async () => {
    const { privateKey, publicKey } = await generateKey(name, { extractable: true })
    const there: { key: KeyObject, open: KeyObject } = { key: node.createPrivateKey({ key: await exportJwk(privateKey), format: 'jwk' }), open: node.createPublicKey(await exportPem(publicKey)) }
    expect(nodeAccepts(name, there.open, await sign(json, privateKey))).toBe(true)
    expect((await verify(nodeToken(name, there.key, json), publicKey, { algorithms: [name], maxTokenLength: 20_000 })).payload).toEqual(json)
  })
})

describe.for(supported.filter(isHmac))('%s', (name) => {
  const secrets: readonly (readonly [string, Uint8Array])[] = [
    ['64 octets', secret], ['a block and more', new Uint8Array(200).map((_, i) => i)], ['as long as the hash', secret.slice(0, Number(name.slice(-3)) / 8)], ['zeros', new Uint8Array(64)], ['zeros at the end', new Uint8Array(80).fill(1, 0, 64)],
  ]
  test.for(secrets)('both ways, with bytes, with a key of them and with a JWK: %s', async ([, bytes]) => {
    for (const key of [bytes, await importSecret(bytes, name), await load({ kty: 'oct', k: Buffer.from(bytes).toString('base64url') }, name)]) {
      expect(nodeAccepts(name, bytes, await sign(json, key, { algorithm: name }))).toBe(true)
      expect((await verify(nodeToken(name, bytes, json), key, { algorithms: [name] })).payload).toEqual(json)
    }
  })

  test('both ways, with text', async () => {
    const text = 'naïve 😀 \u2028 text, long enough for a block of any of the three hashes'.repeat(2)
    const bytes = new Uint8Array(Buffer.from(text, 'utf8'))
    expect(nodeAccepts(name, bytes, await sign(json, text, { algorithm: name }))).toBe(true)
    expect((await verify(nodeToken(name, bytes, json), text, { algorithms: [name] })).payload).toEqual(json)
    expect((await verifyBytes(nodeToken(name, bytes, json), await importSecret(text, name), { algorithms: [name] })).header['alg']).toBe(name)
  })

  test('what is exported here is read there', async () => {
    const k = (await exportJwk(await generateKey(name, { extractable: true })))['k'] as string
    const bytes = new Uint8Array(Buffer.from(k, 'base64url'))
    expect(nodeAccepts(name, bytes, await sign(json, await load({ kty: 'oct', k }, name)))).toBe(true)
  })
})
