// Prints what an application ships, per entry and per use of it: esbuild, minified, for a browser, gzip -9, beside the
// same use of jose in the same run. Exits 1 if a limit is passed. Needs a build (npm run build at the top) and npm install here.

import { build } from 'esbuild'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'

const door = (name) => fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url))
const entries = {
  index: [
    ['sign + verify', 5600, ['sign', 'verify'], ['SignJWT', 'jwtVerify']],
    ['verify', 4700, ['verify'], ['jwtVerify']],
    ['verify + importJwk', 6500, ['verify', 'importJwk'], ['jwtVerify', 'importJWK']],
    ['everything', 11500, ['*'], ['*']],
    ['decode', 1100, ['decode'], ['decodeJwt', 'decodeProtectedHeader']],
  ],
  jws: [
    ['signBytes + verifyBytes', undefined, ['signBytes', 'verifyBytes'], ['CompactSign', 'compactVerify']],
    ['verifyBytes', undefined, ['verifyBytes'], ['compactVerify']],
    ['everything', undefined, ['*'], ['CompactSign', 'compactVerify']],
  ],
}

/** What an import adds to what an application has already: door, name, limit, the others; then jose's. */
const additions = [
  ['jwks', 'remoteKeySet', 1500, ['verify', 'importJwk', 'keySet'], 'createRemoteJWKSet', ['jwtVerify', 'importJWK', 'createLocalJWKSet']],
  ['jwks', 'discover', undefined, ['verify', 'importJwk', 'keySet'], undefined, []],
]

async function size(module, names, more = '') {
  const contents = `${names[0] === '*' ? `export * from ${JSON.stringify(module)}` : `export { ${names.join(', ')} } from ${JSON.stringify(module)}`}\n${more}`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, logLevel: 'error',
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}

let over = 0
const line = (first, ...rest) => console.log([first.padEnd(32), ...rest.map((cell = '') => String(cell).padStart(8))].join(' ').trimEnd())
line('bytes, minified + gzip -9', 'waxseal', 'at most', 'jose', 'ratio')
for (const [entry, rows] of Object.entries(entries)) {
  console.log(entry === 'index' ? 'waxseal' : `waxseal/${entry}`)
  for (const [what, limit, ours, theirs] of rows) {
    const bytes = await size(door(entry), ours)
    const rival = await size('jose', theirs)
    if (bytes > limit) over++
    line(`  ${what}`, bytes, limit, rival, (bytes / rival).toFixed(2), bytes > limit ? 'over' : '')
  }
}
for (const [entry, name, limit, others, rival, rivals] of additions) {
  console.log(`waxseal/${entry}, beyond ${others.join(' + ')}`)
  const bytes = await size(door('index'), others, `export { ${name} } from ${JSON.stringify(door(entry))}`) - await size(door('index'), others)
  const theirs = rival && await size('jose', [...rivals, rival]) - await size('jose', rivals)
  if (bytes > limit) over++
  line(`  ${name}`, bytes, limit, theirs, theirs && (bytes / theirs).toFixed(2), bytes > limit ? 'over' : '')
}
if (over) console.log(`${over} over the limit`)
process.exitCode = over ? 1 : 0
