import { Controller } from "@hotwired/stimulus";
import { announce } from "../announce";
import { csrfToken } from "../csrf";

/** How long somebody rests before what they typed is kept on the server. */
const REST_MS = 700;

/** What was typed and is not kept on the server yet, by box: a page that comes meanwhile may be older. */
const unsaved = new Map<string, { text: string; note: boolean }>();

/** The box for replies and private notes. It is kept as it is while the page around it is
 *  updated, so nobody loses a word to a live update. */
export class ComposerController extends Controller<HTMLFormElement> {
  static override targets = ["text", "reply", "note", "send", "sendAndClose", "sendLabel", "read", "key", "seen", "state"];
  static override values = { url: String };
  declare readonly textTarget: HTMLTextAreaElement;
  declare readonly replyTarget: HTMLInputElement;
  declare readonly noteTarget: HTMLInputElement;
  declare readonly sendTargets: HTMLButtonElement[];
  declare readonly sendAndCloseTarget: HTMLButtonElement;
  declare readonly sendLabelTarget: HTMLElement;
  declare readonly readTarget: HTMLButtonElement;
  declare readonly keyTarget: HTMLInputElement;
  declare readonly seenTarget: HTMLInputElement;
  declare readonly stateTarget: HTMLElement;
  declare readonly urlValue: string;
  private sending = false;
  private timer: number | undefined;

  override connect(): void {
    const draft = unsaved.get(this.element.id);
    if (draft) {
      this.textTarget.value = draft.text;
      (draft.note ? this.noteTarget : this.replyTarget).checked = true;
    }
    this.sending = false;
    this.checkAnswers();
  }

  override disconnect(): void {
    this.keep();
  }

  typed(): void {
    unsaved.set(this.element.id, { text: this.textTarget.value, note: this.noteTarget.checked });
    this.stateTarget.textContent = "";
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.keep(), REST_MS);
    if (this.textTarget.value === "") this.checkAnswers();
  }

  /** Keeps on the server what was typed; also when the page is left or hidden. */
  keep(): void {
    window.clearTimeout(this.timer);
    const { id } = this.element;
    const draft = unsaved.get(id);
    if (!draft || this.sending) return;
    const body = new URLSearchParams({
      csrf: csrfToken(),
      body: draft.text,
      mode: draft.note ? "note" : "reply",
      key: this.keyTarget.value,
      quietly: "yes",
    });
    // What is short enough may outlive the page.
    const keepalive = body.toString().length < 60_000;
    fetch(this.urlValue, { method: "POST", body, redirect: "error", keepalive }).then(
      (answer) => {
        if (unsaved.get(id) !== draft) return;
        if (answer.ok) unsaved.delete(id);
        this.stateTarget.textContent = answer.ok ? (draft.text.trim() === "" ? "" : "Draft kept") : "Draft not kept";
      },
      () => {
        if (unsaved.get(id) === draft) this.stateTarget.textContent = "Draft not kept yet";
      },
    );
  }

  key(event: KeyboardEvent): void {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key === "Enter") {
      event.preventDefault();
      if (this.answers().length > 0) return this.readAnswers();
      const shown = this.sendTargets.find((button) => button.offsetParent !== null) ?? null;
      this.element.requestSubmit(event.shiftKey && !this.noteTarget.checked ? this.sendAndCloseTarget : shown);
    } else if (command && event.shiftKey && event.key.toLowerCase() === "m") {
      event.preventDefault();
      (this.noteTarget.checked ? this.replyTarget : this.noteTarget).checked = true;
      this.typed();
      this.checkAnswers();
    }
  }

  /** While nothing is typed, everything on the page counts as seen. From the first letter on, an
   *  answer of somebody else makes "Send" say so instead of sending. */
  checkAnswers(): void {
    const answers = this.answers();
    if (this.textTarget.value === "" && answers.length > 0) {
      this.seeAll();
      return this.checkAnswers();
    }
    const late = answers.length > 0;
    if (late && this.readTarget.hidden) announce(`${answers[0]?.dataset["other"] ?? "Somebody"} answered while you wrote`);
    this.readTarget.hidden = !late;
    this.sendAndCloseTarget.hidden = late;
    this.readTarget.textContent = answers.length === 1 ? "Read 1 new reply first" : `Read ${answers.length} new replies first`;
    if (late) this.sendLabelTarget.textContent = "Send anyway";
    else if (this.element.hasAttribute("data-turbo-permanent")) this.sendLabelTarget.textContent = "Send";
    this.sendLabelTarget.closest("button")?.classList.toggle("btn-primary", !late);
  }

  readAnswers(): void {
    const [first] = this.answers();
    first?.scrollIntoView({ block: "center" });
    if (first) announce(`${first.getAttribute("aria-label") ?? ""}: ${first.querySelector(".msg-text")?.textContent ?? ""}`);
    this.seeAll();
    this.checkAnswers();
    this.textTarget.focus({ preventScroll: true });
  }

  /** Replies of other operators that came after this text was begun. Notes bother nobody. */
  private answers(): HTMLElement[] {
    if (this.noteTarget.checked) return [];
    const seen = Number(this.seenTarget.value);
    const replies = document.querySelectorAll<HTMLElement>("#conversation article[data-other]");
    return [...replies].filter((it) => Number(it.id.replace("entry-", "")) > seen);
  }

  private seeAll(): void {
    const entries = [...document.querySelectorAll("#conversation [id^=entry-]")];
    const last = Math.max(Number(this.seenTarget.value), ...entries.map((it) => Number(it.id.replace("entry-", ""))));
    this.seenTarget.value = String(last);
  }

  /** Runs before Turbo sees the submission: an empty box or a second click sends nothing. */
  guard(event: SubmitEvent): void {
    if (this.sending || this.textTarget.value.trim() === "") {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!this.sending) this.textTarget.focus();
      return;
    }
    // Whoever presses "Send anyway" has been told.
    if (!this.readTarget.hidden) this.seeAll();
    window.clearTimeout(this.timer);
    this.sending = true;
  }

  sent(event: CustomEvent<{ success: boolean }>): void {
    this.sending = false;
    if (!event.detail.success) {
      announce("Not sent. Your text is still here.");
      return;
    }
    const note = this.noteTarget.checked;
    unsaved.delete(this.element.id);
    this.textTarget.value = "";
    this.replyTarget.checked = true;
    this.keyTarget.value = newKey();
    this.stateTarget.textContent = "";
    // Who gets a copy is chosen for each reply.
    for (const box of this.element.querySelectorAll<HTMLInputElement>("[name='copies[]']")) box.checked = box.defaultChecked;
    this.checkAnswers();
    announce(note ? "Private note added" : "Reply sent");
  }
}

/** Names one message, so that the server stores it once however often it arrives.
 *  `crypto.randomUUID` is missing on plain http. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
