import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { b64, claims, doors, everyDoor, head, hs256, mac, misused, refused, sealed, secret, textOf, token, unb64, utf8, verify } from '../support/tokens'

const good = token()
const [header, payload, signature] = good.split('.') as [string, string, string]

describe('a token is text', () => {
  it('accepts a string', async () => {
    expect((await everyDoor(good)).payload).toEqual(claims)
  })

  const others: Record<string, unknown> = {
    undefined, null: null, number: 42, boolean: true, bigint: 1n, symbol: Symbol('token'), array: [good], object: { token: good }, 'String object': new String(good),
    'toString object': { toString: () => good }, bytes: utf8(good), function: () => good, promise: Promise.resolve(good),
  }
  it.each(Object.keys(others))('refuses %s with ERR_JWT_MALFORMED', async (name) => {
    await refused('ERR_JWT_MALFORMED', () => everyDoor(others[name]))
  })
})

describe('three segments', () => {
  const wrong: Record<string, string> = {
    none: '', one: header, two: `${header}.${payload}`, four: `${good}.`, 'four, the first empty': `.${good}`, five: `${good}.${payload}.${signature}`,
    'a dot': '.', dots: '..', 'more dots': '....', 'no header': `.${payload}.${signature}`, 'no payload, honestly signed': sealed(header, ''), 'no signature': `${header}.${payload}.`,
  }
  it.each(Object.entries(wrong))('%s: refused', async (name, text) => {
    await refused(name === 'no signature' ? 'ERR_JWT_SIGNATURE' : 'ERR_JWT_MALFORMED', () => everyDoor(text))
  })

  it('an encrypted token has five and is told so, before its alg is looked at', async () => {
    const { message } = await refused('ERR_JWT_MALFORMED', () => everyDoor(`${b64({ alg: 'dir', enc: 'A256GCM' })}..${b64('iv')}.${b64('text')}.${b64('tag')}`))
    expect(message).toContain('three segments')
  })

  it('a header alone is no token, whatever its length and whatever digits follow it', async () => {
    for (const spaces of ['', ' ', '  ']) for (const more of ['A', 'AA', 'AAA', 'AAAA']) await refused('ERR_JWT_MALFORMED', () => everyDoor(b64(`{"alg":"HS256"${spaces}}`) + more))
  })

  it('a signature of the wrong length is ERR_JWT_SIGNATURE, not a malformed token', async () => {
    for (const bytes of [0, 1, 31, 33, 64]) await refused('ERR_JWT_SIGNATURE', () => everyDoor(`${header}.${payload}.${b64(new Uint8Array(bytes))}`))
  })
})

