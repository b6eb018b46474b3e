// SPDX-License-Identifier: MIT
// One panel on the page: its own element with an open shadow root inside the
// container, the session of one user, and the events the page hears. Touches
// nothing outside its element: no focus on load, no title, no history.

import styles from "../../styles/embed.css";
import { patch } from "../shared/dom.js";
import { Drafts } from "./drafts.js";
import type { Failure } from "./failure.js";
import type { Appearance } from "./model.js";
import { applyLooks, type Checked, identityOf, type Options } from "./options.js";
import { type FocusTarget, Session, type SessionListener } from "./session.js";
import { Times } from "./times.js";
import { panel as describe } from "./view.js";
import { NEAR_NEWEST_PX } from "./view-thread.js";

/** Marks our own element, so that a page restored from a copy can be cleaned of empty ones. */
const MARK = "data-hdh-panel";

export class Panel {
  private readonly host = document.createElement("div");
  private readonly root = this.host.attachShadow({ mode: "open" });
  private readonly session: Session;
  private readonly checked: Checked;
  private readonly observer: IntersectionObserver | null = null;
  private times: Times;
  private appearance: Appearance = {};
  private onScreen = true;
  private drawing = false;
  private focusNext: FocusTarget | null = null;
  private lastRow: string | null = null;
  private ended = false;

  constructor(
    private readonly base: string,
    private container: Element,
    private options: Options,
    drafts: Drafts,
  ) {
    this.checked = identityOf(options);
    this.times = new Times(options.locale);
    this.host.setAttribute(MARK, "");
    this.host.dir = "ltr";
    this.host.lang = "en";
    adoptStyles(this.root);
    applyLooks(this.host, options, this.appearance);
    const identity =
      "identity" in this.checked
        ? this.checked.identity
        : { helpdeskId: "", email: "", signature: "", locale: null };
    this.session = new Session(base, identity, drafts, this.listener());
    this.moveTo(container);
    if (typeof IntersectionObserver === "function") {
      this.observer = new IntersectionObserver((entries) => {
        this.onScreen = entries.at(-1)?.isIntersecting ?? true;
        if (this.onScreen) this.session.markSeen();
      });
      this.observer.observe(this.host);
    }
    addEventListener("online", this.onOnline);
    addEventListener("offline", this.onOffline);
    addEventListener("pagehide", this.onHide);
    addEventListener("pageshow", this.onShow);
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  /** Begins; apart from the constructor so that attributes set in a row count as one. */
  start(): void {
    if (this.ended) return;
    if ("missing" in this.checked) this.refuseMissing(this.checked.missing);
    else void this.session.start();
  }

  isIn(container: Element): boolean {
    return this.container === container && this.host.parentNode === container;
  }

  get present(): boolean {
    return this.container.isConnected;
  }

  /** Takes its place in a container, also one that the page made anew. */
  moveTo(container: Element): void {
    this.container = container;
    for (const child of Array.from(container.children)) {
      if (child !== this.host && child.hasAttribute(MARK) && !child.shadowRoot) child.remove();
    }
    container.append(this.host);
  }

  /** New looks for the same user. */
  restyle(options: Options): void {
    this.options = options;
    applyLooks(this.host, options, this.appearance);
  }

  /** Gone for good: stops everything, drops what is on its way, leaves nothing behind. */
  end(): void {
    this.ended = true;
    this.session.end();
    this.observer?.disconnect();
    removeEventListener("online", this.onOnline);
    removeEventListener("offline", this.onOffline);
    removeEventListener("pagehide", this.onHide);
    removeEventListener("pageshow", this.onShow);
    document.removeEventListener("visibilitychange", this.onVisibility);
    patch(this.root, []);
    this.host.remove();
  }

  private readonly onOnline = (): void => this.session.online(true);
  private readonly onOffline = (): void => this.session.online(false);
  private readonly onHide = (): void => this.session.pause();
  private readonly onShow = (event: PageTransitionEvent): void => {
    if (event.persisted) this.session.resume();
  };
  private readonly onVisibility = (): void => {
    if (document.visibilityState === "hidden") this.session.pause();
    else this.session.resume();
  };

  private listener(): SessionListener {
    return {
      changed: () => this.draw(),
      verified: (answer) => {
        this.appearance = answer.helpdesk.appearance ?? {};
        applyLooks(this.host, this.options, this.appearance);
        this.host.dir = answer.strings && answer.direction === "rtl" ? "rtl" : "ltr";
        this.host.lang = (answer.strings && this.options.locale) || "en";
      },
      ready: () => this.tell("ready", { helpdeskId: this.options.helpdeskId }),
      unread: (count) => this.tell("unread", { count }),
      failed: (failure) => this.report(failure),
      focus: (target) => {
        if (target === "heading" && this.session.state.thread) this.lastRow = this.session.state.thread.id;
        this.focusNext = target;
        this.draw();
      },
      visible: () => this.onScreen && document.visibilityState !== "hidden",
      atNewest: () => (this.find("log")?.scrollTop ?? 0) > -NEAR_NEWEST_PX,
    };
  }

  private refuseMissing(missing: string[]): void {
    const { state } = this.session;
    const code = missing.some((it) => it.startsWith("data-helpdesk-id"))
      ? "missing_helpdesk_id"
      : "missing_attribute";
    state.phase = "problem";
    state.problem = { kind: "missing", code, detail: `${missing.join("; ")}.` };
    this.draw();
    this.warn(code, missing.join("; "));
  }

  private report(failure: Failure): void {
    this.warn(failure.code, failure.message);
  }

  private warn(code: string, message: string): void {
    console.warn(`[Helpdesky] Ticket Center: ${message} (${code})`);
    this.tell("error", { code, message });
  }

  private tell(name: "ready" | "unread" | "error", detail: object): void {
    this.container.dispatchEvent(
      new CustomEvent(`hdh:${name}`, { detail, bubbles: true, composed: true }),
    );
  }

  /** Draws once for all changes of the same moment. */
  private draw(): void {
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      if (this.ended) return;
      const before = this.root.activeElement;
      patch(this.root, describe(this.view()));
      this.placeFocus(before);
    });
  }

  private view(): Parameters<typeof describe>[0] {
    const { base, session, times } = this;
    return {
      base,
      session,
      times,
      toNewest: () => this.toNewest(),
      tryAgain: () => ("missing" in this.checked ? this.start() : session.tryAgain()),
    };
  }

  private placeFocus(before: Element | null): void {
    const target = this.focusNext;
    this.focusNext = null;
    if (target === "list") {
      const row = this.lastRow && this.find(`row ${this.lastRow}`);
      (row || this.find("new"))?.focus();
    } else if (target === "reply") {
      this.toNewest();
      this.find("reply")?.focus({ preventScroll: true });
    } else if (target) {
      this.find(target)?.focus({ preventScroll: true });
    } else if (before instanceof HTMLElement && before.isConnected && this.root.activeElement !== before) {
      // Moving an element in the page takes its focus away.
      before.focus({ preventScroll: true });
    }
  }

  private toNewest(): void {
    const log = this.find("log");
    if (log) log.scrollTop = 0;
    this.session.atNewest();
  }

  private find(name: string): HTMLElement | null {
    for (const element of this.root.querySelectorAll<HTMLElement>("[data-focus]")) {
      if (element.dataset["focus"] === name) return element;
    }
    return null;
  }
}

function adoptStyles(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Browsers without constructable sheets.
    const element = document.createElement("style");
    element.textContent = styles;
    root.append(element);
  }
}
