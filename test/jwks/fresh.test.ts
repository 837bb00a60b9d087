// When keys are fetched: not before they are needed, as long as Cache-Control says within bounds, ahead of expiry, once.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createVerifier } from 'waxseal'
import { remoteKeySet } from 'waxseal/jwks'
import { check, current, endpoint, falseClock, jump, jwksOf, old, outcome, pass, settle, stranger, url, watched } from './support'

beforeEach(falseClock)
afterEach(() => void vi.useRealTimers())

describe('the first fetch', () => {
  test('is made when a key is first asked for: making a set or a verifier asks for nothing and starts no timer', async () => {
    const api = endpoint()
    const { set } = watched(api)
    const verifier = createVerifier(set, { algorithms: ['ES256'] })
    set.status()
    await settle()
    expect(api.requests.length).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    expect((await verifier(current.token())).payload.sub).toBe('current')
    expect(api.requests.length).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is made once for all that wait for it', async () => {
    const api = endpoint()
    const { set } = watched(api)
    expect(await Promise.all(Array.from({ length: 100 }, () => outcome(set)))).toEqual(Array(100).fill('current'))
    expect(api.requests.length).toBe(1)
  })

  test('is not made for a token that the allowlist refuses', async () => {
    const api = endpoint()
    expect(await outcome(watched(api).set, current.token({ alg: 'ES384' }))).toBe('ERR_JWT_ALGORITHM')
    expect(api.requests.length).toBe(0)
  })
})
