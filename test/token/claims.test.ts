import { describe, expect, it } from 'vitest'
import { at, claims, doors, everyDoor, hs256, misused, now, refused, secret, token, verify, type Refusal } from '../support/tokens'

/** Claims, beside an expiry that does not matter here. */
const check = (payload: object | string, options: object = {}): Promise<unknown> =>
  everyDoor(token(typeof payload === 'string' ? payload : { exp: now + 60, ...payload }), secret, { ...hs256, ...options })

const lastSecond = 253402300799

describe('exp', () => {
  it('accepts exp = now + 1, and a fraction above now; refuses exp = now, and below', async () => {
    for (const exp of [now + 1, now + 0.001, now + 0.5, lastSecond]) await check({ exp })
    for (const exp of [now, now - 0.001, now - 0.5, now - 1, 1, 0, -0]) {
      const error = await refused('ERR_JWT_EXPIRED', () => check({ exp }), { claim: 'exp' })
      expect(error.payload).toEqual({ exp: exp + 0 })
      expect(error.header).toEqual({ alg: 'HS256', typ: 'JWT' })
    }
  })

  it('does not round the clock', async () => {
    await check({ exp: now }, { now: at(now - 0.001) })
    await refused('ERR_JWT_EXPIRED', () => check({ exp: now + 0.5 }, { now: at(now + 0.5) }))
    await refused('ERR_JWT_EXPIRED', () => check({ exp: now + 0.5 }, { now: at(now + 0.999) }))
    await check({ exp: now + 0.5 }, { now: at(now + 0.499) })
  })

  it('with tolerance: exp + tolerance = now refused, one millisecond earlier accepted', async () => {
    await refused('ERR_JWT_EXPIRED', () => check({ exp: now - 10 }, { clockTolerance: 10 }))
    await check({ exp: now - 10 }, { clockTolerance: '10s', now: at(now - 0.001) })
    await check({ exp: now - 9 }, { clockTolerance: 10 })
    await check({ exp: now - 599 }, { clockTolerance: '10m' })
    await refused('ERR_JWT_EXPIRED', () => check({ exp: now - 600 }, { clockTolerance: '10m' }))
  })

  it('must be there unless requireExpiry: false, and is checked all the same', async () => {
    await refused('ERR_JWT_CLAIM', () => check('{}'), { claim: 'exp' })
    expect((await refused('ERR_JWT_CLAIM', () => check('{}', { requireExpiry: true }), { claim: 'exp' })).message).toContain('requireExpiry: false')
    await check('{}', { requireExpiry: false })
    await refused('ERR_JWT_EXPIRED', () => check({ exp: now }, { requireExpiry: false }))
    await refused('ERR_JWT_CLAIM', () => check('{}', { requireExpiry: false, requiredClaims: ['exp'] }), { claim: 'exp' })
    await refused('ERR_JWT_CLAIM', () => check('{"__proto__":{"exp":9999999999}}'), { claim: 'exp' })
  })

  it('survives 2038 and the year 9999', async () => {
    await check({ exp: 2 ** 31 + 1 }, { now: at(2 ** 31) })
    await refused('ERR_JWT_EXPIRED', () => check({ exp: 2 ** 31 }, { now: at(2 ** 31) }))
    await check({ exp: lastSecond }, { now: at(lastSecond - 1) })
  })
})

describe('nbf', () => {
  it('accepts nbf = now and refuses anything above', async () => {
    for (const nbf of [now, now - 1, now - 0.001, 0]) await check({ nbf })
    for (const nbf of [now + 0.001, now + 1, lastSecond]) {
      const error = await refused('ERR_JWT_NOT_YET_VALID', () => check({ nbf }), { claim: 'nbf' })
      expect(error.payload).toMatchObject({ nbf })
    }
  })

  it('with tolerance: nbf - tolerance = now accepted, one millisecond earlier refused', async () => {
    await check({ nbf: now + 10 }, { clockTolerance: 10 })
    await refused('ERR_JWT_NOT_YET_VALID', () => check({ nbf: now + 10 }, { clockTolerance: 10, now: at(now - 0.001) }))
    await refused('ERR_JWT_NOT_YET_VALID', () => check({ nbf: now + 11 }, { clockTolerance: 10 }))
  })
})

