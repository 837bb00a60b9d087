// One cold start, in a process that has loaded nothing else: see startup.mjs. Key material as each library is given it
// by its users: HMAC secrets as text or bytes, public keys as JWK or PEM.

const [library, text] = process.argv.slice(2)
const { door, algorithm, secret, jwk, pem, token } = JSON.parse(text)

const first = {
  async waxseal({ importJwk, verify }) {
    return (await verify(token, secret ?? await importJwk(jwk, algorithm), { algorithms: [algorithm], audience: 'https://api.example' })).payload
  },
  async 'waxseal/node'({ importJwkSync, verifySync }) {
    return verifySync(token, secret ?? importJwkSync(jwk, algorithm), { algorithms: [algorithm], audience: 'https://api.example' }).payload
  },
  async jose({ importJWK, jwtVerify }) {
    return (await jwtVerify(token, secret ? new TextEncoder().encode(secret) : await importJWK(jwk, algorithm), { algorithms: [algorithm], audience: 'https://api.example' })).payload
  },
  async hono({ verify }) {
    return verify(token, secret ?? jwk, { alg: algorithm, aud: 'https://api.example' })
  },
  async tsndr({ default: { verify } }) {
    return (await verify(token, secret ?? jwk, { algorithm, throwError: true })).payload
  },
  async 'fast-jwt'({ default: { createVerifier } }) {
    return createVerifier({ key: secret ?? pem, algorithms: [algorithm], allowedAud: 'https://api.example' })(token)
  },
  async jsonwebtoken({ default: { verify } }) {
    return verify(token, secret ?? pem, { algorithms: [algorithm], audience: 'https://api.example' })
  },
}

const start = performance.now()
const module = await import(door)
const loaded = performance.now() - start
const { sub: subject } = await first[library](module)
console.log(JSON.stringify({ loaded, verified: performance.now() - start, subject }))
