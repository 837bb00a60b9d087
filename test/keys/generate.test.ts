// generateKey and isSupported.

import { describe, expect, test, vi } from 'vitest'
import { algorithms, decode, isSupported } from 'waxseal'
import { usable } from '../support/door'
import { claims, isHmac, misused, pairs, refused, subtle, supported, untyped, worthGenerating } from '../support/keys'

const { exportJwk, generateKey, sign, thumbprint, verify } = untyped

test('this runtime has every algorithm but perhaps ML-DSA', () => {
  expect(algorithms.filter((name) => !supported.includes(name) && !name.startsWith('ML-DSA'))).toEqual([])
})

test.for(algorithms)('isSupported(%s) tells whether a key can be made and used', async (name) => {
  if (await isSupported(name)) {
    const [{ signing, verifying }] = await pairs(name)
    expect((await verify(await sign(claims, signing), verifying, { algorithms: [name] })).payload.sub).toBe('alice')
  } else {
    await refused(generateKey(name), 'ERR_JWT_UNSUPPORTED', new RegExp(name))
  }
})

test('isSupported remembers its answer', async () => {
  await isSupported('ES384')
  const spies = [vi.spyOn(subtle, 'generateKey'), vi.spyOn(subtle, 'importKey')]
  try {
    expect(await isSupported('ES384')).toBe(true)
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
})

test('a runtime that fails has not answered: isSupported throws, and asks again the next time', async () => {
  vi.resetModules()
  const fresh = await import('../../src/index')
  for (const [name, method] of [['ES256', 'generateKey'], ['RS256', 'importKey']] as const) {
    const failing = vi.spyOn(subtle, method).mockRejectedValueOnce(new Error('out of entropy'))
    try {
      await refused(fresh.isSupported(name), 'ERR_JWT_KEY')
      expect(await fresh.isSupported(name)).toBe(true)
    } finally {
      failing.mockRestore()
    }
  }
})

test.for([2048, 16384])('an RSA modulus of %i bits is asked of the runtime, one beyond the bound is a TypeError', async (modulusLength) => {
  const generating = vi.spyOn(subtle, 'generateKey').mockRejectedValue(new Error('asked'))
  try {
    await refused(generateKey('RS256', { modulusLength }), 'ERR_JWT_KEY')
    expect(generating.mock.calls.map(([algorithm]) => algorithm)).toMatchObject([{ modulusLength }])
    await misused(generateKey('RS256', { modulusLength: modulusLength === 2048 ? 2047 : 16385 }))
  } finally {
    generating.mockRestore()
  }
})

test.for(supported.filter(isHmac))('%s: a secret key, not extractable, without kid, long enough', async (name) => {
  const key = await generateKey(name)
  expect([key.type, key.extractable, [...key.usages].sort()]).toEqual(['secret', false, ['sign', 'verify']])
  for (const options of usable) {
    const signing = await generateKey(name, options)
    const token = await sign(claims, signing)
    expect(decode(token).header).toEqual({ alg: name, typ: 'JWT' })
    expect((await verify(token, signing, { algorithms: [name] })).payload.sub).toBe('alice')
    await refused(verify(token, await generateKey(name, options), { algorithms: [name] }), 'ERR_JWT_SIGNATURE')
  }
  await refused(exportJwk(key), 'ERR_JWT_KEY')
  const { k, ...rest } = await exportJwk(await generateKey(name, { extractable: true, keyId: 'mine' }))
  expect(rest).toEqual({ kty: 'oct', alg: name, kid: 'mine' })
  expect((k as string).length).toBeGreaterThanOrEqual(Number(name.slice(-3)) / 8 * 4 / 3)
})

describe.for(worthGenerating)('%s', (name) => {
  test('a pair: the private key signs and is not extractable, the public one verifies and is', async () => {
    const { privateKey, publicKey } = await generateKey(name)
    expect([privateKey.type, privateKey.extractable, privateKey.usages]).toEqual(['private', false, ['sign']])
    expect([publicKey.type, publicKey.extractable, publicKey.usages]).toEqual(['public', true, ['verify']])
    await refused(exportJwk(privateKey), 'ERR_JWT_KEY')
    expect(await exportJwk(publicKey)).toMatchObject({ alg: name, kid: await thumbprint(publicKey) })
  })

  test('what the one signs the other verifies, and no other key does', async () => {
    for (const options of usable) {
      const { privateKey, publicKey } = await generateKey(name, options)
      const token = await sign(claims, privateKey)
      expect((await verify(token, publicKey, { algorithms: [name] })).payload.sub).toBe('alice')
      expect(decode(token).header).toEqual({ alg: name, typ: 'JWT', kid: await thumbprint(publicKey) })
      await refused(verify(token, (await pairs(name))[1].verifying, { algorithms: [name] }), 'ERR_JWT_SIGNATURE')
    }
  })

  test('keyId and extractable are obeyed', async () => {
    const { privateKey, publicKey } = await generateKey(name, { keyId: 'mine', extractable: true })
    expect(privateKey.extractable).toBe(true)
    expect(decode(await sign(claims, privateKey)).header.kid).toBe('mine')
    expect((await exportJwk(publicKey))['kid']).toBe('mine')
    expect(await exportJwk(privateKey)).toMatchObject({ kid: 'mine', alg: name })
  })
})

test('RSA has 2048 bits and e = 65537 unless told, and as many bits as told', async () => {
  const size = async (options?: object): Promise<unknown> => ((await generateKey('RS256', options)).publicKey.algorithm as unknown as { modulusLength: number }).modulusLength
  expect(await size()).toBe(2048)
  expect(await size({ modulusLength: 2056 })).toBe(2056)
  expect((await exportJwk((await generateKey('PS512')).publicKey))['e']).toBe('AQAB')
})

test.for<unknown>([2047, 1024, 0, -2048, 16385, 2048.5, NaN, Infinity, '2048', null, undefined])('modulusLength %j is a TypeError', async (modulusLength) => {
  await misused(generateKey('RS256', { modulusLength }))
})

test.for(supported.filter((name) => !/^[RP]S/.test(name)))('modulusLength for %s is a TypeError', async (name) => {
  await misused(generateKey(name, { modulusLength: 2048 }))
})

test.for<unknown>([{ keyId: '' }, { keyId: 1 }, { keyId: undefined }, { extractable: 1 }, { allowWeakKeys: true }, { publicExponent: 3 }, null, [], 'a', Object.create({ keyId: 'a' })])('wrong options are a TypeError: %j', async (options) => {
  await misused(generateKey('ES256', options))
})
