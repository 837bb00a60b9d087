// The providers of the README's recipes as they look from outside: the addresses they answer at, what stands in their
// discovery documents and key sets (kids, x5c, members without alg, keys that are not for signatures), how they answer
// (types, Cache-Control; the figures are examples), and the headers and claims of their tokens. Signed by node:crypto,
// independent of the library.

import { b64u, Buffer, certificate, node, nodePrivate, p256, otherP256, pem, publicOf, rsa, rsa2, rsaE3, spkiOf, utf8, type Jwk } from '../support/keys'

export interface Answer { readonly status?: number, readonly headers?: Readonly<Record<string, string>>, readonly body: unknown }

/** What a token is like, or how it differs from a good one; `undefined` takes a member away. */
export interface Token {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  readonly key?: Jwk | string
}

export interface Refusal extends Token { readonly code: string, readonly claim?: string, readonly fault?: string }

export interface StandIn {
  /** The README's heading and the number of the block below it. */
  readonly title: string
  /** By full address. Anything else does not answer at all. */
  readonly answers: Readonly<Record<string, Answer>>
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** A private JWK, or a secret. */
  readonly key: Jwk | string
  /** Signs with the same kid, and is somebody else's. */
  readonly foreignKey: Jwk | string
  readonly padded?: boolean
  /** Good as well, each in its own way. */
  readonly accepts: Readonly<Record<string, Token>>
  readonly refuses: Readonly<Record<string, Refusal>>
}

const now = Math.floor(Date.now() / 1000)
const hour = 3600

// ─── tokens ──────────────────────────────────────────────────────────────────

const merged = (one: object, two: object = {}): object => Object.fromEntries(Object.entries({ ...one, ...two }).filter(([, value]) => value !== undefined))

/** A token of a provider, or one that differs from it. */
export function tokenOf(standIn: StandIn, { header, claims, key = standIn.key }: Token = {}): string {
  const filled = (text: string): string => standIn.padded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text
  const head = merged(standIn.header, header) as { alg: string }
  const input = [head, merged(standIn.claims, claims)].map((part) => filled(b64u(JSON.stringify(part)))).join('.')
  return `${input}.${filled(b64u(signature(head.alg, utf8(input), key)))}`
}

function signature(alg: string, input: Uint8Array, key: Jwk | string): Uint8Array {
  if (alg === 'none') return new Uint8Array()
  if (alg.startsWith('HS')) return node.createHmac('sha256', typeof key === 'string' ? utf8(key) : utf8(pem('PUBLIC KEY', spkiOf(key)))).update(input).digest()
  const padding = alg.startsWith('PS') ? { padding: 6, saltLength: 32 } : {}
  return node.sign('sha256', input, { key: nodePrivate(key as Jwk), dsaEncoding: 'ieee-p1363', ...padding })
}

// ─── key sets ────────────────────────────────────────────────────────────────

const published = (jwk: Jwk, kid: string, more: object): object => ({ ...publicOf(jwk), kid, use: 'sig', ...more })
const x5c = (jwk: Jwk): string[] => [Buffer.from(certificate(spkiOf(jwk))).toString('base64')]
const json = (body: object, headers: Record<string, string> = {}): Answer => ({ headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body })

