// Asks axe about the page, shadow roots included.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds wrong, as readable lines. */
export async function faults(page) {
  // Turbo marks the page as busy while it asks for another one.
  await page.waitForFunction(() => !document.documentElement.hasAttribute("aria-busy"));
  await page.evaluate(source);
  return page.evaluate(async (standards) => {
    const { violations } = await globalThis.axe.run(document, { runOnly: standards });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.flat().join(" ")} ${node.failureSummary.replace(/\s+/g, " ")}`),
    );
  }, STANDARDS);
}

/** Turbo says on the page itself that it is being replaced, and that may begin while axe is looking. */
const BEING_REPLACED = /^aria-allowed-attr: html .*aria-busy="true"$/;

export async function assertAccessible(page, where) {
  const found = await faults(page);
  assert.deepEqual(found.filter((it) => !BEING_REPLACED.test(it)), [], where);
}
