// The framework samples of the Contact Form's guide, built by the real compilers and opened in a real
// browser: the form comes with its page and goes with it. Next.js is too large to install for this (about
// 300 MB): its files are compiled by esbuild, as the name of the test says.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { astroApp } from "./support/astro.mjs";
import { Form } from "./support/contact-form.mjs";
import { sample } from "./support/guides.mjs";
import { INDEX, hostApp, viteBuild, workshop } from "./support/host-app.mjs";
import { journeys } from "./support/journeys.mjs";
import { eventually, panels, settled } from "./support/panel.mjs";
import { freePort } from "./support/ports.mjs";

const journey = journeys();
const built = { patience: 180_000 };
const ofDesk = (desk) => ({ base: desk.base, id: desk.id });

async function assertForms(page, count) {
  await settled(page);
  assert.equal(await page.locator('script[src*="contact-form.js"]').count(), count, "script tags in the page");
  assert.equal(await panels(page), count);
}

/** Shows the form, sends a message by it, takes it away and shows it again; `show` does as it is told. */
async function comesAndGoes({ page, desk, user }, show) {
  await show(true);
  await new Form(page).deliver({ email: user.email, message: "From a real app" });
  assert.equal((await desk.conversations(user))[0].preview, "From a real app");
  await show(false);
  await assertForms(page, 0);
  await show(true);
  await new Form(page).send.waitFor();
  await assertForms(page, 1);
}

/** Serves what was built and follows its buttons "shown" and "gone". */
async function within(given, served, remove) {
  const app = await hostApp(given.desk, {}, served);
  given.own.push(`:${app.port}`);
  try {
    await given.page.goto(app.origin);
    await comesAndGoes(given, (shown) => given.page.getByRole("button", { name: shown ? "shown" : "gone" }).click());
  } finally {
    await app.stop();
    await remove();
  }
}

journey("Next.js: the page and its Client Component, compiled by esbuild, under StrictMode", built, async (given) => {
  const { desk } = given;
  assert.match(sample("contact-next"), /^"use client";/);
  const { folder, remove } = await workshop("contact-next", {
    "contact-form.jsx": sample("contact-next", ofDesk(desk)),
    "page.jsx": sample("contact-next-page"),
    "main.jsx": `import { StrictMode, useState } from "react";
      import { createRoot } from "react-dom/client";
      import Page, { metadata } from "./page.jsx";
      document.title = metadata.title;
      const App = () => {
        const [shown, show] = useState(false);
        return <><button onClick={() => show(true)}>shown</button><button onClick={() => show(false)}>gone</button>{shown && <Page />}</>;
      };
      createRoot(document.getElementById("root")).render(<StrictMode><App /></StrictMode>);`,
  });
  const { outputFiles } = await esbuild({
    entryPoints: [join(folder, "main.jsx")],
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "error",
  });
  const code = outputFiles[0].text.replaceAll("</script", "<\\/script");
  await within(given, { pages: { "/": INDEX(`<script>${code}</script>`) } }, remove);
});

journey("Vue, by vite build", built, async (given) => {
  const { default: vue } = await import("@vitejs/plugin-vue");
  const { folder, remove } = await workshop("contact-vue", {
    "ContactForm.vue": sample("contact-vue", ofDesk(given.desk)),
    "main.js": `import { createApp, h, ref } from "vue";
      import ContactForm from "./ContactForm.vue";
      const shown = ref(false);
      const button = (text, to) => h("button", { onClick: () => (shown.value = to) }, text);
      createApp({ setup: () => () => h("main", [button("shown", true), button("gone", false), shown.value ? h(ContactForm) : null]) }).mount("#root");`,
  });
  await within(given, { dist: await viteBuild(folder, "main.js", [vue()]) }, remove);
});

journey("Svelte, by vite build", built, async (given) => {
  const { svelte } = await import("@sveltejs/vite-plugin-svelte");
  const { folder, remove } = await workshop("contact-svelte", {
    "ContactForm.svelte": sample("contact-svelte", ofDesk(given.desk)),
    "App.svelte": `<script>
        import ContactForm from "./ContactForm.svelte";
        let shown = $state(false);
      </script>
      <button onclick={() => (shown = true)}>shown</button><button onclick={() => (shown = false)}>gone</button>
      {#if shown}<ContactForm />{/if}`,
    "main.js": `import { mount } from "svelte";
      import App from "./App.svelte";
      mount(App, { target: document.getElementById("root") });`,
  });
  await within(given, { dist: await viteBuild(folder, "main.js", [svelte({ configFile: false })]) }, remove);
});

journey("Astro with its client router", built, async (given) => {
  const { page, desk, own } = given;
  const app = await astroApp(desk, {}, { "src/pages/contact.astro": sample("contact-astro", ofDesk(desk)) });
  own.push(`:${app.port}`);
  try {
    await page.goto(`${app.origin}/`);
    await page.evaluate(() => (window.stayed = true));
    const link = (path) =>
      page.evaluate((to) => {
        const made = Object.assign(document.createElement("a"), { href: to });
        document.body.append(made);
        made.click();
      }, path);
    await comesAndGoes(given, async (shown) => {
      await link(shown ? "/contact" : "/");
      await page.getByRole("heading", { name: shown ? "Contact" : "Home", exact: true }).waitFor();
    });
    assert.ok(await page.evaluate(() => window.stayed), "the page was never loaded anew");
  } finally {
    await app.stop();
  }
});

journey("WordPress: the plugin with its shortcode, run by PHP", built, async (given) => {
  const { page, desk, own, user } = given;
  const { folder, remove } = await workshop("wordpress", {
    "wp-config.php": "<?php\n",
    "plugin.php": sample("contact-wordpress", ofDesk(desk)),
    "shortcode.txt": "[helpdesky_contact_form]",
  });
  const port = await freePort();
  const php = spawn("php", ["-d", "display_errors=1", "-S", `127.0.0.1:${port}`, "router.php"], { cwd: folder, stdio: "ignore" });
  own.push(`:${port}`);
  try {
    await eventually(() => fetch(`http://127.0.0.1:${port}/other`).then((it) => it.ok, () => false), "PHP", 20_000);
    await page.goto(`http://app.acme.test:${port}/plugin`);
    await new Form(page).deliver({ email: user.email, message: "From WordPress" });
    assert.equal((await desk.conversations(user))[0].preview, "From WordPress");
    await page.goto(`http://app.acme.test:${port}/other`);
    await assertForms(page, 0);
  } finally {
    php.kill();
    await remove();
  }
});
