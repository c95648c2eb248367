/**
 * `npm run pictures [-- --all FOLDER]`: the views as the README shows them, drawn by the real renderer in a real Chromium over replayed journals.
 * Without words the chosen few go to docs/pictures; with `--all` every view, in both languages and themes, goes to FOLDER, to be looked at;
 * `--width 340` draws them narrow, `--only NAME` those whose name begins so.
 */
import { mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { launchBrowser, openPage } from "../fixtures/browser.ts";
import { buildRenderer } from "../fixtures/built-renderer.ts";
import { startReplay } from "../fixtures/replay-server.ts";
import { CHOSEN, SCENES, type Scene } from "./scenes.ts";

const MOST_BYTES = 150_000;
const WIDTH = 1100;
/** As the app makes it (hosts/desktop/windows.ts). */
const POPOVER_WIDTH = 340;
const LANGUAGES = ["en", "tr"] as const;
const THEMES = ["light", "dark"] as const;
const LOCALES = { en: "en-GB", tr: "tr-TR" } as const;

interface Look {
  readonly language: (typeof LANGUAGES)[number];
  readonly theme: (typeof THEMES)[number];
}

async function take(browser: Browser, renderer: string, scene: Scene, { language, theme }: Look, width: number, path: string): Promise<void> {
  const replay = await startReplay([...(scene.others ?? []), scene.run], renderer, scene.machine);
  const viewport = { width: scene.view === null ? POPOVER_WIDTH : width, height: scene.height };
  const opened = await openPage(browser, "about:blank", { viewport, locale: LOCALES[language], colorScheme: theme, reducedMotion: "reduce" });
  const { page } = opened;
  try {
    await page.clock.setFixedTime(scene.now);
    await page.goto(replay.address);
    if (scene.home) replay.publish("home", scene.home);
    if (scene.view === null) {
      await page.waitForSelector("h1");
      await page.goto("about:blank");
      await page.goto(`${new URL(replay.address).origin}/#popover`);
    } else await page.click(`[data-view=${scene.view}]`);
    for (const button of scene.press ?? []) await page.click(button);
    await page.waitForSelector(scene.ready);
    await page.evaluate(() => document.fonts.ready);
    await page.mouse.move(0, 0);
    await page.screenshot({ path });
    if (opened.complaints.length > 0) throw new Error(`${path}: ${opened.complaints.join("; ")}`);
  } finally {
    await opened.close();
    await replay.close();
  }
}

/** Every look of every scene, or the chosen ones. */
function looks(all: boolean): readonly { readonly scene: Scene; readonly look: Look; readonly name: string }[] {
  const every = SCENES.flatMap((scene) =>
    LANGUAGES.flatMap((language) => THEMES.map((theme) => ({ scene, look: { language, theme }, name: `${scene.name}-${language}-${theme}` }))),
  );
  return all ? every : every.filter(({ name }) => CHOSEN.includes(name));
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { all: { type: "string" }, width: { type: "string" }, only: { type: "string" } } });
  const width = Number(values.width ?? WIDTH);
  const folder = values.all === undefined ? join(import.meta.dirname, "..", "..", "docs", "pictures") : resolve(values.all);
  mkdirSync(folder, { recursive: true });
  const [browser, renderer] = await Promise.all([launchBrowser(), buildRenderer()]);
  let large = 0;
  try {
    for (const { scene, look, name } of looks(values.all !== undefined).filter((one) => one.name.startsWith(values.only ?? ""))) {
      const path = join(folder, `${name}.png`);
      await take(browser, renderer.folder, scene, look, width, path);
      const bytes = statSync(path).size;
      console.log(`${path}  ${Math.round(bytes / 1000)} kB`);
      if (bytes > MOST_BYTES) large += 1;
    }
  } finally {
    await browser.close();
    await renderer.remove();
  }
  if (large > 0) process.stderr.write(`Larger than ${MOST_BYTES / 1000} kB: ${large}.\n`);
  return large > 0 ? 1 : 0;
}

process.exitCode = await main();
