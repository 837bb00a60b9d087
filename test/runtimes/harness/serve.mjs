// The pages of site.mjs on loopback, where there is node:http.

import { createServer } from 'node:http'
import { answer } from './site.mjs'

export async function serve() {
  const server = createServer((request, response) => answer(request, response) || response.writeHead(404).end())
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    site: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
