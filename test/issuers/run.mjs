// `node test/issuers/run.mjs`: real OpenID providers issue tokens, rotate their keys, are killed and come back, and waxseal
// follows; and what waxseal publishes and signs is consumed by jose, openid-client and the provider. Ends with
// `N passed, M failed`.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { install } from '../install.mjs'
import { packed } from '../pack.mjs'

install()
install('test/issuers')
const place = packed()
const door = (name) => import(pathToFileURL(join(place, `node_modules/waxseal/dist/${name}.js`)))
const doors = await Promise.all(['index', 'jwks', 'keyring', 'profiles'].map(door))

const failed = []
let passed = 0
for (const part of ['tokens', 'profiles', 'following', 'publishing']) {
  const { checks } = await import(`./${part}.mjs`)
  for await (const [title, check] of checks(...doors)) {
    try {
      await check()
      passed++
      console.log(`passed  ${title}`)
    } catch (error) {
      failed.push(title)
      console.log(`FAILED  ${title}\n${error?.stack ?? error}\n${error?.cause?.stack ?? ''}`)
    }
  }
}
process.exitCode = failed.length ? 1 : 0
console.log(`${passed} passed, ${failed.length} failed`)
