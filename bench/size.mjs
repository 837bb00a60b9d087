// Prints what an application ships: esbuild, minified, for a browser, gzip -9, beside jose in the same run.
// Exits 1 if a floor is passed. Needs a build (npm run build at the top) and npm install here.

import { build } from 'esbuild'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'

const door = (name) => fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url))
const rows = [
  ['sign + verify', 5600, ['sign', 'verify'], ['SignJWT', 'jwtVerify']],
  ['verify', 4700, ['verify'], ['jwtVerify']],
  ['verify + importJwk', 6500, ['verify', 'importJwk'], ['jwtVerify', 'importJWK']],
  ['everything in the main entry', 11500, ['*'], ['*']],
  ['decode', 1100, ['decode'], ['decodeJwt', 'decodeProtectedHeader']],
]

async function size(module, names) {
  const contents = names[0] === '*' ? `export * from ${JSON.stringify(module)}` : `export { ${names.join(', ')} } from ${JSON.stringify(module)}`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, logLevel: 'error',
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}

let over = 0
console.log('bytes, minified + gzip -9'.padEnd(32), 'waxseal'.padStart(8), 'at most'.padStart(8), 'jose'.padStart(8))
for (const [what, limit, ours, theirs] of rows) {
  const bytes = await size(door('index'), ours)
  if (bytes > limit) over++
  console.log(what.padEnd(32), String(bytes).padStart(8), String(limit).padStart(8), String(await size('jose', theirs)).padStart(8))
}
console.log('waxseal/jws'.padEnd(32), String(await size(door('jws'), ['*'])).padStart(8))
if (over) console.log(`${over} over the limit`)
process.exitCode = over ? 1 : 0
