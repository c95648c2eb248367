/** What a run's night wrote to the disk by swapping follows from its journal: while its processes lived, and unknown where nobody counted. */
import { expect, test } from "vitest";
import type { EventBody } from "../../electron/core/events.ts";
import { conditionsBody } from "../../electron/core/governor/look.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN } from "../../electron/core/state.ts";
import { FINE, known } from "./conditions.ts";
import { entry, sample } from "./samples.ts";

const fold = (bodies: readonly EventBody[]) => bodies.reduce((state, body) => reduce(state, entry(body)), EMPTY_RUN).swapWrites;
const look = (swapOutBytes: number | null) => sample("conditions", { swapOutBytes });
const SPAWNED = sample("spawned");

test("grows with the counter while a process lives; what others swapped while none did is not counted", () => {
  expect(fold([look(1e9), SPAWNED, look(5e9), look(6e9), look(null), look(8e9)])).toMatchObject({ bytes: 3e9, known: true });
  const pause = [sample("exited", { token: "t1" }), look(30e9), sample("spawned", { token: "t2" })];
  expect(fold([SPAWNED, look(5e9), look(6e9), ...pause, look(30e9), look(31e9)])).toMatchObject({ bytes: 2e9 });
});

test("unknown is unknown: journals from before it was kept, and machines that do not say", () => {
  expect(fold([SPAWNED, sample("conditions"), look(null)])).toMatchObject({ known: false });
  expect(conditionsBody(FINE)).not.toHaveProperty("swapOutBytes");
  expect(conditionsBody({ ...FINE, swapOutBytes: known(12.6) }).swapOutBytes).toBe(13);
});
