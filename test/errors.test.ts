import { describe, expect, it, vi } from 'vitest'
import { createVerifier, importJwk, importPem, importSecret, isJwtError, JwtError, keySet, safeVerify, type JwtErrorCode } from 'waxseal'
import { b64, claims, head, headerOf, hs256, misused, now, pair, pairToken, refused, sealed, secret, sign, thrown, token, verify, type Refusal } from './support/tokens'

const faults: Record<JwtErrorCode, 'token' | 'server'> = {
  ERR_JWT_MALFORMED: 'token', ERR_JWT_TOO_LARGE: 'token', ERR_JWT_ALGORITHM: 'token', ERR_JWT_CRITICAL: 'token', ERR_JWT_TYPE: 'token', ERR_JWT_KEY_NOT_FOUND: 'token', ERR_JWT_SIGNATURE: 'token',
  ERR_JWT_EXPIRED: 'token', ERR_JWT_NOT_YET_VALID: 'token', ERR_JWT_CLAIM: 'token', ERR_JWT_SCHEMA: 'token', ERR_JWT_REVOKED: 'token',
  ERR_JWT_KEY: 'server', ERR_JWT_UNSUPPORTED: 'server', ERR_JWKS_FETCH: 'server', ERR_JWKS_INVALID: 'server',
}

