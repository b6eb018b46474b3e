// Every language of an embed has exactly the keys, and the placeholders, of its
// English table. A missing one would show English in the middle of a sentence.

import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

const TABLES = [
  {
    english: ["embeds/ticket-center/english.ts", "embeds/ticket-center/english-files.ts"],
    languages: "../src/ticket_center/strings",
  },
  {
    english: ["english", "english-files", "english-pages"].map((name) => `embeds/contact-form/${name}.json`),
    languages: "../src/contact_form/strings",
  },
];

// A control's accessible name holds the words it shows, so that people who speak
// to their computer can say what they see.
const LABELS = [["close", "close_conversation"]];

async function englishTable(path) {
  if (path.endsWith(".json")) return JSON.parse(await readFile(join(here, path), "utf8"));
  const { outputFiles } = await build({
    entryPoints: [join(here, path)],
    bundle: true,
    format: "esm",
    write: false,
  });
  const module = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return module.ENGLISH;
}

const placeholders = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join(" ");

function mistakes(english, translated) {
  const found = [];
  for (const [key, text] of Object.entries(english)) {
    const other = translated[key];
    if (typeof other !== "string" || other.trim() === "") found.push(`"${key}" is missing`);
    else if (placeholders(other) !== placeholders(text)) found.push(`"${key}" has other placeholders`);
  }
  for (const [shown, named] of LABELS) {
    if (!(shown in english)) continue;
    const holds = translated[named]?.toLowerCase().includes(translated[shown]?.toLowerCase());
    if (!holds) found.push(`"${named}" does not contain "${shown}"`);
  }
  for (const key of Object.keys(translated)) {
    if (!(key in english)) found.push(`"${key}" is not in the English table`);
  }
  return found;
}

let failed = false;
for (const table of TABLES) {
  const english = Object.assign({}, ...(await Promise.all(table.english.map(englishTable))));
  const folder = join(here, table.languages);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  if (files.length === 0) throw new Error(`no languages in ${table.languages}`);
  for (const file of files) {
    const translated = JSON.parse(await readFile(join(folder, file), "utf8"));
    for (const mistake of mistakes(english, translated)) {
      console.error(`${file}: ${mistake}`);
      failed = true;
    }
  }
  console.log(`${table.languages}: ${Object.keys(english).length} strings, ${files.length} languages`);
}
if (failed) process.exit(1);
