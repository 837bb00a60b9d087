// Keys for the tests, and the tools to take them apart and to misshape them. All of it is independent of the library:
// node:crypto, Buffer and the small DER writer below are the second opinion. The keys are printed in RFCs or were made
// for these tests; they are secret to nobody.

// @ts-ignore -- no types of Node are installed
import * as nodeCrypto from 'node:crypto'
// @ts-ignore
import * as nodeFs from 'node:fs'
// @ts-ignore
import * as nodeUrl from 'node:url'
import { expect } from 'vitest'
import * as waxseal from 'waxseal'
import { algorithms, generateKey, importJwk, importSecret, isJwtError, isSupported } from 'waxseal'
import type { Algorithm, CryptoKey, HmacAlgorithm, JwtError, JwtErrorCode, JwtPayload, KeySet, PublicKeyAlgorithm } from 'waxseal'
import * as jws from 'waxseal/jws'
import { usable } from './door'

// ─── the platform, as far as the tests use it ────────────────────────────────

export type Jwk = Readonly<Record<string, unknown>>

export interface KeyObject {
  readonly type: string
  readonly asymmetricKeyType?: string
  export(options: { format: 'jwk' }): Record<string, string>
  export(options: { format: 'pem', type: string, cipher?: string, passphrase?: string }): string
  export(options: { format: 'der', type: string }): Uint8Array
}

interface NodeCrypto {
  createPrivateKey(input: unknown): KeyObject
  createPublicKey(input: unknown): KeyObject
  createSecretKey(input: Uint8Array): KeyObject
  createHmac(hash: string, key: Uint8Array): { update(data: Uint8Array): { digest(): Uint8Array } }
  createHash(hash: string): { update(data: string): { digest(encoding: 'base64url'): string } }
  generateKeyPairSync(type: string, options?: object): { privateKey: KeyObject, publicKey: KeyObject }
  sign(hash: string | null, data: Uint8Array, key: unknown): Uint8Array
  verify(hash: string | null, data: Uint8Array, key: unknown, signature: Uint8Array): boolean
  randomBytes(length: number): Uint8Array
  X509Certificate: new (text: string) => { readonly publicKey: KeyObject, verify(key: KeyObject): boolean }
}

export const node = nodeCrypto as unknown as NodeCrypto

interface Subtle {
  importKey(format: string, material: unknown, algorithm: object, extractable: boolean, usages: string[]): Promise<CryptoKey>
  exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer>
  generateKey(algorithm: object, extractable: boolean, usages: string[]): Promise<CryptoKey & { privateKey: CryptoKey, publicKey: CryptoKey }>
  sign(algorithm: object, key: CryptoKey, data: Uint8Array): Promise<ArrayBuffer>
  verify(algorithm: object, key: CryptoKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>
}

interface BufferLike extends Omit<Uint8Array, 'toString'> { toString(encoding: string): string, equals(other: Uint8Array): boolean }

const platform = globalThis as unknown as {
  crypto: { subtle: Subtle }
  process: { env: Record<string, string | undefined> }
  URL: new (path: string, base: string) => unknown
  Buffer: { from(data: string | Uint8Array | readonly number[], encoding?: string): BufferLike & Uint8Array, concat(parts: Uint8Array[]): BufferLike & Uint8Array }
}

export const subtle = platform.crypto.subtle
export const Buffer = platform.Buffer

/** A signer elsewhere (KMS), which holds an ES256 key. */
export const remoteSigner = (key: unknown): object => ({
  algorithm: 'ES256', sign: async (bytes: Uint8Array) => new Uint8Array(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key as CryptoKey, bytes)),
})

// ─── bytes and text ──────────────────────────────────────────────────────────

/** UTF-8 bytes, plain. */
export const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'))
export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'))
export const b64u = (data: Uint8Array | string): string => Buffer.from(data as string).toString('base64url')
export const fromB64u = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'))
export const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** A token of any header, payload and signature: what a stranger can send. */
export const compact = (header: unknown, payload: unknown, signature: Uint8Array = new Uint8Array(32)): string =>
  [header, payload].map((part) => b64u(part instanceof Uint8Array ? part : typeof part === 'string' ? part : JSON.stringify(part))).join('.') + `.${b64u(signature)}`

// ─── key material ────────────────────────────────────────────────────────────

