// SPDX-License-Identifier: MIT
// The field for files: chosen, listed, taken away again, and sent with the message in one request. Nothing is
// kept anywhere before the message is sent.

import css from "../../styles/embed-form-files.css";
import type { Node } from "../shared/dom.js";
import { FILE, WARNING } from "../shared/icons.js";
import ENGLISH from "./english-files.json";
import type { Files, FilesHost } from "./files-part.js";
import type { FileLimits, Form } from "./model.js";
import { transfer } from "./transfer.js";

type Key = keyof typeof ENGLISH;

const ID = "f-files";
const REMOVE = "m6.5 6.5 11 11m0-11-11 11";
/** Progress is told in words this often, in parts of the whole: often enough, and no chatter. */
const STEPS = 10;

interface Item {
  key: number;
  file: File;
}

/** What was chosen, by the draft it belongs to: survives a container that goes and comes. */
const chosen = new WeakMap<object, Item[]>();
let count = 0;

export function files(host: FilesHost): Files {
  host.style(css);
  const { h, typed } = host;
  let form: Form;
  let language = "en";
  let said = "";
  let part: number | null = null;
  /** What was sent without an answer: the helpdesk may have it. */
  let unanswered = "";

  const items = (): Item[] => chosen.get(typed) ?? [];
  const text = (key: Key, values: Record<string, string> = {}): string =>
    ((form.strings as Record<string, string> | null)?.[key] ?? ENGLISH[key]).replace(
      /\{(\w+)\}/g,
      (whole, name: string) => values[name] ?? whole,
    );
  const icon = (path: string): Node =>
    h("svg", { class: "ic", viewBox: "0 0 24 24", "aria-hidden": "true" }, h("path", { d: path }));

  /** A length; limits are set in round binary numbers, and said so. */
  const size = (bytes: number, unit = 1000): string => {
    const large = bytes >= unit * unit;
    const value = large ? bytes / (unit * unit) : Math.max(1, bytes / unit);
    const digits = large && unit === 1000 ? 1 : 0;
    return new Intl.NumberFormat(language, {
      style: "unit",
      unit: large ? "megabyte" : "kilobyte",
      maximumFractionDigits: digits,
    }).format(value);
  };

  const add = (given: File[], limits: FileLimits): void => {
    const list = [...items()];
    said = "";
    for (const file of given) {
      const sum = list.reduce((all, it) => all + it.file.size, file.size);
      const refused = (key: Key, bytes: number): void => {
        said ||= text(key, { name: file.name, size: size(bytes, 1024), count: String(limits.count) });
      };
      if (list.length >= limits.count) refused("too_many_files", 0);
      else if (file.size > limits.bytes) refused("file_too_large", limits.bytes);
      else if (sum > limits.bytesInAll) refused("files_too_large", limits.bytesInAll);
      else list.push({ key: ++count, file });
    }
    chosen.set(typed, list);
    host.redraw();
  };

  const remove = (item: Item, button: HTMLElement): void => {
    // The button goes, and with it the place of whoever uses a keyboard.
    (button.getRootNode() as ShadowRoot).getElementById(ID)?.focus();
    chosen.set(typed, items().filter((it) => it !== item));
    said = "";
    host.redraw();
  };

  const row = (item: Item, sending: boolean): Node => {
    const { name } = item.file;
    const press = (event: Event): void => {
      if (!sending) remove(item, event.currentTarget as HTMLElement);
    };
    return h(
      "li",
      { key: item.key },
      icon(FILE),
      h("bdi", null, name),
      h("span", null, size(item.file.size)),
      h(
        "button",
        { type: "button", "aria-label": text("remove_file", { name }), "aria-disabled": sending ? "true" : null, onclick: press },
        icon(REMOVE),
      ),
    );
  };

  const field = (asked: Form, locale: string, sending: boolean): Node => {
    form = asked;
    language = locale;
    const limits = asked.fileLimits as FileLimits;
    const list = items();
    const told = Math.floor((part ?? 0) * STEPS) / STEPS;
    const percent = new Intl.NumberFormat(language, { style: "percent" }).format(told);
    const choose = (event: Event): void => {
      const input = event.currentTarget as HTMLInputElement;
      add([...(input.files ?? [])], limits);
      // The list below says what is chosen; the same file may be chosen again.
      input.value = "";
    };
    return h(
      "div",
      { key: "files", class: "f ff" },
      h("label", { for: ID, dir: "auto" }, text("files_optional")),
      h("input", {
        id: ID,
        type: "file",
        multiple: true,
        disabled: sending,
        "aria-invalid": said ? "true" : null,
        "aria-describedby": said ? `${ID}-h ${ID}-e` : `${ID}-h`,
        onchange: choose,
      }),
      h("p", { key: "hint", id: `${ID}-h`, class: "cf-p" }, text("files_hint", { count: String(limits.count), size: size(limits.bytesInAll, 1024) })),
      said ? h("p", { key: "error", id: `${ID}-e`, class: "f-e", role: "alert" }, icon(WARNING), said) : null,
      list.length > 0
        ? h("ul", { key: "list", "aria-label": text("files"), role: "list" }, ...list.map((it) => row(it, sending)))
        : null,
      part === null ? null : h("progress", { key: "bar", max: 1, value: part, "aria-hidden": "true" }),
      h("p", { key: "progress", class: "cf-p", role: "status" }, part === null ? null : text("files_sending", { percent })),
    );
  };

  const send = async (url: string, request: RequestInit): Promise<Response> => {
    const list = items();
    const { token } = JSON.parse(String(request.body)) as { token: string };
    const what = `${token} ${list.map((it) => it.key).join(" ")}`;
    // The same form with other files would count as the one that may have come in: it takes a fresh one.
    if (unanswered.startsWith(`${token} `) && unanswered !== what) {
      return new Response('{"error":"other files","code":"form_used"}', { status: 409 });
    }
    said = "";
    unanswered = what;
    if (list.length > 0) part = 0;
    host.redraw();
    try {
      const moved = (now: number): void => {
        part = now;
        host.redraw();
      };
      const answer = await (list.length > 0 ? transfer(url, request, list.map((it) => it.file), moved) : fetch(url, request));
      if (answer.status < 500) unanswered = "";
      if (answer.ok) chosen.delete(typed);
      else if (list.length > 0 && answer.status < 500) said = await because(answer.clone());
      return answer;
    } finally {
      part = null;
      host.redraw();
    }
  };

  /** What to say at the field; nothing when it was not about the files. */
  const because = async (answer: Response): Promise<string> => {
    const { code } = (await answer.json().catch(() => ({}))) as { code?: string };
    return answer.status === 413 || /file|attachment/.test(code ?? "") ? text("files_refused") : "";
  };

  return { field, send };
}
