// The docs: read, searched and copied from by an admin who comes from the dashboard, on a phone,
// without scripts, in both colours.

import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";

const journey = journeys();
const desktop = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true };
const SETUP = "/docs/ticket-center-setup";

/** A block of code on the page, by words in it. */
function code(page, words) {
  return page.locator(".code").filter({ hasText: words }).first();
}

/** The addresses of all guides. */
async function guides(page, desk) {
  await page.goto(`${desk.origin}/docs`);
  return page.locator(".docs-list a").evaluateAll((links) => links.map((it) => new URL(it.href).pathname));
}

journey("an admin comes from the dashboard, copies the code with their own id, and searches", { context: desktop }, async ({ page, context, desk }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: desk.origin });
  const operator = new Operator(page, desk);
  await operator.signIn();
  await page.getByRole("link", { name: "Docs", exact: true }).click();
  await page.getByRole("heading", { name: "Guides", level: 1 }).waitFor();
  await page.getByRole("main").locator(`a[href="${SETUP}"]`).click();
  await page.getByText("The code carries the Helpdesk ID of Acme").waitFor();

  const embed = code(page, "data-helpdesk-id");
  await embed.getByRole("button", { name: /^Copy/ }).click();
  await embed.getByRole("button", { name: /^Copied/ }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await embed.locator("pre").innerText());
  assert.ok(copied.includes(`data-helpdesk-id="${desk.id}"`), copied);
  assert.ok(copied.includes(`${desk.origin}/ticket-center.js`), copied);

  const part = page.getByRole("navigation", { name: "On this page" }).getByRole("link").last();
  const [title, anchor] = [await part.innerText(), await part.getAttribute("href")];
  const heading = page.getByRole("heading", { name: title, exact: true });
  await part.click();
  await page.waitForFunction((it) => it.getBoundingClientRect().top >= 0 && it.getBoundingClientRect().top < innerHeight, await heading.elementHandle());

  await page.getByRole("searchbox", { name: "Search the docs" }).fill(title.toUpperCase().slice(0, -1));
  await page.keyboard.press("Enter");
  const hit = page.getByRole("main").locator(`a[href="${SETUP}${anchor}"]`);
  await hit.locator("mark").first().waitFor();
  await hit.click();
  await page.waitForURL(`**${SETUP}${anchor}`);
  assert.equal(await page.locator(":target").innerText(), title, "the search leads to the heading itself");

  const neighbours = page.getByRole("navigation", { name: "Neighbouring guides" });
  const next = neighbours.getByRole("link", { name: /^Next/ });
  const following = await next.getAttribute("href");
  await next.click();
  await page.waitForURL(`**${following}`);
  await neighbours.getByRole("link", { name: /^Previous/ }).click();
  await page.waitForURL(`**${SETUP}`);
  await page.getByRole("link", { name: "Dashboard" }).click();
  await page.waitForURL("**/conversations*");
});

journey("signing in leads back to the guide and fills it in", { context: desktop }, async ({ page, desk }) => {
  await page.goto(`${desk.origin}${SETUP}`);
  await code(page, 'data-helpdesk-id="YOUR_HELPDESK_ID"').waitFor();
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  const { email, password } = new Operator(page, desk).who;
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`**${SETUP}`);
  await code(page, `data-helpdesk-id="${desk.id}"`).waitFor();
});

journey("the theme that was chosen stays, also on the dashboard", { context: desktop }, async ({ page, desk }) => {
  await page.goto(`${desk.origin}/docs`);
  await page.getByRole("radio", { name: "Dark" }).check({ force: true });
  await page.getByRole("main").getByRole("link").first().click();
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  assert.equal(await scheme(), "dark");
  await page.goto(`${desk.origin}/sign-in`);
  assert.equal(await scheme(), "dark");
});