/** RFC 7515 A.1.1: 64 octets, enough for every HS*. */
export const oct = { kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow' }
export const secret = fromB64u(oct.k)
/** RFC 7515 A.2.1 */
export const rsa = { kty: 'RSA', n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ', e: 'AQAB', d: 'Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ', p: '4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc', q: 'uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc', dp: 'BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0', dq: 'h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU', qi: 'IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U' }
/** RFC 7520 3.4 */
export const rsa2 = { kty: 'RSA', n: 'n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw', e: 'AQAB', d: 'bWUC9B-EFRIo8kpGfh0ZuyGPvMNKvYWNtB_ikiH9k20eT-O1q_I78eiZkpXxXQ0UTEs2LsNRS-8uJbvQ-A1irkwMSMkK1J3XTGgdrhCku9gRldY7sNA_AKZGh-Q661_42rINLRCe8W-nZ34ui_qOfkLnK9QWDDqpaIsA-bMwWWSDFu2MUBYwkHTMEzLYGqOe04noqeq1hExBTHBOBdkMXiuFhUq1BU6l-DqEiWxqg82sXt2h-LMnT3046AOYJoRioz75tSUQfGCshWTBnP5uDjd18kKhyv07lhfSJdrPdM5Plyl21hsFf4L_mHCuoFau7gdsPfHPxxjVOcOpBrQzwQ', p: '3Slxg_DwTXJcb6095RoXygQCAZ5RnAvZlno1yhHtnUex_fp7AZ_9nRaO7HX_-SFfGQeutao2TDjDAWU4Vupk8rw9JR0AzZ0N2fvuIAmr_WCsmGpeNqQnev1T7IyEsnh8UMt-n5CafhkikzhEsrmndH6LxOrvRJlsPp6Zv8bUq0k', q: 'uKE2dh-cTf6ERF4k4e_jy78GfPYUIaUyoSSJuBzp3Cubk3OCqs6grT8bR_cu0Dm1MZwWmtdqDyI95HrUeq3MP15vMMON8lHTeZu2lmKvwqW7anV5UzhM1iZ7z4yMkuUwFWoBvyY898EXvRD-hdqRxHlSqAZ192zB3pVFJ0s7pFc', dp: 'B8PVvXkvJrj2L-GYQ7v3y9r6Kw5g9SahXBwsWUzp19TVlgI-YV85q1NIb1rxQtD-IsXXR3-TanevuRPRt5OBOdiMGQp8pbt26gljYfKU_E9xn-RULHz0-ed9E9gXLKD4VGngpz-PfQ_q29pk5xWHoJp009Qf1HvChixRX59ehik', dq: 'CLDmDGduhylc9o7r84rEUVn7pzQ6PF83Y-iBZx5NT-TpnOZKF1pErAMVeKzFEl41DlHHqqBLSM0W1sOFbwTxYWZDm6sI6og5iTbwQGIC3gnJKbi_7k_vJgGHwHxgPaX2PnvP-zyEkDERuf-ry4c_Z11Cq9AqC2yeL6kdKT1cYF8', qi: '3PiqvXQN0zwMeE-sBvZgi289XP9XCQF3VWqPzMKnIgQp7_Tugo6-NZBKCQsMf3HaEGBjTVJs_jcK8-TRXvaKe-7ZMaQj8VfBdYkssbu0NKDDhjJ-GtiseaDVWt7dcH0cfwxgFUHpQh7FoCrjFJ6h6ZEpMF6xmujs4qMpPz8aaI4' }
/** e = 3: small, but sound. */
export const rsaE3 = { kty: 'RSA', n: 'vO8VsCO2iK5AFCjKllTXkqPlDezCHqFuIg5i-pGzodTW3MOBarjY8SuN427uzqniKBMPyNg6uen6ZTJmzHIZKyMiBWdVaSWh_9c9SKKCuL0fEvNdRDB7OhBJi07PYfQY-M-mF21eknFVdxqEX79akS8MxOY0PGZkZWUbmifGodoGkVSmmdfv_jFgdWQnzHFePx1c_HImd0si0zAcRT6c8llZNNgUuDd3I07khZGokdISGqNVbGx0JeV1xYkzK6VgRwSjxPrAPg4Ps_2MhWW7T6Uk15rnoMdtuwHT1VRTHu8ItQQJ6XM0fJ4xLxd5F-JZqfK9r2PCYFw4To2TCWdNxw', e: 'Aw', d: 'ffS5IBfPBcmADXCHDuM6YcKYs_MsFGuewV7spwvNFo3kky0A8dCQoMez7PSfNHFBcAy1MJAnJpv8Q3bvMva7chdsA5o48MPBVToo2xcB0H4Ut0zo2CBSJrWGXN806_gQpd_ED54_DEuOT2cC6n-Rth9d2Jl4KERC7kNnvBqEa-WJIADK0--PcqTubg4-wRFPO9JXeiyfsOc6YJZuBiK-rGnclZ95q2ev4gK_bAbKDPEen8toPOCrxc4rG-aeSSFPGbO2pKWkNMHbOV-qcnA0c-hlPS9YGLw6iwW5ZnC8lyM9NOSkg9YlwwhcGFDnkkP8TWlGpdKB51gepBHL3k842w', p: '63-OBfl8_A8MoqY3AV1LPFUPQM11EXmUme12tLoR-kbBAbwnHTyww9uT7SdJ-WgqtSQlDvRUM7Hk8_TYTvhyHpIx3NZbF0gJyBh2ZbaU-tB1VzXQniDgAwhJ_cQPZO_KMGrcAKRVygauAl_9Bqvm5yQJPQ_o8j6LbnuWSuwew5U', q: 'zWHFcGJznMMtWCoXyE2MKxBSmPe6JXRbsVTXwoH4hKj5jJhBwPprK3S22Dw9gBY9rwbNKhzHPstLQSbW9sWBSw5FNPenMqbhfsV3pyMocdFTNcYDRVrNEuIvP_eb00xv_HrREn9cMdFjpKqhFxCVeBHLlqa_DUbMm9zclk_RtOs', dp: 'nP-0A_uoqAoIbG7PVj4yKDi01d5OC6ZjEUj5zdFhUYSAq9LEvih11-e382-GpkVxzhgYtKLizSFDTU3lifr2vwwhPeQ8ujAGhWWkQ88N_Ir45M6LFBXqrLAxU9gKQ0qGyvHoAG2Ohq8erD_-BHKZ721bfgqbTCmySae5h0gUgmM', dq: 'iOvY9Zb3vddzkBwP2t5dcgrhu0_Rbk2SdjiP1wFQWHCmXbrWgKbyHPh55X1-VWQpH1neHBMvfzIyK285-dkA3LQuI0_EzG9A_y5PxMIa9ouMzoQCLjyIt0F01U-9N4hKqFHgtv-Sy-DtGHHAugsOUAvdDxnUs4SIZ-iTDt_hI0c', qi: 'b0-nLqGg7V3HM-nSPCTJedXGKglIANvOcgFJmY1e6XPRRaHDqr5pADtWVE2LCAU98QWKNkMGqzYB9gcVuYZreOTgIIz-zmFS_zAJeVnDgz0CZu-C0SSrTd3bajy-AycKK380loWAGw5DBRDUiPVrZWZfgm56zXIroKwhD0p65OI' }
export const rsa1024 = { kty: 'RSA', n: 'xXvw9r3cCabP8mOuZE_aGRFGqoAIhopR2hKdU0ap8q6BO1ALQHew78JzlMn5Xw7PSDCUHu8bux0YzXRHKHKqeqHW8jW8eIc4FywwiRtGBOly7m8oo_NNFKzQId87M8zyl7jwP1ix-9cSaNGp0guxvclO-l1FFgCBXJolnAvqcqc', e: 'AQAB', d: 'PAHfRHqIg_5GLbcQZLbG5NsVB_YDoS4ilQsW9xj_xxgzeJxn7tzvzMrfaBS_S50qaxsnxwaM_JxozvVIMgg1uKirB3n2WhTsO13anIED74SYBUS6H3-ze0yOz3V8P0-KcPF7wHunGC7p834zWB_uNZfz328Nnxb1vSdSu8TAWQE', p: '8uiBTlL_nvsbSlG7sV1qfJmF80vDWahdGqSZoPyoQUQItYowR6C2DKFK4RoWJve4KYC7CNc0KJaFU54N0AZBwQ', q: '0CC0DBPUcjJwWZrLGsQPyX2FN_gTgmNzaWrbabmCKfwlmdkQBo6qRHz225IlhZFNdRt2zSBwrw14uWFIxUl-Zw', dp: 'v_HgM888NRmCACFD6qzBt8Hs6kslC9UR9Tq6N09PeXtUUnfnHMKu-J3_uI7PkG1RdmJF6X98tNH0exW7HnXDQQ', dq: 'N61H_SMg5hvQKmhahSKGBqTpint23J62NTE82R-jTpABjxKeUuK_cersLvj9yKmCSx25vk47VtkHvq_jw8NRaQ', qi: 'NRaO_mC3ni3c5atipoidbuudyZdTXxYYmpXr-1Jcb3VIRGXnfHrBIOZNW60y5gLDPdeIjAf7SdCLjF9YUdBL1A' }
/** One bit below the floor, in as many octets as the floor has. */
export const rsa2047 = { kty: 'RSA', n: 'XR-vYZ4ANloP2eLb0kAQsD9MCQ0299SQq5xzqQkEYnOEY_D_VHPCmHEiePlP65bVy0QFeTolcbapnJAbi_UTRYzLhxxZvm0Vnlo-EyTIPqmT3gUGeFgb9psEGDkrs8WhWGnt_aN1v97NGBm4YhYPuVB2fjkrCLRfaHuKIfZxU0KXSSaAAQSE4h9r5ofLHZHp6sc9aFWYmxMfXY5uzaV30vFYUX7dOfytk-JeidgNfxnsdhNrkrN7nKvyvRW203yFhriwOwwlZJMvxq6pJ7A3Qmgi8XLO25OKoHSKOyiADkUAJgFd7QXZVRLBoSyErctp4BA8DWL1vkOIHHpNx8w5dQ', e: 'AQAB', d: 'UnJmDTAdEgHkvMysQFZ2MASqZe0sOHka6MUoZYTVO_D4Sp-o_3VJ2Tt5ANACYRt3B3KewfioBChrvHCd4ujE-jOwUlvYXM8pb7yH7t0G6OusPcoHM28Wutv94RBkz9Huil-m1IPvEUPKI0dKRpUvsKs7bX9hyWAghFm0L2OIa-SV1grzGnr3pTfY_6sU4DcaB2j6jj31cPCODFlUD1MzoyYfAnxj9UMCmesPw3ZWW2QRaPIHoBzoExlX_XjuKxw0liGKwTbrVOUxH9f6cCnjSDDZXjZNgt9iY7fqu21ZJyX3MP5GL1XR_kcMGQsNp5BhaLeFsONBrtUA1DBY6ls0gQ', p: 'wRnjSXWGUrWIj8MR1JG1CnXYcPF3M8H1CB_mC_7JXWdqtQoIbC2BZnH8FvbQHBh0mTamp2JvJC0w1uYji4ymnyEcZZJjpvDRXAiX2nUyRgW3LfJzh1RUx0HM_ckYktr_usdEuMI4S7uW70svc6XusBUFS12lcQcc_JVslrWSSGE', q: 'e3T9znsEoED751D9Akfz5NLvjsYvqSfj4xzsU0HSv_VWUQAs7jqR5QSI0hexIMP0SLPx61hEw6dv3vIHBr_MhFQ1dw3K3-W7LHWyIdUuszd1PfCsODD2tXwOE_7Is0yAprMubTThSWgU9AM7LjxX41hnqFBdimyaBd9nanmauZU', dp: 'CJ_OXeaI1ELVUY5lynejfU8cFpdCOqaL-gvqq1h6x9gplOJY0_QIVnn6x0_IpaiV9I3TTaCA1D3Mc5yds8rZWjwRV5v9JWSWBSVBGvmnACebMcslS8MBclDHBgKoPU7Yow_pStMpzoAXUqKqAOFFUsntjZsmG3E04zcNPYHogaE', dq: 'BvbdjnVQGH4x96WQ8D0A3CquCt7RN3ihmWE7T6MJ8Xw0h1M8NaAmNMYhtcBSZKfJMwS7o-wRzPu4CtqaXN4a-mgJsBKeHC1IdsSY7OGqxb9eJMVb4buZXzmFTcl0pvCs3TqEZvKxtsNhUzaPcxdCWffVuR_3duSTd7tXiSEdAlU', qi: 'RBA5GJb4w3uJmXJMeRyu9sDwbdEjqH7zMr7RSftxdQvFHK4itJcr-g_af1qTxiR5yFj8MnUA2ugcagzQOC3P-4THX-3wq6xPocbjjGDTSIu4I1TH5v-3rwcq7LV3BfvBESS5R24F4rTTyW7b5R5z_k_8cs5XQzXwYhNqlkMaT64' }
/** RFC 7515 A.3.1 */
export const p256 = { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0', d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI' }
export const p384 = { kty: 'EC', x: 'VyqfGc04CCYeOl4L-AOiFnGzdkylTsvpaSICugA9Rvub-B0Jg6POvWA7YN4mCM2O', y: 'kCihLZ2s6m-qY68AdTNbKu7JpurYk0oBJjPeWwp2r1KxrrQNvz3xuJh0Wy7U_qrf', crv: 'P-384', d: 'gcNaQGuMWmsq7dbSfRQ3zv5y5WGYPoFSwl1RfT9ztW76BMGm67bSTR6tyRryElrY' }
/** RFC 7515 A.4.1 */
export const p521 = { kty: 'EC', crv: 'P-521', x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk', y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2', d: 'AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C' }
/** RFC 8037 A.1 */
export const ed25519 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }

export const otherP256 = { kty: 'EC', x: 'CziSEvW85tknDZ_NDb-6TUxqrzQDfLDajGzxWnYMs5M', y: 'TM5vrVLKOSR07-7LhMxJWTapwEU2HI8gHveufUdB4Yw', crv: 'P-256', d: 'HYn3rPQQYjr2Gszu0W6Mi5dioNzKqdxkVdY9CFdbaBU' }
export const otherP384 = { kty: 'EC', x: 'EE71hygyDxZEYTMJBIUKSu9q4kQofrz70pqtY24-IjgXyrkBrRtx24dpnvJTpeqK', y: 'YviGLZRElYqECFsfosdf_LImRRKPrHYU0om4-8wfu-A9SqYnliLGzdsBEpCGF-Se', crv: 'P-384', d: '3q-s8CywafhVUN7NLY2TMUFFUuP6KlMFx_4-57je7_BRdXTRTGIrOrQfEP6SyQKt' }
export const otherP521 = { kty: 'EC', x: 'AYAltFNv_7c0tgNEXWrwjluM_WEtRDQ328Mq4Kxyaej5tzSlrdew8_7hnnESrnjUQS7QHHOy9CFow8IqYl-5beB8', y: 'AJaivrte6uC4PEnLA7zhDRiNGibVKcA5oHp0YDoetVZdB0Hybl8Ocop7G15RKH3BESjOUWeyKaVNY5WIpmtS3nvg', crv: 'P-521', d: 'AWtbZSSyjN-80O4tdjUausv39DHhN0NFSALRdj7Qm6IWeb7ZMuizl4ABpwblITNqox06e_qvNsrQlC-ELvFC-GI4' }
export const otherEd25519 = { crv: 'Ed25519', d: '42d7H1DOnu9f1o3jy0oothBd7W17OMbpbBck0Y3lHwk', x: 'TxgnODZ6Ggk__4ik_NINyjYV1HafoIP8NGflaW5UfcY', kty: 'OKP' }
export const x25519 = { crv: 'X25519', d: 'CDUsCvcRZLSj68luLy3-BIpZRltVbPI0oo2qeNWjZnA', x: 'QQ91q4LC6Kqva7fSzdiopK7rDEgeAqp_S8Ewlb9iDXo', kty: 'OKP' }

export const secretMembers = ['k', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'priv']

export function publicOf<J extends Jwk>(jwk: J): Omit<J, 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi' | 'priv' | 'k'> {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !secretMembers.includes(name))) as never
}

