// SPDX-License-Identifier: MIT
// Decides which panels exist: one per container that a script tag in the page
// asks for, and those the page mounts itself. Looks again whenever the page
// changes, before the browser paints, so that nobody sees a state in between.

import { type Options, optionsFrom } from "./options.js";
import { type Tag, Tags } from "./tags.js";

/** What stands in a container. */
export interface Placed {
  start(): void;
  isIn(container: Element): boolean;
  moveTo(container: Element): void;
  restyle(options: Options): void;
  end(): void;
}

/** What differs between the embeds. */
export interface Kind<Drafts> {
  name: string;
  /** The same key means the same panel. */
  key: (options: Options) => string;
  drafts: () => Drafts;
  panel: (base: string, container: Element, options: Options, drafts: Drafts) => Placed;
}

interface Place<Drafts> {
  key: string;
  options: Options;
  panel: Placed | null;
  /** What was typed; survives a container that goes and comes. */
  drafts: Drafts;
  /** For mounts: was in the page once, so its absence means it went. */
  seen: boolean;
}

/** A page that keeps throwing our element out wins after this many times. */
const MAX_RETURNS = 100;

export class Placer<Drafts = unknown> {
  readonly #tags: Tags;
  /** By container id, as script tags ask. */
  readonly #asked = new Map<string, Place<Drafts>>();
  /** By element, as the page mounts. */
  readonly #mounted = new Map<Element, Place<Drafts>>();
  #returns = 0;
  readonly #base: string;
  readonly #kind: Kind<Drafts>;

  constructor(base: string, source: string, kind: Kind<Drafts>) {
    this.#base = base;
    this.#kind = kind;
    this.#tags = new Tags(source, kind.name, () => this.#look());
    new MutationObserver(() => this.#look()).observe(document, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["id"],
    });
  }

  /** A script tag ran; `tag` is null when the browser does not say which (modules). */
  executed(tag: Tag | null): void {
    if (tag) this.#tags.executed(tag);
    this.#look();
    // Attributes may be set right after the tag was appended.
    queueMicrotask(() => this.#look());
  }

  mount(element: Element, given: Record<string, unknown>): void {
    const options = optionsFrom((name) => given[name]);
    const place = this.#mounted.get(element);
    if (place) this.#update(place, element, options);
    else this.#mounted.set(element, this.#place(element, options));
  }

  unmount(element?: Element): void {
    for (const [mountedIn, place] of this.#mounted) {
      if (element && element !== mountedIn) continue;
      this.#clear(place);
      this.#mounted.delete(mountedIn);
    }
    for (const [id, place] of this.#asked) {
      if (element && !place.panel?.isIn(element)) continue;
      for (const tag of this.#tags.of(id)) this.#tags.silence(tag);
    }
    this.#look();
  }

  identify(given: Record<string, unknown>): void {
    const only = optionsFrom((name) => given[name]);
    const change = Object.fromEntries(Object.entries(only).filter(([, value]) => value !== null));
    for (const [element, place] of this.#mounted) this.#update(place, element, { ...place.options, ...change });
    this.#tags.active();
    const newest = new Map(this.#tags.all().map((tag) => [this.#tags.containerId(tag), tag]));
    for (const tag of newest.values()) {
      const { helpdeskId, align, maxWidth, locale, theme, border, font } = this.#tags.options(tag);
      const kept = { helpdeskId, align, maxWidth, locale, theme, border, font };
      this.#tags.override(tag, { ...kept, ...change });
    }
    this.#look();
  }

  /** The user is gone: no panel, no draft, no answer still on its way. */
  logout(): void {
    for (const place of this.#mounted.values()) {
      this.#clear(place);
      place.options = { ...place.options, email: null, signature: null };
      place.key = "";
    }
    for (const tag of this.#tags.all()) this.#tags.forget(tag);
    this.#look();
  }

  /** Makes the panels what the page asks for right now. */
  #look(): void {
    const active = this.#tags.active();
    for (const [id, place] of this.#asked) {
      if (active.has(id)) continue;
      this.#clear(place);
      this.#asked.delete(id);
    }
    for (const [id, tag] of active) this.#attend(id, tag);
    for (const [element, place] of this.#mounted) {
      if (element.isConnected) place.seen = true;
      else if (place.seen) {
        this.#clear(place);
        this.#mounted.delete(element);
      }
    }
  }

  #attend(id: string, tag: Tag): void {
    const container = document.getElementById(id);
    const options = this.#tags.options(tag);
    let place = this.#asked.get(id);
    if (place && place.key !== this.#kind.key(options)) {
      // An older tag for another user must not come back when the newer one goes.
      for (const other of this.#tags.of(id)) if (other !== tag) this.#tags.silence(other);
      this.#clear(place);
      place = undefined;
      this.#asked.delete(id);
    }
    if (place) {
      if (container) this.#update(place, container, options);
      else this.#suspend(place);
    } else if (container) {
      this.#asked.set(id, this.#place(container, options));
    }
  }

  #place(container: Element, options: Options): Place<Drafts> {
    const place: Place<Drafts> = {
      key: this.#kind.key(options),
      options,
      panel: null,
      drafts: this.#kind.drafts(),
      seen: container.isConnected,
    };
    this.#open(place, container);
    return place;
  }

  #open(place: Place<Drafts>, container: Element): void {
    const panel = this.#kind.panel(this.#base, container, place.options, place.drafts);
    place.panel = panel;
    // Attributes that change one after the other are one change.
    setTimeout(() => panel.start(), 0);
  }

  #update(place: Place<Drafts>, container: Element, options: Options): void {
    const key = this.#kind.key(options);
    if (place.key !== key) {
      this.#clear(place);
      place.key = key;
    }
    const restyled = JSON.stringify(place.options) !== JSON.stringify(options);
    place.options = options;
    if (!place.panel) this.#open(place, container);
    else {
      if (restyled) place.panel.restyle(options);
      if (!place.panel.isIn(container) && this.#returns < MAX_RETURNS) {
        this.#returns += 1;
        place.panel.moveTo(container);
      }
    }
  }

  /** The container is not there: nothing runs, drafts wait for the same user. */
  #suspend(place: Place<Drafts>): void {
    place.panel?.end();
    place.panel = null;
  }

  #clear(place: Place<Drafts>): void {
    this.#suspend(place);
    place.drafts = this.#kind.drafts();
  }
}
