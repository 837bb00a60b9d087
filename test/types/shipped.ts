// The settings with which an editor or a compiler in memory sees the declaration files that are shipped.

import ts from 'typescript'
import { packed } from '../pack.mjs'

export function shipped(): ts.CompilerOptions {
  const dist = `${packed()}/node_modules/waxseal/dist`
  return {
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, strict: true, noEmit: true, types: [],
    lib: ['lib.es2022.d.ts'], paths: { 'waxseal': [`${dist}/index.d.ts`], 'waxseal/*': [`${dist}/*.d.ts`] },
  }
}
