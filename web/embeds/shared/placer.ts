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

export interface Place<Drafts> {
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

/** What is not private is for the functions of single embeds, so that no other carries them. */
export class Placer<Drafts = unknown> {
  readonly tagList: Tags;
  /** By container id, as script tags ask. */
  readonly #asked = new Map<string, Place<Drafts>>();
  /** By element, as the page mounts. */
  readonly mountedPlaces = new Map<Element, Place<Drafts>>();
  #returns = 0;
  readonly #base: string;
  readonly #kind: Kind<Drafts>;

  constructor(base: string, source: string, kind: Kind<Drafts>) {
    this.#base = base;
    this.#kind = kind;
    this.tagList = new Tags(source, kind.name, () => this.lookAgain());
    new MutationObserver(() => this.lookAgain()).observe(document, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["id"],
    });
  }

  /** A script tag ran; `tag` is null when the browser does not say which (modules). */
  executed(tag: Tag | null): void {
    if (tag) this.tagList.executed(tag);
    this.lookAgain();
    // Attributes may be set right after the tag was appended.
    queueMicrotask(() => this.lookAgain());
  }

  mount(element: Element, given: Record<string, unknown>): void {
    const options = optionsFrom((name) => given[name]);
    const place = this.mountedPlaces.get(element);
    if (place) this.updatePlace(place, element, options);
    else this.mountedPlaces.set(element, this.#place(element, options));
  }

  unmount(element?: Element): void {
    for (const [mountedIn, place] of this.mountedPlaces) {
      if (element && element !== mountedIn) continue;
      this.clearPlace(place);
      this.mountedPlaces.delete(mountedIn);
    }
    for (const [id, place] of this.#asked) {
      if (element && !place.panel?.isIn(element)) continue;
      for (const tag of this.tagList.of(id)) this.tagList.silence(tag);
    }
    this.lookAgain();
  }

  /** Makes the panels what the page asks for right now. */
  lookAgain(): void {
    const active = this.tagList.active();
    for (const [id, place] of this.#asked) {
      if (active.has(id)) continue;
      this.clearPlace(place);
      this.#asked.delete(id);
    }
    for (const [id, tag] of active) this.#attend(id, tag);
    for (const [element, place] of this.mountedPlaces) {
      if (element.isConnected) place.seen = true;
      else if (place.seen) {
        this.clearPlace(place);
        this.mountedPlaces.delete(element);
      }
    }
  }

  #attend(id: string, tag: Tag): void {
    const container = document.getElementById(id);
    const options = this.tagList.options(tag);
    let place = this.#asked.get(id);
    if (place && place.key !== this.#kind.key(options)) {
      // An older tag for another user must not come back when the newer one goes.
      for (const other of this.tagList.of(id)) if (other !== tag) this.tagList.silence(other);
      this.clearPlace(place);
      place = undefined;
      this.#asked.delete(id);
    }
    if (place) {
      if (container) this.updatePlace(place, container, options);
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

  updatePlace(place: Place<Drafts>, container: Element, options: Options): void {
    const key = this.#kind.key(options);
    if (place.key !== key) {
      this.clearPlace(place);
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

  clearPlace(place: Place<Drafts>): void {
    this.#suspend(place);
    place.drafts = this.#kind.drafts();
  }
}