/** Discovery document and key set, at their addresses. */
function discovered(issuer: string, jwksUri: string, jwks: Answer, document: Record<string, string> = {}): Record<string, Answer> {
  return {
    [`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`]: json({
      issuer, jwks_uri: jwksUri, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`,
      response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], ...document,
    }),
    [jwksUri]: jwks,
  }
}

// ─── what is the same with all ───────────────────────────────────────────────

const rs256 = { key: rsa, foreignKey: rsaE3 }
const refusesAudience = {
  'a token for somebody else': { claims: { aud: 'https://somebody-else.example' }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
  'a token for nobody': { claims: { aud: undefined }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
}
/** Of every provider, whatever else it has. */
export const refusedAlways = ({ foreignKey }: StandIn): Record<string, Refusal> => ({
  'a token of another issuer': { claims: { iss: 'https://somebody-else.example' }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
  'a token of no issuer': { claims: { iss: undefined }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
  'an expired token': { claims: { exp: now - 1 }, code: 'ERR_JWT_EXPIRED' },
  'a token that never expires': { claims: { exp: undefined }, code: 'ERR_JWT_CLAIM', claim: 'exp' },
  'a token signed with a foreign key': { key: foreignKey, code: 'ERR_JWT_SIGNATURE' },
  'an unsigned token': { header: { alg: 'none' }, code: 'ERR_JWT_ALGORITHM' },
})
/** Of all whose keys are public. */
export const refusedByPublicKeys = ({ foreignKey }: StandIn): Record<string, Refusal> => ({
  'a token with a kid that nobody has': { header: { kid: '00000000-0000-0000-0000-000000000000' }, key: foreignKey, code: 'ERR_JWT_KEY_NOT_FOUND', fault: 'token' },
  'an HMAC with the public key for its secret': { header: { alg: 'HS256' }, code: 'ERR_JWT_ALGORITHM' },
})

// ─── Auth0, Okta ─────────────────────────────────────────────────────────────

const auth0Kid = 'NjVBRjY5MDlCMUIwNzU4RTA2QzZF'
const auth0 = {
  ...rs256,
  answers: discovered('https://shop.eu.auth0.com/', 'https://shop.eu.auth0.com/.well-known/jwks.json', json({
    keys: [
      published(rsa, auth0Kid, { alg: 'RS256', x5t: auth0Kid, x5c: x5c(rsa) }),
      published(rsa2, 'QjE2NzQ4MDRGQ0I0NTY3OEU5MTIzNA', { alg: 'RS256', x5t: 'QjE2NzQ4MDRGQ0I0NTY3OEU5MTIzNA', x5c: x5c(rsa2) }),
    ],
  }, { 'cache-control': 'public, max-age=15, stale-while-revalidate=15, stale-if-error=86400', etag: 'W/"4a-b1"' })),
  header: { alg: 'RS256', typ: 'JWT', kid: auth0Kid },
  claims: {
    iss: 'https://shop.eu.auth0.com/', sub: 'auth0|123456', aud: ['https://api.shop.example', 'https://shop.eu.auth0.com/userinfo'],
    azp: 'my_client_id', iat: now, exp: now + 24 * hour, scope: 'openid profile read:stock',
  },
}

const okta: StandIn = {
  title: 'Okta 1',
  ...rs256,
  answers: discovered('https://shop.okta.com/oauth2/default', 'https://shop.okta.com/oauth2/default/v1/keys', json({
    keys: [published(rsa, 'Pq1uUVBGUmmBoV9m8wKvMhs4Bn1HPZ3Xl2Kk8m0gTnU', { alg: 'RS256' })],
  }, { 'cache-control': 'max-age=4567, must-revalidate' })),
  header: { alg: 'RS256', kid: 'Pq1uUVBGUmmBoV9m8wKvMhs4Bn1HPZ3Xl2Kk8m0gTnU' },
  claims: {
    ver: 1, jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE', iss: 'https://shop.okta.com/oauth2/default', aud: 'api://default',
    iat: now, exp: now + hour, cid: '0oa1shop', uid: '00u1shop', scp: ['openid'], sub: 'maria@shop.example',
  },
  accepts: {},
  refuses: {
    ...refusesAudience,
    'what the organisation\'s own server issues': { claims: { iss: 'https://shop.okta.com', aud: 'https://shop.okta.com' }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
    'an ID token of the same server': { claims: { aud: '0oa1shop', cid: undefined }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
    'a token that names no client': { claims: { cid: undefined }, code: 'ERR_JWT_CLAIM', claim: 'cid' },
  },
}

// ─── Microsoft ───────────────────────────────────────────────────────────────

const [tenant, secondTenant, thirdTenant] = ['3a5e5c2f-6d0b-4c8e-9a4e-2f7d1b9c0e11', '9b2f4d6e-1c3a-4e5b-8d7f-0a1b2c3d4e5f', '11111111-2222-4333-8444-555555555555'] as const
const consumers = '9188040d-6c67-4c5b-b112-36a304b66dad' // where personal accounts are
const entraIssuer = (id: string): string => `https://login.microsoftonline.com/${id}/v2.0`
const entraKid = 'jS1Xo1OWDj_52vbwGNgvQO2VzMc'
/** Without alg, and with the issuer that each is good for. */
const entraKeys = (issuer: string): Answer => json({
  keys: [
    published(rsa, entraKid, { x5t: entraKid, x5c: x5c(rsa), cloud_instance_name: 'microsoftonline.com', issuer }),
    published(rsa2, 'yreX2PsLi-qkbR8QDOmB_ySxp8Q', { x5t: 'yreX2PsLi-qkbR8QDOmB_ySxp8Q', x5c: x5c(rsa2), cloud_instance_name: 'microsoftonline.com', issuer: entraIssuer(consumers) }),
  ],
}, { 'cache-control': 'max-age=86400, private' })
const entra = {
  ...rs256,
  header: { typ: 'JWT', alg: 'RS256', kid: entraKid },
  claims: {
    aud: '6f1d2c3b-8a97-4e5f-b0c1-d2e3f4a5b6c7', iss: entraIssuer(tenant), iat: now, nbf: now, exp: now + hour, azp: '0d5f1c2e-7b3a-4d6c-9e8f-1a2b3c4d5e6f',
    oid: 'c0ffee00-1234-4abc-8def-0123456789ab', sub: 'x1Yz', tid: tenant, ver: '2.0', scp: 'Stock.Read',
  },
}
const entraRefuses = {
  ...refusesAudience,
  'a PSS signature with the same key': { header: { alg: 'PS256' }, code: 'ERR_JWT_ALGORITHM' },
}

// ─── Google ──────────────────────────────────────────────────────────────────

const googleKid = '7c9c78e3b00e1bb092d246c887b11220c87b7d20'
const google: StandIn = {
  title: 'Google 1',
  ...rs256,
  answers: discovered('https://accounts.google.com', 'https://www.googleapis.com/oauth2/v3/certs', json({
    keys: [published(rsa, googleKid, { alg: 'RS256' }), published(rsa2, '1bb774bdd0a1a91a46f1f2eb5d1a3f2e9c8d7b60', { alg: 'RS256' })],
  }, { 'cache-control': 'public, max-age=19845, must-revalidate, no-transform', age: '1200', vary: 'Origin' })),
  header: { alg: 'RS256', kid: googleKid, typ: 'JWT' },
  claims: {
    iss: 'https://accounts.google.com', azp: '1234567890-shop.apps.googleusercontent.com', aud: '1234567890-shop.apps.googleusercontent.com',
    sub: '110169484474386276334', email: 'maria@shop.example', email_verified: true, iat: now, exp: now + hour,
  },
  accepts: { 'the issuer without https://': { claims: { iss: 'accounts.google.com' } } },
  refuses: { ...refusesAudience, 'a token without a user': { claims: { sub: undefined }, code: 'ERR_JWT_CLAIM', claim: 'sub' } },
}

const firebaseClaims = {
  iss: 'https://securetoken.google.com/shop', aud: 'shop', auth_time: now - hour, user_id: 'u1', sub: 'u1', iat: now, exp: now + hour,
  firebase: { identities: {}, sign_in_provider: 'password' },
}
const firebase: StandIn = {
  title: 'Firebase 1',
  ...rs256,
  answers: discovered('https://securetoken.google.com/shop', 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com', json({
    keys: [published(rsa, googleKid, { alg: 'RS256' })],
  }, { 'cache-control': 'public, max-age=21342, must-revalidate, no-transform' })),
  header: { alg: 'RS256', kid: googleKid, typ: 'JWT' },
  claims: firebaseClaims,
  accepts: {},
  refuses: {
    ...refusesAudience,
    'a token of another project, signed with the same keys': { claims: { iss: 'https://securetoken.google.com/rival', aud: 'rival' }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
    'a token without the time of the sign-in': { claims: { auth_time: undefined }, code: 'ERR_JWT_CLAIM', claim: 'auth_time' },
  },
}
const firebaseCookies: StandIn = {
  ...firebase,
  title: 'Firebase 2',
  answers: {
    'https://www.googleapis.com/identitytoolkit/v3/relyingparty/publicKeys': json(
      { [googleKid]: pem('CERTIFICATE', certificate(spkiOf(rsa))), 'LYyP6g': pem('CERTIFICATE', certificate(spkiOf(rsa2))) },
      { 'cache-control': 'public, max-age=17223, must-revalidate, no-transform' },
    ),
  },
  claims: { ...firebaseClaims, iss: 'https://session.firebase.google.com/shop', exp: now + 14 * 24 * hour },
  accepts: { 'a cookie signed with the other certificate': { header: { kid: 'LYyP6g' }, key: rsa2 } },
  refuses: { ...firebase.refuses, 'an ID token': { claims: firebaseClaims, code: 'ERR_JWT_CLAIM', claim: 'iss' } },
}

// ─── Cognito, Keycloak, Apple ────────────────────────────────────────────────

const pool = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI'
const cognitoKid = 'hT2g9vJ5kQ0wq4bWm1nR8xY3zL6cD7fA0sE5uI9oP2k='
const cognito: StandIn = {
  title: 'Amazon Cognito 1',
  ...rs256,
  answers: discovered(pool, `${pool}/.well-known/jwks.json`, json({
    keys: [published(rsa2, 'q9XvB2nM5cZ8aS1dF4gH7jK0lP3oI6uY9tR2eW5qA8s=', { alg: 'RS256' }), published(rsa, cognitoKid, { alg: 'RS256' })],
  }, { 'cache-control': 'public, max-age=86400' })),
  header: { kid: cognitoKid, alg: 'RS256' },
  claims: {
    sub: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee', 'cognito:groups': ['admin'], token_use: 'access', scope: 'aws.cognito.signin.user.admin', auth_time: now, iss: pool,
    iat: now, exp: now + hour, version: 2, jti: 'bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee', origin_jti: 'cccccccc-bbbb-4ccc-8ddd-eeeeeeeeeeee',
    client_id: '3n4b5urk1ft4fl3mg5e62d9ado', username: 'maria',
  },
  accepts: {},
  refuses: {
    'an access token of another client': { claims: { client_id: 'someoneelsesclientid' }, code: 'ERR_JWT_SCHEMA' },
    'a token of no client': { claims: { client_id: undefined }, code: 'ERR_JWT_SCHEMA' },
    'an ID token': { claims: { token_use: 'id', client_id: undefined, aud: '3n4b5urk1ft4fl3mg5e62d9ado' }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
    'an ID token that has the claims of both': { claims: { token_use: 'id' }, code: 'ERR_JWT_SCHEMA' },
    'a token of another pool': { claims: { iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Others' }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
  },
}

const realm = 'https://sso.shop.example/realms/shop'
const keycloakKid = 'FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE'
const keycloak: StandIn = {
  title: 'Keycloak 1',
  ...rs256,
  answers: discovered(realm, `${realm}/protocol/openid-connect/certs`, json({
    keys: [
      { ...publicOf(rsa2), kid: 'bzZ5JDkuBGi0oplEvod2TptRHH7K90WEEe90pdK9iCk', alg: 'RSA-OAEP', use: 'enc', x5c: x5c(rsa2), x5t: 'Namnuyi650xu', 'x5t#S256': 'OZ3egsK' },
      published(rsa, keycloakKid, { alg: 'RS256', x5c: x5c(rsa), x5t: 'tUcTw0bM8ciX', 'x5t#S256': 'eF-XsrHWa6gw8' }),
    ],
  }, { 'cache-control': 'no-cache' })),
  header: { alg: 'RS256', typ: 'JWT', kid: keycloakKid },
  claims: {
    exp: now + 300, iat: now, jti: 'onrtac:6f1d2c3b', iss: realm, aud: 'shop-api', sub: 'f0b2c4d6-1234-4abc-8def-0123456789ab', typ: 'Bearer', azp: 'shop-web',
    sid: '7d9c1b2a', acr: '1', realm_access: { roles: ['offline_access'] }, scope: 'email profile',
  },
  accepts: { 'a token for the API and the account console': { claims: { aud: ['account', 'shop-api'] } } },
  refuses: {
    ...refusesAudience,
    'a token for the account console alone': { claims: { aud: 'account' }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
    'an ID token': { claims: { aud: 'shop-web', typ: 'ID' }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
    'a token signed with the key for encryption': { header: { kid: 'bzZ5JDkuBGi0oplEvod2TptRHH7K90WEEe90pdK9iCk' }, key: rsa2, code: 'ERR_JWT_KEY_NOT_FOUND' },
    'a token without a user': { claims: { sub: undefined }, code: 'ERR_JWT_CLAIM', claim: 'sub' },
    'a token that names no client': { claims: { azp: undefined }, code: 'ERR_JWT_CLAIM', claim: 'azp' },
    'a token of another realm': { claims: { iss: 'https://sso.shop.example/realms/master' }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
  },
}

const apple: StandIn = {
  title: 'Sign in with Apple 1',
  ...rs256,
  answers: {
    'https://appleid.apple.com/auth/keys': json({
      keys: [published(rsa2, 'Sf2lFqwkpX', { alg: 'RS256' }), published(rsa, 'T8tIJ1zSrO', { alg: 'RS256' })],
    }, { 'content-type': 'application/json;charset=ISO-8859-1', 'cache-control': 'no-store' }),
  },
  header: { kid: 'T8tIJ1zSrO', alg: 'RS256' },
  claims: {
    iss: 'https://appleid.apple.com', aud: 'example.shop.web', exp: now + 24 * hour, iat: now, sub: '000792.d71059495fa24644b94e4a644e2e3b4a.0638', nonce: 'n-0S6_WzA2Mj',
    email: 'x@privaterelay.appleid.com', email_verified: 'true', auth_time: now, nonce_supported: true,
  },
  accepts: {},
  refuses: {
    ...refusesAudience,
    'the issuer of the discovery document': { claims: { iss: 'https://account.apple.com' }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
    'a token without a user': { claims: { sub: undefined }, code: 'ERR_JWT_CLAIM', claim: 'sub' },
  },
}

// ─── workloads ───────────────────────────────────────────────────────────────

const githubKid = '38826b17-6a30-5f9b-b169-8beb8202f723'
const github: StandIn = {
  title: 'GitHub Actions 1',
  ...rs256,
  answers: discovered('https://token.actions.githubusercontent.com', 'https://token.actions.githubusercontent.com/.well-known/jwks', json({
    keys: [published(rsa2, 'cc413527-173f-5a05-976e-9c52b1d7b431', { alg: 'RS256', x5c: x5c(rsa2), x5t: 'Nh4Vb2' }), published(rsa, githubKid, { alg: 'RS256' })],
  })),
  header: { typ: 'JWT', alg: 'RS256', x5t: 'eBZ_cn3sXYAd0ch4THBKHIgOwOE', kid: githubKid },
  claims: {
    jti: 'example-id', sub: 'repo:shop@123456/website@456789:ref:refs/heads/main', aud: 'https://deploy.shop.example', ref: 'refs/heads/main', sha: 'example-sha',
    repository: 'shop/website', repository_owner: 'shop', repository_id: '456789', repository_owner_id: '123456', event_name: 'push', ref_type: 'branch',
    job_workflow_ref: 'shop/website/.github/workflows/deploy.yml@refs/heads/main', iss: 'https://token.actions.githubusercontent.com', nbf: now - 300, exp: now + 600, iat: now,
  },
  accepts: {},
  refuses: {
    ...refusesAudience,
    'the audience that a workflow gets unasked': { claims: { aud: 'https://github.com/shop' }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
    'somebody else\'s repository': { claims: { sub: 'repo:rival@654321/website@987654:ref:refs/heads/main' }, code: 'ERR_JWT_CLAIM', claim: 'sub' },
    'a repository that has taken over an old name': { claims: { sub: 'repo:shop@999999/website@888888:ref:refs/heads/main' }, code: 'ERR_JWT_CLAIM', claim: 'sub' },
    'a pull request': { claims: { sub: 'repo:shop@123456/website@456789:pull_request' }, code: 'ERR_JWT_CLAIM', claim: 'sub' },
  },
}

const kubernetesKid = 'b5mZl0sVhQy0kq6nJ0m9p7f3l2Hc4d1Zk8xT5uWw2aE'
const kubernetes: StandIn = {
  title: 'Kubernetes service accounts 1',
  ...rs256,
  answers: discovered('https://cluster.shop.example', 'https://cluster.shop.example/openid/v1/jwks', json({
    keys: [published(rsa, kubernetesKid, { alg: 'RS256' })],
  }, { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=3600' })),
  header: { alg: 'RS256', kid: kubernetesKid },
  claims: {
    aud: ['https://stock.shop.example'], exp: now + hour, iat: now, nbf: now, iss: 'https://cluster.shop.example', jti: 'aed34954-b33a-4142-b1ec-389d6bbb4936',
    sub: 'system:serviceaccount:shop:checkout',
    'kubernetes.io': { namespace: 'shop', node: { name: 'n1', uid: '1' }, pod: { name: 'checkout-1', uid: '2' }, serviceaccount: { name: 'checkout', uid: '3' } },
  },
  accepts: {},
  refuses: {
    ...refusesAudience,
    'a token for the API server': { claims: { aud: ['https://kubernetes.default.svc.cluster.local'] }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
    'another service account': { claims: { sub: 'system:serviceaccount:shop:default' }, code: 'ERR_JWT_CLAIM', claim: 'sub' },
    'the same name in another namespace': { claims: { sub: 'system:serviceaccount:test:checkout' }, code: 'ERR_JWT_CLAIM', claim: 'sub' },
    'a token of the old kind, from a Secret': { claims: { iss: 'kubernetes/serviceaccount', aud: undefined, exp: undefined }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
  },
}

// ─── in front of the application ─────────────────────────────────────────────

const elb = 'https://public-keys.auth.elb.eu-central-1.amazonaws.com'
const signer = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/5f2c7a1be83d9046'
const publicPem = (jwk: Jwk): Answer => ({ headers: { 'content-type': 'binary/octet-stream' }, body: pem('PUBLIC KEY', spkiOf(jwk)) })
const loadBalancer: StandIn = {
  title: 'AWS Application Load Balancer 1',
  key: p256,
  foreignKey: otherP256,
  padded: true,
  answers: {
    [`${elb}/12345678-1234-1234-1234-123456789012`]: publicPem(p256),
    [`${elb}/87654321-4321-4321-4321-210987654321`]: publicPem(otherP256),
    [`${elb}/00000000-0000-0000-0000-000000000000`]: { status: 403, headers: { 'content-type': 'application/xml' }, body: '<Error><Code>AccessDenied</Code></Error>' },
    [`${elb}/50050050-0500-4500-8500-500500500500`]: { status: 503, body: 'slow down' },
  },
  header: { typ: 'JWT', kid: '12345678-1234-1234-1234-123456789012', alg: 'ES256', iss: 'https://idp.shop.example', client: 'shop', signer, exp: now + 120 },
  claims: { sub: '1234567890', name: 'maria', email: 'maria@shop.example', exp: now + 120, iss: 'https://idp.shop.example' },
  accepts: { 'the next key of the region': { header: { kid: '87654321-4321-4321-4321-210987654321' }, key: otherP256 } },
  refuses: {
    'what another balancer has signed': { header: { signer: `${signer.slice(0, -1)}7` }, code: 'ERR_JWT_CLAIM', claim: 'header.signer' },
    'what names no balancer': { header: { signer: undefined }, code: 'ERR_JWT_CLAIM', claim: 'header.signer' },
    'a user of another client': { header: { client: 'intranet' }, code: 'ERR_JWT_CLAIM', claim: 'header.client' },
    'a kid that leads elsewhere': { header: { kid: '../12345678-1234-1234-1234-123456789012' }, code: 'ERR_JWT_KEY_NOT_FOUND' },
    'an address that fails, as a fault of this side': { header: { kid: '50050050-0500-4500-8500-500500500500' }, code: 'ERR_JWT_KEY', fault: 'server' },
    'a token for an audience': { claims: { aud: 'shop' }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
  },
}

const team = 'https://shop.cloudflareaccess.com'
const accessKid = '1a1c3986a44ce6390be42ec772b031df8f433fdc71716db821dc0c39af3bce49'
const accessCertificates = [[rsa, accessKid], [rsa2, '6c3bffef71bb0a90c9cbef3b7c0d4a1c7b4b8b76b80292a623afd9dac45d1c65']] as const
const access: StandIn = {
  title: 'Cloudflare Access 1',
  ...rs256,
  answers: {
    [`${team}/cdn-cgi/access/certs`]: json({
      keys: accessCertificates.map(([jwk, kid]) => published(jwk, kid, { alg: 'RS256' })),
      public_cert: { kid: accessKid, cert: pem('CERTIFICATE', certificate(spkiOf(rsa))) },
      public_certs: accessCertificates.map(([jwk, kid]) => ({ kid, cert: pem('CERTIFICATE', certificate(spkiOf(jwk))) })),
    }),
  },
  header: { alg: 'RS256', kid: accessKid, typ: 'JWT' },
  claims: {
    aud: ['0f6c1a9be2d75483c7b8a1f04e9d3c26b5a7f8e1d0c2b3948576a1e2f3d4c5b6'], email: 'maria@shop.example', exp: now + hour, iat: now, nbf: now, iss: team,
    type: 'app', identity_nonce: '6ei69kawdKzMIAPF', sub: '7335d417-61da-459d-899c-0a01c76a2f94', country: 'DE',
  },
  accepts: { 'a token signed with the previous key': { header: { kid: accessCertificates[1][1] }, key: rsa2 } },
  refuses: { ...refusesAudience, 'a token of another team': { claims: { iss: 'https://rival.cloudflareaccess.com' }, code: 'ERR_JWT_CLAIM', claim: 'iss' } },
}

// ─── Supabase, Clerk ─────────────────────────────────────────────────────────

const project = 'https://abcdefghijklmnopqrst.supabase.co/auth/v1'
const supabaseKid = 'b81269f1-21d8-4f2e-b719-c2240a840d90'
const supabaseClaims = {
  aal: 'aal1', amr: [{ method: 'password', timestamp: now }], app_metadata: { provider: 'email' }, aud: 'authenticated', email: 'maria@shop.example', exp: now + hour, iat: now,
  iss: project, phone: '', role: 'authenticated', session_id: '123e4567-e89b-42d3-a456-426614174000', sub: '123e4567-e89b-42d3-a456-426614174001', user_metadata: {}, is_anonymous: false,
}
const supabaseRefuses = {
  ...refusesAudience,
  'a token of another project': { claims: { iss: 'https://zyxwvutsrqponmlkjihg.supabase.co/auth/v1' }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
  'a token without a user': { claims: { sub: undefined }, code: 'ERR_JWT_CLAIM', claim: 'sub' },
}
const supabase: StandIn = {
  title: 'Supabase 1',
  key: p256,
  foreignKey: otherP256,
  answers: {
    [`${project}/.well-known/jwks.json`]: json({
      keys: [
        published(p256, supabaseKid, { alg: 'ES256', key_ops: ['verify'], ext: true }),
        published(rsa, 'd0d5c1b4-6a4f-4e0c-8f57-1c6a9b2e3d4f', { alg: 'RS256', key_ops: ['verify'], ext: true }),
      ],
    }, { 'cache-control': 'public, max-age=600' }),
  },
  header: { alg: 'ES256', kid: supabaseKid, typ: 'JWT' },
  claims: supabaseClaims,
  accepts: {},
  refuses: {
    ...supabaseRefuses,
    'a token under the legacy secret': { header: { alg: 'HS256' }, key: 'MnWx0Ea7n0Rr6Vb1yQ3tq0wM5l8dUzJcKf2sHgPiTjA', code: 'ERR_JWT_ALGORITHM' },
    'the project\'s RSA key, which the recipe does not allow': { header: { alg: 'RS256', kid: 'd0d5c1b4-6a4f-4e0c-8f57-1c6a9b2e3d4f' }, key: rsa, code: 'ERR_JWT_ALGORITHM' },
  },
}

const frontend = 'https://clerk.shop.example'
const clerkKid = 'ins_2RfWKJREkjKbHZy0Wqa5qrHeAnb'
const clerk: StandIn = {
  title: 'Clerk 1',
  ...rs256,
  answers: { [`${frontend}/.well-known/jwks.json`]: json({ keys: [published(rsa, clerkKid, { alg: 'RS256' })] }) },
  header: { alg: 'RS256', kid: clerkKid, typ: 'JWT' },
  claims: { azp: 'https://shop.example', exp: now + 60, iat: now, iss: frontend, nbf: now - 10, sid: 'sess_2Ro7e2IxrffdqBboq8KfB6eGbIy', sub: 'user_2RfWKJREkjKbHZy0Wqa5qrHeAnb' },
  accepts: { 'the other origin': { claims: { azp: 'https://www.shop.example' } } },
  refuses: {
    'a token made for another origin': { claims: { azp: 'https://evil.shop.example' }, code: 'ERR_JWT_SCHEMA' },
    'a token made for no origin': { claims: { azp: undefined }, code: 'ERR_JWT_SCHEMA' },
    'a token for an audience': { claims: { aud: 'convex' }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
  },
}

export const standIns: readonly StandIn[] = [
  {
    title: 'Auth0 1',
    ...auth0,
    accepts: { 'the second key of the set': { header: { kid: 'QjE2NzQ4MDRGQ0I0NTY3OEU5MTIzNA' }, key: rsa2 } },
    refuses: {
      ...refusesAudience,
      'an ID token': { claims: { aud: 'my_client_id' }, code: 'ERR_JWT_CLAIM', claim: 'aud' },
      'a token of the other profile': { header: { typ: 'at+jwt' }, code: 'ERR_JWT_TYPE' },
      'the issuer without its slash': { claims: { iss: 'https://shop.eu.auth0.com' }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
    },
  },
  {
    title: 'Auth0 2',
    ...auth0,
    header: { ...auth0.header, typ: 'at+jwt' },
    claims: { ...auth0.claims, azp: undefined, client_id: 'my_client_id', jti: '73WakrfVbNJBaAmhQtEeDv' },
    accepts: {},
    refuses: {
      ...refusesAudience,
      'a token of the other profile': { header: { typ: 'JWT' }, code: 'ERR_JWT_TYPE' },
      'a token that names no client': { claims: { client_id: undefined }, code: 'ERR_JWT_CLAIM', claim: 'client_id' },
    },
  },
  okta,
  {
    title: 'Microsoft Entra ID 1',
    ...entra,
    answers: discovered(entraIssuer(tenant), `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`, entraKeys(entraIssuer(tenant))),
    accepts: {},
    refuses: { ...entraRefuses, 'a token of another tenant, signed with the same key': { claims: { iss: entraIssuer(secondTenant), tid: secondTenant }, code: 'ERR_JWT_CLAIM', claim: 'iss' } },
  },
  {
    title: 'Microsoft Entra ID 2',
    ...entra,
    answers: { 'https://login.microsoftonline.com/common/discovery/v2.0/keys': entraKeys(entraIssuer('{tenantid}')) },
    accepts: { 'a token of the other tenant': { claims: { iss: entraIssuer(secondTenant), tid: secondTenant } } },
    refuses: {
      ...entraRefuses,
      'a tenant that is not on the list': { claims: { iss: entraIssuer(thirdTenant), tid: thirdTenant }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
      'one tenant\'s issuer with another\'s tid': { claims: { tid: secondTenant }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
      'a token without tid': { claims: { tid: undefined }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
      'a listed tenant\'s token, signed with a key of the personal accounts': { header: { kid: 'yreX2PsLi-qkbR8QDOmB_ySxp8Q' }, key: rsa2, code: 'ERR_JWT_KEY_NOT_FOUND' },
    },
  },
  google, firebase, firebaseCookies, cognito, keycloak, apple, github, kubernetes, loadBalancer, access, supabase,
  {
    ...supabase,
    title: 'Supabase 2',
    key: 'MnWx0Ea7n0Rr6Vb1yQ3tq0wM5l8dUzJcKf2sHgPiTjA',
    foreignKey: 'q2LkP0o7Yb4vXc9sZd1fGh6jKl3mNb8vCx5zAs0dFgE',
    answers: {},
    header: { alg: 'HS256', typ: 'JWT' },
    refuses: {
      ...supabaseRefuses,
      'the project\'s anon key': { claims: { iss: 'supabase', ref: 'abcdefghijklmnopqrst', role: 'anon', aud: undefined, sub: undefined }, code: 'ERR_JWT_CLAIM', claim: 'iss' },
      'a token under a new key': { header: { alg: 'ES256', kid: supabaseKid }, key: p256, code: 'ERR_JWT_ALGORITHM' },
    },
  },
  clerk,
]
