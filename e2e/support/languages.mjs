// Runs a sample that signs, in its own language and by that language's own tools. Each is given a few
// lines that call it for several addresses; a language that is not installed is a failure.

import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TOOL_MS = 120_000;

/** What stands around the sample, and the commands that build and run it; addresses are arguments, lines come out. */
const WAYS = {
  js: {
    files: (code, name) => ({
      "sign.mjs": code,
      "run.mjs": `import { ${name} as sign } from "./sign.mjs";\nfor (const email of process.argv.slice(2)) console.log(sign(email));`,
    }),
    run: ["node", "run.mjs"],
  },
  python: {
    files: (code, name) => ({
      "sample.py": code,
      "run.py": `import sys\nfrom sample import ${name}\nfor email in sys.argv[1:]:\n    print(${name}(email))\n`,
    }),
    run: ["python3", "run.py"],
  },
  php: {
    files: (code, name) => ({
      "sign.php": code,
      "run.php": `<?php require "sign.php"; foreach (array_slice($argv, 1) as $email) echo ${name}($email), "\\n";`,
    }),
    run: ["php", "run.php"],
  },
  ruby: {
    files: (code, name) => ({
      "sign.rb": code,
      "run.rb": `require_relative "sign"\nARGV.each { |email| puts ${name}(email) }\n`,
    }),
    run: ["ruby", "run.rb"],
  },
  go: {
    files: (code) => ({
      "go.mod": "module example.com/app\n\ngo 1.19\n",
      "support/sign.go": code,
      "main.go": `package main

import (
	"fmt"
	"os"

	"example.com/app/support"
)

func main() {
	for _, email := range os.Args[1:] {
		fmt.Println(support.Sign(email))
	}
}
`,
    }),
    build: ["go", "build", "-o", "app", "."],
    run: ["./app"],
  },
  rust: {
    // The versions that the guide names are the project's own; its lock and its downloads serve here too.
    files: (code) => ({
      "Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nhmac = "0.13"\nsha2 = "0.11"\n\n[workspace]\n',
      "src/sign.rs": code,
      "src/main.rs":
        'mod sign;\nfn main() {\n    for email in std::env::args().skip(1) {\n        println!("{}", sign::sign(&email).unwrap());\n    }\n}\n',
    }),
    before: (folder) => cp(join(ROOT, "Cargo.lock"), join(folder, "Cargo.lock")),
    build: ["cargo", "build", "--offline", "--quiet"],
    run: ["target/debug/app"],
  },
  java: {
    files: (code) => ({
      "Signer.java": code,
      "Run.java":
        "public class Run {\n    public static void main(String[] emails) throws Exception {\n        for (String email : emails) System.out.println(Signer.sign(email));\n    }\n}\n",
    }),
    build: ["javac", "-encoding", "UTF-8", "Signer.java", "Run.java"],
    run: ["java", "-Xshare:auto", "-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8", "Run"],
  },
  csharp: {
    files: (code) => ({
      "Signer.cs": code,
      "Run.cs":
        "public static class Run\n{\n    public static void Main(string[] emails)\n    {\n        foreach (var email in emails) System.Console.WriteLine(Signer.Sign(email));\n    }\n}\n",
    }),
    build: ["mcs", "-out:run.exe", "Signer.cs", "Run.cs"],
    run: ["mono", "run.exe"],
  },
};

/** What the sample answers for each address. `extra` files and `env` serve samples that need a surrounding. */
export async function signedBy(language, code, emails, { name = "sign", variable = "HELPDESKY_HMAC_SECRET", secret, extra = {}, files } = {}) {
  const way = WAYS[language];
  const folder = await mkdtemp(join(tmpdir(), `helpdesky-${language}-`));
  // Without CARGO_TARGET_DIR and the like, which would lead the tools elsewhere.
  const { PATH, HOME, CARGO_HOME, RUSTUP_HOME, PYENV_ROOT } = process.env;
  const env = { PATH, HOME, CARGO_HOME, RUSTUP_HOME, PYENV_ROOT, LANG: "C.UTF-8", LC_ALL: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1", [variable]: secret };
  for (const name of Object.keys(env)) if (env[name] === undefined) delete env[name];
  const tool = ([command, ...args], more = []) =>
    execFileSync(command, [...args, ...more], { cwd: folder, env, encoding: "utf8", timeout: TOOL_MS, stdio: ["ignore", "pipe", "pipe"] });
  try {
    for (const [path, text] of Object.entries({ ...(files ?? way.files)(code, name), ...extra })) {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await way.before?.(folder);
    if (way.build) tool(way.build);
    return Object.fromEntries(tool(way.run, emails).trim().split("\n").map((line, at) => [emails[at], line]));
  } catch (error) {
    if (error.code === "ENOENT") throw new Error(`${error.path} is missing: install it (./test does), its samples cannot be run without`);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
