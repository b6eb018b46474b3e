// The hosted page: reads who is signed in from the fragment of its address and mounts the embed.
// The fragment never leaves the browser. When it changes, the user before is gone at once.

interface Embed {
  mount(element: Element, options: Record<string, string>): void;
  unmount(element: Element): void;
}

const TAKEN = ["email", "signature", "locale", "theme"];
const THEMES = ["auto", "light", "dark"];
const { documentElement } = document;
const usual = documentElement.dataset["theme"] ?? "light";

/** The values of a fragment. A plus is a plus: addresses hold it, and spaces they do not. */
function valuesOf(fragment: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    const name = part.slice(0, at);
    if (at < 0 || !TAKEN.includes(name)) continue;
    try {
      values[name] = decodeURIComponent(part.slice(at + 1));
    } catch {
      values[name] = part.slice(at + 1);
    }
  }
  return values;
}

function show(): void {
  const portal = document.getElementById("portal");
  const place = document.getElementById("place");
  const nobody = document.getElementById("nobody");
  const embed = (window as { Helpdesky?: { ticketCenter?: Embed } }).Helpdesky?.ticketCenter;
  if (!portal || !place || !nobody || !embed) return;
  const values = valuesOf(location.hash);
  const theme = values["theme"] ?? "";
  documentElement.dataset["theme"] = THEMES.includes(theme) ? theme : usual;
  const isSomebody = Boolean(values["email"] && values["signature"]);
  nobody.hidden = isSomebody;
  if (isSomebody) embed.mount(place, { ...values, helpdeskId: portal.dataset["helpdeskId"] ?? "" });
  else embed.unmount(place);
}

addEventListener("hashchange", show);
show();
