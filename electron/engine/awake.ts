/** Keeps the machine awake while a process of a run lives: asked for once, and written down who does it or why nobody does. */
import { isOtherBoot } from "../core/classify.ts";
import type { Held, Ports } from "../core/ports.ts";
import { because, boundedWhy } from "../core/reason.ts";
import type { Run } from "./run.ts";

/** Export, deploy and the questions to the baseline have no process of their own: for so long it is this engine that the machine stays awake for. */
export async function keepAwakeFor(run: Run, what: "export" | "deploy" | "baseline", ports: Ports, work: () => Promise<void>): Promise<void> {
  const held = await ports.awake.hold(ports.pid).catch((): Held => ({ by: null, why: [because("no-reason")] }));
  try {
    run.append({ type: "awake", token: what, holder: held.by, why: held.by === null ? boundedWhy(held.why) : null });
    await work();
  } finally {
    await ports.awake.letGo(ports.pid).catch((error: unknown) => ports.report(error));
  }
}

export class Wakefulness {
  private readonly ports: Ports;
  private asked: string | null = null;

  constructor(ports: Ports) {
    this.ports = ports;
  }

  /** With the run whose process lives. What an engine before this one holds still holds: it ends with the process, not with us. */
  async keep(run: Run): Promise<void> {
    const { process, awake } = run.state;
    if (!process || this.asked === process.token || (awake?.token === process.token && awake.holder !== null)) return;
    this.asked = process.token;
    // A foreign process that came to have this number must not keep the machine awake.
    if (isOtherBoot(process.boot, this.ports.boot) || !(await this.ports.trainers.isAlive(process))) return;
    const held = await this.ports.awake.hold(process.pid);
    run.append({ type: "awake", token: process.token, holder: held.by, why: held.by === null ? boundedWhy(held.why) : null });
  }
}
