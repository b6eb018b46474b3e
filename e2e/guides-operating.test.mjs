// The guides for operating: every command of ours is run against a real installation, and the files for
// other programs are given to those programs. What would change the machine (apt, systemctl, docker) is
// only held to its form, and the names of those tests say so.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Desk, binary } from "./support/desk.mjs";
import { GUIDES, SAMPLES, filled, sample } from "./support/guides.mjs";
import { eventually } from "./support/panel.mjs";
import { freePort } from "./support/ports.mjs";
import { postgres, postgresPrograms } from "./support/postgres.mjs";

const SERVE_MS = 30_000;
const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

let folder;
let tools;

/** The names that the guides' shells call: our program, and sudo, which we are already. */
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "helpdesky-guides-"));
  tools = join(folder, "tools");
  await mkdir(tools);
  await symlink(binary(), join(tools, "helpdesky"));
  await writeFile(join(tools, "sudo"), '#!/bin/sh\nif [ "$1" = -u ]; then shift 2; fi\nexec "$@"\n');
  await chmod(join(tools, "sudo"), 0o755);
});
after(() => rm(folder, { recursive: true, force: true }));

function environment(more) {
  const plain = Object.entries(process.env).filter(([name]) => !name.startsWith("HELPDESKY_"));
  return { ...Object.fromEntries(plain), PATH: `${tools}:${process.env.PATH}`, ...more };
}

/** Puts folders of the test in place of those of a server. */
function placed(code, desk) {
  return code
    .replaceAll("/var/lib/helpdesky", desk.data)
    .replaceAll("/var/backups/helpdesky", join(folder, desk.id, "backups"))
    .replaceAll("/tmp/helpdesky-trial", join(folder, desk.id, "trial"))
    .replaceAll("127.0.0.1:8099", "127.0.0.1:0");
}

async function words(code, desk) {
  const found = { base: desk.base, id: desk.id };
  if (code.includes("SECRET_ID")) {
    const list = await desk.command(["secret", "list", "--helpdesk", desk.id]);
    found.SECRET_ID = list.filter((it) => it.live).at(0).id;
  }
  if (code.includes("KEY_ID")) {
    const [key] = await desk.command(["api-key", "list", "--helpdesk", desk.id]);
    found.KEY_ID = key.id;
  }
  if (code.includes("CONVERSATION_ID")) found.CONVERSATION_ID = desk.conversationId;
  return placed(filled(code, found), desk);
}

function shell(code, desk) {
  const run = spawnSync("bash", ["-euo", "pipefail", "-c", code], {
    cwd: folder,
    env: environment({ HELPDESKY_DATA: desk.data }),
    encoding: "utf8",
  });
  assert.equal(run.status, 0, `${code}\n${run.stdout}${run.stderr}`);
  return run.stdout;
}

/** The lines of a shell in which our own program is called; a line that ends with \ goes on. */
function ownCommands(code) {
  const lines = code.replaceAll(/\\\n\s*/g, "").split("\n");
  return lines.filter((it) => /^(?:printf [^|]*\| )?(?:sudo -u helpdesky )?helpdesky /.test(it));
}

for (const [slug, { samples }] of GUIDES) {
  const blocks = samples.filter((it) => it.test?.startsWith("cmd-"));
  if (blocks.length === 0) continue;
  test(`${slug}: its commands do what they should on a running installation`, { timeout: 120_000 }, async () => {
    const desk = await Desk.start();
    try {
      await mkdir(join(folder, desk.id, "backups"), { recursive: true });
      if (slug === "command-line") {
        const you = ["operator", "add", "--helpdesk", desk.id, "--email", "you@example.com", "--name", "You", "--password-stdin"];
        await desk.command(you, "a long enough pass phrase");
        desk.conversationId = await desk.conversation(desk.person());
      }
      for (const { code, test: name } of blocks) {
        assert.ok(ownCommands(code).length > 0, `${name} calls helpdesky`);
        const out = shell(await words(code, desk), desk);
        assert.ok(out.trim().length > 0, `${name} says something`);
      }
    } finally {
      await desk.stop();
    }
  });
}

