// SPDX-License-Identifier: MIT
// One kind of error for everything that can go wrong between panel and helpdesk.

/** The request never got an answer, or the helpdesk could not give one: worth trying again. */
export const UNREACHABLE = "unreachable";

/** These end the session whatever was being done: nothing of the user may stay on screen. */
const REFUSALS = new Set(["verification_failed", "origin_not_allowed", "unknown_helpdesk"]);

export class Failure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }

  get passing(): boolean {
    return this.code === UNREACHABLE;
  }

  get refusal(): boolean {
    return REFUSALS.has(this.code);
  }
}

export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure("unexpected", thrown instanceof Error ? thrown.message : String(thrown));
}

/** The failure an answer that is not 2xx stands for. */
export async function failureOf(response: Response): Promise<Failure> {
  if (response.status >= 500) {
    return new Failure(UNREACHABLE, `the helpdesk answered ${response.status}`, response.status);
  }
  const body: unknown = await response.json().catch(() => null);
  const { error, code } = (body ?? {}) as { error?: unknown; code?: unknown };
  return new Failure(
    typeof code === "string" ? code : `http_${response.status}`,
    typeof error === "string" ? error : `the helpdesk answered ${response.status}`,
    response.status,
    response.status === 429 ? retryAfter(response) : null,
  );
}

function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get("retry-after"));
  return seconds > 0 ? Math.min(seconds, 60) : 1;
}
