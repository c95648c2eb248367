/** Questions to the old and the new model while a person looks on. Answers grow here and are read piece by piece; no journal carries them. */
import type { Replies } from "../core/api.ts";
import type { Fault } from "../core/events.ts";
import { fault, toFault } from "../core/faults.ts";
import type { Ports } from "../core/ports.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";

const MOST = 8;
const MOST_CHARACTERS = 64_000;
/** A reader is answered after so long at the latest, also where nothing came. */
const READ_MS = 1_000;
/** Nobody has asked or read for so long: the model that was made for it goes. */
const IDLE_MS = 5 * 60_000;

interface Ask {
  readonly id: string;
  readonly abort: AbortController;
  readonly startedMono: number;
  text: string;
  seconds: number | null;
  fault: Fault | null;
  wake: () => void;
}

export class Asks {
  private readonly ports: Ports;
  private readonly runs: Runs;
  private readonly asks = new Map<string, Ask>();
  /** Models made from a run's GGUF only to be asked. */
  private readonly made = new Set<string>();
  private making: Promise<unknown> = Promise.resolve();
  private cancelIdle = () => {};
  private number = 0;

  constructor(ports: Ports, runs: Runs) {
    this.ports = ports;
    this.runs = runs;
  }

  async start(run: Run, question: string, of: "old" | "new"): Promise<Replies["ask"]> {
    const training = this.runs.live().find(({ state }) => state.process?.verb === "train");
    if (training) {
      const next = "Ask once it is done, or pause it first with: thortime pause.";
      throw fault("run.busy", `${training.plan.name} is training, and a model in Ollama would take its memory.`, next);
    }
    if ([...this.asks.values()].filter(({ seconds }) => seconds === null).length >= MOST)
      throw fault("ask.many", "There are too many questions at once.", "Wait for an answer.");
    this.stayAwake();
    const model = of === "old" ? await this.oldModel(run) : await this.newModel(run);
    const ask = this.add();
    void this.answer(ask, model, question);
    return { ask: ask.id, model };
  }

  async read(id: string, from: number): Promise<Replies["ask-read"]> {
    const ask = this.find(id);
    this.stayAwake();
    if (ask.seconds === null && ask.text.length <= from) await this.news(ask);
    const { text, seconds, fault: failure } = ask;
    return { text: text.slice(from), done: seconds !== null, seconds, fault: failure };
  }

  end(id: string): null {
    this.find(id).abort.abort();
    return null;
  }

  /** Work under way is given up; what was made to be asked stands in the home journal and goes at the next export. */
  close(): void {
    this.cancelIdle();
    for (const { abort } of this.asks.values()) abort.abort();
  }

  private add(): Ask {
    for (const [id, { seconds }] of this.asks) if (this.asks.size >= 2 * MOST && seconds !== null) this.asks.delete(id);
    this.number += 1;
    const startedMono = this.ports.clock.mono();
    const ask: Ask = { id: `a${this.number}`, abort: new AbortController(), startedMono, text: "", seconds: null, fault: null, wake: () => {} };
    this.asks.set(ask.id, ask);
    return ask;
  }

  private find(id: string): Ask {
    const ask = this.asks.get(id);
    if (!ask) throw fault("ask.unknown", "This question is no longer known.", "Ask it again.");
    return ask;
  }

  private async answer(ask: Ask, model: string, question: string): Promise<void> {
    try {
      for await (const piece of this.ports.ollama.chat(model, question, ask.abort.signal)) {
        ask.text = (ask.text + piece).slice(0, MOST_CHARACTERS);
        ask.wake();
        if (ask.text.length >= MOST_CHARACTERS) break;
      }
    } catch (error) {
      if (!ask.abort.signal.aborted) ask.fault = toFault(error);
    }
    ask.seconds = this.ports.clock.mono() - ask.startedMono;
    ask.wake();
  }

  private news(ask: Ask): Promise<void> {
    return new Promise((resolve) => {
      const before = ask.wake;
      const cancel = this.ports.clock.after(READ_MS, resolve);
      ask.wake = () => {
        cancel();
        before();
        resolve();
      };
    });
  }

  /** What answers under the run's name today; where that is the run's own model already, the one before. */
  private async oldModel(run: Run): Promise<string> {
    const name = run.state.deployAs ?? run.plan.deploy.as;
    const models = await this.ports.ollama.names();
    const at = (tag: string) => models.find((model) => model.tag === `${name}:${tag}`.toLowerCase());
    const [latest, previous] = [at("latest"), at("prev")];
    const own = this.digestsOf(run);
    if (latest && !own.has(latest.digest)) return `${name}:latest`;
    if (previous && !own.has(previous.digest)) return `${name}:prev`;
    throw fault("ask.no-old", `There is no earlier model called ${name} in Ollama to compare with.`, "Ask the new one alone.");
  }

  private async newModel(run: Run): Promise<string> {
    const own = this.digestsOf(run);
    const models = await this.ports.ollama.names();
    const found = models.find(({ digest }) => own.has(digest));
    if (found) return found.tag;
    const name = askName(run);
    if (this.made.has(name) && models.some(({ tag }) => tag === name.toLowerCase())) return name;
    const done = this.making.then(() => this.make(run, name));
    this.making = done.catch(() => {});
    await done;
    return name;
  }

  private digestsOf({ state }: Run): ReadonlySet<string> {
    return new Set([state.deployed?.digest, state.candidate?.digest].filter((digest) => digest !== undefined));
  }

  /** Noted first: whatever becomes of this engine, the next export takes it away. */
  private async make(run: Run, name: string): Promise<void> {
    const { gguf } = run.state;
    if (!gguf) throw fault("run.not-exported", `${run.plan.name} has no exported model yet.`, `Make it with: thortime export ${run.id}.`);
    this.runs.candidateLeft(run, name);
    const { format, deploy } = run.plan;
    await this.ports.ollama.fromGguf({ name, path: gguf.path, sha256: gguf.sha256, format, parameters: deploy.parameters }, new AbortController().signal);
    this.made.add(name);
  }

  private stayAwake(): void {
    this.cancelIdle();
    this.cancelIdle = this.ports.clock.after(IDLE_MS, () => void this.clear().catch(this.ports.report));
  }

  private async clear(): Promise<void> {
    this.asks.clear();
    for (const name of this.made) {
      await this.ports.ollama.discard(name);
      this.made.delete(name);
      this.runs.note({ type: "candidate-discarded", name });
    }
  }
}

/** Not the candidate's name: an export may make that one at any time. */
export function askName(run: Run): string {
  return `${run.plan.deploy.as}:ask-${run.id.slice(-4)}`;
}
