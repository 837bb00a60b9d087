// What an editor shows of a name: in the declaration files that are shipped, every name that a door exports has a comment,
// and so has every member of what a caller fills in or calls.

import ts from 'typescript'
import { beforeAll, expect, test } from 'vitest'
import { packed } from '../pack.mjs'

const doors = ['index', 'jws', 'node', 'jwks', 'keyring', 'profiles']

/** What a declaration file declares; a namespace beside a type of its name is said there. */
function declared(file: string): readonly ts.Statement[] {
  const path = `${packed()}/node_modules/waxseal/dist/${file}.d.ts`
  const { statements } = ts.createSourceFile(path, ts.sys.readFile(path)!, ts.ScriptTarget.Latest, true)
  return statements.filter((one) => !ts.isImportDeclaration(one) && !ts.isExportDeclaration(one) && !ts.isModuleDeclaration(one))
}

const isSilent = (node: ts.Node): boolean => !ts.getJSDocCommentsAndTags(node).length
const nameOf = (node: ts.Node): string => (ts.isVariableStatement(node) ? node.declarationList.declarations[0]! : node as ts.DeclarationStatement).name?.getText() ?? '()'

beforeAll(() => void packed(), 120_000)

test.each(doors)('every name that %s exports says what it is, and so does every overload', (door) => {
  expect(declared(door).length).toBeGreaterThan(5)
  expect(declared(door).filter(isSilent).map(nameOf)).toEqual([])
})

test.each([...doors, 'types'])('every option, check and method in %s says what it is', (file) => {
  const filled = declared(file).filter(ts.isInterfaceDeclaration).filter(({ name }) => /(Options|Checks|Entry|Status|Verifier|VerifierSync|KeyRing|KeySet)$/.test(name.text))
  expect(filled.length).toBeGreaterThan(0)
  expect(filled.flatMap((one) => one.members.filter(isSilent).map((member) => `${one.name.text}.${nameOf(member)}`))).toEqual([])
})
