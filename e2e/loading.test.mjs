// Ways a page can bring the script and the container together: each gives one
// panel, with one call to the API before there is something to see.

import assert from "node:assert/strict";
import { calls, inject, Panel, panels, settled } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";
import { CONTAINER } from "./support/site.mjs";

const journey = journeys();

const STATIC = {
  "the snippet of the setup guide": (site, user) => CONTAINER + site.tag(user),
  "the script before the container": (site, user) => site.tag(user) + CONTAINER,
  "an async script": (site, user) => site.tag(user, { attributes: "async" }) + CONTAINER,
  "a deferred script": (site, user) => site.tag(user, { attributes: "defer" }) + CONTAINER,
  "a module": (site, user) => CONTAINER + site.tag(user, { attributes: 'type="module"' }),
  "a module before the container": (site, user) => site.tag(user, { attributes: 'type="module"' }) + CONTAINER,
  "an async module": (site, user) => CONTAINER + site.tag(user, { attributes: 'type="module" async' }),
  "a query string on the script's address": (site, user) =>
    CONTAINER + site.tag(user, { query: "?v=20261121&cache=no" }),
  "the same snippet twice": (site, user) => CONTAINER + site.tag(user) + site.tag(user),
};

for (const [name, body] of Object.entries(STATIC)) {
  journey(`${name} gives one panel by one call`, async ({ page, panel, seen, desk, site, user }) => {
    await desk.conversation(user, { subject: "Where is my invoice?" });
    await page.goto(site.page(body(site, user)));
    await panel.row("Where is my invoice?").waitFor();
    await settled(page);
    assert.equal(await panels(page), 1);
    assert.deepEqual(
      calls(seen).filter((it) => it !== "/stream"),
      ["/verify"],
    );
  });
}

journey("a script in the head gives one panel", async ({ page, panel, site, user }) => {
  await page.goto(site.page(CONTAINER, { head: site.tag(user) }));
  await panel.ready();
  assert.equal(await panels(page), 1);
});

journey("a script injected after load gives one panel", async ({ page, panel, site, user }) => {
  await page.goto(site.page(CONTAINER));
  await inject(page, site.facts(user));
  await panel.ready();
  assert.equal(await panels(page), 1);
});

journey("a script injected before its container appears shows it there", async ({ page, panel, seen, site, user }) => {
  await page.goto(site.page("<main></main>"));
  await inject(page, site.facts(user));
  assert.deepEqual(calls(seen), [], "nothing is asked for before there is a place to show it");
  await page.evaluate((html) => document.querySelector("main").insertAdjacentHTML("beforeend", html), CONTAINER);
  await panel.ready();
  assert.equal(await panels(page), 1);
});

journey("attributes set right after append are read", async ({ page, panel, seen, site, user }) => {
  await page.goto(site.page(CONTAINER));
  await inject(page, site.facts(user), { late: true });
  await panel.ready();
  assert.deepEqual(
    calls(seen).filter((it) => it !== "/stream"),
    ["/verify"],
  );
});

journey("injected three times, also as a module, there is one panel", async ({ page, panel, seen, site, user }) => {
  await page.goto(site.page(CONTAINER));
  for (const type of ["", "module", ""]) await inject(page, site.facts(user), { type });
  await panel.ready();
  await settled(page);
  assert.equal(await panels(page), 1);
  assert.deepEqual(
    calls(seen).filter((it) => it !== "/stream"),
    ["/verify"],
  );
});

journey("removed and added again there is one panel, and one verification", async ({ page, panel, seen, site, user }) => {
  await page.goto(site.page(CONTAINER));
  await page.evaluate((facts) => {
    const make = () => {
      const script = document.createElement("script");
      script.src = facts.src;
      Object.assign(script.dataset, { helpdeskId: facts.helpdeskId, email: facts.email, signature: facts.signature });
      document.body.append(script);
      return script;
    };
    make().remove();
    globalThis.second = make();
  }, site.facts(user));
  await panel.ready();
  await page.evaluate(() => {
    const script = globalThis.second;
    script.remove();
    document.body.append(script);
  });
  await settled(page);
  await panel.ready();
  assert.equal(await panels(page), 1);
  assert.deepEqual(
    calls(seen).filter((it) => it !== "/stream"),
    ["/verify"],
  );
});

