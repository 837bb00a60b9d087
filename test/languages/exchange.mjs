// One library and waxseal: its keys, and every algorithm that both have, both ways.

import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict'
import { kindOf, pairOf, publicOf, taken, whyRefused } from './keys.mjs'
import { samples, tampered } from './tokens.mjs'

const plain = (value) => JSON.parse(JSON.stringify(value))

/** Every form of a key that the one signs with, and every form that the other verifies with. */
async function trade(check, signer, verifier, alg, maker, keys) {
  const [first, ...more] = taken(verifier, 'public', publicOf(keys), alg)
  const { claims, checks } = samples.registered
  const verified = async (token, key) => deepStrictEqual(plain(await verifier.ask({ op: 'verify', ...key, token, checks })), JSON.parse(claims))
  let token
  for (const key of first ? taken(signer, 'private', keys.private, alg) : []) {
    await check(`key of ${maker}, ${key.form} to ${first.form}`, async () => {
      token = await signer.ask({ op: 'sign', ...key, claims })
      await verified(token, first)
    })
  }
  for (const key of token ? more : []) await check(`key of ${maker}, to ${key.form}`, () => verified(token, key))
}

/** What a library wrote: waxseal takes what the standards have, finds the same key in it, and refuses the rest. */
async function take(check, us, alg, what, written, expected) {
  const good = {}
  for (const [part, forms] of Object.entries(written)) {
    good[part] = {}
    for (const [form, text] of Object.entries(forms)) {
      const why = whyRefused(form, text, alg)
      await check(`${what}, ${part} ${form} ${why ? `is refused: ${why}` : 'is taken'}`, async () => {
        if (why) return rejects(us.load({ form, text, alg }), { code: 'ERR_JWT_KEY' })
        const jwk = JSON.parse((await us.ask({ op: 'export', form, text, alg }))[part].jwk)
        if (expected) deepStrictEqual({ ...jwk, kid: '' }, { ...JSON.parse(expected[part].jwk), kid: '' })
        good[part][form] = text
      })
    }
  }
  return good
}

/**
 * A key of the library's own making. One that it writes too short, since a number in it begins with zeros, is made anew: what
 * becomes of those the key `leading zeros` shows every time, and so each run counts the same.
 */
async function make(them, alg) {
  const isShort = (made) => Object.values(made).some((forms) => Object.entries(forms).some(([form, text]) => /size/.test(whyRefused(form, text, alg))))
  let made
  for (let tries = 0; tries < 100 && (!made || isShort(made)); tries++) made = await them.ask({ op: 'make', alg })
  return made
}

/** Whether a coordinate of the point begins with a zero octet, which some libraries lose. */
async function hasLeadingZero(us, key) {
  const { x, y } = JSON.parse((await us.ask({ op: 'export', ...key })).public.jwk)
  return y !== undefined && [x, y].some((value) => Buffer.from(value, 'base64url')[0] === 0)
}

/** What JSON does to claims is asked with one algorithm of each family, this with every one. */
const often = new Set(['registered', 'unicode', 'kid, typ and more', 'long'])

export async function exchange({ us, them, keysFor, check }) {
  const can = (what) => them.can.split(' ').includes(what)
  const both = [['to waxseal', them, us], ['from waxseal', us, them]]
  const own = new Map() // by kind
  for (const alg of them.algorithms) {
    const kind = kindOf(alg)
    const isFirst = /256$|^EdDSA$/.test(alg)
    const judge = (way) => (what, attempt) => check({ alg, way, what }, attempt)
    const keys = await keysFor(alg)
    const canonical = keys.waxseal

    if (!own.has(kind)) {
      const made = can(kind === 'oct' ? 'makeSecret' : 'make') && await make(them, alg)
      own.set(kind, made && await take(judge('keys'), us, alg, 'made', made))
      for (const [maker, source] of can(kind === 'oct' ? 'exportSecret' : 'export') ? Object.entries(keys) : []) {
        const [given] = taken(them, 'private', source.private, alg)
        if (!given) continue
        const expected = maker === 'openssl' ? await us.ask({ op: 'export', ...taken(us, 'private', source.private, alg)[0] }) : source
        const written = await them.ask({ op: 'export', ...given })
        await take(judge('keys'), us, alg, `key of ${maker}, exported again`, written, expected)
      }
      if (can('thumbprint') && canonical.public) {
        for (const [maker, source] of Object.entries(keys)) {
          const zero = await hasLeadingZero(us, taken(us, 'public', source.public, alg)[0]) ? ' with a leading zero' : ''
          for (const key of taken(them, 'public', source.public, alg)) {
            await check({ alg, way: 'keys', what: `key of ${maker}${zero}, ${key.form}, thumbprint` }, async () => equal(await them.ask({ op: 'thumbprint', ...key }), await us.ask({ op: 'thumbprint', ...key })))
          }
        }
      }
    }

    for (const [way, signer, verifier] of both) {
      const makers = { ...keys, ...(own.get(kind) && { [them.name]: own.get(kind) }) }
      for (const [maker, material] of Object.entries(makers)) await trade(judge(way), signer, verifier, alg, maker, material)

      const { signing, verifying } = pairOf(signer, verifier, keys, alg)
      for (const [name, { claims, checks, header }] of Object.entries(samples)) {
        if (header && them.header === false || !isFirst && !often.has(name) || them.primitives && name !== 'registered') continue
        await check({ alg, way, what: name }, async () => {
          const token = await signer.ask({ op: 'sign', ...signing, claims, header })
          deepStrictEqual(plain(await verifier.ask({ op: 'verify', ...verifying, token, checks })), JSON.parse(claims))
          if (header) for (const [parameter, value] of Object.entries(header)) deepStrictEqual(JSON.parse(Buffer.from(token.split('.')[0], 'base64url'))[parameter], value)
        })
      }
      const token = await signer.ask({ op: 'sign', ...signing, claims: samples.registered.claims })
      for (const [name, bad] of Object.entries(tampered(token))) {
        await check({ alg, way, what: `${name} is refused` }, async () => {
          const verdict = await verifier.ask({ op: 'verify', ...verifying, token: bad, checks: samples.registered.checks }).then(() => undefined, (error) => error)
          ok(verdict, 'it was accepted')
          if (verifier === us) ok(/^ERR_JWT_(SIGNATURE|MALFORMED|ALGORITHM)$/.test(verdict.code), verdict)
        })
      }
    }
  }
}
