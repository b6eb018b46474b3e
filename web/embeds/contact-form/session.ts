// SPDX-License-Identifier: MIT
// One form from loading to sent: asks for it, works out its proof while the visitor writes, sends it,
// and gets a fresh one quietly where the first is not good any more.

import { asFailure, type Failure } from "../shared/failure.js";
import { jsonOf, post } from "../shared/post.js";
import { prove } from "../shared/proof.js";
import { wait } from "../shared/wait.js";
import type { Files } from "./files-part.js";
import type { Draft, Form, State } from "./model.js";
import { type StringKey, texts } from "./strings.js";

const PREFIX = "/api/messaging/contact-form";
const LONGEST = 10_000;
/** A form is sent this often before the visitor hears that it did not go. */
const ATTEMPTS = 3;
/** The form is not good any more, or was used: a fresh one is. */
const STALE = new Set(["form_expired", "proof_refused", "form_used"]);
const FIELD_OF: Record<string, [field: string, text: StringKey]> = {
  invalid_email: ["email", "email_bad"],
  invalid_name: ["name", "too_long"],
  subject_too_long: ["subject", "too_long"],
  message_empty: ["message", "message_missing"],
  message_too_long: ["message", "message_long"],
  message_has_nul: ["message", "bad_character"],
};
const SAID: Record<string, StringKey> = {
  unreachable: "unreachable",
  rate_limited: "limited",
  too_fast: "wait",
  messaging_off: "off",
  check_missing: "check",
  check_refused: "check",
};

export interface Listener {
  filesPart: Files | null;
  draw(): void;
  focus(name: string): void;
  loaded(form: Form): void;
  failed(code: string, message: string): void;
  tell(name: "ready" | "sent", detail: object): void;
}

export class Session {
  readonly state: State = {
    phase: "waiting",
    errors: new Map(),
    notSent: null,
    problem: { code: "", detail: "" },
    sentTo: "",
  };
  form: Form | null = null;
  text = texts();
  /** What the page in the frame gave for this visitor; good once. A new frame takes it back. */
  passed: string | null = null;
  /** Counts the frames: each attempt has one of its own. */
  round = 0;
  #loadedAt = 0;
  #proof: Promise<string | null> | null = null;
  readonly #ending = new AbortController();

  constructor(
    readonly base: string,
    readonly helpdeskId: string,
    readonly locale: string | null,
    readonly draft: Draft,
    readonly listener: Listener,
  ) {}

