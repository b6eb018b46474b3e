// SPDX-License-Identifier: MIT
// What a visitor reads: the helpdesk's translation where it sent one, English where it did not.

import ENGLISH from "./english.json";

export type StringKey = keyof typeof ENGLISH;
export type Translation = Partial<Record<StringKey, string>>;

export function texts(translation: Translation = {}) {
  return (key: StringKey, values: Record<string, string> = {}): string =>
    (translation[key] ?? ENGLISH[key]).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
