// Operators come and go: invited by a link, given roles, removed; and what each
// of them does about themselves.

import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { watched } from "./support/browser.mjs";
import { OPERATOR } from "./support/desk.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { eventually, settled } from "./support/panel.mjs";

const journey = journeys();

/** With the sidebar in sight. */
const viewport = { width: 1440, height: 800 };
const PASSWORD = "a pass phrase of my own 4711";

/** Runs with somebody in a browser of their own, which must be quiet too. */
async function withAnother(browser, run, { options, refused = false } = {}) {
  const { context, seen } = await watched(browser, { viewport, ...options });
  try {
    await run(await context.newPage());
    assert.deepEqual([...seen.uncaught, ...seen.errors, ...seen.violations], []);
    if (!refused) assert.deepEqual(seen.refused, []);
  } finally {
    await context.close();
  }
}

/** A helpdesk of its own, with an owner of its own: others' changes do not show on its pages. */
async function team(desk, name) {
  const { id } = await desk.command(["helpdesk", "add", "--name", name]);
  const email = `owner.${id.slice(-12)}@acme.test`;
  await desk.command(
    ["operator", "add", "--helpdesk", id, "--email", email, "--name", `Olga of ${name}`, "--password-stdin"],
    OPERATOR.password,
  );
  return { id, email, url: (path) => `${desk.origin}/h/${id}${path}` };
}

