// Published weaknesses of JOSE libraries: which tests mount them is read from the titles of the tests beside this file, and
// why one cannot touch this library stands in `reason`. THREATS.md is made of both.

/** How well a report is known: read at its source, seen in secondary texts only, or told from general knowledge. */
export type Mark = 'V' | 'S' | 'M' | 'V, S' | 'V, M' | 'M, S'

export interface Advisory {
  readonly ids: readonly string[]
  readonly year: string
  readonly library: string
  /** What went wrong there. */
  readonly cause: string
  readonly mark: Mark
  /** Why it cannot touch this library; only where no test can mount it. */
  readonly reason?: string
}

export interface Section { readonly title: string, readonly advisories: readonly Advisory[] }

const jwe = 'part of JWE (encryption), which is not implemented; five segments are refused'

export const sections: readonly Section[] = [
  {
    title: 'The choice of the algorithm',
    advisories: [
      { ids: ['McLean 2015'], year: '2015', library: 'jsonwebtoken, PyJWT, namshi/jose, php-jwt, jsjwt', cause: 'the alg of the token picks the way of verification: none, or HMAC with the public key', mark: 'V' },
      { ids: ['CVE-2015-9235'], year: '2015', library: 'jsonwebtoken', cause: 'HS256 with the RSA public key as the secret', mark: 'V' },
      { ids: ['CVE-2016-1000223'], year: '2016', library: 'jws (npm)', cause: 'none is accepted when no algorithm is asked for', mark: 'V' },
      { ids: ['CVE-2016-10555', 'GHSA-8v5f-hp78-jgxq'], year: '2016', library: 'jwt-simple', cause: 'without an algorithm argument the header decides', mark: 'V' },
      { ids: ['GHSA-h533-5v22-8vcp', 'namshi/jose 2015', 'GHSA-9gxv-x7rp-r2hc', 'CVE-2016-5431'], year: '2015', library: 'php-jwt, namshi/jose, gree/jose', cause: 'none, or an algorithm that is guessed', mark: 'V' },
      { ids: ['CVE-2017-11424'], year: '2017', library: 'PyJWT', cause: 'a list of PEM headers that are no secrets lacks the one of PKCS#1', mark: 'V' },
      { ids: ['CVE-2017-10862', 'CVE-2018-1000531', 'CVE-2018-1000125'], year: '2017', library: 'jwt-scala, prime-jwt', cause: 'a missing signature passes', mark: 'V, M' },
      { ids: ['CVE-2019-1010263', 'CVE-2019-1010161'], year: '2019', library: 'Crypt::JWT (Perl)', cause: 'the kind of key is not tied to the algorithm', mark: 'M' },
      { ids: ['CVE-2020-15084'], year: '2020', library: 'express-jwt', cause: 'algorithms may be left out, and the key set\'s public key becomes a secret', mark: 'V' },
      { ids: ['CVE-2020-15957', 'CVE-2021-22160', 'CVE-2021-29451', 'CVE-2021-29455', 'CVE-2021-29500', 'CVE-2021-32631', 'CVE-2021-44878', 'CVE-2023-29357', 'CVE-2024-48916'], year: '2020', library: 'DP3T, Pulsar, Portofino, Grassroot, pac4j, SharePoint, Ceph and others', cause: 'a verifier of an application accepts none', mark: 'V, M' },
      { ids: ['jwx 1.2.0'], year: '2021', library: 'lestrrat jwx (Go)', cause: 'with a key set the alg of the header is used', mark: 'V' },
      { ids: ['CVE-2021-46743'], year: '2021', library: 'php-jwt', cause: 'a ring of keys of several kinds, with the alg of the header', mark: 'V' },
      { ids: ['CVE-2022-23540', 'CVE-2022-23541', 'CVE-2022-23539'], year: '2022', library: 'jsonwebtoken', cause: 'no key and no list means none; a key callback may answer another kind; any key serves any algorithm', mark: 'V' },
      { ids: ['CVE-2022-29217'], year: '2022', library: 'PyJWT', cause: 'OpenSSH and other forms of a public key are taken for a secret', mark: 'V' },
      { ids: ['CVE-2022-39227'], year: '2022', library: 'python-jwt', cause: 'two parsers: the claims come from another part than the one that was signed', mark: 'V' },
      { ids: ['CVE-2023-48223'], year: '2023', library: 'fast-jwt', cause: 'the pattern for public keys lacks PKCS#1', mark: 'V' },
      { ids: ['CVE-2023-48238'], year: '2023', library: 'json-web-token (npm)', cause: 'the algorithm is always the token\'s', mark: 'V' },
      { ids: ['CVE-2024-33663'], year: '2024', library: 'python-jose', cause: 'OpenSSH ECDSA keys are taken for a secret', mark: 'V' },
      { ids: ['CVE-2024-37568'], year: '2024', library: 'Authlib', cause: 'without a list HS* goes with any public key', mark: 'V' },
      { ids: ['CVE-2024-54150'], year: '2024', library: 'cjwt (C)', cause: 'the kind of key is not compared with alg', mark: 'S' },
      { ids: ['CVE-2025-61152'], year: '2025', library: 'python-jose', cause: 'none in ways of decoding (disputed)', mark: 'S' },
      { ids: ['CVE-2025-65945'], year: '2025', library: 'jws (npm)', cause: 'the secret is looked up by what is not verified yet', mark: 'V' },
      { ids: ['CVE-2026-22817', 'CVE-2026-22818'], year: '2026', library: 'hono', cause: 'HS256 by default; a JWK without alg leaves the choice to the header', mark: 'V' },
      { ids: ['CVE-2026-23993'], year: '2026', library: 'HarbourJwt (Go)', cause: 'for an unknown alg the expected signature is empty, and so is the given one', mark: 'S' },
      { ids: ['CVE-2026-27804'], year: '2026', library: 'parse-server', cause: 'the alg of the header goes with the provider\'s key', mark: 'V' },
      { ids: ['CVE-2026-28802'], year: '2026', library: 'Authlib', cause: 'after a change none with a blank signature passes', mark: 'V' },
      { ids: ['CVE-2026-28498'], year: '2026', library: 'Authlib', cause: 'the check of at_hash passes when the algorithm is unknown', mark: 'S', reason: 'at_hash is not checked here; a header whose algorithm is unknown is refused' },
      { ids: ['CVE-2026-29000'], year: '2026', library: 'pac4j-jwt', cause: 'a JWE around an unsecured token: the inner signature is not asked for', mark: 'V' },
      { ids: ['CVE-2026-34950', 'GHSA-ww5h-9m49-7xx4', 'GHSA-g3jj-5cmm-3hxx'], year: '2026', library: 'fast-jwt', cause: 'is this text a public key: missed behind white space, behind any octet, and as a JWK', mark: 'V' },
      { ids: ['CVE-2026-44699'], year: '2026', library: 'libjwt', cause: 'an RSA JWK without alg gives an HMAC key of no length', mark: 'V' },
      { ids: ['CVE-2026-48526', 'CVE-2026-102268', 'CVE-2026-102271', 'CVE-2026-102272', 'CVE-2026-102273'], year: '2026', library: 'PyJWT', cause: 'JWK text, PEM in odd line forms, DER, a BOM before a JWK and key sets as HMAC secrets', mark: 'V, S' },
      { ids: ['CVE-2026-85394'], year: '2026', library: 'python-jose', cause: 'a DER public key as HMAC secret', mark: 'S' },
      { ids: ['CVE-2026-48523'], year: '2026', library: 'PyJWT', cause: 'the list is compared with the header, the key verifies with its own algorithm', mark: 'V' },
      { ids: ['GHSA-jc38-x7x8-2xc8'], year: '2026', library: 'web-token/jwt-framework', cause: 'alg is read from the header that is not protected', mark: 'V' },
      { ids: ['GHSA-88q6-jcjg-hvmw'], year: '2026', library: 'jose-swift', cause: 'none is accepted with any signature', mark: 'V, S' },
    ],
  },
  {
    title: 'Keys: empty, embedded, fetched, mixed up',
    advisories: [
      { ids: ['CVE-2018-0114'], year: '2018', library: 'node-jose', cause: 'the jwk of the header is trusted', mark: 'V' },
      { ids: ['CVE-2026-27962'], year: '2026', library: 'Authlib', cause: 'without a key the jwk of the header is used', mark: 'V' },
      { ids: ['CVE-2026-34240'], year: '2026', library: 'jose (Dart)', cause: 'the jwk of the header is one of the candidates', mark: 'V' },
      { ids: ['CVE-2026-44351'], year: '2026', library: 'fast-jwt', cause: 'an asynchronous key function that gives an empty text makes an empty HMAC key', mark: 'V' },
      { ids: ['GHSA-8wpc-h4q6-8fxv'], year: '2026', library: 'fast-jwt', cause: 'with an empty key and a list nothing is verified', mark: 'V' },
      { ids: ['CVE-2026-45363'], year: '2026', library: 'ruby-jwt', cause: 'an empty or missing key verifies', mark: 'V' },
      { ids: ['CVE-2026-49852'], year: '2026', library: 'joserfc', cause: 'an empty key is only warned about', mark: 'V' },
      { ids: ['CVE-2026-102266'], year: '2026', library: 'PyJWT', cause: 'a JWK whose k is empty goes past the guard for raw keys', mark: 'S' },
      { ids: ['jsonwebtoken 9.0.3'], year: '2026', library: 'jsonwebtoken', cause: 'empty bytes and an empty KeyObject are accepted as secrets (measured, not published)', mark: 'V' },
      { ids: ['CVE-2021-41106'], year: '2021', library: 'lcobucci/jwt', cause: 'the HMAC is keyed with the path of the key file', mark: 'V' },
      { ids: ['CVE-2025-45768', 'CVE-2025-45769', 'CVE-2025-45765', 'CVE-2024-31033'], year: '2025', library: 'PyJWT, php-jwt, ruby-jwt, jjwt', cause: 'short keys are accepted, secrets decoded leniently (disputed)', mark: 'V, M' },
      { ids: ['CVE-2026-102275'], year: '2026', library: 'PyJWT', cause: 'the d of an OKP key is not compared with its x', mark: 'S' },
      { ids: ['CVE-2025-22149'], year: '2025', library: 'jwkset (Go)', cause: 'the cache only adds: a key that was withdrawn stays', mark: 'V' },
      { ids: ['CVE-2026-102274'], year: '2026', library: 'PyJWT', cause: 'one broken key makes the whole set unusable', mark: 'S' },
      { ids: ['CVE-2026-48522', 'CVE-2026-102267'], year: '2026', library: 'PyJWT', cause: 'a set is fetched from file:, data: and ftp: addresses, and redirects are followed', mark: 'V, S' },
      { ids: ['CVE-2024-21643'], year: '2024', library: 'Microsoft IdentityModel', cause: 'the jku of the header is fetched', mark: 'V, S' },
      { ids: ['CVE-2019-20933'], year: '2019', library: 'InfluxDB', cause: 'an empty shared secret', mark: 'M' },
    ],
  },
  {
    title: 'Signatures and their encodings',
    advisories: [
      { ids: ['CVE-2022-21449'], year: '2022', library: 'Java 15 to 18, and what stands on it', cause: 'r and s are not checked for zero', mark: 'M' },
      { ids: ['CVE-2020-13822', 'CVE-2024-42459', 'CVE-2024-42460', 'CVE-2024-42461', 'CVE-2024-48948', 'CVE-2024-48949'], year: '2020', library: 'elliptic', cause: 'leading zeros, overflow and length of r and s are not checked', mark: 'V, M' },
      { ids: ['GHSA-vjh7-7g9h-fjfh'], year: '2025', library: 'elliptic', cause: 'a message of the wrong type makes a nonce come twice', mark: 'V' },
      { ids: ['CVE-2020-14966', 'CVE-2020-14967', 'CVE-2020-14968', 'CVE-2021-30246'], year: '2020', library: 'jsrsasign', cause: 'lax about ASN.1, leading zeros and PKCS#1 padding', mark: 'V, M' },
      { ids: ['CVE-2022-25898'], year: '2022', library: 'jsrsasign', cause: 'characters that are no base64url are skipped in the signature', mark: 'V' },
      { ids: ['CVE-2026-102269'], year: '2026', library: 'PyJWT', cause: 'another spelling of the signature verifies, so that a list of revoked token texts is escaped', mark: 'V, S' },
      { ids: ['CVE-2016-9121', 'CVE-2017-12974', 'CVE-2017-16007'], year: '2016', library: 'go-jose, nimbus, node-jose', cause: 'key agreement with a point off the curve', mark: 'V, M', reason: `key agreement with a point from the token is ${jwe}. A public key off its curve cannot be imported` },
      { ids: ['CVE-2016-9122'], year: '2016', library: 'go-jose', cause: 'of several signatures it is unclear which one was verified', mark: 'V, M' },
      { ids: ['CVE-2018-1000539', 'CVE-2023-37464'], year: '2018', library: 'json-jwt, cjose', cause: 'the length of a tag is not checked', mark: 'V, M' },
      { ids: ['CVE-2023-25653'], year: '2023', library: 'node-jose', cause: 'a crafted point makes the curve arithmetic run without end', mark: 'V, M' },
      { ids: ['CVE-2016-9123', 'CVE-2017-12972', 'CVE-2017-12973'], year: '2016', library: 'go-jose, nimbus', cause: 'length overflow and padding oracle in AES-CBC with HMAC', mark: 'V, M', reason: jwe },
    ],
  },
  {
    title: 'Claims and options',
    advisories: [
      { ids: ['CVE-2020-26160'], year: '2020', library: 'dgrijalva/jwt-go', cause: 'aud as an array is read as an empty text', mark: 'V' },
      { ids: ['CVE-2024-53861'], year: '2024', library: 'PyJWT', cause: 'the issuer may be a part of the expected one', mark: 'V' },
      { ids: ['CVE-2025-30144'], year: '2025', library: 'fast-jwt', cause: 'iss as an array passes when one element fits', mark: 'V' },
      { ids: ['CVE-2025-62610'], year: '2025', library: 'hono', cause: 'the audience is not checked', mark: 'V' },
      { ids: ['CVE-2026-25537'], year: '2026', library: 'jsonwebtoken (Rust)', cause: 'a claim of the wrong type counts as absent', mark: 'V' },
      { ids: ['CVE-2026-44459'], year: '2026', library: 'hono', cause: 'zero, text and infinity as exp skip the check', mark: 'V' },
      { ids: ['fast-jwt #638'], year: '2026', library: 'fast-jwt', cause: 'with an array as payload no claim is checked', mark: 'V' },
      { ids: ['fast-jwt #640'], year: '2026', library: 'fast-jwt', cause: 'an infinite tolerance or clock is taken', mark: 'V' },
      { ids: ['CVE-2026-35040'], year: '2026', library: 'fast-jwt', cause: 'a RegExp option with state refuses every second token', mark: 'V' },
      { ids: ['CVE-2026-103001'], year: '2026', library: 'PyJWT', cause: 'an unverified look at a token changes the options that a verification uses next', mark: 'S' },
      { ids: ['CVE-2024-51744'], year: '2024', library: 'golang-jwt', cause: 'two errors at once, of which the caller looks at the harmless one', mark: 'V' },
      { ids: ['CVE-2026-47673'], year: '2026', library: 'hono', cause: 'any Authorization scheme is accepted', mark: 'V' },
      { ids: ['CVE-2026-35039'], year: '2026', library: 'fast-jwt', cause: 'two tokens share an entry of the verification cache', mark: 'V' },
      { ids: ['hono #4754'], year: '2026', library: 'hono', cause: 'the clock is cut to 32 bits', mark: 'V' },
      { ids: ['CVE-2020-26892', 'CVE-2021-3127'], year: '2020', library: 'nats-io/jwt', cause: 'revocation by the wrong time; a binding that does not hold is only warned about', mark: 'V', reason: 'what is revoked, and since when, is told by a function of the caller\'s; tokens that bind others are no part of the library' },
      { ids: ['CVE-2021-22573', 'CVE-2020-15240', 'CVE-2024-5798'], year: '2020', library: 'google-oauth-client, omniauth-auth0, Vault', cause: 'signature or audience are not verified at all', mark: 'M, S' },
    ],
  },
  {
    title: 'Extensions, serializations, prototypes',
    advisories: [
      { ids: ['CVE-2025-59420', 'CVE-2026-32597', 'CVE-2026-35042'], year: '2025', library: 'Authlib, PyJWT, fast-jwt', cause: 'an unknown crit is ignored', mark: 'V' },
      { ids: ['jsonwebtoken #1032', 'python-jose #413'], year: '2026', library: 'jsonwebtoken, python-jose', cause: 'the same, open', mark: 'V' },
      { ids: ['CVE-2026-48525'], year: '2026', library: 'PyJWT', cause: 'with b64: false the payload is decoded before it is thrown away', mark: 'V' },
      { ids: ['CVE-2019-18848', 'CVE-2023-51774'], year: '2019', library: 'json-jwt (Ruby)', cause: 'segments are not counted; a JWE is taken for a JWS', mark: 'V' },
      { ids: ['CVE-2024-33531'], year: '2024', library: 'lua-resty-jwt', cause: 'enc in the header switches to the parser of JWE', mark: 'M' },
      { ids: ['CVE-2024-34273'], year: '2024', library: 'njwt', cause: '__proto__ in the header is assigned into an object', mark: 'S' },
    ],
  },
  {
    title: 'Timing and what messages tell',
    advisories: [
      { ids: ['CVE-2015-10004', 'CVE-2016-7036', 'CVE-2016-5429'], year: '2015', library: 'robbert229/jwt, python-jose, gree/jose', cause: 'MACs are compared with ==', mark: 'V, M' },
      { ids: ['CVE-2024-25189', 'CVE-2024-25190', 'CVE-2024-25191', 'CVE-2024-25714', 'CVE-2024-25715'], year: '2024', library: 'libjwt, l8w8jwt, php-jwt (extension), rhonabwy', cause: 'MACs are compared with strcmp', mark: 'M' },
      { ids: ['CVE-2021-29443', 'CVE-2021-29444', 'CVE-2021-29445', 'CVE-2021-29446', 'GHSA-rm8v-mxj3-5rmq', 'CVE-2016-6298', 'CVE-2026-28490', 'GHSA-5739-39v2-5754'], year: '2016', library: 'jose, jwx, jwcrypto, Authlib, web-token', cause: 'padding oracles', mark: 'V, M', reason: jwe },
      { ids: ['CVE-2024-23342'], year: '2024', library: 'ecdsa (Python)', cause: 'the time of signing tells the length of the nonce', mark: 'S', reason: 'ECDSA is computed by the runtime (WebCrypto, node:crypto), never in JavaScript' },
      { ids: ['CVE-2019-7644'], year: '2019', library: 'Auth0 WCF', cause: 'the message of the error holds the expected signature', mark: 'M' },
    ],
  },
  {
    title: 'Denial of service',
    advisories: [
      { ids: ['CVE-2025-30204', 'CVE-2025-27144'], year: '2025', library: 'golang-jwt, go-jose', cause: 'splitting at every dot allocates for every dot', mark: 'V' },
      { ids: ['CVE-2025-61920'], year: '2025', library: 'Authlib', cause: 'segments have no limit', mark: 'V' },
      { ids: ['CVE-2025-65015'], year: '2025', library: 'joserfc', cause: 'the whole header is in the text of the exception', mark: 'V' },
      { ids: ['CVE-2025-53864', 'CVE-2026-102265', 'CVE-2026-101918'], year: '2025', library: 'nimbus, PyJWT', cause: 'deeply nested JSON exhausts the stack', mark: 'V, S' },
      { ids: ['CVE-2026-102270', 'CVE-2026-35041'], year: '2026', library: 'PyJWT, fast-jwt', cause: 'a pattern that backtracks without end, on a PEM or as an option', mark: 'V, S' },
      { ids: ['CVE-2026-48524', 'CVE-2026-101917'], year: '2026', library: 'PyJWT', cause: 'a fetch for every unknown kid, also after a first repair', mark: 'V, S' },
      { ids: ['CVE-2019-17195', 'CVE-2020-26521', 'CVE-2024-21664', 'CVE-2026-34986'], year: '2019', library: 'nimbus, nats, jwx, go-jose', cause: 'malformed input ends in another exception, or a panic', mark: 'V, M' },
      { ids: ['CVE-2022-36083', 'CVE-2023-50966', 'CVE-2023-50967', 'CVE-2023-50658', 'CVE-2023-49290', 'CVE-2023-6681', 'CVE-2023-31582', 'CVE-2023-51775', 'CVE-2023-52428', 'CVE-2026-27932', 'GHSA-2c7c-3mj9-8fqh', 'GHSA-3prj-6hqw-cm82'], year: '2022', library: 'jose, erlang-jose, latchset, jose2go, jwx, jwcrypto, jose4j, nimbus, joserfc, go-jose, web-token', cause: 'the token says how often to hash (p2c)', mark: 'V, M', reason: jwe },
      { ids: ['CVE-2024-28176', 'CVE-2024-28180', 'CVE-2024-28122', 'CVE-2024-28102', 'CVE-2024-21319', 'CVE-2024-33664', 'CVE-2024-29371', 'CVE-2025-62706', 'CVE-2025-63811', 'CVE-2026-39373'], year: '2024', library: 'jose, go-jose, jwx, jwcrypto, Microsoft IdentityModel, python-jose, jose4j, Authlib, jose2go', cause: 'compressed content grows without limit (zip)', mark: 'V, M', reason: `${jwe}; zip in the header of a JWS is ignored` },
    ],
  },
]
