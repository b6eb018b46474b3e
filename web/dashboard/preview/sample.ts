// Made-up conversations, and answers to the embed's calls about them. All of it lives in this frame
// and ends with it.

interface Message {
  id: string;
  author: "visitor" | "operator";
  authorName: string;
  body: string;
  html: null;
  attachments: never[];
  createdAt: string;
}

interface Conversation {
  id: string;
  subject: string;
  preview: string;
  status: "open" | "closed";
  channel: "ticket_center";
  unreadCount: number;
  createdAt: string;
  lastMessageAt: string;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let ids = 0;

function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

function message(author: "visitor" | "operator", body: string, msAgo: number): Message {
  ids += 1;
  const authorName = author === "operator" ? "Noor" : "";
  return { id: `message-${ids}`, author, authorName, body, html: null, attachments: [], createdAt: ago(msAgo) };
}

function conversation(subject: string, status: "open" | "closed", unreadCount: number, messages: Message[]): Sample {
  const last = messages.at(-1);
  ids += 1;
  const head: Conversation = {
    id: `conversation-${ids}`,
    subject,
    preview: last?.body ?? "",
    status,
    channel: "ticket_center",
    unreadCount,
    createdAt: messages[0]?.createdAt ?? ago(0),
    lastMessageAt: last?.createdAt ?? ago(0),
  };
  return { head, messages };
}

interface Sample {
  head: Conversation;
  messages: Message[];
}

const samples: Sample[] = [
  conversation("Exported invoices are missing the VAT line", "open", 1, [
    message("visitor", "The three invoices that I exported this morning have no VAT line. Can you have a look?", 55 * MINUTE),
    message("operator", "Thank you for telling us. All three are re-sent with the line.\n\nDoes it look right to you now?", 8 * MINUTE),
  ]),
  conversation("Change the billing address", "open", 0, [
    message("visitor", "We have moved. How do I change the address on our invoices?", 2 * DAY),
  ]),
  conversation("Adding a second logo to invoices", "closed", 0, [
    message("visitor", "Can an invoice carry two logos?", 18 * DAY),
    message("operator", "Yes: under Design, Add a logo. See https://example.com/help/logos", 18 * DAY - 40 * MINUTE),
    message("visitor", "Perfect, thank you.", 17 * DAY),
  ]),
];

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
}

function list(): object {
  const conversations = samples.map((it) => it.head).sort((a, b) => (a.lastMessageAt < b.lastMessageAt ? 1 : -1));
  return { conversations, nextCursor: null };
}

function verified(): object {
  return {
    ...list(),
    contact: { id: "contact", email: "user@example.com", name: null },
    token: "preview",
    expiresAt: ago(-DAY),
    helpdesk: { name: "Support", messaging: true, appearance: {} },
    live: "preview",
    strings: null,
    direction: "ltr",
  };
}

function written(body: { message?: string; conversationId?: string; subject?: string }): object {
  const sent = message("visitor", String(body.message ?? ""), 0);
  let found = samples.find((it) => it.head.id === body.conversationId);
  if (found) found.messages.push(sent);
  else samples.push((found = conversation(body.subject || sent.body.slice(0, 60), "open", 0, [sent])));
  Object.assign(found.head, { preview: sent.body, lastMessageAt: sent.createdAt, status: "open" });
  return { conversationId: found.head.id, conversation: found.head, message: sent };
}

/** The answer to one call of the embed. */
export function answer(path: string, body: Record<string, string>): Response {
  if (path === "/verify") return json(verified());
  if (path === "/conversations") return json(list());
  if (path === "/message") return json(written(body));
  // A stream on which nothing ever happens.
  if (path === "/stream") return new Response(new ReadableStream());
  const [, id, act] = /^\/conversations\/([^/]+)(?:\/(messages|close|read))?$/.exec(path) ?? [];
  const found = samples.find((it) => it.head.id === id);
  if (!found) return new Response("{}", { status: 404, headers: { "content-type": "application/json" } });
  if (act === "close") found.head.status = "closed";
  if (act === "messages" || act === "read") found.head.unreadCount = 0;
  if (act === "close" || act === "read") return json({ conversation: found.head });
  return json({ conversation: found.head, messages: found.messages, nextCursor: null });
}