describe('iat and maxAge', () => {
  it('without maxAge an iat in the future or long past is accepted', async () => {
    for (const iat of [now + 1000, 0, 1, lastSecond, now + 0.5]) await check({ iat })
  })

  it('accepts while now < iat + maxAge: one second inside accepted, the bound refused as ERR_JWT_CLAIM, not EXPIRED', async () => {
    await check({ iat: now - 59 }, { maxAge: 60 })
    await check({ iat: now - 59.999 }, { maxAge: '1m' })
    await check({ iat: now }, { maxAge: 1 })
    for (const iat of [now - 60, now - 60.001, now - 61, 0]) await refused('ERR_JWT_CLAIM', () => check({ iat }, { maxAge: '1m' }), { claim: 'iat' })
  })

  it('with tolerance: iat + maxAge + tolerance = now refused, below accepted', async () => {
    await check({ iat: now - 69 }, { maxAge: 60, clockTolerance: 10 })
    await refused('ERR_JWT_CLAIM', () => check({ iat: now - 70 }, { maxAge: 60, clockTolerance: 10 }), { claim: 'iat' })
  })

  it('refuses an iat in the future beyond tolerance: ERR_JWT_NOT_YET_VALID', async () => {
    await check({ iat: now + 10 }, { maxAge: 60, clockTolerance: 10 })
    await refused('ERR_JWT_NOT_YET_VALID', () => check({ iat: now + 10.001 }, { maxAge: 60, clockTolerance: 10 }), { claim: 'iat' })
    await refused('ERR_JWT_NOT_YET_VALID', () => check({ iat: now + 0.001 }, { maxAge: 60 }), { claim: 'iat' })
  })

  it('needs iat', async () => {
    await refused('ERR_JWT_CLAIM', () => check({}, { maxAge: 60 }), { claim: 'iat' })
  })
})

describe('registered claims have their types, whether an option asks for them or not', () => {
  const never = ['null', 'true', 'false', '{}', '[[]]', '[null]', '[1]', '[["a"]]', '{"0":"a","length":1}']
  const wrong: Record<string, string[]> = {
    iss: [...never, '0', '1', '[]', '["a"]'], sub: [...never, '0', '1', '[]', '["a"]'], jti: [...never, '0', '1', '[]', '["a"]'], aud: [...never, '0', '1', '["a",1]', '["a",["b"]]', '["a",null]'],
    ...Object.fromEntries(['exp', 'nbf', 'iat'].map((claim) => [claim, [...never, '[]', '""', '"1700000060"', `"${now + 60}"`, '"never"', '-1', '-0.5', '-1e400', '1e400', '253402300800', '253402300799.5', `${now * 1000}`, '9e15']])),
  }
  it.each(Object.keys(wrong))('%s of a wrong type, or out of range, is ERR_JWT_CLAIM, not an absence (CVE-2026-25537, CVE-2026-44459)', async (claim) => {
    for (const value of wrong[claim]!) {
      const error = await refused('ERR_JWT_CLAIM', () => check(`{${claim === 'exp' ? '' : `"exp":${now + 60},`}"${claim}":${value}}`, { audience: false, requireExpiry: false }), { claim })
      expect(error.message).toContain(claim)
      expect(error.payload).toEqual(JSON.parse(`{${claim === 'exp' ? '' : `"exp":${now + 60},`}"${claim}":${value}}`))
    }
  })

  it('says seconds when a time is in milliseconds', async () => {
    for (const claim of ['exp', 'nbf', 'iat']) expect((await refused('ERR_JWT_CLAIM', () => check({ [claim]: now * 1000 }), { claim })).message).toContain('seconds')
  })

  it('accepts each with its type, empty strings and lists too', async () => {
    await check({ iss: '', sub: '', jti: '', aud: '', iat: 0, nbf: 0 }, { audience: false })
    await check({ iss: 'a', sub: 'b', jti: 'c', aud: ['', 'a'], iat: 0.5, nbf: 1.5, exp: lastSecond }, { audience: false })
    await check({ aud: [] }, { audience: false })
    await refused('ERR_JWT_EXPIRED', () => check({ exp: 0 }))
    await refused('ERR_JWT_NOT_YET_VALID', () => check({ nbf: lastSecond }))
  })

  it('private claims are free', async () => {
    const free = { scope: 5, roles: null, nonce: [1], constructor: 1, toString: 'x', valueOf: {}, hasOwnProperty: false, azp: { a: [{}] } }
    expect((await check(free) as { payload: object }).payload).toEqual({ exp: now + 60, ...free })
  })
})

