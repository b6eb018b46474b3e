// The Ticket Center page of the dashboard: the preview that is the real embed, the end of a secret, a
// page that is checked after it called, and all of it without scripts.

import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { Panel, settled } from "./support/panel.mjs";

const journey = journeys();
const desktop = { viewport: { width: 1440, height: 900 } };

/** Where the embed's own element stands in the preview's frame, and how it looks. */
function looks(frame) {
  return frame.locator("#hdh-ticket-center > div").evaluate((host) => {
    const panel = host.shadowRoot.querySelector(".tc");
    const button = [...host.shadowRoot.querySelectorAll("button")].find((it) => /New conversation/.test(it.textContent));
    const { left, right, width } = host.getBoundingClientRect();
    return {
      left: Math.round(left),
      right: Math.round(innerWidth - right),
      width: Math.round(width),
      accent: button && getComputedStyle(button).backgroundColor,
      border: getComputedStyle(panel).borderTopWidth,
      scheme: getComputedStyle(host).colorScheme,
      page: getComputedStyle(document.documentElement).colorScheme,
    };
  });
}

/** Opens the page and waits for the panel in the preview. */
async function previewed(operator) {
  await operator.go("/ticket-center");
  const { page } = operator;
  await page.locator("#preview-frame").scrollIntoViewIfNeeded();
  const frame = page.frameLocator("#preview-frame");
  await frame.getByRole("button", { name: "New conversation" }).waitFor();
  return frame;
}

async function until(frame, what, check) {
  const end = Date.now() + 5_000;
  for (;;) {
    const now = await looks(frame);
    if (check(now)) return now;
    assert.ok(Date.now() < end, `${what}: ${JSON.stringify(now)}`);
    await new Promise((soon) => setTimeout(soon, 40));
  }
}

journey("the preview is the real embed, follows the form, and writes nothing", { context: desktop, refused: true }, async ({ page, desk, seen, site, user }) => {
  const operator = new Operator(page, desk);
  await operator.signIn();
  const frame = await previewed(operator);
  assert.equal(await frame.locator("script[src='/ticket-center.js']").count(), 1);
  await frame.getByRole("button", { name: /Exported invoices/ }).click();
  await frame.getByText("Does it look right to you now?").last().waitFor();
  await frame.getByRole("textbox", { name: /reply/i }).fill("Only in this frame");
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByRole("log").getByText("Only in this frame").waitFor();
  assert.deepEqual(seen.requests.filter((it) => it.url().includes("/api/messaging")).map((it) => it.url()), [], "no call left the frame");

  const again = await previewed(operator);
  await until(again, "it is centred", (it) => Math.abs(it.left - it.right) <= 1);
  await page.getByText("Right", { exact: true }).click();
  await page.getByLabel("Max width").fill("400px");
  await until(again, "to the right, 400 px wide", (it) => it.width === 400 && it.right < it.left);
  await page.getByLabel("Accent", { exact: false }).first().fill("#a32224");
  await until(again, "red", (it) => it.accent === "rgb(163, 34, 36)");
  await page.getByLabel("Accent", { exact: false }).first().fill("no colour");
  await until(again, "a bad colour is the usual one", (it) => it.accent === "rgb(15, 100, 113)");
  await page.getByLabel("Pick the accent").fill("#225588");
  assert.equal(await page.locator("#accent").inputValue(), "#225588");
  await until(again, "picked", (it) => it.accent === "rgb(34, 85, 136)");
  await page.getByRole("switch", { name: "Hide outer border" }).check();
  await until(again, "no border", (it) => it.border === "0px");
  await page.getByText("Dark page").click();
  await until(again, "as the page, dark", (it) => it.page === "dark" && it.scheme === "dark");
  await page.locator("label", { hasText: /^Light$/ }).last().click();
  await until(again, "light on a dark page", (it) => it.page === "dark" && it.scheme === "light");
  await page.getByText("Narrow", { exact: true }).click();
  await page.waitForFunction(() => document.querySelector("#preview-frame").clientWidth === 360);

  await page.getByLabel("Max width").fill("no width");
  await page.getByRole("button", { name: "Save appearance" }).click();
  await page.locator("#max_width-error").waitFor();
  await assertAccessible(page, "a bad value");
  assert.equal(await page.locator("#accent").inputValue(), "#225588", "what was typed stays");
  await page.getByLabel("Max width").fill("420");
  await page.getByRole("button", { name: "Save appearance" }).click();
  await page.getByText("Appearance saved").first().waitFor();
  const saved = await previewed(operator);
  await until(saved, "as saved", (it) => it.width === 420 && it.border === "0px" && it.accent === "rgb(34, 85, 136)");

  // In force for a customer's page at once; an attribute of the script wins.
  const host = await page.context().newPage();
  await host.goto(site.support(user));
  await new Panel(host).ready();
  const width = () => host.evaluate(() => Math.round(document.querySelector("#hdh-ticket-center > div").getBoundingClientRect().width));
  assert.equal(await width(), 420);
  await host.goto(site.support(user, { attributes: 'data-max-width="500px"' }));
  await new Panel(host).ready();
  assert.equal(await width(), 500);
  await operator.go("/ticket-center");
  await page.getByText("Center", { exact: true }).click();
  for (const [label, value] of [["Max width", ""], ["Accent", ""]]) await page.getByLabel(label).first().fill(value);
  await page.getByRole("switch", { name: "Hide outer border" }).uncheck();
  await page.getByRole("button", { name: "Save appearance" }).click();
  await page.getByText("Appearance saved").first().waitFor();
});

