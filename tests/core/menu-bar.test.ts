/** What the menu bar says at each state of a run: true, short, in both languages, and never a figure that nobody measured. */
import { describe, expect, test } from "vitest";
import type { Event } from "../../electron/core/events.ts";
import { BAR_ICONS, type BarView, type BarWords, isLiving, menuBar } from "../../electron/core/menu-bar.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import en from "../../resources/messages/en.json";
import sentences from "../../resources/messages/sentences.tr.json";
import tr from "../../resources/messages/tr.json";
import { simulateRun } from "./recorded-runs.ts";

const clock = (atMs: number) => new Date(atMs).toISOString().slice(11, 16);
const english: BarWords = { language: "en", words: en, clock };
const turkish: BarWords = { language: "tr", words: { ...tr, ...sentences }, clock };

/** A night in the middle of its training. */
function training(): { readonly run: RunState; readonly nowMs: number } {
  const events = simulateRun(3, "calm");
  const steps = events.filter((event) => event.type === "step").length;
  let seen = 0;
  const first: Event[] = [];
  for (const event of events) {
    first.push(event);
    if (event.type === "step") seen += 1;
    if (seen > steps * 0.62) break;
  }
  const run = first.reduce((state, event) => reduce(state, { event }), EMPTY_RUN);
  const phases = { ...run.phases, train: { ...run.phases.train, status: "running" as const } };
  for (const phase of ["fetch", "prepare", "before"] as const) phases[phase] = { ...phases[phase], status: "done" };
  return { run: { ...run, name: "jessy", phases }, nowMs: first.at(-1)?.at ?? 0 };
}

function warm(run: RunState, celsius: number | null, at: number): RunState {
  return { ...run, conditions: { type: "conditions", at, temperature: celsius } as NonNullable<RunState["conditions"]> };
}

const view = (run: RunState | null, nowMs: number, more: Partial<BarView> = {}): BarView => ({ run, offline: null, openAtLogin: false, nowMs, ...more });
const labels = (bar: ReturnType<typeof menuBar>) => bar.menu.flat().map((item) => item.label);
const enabled = (bar: ReturnType<typeof menuBar>) => bar.menu.flat().flatMap((item) => (item.enabled && item.action ? [item.action] : []));

describe("the title", () => {
  const { run, nowMs } = training();

  test("says share, temperature and end in a few characters", () => {
    const { title, icon, tooltip } = menuBar(view(warm(run, 81.4, nowMs), nowMs), english);
    expect(title).toMatch(/^6[123]% 81° \d\d:\d\d$/);
    expect(icon).toBe("training");
    expect(tooltip).toMatch(/^Thortime: jessy: Training · Step \d+ of \d+, 6[123]% · Done \d\d:\d\d–\d\d:\d\d · 81 °C$/);
  });

  test("Turkish puts the percent sign first", () => {
    expect(menuBar(view(warm(run, 81.4, nowMs), nowMs), turkish).title).toMatch(/^%6[123] 81° \d\d:\d\d$/);
  });

  test("leaves out what is not known, and the menu says so", () => {
    for (const unknown of [run, warm(run, null, nowMs), warm(run, 81, nowMs - 121_000)]) {
      const bar = menuBar(view(unknown, nowMs), english);
      expect(bar.title).toMatch(/^6[123]% \d\d:\d\d$/);
      expect(labels(bar)).toContain("Temperature not known");
    }
    const few = { ...run, timing: { ...run.timing, steps: [] } };
    const bar = menuBar(view(warm(few, 81, nowMs), nowMs), english);
    expect(bar.title).toMatch(/^6[123]% 81°$/);
    expect(labels(bar)).toContain("Finish not known yet");
  });

  test("is empty where nothing moves", () => {
    expect(menuBar(view(null, 0), english)).toMatchObject({ title: "", icon: "idle", tooltip: "Thortime: Nothing is running" });
    const ended = { type: "run-ended", at: 1, outcome: "finished", seconds: 1 } as NonNullable<RunState["ended"]>;
    expect(menuBar(view({ ...run, ended }, nowMs), english)).toMatchObject({ title: "", icon: "done" });
  });
});

