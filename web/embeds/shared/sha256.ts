// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4), synchronous: the browser's own is asynchronous, one call for each hash, and is
// kept from pages without TLS.

const ROUNDS = new Int32Array(64);
const START = new Int32Array(8);

const fraction = (value: number): number => ((value - Math.floor(value)) * 2 ** 32) | 0;
for (let number = 2, found = 0; found < 64; number += 1) {
  let prime = true;
  for (let by = 2; by * by <= number; by += 1) if (number % by === 0) prime = false;
  if (!prime) continue;
  if (found < 8) START[found] = fraction(Math.sqrt(number));
  ROUNDS[found] = fraction(Math.cbrt(number));
  found += 1;
}

const W = new Int32Array(64);
const at = (list: Int32Array, place: number): number => list[place] as number;
const turn = (value: number, by: number): number => (value >>> by) | (value << (32 - by));

/** The state after one more block of 64 bytes. */
function compress(state: Int32Array, bytes: Uint8Array, from: number): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, 64);
  for (let i = 0; i < 64; i += 1) {
    if (i < 16) W[i] = view.getInt32(i * 4);
    else {
      const a = at(W, i - 15);
      const b = at(W, i - 2);
      const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
      const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
      W[i] = at(W, i - 16) + low + at(W, i - 7) + high;
    }
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i += 1) {
    const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + at(ROUNDS, i) + at(W, i);
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  return Int32Array.of(a, b, c, d, e, f, g, h).map((value, i) => value + at(state, i));
}

/** Hashes texts in ASCII with one beginning; of each the first 32 bits. */
export function hasher(prefix: string): (rest: string) => number {
  const encoder = new TextEncoder();
  const head = encoder.encode(prefix);
  const whole = head.length - (head.length % 64);
  let state: Int32Array = START;
  for (let from = 0; from < whole; from += 64) state = compress(state, head, from);
  const tail = new Uint8Array(128);
  tail.set(head.subarray(whole));
  return (rest) => {
    const used = head.length - whole;
    tail.fill(0, used);
    const { written } = encoder.encodeInto(rest, tail.subarray(used));
    const end = used + (written ?? 0);
    tail[end] = 128;
    const length = end + 9 > 64 ? 128 : 64;
    new DataView(tail.buffer).setUint32(length - 4, (whole + end) * 8);
    let last = compress(state, tail, 0);
    if (length > 64) last = compress(last, tail, 64);
    return at(last, 0) >>> 0;
  };
}
