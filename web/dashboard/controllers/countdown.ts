import { Controller } from "@hotwired/stimulus";
import { refreshSoon } from "../refresh";

const AFTER_MS = 1500;

/** Counts down to when a mail leaves, then asks for the page again until it says something else. The
 *  time left comes from the server, so that a wrong clock here does no harm. */
export class CountdownController extends Controller<HTMLElement> {
  static override values = { left: Number };
  declare readonly leftValue: number;
  private until = 0;
  private timer: number | undefined;

  override connect(): void {
    this.timer = window.setInterval(() => this.tick(), 1000);
  }

  override disconnect(): void {
    window.clearInterval(this.timer);
  }

  leftValueChanged(): void {
    this.until = performance.now() + this.leftValue;
  }

  private tick(): void {
    const left = this.until - performance.now();
    if (left > 0) {
      const seconds = Math.ceil(left / 1000);
      if (seconds < 120) this.element.textContent = `in ${seconds} s`;
    } else if (left < -AFTER_MS && document.visibilityState === "visible") {
      this.until = performance.now() + AFTER_MS;
      refreshSoon();
    }
  }
}
