// `npm test`: every journey, one file after the other, with a readable report.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const files = readdirSync(new URL(".", import.meta.url)).filter((it) => it.endsWith(".test.mjs"));
const asked = process.argv.slice(2);
const chosen = asked.length > 0 ? files.filter((it) => asked.some((word) => it.includes(word))) : files;
const { status } = spawnSync(process.execPath, ["--test", "--test-concurrency=1", "--test-reporter=spec", ...chosen], {
  cwd: new URL(".", import.meta.url),
  stdio: "inherit",
});
process.exit(status ?? 1);
