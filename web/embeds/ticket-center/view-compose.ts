// SPDX-License-Identifier: MIT
// The boxes to write in: a new conversation, and the reply under an open one.

import { button, h, type Node } from "../shared/dom.js";
import { CLIP, icon } from "../shared/icons.js";
import { NEW } from "./drafts.js";
import type { View } from "./view.js";
import { backButton } from "./view-back.js";

export function compose(view: View): Node {
  const { session } = view;
  const { strings } = session;
  return h(
    "section",
    { key: "compose", class: "tc-conv is-new", "aria-label": strings.text("new_conversation") },
    h(
      "header",
      { class: "tc-chead" },
      backButton(view),
      h("div", null, h("h2", { tabindex: -1, "data-focus": "heading" }, strings.text("new_conversation"))),
    ),
    session.state.messaging
      ? composer(view, NEW)
      : h("p", { key: "off", class: "tc-closed" }, strings.text("off_note")),
  );
}

/**
 * The boxes for one draft; the same for a reply and for a new conversation. Not
 * a form: a frame sandboxed without `allow-forms` would swallow its submission.
 */
export function composer(view: View, draftId: string): Node {
  const { session } = view;
  const { strings } = session;
  const fresh = draftId === NEW;
  const draft = session.drafts.of(draftId);
  const sending = draft.phase === "sending";
  const send = (): void => (view.files?.holds(draftId) ? session.changed() : session.send(draftId));
  /** Takes files that were chosen, dropped or pasted; copied text is pasted as text. */
  const take = (event: Event, from: { files: FileList | null } | null): void => {
    const files = [...(from?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    view.withFiles(draftId, files);
  };
  return h(
    "div",
    {
      key: "form",
      class: "tc-reply",
      onkeydown: (event: KeyboardEvent) => {
        const asked = event.ctrlKey || event.metaKey || event.target instanceof HTMLInputElement;
        if (event.key !== "Enter" || !asked || event.isComposing) return;
        event.preventDefault();
        send();
      },
    },
    fresh ? subjectField(view, draft.subject, sending) : null,
    h(
      "div",
      {
        key: "box",
        class: "tc-box",
        ondragover: (event: DragEvent) => event.dataTransfer?.types.includes("Files") && event.preventDefault(),
        ondrop: (event: DragEvent) => take(event, event.dataTransfer),
        onpaste: (event: ClipboardEvent) =>
          event.clipboardData?.getData("text") || take(event, event.clipboardData),
      },
      h("textarea", {
        "aria-label": strings.text(fresh ? "message" : "reply"),
        placeholder: strings.text(fresh ? "message_hint" : "reply_hint"),
        "data-focus": fresh ? "message" : "reply",
        "aria-invalid": draft.phase === "idle" && draft.error ? "true" : null,
        "aria-describedby": draft.error ? "draft-error" : null,
        dir: "auto",
        rows: fresh ? 5 : 2,
        readonly: sending,
        value: draft.text,
        oninput: (event: Event) =>
          session.type(draftId, { text: (event.currentTarget as HTMLTextAreaElement).value }),
      }),
      view.files?.box(draftId),
      h(
        "div",
        { class: "tc-bar" },
        h(
          "label",
          { class: "b b-s tc-clip" },
          h("input", {
            class: "vh",
            type: "file",
            multiple: true,
            "aria-label": strings.text("attach"),
            onchange: (event: Event) => {
              const input = event.target as HTMLInputElement;
              take(event, input);
              input.value = "";
            },
          }),
          icon(CLIP),
        ),
        h("span", { class: "tc-note", role: "status" }, sending ? strings.text("sending") : null),
        button("b b-p b-s", strings.text("send"), send, { "aria-disabled": sending ? "true" : null }),
      ),
    ),
    draft.error
      ? h(
          "p",
          { key: "error", id: "draft-error", class: draft.phase === "idle" ? "tc-bad" : "tc-note", role: "alert" },
          strings.text(draft.error),
          draft.said === null ? null : ` ${draft.said}`,
        )
      : null,
  );
}

function subjectField(view: View, subject: string, sending: boolean): Node {
  const { session } = view;
  return h("input", {
    key: "subject",
    class: "tc-sub",
    type: "text",
    autocomplete: "off",
    maxlength: 200,
    "aria-label": session.strings.text("subject_optional"),
    placeholder: session.strings.text("subject_optional"),
    dir: "auto",
    readonly: sending,
    value: subject,
    oninput: (event: Event) =>
      session.type(NEW, { subject: (event.currentTarget as HTMLInputElement).value }),
  });
}
