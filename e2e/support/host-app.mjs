// A customer's app made from the guide's samples: its pages are built by the real bundlers, its server
// is the real Express, and the endpoint that signs is the guide's own text.

import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as esbuild } from "esbuild";
import express from "express";
import { sample } from "./guides.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A folder in which packages are found, with these samples of the guide in it and the app around them, if there is one. */
export async function workshop(name, files) {
  await mkdir(here("../artifacts"), { recursive: true });
  const folder = await mkdtemp(here(`../artifacts/${name}-`));
  const around = here(`../apps/guides/${name}`);
  if (existsSync(around)) await cp(around, folder, { recursive: true });
  await symlink(here("../node_modules"), join(folder, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export const INDEX = (script) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Acme</title><link rel="icon" href="data:,"></head>` +
  `<body><div id="root"></div>${script}</body></html>`;

/** `vite build` as its users run it; gives the folder of what it made. */
export async function viteBuild(folder, entry, plugins) {
  const { build } = await import("vite");
  await writeFile(join(folder, "index.html"), INDEX(`<script type="module" src="/${entry}"></script>`));
  await build({ root: folder, configFile: false, plugins, logLevel: "error", build: { outDir: "dist", minify: true } });
  return join(folder, "dist");
}

let runs = 0;

/** Has a module of the guide run with what stands in for the customer's own files; gives what it exports. */
export async function loaded(folder, entry, stubs = {}) {
  const stand = {
    name: "stand-ins",
    setup(context) {
      context.onResolve({ filter: /./ }, ({ path }) => (path in stubs ? { path, namespace: "stub" } : undefined));
      context.onLoad({ filter: /./, namespace: "stub" }, ({ path }) => ({ contents: stubs[path], loader: "js" }));
    },
  };
  const out = join(folder, `${entry.replaceAll(/\W/g, "-")}.mjs`);
  await esbuild({
    entryPoints: [join(folder, entry)],
    outfile: out,
    bundle: true,
    platform: "node",
    format: "esm",
    jsx: "automatic",
    packages: "external",
    plugins: [stand],
    logLevel: "error",
  });
  // Run anew each time: a module's second import would be its first.
  return import(`${out}?run=${++runs}`);
}

/**
 * Serves a built app. `/as/NAME` signs a user in by cookie; `/api/support-identity` is the guide's
 * sample for Express, unless `more` puts something else there first.
 */
export async function hostApp(desk, users, { dist, pages = {}, more } = {}) {
  const app = express();
  const signedIn = (req) => users[/(?:^|; )user=(\w+)/.exec(req.headers.cookie ?? "")?.[1]] ?? null;
  app.get("/as/:user", (req, res) => {
    res.setHeader("Set-Cookie", `user=${req.params.user}; Path=/; HttpOnly`);
    res.redirect(String(req.query.to ?? "/"));
  });
  more?.(app, signedIn);
  const requireLogin = (req, res, next) => {
    req.user = signedIn(req);
    if (req.user) next();
    else res.sendStatus(401);
  };
  endpointOfTheGuide(app, requireLogin, desk);
  for (const [path, html] of Object.entries(pages)) {
    app.get(path, (req, res) => res.set("Cache-Control", "no-store").type("html").send(typeof html === "string" ? html : html(signedIn(req))));
  }
  if (dist) app.use(express.static(dist));
  const server = app.listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address();
  return {
    port,
    origin: `http://app.acme.test:${port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

function endpointOfTheGuide(app, requireLogin, desk) {
  const code = sample("express-endpoint");
  const body = code.replace(/^import \{ createHmac \} from "node:crypto";\n/, "");
  if (body === code || /^import/m.test(body)) throw new Error("the sample for Express imports something else");
  const process = { env: { HELPDESKY_HMAC_SECRET: desk.secret } };
  new Function("app", "requireLogin", "createHmac", "process", body)(app, requireLogin, createHmac, process);
}
