/** Settings → Python, storage, support: what takes the room, what goes is named before it goes, and a Python that does not fit is refused in one sentence. */
import { expect, test } from "vitest";
import { PLACE, STORAGE, UNFIT } from "../fixtures/storage.ts";
import { practice, setStage } from "./stage.ts";

const stage = setStage();
const open = async (...[options, machine]: [Parameters<typeof stage.show>[1]?, Parameters<typeof stage.show>[2]?]) => {
  const shown = await stage.show([practice({ moment: "finished" })], options, { storage: () => STORAGE, place: () => PLACE, job: UNFIT, ...machine });
  await shown.page.click("[data-view=settings]");
  await shown.page.waitForSelector("[data-room=runs]");
  return shown;
};

test("it says where everything lies, what takes how much, and how all of it goes", async () => {
  const { page, complaints } = await open();
  const card = (await page.textContent(".storage")) ?? "";
  for (const text of [STORAGE.home, "11.4 GB", "212 GB", "Runs (2)", "5.2 GB", "jessy-maximum-v1", "unsloth/gemma-2-2b", "635 MB", "3.4 GB"])
    expect(card).toContain(text);
  await page.click(".everything summary");
  expect(await page.locator(".everything li").count()).toBe(4);
  expect(complaints).toEqual([]);
});

test("making room names what goes and asks; Escape leaves it, yes clears it and measures again", async () => {
  let looks = 0;
  const storage = () => {
    looks += 1;
    return STORAGE;
  };
  const { page, replay } = await open({}, { storage });
  await page.click("[data-do=clear]");
  await page.waitForSelector("[data-do=clear-no]");
  expect(await page.locator("[data-clearing] li").allTextContents()).toEqual([`${STORAGE.runs[0]?.run}/export2.1 GB`]);
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-do"))).toBe("clear-no");
  await page.keyboard.press("Escape");
  expect(replay.calls).toEqual([]);
  await page.click("[data-do=clear]");
  const before = looks;
  await page.click("[data-do=clear-yes]");
  await expect.poll(() => page.textContent(".storage .done")).toBe("2.1 GB came free.");
  expect(replay.calls).toMatchObject([{ command: "storage-clear", input: { really: true } }]);
  await expect.poll(() => looks).toBeGreaterThan(before);
});

test("where nothing can be cleared, and Ollama cannot be asked, both are said", async () => {
  const runs = STORAGE.runs.map((run) => ({ ...run, clearableBytes: 0, stays: "deployed" as const }));
  const { page } = await open({}, { storage: () => ({ ...STORAGE, runs, ollamaBytes: null }) });
  expect(await page.locator("[data-do=clear]").count()).toBe(0);
  expect(await page.textContent(".clear")).toContain("There is nothing to clear away.");
  expect(await page.textContent(".storage")).toContain("is not known: Ollama cannot be asked now.");
});

test("the support bundle is written where it is said, and what is refused stands beside it", async () => {
  const { page, replay } = await open();
  await page.fill(".support input", "~/bundle.tar.gz");
  await page.click("[data-do=support]");
  await expect.poll(() => page.textContent(".support .done")).toBe("Written: ~/bundle.tar.gz (48 kB).");
  replay.refusing = { kind: "usage.exists", message: "~/bundle.tar.gz is there already.", next: "Choose a new name; nothing was overwritten." };
  await page.click("[data-do=support]");
  await expect.poll(() => page.textContent(".support [role=alert]")).toContain("is there already");
});

test.each([
  ["en-GB", "Your own Python, /usr/bin/python3, cannot be used"],
  ["tr-TR", "/usr/bin/python3"],
])("in %s a Python of one's own that does not fit is refused in one sentence", async (locale, said) => {
  const { page, replay } = await open({ locale });
  await page.fill(".own-python input", "/usr/bin/python3");
  await page.click("[data-do=own-python]");
  await expect.poll(() => page.textContent(".own-python [role=alert]")).toContain(said);
  expect(await page.locator(".own-python [role=alert] [lang=en]").count()).toBe(0);
  expect(replay.calls).toEqual([{ command: "python-setup", input: { own: "/usr/bin/python3" } }]);
});

test("one that is in use can be given back", async () => {
  const { page, replay } = await open({}, { place: () => ({ ...PLACE, python: { ...PLACE.python, own: "/opt/homebrew/bin/python3.13" } }) });
  await page.waitForSelector("[data-python=own]");
  expect(await page.inputValue(".own-python input")).toBe("/opt/homebrew/bin/python3.13");
  await page.click("[data-do=find-python]");
  await expect.poll(() => replay.calls).toEqual([{ command: "python-setup", input: { own: null } }]);
});
