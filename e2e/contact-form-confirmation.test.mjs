// Senders who confirm their address first: the switch, what waits, the link by keyboard, and letting in by hand.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { assertAccessible } from "./support/axe.mjs";
import { Form, page } from "./support/contact-form.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { eventually, settled } from "./support/panel.mjs";

const journey = journeys({ mailer: "file", mail_from: "support@acme.test" });

/** The path of the link in the one mail to this address. */
async function linkFor(desk, email) {
  const folder = join(desk.data, "mail");
  return eventually(async () => {
    for (const name of await readdir(folder).catch(() => [])) {
      const text = (await readFile(join(folder, name), "utf8")).replace(/=\r?\n/g, "").replaceAll("=3D", "=");
      const link = /\/confirm\/[\w-]+/.exec(text)?.[0];
      if (text.includes(`To: <${email}>`) && link) return link;
    }
    return null;
  }, `a mail to ${email}`, 15_000);
}

async function switchOn(noor) {
  await noor.go("/contact-form");
  const protection = noor.page.getByRole("region", { name: "Spam protection" });
  await protection.getByRole("switch", { name: "Senders confirm their address first" }).setChecked(true);
  await protection.getByRole("button", { name: "Save protection" }).click();
  await noor.page.getByText("Spam protection saved").waitFor();
}

journey("a sender confirms by the link, and the message comes in", async ({ page: tab, browser, desk, site, user }) => {
  const noor = await Operator.at(await browser.newContext(), desk);
  await switchOn(noor);
  await tab.goto(page(site, desk));
  const form = new Form(tab);
  await form.deliver({ email: user.email, message: "It waits for me" });
  await tab.getByText("we have sent a link to it").waitFor();
  assert.deepEqual(await desk.conversations(user), [], "nothing is theirs yet");
  await noor.go("/conversations?view=open");
  assert.equal(await noor.row("It waits for me").count(), 0);
  await noor.page.getByRole("link", { name: /^Waiting/ }).click();
  await noor.open("It waits for me");
  await noor.page.getByText("waits until its sender confirms their address").waitFor();
  assert.equal(await noor.page.getByRole("textbox", { name: "Message" }).count(), 0, "it cannot be answered yet");
  await assertAccessible(noor.page, "a conversation that waits");

  const path = await linkFor(desk, user.email);
  for (const [scheme, width] of [["light", 1200], ["dark", 360]]) {
    await tab.emulateMedia({ colorScheme: scheme });
    await tab.setViewportSize({ width, height: 700 });
    await tab.goto(`${desk.base}${path}`);
    await tab.getByRole("heading", { name: "Confirm your address" }).waitFor();
    await settled(tab);
    const over = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${over} px too wide at ${width}`);
    const dark = await tab.evaluate(() => getComputedStyle(document.querySelector("h1")).color);
    assert.equal(Number(/\d+/.exec(dark)[0]) > 128, scheme === "dark", `the title is ${dark}`);
    await assertAccessible(tab, `the link, ${scheme}`);
  }
  assert.deepEqual(await desk.conversations(user), [], "opening confirms nothing");
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Enter");
  await tab.getByRole("heading", { name: "Address confirmed" }).waitFor();
  await assertAccessible(tab, "confirmed");
  assert.equal((await desk.conversations(user)).length, 1);
  await noor.go("/conversations?view=open");
  await noor.open("It waits for me");
  await noor.page.getByText("confirmed the address").waitFor();
});

journey("an operator lets a message in by hand", async ({ page: tab, browser, desk, site, user }) => {
  const noor = await Operator.at(await browser.newContext(), desk);
  await switchOn(noor);
  await tab.goto(page(site, desk));
  await new Form(tab).deliver({ email: user.email, message: "Known to Noor" });
  await noor.go("/conversations?view=waiting");
  await noor.open("Known to Noor");
  await noor.page.keyboard.press("e");
  await noor.page.getByText("Let in: open now").waitFor();
  await noor.page.getByText("let this in without a confirmation").waitFor();
  assert.equal((await desk.conversations(user)).length, 1);
});

journey("a link that is none of ours says so", { refused: true }, async ({ page: tab, desk, seen }) => {
  await tab.goto(`${desk.base}/confirm/none`);
  await tab.getByRole("heading", { name: "This link is not good any more" }).waitFor();
  await assertAccessible(tab, "no link");
  // The browser's own line about the 404.
  seen.errors.splice(0);
});
