// The plan of the house, read from the code: imports go down, never up and never in a circle, and each thing of the
// outside world (WebCrypto, the clock, shared memory) is touched in one named place.

import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { root } from './install.mjs'

/** Each floor may use itself and those before it. The map that opens src/index.ts draws the same. */
const floors = [['jwt.ts'], ['errors.ts'], ['recipe.ts'], ['options.ts', 'encoding/'], ['keys/'], ['token/'], ['network/'], ['ring/', 'profiles/'], ['node-store.ts'], ['index.ts', 'jws.ts', 'node.ts', 'jwks.ts', 'keyring.ts', 'profiles.ts']]

const src = `${root}src/`
const names = ts.sys.readDirectory(src, ['.ts']).map((path) => path.slice(src.length)).filter((name) => !name.endsWith('.d.ts')).sort()
const read = (name: string): ts.SourceFile => ts.createSourceFile(name, ts.sys.readFile(src + name)!, ts.ScriptTarget.ES2022, true)
const sources = new Map(names.map((name) => [name, read(name)]))

interface Import { readonly from: string, readonly to: string, readonly specifier: string, readonly isType: boolean }

/** `import type` leaves nothing behind; `import { type X }` does: the file is loaded. */
const imports: Import[] = [...sources].flatMap(([from, file]) => file.statements.flatMap((statement) => {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement) || !statement.moduleSpecifier) return []
  const specifier = (statement.moduleSpecifier as ts.StringLiteral).text
  const isType = ts.isImportDeclaration(statement) ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword : statement.isTypeOnly
  return [{ from, to: new URL(`${specifier}.ts`, `file:///${from}`).pathname.slice(1), specifier, isType }]
}))

const floorOf = (name: string): number => floors.findIndex((floor) => floor.some((one) => one.endsWith('/') ? name.startsWith(one) : name === one))
const isDoor = (name: string): boolean => floorOf(name) === floors.length - 1
const show = ({ from, to }: Import): string => `${from} -> ${to}`

describe('imports', () => {
  test('the map in src/index.ts draws these floors', () => {
    const text = ts.sys.readFile(`${src}index.ts`)!
    const map = text.slice(0, text.indexOf('\n\n')).split('\n').map((line) => line.match(/(?<=^\/\/ {3}|\S {2,})[a-z-]+(\.ts|\/)(?= {2})/g) ?? [])
    expect(map.filter((floor) => floor.length).map((floor) => [...floor])).toEqual(floors)
  })

  test('every file stands on a floor', () => {
    expect(names.filter((name) => floorOf(name) < 0)).toEqual([])
  })

  test('every import is of a file of src, no dependency, but for node:crypto and node:fs, each in one place', () => {
    const outside = imports.filter(({ specifier, to }) => !specifier.startsWith('.') || !sources.has(to))
    expect(outside.map(({ from, specifier }) => `${from} -> ${specifier}`)).toEqual(['keys/node.ts -> node:crypto', 'node-store.ts -> node:fs/promises'])
  })

  test('no import goes up, not even for a type', () => {
    expect(imports.filter(({ from, to }) => floorOf(to) > floorOf(from)).map(show)).toEqual([])
  })

  test('no door leads into another door', () => {
    expect(imports.filter(({ to }) => isDoor(to)).map(show)).toEqual([])
  })

  test('encoding knows nothing but itself and how to refuse', () => {
    const inside = imports.filter(({ from }) => from.startsWith('encoding/'))
    expect(inside.filter(({ to }) => to !== 'errors.ts' && !to.startsWith('encoding/')).map(show)).toEqual([])
  })

  test('nothing of Node is reachable from any door but waxseal/node', () => {
    const reach = (name: string, seen = new Set<string>()): Set<string> => {
      if (!seen.has(name)) for (const { to } of imports.filter(({ from }) => from === name)) reach(to, seen.add(name))
      return seen.add(name)
    }
    expect(floors[floors.length - 1]!.filter((door) => reach(door).has('keys/node.ts'))).toEqual(['node.ts'])
  })

  test('no circle at run time', () => {
    const circles: string[] = []
    const done = new Set<string>()
    function visit(name: string, path: readonly string[]): void {
      if (path.includes(name)) circles.push([...path.slice(path.indexOf(name)), name].join(' -> '))
      else if (!done.has(name)) for (const { from, to, isType } of imports) if (from === name && !isType) visit(to, [...path, name])
      done.add(name)
    }
    names.forEach((name) => visit(name, []))
    expect(circles).toEqual([])
  })

  test('an import of types alone says so, or it would load the file', () => {
    const idle = [...sources].flatMap(([name, file]) => file.statements.filter(ts.isImportDeclaration).flatMap(({ importClause, moduleSpecifier }) => {
      const bindings = importClause?.namedBindings
      const isIdle = bindings && ts.isNamedImports(bindings) && !importClause.isTypeOnly && bindings.elements.every(({ isTypeOnly }) => isTypeOnly)
      return isIdle ? [`${name} -> ${moduleSpecifier.getText(file)}`] : []
    }))
    expect(idle).toEqual([])
  })

  test('doors export by name', () => {
    const stars = [...sources].filter(([, file]) => file.statements.some((one) => ts.isExportDeclaration(one) && !one.exportClause || ts.isExportAssignment(one)))
    expect(stars.map(([name]) => name)).toEqual([])
  })
})

// ─── the outside world ───────────────────────────────────────────────────────

