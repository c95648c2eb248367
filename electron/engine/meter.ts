/** What the machine draws while a run works, from look to look, into that run's journal. */
import { addLook, type Energy, NO_ENERGY } from "../core/evening/energy.ts";
import type { Ports } from "../core/ports.ts";
import type { Conditions } from "../core/reading.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";

const ENERGY_EVERY_S = 600;

export class Meter {
  private readonly ports: Ports;
  private readonly runs: Runs;
  private metered: { readonly run: Run; readonly energy: Energy } | null = null;

  constructor(ports: Ports, runs: Runs) {
    this.ports = ports;
    this.runs = runs;
  }

  /** The process has ended: its line is written while the run is still open. */
  settle(): void {
    if (this.metered?.run.state.process === null) this.write();
  }

  /** What the machine draws goes to the run that works; its line is written every ten minutes, so that a kill costs no more than that. */
  look(conditions: Conditions): void {
    const run = this.runs.live().find((one) => one.state.process !== null) ?? null;
    if (run?.id !== this.metered?.run.id) this.write();
    if (!run) return;
    const mono = this.ports.clock.mono();
    const energy = this.metered?.energy ?? { ...NO_ENERGY, lookedAt: mono };
    this.metered = { run, energy: addLook(energy, conditions, run.state.obeyed?.pace ?? 1, mono) };
    if (energy.measuredSeconds + energy.estimatedSeconds >= ENERGY_EVERY_S) this.write();
  }

  write(): void {
    if (!this.metered) return;
    const { run, energy } = this.metered;
    const { lookedAt, ...drawn } = energy;
    this.metered = null;
    if (drawn.measuredSeconds + drawn.estimatedSeconds === 0) return;
    run.append({ type: "energy", ...drawn });
    if (run.state.process) this.metered = { run, energy: { ...NO_ENERGY, lookedAt } };
  }
}
