// SPDX-License-Identifier: MIT
// An embed's own element in the page, with its styles inside a shadow root.

/** Marks our own element, so that a page restored from a copy can be cleaned of empty ones. */
export const MARK = "data-hdh-panel";

/** Puts our element into a container, without what an earlier copy of the page left there. */
export function adopt(container: Element, host: Element): void {
  for (const child of Array.from(container.children)) {
    if (child !== host && child.hasAttribute(MARK) && !child.shadowRoot) child.remove();
  }
  container.append(host);
}

/** Adds styles to those that are there. */
export function adoptStyles(root: ShadowRoot, styles: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    // Browsers without constructable sheets.
    const element = document.createElement("style");
    element.textContent = styles;
    root.append(element);
  }
}
