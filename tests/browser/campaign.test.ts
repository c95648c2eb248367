/** A campaign on screen: its phases and gates; where a gate holds, why, another try, and a person's own word, which is asked about first. */
import type { BrowserContextOptions } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { EventBody } from "../../electron/core/events.ts";
import { homeEvent, type RunOptions } from "../fixtures/journal.ts";
import { cutTexts, faultsOf, inMedia, overflow } from "./looks.ts";
import { practice, setStage } from "./stage.ts";

const stage = setStage();
const [TEST, NIGHT, NEXT_TRY] = ["jessy-test-v1-20261123-200000-4000", "jessy-maximum-v1-20261123-200000-4000", "jessy-test-v1-20261124-070000-8000"] as const;
const WINDOW = { from: "22:00", to: "06:00" };
const quick = (change: Partial<RunOptions> = {}) =>
  practice({ run: TEST, name: "jessy-test-v1", kind: "quick", campaign: { name: "jessy-v1", next: "jessy-maximum-v1", window: WINDOW }, ...change });
const night = (change: Partial<RunOptions> = {}) => {
  const from = { run: TEST, why: "gate", lever: null, verdict: "no-go" } as const;
  return practice({ run: NIGHT, name: "jessy-maximum-v1", kind: "full", campaign: { name: "jessy-v1", from }, ...change });
};
const replies = { "run-go": { run: NIGHT }, "run-again": { run: NEXT_TRY, lever: "more-epochs" as const } };

async function open(runs: readonly RunOptions[], options: BrowserContextOptions = {}) {
  const shown = await stage.show(runs, options, { replies });
  await shown.page.waitForSelector(".campaign-card");
  const strip = () =>
    shown.page.locator(".campaign li").evaluateAll((all) => all.map((one) => one.getAttribute("data-state") ?? one.getAttribute("data-decision")));
  return { ...shown, strip };
}

test("while the test trains: what is under way, what is to come, and in which hours", async () => {
  const { page, strip, complaints } = await open([quick()]);
  expect(await strip()).toEqual(["under-way", "waiting", "waiting", "waiting", "waiting"]);
  expect(await page.textContent("[aria-current=step][data-phase]")).toContain("Training");
  expect(await page.textContent("[data-phase=full]")).toContain("waiting · only from 22:00 to 06:00");
  expect(await page.locator("[data-holds]").count()).toBe(0);
  await page.click("[data-view=tonight]");
  await page.waitForSelector(".tonight .campaign-card");
  expect(complaints).toEqual([]);
});

test("a gate that holds: the lines that keep it shut, and how many of all hold", async () => {
  const { page, strip, complaints } = await open([quick({ moment: "held" })]);
  expect(await strip()).toEqual(["done", "no-go", "held", "waiting", "waiting"]);
  expect(await page.getAttribute("[aria-current=step][data-phase]", "data-phase")).toBe("full");
  expect(await page.textContent("[data-holds=test] .decision")).toBe("NO-GO jessy-maximum-v1 is held back. What keeps the gate shut:");
  const shut = await page.locator("[data-holds] [data-criterion]").evaluateAll((all) => all.map((one) => one.getAttribute("data-criterion")));
  expect(shut).toEqual(["memory", "sound-answers"]);
  expect(await page.textContent("[data-holds] [data-criterion=sound-answers]")).toContain("Thor Thor <script>");
  expect(await page.textContent("[data-holds]")).toContain("The other lines hold: 3 of 5.");
  expect(complaints).toEqual([]);
});

test("going on in spite of it is asked about with No in focus; Escape leaves everything as it was, Yes is sent once and stands in the strip", async () => {
  const { page, replay, strip } = await open([quick({ moment: "held" })]);
  await page.click("[data-do=go]");
  expect(await page.textContent("[role=alertdialog]")).toContain("This is recorded, and shown here and in the report.");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-do"))).toBe("go-no");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[data-do=go]");
  expect(replay.calls).toEqual([]);
  await page.focus("[data-do=go]");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => replay.calls).toEqual([{ command: "run-go", input: { run: TEST } }]);
  const bodies: readonly EventBody[] = [
    { type: "asked", command: "go" },
    { type: "campaign-advanced", run: NIGHT, verdict: "no-go" },
    { type: "run-ended", outcome: "finished", seconds: 140 },
  ];
  replay.publish("home", [homeEvent({ type: "run-added", run: NIGHT, name: "jessy-maximum-v1", campaign: "jessy-v1", kind: "full", from: TEST })]);
  await page.click(".runs li:has-text('jessy-test-v1') button");
  replay.publish(
    `run:${TEST}`,
    bodies.map((body) => homeEvent(body)),
  );
  await expect.poll(strip).toEqual(["done", "no-go", "under-way", "waiting", "waiting"]);
  expect(await page.textContent("[data-gate=test]")).toContain("in spite of the verdict");
  expect(await page.locator("[data-do=go]").count()).toBe(0);
});

