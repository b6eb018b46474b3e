// The Contact Form in its states, in pages that make it hard, and beside the Ticket Center: anybody may
// write, and nobody is shown anything.

import assert from "node:assert/strict";
import { brotliCompressSync } from "node:zlib";
import { assertAccessible } from "./support/axe.mjs";
import { CONTAINER, Form, page, tag } from "./support/contact-form.mjs";
import { journeys } from "./support/journeys.mjs";
import { eventually, kept, panels, settled } from "./support/panel.mjs";
import { HOSTS } from "./support/site.mjs";

const journey = journeys();

journey("somebody writes, and it stands in the list of whoever proves the address", async ({ page: tab, desk, site, user, seen }) => {
  const form = new Form(tab);
  await tab.goto(page(site, desk));
  await form.deliver({ email: user.email.toUpperCase(), name: "Marta", subject: "Clients", message: "Line one\nLine two" });
  assert.match(await form.section.innerText(), new RegExp(user.email, "i"));
  const [listed] = await desk.conversations(user);
  assert.deepEqual(
    [listed.channel, listed.subject, listed.preview, listed.status],
    ["contact_form", "Clients", "Line one Line two", "open"],
  );
  const told = await tab.evaluate(() => globalThis.e2eEvents.map((it) => it.name));
  assert.deepEqual(told, ["ready"]);
  assert.deepEqual(await kept(tab), [], "nothing is kept in the browser");
  const posts = seen.requests.filter((it) => it.method() === "POST").map((it) => new URL(it.url()).pathname);
  assert.deepEqual(posts, ["/api/messaging/contact-form/form", "/api/messaging/contact-form/message"]);

  await tab.getByRole("button", { name: "Send another message" }).click();
  await form.send.waitFor();
  assert.equal(await form.box("Message").inputValue(), "");
  assert.equal(await form.box("Email").inputValue(), user.email.toUpperCase(), "who writes stays");
  await form.deliver({ email: user.email, message: "A second one" });
  assert.equal((await desk.conversations(user)).length, 2);
});

journey("the script weighs at most 10 KiB and is served as it must be", async ({ desk }) => {
  const response = await fetch(`${desk.base}/contact-form.js?v=1`);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.ok(brotliCompressSync(bytes).length <= 10 * 1024);
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.equal(response.headers.get("cross-origin-resource-policy"), "cross-origin");
  assert.match(response.headers.get("cache-control"), /max-age=300/);
  assert.ok(response.headers.get("etag"));
});

journey("what is missing is said above and at the fields, and the text stays", async ({ page: tab, desk, site }) => {
  const form = new Form(tab);
  await tab.goto(page(site, desk));
  await form.send.click();
  await form.alert.waitFor();
  assert.match(await form.alert.innerText(), /needs your attention/);
  assert.ok(await form.alert.evaluate((it) => it === it.getRootNode().activeElement), "the summary has the focus");
  const described = async (box) =>
    box.evaluate((it) => it.getRootNode().getElementById(it.getAttribute("aria-describedby"))?.textContent ?? "");
  assert.match(await described(form.box("Email")), /Write your email address/);
  assert.match(await described(form.box("Message")), /Write a few words/);
  assert.equal(await form.box("Email").getAttribute("aria-invalid"), "true");
  await form.alert.getByRole("button", { name: "Message" }).click();
  await tab.keyboard.type("Hello");
  assert.equal(await form.box("Message").inputValue(), "Hello");
  assert.equal(await form.box("Message").getAttribute("aria-invalid"), null);
  for (const bad of ["marta@oliveira", "a@b.com, c@d.com", "marta"]) {
    await form.box("Email").fill(bad);
    await form.send.click();
    await form.alert.waitFor();
    assert.match(await described(form.box("Email")), /not an address we can answer/, bad);
  }
  assert.equal(await form.box("Message").inputValue(), "Hello");
});

journey("everything can be done from the keyboard", async ({ page: tab, desk, site, user }) => {
  await tab.goto(page(site, desk));
  const form = new Form(tab);
  await form.send.waitFor();
  assert.equal(await tab.evaluate(() => document.activeElement?.tagName), "BODY", "no focus is taken");
  const names = [];
  for (let stop = 0; stop < 5; stop += 1) {
    await tab.keyboard.press("Tab");
    names.push(
      await tab.evaluate(() => {
        const inside = document.querySelector("#hdh-contact-form > div").shadowRoot.activeElement;
        return inside?.getAttribute("name") ?? inside?.textContent;
      }),
    );
  }
  assert.deepEqual(names, ["name", "email", "subject", "message", "Send message"]);
  await tab.keyboard.press("Shift+Tab");
  await tab.keyboard.type("By keyboard");
  await tab.keyboard.press("Shift+Tab");
  await tab.keyboard.press("Shift+Tab");
  await tab.keyboard.type(user.email);
  await tab.keyboard.press("Enter");
  await form.sent.waitFor();
  assert.ok(await form.sent.evaluate((it) => it === it.getRootNode().activeElement), "focus goes to what is said");
  assert.equal((await desk.conversations(user)).length, 1);
});

