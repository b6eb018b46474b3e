import { Controller } from "@hotwired/stimulus";

/** How far down each list was, for as long as the tab lives. */
const places = new Map<string, number>();

/** Coming back to a list leads to the place in it that was left. */
export class ScrollController extends Controller<HTMLElement> {
  static override values = { place: String };
  declare readonly placeValue: string;

  /** Another list stands here now; also called for the first one. */
  placeValueChanged(place: string, before: string | undefined): void {
    if (before === undefined || before !== place) this.element.scrollTop = places.get(place) ?? 0;
  }

  override connect(): void {
    this.element.addEventListener("scroll", this.remember, { passive: true });
  }

  override disconnect(): void {
    this.element.removeEventListener("scroll", this.remember);
  }

  private readonly remember = (): void => {
    places.set(this.placeValue, this.element.scrollTop);
  };
}
