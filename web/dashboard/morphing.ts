// How a page takes the place of another one: what a change of the page must leave alone (menus and
// quotes the reader has opened, what they typed), and when only what differs is changed.

import { morphElements } from "@hotwired/turbo";

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

const PERMANENT = "data-turbo-permanent";

interface Rendering {
  newBody: HTMLElement;
  render: (now: Element, next: Element) => void;
  resume: () => void;
}

/** From one conversation of the inbox to the next only what differs is changed: the list keeps its
 *  place and the focus stays where it is, as if the conversation alone had been loaded. */
export function morphBetweenConversations(): void {
  document.addEventListener("turbo:before-render", (event) => {
    const { detail } = event as CustomEvent<Rendering>;
    const both = [document.body, detail.newBody].every((body) => body.querySelector(".inbox"));
    // A box that comes back with a refusal takes the place of the one that was sent.
    const refused = detail.newBody.querySelector(".composer:not([data-turbo-permanent])");
    if (!both || refused) return;
    // Turbo moves what is permanent into a new page, and morphing leaves it where it is: not both.
    const box = detail.newBody.querySelector(".composer");
    box?.removeAttribute(PERMANENT);
    detail.render = (now, next) => {
      const old = now.querySelector(".composer");
      if (old && old.id !== box?.id) old.removeAttribute(PERMANENT);
      morphElements(now, next);
      now.querySelector(".composer")?.setAttribute(PERMANENT, "");
    };
    // Turbo copies the old page for the way back, but not before the next tick.
    event.preventDefault();
    window.setTimeout(detail.resume);
  });
}
