// SPDX-License-Identifier: MIT
// What a panel knows, and the pure ways it changes when answers arrive.

import {
  byActivity,
  byTime,
  type Contact,
  type Conversation,
  type ConversationPage,
  type Message,
} from "./model.js";
import type { Failure } from "../shared/failure.js";

export type Screen = "list" | "new" | "conversation";

/** Why a panel shows a refusal instead of conversations. */
export interface Problem {
  kind: "missing" | "unreachable" | "refused";
  code: string;
  /** For the site's developer. */
  detail: string;
}

export interface OpenThread {
  id: string;
  phase: "loading" | "ready" | "failed" | "gone";
  messages: Message[];
  nextCursor: string | null;
  loadingEarlier: boolean;
  closing: boolean;
  closeFailed: boolean;
  /** A reply arrived below what the reader is looking at. */
  unseenBelow: boolean;
}

export interface State {
  phase: "waiting" | "loading" | "ready" | "problem";
  problem: Problem | null;
  contact: Contact | null;
  messaging: boolean;
  /** How many bytes a file can have. */
  limit: number;
  conversations: Conversation[];
  nextCursor: string | null;
  loadingOlder: boolean;
  screen: Screen;
  thread: OpenThread | null;
  connection: "up" | "offline" | "unreachable";
  /** Said to screen readers, politely. */
  announcement: string;
}

export function initialState(): State {
  return {
    phase: "waiting",
    problem: null,
    contact: null,
    messaging: true,
    limit: 0,
    conversations: [],
    nextCursor: null,
    loadingOlder: false,
    screen: "list",
    thread: null,
    connection: "up",
    announcement: "",
  };
}

export function newThread(id: string): OpenThread {
  return {
    id,
    phase: "loading",
    messages: [],
    nextCursor: null,
    loadingEarlier: false,
    closing: false,
    closeFailed: false,
    unseenBelow: false,
  };
}

export function problemOf(failure: Failure): Problem {
  return {
    kind: failure.passing ? "unreachable" : "refused",
    code: failure.code,
    detail: failure.message,
  };
}

/** Puts newer versions of some conversations into a list. */
export function merged(list: Conversation[], newer: Conversation[]): Conversation[] {
  const byId = new Map(list.map((conversation) => [conversation.id, conversation]));
  for (const conversation of newer) byId.set(conversation.id, conversation);
  return [...byId.values()].sort(byActivity);
}

/**
 * Takes a fresh first page: what it should hold but does not is gone, except
 * the conversation being read; what is older than the page stays as loaded.
 */
export function withFirstPage(state: State, page: ConversationPage): void {
  const last = page.conversations.at(-1);
  const isOlder = (it: Conversation): boolean =>
    page.nextCursor !== null && last !== undefined && byActivity(last, it) < 0;
  const older = state.conversations.filter(isOlder);
  const reading = state.conversations.filter((it) => it.id === state.thread?.id);
  state.conversations = merged([...older, ...reading], page.conversations);
  if (older.length === 0) state.nextCursor = page.nextCursor;
}

/** Messages in order, each once. */
export function mergedMessages(list: Message[], more: Message[]): Message[] {
  const byId = new Map(list.map((message) => [message.id, message]));
  for (const message of more) byId.set(message.id, message);
  return [...byId.values()].sort(byTime);
}

export function unreadTotal(state: State): number {
  return state.conversations.reduce((total, it) => total + it.unreadCount, 0);
}
