// The guides as their readers see them, taken apart: samples, headings, links and tables. What a
// test runs is the text of the guide itself, so that neither can change without the other.

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../docs/guides/", import.meta.url));
const FENCE = /^( *)(`{3,})(.*)$/;

/** Secret and signatures that every implementation must agree with; the program's own tests hold the same. */
export const SECRET = "hdh_secret_xxxxxxxxxxxxxxxx";
export const VECTORS = {
  "user@example.com": "5f7639f62f7bdf390af6f2bfa1107eda2270c98b4027dbb710666b38b83dfb1b",
  "User@Example.com": "612598f6e0f66eec95e7ac9e2cb67eccbb390791c40ccd8b25d865c752757b09",
  "jane+tag@example.com": "38ef39c0511427fa56bdbfe6b3ab32820264ff28658aaba61dd98997d36eb436",
  "\u00fcn\u00ef@example.com": "507846dbd7b040b0581afd9425d65b7f44c8ad66e429ef23255a1b41a0a683f0",
};

export const SLUGS = readdirSync(FOLDER)
  .filter((it) => it.endsWith(".md"))
  .map((it) => it.slice(0, -3))
  .sort();

/** A guide's lines, each with whether it stands in a sample. */
function linesOf(slug) {
  let open = null;
  return readFileSync(`${FOLDER}${slug}.md`, "utf8")
    .split("\n")
    .map((text) => {
      const [, indent, ticks, info] = FENCE.exec(text) ?? [];
      if (open === null && ticks) {
        open = { indent, ticks };
        return { text, kind: "open", info, indent };
      }
      if (open !== null && ticks === open.ticks && info === "") {
        open = null;
        return { text, kind: "close" };
      }
      return { text, kind: open === null ? "prose" : "code" };
    });
}

export function guide(slug) {
  const lines = linesOf(slug);
  const prose = lines.filter((it) => it.kind === "prose").map((it) => it.text);
  return { slug, lines, prose, samples: samplesOf(slug, lines), headings: headingsOf(prose) };
}

function samplesOf(slug, lines) {
  const samples = [];
  for (const { text, kind, info, indent } of lines) {
    if (kind === "open") {
      const [language] = info.split(" ");
      const named = (what) => new RegExp(`\\b${what}="([^"]*)"|\\b${what}=(\\S+)`).exec(info);
      const [, title] = named("title") ?? [];
      const [, quoted, plain] = named("test") ?? [];
      samples.push({ slug, language, title, test: quoted ?? plain, info, indent: indent.length, code: "" });
    } else if (kind === "code") {
      samples.at(-1).code += `${text.slice(samples.at(-1).indent)}\n`;
    }
  }
  return samples;
}

function headingsOf(prose) {
  const used = new Map();
  return prose
    .map((text) => /^(#{1,6}) (.+)$/.exec(text))
    .filter(Boolean)
    .map(([, marks, text]) => {
      const slug = anchor(text);
      const count = used.get(slug) ?? 0;
      used.set(slug, count + 1);
      return { level: marks.length, text, anchor: count === 0 ? slug : `${slug}-${count}` };
    });
}

/** GitHub's rule. */
function anchor(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

export const GUIDES = new Map(SLUGS.map((slug) => [slug, guide(slug)]));
export const SAMPLES = [...GUIDES.values()].flatMap((it) => it.samples);

/** A sample with what the docs site fills in; `values` replaces further words. */
export function sample(test, { base = "https://help.example.com", id = "YOUR_HELPDESK_ID", ...values } = {}) {
  const found = SAMPLES.filter((it) => it.test === test);
  if (found.length !== 1) throw new Error(`${found.length} samples are called ${test}`);
  return filled(found[0].code, { base, id, ...values });
}

export function filled(code, { base, id, ...values }) {
  let text = code.replaceAll("{{BASE_URL}}", base).replaceAll("{{HELPDESK_ID}}", id);
  for (const [word, value] of Object.entries(values)) text = text.replaceAll(word, value);
  return text;
}

/** The lines of a guide from a heading to the next one of its level or above. */
export function section(slug, heading) {
  const { prose } = GUIDES.get(slug);
  const start = prose.findIndex((it) => /^#+ /.test(it) && it.replace(/^#+ /, "") === heading);
  if (start < 0) throw new Error(`${slug} has no section ${heading}`);
  const level = prose[start].indexOf(" ");
  const length = prose.slice(start + 1).findIndex((it) => /^#+ /.test(it) && it.indexOf(" ") <= level);
  return prose.slice(start + 1, length < 0 ? undefined : start + 1 + length);
}

/** The rows of the first table among these lines, without its head; code marks are taken away. */
export function table(lines) {
  const start = lines.findIndex((it) => it.startsWith("|"));
  if (start < 0) return [];
  const rows = [];
  for (const line of lines.slice(start)) {
    if (!line.startsWith("|")) break;
    rows.push(
      line
        .replaceAll("\\|", "\u0000")
        .split("|")
        .slice(1, -1)
        .map((it) => it.trim().replaceAll("\u0000", "|")),
    );
  }
  return rows.slice(2);
}

/** What stands between back-ticks in a cell. */
export function codes(cell) {
  return [...cell.matchAll(/`([^`]+)`/g)].map((it) => it[1]);
}
