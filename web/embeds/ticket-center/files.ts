// SPDX-License-Identifier: MIT
// Files in the box and in messages: uploaded while the text is written, fetched with the token and saved.

import css from "../../styles/embed-files.css";
import { button, h, type Node } from "../shared/dom.js";
import { FILE, icon } from "../shared/icons.js";
import { ENGLISH } from "./english-files.js";
import type { Files, FilesHost } from "./files-part.js";
import type { Attachment, Message } from "./model.js";
import { download, Refused, send } from "./transfer.js";

type Key = keyof typeof ENGLISH;

const MOST = 10;
const AT_ONCE = 2;
const REMOVE = "m6.5 6.5 11 11m0-11-11 11";
const AGAIN = "M20 5v5h-5m4.2 0A7.7 7.7 0 1 0 19.5 15";

/** A file of a draft. */
interface Item {
  key: string;
  file: File;
  state: "waiting" | "sending" | "done" | "bad";
  part: number;
  id: string;
  name: string;
  stop: AbortController;
}

export function files(host: FilesHost): Files {
  host.style(css);
  return new Part(host);
}

class Part implements Files {
  readonly #host: FilesHost;
  /** What is wrong: by message, or by the files of a draft, which are others once it was sent. */
  readonly #said = new Map<unknown, string>();
  /** Being fetched. */
  readonly #fetching = new Set<string>();
  #running = 0;
  #count = 0;

  constructor(host: FilesHost) {
    this.#host = host;
  }

  add(draftId: string, files: File[]): void {
    const items = this.#items(draftId);
    this.#said.delete(items);
    for (const file of files) {
      if (items.length >= MOST) {
        this.#said.set(items, this.#text("too_many_files", { count: String(MOST) }));
        break;
      }
      const limit = this.#host.limit();
      if (file.size > limit) {
        this.#said.set(items, this.#text("file_too_large", { name: file.name, size: this.#limit(limit) }));
        continue;
      }
      const key = `file-${++this.#count}`;
      items.push({ key, file, state: "waiting", part: 0, id: "", name: file.name, stop: new AbortController() });
    }
    this.#next(draftId);
  }

  holds(draftId: string): boolean {
    const items = this.#items(draftId);
    if (items.every((it) => it.state === "done")) return false;
    const failed = items.find((it) => it.state === "bad");
    this.#said.set(items, failed ? this.#text("file_failed", failed) : this.#text("wait_for_files"));
    return true;
  }