journey("data-container names the element, and two users have two panels", async ({ page, desk, site, user }) => {
  const other = desk.person("bob");
  await desk.conversation(user, { subject: "From Ann" });
  await desk.conversation(other, { subject: "From Bob" });
  await page.goto(
    site.page(
      '<div id="one"></div><div id="two"></div>' +
        site.tag(user, { attributes: 'data-container="one"' }) +
        site.tag(other, { attributes: 'data-container="two"' }),
    ),
  );
  const one = new Panel(page.locator("#one"));
  const two = new Panel(page.locator("#two"));
  await one.row("From Ann").waitFor();
  await two.row("From Bob").waitFor();
  assert.equal(await one.row("From Bob").count(), 0);
  assert.equal(await two.row("From Ann").count(), 0);
  assert.equal(await panels(page), 2);
});

journey("a container made anew shows the same user again, and the old one stops", async ({ page, panel, seen, site, user }) => {
  await page.goto(site.support(user));
  await panel.ready();
  await panel.fresh.click();
  await panel.message.fill("half a thought");
  const dropped = page.waitForEvent("requestfailed", (it) => it.url().endsWith("/stream"));
  await page.evaluate(() => document.getElementById("hdh-ticket-center").remove());
  await dropped;
  assert.equal(await panels(page), 0);
  await page.evaluate((html) => document.body.insertAdjacentHTML("beforeend", html), CONTAINER);
  await panel.fresh.click();
  assert.equal(await panel.message.inputValue(), "half a thought");
  assert.equal(await panels(page), 1);
  assert.equal(calls(seen).filter((it) => it === "/verify").length, 2);
});

journey("mount, unmount, identify and logout work without attributes", async ({ page, panel, desk, site, user }) => {
  const other = desk.person("bob");
  await desk.conversation(user, { subject: "From Ann" });
  await desk.conversation(other, { subject: "From Bob" });
  const { src, helpdeskId } = site.facts(user);
  await page.goto(site.page(`<div id="here"></div><script src="${src}"></script>`));
  await page.waitForFunction(() => globalThis.Helpdesky?.ticketCenter);
  await page.evaluate(
    ([helpdeskId, user]) =>
      Helpdesky.ticketCenter.mount(document.getElementById("here"), { helpdeskId, ...user, maxWidth: "400px" }),
    [helpdeskId, user],
  );
  await panel.row("From Ann").waitFor();
  assert.ok((await page.locator("#here > div").boundingBox()).width <= 400);
  await page.evaluate((user) => Helpdesky.ticketCenter.identify(user), other);
  await panel.row("From Bob").waitFor();
  assert.equal(await panel.row("From Ann").count(), 0);
  await page.evaluate(() => Helpdesky.ticketCenter.logout());
  assert.equal(await panels(page), 0);
  await page.evaluate((user) => Helpdesky.ticketCenter.identify(user), user);
  await panel.row("From Ann").waitFor();
  await page.evaluate(() => Helpdesky.ticketCenter.unmount());
  assert.equal(await panels(page), 0);
  assert.equal(await page.locator("#here > *").count(), 0);
});

journey("the page hears when the panel is ready and what is unread", async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "An answer waits", replies: ["Here it is."] });
  await page.goto(site.support(user));
  await panel.open("An answer waits");
  await page.waitForFunction(() => globalThis.e2eEvents.at(-1)?.detail.count === 0);
  const told = await page.evaluate(() => globalThis.e2eEvents);
  assert.deepEqual(
    told.filter((it) => it.name === "unread").map((it) => it.detail.count),
    [1, 0],
  );
  assert.equal(told.filter((it) => it.name === "ready").length, 1);
  assert.ok(told.every((it) => it.at === "hdh-ticket-center" && it.composed));
});

journey("back from another page the panel goes on", async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "Before I went" });
  await page.goto(site.support(user));
  await panel.row("Before I went").waitFor();
  await page.goto(site.page("<p>elsewhere</p>"));
  const id = await desk.conversation(user, { subject: "While I was away" });
  await page.goBack();
  await panel.row("While I was away").waitFor();
  await desk.reply(id, "and this arrives live");
  await panel.row("and this arrives live").waitFor();
  assert.equal(await panels(page), 1);
});