journey("on a phone the guides fold away and open by touch", { context: phone }, async ({ page, desk }) => {
  await page.goto(`${desk.origin}${SETUP}`);
  const menu = page.getByRole("navigation", { name: "Guides" });
  // Asked of the browser itself: playwright takes what a closed <details> holds for visible.
  const shown = () => page.locator(".docs-nav").evaluateAll((all) => all.filter((it) => it.checkVisibility()).length);
  assert.equal(await shown(), 0, "no list stands before the text");
  await page.getByText("All guides", { exact: true }).tap();
  assert.equal(await shown(), 1);
  await menu.getByRole("link", { name: "WordPress" }).tap();
  await page.waitForURL("**/docs/wordpress");
  await page.getByRole("heading", { name: "WordPress", level: 1 }).waitFor();
  assert.equal(await shown(), 0, "the next page begins with its text");
});

journey("without scripts it is read and searched the same", { context: { ...desktop, javaScriptEnabled: false } }, async ({ page, desk }) => {
  await page.goto(`${desk.origin}${SETUP}`);
  await code(page, "data-helpdesk-id").locator("pre").waitFor();
  for (const dead of [page.getByRole("button", { name: /^Copy/ }), page.getByRole("radiogroup", { name: "Theme" })]) {
    assert.equal(await dead.count(), 0, "nothing is offered that does not work");
  }
  await page.getByRole("searchbox", { name: "Search the docs" }).fill("ticket center");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("status").filter({ hasText: "sections for" }).waitFor();
  await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
  await page.getByRole("article").waitFor();
});

journey("what can be scrolled is reached by keyboard, and the first stop skips to the text", { context: desktop }, async ({ page, desk }) => {
  await page.goto(`${desk.origin}${SETUP}`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "docs-main");
  const stops = await page.locator("pre, .table-wrap").evaluateAll((all) => all.filter((it) => it.tabIndex !== 0).length);
  assert.equal(stops, 0);
});

/** The longest line of the paragraphs, in characters. Most are near 65; a line of narrow letters holds more. */
function longestLine() {
  let longest = 0;
  for (const paragraph of document.querySelectorAll(".prose > p:not(.lead)")) {
    const range = document.createRange();
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    let [line, top] = [0, null];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (let at = 0; at < node.length; at += 1) {
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const [box] = range.getClientRects();
        if (!box) continue;
        if (top === null || box.top > top + 8) [line, top] = [0, box.top];
        line += 1;
        longest = Math.max(longest, line);
      }
    }
  }
  return longest;
}

/** There are many guides, and axe reads each whole. */
const EVERY_PAGE_MS = 180_000;

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1440]) {
    const context = { viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" };
    journey(`every page of the docs, ${colorScheme}, ${width} px: axe finds nothing, nothing scrolls sideways`, { context, refused: true, patience: EVERY_PAGE_MS }, async ({ page, desk }) => {
      const paths = await guides(page, desk);
      assert.ok(paths.length >= 10, `${paths.length} guides`);
      for (const path of ["/docs", "/docs/search", "/docs/search?q=ticket", "/docs/search?q=xylophonic", "/docs/no-such-wordpress", ...paths]) {
        await page.goto(`${desk.origin}${path}`);
        if (width === 360) await page.getByText("All guides", { exact: true }).first().click();
        await assertAccessible(page, path);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
        const line = await page.evaluate(longestLine);
        assert.ok(line <= 76, `${path} has a line of ${line} characters`);
      }
    });
  }
}

journey("a page on paper is the text alone", { context: desktop }, async ({ page, desk }) => {
  await page.goto(`${desk.origin}${SETUP}`);
  await page.emulateMedia({ media: "print" });
  const shown = await page.locator("header, .docs-nav, .docs-toc, .docs-turn, footer, .code-head button").evaluateAll((all) => all.filter((it) => it.offsetParent !== null).map((it) => it.className));
  assert.deepEqual(shown, []);
  assert.ok(await page.getByRole("article").isVisible());
});
