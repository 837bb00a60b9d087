// Whether bytes are a public point that may be trusted (RFC 7518 6.2.1, RFC 8032 5.1.3, RFC 8725 3.4).
// Runtimes disagree: some import points off the curve, most take Ed25519 keys that verify one signature for every message.
// Public data only, so that BigInt's timing tells nobody anything; but for the range of a private key, once, when it is imported.

import { decode } from '../encoding/base64url'
import { fromHex } from './der'

/** Big-endian bytes as a number. */
export function toInteger(bytes: Uint8Array): bigint {
  let hex = '0x0'
  for (const byte of bytes) hex += (byte + 256).toString(16).slice(1)
  return BigInt(hex)
}

/** By crv: the prime, and b in base64url (SP 800-186 3.2.1); a is -3 on all three. */
const curves: Readonly<Record<string, readonly [prime: bigint, b: string]>> = {
  'P-256': [0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn, 'WsY12Ko6k-ez671VdpiGvGUdBrDMU7D2O848PifSYEs'],
  'P-384': [0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn, 'szEvp-I-5-SYjgVr4_gtGRgdnG7-gUESAxQIj1ATh1rGVjmNii7RnSqFyO3T7Crv'],
  'P-521': [0x1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffn, 'AFGVPrlhjhyaH5KaIaC2hUDuotpyW5mzFfO4tImRjvEJ4VYZOVHsfpN7FlLAvTuxvwc1c9-IPSw08e9FH9RrUD8A'],
}

/** Whether x and y, big-endian, are a point of the curve: y² = x³ - 3x + b. */
export function isOnCurve(crv: string, xBytes: Uint8Array, yBytes: Uint8Array): boolean {
  const [prime, b] = curves[crv]!
  const x = toInteger(xBytes)
  const y = toInteger(yBytes)
  return x < prime && y < prime && (x * x * x - 3n * x + toInteger(decode(b)!) - y * y) % prime === 0n
}

/** The orders of the groups (SP 800-186 3.2.1). */
const orders: Readonly<Record<string, bigint>> = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384': 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  'P-521': 0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
}

/** Whether bytes are a private key of the curve: from 1 to below the order. Some runtimes take what is beyond it. */
export function isScalar(crv: string, bytes: Uint8Array): boolean {
  const d = toInteger(bytes)
  return d > 0n && d < orders[crv]!
}

/**
 * Whether 32 bytes encode a point of edwards25519 whose order is not small.
 * The points of order 1, 2 and 4 have y = 1, -1 and 0; those of order 8 double to one of order 4, which
 * with the curve equation gives d·y⁴ + 2y² = 1, d = -121665/121666.
 */
export function isStrongEd25519(bytes: Uint8Array): boolean {
  const prime = 2n ** 255n - 19n
  const y = toInteger(bytes.slice().reverse()) % 2n ** 255n // the top bit is the sign of x
  const square = y * y
  // x² = (y² - 1) / (d·y² + 1) must be a square other than 0, as it is at y = 1 and -1: Euler's criterion, the division turned into a product.
  const x = power(121666n * (square - 1n) * (121666n - 121665n * square), (prime - 1n) / 2n, prime)
  return x === 1n && y < prime && y * ((121665n * square - 243332n) * square + 121666n) % prime !== 0n
}

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let square = (base % modulus + modulus) % modulus; exponent; exponent >>= 1n) {
    if (exponent & 1n) result = result * square % modulus
    square = square * square % modulus
  }
  return result
}

/** x of the base points (SP 800-186 3.2.1), base64url. */
const baseX: Readonly<Record<string, string>> = {
  'P-256': 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY',
  'P-384': 'qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3',
  'P-521': 'AMaFjga3BATpzZ4-y2YjlbRCnGSBOQU_tSH4KK9ga009uqFLXnfv51ko_h3BJ6L_qN4zSLPBhWpCm_l-fjHC5b1m',
}

/** One of the two points with this x, by default that of the base point; the primes are 3 modulo 4. */
export function pointAt(crv: string, xBytes: Uint8Array = decode(baseX[crv]!)!): { readonly x: Uint8Array, readonly y: Uint8Array, readonly otherY: Uint8Array } {
  const [prime, b] = curves[crv]!
  const x = toInteger(xBytes)
  const y = power(x * x * x - 3n * x + toInteger(decode(b)!), (prime + 1n) / 4n, prime)
  const bytes = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(2 * xBytes.length, '0'))
  return { x: xBytes, y: bytes(y), otherY: bytes(prime - y) }
}
