/** A real Ollama behind a proxy, and an engine in this process on runs that are trained and merged. */
import { createOllama } from "../../electron/adapters/ollama.ts";
import type { RunState } from "../../electron/core/state.ts";
import { Night } from "../engine/night.ts";
import { type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { ByHand, type Seed, seedRun } from "./deploy-home.ts";
import { OllamaProxy } from "./deploy-proxy.ts";

/** A model that talks until it is stopped takes its time where many tests share two cores. */
const REST_MS = 120_000;

export class Stage {
  readonly server: OllamaServer;
  readonly proxy: OllamaProxy;
  readonly hand: ByHand;
  readonly night = new Night();

  private constructor(server: OllamaServer, proxy: OllamaProxy) {
    this.server = server;
    this.proxy = proxy;
    this.hand = new ByHand(server);
  }

  static async open(): Promise<Stage> {
    const server = await startOllama();
    return new Stage(server, await OllamaProxy.start(server.url));
  }

  /** The engine is started anew: that is when it finds runs that others have made. */
  async begin(seed: Seed): Promise<string> {
    const id = seedRun(this.night.home, seed);
    await this.restart();
    return id;
  }

  async restart(): Promise<void> {
    await this.night.stop();
    this.night.start({ ollama: createOllama(this.proxy.env) });
  }

  atRest(run: string): Promise<RunState> {
    const rests = ({ ended, phases }: RunState) => ended !== null || Object.values(phases).some(({ status }) => status === "failed");
    return this.night.untilState(run, "at rest", rests, REST_MS);
  }

  async deploy(seed: Seed): Promise<RunState & { readonly id: string }> {
    return await this.atRest(await this.begin(seed));
  }

  async close(): Promise<void> {
    await this.night.end();
    await this.proxy.close();
    await this.server.stop();
  }
}
