// SPDX-License-Identifier: MIT
// One conversation: its messages as plain text, oldest first, and the reply box.

import { button, type Child, h, type Node } from "../shared/dom.js";
import { WARNING, icon } from "../shared/icons.js";
import { linkify } from "../shared/linkify.js";
import type { Message } from "./model.js";
import type { OpenThread } from "./state.js";
import type { View } from "./view.js";
import { backButton } from "./view-back.js";
import { composer } from "./view-compose.js";
import { subjectOf, unverified } from "./view-list.js";

export function thread(view: View): Node | null {
  const { session } = view;
  const { state, strings } = session;
  const open = state.thread;
  if (!open) return null;
  const conversation = session.conversation(open.id);
  const subject = subjectOf(view, conversation);
  const closed = conversation?.status === "closed";
  return h(
    "section",
    {
      key: open.id,
      class: "tc-conv",
      "aria-label": strings.text("conversation_named", { subject }),
    },
    h(
      "header",
      { key: "head", class: "tc-chead" },
      backButton(view),
      h(
        "div",
        null,
        h("h2", { tabindex: -1, "data-focus": "heading" }, h("bdi", null, subject)),
        conversation ? h("p", { class: "tc-as" }, strings.text(closed ? "closed" : "open")) : null,
        unverified(view, conversation),
      ),
      closed || open.phase === "gone" ? null : closeButton(view, open),
    ),
    open.closeFailed ? h("p", { key: "not-closed", class: "tc-bad", role: "alert" }, strings.text("failed")) : null,
    body(view, open),
    closed && state.messaging && open.phase !== "gone"
      ? h("p", { key: "closed", class: "tc-closed" }, strings.text("closed_note"))
      : null,
    foot(view, open),
  );
}

function closeButton(view: View, open: OpenThread): Node {
  const { session } = view;
  return button("b b-s", session.strings.text("close"), () => void session.close(), {
    key: "close",
    "aria-label": session.strings.text("close_conversation"),
    "aria-disabled": open.closing ? "true" : null,
  });
}

function foot(view: View, open: OpenThread): Node | null {
  const { state, strings } = view.session;
  if (open.phase === "gone") return null;
  if (!state.messaging) return h("p", { key: "off", class: "tc-closed" }, strings.text("off_note"));
  return composer(view, open.id);
}

function body(view: View, open: OpenThread): Node {
  const { session } = view;
  const { strings } = session;
  if (open.phase === "loading" && open.messages.length === 0) {
    return h(
      "div",
      { key: "loading", class: "tc-wait", role: "status" },
      h("span", { class: "vh" }, strings.text("loading_messages")),
      h("span", { class: "sk" }),
      h("span", { class: "sk" }),
      h("span", { class: "sk" }),
    );
  }
  if (open.phase === "failed" || open.phase === "gone") {
    return h(
      "div",
      { key: "failed", class: "tc-say is-bad", role: "alert" },
      icon(WARNING, true),
      h("p", null, strings.text(open.phase)),
      open.phase === "gone"
        ? null
        : button("b b-s", strings.text("try_again"), () => session.reload()),
    );
  }
  return log(view, open);
}

function log(view: View, open: OpenThread): Node {
  const { session } = view;
  const { strings } = session;
  return h(
    "div",
    { key: "log", class: "tc-logbox" },
    h(
      "div",
      {
        class: "tc-log",
        role: "log",
        tabindex: 0,
        "aria-label": strings.text("messages"),
        "data-focus": "log",
        onscroll: (event: Event) => {
          if ((event.currentTarget as Element).scrollTop > -NEAR_NEWEST_PX) session.atNewest();
        },
      },
      h(
        "ul",
        { class: "tc-msgs", role: "list" },
        open.nextCursor === null
          ? null
          : h(
              "li",
              { key: "earlier", class: "tc-ev" },
              button("b b-s", strings.text("earlier_messages"), () => void session.earlier(), {
                "aria-disabled": open.loadingEarlier ? "true" : null,
              }),
            ),
        ...open.messages.map((message, index) =>
          bubble(view, message, open.messages[index - 1]?.createdAt),
        ),
      ),
    ),
    open.unseenBelow
      ? button("b b-s tc-below", strings.text("message_below"), () => view.toNewest())
      : null,
  );
}

/** Closer to the end than this counts as reading the newest message. */
export const NEAR_NEWEST_PX = 48;

function bubble(view: View, message: Message, before: string | undefined): Node {
  const { session, times } = view;
  const mine = message.author === "visitor";
  const name = mine ? session.strings.text("you") : message.authorName || session.strings.text("team");
  return h(
    "li",
    { key: message.id, class: mine ? "tc-msg is-me" : "tc-msg" },
    h(
      "p",
      { class: "tc-by" },
      h("b", { dir: "auto" }, name),
      " ",
      h(
        "time",
        { datetime: message.createdAt, title: times.full(message.createdAt) },
        times.message(message.createdAt, before, session.strings),
      ),
    ),
    h(
      "div",
      { class: "tc-bub" },
      h("p", { class: "tc-text", dir: "auto" }, ...text(message.body)),
      message.attachments?.length ? files(view, message) : null,
    ),
  );
}

function text(body: string): Child[] {
  return linkify(body).map(({ text: shown, href }) =>
    href === undefined
      ? shown
      : h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, shown),
  );
}

/** Their names alone, for as long as the part about files is on its way. */
function files(view: View, message: Message): Node {
  if (view.files) return view.files.of(message);
  view.withFiles();
  return h("p", { key: "names", class: "tc-note" }, message.attachments.map((file) => file.name).join(", "));
}
