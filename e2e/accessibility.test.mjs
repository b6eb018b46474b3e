// The contract with assistive technology and with third-party tests: names,
// roles, keyboard, contrast, width.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { assertAccessible, faults } from "./support/axe.mjs";
import { settled } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";

const journey = journeys();

const LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

async function history(desk, user) {
  await desk.conversation(user, { subject: "Adding a second logo", message: "Can it be done?", closed: true });
  await desk.conversation(user, {
    subject: `${LONG} ${LONG}`,
    message: `https://example.com/${"x".repeat(300)} and ${LONG}\n\n\tשלום עולם\nمرحبا hello 👩‍👩‍👧`,
    replies: [`${LONG}${LONG}`],
  });
  await desk.conversation(user, {
    subject: "Exported invoices",
    message: "The VAT line is missing.",
    replies: ["All three are re-sent, and 2029 is fine. You will find the new PDFs in your documents list."],
  });
}

/** Goes through every state and calls `look` in each. */
async function everyState({ page, panel, wide }, look) {
  await panel.row("Exported invoices").waitFor();
  await look("list");
  await panel.open("Exported invoices");
  await panel.log.getByText("All three are re-sent").waitFor();
  await look("conversation");
  await panel.reply.fill(`${LONG}${LONG}`);
  await settled(page);
  await look("conversation with a draft");
  await panel.reply.fill("");
  await panel.send.click();
  await panel.alert.waitFor();
  await look("conversation with an error");
  if (!wide) await panel.button("Back").click();
  await panel.open(LONG);
  await panel.reply.waitFor();
  await look("conversation with long words");
  if (!wide) await panel.button("Back").click();
  await panel.open("Adding a second logo");
  await page.getByText("Writing again reopens it").waitFor();
  await look("closed conversation");
  if (!wide) await panel.button("Back").click();
  await panel.fresh.click();
  await panel.message.waitFor();
  await look("new conversation");
  await panel.message.fill("x".repeat(2_000));
  await settled(page);
  await look("new conversation with a long word");
}

for (const theme of ["light", "dark"]) {
  for (const width of [360, 900]) {
    journey(`axe finds nothing, ${theme}, ${width} px`, async ({ page, panel, desk, site, user }) => {
      await history(desk, user);
      await page.setViewportSize({ width, height: 760 });
      await page.goto(site.ordinary(user, { theme }));
      await everyState({ page, panel, wide: width >= 760 }, (state) => assertAccessible(page, state));
    });
  }

  journey(`axe finds nothing in an empty panel, ${theme}`, async ({ page, panel, site, user }) => {
    await page.goto(site.ordinary(user, { theme }));
    await panel.ready();
    await assertAccessible(page, "empty");
  });

  journey(`axe finds nothing in a refusal, ${theme}`, { warnings: 1, refused: true }, async ({ page, panel, site, user }) => {
    await page.goto(site.ordinary({ ...user, signature: "ab" }, { theme }));
    await panel.alert.waitFor();
    await assertAccessible(page, "refused");
  });
}

journey("axe does look into the panel", async ({ page, panel, site, user }) => {
  await page.goto(site.ordinary(user));
  await panel.ready();
  await page.evaluate(() => {
    const root = document.querySelector("#hdh-ticket-center > *").shadowRoot;
    root.append(document.createElement("button"));
  });
  const found = await faults(page);
  assert.ok(found.some((it) => it.startsWith("button-name")), found.join("\n"));
});

for (const width of [280, 360, 480, 719, 864]) {
  journey(`nothing scrolls sideways at ${width} px`, async ({ page, panel, desk, site, user }) => {
    await history(desk, user);
    await page.setViewportSize({ width, height: 700 });
    await page.goto(
      site.support(user, { head: "<style>body { margin: 0 }</style>" }),
    );
    await everyState({ page, panel, wide: width >= 760 }, async (state) => {
      const wide = await page.evaluate(() => {
        const root = document.querySelector("#hdh-ticket-center > *").shadowRoot;
        const { right } = root.querySelector("section").getBoundingClientRect();
        const scrolls = [...root.querySelectorAll("*")]
          .filter((it) => it.scrollWidth > it.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(it).overflowX))
          .map((it) => `${it.className} scrolls`);
        const outside = [...root.querySelectorAll("button, textarea, input, h2, p, time")]
          .filter((it) => it.getClientRects().length > 0 && it.getBoundingClientRect().right > right + 1)
          .filter((it) => getComputedStyle(it).clipPath === "none")
          .map((it) => `${it.localName}.${it.className} is cut off`);
        const page = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls"] : [];
        return [...page, ...scrolls, ...outside];
      });
      assert.deepEqual(wide, [], state);
    });
  });
}

journey("every name of the contract is there", async ({ page, panel, desk, site, user }) => {
  await history(desk, user);
  await page.setViewportSize({ width: 420, height: 760 });
  await page.goto(site.support(user));
  const preview = "All three are re-sent, and 2029 is fine.";
  const row = page.getByRole("button", { name: /Exported invoices.*All three are re-sent, a/ });
  await row.waitFor();
  assert.equal(await page.getByRole("button", { name: preview.slice(0, 24) }).count(), 1);
  assert.equal(await page.getByRole("button", { name: "New conversation" }).count(), 1);
  assert.equal(await page.getByRole("button", { name: /close/i }).count(), 0);
  assert.equal(await page.getByText("Open", { exact: true }).count(), 2);
  assert.equal(await page.getByText("Closed", { exact: true }).count(), 1);

  await row.click();
  await page.getByRole("textbox", { name: "Reply" }).waitFor();
  await page.getByRole("button", { name: "Send" }).waitFor();
  await page.getByRole("button", { name: "Back" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /close/i }).count(), 1);
  await page.getByRole("button", { name: "Close conversation" }).waitFor();
  await page.getByText("Open", { exact: true }).filter({ visible: true }).waitFor();
  assert.equal(await page.getByRole("button", { name: preview }).count(), 0);
  assert.equal(await page.getByRole("link", { name: preview }).count(), 0);

  await page.getByRole("button", { name: "Back" }).click();
  await page.getByRole("button", { name: "New conversation" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  await page.getByRole("textbox", { name: "Subject" }).waitFor();
  await page.getByRole("button", { name: "Send" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /close/i }).count(), 0);
  await page.getByText(user.email).last().waitFor();
});

