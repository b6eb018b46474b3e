// The guides' form: what the docs site relies on, that every link leads somewhere, and that no sample
// stands there untested.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { GUIDES, SAMPLES, SECRET, SLUGS, VECTORS, codes, section, table } from "./support/guides.mjs";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

for (const [slug, { lines, prose, headings }] of GUIDES) {
  test(`${slug} has a title, a sentence that describes it, and plain Markdown`, () => {
    assert.match(lines[0].text, /^# \S/);
    assert.equal(headings.filter((it) => it.level === 1).length, 1);
    assert.ok(headings.every((it) => it.level <= 3));
    const [blank, description, after] = [lines[1].text, lines[2].text, lines[3].text];
    assert.deepEqual([blank, after], ["", ""]);
    assert.match(description, /^[^#`|>{].{20,200}\.$/);
    assert.ok(!/[.!?] [A-Z]/.test(description), "one sentence");
    for (const line of prose) {
      assert.ok(!/<\/?[a-z][^>]*>/i.test(line.replaceAll(/`[^`]*`/g, "")), `raw HTML: ${line}`);
      assert.ok(!/\{\{(?!BASE_URL\}\}|HELPDESK_ID\}\})/.test(line.replaceAll(/`[^`]*`/g, "")), line);
    }
    assert.equal(new Set(headings.map((it) => it.anchor)).size, headings.length, "anchors differ");
    assert.ok(lines.every((it) => it.kind !== "open" || /^[a-z]+( |$)/.test(it.info)), "every sample has a language");
  });

  test(`${slug}: every link leads somewhere`, () => {
    const links = prose.flatMap((it) => [...it.replaceAll(/`[^`]*`/g, (code) => "x".repeat(code.length)).matchAll(/\]\(([^)]+)\)/g)].map((link) => link[1]));
    for (const link of links) {
      if (link.startsWith("https://")) continue;
      const [, page, place] = /^(?:([a-z-]+)\.md)?(?:#(.+))?$/.exec(link) ?? assert.fail(`${link} is no link we use`);
      const target = GUIDES.get(page ?? slug);
      assert.ok(target, `${link}: there is no such guide`);
      if (place) assert.ok(target.headings.some((it) => it.anchor === place), `${link}: there is no such heading`);
    }
  });
}

test("all guides are there", () => {
  const wanted =
    "ai-builder astro backup command-line install postgresql restrict-embed-domains reverse-proxy settings ticket-center-api " +
    "ticket-center-embed ticket-center-setup troubleshooting upgrade wix wordpress";
  for (const slug of wanted.split(" ")) assert.ok(SLUGS.includes(slug), slug);
});

test("every sample has a name of its own, and a test that uses it", () => {
  const scripts = (folder) => readdirSync(new URL(folder, import.meta.url)).filter((it) => it.endsWith(".mjs")).map((it) => read(folder + it));
  // Postfix is started with its blocks by a test of the program.
  const tests = [...scripts("./"), ...scripts("./support/"), read("../tests/it/mail_in/handing_on.rs")].join("\n");
  const names = SAMPLES.map((it) => it.test);
  assert.equal(new Set(names).size, names.length, "names differ");
  for (const { slug, info, test } of SAMPLES) {
    assert.ok(test, `${slug}: \`${info}\` has no test`);
    // These are run as what they begin with, all of them.
    const known = /^(cmd|serve|form)-/.test(test) || tests.includes(`"${test}"`);
    assert.ok(known, `${slug}: nothing tests ${test}`);
  }
});

test("the vectors in the guide are those that everything is held to", () => {
  const rows = table(section("ticket-center-setup", "Check your function"));
  assert.deepEqual(Object.fromEntries(rows.map((row) => row.map((cell) => codes(cell)[0]))), VECTORS);
  const own = read("../src/secrets/signature.rs");
  for (const [email, signature] of Object.entries(VECTORS)) assert.ok(own.includes(email) && own.includes(signature), email);
  assert.ok(own.includes(SECRET));
});

test("the guides print no secret but the example", () => {
  for (const [slug, { lines }] of GUIDES) {
    for (const { text } of lines) {
      for (const [secret] of text.matchAll(/hdh_secret_[A-Za-z0-9]+/g)) assert.equal(secret, SECRET, slug);
    }
  }
});
