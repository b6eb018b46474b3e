import { Controller } from "@hotwired/stimulus";

/** How far down each list was, for as long as the tab lives. */
const places = new Map<string, number>();

/** Coming back to a list leads to the place in it that was left. */
export class ScrollController extends Controller<HTMLElement> {
  static override values = { place: String };
  declare readonly placeValue: string;

  override connect(): void {
    this.element.scrollTop = places.get(this.placeValue) ?? 0;
    this.element.addEventListener("scroll", this.remember, { passive: true });
  }

  override disconnect(): void {
    this.element.removeEventListener("scroll", this.remember);
  }

  private readonly remember = (): void => {
    places.set(this.placeValue, this.element.scrollTop);
  };
}
