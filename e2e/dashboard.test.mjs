// An operator and a contact talk to each other: the dashboard in one browser
// context, the embed on a customer's page in another.

import assert from "node:assert/strict";
import { watched } from "./support/browser.mjs";
import { OPERATOR } from "./support/desk.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { eventually, streaming } from "./support/panel.mjs";

const journey = journeys();

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Runs with an operator in a context of their own, which must be quiet too. */
async function withOperator({ browser, desk }, run, options) {
  const { context, seen } = await watched(browser, options);
  try {
    await run(await Operator.at(context, desk), seen);
    assert.deepEqual([...seen.uncaught, ...seen.errors, ...seen.violations], [], "the dashboard is quiet");
    const foreign = seen.requests.map((it) => it.url()).filter((it) => !it.startsWith(desk.origin) && /^http/.test(it));
    assert.deepEqual(foreign, []);
  } finally {
    await context.close();
  }
}

journey("a new conversation shows in an open inbox within a second", async (given) => {
  const { desk } = given;
  await withOperator(given, async (operator) => {
    await operator.go("/conversations?view=open");
    await operator.page.waitForLoadState("load");
    const delays = [];
    for (const subject of ["Live one", "Live two", "Live three"]) {
      const person = desk.person("li");
      const { conversation } = await desk.call("/message", person, { message: "Hello?", subject });
      await operator.row(subject).waitFor();
      delays.push((await operator.page.evaluate(() => Date.now())) - Date.parse(conversation.createdAt));
    }
    assert.ok(median(delays) < 1_000, `milliseconds to the screen: ${delays}`);
  });
});

journey("contact and operator write to and fro without a reload", async (given) => {
  const { page, panel, desk, site, user } = given;
  const stream = streaming(page);
  await page.goto(site.support(user));
  await panel.ready();
  await stream;
  await withOperator(given, async (operator) => {
    await operator.go("/conversations?view=open");
    await panel.start({ subject: "To and fro", message: "Can you hear me?" });
    await operator.open("To and fro");
    await operator.log.getByText("Can you hear me?").waitFor();
    for (const turn of [1, 2, 3]) {
      await operator.reply(`operator says ${turn}`);
      await panel.log.getByText(`operator says ${turn}`, { exact: true }).waitFor({ timeout: 3_000 });
      await panel.answer(`contact says ${turn}`);
      await operator.log.getByText(`contact says ${turn}`, { exact: true }).waitFor({ timeout: 3_000 });
    }
    await panel.log.getByText(OPERATOR.name).first().waitFor();
  });
});

journey("a private note is seen by operators only", async (given) => {
  const { page, panel, desk, site, user } = given;
  const id = await desk.conversation(user, { subject: "With a note" });
  const stream = streaming(page);
  await page.goto(site.support(user));
  await panel.open("With a note");
  await stream;
  await withOperator(given, async (operator) => {
    await operator.go(`/conversations/${id}`);
    await operator.note("not for the contact");
    await operator.go(`/conversations/${id}`);
    await operator.reply("for the contact");
    await panel.log.getByText("for the contact", { exact: true }).waitFor();
    assert.equal(await page.getByText("not for the contact").count(), 0);
    assert.ok(!JSON.stringify(await desk.call(`/conversations/${id}/messages`, user)).includes("not for"));
  });
});

journey("closing and reopening show on the other side", async (given) => {
  const { page, panel, desk, site, user } = given;
  const id = await desk.conversation(user, { subject: "Open and shut" });
  const stream = streaming(page);
  await page.goto(site.support(user));
  await panel.open("Open and shut");
  await stream;
  await withOperator(given, async (operator) => {
    await operator.go(`/conversations/${id}`);
    await operator.page.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByText("Writing again reopens it").waitFor();
    await operator.go(`/conversations/${id}`);
    await operator.page.getByRole("button", { name: "Reopen" }).click();
    await page.getByText("Writing again reopens it").waitFor({ state: "detached" });
    await panel.button("Close").click();
    await operator.go(`/conversations/${id}`);
    await operator.page.getByRole("button", { name: "Reopen" }).waitFor();
    await panel.answer("one more thing");
    await operator.page.getByRole("button", { name: "Close", exact: true }).waitFor();
  });
});

journey("the whole talk works without scripts in the dashboard", async (given) => {
  const { desk, user } = given;
  const id = await desk.conversation(user, { subject: "Plain pages" });
  const plain = async (operator) => {
    await operator.go("/conversations?view=open");
    await operator.open("Plain pages");
    await operator.reply("answered by a form");
    await operator.note("noted by a form");
    await operator.page.getByRole("button", { name: "Close", exact: true }).click();
    await operator.go(`/conversations/${id}`);
    await operator.page.getByRole("button", { name: "Reopen" }).click();
    await operator.go(`/conversations/${id}`);
    await operator.page.getByRole("button", { name: "Close", exact: true }).waitFor();
  };
  await withOperator(given, plain, { javaScriptEnabled: false });
  const { entries } = await desk.show(id);
  const kinds = entries.map((it) => it.kind);
  assert.equal(kinds.filter((it) => it === "message").length, 2);
  assert.equal(kinds.filter((it) => it === "private_note").length, 1);
});

journey("reply, note, close and reopen by keys alone", async (given) => {
  const { desk, user } = given;
  const older = await desk.conversation(user, { subject: "Second by keys" });
  await desk.conversation(user, { subject: "First by keys" });
  await withOperator(given, async (operator) => {
    const { page } = operator;
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await operator.go(`/conversations/${older}`);
    await page.locator("[data-scripted]:not([hidden])").first().waitFor({ state: "attached" });
    await press("r");
    await eventually(() => operator.message.evaluate((it) => it === document.activeElement), "R goes to the box");
    await page.keyboard.type("typed by keys");
    await press("Control+Enter");
    await operator.log.getByText("typed by keys", { exact: true }).waitFor();
    await press("Escape", "n");
    await page.keyboard.type("a note by keys");
    await press("Control+Enter");
    await operator.log.getByText("a note by keys", { exact: true }).waitFor();
    const entries = async () => (await desk.show(older)).entries;
    const kind = async (text) => (await entries()).find((it) => it.body === text).kind;
    assert.equal(await kind("typed by keys"), "message");
    assert.equal(await kind("a note by keys"), "private_note");
    await operator.go(`/conversations/${older}`);
    await page.locator("[data-scripted]:not([hidden])").first().waitFor({ state: "attached" });
    await press("e");
    await eventually(async () => (await desk.show(older)).status === "closed", "E closes");
    // The page that shows it closed has come; keys pressed while it was on its way would be lost.
    await page.getByRole("button", { name: /reopen/i }).first().waitFor();
    await press("g", "c");
    await page.waitForURL("**view=closed*");
    await operator.row("Second by keys").waitFor();
  });
});

journey("what the contact reads counts as read, what the operator opens does too", async (given) => {
  const { desk, user } = given;
  const id = await desk.conversation(user, { subject: "Seen or not", message: "new for you" });
  await withOperator(given, async (operator) => {
    await operator.go("/conversations?view=open");
    const unread = operator.row("Seen or not").getByRole("img", { name: "Unread" });
    await unread.waitFor();
    await operator.open("Seen or not");
    await operator.go("/conversations?view=open");
    await operator.row("Seen or not").waitFor();
    await eventually(async () => {
      await operator.go("/conversations?view=open");
      return (await unread.count()) === 0;
    }, "it is read");
    await desk.call("/message", user, { message: "and one more", conversationId: id });
    await unread.waitFor();
  });
});
