// The part of node:crypto that keys/node.ts uses, so that neither the build nor a consumer needs @types/node.

declare module 'node:crypto' {
  export class KeyObject {
    static from(key: object): KeyObject
    readonly type: 'secret' | 'public' | 'private'
    readonly asymmetricKeyType?: string
    export(): Uint8Array
    export(options: { format: 'jwk' }): Record<string, string>
    export(options: { format: 'der', type: 'pkcs8' }): Uint8Array
  }

  interface Hmac {
    update(data: string): Hmac
    digest(encoding: 'base64url'): string
  }

  type Material = { key: object, format: 'jwk' } | { key: Uint8Array, format: 'der', type: 'pkcs8' }
  interface SigningKey { key: KeyObject, dsaEncoding?: 'ieee-p1363', padding?: number, saltLength?: number }

  export function createSecretKey(bytes: Uint8Array): KeyObject
  export function createPrivateKey(material: Material): KeyObject
  export function createPublicKey(material: Material): KeyObject
  export function createHmac(hash: string, key: KeyObject): Hmac
  export function generateKeyPairSync(type: string): unknown
  export function sign(hash: string | null, data: Uint8Array, key: SigningKey): Uint8Array
  export function verify(hash: string | null, data: Uint8Array, key: SigningKey, signature: Uint8Array): boolean
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean
  export const constants: { readonly RSA_PKCS1_PADDING: number, readonly RSA_PKCS1_PSS_PADDING: number }
}
