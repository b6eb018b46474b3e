// SPDX-License-Identifier: MIT
// What stands in the panel when there are no conversations to show: the
// skeleton while loading, and the refusals. A refusal names its cause for the
// site's developer and shows nothing of any user.

import { button, h, type Node } from "../shared/dom.js";
import { REFUSED, WARNING, icon } from "../shared/icons.js";
import type { Problem } from "./state.js";
import type { StringKey, Strings } from "./strings.js";
import type { View } from "./view.js";

/** Title, what the visitor can do, and what the site's developer should know. */
type Words = [title: string, text: StringKey, ...developer: string[]];

export function problem(view: View): Node {
  const { strings, state } = view.session;
  const { kind, code, detail } = state.problem ?? NONE;
  const [title, text, ...developer] = wordsFor(kind === "refused" ? code : kind, detail, strings);
  return h(
    "div",
    { class: "tc-say is-bad", role: "alert" },
    icon(kind === "unreachable" ? WARNING : REFUSED, true),
    h("h2", null, title),
    h("p", null, strings.text(text)),
    developer.length > 0
      ? h(
          "div",
          { class: "tc-why", lang: "en", dir: "ltr" },
          h("b", null, "For the site’s developer"),
          ...developer.map((line) => h("span", null, line)),
        )
      : null,
    button("b", strings.text("try_again"), () => view.tryAgain()),
  );
}

const NONE: Problem = { kind: "refused", code: "", detail: "" };

// "Verification failed" and "Origin not allowed" are what developers search for,
// so they are the same in every language.
function wordsFor(cause: string, detail: string, strings: Strings): Words {
  const unavailable = strings.text("unavailable_title");
  switch (cause) {
    case "unreachable":
      return [strings.text("unreachable"), "keep_trying"];
    case "missing":
      return ["Verification failed", "sign_in_text", detail, "Add the script once its values are known."];
    case "verification_failed":
      return [
        "Verification failed",
        "verification_text",
        "The signature does not belong to this email. Most often the page was cached for another visitor, or the secret has a line break.",
        "The Verification Tool shows the exact cause.",
      ];
    case "origin_not_allowed":
      return [
        unavailable,
        "origin_text",
        detail,
        "An operator can add it in Settings, Messages, Allowed Embed Domains.",
      ];
    case "unknown_helpdesk":
      return [unavailable, "setup_text", detail, "Copy data-helpdesk-id from the Ticket Center page of the dashboard."];
    default:
      return [strings.text("other_title"), "other_text", detail];
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
        h("div", { key, class: "tc-row tc-ske" }, h("span", { class: "sk" }), h("span", { class: "sk" })),
      ),
    ),
  );
}
