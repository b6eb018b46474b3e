// SPDX-License-Identifier: MIT
// The list of conversations. A row is one button stretched over the row, named
// by the subject and the beginning of the latest message.

import { button, h, type Node } from "../shared/dom.js";
import type { Conversation } from "./model.js";
import type { View } from "./view.js";

export function conversationList(view: View): Node {
  const { session } = view;
  const { state, strings } = session;
  return h(
    "div",
    { key: "list" },
    h(
      "ul",
      { class: "tc-list", role: "list", "aria-label": strings.text("your_conversations") },
      ...state.conversations.map((conversation) => row(view, conversation)),
    ),
    state.nextCursor === null
      ? null
      : button("b b-s tc-more", strings.text("older_conversations"), () => void session.older(), {
          "aria-disabled": state.loadingOlder ? "true" : null,
        }),
  );
}

function row(view: View, conversation: Conversation): Node {
  const { session, times } = view;
  const { strings } = session;
  const here = session.state.thread?.id === conversation.id;
  const unread = conversation.unreadCount > 0 && !here;
  const classes = ["tc-row", unread && "is-unread", here && "is-on"].filter(Boolean).join(" ");
  return h(
    "li",
    { key: conversation.id, class: classes },
    h(
      "button",
      {
        class: "tc-a",
        type: "button",
        "data-focus": `row ${conversation.id}`,
        "aria-current": here ? "true" : null,
        onclick: () => session.open(conversation.id),
      },
      h("span", { class: "tc-t", dir: "auto" }, subjectOf(view, conversation)),
      " ",
      h("span", { class: "tc-p", dir: "auto" }, oneLine(conversation.preview ?? "")),
      unverified(view, conversation),
    ),
    h(
      "span",
      { class: "tc-m" },
      h(
        "time",
        {
          class: "tc-time",
          datetime: conversation.lastMessageAt,
          title: times.full(conversation.lastMessageAt),
        },
        times.short(conversation.lastMessageAt),
      ),
      unread ? h("span", { key: "new", class: "tc-st is-new" }, strings.text("new_reply")) : null,
      h(
        "span",
        {
          key: "status",
          class: unread ? "vh" : conversation.status === "closed" ? "tc-st is-closed" : "tc-st",
        },
        strings.text(conversation.status === "closed" ? "closed" : "open"),
      ),
    ),
  );
}

/** Whoever sent a form proved nothing: it may not have been this user. */
export function unverified(view: View, conversation: Conversation | undefined): Node | null {
  if (conversation?.channel !== "contact_form") return null;
  return h("span", { key: "form", class: "tc-as" }, view.session.strings.text("unverified"));
}

export function subjectOf(view: View, conversation: Conversation | undefined): string {
  return conversation?.subject?.trim() || view.session.strings.text("no_subject");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
