// SPDX-License-Identifier: MIT
// One form on the page: its own element with an open shadow root inside the container. Touches nothing
// outside its element: no focus on load, no title, no history.

import common from "../../styles/embed-base.css";
import own from "../../styles/embed-form.css";
import { h, patch } from "../shared/dom.js";
import { adopt, adoptStyles, MARK } from "../shared/host.js";
import { type Appearance, applyLooks, arrived, missing, type Options } from "../shared/options.js";
import type { Placed } from "../shared/placer.js";
import type { Files, FilesPart } from "./files-part.js";
import { type Draft, type Form, prefill } from "./model.js";
import { type Listener, Session } from "./session.js";
import { panel as describe, type View } from "./view.js";

export class Panel implements Placed, Listener, View {
  readonly session: Session;
  direction = "ltr";
  language = "en";
  /** As the form is drawn: the page in the frame is to look the same. */
  theme = "";
  filesPart: Files | null = null;
  readonly #host = document.createElement("div");
  readonly #root = this.#host.attachShadow({ mode: "open" });
  readonly #ending = new AbortController();
  readonly #draft: Draft;
  #container: Element;
  #options: Options;
  #appearance: Appearance = {};
  #drawing = false;
  #focusNext: string | null = null;

  constructor(base: string, container: Element, options: Options, draft: Draft) {
    this.#container = container;
    this.#options = options;
    this.#draft = draft;
    this.#host.setAttribute(MARK, "");
    adoptStyles(this.#root, common + own);
    applyLooks(this.#host, options, this.#appearance);
    prefill(draft, options, arrived);
    const locale = arrived(options.locale) ? options.locale : null;
    this.session = new Session(base, options.helpdeskId ?? "", locale, draft, this);
    this.moveTo(container);
    const { signal } = this.#ending;
    addEventListener("online", () => this.#retry(), { signal });
    // The page in the frame, which is ours, says its height and whether the visitor passed.
    addEventListener(
      "message",
      ({ source, data }) => {
        const frame = this.#root.querySelector("iframe");
        if (source !== frame?.contentWindow) return;
        frame.style.height = `${data.height}px`;
        this.session.passed = data.token;
      },
      { signal },
    );
  }

  start(): void {
    if (this.#ending.signal.aborted) return;
    const { helpdeskId } = this.#options;
    if (arrived(helpdeskId)) void this.session.start();
    else this.session.refuse({ code: "missing_helpdesk_id", message: missing("helpdeskId", helpdeskId) });
  }

  isIn(container: Element): boolean {
    return this.#container === container && this.#host.parentNode === container;
  }

  moveTo(container: Element): void {
    this.#container = container;
    adopt(container, this.#host);
  }

  restyle(options: Options): void {
    this.#options = options;
    applyLooks(this.#host, options, this.#appearance);
    prefill(this.#draft, options, arrived);
    this.draw();
  }

  end(): void {
    this.#ending.abort();
    this.session.end();
    patch(this.#root, []);
    this.#host.remove();
  }

  loaded(form: Form): void {
    this.#appearance = form.helpdesk.appearance;
    applyLooks(this.#host, this.#options, this.#appearance);
    this.direction = form.strings ? form.direction : "ltr";
    this.language = (form.strings && this.#options.locale) || "en";
    if (form.fileLimits && !this.filesPart) void this.#withFiles();
  }

  /** Without its part about files the form sends without files. */
  async #withFiles(): Promise<void> {
    try {
      const part = (await import(`${this.session.base}/contact-form-files.js`)) as FilesPart;
      this.filesPart = part.files({
        h,
        typed: this.#draft,
        redraw: () => this.draw(),
        style: (css) => adoptStyles(this.#root, css),
      });
      this.draw();
    } catch (thrown) {
      this.failed("unreachable", String(thrown));
    }
  }

  focus(name: string): void {
    // A panel that nobody is in takes no focus from the page.
    if (this.#root.activeElement || name !== "sent") this.#focusNext = name;
    this.draw();
  }

  failed(code: string, message: string): void {
    console.warn(`[Helpdesky] Contact Form: ${message} (${code})`);
    this.#dispatch("error", { code, message });
  }

  tell(name: "ready" | "sent", detail: object): void {
    this.#dispatch(name, detail);
  }

  /** Draws once for all changes of the same moment. */
  draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      if (this.#ending.signal.aborted) return;
      const target = this.#focusNext;
      this.#focusNext = null;
      this.theme = getComputedStyle(this.#host).colorScheme;
      patch(this.#root, describe(this));
      if (target) this.#root.querySelector<HTMLElement>(`[data-focus="${CSS.escape(target)}"]`)?.focus();
    });
  }

  #dispatch(name: string, detail: object): void {
    this.#container.dispatchEvent(
      new CustomEvent(`hdh:${name}`, { detail, bubbles: true, composed: true }),
    );
  }

  #retry(): void {
    const { phase, problem } = this.session.state;
    if (phase === "problem" && problem.code === "unreachable") this.start();
  }
}
