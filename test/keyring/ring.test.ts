// A ring and its store: what is kept, who may sign, and what happens when the store, the clock or another process fails.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createVerifier, decode, importJwk, keySet, sign, verify } from 'waxseal'
import { keyRing as typed, type KeyRing, type KeyRingEvent } from 'waxseal/keyring'
import { createVerifierSync, verifySync } from 'waxseal/node'
import { misused, refused, thrown } from '../support/tokens'

const keyRing = typed as unknown as (options: unknown) => KeyRing<'Ed25519'>
const start = 1_700_000_000
const day = 86_400
const place = 'waxseal:ring:default'

interface Entry { activates: number, lifetime: number, jwk: Record<string, string>, revoked?: boolean }

/** A world with a clock that is turned by hand and a store that can be looked into and broken. */
function world(more: object = {}) {
  const data = new Map<string, string>()
  const events: KeyRingEvent[] = []
  const state = { time: start, isDown: false, isReadOnly: false, hangs: false, reads: 0, writes: 0 }
  const store = {
    get: async (key: string) => {
      state.reads++
      if (state.hangs) await new Promise(() => {})
      if (state.isDown) throw new Error('the store is down')
      return data.get(key)
    },
    set: async (key: string, text: string) => {
      if (state.isDown || state.isReadOnly) throw new Error('the store takes nothing')
      state.writes++
      data.set(key, text)
    },
  }
  const settings = { algorithm: 'Ed25519', tokenLifetime: 3600, store, now: () => new Date(state.time * 1000), onEvent: (event: KeyRingEvent) => void events.push(event), timeout: 0.05, ...more }
  return {
    data, events, state, settings,
    open: (other: object = {}) => keyRing({ ...settings, ...other }),
    entries: () => (JSON.parse(data.get(place)!) as { keys: Entry[] }).keys,
    write: (keys: unknown) => data.set(place, JSON.stringify({ version: 1, keys })),
  }
}

const kidOf = (token: string): string => decode(token).header.kid as string
const kids = async (ring: KeyRing): Promise<string[]> => (await ring.toPublicJwks()).keys.map(({ kid }) => kid)
const token = (ring: KeyRing): Promise<string> => ring.sign({ sub: 'a' }, { expiresIn: '1h' })

// ─── options ─────────────────────────────────────────────────────────────────

describe('options', () => {
  const { settings } = world()

  test.each(['algorithm', 'tokenLifetime', 'store'])('%s is required', async (name) => {
    await misused(() => keyRing(Object.fromEntries(Object.entries(settings).filter(([one]) => one !== name))), name)
  })

  test.each<[string, object]>([
    ['a slip in a name', { rotateEach: '30d' }],
    ['undefined', { maxAge: undefined }],
    ['a symmetric algorithm, which has nothing to publish', { algorithm: 'HS256' }],
    ['an algorithm that there is not', { algorithm: 'ES257' }],
    ['a store without set', { store: { get() {} } }],
    ['a number without a store', { store: 7 }],
    ['a fixed clock', { now: new Date() }],
    ['a clock tolerance over ten minutes', { clockTolerance: 601 }],
    ['a time-out over a minute', { timeout: 61 }],
    ['a modulus for a key that has none', { modulusLength: 4096 }],
    ['an RSA key that is too short', { algorithm: 'RS256', modulusLength: 1024 }],
    ['milliseconds', { tokenLifetime: 9e11 }],
    ['keys that sign before every cache has seen them', { maxAge: 600, clockTolerance: 60, reloadEvery: 60, publishBefore: 779 }],
    ['keys that are published for longer than they sign', { rotateEvery: '1d', publishBefore: '2d' }],
    ['a schedule of more keys at a time than a ring keeps', { rotateEvery: '1d', tokenLifetime: '90d' }],
  ])('%s is a TypeError', async (_, more) => {
    await misused(() => keyRing({ ...settings, ...more }), 'keyRing')
  })

  test('a schedule of 62 keys at a time is accepted, of 63 is not: those whose tokens live, the one that signs and the next', async () => {
    const [rotateEvery, publishBefore, lead] = [day, day / 2, 600 + 60 + 2 * 60]
    const tokenLifetime = 60 * rotateEvery - publishBefore - lead
    expect(keyRing({ ...settings, rotateEvery, tokenLifetime }).maxAge).toBe(600)
    await misused(() => keyRing({ ...settings, rotateEvery, tokenLifetime: tokenLifetime + 1 }), '62 keys')
  })

  test('the shortest lead that the caches allow is accepted, and so is a lead as long as the rotation', () => {
    expect(keyRing({ ...settings, maxAge: 600, clockTolerance: 60, reloadEvery: 60, publishBefore: 780 }).maxAge).toBe(600)
    expect(keyRing({ ...settings, rotateEvery: '2d', publishBefore: '2d' }).maxAge).toBe(600)
  })

  test('making a ring asks no store and starts nothing', () => {
    const { open, state } = world()
    expect(open().status()).toMatchObject({ keys: [], loadedAt: undefined, failures: 0 })
    expect(state.reads).toBe(0)
  })

  test('a Map is a store, for a process that may forget', async () => {
    const store = new Map<string, string>()
    await token(keyRing({ ...settings, store }))
    expect([...store.keys()]).toEqual([place])
  })
})

