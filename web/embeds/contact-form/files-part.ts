// SPDX-License-Identifier: MIT
// What the form and its part about files say to each other. The part travels by itself, and may be newer or
// older than the form for as long as caches keep either: only what stands here passes between them.

import type { h, Node } from "../shared/dom.js";
import type { Form } from "./model.js";

/** What the part is given. */
export interface FilesHost {
  /** Makes what the form can draw. */
  h: typeof h;
  /** Whose files they are: they come back with what was typed. */
  typed: object;
  redraw(): void;
  style(css: string): void;
}

/** What the part offers. */
export interface Files {
  /** The field, as a part of the form. */
  field(form: Form, language: string, sending: boolean): Node;
  /** Sends a message with its files; as `fetch` where there are none. */
  send(url: string, request: RequestInit): Promise<Response>;
}

export interface FilesPart {
  files(host: FilesHost): Files;
}
