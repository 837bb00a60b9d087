// Runs the suite where there is no test framework. A suite is `export default (lib, { test, assert, waits }) => ...`; `waits` says
// whether functions of the caller's may answer with a Promise.

/** Milliseconds that a test may take. */
const limit = 60_000

const together = (acts) => Promise.all(acts.map((act) => act()))

/** Runs all tests, one after another. `report` hears of each before it starts, so that it is known which one killed a runtime. */
export async function run(lib, suites, report, { site, requests = together }) {
  const state = { current: '', passed: 0, failures: [], algorithms: [], isOver: false }
  const tests = []
  for (const suite of suites) await suite(lib, { test: (name, act) => tests.push({ name, act }), assert: assertions(lib), waits: true, site, requests })
  for (const { name, act } of tests) {
    state.current = name
    report(state)
    try {
      await inTime(act)
      state.passed++
    } catch (error) {
      state.failures.push({ name, error: show(error) })
    }
  }
  for (const name of lib.algorithms) if (await lib.isSupported(name)) state.algorithms.push(name)
  state.isOver = true
  report(state)
}

async function inTime(act) {
  let timer
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`no end after ${limit} ms`)), limit) })
  try {
    await Promise.race([Promise.resolve().then(act), late])
  } finally {
    clearTimeout(timer)
  }
}

/** What a suite has to judge with. */
function assertions({ isJwtError }) {
  const assert = (condition, message = 'not so') => {
    if (!condition) throw new Error(message)
  }

  assert.equal = (actual, expected, what = 'value') => {
    const [a, b] = [actual, expected].map(write)
    assert(a === b, `${what}: expected ${cut(b)}, got ${cut(a)}`)
  }

  /** Expects a refusal with that code and fault, and a message without key material or signature: all its words are short. A hash or thumbprint has 43 characters. */
  assert.refuses = async (act, code, longest = 39) => {
    const error = await thrown(act)
    if (!isJwtError(error)) throw error ?? new Error(`expected ${code}, but nothing was refused`)
    assert.equal(error.code, code, `code of "${error.message}"${error.cause ? `, caused by ${show(error.cause)}` : ''}`)
    assert(error.name === 'JwtError' && error instanceof Error, 'no JwtError')
    assert(error.message.split(/[^\w-]+/).every(({ length }) => length <= longest), `the message shows too much: ${error.message}`)
    return error
  }

  /** Expects a TypeError that the library means, not one that happened to it. */
  assert.misuses = async (act) => {
    const error = await thrown(act)
    assert(error?.name === 'TypeError' && /: expected /.test(error.message), `expected a TypeError, got ${show(error)}`)
  }

  return assert
}

async function thrown(act) {
  try {
    await act()
  } catch (error) {
    return error
  }
}

/** JSON with members in one order, whatever order a runtime has them in. */
function write(value) {
  return JSON.stringify(value, (_, one) => one && typeof one === 'object' && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort()) : one)
}

const cut = (text) => `${text}`.slice(0, 200)

/** V8 opens a stack with name and message, the other engines do not. */
function show(error) {
  if (!error || typeof error !== 'object') return String(error)
  const head = `${error.name}: ${error.message}`
  const stack = String(error.stack ?? '')
  return stack.startsWith(head) ? stack : `${head}\n${stack}`
}
