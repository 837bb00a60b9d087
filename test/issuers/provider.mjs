// A real OpenID provider (oidc-provider) as a process of its own, so that it can be killed and started again. What it is
// to be comes as its first message; asked for its requests, it answers with how often each path was.

import { once } from 'node:events'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [{ port, jwks, clients, resources, cacheControl }] = await once(process, 'message')

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks,
  clients,
  cookies: { keys: ['only for this run'] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true }, // the pages to sign in and to consent, as plain forms
    dPoP: { enabled: true },
    backchannelLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      getResourceServerInfo: (context, resource) => ({
        scope: 'read write', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 7200, jwt: { sign: { alg: resources[resource] } },
      }),
    },
  },
  enabledJWA: { idTokenSigningAlgValues: Object.values(resources), clientAuthSigningAlgValues: Object.values(resources) },
  ttl: { ClientCredentials: 7200, AccessToken: 7200, IdToken: 7200, Grant: 7200, Session: 7200, Interaction: 600 },
  fetch: (url, { dispatcher, ...options }) => fetch(url, options), // its own dispatcher refuses loopback, where the applications are
  findAccount: async (context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
})

const requests = {}
const respond = provider.callback()
const server = createServer((request, response) => {
  const path = request.url.split('?')[0]
  requests[path] = (requests[path] ?? 0) + 1
  if (cacheControl && request.method === 'GET') response.setHeader('cache-control', cacheControl)
  respond(request, response)
})
process.on('message', () => process.send(requests))
process.on('disconnect', () => process.exit()) // never outlives the run
server.listen(port, '127.0.0.1', () => process.send('ready'))