// ─── signing ─────────────────────────────────────────────────────────────────

describe('sign', () => {
  test('signs what the ring\'s own JWKS verifies', async () => {
    const { open, settings } = world()
    const ring = open()
    const text = await ring.sign({ sub: 'a', role: 'x' }, { issuer: 'me', expiresIn: '15m', type: 'at+jwt', header: { extra: 1 } })
    const { payload, header } = await verify(text, keySet(await ring.toPublicJwks()), { algorithms: ['Ed25519'], issuer: 'me', type: 'at+jwt', now: settings.now() })
    expect(payload).toEqual({ sub: 'a', role: 'x', iss: 'me', iat: start, exp: start + 900 })
    expect(header).toMatchObject({ alg: 'Ed25519', kid: (await kids(ring))[0], extra: 1 })
  })

  test('the ring itself is a key set for verify', async () => {
    const { open, settings } = world()
    const ring = open()
    const verifier = createVerifier(ring, { algorithms: ['Ed25519'], now: settings.now })
    expect((await verifier(await token(ring))).payload.sub).toBe('a')
    await refused('ERR_JWT_KEY_NOT_FOUND', async () => verifier(await token(world().open())))
  })

  test('for the synchronous door it serves what it holds, and asks no store', async () => {
    const { open, settings, state } = world()
    const [ring, fresh] = [open(), open()]
    const text = await token(ring)
    const { reads } = state
    const options = { algorithms: ['Ed25519'], now: settings.now() } as const
    expect(verifySync(text, ring, options).payload.sub).toBe('a')
    await refused('ERR_JWT_KEY', () => verifySync(text, fresh, options))
    expect(state.reads).toBe(reads)
    await fresh.reload()
    expect(createVerifierSync(fresh, { ...options, now: settings.now })(text).payload.sub).toBe('a')
  })

  test.each<[string, object, object?]>([
    ['a token that outlives tokenLifetime', { expiresIn: 3601 }],
    ['one that outlives it by its own exp', {}, { exp: start + 3602 }],
    ['one that never expires', { expiresIn: false }],
    ['neither expiresIn nor exp', {}],
    ['a clock of its own', { expiresIn: 1, now: new Date() }],
    ['a kid of its own', { expiresIn: 1, keyId: 'x' }],
    ['an algorithm of its own', { expiresIn: 1, algorithm: 'Ed25519' }],
    ['a slip in a name', { expiresIn: 1, isuer: 'x' }],
    ['undefined for an option', { expiresIn: 1, issuer: undefined }],
    ['a payload that is a class instance', { expiresIn: 1 }, new Date()],
    ['a claim given twice', { expiresIn: 1, subject: 'a' }, { sub: 'a' }],
  ])('%s is a TypeError', async (_, options, payload = {}) => {
    await misused(() => world().open().sign(payload as never, options as never))
  })

  test('a token as long as tokenLifetime is signed, by expiresIn and by exp', async () => {
    const ring = world().open()
    await expect(ring.sign({}, { expiresIn: 3600 })).resolves.toBeTypeOf('string')
    await expect(ring.sign({ exp: start + 3600 })).resolves.toBeTypeOf('string')
  })

  test('current() is the key whose turn it is, and gives its private part to nobody', async () => {
    const { open, settings } = world()
    const ring = open()
    const key = await ring.current()
    expect(key).toMatchObject({ type: 'private', extractable: false })
    await expect(crypto.subtle.exportKey('jwk', key as never)).rejects.toThrow()
    expect(kidOf(await sign({}, key, { expiresIn: 60, now: settings.now() }))).toBe(kidOf(await token(ring)))
  })

  test.each(['RS256', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])('%s', async (algorithm) => {
    const { open, settings } = world({ algorithm })
    const text = await token(open())
    expect(decode(text).header.alg).toBe(algorithm)
    await verify(text, open(), { algorithms: [algorithm as 'ES256'], now: settings.now() }) // another process, from the store
  })
})

