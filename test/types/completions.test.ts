// What an editor offers: between the braces of a call stand the names of all its options.

import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'
import { shipped } from './shipped'

const start = `
import {
  createSigner, createVerifier, decode, exportJwk, generateKey, importSecret, safeVerify, sign, verify, type CryptoKey, type KeySet, type SignOptions, type VerifyOptions,
} from 'waxseal'
import { signBytes, verifyBytes } from 'waxseal/jws'
import { createSignerSync, createVerifierSync, signBytesSync, signSync, verifySync } from 'waxseal/node'
import { discover, issuers, remoteKeySet } from 'waxseal/jwks'
import { keyRing, type KeyRing } from 'waxseal/keyring'
import { accessToken, signAccessToken, signIdToken, verifyIdToken, verifyLogoutToken } from 'waxseal/profiles'
declare const key: CryptoKey, es256: CryptoKey<'ES256'>, keys: KeySet, token: string, secret: string, ring: KeyRing<'ES256'>, bytes: Uint8Array
`

const forSign = ['algorithm', 'allowWeakKeys', 'audience', 'expiresIn', 'header', 'issuedAt', 'issuer', 'jwtId', 'keyId', 'notBefore', 'now', 'subject', 'type']
const forCall = forSign.filter((name) => name !== 'algorithm' && name !== 'allowWeakKeys')
const forRing = forCall.filter((name) => name !== 'keyId' && name !== 'now')
const forBytes = ['algorithm', 'allowWeakKeys', 'detached', 'header', 'keyId', 'type']
const forVerify = [
  'algorithms', 'allowPadding', 'allowWeakKeys', 'audience', 'clockTolerance', 'crit', 'isRevoked', 'issuer', 'jwtId', 'maxAge', 'maxTokenLength', 'nonce', 'now', 'requireExpiry',
  'requiredClaims', 'requiredHeader', 'schema', 'subject', 'type',
]
const forVerifier = ['cache', ...forVerify]

/** A call, and what is offered where the bar stands. */
const calls: [string, string[]][] = [
  ['sign({ sub: "a" }, key, { | })', forSign],
  ['sign({ sub: "a" }, es256, {|})', forSign],
  ['sign({ sub: "a" }, key, { expiresIn: "5m", | })', forSign],
  ['sign({ sub: "a" }, secret, { algorithm: "HS256", | })', forSign],
  ['createSigner(key, { | })', forSign],
  ['createSigner(secret, { | })', forSign],
  ['createSigner(key, { expiresIn: "5m" })({ sub: "a" }, { | })', forCall],
  ['createSigner(key)({ exp: 5 }, { | })', forCall],
  ['signSync({ sub: "a" }, key, { | })', forSign],
  ['createSignerSync(key, { | })', forSign],
  ['createSignerSync(key, { expiresIn: "5m" })({ sub: "a" }, { | })', forCall],
  ['ring.sign({ sub: "a" }, { | })', forRing],
  ['signBytes(bytes, key, { | })', forBytes],
  ['signBytesSync(bytes, key, { | })', forBytes],
  ['signAccessToken({ client_id: "a" }, key, { | })', forSign.filter((name) => name !== 'type')],
  ['signAccessToken({ client_id: "a" }, ring, { | })', forSign.filter((name) => name !== 'type')],
  ['signIdToken({}, key, { | })', ['accessToken', 'code', ...forSign.filter((name) => name !== 'type')]],
  ['exportJwk(key, { | })', ['keyId', 'public']],
  ['exportJwk(es256, { keyId: "a", | })', ['keyId', 'public']],
  ['generateKey("RS256", { | })', ['extractable', 'keyId', 'modulusLength']],
  ['importSecret(secret, "HS256", { | })', ['allowWeakKeys', 'extractable', 'keyId']],
  ['verify(token, key, { | })', forVerify],
  ['verify(token, secret, { algorithms: ["HS256"], | })', forVerify],
  ['safeVerify(token, keys, { algorithms: ["ES256"], | })', forVerify],
  ['createVerifier(key, { algorithms: ["ES256"], | })', forVerifier],
  ['createVerifier(key, { algorithms: ["ES256"] })(token, { | })', ['jwtId', 'nonce', 'subject']],
  ['verifySync(token, key, { | })', forVerify],
  ['createVerifierSync(key, { | })', forVerifier],
  ['verifyBytes(token, key, { | })', ['algorithms', 'allowPadding', 'allowWeakKeys', 'crit', 'detachedPayload', 'maxTokenLength', 'requiredHeader', 'type']],
  ['decode(token, { | })', ['allowPadding', 'maxTokenLength']],
  ['issuers([{ issuer: "a", keys, algorithms: ["ES256"] }], { | })', ['cache']],
  ['accessToken({ | })', forVerifier.filter((name) => !['nonce', 'requireExpiry', 'type'].includes(name))],
  ['const options: SignOptions = { | }', forSign],
  ['const options: VerifyOptions = { | }', forVerify],
]

describe('completions', () => {
  const file = '/application.mts'
  let text = ''
  let version = 0
  let service: ts.LanguageService

  beforeAll(() => {
    const options = shipped()
    service = ts.createLanguageService({
      ...ts.sys,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      fileExists: (name) => name === file || ts.sys.fileExists(name),
      readFile: (name) => name === file ? text : ts.sys.readFile(name),
      getCurrentDirectory: () => '/',
      getScriptFileNames: () => [file],
      getScriptVersion: (name) => name === file ? String(version) : '0',
      getScriptSnapshot: (name) => ts.ScriptSnapshot.fromString(name === file ? text : ts.sys.readFile(name) ?? ''),
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      getCompilationSettings: () => options,
    })
  }, 120_000)

  function offered(call: string): string[] {
    const position = start.length + call.indexOf('|')
    text = start + call.replace('|', '')
    version++
    return service.getCompletionsAtPosition(file, position, {})?.entries.map(({ name }) => name).sort() ?? []
  }

  /** A name that the braces hold is not offered again. */
  test.each(calls)('%s', (call, names) => {
    expect(offered(call)).toEqual(names.filter((name) => !call.slice(call.lastIndexOf('{')).includes(`${name}:`)).sort())
  }, 60_000)

  test('for the values of an option: the algorithms, and those of the key alone if its type tells', () => {
    expect(offered('sign({}, es256, { expiresIn: 5, algorithm: "|" })')).toEqual(['ES256'])
    expect(offered('verify(token, es256, { algorithms: ["|"] })')).toEqual(['ES256'])
    expect(offered('verify(token, key, { algorithms: ["|"] })')).toContain('PS512')
    expect(offered('sign({}, secret, { algorithm: "|" })')).toEqual(['HS256', 'HS384', 'HS512'])
  }, 60_000)

  test('an option says what it is', () => {
    for (const [call, name, words] of [['sign({}, key, { | })', 'expiresIn', 'counted from now'], ['verify(token, key, { | })', 'audience', 'one must be in `aud`']] as const) {
      expect(offered(call)).toContain(name)
      const { documentation } = service.getCompletionEntryDetails(file, start.length + call.indexOf('|'), name, {}, undefined, {}, undefined)!
      expect(ts.displayPartsToString(documentation)).toContain(words)
    }
  }, 60_000)
})
