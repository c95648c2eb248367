/** Every sentence exists in both languages with the same values, every key that is used exists, and none lies unused. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { GROUPS } from "../../electron/core/selectors.ts";
import en from "../../resources/messages/en.json";
import tr from "../../resources/messages/tr.json";

const FOLDERS = ["renderer", "electron/core/words", "electron/core/report"].map((name) => fileURLToPath(new URL(`../../${name}/`, import.meta.url)));
const CATALOGUES: Readonly<Record<string, Readonly<Record<string, string>>>> = { en, tr };
/** Notices, checks and the menu bar get their keys from elsewhere; tests/core/{notices,preflight,menu-bar}.test.ts hold that each has its words and none lies unused. */
const isNotice = (key: string) => ["notice.", "flag.", "check.", "bar."].some((start) => key.startsWith(start));
const keysOf = (catalogue: object) => Object.keys(catalogue);
const valuesOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

const SOURCES = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(folder + name, "utf8")),
).join("\n");

test("both catalogues have the same keys and the same values in each sentence", () => {
  expect(keysOf(tr).sort()).toEqual(keysOf(en).sort());
  for (const key of keysOf(en)) expect(valuesOf(CATALOGUES["tr"]?.[key] ?? ""), key).toEqual(valuesOf(CATALOGUES["en"]?.[key] ?? ""));
});

test("no sentence is empty", () => {
  for (const [language, catalogue] of Object.entries(CATALOGUES))
    for (const [key, text] of Object.entries(catalogue)) expect(text.trim(), `${language} ${key}`).not.toBe("");
});

test("every key in the sources exists: whole ones, and the fixed part of built ones", () => {
  const whole = [...SOURCES.matchAll(/say(?:IfKnown)?\(\s*(?:language,\s*)?"([^"]+)"/g)].map((match) => match[1] ?? "");
  const starts = [...SOURCES.matchAll(/`([a-z]+\.(?:[a-z-]+\.)?)\$\{/g)].map((match) => match[1] ?? "");
  expect(whole.length).toBeGreaterThan(80);
  expect(whole.filter((key) => !(key in en))).toEqual([]);
  expect(starts.filter((start) => !Object.keys(tr).some((key) => key.startsWith(start)))).toEqual([]);
});

test("no sentence lies unused", () => {
  const starts = [...SOURCES.matchAll(/`([a-z]+\.(?:[a-z-]+\.)?)\$\{/g)].map((match) => match[1] ?? "");
  const isUsed = (key: string) => SOURCES.includes(`"${key}"`) || starts.some((start) => key.startsWith(start));
  expect(Object.keys(tr).filter((key) => !isNotice(key) && !isUsed(key))).toEqual([]);
});

test("every phase, group and category that ships has its words", () => {
  const prompts = JSON.parse(readFileSync(new URL("../../resources/practice/prompts.json", import.meta.url), "utf8")) as { category: string }[];
  const wanted = [
    ...Object.keys(GROUPS).map((group) => `group.${group}`),
    ...Object.values(GROUPS)
      .flat()
      .map((phase) => `phase.name.${phase}`),
    ...prompts.map((one) => `category.${one.category}`),
  ];
  expect(wanted.filter((key) => !(key in en))).toEqual([]);
});
