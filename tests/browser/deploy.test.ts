/** What stands in Ollama: the list, going back, making room, and the run that waits; a change is asked about first. */
import { expect, test } from "vitest";
import { homeEvent } from "../fixtures/journal.ts";
import { UNASKED, VERSIONS } from "../fixtures/versions.ts";
import { practice, setStage } from "./stage.ts";

const stage = setStage();
const open = async (...[runs, options, machine]: Parameters<typeof stage.show>) => {
  const shown = await stage.show(runs, options, machine);
  await shown.page.click("[data-view=deploy]");
  await shown.page.waitForSelector("#deploy-title");
  return shown;
};

test("each model says where it stands, how large it is, from which run, and with which verdict", async () => {
  const { page, complaints } = await open([practice({ moment: "finished" })], {}, { versions: () => VERSIONS });
  await expect.poll(() => page.textContent("#deploy-title")).toBe("In Ollama answers: jessy");
  expect(await page.textContent("[data-tag='jessy:latest']")).toMatch(/jessy:latest answers.*1\.7 GB.*run jessy-20261121-220000-00c3.*Verdict: GO/);
  expect(await page.textContent("[data-tag='jessy:prev']")).toMatch(/kept.*Verdict: NO-GO · Put into Ollama against the verdict\./);
  expect(await page.textContent("[data-tag^='jessy:kept-']")).toMatch(/5\.2 GB.*your own model/);
  expect(await page.textContent("[data-place=gone]")).toMatch(/no longer in Ollama.*Verdict: unknown/);
  expect(await page.locator("[data-tag='jessy:latest'] button").count()).toBe(0);
  expect(await page.locator("[data-place=gone] button").count()).toBe(0);
  expect(complaints).toEqual([]);
});

test("going back is asked about, done once, said, and the list is asked for again", async () => {
  let asked = 0;
  const versions = () => {
    asked += 1;
    return VERSIONS;
  };
  const { page, replay } = await open([practice({ moment: "finished" })], {}, { versions });
  await page.click("[data-tag='jessy:prev'] [data-do=undo]");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-do"))).toBe("undo-no");
  await page.keyboard.press("Escape");
  expect(replay.calls).toEqual([]);
  await page.click("[data-tag='jessy:prev'] [data-do=undo]");
  const before = asked;
  await page.click("[data-do=undo-yes]");
  await expect.poll(() => page.textContent(".deploy .done")).toBe("jessy is the model before again. The other one is kept.");
  expect(replay.calls).toEqual([{ command: "version-undo", input: { name: "jessy" } }]);
  await expect.poll(() => asked).toBeGreaterThan(before);
});

test.each([
  [1_500_000_000, "jessy:prev is gone; 1.5 GB came free."],
  [0, "jessy:prev is gone. No room came free: another name holds the same file."],
  [null, "jessy:prev is gone. How much room came free is not known."],
])("removing says what came free: %s", async (freedBytes, said) => {
  const { page, replay } = await open([practice({ moment: "finished" })], {}, { versions: () => VERSIONS, freedBytes });
  await page.click("[data-tag='jessy:prev'] [data-do=remove]");
  await page.click("[data-do=remove-yes]");
  await expect.poll(() => page.textContent(".deploy .done")).toBe(said);
  expect(replay.calls).toEqual([{ command: "version-remove", input: { tag: "jessy:prev" } }]);
});

test("what is refused is said in the window's language, beside the model it is about", async () => {
  const { page, replay } = await open([practice({ moment: "finished" })], { locale: "tr-TR" }, { versions: () => VERSIONS });
  replay.refusing = { kind: "run.deploying", message: "jessy is being changed at this moment.", next: "Try again once it is done; see: thortime status." };
  await page.click("[data-tag='jessy:prev'] [data-do=remove]");
  await page.click("[data-do=remove-yes]");
  await expect.poll(() => page.textContent("[data-tag='jessy:prev'] [role=alert]")).toContain("jessy şu anda değiştiriliyor.");
  expect(await page.locator("[data-tag='jessy:prev'] [role=alert] [lang=en]").count()).toBe(0);
});

test("while Ollama is away it is not said that a model left", async () => {
  const { page } = await open([practice({ moment: "finished" })], {}, { versions: () => UNASKED });
  await expect.poll(() => page.textContent("[data-unasked]")).toBe("Ollama is not running on this computer. Start Ollama (from ollama.com).");
  expect(await page.locator("[data-place=unknown]").count()).toBe(3);
  expect(await page.locator(".version button").count()).toBe(0);
});

test("a run that was held back waits here with its verdict, and is put into Ollama by one button", async () => {
  const { page, replay } = await open([practice({ moment: "held" })]);
  await expect.poll(() => page.textContent("[data-ready]")).toContain("thortime-practice is ready");
  expect(await page.textContent("[data-ready] .decision")).toMatch(/NO-GO|Your call/);
  expect(await page.locator("[data-ready] button").allTextContents()).toEqual(["Put it into Ollama anyway"]);
  await page.click("[data-ready] [data-do=deploy]");
  await expect.poll(() => replay.calls.map((one) => one.command)).toEqual(["run-deploy"]);
});

test("with nothing in Ollama it says when something comes; a model put there meanwhile appears by itself", async () => {
  let versions = { rows: [] as readonly (typeof VERSIONS.rows)[number][], unasked: null };
  const { page, replay } = await open([practice({ moment: "finished" })], {}, { versions: () => versions });
  await expect.poll(() => page.textContent(".deploy")).toContain("Nothing was put there yet.");
  versions = { rows: VERSIONS.rows.slice(0, 1), unasked: null };
  const { deployed } = VERSIONS.rows[0] ?? {};
  const put = { name: "jessy", run: deployed?.run ?? "", candidate: "jessy:cand-00c3", previous: null, digest: "sha256:c3" };
  replay.publish("home", [homeEvent({ type: "version-deployed", ...put })]);
  await page.waitForSelector("[data-tag='jessy:latest']");
});
