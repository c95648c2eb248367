/** The engine's English sentences have Turkish ones, and a journal's sentence finds its own with its values. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { sentenceIn } from "../../electron/core/words/sentences.ts";
import { faultIn, wordsIn } from "../../electron/core/words/words.ts";
import tr from "../../resources/messages/sentences.tr.json";
import { sentencesIn, sentencesOf } from "../fixtures/said-in-sources.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ROOMS = ["electron/core", "electron/engine", "electron/adapters", "electron/hosts", "renderer"];
/** The command line speaks English, so what only it says may. */
const isCommandLine = (file: string) => file.startsWith("cli/") || file === "cli-entry.ts";
const shape = (text: string) => text.replace(/\{[a-z]\w*\}/gi, "{}");
const say = (english: string) => sentenceIn(tr, english, (figure) => `<${figure}>`);

describe("every sentence that sources can say", () => {
  const said = ROOMS.flatMap((room) => sentencesIn(ROOT + room).filter(({ file }) => !isCommandLine(file)));
  const known = new Set(Object.keys(tr).map(shape));
  /** Made of a sentence and why: the sentences stand in the catalogue with their reasons. */
  const composed = new Set(["{} ({})."]);

  test("stands in resources/messages/sentences.tr.json", () => {
    expect(said.length).toBeGreaterThan(150);
    const missing = said.filter(({ text }) => !known.has(shape(text)) && !composed.has(text));
    expect(missing, "give each its Turkish in resources/messages/sentences.tr.json, with a name in braces for each value").toEqual([]);
  });

  test("is found with values in it", () => {
    const lost = said.filter(({ text }) => !composed.has(text) && say(text.replaceAll("{}", "Value-1")) === null);
    expect(lost).toEqual([]);
  });
});

test("what the scan finds: literals, templates, both sides of a choice, constants, and what callers pass", () => {
  const source = `
    const NEXT = "Do it again.";
    function refuse(message: string, why: string) { return fault("a.b", message, NEXT); }
    export const one = () => refuse("It broke.", "x");
    export const two = (n: number) => fault("a.c", n > 1 ? \`\${n} broke.\` : "One broke.", \`Mend \${n}.\`);
    export const three = { type: "phase-skipped", why: "no need" };
    export const four = { kind: "a.d", message: "Lost.", next: "Find it." };
    export const five = { type: "warned", kind: "w", message: "Look out." };
    export const six = { kind: "practice", message: "not a fault" };`;
  expect([...sentencesOf(source, "one.ts")].sort()).toEqual(
    ["It broke.", "Do it again.", "{} broke.", "One broke.", "Mend {}.", "no need", "Lost.", "Find it.", "Look out."].sort(),
  );
});

describe("the catalogue", () => {
  test("uses the values of the English sentence and no others", () => {
    const values = (text: string) => [...new Set([...text.matchAll(/\{([a-z]\w*)\}/gi)].map((match) => match[1]))].sort();
    for (const [english, turkish] of Object.entries(tr)) expect(values(turkish), english).toEqual(values(english));
  });

  test("has commands, names of settings and files in Turkish as they are in English", () => {
    const literal = /thortime(?: --?)? [a-z]+|[A-Z]{2,}_[A-Z_]+|[a-z]+_[a-z_]+|\b[\w-]+\.(?:json|sqlite|log|toml|jsonl)\b/g;
    for (const [english, turkish] of Object.entries(tr)) for (const [one] of english.matchAll(literal)) expect(turkish, english).toContain(one);
  });

  test("ends a sentence where the English one ends", () => {
    for (const [english, turkish] of Object.entries(tr)) expect(turkish.endsWith("."), english).toBe(english.endsWith("."));
  });
});

describe("a sentence of a journal", () => {
  test("keeps its values, and figures are written as the language does", () => {
    expect(say("gece-1 is not paused.")).toBe("gece-1 duraklatılmış değil.");
    expect(say("rows.jsonl has more than 1,000,000 rows.")).toBe("rows.jsonl içinde <1,000,000> satırdan fazla var.");
    expect(wordsIn("tr", tr).sentence("The merged model needs 5.2 GB on this disk; 1.0 GB are free.")).toBe(
      "Birleştirilmiş model bu diskte 5,2 GB ister; boş yer 1,0 GB.",
    );
  });

  test("says the reason in it, too", () => {
    expect(say("Unsloth needs a Python from 3.10 to 3.13, and no Python 3 was found; uv could not download one.")).toBe(
      "Unsloth için 3.10 ile 3.13 arası bir Python gerek; hiç Python 3 bulunamadı, uv da indiremedi.",
    );
    expect(say("The disk is full: the checkpoint of step 500 needs 10.0 MB and 2.0 MB are free. No checkpoint was sealed yet.")).toContain(
      "Henüz bir kayıt yapılmadı.",
    );
  });

  test("is understood where several stand together, and behind the name of a source", () => {
    expect(say("Start Ollama (from ollama.com). Then: thortime deploy gece-1.")).toBe("Ollama'yı başlat (ollama.com). Sonra: thortime deploy gece-1.");
    expect(say("macmon: it is not installed; hwmon: this machine shows no CPU or GPU temperature")).toBe(
      "macmon: kurulu değil; hwmon: bu makine işlemci ya da grafik sıcaklığını göstermiyor",
    );
  });

  test("stays English where a part of it is not known, and where it is endless", () => {
    expect(say("Nobody ever wrote this sentence.")).toBeNull();
    expect(say("macmon: it is not installed; a reason of nobody")).toBeNull();
    expect(say(`${"A. ".repeat(20_000)}is empty.`)).toBeNull();
    const fault = { kind: "x", message: "gece-1 is not paused.", next: "Nobody ever wrote this sentence." };
    expect(faultIn(wordsIn("tr", tr), fault)).toEqual({ message: "gece-1 duraklatılmış değil.", next: fault.next, known: false });
    expect(faultIn(wordsIn("en", {}), fault)).toEqual({ message: fault.message, next: fault.next, known: true });
  });

  test("a value that looks like the catalogue's own braces is text", () => {
    expect(say("{run} {name} is not paused.")).toBe("{run} {name} duraklatılmış değil.");
  });

  test("a hostile sentence takes no long time", () => {
    const began = process.cpuUsage().user;
    for (const piece of ["is damaged. ", "; line 1 x; ", "a: b: ", "x is empty. "]) say(piece.repeat(1_990 / piece.length));
    expect(process.cpuUsage().user - began).toBeLessThan(5_000_000);
  });
});

test("the file holds each sentence once", () => {
  const text = readFileSync(`${ROOT}resources/messages/sentences.tr.json`, "utf8");
  expect([...text.matchAll(/^ {2}"/gm)].length).toBe(Object.keys(tr).length);
});
