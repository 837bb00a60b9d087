// Opens a page of a folder in headless Chromium and waits for what it POSTs to /result. Loopback only: every other host
// name leads nowhere. CHROMIUM names another binary.

import { spawn } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize, sep } from 'node:path'
import { Missing } from './missing.mjs'

const binary = (process.env.CHROMIUM ? [process.env.CHROMIUM] : ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'])
  .find((path) => existsSync(path))

/** A name that is no loopback name, so that a page of it is no secure context. */
const insecureHost = 'insecure.example'

const switches = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--no-default-browser-check',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-default-apps', '--disable-extensions',
  '--metrics-recording-only', '--password-store=basic',
  `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1`,
]

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.map': 'application/json' }

function serve(folder, onResult) {
  return createServer((request, response) => {
    const path = join(folder, normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname)))
    if (request.method === 'POST') {
      let text = ''
      request.on('data', (data) => { text += data }).on('end', () => {
        response.end()
        onResult(text)
      })
    } else if (path.startsWith(folder + sep) && statSync(path, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream', 'cache-control': 'no-store' })
      createReadStream(path).pipe(response)
    } else response.writeHead(404).end()
  })
}

/** Ends the browser and all of its processes, which are a process group. */
function kill(child) {
  try {
    if (process.platform === 'win32') child.kill()
    else process.kill(-child.pid, 'SIGKILL')
  } catch {} // it has ended
}

/** Gives the text that the page sent. */
export async function open(folder, page, { secure = true, seconds = 60 } = {}) {
  if (!binary) throw new Missing('no Chromium here (Debian: apt-get install chromium; CHROMIUM names another binary)')
  const profile = mkdtempSync(join(tmpdir(), 'waxseal-chromium-'))
  let finish, fail
  const result = new Promise((resolve, reject) => { [finish, fail] = [resolve, reject] })
  const server = serve(folder, finish)
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))

  const url = `http://${secure ? '127.0.0.1' : insecureHost}:${server.address().port}/${page}`
  const child = spawn(binary, [...switches, `--user-data-dir=${profile}`, url], { detached: true, env: { ...process.env, HOME: profile, TMPDIR: profile }, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (data) => { log = (log + data).slice(-2000) })
  const closed = new Promise((resolve) => child.on('close', resolve))
  const killNow = () => kill(child)
  process.once('exit', killNow)
  child.on('error', fail).on('exit', (code, signal) => fail(new Error(`Chromium ended (${signal ?? code})\n${log}`)))
  const timer = setTimeout(() => fail(new Error(`no result from ${page} after ${seconds} s\n${log}`)), seconds * 1000)
  try {
    return await result
  } finally {
    clearTimeout(timer)
    kill(child)
    await closed
    process.off('exit', killNow)
    server.closeAllConnections()
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}
