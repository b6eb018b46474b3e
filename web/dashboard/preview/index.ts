// Inside the preview's frame, before the embed runs: answers its calls with made-up conversations, so
// that nothing is asked of the server, and puts the looks of the form beside it on the embed's tag.

import { type Looks, LOOKS, looksIn } from "./messages";
import { answer } from "./sample";

const PREFIX = "/api/messaging/ticket-center";

window.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : String(input), location.href);
  const body = typeof init?.body === "string" ? init.body : "{}";
  return answer(url.pathname.slice(PREFIX.length), JSON.parse(body) as Record<string, string>);
};

const tag = document.getElementById("embed");

function apply(looks: Pick<Looks, (typeof LOOKS)[number]>): void {
  if (!tag) return;
  for (const name of LOOKS) {
    // The accent is no attribute of the tag: a page sets it as a variable.
    if (name === "accent") continue;
    if (looks[name]) tag.dataset[name] = looks[name];
    else delete tag.dataset[name];
  }
  const { style } = document.documentElement;
  if (looks.accent && CSS.supports("color", looks.accent)) style.setProperty("--hdh-accent", looks.accent);
  else style.removeProperty("--hdh-accent");
}

function isScheme(scheme: string): scheme is "light" | "dark" {
  return scheme === "light" || scheme === "dark";
}

addEventListener("message", (event) => {
  if (event.source !== parent || event.origin !== location.origin) return;
  const looks = looksIn(event.data);
  if (!looks) return;
  apply(looks);
  if (isScheme(looks.scheme)) document.documentElement.dataset["theme"] = looks.scheme;
});

const kept = (name: string): string => tag?.dataset[name] ?? "";
apply({
  align: kept("align"),
  maxWidth: kept("maxWidth"),
  accent: kept("accent"),
  theme: kept("theme"),
  border: kept("border"),
});
