// What a set over the network meets in every runtime: a few pages, answered by whatever server the target has.

import fixtures from '../fixtures/fixtures.mjs'

const { publicJwk } = fixtures.keys['P-256']
export const jwks = { keys: [{ ...publicJwk, kid: 'es', alg: 'ES256', use: 'sig' }] }

const text = JSON.stringify(jwks)
const json = { 'content-type': 'application/json' }
const pages = {
  '/jwks': [200, { ...json, etag: '"one"', 'cache-control': 'max-age=300' }, text],
  '/large': [200, json, `${text}${' '.repeat(300_000)}`],
  '/broken': [200, json, text.slice(0, -1)],
  '/html': [200, { 'content-type': 'text/html' }, '<!doctype html>'],
  '/500': [500, json, text],
  '/redirect': [302, { location: '/jwks' }, ''],
}

/** Status, headers and body of a page; undefined if there is none. */
export function page(path, ifNoneMatch) {
  const [status, headers, body] = pages[path] ?? []
  return path === '/jwks' && ifNoneMatch === headers.etag ? { status: 304, headers, body: null } : status && { status, headers, body }
}

/** Answers a request of node:http; false if the page is none of these. */
export function answer(request, response) {
  const found = page(request.url, request.headers['if-none-match'])
  if (found) response.writeHead(found.status, found.headers).end(found.body)
  return !!found
}
