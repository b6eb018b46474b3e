// The hosted page of the Contact Form, its page in the dashboard, and what its guide says.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { assertAccessible } from "./support/axe.mjs";
import { Form, page } from "./support/contact-form.mjs";
import { sample } from "./support/guides.mjs";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";
import { panels, settled } from "./support/panel.mjs";

const journey = journeys();

journey("the hosted page works without JavaScript", { refused: true, context: { javaScriptEnabled: false } }, async ({ page: tab, desk, user }) => {
  await tab.goto(`${desk.origin}/form/${desk.id}`);
  await tab.getByRole("textbox", { name: "Email" }).fill("a@localhost");
  await tab.getByRole("textbox", { name: "Message" }).fill("Without a script");
  const send = tab.getByRole("button", { name: "Send message" });
  await send.click();
  assert.match(await tab.getByRole("alert").innerText(), /needs your attention/);
  assert.equal(await tab.getByRole("textbox", { name: "Message" }).inputValue(), "Without a script");
  await tab.getByRole("textbox", { name: "Email" }).fill(user.email);
  await new Promise((soon) => setTimeout(soon, 3_100));
  await send.click();
  await tab.getByRole("heading", { name: "Message sent" }).waitFor();
  assert.equal((await desk.conversations(user))[0].preview, "Without a script");
});

