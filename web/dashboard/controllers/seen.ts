import { Controller } from "@hotwired/stimulus";
import { csrfToken } from "../csrf";
import { refreshSoon } from "../refresh";

/** Marks the open conversation as read, but only while somebody can see it. */
export class SeenController extends Controller<HTMLElement> {
  static override values = { url: String, position: String, unread: Boolean };
  declare readonly urlValue: string;
  declare readonly positionValue: string;
  declare readonly unreadValue: boolean;
  private sent = "";

  private readonly visible = (): void => {
    void this.mark();
  };

  override connect(): void {
    document.addEventListener("visibilitychange", this.visible);
    void this.mark();
  }

  override disconnect(): void {
    document.removeEventListener("visibilitychange", this.visible);
  }

  positionValueChanged(): void {
    void this.mark();
  }

  private async mark(): Promise<void> {
    if (document.visibilityState !== "visible" || !this.unreadValue || this.sent === this.positionValue) return;
    // A page shown from Turbo's cache is not the page somebody is reading yet.
    if (document.documentElement.hasAttribute("data-turbo-preview")) return;
    this.sent = this.positionValue;
    const body = new URLSearchParams({ csrf: csrfToken(), position: this.positionValue });
    try {
      const answer = await fetch(this.urlValue, { method: "POST", body, redirect: "error" });
      if (answer.ok) refreshSoon();
    } catch {
      this.sent = "";
    }
  }
}
