// SPDX-License-Identifier: MIT
// Finds the links in plain text. The embeds never render markup, so this is the
// only way a link comes to be; only addresses a reader can judge become one.

export interface Piece {
  text: string;
  href?: string;
}

const CANDIDATE = /\b(?:https?:\/\/|mailto:)[^\s<>"]+/gi;
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** Splits `text` into plain pieces and links; joined again they are `text`. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const address = withoutTail(match[0]);
    const href = safeHref(address);
    if (!href) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: address, href });
    from = match.index + address.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** The address as the browser reads it, if it is one a message may link to. */
export function safeHref(address: string, base?: string): string | null {
  try {
    const url = new URL(address, base);
    return SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Punctuation that ends the sentence rather than the address stays outside. */
function withoutTail(address: string): string {
  const shorter = address.replace(/[.,;:!?'*_~’”»]+$/, "");
  // A bracket is part of the address only if it was opened in it.
  const closesNothing = /[)\]}]$/.test(shorter) && !/[([{]/.test(shorter);
  return closesNothing ? withoutTail(shorter.slice(0, -1)) : shorter;
}
