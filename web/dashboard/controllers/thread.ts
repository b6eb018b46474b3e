import { Controller } from "@hotwired/stimulus";

/** The list of messages lies newest-last in a reversed column: scrollTop 0 is the newest end. */
const NEAR_NEWEST_PX = 80;

/** Stays at the newest message; somebody reading further up is told instead of moved. */
export class ThreadController extends Controller<HTMLElement> {
  static override targets = ["scroller", "newest"];
  static override values = { last: String };
  declare readonly scrollerTarget: HTMLElement;
  declare readonly newestTarget: HTMLButtonElement;
  declare readonly lastValue: string;

  lastValueChanged(_now: string, before: string | undefined): void {
    if (!before) return;
    if (this.isAtNewest()) this.scrollerTarget.scrollTop = 0;
    else this.newestTarget.hidden = false;
    this.dispatch("grew");
  }

  scrolled(): void {
    if (this.isAtNewest()) this.newestTarget.hidden = true;
  }

  toNewest(): void {
    this.scrollerTarget.scrollTop = 0;
    this.newestTarget.hidden = true;
    this.scrollerTarget.focus({ preventScroll: true });
  }

  private isAtNewest(): boolean {
    return Math.abs(this.scrollerTarget.scrollTop) < NEAR_NEWEST_PX;
  }
}
