import { Controller } from "@hotwired/stimulus";
import { readCookie, writeCookie } from "../cookie";

/** System, light or dark. Kept in a cookie so that the server renders the right one at once. */
export class ThemeController extends Controller<HTMLElement> {
  static override targets = ["choice"];
  declare readonly choiceTargets: HTMLInputElement[];

  override connect(): void {
    this.element.hidden = false;
    const chosen = readCookie("theme") ?? "system";
    for (const choice of this.choiceTargets) choice.checked = choice.value === chosen;
  }

  choose(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    if (value === "light" || value === "dark") {
      writeCookie("theme", value);
      document.documentElement.dataset["theme"] = value;
    } else {
      writeCookie("theme", null);
      delete document.documentElement.dataset["theme"];
    }
  }
}
