// What the compiler says of a misuse: what is wrong and what to write, and nothing that leads to a worse mistake.

import ts from 'typescript'
import { beforeAll, expect, test } from 'vitest'
import { shipped } from './shipped'

const start = `
import { createSigner, exportPem, sign, verify, type CryptoKey } from 'waxseal'
import { discover, issuers } from 'waxseal/jwks'
import { signSync } from 'waxseal/node'
declare const key: CryptoKey, hmac: CryptoKey<'HS256', 'secret'>, privateKey: CryptoKey<'ES256', 'private'>, token: string, text: string
`

/** A call, and what must be in the words about it. */
const calls: [string, RegExp][] = [
  ['verify(token, text, { algorithms: ["ES256"] })', /a secret is for HS256, HS384, HS512 alone; the text of a key is no secret: see importPem, importJwk/],
  ['verify(token, text, { algorithms: ["ES256"], isRevoked: ({ jti }) => !jti })', /the text of a key is no secret: see importPem/],
  ['verify(token, key, { algorithms: [] })', /empty is refused: name the algorithms that you accept/],
  ['verify(token, key, { algorithms: ["HS256", "ES256"] })', /HS\* beside public-key algorithms is refused, unless the key is a keySet or a function/],
  ['verify(token, privateKey, { algorithms: ["ES256"] })', /verify takes the public key/],
  ['verify(token, key, { algorithms: ["ES256"], issuer: "" })', /empty is refused: leave the option out/],
  ['sign({ exp: 1 }, key, { expiresIn: 5 })', /the option expiresIn gives this claim: leave one of the two out/],
  ['sign({ sub: "a" }, key, { expiresIn: 5, subject: "a" })', /the option subject gives this claim/],
  ['createSigner(key, { expiresIn: 5, issuer: "a" })({ iss: "a" })', /the option issuer gives this claim/],
  ['sign({}, key, { expiresIn: 5, header: { kid: "a" } })', /kid is the option keyId/],
  ['sign({ exp: 1 }, text)', /a secret needs the option algorithm: HS256, HS384 or HS512/],
  ['sign(Promise.resolve({}), key, { expiresIn: 5 })', /a plain object of claims: no Promise \(await it\)/],
  ['signSync({}, { algorithm: "ES256", sign: async () => new Uint8Array() }, { expiresIn: 5 })', /sign must give its bytes at once here/],
  ['exportPem(hmac)', /a secret has no PEM form: see exportJwk/],
  ['issuers([{ ...discover("https://a.example"), algorithms: ["ES256"] }])', /name issuer and keys alone/],
]

let said: string[]

beforeAll(() => {
  const options = shipped()
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  const name = (i: number): string => `/call-${i}.mts`
  const texts = new Map(calls.map(([call], i) => [name(i), `${start}${call}\n`]))
  host.getSourceFile = (path, ...more) => texts.has(path) ? ts.createSourceFile(path, texts.get(path)!, ts.ScriptTarget.ES2022) : getSourceFile(path, ...more)
  const program = ts.createProgram([...texts.keys()], options, host)
  said = calls.map((_, i) => program.getSemanticDiagnostics(program.getSourceFile(name(i))).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')).join('\n'))
}, 120_000)

test.each(calls.map(([call, words], i) => [call, words, i] as const))('%s', (_, words, i) => {
  expect(said[i]).toMatch(words)
  expect(said[i]).not.toMatch(/Did you mean|to type '(never|undefined)'/)
})
