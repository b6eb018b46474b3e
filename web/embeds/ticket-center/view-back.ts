// SPDX-License-Identifier: MIT

import { h, type Node } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import type { View } from "./view.js";

/** Leads back to the list where it is not beside the conversation. */
export function backButton(view: View): Node {
  return h(
    "button",
    {
      class: "b b-g b-s b-back",
      type: "button",
      "aria-label": view.session.strings.text("back"),
      onclick: () => view.session.showList(),
    },
    icon("back"),
  );
}
