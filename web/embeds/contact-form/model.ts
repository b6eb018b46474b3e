// SPDX-License-Identifier: MIT
// What the helpdesk sends about its form, and what a visitor has typed into it.

import type { Appearance, Options } from "../shared/options.js";
import type { StringKey, Translation } from "./strings.js";

export interface Select {
  name: string;
  label: string;
  options: string[];
  required: boolean;
}

/** What files may have. */
export interface FileLimits {
  count: number;
  bytes: number;
  bytesInAll: number;
}

export interface Form {
  helpdesk: { name: string; messaging: boolean; appearance: Appearance };
  form: {
    title: string;
    intro: string;
    success: string;
    privacyText: string;
    privacyUrl: string;
    name: boolean;
    subject: boolean;
    selects: Select[];
  };
  token: string;
  proofBits: number | null;
  check: string | null;
  minimumSeconds: number;
  /** Null where the form takes no files. */
  fileLimits: FileLimits | null;
  strings: Translation | null;
  direction: string;
}

/** In memory only; survives a container that goes and comes. */
export interface Draft {
  fields: Record<string, string>;
  /** Fields that the visitor changed: prefilling leaves them alone. */
  touched: Set<string>;
}

export interface State {
  phase: "waiting" | "loading" | "ready" | "sending" | "sent" | "problem";
  /** By field, in the order of the form. */
  errors: Map<string, StringKey>;
  /** Why the last attempt did not go through. */
  notSent: StringKey | null;
  problem: { code: string; detail: string };
  sentTo: string;
}

export const newDraft = (): Draft => ({ fields: {}, touched: new Set() });

/** What the page knows of its visitor stands in the form until they change it. It proves nothing. */
export function prefill(draft: Draft, options: Options, filled: (value: string | null) => boolean): void {
  for (const name of ["email", "name"] as const) {
    if (!draft.touched.has(name)) draft.fields[name] = filled(options[name]) ? (options[name] ?? "") : "";
  }
}
