// The framework samples of the guides, built from the real packages by the real bundlers and opened in
// a real browser: a page that is entered, left, entered again, and entered by somebody else.
//
// Next.js and Nuxt are too large to install for this (about 300 MB each): their server files run with
// stand-ins for the framework, their page files are compiled by the compilers they use (React by esbuild,
// Vue by Vite's plugin) and run in the browser. The names of those tests say so.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { bundle } from "./support/bundle.mjs";
import { sample } from "./support/guides.mjs";
import { INDEX, hostApp, loaded, viteBuild, workshop } from "./support/host-app.mjs";
import { calls, eventually, everything, panels, settled } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";
import { freePort } from "./support/ports.mjs";

const journey = journeys();

/** An app is built first, on a machine that may have other work. */
const built = { patience: 180_000 };

async function two(desk) {
  const users = { ann: desk.person("ann"), bob: desk.person("bob") };
  for (const [name, user] of Object.entries(users)) await desk.conversation(user, { subject: `canary-${name}` });
  return users;
}

/** The tags of the embed: one while its page is shown, none afterwards, also when it was left in a hurry. */
async function assertTags(page, count) {
  await settled(page);
  assert.equal(await page.locator('script[src*="ticket-center.js"]').count(), count, "script tags in the page");
  assert.equal(await panels(page), count);
}

/** The page is left while its question to the server is still on its way: the answer changes nothing. */
async function leftBeforeTheAnswer(page, to) {
  let release;
  const left = new Promise((done) => (release = done));
  await page.route("**/api/support-identity", async (route) => {
    await left;
    await route.continue();
  });
  const asked = page.waitForRequest("**/api/support-identity");
  const answered = page.waitForResponse("**/api/support-identity");
  await to("Go to support", "support");
  await asked;
  await to("Go home", "home");
  release();
  await answered;
  await assertTags(page, 0);
  await page.unroute("**/api/support-identity");
}

/** Enters, leaves and enters again; `to` presses or follows what leads to a page. */
async function travels({ page, panel, seen, app, role = "button", asks = true }) {
  const to = async (name, heading) => {
    await page.getByRole(role, { name }).click();
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
  };
  await page.goto(`${app.origin}/as/ann`);
  await page.evaluate(() => (window.stayed = true));
  await to("Go to support", "support");
  await panel.row("canary-ann").waitFor();
  await assertTags(page, 1);
  assert.equal(calls(seen).filter((it) => it === "/verify").length, 1, "one verification");
  await panel.start({ message: "From a real app" });
  await to("Go home", "home");
  await assertTags(page, 0);
  assert.ok(!(await everything(page)).includes("canary-"), "nothing of the user stays");
  if (asks) await leftBeforeTheAnswer(page, to);
  await to("Go to support", "support");
  await panel.row("canary-ann").waitFor();
  await assertTags(page, 1);
  assert.ok(await page.evaluate(() => window.stayed), "the page was never loaded anew");
  await page.goto(`${app.origin}/as/bob`);
  await to("Go to support", "support");
  await panel.row("canary-bob").waitFor();
  assert.ok(!(await everything(page)).includes("canary-ann"));
}

/** Runs a journey in an app that is made for it and goes with it. */
async function within(given, made, way) {
  const { own } = given;
  const { app, remove } = made;
  own.push(`:${app.port}`);
  try {
    await travels({ ...given, app, ...way });
  } finally {
    await app.stop();
    await remove();
  }
}

const ofDesk = (desk) => ({ base: desk.base, id: desk.id });

journey("React, by vite build", built, async (given) => {
  const { desk } = given;
  const { default: react } = await import("@vitejs/plugin-react");
  const { folder, remove } = await workshop("react", { "Support.jsx": sample("react-support", ofDesk(desk)) });
  const app = await hostApp(desk, await two(desk), { dist: await viteBuild(folder, "main.jsx", [react()]) });
  await within(given, { app, remove });
});

journey("React in development, where StrictMode mounts twice", built, async (given) => {
  const { desk } = given;
  const { folder, remove } = await workshop("react", { "Support.jsx": sample("react-support", ofDesk(desk)) });
  const app = await hostApp(desk, await two(desk), { pages: { "/": INDEX(`<script>${await development(folder, "main.jsx")}</script>`) } });
  await within(given, { app, remove });
});

