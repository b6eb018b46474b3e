// SPDX-License-Identifier: MIT
// Sends drafts: once per press, again by itself while the helpdesk cannot be
// reached, always under the same idempotency key.

import { backoff, wait } from "../shared/wait.js";
import type { Client } from "./client.js";
import { type Draft, type Drafts, NEW } from "./drafts.js";
import { asFailure, type Failure } from "../shared/failure.js";
import type { Sent } from "./model.js";
import type { StringKey } from "./strings.js";

export interface SenderListener {
  changed(): void;
  sent(draftId: string, sent: Sent): void;
  /** The first failure of a message that will be tried again. */
  failed(failure: Failure): void;
  messagingOff(): void;
  refuse(failure: Failure): void;
}

const SENTENCES: Record<string, StringKey> = {
  message_empty: "write_first",
  message_too_long: "too_long",
  message_has_nul: "bad_character",
  conversation_not_found: "gone",
};

export class Sender {
  readonly #client: Client;
  readonly #drafts: Drafts;
  readonly #signal: AbortSignal;
  readonly #listener: SenderListener;

  constructor(
    client: Client,
    drafts: Drafts,
    signal: AbortSignal,
    listener: SenderListener,
  ) {
    this.#client = client;
    this.#drafts = drafts;
    this.#signal = signal;
    this.#listener = listener;
  }

  async send(draftId: string): Promise<void> {
    const draft = this.#drafts.of(draftId);
    if (draft.phase === "sending") return;
    if (draft.text.trim() === "") {
      draft.error = "write_first";
      this.#listener.changed();
      return;
    }
    const key = this.#drafts.keyOf(draftId);
    const press = ++draft.presses;
    for (let attempt = 0; ; attempt += 1) {
      draft.phase = "sending";
      this.#listener.changed();
      const failure = await this.#attempt(draftId, draft, key);
      if (failure === null || this.#signal.aborted) return;
      if (!failure.passing) return this.#giveUp(draft, failure);
      draft.phase = "waiting";
      draft.error = "not_sent";
      if (attempt === 0) this.#listener.failed(failure);
      this.#listener.changed();
      await wait(backoff(attempt), this.#signal, "online");
      // Typing or pressing Send again took over from this attempt.
      if (this.#signal.aborted || draft.phase !== "waiting" || draft.presses !== press) return;
    }
  }

  async #attempt(draftId: string, draft: Draft, key: string): Promise<Failure | null> {
    const subject = draft.subject.trim();
    try {
      const sent = await this.#client.send({
        message: draft.text,
        attachmentIds: draft.attachmentIds,
        idempotencyKey: key,
        ...(draftId === NEW ? {} : { conversationId: draftId }),
        ...(draftId === NEW && subject !== "" ? { subject } : {}),
      });
      if (!this.#signal.aborted) {
        this.#drafts.drop(draftId);
        this.#listener.sent(draftId, sent);
      }
      return null;
    } catch (thrown) {
      return asFailure(thrown);
    }
  }

  #giveUp(draft: Draft, failure: Failure): void {
    draft.phase = "idle";
    draft.idempotencyKey = null;
    if (failure.refusal) return this.#listener.refuse(failure);
    if (failure.code === "messaging_off") return this.#listener.messagingOff();
    draft.error = SENTENCES[failure.code] ?? "failed";
    draft.said = draft.error === "failed" ? failure.message : null;
    this.#listener.changed();
  }
}