test("each block of a shell is either run or named as held to its form", () => {
  const shells = SAMPLES.filter((it) => it.language === "sh");
  const elsewhere = ["openssl-sign", "leak-search", "demo", "curl-verify", "curl-message", "curl-messages", "curl-close", "curl-upload", "curl-download", "contact-curl", "contact-curl-files"];
  for (const { test: name } of shells) assert.ok(/^(cmd|serve|form)-/.test(name) || elsewhere.includes(name), name);
});

for (const { test: name, code, slug } of SAMPLES.filter((it) => it.test?.startsWith("form-"))) {
  test(`${slug}: the form only of ${name}; our own commands in it are run`, async () => {
    const parsed = spawnSync("bash", ["-n", "-c", code], { encoding: "utf8" });
    assert.equal(parsed.status, 0, parsed.stderr);
    const own = ownCommands(code);
    if (own.length === 0) return;
    const desk = await Desk.start();
    try {
      for (const line of own) shell(await words(line, desk), desk);
    } finally {
      await desk.stop();
    }
  });
}

test("the transport for Postfix calls a command that there is, with its options", () => {
  const [, words] = /mail deliver (.*)$/s.exec(sample("postfix-pipe"));
  const options = words.replaceAll(/\$\{\w+\}/g, "a@example.com").trim().split(/\s+/);
  const run = spawnSync(binary(), ["mail", "deliver", ...options, "--help"], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
});

test("every command that is named within a sentence exists", () => {
  for (const [slug, { prose }] of GUIDES) {
    for (const [, command] of prose.join("\n").matchAll(/`(?:docker exec helpdesky )?helpdesky ([a-z][^`]*)`/g)) {
      const run = spawnSync(binary(), [...command.split(" "), "--help"], { encoding: "utf8" });
      assert.equal(run.status, 0, `${slug}: helpdesky ${command}`);
    }
  }
});

/** Runs a block that stays, until its output holds these words; gives what was printed and how to end it. */
async function running(code, wanted, env) {
  const child = spawn("bash", ["-euc", code], { cwd: folder, env: environment(env), detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const over = new Promise((done) => child.once("exit", done));
  child.stderr.on("data", (text) => (said += text));
  await new Promise((seen, failed) => {
    const timer = setTimeout(() => failed(new Error(`no “${wanted}” in:\n${said}`)), SERVE_MS);
    createInterface({ input: child.stdout }).on("line", (line) => {
      said += `${line}\n`;
      if (wanted.test(said)) {
        clearTimeout(timer);
        seen();
      }
    });
    over.then((code) => failed(new Error(`it ended with ${code}:\n${said}`)));
  });
  return {
    said,
    stop: async () => {
      process.kill(-child.pid, "SIGTERM");
      await over;
    },
  };
}

test("started by hand it prints the link of the first run", { timeout: 60_000 }, async () => {
  const port = await freePort();
  const data = join(folder, "by-hand");
  const app = await running(sample("serve-by-hand"), /setup\/\S+/, { HELPDESKY_LISTEN: `127.0.0.1:${port}`, HELPDESKY_DATA: data });
  try {
    assert.match(app.said, /https:\/\/help\.example\.com\/setup\//);
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
    for (const path of ["healthz", "metrics"]) assert.equal((await fetch(`http://127.0.0.1:${port}/${path}`)).status, 200);
  } finally {
    await app.stop();
  }
});

test("the demo prints its two addresses", { timeout: 60_000 }, async () => {
  const app = await running(sample("demo"), /As an operator\s+http\S+/, {});
  try {
    const [shop, dashboard] = app.said.match(/http:\/\/\S+/g);
    for (const url of [shop, dashboard]) assert.equal((await fetch(url)).status, 200, url);
  } finally {
    await app.stop();
  }
});

test("a server starts on a backup, as the guide tries it", { timeout: 60_000 }, async () => {
  const desk = await Desk.start();
  try {
    const user = desk.person();
    await desk.conversation(user, { subject: "Before the backup" });
    await mkdir(join(folder, desk.id, "backups"), { recursive: true });
    shell(await words(sample("cmd-backup"), desk), desk);
    const app = await running(await words(sample("serve-restored"), desk), /listening on \S+/, {});
    try {
      const [, base] = /listening on (http:\S+)/.exec(app.said);
      const answer = await fetch(`${base}/api/messaging/ticket-center/verify`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ helpdeskId: desk.id, ...user }),
      });
      assert.equal((await answer.json()).conversations[0].subject, "Before the backup");
    } finally {
      await app.stop();
    }
  } finally {
    await desk.stop();
  }
});

