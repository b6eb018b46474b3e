// What a signed-in user does in the panel, and what the helpdesk then holds.

import assert from "node:assert/strict";
import { eventually, panels, settled } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";

const journey = journeys();

journey("a first conversation is opened, answered, closed and reopened", async ({ page, panel, desk, site, user }) => {
  await page.goto(site.support(user));
  await panel.ready();
  await panel.fresh.click();
  await panel.box("Subject (optional)").fill("VAT is missing");
  await panel.message.fill("The export drops the VAT line.");
  await panel.send.click();
  await panel.reply.waitFor();
  const [opened] = await desk.conversations(user);
  assert.equal(opened.subject, "VAT is missing");
  assert.equal(opened.status, "open");

  await panel.answer("It happens since yesterday.");
  assert.equal(await panel.reply.inputValue(), "");

  const close = panel.button("Close");
  assert.equal(await close.count(), 1);
  await close.click();
  await panel.scope.getByText("Writing again reopens it").waitFor();
  assert.equal(await close.count(), 0);
  assert.equal((await desk.conversations(user))[0].status, "closed");

  await page.reload();
  await page.getByText("Closed", { exact: true }).waitFor();
  await panel.open("VAT is missing");
  await page.getByText("Writing again reopens it").waitFor();
  await panel.answer("It is back.");
  await close.waitFor();
  assert.equal(await page.getByText("Writing again reopens it").count(), 0);
  const [again] = await desk.conversations(user);
  assert.equal(again.status, "open");

  await page.reload();
  await page.getByText("Open", { exact: true }).waitFor();
  await panel.row(/VAT is missing.*It is back\./).waitFor();
});

journey("a double click sends once", async ({ page, panel, desk, site, user }) => {
  await page.goto(site.support(user));
  await panel.ready();
  await panel.fresh.click();
  await panel.message.fill("Just once");
  await panel.send.dblclick();
  await panel.reply.waitFor();
  await panel.reply.fill("And this once");
  await panel.send.dblclick();
  await panel.log.getByText("And this once").waitFor();
  await settled(page);
  const list = await desk.conversations(user);
  assert.equal(list.length, 1);
  const { messages } = await desk.call(`/conversations/${list[0].id}/messages`, user);
  assert.deepEqual(
    messages.map((it) => it.body),
    ["Just once", "And this once"],
  );
});

const HARD = [
  "  leading and trailing spaces  ",
  "line one\nline two\n\n\tindented after an empty line",
  "<b>not bold</b> <img src=x onerror=alert(1)> &amp; &lt;",
  "مرحبا، أريد المساعدة في الفاتورة 1234",
  "שלום, a mixed line",
  "👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, e\u0301 combined, \u200Bzero width, \uFEFF mark",
  "https://example.com/a?b=c#d and mailto:team@example.com, javascript:alert(1)",
  "W".repeat(400),
  `${"A long paragraph of words. ".repeat(360)}end`,
];

journey("bodies come back as they were written, in every language", async ({ page, panel, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "Hard to show", message: "start" });
  for (const text of HARD) await desk.reply(id, text);
  await desk.reply(id, "last");
  await page.goto(site.support(user));
  await panel.open("Hard to show");
  const shown = await panel.log.getByRole("listitem").evaluateAll((items) =>
    items.map((item) => [...item.querySelectorAll("p")].at(-1).textContent),
  );
  const { messages } = await desk.call(`/conversations/${id}/messages`, user);
  assert.deepEqual(
    shown,
    messages.map((it) => it.body),
  );
  for (const text of HARD) assert.ok(shown.includes(text), text.slice(0, 40));
  assert.equal(await panel.log.locator("b, img").filter({ hasText: "not bold" }).count(), 0);
  const links = await panel.log.getByRole("link").evaluateAll((all) =>
    all.map((it) => [it.href, it.target, it.rel]),
  );
  const rel = "noopener noreferrer nofollow ugc";
  assert.deepEqual(links, [
    ["https://example.com/a?b=c#d", "_blank", rel],
    ["mailto:team@example.com", "_blank", rel],
  ]);
});

journey("what is typed arrives unchanged", async ({ page, panel, desk, site, user }) => {
  await page.goto(site.support(user));
  await panel.ready();
  const message = "  Zeile eins\n\n  Zeile drei, eingerückt 😀\nسطر\n";
  await panel.start({ message });
  const [{ id }] = await desk.conversations(user);
  const { messages } = await desk.call(`/conversations/${id}/messages`, user);
  assert.equal(messages[0].body, message);
  assert.equal(await panel.log.locator("p").last().textContent(), message);
});

