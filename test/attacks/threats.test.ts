// The page of the published attacks: every report of advisories.ts is mounted by a test whose title names it, or has a
// reason. `npx vitest run --config test/vitest.config.ts test/attacks/threats.test.ts -u` writes the page anew.

import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { root } from '../install.mjs'
import { doors } from '../support/doors'
import { table } from '../support/table'
import { testFiles, titlesOf, type Title } from '../support/titles'
import { sections, type Advisory } from './advisories'

const advisories = sections.flatMap((section) => section.advisories)
const ids = advisories.flatMap((advisory) => advisory.ids)
const files = testFiles.filter((file) => file.startsWith('attacks/') && file !== 'attacks/threats.test.ts')
const titles = files.flatMap(titlesOf)

/** Whether a title names a report: its id, and not the beginning of a longer one. */
const names = (title: string, id: string): boolean => new RegExp(`(?<![\\w-])${id.replace(/[.#/]/g, '\\$&')}(?![\\w-])`).test(title)
const mounting = (id: string): Title[] => titles.filter(({ path }) => names(path.at(-1)!, id))

describe('the list of published attacks', () => {
  test('names every report once', () => {
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  })

  test('every report is mounted by a test, or has a reason why it cannot be', () => {
    expect(advisories.flatMap(({ ids: own, reason }) => own.filter((id) => !mounting(id).length && !reason))).toEqual([])
  })

  test('what has a reason is mounted by no test', () => {
    expect(advisories.flatMap(({ ids: own, reason }) => own.filter((id) => reason && mounting(id).length))).toEqual([])
  })

  test('a title names no report that is not in the list', () => {
    const named = titles.flatMap(({ path }) => path.at(-1)!.match(/CVE-\d{4}-\d+|GHSA(-\w{4}){3}/g) ?? [])
    expect(named.length).toBeGreaterThan(100)
    expect(named.filter((id) => !ids.includes(id))).toEqual([])
  })

  test('every title that names a report has tests below it or is one, and none that runs only sometimes', () => {
    for (const id of ids) {
      for (const { file, path, isTest, isConditional } of mounting(id)) {
        expect(isConditional, path.join(' > ')).toBe(false)
        const below = titles.filter((one) => one.isTest && one.file === file && path.every((title, i) => one.path[i] === title))
        expect(isTest || below.length > 0, path.join(' > ')).toBe(true)
        expect(below.filter((one) => one.isConditional)).toEqual([])
      }
    }
  })

  test('every test runs at both doors', () => {
    expect(doors.map(({ name }) => name)).toEqual(['waxseal', 'waxseal/node'])
    expect(titles.filter(({ path, isTest }) => isTest && !path.includes('${door}')).map(({ path }) => path.join(' > '))).toEqual([])
  })

  test('the files insist that each of their titles ran', () => {
    expect(files.filter((file) => !ts.sys.readFile(`${root}test/${file}`)!.includes("import '../support/ran'\n"))).toEqual([])
  })
})

const legend = `# Published attacks, and the tests that mount them

Made by \`threats.test.ts\` from \`advisories.ts\` and the titles of the tests in this folder; do not edit. Each test stands for both
doors of the library, and has the accepting twin of every refusal in it or beside it.

A title names a report to say which attack is mounted, not that the report is confirmed. How well it is known:
**V** read in an advisory database, in the library's repository, or measured; **S** seen in secondary texts only; **M** from general
knowledge, not read again. Two letters: some of the reports of the row this, some that. What is not V alone should be looked up
before it is quoted.
`

/** The title without the ids it ends with. */
const bare = (title: string): string => title.replace(/ \([^()]*\)$/, '')

function where({ ids: own, reason }: Advisory): string {
  const found = new Map(own.flatMap(mounting).map(({ file, path }) => [`[${file.replace('attacks/', '')}](${file.replace('attacks/', '')}): ${bare(path.at(-1)!)}`, true]))
  return reason ? `cannot: ${reason}` : [...found.keys()].join('<br>')
}

test('THREATS.md is current', async () => {
  const columns = ['report', 'year', 'library', 'what went wrong there', 'known', 'tests']
  const parts = sections.map(({ title, advisories }) => {
    const lines = advisories.map((advisory) => {
      const { ids, year, library, cause, mark } = advisory
      return [ids.join(', '), year, library, cause, mark, where(advisory)]
    })
    return `## ${title}\n\n${table(columns, lines)}`
  })
  await expect(`${legend}\n${parts.join('\n')}`).toMatchFileSnapshot('THREATS.md')
})