for (const theme of ["light", "dark"]) {
  journey(`axe finds nothing in any state, ${theme}, and nothing scrolls sideways at 280 px`, async ({ page: tab, desk, site, user }) => {
    const head = `<style>html { color-scheme: ${theme}; background: ${theme === "dark" ? "#16181a" : "#fff"}; color: ${theme === "dark" ? "#eee" : "#111"} } body { margin: 0 }</style>`;
    await tab.goto(page(site, desk, "", { head }));
    const form = new Form(tab);
    await form.send.waitFor();
    const holds = async (state) => {
      for (const width of [900, 280]) {
        await tab.setViewportSize({ width, height: 700 });
        await settled(tab);
        const over = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(over <= 0, `${state}: ${over} px too wide at ${width}`);
        await assertAccessible(tab, `${state} at ${width}`);
      }
    };
    await holds("ready");
    await form.send.click();
    await form.alert.waitFor();
    await holds("errors");
    await form.deliver({ email: user.email });
    await holds("sent");
  });
}

journey("a strict policy with Trusted Types is never violated", async ({ page: tab, desk, site, user }) => {
  const policy = [
    "default-src 'none'",
    `script-src ${desk.base}`,
    `connect-src ${desk.base}`,
    "base-uri 'none'",
    "form-action 'none'",
    "img-src data:",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  await tab.goto(page(site, desk, "", { headers: { "content-security-policy": policy } }));
  const form = new Form(tab);
  await form.deliver({ email: user.email });
  const rounded = await form.section.evaluate((it) => getComputedStyle(it).borderTopLeftRadius);
  assert.notEqual(rounded, "0px", "the form's own styles apply");
});

journey("a sandboxed frame that may only run scripts sends", async ({ page: tab, desk, site, user }) => {
  const inner = page(site, desk, "", { host: HOSTS.other });
  await tab.goto(site.page(`<iframe title="Contact" sandbox="allow-scripts" src="${inner}" width="320" height="560"></iframe>`));
  const form = new Form(tab.frameLocator("iframe"));
  await form.deliver({ email: user.email });
  assert.equal((await desk.conversations(user)).length, 1);
});

journey("both embeds on one page leave each other alone", async ({ page: tab, panel, desk, site, user }) => {
  const ticket = `<div id="hdh-ticket-center"></div>${site.tag(user)}`;
  await tab.goto(site.page(`<main><h1>Help</h1>${ticket}${CONTAINER}</main>${tag(desk)}`));
  await panel.ready();
  const form = new Form(tab);
  await form.deliver({ email: user.email, message: "From the form" });
  await panel.row("From the form").waitFor();
  assert.match(await panel.row("From the form").innerText(), /sender not verified/);
  await panel.open("From the form");
  await tab.getByRole("region", { name: /^Conversation/ }).getByText("sender not verified").waitFor();
  assert.equal(await panels(tab), 2);
  assert.deepEqual(await tab.evaluate(() => Object.keys(globalThis.Helpdesky).sort()), ["contactForm", "ticketCenter"]);
  await assertAccessible(tab);
});

journey("frameworks that mount twice, move and unmount leave one form and no text behind", async ({ page: tab, desk, site }) => {
  await tab.goto(page(site, desk));
  const form = new Form(tab);
  await form.fill({ email: "ann@example.com", message: "Half a sentence" });
  // As StrictMode does: the tag goes and comes at once.
  await tab.evaluate(() => {
    const script = document.querySelector("script[src*=contact-form]");
    script.remove();
    document.body.append(script);
  });
  await form.send.waitFor();
  assert.equal(await panels(tab), 1);
  assert.equal(await form.box("Message").inputValue(), "Half a sentence");
  // A container made anew keeps what was typed.
  await tab.evaluate(() => {
    const fresh = document.createElement("div");
    fresh.id = "hdh-contact-form";
    document.querySelector("#hdh-contact-form").replaceWith(fresh);
  });
  await form.send.waitFor();
  assert.equal(await form.box("Message").inputValue(), "Half a sentence");
  await tab.evaluate(() => document.querySelector("script[src*=contact-form]").remove());
  await settled(tab);
  assert.equal(await panels(tab), 0);
  // By its functions, in an element of the page's own.
  await tab.evaluate((helpdeskId) => {
    const place = document.createElement("div");
    place.id = "own";
    document.body.append(place);
    globalThis.Helpdesky.contactForm.mount(place, { helpdeskId, email: "ben@example.com" });
    globalThis.Helpdesky.contactForm.mount(place, { helpdeskId, email: "ben@example.com" });
  }, desk.id);
  await form.send.waitFor();
  assert.equal(await form.box("Email").inputValue(), "ben@example.com");
  assert.equal(await panels(tab), 1);
  await tab.evaluate(() => globalThis.Helpdesky.contactForm.unmount());
  assert.equal(await panels(tab), 0);
});

journey("what the page knows is filled in, and what somebody typed stays", async ({ page: tab, desk, site }) => {
  await tab.goto(page(site, desk, 'data-email="ann@example.com" data-name="{{ user.name }}" data-locale="de-AT"'));
  const email = tab.getByRole("textbox", { name: "E-Mail" });
  await email.waitFor();
  assert.equal(await email.inputValue(), "ann@example.com");
  assert.equal(await tab.getByRole("textbox", { name: "Name (optional)" }).inputValue(), "", "an unrendered value is none");
  await tab.getByRole("button", { name: "Nachricht senden" }).waitFor();
  const attribute = (value) => tab.evaluate((it) => (document.querySelector("script[src*=contact-form]").dataset.email = it), value);
  await attribute("ben@example.com");
  await eventually(async () => (await email.inputValue()) === "ben@example.com", "the new address");
  await email.fill("mine@example.com");
  await attribute("eve@example.com");
  await settled(tab);
  assert.equal(await email.inputValue(), "mine@example.com");
});

journey("no answer keeps the text, and the same message goes out once", { warnings: 1, refused: true }, async ({ page: tab, desk, site, user }) => {
  await tab.goto(page(site, desk));
  const form = new Form(tab);
  await form.fill({ email: user.email, message: "Only once" });
  // It arrives, and the answer gets lost.
  await tab.route("**/contact-form/message", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });
  await form.send.click();
  await form.alert.waitFor();
  assert.match(await form.alert.innerText(), /not sent.*could not be reached/s);
  assert.equal(await form.box("Message").inputValue(), "Only once");
  await tab.unroute("**/contact-form/message");
  await form.send.click();
  await form.sent.waitFor();
  assert.equal((await desk.conversations(user)).length, 1);
});

