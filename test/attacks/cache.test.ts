// A verifier that remembers tokens accepts only what a fresh verification would accept now. Reports: THREATS.md.

// @ts-ignore -- no types of Node are installed
import nodeCrypto from 'node:crypto'
// @ts-ignore -- no types of Node are installed
import { syncBuiltinESMExports } from 'node:module'
import { describe, expect, it, vi } from 'vitest'
import { keySet } from 'waxseal'
import { doors } from '../support/doors'
import { subtle } from '../support/keys'
import '../support/ran'
import { at, b64, claims, head, mac, now, pair, pairToken, refused, secret, token, utf8 } from '../support/tokens'

for (const { name: door, waits, createVerifier, publicKey, importJwk } of doors) describe(`${door}`, () => {
  describe('no token passes for another that is remembered (CVE-2026-35039)', () => {
    const options = { algorithms: ['HS256'], now: () => at(now), cache: true }

    it('twin: the honest one is accepted again and again, and its MAC is compared once', async () => {
      const comparing = waits ? vi.spyOn(subtle, 'verify') : vi.spyOn(nodeCrypto, 'timingSafeEqual')
      syncBuiltinESMExports()
      try {
        for (const [cache, count] of [[true, 1], [undefined, 3]] as const) {
          const verifier = createVerifier('a secret of this test alone, for its counts', { algorithms: ['HS256'], now: () => at(now), ...cache && { cache } })
          const text = token(claims, head, 'a secret of this test alone, for its counts')
          comparing.mockClear()
          for (let i = 0; i < 3; i++) await verifier(text)
          expect(comparing.mock.calls.length).toBe(count)
        }
      } finally {
        comparing.mockRestore()
        syncBuiltinESMExports()
      }
    })

    it('each is remembered under its whole text: a change in any segment is judged afresh', async () => {
      const verifier = createVerifier(secret, options)
      const good = token()
      const [h, p, s] = good.split('.') as [string, string, string]
      const admin = b64({ ...claims, sub: 'admin' })
      for (let i = 0; i < 3; i++) {
        expect((await verifier(good)).payload['sub']).toBe('alice')
        for (const forged of [`${h}.${admin}.${s}`, `${h}.${p}.${mac('x')}`, `${b64({ ...head, kid: 'x' })}.${p}.${s}`]) await refused('ERR_JWT_SIGNATURE', () => verifier(forged))
        for (const forged of [`${good}=`, `${good} `, ` ${good}`, good.slice(0, -1) + String.fromCharCode(good.charCodeAt(good.length - 1) + 1), `${good}.`]) await expect(verifier(forged)).rejects.toMatchObject({ code: /_MALFORMED$|_SIGNATURE$/ })
      }
    })

    it('names of objects, and texts that a table of objects would take for the same, are texts like any other', async () => {
      const verifier = createVerifier(secret, options)
      await verifier(token())
      for (const text of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'size', 'get', '']) await refused('ERR_JWT_MALFORMED', () => verifier(text))
      for (const text of [[token()], { toString: () => token() }, Object(token())]) await refused('ERR_JWT_MALFORMED', () => verifier(text))
    })

    it('two verifiers remember apart: of another key, another list, other claims', async () => {
      const text = token({ ...claims, aud: 'one' })
      await createVerifier(secret, { ...options, audience: 'one' })(text)
      await refused('ERR_JWT_CLAIM', () => createVerifier(secret, { ...options, audience: 'two' })(text))
      await refused('ERR_JWT_SIGNATURE', () => createVerifier('another secret that is long enough, too', { ...options, audience: 'one' })(text))
      await refused('ERR_JWT_ALGORITHM', () => createVerifier(secret, { ...options, algorithms: ['HS384'], audience: 'one' })(text))
    })

    it('a token that was remembered expires, is revoked and fails the checks of a call like any other', async () => {
      let time = now
      let isRevoked = false
      const verifier = createVerifier(secret, { ...options, now: () => at(time), isRevoked: () => isRevoked })
      const text = token({ ...claims, nonce: 'n' })
      await verifier(text)
      await refused('ERR_JWT_CLAIM', () => verifier(text, { nonce: 'm' }))
      isRevoked = true
      await refused('ERR_JWT_REVOKED', () => verifier(text))
      isRevoked = false
      await verifier(text, { nonce: 'n' })
      time = claims.exp
      await refused('ERR_JWT_EXPIRED', () => verifier(text))
      time = now
      await verifier(text)
    })

    it('a key that was withdrawn or changed takes the tokens it signed with it', async () => {
      const text = pairToken('ES256', claims, { alg: 'ES256', kid: 'k' })
      const key = await publicKey('ES256')
      const other = await importJwk({ kty: 'EC', crv: 'P-256', x: pair('ES256').publicJwk['x'], y: pair('ES256').publicJwk['y'] }, 'ES256')
      let answer: unknown = key
      const verifier = createVerifier(() => answer, { ...options, algorithms: ['ES256'] })
      await verifier(text)
      answer = null
      await refused('ERR_JWT_KEY_NOT_FOUND', () => verifier(text))
      answer = await publicKey('RS256')
      await refused('ERR_JWT_ALGORITHM', () => verifier(text))
      answer = other // the same key by another object
      await verifier(text)

      const bytes = utf8(secret)
      const byBytes = createVerifier(bytes, options)
      await byBytes(token())
      bytes[0]! ^= 1
      await refused('ERR_JWT_SIGNATURE', () => byBytes(token()))
    })

    it('nothing of a result can be changed for the next caller', async () => {
      const verifier = createVerifier(keySet({ keys: [{ kty: 'oct', k: b64(secret), alg: 'HS256', kid: 'k' }] }), options)
      const text = token({ ...claims, roles: ['reader'], deep: { a: [1] } }, { ...head, kid: 'k', x: { y: 1 } })
      for (let i = 0; i < 3; i++) {
        const { payload, header } = await verifier(text)
        for (const change of [() => { payload['sub'] = 'admin' }, () => { (payload['roles'] as string[]).push('admin') }, () => { (payload['deep'] as { a: number[] }).a[0] = 2 }, () => { (header['x'] as { y: number }).y = 2 }, () => { Object.setPrototypeOf(payload, { admin: true }) }]) {
          try { change() } catch (error) { expect(error).toBeInstanceOf(TypeError) }
        }
        const after = await verifier(text)
        expect(after).toEqual({ payload: { ...claims, roles: ['reader'], deep: { a: [1] } }, header: { ...head, kid: 'k', x: { y: 1 } } })
        expect((after.payload as { admin?: unknown }).admin).toBeUndefined()
      }
    })

    it('a refusal is not remembered: what was refused once is accepted when it is good', async () => {
      let time = claims.exp
      const verifier = createVerifier(secret, { ...options, now: () => at(time) })
      await refused('ERR_JWT_EXPIRED', () => verifier(token()))
      time = now
      await verifier(token())
    })
  })
})
