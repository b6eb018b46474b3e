// SPDX-License-Identifier: MIT

import { button, type Node } from "../shared/dom.js";
import { BACK, icon } from "../shared/icons.js";
import type { View } from "./view.js";

/** Leads back to the list where it is not beside the conversation. */
export function backButton(view: View): Node {
  const { session } = view;
  return button("b b-s b-g", icon(BACK), () => session.showList(), {
    "aria-label": session.strings.text("back"),
  });
}
