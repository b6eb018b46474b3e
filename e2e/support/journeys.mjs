// One program, one customer's site and one browser for all journeys of a file;
// a fresh browser context and fresh people for each journey. After each one it
// holds what must hold for every page that carries the embed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, watched } from "./browser.mjs";
import { Desk } from "./desk.mjs";
import { Panel } from "./panel.mjs";
import { Site } from "./site.mjs";

const JOURNEY_MS = 60_000;

/** `settings` are those of the program. */
export function journeys(settings) {
  const world = {};

  before(
    async () => {
      world.desk = await Desk.start(settings);
      world.site = await Site.start(world.desk);
      world.browser = await launch();
    },
    { timeout: JOURNEY_MS },
  );

  after(async () => {
    await world.browser?.close();
    await world.site?.stop();
    await world.desk?.stop();
  });

  /**
   * `run` gets { page, context, panel, seen, desk, site, browser, own, user }; hosts it adds to `own` may
   * be asked for something, nobody else's. A journey
   * on which something is refused says so: `warnings` is how many lines the panel
   * then writes, `refused` that the browser itself may report failed requests. One that
   * builds an app first has more `patience`.
   */
  const journey = (name, options, run) => {
    if (!run) return journey(name, {}, options);
    const { warnings = 0, refused = false, context: how, patience = JOURNEY_MS } = options;
    test(name, { timeout: patience }, async () => {
      const { desk, site, browser } = world;
      const { context, seen } = await watched(browser, how);
      try {
        const page = await context.newPage();
        const own = [new URL(desk.base).host, new URL(desk.origin).host, `:${site.port}`];
        await run({ page, context, panel: new Panel(page), seen, desk, site, browser, own, user: desk.person() });
        assertQuiet(seen, warnings, refused, own);
      } catch (error) {
        error.message += `\nconsole: ${JSON.stringify([...seen.warnings, ...seen.errors, ...seen.uncaught])}`;
        throw error;
      } finally {
        await context.close();
      }
    });
  };
  return journey;
}

function assertQuiet(seen, warnings, refused, own) {
  assert.deepEqual(seen.uncaught, [], "no uncaught error or rejection");
  assert.deepEqual(seen.errors, [], "nothing in the console as an error");
  if (!refused) assert.deepEqual(seen.refused, [], "no request was refused");
  const ours = seen.warnings.filter((it) => it.includes("[Helpdesky]"));
  assert.equal(ours.length, warnings, `warnings of the panel: ${ours.join(" | ")}`);
  assert.deepEqual(seen.violations, [], "no violation of a content security policy");
  const foreign = seen.requests
    .map((it) => it.url())
    .filter((it) => /^https?:/.test(it) && !own.some((host) => new URL(it).host.endsWith(host)));
  assert.deepEqual(foreign, [], "no request to anybody else");
}
