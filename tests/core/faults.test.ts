/** Errors are values: a documented exit code, one sentence, a next step, never a stack trace. */
import { expect, it } from "vitest";
import { assertNever, exitCode, FaultError, fault, toFault } from "../../electron/core/faults.ts";

it.each([
  ["usage.command", 2],
  ["data.missing", 3],
  ["model.pickle", 4],
  ["name.invalid", 5],
  ["environment.spawn", 6],
  ["ollama.absent", 7],
  ["run.crashed", 8],
  ["engine.busy", 9],
  ["port.taken", 10],
  ["disk.full", 11],
  ["run", 8],
  ["internal", 1],
  ["", 1],
  [".", 1],
  ["Run.crashed", 1],
  // Kinds come from another process: a name every object has is not an exit code.
  ["constructor", 1],
  ["__proto__.x", 1],
  ["toString", 1],
])("%j ends the command line with %i", (kind, code) => {
  expect(exitCode(kind)).toBe(code);
});

it("a fault thrown is the fault seen", () => {
  const error = fault("disk.full", "The disk is full.", "Free some space.");
  expect(error).toBeInstanceOf(FaultError);
  expect(error.message).toBe("The disk is full.");
  expect(toFault(error)).toEqual({ kind: "disk.full", message: "The disk is full.", next: "Free some space." });
});

it.each([new TypeError("x is not a function"), "text", null, undefined, 7, { message: "an object" }])(
  "anything else (%j) is said without its stack",
  (thrown) => {
    const seen = toFault(thrown);
    expect(seen.kind).toBe("internal");
    expect(seen.message).not.toMatch(/\n|\bat .*:\d+/);
    expect(seen.next.length).toBeGreaterThan(10);
  },
);

it("assertNever names what should not have been there", () => {
  expect(() => assertNever("teleport" as never)).toThrow('unreachable: "teleport"');
});
