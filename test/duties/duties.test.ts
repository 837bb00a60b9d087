// The page of the duties: each has a test that exists, here or elsewhere, or a reason why it does not bind.
// `npx vitest run --config test/vitest.config.ts test/duties/duties.test.ts -u` writes the page anew.

import { describe, expect, test } from 'vitest'
import { table } from '../support/table'
import { allTitles, type Title } from '../support/titles'
import { documents, type Duty } from './duties'

interface Row extends Duty { readonly id: string }

const rows: readonly Row[] = documents.flatMap(({ name, sections }) => Object.entries(sections).flatMap(([section, duties]) => duties.map((one, i) => ({ ...one, id: `${name} ${section} (${i + 1})` }))))
const titles = allTitles()

/** The tests that a reference `file: title` means: a title, or the last few of a path joined with ` > `. */
function meant(reference: string): Title[] {
  const [, file, title] = /^(\S+): ([^]+)$/.exec(reference)!
  return titles.filter((one) => one.file === file && (` > ${one.path.join(' > ')}`).endsWith(` > ${title}`))
}

const ids = (title: string): string[] => title.match(/RFC \d+(?:bis)? [\dA-Z.]+ \(\d+\)/g) ?? []
const here = titles.filter(({ file }) => file.startsWith('duties/'))
const naming = (id: string): Title[] => here.filter(({ path }) => ids(path.at(-1)!).includes(id))

describe('the list of duties', () => {
  test('every test that it names exists, and is the only one of that name', () => {
    expect(rows.flatMap(({ id, tests }) => tests.filter((one) => meant(one).length !== 1).map((one) => `${id}: ${one} is ${meant(one).length}`))).toEqual([])
  })

  test('no test that it names runs only sometimes', () => {
    expect(rows.flatMap(({ tests }) => tests.flatMap(meant)).filter(({ isConditional }) => isConditional)).toEqual([])
  })

  test('every duty has a test or a reason', () => {
    expect(rows.filter(({ id, tests, reason }) => !tests.length && !reason && !naming(id).length).map(({ id }) => id)).toEqual([])
  })

  test('every test of this folder names duties that there are', () => {
    const named = here.flatMap(({ path }) => ids(path.at(-1)!))
    expect(named.length).toBeGreaterThan(15)
    expect(named.filter((id) => !rows.some((one) => one.id === id))).toEqual([])
  })

  test('sections stand in the order of the text', () => {
    const order = (section: string): number[] => section.split('.').map((part) => /\d/.test(part) ? Number(part) : part.charCodeAt(0) * 100)
    const compare = (a: number[], b: number[]): number => a.map((n, i) => n - (b[i] ?? -1)).find((n) => n !== 0) ?? a.length - b.length
    for (const { name, sections } of documents) {
      // Whole numbers come first among the names of an object, whatever the order they were written in.
      const parts = Object.keys(sections).filter((section) => /\./.test(section)).map(order)
      parts.forEach((part, i) => i && expect(compare(parts[i - 1]!, part), `${name} ${part.join('.')}`).toBeLessThan(0))
    }
  })
})

const legend = `# The duties of a JWS and JWT library, and the tests that hold it to them

Made by \`duties.test.ts\` from \`duties.ts\` and the titles of the tests; do not edit. One row for each key word of RFC 2119, in the
order of the text, in words of our own: what the sentence says exactly is in the RFC. \`step\` is what a numbered procedure demands
without a key word; must and should in small letters are those that the text has in small letters. **Does not bind** says why a sentence does not reach\nthis library, **departs** why it is not obeyed; tests beside it show that it is so.
`

/** A title with a placeholder says little without the one above it. */
const place = ({ file, path }: Title): string => `[${file}](../${file}): ${path.slice(/^[%$]/.test(path.at(-1)!) ? -2 : -1).join(' › ')}`

function where({ id, tests, reason, departs }: Row): string {
  const found = [...tests.flatMap(meant), ...naming(id)].map(place)
  return [...(reason ? [`**${departs ? 'departs' : 'does not bind'}:** ${reason}`] : []), ...found].join('<br>')
}

/** The sections of a document as they stand in the text: 2, 3.1, 3.2, 4. */
const bySection = (a: Row, b: Row): number => a.id.localeCompare(b.id, 'en', { numeric: true })

test('DUTIES.md is current', async () => {
  const parts = documents.map(({ name, title, note }) => `## ${name}: ${title}\n\n${note}\n\n${table(['section', 'word', 'duty', 'tests'], rows.filter(({ id }) => id.startsWith(`${name} `)).sort(bySection).map((row) => [row.id.slice(name.length + 1), row.word, row.duty, where(row)]))}`)
  await expect(`${legend}\n${parts.join('\n')}`).toMatchFileSnapshot('DUTIES.md')
})
