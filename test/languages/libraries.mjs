// Who takes part, and what each can. A driver reads one JSON object a line and answers `{ value }` or `{ error }`:
//   make        { alg }                              a new key: { private: { form: text }, public: { form: text } }
//   export      { alg, form, text }                  a key in every form that the library writes, likewise
//   thumbprint  { alg, form, text }                  RFC 7638, SHA-256, of a public key
//   sign        { alg, form, text, claims, header }  a token; claims are an object for the library's own JSON writer
//   verify      { alg, form, text, token }           the claims
//   signBytes, verifyBytes                           the same with `payload`, base64url, in place of claims; with `detached`
//                                                    the token lacks it, and who verifies is given it
//   raw, check  { alg, form, text, input, signature } the bare signature of input, and whether one is right
// A key is `form` and `text`: jwk, pkcs8, pkcs1, sec1, spki, x509; `secret` is base64url. Form `set` is a JWKS, with the
// `kid` to find in it; form `none` no key. A secret stands under `private` alone.

import { jose, openssl, rnbyc } from './commands.mjs'

const hmac = ['HS256', 'HS384', 'HS512']
const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const ecdsa = ['ES256', 'ES384', 'ES512']
const all = [...hmac, ...rsa, ...ecdsa, 'EdDSA']
const allButEdDSA = [...hmac, ...rsa, ...ecdsa]

const everything = { private: ['jwk', 'pkcs8', 'pkcs1', 'sec1'], public: ['jwk', 'spki', 'pkcs1', 'x509'], secret: ['secret', 'jwk'] }
const pemOnly = { private: ['pkcs8', 'pkcs1', 'sec1'], public: ['spki', 'pkcs1', 'x509'], secret: ['secret'] }
const jwkOnly = { private: ['jwk'], public: ['jwk'], secret: ['jwk'] }

// Debian's own Python, since another in front of it does not see Debian's packages. -B: leaves nothing behind.
const python = { language: 'Python', command: (name) => ['/usr/bin/python3', '-B', 'drivers/driver.py', name] }
const go = { language: 'Go', command: (name, binary) => [binary, name] }
const ruby = { language: 'Ruby', command: (name) => ['ruby', 'drivers/driver.rb', name], algorithms: allButEdDSA, forms: { ...everything, secret: ['secret'] }, can: 'make export rawSecret thumbprint set' }

/**
 * `can` beside signing and verifying; `primitives`: it knows no tokens, and how its ECDSA signatures look; `header: false`:
 * it takes no header parameters; `slow`: it is not asked hundreds of times; `differs`: [check, reason, code?], the checks that
 * do not hold, by fault or design of the library.
 */
