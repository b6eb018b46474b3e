// The code samples of the Ticket Center page, as somebody would copy them. Those in JavaScript and
// Python run, with stand-ins for their frameworks; those in PHP, Ruby and Go are held to their form.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { launch, watched } from "./support/browser.mjs";
import { Desk } from "./support/desk.mjs";
import { Operator } from "./support/operator.mjs";

const SECRET = "hdh_secret_xxxxxxxxxxxxxxxx";
const VECTORS = {
  "user@example.com": "5f7639f62f7bdf390af6f2bfa1107eda2270c98b4027dbb710666b38b83dfb1b",
  "User@Example.com": "612598f6e0f66eec95e7ac9e2cb67eccbb390791c40ccd8b25d865c752757b09",
  "jane+tag@example.com": "38ef39c0511427fa56bdbfe6b3ab32820264ff28658aaba61dd98997d36eb436",
  "\u00fcn\u00ef@example.com": "507846dbd7b040b0581afd9425d65b7f44c8ad66e429ef23255a1b41a0a683f0",
};
const STACKS = ["html", "react", "next", "vue", "svelte", "astro", "wp", "wix", "laravel", "rails", "django", "express", "go", "ai"];

let desk;
let code;
const require = createRequire(import.meta.url);

before(async () => {
  desk = await Desk.start();
  const browser = await launch();
  const { context } = await watched(browser);
  const operator = await Operator.at(context, desk);
  await operator.go("/ticket-center");
  code = await operator.page.evaluate(() => {
    const panels = [...document.querySelectorAll("[data-panel]")];
    const blocks = (panel) => [...panel.querySelectorAll("pre code")].map((it) => it.textContent);
    return Object.fromEntries(panels.map((panel) => [panel.dataset.panel, blocks(panel)]));
  });
  await browser.close();
});

after(() => desk?.stop());