// ─── keys ────────────────────────────────────────────────────────────────────

/** What this runtime has; generate.test.ts checks that no more than ML-DSA is missing. */
export const supported: readonly Algorithm[] = (await Promise.all(algorithms.map(async (name) => await isSupported(name) ? [name] : []))).flat()
export const isHmac = (name: string): name is HmacAlgorithm => name.startsWith('HS')
export const publicKeyAlgorithms = supported.filter((name): name is PublicKeyAlgorithm => !isHmac(name))
/** Those to generate keys for: making an RSA key takes long, and the hash makes no other. */
export const worthGenerating = publicKeyAlgorithms.filter((name) => !/^[RP]S(384|512)/.test(name))

/** The private material for an algorithm, and another of the same kind; none is typed in for ML-DSA. */
export function materialFor(name: Algorithm): readonly [Jwk, Jwk] | undefined {
  if (isHmac(name)) return [oct, { kty: 'oct', k: b64u(new Uint8Array(64).fill(7)) }]
  if (/^[RP]S/.test(name)) return [rsa, rsa2]
  if (/^Ed/.test(name)) return [ed25519, otherEd25519]
  return ({ ES256: [p256, otherP256], ES384: [p384, otherP384], ES512: [p521, otherP521] } as Record<string, [Jwk, Jwk]>)[name]
}

