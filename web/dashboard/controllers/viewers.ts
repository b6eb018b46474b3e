import { Controller } from "@hotwired/stimulus";
import { csrfToken } from "../csrf";

const RENEW_MS = 15_000;
const WRITING_MS = 8_000;

/** A page that is only put in the place of another one does not leave and come back. */
const LEAVE_AFTER_MS = 1000;

type Doing = "reading" | "writing" | "gone";

/** Those about to be left, by address. */
const leaving = new Map<string, number>();

function tell(url: string, doing: Doing): Promise<Response> {
  const body = new URLSearchParams({ csrf: csrfToken(), doing });
  return fetch(url, { method: "POST", body, redirect: "error", keepalive: true });
}

function leave(url: string): void {
  window.clearTimeout(leaving.get(url));
  leaving.delete(url);
  tell(url, "gone").catch(() => undefined);
}

// A tab that is closed has no second to wait.
window.addEventListener("pagehide", () => [...leaving.keys()].forEach(leave));

/** Tells the other operators that somebody is here, but only while somebody is, and shows them. */
export class ViewersController extends Controller<HTMLElement> {
  static override values = { url: String };
  declare readonly urlValue: string;
  private doing: Doing = "gone";
  private wroteAt = -Infinity;
  private timer: number | undefined;

  override connect(): void {
    this.timer = window.setInterval(() => this.renew(), RENEW_MS);
  }

  override disconnect(): void {
    window.clearInterval(this.timer);
    this.leaveSoon(this.urlValue);
  }

  /** Another conversation stands here now; also called for the first one. */
  urlValueChanged(url: string, before: string | undefined): void {
    if (before) this.leaveSoon(before);
    window.clearTimeout(leaving.get(url));
    leaving.delete(url);
    this.wroteAt = -Infinity;
    this.renew();
  }

  private leaveSoon(url: string): void {
    if (this.doing === "gone") return;
    window.clearTimeout(leaving.get(url));
    leaving.set(url, window.setTimeout(() => leave(url), LEAVE_AFTER_MS));
  }

  /** Another tab came to the front, or this one; or the tab is closed. */
  turned(): void {
    if (document.visibilityState === "visible") return this.renew();
    if (this.doing === "gone") return;
    this.doing = "gone";
    leave(this.urlValue);
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
    void this.show(tell(this.urlValue, this.doing));
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
