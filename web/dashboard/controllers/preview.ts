import { Controller } from "@hotwired/stimulus";
import { KIND, type Looks } from "../preview/messages";

const HEX = /^#[0-9a-f]{6}$/i;
const DEFAULT_ACCENT = "#0f6471";

/** Shows what is in the form of the looks in the frame beside it, before it is saved. */
export class PreviewController extends Controller<HTMLElement> {
  static override targets = ["form", "frame", "accent", "picker", "tools", "scheme"];
  declare readonly formTarget: HTMLFormElement;
  declare readonly frameTarget: HTMLIFrameElement;
  declare readonly accentTarget: HTMLInputElement;
  declare readonly pickerTarget: HTMLInputElement;
  declare readonly toolsTargets: HTMLElement[];
  declare readonly schemeTargets: HTMLInputElement[];

  override connect(): void {
    for (const tools of this.toolsTargets) tools.hidden = false;
    this.pickerTarget.hidden = false;
    const dark = getComputedStyle(document.documentElement).colorScheme;
    const isDark = dark === "dark" || (dark !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    for (const scheme of this.schemeTargets) scheme.checked = scheme.value === (isDark ? "dark" : "light");
    this.changed();
  }

  changed(): void {
    const { value } = this.accentTarget;
    this.pickerTarget.value = HEX.test(value.trim()) ? value.trim() : DEFAULT_ACCENT;
    const fields = new FormData(this.formTarget);
    const text = (name: string): string => String(fields.get(name) ?? "").trim().slice(0, 64);
    const looks: Looks = {
      kind: KIND,
      align: text("align"),
      // A bare number counts pixels, as it will when it is saved.
      maxWidth: text("max_width").replace(/^[\d.]+$/, "$&px"),
      accent: text("accent"),
      theme: text("theme"),
      border: text("border"),
      scheme: this.schemeTargets.find((it) => it.checked)?.value ?? "light",
    };
    this.frameTarget.contentWindow?.postMessage(looks, location.origin);
  }

  picked(): void {
    this.accentTarget.value = this.pickerTarget.value;
    this.changed();
  }

  resized(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    this.frameTarget.classList.toggle("is-narrow", value === "narrow");
  }
}
