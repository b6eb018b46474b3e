// SPDX-License-Identifier: MIT
// What stands in the panel when there are no conversations to show: the
// skeleton while loading, and the refusals. A refusal names its cause for the
// site's developer and shows nothing of any user.

import { h, type Node } from "../shared/dom.js";
import { icon, type IconName } from "../shared/icons.js";
import type { Problem } from "./state.js";
import type { StringKey } from "./strings.js";
import type { View } from "./view.js";

interface Words {
  icon: IconName;
  /** The phrases a developer will search for are fixed in every language. */
  title: string;
  text: StringKey;
  developer: [string | null, ...string[]] | null;
}

export function problem(view: View): Node {
  const { session } = view;
  const { strings } = session;
  const words = wordsFor(session.state.problem ?? { kind: "refused", code: "", detail: "" }, (key) => strings.text(key));
  return h(
    "div",
    { class: "tc-say is-bad", role: "alert" },
    icon(words.icon, true),
    h("h3", null, words.title),
    h("p", null, strings.text(words.text)),
    words.developer
      ? h(
          "div",
          { class: "tc-why", lang: "en", dir: "ltr" },
          h("b", null, words.developer[0] ?? "For the site’s developer"),
          ...words.developer.slice(1).map((line) => h("span", null, line)),
        )
      : null,
    h("button", { class: "b", type: "button", onclick: () => view.tryAgain() }, strings.text("try_again")),
  );
}

function wordsFor({ kind, code, detail }: Problem, text: (key: StringKey) => string): Words {
  if (kind === "unreachable") {
    return { icon: "warning", title: text("network_title"), text: "network_text", developer: null };
  }
  if (kind === "missing") {
    const noHelpdesk = code === "missing_helpdesk_id";
    return {
      icon: "refused",
      title: noHelpdesk ? text("unavailable_title") : "Verification failed",
      text: noHelpdesk ? "setup_text" : "sign_in_text",
      developer: [null, detail, "Add the script once these values are known; they are read from its tag."],
    };
  }
  switch (code) {
    case "verification_failed":
      return {
        icon: "refused",
        title: "Verification failed",
        text: "verification_text",
        developer: [
          null,
          "The signature does not belong to this email. Most often the page was cached for another visitor, or the secret was copied with a line break.",
          "Paste both values into the Verification Tool to see the exact cause.",
        ],
      };
    case "origin_not_allowed":
      return {
        icon: "blocked",
        title: text("unavailable_title"),
        text: "origin_text",
        developer: [detail, "An operator can add it in Settings, Messages, Allowed Embed Domains."],
      };
    case "unknown_helpdesk":
      return {
        icon: "blocked",
        title: text("unavailable_title"),
        text: "setup_text",
        developer: [null, "No helpdesk has this ID. Copy data-helpdesk-id from the Ticket Center page of the dashboard."],
      };
    default:
      return { icon: "warning", title: text("other_title"), text: "other_text", developer: [null, detail] };
  }
}

export function skeleton(view: View): Node {
  return h(
    "div",
    { role: "status" },
    h("span", { class: "vh" }, view.session.strings.text("loading_conversations")),
    h(
      "div",
      { class: "tc-head", "aria-hidden": "true" },
      h("div", { class: "tc-id tc-ske" }, h("span", { class: "sk" }), h("span", { class: "sk" })),
    ),
    h(
      "div",
      { class: "tc-list", "aria-hidden": "true" },
      ...["1", "2", "3", "4"].map((key) =>
        h(
          "div",
          { key, class: "tc-row tc-ske" },
          h("div", { class: "tc-a" }, h("span", { class: "sk" }), h("span", { class: "sk" })),
        ),
      ),
    ),
  );
}
