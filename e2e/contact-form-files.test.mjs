// Files with a message of the Contact Form: chosen, taken away again, sent, and read by an operator; on the
// hosted page without a script; and without the script that carries them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { assertAccessible } from "./support/axe.mjs";
import { Form, page } from "./support/contact-form.mjs";
import { sample } from "./support/guides.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";

const journey = journeys();

const PDF = { name: "plan.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 the plan") };
const TEXT = { name: "what went wrong.txt", mimeType: "text/plain", buffer: Buffer.from("It went wrong.\n") };

/** Switches files on, as an administrator does; the operator who did. */
async function takesFiles(context, desk, on = true) {
  const noor = await Operator.at(context, desk);
  await noor.go("/contact-form");
  const take = noor.page.getByRole("switch", { name: "Take files" });
  if ((await take.isChecked()) !== on) await take.click();
  await noor.page.getByRole("button", { name: "Save form" }).click();
  await noor.page.getByText("Form saved").waitFor();
  return noor;
}

const chooser = (form) => form.scope.getByLabel("Files (optional)");
const list = (form) => form.scope.getByRole("list", { name: "Files" });

async function look(tab, name) {
  if (process.env.E2E_LOOK) await tab.screenshot({ path: join(process.env.E2E_LOOK, `${name}.png`), fullPage: true });
}

journey("two files are chosen, one is taken away, and an operator reads the other", async ({ page: tab, context, desk, site, user }) => {
  const noor = await takesFiles(context, desk);
  const form = new Form(tab);
  await tab.goto(page(site, desk));
  await form.fill({ email: user.email, message: "Here is the plan" });
  await chooser(form).setInputFiles([PDF, TEXT]);
  assert.match(await list(form).innerText(), /plan\.pdf/);
  await look(tab, "chosen");
  const remove = form.scope.getByRole("button", { name: "Remove what went wrong.txt" });
  await remove.focus();
  await tab.keyboard.press("Enter");
  assert.equal(await list(form).getByRole("listitem").count(), 1);
  assert.ok(await chooser(form).evaluate((it) => it === it.getRootNode().activeElement), "the focus has a place");
  await form.send.click();
  await form.sent.waitFor();
  const [listed] = await desk.conversations(user);
  assert.equal(listed.preview, "Here is the plan");

  await noor.go("/conversations");
  await noor.open("Here is the plan");
  const link = noor.log.getByRole("link", { name: /plan\.pdf/ });
  const [saved] = await Promise.all([noor.page.waitForEvent("download"), link.click()]);
  assert.equal(readFileSync(await saved.path(), "utf8"), "%PDF-1.7 the plan");
  assert.equal(await noor.log.getByText("what went wrong.txt").count(), 0);

  await tab.getByRole("button", { name: "Send another message" }).click();
  await form.send.waitFor();
  assert.equal(await list(form).count(), 0, "what was sent is gone from the form");
});