// ─── what the store holds ────────────────────────────────────────────────────

describe('the store', () => {
  test('holds the private keys as JWKs under one name, and a new process signs with them', async () => {
    const { open, data, entries } = world()
    const ring = open()
    const text = await token(ring)
    expect([...data.keys()]).toEqual([place])
    expect(entries()).toEqual([{ activates: start, lifetime: 3600, jwk: expect.objectContaining({ kty: 'OKP', alg: 'Ed25519', kid: kidOf(text), d: expect.any(String) }) }])
    expect(kidOf(await token(open()))).toBe(kidOf(text))
  })

  test('is asked once per reloadEvery, however many tokens are signed', async () => {
    const { open, state } = world()
    const ring = open()
    await Promise.all(Array.from({ length: 50 }, () => token(ring)))
    const { reads } = state
    expect(state.writes).toBe(1)
    state.time += 59
    await token(ring)
    expect(state.reads).toBe(reads)
    state.time += 1
    await token(ring)
    expect(state.reads).toBe(reads + 1)
  })

  test('one that holds something else under the name is refused and not written over', async () => {
    for (const text of ['hello', '{"version":2,"keys":[]}', '{"version":1}', '[]', '{"version":1,"keys":[1]}', '{"version":1,"version":1,"keys":[]}']) {
      const { open, data } = world()
      data.set(place, text)
      await refused('ERR_JWT_KEY', () => open().reload())
      expect(data.get(place)).toBe(text)
    }
  })

  test('an entry that cannot be read is reported and stays as it is', async () => {
    const { open, write, entries, events } = world()
    const odd = { activates: start, lifetime: 60, jwk: { kty: 'OKP', crv: 'Ed448', x: 'AA', kid: 'odd' }, note: 'of a later version' }
    write([odd])
    const ring = open()
    expect(await kids(ring)).toHaveLength(1)
    expect(entries()).toEqual([odd, expect.objectContaining({ lifetime: 3600 })])
    expect(ring.skipped).toMatchObject([{ index: 0, kid: 'odd' }])
    expect(events).toContainEqual(expect.objectContaining({ type: 'skipped', kid: 'odd' }))
  })

  test.each<[string, (entry: Entry) => unknown]>([
    ['without alg', ({ jwk: { alg: _, ...jwk }, ...entry }) => ({ ...entry, jwk })], ['of an unknown alg', (entry) => ({ ...entry, jwk: { ...entry.jwk, alg: 'X' } })],
    ['without a kid', ({ jwk: { kid: _, ...jwk }, ...entry }) => ({ ...entry, jwk })], ['without a jwk', ({ jwk: _, ...entry }) => entry], ['whose jwk is null', (entry) => ({ ...entry, jwk: null })],
    ['whose jwk is a list', (entry) => ({ ...entry, jwk: [entry.jwk] })], ['whose time is text', (entry) => ({ ...entry, activates: '0' })], ['without a lifetime', ({ lifetime: _, ...entry }) => entry],
    ['of a negative lifetime', (entry) => ({ ...entry, lifetime: -1 })], ['whose private part is another key\'s', (entry) => ({ ...entry, jwk: { ...entry.jwk, d: 'A'.repeat(43) } })],
  ])('an entry %s spoils no other', async (_, spoil) => {
    const { open, write, entries } = world()
    await open().reload()
    const [bad] = entries()
    write([])
    const good = await token(open())
    write([spoil(bad!), ...entries()])
    const ring = open()
    expect(kidOf(await token(ring))).toBe(kidOf(good))
    expect(ring.skipped).toHaveLength(1)
    expect(JSON.stringify([ring.skipped, ring.status()])).not.toContain(bad!.jwk['d'])
    await ring.reload()
    expect(entries()).toHaveLength(2)
  })

  test('a kid that is not the thumbprint of its key is set aside: nobody can put another key in a key\'s place', async () => {
    const victim = world()
    await victim.open().reload()
    const attacker = world()
    await attacker.open().reload()
    victim.write([{ ...attacker.entries()[0]!, jwk: { ...attacker.entries()[0]!.jwk, kid: victim.entries()[0]!.jwk['kid'] } }])
    const ring = victim.open()
    await ring.reload()
    expect(ring.skipped).toHaveLength(1)
  })

  test('a secret among the entries is set aside', async () => {
    const { open, write } = world()
    write([{ activates: 0, lifetime: 1, jwk: { kty: 'oct', alg: 'HS256', kid: 's', k: 'A'.repeat(43) } }])
    const ring = open()
    expect(JSON.stringify(await ring.toPublicJwks())).not.toContain('oct')
    expect(ring.skipped).toHaveLength(1)
  })

  test('a store that never shows what was written does not fill up, and the ring signs', async () => {
    const { open, data, state } = world()
    const ring = open({ store: { get: async () => undefined, set: async (key: string, text: string) => { state.writes++; data.set(key, text) } } })
    const first = await token(ring)
    for (let i = 0; i < 5; i++) {
      state.time += 60
      expect(kidOf(await token(ring))).toBe(kidOf(first))
    }
    expect((JSON.parse(data.get(place)!) as { keys: Entry[] }).keys).toHaveLength(1)
  })
})

