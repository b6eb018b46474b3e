// SPDX-License-Identifier: MIT
// The Contact Form embed: what the page can do with it.

import { newDraft } from "./contact-form/model.js";
import { Panel } from "./contact-form/panel.js";
import { boot } from "./shared/boot.js";

boot(
  "Contact Form",
  "contactForm",
  {
    name: "contact-form",
    key: ({ helpdeskId, locale }) => JSON.stringify([helpdeskId, locale]),
    drafts: newDraft,
    panel: (...of) => new Panel(...of),
  },
  (own) => ({
    mount: (element: Element, options: Record<string, unknown>) => own.mount(element, options),
    unmount: (element?: Element) => own.unmount(element),
  }),
);
