/** Fault 43: HTML, script, ANSI and bidi marks from data rows and model replies are text, and the policy refuses nothing of ours. */
import { expect, test } from "vitest";
import { QUESTIONS } from "../fixtures/journal.ts";
import { practice, setStage } from "./stage.ts";

const stage = setStage();
const SCRIPT = '<script>window.stolen = 1</script><img src="x" onerror="window.stolen = 2"><b>bold</b>';
const ACTING = "safe \u202egnp.exe\u202c \u001b[31mred\u0007 \ufefft";

test("row 43: a reply with script and HTML is shown letter by letter and runs nothing", async () => {
  const answers = [{ id: "evil", category: "<i>cat</i>", text: `${SCRIPT}?`, before: SCRIPT, after: `after ${SCRIPT}` }, ...QUESTIONS];
  const { page, complaints } = await stage.show([practice({ moment: "finished", answers })]);
  const pair = page.locator("[data-prompt=evil]");
  await expect.poll(() => pair.locator("dd").first().textContent()).toContain(SCRIPT);
  expect(await pair.locator("dd").nth(1).textContent()).toContain(`after ${SCRIPT}`);
  expect(await page.locator(".answers script, .answers img, .answers b, .answers i").count()).toBe(0);
  expect(await page.evaluate(() => (window as { stolen?: number }).stolen)).toBeUndefined();
  expect(complaints).toEqual([]);
});

test("row 43: marks that act unseen are named instead, and the text is isolated", async () => {
  const answers = [{ id: "evil", category: "basic", text: "q", before: ACTING, after: "fine 👩‍💻" }];
  const { page } = await stage.show([practice({ moment: "finished", answers })]);
  const said = page.locator("[data-prompt=evil] dd").first().locator("bdi");
  await expect.poll(() => said.textContent()).toBe("safe U+202Egnp.exeU+202C ESC[31mredU+0007 U+FEFFt");
  expect(await said.locator(".acting").allTextContents()).toEqual(["U+202E", "U+202C", "ESC", "U+0007", "U+FEFF"]);
  expect(await page.locator("[data-prompt=evil] dd").nth(1).locator("bdi").textContent()).toBe("fine 👩‍💻");
});

test("row 43: one endless word widens nothing, and a very long answer is cut with a count", async () => {
  const answers = [{ id: "long", category: "basic", text: "w".repeat(300), before: "x".repeat(9_000), after: "y" }];
  const { page } = await stage.show([practice({ moment: "finished", answers })], { viewport: { width: 320, height: 700 } });
  await expect.poll(() => page.locator("[data-prompt=long] dd").first().textContent()).toContain("5,000 more characters");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});