journey("what cannot be sent is said at the field", { patience: 120_000 }, async ({ page: tab, context, desk, site }) => {
  await takesFiles(context, desk);
  const form = new Form(tab);
  await tab.goto(page(site, desk));
  await form.send.waitFor();
  const described = () =>
    chooser(form).evaluate((it) =>
      it.getAttribute("aria-describedby").split(" ").map((id) => it.getRootNode().getElementById(id)?.textContent).join(" "),
    );
  await chooser(form).waitFor();
  assert.match(await described(), /Up to 5 files, together at most 25 MB/);
  const large = { name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(10 * 1024 * 1024 + 1) };
  await chooser(form).setInputFiles([large, PDF]);
  assert.match(await described(), /“film\.mp4” is too large\. A file can have 10 MB/);
  assert.equal(await list(form).getByRole("listitem").count(), 1, "the others are taken");
  await chooser(form).setInputFiles(Array.from({ length: 5 }, (_, n) => ({ ...TEXT, name: `${n}.txt` })));
  assert.match(await described(), /A message can have 5 files/);
  assert.equal(await list(form).getByRole("listitem").count(), 5);
  await form.scope.getByRole("button", { name: "Remove 3.txt" }).click();
  assert.doesNotMatch(await described(), /can have 5 files/);
  for (const theme of ["light", "dark"]) {
    await tab.emulateMedia({ colorScheme: theme });
    await tab.evaluate((it) => document.querySelector("script[data-helpdesk-id]").setAttribute("data-theme", it), theme);
    await chooser(form).setInputFiles([{ ...TEXT, name: `${"a very long name ".repeat(8)}.txt` }, large]);
    for (const width of [1000, 280]) {
      await tab.setViewportSize({ width, height: 900 });
      await look(tab, `refused-${theme}-${width}`);
      await assertAccessible(tab);
      const over = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${over} px too wide at ${width}`);
    }
    await form.scope.getByRole("button", { name: /^Remove a very long name/ }).first().click();
  }
});

journey("an answer that got lost makes no second conversation, and progress is told in words", { refused: true, warnings: 1 }, async ({ page: tab, context, desk, site, user }) => {
  await takesFiles(context, desk);
  const form = new Form(tab);
  await tab.goto(page(site, desk, 'data-theme="dark"'));
  await form.fill({ email: user.email, message: "Lost on the way" });
  await chooser(form).setInputFiles([{ ...PDF, buffer: Buffer.concat([PDF.buffer, Buffer.alloc(6_000_000)]) }]);
  let told;
  await tab.route("**/contact-form/message", async (route) => {
    await route.fetch();
    await look(tab, "sending");
    told = await form.scope.getByText("Sending the files").count();
    await route.abort();
  });
  await form.send.click();
  await form.alert.first().waitFor();
  assert.equal(told, 1);
  assert.match(await form.alert.first().innerText(), /could not be reached/);
  assert.equal(await list(form).getByRole("listitem").count(), 1, "what was chosen stays");
  await look(tab, "lost");
  await tab.unroute("**/contact-form/message");
  await form.send.click();
  await form.sent.waitFor();
  assert.equal((await desk.conversations(user)).length, 1);
});

journey("without its second script the form sends without files", { refused: true, warnings: 1 }, async ({ page: tab, context, desk, site, user }) => {
  await takesFiles(context, desk);
  await tab.route("**/contact-form-files.js", (route) => route.abort());
  const form = new Form(tab);
  await tab.goto(page(site, desk));
  await form.deliver({ email: user.email, message: "No files" });
  assert.equal(await chooser(form).count(), 0);
  assert.equal((await desk.conversations(user)).length, 1);
});

journey("the hosted page takes files without JavaScript", { refused: true, context: { javaScriptEnabled: false } }, async ({ page: tab, browser, desk, user }) => {
  const scripted = await browser.newContext();
  const noor = await takesFiles(scripted, desk);
  await tab.goto(`${desk.origin}/form/${desk.id}`);
  await tab.getByRole("textbox", { name: "Email" }).fill("a@localhost");
  await tab.getByRole("textbox", { name: "Message" }).fill("Without a script");
  await tab.getByLabel("Files (optional)").setInputFiles([PDF, TEXT]);
  await look(tab, "hosted");
  const send = tab.getByRole("button", { name: "Send message" });
  await send.click();
  await tab.getByText("Choose your files again").waitFor();
  for (const width of [1000, 280]) {
    await tab.setViewportSize({ width, height: 900 });
    await tab.emulateMedia({ colorScheme: width === 280 ? "dark" : "light" });
    await look(tab, `hosted-again-${width}`);
  }
  await tab.getByRole("textbox", { name: "Email" }).fill(user.email);
  await tab.getByLabel("Files (optional)").setInputFiles([PDF, TEXT]);
  await new Promise((soon) => setTimeout(soon, 3_100));
  await send.click();
  await tab.getByRole("heading", { name: "Message sent" }).waitFor();
  await noor.go("/conversations");
  await noor.open("Without a script");
  await noor.log.getByRole("link", { name: /what went wrong\.txt/ }).waitFor();
  await scripted.close();
});

journey("the preview shows the field before it is saved", async ({ context, desk }) => {
  const noor = await takesFiles(context, desk, false);
  await noor.go("/contact-form");
  const frame = noor.page.frameLocator("#form-preview-frame");
  await noor.page.locator("#form-preview-frame").scrollIntoViewIfNeeded();
  const field = frame.getByLabel("Files (optional)");
  await frame.getByRole("button", { name: "Send message" }).waitFor();
  assert.equal(await field.count(), 0);
  await noor.page.getByRole("switch", { name: "Take files" }).click();
  await field.waitFor();
  await field.setInputFiles([PDF]);
  await frame.getByRole("textbox", { name: "Email" }).fill("a@example.com");
  await frame.getByRole("textbox", { name: "Message" }).fill("Nowhere");
  await frame.getByRole("button", { name: "Send message" }).click();
  await frame.getByRole("heading", { name: "Message sent" }).waitFor();
});

journey("the guide's call with files works, and the second script is light", async ({ context, desk, user }) => {
  await takesFiles(context, desk);
  const { token, proofBits, fileLimits } = await (
    await fetch(`${desk.base}/api/messaging/contact-form/form`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ helpdeskId: desk.id }),
    })
  ).json();
  assert.deepEqual(fileLimits, { count: 5, bytes: 10_485_760, bytesInAll: 26_214_400 });
  const zeros = (n) => Math.clz32(createHash("sha256").update(`${token}:${n}`).digest().readUInt32BE(0));
  let proof = 0;
  while (zeros(proof) < proofBits) proof += 1;
  await new Promise((soon) => setTimeout(soon, 3_100));
  const folder = mkdtempSync(join(tmpdir(), "helpdesky-form-"));
  try {
    writeFileSync(join(folder, "screenshot.png"), "no picture");
    writeFileSync(join(folder, "report.pdf"), "%PDF-1.7");
    const values = { base: desk.base, id: desk.id, TOKEN: token, PROOF: String(proof), "marta@oliveira.example": user.email };
    const said = execFileSync("sh", ["-c", sample("contact-curl-files", values)], { encoding: "utf8", cwd: folder });
    assert.deepEqual(JSON.parse(said), JSON.parse(sample("contact-answer")));
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.equal((await desk.conversations(user))[0].preview, "Two files that show it");

  const response = await fetch(`${desk.base}/contact-form-files.js`);
  assert.ok(brotliCompressSync(Buffer.from(await response.arrayBuffer())).length <= 3 * 1024);
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.match(response.headers.get("cache-control"), /max-age=300/);
});
