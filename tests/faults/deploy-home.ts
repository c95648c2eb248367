/** Runs that are trained and merged, so that export and deploy come next: seeded journals around a real merged model. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FolderHome } from "../../electron/adapters/home.ts";
import { parseCall } from "../../electron/core/api.ts";
import { INITIAL_CONTROL } from "../../electron/core/control.ts";
import { type EventBody, PHASES } from "../../electron/core/events.ts";
import { makePlan } from "../../electron/core/make-plan.ts";
import type { Scored } from "../../electron/core/parity.ts";
import type { RunPlan } from "../../electron/core/plan.ts";
import type { Limits } from "../../electron/core/verdict/limits.ts";
import { ANY_RESULT } from "../fixtures/limits.ts";
import { PRACTICE_MODEL } from "../fixtures/merged.ts";
import type { OllamaServer } from "../fixtures/ollama-server.ts";

export const QUESTION = "How many legs does a spider have?";

export interface Seed {
  readonly name: string;
  readonly as?: string;
  readonly system?: string;
  readonly deploy?: boolean;
  /** A merged model; by default the practice model. */
  readonly folder?: string;
  /** Makes a model's digest its own without changing how it answers greedily. */
  readonly topK?: number;
  /** What the gate asks for; by default nothing. */
  readonly limits?: Partial<Limits>;
  /** How the trained model is said to read its own answers. */
  readonly scored?: readonly Scored[];
  /** Lines after those of the merge. */
  readonly more?: readonly EventBody[];
}

let minutes = 0;

/** Returns the run's id. */
export function seedRun(homePath: string, seed: Seed): string {
  const home = new FolderHome(homePath);
  minutes += 1;
  const asked = parseCall("run-start", {
    name: seed.name,
    data: "rows.jsonl",
    model: "practice",
    system: seed.system ?? "",
    deploy: seed.deploy ?? true,
    deployAs: seed.as ?? null,
    limits: { ...(seed.limits ?? ANY_RESULT) },
  });
  const clock = { now: () => Date.UTC(2026, 10, 23, 22, minutes), random: () => (minutes % 1000) / 1000 };
  const prompts = [{ id: "q", category: "basic", text: QUESTION }];
  const plan = makePlan(asked, { clock, machine: { metal: false }, localModel: true, prompts });
  const parameters = { ...plan.deploy.parameters, num_ctx: 2048, top_k: seed.topK ?? plan.deploy.parameters.top_k };
  const whole: RunPlan = { ...plan, deploy: { ...plan.deploy, parameters } };
  home.createRun(whole, INITIAL_CONTROL);
  if (seed.scored) {
    mkdirSync(join(home.runPath(plan.id), "answers"));
    writeFileSync(join(home.runPath(plan.id), "answers", "scored.jsonl"), seed.scored.map((one) => `${JSON.stringify(one)}\n`).join(""));
  }
  const journal = home.runJournal(plan.id);
  for (const body of trained(whole, seed.folder ?? PRACTICE_MODEL)) journal.append(body, 1);
  for (const body of seed.more ?? []) journal.append(body, 1);
  journal.close();
  return plan.id;
}

function* trained({ id, name, campaign, kind, model, data, deploy }: RunPlan, folder: string): Generator<EventBody> {
  const deployAs = deploy.enabled ? deploy.as : null;
  yield { type: "run-created", run: id, name, campaign, kind, model: model.source, data: data.train, deployAs };
  for (const phase of PHASES.slice(0, PHASES.indexOf("export"))) {
    yield { type: "phase-started", phase };
    if (phase === "train") yield { type: "checkpoint-sealed", step: 1, path: "checkpoints/step-000001", bytes: 10, seconds: 0.1, why: "end" };
    if (phase === "train") yield { type: "train-finished", steps: 1, firstLoss: 2, lastLoss: 1, tokens: 10, seconds: 0.1 };
    if (phase === "merge") {
      const counts = { step: 1, bytes: 10, tensors: 24, dequantized: false, kQuantizable: false, seconds: 0.1 };
      yield { type: "merged", path: folder, files: readdirSync(folder).sort(), ...counts };
    }
    yield { type: "phase-finished", phase, seconds: 0.1 };
  }
}

/** The practice model with its last weight changed a little: other blobs, the same answers. */
export function variant(folder: string, number: number): string {
  cpSync(PRACTICE_MODEL, folder, { recursive: true });
  const path = join(folder, "model.safetensors");
  const bytes = readFileSync(path);
  bytes[bytes.length - 4] = number % 256;
  writeFileSync(path, bytes);
  return folder;
}

/** What a person would ask of Ollama by hand. */
export class ByHand {
  readonly server: OllamaServer;
  constructor(server: OllamaServer) {
    this.server = server;
  }

  async api<T>(path: string, body?: object, method = body ? "POST" : "GET"): Promise<T> {
    const reply = await fetch(`${this.server.url}/api/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${text}`);
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  /** Name → digest. */
  async tags(): Promise<Record<string, string>> {
    const { models } = await this.api<{ models: { name: string; digest: string }[] }>("tags");
    return Object.fromEntries(models.map(({ name, digest }) => [name, digest]));
  }

  copy(source: string, destination: string): Promise<null> {
    return this.api("copy", { source, destination });
  }

  async remove(model: string): Promise<void> {
    await this.api("delete", { model }, "DELETE");
  }

  async answer(model: string): Promise<string> {
    const options = { temperature: 0, seed: 0, num_predict: 40 };
    return (await this.api<{ response: string }>("generate", { model, prompt: QUESTION, stream: false, options, keep_alive: "30s" })).response;
  }
}
