// The rules in rules/, held against the declaration files that are shipped: a rule fails if the compiler says anything
// about it, be it an error or an @ts-expect-error without one.

import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../install.mjs'
import { packed } from '../pack.mjs'

interface Rule { readonly title: string, readonly from: number, readonly to: number }

const folder = `${root}test/types`
const names = ['misuse', 'inference', 'issuing', 'node'].map((name) => `${folder}/rules/${name}.ts`)

/** The calls of `rule` at the top of a file. */
function rulesOf(file: ts.SourceFile): Rule[] {
  return file.statements.flatMap((statement) => {
    const call = ts.isExpressionStatement(statement) && ts.isCallExpression(statement.expression) ? statement.expression : undefined
    const title = call?.arguments[0]
    return call?.expression.getText(file) === 'rule' && title && ts.isStringLiteral(title)
      ? [{ title: title.text, from: statement.getFullStart(), to: statement.getEnd() }] : []
  })
}

function compile(more: ts.CompilerOptions): ts.Program {
  const { options, errors } = ts.parseJsonConfigFileContent(ts.readConfigFile(`${folder}/tsconfig.json`, ts.sys.readFile).config, ts.sys, folder)
  if (errors.length) throw new Error(words(errors))
  const dist = `${packed()}/node_modules/waxseal/dist`
  return ts.createProgram(names, { ...options, ...more, paths: { 'waxseal': [`${dist}/index.d.ts`], 'waxseal/*': [`${dist}/*.d.ts`] } })
}

function words(diagnostics: readonly ts.Diagnostic[]): string {
  return ts.formatDiagnostics(diagnostics, { getCanonicalFileName: String, getCurrentDirectory: () => root, getNewLine: () => '\n' })
}

describe.each([false, true])('exactOptionalPropertyTypes: %s', (exactOptionalPropertyTypes) => {
  let all: readonly ts.Diagnostic[]
  beforeAll(() => {
    all = ts.getPreEmitDiagnostics(compile({ exactOptionalPropertyTypes }))
  }, 120_000)

  const seen = new Set<ts.Diagnostic>()
  for (const name of names) {
    const file = ts.createSourceFile(name, ts.sys.readFile(name)!, ts.ScriptTarget.ES2022)
    describe(name.slice(folder.length + 1), () => {
      test.each(rulesOf(file).map((rule) => [rule.title, rule] as const))('%s', (_, { from, to }) => {
        const here = all.filter((one) => one.file?.fileName === name && one.start! >= from && one.start! < to)
        here.forEach((one) => seen.add(one))
        expect(words(here)).toBe('')
      })
    })
  }

  test('nothing else is wrong, in the declaration files neither', () => {
    expect(words(all.filter((one) => !seen.has(one)))).toBe('')
  })

  afterAll(() => seen.clear())
})
