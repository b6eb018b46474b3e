// SPDX-License-Identifier: MIT
// The form as a description. Not a <form>: a frame sandboxed without `allow-forms` would swallow its
// submission.

import { button, type Child, h, type Node, type Props } from "../shared/dom.js";
import { DONE, REFUSED, WARNING, icon } from "../shared/icons.js";
import { safeHref } from "../shared/linkify.js";
import type { Files } from "./files-part.js";
import type { Select } from "./model.js";
import type { Session } from "./session.js";

export interface View {
  session: Session;
  direction: string;
  language: string;
  theme: string;
  filesPart: Files | null;
  focus(name: string): void;
}

export function panel(view: View): Node[] {
  const { state, text } = view.session;
  if (state.phase === "waiting") return [];
  const parts: ((view: View) => Child[]) = {
    loading: skeleton,
    problem,
    sent,
    ready: form,
    sending: form,
  }[state.phase];
  const key = state.phase === "sending" ? "ready" : state.phase;
  return [
    h("div", { key: "width", class: "w", "aria-hidden": "true" }),
    h(
      "div",
      { key: "in", class: "in", dir: view.direction, lang: view.language },
      h("section", { key, class: "tc cf", "aria-label": text("contact_us") }, ...parts(view)),
    ),
  ];
}

function skeleton({ session }: View): Node[] {
  return [
    h(
      "div",
      { role: "status", class: "tc-ske" },
      h("span", { class: "vh" }, session.text("loading")),
      h("span", { class: "sk" }),
      h("span", { class: "sk" }),
    ),
  ];
}

/** Title, what the visitor reads, and what the site's developer should know. */
function problem({ session }: View): Node[] {
  const { text, state } = session;
  const { code, detail } = state.problem;
  const passing = code === "unreachable";
  const why = {
    origin_not_allowed: "Add it to the Allowed Embed Domains.",
    unknown_helpdesk: "Copy it from the Contact Form page of the dashboard.",
    missing_helpdesk_id: "Add the script once its values are known.",
  }[code];
  return [
    h(
      "div",
      { class: "tc-say is-bad", role: "alert" },
      icon(passing ? WARNING : REFUSED, true),
      h("h2", null, text(passing ? "no_form" : "unavailable")),
      passing ? null : h("p", null, text(code === "origin_not_allowed" ? "origin_text" : "setup_text")),
      passing
        ? null
        : h(
            "div",
            { class: "tc-why", lang: "en", dir: "ltr" },
            h("b", null, "For the site’s developer"),
            h("span", null, detail),
            why ? h("span", null, why) : null,
          ),
      button("b", text("try_again"), () => void session.start()),
    ),
  ];
}

function sent({ session }: View): Node[] {
  const { text, state, form } = session;
  const [before = "", after = ""] = text("sent_text").split("{email}");
  return [
    h(
      "div",
      { class: "tc-say", role: "status" },
      h("span", { class: "tick" }, icon(DONE)),
      h("h2", { tabindex: -1, "data-focus": "sent" }, text("sent")),
      form?.form.success
        ? h("p", { dir: "auto" }, form.form.success)
        : h("p", null, before, h("b", { dir: "auto" }, state.sentTo), after),
      button("b", text("another"), () => void session.again()),
    ),
  ];
}

