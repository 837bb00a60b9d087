import { describe, expect, it } from 'vitest'
import { algorithms, importSecret } from 'waxseal'
import { b64, claims, everyDoor, head, hs256, mac, misused, refused, secret, sign, token, verify } from '../support/tokens'

const withHeader = (header: object | string): string => token(claims, header)

describe('alg', () => {
  it.each(['HS256', 'HS384', 'HS512'])('%s: accepted when listed, ERR_JWT_ALGORITHM when not', async (alg) => {
    const text = withHeader({ alg })
    expect((await everyDoor(text, secret, { ...hs256, algorithms: [alg] })).header).toEqual({ alg })
    await everyDoor(text, secret, { ...hs256, algorithms: ['HS256', 'HS384', 'HS512'] })
    const others = ['HS256', 'HS384', 'HS512'].filter((name) => name !== alg)
    await refused('ERR_JWT_ALGORITHM', () => everyDoor(text, secret, { ...hs256, algorithms: others }), { expected: others, actual: alg })
  })

  it('is compared as an exact string: no case, no space, no look-alike, no property of an object', async () => {
    for (const alg of ['hs256', 'Hs256', 'HS256 ', ' HS256', 'HS256\0', 'HS256\n', 'ＨＳ256', 'HS2560', 'HS', '', 'none', 'None', 'NONE', 'nOnE', 'HS256,HS256', 'constructor', '__proto__', 'toString', '0', 'length']) {
      await refused('ERR_JWT_ALGORITHM', () => everyDoor(withHeader({ alg })))
    }
  })

  it('is a string that is there: anything else is ERR_JWT_MALFORMED', async () => {
    for (const alg of ['null', '0', '256', 'true', 'false', '[]', '["HS256"]', '{}', '{"name":"HS256"}']) await refused('ERR_JWT_MALFORMED', () => everyDoor(withHeader(`{"alg":${alg}}`)))
    for (const header of ['{}', '{"typ":"JWT"}', '{"ALG":"HS256"}', '{"__proto__":{"alg":"HS256"}}']) await refused('ERR_JWT_MALFORMED', () => everyDoor(withHeader(header)))
  })

  it('in the list is a known name; a list of all the names is no list', async () => {
    for (const list of [undefined, null, [], 'HS256', {}, new Set(['HS256']), [''], ['none'], ['hs256'], ['HS256', 'nope'], ['HS256', undefined], [['HS256']], ['constructor'], ['__proto__'], [, 'HS256'], [...algorithms], algorithms, [...algorithms, ...algorithms], [...algorithms].reverse()]) {
      await misused(() => everyDoor(token(), secret, { ...hs256, algorithms: list }), 'algorithms')
    }
    await misused(() => everyDoor(token(), secret, { now: hs256.now }), 'algorithms')
    await everyDoor(token(), secret, { ...hs256, algorithms: ['HS256', 'HS256'] })
  })

  it('in a list of all the names is none, whatever the key; all but one is a list, however long', async () => {
    const key = await importSecret(secret, 'HS256')
    for (const list of [[...algorithms], [...algorithms].reverse(), [...algorithms, ...algorithms]]) await misused(() => everyDoor(token(), () => key, { ...hs256, algorithms: list }), 'algorithms')
    const most = algorithms.filter((name) => name !== 'ES512')
    for (const list of [most, [...most, 'HS256'], [...most, ...most]]) await everyDoor(token(), () => key, { ...hs256, algorithms: list })
    await everyDoor(token(), secret, { ...hs256, algorithms: algorithms.map(() => 'HS256') })
  })
})

describe('kid, typ and cty are strings when they are there', () => {
  it.each(['kid', 'typ', 'cty'])('%s', async (name) => {
    for (const value of ['null', '1', 'true', '[]', '["JWT"]', '{}']) await refused('ERR_JWT_MALFORMED', () => everyDoor(withHeader(`{"alg":"HS256","${name}":${value}}`), secret, { ...hs256, type: false }))
    for (const value of ['', 'JWT']) await everyDoor(withHeader({ alg: 'HS256', [name]: value }), secret, { ...hs256, type: false })
  })

  it('everything else is free and comes out as it went in', async () => {
    const header = { ...head, x: [1, { y: null }], jku: 5, zip: 'DEF', enc: 'A256GCM', exp: 1, 'ключ': 'é' }
    expect((await everyDoor(withHeader(header))).header).toEqual(header)
  })
})

