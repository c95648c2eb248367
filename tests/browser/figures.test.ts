/** Promise 2: what the screen says is what the journal says, live and after gaps. */
import { expect, test } from "vitest";
import type { Event, EventBody } from "../../electron/core/events.ts";
import { runJournal } from "../fixtures/journal.ts";
import { practice, RUN, setStage } from "./stage.ts";

const stage = setStage();
const loss = (value: number) => new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);

function events(lines: readonly string[]): Event[] {
  return lines.map((line) => JSON.parse(line) as Event);
}

function newest<T extends EventBody["type"]>(lines: readonly string[], type: T): Extract<Event, { type: T }> {
  const found = events(lines).findLast((event): event is Extract<Event, { type: T }> => event.type === type);
  if (!found) throw new Error(`no ${type} in the journal`);
  return found;
}

/** The lines a trainer would write after the last one of a journal. */
function continued(lines: readonly string[], losses: readonly number[]): readonly string[] {
  const last = newest(lines, "step");
  const n = events(lines).findLast((event) => event.by === "trainer")?.n ?? 0;
  return losses.map((value, index) => JSON.stringify({ ...last, n: n + index + 1, step: last.step + index + 1, loss: value }));
}

test("the newest step's loss, step and first loss stand in the tiles", async () => {
  const run = practice();
  const journal = runJournal(run);
  const { page, complaints } = await stage.show([run]);
  const step = newest(journal, "step");
  const first = events(journal).find((event) => event.type === "step");
  await expect.poll(() => page.textContent("[data-tile=loss] b")).toBe(loss(step.loss as number));
  expect(await page.textContent("[data-tile=loss] dd")).toContain(`first ${loss(first?.type === "step" ? (first.loss as number) : Number.NaN)}`);
  expect(await page.textContent("[data-tile=step] b")).toBe(String(step.step));
  expect(await page.textContent("[data-tile=held-out] b")).toBe(loss(newest(journal, "evaluated").loss as number));
  expect(await page.textContent("[data-readout]")).toContain(`step ${step.step} · training ${loss(step.loss as number)}`);
  expect(complaints).toEqual([]);
});

test("steps published later arrive by the same fold", async () => {
  const run = practice();
  const { page, replay } = await stage.show([run]);
  await page.waitForSelector("[data-tile=loss] b");
  replay.publish(`run:${RUN}`, continued(runJournal(run), [0.777, 0.666]));
  await expect.poll(() => page.textContent("[data-tile=loss] b")).toBe("0.67");
});

test("after a gap the window asks for a fresh snapshot and misses nothing", async () => {
  const run = practice();
  const { page, replay } = await stage.show([run]);
  await page.waitForSelector("[data-tile=loss] b");
  const [missed = "", seen = ""] = continued(runJournal(run), [0.91, 0.52]);
  replay.swallow(`run:${RUN}`, [missed]);
  replay.publish(`run:${RUN}`, [seen]);
  await expect.poll(() => page.textContent("[data-tile=loss] b")).toBe("0.52");
  await page.focus(".plot");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => page.textContent("[data-readout]")).toContain("0.91");
});

test("a loss that is not a number is said, never drawn as zero", async () => {
  const run = practice();
  const journal = runJournal(run);
  const line = JSON.stringify({ ...JSON.parse(continued(journal, [0.5])[0] ?? ""), loss: "NaN" });
  const { page, replay } = await stage.show([run]);
  await page.waitForSelector("[data-tile=loss] b");
  replay.publish(`run:${RUN}`, [line]);
  await expect.poll(() => page.textContent("[data-tile=loss] b")).toBe("NaN");
  expect(await page.textContent("#loss-summary")).toContain("Steps without a finite loss: 1.");
});

test("the result card carries the comparison, the GGUF and Ollama's answer from their events", async () => {
  const run = practice({ moment: "finished" });
  const journal = runJournal(run);
  const { page } = await stage.show([run]);
  await expect.poll(() => page.textContent("h1")).toBe("Better than before");
  const comparison = newest(journal, "held-out-compared");
  const heldOut = await page.textContent("[data-result=held-out]");
  expect(heldOut).toContain(`${loss(comparison.before as number)} → ${loss(comparison.after as number)}`);
  expect(heldOut).toContain(`−${loss(-(comparison.low as number))}`);
  const gguf = newest(journal, "gguf-written");
  expect(await page.textContent("[data-result=gguf]")).toContain(gguf.path);
  expect(await page.textContent("[data-result=gguf]")).toContain(`${gguf.tensors} tensors`);
  expect(await page.textContent("[data-result=ollama]")).toContain(newest(journal, "smoke-tested").answer);
});

test("without Ollama one sentence says why and what to do", async () => {
  const run = practice({ moment: "no-ollama" });
  const { page } = await stage.show([run]);
  await expect.poll(() => page.textContent("[data-result=gguf]")).toContain(newest(runJournal(run), "phase-skipped").why);
  expect(await page.isVisible("button[data-do=deploy]")).toBe(true);
  expect(await page.isVisible("[data-result=ollama]")).toBe(false);
});
