// A throw-away PostgreSQL on a port of its own, from the binaries that the machine has.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./panel.mjs";
import { freePort } from "./ports.mjs";

const DEBIAN = "/usr/lib/postgresql";

/** The folder of the server's programs; the newest that Debian has, else wherever the PATH leads. */
export function postgresPrograms() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((it) => join(DEBIAN, it, "bin")).find((it) => existsSync(join(it, "initdb")));
  return found ?? join(execFileSync("sh", ["-c", "command -v initdb"], { encoding: "utf8" }).trim(), "..");
}

export async function postgres() {
  const folder = await mkdtemp(join(tmpdir(), "helpdesky-pg-"));
  const programs = postgresPrograms();
  // PostgreSQL refuses to run as root.
  const asRoot = process.getuid() === 0;
  const [run, as] = asRoot ? ["runuser", ["-u", "postgres", "--"]] : ["env", []];
  if (asRoot) execFileSync("chown", ["postgres", folder]);
  else await chmod(folder, 0o700);
  const data = join(folder, "data");
  execFileSync(run, [...as, join(programs, "initdb"), "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D", data], {
    stdio: ["ignore", "ignore", "pipe"],
    cwd: folder,
  });
  const port = await freePort();
  const server = spawn(
    run,
    [...as, join(programs, "postgres"), "-D", data, "-k", folder, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
    { cwd: folder, stdio: "ignore", detached: true },
  );
  const psql = (sql) =>
    execFileSync(join(programs, "psql"), ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-q", "-c", sql], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const isUp = () => {
    try {
      return psql("SELECT 1");
    } catch {
      return null;
    }
  };
  await eventually(isUp, "PostgreSQL", 30_000);
  return {
    port,
    psql,
    stop: async () => {
      const gone = new Promise((done) => server.once("exit", done));
      process.kill(-server.pid, "SIGINT");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
