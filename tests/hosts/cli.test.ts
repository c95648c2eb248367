/** The command line's promises: an error is one sentence and a next step with a documented code, and docs/cli.md says what there is. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCode } from "../../electron/core/faults.ts";
import { makeContext } from "../../electron/hosts/cli/context.ts";
import { makeProgram } from "../../electron/hosts/cli/program.ts";
import { findPlace } from "../../electron/hosts/place.ts";
import { endHome, ensureBuilt, makeHome, root, thortime } from "./homes.ts";

const home = makeHome();
const data = join(home, "data");
const model = join(root, "resources", "practice", "model");
const rows = join(root, "resources", "practice", "train.jsonl");

beforeAll(async () => {
  await ensureBuilt();
  mkdirSync(data);
  writeFileSync(join(data, "empty.jsonl"), "");
  writeFileSync(join(data, "binary.jsonl"), Buffer.from([0, 1, 2, 255, 254]));
}, 120_000);

afterAll(async () => {
  await endHome(home);
});

function program(): Command {
  return makeProgram(makeContext({ ...findPlace(root), version: "0.1.0" }, { THORTIME_HOME: home }), () => {});
}

/** As a shell takes them apart: what stands in quotes is one word. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

describe("docs/cli.md", () => {
  const text = readFileSync(join(root, "docs", "cli.md"), "utf8");
  const headings = [...text.matchAll(/^### (\S+)$/gm)].map((match) => match[1]);

  test("has every command and no other, each with an example", () => {
    const commands = [...program().commands.map((command) => command.name()), "help"];
    expect([...headings].sort()).toEqual([...commands].sort());
    for (const name of commands) {
      const section = text.split(new RegExp(`^### ${name}$`, "m"))[1]?.split(/^##/m)[0] ?? "";
      expect(section, name).toMatch(new RegExp(`^ {4}thortime ${name}\\b`, "m"));
    }
  });

  test("every example is one the program takes", () => {
    const examples = [...text.matchAll(/^ {4}thortime (.+)$/gm)].map((match) => wordsOf(match[1] ?? ""));
    expect(examples.length).toBeGreaterThan(15);
    for (const example of examples.filter(([name]) => name !== "help")) {
      const command = program().commands.find((one) => one.name() === example[0]);
      // Parsing only: what it would do is taken out.
      command?.action(() => {});
      expect(() => command?.parse(example.slice(1), { from: "user" }), example.join(" ")).not.toThrow();
    }
  });

  test("every option of a command is named in its section", () => {
    for (const command of program().commands) {
      const section = text.split(new RegExp(`^### ${command.name()}$`, "m"))[1]?.split(/^###? /m)[0] ?? "";
      for (const { long } of command.options) {
        const isShared = long === "--json";
        if (!isShared) expect(section, `${command.name()} ${long}`).toContain(long);
      }
    }
  });

  test("the table of exit codes is the one in core/faults.ts", () => {
    for (const [kind, code] of [
      ["usage", 2],
      ["data", 3],
      ["model", 4],
      ["name", 5],
      ["environment", 6],
      ["ollama", 7],
      ["run", 8],
      ["engine", 9],
      ["port", 10],
      ["disk", 11],
      ["other", 1],
    ] as const) {
      expect(exitCode(`${kind}.x`)).toBe(code);
      expect(text).toMatch(new RegExp(`^\\| ${code} \\|`, "m"));
    }
  });
});

describe("errors", () => {
  const started = (...more: string[]) => ["run", "--data", rows, "--model", model, "--name", "x", ...more];
  const table: readonly [string, () => readonly string[], number, RegExp][] = [
    ["no such command", () => ["fly"], 2, /unknown command 'fly'/],
    ["a typing slip", () => ["statsu"], 2, /status/],
    ["a missing option", () => ["run", "--data", "x"], 2, /--model/],
    ["an unknown option", () => ["status", "--loud"], 2, /--loud/],
    ["too many arguments", () => ["history", "x"], 2, /too many arguments/],
    ["steps that are no number", () => started("--steps", "many"), 2, /whole number/],
    ["no steps", () => started("--steps", "0"), 2, /whole number/],
    ["a setting without value", () => started("--set", "learning_rate"), 2, /key=value/],
    ["an unknown setting", () => started("--set", "speed=9"), 2, /speed/],
    ["a limit without value", () => started("--limit", "heldOut"), 2, /key=value.*heldOut/],
    ["an unknown limit", () => started("--limit", "losses=1"), 2, /losses.*\n?.*lastLossBelow/],
    ["an undo of a name nobody gave", () => ["undo", "nothing"], 5, /nothing/],
    ["a removal that names no version", () => ["remove", "night"], 5, /NAME:TAG/],
    ["a preset that is none", () => started("--preset", "huge"), 2, /quick or full/],
    ["a port that is none", () => ["serve", "--port", "99999"], 2, /1 to 65535/],
    ["data that is not there", () => ["run", "--data", join(data, "none.jsonl"), "--model", model, "--name", "x"], 3, /none\.jsonl/],
    ["empty data", () => ["run", "--data", join(data, "empty.jsonl"), "--model", model, "--name", "x"], 3, /./],
    ["binary data", () => ["run", "--data", join(data, "binary.jsonl"), "--model", model, "--name", "x"], 3, /./],
    ["a model that is not there", () => ["run", "--data", rows, "--model", join(data, "none"), "--name", "x"], 4, /./],
    ["a name with a slash", () => ["run", "--data", rows, "--model", model, "--name", "a/b"], 5, /name/i],
    ["a name that climbs", () => ["run", "--data", rows, "--model", model, "--name", ".."], 5, /name/i],
    ["a name with spaces", () => ["run", "--data", rows, "--model", model, "--name", "a b"], 5, /name/i],
    ["a name of 300 characters", () => ["run", "--data", rows, "--model", model, "--name", "a".repeat(300)], 5, /name/i],
    ["a run that is not there", () => ["status", "nothing"], 8, /nothing/],
    ["nothing to pause", () => ["pause"], 8, /no run/i],
    ["a name with escapes in it", () => ["status", "\u001b[31mred\u202e"], 8, /\\u\{?0*1b/],
  ];
  test.each(table)("%s", async (_name, args, code, words) => {
    const { stdout, stderr, code: got } = await thortime(home, args());
    expect(stderr).toMatch(words);
    expect({ got, stderr }).toMatchObject({ got: code });
    expect(stdout).toBe("");
    const lines = stderr.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.length).toBeLessThanOrEqual(3);
    expect(stderr).not.toMatch(/\n\s+at |Error:/);
    for (const mark of ["\u001b", "\u202e"]) expect(stderr).not.toContain(mark);
  });

  test("nothing half-made is left behind by any of them", async () => {
    const { stdout } = await thortime(home, ["history", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ rows: [] });
  });

  test("a port in use, asked for", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port)));
    const { code, stderr } = await thortime(home, ["serve", "--port", String(port)]);
    other.close();
    expect({ code, stderr }).toMatchObject({ code: 10, stderr: expect.stringContaining(`Port ${port} is in use`) });
  });

  test("a Node that is too old is named, instead of dying in a native module", async () => {
    const old = join(data, "old-node.mjs");
    writeFileSync(
      old,
      `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.11.0" } }); process.argv[1] = ${JSON.stringify(join(root, "out", "cli.js"))}; await import(process.argv[1]);`,
    );
    const { spawnSync } = await import("node:child_process");
    const { status, stderr } = spawnSync(process.execPath, [old, "history"], { encoding: "utf8", env: { ...process.env, THORTIME_HOME: home } });
    expect({ status, stderr }).toMatchObject({ status: 6, stderr: expect.stringContaining("20.11.0") });
  });
});

describe("reading commands", () => {
  test.each([["status"], ["history"], ["doctor"]])("%s --help says what it does, on stdout, with code 0", async (name) => {
    const { code, stdout, stderr } = await thortime(home, [name, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("--json");
  });

  test("doctor --json: each check fine, or with something to do", async () => {
    const { code, stdout } = await thortime(home, ["doctor", "--json"]);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; ok: boolean; next: string | null; needed: boolean }[] };
    expect(checks.map(({ name }) => name)).toEqual(["Machine", "Node", "Home", "Disk", "Python", "Ollama", "Engine"]);
    for (const check of checks) expect(check.next === null, check.name).toBe(check.ok);
    expect(checks.find(({ name }) => name === "Ollama")?.ok).toBe(false);
    expect(ok).toBe(checks.every((check) => check.ok || !check.needed));
    expect(code).toBe(ok ? 0 : 6);
  });

  test("inspect --json needs no engine and no installed environment", async () => {
    const other = makeHome();
    const { code, stdout } = await thortime(other, ["inspect", rows, "--json"], { THORTIME_CACHE: join(other, "none") });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ files: [{ badRows: 0 }] });
    await endHome(other);
  });

  test("inspect says what it left out, writes a corrected copy once, and ends with what to expect", async () => {
    const other = makeHome();
    const [data, clean] = [join(other, "rows.jsonl"), join(other, "clean.jsonl")];
    writeFileSync(data, ['{"input":"q","output":"a"}', '{"input":"q","output":"b"}', '{"input":"q","output":"a"}', "{", ""].join("\n"));
    const first = await thortime(other, ["inspect", data, "--fix", clean]);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain("near-duplicates left out");
    expect(first.stdout.trimEnd().split("\n").at(-1)).toContain("3 rows share one question with 2 different answers");
    expect(readFileSync(clean, "utf8")).toBe('{"input":"q","output":"a"}\n{"input":"q","output":"b"}\n');
    const second = await thortime(other, ["inspect", data, "--fix", clean, "--json"]);
    expect(second.code).toBe(3);
    await endHome(other);
  });
});
