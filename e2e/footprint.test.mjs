// What the embed costs the page that carries it: bytes, requests, storage.

import assert from "node:assert/strict";
import { get } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { calls, kept, settled, streaming } from "./support/panel.mjs";
import { journeys } from "./support/journeys.mjs";

const journey = journeys();

/** The script, and its part about files. */
const BROTLI_LIMITS = { "/ticket-center.js": 15 * 1024, "/ticket-center-files.js": 5 * 1024 };

/** The bytes as they travel; `fetch` would decode them. */
function asServed(url, headers) {
  return new Promise((done, failed) => {
    get(url, { headers }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
      answer.on("error", failed);
    }).on("error", failed);
  });
}

for (const [path, limit] of Object.entries(BROTLI_LIMITS)) {
  journey(`${path} is at most ${limit / 1024} KB as it travels`, async ({ desk }) => {
    const url = desk.origin + path;
    const brotli = await asServed(url, { "accept-encoding": "br" });
    assert.equal(brotli.headers["content-encoding"], "br");
    console.log(`${path}: ${brotli.body.length} bytes with Brotli`);
    assert.ok(brotli.body.length <= limit, `${brotli.body.length} bytes`);
    const plain = await asServed(url, { "accept-encoding": "identity" });
    assert.deepEqual(brotliDecompressSync(brotli.body), plain.body);
    const gzip = await asServed(url, { "accept-encoding": "gzip" });
    assert.equal(gzip.headers["content-encoding"], "gzip");
    assert.deepEqual(gunzipSync(gzip.body), plain.body);
    assert.match(plain.body.toString().slice(0, 200), /SPDX-License-Identifier: MIT/);
  });

  journey(`${path} may be loaded from anywhere and is asked for again soon`, async ({ desk }) => {
    const url = `${desk.origin}${path}?v=1`;
    const { status, headers } = await asServed(url, { "accept-encoding": "br" });
    assert.equal(status, 200);
    assert.match(headers["content-type"], /^(text|application)\/javascript/);
    assert.equal(headers["access-control-allow-origin"], "*");
    assert.equal(headers["cross-origin-resource-policy"], "cross-origin");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(headers["vary"], /accept-encoding/i);
    const age = Number(/max-age=(\d+)/.exec(headers["cache-control"])[1]);
    assert.ok(age <= 300 && !headers["cache-control"].includes("immutable"), headers["cache-control"]);
    const again = await asServed(url, { "accept-encoding": "br", "if-none-match": headers.etag });
    assert.equal(again.status, 304);
  });
}

journey("one script and one call bring the first content, and a stream follows", async ({ page, panel, seen, desk, site, user }) => {
  await desk.conversation(user, { subject: "First content" });
  const stream = streaming(page);
  const address = site.support(user);
  await page.goto(address);
  await panel.row("First content").waitFor();
  await stream;
  await settled(page);
  const asked = seen.requests
    .filter((it) => it.method() !== "OPTIONS" && !it.url().startsWith("data:"))
    .map((it) => new URL(it.url()).pathname);
  assert.deepEqual(asked, [
    new URL(address).pathname,
    "/ticket-center.js",
    "/api/messaging/ticket-center/verify",
    "/api/messaging/ticket-center/stream",
  ]);
});

journey("nothing is stored in the browser, and no cookie is set or sent", async ({ page, context, panel, seen, desk, site, user }) => {
  await desk.conversation(user, { subject: "Kept nowhere", replies: ["answer"] });
  await page.goto(site.support(user));
  await panel.open("Kept nowhere");
  await panel.reply.fill("half a draft");
  await panel.answer("and a sent one");
  assert.deepEqual(await kept(page), []);
  assert.deepEqual(await context.cookies(), []);
  const requests = seen.requests.filter((it) => it.url().startsWith(desk.base));
  for (const request of requests) {
    const headers = await request.allHeaders();
    assert.equal(headers.cookie, undefined);
  }
});

journey("neither signature nor token nor address rides in a URL or a referrer", async ({ page, panel, seen, desk, site, user }) => {
  await desk.conversation(user, { subject: "Quiet URLs" });
  const stream = streaming(page);
  await page.goto(site.support(user));
  await panel.open("Quiet URLs");
  await stream;
  await panel.answer("one more");
  const verify = seen.requests.find((it) => it.url().endsWith("/verify"));
  const { token } = await (await verify.response()).json();
  for (const request of seen.requests) {
    const headers = await request.allHeaders();
    for (const secret of [user.signature, user.email, encodeURIComponent(user.email), token]) {
      assert.ok(!request.url().includes(secret), request.url());
      assert.ok(!(headers.referer ?? "").includes(secret));
    }
  }
  assert.ok(!desk.log().includes(user.signature) && !desk.log().includes(token) && !desk.log().includes(user.email));
});

journey("an idle panel asks for nothing more", async ({ page, panel, seen, desk, site, user }) => {
  await desk.conversation(user, { subject: "Idle" });
  const stream = streaming(page);
  await page.goto(site.support(user));
  await panel.row("Idle").waitFor();
  await stream;
  const before = calls(seen).length;
  const id = (await desk.conversations(user))[0].id;
  for (let index = 0; index < 5; index += 1) await desk.reply(id, `answer ${index}`);
  await panel.row("answer 4").waitFor();
  assert.equal(calls(seen).length, before, "what arrives by the stream needs no request");
});
