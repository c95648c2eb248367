/** Watches a run's living process: its exit is journalled once, a stop that is not obeyed becomes force. */
import type { Ports } from "../core/ports.ts";
import type { ProcessState } from "../core/state.ts";
import type { Run } from "./run.ts";

/** At most this long between asking for a stop and force. */
export const GRACE_S = 60;
/** Verbs other than `train` keep nothing that a stop would have to seal. */
const SHORT_GRACE_S = 10;
/** A keeper may take a moment between its child's end and exit.json. */
const LOOKS_BEFORE_UNKNOWN = 4;

export async function supervise(run: Run, ports: Ports): Promise<void> {
  const { process } = run.state;
  if (!process) return;
  const exit = ports.trainers.readExit(run.id, process.token);
  if (exit) return ended(run, process, exit);
  if (!(await ports.trainers.isAlive(process))) {
    run.missing += 1;
    if (run.missing >= LOOKS_BEFORE_UNKNOWN) ended(run, process, { code: null, signal: null, tail: [] });
    return;
  }
  run.missing = 0;
  const { pause, stop } = run.state.asked;
  if (pause || stop) await pressStop(run, process, stop ? "stop" : "pause", ports);
}

async function pressStop(run: Run, process: ProcessState, why: string, ports: Ports): Promise<void> {
  const now = ports.clock.mono();
  if (run.stopAskedAt === null) {
    run.stopAskedAt = now;
    if (process.verb === "train") run.command({ desired: "stop", why });
    else await ports.trainers.signal(process, "SIGTERM");
    return;
  }
  const grace = process.verb === "train" ? GRACE_S : SHORT_GRACE_S;
  if (now - run.stopAskedAt > grace && !run.forced) run.forced = await ports.trainers.signal(process, "SIGKILL");
}

function ended(run: Run, process: ProcessState, exit: { code: number | null; signal: string | null; tail: readonly string[] }): void {
  run.append({ type: "exited", verb: process.verb, token: process.token, code: exit.code, signal: exit.signal, forced: run.forced, tail: [...exit.tail] });
  run.stopAskedAt = null;
  run.forced = false;
  run.missing = 0;
}
