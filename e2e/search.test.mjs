// Contacts, search and the first steps, as an operator goes through them.

import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { watched } from "./support/browser.mjs";
import { OPERATOR } from "./support/desk.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { eventually, settled } from "./support/panel.mjs";

const journey = journeys();
const desktop = { viewport: { width: 1440, height: 860 } };

/** Opens a page of results again until the index has what was just written. */
async function found(operator, words, hit) {
  await eventually(async () => {
    await operator.go(`/search?q=${encodeURIComponent(words)}`);
    return (await operator.page.getByRole("link", { name: hit }).count()) > 0;
  }, `${words} is found`);
}

journey("by keys: a word is searched from the inbox, and the hit leads to its message", { context: desktop }, async ({ page, desk, user }) => {
  const id = await desk.conversation(user, { subject: "Lost parcel", message: "The parcel never came to Łódź", replies: ["We look for it"] });
  await desk.note(id, "The courier says wombat street");
  const operator = new Operator(page, desk);
  await operator.signIn();
  await found(operator, "wombat", /Lost parcel/);
  await operator.go("/conversations?view=open");
  await page.locator("[data-scripted]:not([hidden])").first().waitFor({ state: "attached" });
  await page.keyboard.press("/");
  const field = page.getByRole("main").getByRole("searchbox");
  await eventually(() => field.evaluate((it) => it === document.activeElement), "/ leads into the field");
  await page.keyboard.type("wom lodz");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/search?q=wom+lodz");
  const hit = page.getByRole("link", { name: /Lost parcel/ });
  await hit.getByText("Private note.").waitFor({ state: "attached" });
  assert.equal(await hit.locator("mark").innerText(), "wombat");
  await hit.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/conversations\/.*#entry-3$/);
  await operator.log.getByText("The courier says wombat street").waitFor();
  assert.ok(await page.locator("#entry-3").evaluate((it) => it.checkVisibility()));
  // From a page without a list the key leads to the page for it.
  await operator.go("/settings/messages");
  await page.locator("[data-scripted]:not([hidden])").first().waitFor({ state: "attached" });
  await page.keyboard.press("/");
  await page.waitForURL("**/search");
  await eventually(() => field.evaluate((it) => it === document.activeElement), "ready to type");
});

journey("results are told apart by status, and nothing found says what helps", { context: desktop }, async ({ page, desk, user }) => {
  await desk.conversation(user, { subject: "Quokka open", message: "One" });
  await desk.conversation(user, { subject: "Quokka closed", message: "Two", closed: true });
  const operator = new Operator(page, desk);
  await operator.signIn();
  await found(operator, "quokka", /Quokka closed/);
  await page.getByRole("link", { name: /Quokka open/ }).waitFor();
  await page.getByRole("navigation", { name: "Which conversations" }).getByRole("link", { name: "Closed" }).click();
  await page.waitForURL("**status=closed");
  await page.getByRole("link", { name: /Quokka closed/ }).waitFor();
  assert.equal(await page.getByRole("link", { name: /Quokka open/ }).count(), 0);
  await page.getByRole("main").getByRole("searchbox").fill("quokka nowhere");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "No conversations found" }).waitFor();
  await page.getByRole("link", { name: "Search all conversations" }).waitFor();
  await assertAccessible(page, "nothing found");
});

journey("a contact is found, read and renamed", { refused: true, context: desktop }, async ({ page, desk, user }) => {
  const id = await desk.conversation(user, { subject: "First of two", replies: ["An answer"] });
  await desk.conversation(user, { subject: "Second of two", closed: true });
  const operator = new Operator(page, desk);
  await operator.signIn();
  await page.locator("[data-scripted]:not([hidden])").first().waitFor({ state: "attached" });
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.waitForURL("**/contacts");
  await page.getByRole("searchbox", { name: "Search contacts" }).fill(user.email.split("@")[0]);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: new RegExp(user.email) }).click();
  await page.getByRole("heading", { level: 1, name: user.email.split("@")[0] }).waitFor();
  await page.getByText("Proved by signature").waitFor();
  await page.getByRole("link", { name: /First of two.*An answer.*Open/s }).waitFor();
  await page.getByRole("link", { name: /Second of two.*Closed/s }).waitFor();
  await page.getByRole("textbox", { name: "Name" }).fill("Ann Example");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Ann Example" }).waitFor();
  await page.getByText("Name saved").waitFor();
  await page.getByRole("textbox", { name: "Name" }).fill("n".repeat(121));
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("#name-error").waitFor();
  await assertAccessible(page, "a name that is too long");
  await operator.go(`/conversations/${id}`);
  await page.getByRole("complementary", { name: "Details" }).getByRole("link", { name: "Ann Example" }).click();
  await page.waitForURL("**/contacts/*");
});

