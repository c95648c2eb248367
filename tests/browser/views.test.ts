/** The views: reached by link, keyboard and address, kept for the next time, and never in the way of the key in the address. */
import { expect, test } from "vitest";
import { practice, setStage } from "./stage.ts";

const stage = setStage();

test("a link, the back button and a reload each bring the view they name", async () => {
  const { page, complaints } = await stage.show([practice()]);
  await page.waitForSelector("[data-tile=loss] b");
  await page.click("[data-view=tonight]");
  await page.waitForSelector("#tonight-title");
  expect(new URL(page.url()).hash).toBe("#/tonight");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  await page.click("[data-view=settings]");
  await page.waitForSelector(".settings form");
  await page.goBack();
  await page.waitForSelector("#tonight-title");
  await page.reload();
  await page.waitForSelector("#tonight-title");
  expect(await page.getAttribute("[data-view=tonight]", "aria-current")).toBe("page");
  expect(complaints).toEqual([]);
});

test("the last view is kept for a window that is opened with its key alone", async () => {
  const { page, replay } = await stage.show([practice()]);
  await page.click("[data-view=settings]");
  await page.waitForSelector(".settings form");
  await page.goto("about:blank");
  await page.goto(replay.address);
  await page.waitForSelector(".settings form");
  expect(page.url()).not.toContain("token");
});

test("a fresh address with its key, pasted over a view, opens; a fragment that names no view changes nothing", async () => {
  const { page, replay } = await stage.show([practice()]);
  await page.click("[data-view=tonight]");
  await page.waitForSelector("#tonight-title");
  await page.evaluate(() => {
    location.hash = "#/elsewhere";
  });
  await page.waitForTimeout(200);
  expect(await page.isVisible("#tonight-title")).toBe(true);
  await page.evaluate(() => sessionStorage.setItem("thortime.token", "worn out"));
  await page.evaluate((hash) => {
    location.hash = hash;
  }, new URL(replay.address).hash);
  await page.waitForSelector("#tonight-title");
  await expect.poll(() => page.url()).not.toContain("token");
});

test("by keyboard: skip link, then the views; Enter opens one, and its buttons follow", async () => {
  const { page } = await stage.show([practice()]);
  await page.waitForSelector("[data-tile=loss] b");
  const seen: string[] = [];
  for (let press = 0; press < 6; press += 1) {
    await page.keyboard.press("Tab");
    seen.push(await page.evaluate(() => document.activeElement?.getAttribute("data-view") ?? document.activeElement?.className ?? ""));
  }
  expect(seen).toEqual(["skip", "tonight", "run", "deploy", "history", "settings"]);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".settings form");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.closest("[data-field]")?.getAttribute("data-field"))).toBe("windowFrom");
});
