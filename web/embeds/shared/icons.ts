// SPDX-License-Identifier: MIT
// The few icons of the embeds, drawn on a 24 grid.

import { h, type Node } from "./dom.js";

const PATHS = {
  back: ["m14.5 6.5-5.5 5.5 5.5 5.5"],
  file: [
    "M7 3.500h7l4.500 4.500v10.500a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-13a2 2 0 0 1 2-2z",
    "M13.500 3.800V8.500h4.700",
  ],
  talk: [
    "M20.500 12a7.800 7.800 0 0 1-8.500 7.700 9.600 9.600 0 0 1-3.300-.6L4 20.500l1.300-3.900A7.600 7.600 0 0 1 3.500 12C3.500 7.700 7.300 4.300 12 4.300s8.500 3.400 8.500 7.700z",
  ],
  refused: [
    "M12 3 5 5.700v5.500c0 4.500 2.900 7.900 7 9.800 4.100-1.900 7-5.300 7-9.800V5.700z",
    "m9.500 9.500 5 5M14.500 9.500l-5 5",
  ],
  blocked: ["M12 3.300a8.700 8.700 0 1 0 0 17.400 8.700 8.700 0 0 0 0-17.400z", "m6 6 12 12"],
  warning: ["M12 4 2.800 19.500h18.400z", "M12 10v4.500M12 17v.1"],
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName, large = false): Node {
  return h(
    "svg",
    { class: large ? "ic ic-l" : "ic", viewBox: "0 0 24 24", "aria-hidden": "true" },
    ...PATHS[name].map((d) => h("path", { d })),
  );
}
