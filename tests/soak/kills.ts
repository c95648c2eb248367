/** Rows 1, 2, 3, 7, 21: processes are killed or stopped where they stand. */
import { setTimeout as sleep } from "node:timers/promises";
import { processesOf, type Seen, send } from "../fixtures/processes.ts";
import type { FaultKind, Scene } from "./fault.ts";
import { enginesOf, keepersOf, verbsOf } from "./ground.ts";

const hasVerb = ({ ground }: Scene) => verbsOf(ground).length > 0;
const hasEngine = ({ ground }: Scene) => enginesOf(ground).length > 0;
/** Killed again and again, a run takes it for want of memory, or for a crash loop. */
const KILLED = /^run\.(memory|crashed)$/;

function kill(list: readonly Seen[]): string | null {
  const killed = list.filter(({ pid }) => send(pid, "SIGKILL")).map(({ kind, verb, pid }) => `${verb || kind} ${pid}`);
  return killed.length > 0 ? killed.join(", ") : null;
}

async function freeze(list: readonly Seen[], ms: number): Promise<string | null> {
  const stopped = list.filter(({ pid }) => send(pid, "SIGSTOP"));
  if (stopped.length === 0) return null;
  await sleep(ms);
  for (const { pid } of stopped) send(pid, "SIGCONT");
  return `${stopped.map(({ pid }) => pid).join(", ")} for ${ms} ms`;
}

export const KILLS: readonly FaultKind[] = [
  { name: "kill-trainer", rows: [1], asks: KILLED, fits: hasVerb, inject: ({ ground }) => kill(verbsOf(ground)) },
  { name: "kill-keeper", rows: [1], fits: hasVerb, inject: ({ ground }) => kill(keepersOf(ground)) },
  { name: "kill-engine", rows: [2], fits: hasEngine, inject: ({ ground }) => kill(enginesOf(ground)) },
  {
    name: "kill-engine-and-trainer",
    rows: [3],
    asks: KILLED,
    fits: hasVerb,
    inject: async ({ ground, random }) => {
      const first = kill(enginesOf(ground));
      await sleep(random.below(50));
      return [first, kill(verbsOf(ground))].join(", then ");
    },
  },
  { name: "kill-everything", rows: [3], asks: KILLED, fits: hasVerb, inject: ({ ground }) => kill(processesOf(ground.home)) },
  { name: "freeze-trainer", rows: [7, 21], fits: hasVerb, inject: ({ ground, random }) => freeze(verbsOf(ground), 500 + random.below(4_000)) },
  { name: "freeze-engine", rows: [2, 21], fits: hasEngine, inject: ({ ground, random }) => freeze(enginesOf(ground), 500 + random.below(3_000)) },
];
