/** The picture as PNG through a Chromium that is there already; without one the SVG is enough. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const KNOWN = ["/usr/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

/** The path, or null where there is no Chromium. */
export async function toPng(svg: string, path: string): Promise<string | null> {
  const executablePath = [process.env["THORTIME_CHROMIUM"] ?? "", ...KNOWN].find((one) => one !== "" && existsSync(one));
  if (executablePath === undefined) return null;
  const browser = await chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: ["--disable-gpu", "--disable-dev-shm-usage"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:1280px}</style>${svg}`);
    await page.locator("svg").screenshot({ path });
    return path;
  } finally {
    await browser.close();
  }
}
