import { Controller } from "@hotwired/stimulus";
import { announce } from "../announce";

/** What was typed and not sent, by conversation, for as long as the tab lives. */
const drafts = new Map<string, { text: string; note: boolean }>();

/** The box for replies and private notes. It is kept as it is while the page around it is
 *  updated, so nobody loses a word to a live update. */
export class ComposerController extends Controller<HTMLFormElement> {
  static override targets = ["text", "reply", "note", "send", "sendAndClose", "key"];
  declare readonly textTarget: HTMLTextAreaElement;
  declare readonly replyTarget: HTMLInputElement;
  declare readonly noteTarget: HTMLInputElement;
  declare readonly sendTargets: HTMLButtonElement[];
  declare readonly sendAndCloseTarget: HTMLButtonElement;
  declare readonly keyTarget: HTMLInputElement;
  private sending = false;

  override connect(): void {
    const draft = drafts.get(this.element.id);
    if (draft && this.textTarget.value === "") {
      this.textTarget.value = draft.text;
      (draft.note ? this.noteTarget : this.replyTarget).checked = true;
    }
    this.sending = false;
  }

  typed(): void {
    const text = this.textTarget.value;
    if (text === "") drafts.delete(this.element.id);
    else drafts.set(this.element.id, { text, note: this.noteTarget.checked });
  }

  key(event: KeyboardEvent): void {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key === "Enter") {
      event.preventDefault();
      const shown = this.sendTargets.find((button) => button.offsetParent !== null) ?? null;
      this.element.requestSubmit(event.shiftKey && !this.noteTarget.checked ? this.sendAndCloseTarget : shown);
    } else if (command && event.shiftKey && event.key.toLowerCase() === "m") {
      event.preventDefault();
      (this.noteTarget.checked ? this.replyTarget : this.noteTarget).checked = true;
      this.typed();
    }
  }

  /** Runs before Turbo sees the submission: an empty box or a second click sends nothing. */
  guard(event: SubmitEvent): void {
    if (this.sending || this.textTarget.value.trim() === "") {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!this.sending) this.textTarget.focus();
      return;
    }
    this.sending = true;
  }

  sent(event: CustomEvent<{ success: boolean }>): void {
    this.sending = false;
    if (!event.detail.success) {
      announce("Not sent. Your text is still here.");
      return;
    }
    const note = this.noteTarget.checked;
    drafts.delete(this.element.id);
    this.textTarget.value = "";
    this.replyTarget.checked = true;
    this.keyTarget.value = newKey();
    announce(note ? "Private note added" : "Reply sent");
  }
}

/** Names one message, so that the server stores it once however often it arrives.
 *  `crypto.randomUUID` is missing on plain http. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
