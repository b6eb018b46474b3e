// New answers appear by themselves: by the stream when polling cannot help, by
// polling when the stream cannot be had, and not at all while nobody looks.

import assert from "node:assert/strict";
import { calls, eventually, settled, streaming } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";

const journey = journeys();

const POLLED = /\/ticket-center\/conversations(\/[^/]+)?$/;

/** How long after the helpdesk stored an answer it stood in the page. */
async function delay(page, desk, id, text, place) {
  await desk.reply(id, text);
  await place.getByText(text, { exact: true }).first().waitFor();
  const shown = await page.evaluate(() => Date.now());
  const { entries } = await desk.show(id);
  return shown - Date.parse(entries.find((it) => it.body === text).createdAt);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

journey("an answer arrives within a second by the stream alone", async ({ page, panel, desk, site, user }) => {
  const polls = [];
  await page.route(POLLED, (route) => {
    polls.push(route.request().url());
    return route.abort();
  });
  const id = await desk.conversation(user, { subject: "Live" });
  const stream = streaming(page);
  await page.goto(site.support(user));
  await panel.open("Live");
  await stream;
  const delays = [];
  for (const text of ["one", "two", "three"]) delays.push(await delay(page, desk, id, text, panel.log));
  assert.ok(median(delays) < 1_000, `milliseconds to the screen: ${delays}`);
  assert.deepEqual(polls, [], "nothing was polled");
  assert.equal((await desk.conversations(user))[0].unreadCount, 0, "seen while it stands open");
});

journey("an answer in a conversation that is not open shows in the list", async ({ page, panel, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "In the list" });
  const stream = streaming(page);
  await page.goto(site.support(user));
  await panel.row("In the list").waitFor();
  await stream;
  assert.ok((await delay(page, desk, id, "news for the list", page.getByRole("listitem"))) < 2_000);
  await page.getByText("New reply", { exact: true }).waitFor();
  assert.equal((await desk.conversations(user))[0].unreadCount, 1, "nobody has read it");
});

journey("with the stream blocked polling brings the answer", async ({ page, panel, seen, desk, site, user }) => {
  await page.route("**/ticket-center/stream", (route) => route.abort());
  const id = await desk.conversation(user, { subject: "Polled" });
  await page.goto(site.support(user));
  await panel.open("Polled");
  const polled = page.waitForRequest((it) => it.url().endsWith("/ticket-center/conversations"), { timeout: 15_000 });
  await polled;
  await desk.reply(id, "by the slow road");
  await panel.log.getByText("by the slow road").waitFor({ timeout: 8_000 });
  await eventually(async () => (await desk.conversations(user))[0].unreadCount === 0, "the answer is read");
  seen.refused.length = 0; // The browser reports what the test itself has blocked.
});

journey("a stream that never begins gives way to polling", async ({ page, panel, desk, site, user }) => {
  let held;
  await page.route("**/ticket-center/stream", (route) => {
    held ??= route; // Neither answered nor refused, as behind a proxy that buffers.
  });
  const id = await desk.conversation(user, { subject: "Buffered" });
  await page.goto(site.support(user));
  await panel.row("Buffered").waitFor();
  await page.waitForRequest((it) => it.url().endsWith("/ticket-center/conversations"), { timeout: 15_000 });
  await desk.reply(id, "polled into the list");
  await panel.row("polled into the list").waitFor({ timeout: 15_000 });
});

journey("what happened while the program was down arrives after it", { refused: true }, async ({ page, panel, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "Through a restart" });
  const stream = streaming(page);
  await page.goto(site.support(user));
  await panel.open("Through a restart");
  await stream;
  await desk.halt();
  await desk.reply(id, "written while the server was down");
  const again = streaming(page);
  await desk.resume();
  await panel.log.getByText("written while the server was down").waitFor({ timeout: 20_000 });
  await again;
  await desk.reply(id, "and one afterwards");
  await panel.log.getByText("and one afterwards").waitFor();
  assert.equal(await panel.log.getByRole("listitem").count(), 3, "each message once");
});

/** Chromium under automation never hides a tab, so the page is told that it is hidden. */
function visibility(page, state) {
  return page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

journey("a hidden tab holds no stream, asks nothing, marks nothing", async ({ page, panel, seen, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "Hidden" });
  const stream = streaming(page);
  await page.goto(site.support(user));
  await panel.open("Hidden");
  await stream;
  const dropped = page.waitForEvent("requestfailed", (it) => it.url().endsWith("/stream"));
  await visibility(page, "hidden");
  await dropped;
  const before = calls(seen).length;
  await desk.reply(id, "while nobody looked");
  await settled(page);
  assert.equal((await desk.conversations(user))[0].unreadCount, 1);
  assert.equal(calls(seen).length, before);
  assert.equal(await panel.log.getByText("while nobody looked").count(), 0);
  await visibility(page, "visible");
  await panel.log.getByText("while nobody looked").waitFor();
  await eventually(async () => (await desk.conversations(user))[0].unreadCount === 0, "the answer is read");
});

journey("a conversation opened in a hidden tab is read when the tab is looked at", async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "Opened behind", replies: ["waiting to be read"] });
  await page.goto(site.support(user));
  await panel.row("Opened behind").waitFor();
  await visibility(page, "hidden");
  await panel.open("Opened behind");
  await panel.log.getByText("waiting to be read").waitFor();
  await settled(page);
  assert.equal((await desk.conversations(user))[0].unreadCount, 1);
  await visibility(page, "visible");
  await eventually(async () => (await desk.conversations(user))[0].unreadCount === 0, "the answer is read");
});

journey("an answer below the fold is read when it is scrolled to", async ({ page, panel, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "Far below" });
  const stream = streaming(page);
  await page.goto(site.page(`<div style="height: 3000px">tall</div><div id="hdh-ticket-center"></div>${site.tag(user)}`));
  await panel.open("Far below");
  await stream;
  await page.evaluate(() => scrollTo(0, 0));
  await settled(page);
  const marked = page.waitForRequest((it) => it.url().endsWith("/read"));
  await desk.reply(id, "out of sight");
  await panel.log.getByText("out of sight").waitFor();
  await settled(page);
  assert.equal((await desk.conversations(user))[0].unreadCount, 1);
  await panel.log.scrollIntoViewIfNeeded();
  await marked;
  await eventually(async () => (await desk.conversations(user))[0].unreadCount === 0, "the answer is read");
});

journey("a revoked secret ends the session in an open tab", { refused: true, warnings: 1 }, async ({ page, panel, desk, site, user }) => {
  const { id: own, secret } = await desk.command(["secret", "generate", "--helpdesk", desk.id]);
  const before = desk.secret;
  desk.secret = secret;
  const signed = { email: user.email, signature: desk.sign(user.email) };
  desk.secret = before;
  await desk.conversation(user, { subject: "Soon hidden" });
  const stream = streaming(page);
  await page.goto(site.support(signed));
  await panel.row("Soon hidden").waitFor();
  await stream;
  await desk.command(["secret", "revoke", "--helpdesk", desk.id, "--secret", own, "--yes"]);
  await panel.alert.getByText("Verification failed").waitFor();
  assert.equal(await page.getByText("Soon hidden").count(), 0);
});
