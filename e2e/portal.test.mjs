// The hosted page in frames of real sites: who may frame it, who is signed in, and that nothing
// anybody wrote runs.

import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { watched } from "./support/browser.mjs";
import { OPERATOR } from "./support/desk.mjs";
import { journeys } from "./support/journeys.mjs";
import { calls, eventually, settled } from "./support/panel.mjs";
import { HOSTS } from "./support/site.mjs";

const journey = journeys();

function address(desk, user, id = desk.id) {
  const who = user ? `#email=${encodeURIComponent(user.email)}&signature=${user.signature}` : "";
  return `${desk.base}/portal/${id}${who}`;
}

function framing(site, src, where = {}) {
  return site.page(`<h1>Help</h1><iframe title="Support" width="600" height="640" src="${src}"></iframe>`, where);
}

/** Whether the frame on a page shows the panel of this user; a frame that was refused shows an error of the browser. */
async function shows(browser, url, user) {
  const { context } = await watched(browser);
  try {
    const page = await context.newPage();
    await page.goto(url);
    const frame = await eventually(() => page.frames().find((it) => it !== page.mainFrame() && it.url() !== "about:blank"), "a frame");
    await frame.waitForLoadState().catch(() => undefined);
    if (frame.url().startsWith("chrome-error:")) return false;
    await page.frameLocator("iframe").getByText(user.email).first().waitFor();
    return true;
  } finally {
    await context.close();
  }
}

journey("any site may frame it while the list is empty; then only those on it", async ({ browser, desk, site, user }) => {
  const src = address(desk, user);
  const here = (host) => framing(site, src, { host });
  assert.ok(await shows(browser, here(HOSTS.app), user));
  assert.ok(await shows(browser, here(HOSTS.other), user));
  await desk.domains("acme.test");
  try {
    assert.ok(await shows(browser, here(HOSTS.app), user), "a name below an entry");
    assert.equal(await shows(browser, here(HOSTS.other), user), false, "not listed");
    assert.equal(await shows(browser, here("127.0.0.1"), user), false, "an address that is not listed");
    // A listed page inside one that is not: every ancestor counts.
    const outer = framing(site, here(HOSTS.app), { host: HOSTS.other });
    const { context } = await watched(browser);
    const page = await context.newPage();
    await page.goto(outer);
    await eventually(() => page.frames().find((it) => it.url().startsWith("chrome-error:")), "the inner frame is refused");
    await context.close();
    await desk.domains("127.0.0.1", HOSTS.other);
    assert.ok(await shows(browser, here("127.0.0.1"), user));
    assert.ok(await shows(browser, here(HOSTS.other), user), "the exact name");
    assert.equal(await shows(browser, here(HOSTS.app), user), false);
  } finally {
    await desk.domains();
  }
});

journey("the user of the frame writes, and another user takes their place at once", async ({ page, seen, desk, site, user }) => {
  const other = desk.person("bob+tag");
  await desk.conversation(user, { subject: "For the first only", message: "canary-first" });
  await page.goto(framing(site, address(desk, user), { host: HOSTS.app }));
  const frame = page.frameLocator("iframe");
  await frame.getByRole("button", { name: /For the first only/ }).click();
  await frame.getByText("canary-first").last().waitFor();
  await frame.getByRole("textbox", { name: "Reply" }).or(frame.getByRole("textbox", { name: /reply/i })).first().fill("Written in the frame");
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByRole("log").getByText("Written in the frame").waitFor();
  await page.evaluate((src) => (document.querySelector("iframe").src = src), address(desk, other));
  await frame.getByText(other.email).first().waitFor();
  assert.equal(await frame.getByText("canary-first").count(), 0, "nothing of the first user stays");
  // The same without encoding: a plus is a plus.
  await page.evaluate((src) => (document.querySelector("iframe").src = src), `${address(desk, null)}#email=${user.email}&signature=${user.signature}`);
  await frame.getByText(user.email).first().waitFor();
  await page.evaluate((src) => (document.querySelector("iframe").src = src), `${address(desk, null)}#email=${other.email}&signature=${other.signature}`);
  await frame.getByText(other.email).first().waitFor();
  await page.evaluate((src) => (document.querySelector("iframe").src = src), `${address(desk, null)}#`);
  await frame.getByRole("alert").filter({ hasText: "Nobody is signed in here" }).waitFor();
  assert.equal(await frame.getByText(other.email).count(), 0, "nothing of the last user stays");
  assert.ok(calls(seen).length > 0);
  const asked = seen.requests.map((it) => `${it.url()} ${it.headers().referer ?? ""}`).filter((it) => it.includes("/portal/"));
  assert.ok(asked.every((it) => !it.includes(user.signature)), "the fragment is in no request");
  assert.deepEqual(seen.violations, []);
});

