// Keys cross between the doors: what the synchronous importers give serves the asynchronous functions, and the other way
// round, for every algorithm of the table. WebCrypto is the second opinion, since the synchronous door is on node:crypto.

import { describe, expect, test, vi } from 'vitest'
import type { Algorithm } from 'waxseal'
import * as sync from 'waxseal/node'
import {
  Buffer, claims, ed25519, fromB64u, isHmac, materialFor, nodePrivate, nodePublic, oct, p256, p384, publicOf, refused, rsa, secret, subtle, supported, untyped, utf8, type Jwk,
} from '../support/keys'

type Call = (...args: unknown[]) => unknown
const { signSync, verifySync, safeVerifySync, createSignerSync, createVerifierSync, importSecretSync, importJwkSync, importPemSync, signBytesSync, verifyBytesSync } =
  sync as unknown as Record<keyof typeof sync, Call>
const { exportJwk, exportPem, generateKey, importJwk, keySet, sign, signBytes, thumbprint, verify, verifyBytes } = untyped as typeof untyped & { importJwk: Call }

const subOf = (result: unknown): unknown => (result as { payload: { sub: string } }).payload.sub
const algorithms = (name: string): object => ({ algorithms: [name] })

/** Typed-in material, or, for ML-DSA, what the runtime makes. */
const materials = new Map<Algorithm, Jwk>(await Promise.all(supported.map(async (name) => {
  const [typed] = materialFor(name) ?? []
  return [name, typed ?? await exportJwk((await generateKey(name, { extractable: true })).privateKey)] as const
})))

