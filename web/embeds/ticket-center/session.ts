// SPDX-License-Identifier: MIT
// One user's session in one panel: verifies, keeps the list and the open
// conversation current, marks read only what is seen. It knows no elements.
// Once ended, nothing that is still on its way can reach the screen.

import { backoff, wait } from "../shared/wait.js";
import { Client, type Identity } from "./client.js";
import { type Drafts, NEW } from "./drafts.js";
import { asFailure, type Failure } from "../shared/failure.js";
import { Live, type LiveListener } from "./live.js";
import type { Conversation, Message, Sent, Thread, Verified } from "./model.js";
import type { SessionListener } from "./session-listener.js";
import { Sender, type SenderListener } from "./sender.js";
import {
  initialState,
  merged,
  mergedMessages,
  newThread,
  type OpenThread,
  problemOf,
  type State,
  unreadTotal,
  withFirstPage,
} from "./state.js";
import { Strings } from "./strings.js";

const SKELETON_AFTER_MS = 150;
const ANNOUNCED_MS = 4_000;

export class Session implements SenderListener, LiveListener {
  readonly state: State = initialState();
  strings = new Strings();
  readonly #ending = new AbortController();
  readonly client: Client;
  readonly #sender: Sender;
  #live: Live | null = null;
  #unread = -1;
  #starting = false;
  #retryNow: (() => void) | null = null;
  #reading = false;
  /** Something arrived while the read mark was on its way. */
  #readAgain = false;
  readonly #listener: SessionListener;

  constructor(
    base: string,
    identity: Identity,
    readonly drafts: Drafts,
    listener: SessionListener,
  ) {
    this.#listener = listener;
    const { signal } = this.#ending;
    this.client = new Client(base, identity, signal, (answer) => this.#onVerified(answer));
    this.#sender = new Sender(this.client, drafts, signal, this);
    this.state.connection = navigator.onLine === false ? "offline" : "up";
  }

  /** Verifies, again and again while the helpdesk cannot be reached. */
  async start(): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    await this.#verifyPatiently();
    this.#starting = false;
  }

