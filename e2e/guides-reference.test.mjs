// What the reference pages list equals what the program has, both ways: attributes, options, functions,
// events, codes, fields, settings, commands, diagnosed mistakes. Neither side is written down here; one is
// read from the guide, the other from the source or from the program's own answers.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Desk, binary } from "./support/desk.mjs";
import { GUIDES, codes, filled, sample, section, table } from "./support/guides.mjs";

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const sorted = (items) => [...new Set(items)].sort();
const named = (lines) => table(lines).map((row) => codes(row[0])[0]);
const matches = (text, pattern) => [...text.matchAll(pattern)].map((it) => it[1]);

let desk;
before(async () => (desk = await Desk.start()));
after(() => desk?.stop());

// The embed.

const options = read("web/embeds/shared/options.ts");
const tags = read("web/embeds/shared/tags.ts");
// The name is the Contact Form's alone.
const optionNames = matches(/OPTION_NAMES = \[(.*?)\]/s.exec(options)[1], /"(\w+)"/g).filter((it) => it !== "name");
const kebab = (name) => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

test("the attributes are those that the embed reads", () => {
  const documented = table(section("ticket-center-embed", "Attributes"));
  assert.deepEqual(sorted(documented.map((row) => codes(row[0])[0])), sorted([...optionNames.map(kebab), ...matches(tags, /getAttribute\("(data-[a-z-]+)"\)/g)]));
  const defaults = Object.fromEntries(documented.map((row) => [codes(row[0])[0], codes(row[1])[0]]));
  assert.ok(tags.includes("|| `hdh-${this.#name}`"));
  assert.equal(defaults["data-container"], `hdh-${/name: "([a-z-]+)"/.exec(read("web/embeds/ticket-center.ts"))[1]}`);
  const width = /max-width: var\(--hdh-own-width, var\(--hdh-max-width, (\w+)\)\)/.exec(read("web/styles/embed-base.css"))[1];
  assert.equal(defaults["data-max-width"], width);
  const looks = Object.fromEntries([...options.matchAll(/\["(\w+)", \[([^\]]+)\]\]/g)].map((it) => [kebab(it[1]), matches(it[2], /"(\w+)"/g)]));
  for (const [attribute, values] of Object.entries(looks)) {
    const row = documented.find((it) => codes(it[0])[0] === attribute);
    const told = codes(row[1]).concat(codes(row[2])).filter((it) => /^[a-z]+$/.test(it));
    assert.deepEqual(sorted(told), sorted(values), attribute);
  }
});

test("the languages are those that the program has", () => {
  const row = table(section("ticket-center-embed", "Attributes")).find((it) => it[0].includes("data-locale"));
  const files = readdirSync(new URL("../src/ticket_center/strings", import.meta.url)).map((it) => it.replace(".json", ""));
  assert.deepEqual(sorted(codes(row[2]).filter((it) => /^[a-z]{2}$/.test(it))), sorted(files));
});

