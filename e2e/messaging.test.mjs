// The helpdesk does not accept messages for a while: history stays readable.

import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { Operator } from "./support/operator.mjs";
import { journeys } from "./support/journeys.mjs";
import { watched } from "./support/browser.mjs";

const journey = journeys();

/** Runs with messaging off, switched by an operator at the dashboard. */
async function paused({ browser, desk }, run) {
  const { context } = await watched(browser);
  const operator = await Operator.at(context, desk);
  await operator.messaging(false);
  try {
    await run(operator);
  } finally {
    await operator.messaging(true);
    await context.close();
  }
}

journey("messaging off: everything can be read, nothing can be written", async (given) => {
  const { page, panel, desk, site, user } = given;
  await desk.conversation(user, { subject: "Before the pause", replies: ["An answer to read"] });
  await paused(given, async () => {
    await page.goto(site.ordinary(user));
    await panel.open(/Before the pause/);
    await panel.log.getByText("An answer to read").waitFor();
    await page.getByText("switched off at the moment").filter({ visible: true }).waitFor();
    assert.equal(await page.getByRole("textbox").count(), 0);
    assert.equal(await panel.button("New conversation").count(), 0);
    assert.equal(await panel.button("Send").count(), 0);
    await assertAccessible(page, "paused");
  });
});

journey("messaging off: somebody without conversations is told so", async (given) => {
  const { page, panel, site, user } = given;
  await paused(given, async () => {
    await page.goto(site.support(user));
    await page.getByText("switched off at the moment").waitFor();
    assert.equal(await page.getByRole("textbox").count(), 0);
    assert.equal(await panel.button("New conversation").count(), 0);
  });
});

journey("switched off while somebody writes: the refusal is readable, history stays", { refused: true }, async (given) => {
  const { page, panel, desk, site, user } = given;
  await desk.conversation(user, { subject: "In mid-sentence", message: "the beginning" });
  await page.goto(site.support(user));
  await panel.open("In mid-sentence");
  await panel.reply.fill("the end");
  await paused(given, async () => {
    await panel.send.click();
    await page.getByText("switched off at the moment").filter({ visible: true }).waitFor();
    await panel.log.getByText("the beginning").waitFor();
    assert.equal(await page.getByRole("textbox").count(), 0);
  });
  await page.reload();
  await panel.open("In mid-sentence");
  await panel.answer("the end, at last");
});
