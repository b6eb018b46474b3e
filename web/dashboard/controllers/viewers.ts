import { Controller } from "@hotwired/stimulus";
import { csrfToken } from "../csrf";

const RENEW_MS = 15_000;
const WRITING_MS = 8_000;

type Doing = "reading" | "writing" | "gone";

/** Tells the other operators that somebody is here, but only while somebody is, and shows them. */
export class ViewersController extends Controller<HTMLElement> {
  static override values = { url: String };
  declare readonly urlValue: string;
  private doing: Doing = "gone";
  private wroteAt = -Infinity;
  private timer: number | undefined;

  override connect(): void {
    this.timer = window.setInterval(() => this.renew(), RENEW_MS);
    this.renew();
  }

  override disconnect(): void {
    window.clearInterval(this.timer);
    this.leave();
  }

  /** Another tab came to the front, or this one. */
  turned(): void {
    if (document.visibilityState === "visible") this.renew();
    else this.leave();
  }

  typed(event: Event): void {
    if (!(event.target instanceof HTMLTextAreaElement)) return;
    this.wroteAt = performance.now();
    if (this.doing === "reading") this.renew();
  }

  /** What was written is sent: the others need not wait for it. */
  sent(): void {
    this.wroteAt = -Infinity;
    if (this.doing === "writing") this.renew();
  }

  /** Somebody else came or went. */
  async look(): Promise<void> {
    if (document.visibilityState !== "visible") return;
    await this.show(fetch(this.urlValue, { redirect: "error" }));
  }

  private renew(): void {
    if (document.visibilityState !== "visible") return;
    const writing = performance.now() - this.wroteAt < WRITING_MS;
    this.doing = writing ? "writing" : "reading";
    if (writing) window.setTimeout(() => this.renew(), WRITING_MS + 500);
    void this.show(this.tell(this.doing));
  }

  private leave(): void {
    if (this.doing === "gone") return;
    this.doing = "gone";
    this.tell("gone").catch(() => undefined);
  }

  private tell(doing: Doing): Promise<Response> {
    const body = new URLSearchParams({ csrf: csrfToken(), doing });
    return fetch(this.urlValue, { method: "POST", body, redirect: "error", keepalive: true });
  }

  private async show(asked: Promise<Response>): Promise<void> {
    try {
      const answer = await asked;
      if (answer.status !== 200 || !this.element.isConnected) return;
      const html = await answer.text();
      if (html === this.element.innerHTML) return;
      const part = new DOMParser().parseFromString(html, "text/html");
      this.element.replaceChildren(...part.body.childNodes);
    } catch {
      // The next renewal tries again.
    }
  }
}
