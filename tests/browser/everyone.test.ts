/** Both languages, both themes, small and large windows, keyboard and screen reader. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { Moment } from "../fixtures/journal.ts";
import { practice, setStage } from "./stage.ts";

const stage = setStage();
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

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
  test.each([320, 768, 1440])("at %i px nothing scrolls sideways, in either language", async (width) => {
    const { page, complaints } = await stage.show([practice({ moment })], { viewport: { width, height: 800 } });
    await page.waitForSelector("h1");
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.click(".switch [lang=tr]");
    await expect.poll(() => page.getAttribute("html", "lang")).toBe("tr");
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  test.each(["light", "dark"] as const)("axe finds nothing in %s", async (colorScheme) => {
    const { page } = await stage.show([practice({ moment })], { colorScheme });
    await page.waitForSelector("h1");
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
  });
});

test("axe finds nothing in the empty, offline and refused windows either", async () => {
  const empty = await stage.show([]);
  await empty.page.waitForSelector("h1");
  expect((await new AxeBuilder({ page: empty.page }).analyze()).violations).toEqual([]);
  const { page, replay } = await stage.show([practice()], { colorScheme: "dark" });
  await page.waitForSelector("h1");
  replay.drop(true);
  await page.waitForSelector(".bar");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
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
  expect(seen).toEqual(expect.arrayContaining(["pause", "checkpoint", "stop", "plot"]));
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
