/** report.html opens from disk and needs nothing else: both languages, light and dark, on paper, whatever the texts hold. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportData } from "../../electron/core/report/data.ts";
import { reportHtml } from "../../electron/core/report/page.ts";
import { DEFAULT_SETTINGS } from "../../electron/core/settings.ts";
import { wordsIn } from "../../electron/core/words/words.ts";
import en from "../../resources/messages/en.json";
import tr from "../../resources/messages/tr.json";
import { BEGAN, NIGHTS, type NightShape, nightOf, nightPlan } from "../core/nights.ts";
import { sample } from "../core/samples.ts";
import { launchBrowser, openPage } from "../fixtures/browser.ts";

const CATALOGUES = { en, tr };
const folder = mkdtempSync(join(tmpdir(), "thortime-report-"));
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

function addressOf(name: string, shape: NightShape, language: "en" | "tr"): string {
  const input = {
    state: nightOf(shape),
    plan: nightPlan(shape),
    settings: DEFAULT_SETTINGS,
    folder: "/home/ada/runs/jessy",
    nowMs: BEGAN + 9 * 3_600_000,
    version: "0.1.0",
  };
  const path = join(folder, `${name}-${language}.html`);
  writeFileSync(
    path,
    reportHtml(
      reportData(input),
      wordsIn(language, CATALOGUES[language], () => 180),
    ),
  );
  return pathToFileURL(path).href;
}

// Axe is a script, and the page allows none: only the test's browser looks away.
const LOOSE = { bypassCSP: true } as const;

describe.each(["en", "tr"] as const)("in %s", (language) => {
  test.each(["go", "no-go", "mended", "failed", "diverged", "blind", "early"])(
    "a night that is %s: axe finds nothing, light or dark, and no word leaves the page",
    async (name) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, complaints, close } = await openPage(browser, addressOf(name, NIGHTS[name] ?? {}, language), { ...LOOSE, colorScheme });
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html).slice(0, 3)])).toEqual([]);
        await page.setViewportSize({ width: 380, height: 800 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(380);
        expect(complaints).toEqual([]);
        await close();
      }
    },
  );

  test("prints on A4 in a few pages", async () => {
    const { page, complaints, close } = await openPage(browser, addressOf("go", NIGHTS["go"] ?? {}, language));
    const pages = (await page.pdf({ preferCSSPageSize: true })).toString("latin1").match(/\/Type\s*\/Page\b/g) ?? [];
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.length).toBeLessThanOrEqual(6);
    expect(complaints).toEqual([]);
    await close();
  });
});

test("hostile texts run nothing, load nothing and turn nothing around", async () => {
  const text = "<img src=https://example.invalid/x onerror=\"document.title='owned'\"><script>document.title='owned'</script>\u202egnp.exe";
  const after = Object.fromEntries(["who", "well", "ram", "adin"].map((id) => [id, text]));
  const { page, complaints, close } = await openPage(browser, addressOf("hostile", { after, data: text, end: [sample("warned", { message: text })] }, "en"));
  expect(await page.title()).toBe("Morning report · jessy");
  expect(await page.locator("img, script, iframe, object, embed, link").count()).toBe(0);
  expect(await page.textContent("#answers")).toContain("<script>document.title='owned'</script>");
  expect(await page.textContent("#answers")).toContain("U+202E");
  expect(complaints).toEqual([]);
  await close();
});
