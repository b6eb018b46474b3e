import { Controller } from "@hotwired/stimulus";
import { refreshSoon } from "../refresh";

const EVERY_MS = 3000;

/** For a page that waits for something of which no event tells: asks again while it is looked at. */
export class WaitingController extends Controller<HTMLElement> {
  private timer: number | undefined;

  override connect(): void {
    this.timer = window.setInterval(() => {
      if (document.visibilityState === "visible") refreshSoon();
    }, EVERY_MS);
  }

  override disconnect(): void {
    window.clearInterval(this.timer);
  }
}
