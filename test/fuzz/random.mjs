// A small seeded generator for the hot loop (fast-check's makes the pools, before the loop; see pools.mjs).
// A case is made from (seed, target, number) alone, so that any case can be made again by itself.

/** sfc32, seeded with three numbers. */
export class Random {
  constructor(seed, stream = 0, number = 0) {
    this.reset(seed, stream, number)
  }

  reset(seed, stream, number) {
    this.a = seed | 0
    this.b = stream | 0
    this.c = number | 0
    this.counter = 1
    for (let i = 0; i < 12; i++) this.next()
    return this
  }

  next() {
    const t = (this.a + this.b | 0) + this.counter | 0
    this.counter = this.counter + 1 | 0
    this.a = this.b ^ this.b >>> 9
    this.b = this.c + (this.c << 3) | 0
    this.c = (this.c << 21 | this.c >>> 11) + t | 0
    return t >>> 0
  }

  /** A whole number from 0 to n - 1. */
  below(n) {
    return n > 0 ? this.next() % n : 0
  }

  chance(probability) {
    return this.next() < probability * 2 ** 32
  }

  pick(list) {
    return list[this.below(list.length)]
  }

  /** Mostly small, now and then as large as `most`. */
  small(most) {
    return this.below(1 + this.below(1 + this.below(most)))
  }
}

/** A stream number for a name. */
export function streamOf(name) {
  let hash = 0x811c9dc5
  for (const letter of name) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193)
  return hash | 0
}