export interface Pair { readonly signing: CryptoKey, readonly verifying: CryptoKey }

/** importJwk without its types: most tests hand over what would not compile. */
export const load = (jwk: unknown, algorithm?: Algorithm, options?: object): Promise<CryptoKey> => importJwk(jwk as never, algorithm as never, options as never)

async function pair(name: Algorithm, jwk: Jwk | undefined): Promise<Pair> {
  if (isHmac(name)) {
    const key = await importSecret(fromB64u(jwk?.['k'] as string), name)
    return { signing: key, verifying: key }
  }
  if (jwk) return { signing: await load(jwk, name), verifying: await load(publicOf(jwk), name) }
  const made = await generateKey(name, usable[0])
  return { signing: made.privateKey, verifying: made.publicKey }
}

/** Two pairs for an algorithm: a token of the one must not pass with the other. */
export const pairs = async (name: Algorithm): Promise<readonly [Pair, Pair]> => {
  const [one, two] = materialFor(name) ?? []
  return [await pair(name, one), await pair(name, two)]
}

// ─── the doors without their types ───────────────────────────────────────────

interface Untyped {
  sign(payload: unknown, key: unknown, options?: unknown): Promise<string>
  verify(token: unknown, key: unknown, options: unknown): Promise<{ payload: JwtPayload, header: Readonly<Record<string, unknown>> }>
  signBytes(payload: unknown, key: unknown, options?: unknown): Promise<string>
  verifyBytes(token: unknown, key: unknown, options: unknown): Promise<{ payload: Uint8Array, header: Readonly<Record<string, unknown>> }>
  createSigner(key: unknown, options?: unknown): (payload: unknown, options?: unknown) => Promise<string>
  createVerifier(key: unknown, options: unknown): (token: unknown) => Promise<{ payload: JwtPayload }>
  importSecret(secret: unknown, algorithm: unknown, options?: unknown): Promise<CryptoKey>
  importPem(text: unknown, algorithm: unknown, options?: unknown): Promise<CryptoKey>
  exportJwk(key: unknown, options?: unknown): Promise<Jwk>
  exportPem(key: unknown): Promise<string>
  thumbprint(key: unknown, hash?: unknown): Promise<string>
  generateKey(algorithm: unknown, options?: unknown): Promise<CryptoKey & { privateKey: CryptoKey, publicKey: CryptoKey }>
  keySet(keys: unknown): KeySet
  ecdsaFromDer(der: unknown, algorithm: unknown): Uint8Array
}

