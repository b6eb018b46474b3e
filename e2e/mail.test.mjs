// Mail as an operator and a contact meet it: the timer below a reply, taking it back, sending at once,
// the outbox and the settings. Mail is written to files, which a mail program would show.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { assertAccessible } from "./support/axe.mjs";
import { watched } from "./support/browser.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { eventually, settled } from "./support/panel.mjs";

const journey = journeys({ mailer: "file", mail_from: "support@acme.test" });
const desktop = { viewport: { width: 1440, height: 900 } };

/** The mails that were written so far, as text. */
async function mails(desk) {
  const folder = join(desk.data, "mail");
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.filter((it) => it.endsWith(".eml")).map((it) => readFile(join(folder, it), "utf8")));
}

const to = (all, address) => all.filter((it) => it.includes(`To: <${address}>`) || it.includes(`<${address}>`));

journey("a reply counts down, is taken back, brought back and sent now", { context: desktop }, async ({ context, desk, user }) => {
  const id = await desk.conversation(user, { subject: "Mailed later" });
  const noor = await Operator.at(context, desk);
  const { page } = noor;
  await noor.go(`/conversations/${id}`);
  await noor.reply("It is back.");
  const waits = noor.log.locator(".outbox-wait");
  await waits.getByText(/in [1-6]?\d s/).waitFor();
  const seconds = async () => Number(/in (\d+) s/.exec(await waits.innerText())?.[1]);
  const first = await seconds();
  await eventually(async () => (await seconds()) < first, "the timer counts");
  await settled(page);
  await assertAccessible(page, "a mail that waits");

  await waits.getByRole("button", { name: "Cancel the email" }).click();
  await noor.log.getByText("Email cancelled by Noor").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await waits.waitFor();
  await noor.reply("And one more thing.");
  await waits.getByText("2 replies in one email").waitFor();
  await waits.getByRole("button", { name: "Send now" }).click();
  await noor.log.getByText("accepted by the mail server").waitFor();
  const sent = to(await mails(desk), user.email);
  assert.equal(sent.length, 1, "one mail");
  assert.ok(sent[0].includes("It is back.") && sent[0].includes("And one more thing."), sent[0]);
});

journey("Send Instantly is a switch that sends at once", { context: desktop }, async ({ context, desk, user }) => {
  const id = await desk.conversation(user, { subject: "Mailed at once" });
  const noor = await Operator.at(context, desk);
  await noor.go(`/conversations/${id}`);
  await noor.page.getByRole("switch", { name: "Send Instantly" }).check();
  await noor.reply("At once.");
  await noor.log.getByText("accepted by the mail server").waitFor();
  assert.equal(to(await mails(desk), user.email).length, 1);
  await noor.go("/outbox");
  await noor.page.getByRole("cell", { name: user.email }).first().waitFor();
  await settled(noor.page);
  await assertAccessible(noor.page, "the outbox");
});

journey("a contact who reads in the panel gets no mail", { context: desktop }, async ({ context, desk, user }) => {
  const id = await desk.conversation(user, { subject: "Read in time" });
  const noor = await Operator.at(context, desk);
  await noor.go(`/conversations/${id}`);
  await noor.reply("Look here.");
  await noor.log.locator(".outbox-wait").waitFor();
  await desk.read(id, user);
  await noor.log.getByText("Seen in Ticket Center").waitFor();
  assert.equal(await noor.log.locator(".outbox-wait").count(), 0);
  assert.equal(to(await mails(desk), user.email).length, 0);
});

journey("settings of mail and notifications, and the page that stops mails, can be used by everybody", { context: desktop }, async ({ context, browser, desk, user }) => {
  const noor = await Operator.at(context, desk);
  for (const path of ["/settings/email", "/settings/mailboxes", "/settings/notifications"]) {
    await noor.go(path);
    await settled(noor.page);
    await assertAccessible(noor.page, path);
  }
  const id = await desk.conversation(user, { subject: "Stop it" });
  await noor.go(`/conversations/${id}`);
  await noor.page.getByRole("switch", { name: "Send Instantly" }).check();
  await noor.reply("A mail with a link.");
  await noor.log.getByText("accepted by the mail server").waitFor();
  const [mail] = to(await mails(desk), user.email);
  const link = /List-Unsubscribe:\s*<([^>]+)>/i.exec(mail)?.[1].replace(/\s/g, "");
  const { context: theirs, seen } = await watched(browser, { viewport: { width: 390, height: 800 } });
  try {
    const page = await theirs.newPage();
    await page.goto(link);
    await assertAccessible(page, "stop these emails");
    await page.getByRole("button", { name: "Stop these emails" }).click();
    await page.getByRole("heading", { name: "Emails are stopped" }).waitFor();
    assert.deepEqual([...seen.uncaught, ...seen.errors, ...seen.violations], []);
  } finally {
    await theirs.close();
  }
  await noor.reply("Nobody is mailed.");
  await noor.log.getByText("Not emailed: The contact has unsubscribed").last().waitFor();
});

journey("a reply that nobody has read is taken back, and the contact's list with it", { context: desktop }, async ({ context, page, panel, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "Taken back" });
  await page.goto(site.support(user));
  const noor = await Operator.at(context, desk);
  await noor.go(`/conversations/${id}`);
  await noor.reply("A reply to keep.");
  await noor.reply("A reply to regret.");
  await panel.row("Taken back").getByText("A reply to regret.").waitFor();
  await noor.log.locator(".outbox-wait").getByRole("button", { name: "Take back the reply" }).click();
  await noor.log.getByText("took an answer back").waitFor();
  await panel.row("Taken back").getByText("A reply to keep.").waitFor();
  await settled(noor.page);
  assert.equal(await noor.log.getByText("A reply to regret.").count(), 0);
  assert.equal(await noor.page.getByRole("textbox", { name: "Message" }).inputValue(), "A reply to regret.");
  await noor.log.getByText("A reply to keep.").waitFor();
  await assertAccessible(noor.page, "a reply that was taken back");
});
