// What a comparison or a message could tell of a secret. Whether a comparison takes the same time is measured elsewhere;
// here is who compares. Reports: THREATS.md.

// @ts-ignore -- no types of Node are installed
import nodeCrypto from 'node:crypto'
// @ts-ignore -- no types of Node are installed
import { syncBuiltinESMExports } from 'node:module'
import { describe, expect, it, vi } from 'vitest'
import { doors } from '../support/doors'
import { subtle } from '../support/keys'
import '../support/ran'
import { claims, head, hs256, mac, refused, secret, thrown, token, type Refusal } from '../support/tokens'

for (const { name: door, waits, verify, importSecret } of doors) describe(`${door}`, () => {
  describe('a MAC is compared by the platform, in constant time (CVE-2015-10004, CVE-2016-7036, CVE-2016-5429, CVE-2024-25189, CVE-2024-25190, CVE-2024-25191, CVE-2024-25714, CVE-2024-25715)', () => {
    it('the right one and a wrong one go the same way: to subtle.verify, or to timingSafeEqual', async () => {
      const key = await importSecret(secret, 'HS256')
      const ways = waits
        ? [vi.spyOn(subtle, 'verify'), vi.spyOn(subtle, 'sign')]
        : [vi.spyOn(nodeCrypto, 'timingSafeEqual')]
      syncBuiltinESMExports()
      try {
        for (const one of [secret, key]) {
          const calls = async (text: string, accepted: boolean): Promise<number[]> => {
            for (const way of ways) way.mockClear()
            expect(typeof await thrown(() => verify(text, one, hs256)) === 'symbol').toBe(accepted)
            return ways.map((way) => way.mock.calls.length)
          }
          const right = await calls(token(), true)
          expect(right[0]).toBeGreaterThan(0)
          if (waits) expect(right[1]).toBe(0)
          const [h, p, s] = token().split('.') as [string, string, string]
          for (const wrong of [`A${s.slice(1)}`, `${s.slice(0, -2)}AA`, mac(`${h}.${p}`, 'another secret that is long enough, too')]) expect(await calls(`${h}.${p}.${wrong}`, false)).toEqual(right)
        }
      } finally {
        for (const way of ways) way.mockRestore()
        syncBuiltinESMExports()
      }
    })
  })

  describe('a refusal does not tell the signature that was expected (CVE-2019-7644)', () => {
    it('neither that one nor the one that came is in the error, however it is printed', async () => {
      const [h, p, expected] = token(claims, head).split('.') as [string, string, string]
      const came = mac(`${h}.${p}`, 'another secret that is long enough, too')
      const error = await refused('ERR_JWT_SIGNATURE', () => verify(`${h}.${p}.${came}`)) as Refusal
      const printed = [error.message, error.stack, String(error), JSON.stringify(error), JSON.stringify(error.issues), ...Object.getOwnPropertyNames(error).map((name) => JSON.stringify(error[name as 'message']))].join('\n')
      for (const text of [expected, came, h, p, secret]) expect(printed).not.toContain(text)
      await verify(`${h}.${p}.${expected}`)
    })
  })
})
