// SPDX-License-Identifier: MIT
// What the helpdesk sends. These shapes are the documented ones; nothing here
// is trusted to be safe markup, all of it is shown as text.

import type { Appearance } from "../shared/options.js";
import type { Translation } from "./strings.js";

export interface Contact {
  id: string;
  email: string;
  name: string | null;
}

export interface Conversation {
  id: string;
  subject: string | null;
  preview: string | null;
  status: "open" | "closed";
  channel: string;
  unreadCount: number;
  createdAt: string;
  lastMessageAt: string;
}

export interface Attachment {
  id: string;
  name: string;
  size: number;
  contentType: string;
  url: string;
}

export interface Message {
  id: string;
  author: "visitor" | "operator";
  authorName: string | null;
  body: string;
  attachments: Attachment[];
  createdAt: string;
}

export interface ConversationPage {
  conversations: Conversation[];
  nextCursor: string | null;
}

export interface Thread {
  conversation: Conversation;
  messages: Message[];
  nextCursor: string | null;
}

export interface Verified extends ConversationPage {
  contact: Contact;
  token: string;
  helpdesk: { name: string; messaging: boolean; attachmentBytes: number; appearance?: Appearance };
  live: string;
  strings: Translation | null;
  direction: "ltr" | "rtl";
}

export interface Sent {
  conversation: Conversation;
  message: Message;
}

/** Newest activity first; the id decides between equal times so that the order is stable. */
export function byActivity(a: Conversation, b: Conversation): number {
  return compare(b.lastMessageAt, a.lastMessageAt) || compare(b.id, a.id);
}

/** Oldest first. */
export function byTime(a: Message, b: Message): number {
  return compare(a.createdAt, b.createdAt) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