describe.for([...materials])('%s', ([name, jwk]) => {
  const open = isHmac(name) ? jwk : publicOf(jwk)
  const importSync = (from: Jwk, options?: object): unknown => importJwkSync({ ...from, key_ops: undefined }, name, options)
  const importAsync = (from: Jwk, options?: object): Promise<unknown> => importJwk({ ...from, key_ops: undefined }, name, options) as Promise<unknown>

  test('keys made synchronously serve the asynchronous functions and keySet', async () => {
    const [signing, verifying] = [importSync(jwk), importSync(open, { keyId: 'k' })]
    for (const token of [await sign(claims, signing, { keyId: 'k' }), signSync(claims, signing, { keyId: 'k' })]) {
      for (const key of [verifying, keySet([verifying]), () => verifying, async () => verifying]) {
        expect(subOf(await verify(token, key, algorithms(name)))).toBe('alice')
        const [header, , signature] = (token as string).split('.')
        await refused(verify(`${header}.${Buffer.from('{"sub":"mallory","exp":32503680000}').toString('base64url')}.${signature}`, key, algorithms(name)), 'ERR_JWT_SIGNATURE')
      }
    }
    expect((await verifyBytes(await signBytes(utf8('x'), signing), verifying, algorithms(name))).payload).toEqual(utf8('x'))
  })

  test('keys made asynchronously serve the synchronous functions, extractable or not', async () => {
    for (const extractable of [false, true]) {
      const [signing, verifying] = [await importAsync(jwk, { extractable }), await importAsync(open, { keyId: 'k' })]
      for (const token of [await sign(claims, signing, { keyId: 'k' }), signSync(claims, signing, { keyId: 'k' })]) {
        for (const key of [verifying, keySet([verifying]), () => verifying]) {
          expect(subOf(verifySync(token, key, algorithms(name)))).toBe('alice')
          const [header, , signature] = (token as string).split('.')
          await refused(() => verifySync(`${header}.${Buffer.from('{"sub":"mallory","exp":32503680000}').toString('base64url')}.${signature}`, key, algorithms(name)), 'ERR_JWT_SIGNATURE')
        }
      }
      expect((verifyBytesSync(signBytesSync(utf8('x'), signing), verifying, algorithms(name)) as { payload: Uint8Array }).payload).toEqual(utf8('x'))
    }
  })

  test('WebCrypto itself takes what the one signs, and the other takes what WebCrypto signs', async () => {
    const { algorithm } = importSync(jwk) as { algorithm: object }
    const params = { ...algorithm, ...name.startsWith('ES') && { hash: `SHA-${name.slice(2)}` }, ...name.startsWith('PS') && { saltLength: Number(name.slice(2)) / 8 } }
    const raw = (from: Jwk, usages: string[]): Promise<never> => subtle.importKey('jwk', { ...from, key_ops: undefined }, algorithm, false, usages) as Promise<never>
    const token = signSync(claims, importSync(jwk)) as string
    const input = utf8(token.slice(0, token.lastIndexOf('.')))
    expect(await subtle.verify(params, await raw(open, ['verify']), fromB64u(token.split('.')[2]!), input)).toBe(true)
    const signature = new Uint8Array(await subtle.sign(params, await raw(jwk, ['sign']), input))
    expect(subOf(verifySync(`${token.slice(0, token.lastIndexOf('.'))}.${Buffer.from(signature).toString('base64url')}`, importSync(open), algorithms(name)))).toBe('alice')
  })

  test('a key made synchronously says of itself what the asynchronous one says', async () => {
    for (const [from, options] of [[jwk, {}], [jwk, { extractable: true }], [open, {}]] as const) {
      const [mine, other] = [importSync(from, options), await importAsync(from, options)] as [Record<string, unknown>, Record<string, unknown>]
      const words = ({ type, extractable, usages, algorithm }: Record<string, unknown>): unknown => ({ type, extractable, usages: [...usages as string[]].sort(), algorithm: JSON.parse(JSON.stringify(algorithm)) as unknown })
      expect(words(mine)).toEqual(words(other))
    }
  })

  test('public keys are exported and published, private and secret ones only if they are extractable', async () => {
    const [closed, extractable] = [importSync(jwk), importSync(jwk, { extractable: true })]
    await refused(exportJwk(closed), 'ERR_JWT_KEY', /extractable/)
    expect(await exportJwk(extractable)).toEqual(await exportJwk(await importAsync(jwk, { extractable: true })))
    if (isHmac(name)) return
    const key = importSync(open)
    const published = await exportJwk(await importAsync(open))
    expect(await exportJwk(key)).toEqual(published)
    expect(await exportJwk(closed, { public: true })).toEqual(published)
    expect(await thumbprint(key)).toBe(await thumbprint(open))
    expect(await thumbprint(closed)).toBe(await thumbprint(open))
    expect((await keySet([closed]).toPublicJwks()).keys).toEqual((await keySet([await importAsync(open)]).toPublicJwks()).keys)
    await refused(exportPem(closed), 'ERR_JWT_KEY', /extractable/)
    expect(await exportPem(key)).toBe(await exportPem(await importAsync(open)))
    expect(await exportPem(extractable)).toBe(await exportPem(await importAsync(jwk, { extractable: true })))
  })
})

test('what importPemSync and importSecretSync give crosses as well, kid and name with it', async () => {
  const pem = (jwk: Jwk): [unknown, unknown] => [nodePrivate(jwk).export({ format: 'pem', type: 'pkcs8' }), nodePublic(jwk).export({ format: 'pem', type: 'spki' })]
  for (const [jwk, name] of [[rsa, 'PS256'], [p256, 'ES256'], [ed25519, 'EdDSA']] as const) {
    const [signing, verifying] = [importPemSync(pem(jwk)[0], name, { keyId: 'pem' }), importPemSync(pem(jwk)[1], name, { keyId: 'pem' })]
    expect((await verify(await sign(claims, signing), keySet([verifying]), algorithms(name))).header).toMatchObject({ kid: 'pem', alg: name })
  }
  const key = importSecretSync(secret, 'HS384', { keyId: 'text' })
  expect((await verify(await sign(claims, key), keySet([key]), algorithms('HS384'))).header).toMatchObject({ kid: 'text', alg: 'HS384' })
})

