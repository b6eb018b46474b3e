// Mail that comes in as operators meet it: a copy of a reply for others, mail of somebody else, and the
// acknowledgement. Mail that goes out is written to files.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { assertAccessible } from "./support/axe.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { eventually, settled } from "./support/panel.mjs";

const DOMAIN = "in.acme.test";
const SUPPORT = "support@acme.test";
const journey = journeys({ mailer: "file", mail_from: SUPPORT, mail_domain: DOMAIN });
const desktop = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 800 }, colorScheme: "dark" };

/** The mails that were written so far to somebody, headers unfolded. */
async function mails(desk, address) {
  const folder = join(desk.data, "mail");
  const names = await readdir(folder).catch(() => []);
  const all = await Promise.all(names.filter((it) => it.endsWith(".eml")).map((it) => readFile(join(folder, it), "utf8")));
  return all.map((it) => it.replaceAll(/\r?\n[ \t]+/g, " ")).filter((it) => header(it, "To")?.includes(address));
}

const header = (mail, name) => new RegExp(`^${name}: *(.*)$`, "im").exec(mail)?.[1].trim();

/** Hands a mail in by the pipe; `headers` are further ones. */
async function deliver(desk, { from, subject, headers = [], text = "Where is my parcel?" }) {
  const lines = [`From: ${from}`, `To: ${SUPPORT}`, `Subject: ${subject}`, `Message-ID: <${crypto.randomUUID()}@x.example>`, ...headers, "", text, ""];
  await desk.command(["mail", "deliver", "--helpdesk", desk.id, "--from", from, "--to", SUPPORT], lines.join("\n"));
}

/** Opens the conversation of a mail once it is filed. */
async function opened(operator, subject) {
  await operator.go("/conversations");
  await operator.open(subject);
}

journey("a reply goes to others as a copy when it is ticked, and who writes back stands apart", { context: desktop }, async ({ context, desk, user }) => {
  const noor = await Operator.at(context, desk);
  const { page } = noor;
  const others = ["bob@partner.example", "a.very.long.name.indeed.that.fills.the.line@subsidiary.partner.example"];
  await deliver(desk, { from: user.email, subject: "Parcel for two", headers: [`Cc: Bob <${others[0]}>, ${others[1]}`] });
  await opened(noor, "Parcel for two");
  await noor.log.getByText("Also to").waitFor();
  const group = page.getByRole("group", { name: "Also to" });
  for (const address of others) assert.equal(await group.getByRole("checkbox", { name: address }).isChecked(), false);
  // A note goes to nobody.
  await page.getByText("Private note", { exact: true }).first().click();
  await group.waitFor({ state: "hidden" });
  await page.getByText("Reply", { exact: true }).first().click();
  // By keyboard.
  await group.getByRole("checkbox", { name: others[0] }).focus();
  await page.keyboard.press("Space");
  await settled(page);
  await assertAccessible(page, "copies of a reply");
  await page.getByRole("switch", { name: "Send Instantly" }).check();
  await noor.reply("It is on its way.");
  await noor.log.getByText("accepted by the mail server").waitFor();
  await noor.log.getByText(`Copy to ${others[0]}`).waitFor();
  const [sent, ...more] = await mails(desk, user.email);
  assert.deepEqual(more, []);
  assert.ok(header(sent, "Cc").includes(others[0]) && !sent.includes(others[1]), sent);
  // Chosen for that reply, and not for the next.
  assert.equal(await group.getByRole("checkbox", { name: others[0] }).isChecked(), false);

  // Bob answers all. He shows the token, and is not the one who was written to.
  await deliver(desk, {
    from: others[0],
    subject: "Re: Parcel for two",
    headers: [`In-Reply-To: ${header(sent, "Message-ID")}`, `References: ${header(sent, "Message-ID")}`],
    text: "I would like to know, too.",
  });
  await opened(noor, "Re: Parcel for two");
  await noor.log.getByText("I would like to know, too.").waitFor();
  await page.getByRole("button", { name: "Let this sender take part" }).waitFor();
  assert.equal((await desk.conversations({ email: others[0], signature: desk.sign(others[0]) })).length, 1);
  const theirs = await desk.conversations(user);
  assert.deepEqual(theirs.map((it) => it.subject), ["Parcel for two"]);
});

