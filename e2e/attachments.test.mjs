// Files: a contact sends some from a page, an operator answers with some, and each gets what is theirs.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { assertAccessible } from "./support/axe.mjs";
import { watched } from "./support/browser.mjs";
import { PDF, drop, file, paste, picture } from "./support/files.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { settled } from "./support/panel.mjs";
import { CONTAINER } from "./support/site.mjs";

const LIMIT = 300_000;
const journey = journeys({ attachment_bytes: LIMIT });
const desktop = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 } };
const STRICT = (base) =>
  `default-src 'none'; script-src ${base}; connect-src ${base}; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'`;

/** Runs with an operator in a browser of their own, which must be quiet. */
async function withNoor({ browser, desk }, run, options = desktop) {
  const { context, seen } = await watched(browser, options);
  try {
    await run(await Operator.at(context, desk), seen);
    assert.deepEqual([...seen.uncaught, ...seen.errors, ...seen.violations], [], "the dashboard is quiet");
  } finally {
    await context.close();
  }
}

/** What is saved when something is pressed: its name and its bytes. */
async function saved(page, press) {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return [download.suggestedFilename(), await readFile(await download.path())];
}

const attach = (page, ...files) => page.locator("input[type=file]").first().setInputFiles(files);

journey("files go from a page to an operator and back, under a strict policy", async (given) => {
  const { page, panel, desk, site, user, seen } = given;
  const headers = { "content-security-policy": STRICT(desk.base) };
  await page.goto(site.page(`<main><h1>Help</h1>${CONTAINER}</main>${site.tag(user)}`, { headers }));
  await panel.fresh.click();
  await panel.message.fill("My invoice is wrong");
  const parts = () => seen.requests.filter((it) => it.url().endsWith("/ticket-center-files.js")).length;
  assert.equal(parts(), 0, "nothing about files is fetched before there are any");
  await attach(page, file("invoice.pdf", PDF), file("screen.png", picture(300, 200)));
  await page.getByRole("button", { name: "Remove screen.png" }).waitFor();
  await page.getByRole("progressbar").first().waitFor({ state: "detached" });
  await settled(page);
  await assertAccessible(page, "files in the box of the panel");
  await panel.send.click();
  await panel.reply.waitFor();
  await page.getByRole("button", { name: /^Download invoice\.pdf/ }).waitFor();
  assert.equal(parts(), 1);
  assert.equal(await page.getByRole("button", { name: /^Remove/ }).count(), 0);

  await withNoor(given, async (noor) => {
    await noor.go("/conversations?view=open");
    await noor.open("My invoice is wrong");
    const thread = noor.log;
    await thread.locator("img").first().waitFor();
    assert.deepEqual(await saved(noor.page, () => thread.getByRole("link", { name: /invoice\.pdf/ }).click()), ["invoice.pdf", PDF]);
    await attach(noor.page, file("corrected.pdf", PDF));
    await noor.page.getByRole("button", { name: "Remove corrected.pdf" }).waitFor();
    await noor.page.locator("li[data-file]").waitFor();
    await noor.reply("Here is the right one");
    await thread.getByRole("link", { name: /corrected\.pdf/ }).waitFor();
    assert.equal(await noor.page.getByRole("button", { name: "Remove corrected.pdf" }).count(), 0);
    await settled(noor.page);
    await assertAccessible(noor.page, "a thread with files");
  });

  const arrived = page.getByRole("button", { name: /^Download corrected\.pdf/ });
  await arrived.waitFor();
  assert.deepEqual(await saved(page, () => arrived.click()), ["corrected.pdf", PDF]);
  await settled(page);
  await assertAccessible(page, "messages with files");
});

