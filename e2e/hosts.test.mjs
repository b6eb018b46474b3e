// Pages that make it hard: strict policies, frames, hostile styles. And what the
// panel must leave alone in any page.

import assert from "node:assert/strict";
import { Panel, panels, settled } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";
import { CONTAINER, HOSTS } from "./support/site.mjs";

const journey = journeys();

/** Everything a user does, so that no part of it can hide behind the first screen. */
async function useAll(panel) {
  await panel.ready();
  await panel.start({ subject: "From a hard place", message: "See https://example.com/a for more." });
  await panel.answer("A second message");
  await panel.button("Close").click();
  await panel.scope.getByText("Writing again reopens it").waitFor();
  await panel.answer("Open again");
  await panel.button("Close").waitFor();
}

journey("a strict policy with Trusted Types is never violated", async ({ page, panel, desk, site, user }) => {
  const policy = [
    "default-src 'none'",
    `script-src ${desk.base}`,
    `connect-src ${desk.base}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "report-uri /policy-reports",
  ].join("; ");
  const headers = { "content-security-policy": policy };
  await page.goto(site.support(user, { headers }));
  await useAll(panel);
  const rounded = await page
    .locator("#hdh-ticket-center section")
    .first()
    .evaluate((it) => getComputedStyle(it).borderTopLeftRadius);
  assert.notEqual(rounded, "0px", "the panel's own styles apply");
  await settled(page);
  assert.ok(!site.asked.includes("/policy-reports"), "no report was sent");
});

journey("a policy that demands CORP from everything lets the script in", async ({ page, panel, site, user }) => {
  const headers = { "cross-origin-embedder-policy": "require-corp", "cross-origin-opener-policy": "same-origin" };
  await page.goto(site.support(user, { headers, host: "127.0.0.1" }));
  await useAll(panel);
});

journey("a page without a secure context has all it needs", async ({ page, panel, site, user }) => {
  await page.goto(site.support(user));
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await useAll(panel);
});

for (const [name, sandbox] of [
  ["that may only run scripts", "allow-scripts"],
  ["as site builders write it", "allow-scripts allow-forms allow-popups allow-modals"],
]) {
  journey(`a sandboxed frame ${name} works`, async ({ page, site, user }) => {
    const inner = site.support(user);
    await page.goto(site.page(`<iframe sandbox="${sandbox}" src="${inner}" width="420" height="640"></iframe>`));
    const frame = page.frameLocator("iframe");
    await useAll(new Panel(frame));
    assert.equal(await frame.locator("body").evaluate(() => self.origin), "null");
  });
}

journey("a frame made from text, as site builders do it, works", async ({ page, site, user }) => {
  const html = site.document(CONTAINER + site.tag(user));
  await page.goto(site.page('<iframe sandbox="allow-scripts" width="420" height="640"></iframe>'));
  await page.evaluate((html) => document.querySelector("iframe").setAttribute("srcdoc", html), html);
  await useAll(new Panel(page.frameLocator("iframe")));
});

journey("a frame from another site works", async ({ page, site, user }) => {
  const inner = site.support(user, { host: HOSTS.app });
  await page.goto(
    site.page(`<iframe src="${inner}" width="420" height="640"></iframe>`, { host: HOSTS.other }),
  );
  await useAll(new Panel(page.frameLocator("iframe")));
});

const HOSTILE = {
  "a reset of everything": "* { all: unset !important }",
  "no buttons and no fields": "button, input, textarea, form { display: none !important } html { font-size: 62px }",
  "everything huge, upper case and floating":
    "* { font-size: 60px !important; text-transform: uppercase !important; float: left !important; position: static !important; letter-spacing: 9px !important; line-height: 3 !important }",
  "everything transparent and turned": "div, section { transform: rotate(9deg); opacity: .1; visibility: hidden }",
  "nothing inside the container shown": "#hdh-ticket-center * { display: none }",
  "empty elements removed": "div:empty { display: none !important }",
  "no pointer and no selection": "div { pointer-events: none; user-select: none }",
};

for (const [name, css] of Object.entries(HOSTILE)) {
  journey(`host styles with ${name} do not break the panel`, async ({ page, panel, desk, site, user }) => {
    await desk.conversation(user, { subject: "Still here", replies: ["As plain as ever"] });
    await page.goto(site.support(user, { head: `<style>${css}</style>` }));
    await panel.open("Still here");
    await panel.log.getByText("As plain as ever").waitFor();
    await panel.answer("It works");
    const look = await panel.reply.evaluate((it) => {
      const { fontSize, textTransform, letterSpacing } = getComputedStyle(it);
      return { fontSize, textTransform, letterSpacing, height: it.getBoundingClientRect().height };
    });
    assert.deepEqual(
      { ...look, height: look.height > 30 },
      { fontSize: "16px", textTransform: "none", letterSpacing: "normal", height: true },
    );
  });
}

journey("the page around stays as it was", async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "Inside", replies: ["answer"] });
  const head = `<style>
    body { font: italic 21px/2 serif; color: rgb(1, 2, 3) } h1 { margin: 7px } button { color: red } .tc { display: none }
  </style>`;
  const body = '<h1>Host</h1><p class="tc-row b">text</p><button>host</button><input id="name" autofocus>';
  await page.goto(site.page(body, { head, title: "Host title" }));
  const state = () =>
    page.evaluate(() => ({
      title: document.title,
      focus: document.activeElement.id,
      address: location.href,
      history: history.length,
      scroll: scrollY,
      head: document.head.children.length,
      sheets: document.styleSheets.length + document.adoptedStyleSheets.length,
      styles: [...document.querySelectorAll("html, body, h1, p, button, input")].map((it) => {
        const style = getComputedStyle(it);
        return [...style].map((name) => `${name}:${style.getPropertyValue(name)}`).join(";");
      }),
      globals: Object.keys(globalThis).sort(),
    }));
  await page.locator("#name").focus();
  const before = await state();
  await page.evaluate(
    ([html, facts]) => {
      document.body.insertAdjacentHTML("beforeend", html);
      const script = document.createElement("script");
      script.src = facts.src;
      Object.assign(script.dataset, facts);
      document.body.append(script);
    },
    [CONTAINER, site.facts(user)],
  );
  await panel.row("Inside").waitFor();
  await settled(page);
  const after = await state();
  // A taller page changes the computed sizes of its ancestors, nothing else.
  const plain = (styles) =>
    styles.map((it) => it.replaceAll(/(?<![\w-])(height|block-size|perspective-origin|transform-origin):[^;]*/g, ""));
  assert.deepEqual({ ...after, styles: [], globals: [] }, { ...before, styles: [], globals: [] });
  assert.deepEqual(plain(after.styles), plain(before.styles));
  assert.deepEqual(
    after.globals.filter((it) => !before.globals.includes(it)),
    ["Helpdesky"],
  );
});

journey("the panel finds a width wherever it is put", async ({ page, panel, site, user }) => {
  const layouts = {
    "a centred column": "body { display: flex; flex-direction: column; align-items: center }",
    "a centred row": "body { display: flex; justify-content: center }",
    "an inline block": "#hdh-ticket-center { display: inline-block }",
    "a grid": "body { display: grid; grid-template-columns: 1fr }",
    "a table cell": "#hdh-ticket-center { display: table-cell }",
  };
  for (const [name, css] of Object.entries(layouts)) {
    for (const [width, least] of [
      [1280, 800],
      [480, 420],
    ]) {
      await page.setViewportSize({ width, height: 700 });
      await page.goto(site.support(user, { head: `<style>${css}</style>` }));
      await panel.ready();
      const box = await page.locator("#hdh-ticket-center section").boundingBox();
      assert.ok(box.width >= least && box.width <= 866, `${name} at ${width}: ${box.width}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} at ${width}`);
    }
  }
});

journey("align and width are obeyed, and bad values mean the default", async ({ page, panel, site, user }) => {
  const measure = async (attributes) => {
    await page.setViewportSize({ width: 1200, height: 700 });
    await page.goto(site.support(user, { attributes, head: "<style>body { margin: 0 }</style>" }));
    await panel.ready();
    const { x, width } = await page.locator("#hdh-ticket-center section").boundingBox();
    return [Math.round(x), Math.round(width)];
  };
  assert.deepEqual(await measure(""), [168, 864]);
  assert.deepEqual(await measure('data-align="left"'), [0, 864]);
  assert.deepEqual(await measure('data-align="right" data-max-width="500px"'), [700, 500]);
  assert.deepEqual(await measure('data-align="middle" data-max-width="wide"'), [168, 864]);
  assert.deepEqual(await measure('data-max-width="50%"'), [300, 600]);
});

journey("light and dark follow the page, or the attribute", async ({ page, panel, site, user }) => {
  const background = async (style, attributes = "") => {
    await page.goto(site.support(user, { attributes, head: `<style>${style}</style>` }));
    await panel.ready();
    const colour = await page
      .locator("#hdh-ticket-center section")
      .evaluate((it) => getComputedStyle(it).backgroundColor);
    return /^rgb\(255, 255, 255\)$/.test(colour) ? "light" : "dark";
  };
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await background(""), "light", "a page that sets nothing stays light");
  assert.equal(await background("html { color-scheme: light dark }"), "dark");
  assert.equal(await background("", 'data-theme="dark"'), "dark");
  assert.equal(await background("html { color-scheme: dark }", 'data-theme="light"'), "light");
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await background("html { color-scheme: light dark }"), "light");
  assert.equal(await background("html { color-scheme: dark }"), "dark");
  assert.equal(await panels(page), 1);
});