async function development(folder, entry, more = {}) {
  const { outputFiles } = await esbuild({
    entryPoints: [join(folder, entry)],
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "error",
    ...more,
  });
  return outputFiles[0].text.replaceAll("</script", "<\\/script");
}

journey("Vue, by vite build", built, async (given) => {
  const { desk } = given;
  const { default: vue } = await import("@vitejs/plugin-vue");
  const { folder, remove } = await workshop("vue", { "Support.vue": sample("vue-support", ofDesk(desk)) });
  const app = await hostApp(desk, await two(desk), { dist: await viteBuild(folder, "main.js", [vue()]) });
  await within(given, { app, remove });
});

journey("Angular, compiled in the browser, after its types were checked", built, async (given) => {
  const { desk } = given;
  const { folder, remove } = await workshop("angular", { "support.component.ts": sample("angular-support", ofDesk(desk)) });
  await assertTyped(join(folder, "main.ts"));
  const code = await development(folder, "main.ts", {
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
    define: {},
  });
  const app = await hostApp(desk, await two(desk), {
    dist: folder,
    pages: { "/": INDEX(`<script>document.body.append(document.createElement("app-root"));</script><script>${code}</script>`) },
  });
  await within(given, { app, remove });
});

async function assertTyped(file) {
  const { default: ts } = await import("typescript");
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    types: [],
  });
  const found = ts.getPreEmitDiagnostics(program).map((it) => ts.flattenDiagnosticMessageText(it.messageText, "\n"));
  assert.deepEqual(found, []);
}

journey("SvelteKit with its node adapter", built, async (given) => {
  const { desk } = given;
  const { folder, remove } = await workshop("sveltekit", {
    "src/routes/support/+page.server.js": sample("sveltekit-server"),
    "src/routes/support/+page.svelte": sample("sveltekit-page", ofDesk(desk)),
  });
  const users = await two(desk);
  const env = { ...process.env, HELPDESKY_HMAC_SECRET: desk.secret };
  await finished([join(folder, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "error"], folder, env);
  const [port, inner] = [await freePort(), await freePort()];
  const origin = `http://app.acme.test:${port}`;
  const kit = spawn(process.execPath, ["build/index.js"], { cwd: folder, env: { ...env, HOST: "127.0.0.1", PORT: String(inner), ORIGIN: origin }, stdio: "ignore" });
  // The app's own sign-in stands before it, on the address that the browser knows.
  const front = await signIn(users, port, inner);
  const app = { port, origin, stop: () => (kit.kill(), front.stop()) };
  await eventually(() => fetch(`http://127.0.0.1:${inner}/`).then((it) => it.ok, () => false), "SvelteKit", 20_000);
  assert.equal((await fetch(`http://127.0.0.1:${inner}/support`)).status, 401, "nobody is signed in");
  await within(given, { app, remove }, { role: "link", asks: false });
});

function finished(args, cwd, env) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const output of [child.stdout, child.stderr]) output.on("data", (text) => (said += text));
    child.once("exit", (code) => (code === 0 ? done() : failed(new Error(`${args[0]} ended with ${code}:\n${said}`))));
  });
}