/** For tests that hand over what would not compile, or whose algorithm is a variable. */
export const untyped = { ...waxseal, ...jws } as unknown as Untyped

// ─── refusals ────────────────────────────────────────────────────────────────

async function failure(act: Promise<unknown> | (() => unknown)): Promise<unknown> {
  try {
    await (typeof act === 'function' ? act() : act)
  } catch (error) {
    return error
  }
  throw new Error('expected a refusal, but nothing was refused')
}

/** No run of base64url or hex long enough to be key material or a signature. */
const material = /[A-Za-z0-9_-]{24}/

/** Expects a JwtError of that code whose message has these words and no key material. */
export async function refused(act: Promise<unknown> | (() => unknown), code: JwtErrorCode, words: RegExp = /./): Promise<JwtError> {
  const error = await failure(act)
  if (!isJwtError(error)) throw error
  expect(error.code, error.message).toBe(code)
  expect(error.message).toMatch(words)
  expect(error.message).not.toMatch(material)
  return error
}

/** Expects a TypeError whose message has these words and no key material. */
export async function misused(act: Promise<unknown> | (() => unknown), words: RegExp = /./): Promise<void> {
  const error = await failure(act)
  if (!(error instanceof TypeError)) throw error
  expect(error.message).toMatch(words)
  expect(error.message).not.toMatch(material)
  expect(error.message, 'an accident, not a refusal').not.toMatch(/not a function|undefined \(reading|not iterable|Cannot (read|convert)|not an object/)
}

// ─── DER and PEM ─────────────────────────────────────────────────────────────

/** One element: tag, minimal length, content. */
export function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = join(...parts)
  const octets = hex((content.length.toString(16).length % 2 ? '0' : '') + content.length.toString(16))
  return join(Uint8Array.of(tag), content.length < 128 ? Uint8Array.of(content.length) : join(Uint8Array.of(0x80 + octets.length), octets), content)
}

