/** Faults rows 4, 6 and 24: why a process ended is said from evidence, and where there is none, it is unknown. */
import { describe, expect, it } from "vitest";
import { classifyEnding, type Ending, endedWithoutSpace, isOtherBoot } from "../../electron/core/classify.ts";
import type { Cause, EventBody } from "../../electron/core/events.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { entry, sample } from "./samples.ts";

const TRAINING: readonly EventBody[] = [sample("run-created"), sample("phase-started"), sample("spawned")];
const fold = (...more: readonly EventBody[]): RunState => [...TRAINING, ...more].reduce((state, body) => reduce(state, entry(body)), EMPTY_RUN);
/** `spawned` of the samples stands in the boot "boot". */
const ending = (change: Partial<Ending>): Ending => ({ code: null, signal: null, tail: [], forced: false, boot: "boot", oomKills: null, ...change });
const fault = (kind: string): EventBody => sample("failed", { fault: { kind, message: "m", next: "n" } });
const WATCHDOG =
  "libc++abi: [METAL] Command buffer execution failed: Impacting Interactivity (0000000e:kIOGPUCommandBufferCallbackErrorImpactingInteractivity)";
const NO_MEMORY = "libc++abi: [METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)";

describe("rows 4, 6 and 24: a process that was training", () => {
  it.each<[string, readonly EventBody[], Partial<Ending>, Cause]>([
    ["success", [sample("train-finished")], { code: 0 }, "finished"],
    ["success, whatever the code", [sample("train-finished")], { code: 1 }, "finished"],
    ["success, and nothing known of its end", [sample("train-finished")], {}, "finished"],
    ["139 after success", [sample("train-finished")], { code: 139 }, "segfault-after-success"],
    ["SIGSEGV after success", [sample("train-finished")], { signal: "SIGSEGV" }, "segfault-after-success"],
    ["139 without success", [], { code: 139 }, "crash"],
    ["SIGSEGV without success", [], { signal: "SIGSEGV" }, "crash"],
    ["a success that was undone by a resume", [sample("train-finished"), sample("resumed")], { code: 139 }, "crash"],
    ["exit 0 without success", [], { code: 0 }, "crash"],
    ["exit 1", [], { code: 1, tail: ["Traceback"] }, "crash"],
    ["137", [], { code: 137 }, "memory-kill"],
    ["SIGKILL that we did not send", [], { signal: "SIGKILL" }, "memory-kill"],
    ["SIGKILL, and the kernel killed for memory meanwhile", [], { signal: "SIGKILL", oomKills: { before: 3, after: 4 } }, "memory-kill"],
    ["SIGKILL, and the kernel killed nobody for memory: a person did", [], { signal: "SIGKILL", oomKills: { before: 3, after: 3 } }, "crash"],
    ["137 without a kill for memory", [], { code: 137, oomKills: { before: 0, after: 0 } }, "crash"],
    ["Metal without memory, whatever the kernel counted", [], { code: 134, tail: [NO_MEMORY], oomKills: { before: 0, after: 0 } }, "memory-kill"],
    ["SIGKILL that we sent", [], { signal: "SIGKILL", forced: true }, "asked"],
    ["it says that memory was full", [fault("memory.full")], { code: 1 }, "memory-kill"],
    ["Metal without memory", [], { code: 134, tail: ["a", NO_MEMORY, "b"] }, "memory-kill"],
    ["134", [], { code: 134 }, "display-watchdog"],
    ["SIGABRT", [], { signal: "SIGABRT" }, "display-watchdog"],
    ["the watchdog's words", [], { code: 1, tail: [WATCHDOG] }, "display-watchdog"],
    ["a fault it names", [fault("data.empty")], { code: 1 }, "named-fault"],
    ["a fault it names, then a kill", [fault("run.diverged")], { signal: "SIGKILL" }, "named-fault"],
    ["ended for standing still", [sample("stalled", { stage: 3 })], { signal: "SIGKILL", forced: true }, "stalled"],
    ["the same, but the engine that sent it is gone", [sample("stalled", { stage: 3 })], { signal: "SIGKILL" }, "stalled"],
    ["only told that it stands still", [sample("stalled", { stage: 2 })], { signal: "SIGKILL" }, "memory-kill"],
    ["no evidence", [], {}, "unknown"],
    ["no evidence, another boot", [], { boot: "another" }, "reboot"],
    ["no evidence, a boot that cannot be told", [], { boot: "unknown" }, "unknown"],
    ["evidence from before the reboot", [], { code: 1, boot: "another" }, "crash"],
  ])("%s", (_name, events, how, cause) => {
    expect(classifyEnding(fold(...events), "train", ending(how))).toBe(cause);
  });
});

describe("row 4 and row 24: a process that was asked to stop", () => {
  it.each<[string, "pause" | "stop", Partial<Ending>, Cause]>([
    ["obeys", "pause", { code: 0 }, "asked"],
    ["obeys", "stop", { code: 0 }, "asked"],
    ["dies of our SIGTERM", "stop", { signal: "SIGTERM" }, "asked"],
    ["is ended by force", "pause", { signal: "SIGKILL", forced: true }, "asked"],
    ["is ended by force by an engine that is gone", "stop", { signal: "SIGKILL" }, "asked"],
    ["crashes meanwhile", "pause", { code: 1 }, "crash"],
    ["leaves nothing", "stop", {}, "asked"],
    ["leaves nothing", "pause", {}, "unknown"],
    ["is gone with the machine", "pause", { boot: "another" }, "reboot"],
  ])("%s (%s)", (_name, command, how, cause) => {
    expect(classifyEnding(fold(sample("asked", { command })), "train", ending(how))).toBe(cause);
  });
});

it("a success of another phase is not this one's", () => {
  expect(classifyEnding(fold(sample("fetched")), "train", ending({ code: 139 }))).toBe("crash");
});

it("the end of the log tells a full disk, where the journal could not", () => {
  const full = ending({ code: 1, tail: ["OSError: [Errno 28] No space left on device: 'x'"] });
  expect(endedWithoutSpace(fold(), full)).toBe(true);
  expect(endedWithoutSpace(fold(fault("data.empty")), full)).toBe(false);
  expect(endedWithoutSpace(fold(), { ...full, code: 0 })).toBe(false);
  expect(endedWithoutSpace(fold(), ending({ code: 1, tail: ["KeyError"] }))).toBe(false);
});

it("a boot that cannot be told is no other boot", () => {
  expect([isOtherBoot("a", "b"), isOtherBoot("a", "a"), isOtherBoot("unknown", "b"), isOtherBoot("a", "unknown")]).toEqual([true, false, false, false]);
});
