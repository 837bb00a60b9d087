// Every algorithm with every rival: each form of a key that the one side signs with against each form that the other
// verifies with, and a forged token that both must refuse.

import { calculateJwkThumbprint } from 'jose'
import { deepStrictEqual, equal } from 'node:assert/strict'
import { audience, issuer, ours, rivals } from './libraries.mjs'
import { keysOf } from './sources.mjs'

function claimsNow() {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: issuer, sub: 'user-4711', aud: [audience, 'https://other.example.com'], jti: 'x-1', iat: now, nbf: now, exp: now + 600,
    name: 'Zoë 漢字 🦭', nested: { list: [1, 2.5, -3e21, null, true, {}, []], '': 'no name' },
  }
}

/** Another payload under the old signature. */
function forge(token) {
  const [header, payload, signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url'))
  return [header, Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url'), signature].join('.')
}

const forms = (materials, loaders) => Object.keys(materials).filter((form) => loaders[form])
const attempt = async (check) => check().then(() => '', (error) => String(error?.message ?? error))

/** All that the signer signs with the keys of one maker, and the verifier verifies. Gives `[{ what, fault }]`. */
async function exchange(signer, verifier, algorithm, maker, keys) {
  const results = []
  const judge = async (what, check) => results.push({ what: `${maker}, ${what}`, fault: await attempt(check) })
  const [signing, verifying] = keys.secret ? ['secret', 'secret'] : ['private', 'public']
  let last

  for (const from of forms(keys[signing], signer[signing])) {
    const claims = claimsNow()
    let token
    await judge(`signed with ${from}`, async () => {
      token = await signer.sign({ ...claims }, await signer[signing][from](keys[signing][from], algorithm), algorithm)
    })
    for (const to of token ? forms(keys[verifying], verifier[verifying]) : []) {
      last = { token, load: () => verifier[verifying][to](keys[verifying][to], algorithm) }
      await judge(`${from} to ${to}`, async () => deepStrictEqual({ ...await verifier.verify(token, await last.load(), algorithm) }, claims))
    }
  }
  if (last) {
    await judge('a forged token', async () => {
      const key = await last.load()
      if (!await attempt(async () => verifier.verify(forge(last.token), key, algorithm))) throw new Error('it was accepted')
    })
  }
  return results
}

/** Whoever wrote a JWK: its thumbprint is jose's. */
async function thumbprints({ thumbprint }, makers) {
  const results = []
  for (const [maker, { public: { jwk } }] of makers.filter(([, keys]) => keys.public?.jwk)) {
    results.push({ what: `${maker}, thumbprint`, fault: await attempt(async () => equal(await thumbprint(jwk), await calculateJwkThumbprint(jwk))) })
  }
  return results
}

/** Gives `[{ algorithm, rival, way: 'in' | 'out', results }]`; a rival that lacks the algorithm has no cell. */
export async function matrix(waxseal, algorithms) {
  const cells = []
  const own = ours(waxseal)
  for (const algorithm of algorithms) {
    const makers = Object.entries(await keysOf(waxseal, algorithm))
    for (const [rival, library] of Object.entries(rivals).filter(([, { algorithms }]) => algorithms.includes(algorithm))) {
      for (const [way, signer, verifier] of [['in', library, own], ['out', own, library]]) {
        const results = []
        for (const [maker, keys] of makers) results.push(...await exchange(signer, verifier, algorithm, maker, keys))
        if (rival === 'jose' && way === 'out') results.push(...await thumbprints(waxseal, makers))
        cells.push({ algorithm, rival, way, results })
      }
    }
  }
  return cells
}
