import { Controller } from "@hotwired/stimulus";
import { announce } from "../announce";

const SHOWN_MS = 2000;

/** Copies the text of its source. The button is hidden until this runs; the text stays selectable. */
export class CopyController extends Controller<HTMLElement> {
  static override targets = ["source", "button", "label"];
  declare readonly sourceTarget: HTMLElement;
  declare readonly buttonTarget: HTMLButtonElement;
  declare readonly labelTarget: HTMLElement;
  declare readonly hasLabelTarget: boolean;
  private timer: number | undefined;

  override connect(): void {
    this.buttonTarget.hidden = false;
  }

  override disconnect(): void {
    window.clearTimeout(this.timer);
  }

  async copy(): Promise<void> {
    const text = this.sourceTarget.textContent ?? "";
    const done = await this.write(text);
    const what = this.buttonTarget.dataset["copies"] ?? "";
    announce(done ? `Copied ${what}`.trim() : "Could not copy. The text is selected: press Ctrl and C.");
    if (!done) this.select();
    if (!done || !this.hasLabelTarget) return;
    this.labelTarget.textContent = "Copied";
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.labelTarget.textContent = "Copy";
    }, SHOWN_MS);
  }

  private async write(text: string): Promise<boolean> {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // The clipboard API is missing on plain http; the older command still works there.
      this.select();
      return document.execCommand("copy");
    }
  }

  private select(): void {
    getSelection()?.selectAllChildren(this.sourceTarget);
  }
}