describe('every segment is canonical unpadded base64url, even when signed as it stands', () => {
  // Three payloads, so that a segment has no, one and two spare characters at its end.
  const payloads = ['', ' ', '  '].map((space) => b64(JSON.stringify(claims) + space))
  const headers = ['', ' ', '  '].map((space) => b64(JSON.stringify(head) + space))

  const dirty: Record<string, (segment: string) => string[]> = {
    'padding': (s) => [`${s}=`, `${s}==`, s + '='.repeat((4 - s.length % 4) % 4 || 4)],
    'white space inside or around': (s) => [`${s}\n`, ` ${s}`, `${s} `, `${s}\r\n`, `\t${s}`, `${s.slice(0, 4)} ${s.slice(4)}`, `${s}\u00a0`, `\ufeff${s}`],
    'other characters (CVE-2022-25898)': (s) => [`${s}!@$%`, `${s}\0`, `${s}*`, `${s}%3D`, `${s}\u200b`, `${s}é`, `${s.slice(0, -1)}Ａ`, `${s}\ud800`],
    'the standard alphabet': (s) => [`+${s.slice(1)}`, `/${s.slice(1)}`, `${s.slice(0, -1)}+`],
    'a length of 4n + 1': (s) => [s + 'A'.repeat((5 - s.length % 4) % 4 || 4).slice(0, (5 - s.length % 4) % 4) || 'A'].filter((text) => text.length % 4 === 1),
    'trailing bits that no byte takes': (s) => s.length % 4 < 2 ? [] : spare(s),
  }

  /** The other spellings of the same bytes, which lax decoders take. */
  function spare(segment: string): string[] {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = digits.indexOf(segment.at(-1)!)
    return Array.from({ length: segment.length % 4 === 2 ? 15 : 3 }, (_, i) => segment.slice(0, -1) + digits[last + i + 1]!)
  }

  it('accepts each of the clean spellings', async () => {
    for (const h of headers) for (const p of payloads) expect((await everyDoor(sealed(h, p))).payload).toEqual(claims)
  })

  it.each(Object.keys(dirty))('%s: refused in header, payload and signature', async (name) => {
    let tried = 0
    for (const h of headers) for (const text of dirty[name]!(h)) tried++, await refused('ERR_JWT_MALFORMED', () => verify(sealed(text, payload), secret, hs256))
    for (const p of payloads) for (const text of dirty[name]!(p)) tried++, await refused('ERR_JWT_MALFORMED', () => verify(sealed(header, text), secret, hs256))
    for (const text of dirty[name]!(signature)) tried++, await refused('ERR_JWT_MALFORMED', () => verify(`${header}.${payload}.${text}`, secret, hs256))
    expect(tried).toBeGreaterThan(3)
  })

  it('law: what is accepted is spelt exactly as the encoder would spell it', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(good.length - 1), fc.constantFrom(...'AQgw-_=+/. \n~é'), fc.constantFrom('replace', 'insert', 'delete'), async (i, character, how) => {
      const text = good.slice(0, i) + (how === 'delete' ? '' : character) + good.slice(how === 'insert' ? i : i + 1)
      const accepted = await verify(text, secret, hs256).then(() => true, () => false)
      expect(accepted).toBe(text === good)
    }), { numRuns: 300 })
  })

  it.each(['Bearer ', '"', "'", ' ', '\ufeff', 'Bearer%20'])('a prefix %j is not stripped', async (prefix) => {
    await refused('ERR_JWT_MALFORMED', () => everyDoor(prefix + good))
  })

  it.each([['an ideographic full stop', '\u3002'], ['%2E', '%2E'], ['a one dot leader', '\u2024']])('%s is no dot', async (_, dot) => {
    await refused('ERR_JWT_MALFORMED', () => everyDoor(good.replaceAll('.', dot)))
  })
})

