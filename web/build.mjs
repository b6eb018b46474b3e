// Builds everything the browser gets: `node build.mjs --out DIR`.
// One line per file in ENTRIES; the Rust build embeds whatever lands in DIR.
// Prints the size of each file and fails when one is over its budget.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

const KIB = 1024;

// kind "embed": one classic script that also runs as async, defer or type=module
// on a customer's page; it carries the MIT banner and its CSS as text.
// kind "part": a module that an embed fetches when it needs it.
// kind "script" and kind "style": our own pages, which may name modern browsers only.
const ENTRIES = [
  {
    kind: "embed",
    source: "embeds/ticket-center.ts",
    output: "ticket-center.js",
    title: "Helpdesky Ticket Center",
    shortNames: "ticket-center",
    brotliLimit: 15 * KIB,
  },
  {
    kind: "part",
    source: "embeds/ticket-center-files.ts",
    output: "ticket-center-files.js",
    title: "Helpdesky Ticket Center, files",
    shortNames: "ticket-center",
    brotliLimit: 5 * KIB,
  },
  {
    kind: "embed",
    source: "embeds/contact-form.ts",
    output: "contact-form.js",
    title: "Helpdesky Contact Form",
    shortNames: "contact-form",
    brotliLimit: 10 * KIB,
  },
  {
    kind: "part",
    source: "embeds/contact-form-files.ts",
    output: "contact-form-files.js",
    title: "Helpdesky Contact Form, files",
    brotliLimit: 3 * KIB,
  },
  { kind: "script", source: "dashboard/index.ts", output: "dashboard.js" },
  { kind: "script", source: "dashboard/preview/index.ts", output: "preview.js" },
  { kind: "script", source: "dashboard/form-preview.ts", output: "form-preview.js" },
  { kind: "script", source: "portal/index.ts", output: "portal.js" },
  { kind: "script", source: "docs/index.ts", output: "docs.js" },
  { kind: "script", source: "form-page/index.ts", output: "form-page.js" },
  { kind: "script", source: "form-check/index.ts", output: "form-check.js" },
  { kind: "style", source: "styles/index.css", output: "dashboard.css" },
  { kind: "style", source: "styles/bare.css", output: "bare.css" },
  { kind: "style", source: "styles/form-page.css", output: "form-page.css" },
];

/** Embeds put their CSS into a shadow root, so they import it as minified text. */
const cssAsText = {
  name: "css-as-text",
  setup(context) {
    context.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const { code } = await transform(source, { loader: "css", minify: true, sourcefile: path });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** Names of an embed's own properties, which become short. None of them may be a name of the web's, of an answer's,
 *  or one that pages or parts use. */
const OWN_NAMES = {
  "ticket-center": [
  "announcement", "atNewest", "changed", "client", "closeFailed", "closing", "compose", "connection",
  "containerId", "conversationChanged", "drafts", "draw", "drop", "earlier", "edit", "executed", "failed",
  "forget", "hasOpenConversation", "isIn", "keyOf", "loadingEarlier", "loadingOlder", "markRead", "markSeen",
  "messagingOff", "moveTo", "older", "online", "override", "own", "passing", "pause", "peek", "phase",
  "presses", "problem", "reachable", "refresh", "refusal", "refuse", "reload", "restyle", "resume",
  "retryAfterSeconds", "said", "screen", "sent", "session", "settle", "showList", "silence", "state", "tell",
  "text", "thread", "times", "toNewest", "tryAgain", "unseenBelow", "verified", "visible", "withFiles",
  ],
  "contact-form": [
    "again", "base", "containerId", "draft", "drafts", "draw", "errors", "executed", "failed", "filesPart", "forget", "isIn",
    "language", "listener", "loaded", "moveTo", "notSent", "override", "panel", "passed", "passing", "phase", "props",
    "refusal", "refuse", "restyle", "retryAfterSeconds", "round", "seen", "sentTo", "session", "silence", "state",
    "tag", "touched", "work",
  ],
};

/** Those of what both embeds share. */
const SHARED_NAMES = ["clearPlace", "lookAgain", "mountedPlaces", "tagList", "updatePlace"];

const OPTIONS = {
  embed: (entry) => ({
    format: "iife",
    target: "es2022",
    plugins: [cssAsText],
    legalComments: "none",
    ...(entry.shortNames ? { mangleProps: new RegExp(`^(${[...SHARED_NAMES, ...OWN_NAMES[entry.shortNames]].join("|")})$`) } : {}),
    banner: { js: `/*! ${entry.title} | SPDX-License-Identifier: MIT */` },
  }),
  part: (entry) => ({ ...OPTIONS.embed(entry), format: "esm" }),
  script: () => ({ format: "esm", target: "es2022", legalComments: "none" }),
  style: () => ({ target: "esnext", legalComments: "none" }),
};

async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [join(here, entry.source)],
    bundle: true,
    minify: true,
    charset: "utf8",
    write: false,
    logLevel: "warning",
    absWorkingDir: here,
    ...OPTIONS[entry.kind](entry),
  });
  return outputFiles[0].contents;
}

function sizes(contents) {
  return {
    raw: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    brotli: brotliCompressSync(contents, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
      },
    }).length,
  };
}

const { values } = parseArgs({ options: { out: { type: "string" } } });
if (!values.out) {
  console.error("build.mjs: say where the files go: node build.mjs --out DIR");
  process.exit(2);
}

let tooLarge = false;
for (const entry of ENTRIES) {
  const contents = await bundle(entry);
  const target = join(values.out, entry.output);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, contents);
  const { raw, gzip, brotli } = sizes(contents);
  const limit = entry.brotliLimit ? ` (limit ${entry.brotliLimit})` : "";
  console.log(`${entry.output}: ${raw} bytes, gzip ${gzip}, brotli ${brotli}${limit}`);
  if (entry.brotliLimit && brotli > entry.brotliLimit) {
    console.error(`build.mjs: ${entry.output} is ${brotli - entry.brotliLimit} bytes over its brotli budget`);
    tooLarge = true;
  }
}
if (tooLarge) process.exit(1);
