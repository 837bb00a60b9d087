// The provider as the checks see it: start, stop, keys, tokens. Tokens come over HTTP as for anybody: client credentials
// for a resource (RFC 9068), and the authorization code flow with PKCE, its pages walked through without a browser.

import { equal, ok } from 'node:assert/strict'
import { fork } from 'node:child_process'
import { generateKeyPairSync, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import * as openid from 'openid-client'
import { root } from '../install.mjs'

/** Each resource of the provider signs with another algorithm. */
export const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
export const resource = (algorithm) => `https://${algorithm.toLowerCase()}.shop.example`
const resources = Object.fromEntries(algorithms.map((algorithm) => [resource(algorithm), algorithm]))

/** oidc-provider is made for Node 22 and later: that of test/runtimes if it is there, else this one, which serves too. */
export const runtime = [join(root, 'test/runtimes/node_modules/node22/bin/node'), process.execPath].find((path) => existsSync(path))

const secret = 'a client secret of more than thirty-two octets'
const callback = 'https://shop.example/callback'
const goodbye = 'https://shop.example/goodbye'

/** One private JWK for each algorithm; Ed25519 has one for its two names, without `alg`, as oidc-provider wants it. */
export function privateJwks(label) {
  const jwk = ([type, options, more]) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...more })
  return {
    keys: [
      ['rsa', { modulusLength: 2048 }, { kid: `${label}-rs`, alg: 'RS256' }],
      ['rsa', { modulusLength: 2048 }, { kid: `${label}-ps`, alg: 'PS256' }],
      ['ec', { namedCurve: 'P-256' }, { kid: `${label}-es` }],
      ['ed25519', {}, { kid: `${label}-ed` }],
    ].map(jwk),
  }
}

/** A port that is free, and outside the range that a system gives to others while the provider is down: the issuer's name holds it. */
export async function freePort() {
  for (;;) {
    const server = createServer().listen(20_000 + randomInt(10_000), '127.0.0.1')
    const port = await once(server, 'listening').then(() => server.address().port, () => undefined) // taken
    if (!port) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

/** Gives the provider, not yet running. */
export async function makeIssuer(clients = []) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child
  let said = ''
  const insecure = { execute: [openid.allowInsecureRequests] } // http, which loopback may
  const client = (id) => openid.discovery(new URL(url), id, undefined, openid.ClientSecretPost(secret), insecure)

  return {
    url,
    secret,

    /** `logoutUri`: where the provider tells the applications that a session is over. */
    async start(jwks, { cacheControl, logoutUri } = {}) {
      const started = fork(new URL('provider.mjs', import.meta.url), { execPath: runtime, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
      said = ''
      for (const stream of [started.stdout, started.stderr]) stream.on('data', (text) => said += text)
      started.send({
        port, jwks, cacheControl, resources,
        clients: [
          { client_id: 'service', client_secret: secret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [], token_endpoint_auth_method: 'client_secret_post' },
          ...algorithms.map((algorithm) => ({
            client_id: `app-${algorithm}`, client_secret: secret, redirect_uris: [callback], post_logout_redirect_uris: [goodbye], id_token_signed_response_alg: algorithm,
            token_endpoint_auth_method: 'client_secret_post', response_types: ['code', 'code id_token'], grant_types: ['authorization_code', 'implicit'],
            ...(logoutUri && { backchannel_logout_uri: logoutUri, backchannel_logout_session_required: true }),
          })),
          ...clients,
        ],
      })
      const [message] = await Promise.race([once(started, 'message'), once(started, 'exit')])
      equal(message, 'ready', said)
      child = started
    },

    async stop() {
      if (!child) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL') // as a machine that goes, with connections open
      await exited
      child = undefined
    },

    /** How often each path was asked for since the start. */
    async requests() {
      child.send('requests')
      const [requests] = await once(child, 'message')
      return requests
    },

    /** An access token in the form of RFC 9068. */
    async accessToken(algorithm) {
      const { access_token: token } = await openid.clientCredentialsGrant(await client('service'), { resource: resource(algorithm), scope: 'read' })
      return token
    },

    /** What the token endpoint gives a user who signs in and consents: an ID token, and an access token for the resource. */
    async signIn(algorithm, { nonce, login }) {
      const config = await client(`app-${algorithm}`)
      const verifier = openid.randomPKCECodeVerifier()
      const state = openid.randomState()
      const start = openid.buildAuthorizationUrl(config, {
        redirect_uri: callback, scope: 'openid read', resource: resource(algorithm), nonce, state,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      })
      const end = await browser()(start, login)
      return openid.authorizationCodeGrant(config, end, { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state, idTokenExpected: true }, { resource: resource(algorithm) })
    },

    /** The hybrid flow: an ID token beside the code, in the fragment. `walk` is the browser that it happens in. */
    async signInHybrid(algorithm, { nonce, login, walk = browser() }) {
      const start = openid.buildAuthorizationUrl(await client(`app-${algorithm}`), {
        redirect_uri: callback, scope: 'openid', response_type: 'code id_token', nonce, max_age: '3600',
        code_challenge: await openid.calculatePKCECodeChallenge(openid.randomPKCECodeVerifier()), code_challenge_method: 'S256',
      })
      const answer = new URLSearchParams((await walk(start, login)).hash.slice(1))
      return { code: answer.get('code'), token: answer.get('id_token') }
    },

    async signOut(algorithm, { walk, token }) {
      await walk(openid.buildEndSessionUrl(await client(`app-${algorithm}`), { id_token_hint: token, post_logout_redirect_uri: goodbye }))
    },
  }
}

/** A browser for one user: follows redirects, keeps cookies and submits forms until it is sent back to the application. */
export function browser() {
  const cookies = new Map()
  return async (start, login) => {
    let request = [start]
    for (let step = 0; step < 20; step++) {
      const [url, init] = request
      if (url.href.startsWith(callback) || url.href.startsWith(goodbye)) return url
      const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') } })
      for (const text of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)
        if (value) cookies.set(name, value)
        else cookies.delete(name)
      }
      if (response.headers.has('location')) {
        request = [new URL(response.headers.get('location'), url)]
        continue
      }
      const page = await response.text()
      const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? []
      ok(action, `${response.status} ${url}\n${page}`)
      const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value])
      request = [new URL(action, url), { method: 'POST', body: new URLSearchParams([...hidden, ['login', login], ['password', 'any'], ['logout', 'yes']].filter(([, value]) => value)) }]
    }
    throw new Error('the provider never came back to the application')
  }
}
