/**
 * `node tests/package/photograph.ts PICTURE PROGRAM ARGUMENT…`: starts an app as a person does, waits for its page, takes a picture of it,
 * and ends it. Through Chromium's own debugging port, because a packaged app takes no Node debugger (its fuses).
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Page } from "playwright-core";

const START_MS = 60_000;
const [picture, program, ...args] = process.argv.slice(2);

async function main(): Promise<void> {
  if (picture === undefined || program === undefined) throw new Error("usage: photograph.ts PICTURE PROGRAM ARGUMENT…");
  const startedAt = performance.now();
  const child = spawn(program, [...args, "--remote-debugging-port=0"], { stdio: ["ignore", "inherit", "pipe"] });
  try {
    const browser = await chromium.connectOverCDP(await debuggerOf(child.stderr));
    const page = await pageOf(() => browser.contexts().flatMap((context) => context.pages()));
    await page.waitForSelector("#root > *", { timeout: START_MS });
    console.log(`page shown after ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${page.url()}`);
    mkdirSync(dirname(picture), { recursive: true });
    await page.screenshot({ path: picture });
    await browser.close();
  } finally {
    child.kill("SIGTERM");
  }
}

/** Chromium tells its address on stderr, once. */
async function debuggerOf(stderr: NodeJS.ReadableStream): Promise<string> {
  const limit = setTimeout(() => console.error("The app has not opened its debugging port."), START_MS);
  for await (const line of createInterface({ input: stderr })) {
    const address = /^DevTools listening on (ws:\S+)$/.exec(line)?.[1];
    if (address === undefined) continue;
    clearTimeout(limit);
    stderr.resume();
    return address;
  }
  throw new Error("the app ended before it opened its debugging port");
}

async function pageOf(pages: () => readonly Page[]): Promise<Page> {
  for (let waitedMs = 0; waitedMs < START_MS; waitedMs += 100) {
    const ours = pages().find((page) => page.url().startsWith("app://thortime/"));
    if (ours) return ours;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the app shows no page");
}

await main();
process.exit(0);