describe('typ', () => {
  const accepts = (typ: string | undefined, type?: unknown): Promise<unknown> => everyDoor(withHeader({ alg: 'HS256', ...(typ !== undefined && { typ }) }), secret, { ...hs256, ...(type !== undefined && { type }) })

  it('unless told may be absent or JWT, in any case, with application/ or without', async () => {
    for (const typ of [undefined, 'JWT', 'jwt', 'Jwt', 'application/jwt', 'application/JWT', 'APPLICATION/jwt']) await accepts(typ)
    for (const typ of ['', 'JWS', 'JOSE', 'at+jwt', 'JWT ', ' JWT', 'jwt2', 'text/jwt', 'application/', 'application//jwt', 'application/application/jwt', '/jwt', 'JWT;x=1', 'ｊｗｔ']) await refused('ERR_JWT_TYPE', () => accepts(typ))
  })

  it('that is told must be there and match', async () => {
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt']) {
      await accepts(typ, 'at+jwt')
      await accepts(typ, 'application/at+jwt')
      await accepts(typ, ['dpop+jwt', 'AT+jwt'])
    }
    for (const typ of [undefined, '', 'JWT', 'dpop+jwt', 'at+jwt+x', 'text/at+jwt']) await refused('ERR_JWT_TYPE', () => accepts(typ, 'at+jwt'))
    await refused('ERR_JWT_TYPE', () => accepts(undefined, 'JWT'))
    await accepts('application/secevent+jwt', ['secevent+jwt'])
  })

  it('is compared without ASCII case only: the Kelvin sign and the dotless i fold to nothing', async () => {
    await refused('ERR_JWT_TYPE', () => accepts('\u212a', 'k'))
    await refused('ERR_JWT_TYPE', () => accepts('\u0131d', 'id'))
    await accepts('K', 'k')
  })

  it('type: false leaves it unchecked', async () => {
    for (const typ of [undefined, '', 'anything']) await accepts(typ, false)
  })

  it('a refusal shows the line to write', async () => {
    const error = await refused('ERR_JWT_TYPE', () => accepts('at+jwt'), { actual: 'at+jwt' })
    expect(error.message).toContain("type: 'at+jwt'")
    expect(error.payload).toBeUndefined()
  })
})

