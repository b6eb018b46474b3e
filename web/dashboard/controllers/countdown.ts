import { Controller } from "@hotwired/stimulus";
import { refreshSoon } from "../refresh";

const AFTER_MS = 1500;
const LONGEST_MS = 30_000;

/** Counts down to when a mail leaves, then asks for the page again until it says something else. The
 *  time left comes from the server, so that a wrong clock here does no harm. */
export class CountdownController extends Controller<HTMLElement> {
  static override values = { left: Number };
  declare readonly leftValue: number;
  private until = 0;
  private rest = AFTER_MS;
  private timer: number | undefined;

  override connect(): void {
    this.timer = window.setInterval(() => this.tick(), 1000);
  }

  override disconnect(): void {
    window.clearInterval(this.timer);
  }

  leftValueChanged(): void {
    this.until = performance.now() + this.leftValue;
    this.rest = AFTER_MS;
  }

  private tick(): void {
    const left = this.until - performance.now();
    if (left > 0) {
      const seconds = Math.ceil(left / 1000);
      if (seconds < 120) this.element.textContent = `in ${seconds} s`;
    } else if (left < -this.rest && document.visibilityState === "visible") {
      // A backlog can take its time: the page asks less and less often.
      this.until = performance.now();
      this.rest = Math.min(this.rest * 2, LONGEST_MS);
      refreshSoon();
    }
  }
}
