import { Controller } from "@hotwired/stimulus";
import { isTyping } from "../typing";

const SEQUENCE_MS = 1200;

/** Single keys for the daily actions. Off while somebody types and with any modifier but Shift, and
 *  for those who switched them off; Escape stays. */
export class KeyboardController extends Controller<HTMLElement> {
  static override values = { single: { type: Boolean, default: true } };
  declare readonly singleValue: boolean;
  private goUntil = 0;

  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") return this.leave(event);
    if (!this.singleValue || isTyping(event.target)) return;
    const handled = performance.now() < this.goUntil ? this.go(event.key) : this.act(event);
    this.goUntil = event.key === "g" && !handled ? performance.now() + SEQUENCE_MS : 0;
    if (handled) event.preventDefault();
  }

  private go(key: string): boolean {
    return this.click(`[data-go="${CSS.escape(key.toLowerCase())}"]`);
  }

  private act(event: KeyboardEvent): boolean {
    switch (event.key) {
      case "j":
        return this.move(1);
      case "k":
        return this.move(-1);
      case "r":
        return this.compose("reply");
      case "n":
        return this.compose("note");
      case "a":
        return this.focus("[data-key=a]");
      case "A":
        return this.click("[data-key=shift-a]");
      case "e":
        return this.click("[data-key=e]");
      case "#":
        return this.click("[data-key='#']");
      case "i":
        return this.click("[data-key=i]");
      case "z":
        return this.click("[data-key=z]");
      case "/":
        return this.search();
      case "?":
        return this.click("[data-key='?']");
      default:
        return false;
    }
  }

  /** Escape leaves the box first, then a drawer, then the conversation. */
  private leave(event: KeyboardEvent): void {
    if (!isTyping(event.target) && ["#nav", "#details"].includes(location.hash)) {
      event.preventDefault();
      location.hash = "#main";
    } else if (isTyping(event.target)) {
      (event.target as HTMLElement).blur();
      event.preventDefault();
    } else if (this.click("[data-key=escape]")) {
      event.preventDefault();
    }
  }

  private move(step: number): boolean {
    const rows = [...this.element.querySelectorAll<HTMLAnchorElement>(".conv-who")];
    const focused = rows.findIndex((row) => row === document.activeElement);
    const open = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
    const from = focused >= 0 ? focused : open;
    const next = rows[from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + step))];
    next?.focus();
    return next !== undefined;
  }

  private compose(mode: "reply" | "note"): boolean {
    const choice = this.element.querySelector<HTMLInputElement>(`#mode-${mode}`);
    const box = this.element.querySelector<HTMLTextAreaElement>(".composer textarea");
    if (!choice || !box) return false;
    choice.checked = true;
    box.focus();
    return true;
  }

  /** The field for search on this page if it has one that shows, else the page for it. */
  private search(): boolean {
    const fields = [...this.element.querySelectorAll<HTMLInputElement>("[data-search]")];
    const field = fields.find((it) => it.checkVisibility());
    field?.focus();
    field?.select();
    return field !== undefined || this.click("[data-key='/']");
  }

  private focus(selector: string): boolean {
    const found = this.element.querySelector<HTMLElement>(selector);
    found?.focus();
    return found !== null;
  }

  private click(selector: string): boolean {
    const found = this.element.querySelector<HTMLElement>(selector);
    found?.click();
    return found !== null;
  }
}
