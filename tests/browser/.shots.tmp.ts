import { mkdirSync } from "node:fs";
import { launchBrowser, openPage } from "/work/main/tests/fixtures/browser.ts";
import { startReplay } from "/work/main/tests/fixtures/replay-server.ts";
import type { RunOptions } from "/work/main/tests/fixtures/journal.ts";
const out = "/tmp/thortime-shots"; mkdirSync(out, { recursive: true });
const now = Date.now();
const base = { run: "jessy-maximum-v1-20261122-190000-3fa9", name: "jessy-maximum-v1" };
const older: RunOptions[] = [
  { run: "thortime-practice-20261121-100000-0001", name: "thortime-practice", moment: "finished", startedAt: now - 2*86400e3 },
  { run: "jessy-test-v1-20261122-150000-0002", name: "jessy-test-v1", kind: "quick", moment: "stopped", startedAt: now - 86400e3 },
];
const full = { kind: "full" as const, rows: 3242, steps: 608, stepSeconds: 41, stepsDone: 377 };
const cases: Record<string, RunOptions[]> = {
  training: [...older, { ...base, ...full, moment: "training", startedAt: now - 377*41*1000 - 60_000 }],
  resting: [...older, { ...base, ...full, moment: "resting", startedAt: now - 377*41*1000 - 60_000 }],
  finished: [...older, { ...base, moment: "finished", startedAt: now - 200_000 }],
  noollama: [{ ...base, moment: "no-ollama", startedAt: now - 200_000 }],
  failed: [...older, { ...base, moment: "failed", startedAt: now - 100_000 }],
  paused: [{ ...base, moment: "paused", startedAt: now - 100_000 }],
  exporting: [{ ...base, moment: "exporting", startedAt: now - 140_000 }],
  preparing: [{ ...base, moment: "preparing", startedAt: now - 4_000 }],
  empty: [],
};
const only = process.argv[2]?.split(",");
const variants = [["en","light",1440],["tr","dark",1440],["en","dark",320],["tr","light",320]] as const;
const browser = await launchBrowser();
for (const [name, runs] of Object.entries(cases)) {
  if (only && !only.includes(name) && !only.includes("all")) continue;
  const replay = await startReplay(runs);
  for (const [lang, scheme, width] of variants) {
    if (process.argv[3] && !process.argv[3].split(",").includes(`${lang}-${width}`)) continue;
    const { page, complaints, close } = await openPage(browser, replay.address, { locale: lang === "tr" ? "tr-TR" : "en-GB", colorScheme: scheme, viewport: { width, height: 900 } });
    await page.waitForSelector("h1");
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${out}/${name}-${lang}-${scheme}-${width}.png`, fullPage: true });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    console.log(name, lang, scheme, width, "overflow", over, complaints);
    await close();
  }
  await replay.close();
}
await browser.close();
