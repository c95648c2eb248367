/** Keeps the machine awake while a process of a run lives: asked for once, and written down who does it or why nobody does. */
import { isOtherBoot } from "../core/classify.ts";
import type { Ports } from "../core/ports.ts";
import type { Run } from "./run.ts";

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
    run.append({ type: "awake", token: process.token, holder: held.by, why: held.by === null ? held.why : null });
  }
}
