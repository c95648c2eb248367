/** docs/architecture.md "Rooms and arrows": the compiler refuses an import a room may not have, and the linter refuses `electron` outside the desktop. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = ["electron", "renderer", "resources/messages", "build/tsconfig.base.json", "biome.json"];
const PROJECTS = ["electron/core", "electron/engine", "electron/adapters", "electron/hosts", "renderer"];
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const BIOME = join(ROOT, "node_modules/@biomejs/biome/bin/biome");
const LIMIT_MS = 180_000;

type Lines = Readonly<Record<string, readonly string[]>>;
/** What lies outside the rooms. In a build of its own: an import of another room brings Node's types with it, and they would hide the rest. */
const OUTSIDE: Lines = {
  "electron/core": [
    'export * as a from "node:fs";',
    "export const b = process.pid;",
    "export const c = setTimeout(() => {}, 1);",
    "export const d = document.title;",
    "export const e = performance.now();",
    'export const f = fetch("http://127.0.0.1");',
  ],
  "electron/engine": ['export * as a from "node:fs";', "export const b = process.pid;", "export const c = setTimeout(() => {}, 1);"],
  "electron/adapters": ["export const a = document.title;", "export const b = window;"],
  renderer: ['export * as a from "node:fs";', "export const b = process.pid;", 'export const c = Buffer.from("");'],
};
const ROOMS: Lines = {
  "electron/core": [
    'export * as a from "../engine/topic.ts";',
    'export * as b from "../adapters/files.ts";',
    'export * as c from "../hosts/socket-path.ts";',
    'export * as d from "../../renderer/link.ts";',
  ],
  "electron/engine": [
    'import type * as A from "../adapters/files.ts"; export type Files = typeof A;',
    'export * as b from "../hosts/socket-path.ts";',
    'export * as c from "../../renderer/link.ts";',
  ],
  "electron/adapters": [
    'export * as a from "../engine/topic.ts";',
    'export * as b from "../hosts/socket-path.ts";',
    'export * as c from "../../renderer/link.ts";',
  ],
  renderer: [
    'export * as a from "../electron/adapters/files.ts";',
    'export * as b from "../electron/engine/topic.ts";',
    'export * as c from "../electron/hosts/socket-path.ts";',
  ],
};
/** One line for each that the compiler must take, so that a probe which nobody compiles cannot pass. */
const ALLOWED: Readonly<Record<string, string>> = {
  "electron/core": 'export * as allowed from "./events.ts";',
  "electron/engine": 'export * as allowed from "../core/events.ts";',
  "electron/adapters": 'export * as allowed from "../core/events.ts"; export * as node from "node:fs";',
  renderer: 'export * as allowed from "../electron/core/events.ts";',
};

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "thortime-rooms-"));
  for (const path of COPIED) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  }
  // Package by package: the compiler writes into node_modules/.cache, and that of the project is not ours.
  mkdirSync(join(copy, "node_modules"));
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(join(ROOT, "node_modules", name), join(copy, "node_modules", name));
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function run(program: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: copy, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}

const build = () => run(TSC, "-b", ...PROJECTS, "--pretty", "false");

describe("the compiler", () => {
  it("builds every room with the project", () => {
    const { references } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8")) as { references: { path: string }[] };
    expect(references.map(({ path }) => path)).toEqual(expect.arrayContaining(PROJECTS));
  });

  it("passes the rooms as they are", { timeout: LIMIT_MS }, async () => {
    expect(await build()).toEqual({ code: 0, output: "" });
  });

  it.each([
    ["what is outside", OUTSIDE],
    ["other rooms", ROOMS],
  ])("refuses each forbidden line of each room, and no allowed one: %s", { timeout: LIMIT_MS }, async (_name, forbidden) => {
    for (const [room, lines] of Object.entries(forbidden)) writeFileSync(join(copy, room, "probe.ts"), `${[ALLOWED[room], ...lines].join("\n")}\n`);
    const { code, output } = await build();
    for (const room of Object.keys(forbidden)) rmSync(join(copy, room, "probe.ts"));
    expect(code).not.toBe(0);
    for (const [room, lines] of Object.entries(forbidden)) {
      const refused = new Set([...output.matchAll(new RegExp(`^${room}/probe\\.ts\\((\\d+),`, "gm"))].map((match) => Number(match[1])));
      const passed = lines.filter((_line, index) => !refused.has(index + 2));
      expect({ room, passed, allowedIsRefused: refused.has(1) }).toEqual({ room, passed: [], allowedIsRefused: false });
    }
  });
});

describe("the linter", () => {
  const places = ["electron/core", "electron/engine", "electron/adapters", "electron/hosts", "electron/hosts/cli", "renderer"];
  const lint = async (folder: string, line: string) => {
    const path = join(folder, "probe-electron.ts");
    mkdirSync(join(copy, folder), { recursive: true });
    writeFileSync(join(copy, path), `${line}\n`);
    const result = await run(BIOME, "lint", "--vcs-enabled=false", "--max-diagnostics=none", path);
    rmSync(join(copy, path));
    return result;
  };

  it.each(places)("refuses electron in %s", { timeout: LIMIT_MS }, async (place) => {
    const { code, output } = await lint(place, 'import { app } from "electron";\napp.quit();');
    expect(code).not.toBe(0);
    expect(output).toContain("noRestrictedImports");
  });

  it("takes it in electron/hosts/desktop", { timeout: LIMIT_MS }, async () => {
    const { code, output } = await lint("electron/hosts/desktop", 'import { app } from "electron";\napp.quit();');
    expect({ code, output }).toMatchObject({ code: 0 });
  });
});
