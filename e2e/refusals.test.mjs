// Whatever is wrong is said in the panel, in one line of the console and in one
// event, and nothing of anybody is shown with it.

import assert from "node:assert/strict";
import { calls, everything, settled } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";
import { HOSTS } from "./support/site.mjs";

const journey = journeys();

const MISSING = {
  "an empty signature": [{ signature: "" }, /data-signature is “”/],
  "an undefined signature": [{ signature: "undefined" }, /data-signature is “undefined”/],
  "a signature of null": [{ signature: "null" }, /data-signature is “null”/],
  "an unrendered signature": [{ signature: "{{signature}}" }, /data-signature is “\{\{signature\}\}”/],
  "an unrendered email": [{ email: "<%= user.email %>" }, /data-email is “<%= user.email %>”/],
  "an undefined email": [{ email: "undefined" }, /data-email is “undefined”/],
  "a template literal as email": [{ email: "${user.email}" }, /data-email is “\$\{user.email\}”/],
  "the placeholders of the guide": [{ email: "USER_EMAIL", signature: "HMAC_SIGNATURE" }, /data-email is “USER_EMAIL”/],
};

/** One alert with the words, no box to write in, no trace of the conversations, one event. */
async function assertRefused({ page, panel, words, code }) {
  await panel.alert.waitFor();
  assert.match(await panel.alert.innerText(), words);
  assert.equal(await panel.alert.count(), 1);
  assert.equal(await page.getByRole("textbox").count(), 0);
  assert.ok(!(await everything(page)).includes("canary"));
  await settled(page);
  const told = await page.evaluate(() => globalThis.e2eEvents.filter((it) => it.name === "error"));
  assert.deepEqual(
    told.map((it) => it.detail.code),
    [code],
  );
}

for (const [name, [values, words]] of Object.entries(MISSING)) {
  journey(`${name} is named and nothing is asked`, { warnings: 1 }, async ({ page, panel, seen, site, user }) => {
    await page.goto(site.support({ ...user, ...values }));
    await assertRefused({ page, panel, words, code: "missing_attribute" });
    assert.deepEqual(calls(seen), []);
    assert.match(seen.warnings[0], words);
  });
}

journey("a signature that is not there at all is named", { warnings: 1 }, async ({ page, panel, seen, site, user }) => {
  const tag = site.tag(user).replace(/data-signature="[^"]*"/, "");
  await page.goto(site.page(`<div id="hdh-ticket-center"></div>${tag}`));
  await assertRefused({ page, panel, words: /data-signature is missing/, code: "missing_attribute" });
  assert.deepEqual(calls(seen), []);
});

journey("a missing Helpdesk ID is named", { warnings: 1 }, async ({ page, panel, seen, site, user }) => {
  await page.goto(site.page(`<div id="hdh-ticket-center"></div>${site.tag(user, { id: "YOUR_HELPDESK_ID" })}`));
  await assertRefused({ page, panel, words: /data-helpdesk-id is “YOUR_HELPDESK_ID”/, code: "missing_helpdesk_id" });
  assert.deepEqual(calls(seen), []);
});

const refused = { warnings: 1, refused: true };

const WRONG = {
  "a wrong signature": ({ desk, user }) => ({ ...user, signature: desk.sign("somebody@example.com") }),
  "a signature in Base64": ({ user }) => ({
    ...user,
    signature: Buffer.from(user.signature, "hex").toString("base64"),
  }),
  "a signature cut short": ({ user }) => ({ ...user, signature: user.signature.slice(0, 63) }),
};

for (const [name, make] of Object.entries(WRONG)) {
  journey(`${name} shows "Verification failed"`, refused, async (given) => {
    const { page, panel, seen, desk, site, user } = given;
    await desk.conversation(user, { subject: "canary" });
    await page.goto(site.support(make(given)));
    await assertRefused({ page, panel, words: /Verification failed/, code: "verification_failed" });
    assert.match(seen.warnings[0], /Verification failed/);
    assert.deepEqual(calls(seen), ["/verify"]);
  });
}

journey("an unknown helpdesk is said to be none", refused, async ({ page, panel, site, user }) => {
  const id = "00000000-0000-7000-8000-000000000000";
  await page.goto(site.page(`<div id="hdh-ticket-center"></div>${site.tag(user, { id })}`));
  await assertRefused({ page, panel, words: /not set up correctly/, code: "unknown_helpdesk" });
});

journey("an origin that is not allowed is printed, and allowed ones work", refused, async ({ page, context, panel, seen, desk, site, user }) => {
  await desk.conversation(user, { subject: "canary" });
  await desk.domains("acme.test");
  try {
    await page.goto(site.support(user));
    await panel.row("canary").waitFor();
    const elsewhere = site.support(user, { host: HOSTS.other });
    const second = await context.newPage();
    await second.goto(elsewhere);
    const alert = second.getByRole("alert");
    await alert.waitFor();
    const { origin } = new URL(elsewhere);
    assert.ok((await alert.innerText()).includes(origin), await alert.innerText());
    assert.equal(await second.getByRole("textbox").count(), 0);
    assert.ok(!(await everything(second)).includes("canary"));
    assert.ok(seen.warnings[0].includes(origin));
  } finally {
    await desk.domains();
  }
});

journey("an origin forbidden while the panel is open takes everything away", refused, async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "canary one" });
  await page.goto(site.support(user));
  await panel.open("canary one");
  await panel.reply.fill("canary typed");
  await desk.domains("example.org");
  try {
    await panel.send.click();
    await panel.alert.waitFor();
    assert.equal(await page.getByRole("textbox").count(), 0);
    assert.ok(!(await everything(page)).includes("canary"));
  } finally {
    await desk.domains();
  }
  await panel.button("Try again").click();
  await panel.row("canary one").waitFor();
});

journey("a refusal on top of a wrong locale, theme and width still shows", refused, async ({ page, panel, site, user }) => {
  await page.goto(
    site.support(
      { ...user, signature: "0".repeat(64) },
      { attributes: 'data-locale="zz-zz-zz" data-theme="pink" data-max-width="banana" data-align="middle"' },
    ),
  );
  await assertRefused({ page, panel, words: /Verification failed/, code: "verification_failed" });
});
