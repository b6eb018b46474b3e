// SPDX-License-Identifier: MIT
// The script tags that ask for a panel. A tag counts while it is in the page;
// of several for one container the newest statement wins. Frameworks add tags
// that never run (the browser runs a module once, a re-inserted tag never), so
// what counts is what stands in the page, not what was executed.

import { attributeOf, type Options, optionsFrom } from "./options.js";

export type Tag = HTMLScriptElement;

export class Tags {
  /** When a tag made its latest statement: by appearing, or by changing its attributes. */
  #order = new Map<Tag, number>();
  #clock = 0;
  /** Tags that were told to stay silent, by `logout` or by a newer tag for another user. */
  readonly #silenced = new WeakSet<Tag>();
  readonly #overrides = new WeakMap<Tag, Partial<Options>>();
  readonly #watched = new WeakSet<Tag>();
  /** Ran without any attribute so far; they may come. */
  readonly #ran = new WeakSet<Tag>();
  readonly #observer: MutationObserver;
  readonly #source: string;
  /** The embed's name, as in its script's and its container's. */
  readonly #name: string;

  constructor(source: string, name: string, changed: () => void) {
    this.#source = source;
    this.#name = name;
    this.#observer = new MutationObserver((records) => {
      for (const { target } of records) this.#stated(target as Tag);
      changed();
    });
  }

  /** A tag that was just executed counts even before it has attributes. */
  executed(tag: Tag): void {
    this.#ran.add(tag);
  }

  /** The winning tag of each container id, after looking at the page as it is now. */
  active(): Map<string, Tag> {
    const present = new Map<Tag, number>();
    for (const tag of Array.from(document.scripts)) {
      if (!this.#isOurs(tag)) continue;
      const known = this.#order.get(tag);
      present.set(tag, known ?? ++this.#clock);
      if (known === undefined) this.#silenced.delete(tag);
      this.#watch(tag);
    }
    this.#order = present;

    const winners = new Map<string, Tag>();
    for (const [tag, since] of present) {
      const id = this.containerId(tag);
      const other = winners.get(id);
      if (!other || since > (present.get(other) ?? 0)) winners.set(id, tag);
    }
    for (const [id, tag] of winners) if (this.#silenced.has(tag)) winners.delete(id);
    return winners;
  }

  /** Every tag in the page for a container. */
  of(id: string): Tag[] {
    return [...this.#order.keys()].filter((tag) => this.containerId(tag) === id);
  }

  options(tag: Tag): Options {
    const override = this.#overrides.get(tag);
    return optionsFrom((name) => override?.[name] ?? tag.getAttribute(attributeOf(name)));
  }

  silence(tag: Tag): void {
    this.#silenced.add(tag);
  }

  /** Another user by `identify`; the tag's own attributes stay as the page wrote them. */
  override(tag: Tag, options: Partial<Options>): void {
    this.#stated(tag);
    this.#overrides.set(tag, options);
  }

  forget(tag: Tag): void {
    this.#overrides.delete(tag);
    this.#silenced.add(tag);
  }

  all(): Tag[] {
    return [...this.#order.keys()];
  }

  containerId(tag: Tag): string {
    return tag.getAttribute("data-container")?.trim() || `hdh-${this.#name}`;
  }

  #stated(tag: Tag): void {
    this.#overrides.delete(tag);
    this.#silenced.delete(tag);
    if (this.#order.has(tag)) this.#order.set(tag, ++this.#clock);
  }

  #isOurs(tag: Tag): boolean {
    if (!tag.src.includes(`${this.#name}.js`)) return false;
    if (addressOf(tag.src) !== this.#source) return false;
    return tag.hasAttribute("data-helpdesk-id") || this.#ran.has(tag) || this.#overrides.has(tag);
  }

  #watch(tag: Tag): void {
    if (this.#watched.has(tag)) return;
    this.#watched.add(tag);
    this.#observer.observe(tag, { attributes: true });
  }
}

/** A script's address without query and fragment; null when it is none. */
export function addressOf(src: string): string | null {
  try {
    const url = new URL(src);
    return url.origin + url.pathname;
  } catch {
    return null;
  }
}
