// Single-page apps, built from the real packages: each adds and removes the
// script in its own way, and each must always show one panel of the right user.

import assert from "node:assert/strict";
import { astroApp } from "./support/astro.mjs";
import { bundle } from "./support/bundle.mjs";
import { calls, everything, panels, settled, streaming } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";
import { CONTAINER } from "./support/site.mjs";

const journey = journeys();

async function two(desk) {
  const ann = desk.person("ann");
  const bob = desk.person("bob");
  await desk.conversation(ann, { subject: "canary-ann" });
  await desk.conversation(bob, { subject: "canary-bob" });
  return { ann, bob };
}

/** The host app's page; it starts on `route`. */
async function app(site, name, users, route) {
  const script = site.script(await bundle(name));
  const { src, helpdeskId } = site.facts(users[0]);
  const host = JSON.stringify({ src, helpdeskId, users, route });
  return site.page(`<div id="root"></div><script>window.host = ${host}</script><script src="${script}"></script>`);
}

for (const [framework, file] of [
  ["React in StrictMode", "react.jsx"],
  ["Vue", "vue.js"],
]) {
  for (const [route, when] of [
    ["support", "in its container"],
    ["late", "before its container"],
  ]) {
    journey(`${framework} adds the script ${when}: one panel, one verification`, async ({ page, panel, seen, desk, site }) => {
      const { ann, bob } = await two(desk);
      await page.goto(await app(site, file, [ann, bob], route));
      await panel.row("canary-ann").waitFor();
      await page.evaluate(() => window.app.rerender());
      await page.locator("main[data-count='1']").waitFor();
      await settled(page);
      assert.equal(await panels(page), 1);
      assert.deepEqual(
        calls(seen).filter((it) => it !== "/stream"),
        ["/verify"],
      );
    });
  }

  journey(`${framework}: leaving the route ends the panel, coming back shows it`, async ({ page, panel, desk, site }) => {
    const { ann, bob } = await two(desk);
    const stream = streaming(page);
    await page.goto(await app(site, file, [ann, bob], "support"));
    await panel.row("canary-ann").waitFor();
    await stream;
    const dropped = page.waitForEvent("requestfailed", (it) => it.url().endsWith("/stream"));
    await page.evaluate(() => window.app.setRoute("elsewhere"));
    await dropped;
    assert.equal(await panels(page), 0);
    assert.ok(!(await everything(page)).includes("canary-"));
    for (const route of ["support", "elsewhere", "late", "support"]) {
      await page.evaluate((route) => window.app.setRoute(route), route);
      if (route !== "elsewhere") await panel.row("canary-ann").waitFor();
      await settled(page);
      assert.equal(await panels(page), route === "elsewhere" ? 0 : 1);
    }
  });

  journey(`${framework}: another user and nobody leave no trace`, async ({ page, panel, desk, site }) => {
    const { ann, bob } = await two(desk);
    await page.goto(await app(site, file, [ann, bob], "support"));
    await panel.open("canary-ann");
    await panel.reply.fill("canary-ann draft");
    await page.evaluate(() => {
      window.host = null;
      document.querySelector("script:not([src])").remove();
      window.app.setUser(1);
    });
    await panel.row("canary-bob").waitFor();
    await settled(page);
    assert.equal(await panels(page), 1);
    assert.ok(!(await everything(page)).includes("canary-ann"));
    assert.ok(!(await everything(page)).includes(ann.email));
    await page.evaluate(() => window.app.setUser(-1));
    await settled(page);
    assert.equal(await panels(page), 0);
    assert.ok(!(await everything(page)).includes("canary-"));
    await page.evaluate(() => window.app.setUser(0));
    await panel.row("canary-ann").waitFor();
    assert.ok(!(await everything(page)).includes("canary-bob"));
  });
}

async function turboPages(site, ann, bob) {
  const head = `<script src="${site.script(await bundle("turbo.js"))}"></script>`;
  const links = ["home", "support", "again", "other"].map((it) => `<a href="/turbo-${it}">${it}</a>`).join(" ");
  const page = (name, body) => site.page(links + body, { head, path: `/turbo-${name}`, title: name });
  page("support", CONTAINER + site.tag(ann));
  page("again", `<p>more</p>${CONTAINER}${site.tag(ann)}`);
  page("other", CONTAINER + site.tag(bob));
  return page("home", "<p>home</p>");
}

journey("Turbo: visits, the same page again, back and forward", async ({ page, panel, desk, site }) => {
  const { ann, bob } = await two(desk);
  await page.goto(await turboPages(site, ann, bob));
  await page.evaluate(() => (window.stayed = true));
  const go = async (name) => {
    await page.getByRole("link", { name, exact: true }).click();
    await page.waitForURL(`**/turbo-${name}`);
  };
  await go("support");
  await panel.row("canary-ann").waitFor();
  assert.equal(await panels(page), 1);
  await go("again");
  await page.getByText("more").waitFor();
  await panel.row("canary-ann").waitFor();
  assert.equal(await panels(page), 1);
  await go("home");
  await page.getByText("home", { exact: true }).last().waitFor();
  await settled(page);
  assert.equal(await panels(page), 0);
  await go("other");
  await panel.row("canary-bob").waitFor();
  await settled(page);
  assert.equal(await panel.row("canary-ann").count(), 0);
  assert.equal(await panels(page), 1);
  await page.goBack();
  await page.waitForURL("**/turbo-home");
  await settled(page);
  assert.equal(await panels(page), 0);
  await page.goBack();
  await page.waitForURL("**/turbo-again");
  await panel.row("canary-ann").waitFor();
  await settled(page);
  assert.equal(await panels(page), 1);
  assert.equal(await panel.row("canary-bob").count(), 0);
  assert.ok(await page.evaluate(() => window.stayed), "the page was never loaded anew");
});

journey("Astro with its node adapter and client router: same user, other user, no user, and back", async ({ page, panel, desk, own }) => {
  const { ann, bob } = await two(desk);
  const app = await astroApp(desk, { ann, bob });
  own.push(`:${app.port}`);
  try {
    const go = (name) => page.getByRole("link", { name, exact: true }).click();
    await page.goto(`${app.origin}/as/ann`);
    await panel.row("canary-ann").waitFor();
    await page.evaluate(() => {
      window.stayed = true;
    });
    await go("Help");
    await page.getByText("The same portal on another page.").waitFor();
    await panel.row("canary-ann").waitFor();
    await settled(page);
    assert.equal(await panels(page), 1);
    await go("Home");
    await page.getByRole("heading", { name: "Home" }).waitFor();
    await settled(page);
    assert.equal(await panels(page), 0);
    await go("Bob");
    await panel.row("canary-bob").waitFor();
    await settled(page);
    assert.equal(await panels(page), 1);
    assert.ok(!(await everything(page)).includes("canary-ann"), "no trace of the first user");
    await page.goBack();
    await page.getByRole("heading", { name: "Home" }).waitFor();
    await settled(page);
    assert.equal(await panels(page), 0);
    await go("Support");
    await panel.row("canary-bob").waitFor();
    await settled(page);
    assert.equal(await panels(page), 1);
    assert.ok(await page.evaluate(() => window.stayed), "the client router never loaded the page anew");
  } finally {
    await app.stop();
  }
});