export const sequence = (...parts: Uint8Array[]): Uint8Array => der(0x30, ...parts)
export const oid = (digits: string): Uint8Array => der(0x06, hex(digits))
export const octets = (data: Uint8Array): Uint8Array => der(0x04, data)
export const bits = (data: Uint8Array): Uint8Array => der(0x03, Uint8Array.of(0), data)
export const tagged = (n: number, ...parts: Uint8Array[]): Uint8Array => der(0xa0 + n, ...parts)
export const nothing = der(0x05)

/** An INTEGER of big-endian octets, not negative. */
export function integer(data: Uint8Array): Uint8Array {
  const start = data.findIndex((octet) => octet !== 0)
  const short = start < 0 ? Uint8Array.of(0) : data.subarray(start)
  return der(0x02, short[0]! > 127 ? Uint8Array.of(0) : new Uint8Array(), short)
}

export const oids = {
  rsa: '2a864886f70d010101', rsaPss: '2a864886f70d01010a', sha256WithRsa: '2a864886f70d01010b', ec: '2a8648ce3d0201',
  'P-256': '2a8648ce3d030107', 'P-384': '2b81040022', 'P-521': '2b81040023', secp256k1: '2b8104000a',
  Ed25519: '2b6570', X25519: '2b656e', Ed448: '2b6571', dsa: '2a8648ce380401',
}

