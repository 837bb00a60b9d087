// What the RFCs demand of a producer or a verifier of compact JWS and JWT: one entry for each key word (RFC 2119), in the
// order of the text. An entry names the tests that stand for it, as `file: title`, or says why it does not bind this library;
// a test of this folder stands for the duties that its title names. DUTIES.md is made of it.
//
// Besides the key words: `step` for what a numbered procedure demands without one, `must` and `should` in small letters
// where the text means it so.

export type Word = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'REQUIRED' | 'RECOMMENDED' | 'NOT RECOMMENDED' | 'must' | 'should' | 'step'

export interface Duty {
  readonly word: Word
  /** In short. */
  readonly duty: string
  /** `file: title`, below test/. */
  readonly tests: readonly string[]
  readonly reason?: string
  /** Whether the reason is one to do otherwise although it binds. */
  readonly departs?: boolean
}

export interface Document {
  readonly name: string
  readonly title: string
  /** What of the text is not listed, or how it was read. */
  readonly note: string
  readonly sections: Readonly<Record<string, readonly Duty[]>>
}

const duty = (word: Word, text: string, ...tests: string[]): Duty => ({ word, duty: text, tests })
/** Does not bind, with the reason; tests may show that it is so. */
const not = (word: Word, text: string, reason: string, ...tests: string[]): Duty => ({ word, duty: text, tests, reason })

/** Binds, and is not obeyed, with the reason. */
const departs = (word: Word, text: string, reason: string, ...tests: string[]): Duty => ({ ...not(word, text, reason, ...tests), departs: true })

const neverUsed = 'jku, jwk, x5u and x5c of a header are never used to find a key'
const json = 'JSON serialization: not implemented'
const encryption = 'encryption: not implemented'
const application = 'a decision of the application'
const nested = 'nested tokens: a payload that is a token is refused'
const none = 'none is not implemented: there is no way to allow it'

const ignored = 'token/header.test.ts: everything else is free and comes out as it went in'
const noKeyFromHeader = 'attacks/keys.test.ts: jwk, jku, x5u and x5c find no key and cause no request'
const onlyHttps = 'attacks/network.test.ts: an address of another kind is an error of the call: file, data, ftp, plain http, with credentials'
const twice = 'token/compact.test.ts: %s: refused in header and payload'
const canonicalSegments = 'token/compact.test.ts: %s: refused in header, payload and signature'
const oneObject = 'token/compact.test.ts: ${part}: refuses what is not exactly one JSON object'
const utf8Only = ['token/compact.test.ts: header and payload are JSON objects in UTF-8 > ${part}: refuses %s', 'token/compact.test.ts: ${part}: refuses a byte order mark, UTF-16 and UTF-32']
const critToken = ['token/header.test.ts: refuses it when the caller handles nothing, or something else', 'token/header.test.ts: refuses a crit that is no list of names: empty, null, false, text, object, nested']
const critSign = 'token/header.test.ts: crit in it is a non-empty list of distinct unregistered names that the header has: TypeError'
const typCompare = 'token/header.test.ts: unless told may be absent or JWT, in any case, with application/ or without'
const allowlist = 'token/header.test.ts: %s: accepted when listed, ERR_JWT_ALGORITHM when not'
const tamper = ['properties/tamper.test.ts: a flipped bit in any segment is refused', 'properties/tamper.test.ts: any other key is refused']
const faultyJwk = 'keys/import-jwk.test.ts: a JWK that fails a check is refused by importJwk, and set aside by keySet > $title'
const onlyOwnAlgorithm = 'keys/algorithms.test.ts: $name: a token signed with the key is verified with it, and nothing else is'
const unsecured = 'attacks/algorithm.test.ts: refuses %j with any signature, whatever the key is, a set and a function too'
const noneUnnamed = 'attacks/algorithm.test.ts: none can be neither allowed nor signed: it is no name'
const exactStrings = 'token/claims.test.ts: %s: the same accepted; missing, a part, a longer one, another case refused (CVE-2024-53861)'
const ofOtherIssuer = 'jwks/issuers.test.ts: is believed in nothing else: a token of one issuer that the key of the other signed is refused'
const b64False = ['token/header.test.ts: b64: false is refused with crit and without it (RFC 7797 7)', 'vectors/rfc.test.ts: b64 false without crit, and what resembles it, are refused; b64 can neither be signed nor named']
const emptyAndShort = ['attacks/keys.test.ts: %s: %i octets accepted, one less refused', 'attacks/keys.test.ts: %s: no token MACed with nothing passes, allowWeakKeys or not']
const rsaFloor = ['keys/key.test.ts: RSA of 1024 bits: ERR_JWT_KEY, unless allowWeakKeys says otherwise', faultyJwk]