async function signIn(page, desk, email, password = OPERATOR.password) {
  await page.goto(`${desk.origin}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/conversations*");
}

/** Invites through the page; gives the link that it shows. */
async function invite(page, { url }, email, role = "Operator") {
  await page.goto(url("/settings/operators"));
  await page.getByLabel("Their email").fill(email);
  await page.getByLabel("Role", { exact: true }).selectOption({ label: role });
  await page.getByRole("button", { name: "Create invitation link" }).click();
  await page.getByText(`Send this link to ${email}`).waitFor();
  return (await page.getByText(/\/join\//).innerText()).trim();
}

async function join(page, link, name) {
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Choose a password").fill(PASSWORD);
  await page.getByRole("button", { name: "Join" }).click();
  await page.waitForURL("**/conversations*");
}

async function wholeStory({ page, desk, browser }, options) {
  const acme = await team(desk, "Story Ltd");
  await signIn(page, desk, acme.email);
  const scripts = options?.javaScriptEnabled !== false;
  const link = await invite(page, acme, `li.${acme.id.slice(-12)}@story.test`, "Admin");
  if (scripts) await assertAccessible(page, "a fresh link");
  await withAnother(
    browser,
    async (li) => {
      await li.goto(link);
      if (scripts) await assertAccessible(li, "join");
      await li.getByRole("button", { name: "Join" }).click();
      await li.getByText("A name needs 1 to 120 characters").waitFor();
      if (scripts) await assertAccessible(li, "join, refused");
      await join(li, link, "Li Wei");
      await li.goto(acme.url("/settings/operators"));
      await li.getByText("Olga of Story Ltd").first().waitFor();

      // Both work.
      await page.goto(acme.url("/settings/operators"));
      const role = page.getByLabel("Role of Li Wei");
      await role.selectOption({ label: "Operator" });
      await page.getByRole("button", { name: "Save the role of Li Wei" }).click();
      await page.getByText("Li Wei is operator now").first().waitFor();
      assert.equal((await li.goto(acme.url("/settings/operators"))).status(), 403);
      await li.goto(acme.url("/conversations"));
      await li.getByRole("heading", { level: 1 }).waitFor();

      // And then one of them no more.
      await page.getByRole("link", { name: "Remove Li Wei" }).click();
      await page.getByRole("heading", { name: "Remove Li Wei?" }).waitFor();
      if (scripts) await assertAccessible(page, "remove");
      await page.getByRole("button", { name: "Remove" }).click();
      await page.getByText("Li Wei is removed").first().waitFor();
      const since = Date.now();
      if (scripts) await li.getByRole("heading", { name: "Not found" }).waitFor({ timeout: 5_000 });
      else assert.equal((await li.reload()).status(), 404);
      assert.ok(Date.now() - since < 5_000);
      await li.goto(desk.origin);
      await li.getByText("You belong to no helpdesk any more").waitFor();
    },
    { options, refused: true },
  );
  // All of it is in the log.
  await page.goto(acme.url("/settings/audit"));
  for (const done of ["Operator removed", "Role changed", "Operator joined", "Operator invited"]) {
    await page.getByRole("cell", { name: done }).first().waitFor();
  }
  await page.getByLabel("What").selectOption({ label: "Operator removed" });
  await page.getByRole("button", { name: "Filter" }).click();
  await page.waitForURL(/action=operator/);
  assert.equal(await page.getByRole("table").getByRole("row").count(), 2);
}

journey("somebody is invited, joins, works, and is removed", wholeStory);

const quiet = { javaScriptEnabled: false, viewport };
journey("the same without scripts", { context: quiet, refused: true }, (world) => wholeStory(world, quiet));

for (const [how, options] of [["with", { viewport }], ["without", quiet]]) {
  journey(`the last owner stays, ${how} scripts`, { context: options }, async ({ page, desk }) => {
    const acme = await team(desk, `Alone ${how}`);
    await signIn(page, desk, acme.email);
    await page.goto(acme.url("/settings/operators"));
    await page.getByText("The only owner").waitFor();
    assert.equal(await page.getByRole("link", { name: /^(Remove|Leave)/ }).count(), 0);
    const { id } = acme;
    await assert.rejects(
      desk.command(["operator", "remove", "--helpdesk", id, "--email", acme.email]),
      /Make somebody else an owner first/,
    );
    await assert.rejects(
      desk.command(["operator", "set-role", "--helpdesk", id, "--email", acme.email, "--role", "admin"]),
      /Make somebody else an owner first/,
    );
  });

  journey(`a new password ends the other session, ${how} scripts`, { context: options }, async ({ page, desk, browser }) => {
    const acme = await team(desk, `Keys ${how}`);
    await signIn(page, desk, acme.email);
    await withAnother(
      browser,
      async (other) => {
        await signIn(other, desk, acme.email);
        await page.goto(acme.url("/profile"));
        await page.getByText("This browser").waitFor();
        assert.equal(await page.getByRole("button", { name: /^Sign out .*on Linux/ }).count(), 1);
        await page.getByLabel("Present password").fill(OPERATOR.password);
        await page.getByLabel("New password").fill(PASSWORD);
        await page.getByRole("button", { name: "Change password" }).click();
        await page.getByText("Password changed").first().waitFor();
        assert.equal(await page.getByRole("button", { name: /^Sign out .*on Linux/ }).count(), 0);
        if (how === "with") await other.waitForURL("**/sign-in*", { timeout: 5_000 });
        else await other.reload();
        await other.waitForURL("**/sign-in*");
        await signIn(other, desk, acme.email, PASSWORD);
      },
      { options },
    );
    // The one that came back is shown out by hand.
    await page.goto(acme.url("/profile"));
    await page.getByRole("button", { name: "Sign out everywhere else" }).click();
    await page.getByText("One other session is signed out").first().waitFor();
  });

  journey(`a forgotten password is chosen anew by a link, ${how} scripts`, { context: options, refused: true }, async ({ page, desk }) => {
    const acme = await team(desk, `Reset ${how}`);
    const { link } = await desk.command(["operator", "reset-password", "--email", acme.email, "--link"]);
    await page.goto(link);
    if (how === "with") await assertAccessible(page, "reset");
    assert.equal(await page.getByLabel("Email").inputValue(), acme.email);
    await page.getByLabel("New password").fill(PASSWORD);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.waitForURL("**/conversations*");
    assert.equal((await page.goto(link)).status(), 404);
    if (how === "with") await assertAccessible(page, "a used link");
    await page.getByText("This link was used or has expired").waitFor();
  });

  journey(`an owner opens a second helpdesk, ${how} scripts`, { context: options }, async ({ page, desk }) => {
    const acme = await team(desk, `First ${how}`);
    await signIn(page, desk, acme.email);
    await page.goto(acme.url("/settings/general"));
    await page.getByLabel("Name of the helpdesk").fill(`Renamed ${how}`);
    await page.getByRole("button", { name: "Save name" }).click();
    await page.getByText("Name saved").first().waitFor();
    await page.getByRole("link", { name: "New helpdesk" }).click();
    await page.getByLabel("Name of the helpdesk").waitFor();
    if (how === "with") await assertAccessible(page, "new helpdesk");
    await page.getByLabel("Name of the helpdesk").fill(`Second ${how}`);
    await page.getByRole("button", { name: "Create helpdesk" }).click();
    await page.waitForURL("**/conversations*");
    await page.locator("summary", { hasText: `Second ${how}` }).click();
    await page.getByRole("link", { name: `Renamed ${how}` }).click();
    await page.waitForURL(acme.url("/conversations"));
  });
}

journey("a link that is shown once stays although something happens", async ({ page, desk, user }) => {
  const operator = new Operator(page, desk);
  await operator.signIn();
  const link = await invite(page, { url: (path) => operator.url(path) }, "somebody@acme.test");
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  // The sidebar of another page tells when this has been heard of everywhere.
  await withAnother(await page.context().browser(), async (other) => {
    await signIn(other, desk, OPERATOR.email);
    await desk.conversation(user, { subject: "While the link is shown" });
    await other.getByRole("link", { name: /While the link is shown/ }).waitFor();
    await desk.conversation(user, { subject: "And once more" });
    await other.getByRole("link", { name: /And once more/ }).waitFor();
  });
  assert.equal((await page.getByText(/\/join\//).innerText()).trim(), link);
  assert.deepEqual(asked.filter((url) => url.includes("/settings/")), [], "nothing was asked for again");
});

journey("single keys can be switched off", async ({ page, desk }) => {
  const acme = await team(desk, "Keys off");
  await signIn(page, desk, acme.email);
  await page.keyboard.press("?");
  await page.waitForURL("**/shortcuts");
  await page.getByRole("link", { name: "your profile" }).click();
  await page.getByRole("switch", { name: /Single-key shortcuts/ }).setChecked(false);
  await page.getByRole("button", { name: "Save shortcuts" }).click();
  await page.getByText("Single keys are off").first().waitFor();
  await page.goto(acme.url("/conversations"));
  for (const key of ["?", "g", "c"]) await page.keyboard.press(key);
  await page.keyboard.press("Tab");
  assert.match(page.url(), /\/conversations$/);
  await page.goto(acme.url("/shortcuts"));
  await page.getByText("Single keys are off").first().waitFor();
  await assertAccessible(page, "shortcuts, off");
});

journey("somebody with an account joins by its password", { refused: true }, async ({ page, desk, browser }) => {
  const [acme, globex] = [await team(desk, "Acme two"), await team(desk, "Globex")];
  await signIn(page, desk, acme.email);
  const link = await invite(page, acme, globex.email);
  await withAnother(
    browser,
    async (other) => {
      await other.goto(link);
      await other.getByLabel("Your password").fill("not the one");
      await other.getByRole("button", { name: "Join" }).click();
      await other.getByText("This is not the password of your account").waitFor();
      await assertAccessible(other, "join with an account, refused");
      await other.getByLabel("Your password").fill(OPERATOR.password);
      await other.getByRole("button", { name: "Join" }).click();
      await other.waitForURL(`**/h/${acme.id}/conversations*`);
      await other.locator("summary", { hasText: "Acme two" }).click();
      await other.getByRole("link", { name: "Globex" }).waitFor();
    },
    { refused: true },
  );
});

journey("a copied link can be pasted", { context: { permissions: ["clipboard-read", "clipboard-write"] } }, async ({ page, desk }) => {
  const acme = await team(desk, "Copies");
  await signIn(page, desk, acme.email);
  const link = await invite(page, acme, "li@copies.test");
  await page.getByRole("button", { name: "Copy invitation link" }).click();
  await eventually(async () => (await page.evaluate(() => navigator.clipboard.readText())) === link, "the link is in the clipboard");
});

const PAGES = ["/settings/general", "/settings/messages", "/settings/operators", "/settings/audit", "/settings/audit?actor=nobody", "/profile", "/shortcuts"];
const LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1440]) {
    const context = { viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" };
    journey(`people pages, ${colorScheme}, ${width} px: axe finds nothing, nothing scrolls sideways`, { context, refused: true }, async ({ page, desk }) => {
      const acme = await team(desk, LONG);
      const { id } = acme;
      await desk.command(
        ["operator", "add", "--helpdesk", id, "--email", `a.${LONG.slice(0, 50)}.${id.slice(-12)}@example.com`.replace("ä", "a"), "--name", `${LONG} שלום`, "--password-stdin"],
        OPERATOR.password,
      );
      const { link } = await desk.command(["operator", "invite", "--helpdesk", id, "--email", "li@wide.test"]);
      const reset = await desk.command(["operator", "reset-password", "--email", acme.email, "--link"]);
      const look = async (where) => {
        await settled(page);
        await assertAccessible(page, where);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${where} is ${wide} px too wide`);
        const inside = await page.evaluate(() => {
          const main = document.querySelector(".main");
          return main ? main.scrollWidth - main.clientWidth : 0;
        });
        assert.ok(inside <= 0, `the content of ${where} is ${inside} px too wide`);
      };
      for (const address of [link, reset.link, `${link}x`]) {
        await page.goto(address);
        await look(address.replace(/[^/]*$/, ""));
      }
      await signIn(page, desk, acme.email);
      for (const path of PAGES) {
        await page.goto(acme.url(path));
        await look(path);
      }
      await page.goto(`${desk.origin}/helpdesks/new`);
      await look("new helpdesk");
      await page.getByRole("button", { name: "Create helpdesk" }).click();
      await page.getByText("A name needs 1 to 120 characters").waitFor();
      await look("new helpdesk, refused");
      await invite(page, acme, "another@wide.test");
      await look("a fresh link");
      await page.getByLabel("Their email").fill("nobody");
      await page.getByRole("button", { name: "Create invitation link" }).click();
      await page.locator("#email-error").waitFor();
      await look("invitation, refused");
      await page.goto(acme.url("/settings/operators"));
      await page.getByRole("link", { name: /^Remove/ }).click();
      await page.getByRole("heading", { name: /^Remove/ }).waitFor();
      await look("remove");
      await page.goto(acme.url("/profile"));
      await page.getByLabel("Present password").fill("wrong wrong wrong");
      await page.getByLabel("New password").fill(PASSWORD);
      await page.getByRole("button", { name: "Change password" }).click();
      await page.locator("#current-error").waitFor();
      await look("profile, refused");
    });
  }
}
