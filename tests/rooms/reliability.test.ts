/** docs/reliability.md is true: each of the 47 rows stands there, and each file it names is there and has a test that begins with the row. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ROWS = 47;
const table = readFileSync(join(ROOT, "docs", "reliability.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, number, ...cells] = /^\| (\d+) \|/.test(line) ? line.split("|").map((cell) => cell.trim()) : [];
    return number === undefined ? [] : [{ row: Number(number), cells: cells.slice(0, -1), shown: cells.at(-2) ?? "" }];
  });

/** Rows that a file's tests, Python docstrings or first comment begin with: `row 4: …`, `rows 4, 6 and 24: …`, `Row 31, 32: …`. */
function rowsOf(text: string): ReadonlySet<number> {
  const lists = [...text.matchAll(/(?:["'`]|^\/?\s?\*\*? )rows? (\d+(?:(?:, | and )\d+)*)\b/gim)].map((match) => match[1] ?? "");
  return new Set(lists.flatMap((list) => list.split(/, | and /).map(Number)));
}

it("has every row from 1 to 47, each once and in order", () => {
  expect(table.map(({ row }) => row)).toEqual(Array.from({ length: ROWS }, (_item, index) => index + 1));
});

it.each(table.map((one) => [one.row, one] as const))("row %i has a fault, a promise, and who shows it or why nobody can", (_row, { cells, shown }) => {
  expect(cells).toHaveLength(3);
  for (const cell of cells) expect(cell).not.toBe("");
  expect(/`tests\//.test(shown) || shown.length > 20, shown).toBe(true);
});

const named = table.flatMap(({ row, shown }) => [...shown.matchAll(/`(tests\/[^`]+)`/g)].map((match) => [match[1] ?? "", row] as const));
it.each(named)("%s is there and has a test that begins with row %i", (path, row) => {
  expect(existsSync(join(ROOT, path))).toBe(true);
  expect([...rowsOf(readFileSync(join(ROOT, path), "utf8"))]).toContain(row);
});
