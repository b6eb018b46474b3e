export {};

// Inside the frame of the Contact Form's preview: answers the form's calls, so that nothing is asked of
// the server, and mounts it anew with what stands in the fields beside it.

interface Embed {
  mount(element: Element, options: Record<string, string>): void;
  unmount(element?: Element): void;
}

const KIND = "helpdesky form preview";
const LONGEST = 20_000;

let form: unknown = { title: "", intro: "", success: "", privacyText: "", privacyUrl: "", name: true, subject: true, files: false, selects: [] };

const json = (value: unknown): Response =>
  new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });

window.fetch = async (input) => {
  const url = new URL(input instanceof Request ? input.url : String(input), location.href);
  if (url.pathname.endsWith("/message")) return json({ received: true });
  return json({
    helpdesk: { name: "Support", messaging: true, appearance: { accent: document.documentElement.dataset["accent"] || null } },
    form,
    token: "preview",
    proofBits: null,
    check: null,
    minimumSeconds: 0,
    fileLimits: (form as { files?: boolean }).files ? { count: 5, bytes: 10_485_760, bytesInAll: 26_214_400 } : null,
    strings: null,
    direction: "ltr",
  });
};

/** The part about files sends by it. */
class Nowhere {
  upload = {};
  status = 200;
  responseText = '{"received":true}';
  onload: (() => void) | null = null;
  open(): void {}
  abort(): void {}
  getResponseHeader(): null {
    return null;
  }
  send(): void {
    setTimeout(() => this.onload?.());
  }
}
Object.assign(window, { XMLHttpRequest: Nowhere });

function show(): void {
  const embed = (window as { Helpdesky?: { contactForm?: Embed } }).Helpdesky?.contactForm;
  const place = document.getElementById("place");
  if (!embed || !place) return;
  embed.unmount(place);
  embed.mount(place, { helpdeskId: "preview" });
}

/** Both sides are our own pages; what is said is checked all the same. */
function isForm(value: unknown): boolean {
  if (typeof value !== "object" || value === null || JSON.stringify(value).length > LONGEST) return false;
  const { selects, ...rest } = value as Record<string, unknown>;
  const plain = Object.values(rest).every((it) => typeof it === "string" || typeof it === "boolean");
  return plain && Array.isArray(selects) && selects.every((it) => Array.isArray((it as { options?: unknown }).options));
}

addEventListener("message", (event) => {
  if (event.source !== parent || event.origin !== location.origin) return;
  const { kind, form: given, scheme } = event.data as { kind?: unknown; form?: unknown; scheme?: unknown };
  if (kind !== KIND || !isForm(given)) return;
  form = given;
  if (scheme === "light" || scheme === "dark") document.documentElement.dataset["theme"] = scheme;
  show();
});

show();
