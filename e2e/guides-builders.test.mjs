// The guides for site builders: WordPress' samples run by PHP, Wix' backend and page code with stand-ins
// for Velo and their frames in a real browser, Astro built from its guide, and what the guide for AI
// builders promises.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { astroApp } from "./support/astro.mjs";
import { SECRET, VECTORS, sample } from "./support/guides.mjs";
import { loaded, workshop } from "./support/host-app.mjs";
import { Panel, everything, eventually, panels, settled } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";
import { freePort } from "./support/ports.mjs";
import { HOSTS } from "./support/site.mjs";

const journey = journeys();
const built = { patience: 180_000 };
const ofDesk = (desk) => ({ base: desk.base, id: desk.id });

// WordPress

/** Both of our ways, and the template of the guide that came before ours, as a customer has it. */
async function wordpress(desk) {
  const config = `<?php\n${sample("wp-config", ofDesk(desk)).replace(SECRET, desk.secret)}`;
  const { folder, remove } = await workshop("wordpress", {
    "wp-config.php": config,
    "page-support.php": sample("wp-page", ofDesk(desk)),
    "plugin.php": sample("wp-plugin", ofDesk(desk)),
    "shortcode.txt": sample("wp-shortcode"),
    "older.php": older(desk),
  });
  const port = await freePort();
  const php = spawn("php", ["-d", "display_errors=1", "-S", `127.0.0.1:${port}`, "router.php"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const output of [php.stdout, php.stderr]) output.on("data", (text) => (said += text));
  await new Promise((started, failed) => {
    php.once("error", (error) => failed(new Error(`php is missing: ${error.message}`)));
    php.once("exit", () => failed(new Error(said)));
    eventually(() => fetch(`http://127.0.0.1:${port}/wp-login.php`).then((it) => it.ok, () => false), "PHP", 20_000).then(started, failed);
  });
  return {
    port,
    origin: `http://${HOSTS.app}:${port}`,
    stop: async () => {
      php.removeAllListeners("exit");
      php.kill();
      await remove();
    },
  };
}

const older = (desk) => `<?php
/* Template Name: Support */
get_header();
if (!is_user_logged_in()) {
  echo '<p>You are not signed in.</p>';
  get_footer();
  return;
}
$user = wp_get_current_user();
$email = $user->user_email;
$signature = hash_hmac('sha256', $email, HELPDESKY_HMAC_SECRET);
?>
<main class="support-page">
  <h1>Support</h1>
  <div id="hdh-ticket-center"></div>
  <script src="${desk.base}/ticket-center.js"
    data-helpdesk-id="<?php echo esc_attr(HELPDESKY_HELPDESK_ID); ?>"
    data-email="<?php echo esc_attr($email); ?>"
    data-signature="<?php echo esc_attr($signature); ?>"></script>
</main>
<?php get_footer(); ?>`;

for (const [path, what] of [
  ["/page", "page template"],
  ["/plugin", "plugin with its shortcode"],
  ["/older", "page template of the older guide"],
]) {
  journey(`WordPress: the ${what}, run by PHP, shows the signed-in user`, built, async ({ page, context, panel, desk, own, user }) => {
    const names = [user, desk.person("o'neil"), desk.person("Ann.Smith+shop")];
    const site = await wordpress(desk);
    own.push(`:${site.port}`);
    try {
      for (const who of names) {
        await desk.conversation(who, { subject: `canary of ${who.email}` });
        await context.clearCookies();
        await context.addCookies([{ name: "user", value: encodeURIComponent(who.email), url: site.origin }]);
        const answer = await page.goto(`${site.origin}${path}`);
        await page.getByText(who.email.toLowerCase()).first().waitFor();
        await panel.row("canary of").waitFor();
        assert.equal(await panels(page), 1);
        assert.ok(!(await answer.text()).includes(desk.secret));
        if (path === "/older") continue;
        assert.match(answer.headers()["cache-control"], /no-store/);
        await page.getByText("Cache: no").waitFor();
      }
      const anonymous = await fetch(`http://127.0.0.1:${site.port}${path}`, { redirect: "manual" });
      if (path !== "/older") assert.equal(anonymous.headers.get("location"), "/wp-login.php");
      assert.ok(!(await anonymous.text()).includes("data-signature"));
    } finally {
      await site.stop();
    }
  });
}

journey("WordPress: the plugin leaves other pages alone", built, async ({ desk }) => {
  const site = await wordpress(desk);
  try {
    const other = await fetch(`http://127.0.0.1:${site.port}/other`);
    const text = await other.text();
    assert.ok(text.includes("Another page") && text.includes("Cache: yes") && !text.includes("hdh-ticket-center"), text);
    assert.equal(other.headers.get("cache-control"), null);
  } finally {
    await site.stop();
  }
});

// Wix

const VELO = (secrets) => ({
  "wix-web-module":
    "export const Permissions = { SiteMember: 'SiteMember' }; export const webMethod = (who, run) => { if (who !== 'SiteMember') throw new Error(who); return run; };",
  "wix-secrets-backend": `const secrets = ${JSON.stringify(secrets)}; export const getSecret = async (name) => secrets[name] ?? Promise.reject(new Error(name));`,
  "wix-members-backend": "export const currentMember = { getMember: async () => ({ loginEmail: globalThis.wixMember, contactDetails: { emails: [] } }) };",
});

/** What the backend gives for a member, and what the page code does with the elements of its page. */
async function velo(desk, name, values) {
  const { folder, remove } = await workshop("wix", { "backend.js": sample("wix-backend"), "page.js": name ? sample(name, values) : "" });
  const { getTicketCenterToken } = await loaded(folder, "backend.js", VELO({ HELPDESKY_HMAC_SECRET: desk.secret, HELPDESKY_HELPDESK_ID: desk.id }));
  return {
    backend: (email) => {
      globalThis.wixMember = email;
      return getTicketCenterToken();
    },
    async page(token) {
      const elements = {};
      const ready = [];
      globalThis.wixToken = token;
      globalThis.$w = Object.assign((id) => (elements[id] ??= { attributes: {}, setAttribute(name, value) { this.attributes[name] = value; } }), { onReady: (run) => ready.push(run) });
      await loaded(folder, "page.js", { "backend/ticket-center.web": "export const getTicketCenterToken = async () => globalThis.wixToken;" });
      for (const run of ready) await run();
      return elements;
    },
    remove,
  };
}

journey("Wix: the backend signs the login address of the member, for members only", async ({ desk }) => {
  const { folder, remove } = await workshop("wix", { "backend.js": sample("wix-backend") });
  try {
    const { getTicketCenterToken } = await loaded(folder, "backend.js", VELO({ HELPDESKY_HMAC_SECRET: SECRET, HELPDESKY_HELPDESK_ID: desk.id }));
    for (const [email, signature] of Object.entries(VECTORS)) {
      globalThis.wixMember = email;
      assert.deepEqual(await getTicketCenterToken(), { email, signature, helpdeskId: desk.id });
    }
  } finally {
    await remove();
  }
});

const MEMBER = "plus+and'quote";

journey("Wix: the hosted page in a frame", async ({ page, desk, site }) => {
  const user = desk.person(MEMBER);
  await desk.conversation(user, { subject: "canary" });
  const wix = await velo(desk, "wix-portal-page", ofDesk(desk));
  try {
    const { "#htmlComponent1": element } = await wix.page(await wix.backend(user.email));
    await page.goto(site.page('<iframe title="Support" width="700" height="640"></iframe>'));
    await page.evaluate((src) => (document.querySelector("iframe").src = src), element.src);
    const frame = page.frameLocator("iframe");
    await new Panel(frame).row("canary").waitFor();
    await frame.getByText(user.email).first().waitFor();
  } finally {
    await wix.remove();
  }
});

for (const [name, sandbox] of [
  ["as Wix frames it", "allow-scripts allow-same-origin allow-forms allow-popups"],
  ["in a frame without an origin", "allow-scripts"],
]) {
  journey(`Wix: the script in an HTML element, ${name}`, async ({ page, desk, site }) => {
    const user = desk.person(MEMBER);
    await desk.conversation(user, { subject: "canary" });
    const wix = await velo(desk, "wix-html-page", ofDesk(desk));
    try {
      const { "#htmlComponent1": element } = await wix.page(await wix.backend(user.email));
      const inner = site.page(element.src, { host: HOSTS.other });
      await page.goto(site.page(`<iframe title="Support" sandbox="${sandbox}" src="${inner}" width="700" height="640"></iframe>`));
      await new Panel(page.frameLocator("iframe")).row("canary").waitFor();
    } finally {
      await wix.remove();
    }
  });
}

journey("Wix: in an HTML element no value of a member can become markup", async ({ desk }) => {
  const wix = await velo(desk, "wix-html-page", ofDesk(desk));
  try {
    const { "#htmlComponent1": element } = await wix.page({ email: `"><img src=x>@example.com`, signature: `"&`, helpdeskId: "<b>" });
    assert.ok(!element.src.includes("<img") && !element.src.includes("<b>") && element.src.includes("&#34;&#62;&#60;img"), element.src);
  } finally {
    await wix.remove();
  }
});

journey("Wix: the custom element, in the page itself", async ({ page, panel, desk, site }) => {
  const users = [desk.person(MEMBER), desk.person("bob")];
  for (const user of users) await desk.conversation(user, { subject: `canary ${user.email}` });
  const wix = await velo(desk, "wix-custom-page");
  try {
    const definition = site.script(sample("wix-custom-element", ofDesk(desk)));
    await page.goto(site.page(`<support-center></support-center><script src="${definition}"></script>`));
    for (const user of users) {
      const { "#customElement1": element } = await wix.page(await wix.backend(user.email));
      await page.evaluate((attributes) => {
        for (const [name, value] of Object.entries(attributes)) document.querySelector("support-center").setAttribute(name, value);
      }, element.attributes);
      await panel.row(`canary ${user.email}`).waitFor();
      await settled(page);
      assert.equal(await panels(page), 1);
    }
    assert.ok(!(await everything(page)).includes(users[0].email));
    await page.evaluate(() => document.querySelector("support-center").remove());
    await settled(page);
    assert.equal(await panels(page), 0);
  } finally {
    await wix.remove();
  }
});

journey("Wix: the page code of the older guide, with its own names", async ({ page, desk, site, user }) => {
  await desk.conversation(user, { subject: "canary" });
  // As a customer has it: `t`, no escaping, and the tag broken over lines.
  const t = { email: user.email, signature: user.signature, helpdeskId: desk.id };
  const html = `
    <div id="hdh-ticket-center"></div>
    <script src="${desk.base}/ticket-center.js"
      data-helpdesk-id="${t.helpdeskId}"
      data-email="${t.email}"
      data-signature="${t.signature}"></script>
  `;
  await page.goto(site.page('<iframe title="Support" sandbox="allow-scripts" width="700" height="640"></iframe>'));
  await page.evaluate((html) => document.querySelector("iframe").setAttribute("srcdoc", html), html);
  await new Panel(page.frameLocator("iframe")).row("canary").waitFor();
});

// Astro

journey("Astro, made from its guide", built, async ({ page, panel, desk, own }) => {
  const users = { ann: desk.person("ann"), bob: desk.person("bob") };
  for (const [name, user] of Object.entries(users)) await desk.conversation(user, { subject: `canary-${name}` });
  const env = Object.fromEntries(sample("astro-env").trim().split("\n").map((line) => line.split("=")));
  assert.deepEqual(Object.keys(env), ["HELPDESKY_HMAC_SECRET", "HELPDESKY_HELPDESK_ID"]);
  const app = await astroApp(desk, users, {
    "astro.config.mjs": sample("astro-config"),
    "src/pages/support.astro": sample("astro-page", ofDesk(desk)),
    ".env": sample("astro-env", ofDesk(desk)).replace(SECRET, desk.secret),
  });
  own.push(`:${app.port}`);
  try {
    const nobody = await fetch(`http://127.0.0.1:${app.port}/support`, { redirect: "manual" });
    assert.equal(nobody.headers.get("location"), "/login");
    await page.goto(`${app.origin}/as/ann`);
    await panel.row("canary-ann").waitFor();
    await page.evaluate(() => (window.stayed = true));
    const go = (name) => page.getByRole("link", { name, exact: true }).click();
    await go("Home");
    await page.getByRole("heading", { name: "Home" }).waitFor();
    await settled(page);
    assert.equal(await panels(page), 0);
    await go("Bob");
    await panel.row("canary-bob").waitFor();
    assert.ok(!(await everything(page)).includes("canary-ann"));
    assert.ok(await page.evaluate(() => window.stayed), "the client router went on");
    const answer = await fetch(`http://127.0.0.1:${app.port}/support`, { headers: { cookie: `user=${encodeURIComponent(users.ann.email)}` } });
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(leakSearch(app.folder).stdout, "", "nothing of the secret is in what the browser gets");
    assert.match(holding(app.folder, desk.secret), /^dist\/server\//m, "but what its server runs holds it, as the guide says");
  } finally {
    await app.stop();
  }
});

function holding(cwd, text) {
  return spawnSync("grep", ["-rl", text, "dist"], { cwd, encoding: "utf8" }).stdout;
}

// AI builders

function leakSearch(cwd) {
  return spawnSync("bash", ["-c", sample("leak-search")], { cwd, encoding: "utf8" });
}

journey("AI builders: the prompt is the one of the dashboard", async () => {
  const own = await readFile(new URL("../src/dashboard/snippets/prompt.txt", import.meta.url), "utf8");
  assert.equal(sample("ai-prompt", { base: "{BASE}", id: "{ID}" }).trim(), own.trim());
});

journey("AI builders: the search finds a secret in client code, by value and by name, and nothing else", async () => {
  const { folder, remove } = await workshop("leak", {});
  try {
    for (const place of ["dist", ".next/static"]) await mkdir(join(folder, place), { recursive: true });
    await writeFile(join(folder, "dist/good.js"), 'fetch("/api/support-identity")');
    await writeFile(join(folder, ".env"), sample("ai-env"));
    await mkdir(join(folder, "build/server"), { recursive: true });
    await writeFile(join(folder, "build/server/index.js"), "process.env.HELPDESKY_HMAC_SECRET");
    assert.equal(leakSearch(folder).stdout, "");
    await writeFile(join(folder, "dist/bad.js"), `const secret = "${SECRET}"`);
    await writeFile(join(folder, ".next/static/bad.js"), "process.env.HELPDESKY_HMAC_SECRET");
    assert.deepEqual(leakSearch(folder).stdout.trim().split("\n").sort(), [".next/static/bad.js", "dist/bad.js"]);
  } finally {
    await remove();
  }
});

journey("every guide's environment file names the variables that its code reads", async () => {
  for (const name of ["env-file", "ai-env", "astro-env"]) {
    assert.equal(sample(name, { id: "the-id" }), `HELPDESKY_HMAC_SECRET=${SECRET}\nHELPDESKY_HELPDESK_ID=the-id\n`);
  }
});
