// The page in the form's frame: has Cloudflare Turnstile look at the visitor, and gives what comes of it
// to the form around it, with the height that it needs.

interface Turnstile {
  render(box: Element, options: object): string | undefined;
}

declare global {
  interface Window {
    turnstile?: Turnstile;
  }
}

const box = document.querySelector<HTMLElement>("#check");
const failed = document.querySelector<HTMLElement>("#failed");
/** What Turnstile's narrow look is for. */
const NARROW = 300;

const main = document.querySelector("main") ?? document.body;
let token: string | null = null;

/** Tells whichever page frames this one: the policy of this page says which may. */
function tell(): void {
  parent.postMessage({ token, height: Math.max(Math.ceil(main.getBoundingClientRect().height), 1) }, "*");
}

function got(given: string | null): void {
  token = given;
  tell();
}

function fail(): void {
  if (failed) failed.hidden = false;
  got(null);
}

function load(): void {
  if (failed) failed.hidden = true;
  const script = document.createElement("script");
  script.src = box?.dataset["script"] ?? "";
  script.onload = show;
  script.onerror = () => {
    script.remove();
    fail();
  };
  document.head.append(script);
}

function show(): void {
  if (!box || !window.turnstile) return fail();
  box.replaceChildren();
  window.turnstile.render(box, {
    sitekey: box.dataset["key"],
    theme: document.documentElement.dataset["theme"],
    language: document.documentElement.lang,
    size: innerWidth < NARROW ? "compact" : "flexible",
    callback: got,
    "expired-callback": () => got(null),
    "error-callback": () => {
      fail();
      return true;
    },
  });
}

new ResizeObserver(tell).observe(main);
document.querySelector("#again")?.addEventListener("click", () => {
  if (failed) failed.hidden = true;
  if (window.turnstile) show();
  else load();
});
load();
export {};
