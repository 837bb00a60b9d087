// What the matrix has no place for: key sets, bytes that are no JWT, signatures whose numbers begin with zeros, and more.

import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict'
import { pairOf, whyRefused } from './keys.mjs'

const encode = (value) => Buffer.from(value).toString('base64url')
const decode = (value) => Buffer.from(value, 'base64url')
const headerOf = (token) => JSON.parse(decode(token.split('.')[0]))
const exp = Math.floor(Date.now() / 1000) + 600
const claims = JSON.stringify({ sub: 'a', exp })

// ─── Key sets and bytes ──────────────────────────────────────────────────────

export async function sets({ waxseal, us, them, keysFor, check }) {
  const { importJwk, keySet, verify } = waxseal
  const algorithms = them.algorithms.filter((alg) => !alg.startsWith('HS'))
  const members = await Promise.all(algorithms.map(async (alg) => {
    const { public: { jwk }, private: forms } = (await keysFor(alg)).waxseal
    const kid = `of ${alg}`
    return { alg, kid, key: await importJwk({ ...JSON.parse(jwk), kid }), signing: ['pkcs8', 'jwk'].map((form) => ({ form, text: forms[form], alg })) }
  }))
  const text = JSON.stringify(await keySet(members.map(({ key }) => key)).toPublicJwks())
  for (const { alg, kid, signing } of them.can.includes('set') ? members : []) {
    await check({ alg, way: 'from waxseal', what: 'found by kid in our key set' }, async () => {
      const token = await us.ask({ op: 'sign', ...signing[0], claims, header: { kid } })
      deepStrictEqual(JSON.parse(JSON.stringify(await them.ask({ op: 'verify', alg, form: 'set', text, kid, token }))), JSON.parse(claims))
    })
  }
  if (!them.can.includes('export')) return

  // Its own public JWKs make a set; what RFC 7517 5 calls out of range is set aside, and spoils no other.
  const theirs = await Promise.all(members.map(async ({ alg, kid, signing }) => {
    const given = signing.find(({ form }) => them.forms.private.includes(form))
    const { jwk } = (await them.ask({ op: 'export', ...given })).public ?? (await us.ask({ op: 'export', ...given })).public
    return { alg, kid, jwk: { ...JSON.parse(jwk), alg, kid }, given, why: whyRefused('jwk', jwk, alg) }
  }))
  const set = keySet({ keys: theirs.map(({ jwk }) => jwk) })
  for (const [index, { alg, kid, given, why }] of theirs.entries()) {
    await check({ alg, way: 'to waxseal', what: `found by kid in their key set${why ? `, is refused: ${why}` : ''}` }, async () => {
      equal(set.skipped.some((one) => one.index === index && one.kid === kid), Boolean(why))
      const token = await (them.header === false ? us : them).ask({ op: 'sign', ...given, claims, header: { kid } })
      equal(headerOf(token).kid, kid)
      if (why) await rejects(verify(token, set, { algorithms }), { code: 'ERR_JWT_KEY_NOT_FOUND' })
      else await verify(token, set, { algorithms })
    })
  }
}

export async function bytes({ jws, us, them, keysFor, check }) {
  if (!them.can.includes('bytes')) return
  const contents = { 'no bytes': '', 'every byte': Buffer.from(Array.from({ length: 256 }, (_, i) => i)), text: 'not JSON', JSON: '{ "a": [1, 2] }' }
  for (const alg of them.algorithms) {
    const { signing, verifying } = pairOf(them, them, await keysFor(alg), alg)
    for (const [name, content] of Object.entries(contents)) {
      const payload = encode(content)
      await check({ alg, way: 'to waxseal', what: `bytes: ${name}` }, async () => {
        const token = await them.ask({ op: 'signBytes', ...signing, payload })
        equal(await us.ask({ op: 'verifyBytes', ...verifying, token }), payload)
        const [head, , signature] = token.split('.') // RFC 7515 appendix F: the payload goes another way
        const options = { algorithms: [alg], detachedPayload: Buffer.from(content) }
        await jws.verifyBytes(`${head}..${signature}`, await us.load(verifying), options)
        await rejects(jws.verifyBytes(`${head}..${signature}`, await us.load(verifying), { ...options, detachedPayload: Buffer.from('other') }), { code: 'ERR_JWT_SIGNATURE' })
      })
      await check({ alg, way: 'from waxseal', what: `bytes: ${name}` }, async () => {
        const token = await us.ask({ op: 'signBytes', ...signing, payload })
        equal(await them.ask({ op: 'verifyBytes', ...verifying, token }), payload)
        const key = await us.load(signing)
        const [head, empty, signature] = (await jws.signBytes(Buffer.from(content), key, { detached: true, algorithm: alg })).split('.')
        equal(empty, '')
        equal(await them.ask({ op: 'verifyBytes', ...verifying, token: `${head}.${payload}.${signature}` }), payload)
      })
      if (!them.can.includes('detached')) continue
      await check({ alg, way: 'to waxseal', what: `detached by it: ${name}` }, async () => {
        const token = await them.ask({ op: 'signBytes', ...signing, payload, detached: true })
        equal(token.split('.')[1], '')
        await jws.verifyBytes(token, await us.load(verifying), { algorithms: [alg], detachedPayload: Buffer.from(content) })
      })
      await check({ alg, way: 'from waxseal', what: `detached by us: ${name}` }, async () => {
        const token = await jws.signBytes(Buffer.from(content), await us.load(signing), { detached: true, algorithm: alg })
        equal(await them.ask({ op: 'verifyBytes', ...verifying, token, payload, detached: true }), payload)
      })
    }
  }
}

