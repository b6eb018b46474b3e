// SPDX-License-Identifier: MIT

/** Resolves after `ms`, at once when `signal` aborts, or early when `hurry` fires on the window. */
export function wait(ms: number, signal: AbortSignal, hurry?: "online"): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      if (hurry) removeEventListener(hurry, done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (hurry) addEventListener(hurry, done);
  });
}

/** Doubles from one second to thirty, with jitter so that many pages do not return together. */
export function backoff(attempt: number): number {
  const ceiling = Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 5));
  return ceiling * (0.6 + Math.random() * 0.4);
}
