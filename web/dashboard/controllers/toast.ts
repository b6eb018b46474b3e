import { Controller } from "@hotwired/stimulus";

const SHOWN_MS = 8000;

/** Says what was done and offers to undo it. Stays while it is pointed at or focused. */
export class ToastController extends Controller<HTMLElement> {
  private timer: number | undefined;

  override connect(): void {
    this.resume();
  }

  override disconnect(): void {
    this.pause();
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