/** An AlgorithmIdentifier. */
export const identifier = (type: string, parameters: Uint8Array = new Uint8Array()): Uint8Array => sequence(oid(type), parameters)

interface EcJwk { readonly crv: string, readonly x: string, readonly y: string, readonly d: string }
export const point = ({ x, y }: EcJwk): Uint8Array => join(Uint8Array.of(4), fromB64u(x), fromB64u(y))
export const compressed = ({ x, y }: EcJwk): Uint8Array => join(Uint8Array.of(2 + (fromB64u(y).at(-1)! & 1)), fromB64u(x))
const curveOf = ({ crv }: EcJwk): Uint8Array => oid(oids[crv as 'P-256'])

export const spki = (algorithm: Uint8Array, key: Uint8Array): Uint8Array => sequence(algorithm, bits(key))
export const pkcs8 = (algorithm: Uint8Array, key: Uint8Array, version = 0, ...more: Uint8Array[]): Uint8Array =>
  sequence(integer(Uint8Array.of(version)), algorithm, octets(key), ...more)
export const ecIdentifier = (jwk: EcJwk): Uint8Array => identifier(oids.ec, curveOf(jwk))
export const rsaIdentifier = identifier(oids.rsa, nothing)

/** SEC1 (RFC 5915), with or without the curve and the public part. */
export const sec1 = (jwk: EcJwk, { curve = true, open = point(jwk) as Uint8Array | undefined } = {}): Uint8Array =>
  sequence(integer(Uint8Array.of(1)), octets(fromB64u(jwk.d)), curve ? tagged(0, curveOf(jwk)) : new Uint8Array(), open ? tagged(1, bits(open)) : new Uint8Array())
/** SEC1 inside PKCS#8 as OpenSSL leaves it when told to drop the public part. */
export const bareSec1 = (jwk: EcJwk): Uint8Array => sequence(integer(Uint8Array.of(1)), octets(fromB64u(jwk.d)))

/** PKCS#1 of the named members of a JWK. */
export const pkcs1 = (jwk: Jwk, names: readonly string[]): Uint8Array => sequence(...names.map((name) => integer(fromB64u(jwk[name] as string))))
export const pkcs1Private = (jwk: Jwk): Uint8Array =>
  sequence(integer(Uint8Array.of(0)), ...['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'].map((name) => integer(fromB64u(jwk[name] as string))))

