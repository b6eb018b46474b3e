// SPDX-License-Identifier: MIT
// Talks to the helpdesk for one user. The documented calls carry email and
// signature and may mark a conversation read; the token calls never do, except
// the one that says so. When the token has run out it verifies again, once.

import { Failure, UNREACHABLE } from "../shared/failure.js";
import { jsonOf, post } from "../shared/post.js";
import { wait } from "../shared/wait.js";
import type { Conversation, ConversationPage, Sent, Thread, Verified } from "./model.js";

export interface Identity {
  helpdeskId: string;
  email: string;
  signature: string;
  locale: string | null;
}

const PREFIX = "/api/messaging/ticket-center";

/** Answers 429 this often before the caller hears of it. */
const MAX_RATE_WAITS = 6;

export class Client {
  #token: string | null = null;
  #verifying: Promise<Verified> | null = null;
  readonly #base: string;
  readonly #identity: Identity;
  readonly #signal: AbortSignal;
  readonly #onVerified: (answer: Verified) => void;

  constructor(
    base: string,
    identity: Identity,
    signal: AbortSignal,
    onVerified: (answer: Verified) => void,
  ) {
    this.#base = base;
    this.#identity = identity;
    this.#signal = signal;
    this.#onVerified = onVerified;
  }

  /** Exchanges the signature for the first page and a token; calls in parallel share one request. */
  verify(): Promise<Verified> {
    this.#verifying ??= this.#documented<Verified>("/verify", this.#localeField())
      .then((answer) => {
        this.#token = answer.token;
        this.#onVerified(answer);
        return answer;
      })
      .finally(() => {
        this.#verifying = null;
      });
    return this.#verifying;
  }

  send(fields: {
    message: string;
    attachmentIds: string[];
    conversationId?: string;
    subject?: string;
    idempotencyKey: string;
  }): Promise<Sent> {
    return this.#documented("/message", fields);
  }

  /** The messages of a conversation; marks it read. */
  read(id: string): Promise<Thread> {
    return this.#documented(`/conversations/${encodeURIComponent(id)}/messages`, {});
  }

  close(id: string): Promise<{ conversation: Conversation }> {
    return this.#documented(`/conversations/${encodeURIComponent(id)}/close`, {});
  }

  list(cursor?: string): Promise<ConversationPage> {
    return this.#withToken("/conversations", cursor === undefined ? {} : { cursor });
  }

  /** The messages of a conversation, without marking anything. */
  peek(id: string, cursor?: string): Promise<Thread> {
    const fields = cursor === undefined ? {} : { cursor };
    return this.#withToken(`/conversations/${encodeURIComponent(id)}`, fields);
  }

  markRead(id: string): Promise<{ conversation: Conversation }> {
    return this.#withToken(`/conversations/${encodeURIComponent(id)}/read`, {});
  }

  /** The live stream after `cursor`; the caller reads the body and ends it through `signal`. */
  async stream(cursor: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#authorised(() =>
      this.#post("/stream", { after: cursor }, signal, this.#bearer()),
    );
    if (!response.body) throw new Failure(UNREACHABLE, "this browser cannot read a stream");
    return response.body;
  }

  /** A good token; another one than `stale`. */
  async token(stale: string | null = null): Promise<string> {
    // Another call may have renewed it meanwhile.
    if (this.#token === stale || this.#token === null) await this.verify();
    return this.#token ?? "";
  }

  #localeField(): Record<string, string> {
    return this.#identity.locale === null ? {} : { locale: this.#identity.locale };
  }

  async #documented<T>(path: string, fields: object): Promise<T> {
    const { helpdeskId, email, signature } = this.#identity;
    const body = { helpdeskId, email, signature, ...fields };
    return this.#json<T>(await this.#patiently(() => this.#post(path, body, this.#signal)));
  }

  async #withToken<T>(path: string, fields: object): Promise<T> {
    const response = await this.#authorised(() =>
      this.#patiently(() => this.#post(path, fields, this.#signal, this.#bearer())),
    );
    return this.#json<T>(response);
  }

  async #authorised(request: () => Promise<Response>): Promise<Response> {
    const used = await this.token();
    try {
      return await request();
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.status !== 401) throw thrown;
      await this.token(used);
      return request();
    }
  }

  /** Waits as long as a busy helpdesk asks for, then tries again. */
  async #patiently(request: () => Promise<Response>): Promise<Response> {
    for (let waits = 0; ; waits += 1) {
      try {
        return await request();
      } catch (thrown) {
        const seconds = thrown instanceof Failure ? thrown.retryAfterSeconds : null;
        if (seconds === null || waits >= MAX_RATE_WAITS) throw thrown;
        await wait(seconds * 1_000 + Math.random() * 250, this.#signal);
        this.#signal.throwIfAborted();
      }
    }
  }

  #post(path: string, body: object, signal: AbortSignal, headers?: Record<string, string>): Promise<Response> {
    return post(this.#base, PREFIX + path, body, signal, this.#signal, headers);
  }

  #json<T>(response: Response): Promise<T> {
    return jsonOf(response, this.#signal);
  }

  #bearer(): Record<string, string> {
    return { authorization: `Bearer ${this.#token ?? ""}` };
  }
}
