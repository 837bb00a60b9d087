import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/jws.ts'],
  format: ['esm', 'cjs'],
  target: 'es2021', // Safari 16.0 cannot parse a class static block
  splitting: true, // without it each CommonJS door would hold its own copy of JwtError
  sourcemap: true,
  clean: true,
  dts: true,
})