  async start(): Promise<void> {
    this.#set("waiting");
    const { signal } = this.#ending;
    void wait(150, signal).then(() => this.state.phase === "waiting" && this.#set("loading"));
    try {
      await this.#load();
      this.#set("ready");
      this.listener.tell("ready", {});
    } catch (thrown) {
      if (!signal.aborted) this.refuse(asFailure(thrown));
    }
  }

  refuse({ code, message }: Pick<Failure, "code" | "message">): void {
    this.state.problem = { code, detail: message };
    this.#set("problem");
    this.listener.failed(code, message);
  }

  type(name: string, value: string): void {
    this.draft.fields[name] = value;
    this.draft.touched.add(name);
    this.work();
    if (this.state.errors.delete(name)) this.listener.draw();
  }

  /** Looks for the proof, once somebody begins to write. */
  work(): void {
    const { form } = this;
    if (!form || form.proofBits === null) return;
    this.#proof ??= prove(form.token, form.proofBits, this.#ending.signal);
  }

  async send(): Promise<void> {
    const { state, draft, listener } = this;
    if (state.phase !== "ready") return;
    state.notSent = null;
    state.errors = this.#mistakes();
    if (state.errors.size > 0) return listener.focus("summary");
    this.#set("sending");
    const failure = await this.#attempt().catch(asFailure);
    if (this.#ending.signal.aborted) return;
    this.round += 1;
    if (failure) {
      const mistake = FIELD_OF[failure.code] ?? this.#choice(failure);
      if (mistake) state.errors.set(...mistake);
      else state.notSent = SAID[failure.code] ?? "failed";
      state.phase = "ready";
      listener.failed(failure.code, failure.message);
      return listener.focus("summary");
    }
    state.sentTo = this.#field("email");
    for (const name of ["subject", "message"]) delete draft.fields[name];
    state.phase = "sent";
    listener.tell("sent", {});
    listener.focus("sent");
  }

  async again(): Promise<void> {
    await this.start();
    this.listener.focus("message");
  }

  end(): void {
    this.#ending.abort();
  }

  async #load(): Promise<void> {
    const { signal } = this.#ending;
    const body = { helpdeskId: this.helpdeskId, ...(this.locale === null ? {} : { locale: this.locale }) };
    const form = await jsonOf<Form>(await post(this.base, `${PREFIX}/form`, body, signal), signal);
    this.form = form;
    this.#loadedAt = performance.now();
    this.#proof = null;
    this.text = texts(form.strings ?? {});
    this.listener.loaded(form);
  }

  /** Sends until it is taken; the failure that remains otherwise. */
  async #attempt(): Promise<Failure | null> {
    const { signal } = this.#ending;
    for (let attempt = 1; ; attempt += 1) {
      const early = (this.form?.minimumSeconds ?? 0) * 1_000 + 200 - (performance.now() - this.#loadedAt);
      if (early > 0) await wait(early, signal);
      this.work();
      const proof = await this.#proof;
      signal.throwIfAborted();
      try {
        const send = this.form?.fileLimits ? this.listener.filesPart?.send : undefined;
        await post(this.base, `${PREFIX}/message`, this.#body(proof), signal, signal, {}, send);
        return null;
      } catch (thrown) {
        signal.throwIfAborted();
        const failure = asFailure(thrown);
        if (attempt === ATTEMPTS) return failure;
        if (STALE.has(failure.code)) await this.#load();
        else if (failure.code === "too_fast") await wait((failure.retryAfterSeconds ?? 1) * 1_000, signal);
        else return failure;
      }
    }
  }

  #body(proof: string | null): object {
    const { form, draft } = this;
    const own = form?.form.selects ?? [];
    return {
      helpdeskId: this.helpdeskId,
      token: form?.token,
      proof,
      check: this.passed,
      ...Object.fromEntries(["email", "name", "subject", "message", "website"].map((it) => [it, this.#field(it)])),
      fields: Object.fromEntries(own.map(({ name }) => [name, draft.fields[`own ${name}`] ?? ""])),
    };
  }

  #mistakes(): Map<string, StringKey> {
    const mistakes = new Map<string, StringKey>();
    const email = this.#field("email").trim();
    const message = this.#field("message");
    if (!email) mistakes.set("email", "email_missing");
    else if (!/^[^\s@,;<>]+@[^\s@,;<>.]+(\.[^\s@,;<>.]+)+$/.test(email)) mistakes.set("email", "email_bad");
    for (const { name, required } of this.form?.form.selects ?? []) {
      if (required && !this.#field(`own ${name}`)) mistakes.set(`own ${name}`, "choice_missing");
    }
    if (!message.trim()) mistakes.set("message", "message_missing");
    else if ([...message].length > LONGEST) mistakes.set("message", "message_long");
    return mistakes;
  }

  /** A choice that the form offered when it was loaded, and offers no more. */
  #choice({ code, message }: Failure): [string, StringKey] | null {
    const select = this.form?.form.selects.find(({ name }) => message.includes(` ${name}:`));
    return code === "invalid_choice" && select ? [`own ${select.name}`, "choice_missing"] : null;
  }

  #field(name: string): string {
    return this.draft.fields[name] ?? "";
  }

  #set(phase: State["phase"]): void {
    this.state.phase = phase;
    this.listener.draw();
  }
}
