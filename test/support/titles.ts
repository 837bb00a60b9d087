// The titles of the tests, read from their sources, so that a table can name a test and be wrong when the test is gone.
// A title in a template or of a table is the text as it is written, with its placeholders.

import ts from 'typescript'
import { root } from '../install.mjs'

export interface Title {
  /** Below test/. */
  readonly file: string
  readonly line: number
  /** The titles of the describes around it, outermost first, and its own. */
  readonly path: readonly string[]
  readonly isTest: boolean
  /** Whether it runs only sometimes: skip, todo, only, fails, runIf, skipIf, or an `if` around it. */
  readonly isConditional: boolean
}

const roots = new Set(['describe', 'it', 'test'])
const sometimes = new Set(['skip', 'todo', 'only', 'fails', 'runIf', 'skipIf'])

/** `test.each(table)` and the like as their words: test, each. */
function words(callee: ts.Expression): string[] {
  if (ts.isIdentifier(callee)) return [callee.text]
  if (ts.isPropertyAccessExpression(callee)) return [...words(callee.expression), callee.name.text]
  return ts.isCallExpression(callee) || ts.isTaggedTemplateExpression(callee) ? words(ts.isCallExpression(callee) ? callee.expression : callee.tag) : []
}

function textOf(node: ts.Expression | undefined, file: ts.SourceFile): string | undefined {
  if (node && ts.isStringLiteralLike(node)) return node.text
  return node && ts.isTemplateExpression(node) ? node.getText(file).slice(1, -1) : undefined
}

/** The titles of one test file, in their order. */
export function titlesOf(file: string): Title[] {
  const source = ts.createSourceFile(file, ts.sys.readFile(`${root}test/${file}`)!, ts.ScriptTarget.ES2022, true)
  const found: Title[] = []
  function visit(node: ts.Node, path: readonly string[], isConditional: boolean): void {
    if (ts.isCallExpression(node)) {
      const [name = '', ...more] = words(node.expression)
      const title = roots.has(name) ? textOf(node.arguments[0], source) : undefined
      if (title !== undefined) {
        const own = [...path, title]
        const isRare = isConditional || more.some((word) => sometimes.has(word))
        const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
        found.push({ file, line, path: own, isTest: name !== 'describe', isConditional: isRare })
        for (const argument of node.arguments.slice(1)) visit(argument, own, isRare)
        return
      }
    }
    const isBranch = ts.isIfStatement(node) || ts.isConditionalExpression(node)
    ts.forEachChild(node, (child) => visit(child, path, isConditional || isBranch))
  }
  visit(source, [], false)
  return found
}

/** The test files, below test/. */
export const testFiles: readonly string[] = ts.sys.readDirectory(`${root}test`, ['.test.ts'], ['**/node_modules', '**/runtimes'])
  .map((path) => path.slice(`${root}test/`.length)).sort()

/** All titles of all test files. */
export const allTitles = (): Title[] => testFiles.flatMap(titlesOf)

/** What a title of a table or template looks like when the test runs. */
export function patternOf(path: readonly string[]): RegExp {
  const parts = path.map((title) => title.split(/%[sdifjoO#%]|\$\{[^}]*\}|\$[\w.]+/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('[^]*'))
  return new RegExp(`^${parts.join(' > ')}$`)
}