describe('header and payload are JSON objects in UTF-8', () => {
  const bytes = (...parts: (string | number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => typeof part === 'string' ? [...utf8(part)] : part))
  /** Objects with a place for raw bytes in a string of theirs. */
  const shells = { header: ['{"alg":"HS256","x":"', '"}'], payload: [`{"exp":${claims.exp},"x":"`, '"}'] } as const
  const build = (part: 'header' | 'payload', content: Uint8Array | string): string => part === 'header' ? token(claims, content) : token(content)

  const broken: Record<string, number[]> = {
    'a stray continuation octet': [0x80], 'an overlong slash': [0xc0, 0xaf], 'CESU-8 surrogates': [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], 'a lone surrogate': [0xed, 0xa0, 0x80],
    'Latin-1': [0xe9], 'a truncated sequence': [0xe2, 0x82], 'beyond U+10FFFF': [0xf4, 0x90, 0x80, 0x80], '0xFF': [0xff],
  }
  for (const part of ['header', 'payload'] as const) {
    const [before, after] = shells[part]
    it(`${part}: accepts UTF-8 of every length, and escapes`, async () => {
      await everyDoor(build(part, bytes(before, 'é€😀', after)))
      await everyDoor(build(part, bytes(before, '\\ud83d\\ude00 \\u0000 \\ud800 \\" \\\\', after)))
      await everyDoor(build(part, ` \t\r\n${before}${after} `))
    })

    it.each(Object.entries(broken))(`${part}: refuses %s`, async (_, octets) => {
      await refused('ERR_JWT_MALFORMED', () => everyDoor(build(part, bytes(before, octets, after))))
    })

    it(`${part}: refuses a byte order mark, UTF-16 and UTF-32`, async () => {
      const text = before + after
      for (const content of [bytes([0xef, 0xbb, 0xbf], text), bytes(text, [0xef, 0xbb, 0xbf])]) await refused('ERR_JWT_MALFORMED', () => everyDoor(build(part, content)))
      for (const width of [2, 4]) await refused('ERR_JWT_MALFORMED', () => everyDoor(build(part, Uint8Array.from([...utf8(text)].flatMap((octet) => [octet, ...Array<number>(width - 1).fill(0)])))))
    })

    const notObjects = ['', ' ', '[]', '[{}]', '"{}"', '"text"', '0', '1', 'null', 'true', 'false', 'undefined', 'NaN', '{', '{}}', '{}{}', '{} x', '{a:1}', "{'a':1}", '{"a":1,}', '{"a":01}', '{"a":.5}', '{"a":NaN}', '{"a":Infinity}', '{"a":0x1}', '// \n{}', '/**/{}', '{"a":"\n"}', '{"a":"\\x41"}', '{}\0', '\u00a0{}']
    it(`${part}: refuses what is not exactly one JSON object`, async () => {
      for (const text of notObjects) await refused('ERR_JWT_MALFORMED', () => verify(build(part, text), secret, hs256))
    })
  }
})

describe('a member named twice', () => {
  const exp = `"exp":${claims.exp}`
  const twins: Record<string, string> = {
    'side by side': '"a":1,"a":1', 'with another value': '"a":1,"a":2', 'apart': '"a":1,"b":2,"a":3', 'by an escape': '"a":1,"\\u0061":1', 'by escapes both': '"\\u0061":1,"\\u0061":1',
    'by a solidus escape': '"/":1,"\\/":1', 'named with a colon': '"a:b":1,"a:b":2', 'named with a quote': '"\\"":1,"\\"":2', 'without a name': '"":1,"":2',
    'in an object': '"o":{"a":1,"a":1}', 'in an array': '"l":[{"a":1,"\\u0061":1}]', 'far down': `"o":${'{"o":['.repeat(50)}{"a":1,"a":2}${']}'.repeat(50)}`,
    '__proto__': '"__proto__":1,"__proto__":2', '__proto__ by an escape': '"__proto__":{},"\\u005f_proto__":{}', 'in __proto__': '"__proto__":{"a":1,"a":2}', 'constructor': '"constructor":1,"constructor":1',
    'an index': '"1":1,"1":2', 'a surrogate pair by escapes': '"😀":1,"\\ud83d\\ude00":1', 'a lone surrogate': '"\\ud800":1,"\\uD800":1',
  }
  it.each(Object.entries(twins))('%s: refused in header and payload', async (_, members) => {
    await refused('ERR_JWT_MALFORMED', () => everyDoor(token(claims, `{"alg":"HS256",${members}}`)))
    await refused('ERR_JWT_MALFORMED', () => everyDoor(token(`{${exp},${members}}`)), { header: head })
  })

  it('refuses a second alg, kid or exp, whichever of the two is the good one', async () => {
    for (const text of ['{"alg":"HS256","alg":"HS256"}', '{"alg":"none","alg":"HS256"}', '{"alg":"HS256","\\u0061lg":"none"}', '{"alg":"HS256","kid":"a","kid":"a"}']) {
      await refused('ERR_JWT_MALFORMED', () => everyDoor(token(claims, text)))
    }
    for (const text of [`{${exp},${exp}}`, `{"exp":1,${exp}}`, `{${exp},"\\u0065xp":1}`]) await refused('ERR_JWT_MALFORMED', () => everyDoor(token(text)))
  })

  const singles: Record<string, string> = {
    'in different objects': '"a":{"x":1},"b":{"x":1},"x":1', 'in objects of a list': '"l":[{"a":1},{"a":1}]', 'colons in strings and names': '"a:b":"c:d","e\\":":":::"', 'quotes and backslashes': '"a":"\\"a\\":1","b":"\\\\","c":"\\\\\\":"',
    'differs by case': '"a":1,"A":1', 'not normalised': '"é":1,"e\\u0301":1', '__proto__ and constructor once': '"__proto__":{"a":1},"constructor":{"prototype":1}', 'spaces': '"a" : 1 , "b"\n:\t2', 'empty ones': '"a":{},"b":[],"c":""',
  }
  it.each(Object.entries(singles))('%s: accepted', async (_, members) => {
    const accepted = await everyDoor(token(`{${exp},${members}}`, `{"alg":"HS256",${members}}`))
    expect(accepted.payload).toEqual(JSON.parse(`{${exp},${members}}`))
    expect(accepted.header).toEqual(JSON.parse(`{"alg":"HS256",${members}}`))
  })

  it('law: any JSON object written by JSON.stringify is accepted, and with one member repeated refused', async () => {
    await fc.assert(fc.asyncProperty(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { minKeys: 1 }).filter((o) => !('exp' in o) && !['iss', 'sub', 'aud', 'nbf', 'iat', 'jti'].some((n) => n in o)), async (object) => {
      const members = JSON.stringify(object).slice(1, -1)
      const [name] = Object.keys(object)
      expect((await verify(token(`{${exp},${members}}`), secret, hs256)).payload).toEqual(JSON.parse(`{${exp},${members}}`))
      await refused('ERR_JWT_MALFORMED', () => verify(token(`{${exp},${members},${JSON.stringify(name)}:0}`), secret, hs256))
    }), { numRuns: 150 })
  })
})

