// SPDX-License-Identifier: MIT
// Who is signed in, as the page says it.

import { arrived, missing, type Options } from "../shared/options.js";
import type { Identity } from "./client.js";

export type Checked = { identity: Identity } | { missing: string[] };

/** Who is signed in, or a sentence for each value that did not arrive. */
export function identityOf(options: Options): Checked {
  const unset = (["helpdeskId", "email", "signature"] as const)
    .filter((name) => !arrived(options[name]))
    .map((name) => missing(name, options[name]));
  const { helpdeskId, email, signature } = options;
  if (unset.length > 0 || helpdeskId === null || email === null || signature === null) {
    return { missing: unset };
  }
  const locale = arrived(options.locale) ? options.locale : null;
  return { identity: { helpdeskId, email, signature, locale } };
}

/** The same key means the same user of the same helpdesk in the same language. */
export function identityKey(options: Options): string {
  const { helpdeskId, email, signature, locale } = options;
  return JSON.stringify([helpdeskId, email, signature, locale]);
}