export function pem(label: string, data: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(data).toString('base64').replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`
}

const utcTime = (text: string): Uint8Array => der(0x17, utf8(text))
const commonName = (name: string): Uint8Array => sequence(der(0x31, sequence(oid('550403'), der(0x0c, utf8(name)))))

/** A certificate (RFC 5280 4.1) for a public key, signed with the RSA key of RFC 7515 A.2. */
export function certificate(subjectPublicKeyInfo: Uint8Array, { version1 = false } = {}): Uint8Array {
  const algorithm = identifier(oids.sha256WithRsa, nothing)
  const tbs = sequence(
    ...(version1 ? [] : [tagged(0, integer(Uint8Array.of(2)))]),
    integer(hex('0102030405')), algorithm, commonName('issuer'), sequence(utcTime('200101000000Z'), utcTime('491231235959Z')), commonName('subject'), subjectPublicKeyInfo,
  )
  return sequence(tbs, algorithm, bits(node.sign('sha256', tbs, nodePrivate(rsa))))
}

// ─── node:crypto ─────────────────────────────────────────────────────────────

export const nodePrivate = (jwk: Jwk): KeyObject => node.createPrivateKey({ key: jwk, format: 'jwk' })
export const nodePublic = (jwk: Jwk): KeyObject => node.createPublicKey({ key: publicOf(jwk), format: 'jwk' })
export const spkiOf = (jwk: Jwk): Uint8Array => new Uint8Array(nodePublic(jwk).export({ format: 'der', type: 'spki' }))
export const pkcs8Of = (jwk: Jwk): Uint8Array => new Uint8Array(nodePrivate(jwk).export({ format: 'der', type: 'pkcs8' }))

const hashOf = (name: Algorithm): string => `sha${name.slice(-3)}`

/** What node:crypto is told so that it signs as a JWS is signed. */
function nodeInput(name: Algorithm, key: KeyObject): [hash: string | null, input: unknown] {
  if (name.startsWith('PS')) return [hashOf(name), { key, padding: 6, saltLength: Number(name.slice(-3)) / 8 }] // RSA_PKCS1_PSS_PADDING
  if (name.startsWith('ES')) return [hashOf(name), { key, dsaEncoding: 'ieee-p1363' }]
  return [name.startsWith('RS') ? hashOf(name) : null, key]
}

export function nodeSign(name: Algorithm, key: KeyObject | Uint8Array, data: Uint8Array): Uint8Array {
  if (key instanceof Uint8Array) return new Uint8Array(node.createHmac(hashOf(name), key).update(data).digest())
  const [hash, input] = nodeInput(name, key)
  return new Uint8Array(node.sign(hash, data, input))
}

export function nodeVerify(name: Algorithm, key: KeyObject | Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (key instanceof Uint8Array) return Buffer.from(nodeSign(name, key, data)).equals(signature)
  const [hash, input] = nodeInput(name, key)
  return node.verify(hash, data, input, signature)
}

/** A token that node:crypto signed. */
export function nodeToken(name: Algorithm, key: KeyObject | Uint8Array, payload: unknown, header: object = {}): string {
  const input = compact({ alg: name, typ: 'JWT', ...header }, payload).split('.').slice(0, 2).join('.')
  return `${input}.${b64u(nodeSign(name, key, utf8(input)))}`
}

/** Whether node:crypto finds the signature of a token good. */
export function nodeAccepts(name: Algorithm, key: KeyObject | Uint8Array, token: string): boolean {
  const [header, payload, signature] = token.split('.') as [string, string, string]
  return nodeVerify(name, key, utf8(`${header}.${payload}`), fromB64u(signature))
}

/** Claims that verify takes at any time until the year 3000. */
export const claims = { sub: 'alice', exp: 32503680000 }

// ─── vectors that are read from a folder ─────────────────────────────────────

const fs = nodeFs as { existsSync(path: unknown): boolean, readFileSync(path: unknown, encoding: 'utf8'): string }

/** The folder of test vectors: the one that WAXSEAL_VECTORS names, which must be there, else ../shared/vectors beside the checkout. */
const named = platform.process.env['WAXSEAL_VECTORS']
if (named && !fs.existsSync(named)) throw new Error(`WAXSEAL_VECTORS names ${named}, which is not there`)
const vectors = named || nodeUrl.fileURLToPath(new platform.URL('../../../shared/vectors', (import.meta as unknown as { url: string }).url)) as string

/** A file of vectors, parsed; undefined if it is not there. */
export function readVectors<T>(path: string): T | undefined {
  const file = `${vectors}/${path}`
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) as T : undefined
}
