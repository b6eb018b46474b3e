// SPDX-License-Identifier: MIT
// The whole panel as a description: which part shows when.

import { button, h, type Node } from "../shared/dom.js";
import { TALK, icon } from "../shared/icons.js";
import type { Files } from "./files-part.js";
import type { Session } from "./session.js";
import type { Times } from "./times.js";
import { compose } from "./view-compose.js";
import { conversationList } from "./view-list.js";
import { problem, skeleton } from "./view-say.js";
import { thread } from "./view-thread.js";

export interface View {
  base: string;
  session: Session;
  times: Times;
  /** Of the panel's own words; what people wrote finds its own direction. */
  direction: string;
  language: string;
  /** The part about files, once it is here. */
  files: Files | null;
  withFiles(draftId?: string, given?: File[]): void;
  /** Scrolls the open conversation to its newest message. */
  toNewest(): void;
  tryAgain(): void;
}

export function panel(view: View): Node[] {
  const { state, strings } = view.session;
  const section = (...children: (Node | null)[]): Node[] => [
    h("div", { key: "width", class: "w", "aria-hidden": "true" }),
    h(
      "div",
      { key: "in", class: "in", dir: view.direction, lang: view.language },
      h("section", { key: state.phase, class: "tc", "aria-label": strings.text("support") }, ...children),
      h("p", { key: "said", class: "vh", role: "status" }, state.announcement),
    ),
  ];
  if (state.phase === "waiting") return [];
  if (state.phase === "loading") return section(skeleton(view));
  if (state.phase === "problem") return section(problem(view));

  const side = state.screen !== "list" && state.conversations.length > 0;
  const main = state.screen === "new" ? compose(view) : state.screen === "conversation" ? thread(view) : null;
  return section(
    head(view),
    connection(view),
    main === null
      ? listOrEmpty(view)
      : h(
          "div",
          { key: "two", class: "tc-two" },
          side
            ? h(
                "nav",
                { class: "tc-side", "aria-label": strings.text("your_conversations") },
                conversationList(view),
              )
            : null,
          main,
        ),
    h("p", { key: "who", class: "tc-who" }, ...signedIn(view)),
  );
}

function head(view: View): Node {
  const { session } = view;
  const { state, strings } = session;
  const offered = state.messaging && state.screen !== "new" && state.conversations.length > 0;
  return h(
    "header",
    { key: "head", class: "tc-head" },
    h(
      "div",
      { class: "tc-id" },
      h("h2", { class: "tc-h" }, strings.text("support")),
      h("p", { class: "tc-as" }, ...signedIn(view)),
    ),
    offered ? newButton(view) : null,
  );
}

function newButton(view: View): Node {
  const { session } = view;
  return button("b b-p", session.strings.text("new_conversation"), () => session.compose(), {
    "data-focus": "new",
  });
}

function signedIn(view: View): (Node | string)[] {
  const { state, strings } = view.session;
  const [before = "", after = ""] = strings.text("signed_in_as").split("{email}");
  return [before, h("b", { dir: "auto" }, state.contact?.email ?? ""), after];
}

/** A line while the helpdesk cannot be reached; what is on screen stays usable. */
function connection(view: View): Node | null {
  const { state, strings } = view.session;
  if (state.connection === "up") return null;
  const text = `${strings.text(state.connection)} ${strings.text("keep_trying")}`;
  return h("p", { key: "connection", class: "tc-off", role: "status" }, text);
}

function listOrEmpty(view: View): Node {
  const { state, strings } = view.session;
  const off = state.messaging ? null : h("p", { key: "off", class: "tc-closed" }, strings.text("off_note"));
  if (state.conversations.length > 0) {
    return h("div", { key: "list" }, off, conversationList(view));
  }
  return h(
    "div",
    { key: "empty", class: "tc-say" },
    icon(TALK, true),
    state.messaging ? h("h2", null, strings.text("empty_title")) : null,
    h("p", null, strings.text(state.messaging ? "empty_text" : "off_note")),
    state.messaging ? newButton(view) : null,
  );
}