// Files for other programs.

test("the systemd unit is the one in the repository, and systemd takes it", async () => {
  const unit = sample("systemd-unit");
  const own = await readFile(root("docs/operating/helpdesky.service"), "utf8");
  assert.equal(unit, own.slice(own.indexOf("[Unit]")));
  await taken({ "helpdesky.service": unit });
});

test("systemd takes the unit and the timer of the backup", async () => {
  const files = { "helpdesky-backup.service": sample("backup-service"), "helpdesky-backup.timer": sample("backup-timer") };
  await taken(files);
  const [, when] = /OnCalendar=(.+)/.exec(files["helpdesky-backup.timer"]);
  execFileSync("systemd-analyze", ["calendar", when]);
  await assert.rejects(taken({ "helpdesky.service": "[Service]\nExecStart=/nowhere\nUser=root\n" }), /nowhere/, "it looks");
});

/** Has systemd read these units; the program stands where the test has it. */
async function taken(files) {
  const units = await mkdtemp(join(folder, "units-"));
  for (const [name, text] of Object.entries(files)) {
    const placed = text.replaceAll("/usr/local/bin/helpdesky", join(tools, "helpdesky")).replace(/^(User|Group)=.*$/gm, "");
    await writeFile(join(units, name), placed);
  }
  const run = spawnSync("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", ...Object.keys(files).map((it) => join(units, it))], { encoding: "utf8" });
  if (run.error) throw new Error(`systemd-analyze is missing: ${run.error.message}`);
  if (run.status !== 0) throw new Error(run.stderr + run.stdout);
}

test("the form only of compose.yaml and of Docker's lines: image, port, volume and address are those of the Dockerfile", async () => {
  const dockerfile = await readFile(root("Dockerfile"), "utf8");
  const [, port] = /EXPOSE (\d+)/.exec(dockerfile);
  const [, volume] = /VOLUME (\S+)/.exec(dockerfile);
  for (const text of [sample("compose"), sample("form-docker")]) {
    assert.ok(text.includes(`127.0.0.1:${port}:${port}`) && text.includes(`helpdesky:${volume}`), text);
    assert.match(text, /HELPDESKY_BASE_URL[=:] ?https:/);
  }
  assert.ok(!/\t/.test(sample("compose")) && sample("compose").startsWith("services:\n"));
});

const PROXIED = "help.example.com";

/** An installation that believes it is behind a proxy at help.example.com. */
async function behindAProxy(run) {
  const settings = Object.fromEntries(
    sample("proxy-environment").trim().split("\n").map((line) => [/HELPDESKY_(\w+)=/.exec(line)[1].toLowerCase(), line.split("=")[1]]),
  );
  assert.deepEqual(Object.keys(settings).sort(), ["base_url", "trusted_proxies"]);
  const desk = await Desk.start(settings);
  try {
    await run(desk, new URL(desk.origin).port);
  } finally {
    await desk.stop();
  }
}