describe('audience', () => {
  it('of a token is refused when the caller does not say who they are (RFC 7519 4.1.3, CVE-2025-62610)', async () => {
    for (const aud of ['api', '', ['api'], []]) await refused('ERR_JWT_CLAIM', () => check({ aud }), { claim: 'aud' })
    expect((await refused('ERR_JWT_CLAIM', () => check({ aud: 'api' }))).message).toContain('audience')
    await check({})
    for (const aud of ['api', [], ['a', 'b']]) await check({ aud }, { audience: false })
    await check({}, { audience: false })
  })

  it('one of mine must be one of the token\'s', async () => {
    for (const aud of ['api', ['api'], ['x', 'api'], ['api', 'api']]) {
      await check({ aud }, { audience: 'api' })
      await check({ aud }, { audience: ['api'] })
      await check({ aud }, { audience: ['y', 'api'] })
    }
    for (const aud of ['', 'apis', 'ap', 'API', ' api', 'api ', [], [''], ['x'], ['api,x'], ['apix', 'xapi'], 'api\0', 'https://api']) {
      await refused('ERR_JWT_CLAIM', () => check({ aud }, { audience: 'api' }), { claim: 'aud' })
      await refused('ERR_JWT_CLAIM', () => check({ aud }, { audience: ['api', 'api2'] }), { claim: 'aud' })
    }
    await refused('ERR_JWT_CLAIM', () => check({ aud: 'a,b' }, { audience: ['a', 'b'] }))
  })

  it('must be there when it is asked for (CVE-2020-26160)', async () => {
    for (const audience of ['api', ['api', 'b']]) await refused('ERR_JWT_CLAIM', () => check({}, { audience }), { claim: 'aud' })
  })
})