/** Sets the cookie that the app reads, and passes everything else on. */
async function signIn(users, port, inner) {
  const { createServer, request } = await import("node:http");
  const server = createServer((incoming, outgoing) => {
    const [, name] = /^\/as\/(\w+)$/.exec(incoming.url) ?? [];
    if (name) {
      outgoing.writeHead(302, { location: "/", "set-cookie": `user=${encodeURIComponent(users[name].email)}; Path=/; HttpOnly` });
      return outgoing.end();
    }
    const onward = request({ host: "127.0.0.1", port: inner, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
  return {
    stop: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

journey("Next.js: the page run with stand-ins, its client component compiled by esbuild", built, async (given) => {
  const { desk } = given;
  const { folder, remove } = await workshop("next", {
    "page.jsx": sample("next-page"),
    "ticket-center.jsx": sample("next-client", ofDesk(desk)),
  });
  assert.match(sample("next-client"), /^"use client";/);
  const { default: SupportPage, dynamic } = await loaded(folder, "page.jsx", {
    "next/navigation": "export const redirect = (to) => { throw new Error(`redirected to ${to}`); };",
    "@/auth": "export const auth = async () => globalThis.nextSession;",
  });
  assert.equal(dynamic, "force-dynamic");
  process.env.HELPDESKY_HMAC_SECRET = desk.secret;
  globalThis.nextSession = null;
  await assert.rejects(SupportPage(), /redirected to \/login/);
  const render = async (user) => {
    globalThis.nextSession = { user };
    return (await SupportPage()).props;
  };
  const more = (app, signedIn) => app.get("/rendered-on-the-server", async (req, res) => res.json(await render(signedIn(req))));
  const users = await two(desk);
  assert.deepEqual(await render(users.ann), { email: users.ann.email, signature: users.ann.signature }, "nothing else reaches the client");
  const app = await hostApp(desk, users, { more, pages: { "/": INDEX(`<script>${await development(folder, "main.jsx")}</script>`) } });
  await within(given, { app, remove }, { asks: false });
});

journey("Nuxt: its endpoint on the real h3, its page compiled by Vite's plugin for Vue", built, async (given) => {
  const { desk } = given;
  const { default: vue } = await import("@vitejs/plugin-vue");
  const { createApp, createRouter, toNodeListener } = await import("h3");
  const { folder, remove } = await workshop("vue", {
    "Support.vue": sample("nuxt-page", ofDesk(desk)),
    "endpoint.js": sample("nuxt-endpoint"),
  });
  const { default: endpoint } = await loaded(folder, "endpoint.js", { "../auth": "export const getSession = (event) => globalThis.nuxtSession(event);" });
  process.env.HELPDESKY_HMAC_SECRET = desk.secret;
  const nuxt = createApp().use(createRouter().get("/api/support-identity", endpoint));
  const more = (app, signedIn) => {
    globalThis.nuxtSession = async (event) => ({ user: signedIn(event.node.req) });
    app.get("/api/support-identity", toNodeListener(nuxt));
  };
  const app = await hostApp(desk, await two(desk), { more, dist: await viteBuild(folder, "main.js", [vue()]) });
  const refused = await fetch(`http://127.0.0.1:${app.port}/api/support-identity`);
  assert.equal(refused.status, 401);
  await within(given, { app, remove });
});

journey("the endpoint refuses who is not signed in, and is not cached", async ({ desk }) => {
  const users = { ann: desk.person("ann") };
  const app = await hostApp(desk, users);
  try {
    const ask = (cookie) => fetch(`http://127.0.0.1:${app.port}/api/support-identity?email=bob@example.com`, { headers: { cookie } });
    assert.equal((await ask("")).status, 401);
    const answer = await ask("user=ann");
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.deepEqual(await answer.json(), users.ann);
  } finally {
    await app.stop();
  }
});

const rendered = (name, desk, user) => sample(name, { ...ofDesk(desk), USER_EMAIL: user.email, HMAC_SIGNATURE: user.signature });

journey("the snippet as a server prints it", async ({ page, panel, desk, site, user }) => {
  await desk.conversation(user, { subject: "canary" });
  await page.goto(site.page(rendered("embed-html", desk, user)));
  await panel.row("canary").waitFor();
  assert.equal(await panels(page), 1);
});

journey("plain HTML that asks an endpoint", async (given) => {
  const { page, panel, own, desk } = given;
  const users = await two(desk);
  const app = await hostApp(desk, users, { pages: { "/": INDEX(sample("plain-html", ofDesk(desk))) } });
  own.push(`:${app.port}`);
  try {
    await page.goto(`${app.origin}/as/ann`);
    await panel.row("canary-ann").waitFor();
    assert.equal(await panels(page), 1);
  } finally {
    await app.stop();
  }
});

journey("Turbo with the snippet as it is", async ({ page, panel, desk, site }) => {
  const { ann, bob } = await two(desk);
  const head = `<script src="${site.script(await bundle("turbo.js"))}"></script>`;
  const links = ["home", "ann", "bob"].map((it) => `<a href="/guide-${it}">${it}</a>`).join(" ");
  const put = (name, body) => site.page(links + body, { head, path: `/guide-${name}`, title: name });
  put("ann", rendered("embed-html", desk, ann));
  put("bob", rendered("embed-html", desk, bob));
  await page.goto(put("home", "<p>Welcome</p>"));
  await page.evaluate(() => (window.stayed = true));
  const go = (name) => page.getByRole("link", { name, exact: true }).click();
  await go("ann");
  await panel.row("canary-ann").waitFor();
  await go("home");
  await page.getByText("Welcome").waitFor();
  await settled(page);
  assert.equal(await panels(page), 0);
  await go("bob");
  await panel.row("canary-bob").waitFor();
  assert.ok(!(await everything(page)).includes("canary-ann"));
  await page.goBack();
  await page.goBack();
  await panel.row("canary-ann").waitFor();
  assert.ok(await page.evaluate(() => window.stayed));
});

journey("the policy is enough, and no more than enough", async ({ page, panel, desk, site, user }) => {
  const [, policy] = /^Content-Security-Policy: (.*)$/m.exec(sample("csp", ofDesk(desk)));
  const headers = { "content-security-policy": `default-src 'none'; img-src data:; ${policy}` };
  await page.goto(site.page(rendered("embed-html", desk, user), { headers }));
  await panel.ready();
  await panel.start({ message: "Under a policy" });
});

// The page about the embed itself.

journey("every attribute of the example works at once", async ({ page, panel, desk, site, user }) => {
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.goto(site.page(rendered("embed-attributes", desk, user), { head: "<style>body { margin: 0; font-family: monospace }</style>" }));
  const section = page.locator("#support section").first();
  await panel.button("Neue Unterhaltung").first().waitFor();
  const look = await section.evaluate((it) => {
    const { backgroundColor, borderTopWidth, fontFamily, color } = getComputedStyle(it);
    return { backgroundColor, borderTopWidth, fontFamily, isLight: /^rgb\((2\d\d)/.test(color) };
  });
  assert.deepEqual(look, { backgroundColor: "rgba(0, 0, 0, 0)", borderTopWidth: "0px", fontFamily: "monospace", isLight: true });
  const { x, width } = await section.boundingBox();
  assert.deepEqual([x, width], [0, 640]);
});

journey("the functions do as told: mount, identify, log out, unmount", async ({ page, panel, desk, site }) => {
  const { ann, bob } = await two(desk);
  await page.goto(site.page(`<div id="support"></div><script src="${desk.base}/ticket-center.js"></script>`));
  const code = sample("embed-functions", ofDesk(desk));
  const [setUp, ...steps] = code.split(/\n(?=\/\/ )/);
  assert.equal(steps.length, 4, "each function has its comment");
  const run = (step) => page.evaluate(([code, me, other]) => new Function("me", "other", code)(me, other), [setUp + step, ann, bob]);
  await run(steps[0]);
  await panel.row("canary-ann").waitFor();
  await run(steps[1]);
  await panel.row("canary-bob").waitFor();
  assert.ok(!(await everything(page)).includes("canary-ann"));
  await run(steps[2]);
  await settled(page);
  assert.equal(await panels(page), 0);
  assert.ok(!(await everything(page)).includes("canary-"));
  await run(steps[0]);
  await panel.row("canary-ann").waitFor();
  await run(steps[3]);
  await settled(page);
  assert.equal(await panels(page), 0);
});

journey("the badge follows the unread answers, the style the page", async ({ page, panel, desk, site, user }) => {
  const id = await desk.conversation(user, { subject: "canary", replies: ["one"] });
  const head = `<style>${sample("embed-css")}</style>`;
  const badge = `<span id="badge"></span><script>${sample("embed-events")}</script>`;
  await page.goto(site.page(badge + rendered("embed-html", desk, user), { head }));
  await page.locator("#badge", { hasText: "1" }).waitFor();
  const [colour, radius] = await panel.fresh.evaluate((it) => {
    const { backgroundColor } = getComputedStyle(it);
    return [backgroundColor, getComputedStyle(it.closest("section")).borderTopLeftRadius];
  });
  assert.deepEqual([colour, radius], ["rgb(122, 46, 142)", "6px"]);
  await panel.open("canary");
  await eventually(() => page.evaluate(() => document.getElementById("badge").textContent === ""), "the badge goes");
  await desk.reply(id, "two");
  await panel.log.getByText("two").waitFor();
});
