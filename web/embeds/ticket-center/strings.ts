// SPDX-License-Identifier: MIT
// Looks up what a visitor reads: the helpdesk's translation where it sent one,
// English where it did not.

import { ENGLISH } from "./english.js";

export type StringKey = keyof typeof ENGLISH;
export type Translation = Partial<Record<StringKey, string>>;

export class Strings {
  constructor(private readonly translation: Translation = {}) {}

  /** The text of a key with its `{placeholders}` filled in. */
  text(key: StringKey, values: Record<string, string> = {}): string {
    return this.raw(key).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  }

  /** What stands before and after a placeholder, for texts that hold an element. */
  around(key: StringKey, placeholder: string): [string, string] {
    const [before = "", after = ""] = this.raw(key).split(`{${placeholder}}`);
    return [before, after];
  }

  private raw(key: StringKey): string {
    const translated = this.translation[key];
    return typeof translated === "string" ? translated : ENGLISH[key];
  }
}
