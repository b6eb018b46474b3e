// What the form tells the frame of the preview. Both sides are our own pages; the frame checks all the
// same who speaks and what is said.

export const LOOKS = ["align", "maxWidth", "accent", "theme", "border"] as const;

export interface Looks {
  kind: typeof KIND;
  align: string;
  maxWidth: string;
  accent: string;
  theme: string;
  border: string;
  /** Light or dark: the page around the embed. */
  scheme: string;
}

export const KIND = "helpdesky preview";
const LONGEST = 64;

/** The looks in a message, or nothing for any other message. */
export function looksIn(data: unknown): Looks | null {
  if (typeof data !== "object" || data === null) return null;
  const message = data as Record<string, unknown>;
  const texts = [...LOOKS, "scheme"].map((name) => message[name]);
  const plain = texts.every((text) => typeof text === "string" && text.length <= LONGEST);
  return message["kind"] === KIND && plain ? (message as unknown as Looks) : null;
}
