// SPDX-License-Identifier: MIT
// The proof of work: a number that gives a hash with leading zeros. Looked for in short slices between
// which the page does what it has to do: strict pages allow no worker.

import { hasher } from "./sha256.js";

const SLICE_MS = 10;
const LOOK_AT_CLOCK = 64;

/** The number, or null when nobody needs it any more. At most 32 bits. */
export function prove(token: string, bits: number, signal: AbortSignal): Promise<string | null> {
  const hash = hasher(`${token}:`);
  const limit = 2 ** (32 - bits);
  let number = 0;
  return new Promise((resolve) => {
    const slice = (): void => {
      if (signal.aborted) return resolve(null);
      for (const until = performance.now() + SLICE_MS; performance.now() < until; ) {
        for (let i = 0; i < LOOK_AT_CLOCK; i += 1, number += 1) {
          if (hash(String(number)) < limit) return resolve(String(number));
        }
      }
      setTimeout(slice);
    };
    slice();
  });
}