describe("the menu", () => {
  const { run, nowMs } = training();

  test("offers what the window offers, in a fixed order", () => {
    expect(enabled(menuBar(view(run, nowMs), english))).toEqual(["pause", "checkpoint", "stop", "open", "login", "quit"]);
    const paused = { ...run, process: null, asked: { ...run.asked, pause: true } };
    expect(enabled(menuBar(view(paused, nowMs), english))).toEqual(["resume", "stop", "open", "login", "quit"]);
    const order = (bar: ReturnType<typeof menuBar>) => bar.menu.flat().flatMap((item) => item.action ?? []);
    expect(order(menuBar(view(paused, nowMs), english))).toEqual(order(menuBar(view(null, 0), turkish)));
  });

  test("offers nothing that needs an engine while there is none, and says so", () => {
    const bar = menuBar(view(run, nowMs, { offline: "gone" }), english);
    expect(enabled(bar)).toEqual(["open", "login", "quit"]);
    expect(labels(bar)[0]).toBe(en["bar.offline"]);
  });

  test("ticks the login item as it is", () => {
    const ticks = (openAtLogin: boolean) =>
      menuBar(view(null, 0, { openAtLogin }), english)
        .menu.flat()
        .flatMap((item) => item.checked ?? []);
    expect([ticks(true), ticks(false)]).toEqual([[true], [false]]);
  });

  test("row 43: a name from outside is one short line without marks that turn text", () => {
    const name = `a\u202Eb\n${"x".repeat(200)}`;
    const [first = ""] = labels(menuBar(view({ ...run, name }, nowMs), english));
    expect(first).toMatch(/^a b x+…: Training$/);
    expect(first.length).toBeLessThan(60);
  });

  test("needs you: the icon and the fault's own sentence, in Turkish where it is known", () => {
    const fault = { kind: "disk.full", message: "The disk is full.", next: "Free some." };
    const failed = { ...run, process: null, phases: { ...run.phases, train: { ...run.phases.train, status: "failed" as const, fault } } };
    expect(menuBar(view(failed, nowMs), english)).toMatchObject({ icon: "needs-you", title: expect.stringMatching(/^6[123]%$/) });
    expect(labels(menuBar(view(failed, nowMs), turkish))[1]).toBe("Disk dolu.");
  });
});

test("resting is told by the icon, with the title as it was", () => {
  const { run, nowMs } = training();
  const resting = { ...run, obeyed: { desired: "rest" as const, why: "heat", pace: 0.5 } };
  expect(menuBar(view(warm(resting, 88, nowMs), nowMs), english)).toMatchObject({ icon: "resting", title: expect.stringMatching(/88°/) });
});

test("a run is living while it works or will by itself", () => {
  const { run } = training();
  expect(isLiving(run)).toBe(true);
  expect(isLiving({ ...run, process: null, asked: { ...run.asked, pause: true } })).toBe(false);
  expect(isLiving({ ...run, asked: { ...run.asked, pause: true } })).toBe(true);
});

test("every word of the bar is there in both languages, and none lies unused", async () => {
  const { readdirSync, readFileSync } = await import("node:fs");
  const { fileURLToPath } = await import("node:url");
  const folder = fileURLToPath(new URL("../../electron/", import.meta.url));
  const files = ["core/menu-bar.ts", ...readdirSync(`${folder}hosts/desktop`).map((name) => `hosts/desktop/${name}`)];
  const used = new Set(files.flatMap((name) => readFileSync(folder + name, "utf8").match(/"bar\.[a-z-]+"/g) ?? []).map((key) => key.slice(1, -1)));
  const keys = (catalogue: object) => Object.keys(catalogue).filter((key) => key.startsWith("bar."));
  expect([...used].sort()).toEqual(keys(en).sort());
  expect(keys(tr)).toEqual(keys(en));
});

test("each state has its icon, at both sizes", async () => {
  const { readFileSync } = await import("node:fs");
  const seen = new Set<string>();
  for (const icon of BAR_ICONS) {
    for (const [end, side] of [
      ["", 16],
      ["@2x", 32],
    ] as const) {
      const png = readFileSync(new URL(`../../resources/icons/tray-${icon}Template${end}.png`, import.meta.url));
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([side, side]);
      seen.add(png.toString("base64"));
    }
  }
  expect(seen.size).toBe(2 * BAR_ICONS.length);
});