  box(draftId: string): Node | null {
    const items = this.#items(draftId);
    const said = this.#said.get(items);
    if (items.length === 0 && !said) return null;
    return h(
      "div",
      { key: "files", class: "tf" },
      h("ul", { "aria-label": this.#text("files"), role: "list" }, ...items.map((item) => this.#chip(draftId, item))),
      said ? h("p", { key: "said", class: "tc-bad", role: "alert" }, said) : null,
    );
  }

  of(message: Message): Node {
    const said = this.#said.get(message.id);
    return h(
      "div",
      { key: "files", class: "tf" },
      h(
        "ul",
        { "aria-label": this.#text("files"), role: "list" },
        ...message.attachments.map((file) =>
          h("li", { key: file.id }, this.#offered(message, file)),
        ),
      ),
      said ? h("p", { key: "said", class: "tc-bad", role: "alert" }, said) : null,
    );
  }

  #offered(message: Message, file: Attachment): Node {
    return button(
      "tc-file",
      h("span", { key: "download", class: "vh" }, this.#text("download")),
      () => void this.#save(message, file),
      { "aria-busy": this.#fetching.has(file.id) ? "true" : null },
      ...this.#told(file.name, this.#size(file.size)),
    );
  }

  #chip(draftId: string, item: Item): Node {
    const { name, state } = item;
    const sending = state === "waiting" || state === "sending";
    return h(
      "li",
      { key: item.key, class: state === "bad" ? "tc-file is-bad" : "tc-file" },
      ...this.#told(name, sending ? null : this.#size(item.file.size)),
      sending
        ? h("progress", { key: "progress", max: 1, value: item.part, "aria-label": this.#text("uploading_file", item) })
        : null,
      state === "bad" ? this.#small("retry_file", AGAIN, item, () => this.#retry(draftId, item)) : null,
      this.#small("remove_file", REMOVE, item, () => this.#remove(draftId, item)),
    );
  }

  #told(name: string, size: string | null): Node[] {
    const told = [icon(FILE), h("bdi", null, name)];
    if (size) told.push(h("span", { key: "size" }, size));
    return told;
  }

  #small(key: Key, path: string, item: Item, press: () => void): Node {
    return button("tf-b", icon(path), press, { key, "aria-label": this.#text(key, item) });
  }

  #retry(draftId: string, item: Item): void {
    item.state = "waiting";
    item.part = 0;
    item.stop = new AbortController();
    this.#said.delete(this.#items(draftId));
    this.#next(draftId);
  }

  #remove(draftId: string, item: Item): void {
    const items = this.#items(draftId);
    items.splice(items.indexOf(item), 1);
    item.stop.abort();
    this.#said.delete(items);
    // What stays behind is forgotten by the helpdesk after a day.
    if (item.id) download(this.#host, `/${item.id}/removal`).catch(() => undefined);
    this.#changed(draftId);
  }

  #next(draftId: string): void {
    for (const item of this.#items(draftId)) {
      if (item.state !== "waiting" || this.#running >= AT_ONCE) continue;
      item.state = "sending";
      this.#running += 1;
      void this.#send(draftId, item).finally(() => {
        this.#running -= 1;
        this.#changed(draftId);
        this.#next(draftId);
      });
    }
    this.#host.redraw();
  }

  async #send(draftId: string, item: Item): Promise<void> {
    try {
      const taken = await send(this.#host, item.file, item.stop.signal, (part) => {
        item.part = part;
        this.#host.redraw();
      });
      item.id = taken.id;
      item.name = taken.name;
      item.state = "done";
    } catch (thrown) {
      if (item.stop.signal.aborted || this.#host.signal.aborted) return;
      item.state = "bad";
      this.#said.set(this.#items(draftId), this.#because(thrown, item));
    }
  }

  #because(thrown: unknown, item: Item): string {
    const code = thrown instanceof Refused ? thrown.code : "";
    if (code === "attachment_too_large" || code === "body_too_large") {
      return this.#text("file_too_large", { name: item.name, size: this.#limit(this.#host.limit()) });
    }
    return this.#text(code ? "file_refused" : "file_failed", item);
  }

  async #save(message: Message, file: Attachment): Promise<void> {
    if (this.#fetching.has(file.id)) return;
    this.#fetching.add(file.id);
    this.#said.delete(message.id);
    this.#host.redraw();
    try {
      const answer = await download(this.#host, `/${file.id}`);
      const address = URL.createObjectURL(await answer.blob());
      const link = document.createElement("a");
      link.href = address;
      link.download = file.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch {
      this.#said.set(message.id, this.#text("file_gone", file));
    }
    this.#fetching.delete(file.id);
    this.#host.redraw();
  }

  #changed(draftId: string): void {
    this.#host.attached(draftId, this.#items(draftId).flatMap((item) => (item.state === "done" ? item.id : [])));
  }

  #items(draftId: string): Item[] {
    return this.#host.draft(draftId).items as Item[];
  }

  #text(key: Key, values: object = {}): string {
    const text = this.#host.translation(key) ?? ENGLISH[key];
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => (values as Record<string, string>)[name] ?? whole);
  }

  #size(bytes: number): string {
    const large = bytes >= 1e6;
    return this.#unit(large, Math.max(1, bytes / (large ? 1e6 : 1e3)), large ? 1 : 0);
  }

  /** Limits are set in round binary numbers, and said so. */
  #limit(bytes: number): string {
    const large = bytes >= 1048576;
    return this.#unit(large, bytes / (large ? 1048576 : 1024), 0);
  }

  #unit(large: boolean, value: number, digits: number): string {
    return new Intl.NumberFormat(this.#host.language(), {
      style: "unit",
      unit: large ? "megabyte" : "kilobyte",
      maximumFractionDigits: digits,
    }).format(value);
  }
}
