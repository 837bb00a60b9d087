// What an application's Jest set-up must give jsdom, which has none of these: Node's TextEncoder and TextDecoder, and
// its crypto with `subtle`. Listed under `setupFiles`.

const { webcrypto } = require('node:crypto')
const { TextDecoder, TextEncoder } = require('node:util')

Object.assign(globalThis, { TextDecoder, TextEncoder })
Object.defineProperty(globalThis, 'crypto', { value: webcrypto, configurable: true })
