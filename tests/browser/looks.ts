/** What every view has to keep: no sideways scrolling, no cut word, nothing that axe finds. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

export const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** One line for each finding. Legacy mode: our page has no frames, and needs no second page to gather their results. */
export async function faultsOf(page: Page, rules?: string[]): Promise<readonly string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
}

/** Colours fade for a moment; axe would measure what lies between. */
export async function inMedia(page: Page, media: Parameters<Page["emulateMedia"]>[0]): Promise<void> {
  await page.emulateMedia(media);
  await page.waitForTimeout(250);
}

/** Buttons, links, labels and fields whose words need more room than they have; a path may be as long as it likes, its field scrolls. */
export async function cutTexts(page: Page): Promise<readonly string[]> {
  return page
    .locator("button, a, label, input:not([type=checkbox], .wide), select, h1, h2, .check-words")
    .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.outerHTML.slice(0, 120)));
}