test('the same key is made for WebCrypto once, however many ask for it', async () => {
  const key = importSecretSync('text that is imported for this test alone', 'HS256')
  const spy = vi.spyOn(subtle, 'importKey')
  try {
    const tokens = await Promise.all(Array.from({ length: 5 }, () => sign(claims, key)))
    for (const token of tokens) expect(subOf(await verify(token, key, algorithms('HS256')))).toBe('alice')
    expect(spy).toHaveBeenCalledTimes(1)
  } finally {
    spy.mockRestore()
  }
})

test('a key made synchronously cannot be changed: neither what it says nor what it may', () => {
  const keys = [importJwkSync(publicOf(rsa), 'RS256'), importJwkSync(p256, 'ES256'), importSecretSync(secret, 'HS256')] as { algorithm: { hash?: object }, usages: string[] }[]
  for (const key of keys) for (const part of [key, key.algorithm, key.algorithm.hash, key.usages]) expect(Object.isFrozen(part)).toBe(true)
})

// ─── keys that other code made, or that were made too early ──────────────────

describe('a CryptoKey that other code made', () => {
  const es256 = { name: 'ECDSA', namedCurve: 'P-256' }
  const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const kinds: readonly (readonly [string, Jwk, object])[] = [['ES256', p256, es256], ['RS256', rsa, rs256], ['PS256', rsa, { name: 'RSA-PSS', hash: 'SHA-256' }], ['Ed25519', ed25519, { name: 'Ed25519' }]]
  const words = /importSecretSync, importJwkSync, importPemSync/

  test.for(kinds)('serves if it is extractable; otherwise it is ERR_JWT_KEY, and the message names the importers: %s', async ([name, jwk, algorithm]) => {
    const foreign = (from: Jwk, usage: string, extractable: boolean): Promise<unknown> => subtle.importKey('jwk', from, algorithm, extractable, [usage])
    const token = signSync(claims, await foreign(jwk, 'sign', true))
    expect(subOf(verifySync(token, await foreign(publicOf(jwk), 'verify', true), algorithms(name)))).toBe('alice')
    const [signing, verifying] = [await foreign(jwk, 'sign', false), await foreign(publicOf(jwk), 'verify', false)]
    for (const act of [
      () => signSync(claims, signing), () => (createSignerSync(signing) as Call)(claims), () => signBytesSync(utf8('x'), signing), () => verifySync(token, verifying, algorithms(name)), () => (createVerifierSync(verifying, algorithms(name)) as Call)(token),
      () => verifySync(token, () => verifying, algorithms(name)), () => verifyBytesSync(token, verifying, algorithms(name)),
    ]) expect((await refused(act, 'ERR_JWT_KEY', words)).fault).toBe('server')
    expect((safeVerifySync(token, verifying, algorithms(name)) as { error: { code: string } }).error.code).toBe('ERR_JWT_KEY')
    expect(subOf(await verify(token, verifying, algorithms(name)))).toBe('alice') // the asynchronous door asks WebCrypto
  })

  test('a secret one, likewise', async () => {
    const open = await subtle.importKey('raw', secret, hmac, true, ['sign', 'verify'])
    expect(subOf(verifySync(signSync(claims, open), open, algorithms('HS256')))).toBe('alice')
    const closed = await subtle.importKey('raw', secret, hmac, false, ['sign', 'verify'])
    await refused(() => signSync(claims, closed), 'ERR_JWT_KEY', words)
    await refused(() => verifySync(signSync(claims, open), closed, algorithms('HS256')), 'ERR_JWT_KEY', words)
  })

  test('what generateKey makes counts as such: its private key serves if it is extractable, its public key always', async () => {
    const { privateKey, publicKey } = await generateKey('ES256', { extractable: true })
    expect(subOf(verifySync(signSync(claims, privateKey), publicKey, algorithms('ES256')))).toBe('alice')
    const closed = await generateKey('ES256')
    await refused(() => signSync(claims, closed.privateKey), 'ERR_JWT_KEY', words)
    expect(subOf(verifySync(await sign(claims, closed.privateKey), closed.publicKey, algorithms('ES256')))).toBe('alice')
  })

  test('a key that was imported before waxseal/node was loaded is one of those: nothing was kept of it', async () => {
    vi.resetModules()
    const main = await import('waxseal')
    const [before, open] = [await main.importSecret('a secret from before waxseal/node was loaded', 'HS256'), await main.importSecret('a secret from before waxseal/node was loaded', 'HS256', { extractable: true })]
    const late = await import('waxseal/node') as unknown as Record<keyof typeof sync, Call>
    const after = await main.importSecret('a secret from before waxseal/node was loaded', 'HS256')
    await refused(() => late.signSync(claims, before), 'ERR_JWT_KEY', words)
    const tokens = [open, after].map((key) => late.signSync(claims, key))
    expect(tokens[0]).toBe(tokens[1])
    expect(subOf(await main.verify(tokens[0] as string, before, { algorithms: ['HS256'] }))).toBe('alice')
  })

  /** Older Nodes let a caller change what a key says; newer ones ignore it. */
  const change = (key: object, more: object): boolean => {
    try {
      Object.defineProperty(key, 'algorithm', { value: more, configurable: true })
    } catch { /* frozen */ }
    return (key as { algorithm: object }).algorithm === more
  }

  test('and that lies about its kind is ERR_JWT_KEY: the material decides', async () => {
    const p384Key = (): Promise<object> => subtle.importKey('jwk', publicOf(p384), { name: 'ECDSA', namedCurve: 'P-384' }, true, ['verify'])
    const token = signSync(claims, importJwkSync(p256, 'ES256'))
    const lies: readonly [object, object][] = [
      [await p384Key(), es256], [await subtle.importKey('jwk', publicOf(rsa), rs256, true, ['verify']), es256], [await subtle.importKey('jwk', publicOf(ed25519), { name: 'Ed25519' }, true, ['verify']), es256],
    ]
    for (const [key, lie] of lies) {
      expect(change(key, lie)).toBe(true)
      await refused(() => verifySync(token, key, algorithms('ES256')), 'ERR_JWT_KEY')
    }
    // The classic: a public key that says to be a secret.
    const key = await subtle.importKey('jwk', publicOf(rsa), rs256, true, ['verify'])
    const posing = Object.defineProperties(key, { type: { value: 'secret' }, usages: { value: ['sign', 'verify'] } })
    expect(change(posing, { name: 'HMAC', hash: { name: 'SHA-256' }, length: 512 })).toBe(true)
    await refused(() => signSync(claims, posing), 'ERR_JWT_KEY')
    await refused(() => verifySync(signSync(claims, secret, { algorithm: 'HS256' }), posing, algorithms('HS256')), 'ERR_JWT_KEY')
  })

  test('what only looks like a CryptoKey is ERR_JWT_KEY, with what node:crypto says of it as cause', async () => {
    const token = signSync(claims, importJwkSync(p256, 'ES256'))
    const posing = (extractable: boolean): object => ({ type: 'public', algorithm: es256, extractable, usages: ['verify'] })
    await refused(() => verifySync(token, posing(false), algorithms('ES256')), 'ERR_JWT_KEY', words)
    expect((await refused(() => verifySync(token, posing(true), algorithms('ES256')), 'ERR_JWT_KEY')).cause).toBeInstanceOf(Error)
    const said: readonly (readonly [string, object])[] = [['ES256', es256], ['Ed25519', { name: 'Ed25519' }], ['RS256', { ...rs256, hash: { name: 'SHA-256' }, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) }]]
    for (const [name, algorithm] of said) {
      // node:crypto has the algorithm, so that it is the key that is at fault and not the runtime
      const error = await refused(() => signSync(claims, { ...posing(true), type: 'private', usages: ['sign'], algorithm }), 'ERR_JWT_KEY', new RegExp(`^${name}`))
      expect(error.cause).toBeInstanceOf(Error)
    }
  })
})

