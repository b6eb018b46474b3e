// The program under test: the real binary on a data folder of its own, ruled
// through its command line, and asked through its documented API as a customer's
// server would ask it.

import { execFile, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { swap } from "./swap.mjs";

const START_MS = 20_000;
const STOP_MS = 10_000;
const COMMAND_MS = 15_000;

export const OPERATOR = { name: "Noor", email: "noor@acme.test", password: "a long enough pass phrase 7" };

/** The program that is tried. */
export function binary() {
  const path = resolve(process.env.E2E_BINARY ?? fileURLToPath(new URL("../../target/debug/helpdesky", import.meta.url)));
  if (!existsSync(path)) {
    throw new Error(`${path} is missing. Build it with \`cargo build\`, or name another one in E2E_BINARY.`);
  }
  return path;
}

/** The program must not hear of settings meant for another installation. */
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HELPDESKY_")));
}

export class Desk {
  #process;
  #front;
  #log = [];

  /** Starts the program on nothing, as after installing it; `settings` go into its file. */
  static async empty(settings = {}) {
    const desk = new Desk();
    desk.data = await mkdtemp(join(tmpdir(), "helpdesky-e2e-"));
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
    if (lines.length > 0) await writeFile(join(desk.data, "helpdesky.toml"), lines.join(""));
    await desk.#serve("127.0.0.1:0");
    const build = process.env.E2E_TICKET_CENTER_JS;
    if (build) desk.#front = await swap(desk.origin, await readFile(build));
    desk.base = desk.#front?.base ?? desk.origin;
    return desk;
  }

  /** Starts the program with one helpdesk, one secret and one operator, its owner. */
  static async start(settings) {
    const desk = await Desk.empty(settings);
    desk.id = (await desk.command(["helpdesk", "add", "--name", "Acme"])).id;
    desk.secret = (await desk.command(["secret", "generate", "--helpdesk", desk.id])).secret;
    await desk.command(
      ["operator", "add", "--helpdesk", desk.id, "--email", OPERATOR.email, "--name", OPERATOR.name, "--password-stdin"],
      OPERATOR.password,
    );
    return desk;
  }

  async #serve(listen) {
    this.#process = spawn(binary(), ["serve", "--listen", listen, "--data", this.data], {
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    createInterface({ input: this.#process.stderr }).on("line", (line) => this.#log.push(line));
    const lines = createInterface({ input: this.#process.stdout });
    this.origin = await new Promise((started, failed) => {
      const fail = (why) => failed(new Error(`the program did not start: ${why}\n${this.log()}`));
      const timer = setTimeout(() => fail(`no word for ${START_MS} ms`), START_MS);
      lines.on("line", (line) => {
        this.#log.push(line);
        const address = /listening on (http:\/\/\S+)/.exec(line)?.[1];
        if (!address) return;
        clearTimeout(timer);
        started(address);
      });
      this.#process.once("error", (error) => fail(error.message));
      this.#process.once("exit", (code) => {
        clearTimeout(timer);
        fail(`it ended with ${code}`);
      });
    });
  }

  log() {
    return this.#log.join("\n");
  }

  /** Ends the server and keeps its data. */
  async halt() {
    const running = this.#process;
    if (running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((done) => running.once("exit", done));
    running.kill("SIGTERM");
    const patience = setTimeout(() => running.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(patience);
  }

  /** Starts again on the same data and address. */
  async resume() {
    await this.#serve(new URL(this.origin).host);
  }

  async stop() {
    this.#front?.stop();
    await this.halt();
    await rm(this.data, { recursive: true, force: true });
  }

  /** Runs an administration command and gives what it printed as JSON. */
  command(args, input = "") {
    return new Promise((done, failed) => {
      const child = execFile(
        binary(),
        [...args, "--json", "--data", this.data],
        { env: environment(), timeout: COMMAND_MS },
        (error, stdout, stderr) => {
          if (error) failed(new Error(`helpdesky ${args.slice(0, 2).join(" ")}: ${stderr || error.message}`));
          else done(JSON.parse(stdout));
        },
      );
      // A command that reads nothing may end before this is written.
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
    });
  }

  /** What a host app's server computes for its signed-in user. */
  sign(email) {
    return createHmac("sha256", this.secret).update(email).digest("hex");
  }

  /** A user of the host app that nobody has seen before. */
  person(name = "ann") {
    const email = `${name}.${randomUUID().slice(0, 8)}@example.com`;
    return { email, signature: this.sign(email) };
  }

  /** A documented call, from server to server. */
  async call(path, user, fields = {}) {
    const response = await fetch(`${this.base}/api/messaging/ticket-center${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ helpdeskId: this.id, email: user.email, signature: user.signature, ...fields }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Opens a conversation as the contact; gives its id. */
  async conversation(user, { subject, message = "Hello, I have a question.", replies = [], closed = false } = {}) {
    const { conversationId } = await this.call("/message", user, { message, ...(subject ? { subject } : {}) });
    for (const text of replies) await this.reply(conversationId, text);
    if (closed) await this.call(`/conversations/${conversationId}/close`, user);
    return conversationId;
  }

  /** The conversations of a contact as the helpdesk tells them; marks nothing read. */
  async conversations(user) {
    return (await this.call("/verify", user)).conversations;
  }

  /** Reads a conversation as the contact: the documented call that marks it read. */
  read(id, user) {
    return this.call(`/conversations/${id}/messages`, user);
  }

  /** Everything in a conversation as operators see it; marks nothing read. */
  show(id) {
    return this.command(["conversation", "show", "--conversation", id]);
  }

  reply(id, text) {
    return this.#act("reply", id, text);
  }

  note(id, text) {
    return this.#act("note", id, text);
  }

  #act(verb, id, text) {
    return this.command(["conversation", verb, "--conversation", id, "--operator", OPERATOR.email, "--text", text]);
  }

  /** One more person who answers. */
  async colleague(name) {
    const who = { name, email: `${name.toLowerCase()}.${randomUUID().slice(0, 8)}@acme.test`, password: "another good pass phrase" };
    await this.command(
      ["operator", "add", "--helpdesk", this.id, "--email", who.email, "--name", who.name, "--password-stdin"],
      who.password,
    );
    return who;
  }

  domains(...list) {
    return this.command(["domains", "set", "--helpdesk", this.id, ...list]);
  }
}
