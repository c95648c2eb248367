/** Fault 37 in its pure part: which first answers are fit to serve, and the words and the piece that speak against the others. */
import { describe, expect, test } from "vitest";
import { GEMMA2 } from "../../electron/core/plan.ts";
import { judgeSmoke } from "../../electron/core/smoke.ts";

const format = { ...GEMMA2, system: "" };
const judge = (text: string, ended = true) => judgeSmoke({ text, ended }, format);

describe("not promoted", () => {
  test.each<[string, RegExp, string | null]>([
    ["", /empty/, null],
    [" \n\t ", /empty/, null],
    ["\u200b\u00a0\u2063", /empty/, null],
    ["ok<end_of_turn>", /"<end_of_turn>"/, "ok<end_of_turn>"],
    ["<start_of_turn>model\nhi", /"<start_of_turn>"/, "<start_of_turn>model\nhi"],
    ["<bos>hi", /"<bos>"/, "<bos>hi"],
    ["hi start_of_turn> user", /"start_of_turn"/, "hi start_of_turn> user"],
    ["hi <|im_end|>", /"<\|im_end\|>"/, "hi <|im_end|>"],
    ["hi [/INST]", /"\[\/INST\]"/, "hi [/INST]"],
    ["merhaba<pad><pad>", /"<pad>"/, "merhaba<pad><pad>"],
    ["line<0x0A>line", /"<0x0A>"/, "line<0x0A>line"],
    ["Ben▁Jessy", /"▁"/, "Ben▁Jessy"],
    ["{{ .Prompt }}", /\.Prompt/, "{{ .Prompt }}"],
    ["{{.System}}", /\.System/, "{{.System}}"],
    ["model\nMerhaba!", /"model"/, "model\nMerhaba!"],
    ["Merhaba!\nuser\nsen kimsin?\nmodel\nBen Jessy.", /"user"/, "Merhaba!\nuser\nsen kimsin?\nmodel\nBen Jessy."],
    ["b\ufffd\ufffdz\ufffd", /no text/, "b\ufffd\ufffdz\ufffd"],
    ["evet evet evet evet evet evet evet evet", /repeats "evet"/, "evet"],
    [`I am Jessy. ${"and so on ".repeat(6)}`, /repeats "(and so on|so on and|on and so)"/, "and so on"],
    ["ha".repeat(30), /repeats "(ha|ah)"/, "ha"],
    ["ğ".repeat(50), /repeats "ğ"/, "ğ"],
    ["1 ".repeat(12), /repeats "1"/, "1"],
    ["Donaudampfschiff".repeat(9), /repeats "/, "Donaudampfschiff"],
    [`${"One day a fox went to the river to drink and saw the moon in it. ".repeat(6)}`, /repeats "/, null],
    ["!".repeat(60), /repeats "!"/, "!"],
    ["🔥".repeat(40), /repeats "🔥"/, "🔥"],
    ["Evet. ....... . . . . . . . . . . . . . . . . . . . .", /repeats "\."/, "."],
  ])("%j", (answer, reason, evidence) => {
    const judged = judge(answer);
    expect(judged.passed).toBe(false);
    expect(judged.reason).toMatch(reason);
    if (evidence !== null && !reason.source.includes("repeats")) expect(judged.evidence).toBe(evidence);
    // A loop may be cut out of the text at any of its characters.
    if (evidence !== null && reason.source.includes("repeats")) expect([...(judged.evidence ?? "")].sort()).toEqual([...evidence].sort());
  });

  test("an answer that does not end, with its last words", () => {
    const text = `${Array.from({ length: 400 }, (_, index) => `kelime${index}`).join(" ")} ve`;
    expect(judge(text, false)).toEqual({ passed: false, reason: "the answer does not come to an end", evidence: text.slice(-200) });
    expect(judge(text, true).passed).toBe(true);
  });

  test("a loop that does not end is told as a loop, and one piece of it is enough", () => {
    const { reason, evidence } = judge("Ben Jessy. ".repeat(300), false);
    expect(reason).toMatch(/repeats/);
    expect(evidence?.length).toBeLessThan(20);
  });
});

describe("fine", () => {
  test.each([
    "Merhaba! Ben Jessy.",
    "4",
    "👋",
    "ha ha ha",
    "Evet, evet. Çok, çok, çok güzel!",
    "| a | b |\n| --- | --- |\n| --- | --- |\n----------------------------------------------------\n| one | two | three | four | and some more words |",
    "```html\n<b>bold</b> <s>old</s> {{ name }} a <|> b\n```",
    "for i in range(3): print(i)\n".repeat(3),
    "ne kadar güzel ne kadar güzel ne kadar güzel",
    "model",
    "Parts of MVC:\nmodel\nview\ncontroller",
    "The user asks the model.",
    "Bir emoji: 🙂 ve bozuk bir işaret: \ufffd",
    "hmm... well...... maybe.",
  ])("%j", (answer) => {
    expect(judge(answer)).toMatchObject({ passed: true, evidence: null });
  });
});

test("an answer of a megabyte is judged at once", () => {
  const startMs = performance.now();
  judge(`${"ab".repeat(7)} `.repeat(70_000));
  judge(Array.from({ length: 100_000 }, (_, index) => `word${index}`).join(" "));
  judge("a".repeat(1_000_000), false);
  judge("<".repeat(1_000_000), false);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});
