// SPDX-License-Identifier: MIT
// What the panel and its part about files say to each other. The part travels by itself, and may be newer
// or older than the panel for as long as caches keep either: only what stands here passes between them.

import type { Node } from "../shared/dom.js";
import type { Message } from "./model.js";

/** What the part is given. */
export interface FilesHost {
  base: string;
  /** Aborted when the panel is gone. */
  signal: AbortSignal;
  language(): string;
  /** How many bytes a file can have. */
  limit(): number;
  /** The helpdesk's translation of one of the part's own sentences. */
  translation(key: string): string | undefined;
  /** A token; another one than `stale`. */
  token(stale?: string): Promise<string>;
  draft(id: string): FileDraft;
  /** The files of a draft are others now. */
  attached(id: string, ids: string[]): void;
  redraw(): void;
  style(css: string): void;
}

/** What a draft knows of its files. */
export interface FileDraft {
  /** The part's own. */
  items: unknown[];
}

/** What the part offers. */
export interface Files {
  add(draftId: string, files: File[]): void;
  /** True while a draft must not be sent, because of a file; says so. */
  holds(draftId: string): boolean;
  /** The files of a draft. */
  box(draftId: string): Node | null;
  /** The files of a message. */
  of(message: Message): Node;
}

export interface FilesPart {
  files(host: FilesHost): Files;
}