journey("beside the list an open conversation has one Close, and rows keep their names", async ({ page, panel, desk, site, user }) => {
  await history(desk, user);
  await page.goto(site.support(user));
  await panel.open("Exported invoices");
  assert.equal(await page.getByRole("button", { name: /close/i }).count(), 1);
  assert.equal(await page.getByRole("button", { name: /Exported invoices.*All three are re-sent, a/ }).count(), 1);
  assert.equal(await page.getByRole("button", { name: "Back" }).count(), 0, "the list is in sight");
  await panel.open("Adding a second logo");
  await page.getByText("Writing again reopens it").waitFor();
  assert.equal(await page.getByRole("button", { name: /close(?!d)/i }).count(), 0);
});

/** The name of what has the keyboard, through shadow roots, and whether it is marked. */
function focused(page) {
  return page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    const marks = (it) => it && (getComputedStyle(it).outlineStyle !== "none" || marks(it.parentElement));
    return { name: at.getAttribute("aria-label") || at.textContent, marked: Boolean(marks(at)) };
  });
}

journey("everything works with the keyboard alone", async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "By keyboard", replies: ["An answer to read"] });
  await page.setViewportSize({ width: 420, height: 760 });
  await page.goto(site.page(`<a href="#x">skip</a><div id="hdh-ticket-center"></div>${site.tag(user)}<a href="#y">after</a>`));
  await panel.row("By keyboard").waitFor();
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const at = async (name) => {
    const { name: found, marked } = await focused(page);
    assert.match(found, name);
    assert.ok(marked, `${found} shows that it has the keyboard`);
  };
  await press("Tab", "Tab");
  await at(/New conversation/);
  await press("Tab");
  await at(/By keyboard.*An answer to read/);
  await press("Tab");
  await at(/after/);
  await press("Shift+Tab", "Enter");
  await panel.log.waitFor();
  assert.match((await focused(page)).name, /By keyboard/, "the heading says where you are");
  await press("Shift+Tab");
  await at(/Back/);
  await press("Tab");
  await at(/Close/);
  await press("Tab");
  await at(/Messages/);
  await press("Tab");
  await at(/Reply/);
  await page.keyboard.type("Typed and sent");
  await press("Enter");
  await page.keyboard.type("with a second line");
  await press("Tab");
  await at(/Attach files/);
  await press("Tab");
  await at(/Send/);
  await press("Enter");
  await panel.log.getByText("Typed and sent\nwith a second line").waitFor();
  await at(/Reply/);
  await page.keyboard.type("Sent by shortcut");
  await press("Control+Enter");
  await panel.log.getByText("Sent by shortcut").waitFor();
  await press("Shift+Tab", "Shift+Tab", "Enter");
  await page.getByText("Writing again reopens it").waitFor();
  assert.match((await focused(page)).name, /By keyboard/);
  await press("Shift+Tab", "Enter");
  await panel.row("By keyboard").waitFor();
  await at(/By keyboard/);
  await press("Shift+Tab", "Enter");
  await panel.message.waitFor();
  await at(/^Message/);
  await press("Shift+Tab");
  await at(/Subject/);
  await page.keyboard.type("Enter in the subject");
  await press("Tab");
  await page.keyboard.type("body");
  await press("Shift+Tab", "Enter");
  await panel.reply.waitFor();
  assert.equal((await desk.conversations(user))[0].subject, "Enter in the subject");
});

journey("what happens is said to screen readers", async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "Said aloud" });
  await page.goto(site.support(user));
  await panel.open("Said aloud");
  await panel.reply.fill("hello");
  await panel.send.click();
  await page.getByRole("status").getByText("Message sent").waitFor();
  await panel.button("Close").click();
  await page.getByRole("status").getByText("Conversation closed").waitFor();
});

for (const [locale, direction] of [
  ["de", "ltr"],
  ["ar", "rtl"],
  ["he", "rtl"],
]) {
  journey(`data-locale="${locale}" speaks it, in its direction`, async ({ page, panel, desk, site, user }) => {
    const folder = new URL("../src/ticket_center/strings/", import.meta.url);
    const strings = JSON.parse(await readFile(new URL(`${locale}.json`, folder), "utf8"));
    await desk.conversation(user, { subject: "Sprache", replies: ["An English answer"] });
    for (const width of [900, 360]) {
      await page.setViewportSize({ width, height: 760 });
      await page.goto(site.ordinary(user, { attributes: `data-locale="${locale}"` }));
      await panel.button(strings.new_conversation).waitFor();
      await panel.row("Sprache").click();
      await panel.box(strings.reply).waitFor();
      await panel.button(strings.send).waitFor();
      await panel.button(strings.close_conversation).waitFor();
      const box = page.locator("#hdh-ticket-center [lang]").first();
      assert.equal(await box.getAttribute("lang"), locale);
      assert.equal(await box.evaluate((it) => getComputedStyle(it).direction), direction);
      await assertAccessible(page, `${locale} at ${width}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    }
  });
}
