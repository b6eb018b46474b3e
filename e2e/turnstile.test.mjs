// Cloudflare Turnstile in the Contact Form: a server on this machine stands for Cloudflare's, its script
// shows a button instead of a puzzle.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { CONTAINER, Form, tag } from "./support/contact-form.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { eventually, settled } from "./support/panel.mjs";

const KEYS = { site: "0x4AAAAAAABkMYinukE8nzYS", secret: "0x4AAAAAAABkMYinukE8nzYS-secret" };
const SCRIPT = `window.turnstile = { render(box, options) {
  const button = Object.assign(document.createElement("button"), { textContent: "I am a person", type: "button" });
  button.style.height = "65px";
  button.onclick = () => { options.callback("good-" + Math.random()); button.textContent = "Passed"; };
  button.dataset.look = [options.sitekey, options.theme, options.size, options.language].join(" ");
  box.append(button);
  return "1";
} };`;

const cloudflare = await new Promise((started) => {
  const seen = new Set();
  const state = { down: false };
  const server = createServer((request, response) => {
    if (state.down) return response.writeHead(500).end();
    if (request.url.startsWith("/turnstile/v0/api.js")) return response.writeHead(200, { "content-type": "text/javascript" }).end(SCRIPT);
    let body = "";
    request.on("data", (bytes) => (body += bytes));
    request.on("end", () => {
      const fields = new URLSearchParams(body);
      const token = fields.get("response");
      const code = fields.get("secret") !== KEYS.secret ? "invalid-input-secret" : !token.startsWith("good-") ? "invalid-input-response" : seen.has(token) ? "timeout-or-duplicate" : null;
      seen.add(token);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(code ? { success: false, "error-codes": [code] } : { success: true }));
    });
  });
  server.listen(0, "127.0.0.1", () => started({ server, state, origin: `http://127.0.0.1:${server.address().port}` }));
});
after(() => (cloudflare.server.closeAllConnections(), cloudflare.server.close()));

const journey = journeys({ turnstile_url: cloudflare.origin });

/** Types the keys into the dashboard, as Noor. */
async function switchOn(noor, keys = KEYS) {
  const { page } = noor;
  const card = page.getByRole("region", { name: "Cloudflare Turnstile" });
  await noor.go("/contact-form");
  await card.getByLabel("Site key").fill(keys.site);
  await card.getByLabel("Secret key").fill(keys.secret);
  await card.getByRole("button", { name: /Switch on|Replace the keys/ }).click();
  return card;
}

journey("an administrator switches it on once Cloudflare knows the keys", { refused: true, context: { viewport: { width: 1440, height: 900 } } }, async ({ context, desk }) => {
  const noor = await Operator.at(context, desk);
  const card = await switchOn(noor, { ...KEYS, secret: "another" });
  await card.getByText("Cloudflare does not know this secret key").waitFor();
  assert.equal(await card.getByLabel("Site key").inputValue(), KEYS.site);
  assert.equal(await card.getByLabel("Secret key").inputValue(), "");
  await settled(noor.page);
  await assertAccessible(noor.page, "a secret key that is none");
  await switchOn(noor);
  await noor.page.getByText("Turnstile checks the form from now on").waitFor();
  await card.getByText("On", { exact: true }).waitFor();
  await settled(noor.page);
  await assertAccessible(noor.page, "Turnstile is on");
  assert.ok(!(await noor.page.content()).includes(KEYS.secret));
});

journey("the form asks for the check, and each check is good for one message", { refused: true, warnings: 1 }, async ({ page, context, desk, site, user, own }) => {
  own.push(new URL(cloudflare.origin).host);
  await switchOn(await Operator.at(context, desk));
  const policy = `default-src 'none'; img-src data:; script-src ${desk.base}; connect-src ${desk.base}; frame-src ${desk.base}`;
  await page.goto(site.page(`<main><h1>Contact</h1>${CONTAINER}</main>${tag(desk)}`, { headers: { "content-security-policy": policy } }));
  const form = new Form(page);
  const check = page.frameLocator('iframe[title="Turnstile"]').getByRole("button");
  await form.fill({ email: user.email, message: "Am I a person?" });
  await check.getByText("I am a person").waitFor();
  assert.equal(await check.getAttribute("data-look"), `${KEYS.site} light flexible en`);
  assert.ok((await page.locator('iframe[title="Turnstile"]').boundingBox()).height < 80);
  await settled(page);
  await assertAccessible(page, "a form with the check");
  await form.send.click();
  await form.alert.getByText("Complete the check").waitFor();
  assert.equal(await form.box("Message").inputValue(), "Am I a person?");
  assert.equal((await desk.conversations(user)).length, 0);
  // By keyboard; the attempt has made a new frame.
  await check.focus();
  await page.keyboard.press("Enter");
  await check.getByText("Passed").waitFor();
  await form.send.click();
  await form.sent.waitFor();
  assert.equal((await desk.conversations(user))[0].preview, "Am I a person?");
  await page.getByRole("button", { name: "Send another message" }).click();
  await check.getByText("I am a person").waitFor();
});

journey("on narrow and dark pages the check fits", { context: { viewport: { width: 280, height: 700 }, colorScheme: "dark" } }, async ({ page, context, desk, site, own }) => {
  own.push(new URL(cloudflare.origin).host);
  await switchOn(await Operator.at(context, desk));
  await page.goto(site.page(`<main><h1>Contact</h1>${CONTAINER}</main>${tag(desk, 'data-theme="dark" data-locale="de"')}`));
  const check = page.frameLocator("iframe").getByRole("button");
  await check.waitFor();
  assert.equal(await check.getAttribute("data-look"), `${KEYS.site} dark compact de`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${over} px too wide`);
});

journey("the hosted page has the check too, and says so when Cloudflare does not answer", { refused: true }, async ({ page, context, desk, user, own, seen }) => {
  own.push(new URL(cloudflare.origin).host);
  await switchOn(await Operator.at(context, desk));
  cloudflare.state.down = true;
  await page.goto(`${desk.origin}/form/${desk.id}`);
  const frame = page.frameLocator("iframe");
  await frame.getByRole("alert").getByText("could not be done").waitFor();
  await page.getByRole("textbox", { name: "Email" }).fill(user.email);
  await page.getByRole("textbox", { name: "Message" }).fill("From the hosted page");
  await page.getByRole("button", { name: "Send message" }).click();
  await page.getByRole("status").getByText("Complete the check").waitFor();
  cloudflare.state.down = false;
  await frame.getByRole("button", { name: "Try again" }).click();
  await frame.getByRole("button", { name: "I am a person" }).click();
  await frame.getByText("Passed").waitFor();
  await settled(page);
  await assertAccessible(page, "the hosted page with the check");
  await eventually(async () => {
    await page.getByRole("button", { name: "Send message" }).click().catch(() => undefined);
    return page.getByRole("heading", { name: "Message sent" }).isVisible();
  }, "it is sent", 10_000);
  assert.equal((await desk.conversations(user))[0].preview, "From the hosted page");
  seen.errors.length = 0;
});

journey("without JavaScript the hosted page says what it needs", { context: { javaScriptEnabled: false } }, async ({ page, browser, desk }) => {
  const context = await browser.newContext();
  try {
    await switchOn(await Operator.at(context, desk));
  } finally {
    await context.close();
  }
  await page.goto(`${desk.origin}/form/${desk.id}`);
  await page.getByText("for which it needs JavaScript").waitFor();
});