journey("the first steps are ticked by what really happens", { context: desktop }, async ({ page, browser, desk, site, panel, user }) => {
  const { id } = await desk.command(["helpdesk", "add", "--name", "Brand new"]);
  await desk.command(
    ["operator", "add", "--helpdesk", id, "--email", OPERATOR.email, "--name", OPERATOR.name, "--password-stdin"],
    OPERATOR.password,
  );
  const { context, seen } = await watched(browser, desktop);
  try {
    const operator = await Operator.at(context, desk);
    const board = operator.page;
    const inbox = `${desk.origin}/h/${id}/conversations`;
    const steps = board.getByRole("progressbar", { name: "First steps" });
    const done = async (count) => {
      await eventually(async () => (await steps.getAttribute("aria-valuenow")) === String(count), `${count} steps are done`);
    };
    await board.goto(inbox);
    await done(1);
    await assertAccessible(board, "first steps");
    await board.getByRole("link", { name: "Generate" }).click();
    await board.waitForURL("**/ticket-center#secret");
    await board.getByRole("button", { name: "Generate HMAC Secret" }).click();
    const secret = (await board.getByText(/^hdh_secret_/).first().innerText()).trim();
    await board.goto(inbox);
    await done(2);
    // The page is left alone from here on: it learns by itself that the embed has asked.
    const signed = { ...user, signature: Object.assign(Object.create(desk), { secret }).sign(user.email) };
    await page.goto(site.page(`<div id="hdh-ticket-center"></div>${site.tag(signed, { id })}`));
    await panel.ready();
    await done(3);
    await panel.start({ subject: "The very first", message: "Does it work?" });
    await done(4);
    await assertAccessible(board, "one step left");
    await board.getByRole("link", { name: "Open the conversation" }).click();
    await operator.log.getByText("Does it work?").waitFor();
    await operator.reply("It does");
    await panel.log.getByText("It does", { exact: true }).waitFor();
    await board.goto(inbox);
    await board.goto(inbox);
    await board.getByText("Choose a conversation to read it here.").waitFor();
    assert.equal(await steps.count(), 0, "done is gone");
    assert.deepEqual([...seen.errors, ...seen.uncaught, ...seen.violations], []);
  } finally {
    await context.close();
  }
});

journey("everything without scripts", { context: { javaScriptEnabled: false, viewport: { width: 1280, height: 800 } } }, async ({ page, desk, user }) => {
  await desk.conversation(user, { subject: "Numbat without scripts", message: "Plain pages" });
  const operator = new Operator(page, desk);
  await operator.signIn();
  await found(operator, "numbat", /Numbat without scripts/);
  await operator.go("/conversations?view=open");
  await page.getByRole("main").getByRole("searchbox").fill("numbat");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: /Numbat without scripts/ }).waitFor();
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Contacts" }).click();
  await page.getByRole("searchbox", { name: "Search contacts" }).fill(user.email);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: new RegExp(user.email) }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("No Scripts");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "No Scripts" }).waitFor();
  const { id } = await desk.command(["helpdesk", "add", "--name", "Put away"]);
  await desk.command(
    ["operator", "add", "--helpdesk", id, "--email", OPERATOR.email, "--name", OPERATOR.name, "--password-stdin"],
    OPERATOR.password,
  );
  await page.goto(`${desk.origin}/h/${id}/conversations`);
  await page.getByRole("button", { name: "Hide the first steps" }).click();
  await page.getByText("First steps hidden").waitFor();
  assert.equal(await page.getByRole("progressbar", { name: "First steps" }).count(), 0);
});

const LONG = "Wolfeschlegelsteinhausenbergerdorff".repeat(3);
const RIGHT_TO_LEFT = "كيف يمكنني تغيير عنوان الفواتير؟ ".repeat(4);

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1440]) {
    const context = { viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" };
    journey(`contacts and search, ${colorScheme}, ${width} px: axe finds nothing, nothing scrolls sideways`, { context }, async ({ page, desk, user }) => {
      const subject = `Bilby ${LONG}`.slice(0, 118);
      const id = await desk.conversation(user, { subject, message: `${RIGHT_TO_LEFT} bilby ${"x".repeat(300)}`, replies: [`bilby ${RIGHT_TO_LEFT}`] });
      await desk.note(id, `bilby ${LONG} note 😀`);
      const odd = { email: `a.very.long.address.${LONG}`.slice(0, 60) + "@exämple.com" };
      odd.signature = desk.sign(odd.email);
      await desk.conversation(odd, { subject: "Bilby closed", closed: true });
      const { contact } = await desk.call("/verify", odd);
      const operator = new Operator(page, desk);
      await operator.signIn();
      await found(operator, "bilby", /Bilby closed/);
      const pages = [
        "/contacts",
        "/contacts?q=exa",
        "/contacts?q=nobody-of-this-name",
        `/contacts/${contact.id}`,
        "/search",
        "/search?q=bilby",
        "/search?q=bilby&status=closed",
        "/search?q=exa",
        "/search?q=nothing-of-this-kind",
        "/conversations?view=open",
      ];
      for (const path of pages) {
        await operator.go(path);
        await settled(page);
        await assertAccessible(page, path);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
        const inner = await page.evaluate(() => {
          const boxes = [...document.querySelectorAll(".page, .info, .convs, .pane, .inbox")];
          return boxes.filter((it) => it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).overflowX !== "visible").map((it) => it.className);
        });
        assert.deepEqual(inner, [], `${path} scrolls sideways inside`);
      }
    });
  }
}
