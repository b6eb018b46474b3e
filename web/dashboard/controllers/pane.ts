import { Controller } from "@hotwired/stimulus";
import * as Turbo from "@hotwired/turbo";

/** The inbox: a conversation comes into its pane while the list beside it stays where it is. */
export class PaneController extends Controller<HTMLElement> {
  loaded(): void {
    const pane = this.element.querySelector<HTMLElement>("#conversation");
    if (!pane) return;
    this.element.classList.add("at-conversation");
    this.element.classList.remove("no-info");
    this.mark(pane.dataset["id"] ?? "");
    document.title = `${pane.dataset["subject"] ?? ""} · Helpdesky`;
    // On a phone the list is hidden now, and the focus would be hidden with it.
    const focused = document.activeElement;
    if (!focused || focused === document.body || !(focused as HTMLElement).offsetParent) pane.focus({ preventScroll: true });
  }

  /** Signed out, gone, or refused: the whole page says so. */
  missing(event: CustomEvent<{ response: Response }>): void {
    event.preventDefault();
    Turbo.visit(event.detail.response.url, { action: "replace" });
  }

  private mark(id: string): void {
    for (const row of this.element.querySelectorAll(".conv")) {
      const current = row.id === `row-${id}`;
      row.classList.toggle("on", current);
      const link = row.querySelector(".conv-who");
      if (current) link?.setAttribute("aria-current", "true");
      else link?.removeAttribute("aria-current");
    }
  }
}
