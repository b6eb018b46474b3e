import { Controller } from "@hotwired/stimulus";

const KIND = "helpdesky form preview";
const REST_MS = 250;
const PLACES = [1, 2, 3, 4];

/** Shows what is in the fields of the Contact Form's editor in the frame below, before it is saved. */
export class FormPreviewController extends Controller<HTMLElement> {
  static override targets = ["form", "frame"];
  declare readonly formTarget: HTMLFormElement;
  declare readonly frameTarget: HTMLIFrameElement;
  private resting = 0;
  private shown = "";

  override connect(): void {
    this.now();
  }

  override disconnect(): void {
    clearTimeout(this.resting);
  }

  changed(): void {
    clearTimeout(this.resting);
    this.resting = window.setTimeout(() => this.show(), REST_MS);
  }

  /** The frame was loaded: it knows nothing yet. */
  now(): void {
    this.shown = "";
    this.show();
  }

  /** The same form again would take away what is being tried in it. */
  private show(): void {
    const fields = new FormData(this.formTarget);
    const text = (name: string): string => String(fields.get(name) ?? "").trim();
    const options = (number: number): string[] =>
      [...new Set(text(`options${number}`).split("\n").map((it) => it.trim()))].filter(Boolean);
    const selects = PLACES.filter((number) => text(`label${number}`) && options(number).length > 0).map((number) => ({
      name: `own-${number}`,
      label: text(`label${number}`),
      options: options(number),
      required: fields.has(`required${number}`),
    }));
    const form = {
      title: text("title"),
      intro: text("intro"),
      success: text("success"),
      privacyText: text("privacy_text"),
      privacyUrl: text("privacy_url"),
      name: fields.has("asks_name"),
      subject: fields.has("asks_subject"),
      files: fields.has("asks_files"),
      selects,
    };
    const scheme = getComputedStyle(document.documentElement).colorScheme;
    const shown = JSON.stringify([form, scheme]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.frameTarget.contentWindow?.postMessage({ kind: KIND, form, scheme }, location.origin);
  }
}
