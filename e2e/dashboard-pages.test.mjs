// Every page of the dashboard: signing in and out, the first run, setting up
// the Ticket Center, and what axe and a narrow screen have to say.

import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { watched } from "./support/browser.mjs";
import { Desk, OPERATOR } from "./support/desk.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { settled } from "./support/panel.mjs";

const journey = journeys();

journey("the first run makes the owner and the helpdesk, once", { refused: true }, async ({ browser }) => {
  const fresh = await Desk.empty();
  const { context, seen } = await watched(browser);
  try {
    const page = await context.newPage();
    const link = /http:\/\/\S+\/setup\/\S+/.exec(fresh.log())[0];
    await page.goto(link);
    await assertAccessible(page, "set-up");
    await page.getByLabel("Name of the helpdesk").fill("Fresh Ltd");
    await page.getByLabel("Your name").fill("Olga");
    await page.getByLabel("Your email").fill("olga@fresh.test");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Create helpdesk" }).click();
    await page.getByText(/at least 8/i).first().waitFor();
    assert.equal(await page.getByLabel("Name of the helpdesk").inputValue(), "Fresh Ltd");
    await page.getByLabel("Password").fill("a pass phrase that is long");
    await page.getByRole("button", { name: "Create helpdesk" }).click();
    await page.waitForURL(/\/h\//);
    await page.getByText("Fresh Ltd").filter({ visible: true }).first().waitFor();
    const again = await (await browser.newContext()).newPage();
    const answer = await again.goto(link);
    assert.ok(answer.status() >= 400, `the link answered ${answer.status()}`);
    assert.equal(await again.getByRole("button", { name: "Create helpdesk" }).count(), 0);
    await again.context().close();
    assert.deepEqual([...seen.errors, ...seen.uncaught, ...seen.violations], []);
  } finally {
    await context.close();
    await fresh.stop();
  }
});

const desktop = { viewport: { width: 1440, height: 800 } };

journey("signing in and out", { refused: true, context: desktop }, async ({ page, desk }) => {
  const operator = new Operator(page, desk);
  await page.goto(operator.url("/conversations"));
  await page.waitForURL("**/sign-in*");
  await operator.signIn("not the pass phrase");
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Email").inputValue(), OPERATOR.email);
  await operator.signIn();
  const session = (await page.context().cookies()).find((it) => it.name === "helpdesky");
  assert.ok(session.httpOnly && session.sameSite === "Lax", "no script can read the session");
  await page.locator("summary", { hasText: OPERATOR.name }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in*");
  await page.goto(operator.url("/conversations"));
  await page.waitForURL("**/sign-in*");
  await page.goBack();
  assert.equal(await page.getByRole("region", { name: "Conversation list" }).count(), 0);
});

journey("from nothing to a working Ticket Center, by the page that explains it", async ({ page, context, desk, site, panel, user }) => {
  const { id } = await desk.command(["helpdesk", "add", "--name", "Second"]);
  await desk.command(
    ["operator", "add", "--helpdesk", id, "--email", OPERATOR.email, "--name", OPERATOR.name, "--password-stdin"],
    OPERATOR.password,
  );
  const operator = new Operator(await context.newPage(), desk);
  const board = operator.page;
  await operator.signIn();
  await board.goto(`${desk.origin}/h/${id}/ticket-center`);
  await board.getByText(id, { exact: true }).first().waitFor();
  await board.getByRole("button", { name: "Generate HMAC Secret" }).click();
  const shown = board.getByText(/^hdh_secret_/).first();
  const secret = (await shown.innerText()).trim();
  await board.getByText(`HELPDESKY_HMAC_SECRET=${secret}`).waitFor();
  await board.goto(`${desk.origin}/h/${id}/ticket-center`);
  assert.ok(!(await board.content()).includes(secret), "it is shown once");

  const other = Object.assign(Object.create(desk), { secret });
  const signature = other.sign(user.email);
  await board.getByLabel("Email", { exact: true }).fill(user.email);
  await board.getByLabel("Signature from your server").fill(signature);
  await board.getByRole("button", { name: "Check" }).click();
  await board.getByText("Match. This signature is right.").waitFor();
  await board.getByLabel("Signature from your server").fill(Buffer.from(signature, "hex").toString("base64"));
  await board.getByRole("button", { name: "Check" }).click();
  await board.getByText(/No match/).waitFor();
  await board.getByText(signature).first().waitFor();
  assert.ok(!(await board.content()).includes(secret), "the secret stays on the server");

  await page.goto(site.page(`<div id="hdh-ticket-center"></div>${site.tag({ ...user, signature }, { id })}`));
  await panel.ready();
  await panel.start({ subject: "The first one", message: "It works" });
  await board.goto(`${desk.origin}/h/${id}/conversations?view=open`);
  await board.getByRole("link", { name: /The first one/ }).waitFor();
});

journey("allowed domains are edited, and refused with a reason", { refused: true }, async ({ page, desk }) => {
  const operator = new Operator(page, desk);
  await operator.signIn();
  await operator.go("/settings/messages");
  const add = async (text) => {
    await page.getByLabel("Add a domain").fill(text);
    await page.getByRole("button", { name: "Add", exact: true }).click();
  };
  await add("https://App.Acme.test:8443/path");
  await page.getByText("app.acme.test", { exact: true }).waitFor();
  await add("not a domain");
  await page.locator("#domain-error").waitFor();
  assert.equal(await page.getByLabel("Add a domain").inputValue(), "not a domain");
  await page.getByRole("button", { name: "Remove app.acme.test" }).click();
  await page.getByText("Every domain may embed now").first().waitFor();
});

/** What takes longer to move than anybody could see. */
function moving() {
  const seconds = (list) => Math.max(...list.split(",").map((it) => parseFloat(it) / (it.trim().endsWith("ms") ? 1000 : 1)));
  return [...document.querySelectorAll("body *")]
    .filter((it) => {
      const style = getComputedStyle(it);
      const animated = style.animationName !== "none" ? seconds(style.animationDuration) : 0;
      return Math.max(seconds(style.transitionDuration), animated) > 0.05;
    })
    .map((it) => `${it.tagName}.${it.className}`);
}

/** All pages an owner can see. */
async function everyPage(desk, user) {
  const open = await desk.conversation(user, { subject: "An open one", message: "With a question", replies: ["and an answer"] });
  await desk.note(open, "with a note");
  const closed = await desk.conversation(user, { subject: "A closed one", closed: true });
  const [secret] = await desk.command(["secret", "list", "--helpdesk", desk.id]);
  return [
    "/conversations?view=open",
    "/conversations?view=mine",
    "/conversations?view=unassigned",
    "/conversations?view=closed",
    `/conversations/${open}`,
    `/conversations/${closed}`,
    "/ticket-center",
    "/ticket-center?page=https://never.example",
    `/ticket-center/secrets/${secret.id}`,
    "/ticket-center/preview",
    "/settings/messages",
    "/settings/messages?origin=null",
    "/shortcuts",
  ];
}

for (const colorScheme of ["light", "dark"]) {
  // 640 is what a window of 1280 has left at 200 %.
  for (const width of [360, 640, 1440]) {
    const context = { viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" };
    journey(`every page, ${colorScheme}, ${width} px: axe finds nothing, nothing scrolls sideways`, { context }, async ({ page, desk, user }) => {
      const operator = new Operator(page, desk);
      await page.goto(`${desk.origin}/sign-in`);
      await assertAccessible(page, "sign-in");
      await operator.signIn();
      for (const path of await everyPage(desk, user)) {
        await operator.go(path);
        await settled(page);
        await assertAccessible(page, path);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
        assert.deepEqual(await page.evaluate(moving), [], `${path} stands still for who asked for that`);
        // The frame fills the window and its panes scroll: a jump to #part must not move the frame.
        const high = await page.evaluate(() => (document.querySelector(".app") ? document.documentElement.scrollHeight - innerHeight : 0));
        assert.ok(high <= 0, `${path} is ${high} px higher than the window`);
      }
    });
  }
}
