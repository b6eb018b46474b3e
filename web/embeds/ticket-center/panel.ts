// SPDX-License-Identifier: MIT
// One panel on the page: its own element with an open shadow root inside the
// container, the session of one user, and the events the page hears. Touches
// nothing outside its element: no focus on load, no title, no history.

import common from "../../styles/embed-base.css";
import own from "../../styles/embed.css";
import { patch } from "../shared/dom.js";
import { type Appearance, applyLooks, type Options } from "../shared/options.js";
import { adopt, adoptStyles, MARK } from "../shared/host.js";
import { Drafts } from "./drafts.js";
import type { Files, FilesPart } from "./files-part.js";
import type { Verified } from "./model.js";
import { type Checked, identityOf } from "./options.js";
import { Session } from "./session.js";
import { UNREACHABLE } from "../shared/failure.js";
import type { FocusTarget, SessionListener } from "./session-listener.js";
import { Times } from "./times.js";
import { panel as describe, type View } from "./view.js";
import { NEAR_NEWEST_PX } from "./view-thread.js";

export class Panel implements SessionListener, View {
  readonly session: Session;
  readonly times: Times;
  direction = "ltr";
  language = "en";
  files: Files | null = null;
  #loading: Promise<Files> | null = null;
  readonly #host = document.createElement("div");
  readonly #root = this.#host.attachShadow({ mode: "open" });
  readonly #checked: Checked;
  readonly #ending = new AbortController();
  readonly #observer: IntersectionObserver | null = null;
  #container: Element;
  #options: Options;
  #appearance: Appearance = {};
  #onScreen = true;
  #drawing = false;
  #focusNext: FocusTarget | null = null;
  #lastRow: string | null = null;

