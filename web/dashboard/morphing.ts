// What a live update must leave alone: menus and quotes the reader has opened, and what they typed.

export function keepOpenParts(): void {
  document.addEventListener("turbo:before-morph-attribute", (event) => {
    const { attributeName } = (event as CustomEvent<{ attributeName: string }>).detail;
    const target = event.target;
    if (target instanceof HTMLDetailsElement && attributeName === "open") event.preventDefault();
    if (target instanceof Element && attributeName === "hidden" && target.hasAttribute("data-scripted")) {
      event.preventDefault();
    }
  });
  document.addEventListener("turbo:before-morph-element", (event) => {
    const target = event.target;
    const { newElement } = (event as CustomEvent<{ newElement?: Element }>).detail;
    // A toast goes by itself; the updated page no longer carries it. The line above what is new
    // stays while the conversation is open, although looking at it marks all as seen.
    if (target instanceof Element && target.matches(".toast, #new-line") && !newElement) event.preventDefault();
    // A form that somebody may be in the middle of.
    if (target instanceof Element && target.hasAttribute("data-keep") && newElement) event.preventDefault();
    if (target instanceof HTMLInputElement && target === document.activeElement) event.preventDefault();
    if (target instanceof HTMLInputElement && target.type === "radio") event.preventDefault();
  });
}
