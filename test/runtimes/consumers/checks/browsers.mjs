// In headless Chromium: pages and workers that load the package without a bundler, and each bundler's build.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from '../chromium.mjs'
import { project } from '../project.mjs'
import { bundle, bundlerNames } from './bundlers.mjs'

// A page that failed to load would say nothing at all.
const listen = `<script>
  const fail = (what) => fetch('/result', { method: 'POST', body: String(what) })
  addEventListener('error', (event) => fail(event.message ?? 'a script did not load: ' + event.target?.src), true)
  addEventListener('unhandledrejection', (event) => fail(event.reason?.stack))
</script>`
const html = (body) => `<!doctype html>\n<meta charset="utf-8">\n<title>an application</title>\n${listen}\n${body}\n`
const script = (code) => html(`<script type="module">\n${code}\n</script>`)

// Import maps do not hold in workers, where the package is loaded by its path.
const imports = (from = '/node_modules/waxseal/dist/') => `
  import * as waxseal from '${from ? `${from}index.js` : 'waxseal'}'
  import * as jws from '${from ? `${from}jws.js` : 'waxseal/jws'}'
  import { prove } from '/prove.js'
`
const importMap = '<script type="importmap">{ "imports": { "waxseal": "/node_modules/waxseal/dist/index.js", "waxseal/jws": "/node_modules/waxseal/dist/jws.js" } }</script>'
const inWorker = `${imports()}
  const send = (event) => prove(waxseal, jws).catch((error) => String(error.stack)).then((text) => event.source ? event.source.postMessage(text) : postMessage(text))
`

const pages = {
  'page, <script type="module">': { 'page.html': script(`${imports()}\nimport { report } from '/report.js'\nreport(prove(waxseal, jws))`) },
  'page, with an import map': { 'page.html': html(`${importMap}\n<script type="module">${imports('')}\nimport { report } from '/report.js'\nreport(prove(waxseal, jws))</script>`) },
  'module worker': {
    'page.html': script(`
      import { report } from '/report.js'
      const worker = new Worker('/worker.js', { type: 'module' })
      worker.onmessage = ({ data }) => report(data)
      worker.onerror = ({ message }) => report('the worker failed: ' + message)
    `),
    'worker.js': `${inWorker}\nsend({})`,
  },
  'service worker': {
    'page.html': script(`
      import { report } from '/report.js'
      navigator.serviceWorker.onmessage = ({ data }) => report(data)
      await navigator.serviceWorker.register('/worker.js', { type: 'module' })
      const { active } = await navigator.serviceWorker.ready
      active.postMessage('prove')
    `),
    'worker.js': `${inWorker}\naddEventListener('message', (event) => event.waitUntil(send(event)))`,
  },
}

async function proved(folder, page, options) {
  const said = await open(folder, page, options)
  if (said !== 'proved') throw new Error(`expected "proved", got ${said}`)
}

async function bundled(name) {
  const { folder, name: script } = await bundle(name)
  const page = `${name}.html`
  writeFileSync(join(folder, page), html(`<script type="module" src="/${script}"></script>\n<script type="module">import { report } from '/report.js'\nreport(globalThis.proof)</script>`))
  await proved(folder, page)
}

/** http: and no loopback name, so there is no crypto.subtle: the library loads, and says that it is https that is missing. */
async function insecure() {
  const folder = await project('module', 'report.js', { 'page.html': script(`
    import { generateKey, isJwtError, decode } from '/node_modules/waxseal/dist/index.js'
    import { report } from '/report.js'
    const refused = await generateKey('ES256').catch((error) => error)
    report([crypto.subtle, isJwtError(refused), refused.code, /https/.test(refused.message)].join(' '))
  `) })
  const said = await open(folder, 'page.html', { secure: false })
  if (said !== ' true ERR_JWT_UNSUPPORTED true') throw new Error(`expected a refusal that names https, got "${said}"`)
}

export const browsers = {
  ...Object.fromEntries(Object.entries(pages).map(([title, files]) =>
    [`Chromium: ${title}`, async () => proved(await project('module', 'prove.js', 'report.js', files), 'page.html')])),
  ...Object.fromEntries(bundlerNames.map((name) => [`Chromium: the build of ${name}`, () => bundled(name)])),
  'Chromium: a page without https': insecure,
}
