// The store of files: whole texts, one file each, for their owner alone.

import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { verify } from 'waxseal'
import { keyRing } from 'waxseal/keyring'
import { fileStore } from '../../src/node-store'
import { misused, thrown } from '../support/tokens'

const folder = mkdtempSync(join(tmpdir(), 'waxseal-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let count = 0
const fresh = (): string => join(folder, `store-${count++}`, 'keys')

/** A store with a folder in the place of its one file. */
async function obstructed(): Promise<{ path: string, store: ReturnType<typeof fileStore>, name: string }> {
  const path = fresh()
  const store = fileStore(path)
  await store.set('a', 'old')
  const [name] = readdirSync(path) as [string]
  rmSync(join(path, name))
  mkdirSync(join(path, name))
  return { path, store, name }
}

describe('fileStore', () => {
  test('gives null for what is not there, also before the folder is', async () => {
    expect(await fileStore(fresh()).get('a')).toBeNull()
  })

  test('gives what was set last, by key, to another process too', async () => {
    const path = fresh()
    const store = fileStore(path)
    await store.set('a', 'one')
    await store.set('a', 'two')
    await store.set('b', 'three')
    expect([await fileStore(path).get('a'), await fileStore(path).get('b')]).toEqual(['two', 'three'])
  })

  test('writes files for their owner alone, in a folder for its owner alone, and leaves no drafts', async () => {
    const path = fresh()
    const store = fileStore(path)
    await store.set('a', 'one')
    const [name] = readdirSync(path)
    chmodSync(join(path, name!), 0o644) // somebody opened it
    await store.set('a', 'two')
    expect(readdirSync(path)).toEqual([name])
    expect((statSync(join(path, name!)).mode & 0o777).toString(8)).toBe('600')
    expect((statSync(path).mode & 0o777).toString(8)).toBe('700')
  })

  test.each(['../../outside', '/etc/passwd', 'a\0b', 'waxseal:jwks:https://a.example/' + 'x'.repeat(400), '', '.', 'CON', '日本'])('any key is a name inside the folder: %j', async (key) => {
    const path = fresh()
    const store = fileStore(path)
    await store.set(key, 'text')
    expect(await store.get(key)).toBe('text')
    expect(readdirSync(path)).toEqual([expect.stringMatching(/^[a-z0-9-]{33,93}\.json$/)])
  })

  test('keys that differ in case alone have files of their own, on every file system', async () => {
    const path = fresh()
    const store = fileStore(path)
    await store.set('A', '1')
    await store.set('a', '2')
    expect(await store.get('A')).toBe('1')
    expect(new Set(readdirSync(path).map((name) => name.toLowerCase())).size).toBe(2)
  })

  test('follows no link that lies in the place of the file, but replaces it', async () => {
    const path = fresh()
    const store = fileStore(path)
    await store.set('a', 'one')
    const [name] = readdirSync(path)
    const outside = join(folder, 'outside.txt')
    writeFileSync(outside, 'mine')
    rmSync(join(path, name!))
    symlinkSync(outside, join(path, name!))
    await store.set('a', 'two')
    expect(readFileSync(outside, 'utf8')).toBe('mine')
  })

  test('many writers at once: a reader sees one whole text, never a piece', async () => {
    const store = fileStore(fresh())
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000))
    await store.set('a', texts[0]!)
    let isWriting = true
    const writing = Promise.all(texts.map((text) => store.set('a', text))).then(() => { isWriting = false })
    while (isWriting) expect(texts.includes((await store.get('a'))!)).toBe(true)
    await writing
  })

  test('an error of the file system comes through, and the old text stays', async () => {
    const path = fresh()
    writeFileSync(join(folder, 'a-file'), 'x')
    expect(await thrown(() => fileStore(join(folder, 'a-file')).set('a', 'x'))).toMatchObject({ code: expect.stringMatching(/^E/) })
    await fileStore(path).set('a', 'old')
    await misused(() => fileStore(path).set('a', undefined as never), 'fileStore text')
    expect(await fileStore(path).get('a')).toBe('old')
  })

  test('a file that cannot be replaced: the error comes through, and no draft stays', async () => {
    const { path, store, name } = await obstructed()
    expect(await thrown(() => store.set('a', 'new'))).toMatchObject({ code: expect.stringMatching(/^E/) })
    expect(readdirSync(path)).toEqual([name])
  })

  test('a file that is there and cannot be read is an error, not null: who took it for nothing would write over it', async () => {
    const { store } = await obstructed()
    expect(await thrown(() => store.get('a'))).toMatchObject({ code: 'EISDIR' })
  })

  test('where no file can be made the error says so, not that it could not be removed', async () => {
    expect(await thrown(() => fileStore('/proc').set('a', 'x'))).toMatchObject({ syscall: expect.stringMatching(/^(open|mkdir)$/) })
  })

  test('brings the text to the disk, then the folder, and leaves neither open', async () => {
    const store = fileStore(fresh())
    await store.set('a', 'one')
    const file = await open(folder, 'r')
    await file.close()
    const sync = vi.spyOn(Object.getPrototypeOf(file) as { sync(): Promise<void> }, 'sync')
    const descriptors = (): number[] => sync.mock.contexts.map((handle) => (handle as unknown as { fd: number }).fd)
    try {
      await store.set('a', 'two')
      expect(descriptors()).toEqual([-1, -1]) // closed
      sync.mockRejectedValueOnce(new Error('no room on the disk'))
      expect(String(await thrown(() => store.set('a', 'three')))).toContain('no room')
      expect(await store.get('a')).toBe('two') // what a power cut could take back takes no place
      expect(descriptors()).toEqual([-1, -1, -1])
    } finally {
      sync.mockRestore()
    }
  })

  test('a key has the same file in every version, so that a ring finds its keys after an update', async () => {
    const path = fresh()
    await fileStore(path).set('waxseal:ring:Main  (eu)', 'x')
    expect(readdirSync(path)).toEqual(['waxseal-ring-main-eu--d2cd5e0d03f0042f8c9955efb0117da6.json'])
  })

  test('removes what a process that died in the middle has left, of this name and long ago, and nothing else', async () => {
    const path = fresh()
    const store = fileStore(path)
    await store.set('a', 'one')
    const [name] = readdirSync(path) as [string]
    const [old, young, foreign, backup] = [`${name}.1.new`, `${name}.2.new`, 'b.json.1.new', `${name}.bak`].map((one) => join(path, one)) as [string, string, string, string]
    for (const file of [old, young, foreign, backup]) writeFileSync(file, 'half a text')
    for (const file of [old, foreign, backup]) utimesSync(file, new Date(Date.now() - 660_000), new Date(Date.now() - 660_000))
    await store.set('a', 'two')
    expect(readdirSync(path).sort()).toEqual([name, `${name}.2.new`, `${name}.bak`, 'b.json.1.new'].sort())
    expect(await store.get('a')).toBe('two')
  })

  test('reads a file once at a time: one that never ends holds one thread, not all of them', async () => {
    const path = fresh()
    const store = fileStore(path)
    await store.set('a', 'one')
    const [first, second] = [store.get('a'), store.get('a')]
    expect(await Promise.all([first, second])).toEqual(['one', 'one'])
    await store.set('a', 'two')
    expect(await store.get('a')).toBe('two')
    const [name] = readdirSync(path) as [string]
    rmSync(join(path, name))
    execFileSync('mkfifo', [join(path, name)]) // nobody writes into it
    const hanging = Array.from({ length: 8 }, () => store.get('a'))
    expect(await fileStore(folder).get('another')).toBeNull() // with a thread for each, this would wait for ever
    const writer = openSync(join(path, name), 'r+')
    await store.set('a', 'four')
    expect(await store.get('a')).toBe('four') // what began before is not joined
    writeSync(writer, 'three')
    closeSync(writer)
    expect(await Promise.all(hanging)).toEqual(Array(8).fill('three'))
  })

  test.each([undefined, 5, null])('the key %j is a TypeError', async (key) => {
    const store = fileStore(fresh())
    await misused(() => store.get(key as never), 'fileStore key')
    await misused(() => store.set(key as never, 'x'), 'fileStore key')
  })

  test.each([undefined, '', 7, null])('the path %j is a TypeError', async (path) => {
    await misused(() => fileStore(path as never), 'fileStore path')
  })

  test('serves a ring across restarts', async () => {
    const path = fresh()
    const open = () => keyRing({ algorithm: 'ES256', tokenLifetime: '15m', store: fileStore(path) })
    const token = await open().sign({ sub: 'a' }, { expiresIn: '15m' })
    expect((await verify(token, open(), { algorithms: ['ES256'] })).payload.sub).toBe('a')
  })
})
