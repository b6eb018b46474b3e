// The inbox as two operators use it side by side: what one does the other sees, and nobody loses
// a word, their place or their focus to it.

import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { watched } from "./support/browser.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { eventually, settled } from "./support/panel.mjs";

const journey = journeys();
const desktop = { viewport: { width: 1440, height: 800 } };

/** Runs with Noor and a colleague, each in a browser of their own, which must be quiet. */
async function withTwo({ browser, desk }, run, options = desktop) {
  const ines = await desk.colleague("Ines");
  const [one, two] = [await watched(browser, options), await watched(browser, options)];
  try {
    await run(await Operator.at(one.context, desk), await Operator.at(two.context, desk, ines), ines);
    for (const { seen } of [one, two]) {
      assert.deepEqual([...seen.uncaught, ...seen.errors, ...seen.violations], [], "the dashboard is quiet");
    }
  } finally {
    await one.context.close();
    await two.context.close();
  }
}

journey("two operators see who is here, who writes, and who was faster", async (given) => {
  const { desk, user } = given;
  const id = await desk.conversation(user, { subject: "Who is faster" });
  await withTwo(given, async (noor, ines) => {
    await noor.go(`/conversations/${id}`);
    await ines.go(`/conversations/${id}`);
    await noor.page.getByText("Ines is looking at this too").waitFor({ state: "attached" });
    await ines.page.getByText("Noor is looking at this too").waitFor({ state: "attached" });
    await noor.message.fill("I was about to say that");
    await ines.page.getByText("Noor is writing").waitFor({ state: "attached" });
    await ines.reply("Ines says it first");
    const read = noor.page.getByRole("button", { name: "Read 1 new reply first" });
    await read.waitFor();
    await noor.page.getByRole("button", { name: "Send anyway" }).waitFor();
    await settled(noor.page);
    await assertAccessible(noor.page, "somebody was faster");
    // The keys do the careful thing.
    await noor.message.press("Control+Enter");
    await read.waitFor({ state: "hidden" });
    assert.equal(await noor.message.inputValue(), "I was about to say that");
    assert.equal((await desk.show(id)).entries.filter((it) => it.kind === "message").length, 2, "nothing was sent");
    await noor.send.click();
    await noor.log.getByText("I was about to say that", { exact: true }).waitFor();
    await ines.go("/conversations");
    await noor.page.getByText(/Ines is/).waitFor({ state: "detached" });
  });
});

journey("what one operator does shows in the other's list without a reload", async (given) => {
  const { desk, user } = given;
  const id = await desk.conversation(user, { subject: "Seen by both" });
  await withTwo(given, async (noor, ines) => {
    await ines.go("/conversations?view=unassigned");
    await ines.row("Seen by both").waitFor();
    await noor.go(`/conversations/${id}`);
    await noor.page.getByRole("button", { name: "Assign to me" }).click();
    await noor.page.getByText("Assigned to you").waitFor();
    await ines.row("Seen by both").waitFor({ state: "detached", timeout: 3_000 });
    await noor.page.getByRole("button", { name: "Undo" }).click();
    await ines.row("Seen by both").waitFor({ timeout: 3_000 });
    await noor.page.getByRole("button", { name: "Close", exact: true }).click();
    await ines.row("Seen by both").waitFor({ state: "detached", timeout: 3_000 });
    await noor.page.getByRole("button", { name: "Undo" }).click();
    await ines.row("Seen by both").waitFor({ timeout: 3_000 });
  });
});

journey("a draft survives a reload, another browser and a restart", async (given) => {
  const { desk, user, browser } = given;
  const id = await desk.conversation(user, { subject: "Half an answer" });
  const { context } = await watched(browser, desktop);
  const noor = await Operator.at(context, desk);
  await noor.go(`/conversations/${id}`);
  await noor.message.fill("Half of it");
  await noor.page.getByText("Draft kept").waitFor();
  await noor.page.reload();
  assert.equal(await noor.message.inputValue(), "Half of it");
  // Left at once, before it rested: it goes along when the page is left.
  await noor.message.fill("Half of it, and a little");
  await noor.go("/conversations");
  // It may still be on its way when the next page is asked for.
  const opened = async () => {
    await noor.go(`/conversations/${id}`);
    return (await noor.message.inputValue()) === "Half of it, and a little";
  };
  await eventually(opened, "the draft came along");
  await desk.halt();
  await desk.resume();
  const { context: other } = await watched(browser, desktop);
  const elsewhere = await Operator.at(other, desk);
  await elsewhere.go(`/conversations/${id}`);
  assert.equal(await elsewhere.message.inputValue(), "Half of it, and a little");
  await elsewhere.send.click();
  await elsewhere.log.getByText("Half of it, and a little", { exact: true }).waitFor();
  await elsewhere.page.reload();
  assert.equal(await elsewhere.message.inputValue(), "", "what is sent is no draft");
  await context.close();
  await other.close();
});

