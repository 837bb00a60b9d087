import { readdir, readFile, writeFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'

const dist = new URL('dist/', `file://${process.cwd()}/`)

/** tsup writes the absolute path of a CommonJS file into its source map; the same sources must give the same files. */
async function relativeMaps(): Promise<void> {
  for (const name of await readdir(dist)) {
    if (!name.endsWith('.map')) continue
    const file = new URL(name, dist)
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(JSON.stringify(dist.pathname).slice(1, -1), ''))
  }
}

export default defineConfig({
  entry: ['src/index.ts', 'src/jws.ts', 'src/node.ts', 'src/jwks.ts', 'src/keyring.ts', 'src/profiles.ts'],
  format: ['esm', 'cjs'],
  target: 'es2021', // Safari 16.0 cannot parse a class static block
  splitting: true, // without it each CommonJS door would hold its own copy of JwtError
  treeshake: true, // or CommonJS is made by sucrase, which puts a function call around every ?. and ?? and cannot do so around a yield
  removeNodeProtocol: false, // some runtimes know `node:crypto` by its whole name only
  sourcemap: true,
  clean: true,
  dts: true,
  onSuccess: relativeMaps,
})
