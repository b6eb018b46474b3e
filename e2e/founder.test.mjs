// The whole story, in the dashboard alone: a founder begins with nothing and ends with a host page
// whose user is verified; and two operators share an inbox in browsers that run no scripts.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { assertAccessible } from "./support/axe.mjs";
import { watched } from "./support/browser.mjs";
import { Desk } from "./support/desk.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { Panel, eventually } from "./support/panel.mjs";

const journey = journeys();
const desktop = { viewport: { width: 1440, height: 900 } };

async function fromNothing({ browser, site }, options) {
  const fresh = await Desk.empty();
  const { context, seen } = await watched(browser, options);
  const host = await watched(browser);
  try {
    const page = await context.newPage();
    // The first page is the link that the server printed; from here on only what can be clicked.
    await page.goto(/http:\/\/\S+\/setup\/\S+/.exec(fresh.log())[0]);
    await page.getByLabel("Name of the helpdesk").fill("Fernway");
    await page.getByLabel("Your name").fill("Noor Haddad");
    await page.getByLabel("Your email").fill("noor@fernway.test");
    await page.getByLabel("Password").fill("a pass phrase that is long");
    await page.getByRole("button", { name: "Create helpdesk" }).click();
    const steps = page.getByRole("region", { name: "Get started" });
    await steps.waitFor();
    const open = async () => (await steps.getByRole("listitem").filter({ hasNotText: "Done" }).count());
    const before = await open();
    await steps.getByRole("link", { name: "Generate" }).click();

    await page.getByRole("button", { name: "Generate HMAC Secret" }).first().click();
    const secret = (await page.getByText(/^hdh_secret_/).first().innerText()).trim();
    const stored = page.getByLabel("I have stored it on my server");
    if (await stored.isVisible()) await stored.check();
    await page.getByRole("button", { name: "Done" }).click();

    // The host page is the snippet of the page, with the two values that a template would print.
    const email = "jane+tag@example.com";
    const signature = createHmac("sha256", secret).update(email).digest("hex");
    const snippet = await page.getByRole("region", { name: "2. Your page shows the Ticket Center, HTML" }).innerText();
    assert.ok(snippet.includes(`${fresh.origin}/ticket-center.js`), snippet);
    const filled = snippet.replace(/\{\{[^}]*email[^}]*\}\}/, email).replace(/\{\{[^}]*signature[^}]*\}\}/, signature);
    const address = site.page(`<main><h1>Help</h1>${filled}</main>`);

    await page.getByLabel("Email", { exact: true }).fill(email);
    await page.getByLabel("Signature from your server").fill(`${signature} `.toUpperCase());
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByText("Match. This signature is right.").waitFor();
    await page.getByLabel("Signature from your server").fill(createHmac("sha1", secret).update(email).digest("hex"));
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByText(/No match/).waitFor();
    await page.getByText(/SHA-1/).first().waitFor();

    const look = async () => {
      await page.getByLabel("Address of your page").fill(address);
      await page.getByRole("button", { name: "Look up" }).click();
    };
    await look();
    await page.getByText("What to look at").waitFor();
    const user = await host.context.newPage();
    await user.goto(address);
    const panel = new Panel(user);
    await panel.ready();
    await look();
    await page.locator(".callout-ok", { hasText: new URL(address).origin }).waitFor();

    await page.getByRole("link", { name: /^All open/ }).click();
    await steps.waitFor();
    assert.ok((await open()) < before, "the steps follow what was done");
    await panel.start({ subject: "The first one", message: "It works" });
    const inbox = new Operator(page, { ...fresh, id: "" });
    if (options.javaScriptEnabled === false) await page.getByRole("link", { name: /^All open/ }).click();
    await inbox.open("The first one");
    await inbox.reply("So it does");
    await panel.log.getByText("So it does", { exact: true }).waitFor();
    await page.getByRole("link", { name: /^All open/ }).click();
    await page.getByText("Every step is done").waitFor();
    await page.getByRole("link", { name: /^Closed/ }).click();
    await page.getByRole("link", { name: /^All open/ }).click();
    await inbox.row("The first one").waitFor();
    assert.equal(await steps.count(), 0, "the list of steps does not come back");
    if (options === desktop) await assertAccessible(page, "set up");
    assert.deepEqual([...seen.uncaught, ...seen.errors, ...seen.violations], [], "the dashboard is quiet");
    assert.deepEqual([...host.seen.uncaught, ...host.seen.errors, ...host.seen.violations], [], "the host page is quiet");
  } finally {
    await context.close();
    await host.context.close();
    await fresh.stop();
  }
}

journey("a founder goes from nothing to a verified host page without leaving the dashboard", (world) => fromNothing(world, desktop));

journey("the same without scripts in the dashboard", (world) => fromNothing(world, { ...desktop, javaScriptEnabled: false }));

journey("two operators share the inbox without scripts", async ({ browser, desk, user }) => {
  const plain = { ...desktop, javaScriptEnabled: false };
  const who = await desk.colleague("Ines");
  const [one, two] = [await watched(browser, plain), await watched(browser, plain)];
  const id = await desk.conversation(user, { subject: "Without scripts" });
  const noor = await Operator.at(one.context, desk);
  const ines = await Operator.at(two.context, desk, who);
  await noor.go("/conversations?view=unassigned");
  await noor.open("Without scripts");
  await ines.go(`/conversations/${id}`);
  await noor.page.getByRole("button", { name: "Assign to me" }).click();
  await noor.page.getByText("Assigned to you").waitFor();
  await noor.page.getByRole("button", { name: "Undo" }).click();
  await noor.page.getByText("Assigned to nobody").waitFor();
  await ines.reply("Ines is first");
  // Noor's page is older than that answer: what was typed is kept, and sent when it is wanted.
  await noor.message.fill("Noor is second");
  await noor.send.click();
  await noor.page.getByText("Ines answered while you wrote.").waitFor();
  assert.equal(await noor.message.inputValue(), "Noor is second");
  await noor.page.getByRole("button", { name: "Send anyway" }).click();
  await noor.log.getByText("Noor is second", { exact: true }).waitFor();
  await noor.message.fill("For later");
  await noor.page.getByRole("button", { name: "Keep as draft" }).click();
  await noor.page.getByText("Draft kept").first().waitFor();
  assert.equal(await noor.message.inputValue(), "For later");
  await noor.page.getByRole("button", { name: "Close", exact: true }).click();
  await ines.go("/conversations?view=closed");
  await ines.open("Without scripts");
  await ines.page.getByRole("button", { name: "Reopen" }).click();
  await eventually(async () => (await desk.show(id)).status === "open", "it is open again");
  await one.context.close();
  await two.context.close();
});
