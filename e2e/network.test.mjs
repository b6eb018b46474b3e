// What goes wrong on the way: offline, lost answers, a helpdesk that is down or
// busy. Drafts stay, messages go out by themselves, and never twice.

import assert from "node:assert/strict";
import { eventually, settled } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";

const journey = journeys();
const once = { warnings: 1, refused: true };

async function bodies(desk, user, id) {
  return (await desk.call(`/conversations/${id}/messages`, user)).messages.map((it) => it.body);
}

journey("offline and back: the draft stays, the message goes out once", once, async ({ page, context, panel, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "On the train", message: "start" });
  await page.goto(site.support(user));
  await panel.open("On the train");
  await panel.reply.fill("typed in the tunnel");
  await context.setOffline(true);
  await page.getByText("You are offline").waitFor();
  await panel.send.click();
  await page.getByText("Not sent yet").waitFor();
  assert.equal(await panel.reply.inputValue(), "typed in the tunnel");
  await panel.log.getByText("start").waitFor();
  await context.setOffline(false);
  await panel.log.getByText("typed in the tunnel").waitFor();
  assert.equal(await panel.reply.inputValue(), "");
  await page.getByText("You are offline").waitFor({ state: "detached" });
  await settled(page);
  assert.deepEqual(await bodies(desk, user, id), ["start", "typed in the tunnel"]);
});

// Each press of Send is a failure of its own, with a line of its own.
journey("a new conversation begun offline opens once", { ...once, warnings: 2 }, async ({ page, context, panel, desk, site, user }) => {
  await page.goto(site.support(user));
  await panel.ready();
  await panel.fresh.click();
  await panel.box("Subject").fill("From the tunnel");
  await panel.message.fill("hello");
  await context.setOffline(true);
  await panel.send.click();
  await page.getByText("Not sent yet").waitFor();
  await panel.send.click();
  await context.setOffline(false);
  await panel.reply.waitFor();
  await settled(page);
  assert.deepEqual(
    (await desk.conversations(user)).map((it) => it.subject),
    ["From the tunnel"],
  );
});

journey("an answer that was lost does not double the message", once, async ({ page, panel, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "Lost answer", message: "start" });
  let lost = 0;
  await page.route("**/ticket-center/message", async (route) => {
    if (lost > 0) return route.continue();
    await route.fetch();
    lost += 1;
    return route.abort();
  });
  await page.goto(site.support(user));
  await panel.open("Lost answer");
  await panel.reply.fill("only once");
  await panel.send.click();
  await eventually(async () => (await panel.reply.inputValue()) === "", "the message is sent");
  await settled(page);
  assert.equal(lost, 1);
  assert.deepEqual(await bodies(desk, user, id), ["start", "only once"]);
  assert.equal(await panel.log.getByText("only once").count(), 1);
});

journey("a helpdesk that is down at first is found when it is up", once, async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "After the pause" });
  await page.route("**/ticket-center/verify", (route) => route.abort());
  await page.goto(site.support(user));
  await panel.alert.getByText("cannot reach").waitFor();
  assert.equal(await page.getByRole("textbox").count(), 0);
  await page.unroute("**/ticket-center/verify");
  await panel.row("After the pause").waitFor();
  assert.equal(await panel.alert.count(), 0);
});

journey("an error of a proxy in front is retried", once, async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "Behind a proxy" });
  let answered = 0;
  await page.route("**/ticket-center/verify", (route) => {
    answered += 1;
    if (answered > 1) return route.continue();
    return route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" });
  });
  await page.goto(site.support(user));
  await panel.row("Behind a proxy").waitFor();
});

journey("a helpdesk that is too busy is waited for in silence", { refused: true }, async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "In the queue" });
  // The allowance refills with time, so others keep it empty until the page has met the refusal.
  let crowded = true;
  let full;
  const empty = new Promise((done) => (full = done));
  const crowd = Array.from({ length: 30 }, async () => {
    while (crowded) await desk.call("/verify", user).catch(full);
  });
  const address = site.support(user);
  try {
    await empty;
    for (let status = 0; status !== 429; ) {
      const answered = page.waitForResponse((it) => it.url().endsWith("/verify"));
      await page.goto(address);
      status = (await answered).status();
    }
  } finally {
    crowded = false;
    await Promise.all(crowd);
  }
  await panel.row("In the queue").waitFor({ timeout: 15_000 });
});

journey("each conversation has a draft of its own", async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "First" });
  await desk.conversation(user, { subject: "Second" });
  await page.goto(site.support(user));
  await panel.open("First");
  await panel.reply.fill("for the first");
  await panel.row("Second").click();
  await page.getByRole("heading", { name: "Second" }).waitFor();
  assert.equal(await panel.reply.inputValue(), "");
  await panel.reply.fill("for the second");
  await panel.row("First").click();
  await page.getByRole("heading", { name: "First" }).waitFor();
  assert.equal(await panel.reply.inputValue(), "for the first");
});