// ─── rotation ────────────────────────────────────────────────────────────────

describe('rotation', () => {
  test('the next key is published before it signs; the last one stays until its tokens have expired', async () => {
    const { open, state, entries } = world()
    const ring = open()
    const first = kidOf(await token(ring))
    state.time = start + 29 * day - 1
    expect(await kids(ring)).toEqual([first])
    state.time = start + 29 * day + 60
    await ring.reload()
    const [, second] = await kids(ring)
    expect(second).toBeTypeOf('string')
    state.time = start + 30 * day
    expect(kidOf(await token(ring))).toBe(first)
    expect(ring.status().keys.map((key) => key.state)).toEqual(['current', 'next'])
    state.time = entries()[1]!.activates
    expect(kidOf(await token(ring))).toBe(second)
    expect(await kids(ring)).toEqual([second, first]) // the signing one first
    expect(ring.status().keys.map((key) => key.state)).toEqual(['retiring', 'current'])
    state.time += 3600 + 600 + 60 + 120 - 1
    expect(await kids(ring)).toEqual([second, first])
    state.time += 1
    expect(await kids(ring)).toEqual([second])
    state.time += 60
    await ring.reload()
    expect(entries().map(({ jwk }) => jwk['kid'])).toEqual([second]) // the private part is gone as well
  })

  test('a process that starts a year late signs with the old key until the new one has been published in full', async () => {
    const { open, state } = world()
    const old = kidOf(await token(open()))
    state.time += 365 * day
    const late = open()
    expect(kidOf(await token(late))).toBe(old)
    expect(await kids(late)).toHaveLength(2)
    state.time += day - 61
    expect(kidOf(await token(late))).toBe(old)
    state.time += 62
    expect(kidOf(await token(late))).not.toBe(old)
  })

  test('a longer tokenLifetime keeps the keys for as long, in the store and so for all processes', async () => {
    const { open, entries } = world()
    await open().reload()
    await open({ tokenLifetime: '7d' }).sign({}, { expiresIn: '7d' })
    expect(entries()[0]!.lifetime).toBe(7 * day)
    await open().reload() // the old setting does not shorten it again
    expect(entries()[0]!.lifetime).toBe(7 * day)
  })

  test('a change of algorithm: the old key signs on until the new one has been published', async () => {
    const { open, state } = world()
    const old = await token(open())
    const ring = open({ algorithm: 'ES256' })
    expect(kidOf(await token(ring))).toBe(kidOf(old))
    state.time += day + 1
    const text = await token(ring)
    expect(decode(text).header.alg).toBe('ES256')
    await verify(old, ring, { algorithms: ['Ed25519'], now: new Date(start * 1000) })
    await verify(text, ring, { algorithms: ['ES256'], now: new Date(state.time * 1000) })
  })

  test('revoke: the key signs no more, is published no more, and its private part is gone for every process', async () => {
    const { open, entries, data } = world()
    const [one, other] = [open(), open()]
    const leaked = kidOf(await token(one))
    await token(other)
    const stalled = data.get(place)!
    await one.revoke(leaked)
    expect(kidOf(await token(one))).not.toBe(leaked)
    expect(await kids(one)).not.toContain(leaked)
    expect(entries().find(({ jwk }) => jwk['kid'] === leaked)).toMatchObject({ revoked: true, jwk: expect.not.objectContaining({ d: expect.anything() }) })
    await other.reload()
    expect(await kids(other)).not.toContain(leaked)
    expect(kidOf(await token(other))).toBe(kidOf(await token(one)))
    data.set(place, stalled) // a slow writer brings it back
    await other.reload()
    expect(await kids(other)).not.toContain(leaked)
    expect(entries().find(({ jwk }) => jwk['kid'] === leaked)).toMatchObject({ revoked: true, jwk: expect.not.objectContaining({ d: expect.anything() }) })
    expect(await kids(open())).not.toContain(leaked) // nor for one that starts now
    await refused('ERR_JWT_KEY_NOT_FOUND', () => one.revoke('no such kid'))
  })
})

