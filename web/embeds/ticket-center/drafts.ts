// SPDX-License-Identifier: MIT
// What a visitor has typed and not sent, in memory only. A draft keeps its
// idempotency key until its words change, so a repeated send never doubles.

import { uuid } from "../shared/uuid.js";
import type { StringKey } from "./strings.js";

/** The draft of the conversation that does not exist yet. */
export const NEW = "new";

export interface Draft {
  text: string;
  subject: string;
  /** Uploaded files, as the message names them. */
  attachmentIds: string[];
  /** What the part about files keeps of them. */
  items: unknown[];
  phase: "idle" | "sending" | "waiting";
  error: StringKey | null;
  /** A sentence of the helpdesk for a refusal we have no words for. */
  said: string | null;
  idempotencyKey: string | null;
  /** Counts the presses of Send: only the latest one keeps trying. */
  presses: number;
}

export class Drafts {
  readonly #drafts = new Map<string, Draft>();

  of(id: string): Draft {
    let draft = this.#drafts.get(id);
    if (!draft) {
      draft = {
        text: "",
        subject: "",
        attachmentIds: [],
        items: [],
        phase: "idle",
        error: null,
        said: null,
        idempotencyKey: null,
        presses: 0,
      };
      this.#drafts.set(id, draft);
    }
    return draft;
  }

  /** New words make a new message; one that waits to be sent again waits no longer. */
  edit(id: string, change: Partial<Pick<Draft, "text" | "subject" | "attachmentIds">>): void {
    const draft = this.of(id);
    Object.assign(draft, change);
    draft.phase = "idle";
    draft.error = null;
    draft.said = null;
    draft.idempotencyKey = null;
  }

  keyOf(id: string): string {
    const draft = this.of(id);
    draft.idempotencyKey ??= uuid();
    return draft.idempotencyKey;
  }

  drop(id: string): void {
    this.#drafts.delete(id);
  }

  /** Whatever was on its way when a panel went is typed text again; its key stays. */
  settle(): void {
    for (const draft of this.#drafts.values()) draft.phase = "idle";
  }

  clear(): void {
    this.#drafts.clear();
  }
}