describe('JwtError', () => {
  it.each(Object.entries(faults))('%s is the fault of the %s', (code, fault) => {
    const error = new JwtError(code as JwtErrorCode, 'why')
    expect(error).toMatchObject({ name: 'JwtError', code, message: 'why', fault, issues: [{ code, message: 'why' }] })
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe('JwtError: why')
    expect(error.stack).toContain('why')
  })

  it('shows only code, message and claim in a log: the rest is not enumerable', async () => {
    const bare = await thrown(() => verify(token({ ...claims, iss: 'evil', email: 'alice@example.com' }), secret, { ...hs256, issuer: 'good' })) as Refusal
    expect(bare.payload).toMatchObject({ email: 'alice@example.com' })
    const shown = Object.keys(bare)
    expect(shown.filter((name) => !['code', 'message', 'claim'].includes(name))).toEqual([])
    expect(shown).toContain('code')
    expect(shown).toContain('claim')
    expect(JSON.stringify(bare)).not.toContain('alice')
    expect(JSON.stringify({ ...bare })).not.toContain('alice')
  })

  it('shows what was expected in a way that nobody can widen: a verifier does not learn from its errors', async () => {
    const issuer = ['a', 'b'], audience = ['c'], requiredHeader = { signer: ['x'] }
    for (const [options, evil] of [[{ issuer }, { iss: 'evil' }], [{ audience }, { aud: 'evil' }], [{ requiredHeader }, {}]] as const) {
      const verifier = createVerifier(secret, { algorithms: ['HS256'], now: () => new Date(now * 1000), ...options } as never)
      const refusals: Refusal[] = []
      for (let time = 0; time < 2; time++) {
        const error = await thrown(() => verifier(token({ ...claims, ...evil }, { ...head, signer: 'evil' }))) as Refusal
        for (const list of [error.expected, error.issues[0]!.expected] as string[][]) try { list.push('evil') } catch { /* frozen */ }
        refusals.push(error)
      }
      expect(refusals.map(({ code }) => code)).toEqual(['ERR_JWT_CLAIM', 'ERR_JWT_CLAIM'])
    }
  })

  it('issues say what was expected and what was got, whenever the error does', async () => {
    const error = await thrown(() => verify(token(claims, { ...head, alg: 'HS512' }), secret, hs256)) as Refusal
    expect(error.issues).toEqual([{ code: 'ERR_JWT_ALGORITHM', expected: ['HS256'], actual: 'HS512', message: error.message }])
    const required = await thrown(() => verify(token(claims), secret, { ...hs256, requiredHeader: { signer: 'x' } })) as Refusal
    expect(required.issues).toEqual([{ code: 'ERR_JWT_CLAIM', claim: 'header.signer', expected: 'x', message: required.message }])
    expect(new JwtError('ERR_JWT_KEY', 'x').issues).toEqual([{ code: 'ERR_JWT_KEY', message: 'x' }])
  })

  it('can be written to, as test runners do when they put what was expected and got in order for a report', async () => {
    const error = await refused('ERR_JWT_CLAIM', () => verify(token({ ...claims, iss: 'evil' }), secret, { ...hs256, issuer: 'me' }))
    for (const name of ['expected', 'actual', 'payload', 'header', 'claim']) {
      expect(Object.getOwnPropertyDescriptor(error, name)).toMatchObject({ writable: true, configurable: true, enumerable: name === 'claim' })
    }
  })

  it('is not changed by what somebody put into Object.prototype', async () => {
    const polluted = { enumerable: true, claim: 'evil', expected: 'evil', issues: ['evil'], fault: 'evil', get: () => 'evil' }
    const prototype = Object.prototype as unknown as Record<string, unknown>
    try {
      Object.assign(prototype, polluted)
      const error = await thrown(() => verify(token({ ...claims, exp: 1 }), secret, hs256)) as Refusal
      const early = await thrown(() => verify('x', secret, hs256)) as Refusal
      for (const name of Object.keys(polluted)) delete prototype[name]
      expect(Object.keys(error)).toEqual(['code', 'claim'])
      expect(error).toMatchObject({ code: 'ERR_JWT_EXPIRED', claim: 'exp', fault: 'token', payload: { exp: 1 } })
      expect(Object.keys(early)).toEqual(['code'])
      expect(early).toMatchObject({ code: 'ERR_JWT_MALFORMED', fault: 'token' })
      expect(early.issues.length).toBe(1)
    } finally {
      for (const name of Object.keys(polluted)) delete prototype[name]
    }
  })

  it('of the caller\'s own code is no verdict on a token: what a clock or a getter throws is a TypeError', async () => {
    const boom = (): never => { throw new JwtError('ERR_JWT_EXPIRED', 'mine') }
    const getter = (name: string, more: object = {}): object => Object.defineProperty({ ...more }, name, { enumerable: true, get: boom })
    for (const call of [
      () => verify(token(), secret, { ...hs256, now: boom }), () => safeVerify(token(), secret, { algorithms: ['HS256'], now: boom }), () => verify(token(), secret, getter('issuer', hs256)),
      () => sign(getter('role'), secret, { algorithm: 'HS256', expiresIn: 60 }), () => sign({}, secret, getter('issuer', { algorithm: 'HS256', expiresIn: 60 })),
    ]) await misused(call)
  })

  it('made of an issue keeps its own code and message', () => {
    const issue = { code: 'ERR_JWT_CLAIM', message: 'theirs', claim: 'iss', path: ['iss'], stack: 'none' } as const
    const error = new JwtError('ERR_JWT_KEY', 'mine', issue)
    expect([error.code, error.message, error.claim, Object.keys(error), error.stack === 'none', Object.hasOwn(error, 'path')]).toEqual(['ERR_JWT_KEY', 'mine', 'iss', ['code', 'claim'], false, false])
  })

  it('takes no stack where it becomes a value, and leaves the limit as it was: errors of the caller\'s have theirs', async () => {
    const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!
    const frames = (error: Error): number => error.stack!.split('\n    at ').length - 1
    const boom = (): never => { throw new Error('boom') }
    const refusal = async (key: unknown): Promise<Error & { cause?: Error }> => ((await safeVerify(token(), key as never, hs256 as never)) as { error: Error }).error
    const wrong = 'a secret of sixty-four octets, which no token here was made with.'
    expect(frames(await refusal(wrong))).toBe(0)
    expect(frames((await refusal(boom)).cause!)).toBeGreaterThan(0)
    expect(frames(await thrown(() => verify(token(), wrong, hs256)) as Error)).toBeGreaterThan(0)
    expect(Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')).toEqual(limit)
    try {
      Object.defineProperty(Error, 'stackTraceLimit', { writable: false }) // as hardened realms have it
      expect(await refusal(wrong)).toMatchObject({ code: 'ERR_JWT_SIGNATURE' })
      delete (Error as { stackTraceLimit?: number }).stackTraceLimit // as engines without it
      expect(await refusal(wrong)).toMatchObject({ code: 'ERR_JWT_SIGNATURE' })
      expect('stackTraceLimit' in Error).toBe(false)
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', limit)
    }
  })

  it('quotes no half of a character', async () => {
    const error = await thrown(() => verify(token({ ...claims, iss: `a${'😀'.repeat(40)}` }), secret, { ...hs256, issuer: 'good' }))
    expect((error as Error).message).not.toMatch(/\p{Cs}/u)
  })

  it('is known by instanceof and isJwtError, and nothing else is', () => {
    const error = new JwtError('ERR_JWT_KEY', 'x')
    expect([error instanceof JwtError, isJwtError(error)]).toEqual([true, true])
    const proxy = Proxy.revocable({}, {})
    proxy.revoke()
    const trap = new Proxy({}, { get() { throw new RangeError('trap') } })
    for (const other of [undefined, null, 0, '', 'JwtError', {}, [], new Error('x'), new TypeError('x'), { name: 'JwtError', code: 'ERR_JWT_EXPIRED' }, Object.assign(new Error('x'), { name: 'JwtError', code: 'ERR_JWT_KEY' }), () => 1, Symbol('x'), proxy.proxy, trap]) {
      expect([isJwtError(other), (other as unknown) instanceof JwtError]).toEqual([false, false])
    }
  })

  it('is known across copies of the package', async () => {
    vi.resetModules()
    const copy = await import('waxseal')
    expect(copy.JwtError).not.toBe(JwtError)
    const [mine, theirs] = [new JwtError('ERR_JWT_KEY', 'x'), new copy.JwtError('ERR_JWT_KEY', 'x')]
    for (const error of [mine, theirs]) expect((error as unknown as Record<symbol, unknown>)[Symbol.for('waxseal.JwtError')], 'the name that other versions look for').toBe(true)
    expect([copy.isJwtError(mine), isJwtError(theirs), (mine as unknown) instanceof copy.JwtError, (theirs as unknown) instanceof JwtError]).toEqual([true, true, true, true])
  })

  it('keys and sets of another copy of the package are taken, with their kid', async () => {
    vi.resetModules()
    const copy = await import('waxseal')
    const key = await copy.importSecret(secret, 'HS256', { keyId: 'theirs' })
    const text = await sign({}, key, { expiresIn: 60 })
    expect(headerOf(text)).toMatchObject({ kid: 'theirs' })
    for (const one of [copy.keySet([key]), keySet([key])]) expect((await verify(text, one, { algorithms: ['HS256'] })).header['kid']).toBe('theirs')
    await refused('ERR_JWT_KEY_NOT_FOUND', () => verify(text, copy.keySet([]), { algorithms: ['HS256'] }))
  })
})

describe('no message shows what nobody should read', () => {
  const canary = 'c4n4ry-8f3a9d2b7e6f'
  const long = `${canary}-that-is-long-enough-for-every-HMAC-algorithm-of-the-table`
  const hidden = { ...claims, jti: canary, nonce: `${canary}-nonce` }

  /** Everything of an error that a logger could print. */
  const shown = (error: Refusal): string => [error.message, String(error), JSON.stringify(error), error.stack, ...error.issues.map(({ message }) => message), String((error.cause as Error | undefined)?.message)].join('\n')

  const tries: Record<string, () => unknown> = {
    'jti of another value': () => verify(token(hidden), secret, { ...hs256, jwtId: 'other' }),
    'jti as the option': () => verify(token({ ...claims, jti: 'other' }), secret, { ...hs256, jwtId: canary }),
    'jti missing': () => verify(token(), secret, { ...hs256, jwtId: canary }),
    'jti of a wrong type': () => verify(token({ ...claims, jti: [canary] }), secret, hs256),
    'nonce of another value': () => verify(token(hidden), secret, { ...hs256, nonce: 'other' }),
    'nonce as the option': () => verify(token({ ...claims, nonce: 'other' }), secret, { ...hs256, nonce: canary }),
    'nonce of a wrong type': () => verify(token({ ...claims, nonce: { canary } }), secret, { ...hs256, nonce: 'x' }),
    'nonce missing': () => verify(token(), secret, { ...hs256, nonce: canary }),
    'everything at once': () => verify(token({ ...hidden, exp: 1, iss: 'x' }), secret, { ...hs256, nonce: 'x', jwtId: 'y', issuer: 'z', requiredClaims: ['jti', 'nonce', 'w'] }),
    'an expired token with them': () => verify(token({ ...hidden, exp: now }), secret, hs256),
    'a secret that is too short': () => verify(token(), canary, hs256),
    'a secret imported too short': () => importSecret(canary, 'HS256'),
    'the wrong secret': () => verify(token(), long, hs256),
    'a secret that is a JWK': () => importSecret(JSON.stringify({ kty: 'oct', k: long }), 'HS256'),
    'a secret from a function': () => verify(token(), () => canary, hs256),
    'a JWK with a bad member': () => importJwk({ kty: 'oct', k: `${canary}!` }, 'HS256'),
    'a JWK too short': () => importJwk({ kty: 'oct', k: b64(canary) }, 'HS256'),
    'a private JWK that does not match': () => importJwk({ ...pair('ES256').privateJwk, d: b64(canary.repeat(2).slice(0, 32)) } as object, 'ES256'),
    'a PEM with rubbish': () => importPem(`-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----`, 'RS256'),
    'a token that is malformed': () => verify(`${canary}.${canary}`, secret, hs256),
    'a token with rubbish in a segment': () => verify(`${b64(head)}.${canary}!.AAAA`, secret, hs256),
    'a payload that is no JSON': () => verify(sealed(b64(head), b64(canary)), secret, hs256),
    'a forged signature': () => verify(`${b64(head)}.${b64(hidden)}.${b64(new Uint8Array(32))}`, secret, hs256),
    'a Signer that throws': () => sign({}, { algorithm: 'HS256', sign: () => { throw new Error('down') }, secret: canary }, { expiresIn: 60 }),
  }
  it.each(Object.keys(tries))('%s', async (name) => {
    const error = await thrown(tries[name]!) as Refusal
    expect(isJwtError(error)).toBe(true)
    expect(shown(error)).not.toContain(canary)
    expect(shown(error)).not.toContain(b64(canary).slice(0, 12))
  })

  const misuses: Record<string, () => unknown> = {
    'a secret in the place of the options': () => verify(token(), secret, canary),
    'a secret in the place of the token\'s list': () => verify(token(), secret, { algorithms: canary }),
    'a secret beside RS256': () => verify(token(), long, { algorithms: ['RS256'] }),
    'a secret without an algorithm': () => sign({}, long, { expiresIn: 60 }),
    'a PEM': () => sign({}, `-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----`, { algorithm: 'RS256', expiresIn: 60 }),
    'a JWK': () => sign({}, { kty: 'oct', k: canary }, { algorithm: 'HS256', expiresIn: 60 }),
    'an array around a secret': () => verify(token(), [canary], hs256),
    'a nonce of a wrong type': () => verify(token(), secret, { ...hs256, nonce: [canary] }),
    'a jti in payload and options': () => sign({ jti: canary }, secret, { algorithm: 'HS256', expiresIn: 60, jwtId: canary }),
    'a jti of a wrong type': () => sign({ jti: [canary] }, secret, { algorithm: 'HS256', expiresIn: 60 }),
  }
  it.each(Object.keys(misuses))('TypeError: %s', async (name) => {
    const error = await thrown(misuses[name]!) as TypeError
    expect(error).toBeInstanceOf(TypeError)
    expect(`${error.message}${error.stack}`).not.toContain(canary)
  })

  it('TypeError: a secret, a key or a jti that is a number is not shown either', async () => {
    for (const call of [() => importSecret(8675309 as never, 'HS256'), () => verify(token(), 8675309, hs256), () => sign({}, 8675309, { algorithm: 'HS256', expiresIn: 60 }), () => sign({ jti: 8675309 }, secret, { algorithm: 'HS256', expiresIn: 60 }), () => verify(token(), secret, { ...hs256, nonce: 8675309 })]) {
      const error = await thrown(call) as TypeError
      expect(error).toBeInstanceOf(TypeError)
      expect(error.message).not.toContain('8675309')
    }
  })

  it('TypeError: of what was got the type is said, if it was given at all', async () => {
    expect((await misused(() => verify(token(), secret, { ...hs256, nonce: 8675309 }))).message).toBe('verify nonce: expected a non-empty string, got number')
    expect((await misused(() => verify(token(), secret, {}))).message).toBe("verify algorithms: expected the names that you accept, such as ['ES256']")
  })

  it('a token of a whole message is in none: not its segments, not its signature', async () => {
    for (const text of [token({ exp: 1 }), token({ ...claims, iss: 'x' }), token(claims, { alg: 'HS512' }), pairToken('ES256'), token(claims, { ...head, crit: ['x'] }), token(claims, { ...head, typ: 'x' }), `${token()}x`, `${token()} `, token(claims, head, 'x')]) {
      const error = await thrown(() => verify(text, secret, { ...hs256, issuer: 'me' })) as Refusal
      expect(isJwtError(error)).toBe(true)
      for (const segment of text.split('.')) expect(shown(error)).not.toContain(segment.slice(0, 16))
    }
  })
})

describe('text of a stranger in a message is JSON-quoted and cut at 60 characters', () => {
  const long = 'x'.repeat(5000)
  const tries: [string, () => unknown][] = [
    ['alg', () => verify(token(claims, { alg: long }), secret, hs256)],
    ['typ', () => verify(token(claims, { ...head, typ: long }), secret, hs256)],
    ['crit', () => verify(token(claims, { ...head, crit: [long] }), secret, hs256)],
    ['kid', () => verify(token(claims, { ...head, kid: long }), keySet([]), hs256)],
    ['kid, by a function', () => verify(token(claims, { ...head, kid: long }), () => null, hs256)],
    ['iss', () => verify(token({ ...claims, iss: long }), secret, { ...hs256, issuer: 'me' })],
    ['aud', () => verify(token({ ...claims, aud: [long, long] }), secret, hs256)],
    ['sub of a wrong type', () => verify(token({ ...claims, sub: { [long]: long } }), secret, hs256)],
    ['exp of a wrong type', () => verify(token({ exp: long }), secret, hs256)],
    ['requiredHeader', () => verify(token(claims, { ...head, signer: long }), secret, { ...hs256, requiredHeader: { signer: 'x' } })],
    ['crv of a JWK', () => importJwk({ kty: 'EC', crv: long }, 'ES256')],
  ]
  it.each(tries)('%s', async (_, call) => {
    const error = await thrown(call) as Refusal
    expect(isJwtError(error)).toBe(true)
    expect(error.message).not.toContain('x'.repeat(61))
    for (const { message } of error.issues) expect(message.length).toBeLessThan(400)
  })

  it.each<[unknown, string]>([
    ['evil', '"evil"'], ['', '""'], ['x'.repeat(58), `"${'x'.repeat(58)}"`], ['x'.repeat(59), `"${'x'.repeat(58)}…`], [long, `"${'x'.repeat(58)}…`],
    [5, '5'], [null, 'null'], [false, 'false'], [{ a: 1 }, 'an object'], [[], '[]'], [['a', 'b'], '["a","b"]'], [['a', ['b'], { c: 1 }, null, 5], '["a",an array,an object,null,5]'],
    [Array(5000).fill(1), `[${'1,'.repeat(29)}…`], [[long, long], `["${'x'.repeat(57)}…`],
  ])('what a message says of %j', async (iss, shown) => {
    const error = await refused('ERR_JWT_CLAIM', () => verify(token({ ...claims, iss }), secret, { ...hs256, issuer: 'me' }))
    expect(error.message).toBe(`iss: expected ${typeof iss === 'string' ? 'me' : 'a string'}, got ${shown}`)
  })

  it('and what was not there is not said to have been got', async () => {
    expect((await refused('ERR_JWT_CLAIM', () => verify(token(), secret, { ...hs256, issuer: 'me' }))).message).toMatch(/^iss: expected the claim to be there$/)
  })

  it('and cannot break a line or leave its quotes', async () => {
    for (const text of ['a\nERROR admin logged in', '"]} ok', '\u001b[31m', '\r\n\r\n']) {
      for (const call of [() => verify(token(claims, { alg: text }), secret, hs256), () => verify(token({ ...claims, iss: text }), secret, { ...hs256, issuer: 'me' }), () => verify(token(claims, { ...head, kid: text }), () => null, hs256), () => verify(token(claims, { ...head, typ: text }), secret, hs256)]) {
        const { message } = await thrown(call) as Refusal
        expect(message).not.toMatch(/[\n\r\u001b]/)
        expect(message).not.toMatch(/(^|[^\\])"\]} ok/)
      }
    }
  })

  it('and does not write an option of its own into the line that the message proposes', async () => {
    const { message } = await refused('ERR_JWT_TYPE', () => verify(token(claims, { ...head, typ: "a', requireExpiry: false, x: '" }), secret, hs256))
    expect(message).not.toContain("type: 'a', requireExpiry: false")
    expect((await refused('ERR_JWT_TYPE', () => verify(token(claims, { ...head, typ: 'at+jwt' }), secret, hs256))).message).toContain("type: 'at+jwt'")
  })
})
