// The focus is never lost: when what had it is gone or hidden after a change of the page, it goes to
// the part of the page that held it, and on a new page to its beginning.

const PARTS = [".convs", "#conversation", "#details", "#nav", "#main"];

let part = "";

function isLost(): boolean {
  const focused = document.activeElement;
  return !(focused instanceof HTMLElement) || focused === document.body || !focused.checkVisibility();
}

export function keepFocus(): void {
  document.addEventListener("focusin", (event) => {
    const { target } = event;
    if (target instanceof Element) part = PARTS.find((selector) => target.closest(selector)) ?? "";
  });
  document.addEventListener("turbo:render", () => {
    if (part === "" || !isLost()) return;
    const places = [part, "#conversation", "#main"].map((selector) => document.querySelector<HTMLElement>(selector));
    places.find((place) => place?.checkVisibility())?.focus({ preventScroll: true });
  });
}
