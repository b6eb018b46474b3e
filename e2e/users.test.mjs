// Two people in turn in one tab: of the first nothing may be left, not in the
// page, not in storage, not in an answer that is still on its way.

import assert from "node:assert/strict";
import { calls, eventually, everything, inject, kept, panels, settled, streaming } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";
import { CONTAINER } from "./support/site.mjs";

const journey = journeys();

/** Ann and Bob, each with a conversation that only they know. */
async function two(desk) {
  const ann = desk.person("ann");
  const bob = desk.person("bob");
  await desk.conversation(ann, { subject: "canary-ann subject", message: "canary-ann message", replies: ["canary-ann answer"] });
  await desk.conversation(bob, { subject: "canary-bob subject", message: "canary-bob message" });
  return { ann, bob };
}

async function assertNoTrace(page, gone) {
  const name = gone.email.split("@")[0];
  for (const [where, text] of [
    ["the page", await everything(page)],
    ["storage", JSON.stringify(await kept(page))],
    ["the history", await page.evaluate(() => JSON.stringify([history.state, location.href]))],
  ]) {
    for (const trace of [`canary-${name.split(".")[0]}`, gone.email, gone.signature]) {
      assert.ok(!text.includes(trace), `${trace} is still in ${where}`);
    }
  }
}

/** Uses the panel as Ann: reads, types, and leaves an unsent draft. */
async function useAsAnn(panel) {
  await panel.open("canary-ann subject");
  await panel.log.getByText("canary-ann answer").waitFor();
  await panel.reply.fill("canary-ann draft");
}

const SWITCHES = {
  "new attributes on the script": (page, facts) =>
    page.evaluate((facts) => {
      const script = document.querySelector("script[data-email]");
      script.dataset.email = facts.email;
      script.dataset.signature = facts.signature;
    }, facts),
  "a new script tag in place of the old one": async (page, facts) => {
    await page.evaluate(() => document.querySelector("script[data-email]").remove());
    await inject(page, facts);
  },
  "identify()": (page, facts) =>
    page.evaluate(({ email, signature }) => Helpdesky.ticketCenter.identify({ email, signature }), facts),
};

for (const [name, change] of Object.entries(SWITCHES)) {
  journey(`after ${name} nothing of the first user is left`, async ({ page, panel, desk, site }) => {
    const { ann, bob } = await two(desk);
    await page.goto(site.support(ann));
    await useAsAnn(panel);
    await change(page, site.facts(bob));
    await panel.row("canary-bob subject").waitFor();
    if (name !== "identify()") await assertNoTrace(page, ann);
    else assert.ok(!(await everything(page)).includes("canary-ann"));
    assert.equal(await panels(page), 1);
    await panel.open("canary-bob subject");
    assert.equal(await panel.reply.inputValue(), "");
  });
}

journey("an older script tag for somebody else never comes back", async ({ page, panel, desk, site }) => {
  const { ann, bob } = await two(desk);
  await page.goto(site.support(ann));
  await useAsAnn(panel);
  await inject(page, site.facts(bob), { id: "newer" });
  await panel.row("canary-bob subject").waitFor();
  await page.evaluate(() => document.getElementById("newer").remove());
  await settled(page);
  assert.equal(await panels(page), 0);
  assert.ok(!(await everything(page)).includes("canary-"));
});

journey("an answer on its way when the user changes never reaches the page", async ({ page, panel, seen, desk, site }) => {
  const { ann, bob } = await two(desk);
  const held = [];
  await page.route("**/ticket-center/verify", async (route) => {
    if (!route.request().postData().includes(ann.email)) return route.continue();
    const answer = await route.fetch();
    held.push(() => route.fulfill({ response: answer }).catch(() => undefined));
  });
  await page.goto(site.support(ann));
  await eventually(() => held.length > 0, "Ann's answer is on its way");
  await SWITCHES["new attributes on the script"](page, site.facts(bob));
  await panel.row("canary-bob subject").waitFor();
  await Promise.all(held.map((deliver) => deliver()));
  await settled(page);
  assert.equal(calls(seen).filter((it) => it === "/stream").length, 1, "nobody listens for Ann any more");
  await assertNoTrace(page, ann);
  await panel.row("canary-bob subject").waitFor();
});

