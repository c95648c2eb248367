/** Rows 8, 34, 35 and a person: Ollama misbehaves, a second engine comes, somebody presses buttons. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { currentPhase, statusOf } from "../../electron/core/selectors.ts";
import { childrenOf, send } from "../fixtures/processes.ts";
import type { FaultKind, Scene } from "./fault.ts";
import { call, enginesOf, stateOf } from "./ground.ts";
import { MOODS } from "./proxy.ts";

const OLLAMA = /^ollama\./;
const LOOK_MS = 200;
const PATIENCE_LOOKS = 600;

async function killOllama({ ground, random }: Scene): Promise<string> {
  const { pid } = ground.ollama;
  // Its runners do not notice that their server is gone.
  const all = [pid, ...childrenOf(pid)];
  for (const one of all) send(one, "SIGKILL");
  const ms = random.below(4_000);
  await sleep(ms);
  await ground.ollama.restart();
  return `${all.length} processes, back after ${ms} ms`;
}

async function misbehave({ ground, random }: Scene): Promise<string> {
  const mood = random.pick(MOODS);
  const ms = 2_000 + random.below(6_000);
  ground.proxy.mood = mood;
  await sleep(ms);
  ground.proxy.mood = "pass";
  return `${mood} for ${ms} ms`;
}

/** It has to find the home owned and end, and the first one has to stay. */
async function secondEngine({ ground, violated }: Scene): Promise<string | null> {
  const before = enginesOf(ground).map(({ pid }) => pid);
  if (before.length !== 1) return null;
  const [program = "", ...args] = ground.options.engineCommand;
  const child = spawn(program, args, { env: ground.options.env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 1 || !said.includes("engine.owned")) violated("oneEngine", `a second engine ended with ${code} and said ${said.slice(0, 200)}`);
  const after = enginesOf(ground).map(({ pid }) => pid);
  if (after.join() !== before.join()) violated("oneEngine", `engines before: ${before.join()}, after: ${after.join()}`);
  return "declined";
}

async function pauseAndResume(scene: Scene): Promise<string | null> {
  const { ground, run, random } = scene;
  const command = random.pick(["run-pause", "run-stop"] as const);
  if (!(await press(scene, command))) return null;
  await until(() => stateOf(ground, run).process === null && ["paused", "stopped", "finished"].includes(statusOf(stateOf(ground, run))));
  const step = stateOf(ground, run).step?.step ?? 0;
  if (!stateOf(ground, run).ended || stateOf(ground, run).ended?.outcome === "stopped") await press(scene, "run-resume");
  return `${command} at step ${step}, then resume`;
}

async function press({ ground, run }: Scene, command: "run-pause" | "run-stop" | "run-resume" | "run-checkpoint"): Promise<boolean> {
  try {
    await call(ground, command, { run });
    return true;
  } catch {
    // It ended, or waits for its person already: the button would not have been there.
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let look = 0; look < PATIENCE_LOOKS && !holds(); look += 1) await sleep(LOOK_MS);
}

const finishes = ({ state }: Scene) => ["export", "deploy"].includes(currentPhase(state) ?? "");

export const OTHERS: readonly FaultKind[] = [
  { name: "ollama-killed", rows: [34, 36], asks: OLLAMA, fits: () => true, inject: killOllama },
  { name: "ollama-misbehaves", rows: [35], asks: OLLAMA, fits: () => true, inject: misbehave },
  { name: "ollama-misbehaves-at-deploy", rows: [35, 36], asks: OLLAMA, fits: finishes, inject: misbehave },
  { name: "second-engine", rows: [8], fits: ({ ground }) => enginesOf(ground).length === 1, inject: secondEngine },
  { name: "person-stops-and-resumes", rows: [4], fits: ({ state }) => state.process !== null, inject: pauseAndResume },
  {
    name: "person-asks-for-a-checkpoint",
    rows: [4],
    fits: ({ state }) => state.process?.verb === "train",
    inject: async (scene) => ((await press(scene, "run-checkpoint")) ? "asked" : null),
  },
];