describe('maxTokenLength', () => {
  const padded = (length: number): string => {
    const overhead = token({ ...claims, x: '' }).length
    for (let n = Math.floor((length - overhead) * 3 / 4) - 3; ; n++) {
      const text = token({ ...claims, x: 'x'.repeat(n) })
      if (text.length >= length) return text
    }
  }

  it('is 16384 characters unless told: exactly as long is accepted, one more refused', async () => {
    const text = padded(16384)
    expect(text.length).toBeLessThan(16388)
    const longest = [16384, 16383, 16382].map(padded).find(({ length }) => length === 16384 || length === 16383)!
    await expect(everyDoor(longest)).resolves.toBeDefined()
    await refused('ERR_JWT_TOO_LARGE', () => everyDoor('x'.repeat(16385)))
    await refused('ERR_JWT_MALFORMED', () => everyDoor('x'.repeat(16384)))
  })

  it('accepts a token as long as the option and refuses one character more', async () => {
    await everyDoor(good, secret, { ...hs256, maxTokenLength: good.length })
    await refused('ERR_JWT_TOO_LARGE', () => everyDoor(good, secret, { ...hs256, maxTokenLength: good.length - 1 }))
  })

  it('lets a long token through when told', async () => {
    await everyDoor(padded(20000), secret, { ...hs256, maxTokenLength: 2 ** 24 })
    await refused('ERR_JWT_TOO_LARGE', () => everyDoor(padded(20000)))
  })

  it('is a whole number from 1 to 2^24', async () => {
    for (const maxTokenLength of [1, 2 ** 24]) await refused(maxTokenLength === 1 ? 'ERR_JWT_TOO_LARGE' : 'ERR_JWT_MALFORMED', () => everyDoor('xx', secret, { ...hs256, maxTokenLength }))
    for (const maxTokenLength of [0, -1, 2 ** 24 + 1, 1.5, NaN, Infinity, '100', null, undefined, true, 5n]) {
      for (const door of Object.values(doors)) await misused(() => door(good, secret, { ...hs256, maxTokenLength }), 'maxTokenLength')
    }
  })

  it('is looked at before anything else of the token', async () => {
    await refused('ERR_JWT_TOO_LARGE', () => everyDoor('.'.repeat(1_000_000)))
  })
})