journey("opening a conversation leaves the list and the focus where they are", async (given) => {
  const { desk, browser } = given;
  for (let number = 1; number <= 14; number += 1) {
    await desk.conversation(desk.person("many"), { subject: `Place ${String(number).padStart(2, "0")}` });
  }
  const { context, seen } = await watched(browser, { viewport: { width: 1440, height: 620 } });
  const noor = await Operator.at(context, desk);
  const { page } = noor;
  await noor.go("/conversations?view=open");
  const list = page.getByRole("region", { name: "Conversation list" });
  const link = noor.row("Place 01").getByRole("link");
  await link.focus();
  const before = await list.evaluate((it) => it.scrollTop);
  assert.ok(before > 0, "the list is longer than the window");
  await page.keyboard.press("Enter");
  await noor.log.getByText("Hello, I have a question.").waitFor();
  await page.waitForURL(/conversations\/[0-9a-f-]+\?/);
  assert.equal(await page.title(), "Place 01 · Helpdesky");
  await eventually(async () => (await noor.row("Place 01").getByRole("img", { name: "Unread" }).count()) === 0, "it is read");
  assert.equal(await list.evaluate((it) => it.scrollTop), before, "the list stays");
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  assert.match(await focused(), /Place 01/, "the focus stays");
  // A live update changes nothing of that.
  await desk.conversation(desk.person("late"), { subject: "A late one" });
  await noor.row("A late one").waitFor({ state: "attached" });
  assert.match(await focused(), /Place 01/, "the focus stays during a live update");
  await page.goBack();
  await page.waitForURL("**/conversations?view=open");
  await page.goForward();
  await noor.log.getByText("Hello, I have a question.").waitFor();
  // A page of its own gives the same.
  await page.reload();
  await noor.log.getByText("Hello, I have a question.").waitFor();
  assert.deepEqual([...seen.uncaught, ...seen.errors, ...seen.violations], []);
  await context.close();
});

journey("on a phone the list gives way to the conversation, and comes back where it was", async (given) => {
  const { desk, browser } = given;
  for (let number = 1; number <= 9; number += 1) {
    await desk.conversation(desk.person("phone"), { subject: `Phone ${number}` });
  }
  const { context } = await watched(browser, { viewport: { width: 390, height: 620 } });
  const noor = await Operator.at(context, desk);
  const { page } = noor;
  await noor.go("/conversations?view=open");
  await noor.row("Phone 1").getByRole("link").scrollIntoViewIfNeeded();
  const list = page.getByRole("region", { name: "Conversation list" });
  const before = await list.evaluate((it) => it.scrollTop);
  await noor.open("Phone 1");
  await list.waitFor({ state: "hidden" });
  const inside = await page.evaluate(() => document.activeElement?.id);
  assert.equal(inside, "conversation", "the focus is not left behind");
  await page.getByRole("link", { name: "Back to the list" }).click();
  await noor.row("Phone 1").waitFor();
  assert.equal(await list.evaluate((it) => it.scrollTop), before);
  await context.close();
});

journey("filters narrow the list, show that they do, and go away again", async (given) => {
  const { desk, user, browser } = given;
  const id = await desk.conversation(user, { subject: "Filtered one" });
  const pages = [["Filtered two", desktop], ["Filtered three", { ...desktop, javaScriptEnabled: false }]];
  for (const [subject, options] of pages) {
    await desk.conversation(user, { subject });
    const { context, seen } = await watched(browser, options);
    const noor = await Operator.at(context, desk);
    const { page } = noor;
    await noor.go("/conversations?view=open");
    await page.getByText("Channel", { exact: true }).click();
    await page.getByRole("link", { name: "Email" }).click();
    await page.getByText("Nothing passes this filter").waitFor();
    if (options === desktop) await assertAccessible(page, "filtered to nothing");
    await page.getByRole("link", { name: "Clear" }).click();
    await noor.row("Filtered one").waitFor();
    await page.getByText("Assignee", { exact: true }).first().click();
    await page.getByRole("link", { name: "Noor (you)" }).click();
    await noor.row("Filtered one").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Clear" }).click();
    await noor.row("Filtered one").waitFor();
    await page.getByRole("link", { name: "Unread", exact: true }).click();
    await page.waitForURL("**view=open.unread*");
    await noor.row(subject).getByRole("link").first().click();
    await noor.log.waitFor();
    assert.match(page.url(), /view=open\.unread/, "the way back keeps the filter");
    assert.deepEqual([...seen.uncaught, ...seen.errors, ...seen.violations], []);
    await context.close();
  }
  assert.equal((await desk.show(id)).status, "open");
});

journey("a live update never cuts a form short", async (given) => {
  const { desk, user } = given;
  const id = await desk.conversation(user, { subject: "Cut short" });
  await withTwo(given, async (noor) => {
    await noor.go(`/conversations/${id}`);
    await noor.page.route("**/replies", async (route) => {
      await new Promise((rested) => setTimeout(rested, 250));
      await route.continue();
    });
    for (const [turn, wait] of [0, 40, 80, 120, 160, 200, 240].entries()) {
      await noor.message.fill(`turn ${turn}`);
      await desk.call("/message", user, { message: `meanwhile ${turn}`, conversationId: id });
      await new Promise((rested) => setTimeout(rested, wait));
      await noor.message.press("Control+Enter");
      await noor.log.getByText(`turn ${turn}`, { exact: true }).waitFor();
      await eventually(async () => (await noor.message.inputValue()) === "", "the box is empty");
    }
    const sent = (await desk.show(id)).entries.filter((it) => /^turn/.test(it.body ?? ""));
    assert.equal(sent.length, 7);
  });
});

journey("long names, long words, right-to-left and 10,000 characters fit", async (given) => {
  const { desk, browser } = given;
  const long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
  const user = desk.person(`${"very-long-local-part-".repeat(2)}x`);
  await desk.conversation(user, {
    subject: `${long} ${long}`,
    message: `${"שלום עולם ".repeat(100)}${long}${"👩‍👩‍👧".repeat(50)}\n${"x".repeat(8_000)}`.slice(0, 10_000),
  });
  for (const [width, theme] of [[360, "dark"], [720, "light"], [1440, "light"]]) {
    const { context } = await watched(browser, { viewport: { width, height: 800 }, colorScheme: theme });
    const noor = await Operator.at(context, desk);
    await noor.go("/conversations?view=open");
    await noor.open(long);
    await settled(noor.page);
    const wide = await noor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `nothing scrolls sideways at ${width}`);
    await assertAccessible(noor.page, `${width} ${theme}`);
    await context.close();
  }
});
