// A store of files for one machine, for `keyRing` and whatever else wants { get, set }. Node's file system, and so no part
// of any door but `waxseal/node`. Several processes may share it: a file is replaced as a whole or not at all.

import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
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
 * may read (0600, the folder 0700), brought to the disk, and then put in the place of the old one in a single step.
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
  const place = async (key: string): Promise<string> => `${path}/${await fileName(key)}`
  return {
    async get(key) {
      try {
        return await readFile(await place(key), 'utf8')
      } catch (error) {
        if ((error as { code?: unknown }).code === 'ENOENT') return null
        throw error
      }
    },
    async set(key, text) {
      if (typeof text !== 'string') misuse('fileStore text', 'a string', text)
      await mkdir(path, { recursive: true, mode: 0o700 })
      const target = await place(key)
      const draft = `${target}.${randomUUID()}.new`
      try {
        await write(draft, text)
        await rename(draft, target)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },
  }
}

/** Readable in part, and its own for every key, also where file names know no case. */
async function fileName(key: string): Promise<string> {
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