journey("the preview heeds no message but those of the page around it", { context: desktop }, async ({ page, desk, site }) => {
  const operator = new Operator(page, desk);
  await operator.signIn();
  const frame = await previewed(operator);
  const before = await looks(frame);
  const good = { kind: "helpdesky preview", align: "left", maxWidth: "300px", accent: "#ff0000", theme: "dark", border: "none", scheme: "dark" };
  // From the right window, in the wrong shape.
  await page.evaluate((good) => {
    const { contentWindow } = document.querySelector("#preview-frame");
    const odd = [null, 7, "text", [], {}, { ...good, kind: "other" }, { ...good, align: 7 }, { ...good, accent: "x".repeat(65) }, { ...good, scheme: undefined }];
    for (let round = 0; round < 6; round += 1) for (const data of odd) contentWindow.postMessage(data, location.origin);
  }, good);
  // In the right shape, from another window of the same origin and from the frame itself.
  const inside = page.frames().find((it) => it.url().endsWith("/preview"));
  await inside.evaluate((good) => {
    for (let round = 0; round < 50; round += 1) postMessage(good, location.origin);
  }, good);
  await settled(page);
  assert.deepEqual(await looks(frame), before);

  // From another site that has opened the frame's page in a window of its own.
  const evil = await page.context().newPage();
  await evil.goto(site.page("<h1>Evil</h1><button>Go</button>"));
  const [opened] = await Promise.all([
    page.context().waitForEvent("page"),
    evil.evaluate((url) => void (globalThis.victim = open(url)), operator.url("/ticket-center/preview")),
  ]);
  await opened.getByRole("button", { name: "New conversation" }).waitFor();
  await evil.evaluate((good) => {
    for (let round = 0; round < 50; round += 1) globalThis.victim.postMessage(good, "*");
  }, good);
  await settled(opened);
  assert.equal(await opened.locator("#embed").getAttribute("data-align"), "center");
  await evil.close();
  await opened.close();
});

journey("it is reached from every page, and the preview stands there", { context: desktop }, async ({ page, desk, seen }) => {
  const operator = new Operator(page, desk);
  await operator.signIn();
  for (const from of ["/conversations", "/settings/messages"]) {
    await operator.go(from);
    await page.getByRole("link", { name: "Ticket Center", exact: true }).click();
    await page.waitForURL("**/ticket-center");
    await page.locator("#preview-frame").scrollIntoViewIfNeeded();
    await page.frameLocator("#preview-frame").getByRole("button", { name: "New conversation" }).waitFor();
  }
  await operator.go("/conversations");
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.waitForURL("**/ticket-center");
  await page.locator("#preview-frame").scrollIntoViewIfNeeded();
  await page.frameLocator("#preview-frame").getByRole("button", { name: "New conversation" }).waitFor();
  assert.deepEqual(seen.violations, []);
});

