/** Settings: what is wrong is said in words, what is right reaches the file, and what is secret never comes back. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { practice, setStage } from "./stage.ts";

const stage = setStage();
const field = (page: Page, name: string) => page.locator(`[data-field=${name}] input`);

async function showSettings(settings: object | null = null, locale = "en-GB") {
  const shown = await stage.show([practice()], { locale }, { settings: settings && JSON.stringify(settings) });
  await shown.page.click("[data-view=settings]");
  await shown.page.waitForSelector(".settings form");
  return shown;
}

test("only what was changed is sent, and the file has it", async () => {
  const { page, replay, complaints } = await showSettings();
  expect(await page.isDisabled("[data-do=save]")).toBe(true);
  await field(page, "windowFrom").fill("21.30");
  await field(page, "perKwh").fill("0,32");
  await field(page, "currency").fill("EUR");
  await field(page, "quiet").uncheck();
  await page.click("[data-do=save]");
  await page.getByText("Saved.").waitFor();
  const change = { window: { from: "21:30", to: "06:00" }, quietHours: null, tariff: { currency: "EUR", perKwh: 0.32 } };
  expect(replay.calls).toEqual([{ command: "settings-set", input: { change } }]);
  expect(JSON.parse(replay.settings ?? "")).toMatchObject(change);
  expect(complaints).toEqual([]);
});

test("what is wrong is said at its field, in words, and nothing is sent", async () => {
  const { page, replay } = await showSettings();
  const wrong = { windowTo: "26:00", target: "hot", red: "84", battery: "130", digest: "2.5", perKwh: "-1", currency: "" };
  for (const [name, text] of Object.entries(wrong)) await field(page, name).fill(text);
  await page.click("[data-do=save]");
  await expect.poll(() => page.locator("[aria-invalid=true]").count()).toBe(Object.keys(wrong).length - 1);
  await field(page, "target").fill("86");
  expect(await page.textContent("[data-field=red] .wrong")).toBe("A number over the target, at most 108.");
  expect(await page.textContent("[data-field=digest] .wrong")).toBe("A whole number from 1 to 24, or nothing.");
  expect(await page.evaluate(() => document.activeElement?.closest("[data-field]")?.getAttribute("data-field"))).toBe("target");
  expect(replay.calls).toEqual([]);
});

test("a secret is written and never shown again; what is not rewritten is kept", async () => {
  const { page, replay } = await showSettings({ push: { ntfy: { server: "https://ntfy.sh", topic: "old-topic", token: "tk_old" } } });
  expect(await field(page, "ntfyToken").inputValue()).toBe("");
  expect(await page.content()).not.toContain("tk_old");
  await page.click("[data-do=random-topic]");
  const topic = (await page.textContent(".topic code")) ?? "";
  expect(topic).toMatch(/^thortime-[0-9a-f]{24}$/);
  await page.click("[data-do=save]");
  await page.getByText("Saved.").waitFor();
  expect(JSON.parse(replay.settings ?? "").push.ntfy).toEqual({ server: "https://ntfy.sh", topic, token: "tk_old", remoteControl: false });
  expect(await page.content()).not.toContain(topic);
});

test("a way to the phone without its keys is not saved; switched off it leaves the file", async () => {
  const { page, replay } = await showSettings({ push: { telegram: { token: "t", chat: "c" } } });
  await field(page, "pushover").check();
  await field(page, "telegram").uncheck();
  await page.click("[data-do=save]");
  expect(await page.textContent("[data-field=pushoverToken] .wrong")).toBe("This cannot be empty.");
  await field(page, "pushoverToken").fill("app");
  await field(page, "pushoverUser").fill("me");
  await page.click("[data-do=save]");
  await page.getByText("Saved.").waitFor();
  expect(JSON.parse(replay.settings ?? "").push).toEqual({ pushover: { token: "app", user: "me" } });
});

test("a file that cannot be used is said; a refusal of the engine too", async () => {
  const { page, replay } = await showSettings({ targetCelsius: "warm" });
  expect(await page.textContent(".settings .bar")).toContain("In settings.json targetCelsius cannot be used");
  replay.refusing = { kind: "usage.setting", message: "The setting cannot be used.", next: "Correct it and try again." };
  await field(page, "battery").fill("20");
  await page.click("[data-do=save]");
  await expect.poll(() => page.textContent(".refused")).toContain("The setting cannot be used.");
  expect(await field(page, "battery").inputValue()).toBe("20");
});

test("in Turkish", async () => {
  const { page } = await showSettings(null, "tr-TR");
  expect(await page.textContent("h1")).toBe("Ayarlar");
  await field(page, "red").fill("60");
  await page.click("[data-do=save]");
  expect(await page.textContent("[data-field=red] .wrong")).toBe("Hedefin üstünde, en çok 108 olan bir sayı.");
});

test("one language for everything: the switch is kept in the settings, and what stands there is spoken by every window", async () => {
  const { page, replay } = await stage.show([practice()], { locale: "tr-TR" });
  await expect.poll(() => page.getAttribute("html", "lang")).toBe("tr");
  // Nobody chose yet: saving something else chooses none in passing, and the form shows what is spoken.
  await page.click(".switch [lang=en]");
  await expect.poll(() => replay.calls.at(-1)).toEqual({ command: "settings-set", input: { change: { language: "en" } } });
  await expect.poll(() => JSON.parse(replay.settings ?? "{}").language).toBe("en");
  await page.reload();
  await expect.poll(() => page.getAttribute("html", "lang")).toBe("en");
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await expect.poll(() => page.getAttribute("html", "lang")).toBe("en");
});
