// What every project does with the library: both doors, three kinds of key, a refusal. Throws if anything is wrong.
// Imports nothing, so that it runs wherever the two doors could be loaded.

export async function prove(waxseal, jws) {
  const { decode, exportJwk, exportPem, generateKey, importJwk, importPem, isJwtError, JwtError, keySet, safeVerify, sign, verify } = waxseal
  const must = (holds, what) => { if (!holds) throw new Error(`expected: ${what}`) }
  const claims = { sub: 'user-4711', name: 'Zoë 漢字 🦭' }
  const times = { expiresIn: '5m' }

  const text = 'a secret of the application, thirty-two octets or more'
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  for (const secret of [text, bytes]) {
    const { payload } = await verify(await sign(claims, secret, { algorithm: 'HS256', ...times }), secret, { algorithms: ['HS256'] })
    must(payload.sub === claims.sub && payload.name === claims.name, 'the claims that were signed')
  }

  for (const algorithm of ['ES256', 'RS256']) {
    const { privateKey, publicKey } = await generateKey(algorithm, { extractable: true })
    const token = await sign(claims, await importPem(await exportPem(privateKey), algorithm), times)
    const again = await sign(claims, await importJwk(await exportJwk(privateKey)), times)
    const published = keySet(JSON.parse(JSON.stringify(await keySet([publicKey]).toPublicJwks())))
    must((await verify(token, publicKey, { algorithms: [algorithm] })).header.alg === algorithm, `an ${algorithm} token`)
    must((await verify(again, published, { algorithms: [algorithm] })).header.kid, 'a key found by its kid')

    const [header, , signature] = token.split('.')
    const forged = `${header}.${(await sign({ sub: 'admin' }, privateKey, times)).split('.')[1]}.${signature}`
    must(decode(forged).payload.sub === 'admin', 'a token that can be read')
    const { ok, error } = await safeVerify(forged, publicKey, { algorithms: [algorithm] })
    must(!ok && error.code === 'ERR_JWT_SIGNATURE' && error instanceof JwtError && isJwtError(error), 'a forged token to be refused')

    const signed = await jws.signBytes(bytes, privateKey)
    const { payload } = await jws.verifyBytes(signed, publicKey, { algorithms: [algorithm] })
    must(waxseal.constantTimeEqual(payload, bytes), 'the bytes that were signed')
    const refused = await jws.verifyBytes(`${signed.slice(0, -4)}AAAA`, publicKey, { algorithms: [algorithm] }).catch((reason) => reason)
    must(refused instanceof JwtError, 'one JwtError for both doors')
  }
  return 'proved'
}
