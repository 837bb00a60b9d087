// Starts programs in a group of their own, and ends the whole group.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Thrown when a target is not installed: no failure of the library. */
export class Missing extends Error {}

/** The first of the paths that exists. */
export function find(what, ...paths) {
  const found = paths.find((path) => path && existsSync(path))
  if (!found) throw new Missing(`no ${what}: ${paths.filter(Boolean).join(', ')}`)
  return found
}

export function start(command, args, { env, ...options } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...options, env: { ...process.env, ...env } })
  child.output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { child.output += data })
  child.over = new Promise((resolve) => {
    child.on('error', (error) => { child.output += error.message; resolve(-1) })
    child.on('close', (code, signal) => resolve(code ?? signal))
  })
  running.add(child)
  child.over.then(() => running.delete(child))
  return child
}

const running = new Set()

export async function stop(child, signal = 'SIGTERM') {
  try {
    process.kill(-child.pid, signal)
  } catch { /* over */ }
  const isOver = await Promise.race([child.over.then(() => true), limit(2)])
  if (!isOver && signal !== 'SIGKILL') await stop(child, 'SIGKILL')
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) try { process.kill(-child.pid, 'SIGKILL') } catch { /* over */ }
    process.exit(1)
  })
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** For a race: the process does not wait for it once the race is over. */
export const limit = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref())

/** Asks until there is an answer. */
export async function until(what, ask, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(25)) {
    const answer = await ask()
    if (answer) return answer
  }
  throw new Error(`no ${what} after ${seconds} s`)
}

/** Runs a program to its end and gives what the suite in it found. */
export async function runSuite(command, args, options) {
  const child = start(command, args, options)
  const code = await Promise.race([child.over, limit(seconds)])
  await stop(child)
  const lines = child.output.split('\n').filter(Boolean)
  const result = lines.findLast((line) => line.startsWith('{"current"'))
  if (result) return JSON.parse(result)
  const last = lines.findLast((line) => line.startsWith('# ')) ?? '# loading'
  throw new Error(`${code === undefined ? `no result after ${seconds} s` : `ended with ${code}`} in "${last.slice(2)}"\n${lines.filter((line) => !line.startsWith('# ')).slice(-20).join('\n')}`)
}

/** What a target may take. */
export const seconds = 150