export const libraries = {
  jwcrypto: { ...python, packages: ['python3-jwcrypto'], algorithms: all, forms: everything, can: 'times make makeSecret export exportSecret thumbprint bytes detached set' },
  PyJWT: { ...python, packages: ['python3-jwt', 'python3-cryptography'], algorithms: all, forms: everything, can: 'times export exportSecret bytes set' },
  Authlib: {
    ...python, packages: ['python3-authlib'], algorithms: all, forms: everything, can: 'make makeSecret export exportSecret thumbprint bytes set',
    differs: [
      [/to waxseal: kid, typ and more/, 'it writes typ JWT whatever it is told'],
      [/leading zero, (spki|x509), thumbprint/, 'it drops zero octets of coordinates, which RFC 7638 3.2 hashes in full size'],
    ],
  },
  'python-jose': { ...python, packages: ['python3-jose'], slow: true, algorithms: [...hmac, ...rsa.slice(0, 3), ...ecdsa], forms: everything, can: 'times export exportSecret bytes set' },
  'go-jose': { ...go, packages: ['golang-gopkg-square-go-jose.v2-dev', 'golang-go'], algorithms: all, forms: everything, can: 'make export exportSecret thumbprint bytes detached set' },
  'golang-jwt': { ...go, packages: ['golang-github-golang-jwt-jwt-dev', 'golang-gopkg-square-go-jose.v2-dev', 'golang-go'], algorithms: all, forms: pemOnly, can: 'times' },
  'ruby-jwt': { ...ruby, packages: ['ruby-jwt', 'ruby'], can: `times ${ruby.can}` },
  'json-jwt': { ...ruby, packages: ['ruby-json-jwt', 'ruby'] },
  'Crypt::JWT': {
    language: 'Perl', packages: ['libcrypt-jwt-perl', 'libjson-perl'], command: () => ['perl', 'drivers/driver.pl'],
    algorithms: all, forms: everything, can: 'times make export thumbprint bytes set',
    differs: [
      [/doubles to the last digit/, 'numbers of Perl have fifteen digits in JSON'],
      [/from waxseal: numbers beyond 64 bits/, 'it reads them as text'],
      [/^EdDSA, keys: .*thumbprint/, 'CryptX has none for Ed25519'],
      [/from waxseal: bytes: no bytes/, 'it takes no empty payload, which RFC 7515 allows'],
    ],
  },
  'erlang-jose': {
    language: 'Erlang', packages: ['erlang-jose', 'erlang-jiffy', 'erlang-base'], command: () => ['escript', 'drivers/driver.escript'],
    algorithms: all, forms: everything, can: 'make makeSecret export exportSecret thumbprint bytes set',
    differs: [
      [/to waxseal: (long|numbers beyond 64 bits)/, 'it cannot sign what jiffy writes in several pieces'],
      [/^PS\d+, to waxseal: (?!.*is refused)/, 'its salt is as long as the key allows; RFC 7518 3.5 has it as long as the hash', 'ERR_JWT_SIGNATURE'],
      [/doubles to the last digit/, 'jiffy reads the smallest double as 0'],
    ],
  },
  jose: { language: 'C', packages: ['jose'], answer: jose, slow: true, algorithms: allButEdDSA, forms: jwkOnly, can: 'make makeSecret export exportSecret thumbprint bytes detached set' },
  rnbyc: {
    language: 'C', packages: ['rnbyc'], answer: rnbyc, slow: true, algorithms: all, forms: jwkOnly, header: false, can: 'make makeSecret export exportSecret',
    differs: [
      [/the character NUL/, 'jansson takes no NUL in a string, which RFC 8259 7 allows'],
      [/numbers beyond 64 bits/, 'jansson takes none, RFC 8259 6 has no such limit'],
    ],
  },
  openssl: {
    language: 'C', packages: ['openssl'], answer: openssl, slow: true, primitives: 'der', algorithms: all, forms: pemOnly, can: '',
    differs: [[/^[RP]S\d+, from waxseal: a signature with one octet more/, 'the command reads no further than a signature is long']],
  },
  'java.security': {
    language: 'Java', packages: ['default-jdk-headless'], command: () => ['java', 'drivers/Driver.java'], primitives: 'raw',
    algorithms: all, forms: { private: ['pkcs8'], public: ['spki', 'x509'], secret: ['secret'] }, can: 'make',
    differs: [[/^EdDSA, from waxseal: a signature with one octet more/, 'it reads 64 octets and ignores the rest (RFC 8032 5.1.7 has exactly 64)']],
  },
  'Bouncy Castle': {
    language: 'Java', packages: ['libbcprov-java', 'default-jdk-headless'], primitives: 'raw',
    command: () => ['java', '-cp', '/usr/share/java/bcprov.jar', 'drivers/Driver.java', 'org.bouncycastle.jce.provider.BouncyCastleProvider'],
    algorithms: all, forms: { private: ['pkcs8'], public: ['spki', 'x509'], secret: ['secret'] }, can: 'make',
  },
  phpseclib: { language: 'PHP', packages: ['php-phpseclib3', 'php-cli', 'php-gmp'], command: () => ['php', 'drivers/driver.php'], slow: true, primitives: 'raw', algorithms: [...rsa, ...ecdsa, 'EdDSA'], forms: everything, can: 'make export' },
}
