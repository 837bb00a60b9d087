// A real HTTP server on loopback that misbehaves as it is told. It counts requests, those that are still open, and the bytes that it got rid of.

import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'

/** What it can do wrong: `(response, server)`; `jwks` is the text that would have been right. */
export const faults = {
  'hangs before the answer': () => {},
  'hangs inside the body': (response, { jwks }) => response.writeHead(200).write(jwks.slice(0, 20)),
  'drips a byte at a time': (response, { jwks }) => {
    response.writeHead(200)
    let at = 0
    const timer = setInterval(() => response.write(jwks[at++ % jwks.length]), 50)
    response.on('close', () => clearInterval(timer))
  },
  'resets before the answer': (response) => response.socket.resetAndDestroy(),
  'resets inside the body': (response, { jwks }) => response.writeHead(200).write(jwks.slice(0, 20), () => response.socket.resetAndDestroy()),
  'closes inside the body': (response, { jwks }) => response.writeHead(200, { 'content-length': jwks.length }).write(jwks.slice(0, 20), () => response.socket.end()),
  'answers 500': (response) => response.writeHead(500).end('{"error":"x"}'),
  'answers 500 with a set': (response, { jwks }) => response.writeHead(500).end(jwks),
  'answers 429 with Retry-After': (response) => response.writeHead(429, { 'retry-after': '1' }).end(),
  'answers 304 unasked': (response) => response.writeHead(304).end(),
  'answers 204': (response) => response.writeHead(204).end(),
  'redirects to a set': (response, { url }) => response.writeHead(302, { location: `${url}good` }).end(),
  'redirects for good': (response, { url }) => response.writeHead(308, { location: `${url}good` }).end(),
  'redirects in a circle': (response, { url }) => response.writeHead(301, { location: url }).end(),
  'answers HTML': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>'),
  'answers truncated JSON': (response, { jwks }) => response.writeHead(200).end(jwks.slice(0, -3)),
  'answers no JSON object': (response) => response.writeHead(200).end('[]'),
  'answers a name twice': (response, { jwks }) => response.writeHead(200).end(jwks.replace('{', '{"keys":[],')),
  'answers nothing': (response) => response.writeHead(200).end(),
  'answers 100 MB': (response, server) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    pour(response, server, Buffer.alloc(65536, 32), 1600)
  },
  'answers 100 MB in 100 kB of gzip': (response, server) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    pour(response, server, bomb(), 1)
  },
  'answers a million keys': (response, server) => {
    response.writeHead(200)
    pour(response, server, millionKeys(), 1)
  },
  'answers private keys': (response, { jwks }) => response.writeHead(200).end(JSON.stringify({ keys: JSON.parse(jwks).keys.map((jwk) => ({ ...jwk, d: 'AAAA' })) })),
  'answers no HTTP': (response) => response.socket.end('220 mail.example ESMTP\r\n'),
  'answers endless headers': (response) => {
    const { socket } = response
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write(`x-${Math.random()}: ${'x'.repeat(1000)}\r\n`), 1)
    socket.on('close', () => clearInterval(timer))
    socket.on('error', () => {})
  },
}

let kept
const bomb = () => kept ??= gzipSync(Buffer.alloc(100 * 2 ** 20, 32))
const millionKeys = () => Buffer.from(`{"keys":[${'{"kid":"x"},'.repeat(999_999)}{}]}`)

/** Writes as fast as the other side reads, and counts. */
function pour(response, server, chunk, times) {
  const next = () => {
    for (; times > 0 && !response.destroyed; times--) {
      server.poured += chunk.length
      if (!response.write(chunk)) {
        times--
        response.once('drain', next)
        return
      }
    }
    response.end()
  }
  next()
}

/** Starts it. `fault` is a name of the list above, a function like those, or undefined: then it answers `jwks`. */
export async function start({ jwks = '{"keys":[]}', tls } = {}) {
  const state = { jwks, fault: undefined, headers: {}, requests: 0, followed: 0, open: 0, poured: 0, url: '' }
  const answer = (request, response) => {
    if (request.url === '/good') state.followed++
    else state.requests++
    state.open++
    response.on('close', () => { state.open-- })
    response.on('error', () => {})
    const act = typeof state.fault === 'string' ? faults[state.fault] : state.fault
    if (act && request.url !== '/good') act(response, state, request)
    else response.writeHead(200, { 'content-type': 'application/json', ...state.headers }).end(state.jwks)
  }
  const server = tls ? createSecureServer(tls, answer) : createServer(answer)
  server.on('connection', (socket) => socket.on('error', () => {}))
  const listen = (port) => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address()
  state.url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/`
  /** From now on connections are refused. */
  state.close = () => new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
  /** Comes back on the same port. */
  state.reopen = () => listen(port)
  return state
}

// As a worker, so that whoever is busy verifying does not keep it from answering: messages are functions to call and properties to set.
if (!isMainThread && workerData === 'fault-server') {
  const server = await start()
  parentPort.on('message', async ({ set = {}, call }) => {
    Object.assign(server, set)
    await server[call]?.()
    parentPort.postMessage({ url: server.url, requests: server.requests })
  })
}
