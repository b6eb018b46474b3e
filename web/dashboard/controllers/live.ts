import { Controller } from "@hotwired/stimulus";
import { showConnected } from "../connection";
import { isAnswer, refreshSoon } from "../refresh";

const CLOSE_AFTER_MS = 2000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/** The one connection of this tab. It outlives page changes, so that going from one
 *  conversation to the next neither reconnects nor misses anything. */
class Stream {
  private source: EventSource | null = null;
  private url = "";
  private cursor = "";
  private failures = 0;
  private retry: number | undefined;
  private closing: number | undefined;

  use(url: string, cursor: string): void {
    window.clearTimeout(this.closing);
    if (this.url === url && (this.source || this.retry !== undefined)) return;
    this.close();
    this.url = url;
    this.cursor = cursor;
    this.open();
  }

  release(): void {
    window.clearTimeout(this.closing);
    this.closing = window.setTimeout(() => this.close(), CLOSE_AFTER_MS);
  }

  private open(): void {
    this.retry = undefined;
    const source = new EventSource(`${this.url}?after=${encodeURIComponent(this.cursor)}`);
    this.source = source;
    source.addEventListener("ready", () => {
      if (this.failures > 0) refreshSoon();
      this.failures = 0;
      showConnected(true);
    });
    source.addEventListener("change", (event) => {
      this.cursor = event.lastEventId || this.cursor;
      refreshSoon();
    });
    // Somebody opened or left a conversation: whoever shows one looks who is there.
    source.addEventListener("viewers", () => window.dispatchEvent(new Event("viewers:changed")));
    // The session ended on the server: asking for the page again leads to sign-in.
    source.addEventListener("end", () => {
      this.close();
      if (isAnswer()) location.assign("/");
      else refreshSoon();
    });
    source.addEventListener("error", () => {
      source.close();
      if (this.source === source) this.again();
    });
  }

  private again(): void {
    this.source = null;
    this.failures += 1;
    if (this.failures > 1) showConnected(false);
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.failures - 1));
    this.retry = window.setTimeout(() => this.open(), wait * (0.5 + Math.random() / 2));
  }

  private close(): void {
    window.clearTimeout(this.retry);
    this.retry = undefined;
    this.source?.close();
    this.source = null;
    this.failures = 0;
  }
}

const stream = new Stream();

// A page kept by the browser for "back" must not hold a connection, and is stale when it returns.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) refreshSoon();
});

/** Keeps the page in step with the server. */
export class LiveController extends Controller<HTMLElement> {
  static override values = { url: String, after: String };
  declare readonly urlValue: string;
  declare readonly afterValue: string;

  override connect(): void {
    stream.use(this.urlValue, this.afterValue);
  }

  override disconnect(): void {
    stream.release();
  }
}
