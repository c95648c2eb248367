/** The evening before: what the night check found, what can be mended here, when it begins and ends, and what to cut. */
import type { BrowserContextOptions } from "playwright-core";
import { expect, test } from "vitest";
import { nothingKnown } from "../../electron/core/reading.ts";
import { because } from "../../electron/core/reason.ts";
import { homeEvent } from "../fixtures/journal.ts";
import { nightCheck, TONIGHT, TROUBLED } from "../fixtures/night.ts";
import type { Machine } from "../fixtures/replay-server.ts";
import { practice, RUN, setStage } from "./stage.ts";

const stage = setStage();
const TROUBLE: Machine = { preflight: nightCheck({ facts: TROUBLED, rows: 3242, withPlan: true }) };
const PLANNED = homeEvent({ type: "schedule-set", run: RUN, from: "22:00", to: "06:00" });

async function showTonight(machine: Machine, lines: readonly string[] = [PLANNED], options: BrowserContextOptions = {}) {
  const shown = await stage.show([practice({ moment: "created" })], options, machine);
  shown.replay.publish("home", lines);
  await shown.page.click("[data-view=tonight]");
  await shown.page.waitForSelector("[data-check=power]");
  return shown;
}

test("what has to be mended stands first, each line with shape, word and sentence", async () => {
  const { page, complaints } = await showTonight(TROUBLE);
  expect(await page.textContent("h1")).toBe("To mend before tonight: 3");
  const verdicts = await page.locator(".check").evaluateAll((all) => all.map((one) => one.getAttribute("data-verdict")));
  const sorted = (list: readonly (string | null)[]) => [...list].sort((a, b) => ORDER.indexOf(a ?? "") - ORDER.indexOf(b ?? ""));
  const ORDER = ["fix", "warning", "unknown", "ok"];
  const ofPlan = await page.locator("[data-check^=plan-]").count();
  expect(ofPlan).toBe(4);
  expect(verdicts.slice(ofPlan)).toEqual(sorted(verdicts.slice(ofPlan)));
  expect(await page.textContent("[data-check=power]")).toBe("✗fix powerRunning on battery: plug it in for the night.");
  expect(await page.textContent("[data-check=cooling]")).toContain("heatNot known: macmon is not installed.");
  expect(await page.textContent("[data-check=plan-batch]")).toContain("4 × 2,048");
  expect(complaints).toEqual([]);
});

test("what can be mended here is, with one button, and the line is looked at again", async () => {
  const { page, replay } = await showTonight({
    preflight: nightCheck({ facts: { ollama: { loaded: { value: [{ name: "jessy:latest", memoryBytes: 3.4e9 }], source: "test", at: 0 } } } }),
  });
  await page.click("[data-fix=unload-ollama]");
  await expect.poll(() => page.getAttribute("[data-check=ollama]", "data-verdict")).toBe("ok");
  expect(replay.calls).toEqual([{ command: "preflight-fix", input: { fix: "unload-ollama" } }]);
  expect(await page.textContent("h1")).toBe("Ready for tonight");
});

test("too long for the night: the interval says so, and what to cut, in words and as flags", async () => {
  const { page } = await showTonight(TROUBLE);
  expect(await page.getAttribute("[data-forecast]", "data-forecast")).toBe("late");
  expect(await page.textContent("[data-forecast]")).toMatch(/Done .*\d\d:\d\d–.*\d\d:\d\d/);
  const cuts = await page.textContent(".cuts");
  expect(cuts).toContain("Fit to 06:00");
  expect(cuts).toContain("Held-out evaluations: 2");
  expect(await page.isVisible(".cuts code")).toBe(false);
});

test("before training begins the cuts are made with one button, as they are shown; a refusal is said in words", async () => {
  const { page, replay } = await showTonight(TROUBLE);
  const shown = await page.locator(".cuts li").count();
  await page.click("[data-do=cut]");
  await expect.poll(() => replay.calls.map((one) => one.command)).toEqual(["run-cut"]);
  const { run, cuts } = (replay.calls[0]?.input ?? {}) as { run?: string; cuts?: { cut: string; to: number }[] };
  expect([run, cuts?.length]).toEqual([RUN, shown]);
  expect(cuts?.[0]).toMatchObject({ cut: "evaluations", to: 2 });
  replay.refusing = { kind: "run.begun", message: "It has begun its training; its plan stands.", next: "Let it go on in a second night." };
  await page.click("[data-do=cut]");
  await expect.poll(() => page.textContent(".cuts")).toContain("its plan stands");
});

test("once training has begun its plan stands: the cuts are said as flags of a new run, and there is no button", async () => {
  const { page } = await stage.show([practice({ moment: "training" })], {}, TROUBLE);
  await page.click("[data-view=tonight]");
  await page.waitForSelector(".cuts code");
  expect(await page.textContent(".cuts code")).toContain("--set num_train_epochs=");
  expect(await page.isVisible("[data-do=cut]")).toBe(false);
});

test("what fits has nothing to cut; what is not known yet says why", async () => {
  const short = await showTonight({ preflight: nightCheck({ rows: 300 }) });
  expect(await short.page.getAttribute("[data-forecast]", "data-forecast")).toBe("fits");
  expect(await short.page.isVisible(".cuts")).toBe(false);
  const fresh = await showTonight({});
  expect(await fresh.page.textContent(".forecast")).toContain("Not known before its rows are prepared");
});

