// SPDX-License-Identifier: MIT
// What a page tells the panel, by attributes of the script or by `mount`.
// A bad value means the default; who is signed in is never guessed.

import type { Identity } from "./client.js";
import type { Appearance } from "./model.js";

export interface Options {
  helpdeskId: string | null;
  email: string | null;
  signature: string | null;
  align: string | null;
  maxWidth: string | null;
  locale: string | null;
  theme: string | null;
  border: string | null;
  font: string | null;
}

export const OPTION_NAMES = [
  "helpdeskId",
  "email",
  "signature",
  "align",
  "maxWidth",
  "locale",
  "theme",
  "border",
  "font",
] as const satisfies (keyof Options)[];

/** The data attribute of an option. */
export function attributeOf(name: keyof Options): string {
  return `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function optionsFrom(read: (name: keyof Options) => unknown): Options {
  const options = {} as Options;
  for (const name of OPTION_NAMES) {
    const value = read(name);
    options[name] = value === undefined || value === null ? null : String(value);
  }
  return options;
}

export type Checked = { identity: Identity } | { missing: string[] };

/** Who is signed in, or a sentence for each value that did not arrive. */
export function identityOf(options: Options): Checked {
  const missing = (["helpdeskId", "email", "signature"] as const)
    .filter((name) => !arrived(options[name]))
    .map((name) => {
      const value = options[name];
      const what = value === null ? "is missing" : value.trim() === "" ? "is empty" : `is “${value.trim().slice(0, 60)}”`;
      return `${attributeOf(name)} ${what}`;
    });
  const { helpdeskId, email, signature } = options;
  if (missing.length > 0 || helpdeskId === null || email === null || signature === null) {
    return { missing };
  }
  const locale = arrived(options.locale) ? options.locale : null;
  return { identity: { helpdeskId, email, signature, locale } };
}

/** The same key means the same user of the same helpdesk in the same language. */
export function identityKey(options: Options): string {
  const { helpdeskId, email, signature, locale } = options;
  return JSON.stringify([helpdeskId, email, signature, locale]);
}

const PLACEHOLDERS = new Set([
  "",
  "undefined",
  "null",
  "[object Object]",
  "YOUR_HELPDESK_ID",
  "USER_EMAIL",
  "HMAC_SIGNATURE",
]);
const UNRENDERED = /\{\{.*\}\}|<%|<\?|\$\{.*\}/s;

function arrived(value: string | null): value is string {
  return value !== null && !PLACEHOLDERS.has(value.trim()) && !UNRENDERED.test(value);
}

/** Puts the looks on the panel's own element: the page's choice, else the helpdesk's, else none. */
export function applyLooks(host: HTMLElement, options: Options, appearance: Appearance): void {
  const choose = (name: "align" | "theme" | "border", allowed: string[]): void => {
    const value = [options[name], appearance[name]].find((it) => it && allowed.includes(it));
    if (value) host.setAttribute(`data-${name}`, value);
    else host.removeAttribute(`data-${name}`);
  };
  choose("align", ["left", "center", "right"]);
  choose("theme", ["light", "dark", "auto"]);
  choose("border", ["none"]);
  host.toggleAttribute("data-font-inherit", options.font === "inherit");
  setVariable(host, "--hdh-own-width", [options.maxWidth, appearance.maxWidth].find(isLength));
  setVariable(host, "--hdh-own-accent", [appearance.accent].find(isColour));
}

function setVariable(host: HTMLElement, name: string, value: string | null | undefined): void {
  if (value) host.style.setProperty(name, value.trim());
  else host.style.removeProperty(name);
}

function isLength(value: string | null | undefined): boolean {
  return Boolean(value) && /^\s*([\d.]*[1-9]|calc|min|max|clamp)/i.test(value ?? "") && supports("max-width", value);
}

function isColour(value: string | null | undefined): boolean {
  return Boolean(value) && supports("color", value);
}

function supports(property: string, value: string | null | undefined): boolean {
  return CSS.supports(property, (value ?? "").trim());
}
