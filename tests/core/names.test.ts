/** Faults row 39: a name is parsed or refused, never "cleaned" into something else. */
import { posix, win32 } from "node:path";
import { describe, expect, it } from "vitest";
import { FaultError } from "../../electron/core/faults.ts";
import { isRunId, parseName, runId } from "../../electron/core/names.ts";
import { rounds } from "./seeded.ts";

const faultOf = (text: string) => {
  try {
    parseName(text);
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
  return null;
};

it.each(["a", "jessy-test-v1", "Jessy_2.0", "9lives", "a.b-c_d", "a".repeat(63)])("row 39: takes %j as it is", (name) => {
  expect(parseName(name)).toBe(name);
});

it.each([
  "",
  " ",
  "..",
  ".",
  "../x",
  "x/../y",
  "/etc/passwd",
  "a/b:c",
  "a:b",
  "a\\b",
  "C:\\x",
  "a b",
  " a",
  "a ",
  "a\n",
  "a\nb",
  "\na",
  "a\0",
  "a\0b",
  "a\tb",
  "a".repeat(64),
  "a".repeat(300),
  "jessy🙂",
  "ğüş",
  "a\u0301",
  "\u202Eexe",
  "\uFEFFa",
  "a\u2028b",
  "-rf",
  "--as",
  ".hidden",
  "_a",
  "a.",
  "a-",
  "a..b",
  "CON",
  "nul",
  "com1",
  "LPT9",
  "latest",
  "Prev",
  "$(id)",
  "a;b",
  "a|b",
  "a&b",
  "a`b`",
  "a'b",
  'a"b',
  "a%2Fb",
  "~",
  "~root",
  "*",
  "a?",
])("row 39: refuses %j with a sentence and a next step", (name) => {
  const fault = faultOf(name);
  expect(fault).toMatchObject({ kind: "name.invalid", next: expect.stringContaining("jessy-test-v1") });
  expect(fault?.message).toMatch(/^The name ".*" cannot be used for a model\.$/);
  expect(fault?.message.length).toBeLessThan(200);
});

it("row 39: whatever is accepted is one safe path component, on any system", () => {
  const letters = [..."aZ09._-", "/", "\\", ":", "\0", "\n", " ", "ğ", "🙂", "..", "com1", "latest"];
  let accepted = 0;
  rounds(20_000, (random) => {
    const text = Array.from({ length: random.below(8) }, () => random.pick(letters)).join("");
    if (faultOf(text)) return;
    accepted += 1;
    expect(parseName(text)).toBe(text);
    for (const path of [posix, win32]) {
      expect(path.basename(text)).toBe(text);
      expect(path.isAbsolute(text)).toBe(false);
      expect(path.relative("/home", path.resolve("/home", text))).toBe(text);
    }
    expect(encodeURIComponent(text)).toBe(text);
    expect(/^[\x21-\x7e]{1,63}$/.test(text)).toBe(true);
  });
  // Else this test would hold nothing.
  expect(accepted).toBeGreaterThan(1_000);
});

describe("row 39: run ids", () => {
  const at = Date.UTC(2026, 10, 23, 22, 5, 9);

  it("carry the name, the time in UTC and four hexadecimal digits", () => {
    expect(runId("jessy-test-v1", at, () => 0.5)).toBe("jessy-test-v1-20261123-220509-8000");
    expect(runId("a", at, () => 0)).toBe("a-20261123-220509-0000");
    expect(runId("a", at, () => 1 - 2 ** -53)).toBe("a-20261123-220509-ffff");
  });

  it("of every name we accept are run ids", () => {
    for (const name of ["a", "a.b", "A_b-c", "a".repeat(63), "com1x"]) expect(isRunId(runId(name, at, () => 0.123))).toBe(true);
  });

  it.each(["", "a", "a-20261123-220509-800", "../a-20261123-220509-8000", "a-20261123-220509-8000/", "a-20261123-220509-8000\n", "a..b-20261123-220509-8000"])(
    "%j is none",
    (text) => {
      expect(isRunId(text)).toBe(false);
    },
  );
});