// ─── key sets ────────────────────────────────────────────────────────────────

describe('a KeySet', () => {
  const open = { ...publicOf(p256), alg: 'ES256', kid: 'a' }
  const signing = importJwkSync({ ...p256, kid: 'a' }, 'ES256')
  const token = signSync(claims, signing)
  const es256 = algorithms('ES256')

  test('of JWKs and of keys serves at once, and the asynchronous door beside it', async () => {
    for (const set of [keySet({ keys: [open] }), keySet([importJwkSync(open)]), keySet([{ key: importJwkSync(publicOf(p256), 'ES256'), keyId: 'a' }]), keySet([await importJwk(open)])]) {
      for (let time = 0; time < 2; time++) {
        expect(subOf(verifySync(token, set, es256))).toBe('alice')
        expect(subOf(await verify(token, set, es256))).toBe('alice')
        expect(subOf((createVerifierSync(set, es256) as Call)(token))).toBe('alice')
        expect((verifyBytesSync(token, set, es256) as { header: object }).header).toMatchObject({ kid: 'a' })
      }
      await refused(() => verifySync(signSync(claims, importJwkSync(p384, 'ES384'), { keyId: 'a' }), set, algorithms('ES384')), 'ERR_JWT_KEY_NOT_FOUND')
      await refused(() => verifySync(signSync(claims, signing, { keyId: 'b' }), set, es256), 'ERR_JWT_KEY_NOT_FOUND')
    }
    const rotation = keySet({ keys: [{ ...oct, alg: 'HS256', kid: 'old' }] })
    expect(subOf(verifySync(signSync(claims, importJwkSync({ ...oct, kid: 'old' }, 'HS256')), rotation, algorithms('HS256')))).toBe('alice')
  })

  test('serves where there is no WebCrypto, which this door does not ask for', async () => {
    vi.stubGlobal('crypto', undefined)
    try {
      const set = keySet({ keys: [open] })
      expect(subOf(verifySync(token, set, es256))).toBe('alice')
      await refused(verify(token, set, es256), 'ERR_JWT_UNSUPPORTED', /https/)
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('sets aside a member that is off its curve, and serves with the others', () => {
    const set = keySet({ keys: [{ ...open, x: open.y, kid: 'bad' }, open] })
    expect(subOf(verifySync(token, set, es256))).toBe('alice')
    expect(set.skipped).toMatchObject([{ index: 0, kid: 'bad' }])
  })

  test('of private keys is ERR_JWT_KEY, at creation too', async () => {
    for (const set of [keySet([signing]), keySet({ keys: [{ ...p256, alg: 'ES256' }] })]) {
      await refused(() => verifySync(token, set, es256), 'ERR_JWT_KEY', /toPublicJwks/)
      await refused(() => createVerifierSync(set, es256), 'ERR_JWT_KEY', /toPublicJwks/)
    }
  })

  test('of another kind is asked for names and told who asks, and what it answers is checked like any key', () => {
    const asked: unknown[] = []
    const set = {
      skipped: [],
      *[Symbol.for('waxseal.KeySet')](alg?: string, kid?: string, allowed?: string[], engine?: { waits: boolean }): Generator<unknown, unknown> {
        if (!alg) return []
        asked.push([alg, kid, allowed, engine?.waits])
        return [yield importJwkSync(open)]
      },
    }
    expect(subOf(verifySync(token, set, es256))).toBe('alice')
    expect(asked).toEqual([['ES256', 'a', ['ES256'], false]])
  })

  test('that would have to wait lets nothing pass', () => {
    const set = {
      skipped: [],
      *[Symbol.for('waxseal.KeySet')](alg?: string): Generator<unknown, unknown> {
        return alg ? [yield importJwk(open)] : []
      },
    }
    for (const act of [() => verifySync(token, set, es256), () => (createVerifierSync(set, es256) as Call)(token), () => verifyBytesSync(token, set, es256)]) expect(act).toThrow(expect.objectContaining({ code: 'ERR_JWT_KEY', fault: 'server', cause: expect.any(TypeError) }))
  })

  test('that may wait where the door waits, serves there', async () => {
    const set = {
      skipped: [],
      *[Symbol.for('waxseal.KeySet')](alg?: string): Generator<unknown, unknown> {
        return alg ? [yield importJwk(open)] : []
      },
    }
    expect(subOf(await verify(token, set, es256))).toBe('alice')
  })
})
