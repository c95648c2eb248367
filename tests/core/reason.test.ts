/** Every reason has its sentence in both languages and none lies unused; what journals of before say in English is said as it was. */
import { expect, test } from "vitest";
import { because, becauseOf, boundedWhy, WHYS } from "../../electron/core/reason.ts";
import { whyText } from "../../electron/core/words/why.ts";
import { wordsIn } from "../../electron/core/words/words.ts";
import en from "../../resources/messages/en.json";
import sentences from "../../resources/messages/sentences.tr.json";
import tr from "../../resources/messages/tr.json";

const [english, turkish] = [wordsIn("en", en), wordsIn("tr", { ...tr, ...sentences })];
/** Its sentence is the fault's own. */
const OWN = "fault";

test("each has its sentence, and none lies unused", () => {
  const wanted = WHYS.filter((key) => key !== OWN)
    .map((key) => `why.${key}`)
    .sort();
  for (const words of [en, tr])
    expect(
      Object.keys(words)
        .filter((key) => key.startsWith("why."))
        .sort(),
    ).toEqual(wanted);
});

test("whose words they are, what they hold, one after the other", () => {
  const why = [because("not-installed", {}, "macmon"), because("impossible", { value: "0 °C" }, "hwmon")];
  expect(whyText(english, why)).toBe("macmon: it is not installed; hwmon: it gave 0 °C, which cannot be");
  expect(whyText(turkish, why)).toBe("macmon: kurulu değil; hwmon: 0 °C dedi, bu olamaz");
});

test("a fault and an older journal's sentence are said as their sentences are, else as they came", () => {
  expect(whyText(turkish, [becauseOf({ kind: "run.not-paused", message: "gece-1 is not paused." })])).toBe("gece-1 duraklatılmış değil.");
  expect(whyText(turkish, [becauseOf({ kind: "no.such", message: "It came so." })])).toBe("It came so.");
  expect(whyText(turkish, "macmon: it is not installed")).toBe("macmon: kurulu değil");
});

test("a journal is given little of it, however long it is", () => {
  const long = boundedWhy(Array.from({ length: 50 }, () => because("said", { text: "x".repeat(5_000) })));
  expect(JSON.stringify(long).length).toBeLessThan(2_000);
  expect(boundedWhy("y".repeat(5_000)).length).toBeLessThan(500);
});
