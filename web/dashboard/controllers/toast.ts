import { Controller } from "@hotwired/stimulus";

const SHOWN_MS = 8000;

/** Says what was done and offers to undo it. Stays while it is pointed at or focused. */
export class ToastController extends Controller<HTMLElement> {
  private timer: number | undefined;

  override connect(): void {
    this.replaceOthers();
    this.resume();
  }

  override disconnect(): void {
    this.pause();
  }

  /** The newest word is the one that counts, and the one that can be undone. */
  private replaceOthers(): void {
    for (const other of document.querySelectorAll(".toast")) {
      if (other === this.element) continue;
      if (other.contains(document.activeElement)) this.element.querySelector("button")?.focus();
      other.remove();
    }
  }

  pause(): void {
    window.clearTimeout(this.timer);
  }

  resume(): void {
    this.pause();
    this.timer = window.setTimeout(() => this.dismiss(), SHOWN_MS);
  }

  dismiss(): void {
    if (this.element.contains(document.activeElement)) return this.resume();
    this.element.remove();
  }
}
