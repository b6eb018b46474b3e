// SPDX-License-Identifier: MIT
// Finds an embed's own script tag, and makes sure that it runs once however often it is included.

import { type Kind, Placer } from "./placer.js";
import { addressOf } from "./tags.js";

interface Page {
  Helpdesky?: Record<string, unknown>;
  [running: symbol]: Placer | undefined;
}

function ownTag(name: string): HTMLScriptElement | null {
  if (document.currentScript instanceof HTMLScriptElement) return document.currentScript;
  const named = `script[src*="${name}.js"]`;
  for (const selector of [`${named}[data-helpdesk-id]`, named]) {
    const found = [...document.querySelectorAll<HTMLScriptElement>(selector)].at(-1);
    if (found) return found;
  }
  return null;
}

/** Begins, and offers the page the embed's functions as `Helpdesky[offered]`. */
export function boot<Drafts>(
  title: string,
  offered: string,
  kind: Kind<Drafts>,
  functions: (placer: Placer) => object,
): void {
  const tag = ownTag(kind.name);
  const source = tag && addressOf(tag.src);
  if (!source) {
    console.warn(`[Helpdesky] ${title}: cannot tell where this script came from; include it by its address`);
    return;
  }
  const page = window as unknown as Page;
  const running = Symbol.for(`helpdesky ${source}`);
  const placer = (page[running] ??= new Placer(new URL(source).origin, source, kind) as Placer);
  page.Helpdesky = { ...page.Helpdesky, [offered]: functions(placer) };
  placer.executed(tag);
}
