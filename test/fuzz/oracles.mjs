// What every target holds against an error: only the two kinds, in the library's own words, and nothing secret in them.

export const accepted = 'accepted'
export const refused = 'refused'

/** A finding; `kind` is what has to stay the same while a case is made smaller. */
export const found = (kind, detail) => ({ kind, detail })

const codes = /^ERR_JWT_(MALFORMED|TOO_LARGE|ALGORITHM|CRITICAL|TYPE|KEY|KEY_NOT_FOUND|UNSUPPORTED|SIGNATURE|EXPIRED|NOT_YET_VALID|CLAIM|SCHEMA|REVOKED)$|^ERR_JWKS_(FETCH|INVALID)$/

/**
 * Judges what was thrown. `misuse` is whether a TypeError is a fair answer: the arguments could be wrong, not only the token.
 * `secrets` are texts that no message may hold.
 */
export function judgeError(error, { JwtError }, { misuse = false, secrets = [] } = {}) {
  if (error instanceof JwtError) {
    if (!codes.test(error.code)) return found('a code that is not in the list', String(error.code))
  } else if (error instanceof TypeError) {
    if (!misuse) return found('a TypeError because of a token or key', error.stack)
    if (!error.message.includes(': expected ')) return found(`a TypeError of the engine, not of the library: ${error.message.slice(0, 40)}`, error.stack)
  } else {
    return found('an exception of another kind', error?.stack ?? String(error))
  }
  if (secrets.some((text) => text.length > 15 && error.message.includes(text))) return found('a message that shows a token or secret', error.message)
  if (error.message.length > 1000) return found('a message of more than 1000 characters', error.message)
  return undefined
}

/** Runs something that may throw; gives `{ value }` or `{ error }`. */
export function attempt(run) {
  try {
    return { value: run() }
  } catch (error) {
    return { error }
  }
}

export async function settle(run) {
  try {
    return { value: await run() }
  } catch (error) {
    return { error }
  }
}

const literals = (value) => JSON.stringify(value, (_, one) => one instanceof Uint8Array ? { hex: Buffer.from(one).toString('hex') } : one)

/** JavaScript source of a value made of JSON and bytes. */
export const source = (value) => literals(value).replace(/\{"hex":"([0-9a-f]*)"\}/g, "Buffer.from('$1', 'hex')").replace(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
