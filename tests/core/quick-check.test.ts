/** zod stays the one definition of a line: what the quick check takes, zod takes and leaves as it is; and it takes every line that is written as it should be. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { eventSchema, lineSchemas } from "../../electron/core/events.ts";
import { quickCheck } from "../../electron/core/quick-check.ts";
import { reduce, reduceAll } from "../../electron/core/reduce.ts";
import { EMPTY_RUN } from "../../electron/core/state.ts";
import { ALL_SAMPLES, entry, eventOf, sample } from "./samples.ts";
import { rounds } from "./seeded.ts";

const CHECKS = new Map(lineSchemas.map((schema) => [schema.shape.type.value as string, quickCheck(schema)]));
const carried = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const ODD: readonly unknown[] = [null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, "", "NaN", "Infinity", "train", [], ["x"], [1], {}, { kind: "a" }];

describe("lines of a journal", () => {
  it.each(ALL_SAMPLES.map((body) => [body.type, body] as const))("%s is taken", (type, body) => {
    expect(CHECKS.get(type)?.(carried(eventOf(body)))).toBe(true);
  });

  it("whatever is changed in a line, the quick yes is one of zod's too, and to the same value", () => {
    let taken = 0;
    rounds(4_000, (random) => {
      const body = random.pick(ALL_SAMPLES);
      const line = carried(eventOf(body)) as Record<string, unknown>;
      const field = random.pick(Object.keys(line));
      const change = random.below(5);
      if (change === 0) delete line[field];
      else line[change === 1 ? random.pick(["extra", "constructor", "0"]) : field] = random.pick(ODD);
      const check = CHECKS.get(String(line["type"]));
      if (!check?.(line)) return;
      taken += 1;
      expect(eventSchema.safeParse(line)).toEqual({ success: true, data: line });
    });
    // Else this test would hold nothing.
    expect(taken).toBeGreaterThan(100);
  });

  it("fields in another order are taken as well, before and after the usual one", () => {
    const check = CHECKS.get("step");
    const line = carried(eventOf(sample("step"))) as Record<string, unknown>;
    const turned = Object.fromEntries(Object.entries(line).reverse());
    expect([line, turned, line, turned].map((one) => check?.(one))).toEqual([true, true, true, true]);
  });

  it("a key of the prototype is no field", () => {
    const text = JSON.stringify(eventOf(sample("step"))).replace("{", '{"__proto__":{"x":1},');
    expect(CHECKS.get("step")?.(JSON.parse(text))).toBe(false);
  });
});

it.each([
  ["a pattern", z.object({ a: z.string().regex(/x/) })],
  ["a length", z.object({ a: z.array(z.string()).max(2) })],
  ["an upper bound", z.object({ a: z.number().max(3) })],
  ["a default", z.object({ a: z.string().default("x") })],
  ["a date", z.object({ a: z.date() })],
  ["a foreign-field rule", z.strictObject({ a: z.string() })],
])("%s is not known here, so there is no quick yes", (_name, schema) => {
  expect(quickCheck(schema)).toBeNull();
});

describe("many at once", () => {
  it("are folded to what they are folded to one by one, in pieces of any size, and no state that was given out changes", () => {
    rounds(40, (random) => {
      const entries = Array.from({ length: 400 }, (_item, index) => {
        const body = random.chance(0.6) ? sample("step", { step: 1 + random.below(300) }) : random.pick(ALL_SAMPLES);
        return entry(body.type === "resumed" ? { ...body, fromStep: random.below(300) } : body, { at: index });
      });
      const single = entries.reduce(reduce, EMPTY_RUN);
      let state = EMPTY_RUN;
      for (let from = 0; from < entries.length; ) {
        const size = 1 + random.below(120);
        const before = JSON.stringify(state);
        const next = reduceAll(state, entries.slice(from, from + size));
        expect(JSON.stringify(state)).toBe(before);
        state = next;
        from += size;
      }
      expect(state).toEqual(single);
    });
  });

  it("nothing new is nothing new", () => {
    expect(reduceAll(EMPTY_RUN, [])).toBe(EMPTY_RUN);
  });
});
