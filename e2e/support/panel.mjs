// The panel as users and third-party tests find it: by roles and names only.

import assert from "node:assert/strict";

const API = /\/api\/messaging\/ticket-center(\/.*)$/;

export class Panel {
  /** `scope` is a page or a frame. */
  constructor(scope) {
    this.scope = scope;
  }

  button(name) {
    return this.scope.getByRole("button", { name });
  }

  box(name) {
    return this.scope.getByRole("textbox", { name });
  }

  get fresh() {
    return this.button("New conversation").first();
  }

  get message() {
    return this.box("Message");
  }

  get reply() {
    return this.box("Reply");
  }

  get send() {
    return this.scope.getByRole("button", { name: "Send", exact: true });
  }

  get log() {
    return this.scope.getByRole("log");
  }

  get alert() {
    return this.scope.getByRole("alert");
  }

  /** The row of a conversation, by words of its name. */
  row(words) {
    return this.scope.getByRole("listitem").getByRole("button", { name: words });
  }

  async ready() {
    await this.fresh.waitFor();
  }

  async open(words) {
    await this.row(words).click();
    await this.log.waitFor();
  }

  async start({ subject, message }) {
    await this.fresh.click();
    if (subject) await this.box("Subject").fill(subject);
    await this.message.fill(message);
    await this.send.click();
    await this.reply.waitFor();
  }

  async answer(text) {
    await this.reply.fill(text);
    await this.send.click();
    await this.log.getByText(text, { exact: true }).waitFor();
  }
}

/** How many panels stand in the page. */
export function panels(page) {
  return page.evaluate(() => {
    const within = (root) =>
      [...root.querySelectorAll("*")].flatMap((it) => (it.shadowRoot ? [it, ...within(it.shadowRoot)] : []));
    return within(document).filter((it) => it.shadowRoot.querySelector("section")).length;
  });
}

/** Every text, attribute and field value in the page, through all shadow roots. */
export function everything(page) {
  return page.evaluate(() => {
    const found = [];
    const walk = (node) => {
      if (node.nodeType === Node.TEXT_NODE || node.nodeType === Node.COMMENT_NODE) found.push(node.data);
      if (node instanceof Element) {
        for (const { name, value } of node.attributes) found.push(`${name}=${value}`);
        if ("value" in node) found.push(String(node.value));
        if (node.shadowRoot) walk(node.shadowRoot);
      }
      for (const child of node.childNodes) walk(child);
    };
    walk(document);
    return found.join("\n");
  });
}

/** What the page could have kept: both storages, cookies, databases, caches. */
export function kept(page) {
  return page.evaluate(async () => {
    const databases = (await indexedDB.databases?.()) ?? [];
    const stores = globalThis.caches ? await caches.keys() : [];
    return [
      ...Object.entries(localStorage),
      ...Object.entries(sessionStorage),
      ...databases.map((it) => it.name),
      ...stores,
      ...(document.cookie ? [document.cookie] : []),
    ];
  });
}

/** The API paths asked for so far; preflights are no requests of the script. */
export function calls(seen) {
  return seen.requests
    .filter((it) => it.method() === "POST" && API.test(it.url()))
    .map((it) => API.exec(it.url())[1]);
}

/** Adds a script tag as a page's own code would, and waits for it; `late` sets the attributes after appending. */
export function inject(page, facts, { late = false, type = "", id = "", query = "" } = {}) {
  return page.evaluate(
    ([facts, late, type, id, query]) => {
      const script = document.createElement("script");
      const describe = () => {
        script.dataset.helpdeskId = facts.helpdeskId;
        script.dataset.email = facts.email;
        script.dataset.signature = facts.signature;
      };
      if (type) script.type = type;
      if (id) script.id = id;
      script.src = facts.src + query;
      const loaded = new Promise((done, failed) => {
        script.onload = done;
        script.onerror = () => failed(new Error(`${script.src} did not load`));
      });
      if (!late) describe();
      document.body.append(script);
      if (late) describe();
      return loaded;
    },
    [facts, late, type, id, query],
  );
}

/** Resolves when the panel's stream is open, so that what follows is heard at once. */
export function streaming(page) {
  return page.waitForResponse((it) => it.url().endsWith("/ticket-center/stream") && it.ok());
}

/** Waits until `look` gives something true; for facts outside of the page. */
export async function eventually(look, what, within = 5_000) {
  const until = Date.now() + within;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < until, `${what} did not come true within ${within} ms`);
    await new Promise((soon) => setTimeout(soon, 40));
  }
}

/** Lets everything that is due in the page happen: tasks, animation frames, answers that have arrived. */
export function settled(page) {
  return page.evaluate(async () => {
    // A live update that is on its way marks the whole page as busy until it has come.
    for (let turn = 0; turn < 3 || document.documentElement.hasAttribute("aria-busy"); turn += 1) {
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    }
  });
}
