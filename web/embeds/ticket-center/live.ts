// SPDX-License-Identifier: MIT
// Keeps a panel up to date while its tab is visible: by the stream, and by
// polling for as long as the stream cannot be had. Hidden tabs hold nothing open.

import { backoff, wait } from "../shared/wait.js";
import type { Client } from "./client.js";
import { asFailure, type Failure } from "../shared/failure.js";
import type { Conversation, Message } from "./model.js";
import { events, type StreamEvent } from "./sse.js";

const READY_MS = 5_000;
const SILENCE_MS = 45_000;
/** A stream that ended sooner counts as a failure, so that a flapping one is not asked for every second. */
const LASTING_MS = 10_000;
const POLL_MS = 10_000;
const POLL_OPEN_MS = 5_000;
const FAILURES_BEFORE_POLLING = 3;

export interface LiveListener {
  message(conversation: Conversation, message: Message): void;
  conversationChanged(conversation: Conversation): void;
  /** Fetches what may have been missed; rejects when the helpdesk cannot be reached. */
  refresh(): Promise<void>;
  /** The session is over (wrong signature, origin refused …). */
  refuse(failure: Failure): void;
  reachable(yes: boolean): void;
  hasOpenConversation(): boolean;
}

type Outcome = "dropped" | "failed" | "no-stream" | "refused";

export class Live {
  #running: AbortController | null = null;
  #polling: AbortController | null = null;
  readonly #client: Client;
  readonly #listener: LiveListener;
  #cursor: string;

  constructor(
    client: Client,
    listener: LiveListener,
    cursor: string,
  ) {
    this.#client = client;
    this.#listener = listener;
    this.#cursor = cursor;
  }

  /** Starts, or does nothing while already running or hidden. */
  resume(): void {
    if (this.#running || document.visibilityState === "hidden") return;
    this.#running = new AbortController();
    void this.#run(this.#running.signal);
  }

  pause(): void {
    this.#running?.abort();
    this.#running = null;
    this.#stopPolling();
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const started = Date.now();
      const outcome = await this.#follow(signal);
      if (signal.aborted || outcome === "refused") return;
      const lasted = outcome === "dropped" && Date.now() - started > LASTING_MS;
      failures = lasted ? 0 : failures + 1;
      if (outcome === "no-stream" || failures >= FAILURES_BEFORE_POLLING) this.#poll(signal);
      await wait(backoff(failures), signal, "online");
    }
  }

  /** Follows one stream to its end. */
  async #follow(signal: AbortSignal): Promise<Outcome> {
    const connection = new AbortController();
    const hangUp = (): void => connection.abort();
    signal.addEventListener("abort", hangUp);
    let ready = false;
    let watchdog = setTimeout(hangUp, READY_MS);
    const alive = (): void => {
      if (!ready) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(hangUp, SILENCE_MS);
    };
    try {
      const body = await this.#client.stream(this.#cursor, connection.signal);
      for await (const event of events(body, alive)) {
        if (signal.aborted) break;
        if (event.name === "ready") {
          ready = true;
          alive();
          this.#stopPolling();
          this.#listener.reachable(true);
        }
        if (event.name === "expired") {
          await this.#client.verify();
          return "dropped";
        }
        this.#deliver(event);
      }
      return ready ? "dropped" : "failed";
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (!signal.aborted && failure.refusal) {
        this.#listener.refuse(failure);
        return "refused";
      }
      if (ready) return "dropped";
      return connection.signal.aborted ? "no-stream" : "failed";
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener("abort", hangUp);
      connection.abort();
    }
  }

  #deliver(event: StreamEvent): void {
    if (event.id) this.#cursor = event.id;
    if (event.name === "message" || event.name === "conversation") {
      const data = JSON.parse(event.data) as { conversation: Conversation; message?: Message };
      if (data.message) this.#listener.message(data.conversation, data.message);
      else this.#listener.conversationChanged(data.conversation);
    }
  }

  #poll(signal: AbortSignal): void {
    if (this.#polling || signal.aborted) return;
    this.#polling = new AbortController();
    void this.#pollUntil(this.#polling.signal);
  }

  #stopPolling(): void {
    this.#polling?.abort();
    this.#polling = null;
  }

  async #pollUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#listener.refresh();
        if (!signal.aborted) this.#listener.reachable(true);
      } catch (thrown) {
        const failure = asFailure(thrown);
        if (signal.aborted) return;
        if (failure.refusal) return this.#listener.refuse(failure);
        this.#listener.reachable(false);
      }
      const pause = this.#listener.hasOpenConversation() ? POLL_OPEN_MS : POLL_MS;
      await wait(pause * (0.9 + Math.random() * 0.2), signal, "online");
    }
  }
}
