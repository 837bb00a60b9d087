// What Debian has to bring (12, bookworm: the differences in ./libraries.mjs are those of its versions).

import { spawnSync } from 'node:child_process'

const quiet = (command, args) => spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' } })

/** The version of an installed package. */
export function versionOf(name) {
  const { stdout } = quiet('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Version}', name])
  const [, version] = /^installed (?:\d+:)?([\d.]*\d)/.exec(stdout ?? '') ?? []
  return version
}

/** Installs what is missing where that can be done; gives the names of what is missing still. */
export function install(names) {
  const missing = () => names.filter((name) => !versionOf(name))
  const wanted = missing()
  if (wanted.length && process.getuid?.() === 0) {
    console.error(`Installing ${wanted.join(', ')} (apt-get) ...`)
    quiet('apt-get', ['update'])
    quiet('apt-get', ['install', '-y', '--no-install-recommends', ...wanted])
    for (const name of missing()) quiet('apt-get', ['install', '-y', '--no-install-recommends', name]) // one unknown name spoils them all
  }
  return missing()
}