/** What the language itself offers and anyone may use: it has no effect outside, and its answer is always the same. */
const harmless = new Set([
  'Array', 'ArrayBuffer', 'BigInt', 'Boolean', 'DataView', 'Error', 'Infinity', 'Int16Array', 'JSON', 'Map', 'Math', 'NaN', 'Number', 'Object', 'Promise', 'RangeError', 'Reflect',
  'RegExp', 'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError', 'Uint16Array', 'Uint8Array', 'WeakMap', 'WeakSet', 'isFinite', 'isNaN', 'parseInt', 'undefined',
])

/** What else may be used, and where. */
const world = {
  AbortController: ['network/flight.ts'],
  Date: ['network/remote.ts', 'ring/keeper.ts', 'ring/ring.ts', 'token/claims.ts'], // times to show; the clock; a ring makes dates of times
  Response: ['ring/handler.ts'],
  TextDecoder: ['encoding/bytes.ts'],
  TextEncoder: ['encoding/bytes.ts'],
  URL: ['network/fetch.ts', 'profiles/dpop.ts'],
  clearTimeout: ['network/flight.ts', 'ring/keeper.ts'],
  globalThis: ['keys/memory.ts', 'keys/subtle.ts', 'network/fetch.ts', 'recipe.ts'], // what copies of the package share; WebCrypto; fetch; which runtime this is, and its loop's next turn
  setTimeout: ['network/flight.ts', 'ring/keeper.ts'], // how long a server or a store may take
}

/** The names that a file uses as values and does not declare or import itself, each with what follows the dot. */
function globalsOf(file: ts.SourceFile, checker: ts.TypeChecker): Set<string> {
  const found = new Set<string>()
  function visit(node: ts.Node): void {
    if (ts.isVariableStatement(node) && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)) return // unique symbols of types
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node)) return
    if (ts.isIdentifier(node) && isValue(node)) {
      const declarations = (ts.isShorthandPropertyAssignment(node.parent) ? checker.getShorthandAssignmentValueSymbol(node.parent) : checker.getSymbolAtLocation(node))?.declarations ?? []
      if (declarations.every((one) => one.getSourceFile().isDeclarationFile || ts.getCombinedModifierFlags(one) & ts.ModifierFlags.Ambient)) {
        found.add(ts.isPropertyAccessExpression(node.parent) && node.text === 'Math' ? node.parent.getText(file) : node.text)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** Not the name of a member. */
function isValue({ parent, text }: ts.Identifier): boolean {
  return !(ts.isPropertyAccessExpression(parent) && parent.name.text === text && parent.expression.getText() !== text
    || (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent)
      || ts.isGetAccessor(parent) || ts.isEnumMember(parent)) && parent.name.getText() === text && !(ts.isPropertyAssignment(parent) && parent.initializer.getText() === text)
    || ts.isBindingElement(parent) && parent.propertyName?.getText() === text
    || ts.isExportSpecifier(parent))
}

describe('the outside world', () => {
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config, ts.sys, root)
  const program = ts.createProgram(names.map((name) => src + name), options)
  const checker = program.getTypeChecker()
  const used = new Map<string, string[]>()
  for (const name of names) {
    for (const one of globalsOf(program.getSourceFile(src + name)!, checker)) used.set(one, [...used.get(one) ?? [], name])
  }

  test('each part of it is touched in one named place', () => {
    const outside = [...used].filter(([one]) => !harmless.has(one.replace(/^Math\.\w+$/, 'Math')))
    expect(Object.fromEntries(outside)).toEqual(world)
  })

  test('no randomness but that of WebCrypto', () => {
    expect([...used.keys()].filter((one) => one.startsWith('Math'))).not.toContain('Math.random')
  })

  /** The code without its comments; strings stay. */
  const code = (name: string): string => ts.createPrinter({ removeComments: true }).printFile(sources.get(name)!)

  test.each([
    ['crypto', /\bcrypto\??\./, ['keys/subtle.ts']],
    ['subtle', /(\.|\?\.)subtle\b/, ['keys/subtle.ts']],
    ['node:', /['"`]node:/, ['keys/node.ts', 'node-store.ts']],
    ['import()', /\bimport\(/, []],
    ['require', /\brequire\b/, []],
    ['eval', /\beval\b|new Function\b/, []],
    ['the function constructor', /\.constructor\b/, []],
    ['new Date, which without an argument is the clock in disguise', /new Date(?!\([^)])|\bperformance\b/, []],
    ['Date.now', /\bDate\.now\b/, ['token/claims.ts']],
    ['the network', /\.fetch\b|XMLHttpRequest|WebSocket(?!Pair)/, ['network/fetch.ts']],
    ['the console', /\bconsole\b/, []],
    ['timers', /\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/, ['network/flight.ts', 'ring/keeper.ts']],
    ['the comparison of prototypes across realms', /instanceof Uint8Array/, []],
  ])('%s', (_, pattern, places) => {
    expect(names.filter((name) => pattern.test(code(name)))).toEqual(places)
  })
})

test('an algorithm is named in the table and nowhere else', () => {
  const named = [...sources].filter(([, file]) => {
    let isFound = false
    function visit(node: ts.Node): void {
      if (ts.isTypeNode(node)) return
      if (ts.isStringLiteral(node) && /^([HRPE]S(256|384|512)|EdDSA|ML-DSA-\d\d)$/.test(node.text)) isFound = true
      ts.forEachChild(node, visit)
    }
    visit(file)
    return isFound
  })
  expect(named.map(([name]) => name)).toEqual(['keys/algorithms.ts'])
})
