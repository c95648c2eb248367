/** Row 46: the mask keeps what our own schemas say and nothing that a person, their data or their models said. */
import { expect, test } from "vitest";
import { makeMask } from "../../electron/core/support.ts";
import { planOf } from "./plans.ts";
import { SAMPLES } from "./samples.ts";

const CANARY = "kanarya";

/** Every string in it that is no key of an object becomes the canary, types and kinds of events aside. */
function poisoned(value: unknown, key = ""): unknown {
  if (typeof value === "string") return key === "type" ? value : `${CANARY} ${value}`;
  if (Array.isArray(value)) return value.map((one) => poisoned(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, name)]));
}

test.each(Object.keys(SAMPLES))("no text of %s is left, however it got there", (type) => {
  const body = SAMPLES[type as keyof typeof SAMPLES];
  const text = makeMask().lines(`${JSON.stringify(poisoned(body))}\n`);
  expect(text).not.toContain(CANARY);
  expect(JSON.parse(text)).toMatchObject({ type });
});

test("figures, times and words of our schemas stay", () => {
  const mask = makeMask();
  expect(JSON.parse(mask.lines(JSON.stringify(SAMPLES["governed"])))).toEqual(SAMPLES["governed"]);
  const plan = mask.value({ ...planOf(), name: CANARY }) as { training: object; name: string };
  expect(plan.training).toEqual(planOf().training);
  expect(plan.name).toMatch(/^‹text \d+, 7 characters›$/);
});

test("row 46: a fault keeps its kind, not its sentence; one text has one number everywhere", () => {
  const mask = makeMask();
  const first = JSON.stringify(mask.value({ fault: { kind: "disk.full", message: `${CANARY} is full`, next: CANARY }, run: CANARY }));
  expect(first).toContain("disk.full");
  expect(first).not.toContain(CANARY);
  expect(mask.lines(JSON.stringify({ run: CANARY }))).toContain(/"run":"(‹[^›]+›)"/.exec(first)?.[1]);
});

test("a key that is no name of ours is hidden like a text, and so is a line that is no JSON", () => {
  const mask = makeMask();
  expect(JSON.stringify(mask.value({ [CANARY]: 3 }))).not.toContain(CANARY);
  expect(mask.lines(`{"run": "${CANARY}\n`)).toBe('{"unreadable":16}\n');
});

test("of a log only places in sources and names of errors stay", () => {
  const log = [
    `row 12: ${CANARY}`,
    "Traceback (most recent call last):",
    `  File "/Users/${CANARY}/python/trainer/training/train.py", line 41, in main`,
    `    raise ValueError("${CANARY}")`,
    `ValueError: ${CANARY}`,
    `${CANARY}Error: x`,
    "Killed",
    "",
  ].join("\n");
  expect(makeMask().log(log).split("\n")).toEqual([
    "(1 lines, 15 characters)",
    "Traceback (most recent call last):",
    '  File "train.py", line 41, in main',
    "(1 lines, 31 characters)",
    "ValueError: (9 characters)",
    "(1 lines, 15 characters)",
    "Killed",
    "",
  ]);
});
