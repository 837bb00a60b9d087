// `npm run demo`: good tokens accepted, five bad ones refused, for HS256, RS256 and ES256. Uses the built package as an
// application would. Exits 1 if anything does not behave.

import { base64url, exportPem, generateKey, safeVerify, sign } from 'waxseal'

const { env, stdout } = process
const isColoured = env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : Boolean(stdout.isTTY && !env.NO_COLOR && env.TERM !== 'dumb')
const paint = (code) => (text) => isColoured ? `\x1b[${code}m${text}\x1b[0m` : text
const bold = paint(1)
const dim = paint(2)
const red = paint(31)
const green = paint(32)

stdout.on('error', () => process.exit()) // `npm run demo | head` closes the pipe early

const utf8 = (text) => new TextEncoder().encode(text)
const json = (value) => base64url.encode(utf8(JSON.stringify(value)))

const issuer = 'https://login.example.com'
const audience = 'https://api.example.com'
const policy = { issuer, audience, type: 'at+jwt' } // an access token, RFC 9068
const claims = { client_id: 'web-shop', scope: 'orders:read orders:write' }
const settings = { issuer, audience, subject: 'user-4711', jwtId: true, expiresIn: '15m', type: 'at+jwt' }

// ─── the attacks ─────────────────────────────────────────────────────────────

/** Another payload under the old signature. */
function tamper(token) {
  const [header, payload, signature] = token.split('.')
  const changed = JSON.parse(new TextDecoder().decode(base64url.decode(payload)))
  return `${header}.${json({ ...changed, sub: 'admin' })}.${signature}`
}

/** No signature, and a header that says so. */
function unsign(token) {
  return `${json({ alg: 'none', typ: 'at+jwt' })}.${token.split('.')[1]}.`
}

/** HS256, with the text of the public key, which everybody has, as its secret. waxseal will not do it: plain WebCrypto. */
async function confuse(token, pem) {
  const input = `${json({ alg: 'HS256', typ: 'at+jwt' })}.${token.split('.')[1]}`
  const key = await crypto.subtle.importKey('raw', utf8(pem), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return `${input}.${base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(input))))}`
}

// ─── what is shown ───────────────────────────────────────────────────────────

let surprises = 0

function line(label, text) {
  console.log(`  ${dim(label.padEnd(9))}${text}`)
}

/** The members of an object, as many on a line as fit. */
function show(label, value) {
  const members = Object.entries(value).map(([name, member]) => `${name}: ${JSON.stringify(member)}`)
  while (members.length) {
    let text = members.shift()
    while (members.length && `${text}, ${members[0]}`.length <= 88) text += `, ${members.shift()}`
    line(label, text)
    label = ''
  }
}

function judge(label, result, expected) {
  const got = result.ok ? 'accepted' : result.error.code
  const isRight = got === expected
  if (!isRight) surprises++
  const colour = isRight ? green : red
  console.log(`  ${colour(isRight ? '✓' : '✗')} ${label.padEnd(16)}${result.ok ? '' : 'refused  '}${colour(got)}${isRight ? '' : `, expected ${expected}`}`)
  if (!result.ok) console.log(`    ${dim(result.error.message)}`)
}

async function demonstrate(algorithm, title, { signingKey, verifyKey, publicPem }) {
  console.log(`\n${bold(`${algorithm}, ${title}`)}`)
  const check = { ...policy, algorithms: [algorithm] }

  const token = await sign(claims, signingKey, settings)
  line('token', `${token.slice(0, 60)}${dim(`… ${token.length} characters`)}`)
  const good = await safeVerify(token, verifyKey, check)
  if (good.ok) {
    show('header', good.header)
    show('claims', good.payload)
  }
  judge('as signed', good, 'accepted')

  judge('tampered', await safeVerify(tamper(token), verifyKey, check), 'ERR_JWT_SIGNATURE')
  const anHourAgo = () => new Date(Date.now() - 3_600_000)
  judge('expired', await safeVerify(await sign(claims, signingKey, { ...settings, now: anHourAgo }), verifyKey, check), 'ERR_JWT_EXPIRED')
  judge('alg: none', await safeVerify(unsign(token), verifyKey, check), 'ERR_JWT_ALGORITHM')
  // Against a key pair the header's HS256 is not allowed. Against HS256 it takes a server whose secret is, by a slip, the
  // bytes of a public key file.
  judge('key-confused', await safeVerify(await confuse(token, publicPem), algorithm === 'HS256' ? utf8(publicPem) : verifyKey, check),
    algorithm === 'HS256' ? 'ERR_JWT_KEY' : 'ERR_JWT_ALGORITHM')
  judge('wrong audience', await safeVerify(token, verifyKey, { ...check, audience: 'https://files.example.com' }), 'ERR_JWT_CLAIM')
}

console.log(`${bold('waxseal')} ${dim('· keys made a moment ago, tokens signed and verified, forgeries refused')}`)

const secret = await generateKey('HS256')
const rsa = await generateKey('RS256')
const ec = await generateKey('ES256')
const rsaPem = await exportPem(rsa.publicKey)
await demonstrate('HS256', 'one secret on both sides', { signingKey: secret, verifyKey: secret, publicPem: rsaPem })
await demonstrate('RS256', 'RSA, 2048 bits', { signingKey: rsa.privateKey, verifyKey: rsa.publicKey, publicPem: rsaPem })
await demonstrate('ES256', 'ECDSA on P-256', { signingKey: ec.privateKey, verifyKey: ec.publicKey, publicPem: await exportPem(ec.publicKey) })

console.log(surprises ? `\n${red(`${surprises} did not behave`)}` : `\n${green('All as it should be:')} 3 tokens accepted, 15 refused. This file: test/demo/demo.mjs`)
process.exitCode = surprises ? 1 : 0
