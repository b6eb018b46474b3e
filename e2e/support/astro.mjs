// A host app made with Astro as its guide says: server output with the node adapter, the client
// router, and the signature made in the page. Built and run from its packages.

import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./ports.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PAGES = ["support", "help"];
const START_MS = 20_000;

/**
 * Builds and starts the app for these users, by name; gives its address, folder and how to stop it.
 * `files` take the place of the app's own.
 */
export async function astroApp(desk, users, files = {}) {
  await mkdir(here("../artifacts"), { recursive: true });
  const folder = await mkdtemp(here("../artifacts/astro-"));
  await cp(here("../apps/astro"), folder, { recursive: true });
  await symlink(here("../node_modules"), join(folder, "node_modules"));
  for (const page of PAGES) {
    const path = join(folder, `src/pages/${page}.astro`);
    await writeFile(path, (await readFile(path, "utf8")).replaceAll("{BASE}", desk.base));
  }
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  const secrets = ".env" in files ? {} : { HELPDESKY_HMAC_SECRET: desk.secret, HELPDESKY_HELPDESK_ID: desk.id };
  const env = {
    ...process.env,
    ...secrets,
    ASTRO_TELEMETRY_DISABLED: "1",
    APP_USERS: JSON.stringify(Object.fromEntries(Object.entries(users).map(([name, user]) => [name, user.email]))),
  };
  await run([here("../node_modules/astro/astro.js"), "build"], folder, env);
  const port = await freePort();
  const app = spawn(process.execPath, [join(folder, "dist/server/entry.mjs")], {
    cwd: folder,
    env: { ...env, HOST: "127.0.0.1", PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const origin = `http://app.acme.test:${port}`;
  await answers(`http://127.0.0.1:${port}/`);
  return {
    origin,
    port,
    folder,
    stop: async () => {
      app.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function run(args, cwd, env) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const output of [child.stdout, child.stderr]) output.on("data", (text) => (said += text));
    child.once("exit", (code) => (code === 0 ? done() : failed(new Error(`${args[0]} ended with ${code}:\n${said}`))));
  });
}

async function answers(url) {
  for (let waited = 0; waited < START_MS; waited += 100) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((rested) => setTimeout(rested, 100));
    }
  }
  throw new Error(`${url} does not answer`);
}
