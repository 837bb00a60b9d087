// Real browsers, driven through WebDriver: the suite in a page, and again in a module worker.

import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { answer } from '../harness/site.mjs'
import { find, limit, Missing, seconds, start, stop, until } from './processes.mjs'
import { marionette, webDriver } from './webdriver.mjs'

const types = { '.js': 'text/javascript', '.mjs': 'text/javascript' }
const page = '<!doctype html><meta charset="utf-8"><title>waxseal</title><script type="module" src="/harness/page.mjs"></script>'

/** The stage on loopback, where a page is a secure context. */
async function serve(folder) {
  const server = createServer((request, response) => {
    if (answer(request, response)) return
    const { url } = request
    const { pathname } = new URL(url, 'http://localhost')
    const path = join(folder, normalize(pathname))
    if (pathname === '/') response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    else if (!types[extname(path)] || !existsSync(path)) response.writeHead(404).end()
    else createReadStream(path).pipe(response.writeHead(200, { 'content-type': types[extname(path)] }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

/** Opens the page, watches the suite until it is over, and says where it was if the page dies. */
async function drive(session, url) {
  let state
  let silent = 0
  try {
    await session.open(url)
    await until('result', async () => {
      const text = await session.evaluate('return JSON.stringify(window.state || null)').catch((error) => {
        if (++silent > 40) throw error // a page whose Object.prototype is polluted for a moment answers some drivers badly
      })
      if (text) [state, silent] = [JSON.parse(text) ?? state, 0]
      return state?.isOver || state?.crash
    }, seconds)
  } catch (error) {
    throw new Error(`the page died in "${state?.current ?? 'loading'}": ${error.message}`)
  }
  if (state.crash) throw new Error(`in "${state.current ?? 'loading'}": ${state.crash}`)
  return { ...state, version: session.version }
}

/** A browser's home, so that it reads and leaves nothing elsewhere. */
function profile() {
  const home = mkdtempSync(join(tmpdir(), 'waxseal-browser-'))
  const env = { HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, XDG_RUNTIME_DIR: home, TMPDIR: home, NO_AT_BRIDGE: '1' }
  return { home, env, remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }) }
}

/** `begin` starts what it needs and gives a session; all that it started is ended here. */
const browser = (label, begin) => (folder) => ['page', 'worker'].map((where) => ({
  label: `${label} ${where}`,
  async run() {
    const { home, env, remove } = profile()
    const server = await serve(folder)
    const started = []
    const begins = (command, args, options) => {
      const child = start(command, args, { ...options, env: { ...env, ...options?.env } })
      started.push(child)
      return child
    }
    try {
      const session = await begin(begins, home)
      const result = await drive(session, `${server.url}${where === 'worker' ? '?worker' : ''}`)
      await Promise.race([session.close().catch(() => {}), limit(2)])
      return result
    } catch (error) {
      if (!(error instanceof Missing)) error.message += `\n${started.map(({ output }) => output.slice(-1000)).join('\n')}`
      throw error
    } finally {
      for (const child of started.reverse()) await stop(child)
      server.close()
      remove()
    }
  },
}))

const freePort = () => new Promise((resolve) => {
  const socket = createSocket().listen(0, '127.0.0.1', () => {
    const { port } = socket.address()
    socket.close(() => resolve(port))
  })
})

async function chromium(begins, home) {
  const binary = find('Chromium', process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome')
  const driver = begins(find('chromedriver', process.env.CHROMEDRIVER, '/usr/bin/chromedriver'), ['--port=0'])
  const [, port] = await until('chromedriver', () => /started successfully on port (\d+)/.exec(driver.output))
  const args = [
    '--headless', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', `--user-data-dir=${home}/profile`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // root has no sandbox
  ]
  return webDriver(port, { browserName: 'chrome', 'goog:chromeOptions': { binary, args } })
}

/** Nothing but loopback is reachable: the proxy is a closed port. */
const firefoxPreferences = {
  'app.normandy.enabled': false, 'app.update.auto': false, 'browser.aboutwelcome.enabled': false, 'browser.region.update.enabled': false, 'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false, 'browser.safebrowsing.phishing.enabled': false, 'browser.shell.checkDefaultBrowser': false, 'browser.startup.page': 0, 'datareporting.policy.dataSubmissionEnabled': false,
  'dom.push.connection.enabled': false, 'extensions.update.enabled': false, 'marionette.port': 0, 'media.gmp-manager.url': '', 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false,
  'network.dns.disabled': true, 'network.proxy.http': '127.0.0.1', 'network.proxy.http_port': 9, 'network.proxy.no_proxies_on': '127.0.0.1', 'network.proxy.ssl': '127.0.0.1', 'network.proxy.ssl_port': 9, 'network.proxy.type': 1,
  'network.trr.mode': 5, 'services.settings.server': 'data:,#remote-settings-dummy/v1', 'termsofuse.bypassNotification': true, 'toolkit.telemetry.enabled': false,
}

async function firefox(begins, home) {
  const binary = find('Firefox', process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox')
  writeFileSync(join(home, 'user.js'), Object.entries(firefoxPreferences).map((pair) => `user_pref(${pair.map((one) => JSON.stringify(one)).join(', ')});\n`).join(''))
  begins(binary, ['--marionette', '--headless', '--no-remote', '--new-instance', '--profile', home], { env: { MOZ_CRASHREPORTER_DISABLE: '1', MOZ_HEADLESS: '1' } })
  const portFile = join(home, 'MarionetteActivePort')
  return marionette(await until('Marionette', () => existsSync(portFile) && Number(readFileSync(portFile, 'utf8'))))
}

async function webkit(begins) {
  const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/libexec']
  const binary = find('MiniBrowser', process.env.MINIBROWSER, ...libraries.flatMap((path) => ['4.1', '6.0'].map((version) => `${path}/webkit${version === '6.0' ? '' : '2'}gtk-${version}/MiniBrowser`)))
  const driver = find('WebKitWebDriver', process.env.WEBKITWEBDRIVER, '/usr/bin/WebKitWebDriver')
  const env = { LIBGL_ALWAYS_SOFTWARE: '1', WEBKIT_DISABLE_DMABUF_RENDERER: '1', WEBKIT_DISABLE_COMPOSITING_MODE: '1', GDK_BACKEND: 'x11', GSETTINGS_BACKEND: 'memory', DISPLAY: await display(begins) }
  const port = await freePort()
  begins(driver, [`--port=${port}`, '--host=127.0.0.1'], { env })
  return webDriver(port, { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } })
}

/** A screen of its own: GTK has no headless mode. */
async function display(begins) {
  const server = begins(find('Xvfb', '/usr/bin/Xvfb'), ['-displayfd', '3', '-screen', '0', '800x600x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  let number = ''
  server.stdio[3].on('data', (data) => { number += data })
  await until('Xvfb', () => number.includes('\n'))
  return `:${number.trim()}`
}

export const browsers = { chromium: browser('chromium', chromium), firefox: browser('firefox', firefox), webkit: browser('webkit', webkit) }