test('revoke: in any order with other readings and writings, the key does not come back', async () => {
  await fc.assert(fc.asyncProperty(fc.scheduler(), async (order) => {
    const data = new Map<string, string>()
    const open = () => keyRing({
      algorithm: 'Ed25519', tokenLifetime: 3600, now: () => new Date(start * 1000), timeout: 60,
      store: {
        get: (key: string) => order.schedule(Promise.resolve(), 'get').then(() => data.get(key)),
        set: (key: string, text: string) => order.schedule(Promise.resolve(), 'set').then(() => void data.set(key, text)),
      },
    })
    const [one, other] = [open(), open()]
    const leaked = kidOf(await order.waitFor(token(one)))
    await order.waitFor(token(other))
    await order.waitFor(Promise.all([one.revoke(leaked), one.reload(), other.reload(), one.reload(), other.reload()]))
    for (const ring of [one, other, one, other]) await order.waitFor(ring.reload())
    for (const ring of [one, other, open()]) {
      expect(await order.waitFor(kids(ring))).not.toContain(leaked)
      expect(kidOf(await order.waitFor(token(ring)))).not.toBe(leaked)
    }
    expect(JSON.parse(data.get(place)!).keys.find(({ jwk }: Entry) => jwk['kid'] === leaked).jwk).not.toHaveProperty('d')
  }), { numRuns: 60 })
}, 60_000)

// ─── faults ──────────────────────────────────────────────────────────────────

describe('revoke, when things go wrong', () => {
  test('withdraws here though the store is down, and rejects; everywhere once it is back', async () => {
    const { open, state } = world()
    const [ring, other] = [open(), open()]
    const leaked = kidOf(await token(ring))
    await other.reload()
    state.isDown = true
    await refused('ERR_JWT_KEY', () => ring.revoke(leaked))
    await expect(token(ring)).rejects.toThrow()
    expect(await kids(ring).catch(() => [])).not.toContain(leaked)
    state.isDown = false
    state.time += 61
    await ring.reload()
    await other.reload()
    expect(await kids(other)).not.toContain(leaked)
  })

  test('a process that was away for longer than it may brings no revoked key back', async () => {
    const { open, state } = world()
    const [a, asleep] = [open(), open()]
    const first = kidOf(await token(a))
    await asleep.reload()
    state.time += 3600
    await a.revoke(first)
    state.time += 5 * day
    await a.reload()
    await a.revoke(kidOf(await token(a)))
    state.time += 600
    await asleep.reload()
    for (const ring of [a, asleep, open()]) expect(await kids(ring)).not.toContain(first)
  })
})

