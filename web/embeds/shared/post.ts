// SPDX-License-Identifier: MIT
// One request of an embed: JSON there, JSON back, nothing that identifies the browser.

import { Failure, failureOf, UNREACHABLE } from "./failure.js";

/** Throws a `Failure`, or the reason of `ending` when the panel is gone. */
export async function post(
  base: string,
  path: string,
  body: object,
  signal: AbortSignal,
  ending: AbortSignal = signal,
  headers: Record<string, string> = {},
  send: (url: string, request: RequestInit) => Promise<Response> = fetch,
): Promise<Response> {
  let response: Response;
  try {
    response = await send(base + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal,
    });
  } catch (thrown) {
    ending.throwIfAborted();
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Failure(
      UNREACHABLE,
      `no answer from ${base} (${reason}): offline, blocked, or not in the page's connect-src`,
    );
  }
  if (!response.ok) throw await failureOf(response);
  return response;
}

export async function jsonOf<T>(response: Response, ending: AbortSignal): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    ending.throwIfAborted();
    throw new Failure(UNREACHABLE, "the answer was cut short");
  }
}