function form(view: View): Child[] {
  const { session } = view;
  const { text, state } = session;
  const asked = session.form?.form;
  const off = session.form?.helpdesk.messaging === false;
  const sending = state.phase === "sending";
  if (!asked) return [];
  return [
    h(
      "div",
      { key: "head" },
      h("h2", { class: "cf-h", dir: "auto" }, asked.title || text("title")),
      asked.intro ? h("p", { class: "cf-sub", dir: "auto" }, asked.intro) : null,
    ),
    off ? h("p", { key: "off", class: "sum", role: "alert" }, text("off")) : summary(view),
    off
      ? null
      : h(
          "div",
          {
            key: "form",
            class: "cf-f",
            onkeydown: (event: KeyboardEvent) => {
              const asks = event.ctrlKey || event.metaKey || event.target instanceof HTMLInputElement;
              if (event.key !== "Enter" || !asks || event.isComposing) return;
              event.preventDefault();
              void session.send();
            },
            onfocusin: () => session.work(),
          },
          h(
            "div",
            { class: asked.name ? "cf-2" : "cf-f" },
            asked.name ? field(view, "name", text("name_optional"), { autocomplete: "name", maxlength: 120 }) : null,
            field(view, "email", text("email"), {
              type: "email",
              autocomplete: "email",
              autocapitalize: "none",
              spellcheck: "false",
              "aria-required": "true",
            }),
          ),
          ...asked.selects.map((select) => choice(view, select)),
          asked.subject ? field(view, "subject", text("subject_optional"), { maxlength: 200 }) : null,
          field(view, "message", text("message"), { "aria-required": "true" }),
          session.form?.fileLimits && view.filesPart?.field(session.form, view.language, sending),
          // For robots, which fill in whatever there is.
          h(
            "div",
            { class: "vh", "aria-hidden": "true" },
            h("label", { for: "website" }, text("leave_empty")),
            input(view, "website", "website", { tabindex: -1, autocomplete: "off" }),
          ),
          asked.privacyText ? privacy(asked.privacyText, asked.privacyUrl) : null,
          session.form?.check
            ? h("iframe", {
                key: session.round,
                title: "Turnstile",
                src: `${session.base}/form/${session.helpdeskId}/check?theme=${view.theme}&locale=${view.language}`,
              })
            : null,
          h(
            "div",
            { key: "foot", class: "cf-foot" },
            button(
              "b b-p",
              text("send"),
              () => void session.send(),
              { "aria-disabled": sending ? "true" : null },
            ),
            h("p", { role: "status" }, text(sending ? "sending" : "note")),
          ),
        ),
  ];
}

function summary(view: View): Node | null {
  const { state, text, form } = view.session;
  if (state.errors.size === 0 && !state.notSent) return null;
  const label = (name: string): string =>
    form?.form.selects.find((it) => `own ${it.name}` === name)?.label ??
    { email: text("email"), message: text("message"), name: text("name_optional") }[name] ??
    text("subject_optional");
  return h(
    "div",
    { key: "summary", class: "sum", role: "alert", tabindex: -1, "data-focus": "summary" },
    h("b", null, text(state.notSent ? "not_sent" : "attention")),
    state.notSent ? h("span", null, text(state.notSent)) : null,
    ...[...state.errors.keys()].map((name) =>
      button("lk", label(name), () => view.focus(name), { key: name }),
    ),
  );
}

function field(view: View, name: string, label: string, props: Props): Node {
  return labelled(view, name, label, input(view, name, idOf(name), props));
}

function labelled(view: View, name: string, label: string, control: Node): Node {
  const { state, text } = view.session;
  const error = state.errors.get(name);
  return h(
    "div",
    { key: name, class: "f" },
    h("label", { for: idOf(name), dir: "auto" }, label),
    control,
    error ? h("p", { key: "error", id: `${idOf(name)}-e`, class: "f-e" }, icon(WARNING), text(error)) : null,
  );
}

/** What every control has: who it is, what is wrong with it, and that it rests while sending. */
function common(view: View, name: string, id: string): Props {
  const { state, draft, session } = { ...view.session, session: view.session };
  const wrong = state.errors.has(name);
  return {
    id,
    "data-focus": name,
    value: draft.fields[name] ?? "",
    "aria-invalid": wrong ? "true" : null,
    "aria-describedby": wrong ? `${id}-e` : null,
    oninput: (event: Event) => session.type(name, (event.currentTarget as HTMLInputElement).value),
  };
}

function input(view: View, name: string, id: string, props: Props): Node {
  const tag = name === "message" ? "textarea" : "input";
  const readonly = view.session.state.phase === "sending";
  return h(tag, { ...common(view, name, id), name, dir: "auto", readonly, ...props });
}

function choice(view: View, select: Select): Node {
  const { text, draft, state } = view.session;
  const name = `own ${select.name}`;
  const { value, ...props } = common(view, name, idOf(name));
  const label = select.required ? select.label : text("optional", { label: select.label });
  const control = h(
    "select",
    {
      ...props,
      dir: "auto",
      disabled: state.phase === "sending",
      "aria-required": select.required ? "true" : null,
    },
    h("option", { key: "", value: "" }, text("choose")),
    ...select.options.map((option) =>
      h("option", { key: `o${option}`, value: option, selected: draft.fields[name] === option }, option),
    ),
  );
  return labelled(view, name, label, control);
}

function privacy(words: string, url: string): Node {
  const href = safeHref(url);
  const link = { href, target: "_blank", rel: "noopener noreferrer" };
  return h("p", { key: "privacy", class: "cf-p", dir: "auto" }, href ? h("a", link, words) : words);
}

const idOf = (name: string): string => `f-${name.replace(" ", "-")}`;
