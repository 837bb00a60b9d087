// Structure-aware mutations: of text, of JSON values, of their spelling, of bytes, of DER.

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** One small change of a text; mostly one that leaves it the shape it had. */
export function mutateText(text, random, { fragments, texts }) {
  const at = random.below(text.length + 1)
  const end = Math.min(text.length, at + 1 + random.small(8))
  switch (random.below(11)) {
    case 0: return text.slice(0, at) + text.slice(end)
    case 1: return text.slice(0, at) + random.pick(fragments) + text.slice(at)
    case 2: return text.slice(0, at) + random.pick(fragments) + text.slice(end)
    case 3: return text.slice(0, at) + text.slice(at, end) + text.slice(at, end) + text.slice(end)
    case 4: return text.slice(0, at)
    case 5: return text.slice(at)
    case 6: return text.slice(0, at) + random.pick(letters) + text.slice(at + 1)
    case 7: return text.slice(0, at) + String.fromCharCode(random.chance(0.7) ? random.below(256) : random.below(65536)) + text.slice(at + random.below(2))
    case 8: return text.slice(0, at) + random.pick(texts) + text.slice(end)
    case 9: return text + random.pick(fragments)
    default: { // the last letter of a base64 text carries bits that mean nothing
      const last = letters.indexOf(text.at(-1))
      return text.slice(0, -1) + (last < 0 ? '' : letters[last ^ 1 << random.below(3)])
    }
  }
}

/** A changed copy of a JSON object. */
export function mutateObject(object, random, pools, likely = {}) {
  const copy = { ...object }
  const own = Object.keys(copy)
  const name = random.chance(0.6) && own.length ? random.pick(own) : random.chance(0.7) && Object.keys(likely).length ? random.pick(Object.keys(likely)) : random.pick(pools.names)
  const set = (value) => Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true })
  switch (random.below(8)) {
    case 0: case 1: set(name in likely && Object.hasOwn(likely, name) ? random.pick(likely[name]) : random.pick(pools.values)); break
    case 2: set(random.pick(pools.values)); break
    case 3: set(random.pick(pools.numbers)); break
    case 4: set(random.pick(pools.texts)); break
    case 5: delete copy[name]; break
    case 6: set(mutateValue(copy[name], random, pools)); break
    default: {
      const value = copy[name]
      delete copy[name]
      Object.defineProperty(copy, random.chance(0.5) ? String(mutateText(name, random, pools)) : random.pick(pools.names), { value: value ?? null, enumerable: true, configurable: true, writable: true })
    }
  }
  return copy
}

/** A value not far from the one given. */
export function mutateValue(value, random, pools) {
  if (typeof value === 'string') return mutateText(value, random, pools)
  if (typeof value === 'number') return random.pick([value + 1, value - 1, value + 0.5, -value, value * 1000, String(value), [value], value + random.below(2000) - 1000])
  if (Array.isArray(value)) {
    const copy = [...value]
    if (random.chance(0.3) || !copy.length) copy.push(random.pick(pools.values))
    else copy.splice(random.below(copy.length), 1, ...random.chance(0.3) ? [] : [mutateValue(random.pick(copy), random, pools)])
    return copy
  }
  if (value && typeof value === 'object') return mutateObject(value, random, pools)
  return random.pick([[value ?? null], { value: value ?? null }, random.pick(pools.values)])
}

/** Writes a JSON value; with a small chance at every place in another spelling, a valid or an invalid one. */
export function writeLoosely(value, random, pools, oddity) {
  const odd = () => random.chance(oddity)
  const space = () => odd() ? random.pick([' ', '\n', '\t\r', '\u00a0', '\f', '/**/', ',']) : ''
  const string = (text) => {
    const plain = JSON.stringify(text)
    if (!odd() || text.length === 0) return plain
    const at = random.below(text.length)
    const code = text.charCodeAt(at).toString(16).padStart(4, '0')
    const escaped = random.pick([`\\u${code}`, `\\u${code.toUpperCase()}`, text[at], `\\${text[at]}`, `\\x${code.slice(2)}`, '\\/', '\n'])
    return `${JSON.stringify(text.slice(0, at)).slice(0, -1)}${escaped}${JSON.stringify(text.slice(at + 1)).slice(1)}`
  }
  const write = (one) => {
    if (typeof one === 'string') return string(one)
    if (typeof one === 'number') return odd() ? random.pick([`${one}.0`, `${one}e0`, `${one}E+1`, `+${one}`, `0${one}`, `-${one}`, `${one}.`, `1e400`, `-1e400`, `${one}0000000000`, `"${one}"`]) : JSON.stringify(one)
    if (one === null || typeof one === 'boolean') return odd() ? random.pick(['nul', 'True', 'undefined', '']) : String(one)
    if (Array.isArray(one)) return `[${space()}${one.map((item) => space() + write(item)).join()}${odd() ? ',' : ''}]`
    const members = Object.keys(one).map((name) => `${space()}${string(name)}${space()}:${space()}${write(one[name])}`)
    if (odd() && members.length) { // a name twice, at any depth, before or behind, in another spelling
      const name = random.pick(Object.keys(one))
      members.splice(random.below(members.length + 1), 0, `${string(name)}:${write(random.chance(0.5) ? one[name] : random.pick(pools.values))}`)
    }
    return `{${members.join()}${odd() ? ',' : ''}}`
  }
  return `${space()}${write(value)}${space()}`
}