journey("an answer counts as unread until it is opened, here and after a reload", async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "Two answers", replies: ["First answer", "Second answer"] });
  await desk.conversation(user, { subject: "Quiet one" });
  await page.goto(site.support(user));
  const unread = page.getByText("New reply", { exact: true });
  await unread.waitFor();
  assert.equal(await unread.count(), 1);
  const counts = async () => (await desk.conversations(user)).map((it) => it.unreadCount).sort();
  assert.deepEqual(await counts(), [0, 2], "showing the list marks nothing");
  await panel.open(/Two answers.*Second answer/);
  await eventually(async () => (await counts()).every((it) => it === 0), "the conversation is read");
  await unread.waitFor({ state: "detached" });
  await page.reload();
  await panel.row("Two answers").waitFor();
  assert.equal(await unread.count(), 0);
});

journey("private notes never reach the panel", async ({ page, panel, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "Visible", replies: ["A public answer"] });
  await desk.note(id, "between colleagues only");
  await page.goto(site.support(user));
  await panel.open(/Visible.*A public answer/);
  await panel.log.getByText("A public answer").waitFor();
  await desk.note(id, "and another one, live");
  await desk.reply(id, "A second public answer");
  await panel.log.getByText("A second public answer").waitFor();
  assert.equal(await page.getByText("colleagues").count(), 0);
  assert.equal(await page.getByText("and another one").count(), 0);
  assert.equal(await panel.log.getByRole("listitem").count(), 3);
});

journey("what another window does shows here", async ({ page, context, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "In two windows" });
  const address = site.support(user);
  await page.goto(address);
  await panel.row("In two windows").waitFor();
  const second = await context.newPage();
  await second.goto(address);
  await second.getByRole("listitem").getByRole("button", { name: "In two windows" }).click();
  await second.getByRole("button", { name: "Close" }).click();
  await second.getByText("Writing again reopens it").waitFor();
  await page.bringToFront();
  await page.getByText("Closed", { exact: true }).waitFor();
  assert.equal(await panels(page), 1);
});

journey("long lists and long conversations load more on demand", async ({ page, panel, desk, site, user }) => {
  for (let index = 0; index < 52; index += 1) await desk.conversation(user, { subject: `Older ${index}` });
  const id = await desk.conversation(user, { subject: "The long one", message: "message 0" });
  for (let index = 1; index < 104; index += 1) await desk.reply(id, `message ${index}`);
  await page.goto(site.support(user));
  const rows = page.getByRole("listitem");
  await panel.row("The long one").waitFor();
  assert.equal(await rows.count(), 50);
  await panel.button("Show older conversations").click();
  await panel.row("Older 0").waitFor();
  assert.equal(await rows.count(), 53);
  assert.equal(await panel.button("Show older conversations").count(), 0);

  await panel.open("The long one");
  const bodies = () => panel.log.getByRole("listitem").locator("p:last-child").allTextContents();
  assert.equal((await bodies()).filter((it) => it.startsWith("message ")).length, 100);
  await panel.log.getByText("message 103", { exact: true }).waitFor();
  await panel.button("Show earlier messages").click();
  await panel.log.getByText("message 0", { exact: true }).waitFor();
  assert.deepEqual(
    (await bodies()).filter((it) => it.startsWith("message ")),
    Array.from({ length: 104 }, (_, index) => `message ${index}`),
  );
});

journey("an empty message is not sent and says why", async ({ page, panel, desk, site, user }) => {
  await page.goto(site.support(user));
  await panel.ready();
  await panel.fresh.click();
  await panel.message.fill("   \n ");
  await panel.send.click();
  await panel.alert.getByText("Write a message first").waitFor();
  assert.deepEqual(await desk.conversations(user), []);
});

journey("a message that is too long is refused and kept", { warnings: 0, refused: true }, async ({ page, panel, desk, site, user }) => {
  await page.goto(site.support(user));
  await panel.ready();
  await panel.fresh.click();
  const text = "x".repeat(10_001);
  await panel.message.fill(text);
  await panel.send.click();
  await panel.alert.getByText("too long").waitFor();
  assert.equal(await panel.message.inputValue(), text);
  await panel.message.fill("x".repeat(10_000));
  await panel.send.click();
  await panel.reply.waitFor();
  assert.equal((await desk.conversations(user)).length, 1);
});