describe('issuer, subject, jwtId and nonce are exact strings', () => {
  const options = { issuer: 'iss', subject: 'sub', jwtId: 'jti', nonce: 'nonce' } as const
  const others = ['', 'acb', 'abc', 'abcde', 'ABCD', 'abcd ', ' abcd', 'abcd\0', 'a.cd', 'аbcd']

  it.each(Object.entries(options))('%s: the same accepted; missing, a part, a longer one, another case refused (CVE-2024-53861)', async (option, claim) => {
    await check({ [claim]: 'abcd' }, { [option]: 'abcd' })
    await check({ [claim]: 'é\u0000😀' }, { [option]: 'é\u0000😀' })
    await refused('ERR_JWT_CLAIM', () => check({}, { [option]: 'abcd' }), { claim })
    await refused('ERR_JWT_CLAIM', () => check('{"exp":1700000060,"__proto__":{"' + claim + '":"abcd"}}', { [option]: 'abcd' }), { claim })
    for (const value of others) await refused('ERR_JWT_CLAIM', () => check({ [claim]: value }, { [option]: 'abcd' }), { claim })
    for (const value of [['abcd'], ['evil', 'abcd'], { abcd: 1 }, 0, null, true]) await refused('ERR_JWT_CLAIM', () => check({ [claim]: value }, { [option]: 'abcd' }), { claim })
    await check({ [claim]: 'anything' })
  })

  it.each(Object.entries(options))('%s: strings that differ only after a normalisation or in lone surrogates are different', async (option, claim) => {
    const pairs = [['é', 'e\u0301'], ['\ud800', '\ufffd'], ['\ud800', '\udfff'], ['a\udc00', 'a\ufffd'], ['ﬁ', 'fi']] as const
    for (const [a, b] of pairs) {
      await check({ [claim]: a }, { [option]: a })
      await refused('ERR_JWT_CLAIM', () => check({ [claim]: a }, { [option]: b }), { claim })
      await refused('ERR_JWT_CLAIM', () => check({ [claim]: b }, { [option]: a }), { claim })
    }
  })

  it('issuer: one of a list', async () => {
    for (const iss of ['a', 'b']) await check({ iss }, { issuer: ['a', 'b'] })
    for (const iss of ['c', 'a,b', '']) await refused('ERR_JWT_CLAIM', () => check({ iss }, { issuer: ['a', 'b'] }), { claim: 'iss' })
  })

  it('an array as iss matches nothing, not even a list with its elements (CVE-2025-30144)', async () => {
    for (const issuer of ['good', ['good', 'evil'], () => true]) await refused('ERR_JWT_CLAIM', () => check({ iss: ['evil', 'good'] }, { issuer }), { claim: 'iss' })
  })
})

describe('requiredClaims', () => {
  it('must be there as the token\'s own', async () => {
    await check({ scope: 'a', roles: [] }, { requiredClaims: ['scope', 'roles', 'exp'] })
    for (const value of [null, 0, '', false, []]) await check({ scope: value }, { requiredClaims: ['scope'] })
    await refused('ERR_JWT_CLAIM', () => check({}, { requiredClaims: ['scope'] }), { claim: 'scope' })
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']) {
      const { message, actual } = await refused('ERR_JWT_CLAIM', () => check({}, { requiredClaims: [name] }), { claim: name })
      expect([message, actual], 'what every object inherits is no claim').toEqual([`${name}: expected the claim to be there`, undefined])
      await check(`{"exp":${now + 60},"${name}":1}`, { requiredClaims: [name] })
    }
    for (const name of ['iss', 'sub', 'jti', 'aud', 'nbf', 'iat', 'nonce']) await refused('ERR_JWT_CLAIM', () => check({}, { requiredClaims: [name] }), { claim: name })
  })

  it('does not replace the check of a registered claim', async () => {
    await refused('ERR_JWT_CLAIM', () => check({ aud: 'x' }, { requiredClaims: ['aud'] }), { claim: 'aud' })
    await refused('ERR_JWT_CLAIM', () => check({ iat: 'x' }, { requiredClaims: ['iat'] }), { claim: 'iat' })
  })
})

describe('now', () => {
  it('is a Date or a function that gives one, read for every verification', async () => {
    for (const time of [at(now), () => at(now)]) await verify(token(), secret, { ...hs256, now: time })
    let time = now
    const ticking = { ...hs256, now: () => at(time) }
    await verify(token(), secret, ticking)
    time = claims.exp
    await refused('ERR_JWT_EXPIRED', () => verify(token(), secret, ticking))
  })

  it('is the clock unless told', async () => {
    const seconds = Date.now() / 1000
    for (const door of Object.values(doors)) {
      await door(token({ exp: seconds + 600 }), secret, { algorithms: ['HS256'] })
      await refused('ERR_JWT_EXPIRED', () => door(token({ exp: seconds - 1 }), secret, { algorithms: ['HS256'] }))
    }
  })

  it('that is an invalid Date, a number, text or nothing is a TypeError, given or answered', async () => {
    for (const wrong of [new Date(NaN), now, String(now), null, undefined, {}, [], true, Symbol('now'), Object.create(Date.prototype), { getTime: () => now }, Promise.resolve(at(now))]) {
      for (const text of [token(), 'garbage']) {
        await misused(() => verify(text, secret, { ...hs256, now: wrong }), 'now')
        for (const door of Object.values(doors)) await misused(() => door(text, secret, { ...hs256, now: () => wrong }), 'now')
      }
    }
  })

  it('a Date that is changed after the call has no effect', async () => {
    const date = at(now)
    const pending = verify(token(), secret, { ...hs256, now: date })
    date.setTime(9e15)
    await expect(pending).resolves.toBeDefined()
  })
})

