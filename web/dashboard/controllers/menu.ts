import { Controller } from "@hotwired/stimulus";

/** A `details` menu that behaves like one: closes on Escape and on a click elsewhere, arrows move. */
export class MenuController extends Controller<HTMLDetailsElement> {
  private readonly outside = (event: Event): void => {
    if (event.target instanceof Node && !this.element.contains(event.target)) this.element.open = false;
  };

  override connect(): void {
    document.addEventListener("click", this.outside);
  }

  override disconnect(): void {
    document.removeEventListener("click", this.outside);
    this.element.open = false;
  }

  key(event: KeyboardEvent): void {
    if (!this.element.open) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.element.open = false;
      this.element.querySelector("summary")?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    }
  }

  private move(step: number): void {
    const items = [...this.element.querySelectorAll<HTMLElement>(".menu-item")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length;
    items[next]?.focus();
  }
}
