// workerd runs this with `workerd test`: no server, no port. Its fetch, and the service SELF, lead back to itself.

import { main } from './main.mjs'
import { page } from './site.mjs'

/** What waits to be done in a request of its own, by the path that will ask for it. */
const acts = new Map()

export default {
  async test(_, { SELF }) {
    const requests = (acts_, { signals = [] } = {}) => Promise.all(acts_.map(async (act, i) => {
      const path = `/act/${acts.size}`
      acts.set(path, act)
      return (await SELF.fetch(`http://127.0.0.1${path}`, { signal: signals[i] })).json()
    }))
    await main((state) => console.log(state.isOver ? JSON.stringify(state) : `# ${state.current}`), { site: 'https://site.example', requests })
  },

  async fetch(request) {
    const { pathname } = new URL(request.url)
    if (acts.has(pathname)) return Response.json(await acts.get(pathname)() ?? null)
    const { status = 404, headers, body } = page(pathname, request.headers.get('if-none-match')) ?? {}
    return new Response(body, { status, headers })
  },
}
