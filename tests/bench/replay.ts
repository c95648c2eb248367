/**
 * `npm run bench -- replay`: a journal of a million events as a run writes them, read and folded as an engine does it, beside `JSON.parse`
 * of the same lines and nothing else. Paired: each round takes both, one after the other.
 */
import { parseArgs } from "node:util";
import { read, START } from "../../electron/core/journal.ts";
import { packUpdate } from "../../electron/core/packed.ts";
import { reduceAll } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { journalPieces } from "../fixtures/long-journal.ts";

/** As the engine reads. */
const CHUNK_BYTES = 128 * 1024;
const { values } = parseArgs({
  options: { json: { type: "boolean" }, events: { type: "string", default: "1000000" }, rounds: { type: "string", default: "5" } },
});
const events = Number(values.events);
const bytes = Buffer.concat([...journalPieces(events)]);
const lines = bytes.toString().trimEnd().split("\n");

interface Cost {
  readonly seconds: number;
  /** Of all this process's threads, the collector's too. */
  readonly cpu: number;
}

function costSince(startedAt: number, before: NodeJS.CpuUsage): Cost {
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - startedAt) / 1000, cpu: (user + system) / 1e6 };
}

function ours(): Cost & { state: RunState } {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  let cursor = START;
  let state = EMPTY_RUN;
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
    const result = read(cursor, bytes.subarray(from, from + CHUNK_BYTES));
    cursor = result.cursor;
    state = reduceAll(state, result.entries);
  }
  return { ...costSince(startedAt, before), state };
}

function rival(): Cost {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  let types = 0;
  for (const line of lines) if ((JSON.parse(line) as { type: string }).type) types += 1;
  if (types !== lines.length) throw new Error("not every line was parsed");
  return costSince(startedAt, before);
}

const middle = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
const rounds = Array.from({ length: Number(values.rounds) }, (_item, round) => {
  // Who comes first takes turns.
  const first = round % 2 === 0 ? ours() : null;
  const parse = rival();
  const { seconds, cpu, state } = first ?? ours();
  if (state.damages > 0 || state.step === null) throw new Error("the journal was not read whole");
  return {
    ours: seconds,
    rival: parse.seconds,
    ratio: seconds / parse.seconds,
    byCpuTime: cpu / parse.cpu,
    snapshotBytes: Buffer.byteLength(JSON.stringify(packUpdate({ topic: "run:bench", seq: events, snapshot: state }))),
  };
});
if (!values.json)
  for (const one of rounds)
    console.log(
      `read and fold ${one.ours.toFixed(2)} s, JSON.parse ${one.rival.toFixed(2)} s, ratio ${one.ratio.toFixed(2)}, by CPU time ${one.byCpuTime.toFixed(2)}`,
    );
const figure = (value: number) => Number(value.toFixed(4));
console.log(
  JSON.stringify({
    name: "replay",
    ours: figure(middle(rounds.map((one) => one.ours))),
    rival: figure(middle(rounds.map((one) => one.rival))),
    ratio: figure(middle(rounds.map((one) => one.ratio))),
    byCpuTime: figure(middle(rounds.map((one) => one.byCpuTime))),
    limit: 2,
    events: lines.length,
    megabytes: Math.round(bytes.length / 1e6),
    snapshotBytes: rounds[0]?.snapshotBytes,
  }),
);
