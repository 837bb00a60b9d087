// A ring and its store: what is kept, who may sign, and what happens when the store, the clock or another process fails.

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createVerifier, decode, importJwk, keySet, sign, verify } from 'waxseal'
import { keyRing as typed, type KeyRing, type KeyRingEvent } from 'waxseal/keyring'
import { hasPrivatePart } from '../../src/ring/document'
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

/** Entries that other rings have made. */
const foreign = (count: number): Promise<Entry[]> => Promise.all(Array.from({ length: count }, async () => {
  const { open, entries } = world()
  await open().reload()
  return entries()[0]!
}))

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
    ['a store without get', { store: { set() {} } }],
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

  test.each([['maxAge', 86_400, '24 hours'], ['reloadEvery', 86_400, '24 hours'], ['clockTolerance', 600, '10 minutes'], ['timeout', 60, '60 seconds']] as const)(
    '%s is %i seconds at most, and the message says so', async (name, most, words) => {
      const roomy = { ...settings, rotateEvery: '30d', publishBefore: '10d' }
      expect(keyRing({ ...roomy, [name]: most })).toBeTypeOf('object')
      await misused(() => keyRing({ ...roomy, [name]: most + 1 }), words)
    })

  test('publishBefore is half of a short rotation, unless told: long enough for the caches, or refused', async () => {
    expect(keyRing({ ...settings, rotateEvery: 2 * 780 }).maxAge).toBe(600)
    await misused(() => keyRing({ ...settings, rotateEvery: 2 * 780 - 1 }), 'publishBefore')
  })

  test('modulusLength is for RSA keys', async () => {
    const { open } = world({ algorithm: 'RS256', modulusLength: 2560 })
    const { keys: [jwk] } = await open().toPublicJwks()
    expect((jwk as unknown as { n: string }).n).toHaveLength(Math.ceil(2560 / 6))
  }, 60_000)

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
    expect(open().skipped).toEqual([])
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

  test('its keys are imported once for as long as the same are published: that takes longer than verifying', async () => {
    const { open, settings, state } = world()
    const ring = open()
    const [text, verifier] = [await token(ring), createVerifier(ring, { algorithms: ['Ed25519'], now: settings.now })]
    await verifier(text)
    const importKey = vi.spyOn(crypto.subtle, 'importKey')
    try {
      await verifier(text)
      state.time += 60
      await ring.reload()
      await verifier(text)
      expect(importKey).not.toHaveBeenCalled()
    } finally {
      importKey.mockRestore()
    }
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
    const { open, state, events } = world()
    const ring = open()
    await Promise.all(Array.from({ length: 50 }, () => token(ring)))
    const { reads } = state
    expect(state.writes).toBe(1)
    await token(ring)
    expect(state.reads).toBe(reads)
    expect(ring.status().loadedAt).toEqual(new Date(start * 1000))
    state.time += 59
    await token(ring)
    expect(state.reads).toBe(reads)
    state.time += 1
    await token(ring)
    expect(state.reads).toBe(reads + 1)
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })

  test('one that holds something else under the name is refused and not written over', async () => {
    const boxed = Object('{"version":1,"keys":[]}') as string // nor is it read as what it is not
    for (const text of ['hello', '{"version":2,"keys":[]}', '{"version":1}', '[]', '{"version":1,"keys":[1]}', '{"version":1,"version":1,"keys":[]}', boxed]) {
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

  test('what is set aside is told once, and again when it is another entry or another reason', async () => {
    const { open, write, events } = world()
    const ring = open()
    const told = async (...keys: unknown[]): Promise<unknown[]> => {
      write(keys)
      await ring.reload()
      return events.splice(0).filter(({ type }) => type === 'skipped').map((event) => (event as { kid?: string }).kid)
    }
    const odd = (kid: unknown, more: object = {}) => ({ activates: start, lifetime: 60, jwk: { kty: 'OKP', crv: 'Ed448', x: 'AA', kid }, ...more })
    expect(await told(odd('a'))).toEqual(['a'])
    expect(await told(odd('a'))).toEqual([])
    expect(await told(odd('a'), odd('b'))).toEqual(['b'])
    expect(await told(odd('b'), odd('a', { activates: 'soon' }))).toEqual(['a'])
    expect(await told(odd(7))).toEqual([undefined]) // a kid that is no text is not shown
    expect(ring.skipped).toStrictEqual([{ index: 0, reason: expect.any(String) }])
  })

  test('a key whose start is 0 is a key like any other', async () => {
    const { open, entries, write } = world()
    const text = await token(open())
    write([{ ...entries()[0]!, activates: 0 }])
    const ring = open()
    expect(await kids(ring)).toContain(kidOf(text))
    expect([ring.skipped, ring.status().keys[0]!.activates]).toEqual([[], new Date(0)])
  })

  test('a private part is one by the name of either kind of key', () => {
    expect([{ d: 'x' }, { priv: 'x' }, { x: 'x' }].map((jwk) => hasPrivatePart({ jwk }))).toEqual([true, true, false])
  })

  test('a known key takes what its entry says now: the start, and of two lifetimes the longer; what is no time is put right', async () => {
    const { open, entries, write, state } = world()
    const ring = open()
    const key = await ring.current()
    const [entry] = entries() as [Entry]
    const after = async (change: object): Promise<unknown> => {
      write([{ ...entry, ...change }])
      await ring.reload()
      expect(await ring.current()).toBe(key) // it is not read anew
      return entries()
    }
    state.time += 100
    expect(await after({ activates: start + 50, lifetime: 7 * day })).toEqual([{ ...entry, activates: start + 50, lifetime: 7 * day }])
    expect(ring.status().keys[0]!.activates).toEqual(new Date((start + 50) * 1000))
    expect(await after({ activates: start + 50 })).toEqual([{ ...entry, activates: start + 50, lifetime: 7 * day }])
    for (const bad of [{ activates: 'soon' }, { activates: -1 }, { lifetime: null }, { lifetime: -1 }]) { // others could not read it
      expect(await after(bad)).toEqual([{ ...entry, activates: start + 50, lifetime: 7 * day }])
    }
  })

  test.each<[string, (entry: Entry) => unknown]>([
    ['without alg', ({ jwk: { alg: _, ...jwk }, ...entry }) => ({ ...entry, jwk })], ['of an unknown alg', (entry) => ({ ...entry, jwk: { ...entry.jwk, alg: 'X' } })],
    ['without a kid', ({ jwk: { kid: _, ...jwk }, ...entry }) => ({ ...entry, jwk })], ['without a jwk', ({ jwk: _, ...entry }) => entry], ['whose kid is a number', (entry) => ({ ...entry, jwk: { ...entry.jwk, kid: 7 } })], ['whose jwk is null', (entry) => ({ ...entry, jwk: null })],
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

  test('a store that shows late what was written: the next key is told once, and starts when it was told', async () => {
    const { open, state, data, events, settings } = world()
    let shown: string | undefined
    const ring = open({ store: { get: async (key: string) => shown ?? data.get(key), set: settings.store.set } })
    const first = kidOf(await token(ring))
    shown = data.get(place)
    state.time += 29 * day + 1
    for (let hour = 0; hour < 23; hour++) {
      await ring.reload()
      state.time += 3600
    }
    expect(events).toEqual([
      { type: 'created', kid: first, activates: new Date(start * 1000) },
      { type: 'created', kid: expect.any(String), activates: new Date((start + 30 * day + 1) * 1000) },
    ])
    state.time = start + 30 * day
    expect(kidOf(await token(ring))).toBe(first)
    state.time += 1
    expect(kidOf(await token(ring))).toBe((events[1] as { kid: string }).kid)
  })

  test('a store that never shows what was written does not fill up, and the ring signs', async () => {
    const { open, data, state } = world()
    const ring = open({ store: { get: async () => { state.reads++ }, set: async (key: string, text: string) => { state.writes++; data.set(key, text) } } })
    const first = await token(ring)
    expect(state.reads).toBe(4) // not until it shows it
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
    await ring.reload()
    expect(entries()).toHaveLength(2)
    state.time += 1
    expect(await kids(ring)).toEqual([second])
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

  test('a longer tokenLifetime keeps a key that signs, up to its end, and not one that has ended', async () => {
    for (const [late, expected] of [[-1, [7 * day, 7 * day]], [0, [3600, 7 * day]]] as const) {
      const { open, state, entries } = world()
      const ring = open()
      await ring.reload()
      state.time += 29 * day
      await ring.reload()
      state.time += day + late
      await open({ tokenLifetime: '7d' }).reload()
      expect(entries().map(({ lifetime }) => lifetime)).toEqual(expected)
    }
  })

  test('keys stand in the order of their start, the signing one first in the JWKS, however the store has them', async () => {
    const { entries, write, open, state } = world()
    const keys = await foreign(4)
    const [old, now, next, last] = keys.map((entry, i) => ({ ...entry, activates: start + (i - 1) * 100, lifetime: 9 * day })) as [Entry, Entry, Entry, Entry]
    const of = (...some: Entry[]): string[] => some.map(({ jwk }) => jwk['kid']!)
    for (const order of [[old, now, next, last], [last, next, now, old], [next, old, last, now]]) {
      write(order)
      const ring = open()
      await ring.reload()
      expect(await kids(ring)).toEqual(of(now, old, next, last))
      expect(ring.status().keys.map(({ kid, state: its }) => [kid, its])).toEqual([[of(old)[0], 'retiring'], [of(now)[0], 'current'], [of(next)[0], 'next'], [of(last)[0], 'next']])
    }
    expect(entries()).toHaveLength(4)
    state.time += 100
    write([old, now, { ...now, jwk: next.jwk, activates: next.activates }, { ...last, activates: next.activates }])
    const twins = open()
    await twins.reload()
    expect(twins.status().keys.map((key) => key.state).sort()).toEqual(['current', 'retiring', 'retiring', 'retiring']) // one has started, and signs nothing
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

  test('revoke: the ring as a key set refuses its tokens from then on, and takes those of the next key', async () => {
    const { open, settings } = world()
    const ring = open()
    const [options, old] = [{ algorithms: ['Ed25519'], now: settings.now() } as const, await token(ring)]
    await verify(old, ring, options)
    await ring.revoke(kidOf(old))
    await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(old, ring, options))
    await verify(await token(ring), ring, options)
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
    expect(one.status().keys.find(({ kid }) => kid === leaked)!.state).toBe('revoked')
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

test('revoke: at once, whatever is under way: no reading brings the key back to life', async () => {
  for (let turns = 0; turns < 60; turns++) {
    const ring = world().open()
    const leaked = kidOf(await token(ring))
    const reading = ring.reload()
    for (let i = 0; i < turns; i++) await undefined
    let isDone = false
    const revoking = ring.revoke(leaked).finally(() => { isDone = true })
    while (!isDone) {
      for (let i = 0; i < 30; i++) {
        expect(ring.status().keys.find(({ kid }) => kid === leaked)).toMatchObject({ state: 'revoked' })
        await undefined
      }
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    await Promise.all([reading, revoking])
  }
}, 60_000)

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
    state.isReadOnly = false
    await expect(token(ring)).resolves.toBeTypeOf('string') // the same second: without a key there is no pause
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
    expect(await refused('ERR_JWT_KEY', () => ring.reload())).toMatchObject({ message: expect.stringContaining('within 0.05 s') })
    await refused('ERR_JWT_KEY', () => world({ store: { get: () => new Promise(() => {}), set() {} } }).open().sign({}, { expiresIn: 1 }))
  })

  test('it is asked again 2, 4, 8, 16, 32 s later, at most 60 s and at most reloadEvery', async () => {
    for (const [reloadEvery, pauses] of [[60, [2, 4, 8, 16, 32, 60, 60]], [90, [2, 4, 8, 16, 32, 60, 60]], [10, [2, 4, 8, 10, 10]]] as const) {
      const asked: Promise<unknown>[] = []
      const { open, state } = world({ reloadEvery, waitUntil: (promise: Promise<unknown>) => void asked.push(promise) })
      const ring = open()
      const readsAt = async (time: number): Promise<number> => {
        const { reads } = state
        state.time = time
        await token(ring)
        await Promise.all(asked)
        return state.reads - reads
      }
      await ring.reload()
      state.isDown = true
      expect(await readsAt(state.time + reloadEvery)).toBe(1)
      for (const pause of pauses) expect([await readsAt(state.time + pause - 1), await readsAt(state.time + 1)]).toEqual([0, 1])
    }
  })

  test('what the store holds in place of a ring is the cause where a token is asked for', async () => {
    const { open, data } = world()
    data.set(place, 'hello')
    expect(await refused('ERR_JWT_KEY', () => token(open()))).toMatchObject({ message: expect.stringContaining('keyRing'), cause: { message: expect.stringContaining('the text of a ring') } })
  })

  describe('with timers that are turned by hand', () => {
    const later = setTimeout
    const turn = (): Promise<void> => new Promise((resolve) => { later(resolve, 0) })
    let timers: { call: () => void, milliseconds: number }[] = []
    beforeEach(() => {
      timers = []
      vi.stubGlobal('setTimeout', (call: () => void, milliseconds: number) => {
        const timer = { call, milliseconds }
        timers.push(timer)
        return timer
      })
      vi.stubGlobal('clearTimeout', (timer: unknown) => { timers = timers.filter((one) => one !== timer) })
    })
    afterEach(() => { vi.unstubAllGlobals() })

    test('none is left when the store has answered: it would keep a process alive', async () => {
      await token(world().open())
      expect(timers).toEqual([])
    })

    test('an asking that never ends, with the request of a Worker that was dropped, is given up after a minute and eight answers, and ends none that came after it', async () => {
      const { open, state } = world({ timeout: 5 })
      state.hangs = true
      const ring = open()
      const failed: string[] = []
      const ask = async (name: string): Promise<void> => {
        void token(ring).catch((error: { code?: string }) => failed.push(`${name} ${error.code}`))
        await turn()
      }
      await ask('first')
      await ask('second')
      expect(state.reads).toBe(1)
      const [first, second] = timers.filter(({ milliseconds }) => milliseconds > 5000) // the time-out of the store never comes either
      expect(first!.milliseconds).toBe((60 + 8 * 5) * 1000)
      first!.call()
      await turn()
      expect(failed).toEqual(['first ERR_JWT_KEY'])
      await ask('third')
      expect(state.reads).toBe(2)
      second!.call()
      await turn()
      await ask('fourth')
      expect([failed, state.reads]).toEqual([['first ERR_JWT_KEY', 'second ERR_JWT_KEY'], 2])
    })
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

  test('one that was emptied gets back every key but those that have retired since, and each is told', async () => {
    const { open, state, data, entries, events } = world()
    const ring = open()
    await ring.reload()
    state.time += 29 * day
    await ring.reload()
    const both = entries().map(({ jwk }) => jwk['kid'])
    for (const [wait, expected] of [[0, both], [day + 3600 + 780, both.slice(1)]] as const) {
      state.time += wait
      data.clear()
      await ring.reload()
      expect(entries().map(({ jwk }) => jwk['kid'])).toEqual(expected)
      expect(events.splice(0).filter(({ type }) => type === 'restored')).toEqual(expected.map((kid) => ({ type: 'restored', kid })))
    }
  })

  test('as many keys as a ring keeps: it signs on, lets the retired go, and makes one again', async () => {
    const { open, state, entries, write, events } = world()
    await open().reload()
    // what a ring with a denser schedule may have left there
    write((await foreign(64)).map((entry, i) => ({ ...entry, activates: start - i, lifetime: 40 * day })))
    const ring = open()
    await ring.reload() // no key is due
    state.time += 29 * day + 1
    await refused('ERR_JWT_KEY', () => ring.reload())
    expect(typeof await token(ring)).toBe('string')
    state.time = start - 62 + 40 * day + 780 - 1 // the first of them retires a second later
    await refused('ERR_JWT_KEY', () => ring.reload())
    expect(entries()).toHaveLength(64)
    expect(events.splice(0).filter(({ type }) => type === 'created')).toHaveLength(1) // the one before
    state.time += 1
    await ring.reload()
    expect(entries()).toHaveLength(64)
    expect(events.some(({ type }) => type === 'created')).toBe(true)
    state.time += day
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
  test('a second back: the ring asks the store before it signs, be it that it failed just now', async () => {
    for (const fails of [false, true]) {
      const { open, state } = world()
      const ring = open()
      const leaked = kidOf(await token(ring))
      if (fails) {
        state.isDown = true
        await refused('ERR_JWT_KEY', () => ring.reload())
        state.isDown = false
      }
      await open().revoke(leaked)
      state.time -= 1
      expect(kidOf(await token(ring))).not.toBe(leaked)
    }
  })

  test('ahead, without the store for as long as a process may be: it asks before it signs; a second less, behind the caller\'s back', async () => {
    for (const [away, isOld] of [[day - 720 - 1, true], [day - 720, false]] as const) {
      const { open, state } = world()
      const ring = open()
      const leaked = kidOf(await token(ring))
      await open().revoke(leaked)
      state.time += away
      expect(kidOf(await token(ring)) === leaked).toBe(isOld)
      await ring.reload()
      expect(kidOf(await token(ring))).not.toBe(leaked)
    }
  })

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
    const written: string[] = []
    const ring = open({ store: { get: async (key: string) => old ?? data.get(key), set: async (key: string, text: string) => { written.push(text); await settings.store.set(key, text) } } })
    await ring.reload()
    state.time += 29 * day + 1
    old = data.get(place)
    await ring.reload()
    const made = entries()[1]!
    written.length = 0
    write(entries().map((entry) => entry.jwk['kid'] === made.jwk['kid'] ? { ...entry, jwk: Object.fromEntries(Object.entries(entry.jwk).filter(([name]) => name !== 'd')) } : entry))
    old = data.get(place) // and that is all it shows for a while
    state.time += 61
    await ring.reload()
    expect(new Set(await kids(ring)).size).toBe((await kids(ring)).length)
    write(JSON.parse(old!).keys)
    old = undefined
    await ring.reload()
    expect(entries().find(({ jwk }) => jwk['kid'] === made.jwk['kid'])!.jwk['d']).toBe(made.jwk['d'])
    expect(entries().length).toBe(2)
    expect(await kids(ring)).toHaveLength(2)
    for (const text of written) expect(text).toContain(made.jwk['kid']) // nor is it gone for a moment
  })

  test('who alone has the private part of a key signs with it until a key of the store has started, and no longer', async () => {
    const { open, write, state } = world()
    const [ours, theirs] = (await foreign(2)).map((entry) => ({ ...entry, activates: start })).sort((a, b) => a.jwk['kid']! < b.jwk['kid']! ? -1 : 1) as [Entry, Entry]
    write([ours, theirs])
    const ring = open()
    await ring.reload()
    const { d: _, ...jwk } = ours.jwk
    write([{ ...ours, jwk }, theirs])
    for (const [time, signer] of [[start - 1, ours], [start, theirs]] as const) {
      state.time = time
      await ring.reload()
      expect(kidOf(await token(ring))).toBe(signer.jwk['kid'])
    }
  })

  test('of two entries of one key the private one counts, in any order', async () => {
    const { open, state, entries, write } = world()
    const text = await token(open())
    const [entry] = entries() as [Entry]
    const { d: _, ...jwk } = entry.jwk
    for (const order of [[{ ...entry, jwk }, entry], [entry, { ...entry, jwk }]]) {
      write(order)
      state.time += 1
      const ring = open()
      expect(kidOf(await token(ring))).toBe(kidOf(text))
      expect(await kids(ring)).toEqual([kidOf(text)])
    }
  })

  test('of two entries of one key, one of them revoked, in any order: it is revoked, and no private part stays', async () => {
    const { open, entries, write } = world()
    const text = await token(open())
    const [entry] = entries() as [Entry]
    const { d: _, ...jwk } = entry.jwk
    for (const other of [entry, { ...entry, jwk }]) {
      for (const order of [[other, { ...entry, jwk, revoked: true }], [{ ...entry, revoked: true }, other]]) {
        write(order)
        const ring = open()
        expect(kidOf(await token(ring))).not.toBe(kidOf(text))
        expect(await kids(ring)).not.toContain(kidOf(text))
        for (const one of entries()) if (one.jwk['kid'] === kidOf(text)) expect(one).toEqual({ ...entry, jwk: { ...jwk, use: 'sig' }, revoked: true })
      }
    }
  })

  test('a broken private part beside a whole public one makes no key that can sign', async () => {
    const { open, entries, write } = world()
    await open().reload()
    const [entry] = entries() as [Entry]
    const { d: _, ...jwk } = entry.jwk
    write([{ ...entry, jwk }, { ...entry, jwk: { ...jwk, d: 'A'.repeat(43) } }])
    const ring = open()
    expect(kidOf(await token(ring))).not.toBe(jwk['kid'])
    expect(await kids(ring)).toContain(jwk['kid'])
  })

  test('a key that no store has taken is dropped when another process was quicker, and no key is made that is not due', async () => {
    const generate = vi.spyOn(crypto.subtle, 'generateKey')
    try {
      const { open, state, entries, settings } = world()
      let isCut = false
      const slow = open({ store: { get: settings.store.get, set: async (key: string, text: string) => isCut ? Promise.reject(new Error('down')) : settings.store.set(key, text) } })
      const quick = open()
      for (const ring of [slow, quick]) await ring.reload()
      expect(generate).toHaveBeenCalledTimes(1)
      state.time += 29 * day + 1
      isCut = true
      await refused('ERR_JWT_KEY', () => slow.reload())
      await quick.reload()
      isCut = false
      const before = entries()
      await slow.reload()
      expect(entries()).toEqual(before)
      expect(await kids(slow)).toEqual(await kids(quick))
      expect(generate).toHaveBeenCalledTimes(3)
      state.time += 30 * day
      await slow.reload()
      expect(generate).toHaveBeenCalledTimes(4) // the dropped one has not waited in memory for its turn
    } finally {
      generate.mockRestore()
    }
  })

  test('a key that was revoked before its maker saw it in the store is not written back', async () => {
    const { open, state, data, entries, settings, events } = world()
    const written: string[] = []
    let shown: string | undefined // what a store that lags behind shows
    const maker = open({ store: { get: async (key: string) => shown ?? data.get(key), set: async (key: string, text: string) => { written.push(text); data.set(key, text) } } })
    await maker.reload()
    state.time += 29 * day + 1
    shown = data.get(place)
    await maker.reload()
    const leaked = (events.at(-1) as { kid: string }).kid
    const secret = entries().find(({ jwk }) => jwk['kid'] === leaked)!.jwk['d']!
    await open({ store: settings.store }).revoke(leaked)
    expect(data.get(place)).not.toContain(secret)
    shown = undefined
    written.length = 0
    await maker.reload()
    for (const text of [...written, data.get(place)!]) expect(text).not.toContain(secret)
    expect(await kids(maker)).not.toContain(leaked)
  })

  test('revoke in a store that shows late what was written: the private part of that key leaves it, that of the other stays', async () => {
    for (const which of [0, 1]) {
      const { open, state, data, entries, settings } = world()
      let shown: string | undefined
      const ring = open({ store: { get: async (key: string) => shown ?? data.get(key), set: settings.store.set } })
      await ring.reload()
      state.time += 29 * day + 1
      shown = data.get(place)
      await ring.reload()
      const both = await kids(ring)
      await ring.revoke(both[which]!)
      const [revoked, other] = [which, 1 - which].map((i) => entries().find(({ jwk }) => jwk['kid'] === both[i])) as [Entry, Entry]
      expect(revoked).toMatchObject({ revoked: true, jwk: expect.not.objectContaining({ d: expect.anything() }) })
      expect(other.jwk['d']).toBeTypeOf('string')
    }
  })

  test('reload joins no reading that began before it, and reads once when none is under way', async () => {
    const { open, state, settings } = world()
    let gate: Promise<void> | undefined
    const ring = open({ timeout: 60, store: { set: settings.store.set, get: async (key: string) => {
      const text = await settings.store.get(key)
      await gate
      return text
    } } })
    const leaked = kidOf(await token(ring))
    const { reads } = state
    await ring.reload()
    expect(state.reads).toBe(reads + 1)
    let release = (): void => {}
    gate = new Promise((resolve) => { release = resolve })
    const early = ring.reload()
    await open().revoke(leaked) // the early one has read by now
    const late = ring.reload()
    release()
    await Promise.all([early, late])
    expect(await kids(ring)).not.toContain(leaked)
  })

  const slack = day - 600 - 2 * 60 // publishBefore - maxAge - 2 * clockTolerance
  test.each<[string, number[], number, number[], number[]]>([
    ['as long as it may: brings back what has gone', [-200, -100, 0], slack, [1, 2], [0, 1, 2]],
    ['longer: nothing older than what the others have', [-200, -100, 0], slack + 1, [1, 2], [1, 2]],
    ['longer: what is newer than their oldest', [-200, -100, 0], slack + 1, [0, 2], [0, 1, 2]],
    ['longer: what is as old as that', [-200, -200, 0], slack + 1, [0, 2], [0, 1, 2]],
    ['longer: anything, where what they have is yet to start', [-200, -100, slack + 2], slack + 1, [2], [0, 1, 2]],
    ['longer: nothing older than what starts at this moment', [-200, -100, slack + 1], slack + 1, [2], [2]],
  ])('who was away for %s', async (_, starts, away, left, expected) => {
    const { open, write, entries, state } = world()
    const all = (await foreign(3)).map((entry, i) => ({ ...entry, activates: start + starts[i]!, lifetime: 40 * day }))
    write(all)
    const ring = open()
    await ring.reload()
    state.time += away
    write(left.map((i) => all[i]))
    await ring.reload()
    expect(all.flatMap(({ jwk }, i) => entries().some((entry) => entry.jwk['kid'] === jwk['kid']) ? [i] : [])).toEqual(expected)
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

test('an algorithm that the runtime lacks is ERR_JWT_UNSUPPORTED, from every method', async () => {
  const generate = vi.spyOn(crypto.subtle, 'generateKey').mockRejectedValue(Object.assign(new Error('not here'), { name: 'NotSupportedError' }))
  try {
    const ring = world().open()
    for (const call of [() => token(ring), () => ring.current(), () => ring.toPublicJwks(), () => ring.reload()]) await refused('ERR_JWT_UNSUPPORTED', call)
  } finally {
    generate.mockRestore()
  }
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