journey("the hosted page works out its proof, in a frame of any site too", async ({ page: tab, desk, site, user }) => {
  await tab.goto(site.page(`<iframe title="Contact" src="${desk.origin}/form/${desk.id}" width="340" height="640"></iframe>`));
  const frame = tab.frameLocator("iframe");
  await frame.getByRole("textbox", { name: "Email" }).fill(user.email);
  await frame.getByRole("textbox", { name: "Message" }).fill("From a frame");
  await new Promise((soon) => setTimeout(soon, 3_100));
  const sent = tab.waitForRequest((it) => it.method() === "POST");
  await frame.getByRole("button", { name: "Send message" }).click();
  assert.match((await sent).postData(), /proof=\d+/);
  await frame.getByRole("heading", { name: "Message sent" }).waitFor();
  assert.equal((await desk.conversations(user)).length, 1);
  for (const theme of ["light", "dark"]) {
    await tab.emulateMedia({ colorScheme: theme });
    await tab.setViewportSize({ width: 300, height: 700 });
    await tab.goto(`${desk.origin}/form/${desk.id}`);
    await assertAccessible(tab);
    const over = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${over} px too wide`);
  }
});

const ours = (desk) => ({ base: desk.base, id: desk.id });

journey("the guide's page and its frame work as they stand", async ({ page: tab, desk, site }) => {
  await tab.goto(site.page(`<h1>Contact</h1>${sample("contact-html", ours(desk))}`));
  await new Form(tab).send.waitFor();
  await tab.goto(site.page(sample("contact-frame", { base: desk.origin, id: desk.id })));
  await new Form(tab.frameLocator("iframe")).send.waitFor();
});

journey("the guide's React component works, under StrictMode too", async ({ page: tab, desk, site }) => {
  const folder = await mkdtemp(fileURLToPath(new URL("./apps/contact-", import.meta.url)));
  try {
    await writeFile(join(folder, "ContactForm.jsx"), sample("contact-react", ours(desk)));
    const entry = `import { StrictMode } from "react"; import { createRoot } from "react-dom/client"; import { ContactForm } from "./ContactForm.jsx";
      const root = createRoot(document.getElementById("root"));
      globalThis.show = (it) => root.render(it ? <StrictMode><ContactForm /></StrictMode> : <p>gone</p>);
      globalThis.show(true);`;
    await writeFile(join(folder, "main.jsx"), entry);
    const { outputFiles } = await build({
      entryPoints: [join(folder, "main.jsx")],
      bundle: true,
      write: false,
      format: "iife",
      jsx: "automatic",
      define: { "process.env.NODE_ENV": '"development"' },
    });
    const app = site.script(outputFiles[0].text);
    await tab.goto(site.page(`<div id="root"></div><script src="${app}"></script>`));
    await new Form(tab).send.waitFor();
    assert.equal(await panels(tab), 1);
    await tab.evaluate(() => globalThis.show(false));
    await tab.getByText("gone").waitFor();
    await settled(tab);
    assert.equal(await panels(tab), 0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

journey("the guide's calls work from a program, with a proof made as it says", async ({ desk, user }) => {
  const command = sample("contact-curl", ours(desk));
  const form = JSON.parse(execFileSync("sh", ["-c", command], { encoding: "utf8" }));
  assert.ok(form.token && form.proofBits > 0 && form.minimumSeconds === 3);
  const zeros = (n) => Math.clz32(createHash("sha256").update(`${form.token}:${n}`).digest().readUInt32BE(0));
  let proof = 0;
  while (zeros(proof) < form.proofBits) proof += 1;
  await new Promise((soon) => setTimeout(soon, 3_100));
  const body = { helpdeskId: desk.id, email: user.email, message: "By a program", token: form.token, proof: String(proof) };
  const response = await fetch(`${desk.base}/api/messaging/contact-form/message`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), JSON.parse(sample("contact-answer")));
  assert.equal((await desk.conversations(user))[0].preview, "By a program");
});

const desktop = { viewport: { width: 1440, height: 900 } };

journey("an admin changes the form, sees it before saving, and finds what was refused", { context: desktop, refused: true }, async ({ page: tab, context, desk, site, user }) => {
  const operator = new Operator(tab, desk);
  await operator.signIn();
  await tab.getByRole("link", { name: "Contact Form" }).click();
  await tab.getByRole("heading", { name: "Contact Form", level: 1 }).waitFor();
  assert.match(await tab.getByRole("region", { name: "Embed code" }).last().innerText(), new RegExp(desk.id));
  const preview = tab.frameLocator("#form-preview-frame");
  await tab.locator("#form-preview-frame").scrollIntoViewIfNeeded();
  await preview.getByRole("heading", { name: "Write to us" }).waitFor();
  await tab.getByLabel("Heading").fill("Ask us anything");
  await preview.getByRole("heading", { name: "Ask us anything" }).waitFor();
  await tab.getByText("Own field 1").click();
  await tab.getByLabel("Label").first().fill("Topic");
  await tab.getByLabel("Options, one a line").first().fill("Billing\nSomething else");
  await preview.getByRole("combobox", { name: "Topic (optional)" }).waitFor();
  await preview.getByRole("textbox", { name: "Email" }).fill("a@example.com");
  await preview.getByRole("textbox", { name: "Message" }).fill("Goes nowhere");
  await preview.getByRole("button", { name: "Send message" }).click();
  await preview.getByRole("heading", { name: "Message sent" }).waitFor();
  await tab.getByRole("button", { name: "Save form" }).click();
  await tab.getByText("Form saved").waitFor();
  await tab.getByLabel("Blocked words, one a line").fill("cheap pills");
  await tab.getByRole("button", { name: "Save protection" }).click();
  await tab.getByText("Spam protection saved").waitFor();

  const visitor = await context.newPage();
  await visitor.goto(page(site, desk));
  const form = new Form(visitor);
  await visitor.getByRole("heading", { name: "Ask us anything" }).waitFor();
  await visitor.getByRole("combobox", { name: "Topic (optional)" }).selectOption("Billing");
  await form.deliver({ email: user.email, name: "Marta", message: "Buy Cheap Pills" });
  assert.deepEqual(await desk.conversations(user), [], "spam is not shown to the contact");

  await operator.go("/contact-form");
  await tab.getByText("Says a blocked word", { exact: true }).waitFor();
  await assertAccessible(tab);
  await operator.go("/conversations?view=spam");
  await operator.open("Marta");
  await tab.getByText("Unverified sender").waitFor();
  assert.match(await tab.getByRole("complementary", { name: "Details" }).innerText(), /Topic\s+Billing/);
  await assertAccessible(tab);
  await tab.keyboard.press("#");
  await tab.getByText("Not spam: open again").waitFor();
  await operator.reply("Answered");
  assert.equal((await desk.conversations(user)).length, 1);
  await tab.keyboard.press("Escape");
  await tab.keyboard.press("#");
  await tab.getByText("Put into spam").waitFor();
  assert.deepEqual(await desk.conversations(user), []);
});