// ─── Numbers of a signature that begin with a zero octet ────────────────────

const zeroes = { RS256: [0], ES256: [0, 32] }
const isZero = (token, at) => decode(token.split('.')[2])[at] === 0

/** Tokens until one has the zero: one of 256 does. */
async function untilZero(sign, at) {
  for (let i = 0; i < 5000; i++) {
    const token = await sign(JSON.stringify({ exp, i }))
    if (isZero(token, at)) return token
  }
  throw new Error('none of 5000 signatures had a zero there')
}

export async function zeros({ us, them, keysFor, check, once }) {
  for (const [alg, places] of Object.entries(zeroes).filter(([alg]) => them.algorithms.includes(alg))) {
    const { signing, verifying } = pairOf(them, them, await keysFor(alg), alg)
    for (const at of places) {
      const what = `a signature with a zero octet at ${at}`
      await check({ alg, way: 'from waxseal', what }, async () => {
        const token = await once(`${alg} ${at} ${signing.text}`, () => untilZero((text) => us.ask({ op: 'sign', ...signing, claims: text }), at))
        await them.ask({ op: 'verify', ...verifying, token })
      })
      if (!them.slow) {
        await check({ alg, way: 'to waxseal', what }, async () => {
          const token = await untilZero((text) => them.ask({ op: 'sign', ...signing, claims: text }), at)
          await us.ask({ op: 'verify', ...verifying, token })
        })
      }
    }
  }
}

// ─── Two names of one algorithm ──────────────────────────────────────────────

/** RFC 9864 calls it Ed25519; all of these libraries are older. */
export async function names({ waxseal, us, them, keysFor, check }) {
  if (!them.algorithms.includes('EdDSA')) return
  const { signing, verifying } = pairOf(them, them, await keysFor('EdDSA'), 'EdDSA')
  const { private: { jwk } } = await us.ask({ op: 'export', ...signing })
  const key = await waxseal.importJwk({ ...JSON.parse(jwk), alg: 'Ed25519' })
  const make = (algorithm) => waxseal.sign(JSON.parse(claims), key, algorithm && { algorithm })
  await check({ alg: 'EdDSA', way: 'from waxseal', what: 'a token named Ed25519 is unknown to it, algorithm: EdDSA helps' }, async () => {
    const token = await make()
    equal(headerOf(token).alg, 'Ed25519')
    await rejects(them.ask({ op: 'verify', ...verifying, token }))
    await them.ask({ op: 'verify', ...verifying, token: await make('EdDSA') })
  })
}

// ─── Times ───────────────────────────────────────────────────────────────────

/** Where a library looks at the clock, both refuse the same. */
export async function times({ us, them, keysFor, check }) {
  if (!them.can.includes('times')) return
  const { signing, verifying } = pairOf(them, them, await keysFor('HS256'), 'HS256')
  for (const [what, text, code] of [['expired', { exp: exp - 4200 }, 'ERR_JWT_EXPIRED'], ['not yet valid', { exp, nbf: exp - 1 }, 'ERR_JWT_NOT_YET_VALID']]) {
    for (const [way, signer, verifier] of [['to waxseal', them, us], ['from waxseal', us, them]]) {
      await check({ alg: 'HS256', way, what: `a token ${what} is refused` }, async () => {
        const token = await signer.ask({ op: 'sign', ...signing, claims: JSON.stringify(text) })
        const problem = await verifier.ask({ op: 'verify', ...verifying, token }).then(() => undefined, (error) => error)
        ok(problem, 'it was accepted')
        if (verifier === us) equal(problem.code, code)
      })
    }
  }
}