test("functions and their options are those of the embed", () => {
  const own = /interface TicketCenter \{(.*?)\}/s.exec(read("web/embeds/ticket-center.ts"))[1];
  const lines = section("ticket-center-embed", "Functions");
  assert.deepEqual(sorted(named(lines).map((it) => it.replace(/\(.*/, ""))), sorted(matches(own, /(\w+)\(/g)));
  const told = lines.find((it) => it.startsWith("The options have"));
  assert.deepEqual(sorted(codes(told).filter((it) => /^[a-zA-Z]+$/.test(it))), sorted(optionNames));
});

test("the events are those that the embed dispatches", () => {
  const panel = read("web/embeds/ticket-center/panel.ts");
  const names = matches(/tell\(name: ([^,]+),/.exec(panel)[1], /"(\w+)"/g);
  assert.deepEqual(sorted(named(section("ticket-center-embed", "Events"))), sorted(names.map((it) => `hdh:${it}`)));
});

test("the custom properties are those that the style sheet reads", () => {
  const css = (read("web/styles/embed-base.css") + read("web/styles/embed.css")).replaceAll("--hdh-own-", "");
  assert.deepEqual(sorted(named(section("ticket-center-embed", "Looks"))), sorted(matches(css, /var\((--hdh-[a-z-]+)/g)));
});

// The API.

/** The codes of every refusal in what a contact's call can reach. */
function codesInTheSource() {
  const folder = (path) =>
    readdirSync(new URL(`../${path}`, import.meta.url), { withFileTypes: true }).flatMap((it) =>
      it.isDirectory() ? folder(`${path}/${it.name}`) : it.name.endsWith(".rs") ? [`${path}/${it.name}`] : [],
    );
  const ofContacts = ["access", "by_contact", "idempotency", "mod", "text"].map((it) => `src/conversations/${it}.rs`);
  const files = [...folder("src/embeds"), ...folder("src/ticket_center"), ...ofContacts, "src/error.rs", "src/helpdesks/mod.rs"];
  files.push("src/conversations/files.rs", "src/web/multipart.rs", ...folder("src/attachments"));
  const refusal = /Error::(?:new|invalid|unprocessable|not_found|forbidden)\(\s*(?:Kind::\w+(?:\s*\{[^}]*\})?,\s*)?"([a-z_]+)"/g;
  const ofDatabase = /"((?:internal_error|outcome_unknown|temporarily_unavailable))"/g;
  return files.flatMap((path) => {
    const text = read(path).split("#[cfg(test)]")[0];
    return [...matches(text, refusal), ...(path === "src/error.rs" ? matches(text, ofDatabase) : [])];
  });
}

/** Refusals of the rooms above that no contact can get. */
const OF_OPERATORS = ["invalid_name", "operator_not_found", "contact_not_found"];

test("the codes of the API are those of the source, each explained in Troubleshooting", () => {
  const documented = table(section("ticket-center-api", "Errors")).map((row) => codes(row[1])[0]);
  const inSource = codesInTheSource().filter((it) => !OF_OPERATORS.includes(it));
  assert.deepEqual(sorted(documented), sorted(inSource));
  const explained = GUIDES.get("troubleshooting").headings.map((it) => /^`([a-z_]+)`$/.exec(it.text)?.[1]).filter(Boolean);
  const ofThePanel = matches(read("web/embeds/ticket-center/panel.ts"), /"(missing_\w+)"/g);
  const failure = read("web/embeds/shared/failure.ts");
  ofThePanel.push(/UNREACHABLE = "(\w+)"/.exec(failure)[1], /new Failure\("(\w+)"/.exec(failure)[1]);
  assert.deepEqual(sorted(explained), sorted([...documented, ...ofThePanel]));
  const told = GUIDES.get("ticket-center-embed").prose.find((it) => it.startsWith("The codes of `hdh:error`"));
  assert.deepEqual(sorted(codes(told).filter((it) => it !== "hdh:error")), sorted(ofThePanel));
});

const call = (path, body, headers = {}) =>
  fetch(`${desk.base}/api/messaging/ticket-center${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const token = async (who) => (await (await call("/verify", who)).json()).token;

function form(size) {
  const made = new FormData();
  made.append("file", new Blob([new Uint8Array(size)]), "a.bin");
  return made;
}

const upload = (bearer, body) =>
  fetch(`${desk.base}/api/messaging/ticket-center/attachments`, { method: "POST", headers: { authorization: `Bearer ${bearer}` }, body });

test("each code is answered with its status, for what the table says", async () => {
  const user = desk.person();
  const who = { helpdeskId: desk.id, ...user };
  const write = (message, more = {}) => call("/message", { ...who, message, ...more });
  const provoked = {
    invalid_json: () => call("/verify", "{"),
    invalid_field: () => call("/verify", { ...who, email: undefined }),
    verification_failed: () => call("/verify", { ...who, signature: "0".repeat(64) }),
    token_expired: () => call("/conversations", {}, { authorization: "Bearer hdt_no" }),
    origin_not_allowed: async () => {
      await desk.domains("example.org");
      const answer = await call("/verify", who, { origin: "https://elsewhere.test" });
      await desk.domains();
      return answer;
    },
    unknown_helpdesk: () => call("/verify", { ...who, helpdeskId: randomUUID() }),
    conversation_not_found: () => call(`/conversations/${randomUUID()}/messages`, who),
    not_found: () => call("/nothing", who),
    method_not_allowed: () => fetch(`${desk.base}/api/messaging/ticket-center/verify`),
    idempotency_conflict: async () => {
      await write("one", { idempotencyKey: "k" });
      return write("two", { idempotencyKey: "k" });
    },
    body_too_large: () => write("x".repeat(300_000)),
    unsupported_media_type: () => call("/verify", who, { "content-type": "text/plain" }),
    message_empty: () => write(" \n"),
    message_too_long: () => write("x".repeat(10_001)),
    message_has_nul: () => write("a\0b"),
    unknown_attachment: () => write("x", { attachmentIds: [randomUUID()] }),
    too_many_attachments: () => write("x", { attachmentIds: Array(11).fill("x") }),
    invalid_form: async () => upload(await token(who), new FormData()),
    attachment_not_found: async () => call(`/attachments/${randomUUID()}`, {}, { authorization: `Bearer ${await token(who)}` }),
    attachment_too_large: async () => upload(await token(who), form(10 * 1024 * 1024 + 1)),
    rate_limited: async () => {
      const flood = await Promise.all(Array.from({ length: 130 }, () => call("/verify", who)));
      const answer = flood.find((it) => it.status === 429);
      assert.ok(Number(answer.headers.get("retry-after")) <= 5);
      return answer;
    },
  };
  // What waits is counted by the tests in Rust.
  const waiting = ["too_many_waiting", "too_much_waiting"];
  // Messaging is switched in the dashboard (users.test.mjs does); a broken database is for the tests in Rust.
  const elsewhere = ["messaging_off", "internal_error", "temporarily_unavailable", "outcome_unknown", ...waiting];
  const rows = table(section("ticket-center-api", "Errors"));
  assert.deepEqual(sorted(rows.map((row) => codes(row[1])[0])), sorted([...Object.keys(provoked), ...elsewhere]));
  for (const [status, cell] of rows) {
    const [code] = codes(cell);
    if (elsewhere.includes(code)) continue;
    const answer = await provoked[code]();
    assert.deepEqual([(await answer.json()).code, answer.status], [code, Number(status)]);
  }
});

test("the paths are those of the router", () => {
  const router = matches(read("src/router.rs"), /"(\/api\/messaging\/ticket-center[^"]*)"/g).map((it) => it.replaceAll(/\{(\w+)\}/g, ":$1"));
  const { prose } = GUIDES.get("ticket-center-api");
  assert.deepEqual(sorted(matches(prose.join("\n"), /`POST (\/api\/[^`]+)`/g)), sorted(router));
});

/** The keys of a value at every depth; a list counts by its first element. */
function shape(value) {
  if (Array.isArray(value)) return value.length ? [shape(value[0])] : [];
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}

test("the curl lines run, and answer in the shapes that are printed", async () => {
  const email = "user@example.com";
  const values = { base: desk.base, id: desk.id, SIGNATURE: desk.sign(email) };
  const folder = mkdtempSync(join(tmpdir(), "helpdesky-curl-"));
  const run = (name) => {
    writeFileSync(join(folder, "run.sh"), `set -e\n${sample(name, values)}`);
    return execFileSync("sh", [join(folder, "run.sh")], { encoding: "utf8", cwd: folder });
  };
  const curl = (name) => JSON.parse(run(name));
  try {
    const sent = curl("curl-message");
    assert.deepEqual(curl("curl-message"), sent, "the same idempotency key");
    values.CONVERSATION_ID = sent.conversationId;
    const answers = {
      "answer-message": sent,
      "answer-verify": curl("curl-verify"),
      "answer-messages": curl("curl-messages"),
      "answer-close": curl("curl-close"),
    };
    for (const [name, answer] of Object.entries(answers)) assert.deepEqual(shape(answer), shape(JSON.parse(sample(name))), name);
    values.TOKEN = curl("curl-verify").token;
    writeFileSync(join(folder, "invoice.pdf"), "%PDF-1.7");
    const { attachment } = curl("curl-upload");
    assert.deepEqual(shape({ attachment }), shape(JSON.parse(sample("answer-upload"))));
    await desk.call("/message", { email, signature: values.SIGNATURE }, { message: "With it", attachmentIds: [attachment.id] });
    values.ATTACHMENT_URL = attachment.url;
    run("curl-download");
    assert.equal(readFileSync(join(folder, "saved.pdf"), "utf8"), "%PDF-1.7");
    values.SIGNATURE = "0".repeat(64);
    assert.deepEqual(curl("curl-verify"), JSON.parse(sample("answer-error")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the fields in the tables are those that are read and sent", () => {
  const known = matches(/const OF_CONTACTS.*?\];/s.exec(read("src/embeds/fields.rs"))[0], /"(\w+)"/g).concat("attachmentIds");
  const { prose } = GUIDES.get("ticket-center-api");
  const inputs = ["Verify a user", "Write a message"].flatMap((it) => named(section("ticket-center-api", it)));
  // `after` belongs to the stream, which is the embed's own.
  assert.deepEqual(sorted(inputs), sorted(known.filter((it) => it !== "after")));
  const fields = (title) => {
    const start = prose.indexOf(`**${title}**`);
    return table(prose.slice(start)).flatMap((row) => codes(row[0]));
  };
  const example = JSON.parse(sample("answer-message"));
  assert.deepEqual(sorted(fields("Conversation")), sorted(Object.keys(example.conversation)));
  assert.deepEqual(sorted(fields("Message")), sorted(Object.keys(example.message)));
});

test("the Contact Form's attributes, fields and codes are those of the source", () => {
  const attributes = table(section("contact-form", "Attributes")).flatMap((row) => codes(row[0]));
  const own = matches(/OPTION_NAMES = \[(.*?)\]/s.exec(options)[1], /"(\w+)"/g).filter((it) => it !== "signature");
  assert.deepEqual(sorted(attributes), sorted([...own.map(kebab), "data-container"]));
  const width = /max-width: var\(--hdh-own-width, var\(--hdh-max-width, (\w+)\)\)/.exec(read("web/styles/embed-form.css"))[1];
  const told = table(section("contact-form", "Attributes")).find((row) => row[0].includes("data-max-width"));
  assert.deepEqual(codes(told[2]), [width]);

  const lines = section("contact-form", "Send a message");
  const split = lines.findIndex((it) => it.startsWith("| status"));
  const fields = table(lines.slice(0, split)).flatMap((row) => codes(row[0]));
  const known = matches(/const FIELDS.*?\];/s.exec(read("src/contact_form/message.rs"))[0], /"(\w+)"/g);
  // What people do not see is not for programs either.
  assert.deepEqual(sorted(fields), sorted(known.filter((it) => it !== "website")));

  const answered = table(lines.slice(split)).flatMap((row) => codes(row[1]));
  const sources = ["contact_form/submission", "contact_form/files", "attachments/receiving", "attachments/mod", "web/multipart", "forms/limits", "forms/turnstile", "conversations/by_visitor", "conversations/text", "contacts/mod", "embeds/open_calls"];
  const refusal = /(?:Error::(?:new|invalid|unprocessable|not_found|forbidden)\(\s*(?:(?:Kind|ErrorKind)::\w+(?:\s*\{[^}]*\})?,\s*)?)"([a-z_]+)"/g;
  const made = sources.flatMap((it) => matches(read(`src/${it}.rs`).split("#[cfg(test)]")[0], refusal));
  // Of other calls, and of the dashboard.
  const elsewhere = ["contact_not_found", "unknown_attachment", "attachment_not_found", "invalid_site_key", "invalid_secret"];
  assert.deepEqual(
    sorted(answered),
    sorted([...made, "invalid_field", "unknown_helpdesk"].filter((it) => !elsewhere.includes(it))),
  );
});

// Mistakes.

test("every mistake that is diagnosed has its heading in Troubleshooting, in the very words", () => {
  const source = read("src/secrets/diagnosis/cause.rs");
  const whats = [...source.matchAll(/^ {4}\w+ "\w+"\n {8}"(.*)"\n/gm)].map((it) => it[1].replaceAll('\\"', '"'));
  assert.ok(whats.length > 30);
  const { headings } = GUIDES.get("troubleshooting");
  const start = headings.findIndex((it) => it.text === "What the Verification Tool says");
  const length = headings.slice(start + 1).findIndex((it) => it.level === 2);
  assert.deepEqual(headings.slice(start + 1, start + 1 + length).map((it) => it.text), whats);
});

test("what the panel says is what Troubleshooting quotes", () => {
  const english = Object.values(
    Object.fromEntries([...read("web/embeds/ticket-center/english.ts").matchAll(/(\w+):\s+"([^"]+)"/g)].map((it) => [it[1], it[2]])),
  );
  const { headings } = GUIDES.get("troubleshooting");
  const quoted = headings.map((it) => /^"(.+)"$/.exec(it.text)?.[1]).filter(Boolean);
  assert.ok(quoted.length > 6);
  for (const words of quoted) assert.ok(english.some((it) => it.includes(words)), words);
  assert.ok(read("web/embeds/shared/boot.ts").includes("[Helpdesky] ${title}: cannot tell where this script came from; include it by its address"));
});

// Settings and commands.

const config = read("src/config.rs") + read("src/config/given.rs");

test("the settings are those of the program, with their flags and defaults", () => {
  const names = matches(/const NAMES: &\[&str\] = &\[(.*?)\];/s.exec(config)[1], /"(\w+)"/g);
  const rows = table(section("settings", "All settings")).map((row) => row.map((cell) => codes(cell)[0]));
  assert.deepEqual(sorted(rows.map((row) => row[0])), sorted(names));
  const help = execFileSync(binary(), ["--help"], { encoding: "utf8" }).replaceAll(/\s+/g, " ");
  const flags = matches(help, /--([a-z-]+) </g);
  for (const [name, variable, flag] of rows) {
    assert.equal(variable, `HELPDESKY_${name.toUpperCase()}`);
    const wanted = name.replaceAll("_", "-");
    assert.equal(flag, flags.includes(wanted) ? `--${wanted}` : undefined, name);
  }
  const defaults = Object.fromEntries([...config.matchAll(/number\("(\w+)", "(\d+)"\)/g)].map((it) => [it[1], it[2]]));
  assert.equal(Object.keys(defaults).length, 4);
  for (const [name, , , value] of rows) {
    if (name in defaults) assert.equal(value, defaults[name], name);
    const told = new RegExp(`--${name.replaceAll("_", "-")} <[^>]+> [^[]*\\[default: ([^;\\]]+)`).exec(help)?.[1];
    if (told && !told.includes("LISTEN")) assert.equal(value, told.replace(" in the data folder", ""), name);
  }
  const ignored = matches(/OF_HOST_APPS: &\[&str\] = &\[(.*?)\];/s.exec(config)[1], /"(\w+)"/g);
  const told = GUIDES.get("settings").prose.find((it) => it.startsWith("Two names are ignored"));
  assert.deepEqual(codes(told).filter((it) => it.startsWith("HELPDESKY_")), ignored);
});

test("the settings in files and environments are accepted by the program", () => {
  const folder = mkdtempSync(join(tmpdir(), "helpdesky-settings-"));
  const version = (env, ...args) =>
    execFileSync(binary(), ["version", "--data", folder, ...args], {
      env: { PATH: process.env.PATH, ...env },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  try {
    writeFileSync(join(folder, "some.toml"), sample("settings-file"));
    version({}, "--config", join(folder, "some.toml"));
    writeFileSync(join(folder, "key"), `${"0".repeat(64)}\n`);
    writeFileSync(join(folder, "database-url"), sample("postgres-url"));
    for (const name of ["settings-environment", "environment-file", "proxy-environment", "postgres-environment"]) {
      const lines = sample(name).replaceAll("/etc/helpdesky/", `${folder}/`).trim().split("\n");
      version(Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2))));
    }
    assert.throws(() => version({ HELPDESKY_NO_SUCH: "x" }), /is not a setting/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The options of a command and its sub-commands, as its own help tells. */
function help(...command) {
  const text = execFileSync(binary(), [...command, "--help"], { encoding: "utf8", env: { PATH: process.env.PATH } });
  const [, commands = ""] = /\nCommands:\n(.*?)\n\n/s.exec(text) ?? [];
  return {
    commands: matches(commands, /^ {2}([a-z-]+) /gm).filter((it) => it !== "help"),
    options: matches(text, /^ {2,6}(?:-\w, )?(--[a-z-]+)/gm),
  };
}

test("the commands and their options are those of the program", () => {
  const { headings } = GUIDES.get("command-line");
  const documented = headings.map((it) => /^`helpdesky (.+)`$/.exec(it.text)?.[1]).filter(Boolean);
  const top = help();
  const below = (name) => [name, ...help(...name.split(" ")).commands.flatMap((inner) => below(`${name} ${inner}`))];
  const all = top.commands.flatMap(below);
  assert.deepEqual(sorted(documented), sorted(all));
  for (const name of all) {
    const { commands, options } = help(...name.split(" "));
    if (commands.length > 0) continue;
    const own = options.filter((it) => !top.options.includes(it));
    assert.deepEqual(sorted(named(section("command-line", `helpdesky ${name}`.replace(/^(.*)$/, "`$1`")))), sorted(own), name);
  }
  const common = table(section("command-line", "Command line")).flatMap((row) => codes(row[0]));
  for (const flag of common) assert.ok(top.options.includes(flag), flag);
});

test("a template word that is no placeholder of ours stays as it is", () => {
  assert.equal(filled("{{ email }} {{BASE_URL}}", { base: "b", id: "i" }), "{{ email }} b");
});