journey("every stack is chosen by keyboard and shows its code", { context: { viewport: { width: 360, height: 800 } } }, async ({ page, desk }) => {
  const operator = new Operator(page, desk);
  await operator.signIn();
  await operator.go("/ticket-center");
  const stacks = page.getByRole("radiogroup", { name: "Your stack" }).getByRole("radio");
  assert.equal(await stacks.count(), 14);
  await stacks.first().focus();
  for (let at = 0; at < 14; at += 1) {
    assert.ok(await stacks.nth(at).isChecked(), `stack ${at}`);
    const shown = page.locator("[data-panel]").filter({ visible: true });
    assert.equal(await shown.count(), 1);
    assert.match(await shown.innerText(), new RegExp(`${desk.base}/ticket-center\\.js`));
    await page.keyboard.press("ArrowRight");
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
});

journey("the end of a secret is planned, changed and taken back", { refused: true, context: { ...desktop, timezoneId: "Europe/Berlin" } }, async ({ page, desk, user }) => {
  const { id } = await desk.command(["secret", "generate", "--helpdesk", desk.id]);
  const secret = (verb, ...more) => desk.command(["secret", verb, "--helpdesk", desk.id, "--secret", id, ...more]);
  const ends = async () => (await desk.command(["secret", "list", "--helpdesk", desk.id])).find((it) => it.id === id).revokeAt;
  await secret("revoke", "--in", "24h");
  assert.ok(Math.abs(Date.parse(await ends()) - Date.now() - 86_400_000) < 60_000);
  const at = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 16)}Z`;
  await secret("revoke", "--at", at);
  assert.equal(Date.parse(await ends()), Date.parse(at));
  await secret("keep");
  assert.equal(await ends(), null);

  const operator = new Operator(page, desk);
  await operator.signIn();
  await operator.go("/ticket-center");
  const row = page.locator(".secret").last();
  await row.getByRole("link", { name: /^Retire/ }).click();
  await page.getByRole("heading", { name: /^Retire / }).waitFor();
  await page.waitForSelector("html:not([aria-busy])");
  await assertAccessible(page, "retire");
  await page.getByLabel("In 24 hours").check();
  assert.equal(await page.getByLabel(/Date and time/).isVisible(), false);
  await page.getByRole("button", { name: "Retire" }).click();
  await page.getByText(/^Secret retires /).first().waitFor();
  await row.getByText("Retires in 24 hours").waitFor();
  await assertAccessible(page, "planned");
  await row.getByRole("link", { name: /^Change time/ }).click();
  await page.getByText(/^It retires /).waitFor();
  await page.getByLabel("At a date and time").check();
  await page.getByLabel(/Date and time \(Europe\/Berlin\)/).fill("2020-01-01T10:00");
  await page.getByRole("button", { name: "Retire" }).click();
  await page.locator("#at-error").waitFor();
  await assertAccessible(page, "a past time");
  const inAWeek = new Date(Date.now() + 6 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel(/Date and time \(Europe\/Berlin\)/).fill(`${inAWeek}T10:00`);
  await page.getByRole("button", { name: "Retire" }).click();
  await row.getByText(/10:00 (CET|CEST)/).waitFor();
  await row.getByRole("button", { name: /^Keep it/ }).click();
  await page.getByText("Secret kept").first().waitFor();
  assert.equal(await page.getByText(/^Retires/).count(), 0);
  await desk.conversations(user);
  await desk.command(["secret", "revoke", "--helpdesk", desk.id, "--secret", id]);
});

journey("a page is checked after it called from a customer's site", { context: desktop, refused: true, warnings: 1 }, async ({ page, context, desk, site, user }) => {
  const operator = new Operator(page, desk);
  await operator.signIn();
  await operator.go("/ticket-center");
  const check = async (url) => {
    await page.getByLabel("Address of your page").fill(url);
    await page.getByRole("button", { name: "Look up" }).click();
    return page.locator("#check [role=status]");
  };
  const never = await check("https://never.example/support");
  await never.getByText("No embed has called from there").waitFor();
  await assertAccessible(page, "never called");
  const host = await context.newPage();
  await host.goto(site.support(user));
  await new Panel(host).ready();
  await (await check(host.url())).getByText("its last call was accepted").waitFor();
  await assertAccessible(page, "accepted");
  await host.goto(site.support({ ...user, signature: Buffer.from(user.signature, "hex").toString("base64") }));
  await host.getByRole("alert").waitFor();
  const failed = await check(host.url());
  await failed.getByText("the signature was not right").waitFor();
  await failed.getByText(/The signature is base64/).waitFor();
  await page.getByText("Content-Security-Policy of your page").click();
  await page.getByText(`Content-Security-Policy: script-src ${desk.base}; connect-src ${desk.base}`).waitFor();
  await assertAccessible(page, "failed");
  await check("not a page");
  await page.locator("#page-error").waitFor();
  await assertAccessible(page, "no address");
});

journey("the probe explains what the list does", { context: desktop }, async ({ page, desk }) => {
  const operator = new Operator(page, desk);
  await operator.signIn();
  await operator.go("/settings/messages");
  await page.getByLabel("Add a domain").fill("acme.test, localhost");
  await page.getByLabel("Add a domain").press("Enter");
  await page.getByText("2 domains added").first().waitFor();
  const ask = async (text) => {
    await page.getByLabel("Address or origin of a page").fill(text);
    await page.getByRole("button", { name: "Try", exact: true }).click();
  };
  await ask("https://app.acme.test/support");
  await page.getByText("by the entry acme.test").waitFor();
  await assertAccessible(page, "passes");
  await ask("http://app.localhost:3000");
  await page.getByText("no entry covers app.localhost").waitFor();
  await assertAccessible(page, "refused");
  await ask("nonsense");
  await page.locator("#origin-error").waitFor();
  await assertAccessible(page, "nonsense");
  await page.getByRole("button", { name: "Remove localhost" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("localhost", { exact: true }).waitFor();
  await desk.domains();
});

journey("all of it works without scripts", { context: { ...desktop, javaScriptEnabled: false } }, async ({ page, desk }) => {
  const { id } = await desk.command(["secret", "generate", "--helpdesk", desk.id]);
  const operator = new Operator(page, desk);
  await operator.signIn();
  await operator.go("/ticket-center");
  await page.locator("label", { hasText: "Rails" }).click();
  await page.getByText("OpenSSL::HMAC.hexdigest").waitFor();
  const row = page.locator(".secret").first();
  await row.getByRole("link", { name: /^Retire/ }).click();
  await page.getByLabel("In 7 days").check();
  await page.getByRole("button", { name: "Retire" }).click();
  await row.getByText("Retires in 7 days").waitFor();
  await row.getByRole("button", { name: /^Keep it/ }).click();
  await page.getByText("Secret kept").first().waitFor();
  await page.getByText("Left", { exact: true }).click();
  await page.getByRole("button", { name: "Save appearance" }).click();
  await page.getByText("Appearance saved").first().waitFor();
  assert.ok(await page.getByRole("radio", { name: "Left" }).isChecked());
  await page.getByText("Center", { exact: true }).click();
  await page.getByRole("button", { name: "Save appearance" }).click();
  await page.getByLabel("Address of your page").fill("https://never.example");
  await page.getByRole("button", { name: "Look up" }).click();
  await page.getByText("No embed has called from there").waitFor();
  await operator.go("/settings/messages");
  await page.getByLabel("Address or origin of a page").fill("https://never.example");
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await page.getByText("It passes").waitFor();
  await desk.command(["secret", "revoke", "--helpdesk", desk.id, "--secret", id]);
});

journey("what was shown once and what is being typed outlast a message that arrives", { context: desktop }, async ({ page, desk, user }) => {
  const operator = new Operator(page, desk);
  await operator.signIn();
  await operator.go("/ticket-center");
  const list = page.getByRole("link", { name: /^Unassigned/ });
  await page.getByLabel("Max width").fill("500px");
  await page.getByLabel("Email", { exact: true }).fill(user.email);
  await page.getByLabel("Address of your page").fill("https://app.acme.test");
  await page.locator("h1").click();
  const before = await list.innerText();
  await desk.conversation(user, { subject: "It came while somebody typed" });
  await page.waitForFunction(([before]) => [...document.querySelectorAll("a")].some((it) => /^Unassigned/.test(it.innerText) && it.innerText !== before), [before]);
  assert.equal(await page.getByLabel("Max width").inputValue(), "500px");
  assert.equal(await page.getByLabel("Email", { exact: true }).inputValue(), user.email);
  assert.equal(await page.getByLabel("Address of your page").inputValue(), "https://app.acme.test");

  await page.getByRole("button", { name: "Generate HMAC Secret" }).click();
  const shown = await page.getByText(/^HELPDESKY_HMAC_SECRET=/).innerText();
  // Another tab that hears the same: when it has shown two of them, this one had its time.
  const other = await page.context().newPage();
  await other.goto(operator.url("/conversations?view=unassigned"));
  for (const subject of ["And another", "And one more"]) {
    await desk.conversation(user, { subject });
    await other.getByRole("link", { name: new RegExp(subject) }).or(other.getByText(subject)).first().waitFor();
  }
  await settled(page);
  assert.equal(await page.getByText(/^HELPDESKY_HMAC_SECRET=/).innerText(), shown);
});
