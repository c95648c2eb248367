/**
 * `npm run bench -- shell [--json] [--seconds N]`: what Thortime itself costs while it waits and while a run writes a step each second (a trainer
 * that trains nothing): the engine in Node, idle and at work; the menu-bar app beside it in a real Electron, where there is one; and how many
 * frames a second the window draws while a curve of 50,000 steps grows. Limits: engine ≤ 120 MB and ≤ 1 % of a core, renderer ≤ 300 kB gzip.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { attach } from "../../electron/hosts/attach.ts";
import type { Client } from "../../electron/hosts/client.ts";
import { endThortime, makeRun, makeThortime, stateOf, type Thortime, until } from "../faults/thortime.ts";
import { launchBrowser, openPage } from "../fixtures/browser.ts";
import { type BuiltRenderer, buildRenderer } from "../fixtures/built-renderer.ts";
import { startReplay } from "../fixtures/replay-server.ts";
import { endEngine, ensureBuilt } from "../hosts/homes.ts";
import { provide } from "../runner/provisions.ts";
import { launch, quit } from "../shell/launch.ts";
import { type Cost, costOf, treeOf } from "./process-cost.ts";

const LIMITS = { megabytes: 120, cpuPercent: 1, bundleKilobytes: 300 } as const;
const SETTLE_S = 5;
const CURVE_STEPS = 50_000;
const FRAMES_S = 5;

const { values } = parseArgs({ options: { json: { type: "boolean" }, seconds: { type: "string", default: "30" } } });
const seconds = Number(values.seconds);
const say = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
const told = (what: string, { cpuPercent, megabytes }: Cost) => say(`${what}: ${cpuPercent.toFixed(2)} % of a core, ${megabytes.toFixed(0)} MB`);

async function given(need: "python" | "electron", variable: string): Promise<boolean> {
  if (process.env[variable]) return true;
  const found = await provide(need, (line) => say(`  ${line}`));
  if ("missing" in found) say(`${need}: ${found.missing}`);
  else Object.assign(process.env, found.env);
  return !("missing" in found);
}

async function engineCost(client: Client): Promise<Cost> {
  const { pid } = await client.call("engine-info", {});
  await new Promise((resolve) => setTimeout(resolve, SETTLE_S * 1000));
  return costOf(() => [pid], seconds);
}

async function idle(thortime: Thortime): Promise<Cost> {
  const client = await attach(thortime.options);
  const cost = await engineCost(client);
  client.close();
  await endEngine(thortime.home);
  return cost;
}

/** A window follows the run, as on a desk. */
async function atWork(thortime: Thortime): Promise<{ readonly engine: Cost; readonly shell: Cost | null; readonly shellMain: Cost | null }> {
  const run = makeRun(thortime, { steps: 100_000, seconds: 1, save: 50_000 });
  const client = await attach(thortime.options);
  client.subscribe(`run:${run}`, () => {});
  await until("the run trains", () => (stateOf(thortime, run).step?.step ?? 0) >= 3);
  const engine = await engineCost(client);
  const shell = (await given("electron", "THORTIME_TEST_ELECTRON")) ? await shellCost(thortime) : null;
  client.close();
  return { engine, shell: shell?.all ?? null, shellMain: shell?.main ?? null };
}

/** As it lies in the menu bar: no window is shown. */
async function shellCost({ home }: Thortime): Promise<{ readonly all: Cost; readonly main: Cost }> {
  const app = await launch(home);
  try {
    const pid = await app.evaluate(() => process.pid);
    await app.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) window.hide();
    });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_S * 1000));
    const [all, main] = await Promise.all([costOf(() => treeOf(pid), seconds), costOf(() => [pid], seconds)]);
    return { all, main };
  } finally {
    await quit(app);
  }
}

/** Frames a second while steps arrive and the cursor moves. */
async function frames({ folder }: BuiltRenderer): Promise<number> {
  const browser = await launchBrowser();
  const id = "bench-20261123-031100-00a1";
  const options = { run: id, name: "bench", moment: "training", kind: "full", steps: CURVE_STEPS, stepsDone: CURVE_STEPS - 1_000, stepSeconds: 1 } as const;
  const replay = await startReplay([{ ...options, startedAt: Date.now() - CURVE_STEPS * 1_000 }], folder);
  const { page, close } = await openPage(browser, replay.address);
  try {
    await page.waitForSelector(".plot-loss canvas");
    return await page.evaluate(async (limitS) => {
      const over = document.querySelector(".plot-loss .u-over");
      const place = over?.getBoundingClientRect();
      let count = 0;
      const startedAt = performance.now();
      while (performance.now() - startedAt < limitS * 1000) {
        const x = (place?.left ?? 0) + ((count * 7) % (place?.width ?? 1));
        over?.dispatchEvent(new MouseEvent("mousemove", { clientX: x, clientY: (place?.top ?? 0) + 20, bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(resolve));
        count += 1;
      }
      return Number(((1000 * count) / (performance.now() - startedAt)).toFixed(1));
    }, FRAMES_S);
  } finally {
    await close();
    await replay.close();
    await browser.close();
  }
}

/** What a first visit loads. */
function bundleKilobytes({ folder }: BuiltRenderer): number {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(js|css|html)$/.test(name));
  return Number((names.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0) / 1000).toFixed(1));
}

async function main(): Promise<void> {
  if (!(await given("python", "THORTIME_PYTHON"))) throw new Error("no Python");
  await ensureBuilt();
  const thortime = makeThortime();
  const renderer = await buildRenderer();
  try {
    const resting = await idle(thortime);
    told("engine, idle", resting);
    const { engine, shell, shellMain } = await atWork(thortime);
    told("engine, a step each second", engine);
    if (shell && shellMain) {
      told("app in the menu bar, all its processes", shell);
      told("  of it the main process", shellMain);
    }
    const fps = await frames(renderer);
    const bundle = bundleKilobytes(renderer);
    say(`window, a curve of ${CURVE_STEPS} steps: ${fps} frames a second; renderer ${bundle} kB gzip`);
    console.log(
      JSON.stringify({ name: "shell", seconds, idle: resting, engine, shell, shellMain, framesPerSecond: fps, bundleKilobytes: bundle, limits: LIMITS }),
    );
  } finally {
    await endThortime(thortime);
    await renderer.remove();
  }
}

await main();