describe('when the store fails', () => {
  test('a ring that never had a key refuses, with the cause, and works as soon as the store does', async () => {
    const { open, state } = world()
    const ring = open()
    state.isDown = true
    const error = await refused('ERR_JWT_KEY', () => token(ring))
    expect(String((error as { cause?: unknown }).cause)).toContain('the store is down')
    await refused('ERR_JWT_KEY', () => ring.toPublicJwks())
    await refused('ERR_JWT_KEY', () => ring.reload())
    state.isDown = false
    expect(kidOf(await token(ring))).toBeTypeOf('string')
  })

  test('no key signs that no store has taken', async () => {
    const { open, state } = world()
    state.isReadOnly = true
    const ring = open()
    await refused('ERR_JWT_KEY', () => token(ring))
    expect(ring.status().keys).toEqual([])
  })

  test('a ring that has a key signs on with it, for years, and says so', async () => {
    const { open, state, events } = world()
    const ring = open()
    const kid = kidOf(await token(ring))
    state.isDown = true
    for (const seconds of [60, day, 400 * day]) {
      state.time += seconds
      expect(kidOf(await token(ring))).toBe(kid)
      expect(await kids(ring)).toEqual([kid])
    }
    expect(ring.status()).toMatchObject({ failures: expect.any(Number), lastError: expect.objectContaining({ message: 'the store is down' }) })
    expect(ring.status().failures).toBeGreaterThan(1)
    expect(events.filter(({ type }) => type === 'error').length).toBeGreaterThan(1)
    await refused('ERR_JWT_KEY', () => ring.reload())
    state.isDown = false
    await ring.reload()
    expect(ring.status()).toMatchObject({ failures: 0, lastError: undefined })
    expect(await kids(ring)).toHaveLength(2) // and now it rotates
  })

  test('one that hangs is passed over', async () => {
    const { open, state } = world()
    const ring = open()
    const kid = kidOf(await token(ring))
    state.hangs = true
    state.time += 2 * day
    expect(kidOf(await token(ring))).toBe(kid)
    await refused('ERR_JWT_KEY', () => world({ store: { get: () => new Promise(() => {}), set() {} } }).open().sign({}, { expiresIn: 1 }))
  })

  test('it is not asked at every token', async () => {
    const { open, state } = world()
    const ring = open()
    await token(ring)
    state.isDown = true
    state.time += 60
    await token(ring)
    const { reads } = state
    for (let i = 0; i < 20; i++) await token(ring)
    expect(state.reads).toBe(reads)
  })

  test('one that was emptied gets back the public part of every key that tokens may need', async () => {
    const { open, data, entries, events } = world()
    const ring = open()
    const text = await token(ring)
    data.clear()
    await ring.reload()
    expect(entries()[0]).toEqual({ activates: start, lifetime: 3600, jwk: expect.objectContaining({ kid: kidOf(text) }) })
    expect(entries()[0]!.jwk).not.toHaveProperty('d')
    expect(events).toContainEqual({ type: 'restored', kid: kidOf(text) })
    const fresh = open()
    expect(await kids(fresh)).toContain(kidOf(text)) // a process that starts now publishes it
    expect(kidOf(await token(fresh))).not.toBe(kidOf(text)) // and signs with one of its own
    expect(await kids(ring).then(() => ring.reload()).then(() => kids(ring))).toContain(kidOf(await token(fresh)))
  })

  test('as many keys as a ring keeps: it signs on, lets the retired go, and makes one again', async () => {
    const { open, state, entries, write, events } = world()
    await open().reload()
    const more: Entry[] = []
    for (let i = 0; i < 64; i++) { // what a ring with a denser schedule may have left there
      const other = world()
      await other.open().reload()
      more.push({ ...other.entries()[0]!, activates: start - i, lifetime: 40 * day })
    }
    write(more)
    const ring = open()
    state.time += 29 * day + 1
    await refused('ERR_JWT_KEY', () => ring.reload())
    expect(typeof await token(ring)).toBe('string')
    state.time += 12 * day
    await ring.reload()
    expect(entries().length).toBeLessThan(64)
    expect(events.some(({ type }) => type === 'created')).toBe(true)
  })

  test('a waitUntil that throws, torn from its object, stops nothing', async () => {
    const { open, state, events } = world({ waitUntil: () => { throw new TypeError('Illegal invocation') } })
    const ring = open()
    await ring.reload()
    state.time += 61
    expect(typeof await token(ring)).toBe('string')
    expect(events.some(({ type }) => type === 'error')).toBe(true)
  })

  test('a listener that throws stops nothing', async () => {
    const { open } = world({ onEvent() { throw new Error('mine') } })
    await expect(token(open())).resolves.toBeTypeOf('string')
  })
})

describe('when the clock jumps', () => {
  test('a year back: the ring signs, and the store keeps its keys', async () => {
    const { open, state, entries } = world()
    const ring = open()
    const kid = kidOf(await token(ring))
    state.time -= 365 * day
    await expect(token(ring)).resolves.toBeTypeOf('string')
    expect(entries().map(({ jwk }) => jwk['kid'])).toContain(kid)
    state.time += 365 * day
    await ring.reload()
    expect(await kids(ring)).toContain(kid)
  })

  test('a year ahead in one process: the others lose no key, and rotate in their own time', async () => {
    const { open, state, settings } = world()
    const sane = open()
    const wrong = open({ now: () => new Date((state.time + 365 * day) * 1000) })
    const text = await token(sane)
    await wrong.reload()
    state.time += 2 * day // the other one has rotated by now, and dropped what it thinks is long over
    await token(wrong)
    await wrong.reload()
    const live = await token(sane)
    await verify(live, sane, { algorithms: ['Ed25519'], now: settings.now() })
    await sane.reload()
    expect(await kids(open())).toContain(kidOf(text))
    state.time = start + 29 * day + 1
    await sane.reload()
    expect(sane.status().keys.some(({ activates }) => activates.getTime() / 1000 > start && activates.getTime() / 1000 < start + 31 * day)).toBe(true)
  })
})