export const documents: readonly Document[] = [
  {
    name: 'RFC 7515',
    title: 'JSON Web Signature',
    note: 'Not listed: 3.2 and 7.2 (JSON serialization), 9 (IANA).',
    sections: {
      '2': [
        not('MUST', 'a StringOrURI with a colon is a URI', 'alg is compared with names that have no colon; other values are the application\'s', 'token/header.test.ts: is compared as an exact string: no case, no space, no look-alike, no property of an object'),
        duty('step', 'base64url has neither padding nor line breaks, white space or other characters (allowPadding takes that of AWS ALB)', canonicalSegments, 'encoding/base64url.test.ts: decode accepts exactly what encode writes: any text'),
      ],
      '4': [
        duty('MUST', 'header parameter names are unique'),
        duty('MUST', 'a parser rejects a name that comes twice, or takes the last', twice, 'token/compact.test.ts: refuses a second alg, kid or exp, whichever of the two is the good one'),
        duty('MUST', 'registered parameters that need not be understood are ignored when they are not', ignored, 'token/verify.test.ts: ignores them when the token is honestly signed'),
        duty('MUST', 'parameters of others are ignored when not understood, unless critical', ignored),
      ],
      '4.1.1': [
        duty('MUST', 'alg is present', 'token/header.test.ts: is a string that is there: anything else is ERR_JWT_MALFORMED', 'token/header.test.ts: alg and typ by default, kid and typ when told, typ: false for none'),
        duty('MUST', 'alg is understood and processed', allowlist, 'keys/algorithms.test.ts: alg %j is no algorithm: in a header refused, in options a TypeError'),
      ],
      '4.1.2': [
        not('MUST', 'what jku names is a JWK Set', neverUsed, noKeyFromHeader),
        not('MUST', 'it is acquired with integrity', neverUsed, noKeyFromHeader),
        not('MUST', 'it is acquired over TLS', neverUsed, noKeyFromHeader),
        not('MUST', 'the identity of the server is validated', neverUsed, noKeyFromHeader),
      ],
      '4.1.4': [duty('MUST', 'kid is a case-sensitive string', 'token/header.test.ts: kid, typ and cty are strings when they are there > %s', 'attacks/keys.test.ts: %j finds no key in a set that has k')],
      '4.1.5': [
        not('MUST', 'what x5u names is a chain of certificates in PEM', neverUsed, noKeyFromHeader),
        not('MUST', 'the first certificate has the key', neverUsed, noKeyFromHeader),
        not('MUST', 'it is acquired with integrity', neverUsed, noKeyFromHeader),
        not('MUST', 'it is acquired over TLS', neverUsed, noKeyFromHeader),
        not('MUST', 'the identity of the server is validated', neverUsed, noKeyFromHeader),
      ],
      '4.1.6': [
        not('MUST', 'the first certificate of x5c has the key', neverUsed, noKeyFromHeader),
        not('MUST', 'the chain is validated', neverUsed, noKeyFromHeader),
      ],
      '4.1.9': [
        duty('RECOMMENDED', 'a producer leaves out application/ in typ', 'token/header.test.ts: alg and typ by default, kid and typ when told, typ: false for none'),
        duty('MUST', 'a recipient takes a typ without a slash as if application/ stood before it', typCompare, 'token/header.test.ts: that is told must be there and match'),
        duty('SHOULD', 'application/example is written as example', 'token/header.test.ts: alg and typ by default, kid and typ when told, typ: false for none', 'jws.test.ts: is JOSE unless told, so that verify does not take bytes for a JWT'),
      ],
      '4.1.10': [
        not('RECOMMENDED', 'a producer leaves out application/ in cty', `cty is written as the caller gives it: ${application}`),
        not('MUST', 'a recipient takes a cty without a slash as if application/ stood before it', 'cty is ignored, as the section says of JWS implementations', 'attacks/wire.test.ts: a payload that is a compact token is malformed, whatever cty says: no inner token is taken for claims'),
        not('SHOULD', 'application/example is written as example', `cty is written as the caller gives it: ${application}`),
      ],
      '4.1.11': [
        duty('MUST', 'extensions that crit lists are understood and processed', ...critToken, 'token/header.test.ts: accepts what the caller handles, and in any number'),
        duty('MUST NOT', 'a producer lists registered names, names twice, or names that the header has not', critSign),
        duty('MUST NOT', 'a producer writes an empty crit', critSign),
        duty('MUST', 'crit is integrity protected', 'properties/tamper.test.ts: any other claims under the same signature are refused, and any other header'),
        not('MUST', 'crit stands in the protected header only', 'a compact token has no other header', 'attacks/wire.test.ts: compact and nothing else (CVE-2022-39227, CVE-2016-9122, GHSA-jc38-x7x8-2xc8) > %s: refused'),
        duty('MUST', 'every implementation understands and processes crit', ...critToken, 'vectors/rfc.test.ts: RFC 7515 appendix E: a token with an unknown critical header parameter is refused'),
      ],
      '5.1': [
        duty('MUST', 'alg is present and names the algorithm that made the signature', 'token/sign.test.ts: %s: the key\'s own; another name is a TypeError', 'properties/roundtrip.test.ts: any claims come back as they were, in their order, and node:crypto finds the signature good'),
        duty('step', 'the signature is over ASCII(BASE64URL(UTF8(header)) . BASE64URL(payload))', 'token/sign.test.ts: is header.payload.signature in canonical base64url, and an honest HMAC', 'oracle.test.ts: bytes, empty ones and detached ones: signed here, verified there'),
      ],
      '5.2': [
        duty('MUST', 'at least one signature validates', ...tamper),
        duty('MUST', 'else the JWS is invalid', ...tamper),
        duty('step', '1: exactly two periods', 'token/compact.test.ts: three segments > %s: refused'),
        duty('step', '2: the header is decoded strictly', canonicalSegments),
        duty('step', '3: the header is one valid JSON object in UTF-8', oneObject, ...utf8Only),
        duty('step', '4: no name comes twice in the header', twice),
        not('MUST NOT', 'a name is in two of the headers', json),
        duty('step', '5: what must be understood is, and its values are supported', ...critToken, allowlist),
        duty('step', '6: the payload is decoded strictly', canonicalSegments),
        duty('step', '7: the signature is decoded strictly', canonicalSegments),
        duty('MUST', '8: the algorithm that is used is the one alg names', onlyOwnAlgorithm, 'attacks/algorithm.test.ts: the HMAC of a token under one name does not pass under another'),
        duty('MUST', '8: alg is present', 'token/header.test.ts: is a string that is there: anything else is ERR_JWT_MALFORMED'),
        duty('MUST', '10: when no validation succeeds the JWS is invalid', ...tamper, 'keys/keyset.test.ts: two members of one kid are both tried'),
        duty('SHOULD', 'a valid JWS is invalid all the same when its algorithm is not acceptable', allowlist, 'keys/keyset.test.ts: the allowlist holds for a set as well'),
      ],
      '5.3': [duty('MUST', 'strings are compared code point by code point after unescaping')],
      '6': [
        duty('MUST', 'parameters that a trust decision uses are integrity protected', 'token/header.test.ts: refuses another, a missing one, another type and another case: ERR_JWT_CLAIM, claim header.name', 'properties/tamper.test.ts: any other claims under the same signature are refused, and any other header'),
        duty('SHOULD', 'a producer says which key was used', 'token/sign.test.ts: the kid of the key is written unless keyId says otherwise', 'keys/import-jwk.test.ts: the kid of the JWK is the kid that sign writes, unless keyId says otherwise'),
      ],
      '8': [
        not('MUST', 'with jku or x5u, TLS is supported', neverUsed, noKeyFromHeader),
        not('MUST', 'with jku or x5u, TLS is used with confidentiality', neverUsed, noKeyFromHeader),
        not('MUST', 'the identity of the TLS server is verified', `${neverUsed}; remoteKeySet asks over https only, and TLS is the runtime's`, noKeyFromHeader, onlyHttps),
      ],
      '10.1': [
        duty('should', 'a key has at least 128 bits of entropy', ...emptyAndShort),
        duty('must', 'keys are generated at random', 'keys/generate.test.ts: a pair: the private key signs and is not extractable, the public one verifies and is', 'layering.test.ts: no randomness but that of WebCrypto'),
      ],
      '10.2': [
        duty('must', 'the private key is protected', 'keys/import-jwk.test.ts: a private or secret key can be exported only on request, a public one always', 'keys/keyset.test.ts: never holds a private or symmetric member, or anything but public parameters, kid, alg and use'),
        duty('must', 'the MAC key is protected', 'keys/import-secret.test.ts: the key can be exported only on request', 'keys/secret.test.ts: no refusal shows the secret'),
      ],
      '10.3': [
        not('must', 'public keys are obtained so that their origin is known', `${application}, which hands over the keys, or their address; ${neverUsed}`, noKeyFromHeader, onlyHttps),
        not('must', 'MAC keys are obtained so that their origin is known', `${application}, which hands over the keys`, 'attacks/keys.test.ts: an oct jwk in the header does not become the secret'),
      ],
      '10.6': [duty('MUST', 'the hash that an RSASSA-PKCS1-v1_5 signature holds is that of alg')],
      '10.8': [not('should', 'no third party puts arbitrary content into what is signed', application)],
      '10.9': [duty('must', 'success and failure take the same time', 'attacks/timing.test.ts: the right one and a wrong one go the same way: to subtle.verify, or to timingSafeEqual')],
      '10.12': [
        duty('MUST', 'what is not JSON is rejected entirely', oneObject, 'encoding/json.test.ts: what is not JSON is refused: %j'),
        duty('MUST', 'header parameter names are unique', twice),
        duty('MUST', 'a parser rejects a name that comes twice, or takes the last', twice),
        duty('MUST', 'a JWS with characters behind a JSON object is invalid', oneObject),
      ],
      '10.13': [
        duty('must', 'names are compared verbatim after unescaping'),
        duty('SHOULD', 'characters beyond the BMP are preserved and compared'),
        not('MUST', 'where that is impossible they are rejected', 'it is possible', 'token/compact.test.ts: ${part}: accepts UTF-8 of every length, and escapes'),
      ],
      'E': [duty('must', 'an unknown critical extension is rejected', 'vectors/rfc.test.ts: RFC 7515 appendix E: a token with an unknown critical header parameter is refused')],
    },
  },
  {
    name: 'RFC 7518',
    title: 'JSON Web Algorithms',
    note: 'Not listed: 4, 5, 8.3, 8.4, 8.7 and 8.8 (encryption and password-based keys), 7 (IANA).',
    sections: {
      '2': [duty('MUST', 'a Base64urlUInt has the least number of octets', 'keys/import-jwk.test.ts: n with leading zeros verifies what the key without them signed, and is exported without them')],
      '3.1': [
        duty('REQUIRED', 'HS256', 'keys/generate.test.ts: this runtime has every algorithm but perhaps ML-DSA'),
        duty('RECOMMENDED', 'RS256 and ES256', 'keys/generate.test.ts: this runtime has every algorithm but perhaps ML-DSA'),
      ],
      '3.2': [
        duty('MUST', 'a secret is as long as the hash (allowWeakKeys opts out)', ...emptyAndShort, 'keys/key.test.ts: an HMAC key below the hash: ERR_JWT_KEY, unless allowWeakKeys says otherwise'),
        duty('MUST', 'MACs are compared in constant time', 'attacks/timing.test.ts: the right one and a wrong one go the same way: to subtle.verify, or to timingSafeEqual'),
      ],
      '3.3': [duty('MUST', 'an RSA key for RS* has at least 2048 bits (allowWeakKeys opts out)', ...rsaFloor)],
      '3.4': [
        duty('MUST NOT', 'leading zeros of r and s are left out', 'keys/signer.test.ts: r and s are padded to full size, in front'),
        duty('MUST', 'a signature has 64, 96 or 132 octets', 'keys/algorithms.test.ts: $name: a signature has one length, every octet of it counts, and any other is refused', 'attacks/signature.test.ts: ES256 in DER, with a zero before r or s, longer or shorter'),
      ],
      '3.5': [
        duty('MUST', 'an RSA key for PS* has at least 2048 bits (allowWeakKeys opts out)'),
        duty('step', 'MGF1 has the hash of alg, the salt its length'),
      ],
      '3.6': [
        not('MUST', 'an unsecured JWS has an empty signature', none, noneUnnamed),
        not('MUST', 'a recipient verifies that it is empty', none, unsecured),
        duty('MUST NOT', 'an unsecured JWS is accepted unless the application says so for this object', unsecured, noneUnnamed),
        duty('MUST NOT', 'an unsecured JWS is accepted by default', unsecured),
        duty('MUST NOT', 'acceptance is signalled globally', noneUnnamed),
        not('SHOULD', 'acceptance is signalled for each object', none, noneUnnamed),
      ],
      '6.1': [
        duty('REQUIRED', 'kty oct and RSA', 'keys/import-jwk.test.ts: the private key signs, the public key verifies, and node:crypto agrees'),
        duty('RECOMMENDED', 'kty EC', 'keys/import-jwk.test.ts: the private key signs, the public key verifies, and node:crypto agrees'),
      ],
      '6.2.1': [
        duty('MUST', 'an EC public key has crv and x', faultyJwk),
        duty('MUST', 'and y', faultyJwk),
      ],
      '6.2.1.2': [duty('MUST', 'x has the full size of a coordinate', faultyJwk)],
      '6.2.1.3': [duty('MUST', 'y has the full size of a coordinate', faultyJwk)],
      '6.2.2': [duty('MUST', 'an EC private key has d', 'keys/export.test.ts: gives the material, alg, and the thumbprint as kid unless it is a secret', 'attacks/keys.test.ts: %s: a private JWK with the public members of another key is refused')],
      '6.2.2.1': [duty('MUST', 'd has the full size of the order')],
      '6.3.1': [duty('MUST', 'an RSA public key has n and e', faultyJwk)],
      '6.3.1.2': [duty('MUST', '65537 is written AQAB', 'keys/import-jwk.test.ts: n with leading zeros verifies what the key without them signed, and is exported without them')],
      '6.3.2': [
        duty('REQUIRED', 'an RSA private key has d'),
        duty('SHOULD', 'a producer includes the other private members'),
        duty('MUST', 'if it includes one, all of them'),
        duty('MUST', 'oth stands there only for more than two primes', faultyJwk),
      ],
      '6.3.2.7': [
        duty('MUST', 'for two primes oth is left out'),
        not('MUST', 'oth has as many elements as there are primes beyond two', 'keys with more than two primes are refused', faultyJwk),
        duty('MUST NOT', 'a consumer that does not know oth uses a key that has it', faultyJwk),
        not('MUST', 'an element of oth is an object', 'keys with more than two primes are refused', faultyJwk),
      ],
      '6.4': [duty('SHOULD', 'a symmetric JWK has alg, unless the application knows it otherwise', 'keys/export.test.ts: gives the material, alg, and the thumbprint as kid unless it is a secret', 'keys/import-jwk.test.ts: without alg and without the argument: TypeError')],
      '8.1': [duty('should', 'algorithms are modular, so that new ones can be added', 'layering.test.ts: an algorithm is named in the table and nowhere else')],
      '8.5': [duty('must', 'an unsecured JWS is used only where something else secures it', unsecured)],
      '8.6': [duty('should', 'the size of keys has an upper limit', faultyJwk)],
    },
  },
  {
    name: 'RFC 7519',
    title: 'JSON Web Token',
    note: 'Not listed: 10 (IANA).',
    sections: {
      '2': [not('MUST', 'a StringOrURI with a colon is a URI', 'iss, sub and aud are compared as they are; what they may look like is the application\'s', exactStrings)],
      '4': [
        duty('MUST', 'claim names are unique'),
        duty('MUST', 'a parser rejects a name that comes twice, or takes the last', twice, 'token/compact.test.ts: law: any JSON object written by JSON.stringify is accepted, and with one member repeated refused'),
        duty('MUST', 'claims that are not understood are ignored', 'token/claims.test.ts: private claims are free'),
      ],
      '4.1.2': [not('MUST', 'sub is unique to the issuer, or globally', application)],
      '4.1.3': [
        duty('MUST', 'a principal identifies itself with a value of aud', 'token/claims.test.ts: one of mine must be one of the token\'s'),
        duty('MUST', 'else the token is rejected', 'token/claims.test.ts: of a token is refused when the caller does not say who they are (RFC 7519 4.1.3, CVE-2025-62610)', 'token/claims.test.ts: one of mine must be one of the token\'s'),
      ],
      '4.1.4': [
        duty('MUST NOT', 'a token is accepted on or after exp', 'token/claims.test.ts: accepts exp = now + 1, and a fraction above now; refuses exp = now, and below'),
        duty('MUST', 'now is before exp', 'token/claims.test.ts: does not round the clock', 'token/claims.test.ts: with tolerance: exp + tolerance = now refused, one millisecond earlier accepted'),
        duty('MUST', 'exp is a number', 'token/claims.test.ts: %s of a wrong type, or out of range, is ERR_JWT_CLAIM, not an absence (CVE-2026-25537, CVE-2026-44459)', 'token/sign.test.ts: %s of a wrong type is a TypeError, and milliseconds are told to be seconds'),
      ],
      '4.1.5': [
        duty('MUST NOT', 'a token is accepted before nbf', 'token/claims.test.ts: accepts nbf = now and refuses anything above'),
        duty('MUST', 'now is at or after nbf', 'token/claims.test.ts: accepts nbf = now and refuses anything above', 'token/claims.test.ts: with tolerance: nbf - tolerance = now accepted, one millisecond earlier refused'),
        duty('MUST', 'nbf is a number', 'token/claims.test.ts: %s of a wrong type, or out of range, is ERR_JWT_CLAIM, not an absence (CVE-2026-25537, CVE-2026-44459)', 'token/sign.test.ts: %s of a wrong type is a TypeError, and milliseconds are told to be seconds'),
      ],
      '4.1.6': [duty('MUST', 'iat is a number', 'token/claims.test.ts: %s of a wrong type, or out of range, is ERR_JWT_CLAIM, not an absence (CVE-2026-25537, CVE-2026-44459)', 'token/sign.test.ts: %s of a wrong type is a TypeError, and milliseconds are told to be seconds')],
      '4.1.7': [
        duty('MUST', 'a jti is not assigned twice', 'token/sign.test.ts: jwtId: true is a random UUID, another each time'),
        not('MUST', 'nor by two issuers', 'a random UUID is not; a jti of the caller\'s is the application\'s', 'token/sign.test.ts: jwtId: true is a random UUID, another each time'),
      ],
      '5.1': [
        duty('RECOMMENDED', 'typ, if there, is JWT', 'token/header.test.ts: alg and typ by default, kid and typ when told, typ: false for none'),
        duty('RECOMMENDED', 'it is written in capitals', 'token/header.test.ts: alg and typ by default, kid and typ when told, typ: false for none'),
      ],
      '5.2': [
        duty('NOT RECOMMENDED', 'cty without nesting', 'token/header.test.ts: alg and typ by default, kid and typ when told, typ: false for none'),
        not('MUST', 'cty with nesting is present', nested, 'attacks/wire.test.ts: a payload that is a compact token is malformed, whatever cty says: no inner token is taken for claims'),
        not('MUST', 'and is JWT', nested, 'attacks/wire.test.ts: a payload that is a compact token is malformed, whatever cty says: no inner token is taken for claims'),
        not('RECOMMENDED', 'and is written in capitals', nested),
      ],
      '5.3': [not('SHOULD', 'claims that are repeated in the header are compared', encryption)],
      '7.1': [
        duty('MUST', 'a JWT conforms to JWS or JWE', 'oracle.test.ts: signed here with a key from %s, verified there'),
        duty('MUST', 'all steps of making a JWS are followed', 'token/sign.test.ts: is header.payload.signature in canonical base64url, and an honest HMAC'),
        not('MUST', 'all steps of making a JWE are followed', encryption),
      ],
      '7.2': [
        duty('MUST', 'when a step fails the JWT is rejected', 'token/verify.test.ts: the order of checks: each refusal hides those that come after it > %s'),
        duty('step', '1, 2: there is a period, and the header stands before the first', 'token/compact.test.ts: three segments > %s: refused'),
        duty('step', '3: the header is decoded strictly', canonicalSegments),
        duty('step', '4: the header is one valid JSON object in UTF-8', oneObject, ...utf8Only),
        duty('step', '5: parameters are understood and supported, or of the kind to be ignored', ...critToken, ignored),
        duty('step', '6: a JWS is told from a JWE', 'attacks/wire.test.ts: two, four and five segments are refused, whatever they hold'),
        duty('step', '7: the steps for a JWS are followed', ...tamper),
        not('step', '8: with cty JWT the message is a JWT again', nested, 'attacks/wire.test.ts: a payload that is a compact token is malformed, whatever cty says: no inner token is taken for claims'),
        duty('step', '9: the payload is decoded strictly', canonicalSegments),
        duty('step', '10: the payload is one valid JSON object in UTF-8', oneObject, ...utf8Only, 'attacks/claims.test.ts: a claim set is an object (fast-jwt #638) > %s: refused, with every option'),
        duty('SHOULD', 'a valid JWT is rejected when its algorithm is not acceptable', allowlist),
      ],
      '7.3': [duty('MUST', 'strings are compared code point by code point after unescaping', 'token/claims.test.ts: %s: strings that differ only after a normalisation or in lone surrogates are different', exactStrings)],
      '8': [
        departs('MUST', 'HS256 and none are implemented', 'HS256 is; none is not, since RFC 8725 3.2 wants it nowhere but where a caller asks for it, and none here can', 'keys/generate.test.ts: this runtime has every algorithm but perhaps ML-DSA', noneUnnamed),
        duty('RECOMMENDED', 'RS256 and ES256 are implemented', 'keys/generate.test.ts: this runtime has every algorithm but perhaps ML-DSA'),
        not('MUST', 'an implementation that encrypts has certain algorithms', encryption),
        not('RECOMMENDED', 'and certain others', encryption),
      ],
      '11': [duty('must', 'what RFC 7515 10.12 and 10.13 say holds for the claims as well', twice, oneObject)],
      '12': [not('MUST', 'private content is not disclosed to others', `${application}; a JWS is not secret. Messages of errors show no claim's value beyond 60 characters, nonce and jti never`, 'errors.test.ts: a token of a whole message is in none: not its segments, not its signature')],
    },
  },
  {
    name: 'RFC 7638',
    title: 'JSON Web Key Thumbprint',
    note: 'Not listed: 6 (IANA).',
    sections: {
      '3': [
        duty('step', '1: only the required members, in the order of their names, without white space'),
        duty('step', '2: the hash is over the UTF-8 of that object'),
      ],
      '3.2': [duty('step', 'the required members: crv kty x y, or e kty n', 'keys/export.test.ts: thumbprint is the hash of the required members: %s', 'keys/export.test.ts: a member that the key type does not have is no part of the thumbprint')],
      '3.2.1': [duty('step', 'a private key has the thumbprint of its public key', 'keys/export.test.ts: thumbprint is the hash of the required members: %s')],
      '3.3': [
        duty('MUST', 'members stand without escapes', 'keys/export.test.ts: thumbprint is the hash of the required members: %s'),
        not('MUST', 'members of objects in members are ordered', 'no key type here has such a member'),
        not('MUST', 'integers are written without fraction and exponent', 'no key type here has a number'),
        not('MUST', '1.024e3 is written 1024', 'no key type here has a number'),
      ],
      '3.4': [duty('must', 'the hash is chosen by the application', 'keys/export.test.ts: a hash that is not SHA-256, -384 or -512 is a TypeError: %j')],
      '7': [
        duty('should', 'the thumbprint of a symmetric key is concealed', 'keys/export.test.ts: a thumbprint of a secret would help to guess it: ERR_JWT_KEY'),
        duty('must', 'a key has one representation, else it has several thumbprints', 'keys/export.test.ts: a key has one thumbprint: leading zeros of n do not make another, and what is not canonical is refused'),
      ],
    },
  },
  {
    name: 'RFC 7797',
    title: 'JWS Unencoded Payload Option',
    note: 'b64: false is refused everywhere, as a JWT demands (7); the JSON serialization (5.3) is not listed.',
    sections: {
      '3': [
        duty('MUST', 'b64 is integrity protected', 'properties/tamper.test.ts: any other claims under the same signature are refused, and any other header'),
        not('MUST', 'b64 stands in the protected header only', 'a compact token has no other header'),
        not('MUST', 'b64 is the same for all signatures', json),
      ],
      '5.1': [not('MUST', 'an application says whether encoded content is signed', application)],
      '5.2': [
        duty('MUST NOT', 'an unencoded payload has a period', ...b64False),
        not('MUST', 'an unencoded payload is URL-safe where that is needed', 'no payload is unencoded', ...b64False),
      ],
      '6': [duty('MUST', 'b64 is listed in crit', ...b64False, critSign)],
      '7': [
        not('NOT RECOMMENDED', 'b64 changes within an application', 'it is never false', ...b64False),
        duty('RECOMMENDED', 'b64: true is left out', 'token/header.test.ts: header cannot hold alg, typ, kid or b64: TypeError', 'jws.test.ts: b64: false cannot be signed'),
        duty('MUST NOT', 'a JWT has b64: false', ...b64False, 'attacks/wire.test.ts: b64: false, honestly signed over any payload, critical or not'),
      ],
    },
  },
  {
    name: 'RFC 8725',
    title: 'JSON Web Token Best Current Practices',
    note: 'Not listed: 3.6 (compression, encryption).',
    sections: {
      '2.8': [duty('MUST', 'one kind of JWT is not taken for another', typCompare, 'jws.test.ts: is JOSE unless told, so that verify does not take bytes for a JWT')],
      '3.1': [
        duty('MUST', 'the caller can say which algorithms are supported', 'token/header.test.ts: in the list is a known name; a list of all the names is no list', 'attacks/algorithm.test.ts: no list of algorithms is a TypeError, also for a key that has but one'),
        duty('MUST NOT', 'any other is used', allowlist, unsecured),
        duty('MUST', 'alg names the algorithm that is used', onlyOwnAlgorithm, 'attacks/algorithm.test.ts: an allowlist holds for the key as for the header'),
        duty('MUST', 'a key is used with one algorithm', onlyOwnAlgorithm, 'keys/keyset.test.ts: a JWK is bound to its alg: RS256 is not PS256'),
        duty('MUST', 'that is checked when the operation is performed', 'keys/key.test.ts: another hash makes it another key', 'keys/key.test.ts: another curve or name makes it another key'),
      ],
      '3.2': [
        duty('SHOULD', 'what uses an unacceptable algorithm is invalid', allowlist),
        duty('MUST', 'only current algorithms are allowed', 'keys/algorithms.test.ts: the algorithms are these, frozen, and none of them is "none"'),
        duty('MUST', 'algorithms can be changed', 'layering.test.ts: an algorithm is named in the table and nowhere else'),
        duty('SHOULD NOT', 'a library makes tokens with none unasked', noneUnnamed),
        duty('SHOULD NOT', 'a library accepts tokens with none unasked', unsecured),
        not('SHOULD', 'RSAES-PKCS1-v1_5 is avoided', encryption, 'attacks/wire.test.ts: a JWE algorithm is in no list'),
        departs('SHOULD', 'ECDSA is deterministic (RFC 6979)', 'ECDSA is computed by the runtime, whose nonces are random; WebCrypto has no such choice', 'attacks/signature.test.ts: ES256 signs different contents, also such that another library takes for the same number, with different r'),
      ],
      '3.3': [
        duty('MUST', 'all cryptographic operations are validated', ...tamper),
        duty('MUST', 'when one fails the whole JWT is rejected', ...tamper, 'token/verify.test.ts: payload and header are on the error only once the signature has held'),
        not('MUST', 'of a nested JWT both are validated', nested, 'attacks/wire.test.ts: a payload that is a compact token is malformed, whatever cty says: no inner token is taken for claims'),
      ],
      '3.4': [
        duty('must', 'the library validates cryptographic inputs, or what it uses does', faultyJwk, 'attacks/signature.test.ts: %s: points off the curve, at its edges and beyond its field end in a refusal, and in time'),
        not('MUST', 'points of ECDH-ES are validated', encryption),
      ],
      '3.5': [
        duty('MUST', 'RFC 7515 10.1 and RFC 7518 8.8 are followed', ...emptyAndShort),
        not('MUST NOT', 'a password is an HMAC key', 'one as long as the hash cannot be told from a random secret; a shorter one is refused'),
      ],
      '3.7': [duty('MUST', 'UTF-8, and no other encoding', ...utf8Only)],
      '3.8': [
        duty('MUST', 'the keys belong to the issuer', ofOtherIssuer),
        duty('MUST', 'else the JWT is rejected', ofOtherIssuer),
        not('MUST', 'sub is a valid subject', `${application}; subject, schema and isRevoked are there for it`, exactStrings),
        duty('MUST', 'an invalid issuer or subject rejects the JWT', exactStrings, 'token/hooks.test.ts: only true accepts, false fails the check'),
      ],
      '3.9': [
        not('MUST', 'a JWT for one of several parties has aud', application, 'token/sign.test.ts: %s: %j is %s: %j; with the claim in the payload a TypeError'),
        duty('MUST', 'the audience is validated', 'token/claims.test.ts: one of mine must be one of the token\'s'),
        duty('MUST', 'a missing or foreign audience rejects the JWT', 'token/claims.test.ts: must be there when it is asked for (CVE-2020-26160)', 'attacks/claims.test.ts: a token for another service is refused, as text and as an array, and when nothing is asked for'),
      ],
      '3.10': [
        duty('should', 'kid injects nothing', 'attacks/keys.test.ts: %j finds no key in a set that has k'),
        duty('SHOULD', 'jku and x5u cause no request to anywhere', noKeyFromHeader),
      ],
      '3.11': [
        duty('RECOMMENDED', 'application/ is left out of typ', 'token/header.test.ts: alg and typ by default, kid and typ when told, typ: false for none'),
        not('SHOULD', 'the type of a SET is secevent+jwt', application, 'token/header.test.ts: that is told must be there and match'),
        not('RECOMMENDED', 'a media type has the form application/example+jwt', application, 'token/header.test.ts: that is told must be there and match'),
        not('MUST', 'in a nested JWT the inner has the type', nested),
        not('RECOMMENDED', 'new uses have an explicit type', `${application}; type is an option of sign and verify`, 'token/header.test.ts: that is told must be there and match'),
      ],
      '3.12': [
        duty('MUST', 'the rules for several kinds of JWT exclude each other'),
        not('RECOMMENDED', 'by explicit types', `${application}; type is an option of sign and verify`, 'token/header.test.ts: that is told must be there and match'),
      ],
    },
  },
  {
    name: 'RFC 8725bis',
    title: 'the successor of RFC 8725, draft-ietf-oauth-rfc8725bis-09',
    note: 'Only what it adds to RFC 8725 or words more strictly. Not listed: 3.6, 3.13, 3.15 (encryption).',
    sections: {
      '3.1': [
        duty('MUST', 'the caller can restrict the algorithms', 'attacks/algorithm.test.ts: no list of algorithms is a TypeError, also for a key that has but one'),
        duty('MUST NOT', 'any other is employed', allowlist),
        duty('MUST', 'at look-up, alg is consistent with the algorithm of the key', 'keys/keyset.test.ts: one kid for keys of several algorithms: the one of the token\'s algorithm is tried', 'attacks/algorithm.test.ts: in a set of several kinds the kid of one key and the alg of another find nothing'),
        duty('MUST', 'the recipient knows which algorithms it permits to an issuer', allowlist, 'jwks/issuers.test.ts: what another entry would take is refused by the entry of the issuer, and no key is asked'),
        not('MUST', 'and which algorithms of encryption', encryption),
        duty('MUST', 'a key is used with exactly one algorithm', onlyOwnAlgorithm, 'keys/import-jwk.test.ts: alg in the JWK is enough, agrees with the argument, or is contradicted'),
        duty('MUST', 'that is enforced when the operation runs', 'keys/key.test.ts: another hash makes it another key'),
        duty('should', 'critical parameters have allowlists, not blocklists', allowlist, 'token/header.test.ts: is compared as an exact string: no case, no space, no look-alike, no property of an object'),
      ],
      '3.2': [
        duty('MUST NOT', 'a library makes tokens with none unasked', noneUnnamed),
        duty('MUST NOT', 'a library accepts tokens with none unasked', unsecured),
        duty('SHOULD', 'new deployments prefer Ed25519 to EdDSA', 'keys/algorithms.test.ts: a key of another hand writes Ed25519'),
      ],
      '3.3': [duty('MUST', 'unsecured, signed, encrypted and nested JWTs can be told apart', unsecured, 'attacks/wire.test.ts: two, four and five segments are refused, whatever they hold', 'attacks/wire.test.ts: a payload that is a compact token is malformed, whatever cty says: no inner token is taken for claims')],
      '3.4': [duty('MUST', 'the library validates cryptographic inputs, or what it uses does', faultyJwk)],
      '3.10': [
        duty('MUST', 'kid injects nothing', 'attacks/keys.test.ts: %j finds no key in a set that has k', 'keys/keyset.test.ts: a kid is no name on a prototype'),
        not('MUST', 'without an allowlist of addresses, local ones are not asked', neverUsed, noKeyFromHeader, 'attacks/network.test.ts: a redirect (%i) is not followed, to a file, to another server or on the same one'),
      ],
      '3.11': [
        duty('MUST', 'a typ without a slash is taken as if application/ stood before it', typCompare),
        not('SHOULD', 'a media type application/example+jwt is registered', application),
        not('SHOULD', 'typ is example+jwt', application),
      ],
      '3.14': [
        duty('MUST', 'the form of a JWT is confirmed while it is parsed'),
        duty('MUST', 'what has other characters than letters, digits, - _ and . is rejected'),
      ],
    },
  },
  {
    name: 'RFC 9864',
    title: 'Fully-Specified Algorithms for JOSE and COSE',
    note: 'Read were its abstract and draft-ietf-jose-fully-specified-algorithms-10 of its working group, the last that was at hand. Its other key words are about encryption and COSE.',
    sections: {
      '2.2': [
        duty('step', 'Ed25519 is the name of EdDSA with the curve Ed25519', 'keys/algorithms.test.ts: a key imported as %s writes that name, and %s where the options say so', 'token/verify.test.ts: EdDSA and Ed25519 are one algorithm with two names: the list and the header tell them apart'),
        duty('step', 'EdDSA is deprecated: it is accepted where it is listed, and not written unless asked for', 'keys/algorithms.test.ts: the allowlist tells them apart by exact string', 'keys/algorithms.test.ts: a key of another hand writes Ed25519'),
        duty('step', 'the key is the same but for its alg', 'keys/algorithms.test.ts: a JWK whose alg is %s may be imported as %s'),
        not('step', 'Ed448', 'no runtime\'s WebCrypto has it; it is refused by name', faultyJwk),
      ],
      '4.4': [
        duty('SHOULD', 'what replaces a deprecated identifier is used in its place where nothing stands against it: Ed25519 for EdDSA', 'keys/algorithms.test.ts: a key of another hand writes Ed25519'),
        not('MUST', 'a prohibited identifier and what it stands for is not used', 'the registry prohibits none of the algorithms of the table'),
      ],
      '7': [
        duty('SHOULD', 'a key is used with one algorithm only, unless more are proven secure', 'keys/algorithms.test.ts: every key is bound to its algorithm'),
        duty('SHOULD', 'a JWK names its alg', 'keys/export.test.ts: exportJwk: %s'),
      ],
    },
  },
]