journey("a message on its way when the user changes is not shown to the next", async ({ page, panel, desk, site }) => {
  const { ann, bob } = await two(desk);
  let deliver;
  await page.route("**/ticket-center/message", async (route) => {
    const answer = await route.fetch();
    deliver = () => route.fulfill({ response: answer }).catch(() => undefined);
  });
  await page.goto(site.support(ann));
  await useAsAnn(panel);
  await panel.send.click();
  await eventually(() => deliver, "the message is on its way");
  await SWITCHES["new attributes on the script"](page, site.facts(bob));
  await panel.row("canary-bob subject").waitFor();
  await deliver();
  await settled(page);
  await assertNoTrace(page, ann);
});

journey("logout leaves nothing and stops everything", async ({ page, panel, seen, desk, site }) => {
  const { ann, bob } = await two(desk);
  const stream = streaming(page);
  await page.goto(site.support(ann));
  await useAsAnn(panel);
  await stream;
  const dropped = page.waitForEvent("requestfailed", (it) => it.url().endsWith("/stream"));
  await page.evaluate(() => {
    Helpdesky.ticketCenter.logout();
    document.querySelector("script[data-email]").remove();
  });
  await dropped;
  await assertNoTrace(page, ann);
  assert.equal(await panels(page), 0);
  const asked = calls(seen).length;
  await page.evaluate((html) => {
    document.getElementById("hdh-ticket-center").remove();
    document.body.insertAdjacentHTML("beforeend", html);
  }, CONTAINER);
  await settled(page);
  assert.equal(await panels(page), 0);
  assert.equal(calls(seen).length, asked);
  await inject(page, site.facts(bob));
  await panel.row("canary-bob subject").waitFor();
  await assertNoTrace(page, ann);
});

journey("a container that appears after its script tag was removed shows nothing, not for a moment", async ({ page, panel, desk, site }) => {
  const { ann } = await two(desk);
  await page.goto(site.support(ann));
  await useAsAnn(panel);
  await page.evaluate(() => {
    document.querySelector("script[data-email]").remove();
    document.getElementById("hdh-ticket-center").remove();
  });
  const shown = await page.evaluate(async (html) => {
    document.body.insertAdjacentHTML("beforeend", html);
    const container = document.getElementById("hdh-ticket-center");
    const counts = [];
    for (let frame = 0; frame < 30; frame += 1) {
      counts.push(container.childNodes.length);
      await new Promise(requestAnimationFrame);
    }
    return counts;
  }, CONTAINER);
  assert.deepEqual([...new Set(shown)], [0]);
  await assertNoTrace(page, ann);
});

journey("a page put away and brought back shows the user of that page", async ({ page, panel, desk, site }) => {
  const { ann, bob } = await two(desk);
  await page.goto(site.support(ann));
  await useAsAnn(panel);
  await page.goto(site.support(bob));
  await panel.row("canary-bob subject").waitFor();
  await assertNoTrace(page, ann);
});

journey("a second tab of another user knows nothing of the first", async ({ page, context, panel, desk, site }) => {
  const { ann, bob } = await two(desk);
  await page.goto(site.support(ann));
  await useAsAnn(panel);
  const second = await context.newPage();
  await second.goto(site.support(bob));
  await second.getByRole("button", { name: "canary-bob subject" }).waitFor();
  await assertNoTrace(second, ann);
});

journey("one address in another spelling is the same person, a look-alike is not", async ({ page, panel, desk, site }) => {
  const { email } = desk.person("kim");
  const upper = email.toUpperCase();
  await desk.conversation({ email, signature: desk.sign(email) }, { subject: "Kim's own" });
  await page.goto(site.support({ email: upper, signature: desk.sign(upper) }));
  await panel.row("Kim's own").waitFor();
  const kelvin = email.replace("k", "\u212A");
  await page.goto(site.support({ email: kelvin, signature: desk.sign(kelvin) }));
  await panel.ready();
  assert.equal(await panel.row("Kim's own").count(), 0);
});