describe('crit (RFC 7515 4.1.11)', () => {
  const withCrit = (crit: unknown, more: object = { 'http://example.com/x': 1, y: null }): string => withHeader({ ...head, ...more, crit })
  const handling = { ...hs256, crit: ['http://example.com/x', 'y'] }

  it('accepts what the caller handles, and in any number', async () => {
    for (const crit of [['y'], ['http://example.com/x'], ['y', 'http://example.com/x']]) expect((await everyDoor(withCrit(crit), secret, handling)).header['crit']).toEqual(crit)
    await everyDoor(token(), secret, handling)
  })

  it('refuses it when the caller handles nothing, or something else', async () => {
    await refused('ERR_JWT_CRITICAL', () => everyDoor(withCrit(['y'])))
    for (const crit of [['z'], ['x'], ['Y']]) await refused('ERR_JWT_CRITICAL', () => everyDoor(withCrit(['y']), secret, { ...hs256, crit }))
    await refused('ERR_JWT_CRITICAL', () => everyDoor(withCrit(['y', 'z'], { y: 1, z: 1 }), secret, { ...hs256, crit: ['y'] }))
  })

  it('refuses a crit that is no list of names: empty, null, false, text, object, nested', async () => {
    for (const crit of [[], null, false, true, 0, '', 'y', {}, { 0: 'y', length: 1 }, [1], [null], [['y']], ['y', 1]]) await refused('ERR_JWT_CRITICAL', () => everyDoor(withCrit(crit), secret, handling))
  })

  it('refuses a name twice, a name that the header has not, and inherited names', async () => {
    await refused('ERR_JWT_CRITICAL', () => everyDoor(withCrit(['y', 'y']), secret, handling))
    await refused('ERR_JWT_CRITICAL', () => everyDoor(withCrit(['y'], {}), secret, handling))
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      await refused('ERR_JWT_CRITICAL', () => everyDoor(withCrit([name]), secret, { ...hs256, crit: [name] }))
    }
    await everyDoor(withCrit(['constructor'], { constructor: 1 }), secret, { ...hs256, crit: ['constructor'] })
  })

  const registered = ['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'typ', 'cty', 'crit', 'b64']
  it.each(registered)('refuses the registered name %s, in a token and as an option', async (name) => {
    const value = name === 'b64' ? true : name === 'alg' ? 'HS256' : name === 'typ' ? 'JWT' : 'x'
    await refused('ERR_JWT_CRITICAL', () => everyDoor(withCrit([name], name === 'crit' ? {} : { [name]: value }), secret, handling))
    await misused(() => everyDoor(token(), secret, { ...hs256, crit: [name] }), 'crit')
    await misused(() => everyDoor(token(), secret, { ...hs256, crit: ['y', name] }), 'crit')
  })

  it.each(['my-alg', 'kid2', 'x-b64', 'typical', 'x5t#S256x'])('%s only holds a registered name and may be critical, in a token and as an option', async (name) => {
    expect((await everyDoor(withCrit([name], { [name]: 1 }), secret, { ...hs256, crit: [name] })).header[name]).toBe(1)
  })

  it('b64: true says what holds anyway, and is taken; any other value is not', async () => {
    expect((await everyDoor(withHeader({ ...head, b64: true }))).header['b64']).toBe(true)
    for (const b64 of [null, 0, 1, 'true', []]) await refused('ERR_JWT_CRITICAL', () => everyDoor(withHeader({ ...head, b64 })))
  })

  it('b64: false is refused with crit and without it (RFC 7797 7)', async () => {
    await refused('ERR_JWT_CRITICAL', () => everyDoor(withCrit(['b64'], { b64: false })))
    await refused('ERR_JWT_CRITICAL', () => everyDoor(withHeader({ ...head, b64: false })))
    const raw = JSON.stringify(claims), unencoded = b64({ ...head, b64: false, crit: ['b64'] })
    await refused('ERR_JWT_CRITICAL', () => everyDoor(`${unencoded}.${raw}.${mac(`${unencoded}.${raw}`)}`))
  })
})

describe('requiredHeader', () => {
  const arn = 'arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/lb/1'
  const check = (header: object, requiredHeader: unknown): Promise<unknown> => everyDoor(withHeader({ ...head, ...header }), secret, { ...hs256, requiredHeader })

  it('accepts a parameter that is the string, or one of them', async () => {
    await check({ signer: arn }, { signer: arn })
    await check({ signer: arn }, { signer: ['x', arn] })
    await check({ signer: arn, client: 'c' }, { signer: arn, client: ['c'], alg: 'HS256' })
  })

  it('refuses another, a missing one, another type and another case: ERR_JWT_CLAIM, claim header.name', async () => {
    for (const header of [{}, { signer: 'x' }, { signer: arn.toUpperCase() }, { signer: [arn] }, { signer: null }, { signer: { toString: arn } }]) {
      const error = await refused('ERR_JWT_CLAIM', () => check(header, { signer: arn }), { claim: 'header.signer' })
      expect(error.message).toContain('signer')
      expect([error.payload, error.header]).toEqual([undefined, undefined]) // the signature has not been looked at
    }
    for (const name of ['constructor', 'toString']) await refused('ERR_JWT_CLAIM', () => check({}, { [name]: 'x' }), { claim: `header.${name}` })
  })

  it('is a plain object of names and strings, not empty', async () => {
    for (const wrong of [undefined, null, 'signer', ['signer'], {}, { signer: '' }, { signer: [] }, { signer: [''] }, { signer: undefined }, { signer: null }, { signer: 1 }, { signer: true }, { signer: /x/ }, new Map([['signer', arn]]), Object.create({ signer: arn }), { signer: arn, [Symbol('x')]: arn }]) {
      await misused(() => check({ signer: arn }, wrong), 'requiredHeader')
    }
  })

  it('loses no name that is not enumerable', async () => {
    await refused('ERR_JWT_CLAIM', () => check({ signer: arn }, Object.defineProperty({ signer: arn }, 'client', { value: 'c' })), { claim: 'header.client' })
    await check({ signer: arn, client: 'c' }, Object.defineProperty({ signer: arn }, 'client', { value: 'c' }))
  })

  it('looks at __proto__ as a name like any other', async () => {
    const required = JSON.parse('{"__proto__":"x"}') as object
    await refused('ERR_JWT_CLAIM', () => check({}, required))
    await everyDoor(withHeader('{"alg":"HS256","__proto__":"x"}'), secret, { ...hs256, requiredHeader: required })
  })
})

