// A store of files for one machine, for `keyRing` and whatever else wants { get, set }. Node's file system, and so no part
// of any door but `waxseal/node`. Several processes may share it: a file is replaced as a whole or not at all.

import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { utf8 } from './encoding/bytes'
import { misuse } from './errors'
import { digest, randomUUID } from './keys/subtle'

/** Keeps each text in a file of its own. */
export interface FileStore {
  get(key: string): Promise<string | null>
  set(key: string, text: string): Promise<void>
}

/**
 * Makes a store of files in a folder, which is made if need be. Each text is written to a new file that only the owner
 * may read (0600, the folder 0700), brought to the disk, and then put in the place of the old one in a single step. What a
 * process that died in the middle has left is removed ten minutes later, by the next text of that name.
 *
 * The files hold what is given, in plain text: from a ring, private keys. Keep the folder out of backups and images that
 * others can read. On Windows the modes mean nothing: set the folder's permissions yourself.
 *
 * @param path - the folder
 * @throws TypeError if it is not a non-empty string; its methods throw what the file system throws, but for a missing
 * file, which is `null`
 */
export function fileStore(path: string): FileStore {
  if (typeof path !== 'string' || !path) misuse('fileStore path', 'a non-empty string', path)
  /** One reading of a file at a time: one that never ends holds a thread, of which there are few. */
  const readings = new Map<string, Promise<string | null>>()
  return {
    async get(key) {
      const name = await fileName(key)
      const reading = readings.get(name) ?? read(`${path}/${name}`).finally(() => readings.delete(name))
      readings.set(name, reading)
      return reading
    },
    async set(key, text) {
      if (typeof text !== 'string') misuse('fileStore text', 'a string', text)
      const name = await fileName(key)
      await mkdir(path, { recursive: true, mode: 0o700 })
      const draft = `${path}/${name}.${randomUUID()}.new`
      try {
        await write(draft, text)
        await rename(draft, `${path}/${name}`)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
      readings.delete(name) // whoever asks from now on gets the new text
      await settle(path)
      await sweep(path, name).catch(() => {}) // the text is stored, whoever may not look into the folder
    },
  }
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return null
    throw error
  }
}

/** Brings the folder to the disk: else a power cut could leave the old text. */
async function settle(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined) // Windows opens no folders
  await folder?.sync().catch(() => {}).finally(() => folder.close())
}

/** Removes drafts that nobody will finish. */
async function sweep(path: string, name: string): Promise<void> {
  const time = async (file: string): Promise<number> => (await stat(`${path}/${file}`)).mtimeMs
  const now = await time(name)
  for (const one of await readdir(path)) {
    if (!one.startsWith(`${name}.`) || !one.endsWith('.new')) continue
    const then = await time(one).catch(() => now) // it may have been put in its place just now
    if (then < now - 600_000) await rm(`${path}/${one}`, { force: true })
  }
}

/** Readable in part, and its own for every key, also where file names know no case. */
async function fileName(key: string): Promise<string> {
  if (typeof key !== 'string') misuse('fileStore key', 'a string', key)
  const hash = Array.from(await digest('SHA-256', utf8(key)), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${key.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60)}-${hash.slice(0, 32)}.json`
}

/** A new file; one that is there already, a link included, is an error. */
async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync() // else a power cut could leave the new name with no content
  } finally {
    await file.close()
  }
}
