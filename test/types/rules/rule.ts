// How the files beside this one are written: a rule is a title and code that is compiled and never run. What must not
// compile stands under @ts-expect-error; `same` compiles only if the type of the value is exactly the one given.

export declare function rule(title: string, body: () => unknown): void

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

export declare function same<Expected>(): <Actual>(value: Actual, ...proof: Equal<Expected, Actual> extends true ? [] : [never]) => void

/** Keys and a token to write rules with. */
import type { CryptoKey, KeySet, Signer } from 'waxseal'
export declare const token: string
export declare const secret: string
export declare const hmacKey: CryptoKey<'HS256', 'secret'>
export declare const privateKey: CryptoKey<'ES256', 'private'>
export declare const publicKey: CryptoKey<'ES256', 'public'>
export declare const signer: Signer<'ES256'>
export declare const set: KeySet