describe('a typ', () => {
  it('of more than 60 characters is not shown as something to write: cut off it would not help', async () => {
    for (const [length, isShown] of [[60, true], [61, false]] as const) {
      const error = await refused('ERR_JWT_TYPE', () => everyDoor(withHeader({ ...head, typ: 'x'.repeat(length) }), secret, hs256))
      expect(error.message.includes('to accept it')).toBe(isShown)
    }
  })
})

describe('sign writes a header that verify takes', () => {
  const options = { algorithm: 'HS256', expiresIn: 60, now: hs256.now }

  it('looks at the extra parameters once: what was checked is what is written', async () => {
    let looks = 0
    const header = new Proxy({ alg: 'none', x: 1 }, { ownKeys: () => looks++ ? ['x'] : ['alg', 'x'] })
    await misused(() => sign({}, secret, { ...options, header }), 'header')
    await misused(() => sign({}, secret, { ...options, header: { x: 1, [Symbol('x')]: 1 } }), 'header')
    await misused(() => sign({}, secret, { ...options, header: Object.defineProperty({}, 'alg', { value: 'none' }) }), 'header')
  })

  const written = async (more: object): Promise<Record<string, unknown>> => (await verify(await sign({}, secret, { ...options, ...more }), secret, { ...hs256, type: false, crit: ['x'] })).header

  it('alg and typ by default, kid and typ when told, typ: false for none', async () => {
    expect(await written({})).toEqual({ alg: 'HS256', typ: 'JWT' })
    expect(await written({ keyId: 'k', type: 'at+jwt' })).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: 'k' })
    expect(await written({ type: false })).toEqual({ alg: 'HS256' })
    expect(await written({ header: { x: [1], cty: 'x', nested: { a: null } } })).toEqual({ ...head, x: [1], cty: 'x', nested: { a: null } })
    expect(await written({ header: { crit: ['x'], x: 1 } })).toEqual({ ...head, crit: ['x'], x: 1 })
    expect(await written({ header: {} })).toEqual(head)
    expect(await written({ header: { 'my-kid': 1, algorithm: 2 } }), 'names that only hold a reserved one').toEqual({ ...head, 'my-kid': 1, algorithm: 2 })
  })

  it('header cannot hold alg, typ, kid or b64: TypeError', async () => {
    for (const name of ['alg', 'typ', 'kid', 'b64']) for (const value of ['HS256', true, null]) await misused(() => written({ header: { [name]: value } }), 'header')
  })

  it('crit in it is a non-empty list of distinct unregistered names that the header has: TypeError', async () => {
    for (const crit of [[], null, 'x', ['x', 'x'], ['y'], ['alg'], ['b64'], ['crit'], ['cty'], ['jwk'], [1], {}, ['constructor']]) await misused(() => written({ header: { crit, x: 1, cty: 'c', jwk: {} } }), 'crit')
    await misused(() => written({ header: { crit: ['x'], x: undefined } }), 'header')
    await misused(() => written({ header: { crit: [1], 1: 'a number is no name' } }), 'crit')
  })

  it('is JSON: what JSON would lose or change is a TypeError with its path', async () => {
    for (const value of [undefined, NaN, Infinity, 1n, () => 1, Symbol('x'), new Date(0), new Map(), new Set(), /x/, new (class Thing {})(), [undefined], { y: { z: NaN } }]) await misused(() => written({ header: { x: value } }), 'header')
    await misused(() => written({ header: { x: { y: [1, NaN] } } }), 'x.y[1]')
    for (const header of [null, 'x', [], 1, new Map(), new (class Thing {})(), Object.create({ x: 1 }), undefined]) await misused(() => written({ header }), 'header')
    for (const cty of [null, 1, ['JWT'], true]) await misused(() => written({ header: { cty } }), 'cty')
  })
})