journey("a conversation with files fetches the part when it is opened", async ({ page, panel, desk, site, user, seen }) => {
  const { token } = await desk.call("/verify", user);
  const form = new FormData();
  form.append("file", new Blob([PDF]), "plan.pdf");
  const taken = await fetch(`${desk.base}/api/messaging/ticket-center/attachments`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  const { attachment } = await taken.json();
  await desk.call("/message", user, { message: "The plan", attachmentIds: [attachment.id] });
  await page.goto(site.support(user));
  await panel.row("The plan").waitFor();
  assert.equal(seen.requests.filter((it) => it.url().includes("files.js")).length, 0);
  await panel.open("The plan");
  const button = page.getByRole("button", { name: /^Download plan\.pdf/ });
  assert.deepEqual(await saved(page, () => button.click()), ["plan.pdf", PDF]);
});

journey("in the panel files are dropped, pasted, removed, and refused when they are too large", async (given) => {
  const { page, panel, desk, site, user } = given;
  await desk.conversation(user, { subject: "By all ways" });
  await page.goto(site.ordinary(user));
  await panel.open("By all ways");
  await drop(panel.reply, file("dropped.txt", "dropped"));
  await page.getByRole("button", { name: "Remove dropped.txt" }).waitFor();
  await paste(panel.reply, file("image.png", picture(30, 20)));
  await page.getByRole("button", { name: "Remove image.png" }).waitFor();
  await attach(page, file("huge.bin", Buffer.alloc(LIMIT + 1)), file("kept.txt", "kept"));
  await panel.alert.getByText("“huge.bin” is too large").waitFor();
  await page.getByRole("button", { name: "Remove dropped.txt" }).click();
  await page.getByRole("button", { name: "Remove dropped.txt" }).waitFor({ state: "detached" });
  await page.getByRole("progressbar").first().waitFor({ state: "detached" });
  await panel.answer("Two of them");
  await page.getByRole("button", { name: /^Download image\.png/ }).waitFor();
  await page.getByRole("button", { name: /^Download kept\.txt/ }).waitFor();
  assert.equal(await page.getByText("dropped.txt").count(), 0);
  assert.equal(await panel.alert.count(), 0);
  // A second box begins empty.
  await panel.answer("And words only");
  const { messages } = await desk.read((await desk.conversations(user))[0].id, user);
  assert.deepEqual(messages.map((it) => it.attachments.map((one) => one.name)), [[], ["image.png", "kept.txt"], []]);
});

journey("an upload that fails is tried again, and holds the message back until then", { refused: true }, async (given) => {
  const { page, panel, desk, site, user } = given;
  await desk.conversation(user, { subject: "A bad line" });
  await page.goto(site.ordinary(user));
  await panel.open("A bad line");
  const uploads = /ticket-center\/attachments$/;
  await page.route(uploads, (route) => route.abort());
  await attach(page, file("notes.txt", "text"));
  await panel.alert.getByText("“notes.txt” was not uploaded").waitFor();
  await panel.reply.fill("With notes");
  await panel.send.click();
  await panel.alert.getByText("“notes.txt” was not uploaded").waitFor();
  assert.equal(await panel.reply.inputValue(), "With notes");
  await settled(page);
  await assertAccessible(page, "an upload that failed");
  await page.unroute(uploads);
  await page.getByRole("button", { name: "Try notes.txt again" }).click();
  await page.getByRole("button", { name: "Try notes.txt again" }).waitFor({ state: "detached" });
  await page.getByRole("progressbar").first().waitFor({ state: "detached" });
  await panel.answer("With notes");
  await page.getByRole("button", { name: /^Download notes\.txt/ }).waitFor();
});

journey("an operator's files survive a reload, and are dropped, pasted, removed and refused", async (given) => {
  const { desk, user } = given;
  const id = await desk.conversation(user, { subject: "Files in a draft" });
  await withNoor(given, async (noor) => {
    const { page } = noor;
    await noor.go(`/conversations/${id}`);
    await noor.message.fill("Half a thought");
    await drop(noor.message, file("dropped.txt", "dropped"), file("ملف.txt", "text"));
    await paste(noor.message, file("image.png", picture(30, 20)));
    await attach(page, file("huge.bin", Buffer.alloc(LIMIT + 1)), file("kept.pdf", PDF));
    await page.getByRole("alert").getByText("“huge.bin” is too large").waitFor();
    await page.locator("li[data-file]").nth(3).waitFor();
    await settled(page);
    await assertAccessible(page, "files in the box");
    await page.getByText("Draft kept", { exact: true }).waitFor();
    await page.reload();
    for (const name of ["dropped.txt", "ملف.txt", "image.png", "kept.pdf"]) {
      await page.getByRole("button", { name: `Remove ${name}` }).waitFor();
    }
    await page.getByRole("button", { name: "Remove dropped.txt" }).click();
    await page.getByRole("button", { name: "Remove dropped.txt" }).waitFor({ state: "detached" });
    assert.equal(await noor.message.inputValue(), "Half a thought");
    await noor.send.click();
    await noor.log.getByRole("link", { name: /kept\.pdf/ }).waitFor();
    await noor.log.getByRole("link", { name: /ملف\.txt/ }).waitFor();
    assert.equal(await page.getByText("dropped.txt").count(), 0);
    assert.equal(await page.getByRole("button", { name: /^Remove/ }).count(), 0);
  });
});

journey("a private note has files that no contact hears of", async (given) => {
  const { desk, user } = given;
  const id = await desk.conversation(user, { subject: "For us alone" });
  await withNoor(
    given,
    async (noor) => {
      const { page } = noor;
      await noor.go(`/conversations/${id}`);
      await attach(page, file("secret.txt", "secret"));
      await page.locator("li[data-file]").waitFor();
      await noor.note("Look at this");
      const link = noor.log.getByRole("link", { name: /secret\.txt/ });
      await link.waitFor();
      await settled(page);
      await assertAccessible(page, "a note with a file, on a phone");
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!wide, "nothing scrolls sideways");
    },
    phone,
  );
  const told = JSON.stringify(await desk.read(id, user));
  assert.ok(!told.includes("secret"), told);
});

journey("without scripts an operator attaches, removes and sends", async (given) => {
  const { desk, user } = given;
  const id = await desk.conversation(user, { subject: "Plain forms" });
  await withNoor(
    given,
    async (noor) => {
      const { page } = noor;
      await noor.go(`/conversations/${id}`);
      await noor.message.fill("Typed before");
      const choose = (name) => page.getByLabel("File", { exact: true }).setInputFiles(file(name, "text"));
      for (const name of ["first.txt", "second.txt"]) {
        await choose(name);
        await page.getByRole("button", { name: "Attach", exact: true }).click();
        await page.getByRole("button", { name: `Remove ${name}` }).waitFor();
      }
      assert.equal(await noor.message.inputValue(), "Typed before");
      await page.getByRole("button", { name: "Remove first.txt" }).click();
      await page.getByRole("button", { name: "Remove first.txt" }).waitFor({ state: "detached" });
      assert.equal(await noor.message.inputValue(), "Typed before");
      await choose("third.txt");
      await noor.send.click();
      await page.getByRole("alert").getByText("is not uploaded yet").waitFor();
      await page.getByLabel("File", { exact: true }).setInputFiles([]);
      await noor.send.click();
      await noor.log.getByRole("link", { name: /second\.txt/ }).waitFor();
    },
    { ...desktop, javaScriptEnabled: false },
  );
});
