// Signatures that are good for every message, of another length, or spelt otherwise. Reports: THREATS.md.

import { describe, expect, it } from 'vitest'
import { decode } from 'waxseal'
import { doors } from '../support/doors'
import { ed25519, fromB64u, hex, p256, p384, p521 } from '../support/keys'
import '../support/ran'
import { b64, claims, head, hs256, mac, pair, pairToken, refused, token, unb64, type PairName } from '../support/tokens'

const bytes = (...parts: (Uint8Array | readonly number[])[]): string => b64(Uint8Array.from(parts.flatMap((part) => [...part])))
/** The order of P-256, SEC2 2.4.2. */
const order = hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
const zero = new Uint8Array(32)

/** Other spellings of a segment that a lax decoder reads as the same octets. */
function spellings(segment: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(segment.at(-1)!)
  const spare = [0, 0, 15, 3][segment.length % 4]!
  const tails = Array.from({ length: spare }, (_, i) => segment.slice(0, -1) + alphabet[last ^ (i + 1)]!)
  const fill = '='.repeat((4 - segment.length % 4) % 4)
  return [
    ...tails, ...(fill ? [segment + fill] : []), `${segment}=`, `${segment}==`, `${segment}\n`, `${segment} `, `\t${segment}`, `${segment.slice(0, 4)}\r\n${segment.slice(4)}`,
    `${segment}!@$%`, `!@$%${segment}`, `${segment.slice(0, 8)}*${segment.slice(8)}`, `${segment}\0`, `${segment}%3D`, `\ufeff${segment}`, `${segment}é`,
    ...(/[-_]/.test(segment) ? [segment.replaceAll('-', '+').replaceAll('_', '/')] : []),
  ]
}

