/** Each line of the night check says ok, fix, warning or unknown, with its reason, in both languages. */
import { describe, expect, test } from "vitest";
import type { EventOf } from "../../electron/core/events.ts";
import { type NightFacts, nightChecks, summary } from "../../electron/core/preflight/checks.ts";
import { estimateMemory, GEMMA2_2B } from "../../electron/core/preflight/memory.ts";
import { unknown } from "../../electron/core/reading.ts";
import en from "../../resources/messages/en.json";
import tr from "../../resources/messages/tr.json";
import { inEnglish } from "../fixtures/why.ts";
import { BLIND, FINE, known } from "./conditions.ts";
import { planOf } from "./plans.ts";
import { eventOf, sample } from "./samples.ts";

const READY: NightFacts = {
  mac: true,
  conditions: FINE,
  freeBytes: 100e9,
  neededBytes: 20e9,
  totalMemoryBytes: 16e9,
  ollama: { loaded: known([]) },
  unloadAgreed: false,
  sleepDisplayAgreed: true,
  pythonFault: null,
  dataFindings: known(0),
  baseline: { name: "jessy-maximum", kept: known({ current: true, previous: false }) },
  pendingUpdates: known([]),
  plan: null,
  steps: null,
  memory: { ...estimateMemory(GEMMA2_2B, planOf().training), peakBytes: 6e9 },
  calibration: null,
  pauseBelowPercent: 30,
};
const measured = (change: Partial<EventOf<"calibrated">>) => {
  const found = eventOf(sample("calibrated", change));
  if (found.type !== "calibrated") throw new Error("not what was made");
  return { run: "jessy-quick", found };
};
const ABSENT = { kind: "ollama.absent", message: "Ollama is not running.", next: "Start it." };
const UNSEEN: Partial<NightFacts> = {
  dataFindings: unknown("the file is gone"),
  baseline: { name: "jessy-maximum", kept: unknown("Ollama does not answer") },
  pendingUpdates: unknown("defaults: it is not installed"),
};
const verdicts = (change: Partial<NightFacts>) => Object.fromEntries(nightChecks({ ...READY, ...change }).map((one) => [one.id, one.verdict]));
const sensed = (change: Partial<NightFacts["conditions"]>) => verdicts({ conditions: { ...FINE, ...change } });

test("a machine that is ready: every line is ok", () => {
  expect(summary(nightChecks(READY))).toEqual({ fixes: 0, warnings: 0, unknown: 0 });
});

test("a machine about which nothing is known: nothing is called ok that was not seen, each with its reason", () => {
  const checks = nightChecks({
    ...READY,
    ...UNSEEN,
    conditions: BLIND,
    freeBytes: null,
    totalMemoryBytes: null,
    ollama: { loaded: unknown("Ollama did not answer") },
    memory: null,
  });
  const unseen = checks.filter((one) => one.verdict === "unknown");
  expect(unseen.map((one) => one.id)).toEqual([
    "power",
    "battery",
    "lid",
    "low-power",
    "disk",
    "memory-used",
    "memory-needed",
    "ollama",
    "update",
    "data",
    "backup",
    "cooling",
  ]);
  for (const { id, key, why } of unseen) if (key === "check.unknown") expect(inEnglish(why), id).not.toBe("");
});

describe("line by line", () => {
  test.each<[string, Partial<NightFacts["conditions"]>, string]>([
    ["power", { onBattery: known(true) }, "fix"],
    ["battery", { batteryPercent: known(29) }, "warning"],
    ["battery", { batteryPercent: known(30) }, "ok"],
    ["battery", { batteryPercent: unknown("no battery") }, "unknown"],
    ["lid", { lidClosed: known(true) }, "fix"],
    ["low-power", { lowPowerMode: known(true) }, "fix"],
    ["memory-used", { memoryLevel: known("warning") }, "fix"],
    ["memory-used", { memoryUsedBytes: known(9e9) }, "warning"],
    ["cooling", { temperature: known(70) }, "warning"],
    ["cooling", { thermalLevel: known("heavy"), temperature: known(40) }, "warning"],
    ["cooling", { thermalLevel: known("nominal"), temperature: unknown("no macmon") }, "unknown"],
  ])("%s %j: %s", (id, change, verdict) => {
    expect(sensed(change)[id]).toBe(verdict);
  });

  test.each<[string, Partial<NightFacts>, string]>([
    ["display", { sleepDisplayAgreed: false }, "warning"],
    ["display", { sleepDisplayAgreed: false, mac: false }, "ok"],
    ["disk", { freeBytes: 24.9e9 }, "fix"],
    ["disk", { freeBytes: 25e9 }, "ok"],
    ["memory-needed", { memory: { ...estimateMemory(GEMMA2_2B, planOf().training), peakBytes: 11e9 } }, "fix"],
    ["memory-needed", { memory: { ...estimateMemory(GEMMA2_2B, planOf().training), peakBytes: 10e9 } }, "warning"],
    ["ollama", { ollama: { loaded: known([{ name: "jessy-maximum", memoryBytes: 2e9 }]) } }, "fix"],
    ["ollama", { ollama: { fault: ABSENT } }, "warning"],
    ["ollama", { ollama: { fault: { ...ABSENT, kind: "ollama.old" } } }, "warning"],
    ["ollama", { ollama: { loaded: known([{ name: "jessy-maximum", memoryBytes: 2e9 }]) }, unloadAgreed: true }, "ok"],
    ["python", { pythonFault: { kind: "environment.missing", message: "m", next: "n" } }, "fix"],
    ["data", { dataFindings: known(3) }, "warning"],
    ["data", { dataFindings: null }, "unknown"],
    ["backup", { baseline: null }, "ok"],
    ["backup", { baseline: { name: "a", kept: known({ current: false, previous: false }) } }, "ok"],
    ["update", { pendingUpdates: known(["macOS 27.1"]) }, "warning"],
  ])("%s %j: %s", (id, change, verdict) => {
    expect(verdicts(change)[id]).toBe(verdict);
  });
});

