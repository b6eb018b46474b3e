// SPDX-License-Identifier: MIT
// The Ticket Center embed. This file finds its own script tag, makes sure that
// it runs once however often it is included, and offers the page its functions.

import { Placer } from "./ticket-center/placer.js";
import { addressOf } from "./ticket-center/tags.js";

interface TicketCenter {
  mount(element: Element, options: Record<string, unknown>): void;
  unmount(element?: Element): void;
  identify(options: Record<string, unknown>): void;
  logout(): void;
}

interface Page {
  Helpdesky?: { ticketCenter?: TicketCenter };
  [running: symbol]: Placer | undefined;
}

function ownTag(): HTMLScriptElement | null {
  if (document.currentScript instanceof HTMLScriptElement) return document.currentScript;
  const named = 'script[src*="ticket-center.js"]';
  for (const selector of [`${named}[data-helpdesk-id]`, named]) {
    const found = [...document.querySelectorAll<HTMLScriptElement>(selector)].at(-1);
    if (found) return found;
  }
  return null;
}

function boot(): void {
  const tag = ownTag();
  const source = tag && addressOf(tag.src);
  if (!source) {
    console.warn("[Helpdesky] Ticket Center: cannot tell where this script came from; include it by its address");
    return;
  }
  const page = window as unknown as Page;
  const running = Symbol.for(`helpdesky ${source}`);
  let placer = page[running];
  if (!placer) {
    placer = new Placer(new URL(source).origin, source);
    page[running] = placer;
  }
  const own = placer;
  page.Helpdesky = {
    ...page.Helpdesky,
    ticketCenter: {
      mount: (element, options) => own.mount(element, options),
      unmount: (element) => own.unmount(element),
      identify: (options) => own.identify(options),
      logout: () => own.logout(),
    },
  };
  own.executed(tag);
}

boot();
