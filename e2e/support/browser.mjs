// Chromium as the machine has it, and pages that write down what happened in them.

import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";
import { HOSTS } from "./site.mjs";

function executable() {
  if (process.env.E2E_CHROMIUM) return process.env.E2E_CHROMIUM;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // Not this one.
    }
  }
  throw new Error("No Chromium in the PATH. Install one, or name it in E2E_CHROMIUM.");
}

export function launch() {
  return chromium.launch({
    executablePath: executable(),
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
      `--host-resolver-rules=${Object.values(HOSTS)
        .map((host) => `MAP ${host} 127.0.0.1`)
        .join(", ")}`,
    ],
  });
}

/** The browser itself writes a line for each answer of 4xx or 5xx and each request that failed; no page can prevent it. */
const BY_THE_BROWSER = /^Failed to load resource: /;

/**
 * Opens a context and writes down, for every page in it: console lines, uncaught
 * errors, requests, violations of a content security policy and the panel's events.
 */
export async function watched(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 760 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(8_000);
  const seen = { warnings: [], errors: [], refused: [], uncaught: [], requests: [], violations: [] };
  context.on("console", (message) => {
    const text = message.text();
    if (message.type() === "warning") seen.warnings.push(text);
    if (message.type() === "error") (BY_THE_BROWSER.test(text) ? seen.refused : seen.errors).push(text);
  });
  context.on("weberror", (error) => seen.uncaught.push(String(error.error())));
  context.on("request", (request) => seen.requests.push(request));
  await context.exposeBinding("e2eViolation", (_source, text) => seen.violations.push(text));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      globalThis.e2eViolation?.(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
    });
    globalThis.e2eEvents = [];
    for (const name of ["ready", "unread", "error"]) {
      addEventListener(`hdh:${name}`, (event) =>
        globalThis.e2eEvents.push({ name, detail: event.detail, at: event.target.id, composed: event.composed }),
      );
    }
  });
  return { context, seen };
}