describe('which code wins, and issues that hold every failing check', () => {
  const revoked = { isRevoked: () => true }
  const schema = { schema: { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no', path: ['scope'] }] }) } } }
  const codesOf = (error: Refusal): string[] => error.issues.map(({ code }) => code)
  const late = { exp: now - 1 }, early = { nbf: now + 1 }, wrong = { iss: 'evil' }
  const mine = { issuer: 'good' }

  const table: [string, object, object, string[]][] = [
    ['claim before everything', { ...late, ...early, ...wrong }, mine, ['ERR_JWT_CLAIM', 'ERR_JWT_NOT_YET_VALID', 'ERR_JWT_EXPIRED']],
    ['not yet valid before expired', { ...late, ...early }, {}, ['ERR_JWT_NOT_YET_VALID', 'ERR_JWT_EXPIRED']],
    ['revoked before expired', late, revoked, ['ERR_JWT_REVOKED', 'ERR_JWT_EXPIRED']],
    ['schema before expired', late, schema, ['ERR_JWT_SCHEMA', 'ERR_JWT_EXPIRED']],
    ['revoked alone', {}, revoked, ['ERR_JWT_REVOKED']],
    ['schema alone', {}, schema, ['ERR_JWT_SCHEMA']],
    ['expired alone: exp has passed and nothing else failed', late, {}, ['ERR_JWT_EXPIRED']],
    ['too old by maxAge is a claim, even when expired', { ...late, iat: now - 100 }, { maxAge: 10 }, ['ERR_JWT_CLAIM', 'ERR_JWT_EXPIRED']],
  ]
  it.each(table)('%s', async (_, payload, options, codes) => {
    const error = await refused(codes[0]!, () => check(payload, options))
    expect(codesOf(error)).toEqual(codes)
    expect(error.payload).toEqual({ exp: now + 60, ...payload })
  })

  it('claim before revoked and schema, revoked before schema', async () => {
    expect((await refused('ERR_JWT_CLAIM', () => check(wrong, { ...mine, ...revoked, ...schema }))).code).toBe('ERR_JWT_CLAIM')
    await refused('ERR_JWT_NOT_YET_VALID', () => check(early, { ...revoked, ...schema }))
    await refused('ERR_JWT_REVOKED', () => check({}, { ...revoked, ...schema }))
  })

  it('names every claim that fails, each with what was expected', async () => {
    const error = await refused('ERR_JWT_CLAIM', () => check('{"iss":"evil","aud":["x"],"sub":1,"nbf":"x"}', { ...mine, audience: 'api', subject: 's', jwtId: 'j', nonce: 'n', maxAge: 60, requiredClaims: ['scope', 'iss'] }))
    expect(error.issues.map(({ claim }) => claim).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'nonce', 'scope', 'sub'])
    for (const issue of error.issues) {
      expect(issue.code).toBe('ERR_JWT_CLAIM')
      expect(issue.message).toContain(issue.claim)
      expect(issue.expected).toBeDefined()
    }
    expect(error.issues.find(({ claim }) => claim === 'iss')).toMatchObject({ expected: 'good', actual: 'evil' })
    expect(error.issues.filter((issue) => !('actual' in issue)).map(({ claim }) => claim).sort(), 'what is not there has no value').toEqual(['exp', 'iat', 'jti', 'nonce', 'scope'])
    expect([error.claim, error.message]).toEqual([error.issues[0]!.claim, error.issues[0]!.message])
  })
})
