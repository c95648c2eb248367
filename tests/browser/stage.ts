/** A built renderer, a browser and replays for one test file; everything is taken down at its end. */
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { launchBrowser, type Opened, openPage } from "../fixtures/browser.ts";
import { type BuiltRenderer, buildRenderer } from "../fixtures/built-renderer.ts";
import type { RunOptions } from "../fixtures/journal.ts";
import { type Machine, type Replay, startReplay } from "../fixtures/replay-server.ts";

export const RUN = "thortime-practice-20261123-031100-00a1";

/** Now and not a fixed day: the window shows how long ago things were, and when they will end. */
export function practice(change: Partial<RunOptions> = {}): RunOptions {
  return { run: RUN, name: "thortime-practice", moment: "training", startedAt: Date.now() - 120_000, ...change };
}

export interface Stage {
  show(runs: readonly RunOptions[], options?: BrowserContextOptions, machine?: Machine): Promise<Opened & { readonly replay: Replay }>;
}

export function setStage(): Stage {
  let browser: Browser | null = null;
  let built: BuiltRenderer | null = null;
  const opened: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    [browser, built] = await Promise.all([launchBrowser(), buildRenderer()]);
  }, 120_000);
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });
  afterAll(async () => {
    await browser?.close();
    await built?.remove();
  });
  return {
    async show(runs, options, machine) {
      if (!browser || !built) throw new Error("the stage is not set");
      const replay = await startReplay(runs, built.folder, machine);
      opened.push(replay);
      const page = await openPage(browser, replay.address, options);
      opened.push(page);
      return { ...page, replay };
    },
  };
}
