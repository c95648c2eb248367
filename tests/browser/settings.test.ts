/** Settings: what is wrong is said in words, what is right reaches the file, and what is secret never comes back. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { CLOUDS } from "../../electron/core/evening/energy.ts";
import { because } from "../../electron/core/reason.ts";
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

test("a secret is not even in what the engine sends: only that there is one", async () => {
  const settings = { push: { ntfy: { server: "https://ntfy.sh", topic: "SECRET-topic" }, telegram: { token: "SECRET-bot", chat: "SECRET-chat" } } };
  const frames: string[] = [];
  const shown = await stage.show([practice()], {}, { settings: JSON.stringify(settings) });
  shown.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => frames.push(String(payload))));
  await shown.page.reload();
  await shown.page.click("[data-view=settings]");
  await field(shown.page, "ntfyServer").fill("https://push.example.org");
  await shown.page.click("[data-do=save]");
  await shown.page.getByText("Saved.").waitFor();
  expect(frames.some((frame) => frame.includes("https://push.example.org"))).toBe(true);
  expect(frames.filter((frame) => frame.includes("SECRET"))).toEqual([]);
  expect(shown.replay.calls).toEqual([{ command: "settings-set", input: { change: { push: { ntfy: { server: "https://push.example.org" } } } } }]);
  expect(JSON.parse(shown.replay.settings ?? "").push).toMatchObject({
    ntfy: { server: "https://push.example.org", topic: "SECRET-topic" },
    telegram: settings.push.telegram,
  });
});

test.each([
  ["en-GB", "Send a test", "ntfy: delivered.", "Telegram: not delivered, it answered with status 403"],
  ["tr-TR", "Deneme gönder", "ntfy: ulaştı.", "Telegram: ulaşmadı, 403 durum koduyla yanıt verdi"],
])("in %s a test says of each way whether it arrived, and why not", async (locale, button, good, bad) => {
  const delivered = [
    { backend: "ntfy", ok: true, why: null, attempts: 1 },
    { backend: "telegram", ok: false, why: [because("status", { status: "403" })], attempts: 1 },
  ];
  const { page, replay } = await stage.show([practice()], { locale }, { delivered });
  await page.click("[data-view=settings]");
  await field(page, "ntfy").waitFor();
  // What is typed and not saved is not what would be tried.
  await field(page, "battery").fill("20");
  expect(await page.isDisabled("[data-do=notify-test]")).toBe(true);
  await page.click("[data-do=save]");
  await expect.poll(() => page.isEnabled("[data-do=notify-test]")).toBe(true);
  expect(await page.textContent("[data-do=notify-test]")).toBe(button);
  await page.click("[data-do=notify-test]");
  await expect.poll(() => page.textContent("[data-delivered=ntfy]")).toBe(good);
  expect(await page.textContent("[data-delivered=telegram]")).toBe(bad);
  expect(replay.calls.at(-1)).toMatchObject({ command: "notify-test" });
});

test("the table of clouds: rows are changed, added, taken away and brought back, and what is wrong is said", async () => {
  const { page, replay } = await showSettings();
  const cell = (row: number, column: string) => page.locator(".clouds tbody tr").nth(row).locator(`[data-column=${column}]`);
  expect(await page.locator(".clouds tbody tr").count()).toBe(CLOUDS.length);
  await cell(0, "usdPerHour").fill("2,19");
  await page.click("[data-do=add-cloud]");
  await page.click("[data-do=save]");
  await expect.poll(() => page.textContent("[data-field=clouds] .wrong")).toContain("a speed over 0");
  expect(replay.calls).toEqual([]);
  await cell(CLOUDS.length, "name").fill("Own server");
  await cell(CLOUDS.length, "usdPerHour").fill("0.2");
  await cell(CLOUDS.length, "tokensPerSecond").fill("900");
  await page.locator(".clouds tbody tr").nth(1).locator(".remove").click();
  await page.click("[data-do=save]");
  await page.getByText("Saved.").waitFor();
  const [first, , last] = CLOUDS;
  const wanted = [{ ...first, usdPerHour: 2.19 }, last, { name: "Own server", usdPerHour: 0.2, tokensPerSecond: 900 }];
  expect(JSON.parse(replay.settings ?? "").clouds).toEqual(wanted);
  await page.click("[data-do=usual-clouds]");
  await page.click("[data-do=save]");
  await expect.poll(() => JSON.parse(replay.settings ?? "").clouds).toEqual(CLOUDS);
});