// ─── several processes ───────────────────────────────────────────────────────

describe('processes that share a store', () => {
  test('sign with one key and rotate to one key', async () => {
    const { open, state } = world()
    const rings = [open(), open(), open()]
    for (const ring of rings) await ring.reload()
    for (let i = 0; i < 3; i++) {
      expect(new Set(await Promise.all(rings.map(async (ring) => kidOf(await token(ring))))).size).toBe(1)
      state.time += 29 * day + 1
      for (const ring of rings) await ring.reload()
      for (const ring of rings) await ring.reload()
      state.time += day + 1
    }
  })

  test('in any order of their reads and writes, none destroys a key that another has signed with', async () => {
    await fc.assert(fc.asyncProperty(fc.scheduler(), fc.boolean(), async (order, isEmpty) => {
      const data = new Map<string, string>()
      let time = start
      const open = () => keyRing({
        algorithm: 'Ed25519', tokenLifetime: 3600, now: () => new Date(time * 1000), timeout: 60,
        store: {
          get: (key: string) => order.schedule(Promise.resolve(), 'get').then(() => data.get(key)),
          set: (key: string, text: string) => order.schedule(Promise.resolve(), 'set').then(() => void data.set(key, text)),
        },
      })
      const rings = [open(), open(), open()]
      if (!isEmpty) {
        await order.waitFor(rings[0]!.reload())
        time += 29 * day + 1 // all find at once that a new key is due
      }
      const tokens: string[] = []
      await order.waitFor(Promise.all(rings.map(async (ring) => {
        await ring.reload()
        tokens.push(await ring.sign({}, { expiresIn: 3600 }))
      })))
      for (let i = 0; i < 2; i++) for (const ring of rings) await order.waitFor(ring.reload())
      for (const ring of [...rings, open()]) {
        const { keys } = await order.waitFor(ring.toPublicJwks())
        const published = keys.map(({ kid }) => kid)
        for (const text of tokens) expect(published).toContain(kidOf(text))
      }
      const signing = new Set<string>()
      time += 2 * day
      for (const ring of rings) signing.add(kidOf(await order.waitFor(ring.sign({}, { expiresIn: 1 }))))
      expect(signing.size).toBe(1)
    }), { numRuns: 60 })
  }, 120_000)

  test('two that make the next key at the same moment, one write undoing the other: both sign with one that all have published', async () => {
    const { open, state, data, settings } = world({ tokenLifetime: 900 })
    let gate: Promise<void> | undefined
    const slow = { get: settings.store.get, set: async (key: string, text: string) => { await gate; data.set(key, text) } }
    const [a, b] = [open({ timeout: 60 }), open({ timeout: 60, store: slow })]
    await a.reload()
    await b.reload()
    state.time += 30 * day
    let release = (): void => {}
    gate = new Promise((resolve) => { release = resolve })
    const writing = b.reload()
    await new Promise((resolve) => setTimeout(resolve, 50)) // b has read, and its write is under way
    state.time += 5
    await a.reload() // makes one, writes it, and reads it back
    release()
    gate = undefined
    await writing
    for (let hour = 0; hour < 72; hour++) {
      state.time += 3600
      for (const ring of [a, b]) await ring.reload()
      for (const [signer, other] of [[a, b], [b, a]] as const) await verify(await signer.sign({}, { expiresIn: 900 }), keySet(await other.toPublicJwks()), { algorithms: ['Ed25519'], now: settings.now() })
    }
    expect(new Set(await Promise.all([a, b, open()].map(async (ring) => kidOf(await ring.sign({}, { expiresIn: 900 }))))).size).toBe(1)
  })

  test('a store that was rolled back and a process that starts on it: no token of either is refused', async () => {
    for (const hours of [12, 60]) { // the key that is lost waits yet, or signs by then
      const { open, state, data, settings } = world()
      const a = open()
      await a.reload()
      const backup = data.get(place)!
      state.time += 29 * day + 60
      await a.reload()
      const tokens: string[] = []
      const check = async (...rings: KeyRing[]): Promise<void> => {
        for (const ring of rings) tokens.push(await token(ring))
        for (const ring of rings) for (const one of tokens.slice(-4)) await verify(one, keySet(await ring.toPublicJwks()), { algorithms: ['Ed25519'], now: settings.now() })
      }
      state.time += hours * 3600
      await check(a)
      data.set(place, backup)
      await a.reload()
      const b = open()
      await b.reload()
      for (let hour = 0; hour < 60; hour++) {
        await check(a, b)
        state.time += 1800
        await a.reload()
        await b.reload()
      }
    }
  }, 60_000)

  test('a store that was emptied and a process that starts on it: who has a key signs on with it until all have seen the next', async () => {
    const { open, state, data, settings } = world()
    const a = open()
    await a.reload()
    state.time += day
    const cached = keySet(await a.toPublicJwks())
    data.clear()
    await a.reload()
    await open().reload()
    state.time += 60
    await a.reload()
    await verify(await token(a), cached, { algorithms: ['Ed25519'], now: settings.now() })
  })

  test('who made a key writes its private part again where only the public one came back', async () => {
    const { open, state, data, entries, write, settings } = world()
    let old: string | undefined // what a store that lags behind shows
    const ring = open({ store: { get: async (key: string) => old ?? data.get(key), set: settings.store.set } })
    await ring.reload()
    state.time += 29 * day + 1
    old = data.get(place)
    await ring.reload()
    const made = entries()[1]!
    write(entries().map((entry) => entry.jwk['kid'] === made.jwk['kid'] ? { ...entry, jwk: Object.fromEntries(Object.entries(entry.jwk).filter(([name]) => name !== 'd')) } : entry))
    old = undefined
    state.time += 61
    await ring.reload()
    expect(entries().find(({ jwk }) => jwk['kid'] === made.jwk['kid'])!.jwk['d']).toBe(made.jwk['d'])
    expect(entries().length).toBe(2)
  })

  test('of two entries of one key the private one counts, in any order', async () => {
    const { open, state, entries, write } = world()
    const text = await token(open())
    const [entry] = entries() as [Entry]
    const { d: _, ...jwk } = entry.jwk
    write([{ ...entry, jwk }, entry])
    state.time += 1
    expect(kidOf(await token(open()))).toBe(kidOf(text))
  })

  test('a slow writer with an old state loses nobody a key', async () => {
    const { open, data, state } = world()
    const [one, other] = [open(), open()]
    await token(one)
    const old = data.get(place)!
    state.time += 29 * day + 1
    await one.reload()
    await other.reload()
    state.time += day + 1
    const text = await token(one)
    data.set(place, old)
    await other.reload()
    expect(await kids(other)).toContain(kidOf(text))
    expect(await kids(open())).toContain(kidOf(text))
  })

  test('a public entry that came back by restoring gives way to the private one', async () => {
    const { open, data, entries } = world()
    const ring = open()
    const text = await token(ring)
    const whole = data.get(place)!
    data.clear()
    await ring.reload()
    const [restored] = entries()
    data.set(place, JSON.stringify({ version: 1, keys: [restored] }))
    const fresh = open()
    await fresh.reload()
    data.set(place, whole)
    await fresh.revoke(kidOf(await token(fresh)))
    expect(kidOf(await token(fresh))).toBe(kidOf(text)) // the one key that is left, and it can sign
  })
})

test('keys of the JWKS are public and say what they are for', async () => {
  const { open } = world()
  const { keys } = await open().toPublicJwks()
  expect(keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: expect.any(String), alg: 'Ed25519', use: 'sig' }])
  await expect(importJwk(keys[0]!)).resolves.toMatchObject({ type: 'public' })
})

test('no error of a ring shows key material', async () => {
  const { open, write, entries, state } = world()
  await open().reload()
  const [entry] = entries()
  write([{ ...entry!, jwk: { ...entry!.jwk, d: 'A'.repeat(43) } }])
  const ring = open()
  state.isReadOnly = true
  const error = await thrown(() => ring.reload()) as Error
  const shown = JSON.stringify([error, String(error), ring.skipped, ring.status()])
  expect(shown).not.toContain(entry!.jwk['d'])
  expect(shown).not.toContain('A'.repeat(43))
})