journey("it stands alone too, at 360 px and for a screen reader", { context: { viewport: { width: 360, height: 740 } } }, async ({ page, desk, user }) => {
  for (const theme of ["light", "dark"]) {
    await page.goto("about:blank");
    await page.goto(`${address(desk, user)}&theme=${theme}`);
    await page.getByText(user.email).first().waitFor();
    await settled(page);
    await assertAccessible(page, theme);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} px too wide`);
  }
  await page.goto(address(desk, null));
  await page.goto("about:blank");
  await page.goto(address(desk, null));
  await page.getByRole("alert").filter({ hasText: "Nobody is signed in here" }).waitFor();
  await assertAccessible(page, "nobody");
});

journey("a wrong signature and a wrong helpdesk are refused in the frame", { refused: true, warnings: 1 }, async ({ page, desk, user }) => {
  await page.goto(address(desk, { ...user, signature: "ab".repeat(32) }));
  await page.getByRole("alert").filter({ hasText: "Verification failed" }).waitFor();
  await page.goto(address(desk, user, "01890000-0000-7000-8000-000000000000"));
  await page.getByText("This page does not exist").waitFor();
  assert.equal(await page.locator("script").count(), 0);
  await assertAccessible(page, "unknown helpdesk");
});

const HOSTILE = [
  "<script>globalThis.ran = 1</script>",
  '<img src=x onerror="globalThis.ran = 1">',
  '"><svg onload="globalThis.ran = 1">',
  "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
  "javascript:globalThis.ran=1",
  "https://example.com/\"onmouseover=\"globalThis.ran=1",
  "[x](javascript:globalThis.ran=1)",
  "{{constructor.constructor('globalThis.ran=1')()}}",
  "</textarea><script>globalThis.ran = 1</script>",
];

journey("hostile names and texts run in no page that shows them", async ({ page, desk, site }) => {
  const name = `${HOSTILE[0]} ${HOSTILE[1]}`;
  const { id } = await desk.command(["helpdesk", "add", "--name", name]);
  const { secret } = await desk.command(["secret", "generate", "--helpdesk", id]);
  const hostile = Object.assign(Object.create(Object.getPrototypeOf(desk)), desk, { id, secret });
  await desk.command(
    ["operator", "add", "--helpdesk", id, "--email", "evil@acme.test", "--name", HOSTILE[2], "--password-stdin"],
    OPERATOR.password,
  );
  const email = `"<img/src=x/onerror=globalThis.ran=1>"@example.com`;
  const user = { email, signature: hostile.sign(email) };
  const ids = [];
  for (const text of HOSTILE) {
    const call = (path, fields) => desk.call(path, user, { helpdeskId: id, ...fields });
    const { conversationId } = await call("/message", { message: text, subject: text });
    await desk.command(["conversation", "reply", "--conversation", conversationId, "--operator", "evil@acme.test", "--text", text]);
    ids.push(conversationId);
  }
  const tag = site.tag(user, { id });
  for (const url of [site.page(`<div id="hdh-ticket-center"></div>${tag}`), address(desk, user, id)]) {
    await page.goto(url);
    await page.getByText(email).first().waitFor();
    for (let row = 0; row < HOSTILE.length; row += 1) {
      await page.getByRole("listitem").getByRole("button").nth(row).click();
      await page.getByRole("log").waitFor();
      const back = page.getByRole("button", { name: /^Back/ });
      if (await back.isVisible()) await back.click();
    }
    await settled(page);
    assert.equal(await page.evaluate(() => globalThis.ran), undefined, url);
    const links = await page.evaluate(() => {
      const roots = [...document.querySelectorAll("*")].map((it) => it.shadowRoot).filter(Boolean);
      return roots.flatMap((root) => [...root.querySelectorAll("a")].map((it) => it.protocol));
    });
    assert.ok(links.every((it) => it === "https:" || it === "http:"), String(links));
  }
});
