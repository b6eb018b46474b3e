// Every sample that signs, in every language, run by that language's own tools and held to the vectors.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { SECRET, VECTORS, sample } from "./support/guides.mjs";
import { signedBy } from "./support/languages.mjs";

const EMAILS = Object.keys(VECTORS);

for (const [language, names] of Object.entries({
  js: ["node-sign", "ai-node-sign"],
  python: ["python-sign"],
  php: ["php-sign"],
  ruby: ["ruby-sign"],
  go: ["go-sign"],
  rust: ["rust-sign"],
  java: ["java-sign"],
  csharp: ["csharp-sign"],
})) {
  for (const name of names) {
    test(`${name} gives the signatures that everybody gives`, { timeout: 180_000 }, async () => {
      const code = sample(name);
      const options = { secret: SECRET, name: name === "ai-node-sign" ? "helpdeskySignature" : "sign" };
      assert.deepEqual(await signedBy(language, code, EMAILS, options), VECTORS);
      const other = await signedBy(language, code, EMAILS.slice(0, 1), { ...options, secret: `${SECRET}y` });
      assert.notEqual(other[EMAILS[0]], VECTORS[EMAILS[0]], "it reads the secret from the environment");
    });
  }
}

test("the line for a shell gives the same", () => {
  const out = execFileSync("sh", ["-c", sample("openssl-sign")], { encoding: "utf8" });
  assert.ok(out.includes(VECTORS["user@example.com"]), out);
});

// The samples of the guides that came before ours, as customers typed them: HDH_HMAC_SECRET, their own
// names, Laravel's env() and Ruby's ENV.
const TYPED = {
  js: [
    "generateHmac",
    `const crypto = require("crypto");
function generateHmac(userEmail) {
  return crypto.createHmac("sha256", process.env.HDH_HMAC_SECRET).update(userEmail).digest("hex");
}
for (const email of process.argv.slice(2)) console.log(generateHmac(email));`,
    (code) => ({ "run.mjs": 'import "./typed.cjs";', "typed.cjs": code }),
  ],
  python: [
    "generate_hmac",
    `import hmac
import hashlib
import os

def generate_hmac(user_email: str) -> str:
    key = os.environ['HDH_HMAC_SECRET'].encode()
    return hmac.new(key, user_email.encode(), hashlib.sha256).hexdigest()
`,
  ],
  php: [
    "generateHmac",
    `<?php
function env(string $name) { return getenv($name); } // as Laravel has it
function generateHmac(string $userEmail): string {
    return hash_hmac('sha256', $userEmail, env('HDH_HMAC_SECRET'));
}`,
  ],
  ruby: [
    "generate_hmac",
    `require 'openssl'
def generate_hmac(user_email)
  OpenSSL::HMAC.hexdigest('sha256', ENV['HDH_HMAC_SECRET'], user_email)
end`,
  ],
};

for (const [language, [name, code, files]] of Object.entries(TYPED)) {
  test(`code of the older guide in ${language} with HDH_HMAC_SECRET still signs`, { timeout: 60_000 }, async () => {
    const options = { name, secret: SECRET, variable: "HDH_HMAC_SECRET", files };
    assert.deepEqual(await signedBy(language, code, EMAILS, options), VECTORS);
  });
}
