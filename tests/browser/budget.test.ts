/** The window stays small: what a first visit loads, and what is drawn of a long run. Frames a second are measured by `npm run bench -- shell`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN } from "../../electron/core/state.ts";
import { curveData } from "../../electron/core/words/curve-data.ts";
import { entry, sample } from "../core/samples.ts";
import { type BuiltRenderer, buildRenderer } from "../fixtures/built-renderer.ts";

const MOST_BYTES = 300_000;
const STEPS = 50_000;
let built: BuiltRenderer;

beforeAll(async () => {
  built = await buildRenderer();
}, 120_000);
afterAll(() => built.remove());

test("the renderer is at most 300 kB, compressed", () => {
  const names = readdirSync(built.folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(js|css|html)$/.test(name));
  expect(names.some((name) => name.endsWith(".js"))).toBe(true);
  expect(names.reduce((sum, name) => sum + gzipSync(readFileSync(join(built.folder, name))).length, 0)).toBeLessThan(MOST_BYTES);
});

test("of fifty thousand steps no more is drawn than the eye can tell apart, up to the last of them", () => {
  let state = EMPTY_RUN;
  for (let step = 1; step <= STEPS; step += 1) state = reduce(state, entry(sample("step", { step, loss: 3 - (2 * step) / STEPS })));
  const { rows } = curveData({ ...state, totalSteps: STEPS });
  expect(rows.length).toBeLessThan(250);
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.at(-1)?.span?.to).toBe(STEPS);
});
