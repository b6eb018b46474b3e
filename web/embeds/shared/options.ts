// SPDX-License-Identifier: MIT
// What a page tells an embed, by attributes of the script or by `mount`.
// A bad value means the default; who is signed in is never guessed.

export interface Appearance {
  align?: string | null;
  maxWidth?: string | null;
  accent?: string | null;
  theme?: string | null;
  border?: string | null;
}

export interface Options {
  helpdeskId: string | null;
  email: string | null;
  signature: string | null;
  name: string | null;
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
  "name",
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

/** A value that the page really filled in. */
export function arrived(value: string | null | undefined): value is string {
  return value != null && !PLACEHOLDERS.has(value.trim()) && !UNRENDERED.test(value);
}

/** The sentence about a value that did not arrive. */
export function missing(name: keyof Options, value: string | null): string {
  return `${attributeOf(name)} is ${value === null ? "missing" : `“${value.slice(0, 60)}”`}`;
}

/** Puts the looks on the panel's own element: the page's choice, else the helpdesk's, else none. */
export function applyLooks(host: HTMLElement, options: Options, appearance: Appearance): void {
  for (const [name, allowed] of LOOKS) {
    const value = [options[name], appearance[name as keyof Appearance]].find((it) => it && allowed.includes(it));
    if (value) host.setAttribute(attributeOf(name), value);
    else host.removeAttribute(attributeOf(name));
  }
  setVariable(host, "--hdh-own-width", "max-width", [options.maxWidth, appearance.maxWidth]);
  setVariable(host, "--hdh-own-accent", "color", [appearance.accent]);
}

const LOOKS: [keyof Options, string[]][] = [
  ["align", ["left", "center", "right"]],
  ["theme", ["light", "dark", "auto"]],
  ["border", ["none"]],
  ["font", ["inherit"]],
];

/** Words such as `none` or `inherit` are valid CSS but no length, and a width of nothing hides the panel. */
const NO_VALUE = /^(0\D*|[a-z-]*|var.*)$/i;

function setVariable(
  host: HTMLElement,
  variable: string,
  property: string,
  values: (string | null | undefined)[],
): void {
  const valid = values.find(
    (it) => it && CSS.supports(property, it) && (property === "color" || !NO_VALUE.test(it.trim())),
  );
  if (valid) host.style.setProperty(variable, valid);
  else host.style.removeProperty(variable);
}