export function mutateBytes(bytes, random, pools) {
  const at = random.below(bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + random.small(8))
  const some = random.pick(pools.bytes)
  const join = (...parts) => new Uint8Array(Buffer.concat(parts))
  switch (random.below(8)) {
    case 0: return join(bytes.subarray(0, at), bytes.subarray(end))
    case 1: return join(bytes.subarray(0, at), some, bytes.subarray(at))
    case 2: return join(bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(at))
    case 3: return bytes.slice(0, at)
    case 4: return join(bytes, some)
    default: {
      const copy = bytes.slice()
      if (copy.length) copy[at % copy.length] = random.pick([copy[at % copy.length] ^ 1 << random.below(8), random.below(256), 0, 255, 128, 127, copy[at % copy.length] + 1])
      return copy
    }
  }
}

// ─── DER ─────────────────────────────────────────────────────────────────────

/** A tree of what can be read as DER; what cannot stays bytes. */
export function readTree(bytes, depth = 0) {
  const nodes = []
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]
    let length = bytes[at + 1]
    let start = at + 2
    if (length > 128) {
      const octets = length - 128
      length = 0
      for (let i = 0; i < octets; i++) length = length * 256 + bytes[start++]
    }
    if (!(length <= bytes.length - start) || depth > 8) return undefined
    const content = bytes.subarray(start, start + length)
    // A BIT STRING or OCTET STRING often wraps more.
    const wraps = tag === 3 && content[0] === 0 ? 1 : 0
    const inner = tag & 32 || tag === 4 || wraps ? readTree(content.subarray(wraps), depth + 1) : undefined
    nodes.push({ tag, inner: inner?.length ? inner : undefined, prefix: inner?.length ? content.subarray(0, wraps) : undefined, content })
    at = start + length
  }
  return nodes
}

/** Writes a tree, with lengths in the form that `form` picks. */
export function writeTree(nodes, form = () => 'minimal') {
  return Buffer.concat(nodes.map(({ tag, inner, prefix, content }) => {
    const body = inner ? Buffer.concat([prefix, writeTree(inner, form)]) : content
    return Buffer.concat([Uint8Array.of(tag, ...lengthOctets(body.length, form())), body])
  }))
}

function lengthOctets(length, form) {
  const octets = []
  for (let rest = length; rest; rest >>>= 8) octets.unshift(rest & 255)
  switch (form) {
    case 'long': return [128 + Math.max(1, octets.length), ...octets.length ? octets : [0]]
    case 'padded': return [129 + octets.length, 0, ...octets]
    case 'indefinite': return [128]
    case 'more': return length < 127 ? [length + 1] : [128 + octets.length, ...octets.slice(0, -1), octets.at(-1) + 1 & 255]
    case 'less': return length < 128 ? [Math.max(0, length - 1)] : [128 + octets.length, ...octets.slice(0, -1), octets.at(-1) - 1 & 255]
    case 'huge': return [0x84, 255, 255, 255, 255]
    default: return length < 128 ? [length] : [128 + octets.length, ...octets]
  }
}

/** One change of a tree, at any depth. */
export function mutateTree(nodes, random, pools) {
  const flat = []
  const visit = (list) => list.forEach((node, index) => {
    flat.push({ list, index })
    if (node.inner) visit(node.inner)
  })
  const copy = (list) => list.map((node) => ({ ...node, inner: node.inner && copy(node.inner) }))
  const tree = copy(nodes)
  visit(tree)
  const { list, index } = random.pick(flat)
  const node = list[index]
  const leaf = () => {
    node.content = mutateBytes(node.content, random, pools)
    node.inner = undefined
  }
  let form
  switch (random.below(9)) {
    case 0: node.tag = random.pick([2, 3, 4, 5, 6, 48, 49, 128, 129, 160, 161, 162, 12, 31, 63, node.tag ^ 32]); break
    case 1: list.splice(index, 1); break
    case 2: list.splice(index, 0, { ...node }); break
    case 3: list.splice(index, 0, { tag: random.pick([2, 3, 4, 5, 48, 160, 161, 129]), content: random.pick(pools.bytes) }); break
    case 4: { // an integer with a sign octet more or less
      node.content = node.content[0] === 0 && random.chance(0.5) ? node.content.subarray(1) : Uint8Array.of(0, ...node.content)
      node.inner = undefined
      break
    }
    case 5: {
      let left = random.below(flat.length)
      const odd = random.pick(['long', 'padded', 'indefinite', 'more', 'less', 'huge'])
      form = () => left-- === 0 ? odd : 'minimal'
      break
    }
    case 6: if (list.length > 1) list.push(...list.splice(index, 1)); break
    default: leaf()
  }
  return new Uint8Array(writeTree(tree, form))
}
