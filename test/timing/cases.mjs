// What is measured: two classes of inputs each, which must take the same time although a secret tells them apart.
// The controls come first: one where there is nothing to see, and two that leak on purpose and must be caught.

const octets = 32
const text = new TextEncoder()

/** Compares as nobody should: it stops at the first difference. */
function stopEarly(a, b) {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const random = (length) => crypto.getRandomValues(new Uint8Array(length))

/**
 * Gives `{ name, kind, inner, samples, classes: [first, last], prepare?, run }`: `run(input)` is timed `inner` times per
 * sample. `first` differs in the first octet, `last` in the last, so that its prefix is right.
 */
export async function makeCases({ lib, node }) {
  const { constantTimeEqual, importSecret, sign, base64url, createVerifier } = lib
  const key = random(64)
  const long = random(1024)
  const tag = random(octets)
  /** Both classes in one and the same array, written anew before each sample: where an array lies in memory is seen in its time. */
  const pairs = (bytes) => {
    const b = bytes.slice()
    return [0, bytes.length - 1].map((at) => ({ a: bytes, b, at }))
  }
  const differ = ({ a, b, at }) => {
    b.set(a)
    b[at] ^= 0x55
  }

  const hmac = await importSecret(key, 'HS256')
  const options = { algorithms: ['HS256'] }
  const token = await sign({ sub: 'alice', nonce: 'n'.repeat(32) }, hmac, { expiresIn: '1h' })
  const [header, payload, signature] = token.split('.')
  const mac = base64url.decode(signature)
  /** Several forged tokens per class, so that no single string decides: after the octet that differs all is alike or random. */
  const forged = [0, octets - 1].map((at) => Array.from({ length: 32 }, (_, i) => `${header}.${payload}.${base64url.encode(mac.map((octet, j) => j === at ? octet ^ 1 + i : octet))}`))
  const nonces = await Promise.all([0, 31].map((at) => Promise.all(Array.from({ length: 16 }, (_, i) => sign(
    { sub: 'alice', nonce: 'n'.repeat(at) + String.fromCharCode(65 + i) + 'n'.repeat(31 - at) }, hmac, { expiresIn: '1h' })))))
  const ignore = async (promise) => { await promise.catch(() => {}) }
  const ignoreSync = (call) => { try { call() } catch { /* refused, as it must be */ } }
  const pick = (list) => list[Math.random() * list.length | 0]

  const verifier = createVerifier(hmac, options)
  const withNonce = createVerifier(hmac, { ...options, nonce: 'n'.repeat(32) })

  /** A secret that was remembered and then changed in place: what is compared is what it was with what it is. */
  const changing = (where) => {
    const view = key.slice()
    return { view, at: where }
  }

  const cases = [
    { name: 'control: the same class twice', kind: 'null', inner: 100, samples: 30_000, classes: Array(2).fill(pairs(tag)[0]), prepare: differ, run: ({ a, b }) => constantTimeEqual(a, b) },
    { name: 'control: a loop that stops early', kind: 'leak', inner: 100, samples: 30_000, classes: pairs(tag), prepare: differ, run: ({ a, b }) => stopEarly(a, b) },
    { name: 'control: a loop that stops early, inside an awaited verification', kind: 'leak', inner: 1, samples: 15_000, classes: pairs(random(16384)), prepare: differ, run: async ({ a, b }) => { stopEarly(a, b); await ignore(verifier(forged[0][0])) } },
    { name: 'constantTimeEqual, 32 octets', kind: 'test', inner: 100, samples: 30_000, classes: pairs(tag), prepare: differ, run: ({ a, b }) => constantTimeEqual(a, b) },
    { name: 'constantTimeEqual, 1024 octets', kind: 'test', inner: 10, samples: 30_000, classes: pairs(long), prepare: differ, run: ({ a, b }) => constantTimeEqual(a, b) },
    { name: 'verify: HS256 tag', kind: 'test', inner: 1, samples: 15_000, classes: forged, run: (tokens) => ignore(verifier(pick(tokens))) },
    { name: 'verify: nonce', kind: 'test', inner: 1, samples: 15_000, classes: nonces, run: (tokens) => ignore(withNonce(pick(tokens))) },
    {
      name: 'verify: a remembered secret that was changed', kind: 'test', inner: 1, samples: 8000, classes: [changing(0), changing(63)],
      async prepare({ view, at }) {
        view.set(key)
        await ignore(lib.verify(token, view, options))
        view[at] ^= 0x55
      },
      run: ({ view }) => ignore(lib.verify(token, view, options)),
    },
  ]
  if (node) {
    const verifierSync = node.createVerifierSync(key, options)
    const withNonceSync = node.createVerifierSync(key, { ...options, nonce: 'n'.repeat(32) })
    const cached = node.createVerifierSync(key, { ...options, cache: true })
    cached(token)
    cases.push(
      { name: 'verifySync: HS256 tag', kind: 'test', inner: 4, samples: 25_000, classes: forged, run: (tokens) => ignoreSync(() => verifierSync(pick(tokens))) },
      { name: 'verifySync: HS256 tag, beside a cache that holds the good token', kind: 'test', inner: 4, samples: 25_000, classes: forged, run: (tokens) => ignoreSync(() => cached(pick(tokens))) },
      { name: 'verifySync: nonce', kind: 'test', inner: 4, samples: 25_000, classes: nonces, run: (tokens) => ignoreSync(() => withNonceSync(pick(tokens))) },
      {
        name: 'verifySync: a remembered secret that was changed', kind: 'test', inner: 1, samples: 15_000, classes: [changing(0), changing(63)],
        prepare({ view, at }) {
          view.set(key)
          ignoreSync(() => node.verifySync(token, view, options))
          view[at] ^= 0x55
        },
        run: ({ view }) => ignoreSync(() => node.verifySync(token, view, options)),
      },
    )
  }
  return cases
}