describe('allowPadding (AWS ALB)', () => {
  const padding = { ...hs256, allowPadding: true }
  const fill = (segment: string): string => segment + '='.repeat((4 - segment.length % 4) % 4)
  /** Signed over the padded text, as ALB does. */
  const alb = (h: string, p: string): string => `${h}.${p}.${fill(mac(`${h}.${p}`))}`
  const spaces = ['', ' ', '  ']
  /** A segment that needs padding. */
  const uneven = (object: object): string => b64(JSON.stringify(object) + ' '.repeat(JSON.stringify(object).length % 3 === 2 ? 2 : 1))

  it('accepts a token without any padding, and one with every segment filled up', async () => {
    await everyDoor(good, secret, padding)
    for (const a of spaces) for (const b of spaces) {
      const filled = alb(fill(b64(JSON.stringify(head) + a)), fill(b64(JSON.stringify(claims) + b)))
      expect((await everyDoor(filled, secret, padding)).payload).toEqual(claims)
      await refused('ERR_JWT_MALFORMED', () => everyDoor(filled))
    }
  })

  it('verifies the original bytes: the same text signed without its padding is refused', async () => {
    const [h, p] = [fill(uneven(head)), fill(uneven(claims))]
    await refused('ERR_JWT_SIGNATURE', () => everyDoor(`${h}.${p}.${fill(mac(`${h}.${p}`.replaceAll('=', '')))}`, secret, padding))
    await everyDoor(alb(h, p), secret, padding)
  })

  it('refuses padding on some segments only, too much, too little, and in the middle', async () => {
    const one = uneven(head), two = uneven(claims)
    const h = [one, two].map(fill)
    expect(h.every((segment) => segment.endsWith('='))).toBe(true)
    const tries = [
      sealed(h[0]!, two), sealed(one, h[1]!), sealed(h[0]!, h[1]!), `${sealed(one, two)}=`,
      alb(`${h[0]}====`, h[1]!), alb(`${h[0]}=`, h[1]!), alb(h[0]!, `${h[1]}=`), alb(h[0]!.replace(/=+$/, '==='), h[1]!), alb(`=${h[0]!.slice(1)}`, h[1]!), alb('====', h[1]!), alb(h[0]!, '===='),
      alb(h[0]!.replace(/=/, ' '), h[1]!), ...[1, 2].map((count) => alb(`${one.slice(0, 4)}${'='.repeat(count)}${one.slice(4)}${'='.repeat((8 - count - one.length % 4) % 4)}`, h[1]!)),
      ...spaces.map((space) => b64(JSON.stringify(head) + space)).filter((text) => text.length % 4).map((text) => alb(`${text.slice(0, 4)}${'='.repeat(4 - text.length % 4)}${text.slice(4)}`, h[1]!)),
    ]
    for (const text of tries) await refused('ERR_JWT_MALFORMED', () => verify(text, secret, padding))
  })

  it('keeps the rest strict: spare bits, white space, the standard alphabet', async () => {
    const [h, p] = [fill(uneven(head)), uneven(claims)]
    const last = p.at(-1)!
    await everyDoor(alb(h, fill(p)), secret, padding)
    for (const text of [p.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1), `${p.slice(0, -1)}+`, `${p.slice(0, -1)} `]) await refused('ERR_JWT_MALFORMED', () => verify(alb(h, fill(text)), secret, padding))
  })
})

it('the hand-made tokens are well made: the helper decodes what it encodes', () => {
  expect(textOf(unb64(b64('waxseal')))).toBe('waxseal')
})