/** Looks through the proxy: the dashboard, the script, and a stream that arrives while it goes on. */
async function looksGood(desk, ask) {
  const page = await ask("/sign-in");
  assert.equal(page.status, 200, "the dashboard knows its own host");
  assert.match(String(page.headers["set-cookie"]), /Secure/, "and that browsers use https");
  assert.equal((await ask("/ticket-center.js")).status, 200);
  const user = desk.person();
  const body = JSON.stringify({ helpdeskId: desk.id, ...user });
  const verified = JSON.parse((await ask("/api/messaging/ticket-center/verify", { body })).text);
  const conversationId = await desk.conversation(user);
  // A stream that is cut is opened again, as the Ticket Center does: Go's HTTP server closes a request's
  // body when the answer begins, and Caddy then now and then drops its connection to Helpdesky, because
  // the side that sends had not yet read that body's end ("use of closed network connection").
  for (let times = 1; times <= 5; times += 1) {
    const stream = await ask("/api/messaging/ticket-center/stream", { body: "{}", token: verified.token, stays: true });
    const comes = async (text) => {
      await eventually(() => stream.text().includes(text) || stream.ended(), text);
      return stream.text().includes(text);
    };
    try {
      if (!(await comes("event: ready"))) continue;
      const answer = `through the proxy at once, ${times}`;
      await desk.reply(conversationId, answer);
      if (await comes(answer)) return;
    } finally {
      stream.end();
    }
  }
  assert.fail("the stream was cut five times in a row");
}

/** Asks a server at a port of this machine under the name that the guide has. */
function asker(ask, port, scheme) {
  return (path, { body, token, stays } = {}) =>
    new Promise((done, failed) => {
      const headers = { host: PROXIED, "accept-encoding": "identity" };
      if (body) headers["content-type"] = "application/json";
      if (token) headers.authorization = `Bearer ${token}`;
      const options = { host: "127.0.0.1", port, path, method: body ? "POST" : "GET", headers, servername: PROXIED };
      if (scheme === "https") options.rejectUnauthorized = false;
      const asked = ask(options, (answer) => {
        let text = "";
        let ended = false;
        answer.setEncoding("utf8").on("data", (more) => (text += more));
        answer.on("error", () => undefined).on("close", () => (ended = true));
        if (stays) done({ text: () => text, ended: () => ended, end: () => asked.destroy() });
        else answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text }));
      });
      asked.on("error", failed);
      asked.end(body);
    });
}

test("nginx takes the example, and streams pass it at once", { timeout: 60_000 }, () =>
  behindAProxy(async (desk, port) => {
    const at = await mkdtemp(join(folder, "nginx-"));
    const [secure, plain] = [await freePort(), await freePort()];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${PROXIED}`, "-days", "1", "-keyout", join(at, "privkey.pem"), "-out", join(at, "fullchain.pem")], {
      stdio: "ignore",
    });
    const site = sample("nginx")
      .replaceAll("/etc/ssl/helpdesky", at)
      .replace("listen 443", `listen 127.0.0.1:${secure}`)
      .replace("listen 80", `listen 127.0.0.1:${plain}`)
      .replace("127.0.0.1:8080", `127.0.0.1:${port}`);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((it) => `${it}_temp_path ${at}/${it};`).join(" ");
    await writeFile(join(at, "nginx.conf"), `daemon off;\nuser root;\npid ${at}/pid;\nerror_log ${at}/log;\nevents {}\nhttp { access_log off; ${temporary}\n${site}\n}\n`);
    const nginx = (...more) => spawn("nginx", ["-p", at, "-c", join(at, "nginx.conf"), ...more], { env: environment({ PATH: `${process.env.PATH}:/usr/sbin` }), stdio: ["ignore", "ignore", "pipe"] });
    const checked = nginx("-t");
    let said = "";
    checked.stderr.on("data", (text) => (said += text));
    assert.equal(await new Promise((done, failed) => checked.once("exit", done).once("error", failed)), 0, said);
    const server = nginx();
    try {
      const ask = asker(request, secure, "https");
      await eventually(() => ask("/healthz").then((it) => it.status === 200, () => false), "nginx");
      await looksGood(desk, ask);
      const moved = await fetch(`http://127.0.0.1:${plain}/support`, { redirect: "manual" });
      assert.equal(moved.status, 301);
    } finally {
      server.kill("SIGTERM");
      await new Promise((done) => server.once("exit", done));
    }
  }),
);

