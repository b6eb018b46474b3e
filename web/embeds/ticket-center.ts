// SPDX-License-Identifier: MIT
// The Ticket Center embed: what the page can do with it.

import { boot } from "./shared/boot.js";
import { Drafts } from "./ticket-center/drafts.js";
import { identityKey } from "./ticket-center/options.js";
import { Panel } from "./ticket-center/panel.js";

boot(
  "Ticket Center",
  "ticketCenter",
  {
    name: "ticket-center",
    key: identityKey,
    drafts: () => new Drafts(),
    panel: (...of) => new Panel(...of),
  },
  (own) => ({
    mount: (element: Element, options: Record<string, unknown>) => own.mount(element, options),
    unmount: (element?: Element) => own.unmount(element),
    identify: (options: Record<string, unknown>) => own.identify(options),
    logout: () => own.logout(),
  }),
);
