// Command line tools in the place of a driver: each answers what ./libraries.mjs describes. They want keys in files.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'waxseal-languages-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
let files = 0

export function file(content) {
  const path = join(folder, String(files++))
  writeFileSync(path, content)
  return path
}

/** What the command writes to its standard output, as bytes. */
export function run(command, args, input = '') {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { encoding: 'buffer', env: { ...process.env, LC_ALL: 'C.UTF-8' }, timeout: 30_000, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${command}: ${String(stderr).trim() || error.message}`)) : resolve(stdout))
    child.stdin.on('error', () => {}) // it may leave before it has read all
    child.stdin.end(input)
  })
}

const text = (bytes) => bytes.toString().trim()
const octets = (value) => Buffer.from(value, 'base64url')
const json = (value) => JSON.parse(value)
const without = (jwk, names) => JSON.stringify(Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name))))
const types = { RS: { kty: 'RSA', bits: 2048 }, PS: { kty: 'RSA', bits: 2048 }, ES256: { kty: 'EC', crv: 'P-256' }, ES384: { kty: 'EC', crv: 'P-384' }, ES512: { kty: 'EC', crv: 'P-521' }, HS: { kty: 'oct', bytes: 64 } }

export async function jose({ op, alg, text: jwk, header, claims, payload, token, form, kid, detached }) {
  if (op === 'make') jwk = text(await run('jose', ['jwk', 'gen', '-i', JSON.stringify(types[alg] ?? types[alg.slice(0, 2)])]))
  if (op === 'make' || op === 'export') {
    const { d, k } = json(jwk)
    if (k) return { private: { jwk } }
    return { ...(d && { private: { jwk } }), public: { jwk: text(await run('jose', ['jwk', 'pub', '-i', '-'], jwk)) } }
  }
  if (op === 'thumbprint') return text(await run('jose', ['jwk', 'thp', '-i', '-'], jwk))
  // The key says which algorithm it is for; the tool has no allowlist.
  const key = file(JSON.stringify({ ...form === 'set' ? json(jwk).keys.find((one) => one.kid === kid) : json(jwk), alg }))
  if (op.startsWith('sign')) {
    const content = op === 'sign' ? claims : octets(payload)
    return text(await run('jose', ['jws', 'sig', '-I', '-', '-k', key, '-s', JSON.stringify({ protected: { ...header, alg } }), '-c', ...(detached ? ['-O', '/dev/null'] : [])], content))
  }
  const read = await run('jose', ['jws', 'ver', '-i', file(token), '-k', key, ...(detached ? ['-I', file(octets(payload))] : ['-O', '-'])])
  if (detached) return payload
  return op === 'verify' ? json(read) : read.toString('base64url')
}

export async function rnbyc({ op, alg, text: jwk, claims, token }) {
  const names = { RS: 'RSA2048', PS: 'RSA2048', ES256: 'EC256', ES384: 'EC384', ES512: 'EC521', EdDSA: 'Ed25519', HS: 'oct512' }
  if (op === 'make' || op === 'export') {
    const from = op === 'make' ? ['-g', names[alg] ?? names[alg.slice(0, 2)]] : ['-f', file(jwk)]
    const { keys } = json(await run('rnbyc', ['-j', ...from]))
    const forms = keys.map((one) => ({ jwk: without(one, ['alg']) }))
    if (keys[0].k) return { private: forms[0] }
    const pem = text(await run('rnbyc', ['-j', '-f', file(forms[0].jwk), '-F', 'PEM']))
    return { private: { ...forms[0], [{ RSA: 'pkcs1', EC: 'sec1', OKP: 'pkcs8' }[keys[0].kty]]: pem }, ...(forms[1] && { public: forms[1] }) }
  }
  const key = file(JSON.stringify({ keys: [{ ...json(jwk), alg }] }))
  if (op === 'sign') return text(await run('rnbyc', ['-s', claims, '-K', key, '-a', alg]))
  const told = text(await run('rnbyc', ['-t', token, '-P', key])) // a sentence, then the claims
  return json(told.slice(told.indexOf('{')))
}

/** r and s as a DER SEQUENCE of INTEGERs. */
function toDer(signature) {
  const element = (tag, content) => Buffer.concat([Buffer.from(content.length > 127 ? [tag, 0x81, content.length] : [tag, content.length]), content])
  const halves = [signature.subarray(0, signature.length / 2), signature.subarray(signature.length / 2)].map((half) => {
    const short = half.subarray(half.findIndex((octet, index) => octet || index === half.length - 1))
    return element(2, short[0] > 127 ? Buffer.concat([Buffer.from([0]), short]) : short)
  })
  return element(0x30, Buffer.concat(halves))
}

/** Signatures of ES* stay in DER, for ecdsaFromDer to open. */
export async function openssl({ op, alg, form, text: key, input, signature }) {
  const content = octets(input)
  const hash = `-sha${alg.slice(2)}`
  if (form === 'secret') {
    const tag = await run('openssl', ['dgst', hash, '-mac', 'HMAC', '-macopt', `hexkey:${octets(key).toString('hex')}`, '-binary'], content)
    return op === 'raw' ? tag.toString('base64url') : tag.equals(octets(signature))
  }
  if (form === 'x509') key = await run('openssl', ['x509', '-pubkey', '-noout'], key)
  if (form === 'pkcs1' && op === 'check') key = await run('openssl', ['rsa', '-RSAPublicKey_in', '-pubout'], key)
  const pss = alg.startsWith('PS') ? ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest'] : []
  const way = alg === 'EdDSA' ? ['pkeyutl', '-rawin', '-in', file(content)] : ['dgst', hash, ...pss]
  if (op === 'raw') {
    return (await run('openssl', [...way, ...(alg === 'EdDSA' ? ['-sign', '-inkey', file(key)] : ['-sign', file(key)])], content)).toString('base64url')
  }
  const given = file(alg.startsWith('ES') ? toDer(octets(signature)) : octets(signature))
  const args = alg === 'EdDSA' ? ['-verify', '-pubin', '-inkey', file(key), '-sigfile', given] : ['-verify', file(key), '-signature', given]
  return run('openssl', [...way, ...args], content).then(() => true)
}