test("what the engine refuses is said beside the button, in the window's language", async () => {
  const { page, replay } = await open([quick({ moment: "held" })], { locale: "tr-TR" });
  replay.refusing = { kind: "run.gone-on", message: "What follows jessy-test-v1 has begun already.", next: `See it with: thortime status ${NIGHT}.` };
  await page.click("[data-do=go]");
  await page.click("[data-do=go-yes]");
  await expect.poll(() => page.textContent("[data-holds] [role=alert]")).toContain("jessy-test-v1");
  expect(await page.locator("[data-holds] [role=alert] [lang=en]").count()).toBe(0);
});

test("another try pulls the lever of its button, at once for a test, tonight for a night; what needs a choice has no button", async () => {
  const { page, replay } = await open([quick({ moment: "held" })]);
  const levers = () => page.locator("[data-lever]").evaluateAll((all) => all.map((one) => one.getAttribute("data-lever")));
  expect(await levers()).toEqual(["more-data", "more-epochs"]);
  expect(await page.textContent("[data-lever=more-data]")).toBe("twice the sample");
  await page.click("[data-lever=more-epochs]");
  await expect.poll(() => replay.calls).toMatchObject([{ command: "run-again", input: { run: TEST, lever: "more-epochs", tonight: false } }]);
  const second = await open([night({ moment: "held" })]);
  expect(await second.strip()).toEqual(["gone", "no-go", "done", "no-go", "held"]);
  expect(await second.page.textContent("[data-holds=full]")).toContain("jessy-maximum-v1 is not put into Ollama");
  expect(await second.page.locator("[data-do=go]").count()).toBe(0);
  await second.page.click("[data-lever=more-epochs]");
  await expect.poll(() => second.replay.calls.map(({ input }) => input)).toMatchObject([{ run: NIGHT, lever: "more-epochs", tonight: true }]);
});

test("from the night one sees its test, and how its gate was gone through; over and in Ollama, tonight has nothing to say of it", async () => {
  const { page, strip } = await open([quick({ moment: "held", startedAt: Date.now() - 900_000 }), night({ moment: "finished", decision: "go" })]);
  await page.click(".runs li:has-text('jessy-maximum-v1') button");
  await expect.poll(strip).toEqual(["done", "no-go", "done", "go", "done"]);
  expect(await page.textContent("[data-gate=test]")).toContain("in spite of the verdict");
  await page.click("[data-view=tonight]");
  await page.waitForSelector(".checks");
  expect(await page.locator(".campaign-card").count()).toBe(0);
  await page.click("[data-view=run]");
  await page.click("[data-phase=test] [data-do=show-run]");
  await expect.poll(() => page.textContent("#run-name")).toBe("jessy-test-v1");
});

test("a run of no campaign has no such card", async () => {
  const { page } = await stage.show([practice({ moment: "held" })]);
  await page.waitForSelector(".verdict-card");
  expect(await page.locator(".campaign-card").count()).toBe(0);
});

describe.each(["run", "tonight"] as const)("in the view %s", (view) => {
  test("nothing scrolls sideways or is cut from 320 to 1440 px, in either language; axe finds nothing, in the dark too", async () => {
    const { page, complaints } = await open([quick({ moment: "held" })]);
    await page.click(`[data-view=${view}]`);
    await page.waitForSelector(".campaign-card");
    for (const language of ["en", "tr"]) {
      await page.click(`.switch [lang=${language}]`);
      await expect.poll(() => page.getAttribute("html", "lang")).toBe(language);
      for (const asking of [false, true]) {
        await page.click(`[data-do=${asking ? "go" : "go-no"}]`, { timeout: 200 }).catch(() => {});
        for (const width of [320, 768, 1024, 1440]) {
          await page.setViewportSize({ width, height: 800 });
          await expect.poll(() => overflow(page), { message: `${language} ${width} px` }).toBeLessThanOrEqual(0);
          expect(await cutTexts(page), `${language} ${width} px`).toEqual([]);
        }
      }
    }
    expect(await faultsOf(page)).toEqual([]);
    await inMedia(page, { colorScheme: "dark" });
    expect(await faultsOf(page, ["color-contrast"])).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
