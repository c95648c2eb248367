/** Watches a run's living process: its exit is journalled once with its cause, a stop that is not obeyed becomes force, silence is told. */
import { classifyEnding, endedWithoutSpace, isOtherBoot } from "../core/classify.ts";
import type { Exit, Ports } from "../core/ports.ts";
import { currentPhase } from "../core/selectors.ts";
import { lookForStall } from "../core/stall.ts";
import type { ProcessState } from "../core/state.ts";
import type { Run } from "./run.ts";
import { DISK_FULL } from "./space.ts";

/** At most this long between asking for a stop and force. */
export const GRACE_S = 60;
/** Verbs other than `train` keep nothing that a stop would have to seal. */
const SHORT_GRACE_S = 10;
/** Without a keeper nobody will write exit.json any more. */
const LOOKS_BEFORE_UNKNOWN = 4;
/** A keeper that lives writes it as soon as there is room on the disk, within the hour. */
const LOOKS_AT_A_KEEPER = 8_000;

const UNKNOWN: Omit<Exit, "token"> = { code: null, signal: null, tail: [], oomKills: null };

export async function supervise(run: Run, ports: Ports): Promise<void> {
  const { process } = run.state;
  if (!process) return;
  const exit = ports.trainers.readExit(run.id, process.token);
  if (exit) return ended(run, process, exit, ports);
  // The same pid with the same start ticks may live in another boot: it is somebody else.
  if (isOtherBoot(process.boot, ports.boot) || !(await ports.trainers.isAlive(process))) {
    run.missing += 1;
    const looks = (await ports.trainers.isKept(run.id, process.token)) ? LOOKS_AT_A_KEEPER : LOOKS_BEFORE_UNKNOWN;
    // Looked at once more: the keeper may have written it and gone since.
    if (run.missing >= looks) ended(run, process, ports.trainers.readExit(run.id, process.token) ?? UNKNOWN, ports);
    return;
  }
  run.missing = 0;
  const { pause, stop } = run.state.asked;
  if (pause || stop) await pressStop(run, process, stop ? "stop" : "pause", ports);
  else await watchProgress(run, process, ports);
}

async function watchProgress(run: Run, process: ProcessState, ports: Ports): Promise<void> {
  const phase = currentPhase(run.state);
  if (!phase) return;
  const { watch, finding } = lookForStall(run.stallWatch, run.state, phase, ports.clock.mono());
  run.stallWatch = watch;
  const step = run.state.step?.step ?? 0;
  if (finding === "moves-again") run.append({ type: "unstalled", phase, step });
  else if (finding !== "quiet") run.append({ type: "stalled", stage: finding, phase, step, seconds: watch.waitedSeconds });
  if (run.state.stalled?.stage === 3) run.forced = await ports.trainers.signal(process, "SIGKILL");
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

function ended(run: Run, process: ProcessState, { code, signal, tail, oomKills }: Omit<Exit, "token">, { boot }: Ports): void {
  // What it wrote before it ended may not have been read yet, and decides what its end means.
  run.topic.refresh();
  const ending = { code, signal, tail, oomKills, forced: run.forced, boot };
  if (endedWithoutSpace(run.state, ending)) run.append({ type: "failed", fault: DISK_FULL });
  const cause = classifyEnding(run.state, currentPhase(run.state), ending);
  run.append({ type: "exited", verb: process.verb, token: process.token, code, signal, forced: run.forced, tail: [...tail], cause });
  run.stallWatch = null;
  run.stopAskedAt = null;
  run.forced = false;
  run.missing = 0;
}