journey("a form that lay open for too long is renewed without a word", { refused: true }, async ({ page: tab, desk, site, user, seen }) => {
  await tab.goto(page(site, desk));
  const form = new Form(tab);
  let refusals = 0;
  await tab.route("**/contact-form/message", async (route) => {
    // Under load the browser's question before the call (CORS) is sometimes shown here, too.
    if (route.request().method() !== "POST" || refusals++ > 0) return route.continue();
    // As the program answers a token that is too old.
    return route.fulfill({
      status: 422,
      headers: { "access-control-allow-origin": "*" },
      json: { error: "This form is not good any more; load it again and send once more", code: "form_expired" },
    });
  });
  await form.deliver({ email: user.email });
  assert.equal((await desk.conversations(user)).length, 1);
  const asked = seen.requests.filter((it) => it.url().endsWith("/contact-form/form") && it.method() === "POST");
  assert.equal(asked.length, 2, JSON.stringify([refusals, seen.requests.map((it) => [it.method(), it.url().slice(-22)])]));
});

journey("too many messages are said to be too many", { warnings: 1, refused: true }, async ({ page: tab, desk, site, user }) => {
  await tab.goto(page(site, desk));
  const form = new Form(tab);
  await tab.route("**/contact-form/message", (route) =>
    route.fulfill({
      status: 429,
      headers: { "access-control-allow-origin": "*", "retry-after": "600", "access-control-expose-headers": "retry-after" },
      json: { error: "Too many messages; try again later", code: "rate_limited" },
    }),
  );
  await form.fill({ email: user.email, message: "Kept" });
  await form.send.click();
  await form.alert.waitFor();
  assert.match(await form.alert.innerText(), /Too many messages/);
  assert.equal(await form.box("Message").inputValue(), "Kept");
});

const REFUSALS = [
  ["a missing Helpdesk ID", "YOUR_HELPDESK_ID", /data-helpdesk-id is “YOUR_HELPDESK_ID”/, false],
  ["an unknown helpdesk", "00000000-0000-7000-8000-000000000000", /Contact Form page of the dashboard/, true],
];
for (const [name, id, words, refused] of REFUSALS) {
  journey(`${name} is named, and there is nothing to write in`, { warnings: 1, refused }, async ({ page: tab, desk, site }) => {
    await tab.goto(site.page(`${CONTAINER}${tag(desk, "", id)}`));
    const form = new Form(tab);
    await form.alert.waitFor();
    assert.match(await form.alert.innerText(), words);
    assert.equal(await tab.getByRole("textbox").count(), 0);
  });
}

journey("a site that is not listed is told so, and messaging that is off too", { warnings: 1, refused: true }, async ({ page: tab, desk, site }) => {
  await desk.domains("acme.test");
  try {
    const elsewhere = page(site, desk, "", { host: HOSTS.other });
    await tab.goto(elsewhere);
    const form = new Form(tab);
    await form.alert.waitFor();
    assert.ok((await form.alert.innerText()).includes(new URL(elsewhere).origin));
  } finally {
    await desk.domains();
  }
});
