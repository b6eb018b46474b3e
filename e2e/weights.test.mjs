// What the dashboard weighs as it travels: a page of fifty conversations, and everything the first
// page of a day loads.

import assert from "node:assert/strict";
import { get } from "node:http";
import { gzipSync } from "node:zlib";
import { journeys } from "./support/journeys.mjs";
import { Operator } from "./support/operator.mjs";

const journey = journeys();

const PAGE_LIMIT = 12 * 1024;
const ASSETS_LIMIT = 60 * 1024;
const PAGES = ["/conversations?view=open", "/ticket-center", "/settings/messages", "/shortcuts"];

/** The bytes as they travel with Brotli; `fetch` would decode them. */
function brotli(url) {
  return new Promise((done, failed) => {
    get(url, { headers: { "accept-encoding": "br" } }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => done({ encoding: answer.headers["content-encoding"], bytes: Buffer.concat(chunks).length }));
      answer.on("error", failed);
    }).on("error", failed);
  });
}

journey("an inbox of fifty rows and its scripts and styles are light", async ({ context, desk, seen }) => {
  const words = ["invoice", "calendar", "refund", "export", "domain", "booking", "password", "import", "colour", "printer"];
  for (let number = 0; number < 52; number += 1) {
    const word = (step) => words[(number * step + step) % words.length];
    await desk.conversation(desk.person(word(3)), {
      subject: `The ${word(1)} of number ${number} and its ${word(7)}`,
      message: `Since ${number + 1} days the ${word(1)} shows another ${word(9)} than the ${word(7)}. What can I do?`,
    });
  }
  const noor = await Operator.at(context, desk);
  const { page } = noor;
  for (const path of PAGES) {
    await noor.go(path);
    const html = await (await page.request.get(noor.url(path))).text();
    const bytes = gzipSync(html, { level: 6 }).length;
    console.log(`${path}: ${html.length} characters, ${bytes} bytes with gzip`);
    if (path.startsWith("/conversations")) {
      assert.equal(await page.getByRole("region", { name: "Conversation list" }).getByRole("listitem").count(), 50);
      assert.ok(bytes <= PAGE_LIMIT, `${bytes} bytes`);
    }
  }
  const assets = new Set(seen.requests.map((it) => it.url()).filter((it) => it.includes("/assets/")));
  assert.ok(assets.size >= 2, "a script and a style sheet");
  let sum = 0;
  for (const asset of assets) {
    const { encoding, bytes } = await brotli(asset);
    assert.equal(encoding, "br", asset);
    console.log(`${new URL(asset).pathname}: ${bytes} bytes with Brotli`);
    sum += bytes;
  }
  console.log(`scripts and styles of the dashboard: ${sum} bytes with Brotli`);
  assert.ok(sum <= ASSETS_LIMIT, `${sum} bytes`);
});