/** Builds a sample with stand-ins for what it imports, runs it and gives what it exports. */
async function run(source, { stubs = {}, globals = {}, define = {}, loader = "jsx" } = {}) {
  const stand = {
    name: "stand-ins",
    setup(context) {
      context.onResolve({ filter: /./ }, ({ path, kind, importer }) => {
        const ours = kind !== "entry-point" && !importer.includes("node_modules");
        if (!ours || path.startsWith("node:") || path.startsWith("react")) return undefined;
        assert.ok(path in stubs, `a stand-in for ${path}`);
        return { path, namespace: "stub" };
      });
      context.onLoad({ filter: /./, namespace: "stub" }, ({ path }) => ({ contents: stubs[path], loader: "js" }));
    },
  };
  const { outputFiles } = await build({
    stdin: { contents: source, loader, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    jsx: "automatic",
    plugins: [stand],
    define,
    logLevel: "silent",
  });
  const module = { exports: {} };
  const names = Object.keys(globals);
  const body = new Function("module", "exports", "require", ...names, outputFiles[0].text);
  process.env.HELPDESKY_HMAC_SECRET = SECRET;
  body(module, module.exports, require, ...names.map((name) => globals[name]));
  return module.exports;
}

/** Checks a function from address to signature against the vectors. */
async function signs(sign) {
  for (const [email, signature] of Object.entries(VECTORS)) assert.equal(await sign(email), signature, email);
}

/** An Express app as far as a sample uses it; gives what its route answers a signed-in user. */
async function answered(source, path, email) {
  const got = { headers: {} };
  const response = {
    set: (name, value) => ((got.headers[name.toLowerCase()] = value), response),
    type: (type) => ((got.type = type), response),
    json: (body) => (got.body = body),
    send: (body) => (got.body = body),
  };
  const routes = {};
  const requireLogin = () => undefined;
  const app = { get: (at, ...handlers) => (routes[at] = handlers) };
  await run(source, { globals: { app, requireLogin } });
  assert.ok(routes[path].includes(requireLogin), "behind the sign-in");
  await routes[path].at(-1)({ user: { email } }, response);
  assert.equal(got.headers["cache-control"], "no-store");
  return got.body;
}

test("every stack names this installation and no placeholder of ours", () => {
  assert.deepEqual(Object.keys(code), STACKS);
  for (const [stack, blocks] of Object.entries(code)) {
    const text = blocks.join("\n");
    assert.ok(text.includes(`${desk.base}/ticket-center.js`), stack);
    assert.ok(text.includes(desk.id), stack);
    assert.ok(!text.includes(desk.secret), stack);
    assert.ok(text.includes("HELPDESKY_HMAC_SECRET"), `${stack} reads the secret by its name`);
    assert.ok(!/(VITE|NEXT_PUBLIC|[^_]PUBLIC)_HELPDESKY/.test(text), stack);
  }
});

test("every page half holds the container and the three attributes, escaped by its template", () => {
  const ways = {
    html: /data-email="\{\{ user\.email \}\}"/,
    wp: /data-email="<\?php echo esc_attr\(\$email\); \?>"/,
    laravel: /data-email="\{\{ \$email \}\}"/,
    rails: /data-email="<%= @email %>"/,
    django: /data-email="\{\{ email \}\}"/,
    go: /data-email="\{\{ \.Email \}\}"/,
    astro: /data-email=\{email\}/,
    express: /data-email="\$\{attribute\(email\)\}"/,
    wix: /data-email="\$\{attribute\(me\.email\)\}"/,
  };
  for (const [stack, email] of Object.entries(ways)) {
    const text = code[stack].join("\n");
    assert.match(text, /<div id="hdh-ticket-center"><\/div>/, stack);
    assert.match(text, email, stack);
    assert.match(text, /data-helpdesk-id=/, stack);
    assert.match(text, /data-signature=/, stack);
  }
  for (const stack of ["react", "next", "vue", "svelte"]) {
    const text = code[stack].join("\n");
    for (const name of ["helpdeskId", "email", "signature"]) assert.match(text, new RegExp(`dataset\\.${name} = `), stack);
    assert.match(text, /script\.remove\(\)/, `${stack} cleans up`);
  }
});

test("HTML with Node signs", () =>
  signs(async (email) => (await run(`${code.html[0]}\nexport { signature };`, { globals: { user: { email } } })).signature));

for (const stack of ["react", "vue"]) {
  test(`${stack}: the endpoint signs and is not cached`, () =>
    signs(async (email) => {
      const body = await answered(code[stack][0], "/api/support-identity", email);
      assert.equal(body.email, email);
      return body.signature;
    }));
}

test("Express signs, escapes and is not cached", async () => {
  await signs(async (email) => /data-signature="([0-9a-f]+)"/.exec(await answered(code.express[0], "/support", email))[1]);
  const page = await answered(code.express[0], "/support", `"><script>x</script>"@example.com`);
  assert.ok(!page.includes("<script>x") && page.includes("&#34;&#62;&#60;script"), page);
});

test("Next.js signs on the server", async () => {
  const stubs = {
    "next/navigation": "export const redirect = (to) => { throw new Error(`redirected to ${to}`); };",
    "@/auth": "export const auth = async () => globalThis.session;",
    "./ticket-center": "export const TicketCenter = 'TicketCenter';",
  };
  const page = (await run(code.next[0], { stubs })).default;
  await signs(async (email) => {
    globalThis.session = { user: { email } };
    const { props } = await page();
    assert.deepEqual(Object.keys(props).sort(), ["email", "signature"], "nothing else reaches the client");
    return props.signature;
  });
  globalThis.session = null;
  await assert.rejects(page, /redirected/);
  assert.match(code.next[1], /^"use client";/);
  await build({ stdin: { contents: code.next[1], loader: "jsx" }, write: false, logLevel: "silent" });
});

test("SvelteKit signs in load", async () => {
  const stubs = {
    "@sveltejs/kit": "export const error = (status) => { throw new Error(String(status)); };",
    "$env/static/private": `export const HELPDESKY_HMAC_SECRET = ${JSON.stringify(SECRET)};`,
  };
  const { load } = await run(code.svelte[0], { stubs });
  const headers = {};
  const setHeaders = (more) => Object.assign(headers, more);
  await signs((email) => load({ locals: { user: { email } }, setHeaders }).signature);
  assert.match(headers["cache-control"], /no-store/);
  assert.throws(() => load({ locals: {}, setHeaders }), /401/);
});

test("Astro signs in its frontmatter", async () => {
  const lines = code.astro[0].split("---")[1].split("\n");
  const outer = lines.filter((line) => /^(import|export) /.test(line));
  const inner = lines.filter((line) => !/^(import|export) /.test(line));
  const source = `${outer.join("\n")}\nexport function page(Astro) { ${inner.join("\n")}\n return signature; }`;
  const { page, prerender } = await run(source, { define: { "import.meta.env.HELPDESKY_HMAC_SECRET": JSON.stringify(SECRET) } });
  assert.equal(prerender, false);
  const astro = (user) => ({ locals: { user }, redirect: (to) => to, response: { headers: new Headers() } });
  await signs((email) => page(astro({ email })));
  assert.equal(page(astro(null)), "/login");
  assert.match(code.astro[0], /<script is:inline /);
});

test("Wix signs in a web method for members", async () => {
  const stubs = {
    "wix-web-module": "export const Permissions = { SiteMember: 'SiteMember' }; export const webMethod = (who, run) => { if (who !== 'SiteMember') throw new Error(who); return run; };",
    "wix-secrets-backend": `export const getSecret = async (name) => name === "HELPDESKY_HMAC_SECRET" ? ${JSON.stringify(SECRET)} : "";`,
    "wix-members-backend": "export const currentMember = { getMember: async () => ({ loginEmail: globalThis.member }) };",
  };
  const { supportIdentity } = await run(code.wix[0], { stubs });
  await signs(async (email) => {
    globalThis.member = email;
    return (await supportIdentity()).signature;
  });
  let shown;
  const stub = `export const supportIdentity = async () => ({ email: '"><b>x', signature: "ab" });`;
  const $w = Object.assign(() => ({ set src(html) { shown = html; } }), { onReady: (run) => run() });
  await run(code.wix[1], { stubs: { "backend/support.web": stub }, globals: { $w } });
  await new Promise((soon) => setTimeout(soon, 10));
  assert.ok(shown.includes('data-email="&#34;&#62;&#60;b&#62;x"'), shown);
});

test("Django signs in its view", async () => {
  const folder = await mkdtemp(join(tmpdir(), "helpdesky-django-"));
  try {
    await writeFile(join(folder, "views.py"), code.django[0]);
    await writeFile(
      join(folder, "run.py"),
      `
import json, sys, types
def module(name, **items):
    made = types.ModuleType(name)
    made.__dict__.update(items)
    sys.modules[name] = made
marks = []
def mark(name):
    def wrap(view):
        marks.append(name)
        return view
    return wrap
for name in ["django", "django.contrib", "django.contrib.auth", "django.views", "django.views.decorators"]:
    module(name)
module("django.contrib.auth.decorators", login_required=mark("login_required"))
module("django.views.decorators.cache", never_cache=mark("never_cache"))
module("django.shortcuts", render=lambda request, page, values: values)
import views
user = lambda email: types.SimpleNamespace(user=types.SimpleNamespace(email=email))
print(json.dumps({"marks": marks, "signatures": {email: views.support(user(email))["signature"] for email in json.loads(sys.argv[1])}}))
`,
    );
    const out = execFileSync("python3", ["run.py", JSON.stringify(Object.keys(VECTORS))], {
      cwd: folder,
      env: { ...process.env, HELPDESKY_HMAC_SECRET: SECRET, PYTHONDONTWRITEBYTECODE: "1" },
      encoding: "utf8",
    });
    assert.deepEqual(JSON.parse(out), { marks: ["never_cache", "login_required"], signatures: VECTORS });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Brackets and quotes outside of strings pair up. */
function assertBalanced(text, where) {
  const bare = text.replace(/"(\\.|[^"\\\n])*"/g, "").replace(/`[^`]*`/gs, "").replace(/\/\/ .*$/gm, "");
  const open = [];
  const pairs = { ")": "(", "]": "[", "}": "{" };
  for (const letter of bare) {
    if ("([{".includes(letter)) open.push(letter);
    else if (letter in pairs) assert.equal(open.pop(), pairs[letter], where);
  }
  assert.deepEqual(open, [], where);
  assert.ok(!bare.includes('"') && !bare.includes("`"), where);
}

test("PHP, Ruby and Go: algorithm, message and key stand in their places", () => {
  const forms = {
    wp: /hash_hmac\("sha256", \$email, HELPDESKY_HMAC_SECRET\)/,
    laravel: /hash_hmac\("sha256", \$email, config\("services\.helpdesky\.secret"\)\)/,
    rails: /OpenSSL::HMAC\.hexdigest\("SHA256", ENV\.fetch\("HELPDESKY_HMAC_SECRET"\), @email\)/,
    go: /hmac\.New\(sha256\.New, \[\]byte\(os\.Getenv\("HELPDESKY_HMAC_SECRET"\)\)\)\s+mac\.Write\(\[\]byte\(email\)\)\s+return hex\.EncodeToString\(mac\.Sum\(nil\)\)/,
  };
  for (const [stack, form] of Object.entries(forms)) assert.match(code[stack].join("\n"), form, stack);
  assert.match(code.laravel[0], /"helpdesky" => \[\s+"secret" => env\("HELPDESKY_HMAC_SECRET"\),\s+\],/);
  assert.match(code.laravel[1], /->middleware\("auth"\);/);
  assert.match(code.laravel[1], /"Cache-Control", "no-store, private"/);
  assert.match(code.rails[0], /before_action :authenticate_user!/);
  assert.equal(code.rails[0].match(/\b(class|def)\b/g).length, code.rails[0].match(/^\s*end$/gm).length);
  assert.match(code.wp[0], /nocache_headers\(\);/);
  assert.match(code.wp[0], /auth_redirect\(\)/);
  for (const used of ["hmac", "sha256", "hex", "template", "http", "os"]) {
    assert.match(code.go[0], new RegExp(`\\b${used}\\.`), `${used} is imported and used`);
  }
  assertBalanced(code.go[0], "go");
  assertBalanced(code.laravel[1], "laravel");
});