for (const { name: door, verify, verifyBytes, signBytes, importJwk, publicKey, privateKey } of doors) describe(`${door}`, () => {
  const es256 = { ...hs256, algorithms: ['ES256'] }

  describe('ES256 with r or s zero or of the order signs nothing (CVE-2022-21449)', () => {
    it('psychic signatures are refused, the honest one accepted', async () => {
      const key = await publicKey('ES256')
      const [h, p, s] = pairToken('ES256').split('.') as [string, string, string]
      const honest = unb64(s)
      for (const [r, t] of [[zero, zero], [zero, honest.slice(32)], [honest.slice(0, 32), zero], [order, order], [order, zero], [zero, order], [order, honest.slice(32)], [honest.slice(0, 32), order], [new Uint8Array(32).fill(255), new Uint8Array(32).fill(255)]] as const) {
        await refused('ERR_JWT_SIGNATURE', () => verify(`${h}.${p}.${bytes(r, t)}`, key, es256))
      }
      await verify(`${h}.${p}.${s}`, key, es256)
    })
  })

  describe('a signature has one length (CVE-2020-13822, CVE-2024-42459, CVE-2024-42460, CVE-2024-42461, CVE-2024-48948, CVE-2024-48949, CVE-2020-14966, CVE-2020-14967, CVE-2020-14968, CVE-2021-30246, CVE-2018-1000539, CVE-2023-37464)', () => {
    it('ES256 in DER, with a zero before r or s, longer or shorter', async () => {
      const key = await publicKey('ES256')
      const [h, p, s] = pairToken('ES256').split('.') as [string, string, string]
      const honest = [...unb64(s)]
      const [r, t] = [honest.slice(0, 32), honest.slice(32)]
      for (const other of [[0, ...honest], [...honest, 0], [...r, 0, ...t], [0, ...r, 0, ...t], honest.slice(1), honest.slice(0, -1), [...honest, ...honest], [0x30, 0x44, 2, 32, ...r, 2, 32, ...t], [0x30, 0x46, 2, 33, 0, ...r, 2, 33, 0, ...t]]) {
        await refused('ERR_JWT_SIGNATURE', () => verify(`${h}.${p}.${bytes(other)}`, key, es256))
      }
      await verify(`${h}.${p}.${s}`, key, es256)
    })

    it('RS256 with zeros before it, without its first octet, or grown by the modulus', async () => {
      const key = await publicKey('RS256')
      const options = { ...hs256, algorithms: ['RS256'] }
      const [h, p, s] = pairToken('RS256').split('.') as [string, string, string]
      const honest = unb64(s)
      const number = (octets: Uint8Array): bigint => BigInt(`0x${[...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('')}`)
      const grown = (number(honest) + number(unb64(pair('RS256').publicJwk['n']!))).toString(16)
      const others = [bytes([0], honest), bytes([0, 0], honest), bytes(honest.slice(1)), bytes(honest, [0]), b64(hex(grown.padStart(grown.length + grown.length % 2, '0')))]
      for (const other of others) await refused('ERR_JWT_SIGNATURE', () => verify(`${h}.${p}.${other}`, key, options))
      await verify(`${h}.${p}.${s}`, key, options)
    })

    it('an HMAC cut short, to one octet or by one, or lengthened', async () => {
      const [h, p, s] = token().split('.') as [string, string, string]
      const tag = unb64(s)
      for (const length of [0, 1, 4, 8, 12, 16, 31]) await refused('ERR_JWT_SIGNATURE', () => verify(`${h}.${p}.${b64(tag.slice(0, length))}`))
      for (const other of [bytes(tag, [0]), bytes([0], tag), bytes(tag, tag)]) await refused('ERR_JWT_SIGNATURE', () => verify(`${h}.${p}.${other}`))
      await verify(`${h}.${p}.${s}`)
    })

    it('Ed25519 with S beyond the order, which is the same signature to a lax verifier', async () => {
      const key = await publicKey('Ed25519')
      const options = { ...hs256, algorithms: ['Ed25519'] }
      const [h, p, s] = pairToken('Ed25519').split('.') as [string, string, string]
      const honest = unb64(s)
      const L = 2n ** 252n + 27742317777372353535851937790883648493n
      const S = honest.slice(32).reduceRight((sum, octet) => sum * 256n + BigInt(octet), 0n) + L
      const grown = Uint8Array.from({ length: 32 }, (_, i) => Number(S >> BigInt(8 * i) & 255n))
      await refused('ERR_JWT_SIGNATURE', () => verify(`${h}.${p}.${bytes(honest.slice(0, 32), grown)}`, key, options))
      await verify(`${h}.${p}.${s}`, key, options)
    })
  })

  describe('there is one spelling of a token (CVE-2022-25898, CVE-2026-102269)', () => {
    it('every other spelling of the signature is refused: a list of revoked token texts is not escaped', async () => {
      for (const name of ['RS256', 'ES256', 'Ed25519'] as PairName[]) {
        const key = await publicKey(name)
        const [h, p, s] = pairToken(name).split('.') as [string, string, string]
        for (const other of spellings(s)) await refused('ERR_JWT_MALFORMED', () => verify(`${h}.${p}.${other}`, key, { ...hs256, algorithms: [name] }))
        await verify(`${h}.${p}.${s}`, key, { ...hs256, algorithms: [name] })
      }
    })

    it('and of header and payload, even when it was signed as it stands', async () => {
      const [h, p] = [b64(head), b64({ ...claims, x: 'é~' })]
      const signed = (header: string, payload: string): string => `${header}.${payload}.${mac(`${header}.${payload}`)}`
      for (const other of spellings(h)) await refused('ERR_JWT_MALFORMED', () => verify(signed(other, p)))
      for (const other of spellings(p)) await refused('ERR_JWT_MALFORMED', () => verify(signed(h, other)))
      await verify(signed(h, p))
    })

    it('the last character of an HS256 signature has four spellings to a lax decoder, and one here', async () => {
      const good = token()
      const honest = decode(good).signature
      let same = 0
      for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        const text = good.slice(0, -1) + last
        const lax = (globalThis as unknown as { atob: (text: string) => string }).atob(text.split('.')[2]!.replaceAll('-', '+').replaceAll('_', '/'))
        if (lax === String.fromCharCode(...honest)) same++
        if (text === good) await verify(text)
        else await expect(verify(text)).rejects.toMatchObject({ code: /_SIGNATURE|_MALFORMED/ })
      }
      expect(same).toBe(4)
    })
  })

  describe('no two signatures share their nonce (GHSA-vjh7-7g9h-fjfh)', () => {
    it('ES256 signs different contents, also such that another library takes for the same number, with different r', async () => {
      const key = await privateKey('ES256')
      const contents = [[], [0], [0, 0], [1], [0, 1], [1, 0], Array<number>(32).fill(255), Array<number>(33).fill(255)].map((content) => Uint8Array.from(content))
      const tokens = await Promise.all([...contents, ...contents].map((content) => signBytes(content, key)))
      const seen = new Map<string, string>()
      for (const text of tokens) {
        const [h, p, s] = text.split('.') as [string, string, string]
        const r = b64(unb64(s).slice(0, 32))
        expect(seen.get(r) ?? `${h}.${p}`).toBe(`${h}.${p}`) // a deterministic nonce may come again for the same content
        seen.set(r, `${h}.${p}`)
      }
      expect(seen.size).toBeGreaterThanOrEqual(contents.length)
      for (const [i, text] of tokens.entries()) expect((await verifyBytes(text, await publicKey('ES256'), { algorithms: ['ES256'] })).payload).toEqual(contents[i % contents.length])
    })

    it('what is no bytes is not signed', async () => {
      for (const content of ['text', 12345, 10n, [1, 2], { length: 2 }]) await expect(signBytes(content, await privateKey('ES256'))).rejects.toBeInstanceOf(TypeError)
      await signBytes(new Uint8Array(), await privateKey('ES256'))
    })
  })

  describe('a key whose signatures are good for every message, or whose point is none, cannot be imported (CVE-2023-25653)', () => {
    it('an Ed25519 key of small order', async () => {
      const small = ['AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '7P_______________________________________38', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA', 'xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o', '7f_______________________________________38', '7v_______________________________________38']
      for (const x of small) await refused('ERR_JWT_KEY', () => importJwk({ kty: 'OKP', crv: 'Ed25519', x }, 'Ed25519'))
      await importJwk({ kty: 'OKP', crv: 'Ed25519', x: ed25519.x }, 'Ed25519')
    })

    it('RSA with e = 1, even, or of many octets', async () => {
      const { publicJwk } = pair('RS256')
      for (const e of ['AQ', 'Ag', 'AA', 'AAAAAQ', 'AQAAAAE', publicJwk['n']!]) await refused('ERR_JWT_KEY', () => importJwk({ ...publicJwk, e }, 'RS256'))
      await verify(pairToken('RS256'), await importJwk(publicJwk, 'RS256'), { ...hs256, algorithms: ['RS256'] })
    })

    it.each([['P-256', 'ES256', p256], ['P-384', 'ES384', p384], ['P-521', 'ES512', p521]] as const)('%s: points off the curve, at its edges and beyond its field end in a refusal, and in time', async (crv, name, jwk) => {
      const size = fromB64u(jwk.x).length
      const y = fromB64u(jwk.y)
      y[size - 1]! ^= 1
      const full = (octet: number): string => b64(new Uint8Array(size).fill(octet))
      const one = b64(Uint8Array.from({ length: size }, (_, i) => i === size - 1 ? 1 : 0))
      const points: { x?: string, y?: string }[] = [{ y: b64(y) }, { x: jwk.y, y: jwk.x }, { x: full(0), y: full(0) }, { x: full(255), y: full(255) }, { x: one, y: one }, { x: full(0), y: one }, { x: one, y: full(0) }, { x: full(255), y: jwk.y }, { x: jwk.x, y: full(0) }, { x: jwk.x, y: full(170) }]
      for (const broken of points) await refused('ERR_JWT_KEY', () => importJwk({ kty: 'EC', crv, x: jwk.x, y: jwk.y, ...broken }, name))
      await importJwk({ kty: 'EC', crv, x: jwk.x, y: jwk.y }, name)
    })
  })
})
