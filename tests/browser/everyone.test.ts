/** Both languages, both themes, small and large windows, keyboard and screen reader. */
import type { BrowserContextOptions } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { ViewName } from "../../renderer/route.ts";
import { homeEvent, type Moment } from "../fixtures/journal.ts";
import { nightCheck, TROUBLED } from "../fixtures/night.ts";
import { PLACE, STORAGE } from "../fixtures/storage.ts";
import { VERSIONS } from "../fixtures/versions.ts";
import { cutTexts, faultsOf, inMedia, overflow } from "./looks.ts";
import { practice, RUN, setStage } from "./stage.ts";

const stage = setStage();

test("the language follows the browser, can be switched, and is kept", async () => {
  const { page } = await stage.show([practice({ moment: "resting" })], { locale: "tr-TR" });
  await expect.poll(() => page.textContent(".pill")).toContain("Dinleniyor");
  expect(await page.textContent(".ring text")).toBe("%61");
  expect(await page.textContent("[data-tile=loss] b")).toMatch(/^\d,\d\d$/);
  expect(await page.getAttribute("html", "lang")).toBe("tr");
  await page.click(".switch [lang=en]");
  await expect.poll(() => page.textContent(".pill")).toContain("Resting");
  expect(await page.textContent(".ring text")).toBe("61%");
  await page.reload();
  await expect.poll(() => page.textContent(".pill")).toContain("Resting");
});

describe.each(["preparing", "training", "failed", "finished", "no-ollama"] satisfies Moment[])("%s", (moment) => {
  test("nothing scrolls sideways from 320 to 1440 px, in either language", async () => {
    const { page, complaints } = await stage.show([practice({ moment })]);
    await page.waitForSelector("h1");
    for (const language of ["en", "tr"]) {
      await page.click(`.switch [lang=${language}]`);
      await expect.poll(() => page.getAttribute("html", "lang")).toBe(language);
      for (const width of [320, 480, 768, 1024, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        await expect.poll(() => overflow(page), { message: `${language} ${width} px` }).toBeLessThanOrEqual(0);
      }
    }
    expect(complaints).toEqual([]);
  });

  test("axe finds nothing, and the colours hold in the dark", async () => {
    const { page } = await stage.show([practice({ moment })]);
    await page.waitForSelector("h1");
    expect(await faultsOf(page)).toEqual([]);
    await inMedia(page, { colorScheme: "dark" });
    expect(await faultsOf(page, ["color-contrast"])).toEqual([]);
  });
});

const NTFY = { server: "https://ntfy.sh", topic: "thortime-0123456789ab" };
const TROUBLE = {
  versions: () => VERSIONS,
  preflight: nightCheck({ facts: TROUBLED, rows: 3242, withPlan: true }),
  settings: JSON.stringify({ push: { ntfy: NTFY } }),
  storage: () => STORAGE,
  place: () => PLACE,
};

describe.each(["tonight", "run", "deploy", "history", "settings"] satisfies ViewName[])("%s in the evening", (view) => {
  const show = async (options: BrowserContextOptions = {}) => {
    const run = practice({ steps: 608, stepsDone: 377, stepSeconds: 40, sensors: "warm", startedAt: Date.now() - 377 * 43_000 });
    const shown = await stage.show([run], options, TROUBLE);
    const values = { run: "thortime-practice", celsius: "92" };
    shown.replay.publish("home", [homeEvent({ type: "notice", id: "a", run: RUN, level: "urgent", key: "flag-hot", values })]);
    await shown.page.click(`[data-view=${view}]`);
    await shown.page.waitForSelector(
      { tonight: "[data-check=power]", run: "[data-cost]", deploy: ".version", history: ".past", settings: "[data-room=runs]" }[view],
    );
    return shown;
  };

  test("nothing scrolls sideways or is cut from 320 to 1440 px, in either language", async () => {
    const { page, complaints } = await show();
    for (const language of ["en", "tr"]) {
      await page.click(`.switch [lang=${language}]`);
      await expect.poll(() => page.getAttribute("html", "lang")).toBe(language);
      for (const width of [320, 768, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        await expect.poll(() => overflow(page), { message: `${language} ${width} px` }).toBeLessThanOrEqual(0);
        expect(await cutTexts(page), `${language} ${width} px`).toEqual([]);
      }
    }
    expect(complaints).toEqual([]);
  });

  test("axe finds nothing, narrow and wide, and the colours hold in the dark", async () => {
    const { page } = await show({ viewport: { width: 320, height: 800 } });
    expect(await faultsOf(page)).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await faultsOf(page)).toEqual([]);
    await inMedia(page, { colorScheme: "dark" });
    expect(await faultsOf(page, ["color-contrast"])).toEqual([]);
  });
});

test("with more contrast asked for, the colours hold too", async () => {
  const { page } = await stage.show([practice({ moment: "failed" })]);
  await page.waitForSelector("h1");
  for (const colorScheme of ["light", "dark"] as const) {
    await inMedia(page, { colorScheme, contrast: "more" });
    expect(await faultsOf(page, ["color-contrast"]), colorScheme).toEqual([]);
  }
});

test("axe finds nothing in the empty, offline and refused windows either", async () => {
  const empty = await stage.show([]);
  await empty.page.waitForSelector("h1");
  expect(await faultsOf(empty.page)).toEqual([]);
  const { page, replay } = await stage.show([practice()], { colorScheme: "dark" });
  await page.waitForSelector("h1");
  replay.drop(true);
  await page.waitForSelector(".bar");
  expect(await faultsOf(page)).toEqual([]);
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await expect.poll(() => page.textContent("h1")).toBe("This address does not open Thortime.");
  expect(await faultsOf(page)).toEqual([]);
});

test("axe would see it: a text that fades into its ground is found", async () => {
  const { page } = await stage.show([practice()]);
  await page.waitForSelector("h1");
  await page.evaluate(() => document.querySelector("h1")?.animate([{ color: "rgb(235, 235, 235)" }], { duration: 1, fill: "forwards" }));
  await page.waitForTimeout(100);
  expect(await faultsOf(page, ["color-contrast"])).not.toEqual([]);
});

test("by keyboard: skip link first, every button reachable with a visible focus, the curve read with arrow keys", async () => {
  const { page } = await stage.show([practice()]);
  await page.waitForSelector(".plot");
  const seen: string[] = [];
  for (let press = 0; press < 20; press += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      return { name: element.getAttribute("data-do") ?? element.className, outline: getComputedStyle(element).outlineStyle };
    });
    if (!focused) break;
    expect(focused.outline, focused.name).not.toBe("none");
    seen.push(focused.name);
  }
  expect(seen[0]).toBe("skip");
  expect(seen).toEqual(expect.arrayContaining(["pause", "checkpoint", "stop", "plot plot-loss"]));
  await page.focus(".plot");
  await page.keyboard.press("Home");
  expect(await page.getAttribute(".plot", "aria-valuetext")).toContain("step 0 · held-out 2.31");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.getAttribute(".plot", "aria-valuetext")).toMatch(/^step 1 · training \d\.\d\d$/);
});

test("who wants no motion gets none", async () => {
  const { page } = await stage.show([practice()], { reducedMotion: "reduce" });
  await page.waitForSelector("button[data-do=pause]");
  expect(await page.evaluate(() => getComputedStyle(document.querySelector("button") as Element).transitionDuration)).toMatch(/^0s/);
});
