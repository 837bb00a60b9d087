import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { defineConfig } from 'tsup'
import ts from 'typescript'

const dist = new URL('dist/', `file://${process.cwd()}/`)
const doors = ['index', 'jws', 'node', 'jwks', 'keyring', 'profiles']
const entry = doors.map((door) => `src/${door}.ts`)

/** tsup writes the absolute path of a CommonJS file into its source map; the same sources must give the same files. */
async function relativeMaps(): Promise<void> {
  for (const name of await readdir(dist)) {
    if (!name.endsWith('.map')) continue
    const file = new URL(name, dist)
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(JSON.stringify(dist.pathname).slice(1, -1), ''))
  }
}

// ─── declaration files ───────────────────────────────────────────────────────
// One for each door, in which everything stands that the door exports, and `types` for what no door exports. A compiler
// that writes an application's own declaration files names a type by the file that declares it, and can do so only if the
// application could import that file: what a bundler puts into shared chunks of its own has no name there (TS2742).

interface Declaration {
  readonly name: string
  readonly texts: string[]
  /** The declarations that this one mentions. */
  readonly uses: Set<string>
  /** The names of the language that it mentions. */
  readonly globals: Set<string>
}

/** Where a declaration is: the module, then its name there. */
const at = (module: string, name: string): string => `${module}#${name}`

/** What TypeScript makes of each source file. A type error ends the build. */
function emit(): ReadonlyMap<string, ts.SourceFile> {
  const { options, fileNames } = ts.parseJsonConfigFileContent(ts.readConfigFile('tsconfig.json', ts.sys.readFile).config, ts.sys, process.cwd())
  const program = ts.createProgram(fileNames, { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: '/' })
  const files = new Map<string, ts.SourceFile>()
  const { diagnostics } = program.emit(undefined, (_, text, __, ___, [source] = []) => {
    files.set(source!.fileName.replace(/\.ts$/, ''), ts.createSourceFile(source!.fileName, text, ts.ScriptTarget.Latest, true))
  })
  const all = [...ts.getPreEmitDiagnostics(program), ...diagnostics]
  if (all.length) throw new Error(ts.formatDiagnostics(all, { getCanonicalFileName: String, getCurrentDirectory: process.cwd, getNewLine: () => '\n' }))
  return new Map([...files].map(([path, file]) => [resolve(path), file]))
}

/** The names that a declaration mentions in the places where a type, or the constant of a key or a query, may stand. */
function mentioned(node: ts.Node, found = new Set<string>()): Set<string> {
  const name = ts.isTypeReferenceNode(node) ? node.typeName
    : ts.isTypeQueryNode(node) ? node.exprName
    : ts.isExpressionWithTypeArguments(node) || ts.isComputedPropertyName(node) ? node.expression : undefined
  if (name) found.add(/^\w+/.exec(name.getText())?.[0] ?? '')
  node.forEachChild((child) => { mentioned(child, found) })
  return found
}

/** All declarations of all modules, and what each module exports: names of its own, and of others. */
function read(files: ReadonlyMap<string, ts.SourceFile>) {
  const declarations = new Map<string, Declaration>()
  const exported = new Map<string, string[]>()
  for (const [module, file] of files) {
    const beside = (specifier: ts.Expression | undefined): string => specifier ? resolve(module, '..', (specifier as ts.StringLiteral).text) : module
    const scope = new Map<string, string>()
    const exports: string[] = []
    exported.set(module, exports)
    for (const statement of file.statements) {
      if (ts.isImportDeclaration(statement)) {
        const names = statement.importClause?.namedBindings
        if (names && ts.isNamedImports(names)) for (const { name, propertyName } of names.elements) scope.set(name.text, at(beside(statement.moduleSpecifier), (propertyName ?? name).text))
      } else if (ts.isExportDeclaration(statement)) {
        const { exportClause, moduleSpecifier } = statement
        if (exportClause && ts.isNamedExports(exportClause)) for (const { name } of exportClause.elements) exports.push(moduleSpecifier ? at(beside(moduleSpecifier), name.text) : scope.get(name.text) ?? at(module, name.text))
      } else {
        const { name } = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0]! : statement as ts.DeclarationStatement
        const id = at(module, name!.getText())
        scope.set(name!.getText(), id)
        const text = statement.getFullText().trim()
        const isExported = /^(?:\/\*[^]*?\*\/\s*)*export /.test(text)
        if (isExported && !exports.includes(id)) exports.push(id)
        const { texts, uses, globals }: Omit<Declaration, 'name'> = declarations.get(id) ?? { texts: [], uses: new Set<string>(), globals: new Set<string>() }
        declarations.set(id, { name: name!.getText(), texts, uses, globals })
        texts.push(isExported ? text : text.replace(/^((?:\/\*[^]*?\*\/\s*)*)/, '$1export '))
        for (const one of mentioned(statement)) globals.add(one)
      }
    }
    for (const [id, { uses, globals }] of declarations) {
      if (!id.startsWith(`${module}#`)) continue
      for (const one of globals) if (scope.has(one) && globals.delete(one)) uses.add(scope.get(one)!)
    }
  }
  return { declarations, exported }
}

/** Writes them: each declaration once, in the first door that exports it, or else in `types`. */
async function declarationFiles(): Promise<void> {
  const { declarations, exported } = read(emit())
  const exportsOf = (door: string): string[] => exported.get(resolve('src', door))!
  const placed = new Map<string, string>()
  const place = (id: string): void => {
    if (placed.has(id)) return
    placed.set(id, doors.find((door) => exportsOf(door).includes(id)) ?? 'types')
    const { texts, uses } = declarations.get(id)!
    if (texts.join().includes('import("')) throw new Error(`${id} needs the annotation of a type`)
    uses.forEach(place)
  }
  doors.flatMap(exportsOf).forEach(place)

  for (const file of [...doors, 'types']) {
    const own = [...declarations].filter(([id]) => placed.get(id) === file)
    const twice = own.find(([id, { name }]) => own.some(([other, one]) => one.name === name && other !== id || one.globals.has(name)))
    if (twice) throw new Error(`${twice[1].name} is the name of something else, too`)
    const lines = [...doors, 'types'].filter((other) => other !== file).flatMap((other) => {
      const names = (ids: string[]): string => [...new Set(ids)].filter((id) => placed.get(id) === other).map((id) => declarations.get(id)!.name).sort().join(', ')
      const imported = names(own.flatMap(([, { uses }]) => [...uses]))
      const passed = file === 'types' ? '' : names(exportsOf(file))
      return [...imported ? [`import type { ${imported} } from './${other}.js';`] : [], ...passed ? [`export { ${passed} } from './${other}.js';`] : []]
    })
    const text = `${[lines.join('\n'), ...own.flatMap(([, { texts }]) => texts)].filter(Boolean).join('\n\n')}\n`
    await writeFile(new URL(`${file}.d.ts`, dist), text)
    await writeFile(new URL(`${file}.d.cts`, dist), text.replace(/^((?:im|ex)port .* from '\.\/\w+)\.js';$/gm, `$1.cjs';`))
  }
}

export default defineConfig({
  entry,
  format: ['esm', 'cjs'],
  target: 'es2021', // Safari 16.0 cannot parse a class static block
  splitting: true, // without it each CommonJS door would hold its own copy of JwtError
  treeshake: true, // or CommonJS is made by sucrase, which puts a function call around every ?. and ?? and cannot do so around a yield
  removeNodeProtocol: false, // some runtimes know `node:crypto` by its whole name only
  sourcemap: true,
  clean: true,
  async onSuccess() {
    await relativeMaps()
    await declarationFiles()
  },
})
