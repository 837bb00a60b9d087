// The synchronous door takes no Promise for an answer, so a set over the network serves what it holds.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createVerifier } from 'waxseal'
import { discover, type RemoteKeySet } from 'waxseal/jwks'
import { createVerifierSync, verifySync } from 'waxseal/node'
import { check, current, endpoint, falseClock, jwksOf, old, outcome, pass, settle, watched, type Member } from './support'

beforeEach(falseClock)
afterEach(() => void vi.useRealTimers())

const at = (set: RemoteKeySet, by: Member | string = current): unknown => {
  try {
    return verifySync(typeof by === 'string' ? by : by.token(), set, { algorithms: ['ES256'] }).payload.sub
  } catch (error) {
    return (error as { code?: string }).code ?? error
  }
}

describe('verifySync', () => {
  test('with nothing in hand is ERR_JWKS_FETCH that names reload(); after it the keys serve', async () => {
    const { set } = watched(endpoint())
    expect(() => verifySync(current.token(), set, { algorithms: ['ES256'] })).toThrow('await set.reload()')
    expect(at(set)).toBe('ERR_JWKS_FETCH')
    await set.reload()
    expect([at(set), at(set, old)]).toEqual(['current', 'ERR_JWT_KEY_NOT_FOUND'])
  })

  test('names reload() also when a fetch has failed, with the failure as cause', async () => {
    const { set } = watched(endpoint(500))
    await set.reload().catch(() => {})
    try {
      verifySync(current.token(), set, { algorithms: ['ES256'] })
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_JWKS_FETCH', fault: 'server', message: expect.stringContaining('await set.reload()'), cause: { code: 'ERR_JWKS_FETCH', actual: 500 } })
    }
  })

  test('starts the refresh that is due and does not wait for it, so that the next one has it', async () => {
    const api = endpoint(jwksOf(old))
    const { set } = watched(api)
    expect(at(set, old)).toBe('ERR_JWKS_FETCH')
    await settle()
    expect(at(set, old)).toBe('old')
    api.reply = jwksOf(current)
    await pass(601)
    expect(at(set, old)).toBe('old')
    await settle()
    expect([at(set, old), at(set)]).toEqual(['ERR_JWT_KEY_NOT_FOUND', 'current'])
    expect(api.requests.length).toBe(2)
  })

  test('an unknown kid has its key looked for in the background, once per cooldown', async () => {
    const api = endpoint(jwksOf(old))
    const { set } = watched(api)
    await set.reload()
    api.reply = jwksOf(old, current)
    await pass(30)
    expect([at(set), at(set)]).toEqual(['ERR_JWT_KEY_NOT_FOUND', 'ERR_JWT_KEY_NOT_FOUND'])
    await settle()
    expect(at(set)).toBe('current')
    expect(api.requests.length).toBe(2)
  })

  test('serves stale keys as long as the asynchronous door does', async () => {
    const api = endpoint()
    const { set } = watched(api, { staleIfError: '1h' })
    await set.reload()
    api.reply = 500
    await pass(3599)
    expect(at(set)).toBe('current')
    await pass(2)
    expect(at(set)).toBe('ERR_JWKS_FETCH')
  })

  test('one set serves both doors, and both verifiers with a cache', async () => {
    const api = endpoint()
    const { set } = watched(api)
    await check(set)
    expect(at(set)).toBe('current')
    const options = { algorithms: ['ES256'], cache: true } as const
    const verifier = createVerifier(set, options)
    const verifierSync = createVerifierSync(set, options)
    for (let i = 0; i < 3; i++) expect([(await verifier(current.token())).payload.sub, verifierSync(current.token()).payload.sub]).toEqual(['current', 'current'])
    expect(api.requests.length).toBe(1)
  })

  test('discovered keys serve it, too', async () => {
    const pages: Record<string, object> = {
      'https://issuer.example/.well-known/openid-configuration': { issuer: 'https://issuer.example', jwks_uri: 'https://issuer.example/jwks' }, 'https://issuer.example/jwks': jwksOf(current),
    }
    const { keys } = discover('https://issuer.example', { fetch: (address, init) => endpoint(pages[address]).fetch(address, init) })
    await keys.reload()
    expect(at(keys)).toBe('current')
  })
})

test('a verifier with a cache refuses a token once its key has been removed', async () => {
  const api = endpoint(jwksOf(old, current))
  const { set } = watched(api)
  const verifier = createVerifier(set, { algorithms: ['ES256'], cache: true })
  const token = old.token()
  await verifier(token)
  await verifier(token)
  api.reply = jwksOf(current)
  await set.reload()
  expect(await verifier.safe(token)).toMatchObject({ ok: false, error: { code: 'ERR_JWT_KEY_NOT_FOUND' } })
  expect(await outcome(set)).toBe('current')
})