  constructor(
    readonly base: string,
    container: Element,
    options: Options,
    drafts: Drafts,
  ) {
    this.#container = container;
    this.#options = options;
    this.#checked = identityOf(options);
    this.times = new Times(options.locale);
    this.#host.setAttribute(MARK, "");
    adoptStyles(this.#root, common + own);
    applyLooks(this.#host, options, this.#appearance);
    const identity =
      "identity" in this.#checked
        ? this.#checked.identity
        : { helpdeskId: "", email: "", signature: "", locale: null };
    this.session = new Session(base, identity, drafts, this);
    this.moveTo(container);
    if (typeof IntersectionObserver === "function") {
      this.#observer = new IntersectionObserver((entries) => {
        this.#onScreen = entries.at(-1)?.isIntersecting ?? true;
        if (this.#onScreen) this.session.markSeen();
      });
      this.#observer.observe(this.#host);
    }
    const { signal } = this.#ending;
    addEventListener("online", () => this.session.online(true), { signal });
    addEventListener("offline", () => this.session.online(false), { signal });
    addEventListener("pagehide", () => this.session.pause(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.session.resume(), { signal });
    document.addEventListener(
      "visibilitychange",
      () => (document.visibilityState === "hidden" ? this.session.pause() : this.session.resume()),
      { signal },
    );
  }

  /** Begins; apart from the constructor so that attributes set in a row count as one. */
  start(): void {
    if (this.#ending.signal.aborted) return;
    if ("missing" in this.#checked) this.#refuseMissing(this.#checked.missing);
    else void this.session.start();
  }

  isIn(container: Element): boolean {
    return this.#container === container && this.#host.parentNode === container;
  }

  get present(): boolean {
    return this.#container.isConnected;
  }

  /** Takes its place in a container, also one that the page made anew. */
  moveTo(container: Element): void {
    this.#container = container;
    adopt(container, this.#host);
  }

  /** New looks for the same user. */
  restyle(options: Options): void {
    this.#options = options;
    applyLooks(this.#host, options, this.#appearance);
  }

  /** Gone for good: stops everything, drops what is on its way, leaves nothing behind. */
  end(): void {
    this.#ending.abort();
    this.session.end();
    this.#observer?.disconnect();
    patch(this.#root, []);
    this.#host.remove();
  }

  verified(answer: Verified): void {
    this.#appearance = answer.helpdesk.appearance ?? {};
    applyLooks(this.#host, this.#options, this.#appearance);
    this.direction = answer.strings ? answer.direction : "ltr";
    this.language = (answer.strings && this.#options.locale) || "en";
  }

  focus(target: FocusTarget): void {
    if (target === "heading" && this.session.state.thread) this.#lastRow = this.session.state.thread.id;
    this.#focusNext = target;
    this.draw();
  }

  visible(): boolean {
    return this.#onScreen && document.visibilityState !== "hidden";
  }

  atNewest(): boolean {
    return (this.#find("log")?.scrollTop ?? 0) > -NEAR_NEWEST_PX;
  }

  failed(code: string, message: string): void {
    console.warn(`[Helpdesky] Ticket Center: ${message} (${code})`);
    this.tell("error", { code, message });
  }

  tell(name: "ready" | "unread" | "error", detail: object): void {
    this.#container.dispatchEvent(
      new CustomEvent(`hdh:${name}`, { detail, bubbles: true, composed: true }),
    );
  }

  #refuseMissing(missing: string[]): void {
    const { state } = this.session;
    const code = missing.some((it) => it.startsWith("data-helpdesk-id"))
      ? "missing_helpdesk_id"
      : "missing_attribute";
    state.phase = "problem";
    state.problem = { kind: "missing", code, detail: `${missing.join("; ")}.` };
    this.draw();
    this.failed(code, missing.join("; "));
  }

  /** Draws once for all changes of the same moment. */
  draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      if (this.#ending.signal.aborted) return;
      const before = this.#root.activeElement;
      patch(this.#root, describe(this));
      this.#placeFocus(before);
    });
  }

  /** Fetches the part about files when somebody first has to do with one. */
  withFiles(draftId = "", given: File[] = []): void {
    const { session } = this;
    this.#loading ??= (import(`${this.base}/ticket-center-files.js`) as Promise<FilesPart>).then(
      (part) =>
        (this.files = part.files({
          base: this.base,
          signal: this.#ending.signal,
          language: () => this.language,
          limit: () => session.state.limit,
          translation: (key) => session.strings.own(key),
          token: (stale) => session.client.token(stale),
          draft: (id) => session.drafts.of(id),
          attached: (id, attachmentIds) => session.type(id, { attachmentIds }),
          redraw: () => this.draw(),
          style: (css) => adoptStyles(this.#root, css),
        })),
    );
    this.#loading
      .then((part) => {
        if (draftId) part.add(draftId, given);
        this.draw();
      })
      .catch((thrown: unknown) => {
        this.#loading = null;
        this.failed(UNREACHABLE, String(thrown));
        // What is only shown does not draw: that would ask again at once.
        if (!draftId) return;
        session.drafts.of(draftId).error = "failed";
        this.draw();
      });
  }

  tryAgain(): void {
    if ("missing" in this.#checked) this.start();
    else this.session.tryAgain();
  }

  #placeFocus(before: Element | null): void {
    const target = this.#focusNext;
    this.#focusNext = null;
    if (target === "list") {
      const row = this.#lastRow && this.#find(`row ${this.#lastRow}`);
      (row || this.#find("new"))?.focus();
    } else if (target === "reply") {
      this.toNewest();
      this.#find("reply")?.focus({ preventScroll: true });
    } else if (target) {
      this.#find(target)?.focus({ preventScroll: true });
    } else if (before instanceof HTMLElement && before.isConnected && this.#root.activeElement !== before) {
      // Moving an element in the page takes its focus away.
      before.focus({ preventScroll: true });
    }
  }

  toNewest(): void {
    const log = this.#find("log");
    if (log) log.scrollTop = 0;
    this.session.atNewest();
  }

  #find(name: string): HTMLElement | null {
    for (const element of this.#root.querySelectorAll<HTMLElement>("[data-focus]")) {
      if (element.dataset["focus"] === name) return element;
    }
    return null;
  }
}