  async #verifyPatiently(): Promise<void> {
    const { signal } = this.#ending;
    this.state.phase = "waiting";
    this.state.problem = null;
    this.changed();
    const skeleton = setTimeout(() => {
      if (this.state.phase !== "waiting") return;
      this.state.phase = "loading";
      this.changed();
    }, SKELETON_AFTER_MS);
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const answer = await this.client.verify();
        if (signal.aborted) return;
        this.#live = new Live(this.client, this, answer.live);
        this.#live.resume();
        this.#listener.tell("ready", {});
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        const failure = asFailure(thrown);
        if (!failure.passing) return this.refuse(failure);
        if (attempt === 0) this.failed(failure);
        this.#showProblem(failure);
        const waiting = new AbortController();
        this.#retryNow = () => waiting.abort();
        signal.addEventListener("abort", this.#retryNow, { once: true });
        await wait(backoff(attempt + 1), waiting.signal, "online");
        this.#retryNow = null;
      } finally {
        clearTimeout(skeleton);
      }
    }
  }

  end(): void {
    this.#ending.abort();
    this.#live?.pause();
    this.drafts.settle();
  }

  tryAgain(): void {
    this.#retryNow?.();
    void this.start();
  }

  /** The tab was hidden, or the page put away. */
  pause(): void {
    this.#live?.pause();
  }

  /** The tab is back: catch up at once. */
  resume(): void {
    if (!this.#live) return;
    this.#live.resume();
    this.refresh().catch((thrown: unknown) => {
      const failure = asFailure(thrown);
      if (failure.refusal) this.refuse(failure);
    });
    this.markSeen();
  }

  online(yes: boolean): void {
    this.state.connection = yes ? "up" : "offline";
    this.changed();
    if (yes && this.state.thread?.phase === "failed") this.reload();
  }

  // What the user does.

  showList(): void {
    this.state.screen = "list";
    this.state.thread = null;
    this.changed();
    this.#listener.focus("list");
  }

  compose(): void {
    this.state.screen = "new";
    this.state.thread = null;
    this.changed();
    this.#listener.focus("message");
  }

  open(id: string): void {
    const { thread } = this.state;
    if (thread?.id !== id || thread.phase === "failed") this.#load(newThread(id));
    this.#listener.focus("heading");
  }

  reload(): void {
    if (this.state.thread) this.#load(newThread(this.state.thread.id));
  }

  async older(): Promise<void> {
    const { state } = this;
    if (state.loadingOlder || state.nextCursor === null) return;
    state.loadingOlder = true;
    this.changed();
    await this.#guard(this.client.list(state.nextCursor), (page) => {
      state.conversations = merged(state.conversations, page.conversations);
      state.nextCursor = page.nextCursor;
    });
    state.loadingOlder = false;
    this.changed();
  }

  async earlier(): Promise<void> {
    const { thread } = this.state;
    if (!thread || thread.loadingEarlier || thread.nextCursor === null) return;
    thread.loadingEarlier = true;
    this.changed();
    await this.#guard(this.client.peek(thread.id, thread.nextCursor), (page) => {
      thread.messages = mergedMessages(thread.messages, page.messages);
      thread.nextCursor = page.nextCursor;
    });
    thread.loadingEarlier = false;
    this.changed();
  }

  async close(): Promise<void> {
    const { thread } = this.state;
    if (!thread || thread.closing) return;
    thread.closing = true;
    thread.closeFailed = false;
    this.changed();
    const closed = await this.#guard(this.client.close(thread.id), ({ conversation }) => {
      this.#put(conversation);
      this.#announce(this.strings.text("conversation_closed"));
    });
    thread.closing = false;
    thread.closeFailed = !closed;
    this.changed();
    if (closed && this.state.thread === thread) this.#listener.focus("heading");
  }

  type(draftId: string, change: { text?: string; subject?: string; attachmentIds?: string[] }): void {
    this.drafts.edit(draftId, change);
    this.changed();
  }

  send(draftId: string): void {
    void this.#sender.send(draftId);
    if (this.drafts.of(draftId).error) this.#listener.focus(draftId === NEW ? "message" : "reply");
  }

  atNewest(): void {
    if (!this.state.thread?.unseenBelow) return;
    this.state.thread.unseenBelow = false;
    this.changed();
  }

  /** Marks the open conversation read, if there is something unread and it can be seen. */
  markSeen(): void {
    const { thread } = this.state;
    if (!thread || thread.phase !== "ready" || !this.#listener.visible()) return;
    if (!this.conversation(thread.id)?.unreadCount) return;
    this.#readAgain = this.#reading;
    if (this.#reading) return;
    this.#reading = true;
    void this.#guard(this.client.markRead(thread.id), ({ conversation }) => {
      this.#put(conversation);
      this.changed();
    }).then(() => {
      this.#reading = false;
      if (this.#readAgain) this.markSeen();
    });
  }

  conversation(id: string): Conversation | undefined {
    return this.state.conversations.find((it) => it.id === id);
  }

  // What the helpdesk answers.

  #onVerified(answer: Verified): void {
    if (this.#ending.signal.aborted) return;
    const { state } = this;
    if (answer.strings) this.strings = new Strings(answer.strings);
    this.#listener.verified(answer);
    state.phase = "ready";
    state.problem = null;
    state.contact = answer.contact;
    state.messaging = answer.helpdesk.messaging !== false;
    state.limit = answer.helpdesk.attachmentBytes;
    state.connection = "up";
    withFirstPage(state, answer);
    this.changed();
  }

  #load(thread: OpenThread): void {
    const { state } = this;
    state.screen = "conversation";
    state.thread = thread;
    this.changed();
    const answer = this.#listener.visible()
      ? this.client.read(thread.id)
      : this.client.peek(thread.id);
    answer.then(
      (loaded) => this.#onThread(thread, loaded),
      (thrown: unknown) => {
        if (this.#ending.signal.aborted) return;
        const failure = asFailure(thrown);
        if (failure.refusal) return this.refuse(failure);
        thread.phase = failure.code === "conversation_not_found" ? "gone" : "failed";
        this.failed(failure);
        this.changed();
      },
    );
  }

  #onThread(thread: OpenThread, loaded: Thread): void {
    if (this.#ending.signal.aborted) return;
    const first = thread.phase !== "ready";
    thread.messages = mergedMessages(thread.messages, loaded.messages);
    if (first) thread.nextCursor = loaded.nextCursor;
    thread.phase = "ready";
    this.#put(loaded.conversation);
    this.changed();
    this.markSeen();
  }

  sent(draftId: string, sent: Sent): void {
    const { state } = this;
    this.#put(sent.conversation);
    const { thread } = state;
    if (draftId === NEW && state.screen === "new") {
      state.screen = "conversation";
      state.thread = { ...newThread(sent.conversation.id), phase: "ready", messages: [sent.message] };
      this.#listener.focus("heading");
    } else if (thread?.id === sent.conversation.id) {
      thread.messages = mergedMessages(thread.messages, [sent.message]);
      this.#listener.focus("reply");
    }
    this.#announce(this.strings.text("sent"));
  }

  message(conversation: Conversation, message: Message): void {
    const { thread } = this.state;
    const known = thread?.messages.some((it) => it.id === message.id);
    this.#put(conversation);
    if (thread?.id === conversation.id) {
      thread.messages = mergedMessages(thread.messages, [message]);
      if (!known && message.author === "operator") thread.unseenBelow = !this.#listener.atNewest();
      this.changed();
      this.markSeen();
    } else if (message.author === "operator") {
      const subject = conversation.subject ?? this.strings.text("no_subject");
      this.#announce(this.strings.text("new_reply_in", { subject }));
    } else {
      this.changed();
    }
  }

  conversationChanged(conversation: Conversation): void {
    this.#put(conversation);
    this.changed();
    this.markSeen();
  }

  reachable(yes: boolean): void {
    const before = this.state.connection;
    this.state.connection = yes ? "up" : navigator.onLine ? "unreachable" : "offline";
    if (before !== this.state.connection) this.changed();
  }

  hasOpenConversation(): boolean {
    return this.state.thread !== null;
  }

  messagingOff(): void {
    this.state.messaging = false;
    this.changed();
  }

  failed(failure: Failure): void {
    this.#listener.failed(failure.code, failure.message);
  }

  /** Fetches the first page, and the open conversation if something happened in it. */
  async refresh(): Promise<void> {
    const { state } = this;
    const { thread } = state;
    const before = thread && this.conversation(thread.id);
    const page = await this.client.list();
    if (this.#ending.signal.aborted) return;
    withFirstPage(state, page);
    this.changed();
    const after = thread && this.conversation(thread.id);
    const same =
      before?.lastMessageAt === after?.lastMessageAt && before?.unreadCount === after?.unreadCount;
    if (!thread || thread !== state.thread || thread.phase !== "ready" || same) return;
    this.#onThread(thread, await this.client.peek(thread.id));
  }

  #put(conversation: Conversation): void {
    // A reply that is newer than the conversation was taken back; what is only ahead of it comes back
    // with its own event.
    const { thread } = this.state;
    this.state.conversations = merged(this.state.conversations, [conversation]);
    if (thread?.id === conversation.id) {
      thread.messages = thread.messages.filter((it) => it.createdAt <= conversation.lastMessageAt);
    }
  }

  /** Applies an answer unless the session has ended; false when there was none. */
  async #guard<T>(answer: Promise<T>, apply: (value: T) => void): Promise<boolean> {
    try {
      const value = await answer;
      if (this.#ending.signal.aborted) return false;
      apply(value);
      return true;
    } catch (thrown) {
      if (this.#ending.signal.aborted) return false;
      const failure = asFailure(thrown);
      if (failure.refusal) this.refuse(failure);
      else this.failed(failure);
      return false;
    }
  }

  /** Ends what was shown: after a refusal nothing of the user stays. */
  refuse(failure: Failure): void {
    if (this.#ending.signal.aborted || this.state.problem?.kind === "refused") return;
    this.#live?.pause();
    this.#live = null;
    Object.assign(this.state, initialState());
    this.failed(failure);
    this.#showProblem(failure);
  }

  #showProblem(failure: Failure): void {
    this.state.phase = "problem";
    this.state.problem = problemOf(failure);
    this.changed();
  }

  #announce(text: string): void {
    const { state } = this;
    state.announcement = text;
    this.changed();
    // Cleared, so that the same words are heard again next time.
    void wait(ANNOUNCED_MS, this.#ending.signal).then(() => {
      if (state.announcement === text) state.announcement = "";
      this.changed();
    });
  }

  changed(): void {
    if (this.#ending.signal.aborted) return;
    this.#listener.draw();
    if (this.state.phase !== "ready") return;
    const seen = this.state.thread && this.#listener.visible() ? this.state.thread.id : null;
    const open = seen === null ? 0 : (this.conversation(seen)?.unreadCount ?? 0);
    const count = unreadTotal(this.state) - open;
    if (count === this.#unread) return;
    this.#unread = count;
    this.#listener.tell("unread", { count });
  }
}
