// SPDX-License-Identifier: MIT
// Looks up what a visitor reads: the helpdesk's translation where it sent one,
// English where it did not.

import { ENGLISH } from "./english.js";

export type StringKey = keyof typeof ENGLISH;
export type Translation = Partial<Record<StringKey, string>>;

export class Strings {
  readonly #translation: Translation;

  constructor(translation: Translation = {}) {
    this.#translation = translation;
  }

  /** What the helpdesk sent for a key. */
  own(key: string): string | undefined {
    return this.#translation[key as StringKey];
  }

  /** The text of a key with its `{placeholders}` filled in; one without a value stays. */
  text(key: StringKey, values: Record<string, string> = {}): string {
    const text = this.own(key) ?? ENGLISH[key];
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  }

}
