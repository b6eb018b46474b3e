// SPDX-License-Identifier: MIT
// The few icons of the embeds, drawn on a 24 grid. Each embed carries those that it names.

import { h, type Node } from "./dom.js";

export const BACK = "m14.5 6.5-5.5 5.5 5.5 5.5";
export const DONE = "m5 12.8 4.6 4.6L19.2 7";
export const CLIP = "m20 11-8.3 8.3a5 5 0 0 1-7.1-7.1L13 3.8a3.3 3.3 0 0 1 4.7 4.7l-8.3 8.3A1.7 1.7 0 0 1 7 14.4l7.6-7.5";
export const FILE = "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zv5h5";
export const TALK = "m4 20.5 1.3-4a8.5 8.5 0 1 1 3.2 3z";
export const REFUSED = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm-3 6 6 6m0-6-6 6";
export const WARNING = "M12 4 3 19.5h18zm0 6v4.5m0 2.5v.1";

export function icon(path: string, large = false): Node {
  return h(
    "svg",
    { class: large ? "ic ic-l" : "ic", viewBox: "0 0 24 24", "aria-hidden": "true" },
    h("path", { d: path }),
  );
}
