// Makes a failing case smaller, as long as it fails in the same way. Knows nothing of targets: a case is JSON.

function* smaller(value) {
  if (typeof value === 'string') {
    for (let size = value.length; size >= 1; size = size >> 1) {
      for (let at = 0; at + size <= value.length && at < 4000; at += size) yield value.slice(0, at) + value.slice(at + size)
    }
  } else if (typeof value === 'number') {
    if (value !== 0) yield 0
    if (Math.trunc(value) !== value) yield Math.trunc(value)
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield value.toSpliced?.(i, 1) ?? [...value.slice(0, i), ...value.slice(i + 1)]
    for (let i = 0; i < value.length; i++) for (const one of smaller(value[i])) yield [...value.slice(0, i), one, ...value.slice(i + 1)]
  } else if (value && typeof value === 'object') {
    const copy = (entries) => entries.reduce((made, [name, one]) => Object.defineProperty(made, name, { value: one, enumerable: true, configurable: true, writable: true }), {})
    const entries = Object.entries(value)
    for (let i = 0; i < entries.length; i++) yield copy(entries.filter((_, j) => j !== i))
    for (let i = 0; i < entries.length; i++) for (const one of smaller(entries[i][1])) yield copy(entries.map((entry, j) => j === i ? [entry[0], one] : entry))
  }
}

/** `fails` says whether a case still fails in the same way; at most `budget` of them are tried. */
export async function shrink(value, fails, budget = 3000) {
  let best = value
  for (let progress = true; progress && budget > 0;) {
    progress = false
    for (const candidate of smaller(best)) {
      if (budget-- <= 0) break
      if (await fails(candidate)) {
        best = candidate
        progress = true
        break
      }
    }
  }
  return best
}
