// SPDX-License-Identifier: MIT
// The Ticket Center embed: what the page can do with it.

import { boot } from "./shared/boot.js";
import { Drafts } from "./ticket-center/drafts.js";
import { identityKey } from "./ticket-center/options.js";
import { Panel } from "./ticket-center/panel.js";
import { identify, logout } from "./ticket-center/users.js";

interface TicketCenter {
  mount(element: Element, options: Record<string, unknown>): void;
  unmount(element?: Element): void;
  identify(options: Record<string, unknown>): void;
  logout(): void;
}

boot(
  "Ticket Center",
  "ticketCenter",
  {
    name: "ticket-center",
    key: identityKey,
    drafts: () => new Drafts(),
    panel: (...of) => new Panel(...of),
  },
  (own): TicketCenter => ({
    mount: (element, options) => own.mount(element, options),
    unmount: (element) => own.unmount(element),
    identify: (options) => identify(own, options),
    logout: () => logout(own),
  }),
);