describe("the plan's own warnings", () => {
  const plan = (change: Parameters<typeof planOf>[0], steps: number | null, source = "unsloth/gemma-2-2b-it") => {
    const made = planOf(change);
    return verdicts({ plan: { ...made, model: { ...made.model, source } }, steps });
  };
  test("a warm-up that never ends, a checkpoint that never comes, a batch that is too large, a base model", () => {
    expect(plan({}, 63)).toMatchObject({ "plan-warmup": "fix", "plan-checkpoint": "warning", "plan-batch": "warning" });
    expect(plan({ warmup_steps: 100 }, 300)).toMatchObject({ "plan-warmup": "warning" });
    expect(plan({}, 63, "unsloth/gemma-2-2b")).toMatchObject({ "plan-base": "warning" });
  });
  test("a plan that works for its user is left alone, and what is not known is not guessed", () => {
    const gentle = { warmup_steps: 10, save_steps: 100, micro_batch_size: 1 };
    expect(Object.keys(plan(gentle, 608)).filter((id) => id.startsWith("plan-"))).toEqual([]);
    expect(Object.keys(plan(gentle, null)).filter((id) => id.startsWith("plan-"))).toEqual([]);
    expect(plan({ micro_batch_tokens: 4096 }, 608)["plan-batch"]).toBeUndefined();
    expect(plan({ calibrate: true }, 608)["plan-batch"]).toBeUndefined();
  });
});

test("what was measured in the test before is said with its figures", () => {
  const [check] = nightChecks({ ...READY, calibration: measured({}) }).filter(({ id }) => id === "calibration");
  expect(check).toMatchObject({ verdict: "ok", key: "check.calibration.faster" });
  expect(check?.values).toEqual({ run: "jessy-quick", rowsLong: "1", longest: "2048", rows: "8", typical: "256", times: "1.7", size: "7.9" });
  expect(verdicts({})["calibration"]).toBeUndefined();
});

test("every case has its words in both languages", () => {
  const states: Partial<NightFacts>[] = [
    {},
    { ...UNSEEN, conditions: BLIND, freeBytes: null, totalMemoryBytes: null, ollama: { loaded: unknown("Ollama did not answer") }, memory: null },
    { mac: false, baseline: null, sleepDisplayAgreed: false, dataFindings: null, pendingUpdates: known(["macOS 27.1"]) },
    { sleepDisplayAgreed: false, baseline: { name: "a", kept: known({ current: false, previous: false }) }, dataFindings: known(2), freeBytes: 1 },
    { baseline: { name: "a", kept: known({ current: true, previous: true }) }, totalMemoryBytes: 6e9 },
    { pythonFault: { kind: "a", message: "b", next: "c" }, ollama: { loaded: known([{ name: "a", memoryBytes: 1e9 }]) }, totalMemoryBytes: 10e9 },
    { ollama: { loaded: known([{ name: "a", memoryBytes: 1e9 }]) }, unloadAgreed: true, plan: planOf(), steps: 63 },
    { plan: { ...planOf({ warmup_steps: 30 }), model: { source: "unsloth/gemma-2-2b", local: false } }, steps: 100 },
    {
      conditions: {
        ...FINE,
        onBattery: known(true),
        batteryPercent: known(5),
        lidClosed: known(true),
        lowPowerMode: known(true),
        memoryLevel: known("critical"),
        thermalLevel: known("heavy"),
      },
    },
    { conditions: { ...FINE, memoryUsedBytes: known(15e9), temperature: known(80) } },
    ...[10.4, 6.1, null].map((planSecondsPerStep) => ({ calibration: measured({ planSecondsPerStep }) })),
    { ollama: { fault: ABSENT } },
    { ollama: { fault: ABSENT }, mac: false },
    { ollama: { fault: { ...ABSENT, kind: "ollama.old" } } },
  ];
  const checks = states.flatMap((change) => nightChecks({ ...READY, ...change }));
  const keys = new Set(checks.flatMap(({ id, key }) => [key, `check.name.${id}`]));
  for (const words of [en, tr]) for (const key of keys) expect(words).toHaveProperty([key]);
  const there = Object.keys(en).filter((key) => key.startsWith("check."));
  expect(there.filter((key) => !keys.has(key) && !key.startsWith("check.verdict."))).toEqual([]);
});
