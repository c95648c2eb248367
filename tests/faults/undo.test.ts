/** One command goes back to the model before, on a real Ollama; a kill at any of its steps leaves one of the two answering, and is completed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createOllama } from "../../electron/adapters/ollama.ts";
import { variant } from "./deploy-home.ts";
import type { Moment } from "./deploy-proxy.ts";
import { Stage } from "./deploy-stage.ts";

const ENGINE = fileURLToPath(new URL("deploy-engine.ts", import.meta.url));

let stage: Stage;
let [older, newer] = ["", ""];
beforeAll(async () => {
  stage = await Stage.open();
  older = await deploy("one", 1);
  newer = await deploy("two", 2);
}, 900_000);
afterAll(() => stage.close());

async function deploy(name: string, number: number): Promise<string> {
  const folder = variant(join(stage.night.path, name), number);
  const state = await stage.deploy({ name, as: "night", folder, topK: 40 + number });
  await stage.night.until("it is listed", () => stage.night.homeState().versions.some(({ run }) => run === state.id));
  return state.deployed?.digest ?? "";
}

const rows = async () => (await stage.night.call("versions", {})).rows;
const kindOf = (error: { fault: { kind: string } }) => error.fault.kind;

describe("row 36: undo", () => {
  test("lets the model before answer again, in seconds, and keeps the other; once more goes forward again", async () => {
    expect(await stage.hand.tags()).toEqual({ "night:latest": newer, "night:prev": older });
    const started = performance.now();
    expect(await stage.night.call("version-undo", { name: "NIGHT" })).toEqual({ serves: older, kept: newer });
    process.stdout.write(`undo: ${Math.round(performance.now() - started)} ms\n`);
    expect(await stage.hand.tags()).toEqual({ "night:latest": older, "night:prev": newer });
    expect(await stage.hand.answer("night")).not.toBe("");
    expect(stage.night.homeState().undos).toEqual([]);
    await stage.night.call("version-undo", { name: "night" });
    expect(await stage.hand.tags()).toEqual({ "night:latest": newer, "night:prev": older });
  });

  test("asked for by two at once it is done once", async () => {
    const answers = await Promise.all([stage.night.call("version-undo", { name: "night" }), stage.night.call("version-undo", { name: "night" })]);
    expect(answers).toEqual([{ serves: older, kept: newer }, { serves: older, kept: newer }]); // biome-ignore format: two alike
    expect(await stage.hand.tags()).toEqual({ "night:latest": older, "night:prev": newer });
    await stage.night.call("version-undo", { name: "night" });
  });

  test("is of names that Thortime gave, and of a model that is still there", async () => {
    await stage.hand.copy("night:latest", "own:latest");
    await expect(stage.night.call("version-undo", { name: "own" }).catch(kindOf)).resolves.toBe("name.unknown");
    await stage.hand.copy("night:prev", "aside:v1");
    await stage.hand.remove("night:prev");
    await expect(stage.night.call("version-undo", { name: "night" }).catch(kindOf)).resolves.toBe("ollama.no-previous");
    await stage.hand.copy("aside:v1", "night:prev");
    for (const name of ["own:latest", "aside:v1"]) await stage.hand.remove(name);
  });

  const STEPS: readonly [string, Moment["place"], number, Moment["when"]][] = [
    ["before the first copy", "copy", 1, "before"],
    ["after the first copy", "copy", 1, "after"],
    ["before the model before answers", "copy", 2, "before"],
    ["once the model before answers", "copy", 2, "after"],
    ["before the other is kept", "copy", 3, "before"],
    ["once the other is kept", "copy", 3, "after"],
    ["at the end, before it is written down", "delete", 1, "after"],
  ];
  test.each(STEPS)("cut off by a kill %s, it is completed by the next engine", async (_what, place, count, when) => {
    const before = await stage.hand.tags();
    await stage.night.stop();
    const child = await startEngine();
    stage.proxy.reset();
    stage.proxy.at = (moment) => {
      if (moment.place !== place || moment.count !== count || moment.when !== when) return undefined;
      child.kill("SIGKILL");
      return "drop";
    };
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    await stage.night.until("Ollama is at rest", () => stage.proxy.pending === 0);
    stage.proxy.reset();
    const between = await stage.hand.tags();
    expect([before["night:latest"], before["night:prev"]]).toContain(between["night:latest"]);
    expect(new Set(Object.values(between))).toEqual(new Set(Object.values(before)));
    expect(stage.night.homeState().undos).toHaveLength(1);
    await stage.restart();
    await stage.night.until("it is completed", () => stage.night.homeState().undos.length === 0);
    expect(await stage.hand.tags()).toEqual({ "night:latest": before["night:prev"], "night:prev": before["night:latest"] });
  });

  /** An engine that is asked for an undo as soon as it lives. */
  async function startEngine(): Promise<ChildProcess> {
    return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ENGINE, stage.night.path, "undo", "night"], {
      env: { ...process.env, ...stage.proxy.env },
      stdio: ["ignore", "ignore", "inherit"],
    });
  }

  test("is not completed over a model that was deployed meanwhile", async () => {
    const ollama = createOllama(stage.server.env);
    const { "night:latest": latest = "", "night:prev": previous = "" } = await stage.hand.tags();
    const third = await deploy("three", 3);
    expect(await ollama.swap({ name: "night", serve: previous, keep: latest })).toBe(false);
    expect(await stage.hand.tags()).toEqual({ "night:latest": third, "night:prev": latest });
  });
});

describe("row 36: versions", () => {
  test("are listed with size, run, verdict and where they stand; what left Ollama says so", async () => {
    const { "night:latest": latest, "night:prev": previous } = await stage.hand.tags();
    const list = await rows();
    expect(list.map(({ tag, digest }) => [tag, digest]).slice(0, 2)).toEqual([["night:latest", latest], ["night:prev", previous]]); // biome-ignore format: pairs
    expect(list.filter(({ serves }) => serves)).toHaveLength(1);
    expect(list.filter(({ tag }) => tag === null)).toHaveLength(1);
    for (const row of list) {
      expect(row).toMatchObject({ name: "night", deployed: { run: expect.stringMatching(/-/), verdict: "go" } });
      expect(row.bytes).toBeGreaterThan(100_000);
    }
  });

  test("the one that answers is never removed; another gives its room back, which is measured", async () => {
    const serving = (await stage.hand.tags())["night:latest"];
    for (const [tag, kind] of [
      ["night:latest", "ollama.serves"],
      ["night:LATEST", "ollama.serves"],
      ["night", "name.tag"],
      ["night:../x", "name.tag"],
      ["own:v1", "name.unknown"],
      ["night:none", "ollama.no-version"],
    ] as const)
      await expect(stage.night.call("version-remove", { tag }).catch(kindOf), tag).resolves.toBe(kind);
    await stage.hand.copy("night:prev", "night:again");
    expect(await stage.night.call("version-remove", { tag: "night:again" })).toEqual({ freedBytes: 0 });
    const { freedBytes } = await stage.night.call("version-remove", { tag: "night:prev" });
    expect(freedBytes).toBeGreaterThan(100_000);
    expect(await stage.hand.tags()).toEqual({ "night:latest": serving });
    expect(await stage.hand.answer("night")).not.toBe("");
  });
});