test("Caddy takes the example, and streams pass it at once, or are cut at once and opened again", { timeout: 60_000 }, () =>
  behindAProxy(async (desk, port) => {
    const at = await mkdtemp(join(folder, "caddy-"));
    const env = environment({ HOME: at, XDG_DATA_HOME: at, XDG_CONFIG_HOME: at });
    await writeFile(join(at, "Caddyfile"), sample("caddy"));
    const validated = spawnSync("caddy", ["validate", "--adapter", "caddyfile", "--config", join(at, "Caddyfile")], { env, encoding: "utf8" });
    assert.equal(validated.status, 0, validated.error?.message ?? validated.stderr);
    const listen = await freePort();
    const site = sample("caddy").replace(PROXIED, `http://${PROXIED}:${listen}`).replace("127.0.0.1:8080", `127.0.0.1:${port}`);
    await writeFile(join(at, "Caddyfile"), `{\n\tadmin off\n}\n${site}`);
    const server = spawn("caddy", ["run", "--adapter", "caddyfile", "--config", join(at, "Caddyfile")], { env, stdio: "ignore" });
    try {
      const http = await import("node:http");
      const ask = asker(http.request, listen, "http");
      await eventually(() => ask("/healthz").then((it) => it.status === 200, () => false), "Caddy");
      await looksGood(desk, ask);
    } finally {
      server.kill("SIGTERM");
      await new Promise((done) => server.once("exit", done));
    }
  }),
);

test("PostgreSQL takes the SQL, the settings start on it, and its dump is restored", { timeout: 90_000 }, async () => {
  const cluster = await postgres();
  const at = await mkdtemp(join(folder, "postgres-"));
  try {
    for (const statement of sample("postgres-sql").trim().split("\n")) cluster.psql(statement);
    const here = (text) => text.replaceAll("/etc/helpdesky", at).replaceAll("db.example.com", `127.0.0.1:${cluster.port}`).replace("sslmode=require", "sslmode=disable");
    await writeFile(join(at, "database-url"), here(sample("postgres-url")));
    await writeFile(join(at, "key"), execFileSync("openssl", ["rand", "-hex", "32"]));
    assert.ok(sample("form-key").includes("openssl rand -hex 32"));
    const settings = Object.fromEntries(here(sample("postgres-environment")).trim().split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const own = (...args) => spawnSync(binary(), [...args, "--data", join(at, "data")], { env: environment(settings), encoding: "utf8" });
    assert.equal(own("helpdesk", "add", "--name", "Acme").status, 0, own("doctor").stderr);
    assert.match(own("doctor").stdout, /PostgreSQL; it answers/);
    const refused = own("backup", "--to", join(at, "copy"));
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr, /pg_dump/);
    const dump = here(sample("form-pg-dump"));
    const run = spawnSync("bash", ["-euc", dump], { cwd: at, env: environment({ PATH: `${postgresPrograms()}:${process.env.PATH}` }), encoding: "utf8" });
    assert.equal(run.status, 0, run.stderr);
    assert.match(own("helpdesk", "list").stdout, /Acme/);
    const wrong = spawnSync(binary(), ["doctor", "--data", join(at, "other")], { env: environment({ HELPDESKY_DATABASE_URL_FILE: settings.HELPDESKY_DATABASE_URL_FILE }), encoding: "utf8" });
    assert.match(wrong.stderr, /the sealing key .* must be given/);
  } finally {
    await cluster.stop();
  }
});