test("a planned night: skip it, have it back, drop it; each asks once and shows what became of it", async () => {
  const { page, replay } = await showTonight({});
  const state = () => page.getAttribute("[data-night]", "data-night");
  expect(await state()).toBe("waiting");
  expect(await page.textContent("[data-night]")).toBe("Begins by itself at 22:00, ends sealed at 06:00.");
  await page.click("[data-do=skip]");
  await expect.poll(state).toBe("skipped");
  await page.click("[data-do=unskip]");
  await expect.poll(state).toBe("waiting");
  await page.click("[data-do=any-time]");
  await expect.poll(state).toBe("none");
  expect(replay.calls.map((one) => one.command)).toEqual(["schedule-skip", "schedule-set", "schedule-clear"]);
});

test("another window is written as people write it, and refused in words where it is none", async () => {
  const { page, replay } = await showTonight({});
  await page.click("[data-do=window]");
  const [from, to] = [page.locator(".window-form input").first(), page.locator(".window-form input").nth(1)];
  await to.fill("25:00");
  expect(await page.textContent(".window-form .wrong")).toContain("Two times of day");
  expect(await page.isDisabled("[data-do=set-window]")).toBe(true);
  await from.fill("9.30");
  await to.fill("7:00");
  await page.click("[data-do=set-window]");
  await expect.poll(() => replay.calls).toEqual([{ command: "schedule-set", input: { run: RUN, from: "09:30", to: "07:00" } }]);
});

test("a night that is over is continued with one click", async () => {
  const over = [PLANNED, homeEvent({ type: "night-started", run: RUN, night: TONIGHT.night, closesAt: Date.now() - 1, lateSeconds: 0 })];
  const { page, replay } = await showTonight({}, [...over, homeEvent({ type: "night-ended", run: RUN, night: TONIGHT.night })]);
  expect(await page.textContent("[data-night]")).toContain("Its night is over");
  await page.click("[data-do=continue]");
  await expect.poll(() => replay.calls).toEqual([{ command: "schedule-set", input: { run: RUN } }]);
  await expect.poll(() => page.getAttribute("[data-night]", "data-night")).toBe("waiting");
});

test("in Turkish, with its figures", async () => {
  const { page } = await showTonight(TROUBLE, [PLANNED], { locale: "tr-TR" });
  expect(await page.textContent("h1")).toBe("Geceden önce düzeltilecek: 3");
  expect(await page.textContent("[data-check=ollama]")).toContain("(3,4 GB)");
  expect(await page.textContent("[data-check=cooling]")).toContain("ısıBilinmiyor: ");
});

test("a check that is refused is said, and can be asked for again", async () => {
  let broken = true;
  const good = nightCheck();
  const preflight: Machine["preflight"] = (run, settings) => {
    if (broken) throw new Error("sensors");
    return good(run, settings);
  };
  const { page } = await stage.show([], {}, { preflight });
  await page.click("[data-view=tonight]");
  await page.waitForSelector(".refused");
  broken = false;
  await page.click("[data-do=look]");
  await expect.poll(() => page.textContent("h1")).toBe("The machine is ready");
  expect(await page.textContent("[data-night]")).toContain("No run waits.");
});

test("a sleeping Mac: the command that wakes it stands to be copied, with why Thortime does not do it; elsewhere there is none", async () => {
  const { page } = await showTonight({}, [PLANNED], { permissions: ["clipboard-read", "clipboard-write"] });
  await page.click(".wake summary");
  expect(await page.textContent(".wake")).toContain("macOS asks for your password");
  const command = (await page.textContent("[data-wake=nightly] code"))?.trim() ?? "";
  expect(command).toBe("sudo pmset repeat wakeorpoweron MTWRFSU 21:55:00");
  await page.click("[data-do=copy-nightly]");
  await expect.poll(() => page.textContent("[data-wake=nightly] [role=status]")).toBe("Copied.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(command);
  const elsewhere = await showTonight({ preflight: (run, settings) => ({ ...nightCheck()(run, settings), wake: null }) });
  expect(await elsewhere.page.isVisible(".wake")).toBe(false);
});

test("where a window may not write to the clipboard, the command is marked instead", async () => {
  const { page } = await showTonight({}, [PLANNED], { locale: "tr-TR" });
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"));
  });
  await page.click(".wake summary");
  await page.click("[data-do=copy-once]");
  await expect.poll(() => page.textContent("[data-wake=once] [role=status]")).toBe("Seçildi: ⌘C ile kopyala.");
  expect(await page.evaluate(() => getSelection()?.toString().trim())).toMatch(/^sudo pmset schedule wakeorpoweron "/);
});

test("in Turkish what is not known says why in Turkish, and a missing Ollama how to start it", async () => {
  const conditions = nothingKnown([because("not-installed", {}, "macmon")]);
  const fault = { kind: "ollama.absent", message: "Ollama is not running.", next: "Start it." };
  const { page } = await showTonight({ preflight: nightCheck({ facts: { conditions, ollama: { fault } } }) }, [PLANNED], { locale: "tr-TR" });
  expect(await page.textContent("[data-check=cooling]")).toContain("Bilinmiyor: macmon: kurulu değil.");
  expect(await page.getAttribute("[data-check=ollama]", "data-verdict")).toBe("warning");
  expect(await page.textContent("[data-check=ollama]")).toContain("Ollama çalışmıyor.");
  expect(await page.textContent("[data-check=ollama]")).toContain("ollama serve");
});