journey("copies are kept when the helpdesk wants it", { context: phone }, async ({ context, desk, user }) => {
  const noor = await Operator.at(context, desk);
  const { page } = noor;
  const keepsCopies = async (on) => {
    await noor.go("/settings/notifications");
    await page.getByRole("switch", { name: "Keep Cc on replies" }).setChecked(on);
    await page.getByRole("region", { name: "Notification emails" }).getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
  };
  await keepsCopies(true);
  try {
    await deliver(desk, { from: user.email, subject: "Kept copies", headers: ["Cc: bob@partner.example"] });
    await opened(noor, "Kept copies");
    const bob = page.getByRole("checkbox", { name: "bob@partner.example" });
    assert.equal(await bob.isChecked(), true);
    await settled(page);
    await assertAccessible(page, "copies of a reply on a phone");
    await bob.uncheck();
    await page.getByRole("switch", { name: "Send Instantly" }).check();
    await noor.reply("Only for you.");
    await noor.log.getByText("accepted by the mail server").waitFor();
    const [sent] = await mails(desk, user.email);
    assert.equal(header(sent, "Cc"), undefined);
  } finally {
    await keepsCopies(false);
  }
});

journey("senders are told in the helpdesk's words that their mail has arrived", { context: desktop }, async ({ context, desk, user }) => {
  const noor = await Operator.at(context, desk);
  const { page } = noor;
  const card = page.getByRole("region", { name: "Automatic acknowledgement" });
  await noor.go("/settings/incoming");
  await card.getByLabel("Subject").fill("We have it");
  await card.getByLabel("Text").fill("Somebody reads it before noon.");
  await card.getByRole("button", { name: "Preview" }).click();
  const preview = card.getByRole("region", { name: "The email as it would be sent" });
  await preview.getByText("Somebody reads it before noon.").waitFor();
  await settled(page);
  await assertAccessible(page, "the preview of an acknowledgement");
  await noor.go("/settings/incoming");
  assert.notEqual(await card.getByLabel("Subject").inputValue(), "We have it", "a preview saves nothing");
  await card.getByLabel("Subject").fill("We have it");
  await card.getByLabel("Text").fill("Somebody reads it before noon.");
  await card.getByRole("switch", { name: "Acknowledge new conversations" }).check();
  await card.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();

  await deliver(desk, { from: user.email, subject: "Secret words of the sender" });
  await eventually(async () => (await mails(desk, user.email)).length === 1, "the acknowledgement is sent");
  const [told] = await mails(desk, user.email);
  assert.equal(header(told, "Subject"), "We have it");
  assert.ok(told.includes("Somebody reads it before noon.") && !told.includes("Secret words"), told);
  assert.equal(header(told, "Auto-Submitted"), "auto-replied");
  await opened(noor, "Secret words of the sender");
  await noor.log.getByText("acknowledge").first().waitFor();
  await noor.go("/outbox");
  await page.getByRole("cell", { name: user.email }).first().waitFor();

  await noor.go("/settings/incoming");
  await card.getByRole("switch").uncheck();
  await card.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  const silent = desk.person("silent");
  await deliver(desk, { from: silent.email, subject: "Nobody is told" });
  await opened(noor, "Nobody is told");
  assert.deepEqual(await mails(desk, silent.email), []);
});

journey("a mail that waits for somebody is looked at and delivered as new", { context: desktop }, async ({ context, desk, user }) => {
  const noor = await Operator.at(context, desk);
  const { page } = noor;
  await deliver(desk, { from: user.email, subject: "Round in circles", headers: Array.from({ length: 60 }, () => "Received: from a by b; Thu, 28 May 2026 20:00:00 +0000") });
  await eventually(async () => (await desk.command(["mail", "quarantine", "--helpdesk", desk.id])).length === 1, "it waits");
  await noor.go("/mails?state=quarantined");
  await settled(page);
  await assertAccessible(page, "mail in quarantine");
  await page.getByRole("link", { name: /Round in circles/ }).first().click();
  await page.getByText("goes round in circles").first().waitFor();
  await settled(page);
  await assertAccessible(page, "a mail in quarantine");
  await page.getByRole("button", { name: "Deliver as new conversation" }).click();
  await eventually(async () => (await desk.conversations(user)).length === 1, "it is a conversation");
  await opened(noor, "Round in circles");
  await noor.log.getByText("Where is my parcel?").waitFor();
});
