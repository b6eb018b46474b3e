// SPDX-License-Identifier: MIT
// What a session asks of the panel that shows it.

import type { Verified } from "./model.js";

export type FocusTarget = "heading" | "message" | "reply" | "list";

export interface SessionListener {
  draw(): void;
  verified(answer: Verified): void;
  /** Tells the page. */
  tell(event: "ready" | "unread", detail: object): void;
  failed(code: string, message: string): void;
  /** Where the keyboard should be after what the user just did. */
  focus(target: FocusTarget): void;
  /** Whether the user can see the panel right now. */
  visible(): boolean;
  /** Whether the newest message is in view. */
  atNewest(): boolean;
}
