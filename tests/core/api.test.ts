/** Faults row 44: one door. An unknown command, a wrong type, a foreign or prototype key is refused there. */
import { describe, expect, it } from "vitest";
import { type Command, isCommand, isTopic, parseCall, requestSchema } from "../../electron/core/api.ts";
import { FaultError } from "../../electron/core/faults.ts";

const start = { name: "a", data: "d.jsonl", model: "m" };

function refusal(command: string, input: unknown) {
  try {
    parseCall(command as Command, input);
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
  throw new Error(`${command} took ${JSON.stringify(input)}`);
}

it.each(["", "eval", "run_start", "RUN-START", "constructor", "__proto__", "toString", "hasOwnProperty", "run-start\n"])(
  "row 44: %j is no command",
  (command) => {
    expect(isCommand(command)).toBe(false);
    expect(refusal(command, {})).toMatchObject({ kind: "usage.command" });
  },
);

it("fills in what was left out", () => {
  expect(parseCall("run-start", start)).toEqual({
    ...start,
    heldOut: null,
    kind: "full",
    rows: null,
    steps: null,
    settings: {},
    limits: {},
    system: "",
    skipBadRows: false,
    deploy: true,
    deployAs: null,
    quantize: "auto",
    promptsFile: null,
    baseline: null,
    persona: null,
    tonight: false,
  });
});

it.each<[string, Command, unknown]>([
  ["nothing", "run-start", undefined],
  ["null", "run-start", null],
  ["a list", "run-start", []],
  ["text", "run-start", "name=a"],
  ["a missing field", "run-start", { name: "a", data: "d" }],
  ["a foreign field", "run-start", { ...start, force: true }],
  ["a number for a name", "run-start", { ...start, name: 1 }],
  ["a list for a path", "run-start", { ...start, data: ["d"] }],
  ["rows below 1", "run-start", { ...start, rows: 0 }],
  ["half a row", "run-start", { ...start, rows: 1.5 }],
  ["NaN rows", "run-start", { ...start, rows: Number.NaN }],
  ["text for a switch", "run-start", { ...start, deploy: "no" }],
  ["an unknown kind", "run-start", { ...start, kind: "huge" }],
  ["an unknown quantisation", "run-start", { ...start, quantize: "q2_K" }],
  ["a name of a megabyte", "run-start", { ...start, name: "a".repeat(1_000_000) }],
  ["a setting that is an object", "run-start", { ...start, settings: { seed: {} } }],
  ["a setting with a foreign name", "run-start", { ...start, settings: { "a b": 1 } }],
  ["a prototype setting", "run-start", { ...start, settings: JSON.parse('{"__proto__":1}') }],
  ["a prototype field", "run-start", JSON.parse(`{"__proto__":{"deploy":false},"name":"a","data":"d","model":"m"}`)],
  ["a constructor field", "run-start", { ...start, constructor: {} }],
  ["no run", "run-pause", {}],
  ["an empty run", "run-pause", { run: "" }],
  ["a long run", "run-stop", { run: "a".repeat(121) }],
  ["a history of nothing", "history", { limit: 0 }],
  ["an endless history", "history", { limit: 1e9 }],
  ["a field for a command without any", "engine-info", { verbose: true }],
])("refuses %s", (_name, command, input) => {
  const fault = refusal(command, input);
  expect(fault.kind).toBe("usage.arguments");
  expect(fault.message).toMatch(new RegExp(`^${command}: [^\\n]+ is not right \\([^\\n]*\\)\\.$`));
  expect(fault.message.length).toBeLessThan(500);
});

it("row 44: a refused prototype key has changed nothing", () => {
  expect(() => parseCall("run-start", JSON.parse('{"__proto__":{"polluted":1},"name":"a","data":"d","model":"m"}'))).toThrow(FaultError);
  expect("polluted" in {}).toBe(false);
});

describe("messages", () => {
  it.each([
    { ask: "call", id: 1, command: "history", input: {} },
    { ask: "subscribe", topic: "home" },
    { ask: "unsubscribe", topic: "run:a" },
  ])("%j is one", (message) => {
    expect(requestSchema.safeParse(message).success).toBe(true);
  });

  it.each([
    null,
    {},
    { ask: "shout" },
    { ask: "call", id: 1.5, command: "history", input: {} },
    { ask: "call", id: 1, command: "a".repeat(41), input: {} },
    { ask: "subscribe" },
    { ask: "subscribe", topic: "home", extra: 1 },
  ])("%j is none", (message) => {
    expect(requestSchema.safeParse(message).success).toBe(false);
  });

  it.each(["home", "run:a-20261123-220509-8000"])("%j is a topic", (topic) => expect(isTopic(topic)).toBe(true));
  it.each(["", "Home", "run:", "run:a/b", "run:../..", "run:a\n", `run:${"a".repeat(121)}`, "__proto__"])("%j is no topic", (topic) =>
    expect(isTopic(topic)).toBe(false),
  );
});
