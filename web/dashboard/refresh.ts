// One gate for "this page is stale": asks the server for the same page and morphs it in place.
// Many causes in a row become one request, and never while a form is on its way, because
// a visit would cut the submission short.

import * as Turbo from "@hotwired/turbo";
import { showConnected } from "./connection";

const REST_MS = 400;
const BUSY_MS = 100;

let last = 0;
let timer: number | undefined;
let submitting = 0;
let stale = false;

/** Whether this page is the answer to a form: its address cannot be asked for, and it may show what
 *  is shown only once. A form that Turbo sent leaves the address of its page. */
export function isAnswer(): boolean {
  return document.querySelector<HTMLMetaElement>('meta[name="answers"]')?.content === location.pathname;
}

export function refreshSoon(): void {
  if (isAnswer()) return;
  stale = true;
  if (document.visibilityState === "hidden" || submitting > 0 || timer !== undefined) return;
  const wait = Math.max(Turbo.navigator.currentVisit ? BUSY_MS : 0, last + REST_MS - performance.now());
  timer = window.setTimeout(() => {
    timer = undefined;
    if (submitting > 0 || document.visibilityState === "hidden") return;
    // Turbo drops a refresh while a visit runs; what that visit shows may be older than the change.
    if (Turbo.navigator.currentVisit) return refreshSoon();
    stale = false;
    last = performance.now();
    // Not `session.refresh`, which rests a while by itself: by then a form may be on its way.
    Turbo.session.visit(location.href, { action: "replace", shouldCacheSnapshot: false });
  }, wait);
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && stale) refreshSoon();
});
document.addEventListener("turbo:submit-start", () => {
  submitting += 1;
});
document.addEventListener("turbo:submit-end", () => {
  submitting = Math.max(0, submitting - 1);
  if (stale) refreshSoon();
});
// A visit to another page brings fresh content by itself.
document.addEventListener("turbo:load", () => {
  stale = false;
});
// Turbo answers a failed visit by loading the address anew, which would put the browser's own error
// page in the place of this one and of every draft on it. The page stays and says that it is old.
document.addEventListener("turbo:fetch-request-error", (event) => {
  if (event.target instanceof HTMLFormElement) return;
  event.preventDefault();
  Turbo.navigator.stop();
  stale = true;
  showConnected(false);
});
document.addEventListener("turbo:render", () => showConnected(true));
// A visit that takes the place of another one stops it, and Turbo lets that end as an uncaught error
// when the answer was being read.
window.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof DOMException && event.reason.name === "AbortError") event.preventDefault();
});
