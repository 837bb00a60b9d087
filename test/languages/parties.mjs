// A library of ./libraries.mjs as something to ask, and waxseal in the same shape.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { libraries } from './libraries.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const encode = (value) => Buffer.from(value).toString('base64url')

/** A driver that runs as long as it is asked: one line in, one line out. Claims are JSON text, sent as they are written. */
function start([command, ...args]) {
  const child = spawn(command, args, { cwd: here, stdio: 'pipe', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  const waiting = []
  let complaint = ''
  child.stderr.on('data', (data) => { complaint += data })
  child.stdin.on('error', () => {})
  const lose = (problem) => { while (waiting.length) waiting.shift().reject(new Error(`${command}: ${problem}\n${complaint.slice(0, 2000)}`)) }
  child.on('error', (error) => lose(error.message))
  child.on('close', () => lose('has left'))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { resolve, reject } = waiting.shift() ?? { resolve() {}, reject() {} }
    try {
      const { value, error } = JSON.parse(line)
      if (error === undefined) resolve(value)
      else reject(new Error(error))
    } catch {
      reject(new Error(`no answer in JSON: ${line.slice(0, 200)}`))
    }
  })
  return {
    ask: ({ claims, checks, ...request }) => new Promise((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null) return reject(new Error(`${command}: has left`))
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
      const settle = (settled) => (value) => { clearTimeout(timer); settled(value) }
      waiting.push({ resolve: settle(resolve), reject: settle(reject) })
      const line = JSON.stringify(claims === undefined ? request : { ...request, claims: '@' })
      child.stdin.write(`${claims === undefined ? line : line.replace('"claims":"@"', () => `"claims":${claims}`)}\n`)
    }),
    isThere: () => child.exitCode === null && child.signalCode === null,
    stop: () => child.stdin.end(),
  }
}

/** Tokens by hand, for who has only keys and signatures. */
function compose(ask, form, { ecdsaFromDer }) {
  return async ({ op, claims, header, payload, token, ...request }) => {
    if (op === 'make' || op === 'export') return ask({ op, ...request })
    if (op.startsWith('sign')) {
      const input = `${encode(JSON.stringify({ ...header, alg: request.alg }))}.${op === 'sign' ? encode(claims) : payload}`
      const signature = await ask({ ...request, op: 'raw', input: encode(input) })
      const isDer = form === 'der' && request.alg.startsWith('ES')
      return `${input}.${isDer ? encode(ecdsaFromDer(Buffer.from(signature, 'base64url'), request.alg)) : signature}`
    }
    const [head, body, signature] = token.split('.')
    if (JSON.parse(Buffer.from(head, 'base64url')).alg !== request.alg) throw new Error('another algorithm')
    if (!await ask({ ...request, op: 'check', input: encode(`${head}.${body}`), signature })) throw new Error('a wrong signature')
    return op === 'verify' ? JSON.parse(Buffer.from(body, 'base64url')) : body
  }
}

/** What is asked of a library, and how it ends. */
export function party(name, waxseal, binary) {
  const library = libraries[name]
  const { answer, command, primitives } = library
  const driver = answer ? { ask: answer, isThere: () => true, stop() {} } : start(command(name, binary))
  const ask = primitives ? compose(driver.ask, primitives, waxseal) : driver.ask
  return Object.assign({ name }, library, driver, { ask })
}

/** `checks` are the options of verify, besides the allowlist. */
export function ours(waxseal, { signBytes, verifyBytes }) {
  const { exportJwk, exportPem, generateKey, importJwk, importPem, importSecret, sign, thumbprint, verify } = waxseal
  const loaded = new Map()
  const load = ({ form, text, alg }) => {
    const name = [form, alg, text].join()
    return loaded.get(name) ?? loaded.set(name, importKey(form, text, alg)).get(name)
  }
  const importKey = (form, text, alg) => {
    if (form === 'secret') return importSecret(Buffer.from(text, 'base64url'), alg, { extractable: true })
    return form === 'jwk' ? importJwk(JSON.parse(text), alg, { extractable: true }) : importPem(text, alg, { extractable: true })
  }
  const forms = async (key, pem) => ({ jwk: JSON.stringify(await exportJwk(key)), ...(pem && { [pem]: await exportPem(key) }) })
  const ops = {
    async make({ alg }) {
      const key = await generateKey(alg, { extractable: true })
      return key.type ? { private: await forms(key) } : { private: await forms(key.privateKey, 'pkcs8'), public: await forms(key.publicKey, 'spki') }
    },
    async export(request) {
      const key = await load(request)
      if (key.type === 'secret') return { private: await forms(key) }
      const publicOf = (one) => importJwk(JSON.parse(one.jwk), request.alg).then((half) => forms(half, 'spki'))
      if (key.type === 'public') return { public: await forms(key, 'spki') }
      return { private: await forms(key, 'pkcs8'), public: await publicOf({ jwk: JSON.stringify(await exportJwk(key, { public: true })) }) }
    },
    thumbprint: async (key) => thumbprint(await load(key)),
    sign: async ({ claims, header: { kid: keyId, typ: type, ...header } = {}, ...key }) => {
      const payload = JSON.parse(claims)
      return sign(payload, await load(key), { issuedAt: false, ...(!('exp' in payload) && { expiresIn: false }), ...(keyId && { keyId }), ...(type && { type }), header, ...(key.form === 'secret' && { algorithm: key.alg }) })
    },
    verify: async ({ token, checks, ...key }) => (await verify(token, await load(key), { algorithms: [key.alg], ...checks })).payload,
    signBytes: async ({ payload, ...key }) => signBytes(Buffer.from(payload, 'base64url'), await load(key)),
    verifyBytes: async ({ token, ...key }) => encode((await verifyBytes(token, await load(key), { algorithms: [key.alg] })).payload),
  }
  return { name: 'waxseal', ...libraries.jwcrypto, load, ask: ({ op, ...request }) => ops[op](request), stop() {} }
}
