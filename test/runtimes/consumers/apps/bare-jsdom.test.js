// jsdom as it comes, without jest-setup.cjs: loading must not fail, and using it must say what is missing.

const waxseal = require('waxseal')

test('jsdom has no crypto.subtle, no TextEncoder and no TextDecoder', () => {
  expect([typeof crypto?.subtle, typeof TextEncoder, typeof TextDecoder]).toEqual(['undefined', 'undefined', 'undefined'])
})

test('a runtime without crypto.subtle is named, with ERR_JWT_UNSUPPORTED', async () => {
  await expect(waxseal.generateKey('ES256')).rejects.toMatchObject({ code: 'ERR_JWT_UNSUPPORTED', message: expect.stringContaining('crypto.subtle') })
  await expect(waxseal.importSecret(new Uint8Array(32).fill(1), 'HS256')).rejects.toMatchObject({ code: 'ERR_JWT_UNSUPPORTED' })
})

test('so is a missing TextEncoder', async () => {
  await expect(waxseal.importSecret('s'.repeat(32), 'HS256')).rejects.toThrow('TextEncoder')
})
