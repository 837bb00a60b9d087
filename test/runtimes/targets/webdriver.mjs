// Two ways to tell a browser to open a page: WebDriver over HTTP, and Firefox's own Marionette (Debian has no geckodriver).

import { connect } from 'node:net'
import { until } from './processes.mjs'

export async function webDriver(port, capabilities) {
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' } })
    const { value } = await response.json()
    if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`)
    return value
  }
  await until('WebDriver', () => call('GET', '/status').then(({ ready }) => ready !== false, () => false))
  const { sessionId, capabilities: given } = await call('POST', '/session', { capabilities: { alwaysMatch: capabilities } })
  const session = `/session/${sessionId}`
  return {
    version: given.browserVersion,
    open: (url) => call('POST', `${session}/url`, { url }),
    evaluate: (script) => call('POST', `${session}/execute/sync`, { script, args: [] }),
    close: () => call('DELETE', session),
  }
}

/** Messages are `length:[0, id, command, parameters]`, answers `length:[1, id, error, result]`. */
export async function marionette(port) {
  const socket = connect(port, '127.0.0.1')
  const waiting = new Map()
  let received = Buffer.alloc(0)
  let id = 0

  const take = ([, id, error, result]) => {
    const { resolve, reject } = waiting.get(id)
    waiting.delete(id)
    if (error) reject(new Error(`${error.error}: ${error.message}`))
    else resolve(result && 'value' in result ? result.value : result)
  }
  const failAll = () => { for (const { reject } of waiting.values()) reject(new Error('Firefox is gone')) }

  const greeted = new Promise((resolve) => {
    socket.on('data', (data) => {
      received = Buffer.concat([received, data])
      for (;;) {
        const colon = received.indexOf(':')
        const end = colon + 1 + Number(received.subarray(0, colon))
        if (colon < 0 || received.length < end) return
        const message = JSON.parse(received.subarray(colon + 1, end))
        received = received.subarray(end)
        if (Array.isArray(message)) take(message)
        else resolve()
      }
    })
  })
  socket.on('error', failAll)
  socket.on('close', failAll)
  await greeted

  const call = (command, parameters = {}) => new Promise((resolve, reject) => {
    waiting.set(++id, { resolve, reject })
    const message = Buffer.from(JSON.stringify([0, id, command, parameters]))
    socket.write(`${message.length}:${message}`)
  })
  const { capabilities } = await call('WebDriver:NewSession', { capabilities: { alwaysMatch: {} } })
  return {
    version: capabilities.browserVersion,
    open: (url) => call('WebDriver:Navigate', { url }),
    evaluate: (script) => call('WebDriver:ExecuteScript', { script, args: [] }),
    close: () => call('Marionette:Quit', { flags: ['eForceQuit'] }),
  }
}
