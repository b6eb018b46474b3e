// SPDX-License-Identifier: MIT
// Reads a text/event-stream body. EventSource cannot carry a token, and tokens
// do not belong in addresses.

export interface StreamEvent {
  id: string | null;
  name: string;
  data: string;
}

/** Yields every event; `onBytes` hears of keep-alives too. Ends when the body does. */
export async function* events(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<StreamEvent, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = parse(block);
        if (event) yield event;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

function parse(block: string): StreamEvent | null {
  let id: string | null = null;
  let name = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") id = value;
    else if (field === "event") name = value;
    else if (field === "data") data.push(value);
  }
  return data.length > 0 || name === "ready" || name === "expired"
    ? { id, name, data: data.join("\n") }
    : null;
}
