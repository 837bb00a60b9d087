// A strict reader of DER (X.690): definite and minimal lengths, nothing left over. And a writer of the few forms needed.

/** A tag and its content. */
export interface Element { readonly tag: number, readonly content: Uint8Array }

export const INTEGER = 0x02
export const BIT_STRING = 0x03
export const OCTET_STRING = 0x04
export const NULL = 0x05
export const OID = 0x06
export const SEQUENCE = 0x30
/** Context-specific [n]; `constructed` when it wraps an element. */
export const context = (n: number, constructed: boolean): number => (constructed ? 0xa0 : 0x80) + n

/** The elements that the bytes consist of; undefined if they are anything else. */
export function elements(bytes: Uint8Array): Element[] | undefined {
  const found: Element[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++]!
    let length = bytes[at++]!
    if (length > 127) {
      const octets = length - 128
      length = 0
      for (let i = 0; i < octets; i++) length = length * 256 + bytes[at++]!
      // Minimal: no leading zero octet, and no long form for what the short one holds; 0 octets, the indefinite form, come to 0.
      if (length < 128 || length < 256 ** (octets - 1)) return undefined
    }
    if ((tag & 31) === 31 || !(at + length <= bytes.length)) return undefined // NaN beyond the end
    found.push({ tag, content: bytes.subarray(at, at += length) })
  }
  return found
}

/** The elements inside the one element that the bytes are, if it has that tag. */
export function inside(bytes: Uint8Array, tag: number): Element[] | undefined {
  const [only, more] = elements(bytes) ?? []
  return only?.tag === tag && !more ? elements(only.content) : undefined
}

/** The octets of a non-negative INTEGER without the sign octet; undefined if it is negative or not minimal. */
export function unsigned({ tag, content }: Element): Uint8Array | undefined {
  const [first, second] = content
  if (tag !== INTEGER || first === undefined || first > 127 || first === 0 && second! < 128) return undefined
  return first === 0 && content.length > 1 ? content.subarray(1) : content
}

/** For contents below 128 octets, as all are that are written here; what a stranger's longer key becomes is no DER, and refused as that. */
export function write(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = parts.flatMap((part) => [...part])
  return Uint8Array.from([tag, content.length, ...content])
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join('')
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16))
}
